//! Which object depends on which: one list of edges, which `pg_depend` shows and DROP follows.
//!
//! An edge says that `dependent` cannot be without `on`. [`edges()`] derives all of them from the descriptors; a kind of object adds its own in
//! [`mod@edges`]. What only the text of an expression tells (the functions and tables it names) is written down by whoever binds the
//! expression, as a list of [`Address`]es in the descriptor.
//!
//! [`deletion`] is `findDependentObjects`: everything that must go when some objects go, in the order of PostgreSQL, which is that of its messages.

mod deletion;
mod edges;
mod text;

use borealis_pgtypes::Oid;
use serde::{Deserialize, Serialize};

pub use deletion::{Blocked, Doomed, deletion};
pub use edges::edges;

/// The system catalog an object has its row in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// `pg_type`
    Type,
    /// `pg_proc`
    Function,
    /// `pg_class`: tables, views, indexes, sequences and, by number, their columns.
    Relation,
    /// `pg_attrdef`
    Default,
    /// `pg_constraint`
    Constraint,
    /// `pg_namespace`
    Schema,
    /// `pg_rewrite`: the query of a view.
    Rule,
    /// `pg_statistic_ext`
    Statistics,
}

impl Class {
    /// The catalog's own oid: `classid`.
    #[must_use]
    pub fn oid(self) -> Oid {
        Oid(match self {
            Self::Type => 1247,
            Self::Function => 1255,
            Self::Relation => 1259,
            Self::Default => 2604,
            Self::Constraint => 2606,
            Self::Schema => 2615,
            Self::Rule => 2618,
            Self::Statistics => 3381,
        })
    }
}

/// An object, or a column of one: `ObjectAddress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// Where it is listed.
    pub class: Class,
    /// Its number there.
    pub oid: Oid,
    /// Column number; 0 for the object itself.
    #[serde(default)]
    pub column: i16,
}

impl Address {
    /// An object as a whole.
    #[must_use]
    pub fn new(class: Class, oid: Oid) -> Self {
        Self { class, oid, column: 0 }
    }

    /// A relation.
    #[must_use]
    pub fn relation(oid: Oid) -> Self {
        Self::new(Class::Relation, oid)
    }

    /// A column of a relation.
    #[must_use]
    pub fn column(relation: Oid, column: i16) -> Self {
        Self { class: Class::Relation, oid: relation, column }
    }

    /// Whether this is `other`, or the whole that `other` is a column of.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.class == other.class && self.oid == other.oid && (self.column == 0 || self.column == other.column)
    }
}

/// What becomes of the dependent object when the other is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Nothing: the drop is refused without CASCADE.
    Normal,
    /// It goes along.
    Auto,
    /// It is a part of the other: it goes along, and cannot be dropped by itself.
    Internal,
}

impl Strength {
    /// `deptype`
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Normal => 'n',
            Self::Auto => 'a',
            Self::Internal => 'i',
        }
    }
}

/// One dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What depends.
    pub dependent: Address,
    /// What it depends on.
    pub on: Address,
    /// How.
    pub strength: Strength,
}

#[cfg(test)]
mod tests;
