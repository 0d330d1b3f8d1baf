//! Descriptors: one per object. Expressions are kept as SQL text in PostgreSQL's own deparsed form and bound again when a plan needs them.

mod default_privileges;
mod domain;
mod routine;

use borealis_pgtypes::{Oid, Type};
use serde::{Deserialize, Serialize};

use crate::acl::Acl;
use crate::depend::Address;
use crate::membership::Membership;
pub use default_privileges::{DefaultObjects, DefaultPrivileges};
pub use domain::Domain;
pub use routine::{Argument, Routine, RoutineBody};

/// A schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Schema {
    pub oid: Oid,
    pub name: String,
    pub owner: Oid,
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
}

/// A database role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Role {
    pub oid: Oid,
    pub name: String,
    pub login: bool,
    pub create_role: bool,
    /// Roles this one is a member of, each by who granted it.
    #[serde(default)]
    pub member_of: Vec<Membership>,
    /// IAM principals that may connect as this role (`AWS IAM GRANT`).
    #[serde(default)]
    pub iam_arns: Vec<String>,
    #[serde(default)]
    pub comment: Option<String>,
}

/// A table. Rows are stored under the key prefix `oid`, in primary-key order; without a primary key, under a hidden random row id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Table {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    /// In `attnum` order, dropped columns included: `columns[i].number == i + 1`, and a stored row keeps its values in this order.
    pub columns: Vec<Column>,
    /// The primary key's index, whose keys are plain columns; it has no entries of its own, the rows are its entries.
    #[serde(default)]
    pub primary_key: Option<Index>,
    /// Secondary indexes, in creation order, those being built included.
    #[serde(default)]
    pub indexes: Vec<Index>,
    #[serde(default)]
    pub checks: Vec<Check>,
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
    /// Oid of the table's row type in `pg_type`, and of its array type.
    pub row_type: Oid,
    pub row_array_type: Oid,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Column {
    /// `attnum`, from 1, never reused.
    pub number: i16,
    pub name: String,
    pub ty: Type,
    pub not_null: bool,
    /// Deparsed default expression.
    #[serde(default)]
    pub default: Option<String>,
    #[serde(default)]
    pub identity: Option<Identity>,
    /// Deparsed expression of a stored generated column.
    #[serde(default)]
    pub generated: Option<String>,
    /// Dropped columns keep their place; the name is then `........pg.dropped.N........`.
    #[serde(default)]
    pub dropped: bool,
    /// `attstorage`: p, e, m or x.
    pub storage: char,
    /// Rights on this column besides those on the whole relation.
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
}

impl Column {
    /// A column of which nothing but its type is said, kept in its row.
    #[must_use]
    pub fn new(number: i16, name: impl Into<String>, ty: Type) -> Self {
        Self {
            number,
            name: name.into(),
            ty,
            not_null: false,
            default: None,
            identity: None,
            generated: None,
            dropped: false,
            storage: 'p',
            acl: Acl::default(),
            comment: None,
        }
    }
}

/// `GENERATED .. AS IDENTITY`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Identity {
    pub always: bool,
    pub sequence: Oid,
}

/// An index. Entries live under the key prefix `oid`: the key columns, then (unless unique and free of NULLs) the primary key; the value holds the primary
/// key and the INCLUDE columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Index {
    pub oid: Oid,
    pub name: String,
    pub unique: bool,
    pub primary: bool,
    pub keys: Vec<IndexKey>,
    /// `attnum`s carried without being searchable.
    #[serde(default)]
    pub include: Vec<i16>,
    #[serde(default)]
    pub nulls_not_distinct: bool,
    /// Deparsed WHERE of a partial index.
    #[serde(default)]
    pub predicate: Option<String>,
    pub state: IndexState,
    /// The constraint this index enforces, when it is one (PRIMARY KEY, UNIQUE); its name is the index's name.
    #[serde(default)]
    pub constraint: Option<UniqueConstraint>,
    #[serde(default)]
    pub comment: Option<String>,
}

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct IndexKey {
    pub part: IndexKeyPart,
    pub nulls_first: bool,
}

/// What an index key is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum IndexKeyPart {
    Column(i16),
    /// Deparsed expression and its type.
    Expression(String, Type),
}

/// Where an index is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum IndexState {
    /// Maintained by writers, not yet readable: `indisvalid` false.
    Building,
    /// Complete: `indisvalid` true.
    Valid,
    /// The build failed: `indisvalid` false; a unique one keeps refusing duplicates until dropped.
    Failed,
}

/// A PRIMARY KEY or UNIQUE constraint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UniqueConstraint {
    pub oid: Oid,
    /// The constraint's own; its index may have another.
    #[serde(default)]
    pub comment: Option<String>,
}

/// A CHECK constraint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Check {
    pub oid: Oid,
    pub name: String,
    /// Deparsed condition, with its outer parentheses, as `pg_get_constraintdef` prints it after `CHECK `.
    pub expression: String,
    pub validated: bool,
    #[serde(default)]
    pub comment: Option<String>,
}

