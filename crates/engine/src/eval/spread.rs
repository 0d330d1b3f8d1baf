//! Calls of functions that take any number of values of any type, with an array for these: `format('%s', VARIADIC a)`.

use borealis_pgtypes::{Datum, Oid, Result, SqlError};

use super::run::eval_args;
use super::{Code, Invoke, Runtime};

/// The call; the last argument gives the array.
#[derive(Debug)]
pub struct Spread {
    pub(super) invoke: Invoke,
    pub(super) args: Box<[Code]>,
}

impl Spread {
    pub(super) fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let mut args: Vec<Datum> = eval_args(rt, &self.args, row)?.into_iter().collect();
        let mut types: Vec<Oid> = self.invoke.arg_types.to_vec();
        types.pop();
        match args.pop() {
            Some(Datum::Array(array)) => {
                types.extend(std::iter::repeat_n(array.element, array.elements.len()));
                args.extend(array.elements.iter().cloned());
            }
            // To `format` it is as good as none; the others do not know what they were given.
            Some(Datum::Null) if self.invoke.function.name == "format" => {}
            Some(Datum::Null) => return Ok(Datum::Null),
            _ => return Err(SqlError::internal("VARIADIC before a value that is no array")),
        }
        let function = self.invoke.function;
        Invoke { function, arg_types: types.into(), result: self.invoke.result }.call(rt, &args)
    }
}
