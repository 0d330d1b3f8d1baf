//! Whether one condition holds only where another does: `predicate_implied_by`, for partial indexes and ON CONFLICT.
//!
//! A proof, never a guess: false means *not shown*. AND and OR are taken apart on both sides, `= ANY` of a constant list is the OR it stands for, and what
//! is left are single conditions: the same one, a comparison with a constant that is at least as narrow, or one that cannot be true of a NULL.

use std::borrow::Cow;

use borealis_pgtypes::{Datum, Function, Operator, Strategy, Type, compare};

use crate::ast::BooleanTest;
use crate::bind::equal::equal;
use crate::expr::{Coercion, Expr, ExprKind};

/// Elements of a constant list that are looked at one by one, as in PostgreSQL.
const LIST_MAX: usize = 100;

/// Whether `predicate` is true of every row for which all of `clauses` are.
pub(crate) fn implied_by<'e>(predicate: &Expr, clauses: impl Iterator<Item = &'e Expr> + Clone) -> bool {
    if let ExprKind::And(parts) = &predicate.kind {
        return parts.iter().all(|part| implied_by(part, clauses.clone()));
    }
    clauses.into_iter().any(|clause| implies(clause, predicate))
}

/// Whether `predicate` is true of every row for which `clause` is.
pub(crate) fn implies(clause: &Expr, predicate: &Expr) -> bool {
    let (clause, predicate) = (listed(clause), listed(predicate));
    match (&clause.kind, &predicate.kind) {
        (_, ExprKind::And(parts)) => parts.iter().all(|part| implies(&clause, part)),
        (ExprKind::And(parts), _) => parts.iter().any(|part| implies(part, &predicate)),
        (ExprKind::Or(parts), _) => parts.iter().all(|part| implies(part, &predicate)),
        (_, ExprKind::Or(parts)) => parts.iter().any(|part| implies(&clause, part)) || single(&clause, &predicate),
        _ => single(&clause, &predicate),
    }
}

/// `x op ANY (list)` as `x op a OR x op b ..`, `ALL` as AND.
fn listed(expr: &Expr) -> Cow<'_, Expr> {
    let ExprKind::ScalarArray { function, operator, all, left, right } = &expr.kind else { return Cow::Borrowed(expr) };
    let ExprKind::Const(Datum::Array(array)) = &right.kind else { return Cow::Borrowed(expr) };
    let Some(element) = borealis_pgtypes::types::element_of(right.ty.oid) else { return Cow::Borrowed(expr) };
    if array.elements.is_empty() || array.elements.len() > LIST_MAX {
        return Cow::Borrowed(expr);
    }
    let (function, operator): (&'static Function, &'static Operator) = (function, operator);
    let one = |value: &Datum| {
        let args = vec![(**left).clone(), Expr::constant(value.clone(), Type::plain(element))];
        Expr::new(ExprKind::Call { function, operator: Some(operator), args }, expr.ty)
    };
    let parts: Vec<Expr> = array.elements.iter().map(one).collect();
    let kind = if *all { ExprKind::And(parts) } else { ExprKind::Or(parts) };
    Cow::Owned(Expr::new(kind, expr.ty))
}

/// Between conditions that are not put together of others.
fn single(clause: &Expr, predicate: &Expr) -> bool {
    if equal(clause, predicate) {
        return true;
    }
    match &predicate.kind {
        ExprKind::IsNull { arg, negated: true } if !matches!(arg.kind, ExprKind::Row { .. }) => rejects_null_of(clause, arg, true),
        ExprKind::BooleanTest { arg, test: BooleanTest::True } => equal(clause, arg),
        ExprKind::BooleanTest { arg, test: BooleanTest::NotFalse } => equal(clause, arg),
        _ => match (comparison(clause), comparison(predicate)) {
            (Some(clause), Some(predicate)) => clause.is_within(&predicate),
            _ => false,
        },
    }
}

