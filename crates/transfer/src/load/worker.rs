//! One of the connections that write batches, each batch and its line in the ledger in one transaction.
//!
//! | what happened | what is done |
//! |---|---|
//! | a conflict, a lost connection, a lost reply to COMMIT | the batch again, after a wait; the ledger's key stops it if it is there already |
//! | a row is no row of the table, and the server says which | the batch without it |
//! | the same, and the server does not say which | the first record with which a prefix of the batch fails is sought; what is before it is written, what is behind it becomes a batch |
//! | too much for one transaction | the two halves |
//! | the ledger has the batch | done |
//! | anything else | the load ends |

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use borealis_client::{ClientError, Connection, Outcome, TransactionStatus, connect};

use super::ledger::Line;
use super::report::Counts;
use super::rows::Writing;
use super::{Shared, lock};
use crate::error::TransferError;
use crate::name::literal;
use crate::source::batch::{Batch, Refusal, Statement};
use crate::table::Table;

/// After what age a connection is replaced: Aurora DSQL ends one after an hour.
const CONNECTION_AGE_MAX: Duration = Duration::from_secs(45 * 60);

/// `cardinality_violation`.
const TWICE_IN_ONE_STATEMENT: &str = "21000";

/// A connection and what it is for.
pub(super) struct Worker<'l> {
    shared: &'l Shared<'l>,
    session: Option<Session>,
}

struct Session {
    connection: Connection,
    made: Duration,
}

/// What an error means for a batch.
enum Verdict {
    /// It is in the database.
    Written,
    /// It may go through the next time.
    Again,
    /// The server has no COPY.
    WithoutCopy,
    /// A row is wrong: the one with this number, or nobody knows which.
    Row(Option<usize>, Refusal),
    /// It is too much for one transaction.
    TooLarge(Refusal),
    /// Nothing helps.
    Fatal,
}

/// An error, and what was being done.
struct Failure {
    error: ClientError,
    during: During,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum During {
    Connecting,
    Ledger,
    Rows,
    Commit,
}

impl During {
    fn failed(self) -> impl FnOnce(ClientError) -> Failure {
        move |error| Failure { error, during: self }
    }
}

impl<'l> Worker<'l> {
    pub(super) fn new(shared: &'l Shared<'l>) -> Self {
        Self { shared, session: None }
    }

    /// Writes a batch, in as many transactions as it takes.
    pub(super) async fn write(&mut self, batch: Batch) -> Result<(), TransferError> {
        let table = self.table(&batch.target.table).await?;
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            if let Some((first, second)) = self.part(part, &table).await? {
                parts.extend([second, first]);
            }
        }
        Ok(())
    }

    /// Says good-bye to the server.
    pub(super) async fn close(self) {
        if let Some(session) = self.session
            && session.connection.is_usable()
        {
            session.connection.close().await;
        }
    }

    /// Runs a statement of a dump's schema, and waits for the job that it starts. What it makes may be there already only if an earlier run
    /// of this load can have made it: anything else of that name is somebody else's.
    pub(super) async fn statement(&mut self, statement: &Statement) -> Result<(), TransferError> {
        let sql = asynchronous(&statement.sql);
        let may_have_run = lock(&self.shared.kept).has_begun(statement.place);
        let before = if may_have_run { None } else { lock(&self.shared.kept).begin_statement(statement.place)? };
        let mut attempts = 0;
        let outcomes = loop {
            let connection = self.connection().await.map_err(|failure| TransferError::database("connecting")(failure.error))?;
            let error = match connection.simple(&sql).await {
                Ok(outcomes) => break outcomes,
                Err(error) if may_have_run && is_there_already(&error) => return Ok(()),
                Err(error) => error,
            };
            let is_refused = error.server().is_some();
            if let Err(failed) = self.statement_failed(error, &sql, &mut attempts).await {
                if is_refused && !may_have_run {
                    lock(&self.shared.kept).take_back_statement(before)?;
                }
                return Err(failed);
            }
        };
        match outcomes.first().and_then(job) {
            Some(job) => self.await_job(&job, &sql).await,
            None => Ok(()),
        }
    }

