//! Functions in SQL.

use borealis_pgtypes::{Oid, Type, Volatility};
use serde::{Deserialize, Serialize};

use crate::acl::Acl;
use crate::depend::Address;

/// A function whose body is SQL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Routine {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    /// In the order written, OUT and TABLE ones included.
    pub arguments: Vec<Argument>,
    pub result: Type,
    /// SETOF or TABLE.
    pub returns_set: bool,
    pub body: RoutineBody,
    /// `provolatile`: i, s or v.
    pub volatility: char,
    #[serde(default)]
    pub strict: bool,
    #[serde(default)]
    pub security_definer: bool,
    /// `proparallel`: s, r or u.
    pub parallel: char,
    pub cost: f32,
    pub rows: f32,
    /// What a body of the standard's form names.
    #[serde(default)]
    pub depends: Vec<Address>,
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
}

/// The statements of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineBody {
    /// A string constant: read each time under the search path of the caller.
    Text(String),
    /// `RETURN ..` or `BEGIN ATOMIC .. END`: its names mean what they meant when it was written.
    Standard {
        /// As written.
        text: String,
        /// The search path it was written under.
        path: Vec<Oid>,
    },
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Argument {
    /// Empty: none was given.
    #[serde(default)]
    pub name: String,
    pub ty: Type,
    /// `proargmodes`: i, o, b (INOUT), v (VARIADIC) or t (TABLE).
    pub mode: char,
    /// Deparsed default expression.
    #[serde(default)]
    pub default: Option<String>,
}

impl Argument {
    /// Whether a call gives it.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self.mode, 'i' | 'b' | 'v')
    }

    /// Whether it is a part of the result.
    #[must_use]
    pub fn is_output(&self) -> bool {
        matches!(self.mode, 'o' | 'b' | 't')
    }
}

impl Routine {
    /// The arguments a call gives, in order: `proargtypes`.
    pub fn inputs(&self) -> impl Iterator<Item = &Argument> + Clone {
        self.arguments.iter().filter(|argument| argument.is_input())
    }

    /// The arguments that make up the result, in order.
    pub fn outputs(&self) -> impl Iterator<Item = &Argument> + Clone {
        self.arguments.iter().filter(|argument| argument.is_output())
    }

    /// The numbers of the input types: what tells overloads apart.
    #[must_use]
    pub fn signature(&self) -> Vec<Oid> {
        self.inputs().map(|argument| argument.ty.catalog_oid()).collect()
    }

    /// Whether the last input is VARIADIC.
    #[must_use]
    pub fn variadic(&self) -> bool {
        self.arguments.iter().any(|argument| argument.mode == 'v')
    }

    /// Number of inputs that have defaults, which are the last ones.
    #[must_use]
    pub fn defaults(&self) -> usize {
        self.inputs().filter(|argument| argument.default.is_some()).count()
    }

    /// Whether callers may rely on its giving the same answer again.
    #[must_use]
    pub fn volatility(&self) -> Volatility {
        match self.volatility {
            'i' => Volatility::Immutable,
            's' => Volatility::Stable,
            _ => Volatility::Volatile,
        }
    }
}
