//! Aggregates. Each is an [`Accumulator`]: a small struct, updated in place, that allocates only for results that need it. DISTINCT, ORDER BY and
//! FILTER are the caller's, as is skipping NULLs for aggregates whose row says strict.

pub(super) mod collect;
pub(super) mod extreme;
pub(super) mod moments;
pub(super) mod ordered_set;
pub(super) mod sum;

use crate::{Accumulator, CallContext, Datum, Result};

/// `count(*)` and `count(any)`.
struct Count(i64);

impl Accumulator for Count {
    fn add(&mut self, _: &CallContext<'_>, _: &[Datum]) -> Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(Datum::Int8(self.0))
    }
}

pub(super) fn count(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Count(0))
}