/// A foreign key, kept with the referencing table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ForeignKey {
    pub oid: Oid,
    pub name: String,
    pub columns: Vec<i16>,
    pub target: Oid,
    /// Parallel to `columns`.
    pub target_columns: Vec<i16>,
    /// The target's unique index over exactly `target_columns`, in whatever order: it must stay while the key does.
    #[serde(default)]
    pub target_index: Oid,
    /// `confupdtype`, `confdeltype`, `confmatchtype` letters.
    pub on_update: char,
    pub on_delete: char,
    pub match_type: char,
    /// The columns that ON DELETE SET NULL or SET DEFAULT sets, when they are listed; empty: all of `columns`.
    #[serde(default)]
    pub delete_columns: Vec<i16>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    pub validated: bool,
    #[serde(default)]
    pub comment: Option<String>,
}

/// A view: a query with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct View {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    /// In `attnum` order. A view's column is never dropped, and never NOT NULL.
    pub columns: Vec<Column>,
    /// The query, deparsed with every name qualified that is not `pg_catalog`'s: it means the same whatever the search path is.
    pub query: String,
    /// `reloptions`, in the order given: `security_barrier`, `security_invoker`, `check_option`.
    #[serde(default)]
    pub options: Vec<(String, String)>,
    /// What the query names: relations as a whole and their columns, functions, types.
    #[serde(default)]
    pub depends: Vec<Address>,
    /// The table or view under a view over one relation, when nothing in the query but its columns keeps it from being written through.
    #[serde(default)]
    pub base: Option<Oid>,
    /// Which column of `base` each column plainly is; 0 where it is computed.
    #[serde(default)]
    pub base_columns: Vec<i16>,
    /// Oid of the rule in `pg_rewrite` that holds the query.
    pub rule: Oid,
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
    /// Oid of the view's row type in `pg_type`, and of its array type.
    pub row_type: Oid,
    pub row_array_type: Oid,
}

/// Which rows may be written through a view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckOption {
    /// Those that the view itself shows.
    Local,
    /// Those that the view and all views under it show.
    Cascaded,
}

impl View {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The value of an option.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `security_invoker`: what the view reads is asked of whoever reads the view, not of its owner.
    #[must_use]
    pub fn security_invoker(&self) -> bool {
        self.option("security_invoker").is_some_and(|value| borealis_pgtypes::text::input::boolean(value).unwrap_or(false))
    }

    /// `WITH CHECK OPTION`
    #[must_use]
    pub fn check_option(&self) -> Option<CheckOption> {
        self.option("check_option").map(|value| if value == "local" { CheckOption::Local } else { CheckOption::Cascaded })
    }
}

impl Table {
    /// Columns that have not been dropped, in order.
    pub fn live_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.dropped)
    }

    /// The live column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.live_columns().find(|column| column.name == name)
    }

    /// The column with that `attnum`.
    #[must_use]
    pub fn column_number(&self, number: i16) -> Option<&Column> {
        self.columns.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The primary key and all secondary indexes.
    pub fn all_indexes(&self) -> impl Iterator<Item = &Index> {
        self.primary_key.iter().chain(&self.indexes)
    }

    /// The keys that order the entries of an index: its own; then, where equal ones may come again, those of the primary key that are not among them.
    pub fn entry_keys<'t>(&'t self, index: &'t Index) -> impl Iterator<Item = &'t IndexKey> {
        let tail = self.primary_key.iter().filter(|_| !index.unique).flat_map(|primary| &primary.keys);
        // The tail is the whole primary key: behind a key that stands there twice, the order is no longer that of the keys.
        index.keys.iter().chain(tail.take_while(|key| !index.keys.iter().any(|own| own.part == key.part)))
    }

    /// The columns an index carries without searching them. The primary key's index is the table itself: it carries every other live column.
    #[must_use]
    pub fn index_include(&self, index: &Index) -> Vec<i16> {
        if !index.primary {
            return index.include.clone();
        }
        let is_key = |number: i16| index.keys.iter().any(|key| key.part == IndexKeyPart::Column(number));
        self.live_columns().map(|column| column.number).filter(|number| !is_key(*number)).collect()
    }

    /// All constraints with their oids: PRIMARY KEY and UNIQUE, then CHECK, then FOREIGN KEY.
    pub fn constraints(&self) -> impl Iterator<Item = (Oid, crate::snapshot::Constraint<'_>)> {
        use crate::snapshot::Constraint::{Check, Foreign, Unique};
        let unique = self.all_indexes().filter_map(|index| index.constraint.as_ref().map(|constraint| (constraint.oid, Unique(index))));
        let checks = self.checks.iter().map(|check| (check.oid, Check(check)));
        unique.chain(checks).chain(self.foreign_keys.iter().map(|key| (key.oid, Foreign(key))))
    }
}
