//! What an expression is directly made of.

use super::{Expr, ExprKind, IsJson, JsonConstructor, JsonValue, Subscript};

/// The same walk for reading and for changing. Every kind is named with every field, so that a new one does not compile before somebody has thought of it:
/// the tenant guard and the policy of agents' statements rely on it that nothing is left out.
macro_rules! parts {
    ($(#[$doc:meta])* $name:ident $(, $mut:tt)?) => {
        $(#[$doc])*
        pub fn $name(&$($mut)? self) -> Vec<&$($mut)? Expr> {
            let mut parts: Vec<&$($mut)? Expr> = Vec::new();
            match &$($mut)? self.kind {
                ExprKind::Null
                | ExprKind::Bool(_)
                | ExprKind::Integer(_)
                | ExprKind::Number(_)
                | ExprKind::String(_)
                | ExprKind::BitString(_)
                | ExprKind::Column(_)
                | ExprKind::Star(_)
                | ExprKind::Param(_)
                | ExprKind::DefaultKeyword
                | ExprKind::SqlValue { function: _, precision: _ }
                | ExprKind::Function(_)
                | ExprKind::JsonAggregate(_)
                | ExprKind::Subquery { kind: _, query: _ } => {}
                ExprKind::Unary { op: _, arg }
                | ExprKind::Not(arg)
                | ExprKind::IsNull { arg, negated: _ }
                | ExprKind::BooleanTest { arg, test: _ }
                | ExprKind::Cast { arg, ty: _ }
                | ExprKind::Field { base: arg, field: _ }
                | ExprKind::FieldStar(arg)
                | ExprKind::Collate { arg, collation: _ } => parts.push(arg),
                ExprKind::Binary { op: _, left, right }
                | ExprKind::ScalarArray { op: _, all: _, left, right }
                | ExprKind::IsDistinct { left, right, negated: _ }
                | ExprKind::NullIf(left, right) => {
                    parts.push(left);
                    parts.push(right);
                }
                ExprKind::In { arg, list, negated: _ } => {
                    parts.push(arg);
                    parts.extend(list);
                }
                ExprKind::Like { arg, pattern, escape, kind: _, negated: _ } => {
                    parts.push(arg);
                    parts.push(pattern);
                    if let Some(escape) = escape {
                        parts.push(escape);
                    }
                }
                ExprKind::Between { arg, low, high, symmetric: _, negated: _ } => {
                    parts.push(arg);
                    parts.push(low);
                    parts.push(high);
                }
                ExprKind::And(list)
                | ExprKind::Or(list)
                | ExprKind::Coalesce(list)
                | ExprKind::Greatest(list)
                | ExprKind::Least(list)
                | ExprKind::Array(list)
                | ExprKind::Grouping(list)
                | ExprKind::Row { items: list, explicit: _ } => parts.extend(list),
                ExprKind::Case { arg, whens, otherwise } => {
                    if let Some(arg) = arg {
                        parts.push(arg);
                    }
                    for (when, then) in whens {
                        parts.push(when);
                        parts.push(then);
                    }
                    if let Some(otherwise) = otherwise {
                        parts.push(otherwise);
                    }
                }
                ExprKind::Json(constructor) => {
                    let JsonConstructor { array: _, values, absent_on_null: _, unique: _, returning: _ } = &$($mut)? **constructor;
                    for JsonValue { expr, format: _ } in values {
                        parts.push(expr);
                    }
                }
                ExprKind::IsJson(test) => {
                    let IsJson { arg, item: _, unique: _ } = &$($mut)? **test;
                    parts.push(arg);
                }
                ExprKind::Subscript { base, subscripts } => {
                    parts.push(base);
                    for subscript in subscripts {
                        match subscript {
                            Subscript::Index(index) => parts.push(index),
                            Subscript::Slice(low, high) => parts.extend(low.into_iter().chain(high)),
                        }
                    }
                }
            }
            parts
        }
    };
}

impl Expr {
    parts! {
        /// The expressions that this one is directly made of. A call, an SQL/JSON aggregate and a subquery have parts of other kinds too, so theirs are for the caller.
        #[must_use]
        parts
    }

    parts! {
        /// [`Expr::parts`], to be changed.
        parts_mut, mut
    }
}
