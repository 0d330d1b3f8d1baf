//! The `Condition` of a statement: IAM's operators over the keys of a request.

use std::net::IpAddr;

use crate::amz_date::AmzDate;
use crate::policy::context::Context;
use crate::{arn, wildcard};

/// `ForAllValues:StringLikeIfExists`, `"aws:TagKeys"`, values: one line of a `Condition`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    quantifier: Quantifier,
    test: Test,
    negated: bool,
    if_exists: bool,
    /// In lower case.
    key: String,
    operands: Vec<Operand>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// The key has one value; when it has several, one that fits is enough.
    None,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Text {
        any_case: bool,
        wildcards: bool,
    },
    Arn,
    Number(Comparison),
    Date(Comparison),
    Bool,
    Address,
    /// Whether the key is absent.
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Text(String),
    Number(f64),
    Moment(i64),
    Bool(bool),
    Network(IpAddr, u8),
}

/// Why a condition cannot be read.
pub(crate) enum ConditionError {
    Operator,
    Value,
}

impl Condition {
    pub(crate) fn parse(operator: &str, key: &str, values: &[String]) -> Result<Self, ConditionError> {
        let (quantifier, name) = match operator.split_once(':') {
            Some(("ForAllValues", name)) => (Quantifier::ForAllValues, name),
            Some(("ForAnyValue", name)) => (Quantifier::ForAnyValue, name),
            Some(_) => return Err(ConditionError::Operator),
            None => (Quantifier::None, operator),
        };
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let (test, negated) = parse_operator(name).ok_or(ConditionError::Operator)?;
        if test == Test::Null && (if_exists || quantifier != Quantifier::None) {
            return Err(ConditionError::Operator);
        }
        let operands: Option<Vec<Operand>> = values.iter().map(|value| Operand::parse(test, value)).collect();
        let operands = operands.filter(|operands| !operands.is_empty()).ok_or(ConditionError::Value)?;
        Ok(Self { quantifier, test, negated, if_exists, key: key.to_ascii_lowercase(), operands })
    }

    /// Whether the request fits.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let present = context.get(&self.key).filter(|values| !values.is_empty());
        if self.test == Test::Null {
            return self.operands.contains(&Operand::Bool(present.is_none()));
        }
        let Some(values) = present else {
            return self.if_exists || self.quantifier == Quantifier::ForAllValues || (self.negated && self.quantifier == Quantifier::None);
        };
        let fits = |value: &String| self.operands.iter().any(|operand| operand.fits(self.test, value));
        match (self.quantifier, self.negated) {
            (Quantifier::None | Quantifier::ForAnyValue, false) => values.iter().any(fits),
            (Quantifier::ForAllValues, false) => values.iter().all(fits),
            (Quantifier::None | Quantifier::ForAllValues, true) => !values.iter().any(fits),
            (Quantifier::ForAnyValue, true) => !values.iter().all(fits),
        }
    }

    /// Whether this confines a statement to values that somebody chose: a positive test of such a key without a wildcard.
    pub(crate) fn confines(&self, keys: &[&str]) -> bool {
        let chosen = |operand: &Operand| match operand {
            Operand::Text(text) => !text.contains(['*', '?']),
            Operand::Network(_, prefix) => *prefix > 0,
            Operand::Number(_) | Operand::Moment(_) | Operand::Bool(_) => false,
        };
        let positive = !self.negated && !self.if_exists && self.test != Test::Null && self.quantifier != Quantifier::ForAllValues;
        positive && keys.contains(&self.key.as_str()) && self.operands.iter().all(chosen)
    }
}

