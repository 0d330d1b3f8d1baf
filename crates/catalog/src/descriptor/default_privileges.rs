//! Default privileges.

use borealis_pgtypes::Oid;
use serde::{Deserialize, Serialize};

use crate::acl::{Acl, Class};

/// The access control list that new objects of a role get: a row of `pg_default_acl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DefaultPrivileges {
    pub oid: Oid,
    /// Whose new objects.
    pub role: Oid,
    /// Only those in this schema, in addition to what holds everywhere; [`Oid::INVALID`]: everywhere, instead of the built-in defaults.
    #[serde(default)]
    pub schema: Oid,
    pub objects: DefaultObjects,
    pub acl: Acl,
}

/// What kind of new objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DefaultObjects {
    /// Tables and views.
    Tables,
    Sequences,
    Functions,
    Types,
    Schemas,
}

impl DefaultObjects {
    /// `defaclobjtype`
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Tables => 'r',
            Self::Sequences => 'S',
            Self::Functions => 'f',
            Self::Types => 'T',
            Self::Schemas => 'n',
        }
    }

    /// The class of such objects.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Tables => Class::Table,
            Self::Sequences => Class::Sequence,
            Self::Functions => Class::Routine,
            Self::Types => Class::Type,
            Self::Schemas => Class::Schema,
        }
    }

    /// As descriptions call them: `new relations`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tables => "relations",
            Self::Sequences => "sequences",
            Self::Functions => "functions",
            Self::Types => "types",
            Self::Schemas => "schemas",
        }
    }
}
