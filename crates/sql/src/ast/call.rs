//! Calls that the parser and the rewriters make up.

use super::{Expr, FunctionArg, FunctionCall};

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
