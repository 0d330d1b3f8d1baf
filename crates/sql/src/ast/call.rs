//! Calls that the parser and the rewriters make up.

use super::{Expr, ExprKind, FunctionArg, FunctionCall};

impl Expr {
    /// The call that it is; the aggregates of SQL/JSON are written as such but are calls like others.
    #[must_use]
    pub fn as_call(&self) -> Option<&FunctionCall> {
        match &self.kind {
            ExprKind::Function(call) => Some(call),
            ExprKind::JsonAggregate(aggregate) => Some(&aggregate.call),
            _ => None,
        }
    }
}

impl FunctionCall {
    /// `name(args)`, with nothing else to it.
    #[must_use]
    pub fn plain(name: Vec<String>, args: Vec<Expr>) -> Self {
        Self {
            name,
            args: args.into_iter().map(|value| FunctionArg { name: None, value }).collect(),
            variadic: false,
            star: false,
            distinct: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
            sql_syntax: false,
        }
    }
}
