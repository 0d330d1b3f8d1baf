//! SQL/JSON expressions.

use borealis_pgtypes::functions::sql_json::{ObjectRules, array, is_json, object};
use borealis_pgtypes::{CallContext, Datum, Oid, Result};
use borealis_sql::expr::JsonForm;

use super::run::eval_args;
use super::{Code, Runtime};

/// A constructor or a test, with the types of its arguments and its own.
#[derive(Debug)]
pub struct Json {
    pub(super) form: JsonForm,
    pub(super) args: Box<[Code]>,
    pub(super) types: Box<[Oid]>,
    pub(super) result: Oid,
}

impl Json {
    pub(super) fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let args = eval_args(rt, &self.args, row)?;
        let call = CallContext { eval: &rt.env.eval, arg_types: &self.types, result_type: self.result };
        match self.form {
            JsonForm::Object { binary, absent_on_null, unique } => object(&call, &args, ObjectRules { binary, absent_on_null, unique }),
            JsonForm::Array { binary, absent_on_null } => array(&call, &args, binary, absent_on_null),
            JsonForm::Is { .. } if args.iter().any(Datum::is_null) => Ok(Datum::Null),
            JsonForm::Is { item, unique } => args.first().map_or(Ok(Datum::Null), |value| is_json(value, item, unique).map(Datum::Bool)),
        }
    }
}
