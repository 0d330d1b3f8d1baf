//! From a condition to a bound on an index key: which operator, which operand, and whether the bound says all that the condition says.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Datum, Oid, Strategy, Type};

use super::group::{RelSet, relations};
use super::same::same;
use super::walk;
use crate::expr::{Coercion, Expr, ExprKind};
use crate::plan::Edge;

/// What a condition says about one key.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) enum KeyBound {
    Equal(Expr),
    Any(Expr),
    IsNull,
    Lower(Edge),
    Upper(Edge),
    /// Text that starts with a constant: at least, below.
    Between(Expr, Expr),
}

/// A bound, and whether rows within it need no further check of the condition.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) struct KeyMatch {
    pub bound: KeyBound,
    pub exact: bool,
}

/// A key of an index of a relation.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub(crate) struct Key<'d> {
    pub relation: usize,
    pub part: KeyPart<'d>,
    pub ty: Type,
    pub not_null: bool,
    pub nulls_first: bool,
}

/// What a key is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyPart<'d> {
    /// A column of the relation.
    Column(usize),
    /// An expression over the relation's columns.
    Expression(&'d Expr),
}

/// What `condition` says about `key` when the columns of `known` relations have values already.
pub(crate) fn match_key(condition: &Expr, key: Key<'_>, known: RelSet) -> Option<KeyMatch> {
    if key.ty.oid == Oid::BOOL && is_key(condition, key) {
        return Some(equal_bool(true));
    }
    match &condition.kind {
        ExprKind::Call { operator: Some(operator), args, .. } => {
            let [left, right] = args.as_slice() else { return None };
            if operator.strategy.is_none() {
                return (operator.name == "~~" && is_key(left, key)).then(|| prefix_range(right, key)).flatten();
            }
            comparison(operator.strategy?, left, right, key, known)
        }
        ExprKind::ScalarArray { operator, all: false, left, right, .. } => {
            (operator.strategy == Some(Strategy::Equal) && is_key(left, key) && is_known(right, key, known)).then_some(())?;
            let array = array_of(right, key.ty)?;
            Some(KeyMatch { bound: KeyBound::Any(array), exact: true })
        }
        ExprKind::IsNull { arg, negated: false } => is_key(arg, key).then_some(KeyMatch { bound: KeyBound::IsNull, exact: true }),
        ExprKind::Not(arg) if key.ty.oid == Oid::BOOL && is_key(arg, key) => Some(equal_bool(false)),
        _ => None,
    }
}

fn equal_bool(value: bool) -> KeyMatch {
    KeyMatch { bound: KeyBound::Equal(Expr::constant(Datum::Bool(value), Type::plain(Oid::BOOL))), exact: true }
}

fn comparison(strategy: Strategy, left: &Expr, right: &Expr, key: Key<'_>, known: RelSet) -> Option<KeyMatch> {
    let (strategy, operand) = if is_key(left, key) && is_known(right, key, known) {
        (strategy, right)
    } else if is_key(right, key) && is_known(left, key, known) {
        (strategy.commuted(), left)
    } else {
        return None;
    };
    let Operand { value, near } = operand_of(operand, key.ty)?;
    let edge = |inclusive| Edge { values: vec![value.clone()], inclusive: inclusive || near, near };
    let bound = match strategy {
        Strategy::Equal if near => return None,
        Strategy::Equal => KeyBound::Equal(value),
        Strategy::Greater => KeyBound::Lower(edge(false)),
        Strategy::GreaterEqual => KeyBound::Lower(edge(true)),
        Strategy::Less => KeyBound::Upper(edge(false)),
        Strategy::LessEqual => KeyBound::Upper(edge(true)),
    };
    Some(KeyMatch { bound, exact: !near })
}

/// Whether `expr` is the key, possibly seen as another character type: `varchar` is compared as `text`.
pub(crate) fn is_key(expr: &Expr, key: Key<'_>) -> bool {
    match (&expr.kind, key.part) {
        (ExprKind::Column(reference), KeyPart::Column(column)) => {
            reference.depth == 0 && reference.relation == key.relation && reference.column == column
        }
        (_, KeyPart::Expression(part)) if same(expr, part) => true,
        (ExprKind::Coerce { arg, coercion: Coercion::Relabel }, _) => is_text(expr.ty.oid) && is_text(arg.ty.oid) && is_key(arg, key),
        _ => false,
    }
}

fn is_text(oid: Oid) -> bool {
    matches!(oid, Oid::TEXT | Oid::VARCHAR)
}

pub(crate) fn is_known(operand: &Expr, key: Key<'_>, known: RelSet) -> bool {
    let rels = relations(operand);
    rels & (1 << key.relation) == 0 && rels & !known == 0 && !walk::is_volatile(operand)
}

/// A value to bound a key by.
pub(crate) struct Operand {
    pub(crate) value: Expr,
    /// As [`Edge::near`].
    pub(crate) near: bool,
}