    /// A conflict is waited out: the statement had no effect.
    async fn statement_failed(&mut self, error: ClientError, sql: &str, attempts: &mut u32) -> Result<(), TransferError> {
        self.tidy_up().await;
        if error.server().is_some_and(borealis_client::ServerError::is_conflict) {
            *attempts += 1;
            return self.wait(*attempts, Failure { error, during: During::Rows }).await;
        }
        let advice =
            if error.code() == Some("0A000") { "; `borealis convert postgres` makes of a schema what Aurora DSQL accepts" } else { "" };
        let first_line = sql.lines().next().unwrap_or_default();
        Err(TransferError::database(format!("the dump's statement \"{first_line}\"{advice}"))(error))
    }

    async fn await_job(&mut self, job: &str, sql: &str) -> Result<(), TransferError> {
        let failed = || TransferError::database("waiting for a job");
        let connection = self.connection().await.map_err(|failure| failed()(failure.error))?;
        let outcomes = connection.simple(&format!("CALL sys.wait_for_job({})", literal(job))).await.map_err(failed())?;
        if outcomes.first().and_then(|outcome| outcome.rows.first()?.get(0)) == Some("t") {
            return Ok(());
        }
        let details = connection.simple(&format!("SELECT details FROM sys.jobs WHERE job_id = {}", literal(job))).await.map_err(failed())?;
        let details = details.first().and_then(|outcome| outcome.rows.first()?.get(0)).unwrap_or("no details are known");
        let first_line = sql.lines().next().unwrap_or_default();
        Err(TransferError::Source(format!("the job of the dump's statement \"{first_line}\" has failed: {details}")))
    }

    /// The table of a batch, looked up once for all connections.
    async fn table(&mut self, name: &str) -> Result<Arc<Table>, TransferError> {
        let mut tables = self.shared.tables.lock().await;
        if let Some(table) = tables.get(name) {
            return Ok(Arc::clone(table));
        }
        let connection = self.connection().await.map_err(|failure| TransferError::database("connecting")(failure.error))?;
        let table = Arc::new(Table::describe(connection, name).await?);
        super::check_key(&table, None, self.shared.options)?;
        tables.insert(name.to_owned(), Arc::clone(&table));
        Ok(table)
    }

    /// Writes a batch in one transaction, or says into what it must be cut.
    async fn part(&mut self, mut batch: Batch, table: &Table) -> Result<Option<(Batch, Batch)>, TransferError> {
        let mut attempts = 0;
        loop {
            self.shared.list_rejects(&batch)?;
            lock(&self.shared.kept).begin()?;
            let failure = match self.attempt(&batch, table).await {
                Ok(counts) => {
                    self.shared.written(table, counts);
                    return Ok(None);
                }
                Err(failure) => failure,
            };
            if failure.during == During::Commit && failure.error.server().is_none() {
                self.shared.is_uncertain.store(true, Ordering::Relaxed);
            }
            match self.judge(&failure, &batch, table) {
                Verdict::Written => return self.written_before(&batch, table).await.map(|()| None),
                Verdict::WithoutCopy => self.shared.give_up_copy(),
                Verdict::Again => {
                    attempts += 1;
                    self.wait(attempts, failure).await?;
                }
                Verdict::Row(Some(row), refusal) => refuse_row(&mut batch, row, refusal),
                Verdict::Row(None, refusal) | Verdict::TooLarge(refusal) if batch.rows() == 1 => refuse_row(&mut batch, 0, refusal),
                Verdict::TooLarge(_) => return Ok(Some(batch.split(batch.records.len() / 2))),
                Verdict::Row(None, _) => match self.find(&batch, table).await? {
                    // A key twice in one statement: its later row updates the earlier one in a statement of its own.
                    Some((record, refusal)) if refusal.code == TWICE_IN_ONE_STATEMENT && record > 0 => {
                        return Ok(Some(batch.split(record)));
                    }
                    Some((record, refusal)) => {
                        batch.refuse(record, refusal);
                        if record + 1 < batch.records.len() {
                            return Ok(Some(batch.split(record + 1)));
                        }
                    }
                    // It failed as a whole and does not any more.
                    None => {
                        attempts += 1;
                        self.wait(attempts, failure).await?;
                    }
                },
                Verdict::Fatal => return Err(self.fatal(failure, &batch)),
            }
        }
    }

