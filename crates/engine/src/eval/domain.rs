//! Conditions of a domain. After `ExecEvalConstraintNotNull` and `ExecEvalConstraintCheck`.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result, SqlError, SqlState};
use borealis_sql::expr::DomainTest;

use super::{Code, Runtime};

/// A value that must pass a domain's conditions.
#[derive(Debug)]
pub struct DomainCode {
    pub(super) arg: Code,
    pub(super) test: Arc<DomainTest>,
    /// Name and condition of each CHECK, over the value as the only slot.
    pub(super) checks: Box<[(String, Code)]>,
}

impl DomainCode {
    pub(super) fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let value = [self.arg.eval(rt, row)?];
        if self.test.not_null && value[0].is_null() {
            let message = format!("domain {} does not allow null values", self.test.display);
            return Err(self.of_domain(SqlError::new(SqlState::NOT_NULL_VIOLATION, message)));
        }
        for (name, check) in &self.checks {
            if check.test3(rt, &value)? == Some(false) {
                let message = format!("value for domain {} violates check constraint \"{name}\"", self.test.display);
                return Err(self.of_domain(SqlError::new(SqlState::CHECK_VIOLATION, message)).constraint(name));
            }
        }
        let [value] = value;
        Ok(value)
    }

    fn of_domain(&self, error: SqlError) -> SqlError {
        error.data_type(&self.test.schema, &self.test.name)
    }
}
