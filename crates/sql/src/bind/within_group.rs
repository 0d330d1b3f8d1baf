//! WITHIN GROUP: direct arguments, the sorted arguments behind them, and what both have in common.

use borealis_pgtypes::{AggregateKind, Result, SqlError, SqlState, Type};

use super::function::{self, CallShape};
use super::{BindContext, Binder, Node};
use crate::ast::FunctionCall;

impl Binder<'_> {
    /// The direct arguments followed by the sorted ones.
    pub(crate) fn within_group_args(&mut self, call: &FunctionCall, mut args: Vec<Node>, at: i32) -> Result<Vec<Node>> {
        let direct = args.len();
        for item in &call.order_by {
            args.push(self.expr(&item.expr)?);
        }
        if is_hypothetical(&call.name) { self.unify_hypothetical(call, args, direct, at) } else { Ok(args) }
    }

    /// A hypothetical row has a value for each sort key, of the same type. After `unify_hypothetical_args`.
    fn unify_hypothetical(&mut self, call: &FunctionCall, args: Vec<Node>, direct: usize, at: i32) -> Result<Vec<Node>> {
        let sorted = args.len() - direct;
        if sorted != direct {
            return Err(count_mismatch(call, &args, direct, self.ctx).at(at));
        }
        let mut asked: Vec<Node> = args;
        let keys = asked.split_off(direct);
        let (mut left, mut right) = (Vec::with_capacity(direct), Vec::with_capacity(direct));
        for (asked, key) in asked.into_iter().zip(keys) {
            let (pair, _) = self.unify(vec![key, asked], "WITHIN GROUP")?;
            let mut pair = pair.into_iter();
            right.extend(pair.next());
            left.extend(pair.next());
        }
        left.append(&mut right);
        Ok(left)
    }
}

fn is_hypothetical(name: &[String]) -> bool {
    function::overloads(name).iter().any(|function| function.aggregate_kind() == Some(AggregateKind::Hypothetical))
}

fn count_mismatch(call: &FunctionCall, args: &[Node], direct: usize, ctx: &BindContext<'_>) -> SqlError {
    let types: Vec<Type> = args.iter().map(|arg| arg.expr.ty).collect();
    let shape = CallShape { name: &call.name, types: &types, names: &[], variadic: false };
    let name = call.name.join(".");
    let hint = format!(
        "To use the hypothetical-set aggregate {name}, the number of hypothetical direct arguments (here {direct}) must match the number of \
         ordering columns (here {}).",
        args.len() - direct
    );
    SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("function {} does not exist", function::signature(&shape, ctx))).hint(hint)
}
