//! What a schema is made of, in the target's terms: what both sources are read into, and what is written out.

use crate::mysql::types::ValueKind;
use crate::place::Place;

/// A relation's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) place: Place,
    pub(crate) name: Name,
    pub(crate) columns: Vec<Column>,
    pub(crate) primary_key: Option<Key>,
    pub(crate) uniques: Vec<Key>,
    pub(crate) checks: Vec<Check>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) comment: Option<String>,
}

impl Table {
    pub(crate) fn new(place: Place, name: Name) -> Self {
        Self {
            place,
            name,
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            comment: None,
        }
    }

    /// A column by its name; MySQL's names of columns ignore case.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.position(name).map(|at| &self.columns[at])
    }

    pub(crate) fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.position(name).map(|at| &mut self.columns[at])
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column.name == name);
        exact.or_else(|| self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)))
    }

    /// Whether the columns are those of a primary key or a unique constraint, in any order.
    pub(crate) fn is_key(&self, columns: &[String]) -> bool {
        let sorted = |names: &[String]| {
            let mut names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
            names.sort();
            names
        };
        let wanted = sorted(columns);
        self.primary_key.iter().chain(&self.uniques).any(|key| sorted(&key.columns) == wanted)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) sql_type: String,
    /// How the source's values are written; PostgreSQL's are as they are.
    pub(crate) value: ValueKind,
    pub(crate) not_null: bool,
    pub(crate) default: Option<String>,
    /// The expression of a stored generated column.
    pub(crate) generated: Option<String>,
    pub(crate) counter: Option<Counter>,
    pub(crate) checks: Vec<Check>,
    pub(crate) comment: Option<String>,
}

impl Column {
    pub(crate) fn new(place: Place, name: impl Into<String>, sql_type: impl Into<String>, value: ValueKind) -> Self {
        Self {
            place,
            name: name.into(),
            sql_type: sql_type.into(),
            value,
            not_null: false,
            default: None,
            generated: None,
            counter: None,
            checks: Vec::new(),
            comment: None,
        }
    }
}

/// Where a column's numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// `GENERATED … AS IDENTITY`.
    Identity { always: bool, numbers: Numbers },
    /// A sequence of this name, made before the table.
    Sequence { name: Name, numbers: Numbers },
}

/// The numbers of a sequence; `None` is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) start: Option<i128>,
    pub(crate) increment: Option<i128>,
    pub(crate) min: Option<i128>,
    pub(crate) max: Option<i128>,
    pub(crate) cycle: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: Option<String>,
    pub(crate) condition: String,
}

/// PRIMARY KEY or UNIQUE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) place: Place,
    pub(crate) name: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) include: Vec<String>,
    pub(crate) nulls_not_distinct: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) unique: bool,
    pub(crate) parts: Vec<Part>,
    pub(crate) include: Vec<String>,
    pub(crate) nulls_not_distinct: bool,
    pub(crate) predicate: Option<String>,
}

/// What an index is ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) what: PartOf,
    /// NULLS FIRST or LAST, where said.
    pub(crate) nulls_first: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PartOf {
    Column(String),
    Expression(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForeignKey {
    pub(crate) place: Place,
    pub(crate) name: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) target: Name,
    /// Empty: the target's primary key.
    pub(crate) target_columns: Vec<String>,
    pub(crate) match_full: bool,
    /// Behind ON DELETE; empty for NO ACTION.
    pub(crate) on_delete: String,
    pub(crate) on_update: String,
    /// `DEFERRABLE INITIALLY DEFERRED` and the like; empty when it is not.
    pub(crate) deferral: String,
}
