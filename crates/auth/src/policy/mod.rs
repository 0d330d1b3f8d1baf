//! Policies: who may do what with which cluster, and under which conditions.
//!
//! There are two kinds, in IAM's own language. An [`IdentityPolicy`] belongs to a principal and says what that principal may do. A
//! [`ResourcePolicy`] belongs to a cluster and says what principals may do with it. Both are lists of statements; a request that no statement allows
//! is refused, and one that any statement denies is refused whatever others allow.

mod condition;
mod context;
mod document;
mod parse;
mod statement;
#[cfg(test)]
mod tests;

pub use context::Context;
pub use document::{PolicyDocument, WithdrawError};
pub use parse::{POLICY_CHARACTERS_MAX, PolicyError};
pub(crate) use statement::{Caller, Request, Verdict};

use parse::Kind;
use statement::{Effect, Either, PrincipalPattern, Statement, evaluate};

/// What a principal may do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IdentityPolicy {
    statements: Vec<Statement>,
}

impl IdentityPolicy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// When any part of it is not understood.
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        Ok(Self { statements: parse::parse(json, Kind::Identity)? })
    }

    /// Allows actions, such as `dsql:DbConnect` or `dsql:*`, on every resource.
    #[must_use]
    pub fn allowing<T: Into<String>>(actions: impl IntoIterator<Item = T>) -> Self {
        Self {
            statements: vec![Statement {
                effect: Effect::Allow,
                principals: None,
                actions: Either::Of(actions.into_iter().map(Into::into).collect()),
                resources: Either::Of(vec!["*".to_owned()]),
                conditions: Vec::new(),
            }],
        }
    }

    /// Whether it allows the action at all: on whatever resource, under whatever conditions.
    #[must_use]
    pub fn speaks_for(&self, action: &str) -> bool {
        self.statements.iter().any(|statement| statement.effect == Effect::Allow && statement.has_action(action))
    }

    pub(crate) fn evaluate(&self, request: &Request<'_>) -> Verdict {
        evaluate(&self.statements, request)
    }
}

/// What principals may do with a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourcePolicy {
    statements: Vec<Statement>,
}

impl ResourcePolicy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// When any part of it is not understood; the error's text is what the API answers.
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        Ok(Self { statements: parse::parse(json, Kind::Resource)? })
    }

    /// Whether it lets in whoever asks: an `Allow` for `*` that no condition confines to networks, accounts or principals that somebody chose.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(|statement| {
            let anyone = matches!(&statement.principals, Some(Either::Of(patterns)) if patterns.contains(&PrincipalPattern::Anyone));
            statement.effect == Effect::Allow && anyone && !statement.conditions.iter().any(|condition| condition.confines(&CONFINING_KEYS))
        })
    }

    /// The first principal of another account: the service takes only those of the cluster's own.
    #[must_use]
    pub fn foreign_principal(&self, account: &str) -> Option<String> {
        self.statements.iter().find_map(|statement| {
            let (Some(Either::Of(patterns)) | Some(Either::NotOf(patterns))) = &statement.principals else { return None };
            patterns.iter().find_map(|pattern| match pattern {
                PrincipalPattern::Account(other) if other != account => Some(other.clone()),
                PrincipalPattern::One(arn) if arn.account != account => Some(arn.to_string()),
                _ => None,
            })
        })
    }

    pub(crate) fn evaluate(&self, request: &Request<'_>) -> Verdict {
        evaluate(&self.statements, request)
    }
}

/// The condition keys that make a grant to `*` something less than public, in lower case.
const CONFINING_KEYS: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
];
