//! Policy documents: IAM's JSON, read strictly. What is not understood is refused, since a part of a policy that were passed over could
//! let somebody in.

use std::fmt;

use serde_json::{Map, Value};

use crate::arn::Arn;
use crate::policy::condition::{Condition, ConditionError};
use crate::policy::statement::{Effect, Either, PrincipalPattern, Statement};

/// The longest policy document, in characters.
pub const POLICY_CHARACTERS_MAX: usize = 20_480;
/// The one service whose actions a policy here can speak of.
const ACTION_PREFIX: &str = "dsql:";

/// Whose policy a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A principal's: it names no principals.
    Identity,
    /// A cluster's: each statement names principals.
    Resource,
}

/// Why a policy document is refused; `Display` is the text of the API's ValidationException.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// Longer than [`POLICY_CHARACTERS_MAX`], or empty.
    Length,
    /// Not a JSON object.
    Json,
    /// `Version` is neither of the two that there are.
    Version,
    /// A field that must be there is not.
    Missing(&'static str),
    /// A field that no policy has, or both a field and its `Not…`.
    UnknownField(String),
    /// `Effect` is neither `Allow` nor `Deny`.
    Effect(String),
    /// A principal that no request can come from.
    Principal(String),
    /// An action of no or another service.
    Action(String),
    /// A resource that is neither `*` nor an ARN.
    Resource(String),
    /// A condition operator that does not exist.
    ConditionType(String),
    /// A condition's values cannot be what its operator compares.
    ConditionValue(String),
    /// A policy variable, `${…}`.
    Variable(String),
    /// Two statements with the same `Sid`.
    Sid(String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => write!(f, "Member must have length between 1 and {POLICY_CHARACTERS_MAX}, inclusive"),
            Self::Json => f.write_str("Policies must be valid JSON and the first byte must be '{'"),
            Self::Version => f.write_str("Policy document must be version 2012-10-17 or 2008-10-17"),
            Self::Missing(field) => write!(f, "Missing required field {field}"),
            Self::UnknownField(field) => write!(f, "Unknown field {field}"),
            Self::Effect(effect) => write!(f, "Invalid effect: {effect}"),
            Self::Principal(principal) => write!(f, "Invalid principal in policy: {principal}"),
            Self::Action(action) => write!(f, "Policy has invalid action: {action}"),
            Self::Resource(resource) => write!(f, "Policy has invalid resource: {resource}"),
            Self::ConditionType(operator) => write!(f, "Invalid Condition type: {operator}"),
            Self::ConditionValue(key) => write!(f, "Invalid value in Condition for {key}"),
            Self::Variable(text) => write!(f, "Policy variables are not supported: {text}"),
            Self::Sid(sid) => write!(f, "Statement IDs (SID) in a single policy must be unique: {sid}"),
        }
    }
}

impl std::error::Error for PolicyError {}

/// The statements of a document.
pub(crate) fn parse(text: &str, kind: Kind) -> Result<Vec<Statement>, PolicyError> {
    if !(1..=POLICY_CHARACTERS_MAX).contains(&text.chars().count()) {
        return Err(PolicyError::Length);
    }
    let Ok(Value::Object(document)) = serde_json::from_str(text) else { return Err(PolicyError::Json) };
    known_fields(&document, &["Version", "Id", "Statement"])?;
    if document.get("Version").is_some_and(|version| !matches!(version.as_str(), Some("2012-10-17" | "2008-10-17"))) {
        return Err(PolicyError::Version);
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => return Err(PolicyError::Missing("Statement")),
    };
    unique_sids(&statements)?;
    statements.into_iter().map(|statement| parse_statement(statement, kind)).collect()
}

fn unique_sids(statements: &[&Value]) -> Result<(), PolicyError> {
    let mut seen = Vec::new();
    for sid in statements.iter().filter_map(|statement| statement.get("Sid")) {
        let sid = sid.as_str().ok_or_else(|| PolicyError::Sid(sid.to_string()))?;
        if seen.contains(&sid) {
            return Err(PolicyError::Sid(sid.to_owned()));
        }
        seen.push(sid);
    }
    Ok(())
}

const STATEMENT_FIELDS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn parse_statement(statement: &Value, kind: Kind) -> Result<Statement, PolicyError> {
    let fields = statement.as_object().ok_or(PolicyError::Json)?;
    known_fields(fields, &STATEMENT_FIELDS)?;
    let effect = match fields.get("Effect") {
        Some(Value::String(effect)) if effect == "Allow" => Effect::Allow,
        Some(Value::String(effect)) if effect == "Deny" => Effect::Deny,
        Some(other) => return Err(PolicyError::Effect(shown(other))),
        None => return Err(PolicyError::Missing("Effect")),
    };
    Ok(Statement {
        effect,
        principals: parse_principals(fields, kind, effect)?,
        actions: parse_either(fields, "Action", "NotAction", &check_action)?,
        resources: parse_either(fields, "Resource", "NotResource", &check_resource)?,
        conditions: fields.get("Condition").map_or(Ok(Vec::new()), parse_conditions)?,
    })
}

fn known_fields(fields: &Map<String, Value>, known: &[&str]) -> Result<(), PolicyError> {
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        Some(field) => Err(PolicyError::UnknownField(field.clone())),
        None => Ok(()),
    }
}