    async fn attempt(&mut self, batch: &Batch, table: &Table) -> Result<Counts, Failure> {
        let shared = self.shared;
        let writing = shared.writing(table);
        let connection = self.connection().await?;
        let all = 0..batch.records.len();
        let result = async {
            let there = Self::begin(connection, &writing, batch, all.clone()).await?;
            let (ledger, rejected) = (&shared.ledger, batch.refused() as u64);
            let updated = there.unwrap_or(0);
            let expected = Counts { inserted: (batch.rows() as u64).saturating_sub(updated), updated, rejected, skipped: 0 };
            let begin = if there.is_none() { "BEGIN; " } else { "" };
            let line = format!("{begin}{}", ledger.insert(batch, expected));
            connection.simple(&line).await.map_err(During::Ledger.failed())?;
            let written = writing.write(connection, batch, all, updated).await.map_err(During::Rows.failed())?;
            let written = Counts { rejected, ..written };
            if written != expected {
                connection.simple(&ledger.update(batch, written)).await.map_err(During::Ledger.failed())?;
            }
            commit(connection).await.map_err(During::Commit.failed())?;
            Ok(written)
        };
        let result = result.await;
        self.tidy_up().await;
        result
    }

    /// Begins a transaction that updates rows, and asks how many are there: the ledger's line has to be right at once, because a correction
    /// is one more of the rows that the transaction may change. `None`, with nothing begun, where the line's counts need no question.
    async fn begin(
        connection: &mut Connection,
        writing: &Writing<'_>,
        batch: &Batch,
        records: Range<usize>,
    ) -> Result<Option<u64>, Failure> {
        let Some(question) = writing.count_there(batch, records) else { return Ok(None) };
        connection.simple("BEGIN").await.map_err(During::Ledger.failed())?;
        let outcomes = connection.simple(&question).await.map_err(During::Rows.failed())?;
        Ok(Some(outcomes.first().and_then(|outcome| outcome.rows.first()?.get(0)?.parse().ok()).unwrap_or(0)))
    }

    /// Whether the rows of the first records can be written, without writing them.
    async fn trial(&mut self, batch: &Batch, table: &Table, records: usize) -> Result<(), Failure> {
        let writing = self.shared.writing(table);
        let connection = self.connection().await?;
        let result = async {
            connection.simple("BEGIN").await?;
            // What is deferred to the end would never be looked at.
            connection.simple("SET CONSTRAINTS ALL IMMEDIATE").await?;
            if let Some(question) = writing.count_there(batch, 0..records) {
                connection.simple(&question).await?;
            }
            writing.write(connection, batch, 0..records, 0).await
        };
        let result = result.await;
        self.tidy_up().await;
        result.map(|_| ()).map_err(During::Rows.failed())
    }