/// The operand as a bound on a key of type `ty`. Integers of another width are left to the executor, which knows what to make of one that does not fit.
pub(crate) fn operand_of(operand: &Expr, ty: Type) -> Option<Operand> {
    let (from, to) = (operand.ty.oid, ty.oid);
    let exact = |value| Some(Operand { value, near: false });
    if from == to || (from == Oid::DATE && to == Oid::TIMESTAMP) {
        return exact(operand.clone());
    }
    if is_text(from) && is_text(to) {
        return exact(Expr::new(ExprKind::Coerce { arg: Box::new(operand.clone()), coercion: Coercion::Relabel }, Type::plain(to)));
    }
    if is_integer(from) && is_integer(to) {
        let constant = match &operand.kind {
            ExprKind::Const(value) => convert_int(value, to).map(|value| Expr::constant(value, Type::plain(to))),
            _ => widen(operand, to),
        };
        return exact(constant.unwrap_or_else(|| operand.clone()));
    }
    Some(Operand { value: moment(operand, to)?, near: true })
}

fn is_integer(oid: Oid) -> bool {
    matches!(oid, Oid::INT2 | Oid::INT4 | Oid::INT8)
}

/// A day or an instant as another of its family, by the cast of `pg_cast`.
fn moment(operand: &Expr, to: Oid) -> Option<Expr> {
    let function = match (operand.ty.oid, to) {
        (Oid::DATE, Oid::TIMESTAMPTZ) => Oid(1174),
        (Oid::TIMESTAMP, Oid::TIMESTAMPTZ) => Oid(2028),
        (Oid::TIMESTAMPTZ, Oid::TIMESTAMP) => Oid(2027),
        (Oid::TIMESTAMP, Oid::DATE) => Oid(2029),
        (Oid::TIMESTAMPTZ, Oid::DATE) => Oid(1178),
        _ => return None,
    };
    call(function, operand, to)
}

fn call(function: Oid, operand: &Expr, to: Oid) -> Option<Expr> {
    let function = borealis_pgtypes::functions::by_oid(function)?;
    Some(Expr::new(ExprKind::Call { function, operator: None, args: vec![operand.clone()] }, Type::plain(to)))
}

/// An integer operand cast to a wider integer type.
pub(crate) fn widen(operand: &Expr, to: Oid) -> Option<Expr> {
    call(widening(operand.ty.oid, to)?, operand, to)
}

/// The function by which `pg_cast` makes a wider integer.
pub(crate) fn widening(from: Oid, to: Oid) -> Option<Oid> {
    match (from, to) {
        (Oid::INT4, Oid::INT8) => Some(Oid(481)),
        (Oid::INT2, Oid::INT8) => Some(Oid(754)),
        (Oid::INT2, Oid::INT4) => Some(Oid(313)),
        _ => None,
    }
}

/// An integer constant in another width; `None` when it does not fit.
fn convert_int(value: &Datum, to: Oid) -> Option<Datum> {
    let wide = match value {
        Datum::Int2(value) => i64::from(*value),
        Datum::Int4(value) => i64::from(*value),
        Datum::Int8(value) => *value,
        Datum::Null if matches!(to, Oid::INT2 | Oid::INT4 | Oid::INT8) => return Some(Datum::Null),
        _ => return None,
    };
    match to {
        Oid::INT2 => i16::try_from(wide).ok().map(Datum::Int2),
        Oid::INT4 => i32::try_from(wide).ok().map(Datum::Int4),
        Oid::INT8 => Some(Datum::Int8(wide)),
        _ => None,
    }
}

/// An array of values of the key's type. Elements of a constant array that do not fit match nothing and are left out.
fn array_of(array: &Expr, ty: Type) -> Option<Expr> {
    let element = borealis_pgtypes::types::element_of(array.ty.oid)?;
    if element == ty.oid || (is_text(element) && is_text(ty.oid)) {
        return Some(array.clone());
    }
    if !is_integer(element) || !is_integer(ty.oid) {
        return None;
    }
    let ExprKind::Const(Datum::Array(values)) = &array.kind else { return Some(array.clone()) };
    let elements = values.elements.iter().filter_map(|value| convert_int(value, ty.oid)).collect();
    let converted = ArrayValue::one_dimensional(ty.oid, elements);
    let array_type = borealis_pgtypes::types::array_of(ty.oid)?;
    Some(Expr::constant(Datum::Array(Arc::new(converted)), Type::plain(array_type)))
}

/// `LIKE 'abc%'` on a key of C collation: from 'abc' to below 'abd'.
fn prefix_range(pattern: &Expr, key: Key<'_>) -> Option<KeyMatch> {
    let ExprKind::Const(Datum::Text(pattern)) = &pattern.kind else { return None };
    if !is_text(key.ty.oid) {
        return None;
    }
    let prefix = literal_prefix(pattern);
    let value = |text: &str| Expr::constant(Datum::text(text), Type::plain(key.ty.oid));
    if prefix.is_empty() {
        return None;
    }
    // A pattern without wildcards is an equality, but keeping the check costs nothing.
    let upper = successor(prefix)?;
    Some(KeyMatch { bound: KeyBound::Between(value(prefix), value(&upper)), exact: false })
}

/// What a LIKE pattern begins with, up to its first wildcard or escape.
pub(crate) fn literal_prefix(pattern: &str) -> &str {
    &pattern[..pattern.find(['%', '_', '\\']).unwrap_or(pattern.len())]
}

/// The least string above all that start with `prefix`, in code point order, which is also UTF-8's byte order.
pub(crate) fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}