fn parse_principals(fields: &Map<String, Value>, kind: Kind, effect: Effect) -> Result<Option<Either<PrincipalPattern>>, PolicyError> {
    let unknown = |field: &str| Err(PolicyError::UnknownField(field.to_owned()));
    match (kind, fields.get("Principal"), fields.get("NotPrincipal")) {
        (Kind::Identity, None, None) => Ok(None),
        (Kind::Identity, Some(_), _) => unknown("Principal"),
        (_, Some(_), Some(_)) | (Kind::Identity, None, Some(_)) => unknown("NotPrincipal"),
        (Kind::Resource, None, None) => Err(PolicyError::Missing("Principal")),
        (Kind::Resource, Some(principal), None) => Ok(Some(Either::Of(parse_principal(principal)?))),
        // Everybody but some would be allowed, anonymous callers too: IAM refuses it as well.
        (Kind::Resource, None, Some(principal)) if effect == Effect::Allow => Err(PolicyError::Principal(shown(principal))),
        (Kind::Resource, None, Some(principal)) => Ok(Some(Either::NotOf(parse_principal(principal)?))),
    }
}

/// `"*"` or `{"AWS": …}`. Services, federated and canonical users cannot connect to a cluster.
fn parse_principal(principal: &Value) -> Result<Vec<PrincipalPattern>, PolicyError> {
    let invalid = || PolicyError::Principal(shown(principal));
    let names = match principal {
        Value::String(anyone) if anyone == "*" => return Ok(vec![PrincipalPattern::Anyone]),
        Value::Object(kinds) if kinds.len() == 1 => texts(kinds.get("AWS").ok_or_else(invalid)?).ok_or_else(invalid)?,
        _ => return Err(invalid()),
    };
    names.iter().map(|name| parse_principal_name(name).ok_or_else(|| PolicyError::Principal(name.clone()))).collect()
}

fn parse_principal_name(name: &str) -> Option<PrincipalPattern> {
    if name == "*" {
        return Some(PrincipalPattern::Anyone);
    }
    if is_account(name) {
        return Some(PrincipalPattern::Account(name.to_owned()));
    }
    let arn: Arn = name.parse().ok()?;
    if !is_account(&arn.account) || !arn.region.is_empty() || name.contains(['*', '?']) {
        return None;
    }
    let one = arn.is_user() || arn.is_role() || (arn.service == "sts" && arn.resource.starts_with("assumed-role/"));
    match (arn.service.as_str(), arn.resource.as_str()) {
        ("iam", "root") => Some(PrincipalPattern::Account(arn.account)),
        _ if one => Some(PrincipalPattern::One(arn)),
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_either(
    fields: &Map<String, Value>,
    name: &'static str,
    opposite: &'static str,
    check: &dyn Fn(&str) -> Result<(), PolicyError>,
) -> Result<Either<String>, PolicyError> {
    let (value, wrap): (_, fn(Vec<String>) -> Either<String>) = match (fields.get(name), fields.get(opposite)) {
        (Some(_), Some(_)) => return Err(PolicyError::UnknownField(opposite.to_owned())),
        (Some(value), None) => (value, Either::Of),
        (None, Some(value)) => (value, Either::NotOf),
        (None, None) => return Err(PolicyError::Missing(name)),
    };
    let patterns = texts(value).ok_or(PolicyError::Missing(name))?;
    patterns.iter().try_for_each(|pattern| no_variable(pattern).and_then(|()| check(pattern)))?;
    Ok(wrap(patterns))
}

/// `*`, or an action of this service with wildcards in its name only.
fn check_action(action: &str) -> Result<(), PolicyError> {
    let name = action
        .get(..ACTION_PREFIX.len())
        .filter(|prefix| prefix.eq_ignore_ascii_case(ACTION_PREFIX))
        .map(|_| &action[ACTION_PREFIX.len()..]);
    let fits = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?'));
    if action == "*" || name.is_some_and(fits) { Ok(()) } else { Err(PolicyError::Action(action.to_owned())) }
}

fn check_resource(resource: &str) -> Result<(), PolicyError> {
    if resource == "*" || resource.parse::<Arn>().is_ok() { Ok(()) } else { Err(PolicyError::Resource(resource.to_owned())) }
}

fn parse_conditions(block: &Value) -> Result<Vec<Condition>, PolicyError> {
    let operators = block.as_object().ok_or_else(|| PolicyError::ConditionType(shown(block)))?;
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let keys = keys.as_object().filter(|keys| !keys.is_empty()).ok_or_else(|| PolicyError::ConditionValue(operator.clone()))?;
        for (key, values) in keys {
            let values = texts(values).ok_or_else(|| PolicyError::ConditionValue(key.clone()))?;
            values.iter().try_for_each(|value| no_variable(value))?;
            conditions.push(Condition::parse(operator, key, &values).map_err(|error| match error {
                ConditionError::Operator => PolicyError::ConditionType(operator.clone()),
                ConditionError::Value => PolicyError::ConditionValue(key.clone()),
            })?);
        }
    }
    Ok(conditions)
}

fn no_variable(text: &str) -> Result<(), PolicyError> {
    if text.contains("${") { Err(PolicyError::Variable(text.to_owned())) } else { Ok(()) }
}

/// A text or a list of them that is not empty; numbers and truth values count as their spelling.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Array(values) if !values.is_empty() => values.iter().map(text).collect(),
        Value::Array(_) => None,
        one => text(one).map(|one| vec![one]),
    }
}

/// A value as a message repeats it.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