    /// The first record with which the batch cannot be written; `None` when it can.
    async fn find(&mut self, batch: &Batch, table: &Table) -> Result<Option<(usize, Refusal)>, TransferError> {
        let Some(mut refusal) = self.refusal_of(batch, table, batch.records.len()).await? else { return Ok(None) };
        let (mut good, mut bad) = (0, batch.records.len());
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            match self.refusal_of(batch, table, middle).await? {
                None => good = middle,
                Some(found) => (bad, refusal) = (middle, found),
            }
        }
        Ok(Some((bad - 1, refusal)))
    }

    /// Why the rows of the first records cannot be written.
    async fn refusal_of(&mut self, batch: &Batch, table: &Table, records: usize) -> Result<Option<Refusal>, TransferError> {
        let mut attempts = 0;
        loop {
            let Err(failure) = self.trial(batch, table, records).await else { return Ok(None) };
            match self.judge(&failure, batch, table) {
                Verdict::Row(_, refusal) | Verdict::TooLarge(refusal) => return Ok(Some(refusal)),
                Verdict::Again => {
                    attempts += 1;
                    self.wait(attempts, failure).await?;
                }
                Verdict::WithoutCopy => self.shared.give_up_copy(),
                Verdict::Written | Verdict::Fatal => return Err(self.fatal(failure, batch)),
            }
        }
    }

    fn judge(&self, failure: &Failure, batch: &Batch, table: &Table) -> Verdict {
        let error = match &failure.error {
            ClientError::Lost(_) | ClientError::CommitOutcomeUnknown { .. } | ClientError::Connect { .. } => return Verdict::Again,
            ClientError::Server(error) => error,
            _ => return Verdict::Fatal,
        };
        let code = error.code.as_str();
        let refusal = || Refusal::new(code, with_detail(&error.message, error.detail.as_deref()));
        match failure.during {
            During::Ledger if self.shared.ledger.is_written(error) => Verdict::Written,
            _ if error.is_conflict() || error.is_unavailable() || is_passing(code) => Verdict::Again,
            During::Rows if code == "0A000" && self.shared.has_copy() && error.message.contains("COPY") => Verdict::WithoutCopy,
            During::Ledger | During::Rows | During::Commit if is_size(code, &error.message) => Verdict::TooLarge(refusal()),
            During::Rows | During::Commit if is_of_a_row(code) => {
                let context = error.context.as_deref().unwrap_or_default();
                Verdict::Row(copied_row(context, &table.name).filter(|row| *row < batch.rows()), refusal())
            }
            _ => Verdict::Fatal,
        }
    }

    /// The batch is in the database, by a transaction whose reply was lost.
    async fn written_before(&mut self, batch: &Batch, table: &Table) -> Result<(), TransferError> {
        let ledger = &self.shared.ledger;
        let failed = TransferError::database("looking a batch up in the ledger");
        let connection = self.connection().await.map_err(|failure| failed(failure.error))?;
        match ledger.line(connection, batch.range.start).await? {
            Some(Line { durable, counts }) if durable.end == batch.range.end => {
                self.shared.written(table, counts);
                Ok(())
            }
            _ => Err(TransferError::Source(format!(
                "bytes {} to {} were loaded in other batches by a run whose reply was lost: run the same command again to go on",
                batch.range.start, batch.range.end
            ))),
        }
    }

    async fn wait(&self, attempt: u32, failure: Failure) -> Result<(), TransferError> {
        let policy = self.shared.options.retry;
        if attempt > policy.retries_max {
            return Err(TransferError::database(format!("after {attempt} attempts at one batch"))(failure.error));
        }
        self.shared.retried();
        tokio::time::sleep(policy.wait(attempt, self.shared.random)).await;
        Ok(())
    }

    async fn connection(&mut self) -> Result<&mut Connection, Failure> {
        let now = self.shared.clock.monotonic();
        let fresh = |session: &Session| session.connection.is_usable() && now.saturating_sub(session.made) < CONNECTION_AGE_MAX;
        let session = match self.session.take().filter(fresh) {
            Some(session) => session,
            None => {
                let connection = connect(self.shared.endpoint).await.map_err(During::Connecting.failed())?;
                Session { connection, made: now }
            }
        };
        Ok(&mut self.session.insert(session).connection)
    }

    /// Ends what is open; a connection on which that does not work is not used again.
    async fn tidy_up(&mut self) {
        let Some(session) = &mut self.session else { return };
        let connection = &mut session.connection;
        let open = connection.status() != TransactionStatus::Idle;
        if !connection.is_usable() || (open && connection.simple("ROLLBACK").await.is_err()) {
            self.session = None;
        }
    }

    fn fatal(&self, failure: Failure, batch: &Batch) -> TransferError {
        let first = batch.records.first().map_or(0, |record| record.line);
        let last = batch.records.last().map_or(0, |record| record.line);
        let table = &batch.target.table;
        let doing = match failure.during {
            During::Connecting => return TransferError::Database { doing: "connecting".to_owned(), error: Box::new(failure.error) },
            During::Ledger => format!("writing the ledger for lines {first} to {last}"),
            During::Rows | During::Commit => format!("writing lines {first} to {last} to {table}"),
        };
        TransferError::Database { doing, error: Box::new(failure.error) }
    }
}

