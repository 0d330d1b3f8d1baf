//! A principal's policy as a document that grants can be added to and taken from.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::policy::IdentityPolicy;
use crate::policy::parse::PolicyError;
use crate::wildcard;

const EVERYTHING: &str = "*";

/// The statements of an identity policy. Those that are plain grants (an `Allow` of actions on resources, nothing else) can be edited; others stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyDocument {
    statements: Vec<Value>,
}

/// Why actions cannot be taken from a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WithdrawError {
    /// No grant names the action.
    NotGranted(String),
    /// A grant with a wildcard covers the action: that one has to go, or stay.
    GrantedBy {
        /// The action.
        action: String,
        /// What the grant says.
        pattern: String,
    },
}

impl fmt::Display for WithdrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGranted(action) => write!(f, "{action} is not granted there"),
            Self::GrantedBy { action, pattern } => {
                write!(f, "{action} is granted by {pattern}; revoke that and grant what is to remain")
            }
        }
    }
}

impl std::error::Error for WithdrawError {}

impl PolicyDocument {
    /// Reads a document.
    ///
    /// # Errors
    /// As [`IdentityPolicy::parse`].
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        IdentityPolicy::parse(json)?;
        let document: Value = serde_json::from_str(json).map_err(|_| PolicyError::Json)?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            one => one.cloned().into_iter().collect(),
        };
        Ok(Self { statements })
    }

    /// A grant of actions on resources.
    #[must_use]
    pub fn allowing(actions: &[String], resources: &[String]) -> Self {
        let mut document = Self::default();
        document.allow(actions, resources);
        document
    }

    /// The document in one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({"Version": "2012-10-17", "Statement": self.statements}).to_string()
    }

    /// What the document says.
    ///
    /// # Errors
    /// When it has grown beyond what a policy may be.
    pub fn compile(&self) -> Result<IdentityPolicy, PolicyError> {
        if self.statements.is_empty() { Ok(IdentityPolicy::default()) } else { IdentityPolicy::parse(&self.to_json()) }
    }

    /// Each statement as people read it: `Allow`, its actions and its resources; `None` for one that is no plain grant.
    pub fn grants(&self) -> impl Iterator<Item = Option<(Vec<String>, Vec<String>)>> + '_ {
        self.statements.iter().map(plain_grant)
    }

    /// The actions granted on everything, when the document says no more than that.
    pub(crate) fn actions_on_everything(&self) -> Option<Vec<String>> {
        match self.statements.as_slice() {
            [] => Some(Vec::new()),
            [statement] => plain_grant(statement).filter(|(_, resources)| resources == &[EVERYTHING]).map(|(actions, _)| actions),
            _ => None,
        }
    }

    /// Grants actions on resources; without actions, nothing.
    pub fn allow(&mut self, actions: &[String], resources: &[String]) {
        if actions.is_empty() {
            return;
        }
        let same = self.statements.iter_mut().find_map(|statement| {
            let (granted, on) = plain_grant(statement)?;
            (on == resources).then_some((statement, granted))
        });
        match same {
            Some((statement, mut granted)) => {
                granted.extend(actions.iter().filter(|action| !granted.contains(action)).cloned().collect::<Vec<_>>());
                *statement = grant(&granted, resources);
            }
            None => self.statements.push(grant(actions, resources)),
        }
    }

    /// Adds all statements of another document.
    pub(crate) fn append(&mut self, other: Self) {
        self.statements.extend(other.statements);
    }

    /// Takes actions from every plain grant on exactly these resources, or on any when none are named.
    ///
    /// # Errors
    /// When an action is not granted there by its own name; the document is then as before.
    pub fn withdraw(&mut self, actions: &[String], resources: Option<&[String]>) -> Result<(), WithdrawError> {
        let meant = |on: &[String]| resources.is_none_or(|resources| on == resources);
        let grants: Vec<(Vec<String>, Vec<String>)> = self.grants().flatten().filter(|(_, on)| meant(on)).collect();
        for action in actions {
            let granted = || grants.iter().flat_map(|(granted, _)| granted);
            if granted().any(|name| name.eq_ignore_ascii_case(action)) {
                continue;
            }
            return Err(match granted().find(|pattern| wildcard::matches_any_case(pattern, action)) {
                Some(pattern) => WithdrawError::GrantedBy { action: action.clone(), pattern: pattern.clone() },
                None => WithdrawError::NotGranted(action.clone()),
            });
        }
        self.statements =
            std::mem::take(&mut self.statements).into_iter().filter_map(|statement| without(statement, actions, &meant)).collect();
        Ok(())
    }
}

/// The statement without the actions; nothing when none is left.
fn without(statement: Value, actions: &[String], meant: &dyn Fn(&[String]) -> bool) -> Option<Value> {
    match plain_grant(&statement) {
        Some((mut granted, on)) if meant(&on) => {
            granted.retain(|name| !actions.iter().any(|action| action.eq_ignore_ascii_case(name)));
            (!granted.is_empty()).then(|| grant(&granted, &on))
        }
        _ => Some(statement),
    }
}

fn grant(actions: &[String], resources: &[String]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

/// Actions and resources of a statement that is a grant and nothing else.
fn plain_grant(statement: &Value) -> Option<(Vec<String>, Vec<String>)> {
    let fields = statement.as_object()?;
    let plain = fields.len() == 3 && fields.get("Effect").and_then(Value::as_str) == Some("Allow");
    let list = |fields: &Map<String, Value>, name: &str| -> Option<Vec<String>> {
        match fields.get(name)? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => many.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => None,
        }
    };
    if plain { Some((list(fields, "Action")?, list(fields, "Resource")?)) } else { None }
}