/// The test that an operator's name stands for, and whether it is the test's opposite.
fn parse_operator(name: &str) -> Option<(Test, bool)> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let text = |any_case, wildcards| Test::Text { any_case, wildcards };
    Some(match name {
        "StringEquals" => (text(false, false), false),
        "StringNotEquals" => (text(false, false), true),
        "StringEqualsIgnoreCase" => (text(true, false), false),
        "StringNotEqualsIgnoreCase" => (text(true, false), true),
        "StringLike" => (text(false, true), false),
        "StringNotLike" => (text(false, true), true),
        "ArnEquals" | "ArnLike" => (Test::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
        "NumericEquals" => (Test::Number(Equal), false),
        "NumericNotEquals" => (Test::Number(Equal), true),
        "NumericLessThan" => (Test::Number(Less), false),
        "NumericLessThanEquals" => (Test::Number(LessOrEqual), false),
        "NumericGreaterThan" => (Test::Number(Greater), false),
        "NumericGreaterThanEquals" => (Test::Number(GreaterOrEqual), false),
        "DateEquals" => (Test::Date(Equal), false),
        "DateNotEquals" => (Test::Date(Equal), true),
        "DateLessThan" => (Test::Date(Less), false),
        "DateLessThanEquals" => (Test::Date(LessOrEqual), false),
        "DateGreaterThan" => (Test::Date(Greater), false),
        "DateGreaterThanEquals" => (Test::Date(GreaterOrEqual), false),
        "Bool" => (Test::Bool, false),
        "IpAddress" => (Test::Address, false),
        "NotIpAddress" => (Test::Address, true),
        "Null" => (Test::Null, false),
        _ => return None,
    })
}

impl Operand {
    /// The value of a policy, as its operator reads it.
    fn parse(test: Test, value: &str) -> Option<Self> {
        match test {
            Test::Text { .. } | Test::Arn => Some(Self::Text(value.to_owned())),
            Test::Number(_) => value.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Number),
            Test::Date(_) => parse_moment(value).map(Self::Moment),
            Test::Bool | Test::Null => value.to_ascii_lowercase().parse().ok().map(Self::Bool),
            Test::Address => parse_network(value).map(|(address, prefix)| Self::Network(address, prefix)),
        }
    }

    /// Whether the request's value fits; one that the operator cannot read fits nothing.
    fn fits(&self, test: Test, value: &str) -> bool {
        match (self, test) {
            (Self::Text(wanted), Test::Arn) => arn::matches(wanted, value),
            (Self::Text(wanted), Test::Text { any_case: true, .. }) => wanted.eq_ignore_ascii_case(value),
            (Self::Text(wanted), Test::Text { wildcards: true, .. }) => wildcard::matches(wanted, value),
            (Self::Text(wanted), _) => wanted == value,
            (Self::Number(wanted), Test::Number(comparison)) => value.parse().is_ok_and(|given: f64| comparison.holds(&given, wanted)),
            (Self::Moment(wanted), Test::Date(comparison)) => parse_moment(value).is_some_and(|given| comparison.holds(&given, wanted)),
            (Self::Bool(wanted), _) => value.to_ascii_lowercase().parse() == Ok(*wanted),
            (Self::Network(network, prefix), _) => value.parse().is_ok_and(|address: IpAddr| within(address, *network, *prefix)),
            (Self::Number(_) | Self::Moment(_), _) => false,
        }
    }
}

impl Comparison {
    fn holds<T: PartialOrd>(self, given: &T, wanted: &T) -> bool {
        match self {
            Self::Equal => given == wanted,
            Self::Less => given < wanted,
            Self::LessOrEqual => given <= wanted,
            Self::Greater => given > wanted,
            Self::GreaterOrEqual => given >= wanted,
        }
    }
}

/// `2026-11-22T22:32:37Z`, `2026-11-22` or seconds since 1970.
fn parse_moment(text: &str) -> Option<i64> {
    let day_only = text.len() == 10 && text.contains('-');
    text.parse().ok().or_else(|| {
        let text = if day_only { format!("{text}T00:00:00Z") } else { text.to_owned() };
        AmzDate::parse_iso(&text).map(AmzDate::unix)
    })
}

/// `203.0.113.0/24`, or an address that stands for itself.
fn parse_network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(longest), |prefix| prefix.parse().ok())?;
    (prefix <= longest).then_some((address, prefix))
}

fn within(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    let same = |address: u128, network: u128, bits: u32| {
        let free = bits - u32::from(prefix);
        free >= u128::BITS || address >> free == network >> free
    };
    match (address.to_canonical(), network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => same(address.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => same(address.to_bits(), network.to_bits(), 128),
        _ => false,
    }
}