/// `CREATE INDEX` as it has to be said here.
fn asynchronous(sql: &str) -> String {
    let words: Vec<String> = sql.split_whitespace().take(4).map(str::to_ascii_uppercase).collect();
    let word = |place: usize| words.get(place).map_or("", String::as_str);
    let is_index = word(0) == "CREATE" && (word(1) == "INDEX" || (word(1) == "UNIQUE" && word(2) == "INDEX"));
    if !is_index || words.iter().any(|word| word == "ASYNC") {
        return sql.to_owned();
    }
    let at = sql.to_ascii_uppercase().find("INDEX").unwrap_or(0) + "INDEX".len();
    let method = sql[at..].replacen(" USING btree ", " ", 1);
    format!("{} ASYNC{method}", &sql[..at])
}

/// The job that a statement has started.
fn job(outcome: &Outcome) -> Option<String> {
    let column = outcome.columns.iter().position(|column| column.name == "job_id")?;
    outcome.rows.first()?.get(column).map(str::to_owned)
}

/// What the statement makes is there: a table, a schema, a function, anything else.
fn is_there_already(error: &ClientError) -> bool {
    error.code().is_some_and(|code| matches!(code, "42P07" | "42P06" | "42723" | "42710"))
}

fn refuse_row(batch: &mut Batch, row: usize, refusal: Refusal) {
    if let Some(record) = batch.record_of_row(row) {
        batch.refuse(record, refusal);
    }
}

async fn commit(connection: &mut Connection) -> Result<(), ClientError> {
    let outcomes = connection.simple("COMMIT").await?;
    match outcomes.last() {
        Some(outcome) if outcome.tag == "COMMIT" => Ok(()),
        _ => Err(ClientError::Protocol("COMMIT was answered by ROLLBACK without an error before it".to_owned())),
    }
}

fn with_detail(message: &str, detail: Option<&str>) -> String {
    detail.map_or_else(|| message.to_owned(), |detail| format!("{message}. {detail}"))
}

/// Passing troubles: shutting down, too many connections, connections too quickly, a transaction that grew too old.
fn is_passing(code: &str) -> bool {
    matches!(code, "57P01" | "57P02" | "57P03" | "53300" | "53400" | "08006" | "08003")
}

/// More than one transaction may write.
fn is_size(code: &str, message: &str) -> bool {
    let limits = ["transaction row limit", "transaction size limit", "transaction age limit"];
    (code == "54000" && limits.iter().any(|limit| message.contains(limit))) || code == "53200"
}

/// Errors that a value or a key causes: data exceptions, constraints, a key twice in one upsert, sizes.
fn is_of_a_row(code: &str) -> bool {
    ["22", "23", "21", "54"].iter().any(|class| code.starts_with(class))
}

/// The row in `COPY table, line 17, column c: "x"`, from 0.
fn copied_row(context: &str, table: &str) -> Option<usize> {
    let rest = context.split_once(&format!("COPY {table}, line "))?.1;
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse::<usize>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::{asynchronous, copied_row};

    #[test]
    fn indexes_are_built_in_the_background() {
        assert_eq!(asynchronous("CREATE UNIQUE INDEX i ON public.t USING btree (a)"), "CREATE UNIQUE INDEX ASYNC i ON public.t (a)");
        for same in ["CREATE INDEX ASYNC i ON t (a)", "CREATE TABLE index (a int)", "COMMENT ON INDEX i IS 'x'"] {
            assert_eq!(asynchronous(same), same);
        }
    }

    #[test]
    fn the_row_is_in_the_context() {
        assert_eq!(copied_row("COPY v, line 2, column b: \"abcd\"", "v"), Some(1));
        assert_eq!(copied_row("COPY v, line 13", "v"), Some(12));
        assert_eq!(copied_row("SQL function \"f\" statement 1\nCOPY v, line 7: \"x\"", "v"), Some(6));
        assert_eq!(copied_row("COPY other, line 2", "v"), None);
        assert_eq!(copied_row("", "v"), None);
    }
}
