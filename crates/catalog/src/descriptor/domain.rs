//! Domains.

use borealis_pgtypes::{Oid, Type};
use serde::{Deserialize, Serialize};

use super::Check;
use crate::acl::Acl;

/// A domain: a type with conditions on its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Domain {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    /// The type it is over; over another domain, that one is [`Type::declared`] and the representation is the innermost base type's, modifier included.
    pub base: Type,
    /// Oid of the array type over it.
    pub array_type: Oid,
    #[serde(default)]
    pub not_null: bool,
    /// Deparsed default expression; one that the domain below had when this one was made was taken over.
    #[serde(default)]
    pub default: Option<String>,
    /// Own conditions, over `VALUE`; those of the domain below hold too.
    #[serde(default)]
    pub checks: Vec<Check>,
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
}

impl Domain {
    /// The type of a value of the domain.
    #[must_use]
    pub const fn value_type(&self) -> Type {
        self.base.declared_as(self.oid)
    }

    /// The type it is directly over: a base type with its modifier, or another domain.
    #[must_use]
    pub const fn direct_base(&self) -> Type {
        if self.base.declared.is_invalid() { self.base } else { Type::plain(self.base.declared) }
    }

    /// `typtypmod`: the modifier is the base type's, and a domain has none of its own for the one above it.
    #[must_use]
    pub const fn base_typmod(&self) -> i32 {
        self.direct_base().typmod
    }
}
