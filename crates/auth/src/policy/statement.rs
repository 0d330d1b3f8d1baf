//! One statement of a policy, and what a list of them says about a request.

use crate::arn::{self, Arn};
use crate::policy::condition::Condition;
use crate::policy::context::Context;
use crate::wildcard;

/// A request as policies see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) caller: &'a Caller<'a>,
    /// `dsql:DbConnect`.
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

/// Who asks: a user, or a role by way of one of its sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) principal: &'a Arn,
    pub(crate) session: Option<&'a Arn>,
}

/// What policies say about a request. An explicit `Deny` beats every `Allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Silent,
    Allowed,
    Denied,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) effect: Effect,
    /// `None` in the policy of a principal, which speaks of that principal only.
    pub(crate) principals: Option<Either<PrincipalPattern>>,
    pub(crate) actions: Either<String>,
    pub(crate) resources: Either<String>,
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Either<T> {
    Of(Vec<T>),
    NotOf(Vec<T>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalPattern {
    /// `*`.
    Anyone,
    /// An account, also written `arn:aws:iam::<account>:root`: all its principals, as far as their own policies go.
    Account(String),
    /// A user, a role or a session of one.
    One(Arn),
}

/// What all the statements together say.
pub(crate) fn evaluate(statements: &[Statement], request: &Request<'_>) -> Verdict {
    statements.iter().map(|statement| statement.evaluate(request)).max().unwrap_or(Verdict::Silent)
}

impl Statement {
    fn evaluate(&self, request: &Request<'_>) -> Verdict {
        let fits = self.principals.as_ref().is_none_or(|principals| principals.holds(|pattern| self.speaks_of(pattern, request.caller)))
            && self.has_action(request.action)
            && self.resources.holds(|pattern| arn::matches(pattern, request.resource))
            && self.conditions.iter().all(|condition| condition.holds(request.context));
        match self.effect {
            _ if !fits => Verdict::Silent,
            Effect::Allow => Verdict::Allowed,
            Effect::Deny => Verdict::Denied,
        }
    }

    pub(crate) fn has_action(&self, action: &str) -> bool {
        self.actions.holds(|pattern| wildcard::matches_any_case(pattern, action))
    }

    /// An account in an `Allow` leaves the choice to the policies of its principals, so it lets nobody in by itself.
    fn speaks_of(&self, pattern: &PrincipalPattern, caller: &Caller<'_>) -> bool {
        match pattern {
            PrincipalPattern::Anyone => true,
            PrincipalPattern::Account(account) => self.effect == Effect::Deny && caller.principal.account == *account,
            PrincipalPattern::One(arn) => caller.principal == arn || caller.session == Some(arn),
        }
    }
}

impl<T> Either<T> {
    fn holds(&self, fits: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Of(patterns) => patterns.iter().any(fits),
            Self::NotOf(patterns) => !patterns.iter().any(fits),
        }
    }
}
