//! `transact`: a list of statements as one transaction.

use borealis_client::{End, Mode, Statement};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::readonly_query::{rows_max, shown};
use crate::answer::Origin;
use crate::arguments;
use crate::call::Call;
use crate::failure::Failure;
use crate::page::{self, Page};
use crate::policy;
use crate::registry::Tool;
use crate::rows::rows;
use crate::service::Service;
use crate::session::{CONFIRMATION_LIFE, Subject};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transact {
    #[schemars(description = "List of one or more SQL statements to execute in a transaction")]
    sql_list: Vec<String>,
    #[schemars(
        description = "For each statement, in order, the values for its placeholders $1, $2, ...; null for a statement without placeholders"
    )]
    #[serde(default)]
    params_list: Option<Vec<Option<Vec<Value>>>>,
    #[schemars(
        description = "For a list that destroys data: the token that the first call returned, once the user has agreed to exactly these statements"
    )]
    #[serde(default)]
    confirmation_token: Option<String>,
    #[schemars(description = "The most rows of the last statement to return at once [default: 500]", range(min = 1, max = 10000))]
    #[serde(default)]
    max_rows: Option<usize>,
}

/// A transaction that went through.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Committed {
    #[schemars(description = "Always true: all statements have taken effect")]
    committed: bool,
    #[schemars(description = "How many times the whole list was run because of conflicts with other transactions")]
    attempts: u32,
    #[schemars(description = "The command tag of each statement, such as INSERT 0 1")]
    commands: Vec<String>,
    #[serde(flatten)]
    page: Page,
}

impl Tool for Transact {
    type Output = Committed;
    const NAME: &'static str = "transact";
    const TITLE: &'static str = "Transaction";
    const DESCRIPTION: &'static str = "Run a list of SQL statements as one transaction: all of them take effect, or none. Returns the rows of the last \
        one.\n\n\
        Each element of sql_list is one statement, without BEGIN, COMMIT or ROLLBACK, which are added. If the server was started \
        without --allow-writes, only statements that read are accepted: several reads of one consistent snapshot.\n\n\
        Rules of the database: a transaction holds at most one DDL statement and no DDL together with INSERT, UPDATE or DELETE, so call \
        transact once for each CREATE, ALTER or DROP; it changes at most 3,000 rows and 10 MiB and lasts at most 5 minutes. \
        CREATE INDEX is written CREATE INDEX ASYNC and returns a job_id; wait for it with wait_for_job.\n\n\
        What destroys data (DROP, TRUNCATE, DROP COLUMN, DELETE or UPDATE without WHERE) is not run at the first call: it returns a \
        confirmation_token, good once, for exactly these statements and values. Ask the user before calling again with it.\n\n\
        Transactions take no locks: when another one has changed the same rows, COMMIT fails with SQLSTATE 40001. Then the whole list is \
        run again, and attempts tells how often. If the connection is lost during COMMIT the call fails with outcome_unknown: \
        check with readonly_query whether the changes are there before calling again.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(service: &Service) -> ToolAnnotations {
        let writes = service.allows_writes();
        ToolAnnotations::with_title(Self::TITLE).read_only(!writes).destructive(writes).idempotent(!writes).open_world(false)
    }

    async fn run(self, call: &Call) -> Result<Committed, Failure> {
        let rows_max = rows_max(self.max_rows)?;
        let statements = arguments::list(self.sql_list, self.params_list).map_err(Failure::call)?;
        let mode = if call.target()?.allow_writes { Mode::ReadWrite } else { Mode::ReadOnly };
        match mode {
            Mode::ReadOnly => check_reading(&statements)?,
            Mode::ReadWrite => check_destruction(call, &statements, self.confirmation_token.as_deref())?,
        }
        let last = statements.last().cloned().unwrap_or_default();
        let done = call.run(statements, mode, End::Commit).await?;
        let commands = done.outcomes.iter().map(|outcome| outcome.tag.clone()).collect();
        let rows = done.outcomes.last().map(rows).unwrap_or_default();
        let page = page::first(call, &last, rows, rows_max)?;
        Ok(Committed { committed: true, attempts: done.attempts, commands, page })
    }

    fn shown(output: &Committed) -> Value {
        shown(&output.page)
    }
}

fn check_reading(statements: &[Statement]) -> Result<(), Failure> {
    for (index, statement) in statements.iter().enumerate() {
        policy::check_reading(&statement.sql).map_err(|refusal| Failure::refused(&refusal, Some(index)))?;
    }
    Ok(())
}

/// A list that destroys something needs the token of an earlier call for the very same list.
fn check_destruction(call: &Call, statements: &[Statement], token: Option<&str>) -> Result<(), Failure> {
    let mut found = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let destruction = policy::destruction(&statement.sql).map_err(|refusal| Failure::refused(&refusal, Some(index)))?;
        found.extend(destruction.map(|what| (index + 1, what)));
    }
    if found.is_empty() {
        return Ok(());
    }
    let subject = Subject::of(&call.target()?.name, statements);
    match token {
        Some(token) if call.session.confirm(token, subject) => Ok(()),
        token => Err(unconfirmed(call, subject, &found, token.is_some())),
    }
}

fn unconfirmed(call: &Call, subject: Subject, found: &[(usize, String)], wrong: bool) -> Failure {
    let token = call.session.ask_confirmation(subject);
    let minutes = CONFIRMATION_LIFE.as_secs() / 60;
    let lines: Vec<String> = found.iter().map(|(number, what)| format!("statement {number} {what}")).collect();
    let why = if wrong {
        "the confirmation token is not good for these statements and values: it was for others, has been used, or has expired. "
    } else {
        ""
    };
    let text = format!(
        "{why}nothing was run, because this destroys data:\n{}\nAsk the user. If the user agrees, call transact again with the same sql_list and \
         params_list and confirmation_token \"{token}\" (good once, for {minutes} minutes)",
        lines.join("\n")
    );
    let confirmation = json!({ "token": token, "expires_in_seconds": CONFIRMATION_LIFE.as_secs(), "destroys": lines });
    Failure::call(text).with("confirmation", Some(confirmation))
}
