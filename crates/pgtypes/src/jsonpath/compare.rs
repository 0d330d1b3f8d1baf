//! Comparison of two items. After `compareItems`.

use std::cmp::Ordering;

use super::datetime;
use super::exec::Item;
use super::predicate::Truth;
use super::{Binary, Outcome};
use crate::EvalContext;
use crate::jsonb::Jsonb;

pub(super) fn compare(operator: Binary, left: &Item<'_>, right: &Item<'_>, use_zone: bool, eval: &EvalContext<'_>) -> Outcome<Truth> {
    let (left, right) = match (left, right) {
        (Item::Json(left), Item::Json(right)) => (left, right),
        (Item::Moment(left), Item::Moment(right)) => {
            return Ok(datetime::compare(left, right, use_zone, eval)?.map(|ordering| holds(operator, ordering)));
        }
        (Item::Moment(_), Item::Json(other)) | (Item::Json(other), Item::Moment(_)) => {
            return Ok(unlike(operator, matches!(**other, Jsonb::Null)));
        }
    };
    Ok(match (&**left, &**right) {
        (Jsonb::Null, Jsonb::Null) => Some(holds(operator, Ordering::Equal)),
        (Jsonb::Bool(left), Jsonb::Bool(right)) => Some(holds(operator, left.cmp(right))),
        (Jsonb::Number(left), Jsonb::Number(right)) => Some(holds(operator, left.cmp(right))),
        (Jsonb::String(left), Jsonb::String(right)) => Some(holds(operator, left.as_bytes().cmp(right.as_bytes()))),
        (Jsonb::Null, _) | (_, Jsonb::Null) => unlike(operator, true),
        _ => None,
    })
}

/// Null is different from everything else; otherwise two kinds are not to be compared.
fn unlike(operator: Binary, with_null: bool) -> Truth {
    with_null.then_some(operator == Binary::NotEqual)
}

const fn holds(operator: Binary, ordering: Ordering) -> bool {
    match operator {
        Binary::Equal => ordering.is_eq(),
        Binary::NotEqual => ordering.is_ne(),
        Binary::Less => ordering.is_lt(),
        Binary::Greater => ordering.is_gt(),
        Binary::LessEqual => ordering.is_le(),
        _ => ordering.is_ge(),
    }
}
