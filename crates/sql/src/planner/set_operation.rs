//! UNION, INTERSECT and EXCEPT.

use borealis_pgtypes::Result;

use super::Planner;
use super::cost;
use crate::ast::SetOperator;
use crate::bound::Query;
use crate::expr::Expr;
use crate::plan::{Node, Plan};

/// A side and the casts of its columns to the result types.
type Side = (Query, Option<Vec<Expr>>);

impl Planner<'_> {
    pub(crate) fn set_operation(&mut self, op: SetOperator, all: bool, left: Side, right: Side) -> Result<Plan> {
        let left = self.side(left)?;
        let right = self.side(right)?;
        let types = left.types.clone();
        if op != SetOperator::Union {
            let estimate = cost::set_op(&left.estimate, &right.estimate);
            return Ok(Plan { node: Node::SetOp { op, all, left: Box::new(left), right: Box::new(right) }, types, estimate });
        }
        let mut inputs = Vec::new();
        append_inputs(left, &mut inputs, all);
        append_inputs(right, &mut inputs, all);
        let estimate = cost::append(inputs.iter().map(|input| &input.estimate), &types);
        let append = Plan { node: Node::Append { inputs }, types, estimate };
        Ok(if all { append } else { cost::distinct_all(append) })
    }

    fn side(&mut self, (query, coercions): Side) -> Result<Plan> {
        let plan = self.nested_query(query)?;
        self.coerced(plan, coercions)
    }
}

/// Opens nested unions. Below a UNION that removes duplicates, an inner removal is not needed.
fn append_inputs(plan: Plan, inputs: &mut Vec<Plan>, all: bool) {
    match plan {
        Plan { node: Node::Append { inputs: inner }, .. } => inputs.extend(inner),
        Plan { node: Node::Distinct { input, slots }, types, .. } if !all && slots.len() == types.len() && is_append(&input) => {
            append_inputs(*input, inputs, all);
        }
        plan => inputs.push(plan),
    }
}

fn is_append(plan: &Plan) -> bool {
    matches!(plan.node, Node::Append { .. })
}