/// Whether `expr` is not true (with `top` false: is NULL) where `value` is NULL.
fn rejects_null_of(expr: &Expr, value: &Expr, top: bool) -> bool {
    if equal(expr, value) {
        return true;
    }
    match &expr.kind {
        ExprKind::Call { function, args, .. } => function.strict && args.iter().any(|arg| rejects_null_of(arg, value, false)),
        // ALL of an empty list is true of anything.
        ExprKind::ScalarArray { function, all: false, left, .. } => top && function.strict && rejects_null_of(left, value, false),
        ExprKind::Coerce { arg, coercion: Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } } => {
            rejects_null_of(arg, value, false)
        }
        ExprKind::Not(arg) => rejects_null_of(arg, value, false),
        ExprKind::BooleanTest { arg, test: BooleanTest::True | BooleanTest::False | BooleanTest::NotUnknown } if top => {
            rejects_null_of(arg, value, false)
        }
        _ => false,
    }
}

/// How a value stands to a constant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Ordered(Strategy),
    NotEqual,
}

/// `subject relation constant`.
struct Comparison<'e> {
    subject: &'e Expr,
    relation: Relation,
    constant: &'e Datum,
}

fn comparison(expr: &Expr) -> Option<Comparison<'_>> {
    let ExprKind::Call { operator: Some(operator), args, .. } = &expr.kind else { return None };
    let [left, right] = args.as_slice() else { return None };
    let relation = match operator.strategy {
        Some(strategy) => Relation::Ordered(strategy),
        // Operators of this name negate the equality of a B-tree family.
        None if operator.name == "<>" => Relation::NotEqual,
        None => return None,
    };
    let found = match (&left.kind, &right.kind) {
        (_, ExprKind::Const(constant)) => Comparison { subject: left, relation, constant },
        (ExprKind::Const(constant), _) => Comparison { subject: right, relation: relation.commuted(), constant },
        _ => return None,
    };
    (!found.constant.is_null()).then_some(found)
}

impl Relation {
    fn commuted(self) -> Self {
        match self {
            Self::NotEqual => Self::NotEqual,
            Self::Ordered(strategy) => Self::Ordered(strategy.commuted()),
        }
    }
}

impl Comparison<'_> {
    /// Whether every value this lets pass also passes `wider`.
    fn is_within(&self, wider: &Self) -> bool {
        use Relation::{NotEqual, Ordered};
        use Strategy::{Equal, Greater, GreaterEqual, Less, LessEqual};
        if !equal(self.subject, wider.subject) || !is_one_family(self.constant, wider.constant) {
            return false;
        }
        let order = compare::compare_typed(self.constant, wider.constant, self.subject.ty.oid);
        match (self.relation, wider.relation) {
            (Ordered(Equal), Ordered(strategy)) => strategy.accepts(order),
            (Ordered(Equal), NotEqual) => order.is_ne(),
            (Ordered(Less), Ordered(Less | LessEqual)) | (Ordered(LessEqual), Ordered(LessEqual)) => order.is_le(),
            (Ordered(LessEqual), Ordered(Less)) => order.is_lt(),
            (Ordered(Greater), Ordered(Greater | GreaterEqual)) | (Ordered(GreaterEqual), Ordered(GreaterEqual)) => order.is_ge(),
            (Ordered(GreaterEqual), Ordered(Greater)) => order.is_gt(),
            (Ordered(Less), NotEqual) => order.is_le(),
            (Ordered(LessEqual), NotEqual) => order.is_lt(),
            (Ordered(Greater), NotEqual) => order.is_ge(),
            (Ordered(GreaterEqual), NotEqual) => order.is_gt(),
            (NotEqual, NotEqual) => order.is_eq(),
            (Ordered(_), Ordered(_)) | (NotEqual, Ordered(_)) => false,
        }
    }
}

/// Whether the order of two constants is the order that both comparisons go by.
fn is_one_family(a: &Datum, b: &Datum) -> bool {
    let is_integer = |value: &Datum| matches!(value, Datum::Int2(_) | Datum::Int4(_) | Datum::Int8(_));
    std::mem::discriminant(a) == std::mem::discriminant(b) || (is_integer(a) && is_integer(b))
}
