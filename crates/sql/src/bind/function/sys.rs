//! Procedures of schema `sys`: they can be called, not selected.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::CallShape;

/// The procedures of the service, as messages write them.
const PROCEDURES: [(&str, &str); 1] = [("wait_for_job", "sys.wait_for_job(text)")];

/// Refuses a procedure in an expression.
pub(super) fn check_procedure(shape: &CallShape<'_>) -> Result<()> {
    let [schema, name] = shape.name else { return Ok(()) };
    let procedure = PROCEDURES.iter().find(|(known, _)| schema == "sys" && known == name && shape.types.len() == 1);
    match procedure {
        Some((_, signature)) => {
            let error = SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("{signature} is a procedure"));
            Err(error.hint("To call a procedure, use CALL."))
        }
        None => Ok(()),
    }
}
