//! The schema `borealis`: what Aurora DSQL does not have.

use borealis_pgtypes::{Datum, Result};

use super::{Family, SystemContext};
use crate::snapshot::BOREALIS_SCHEMA;

pub(super) const RELATIONS: Family = &[(BOREALIS_SCHEMA, "conflicts", conflicts), (BOREALIS_SCHEMA, "inject", inject)];

fn conflicts(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    context.server.conflicts(context.settings)
}

fn inject(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(context.server.injections())
}
