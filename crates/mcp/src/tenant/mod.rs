//! Agents that may see and change one tenant's rows only.
//!
//! What confines a statement is [`borealis_sql::guard`]. A Borealis server holds to it itself: each transaction begins with the setting, which nothing in the
//! transaction can take back. For any other server the statement is written anew with the tenant's conditions in it, from what that server's catalog says
//! ([`facts`]). Which of the two it is is found out by trying what only the first refuses, before the first statement of an agent runs.

mod facts;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use borealis_client::{Database, End, Limits, Mode, Statement, Transaction, TransactionError};
use borealis_dialect::Dialect;
use borealis_pgtypes::{Result, SqlError, SqlState};
use borealis_sql::guard::{self, Confined, Enforcement, Guard};

use crate::failure::Failure;
use crate::policy::{self, Refusal};
pub(crate) use facts::{Facts, questions};

/// What the operator says of tenants: the same for all databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenancy {
    /// The column that tells tenants apart, in every table.
    pub column: String,
    /// The tenant of clients that bring none of their own.
    pub value: Option<String>,
    /// Tables without the column, `name` or `schema.name`, that all tenants read and none writes.
    pub shared: Vec<String>,
}

impl Tenancy {
    /// The guard for a client, by its own tenant if it has one.
    pub(crate) fn guard(&self, own: Option<&str>) -> Option<Guard> {
        let value = own.or(self.value.as_deref())?;
        Some(self.shared.iter().fold(Guard::new(&self.column, value), |guard, table| guard.with_shared(table)))
    }
}

/// What begins a transaction that the server itself confines.
pub(crate) fn beginning(guard: &Guard) -> Statement {
    Statement::new(format!("SET LOCAL {} = '{}'", guard::SETTING, guard.setting().replace('\'', "''")))
}

/// Who holds a statement to the tenant's rows on this database: the server does when it refuses that a guard be exchanged for another.
///
/// # Errors
/// When that cannot be found out.
pub(crate) async fn enforcement(database: &Database) -> std::result::Result<Enforcement, TransactionError> {
    let statements = ["one", "another"].map(|value| beginning(&Guard::new("tenant", value))).to_vec();
    let limits = Limits { rows_max: 1, bytes_max: 1024 };
    match database.transact(&Transaction { statements, mode: Mode::ReadOnly, end: End::Rollback, limits }).await {
        Ok(_) => Ok(Enforcement::Text),
        Err(error) if error.statement == Some(1) && error.error.code() == Some(SqlState::INSUFFICIENT_PRIVILEGE.as_str()) => {
            Ok(Enforcement::Engine)
        }
        Err(error) if error.statement.is_some() && error.error.server().is_some() => Ok(Enforcement::Text),
        Err(error) => Err(error),
    }
}

/// The statements written anew so that they touch the tenant's rows only.
///
/// # Errors
/// The first that cannot be confined.
pub(crate) fn confined(statements: Vec<Statement>, guard: &Guard, facts: &Arc<Facts>) -> std::result::Result<Vec<Statement>, Failure> {
    let several = statements.len() > 1;
    let rewritten = statements.into_iter().enumerate().map(|(index, statement)| {
        rewritten(statement, guard, facts).map_err(|refusal| Failure::refused(&refusal, several.then_some(index)))
    });
    rewritten.collect()
}

fn rewritten(statement: Statement, guard: &Guard, facts: &Arc<Facts>) -> std::result::Result<Statement, Refusal> {
    let Statement { sql, params } = statement;
    let refused = |error: SqlError| Refusal::Sql(sql.clone(), error);
    let parsed = policy::single(&sql)?;
    let depth = parsed.depth;
    let tree = parsed.statement.map_err(refused)?;
    let (guard, facts) = (guard.clone(), Arc::clone(facts));
    let confine = move || text_of(&guard, &tree, &facts, &params).map(|text| (text, params));
    let done = policy::on_stack_for(depth, confine);
    let (text, params) = done.unwrap_or_else(|| Err(too_deep())).map_err(refused)?;
    Ok(Statement { sql: text.unwrap_or(sql), params })
}

fn text_of(guard: &Guard, tree: &borealis_sql::ast::Statement, facts: &Facts, params: &[Option<String>]) -> Result<Option<String>> {
    let confined = guard::confine(tree, guard, facts, Dialect::default(), Enforcement::Text)?;
    check_parameters(guard, &confined, params)?;
    Ok(confined.text())
}

/// Whatever a parameter that stands for the tenant holds, the tenant's value is written; one that holds another is told of.
fn check_parameters(guard: &Guard, confined: &Confined, params: &[Option<String>]) -> Result<()> {
    for parameter in &confined.parameters {
        let number = parameter.number;
        let given = usize::try_from(number).ok().and_then(|number| params.get(number.checked_sub(1)?));
        // A missing one is the database's to complain of.
        let Some(given) = given else { continue };
        if !given.as_deref().is_some_and(|value| guard.admits(value, parameter.ty)) {
            let message = format!("tenant guard: parameter ${number} stands for column \"{}\" and is not this tenant's", guard.column());
            return Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message));
        }
    }
    Ok(())
}

fn too_deep() -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, "tenant guard: the statement is nested too deeply to be looked at")
}
