//! A long list of constants, sorted once: `x IN (1, 2, …)` as PostgreSQL hashes it from the same length on.

use borealis_pgtypes::Datum;

use super::Code;
use super::compare::{Class, Operator, Shape};

/// The least number of elements that is worth sorting.
const ELEMENTS_MIN: usize = 9;

/// The elements of `= ANY (constant)` or `<> ALL (constant)`.
#[derive(Debug)]
pub(super) struct Members {
    class: Class,
    sorted: Box<[Datum]>,
    /// There is a NULL among them.
    unknown: bool,
}

impl Members {
    /// The elements, when the test is one of the two and the list a long constant of a class that has an order.
    pub(super) fn of(fast: Option<Shape>, all: bool, right: &Code) -> Option<Self> {
        let (class, Code::Const(Datum::Array(array))) = (fast?.class, right) else { return None };
        let operator = if all { Operator::NotEqual } else { Operator::Equal };
        if fast?.operator != operator || array.elements.len() < ELEMENTS_MIN {
            return None;
        }
        let mut sorted: Vec<Datum> = array.elements.iter().filter(|element| !element.is_null()).cloned().collect();
        if sorted.iter().any(|element| class.compare(element, element).is_none()) {
            return None;
        }
        let unknown = sorted.len() < array.elements.len();
        sorted.sort_unstable_by(|left, right| class.compare(left, right).unwrap_or(std::cmp::Ordering::Equal));
        Some(Self { class, sorted: sorted.into(), unknown })
    }

    /// Whether a value is among them: `Some(None)` when it is not and a NULL is; `None` when the value is not of the class.
    pub(super) fn has(&self, value: &Datum) -> Option<Option<bool>> {
        self.class.compare(value, value)?;
        let found = self.sorted.binary_search_by(|element| self.class.compare(element, value).unwrap_or(std::cmp::Ordering::Less)).is_ok();
        Some(if found || !self.unknown { Some(found) } else { None })
    }
}
