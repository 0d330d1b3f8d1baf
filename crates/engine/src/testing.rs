//! What tests of sessions and jobs share: a cluster, and a session spoken to in SQL.

use std::path::Path;
use std::sync::Arc;

use borealis_base::{ManualClock, SeededRandom};
use borealis_dialect::{Dialect, Lowered};
use borealis_pgtypes::{Datum, Result, SqlError};
use borealis_sql::bound::OutputColumn;
use borealis_storage::{Medium, Options};

use crate::{Cluster, ClusterOptions, Executed, OpenError, Session, SessionOptions, Sink};

/// 2026-09-15 00:00:00 UTC in microseconds since 1970.
const START_MICROS: i64 = 1_789_430_400_000_000;

/// A cluster with a clock that stands still until it is moved.
pub(crate) struct TestCluster {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) clock: Arc<ManualClock>,
}

impl TestCluster {
    pub(crate) fn memory() -> Self {
        Self::open(Medium::Memory, None).expect("a cluster opens")
    }

    pub(crate) fn folder(path: &Path) -> Self {
        Self::open(Medium::Folder(path.to_owned()), None).expect("a cluster opens")
    }

    pub(crate) fn open(medium: Medium, dialect: Option<Dialect>) -> Result<Self, OpenError> {
        let clock = Arc::new(ManualClock::at(START_MICROS));
        let cluster = Cluster::open(ClusterOptions {
            store: Options::new(medium),
            id: None,
            dialect,
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(1)),
            limits: Lowered::default(),
        })?;
        Ok(Self { cluster, clock })
    }

    pub(crate) fn session(&self) -> TestSession {
        self.session_of("admin")
    }

    /// A session of another role.
    pub(crate) fn session_of(&self, role: &str) -> TestSession {
        let options = SessionOptions { user: role.to_owned(), parameters: Vec::new() };
        TestSession(Session::open(&self.cluster, &options).expect("the role may connect"))
    }
}

/// A session spoken to by simple queries.
pub(crate) struct TestSession(pub(crate) Session);

/// Collects rows as text.
#[derive(Default)]
struct Rows {
    columns: Arc<[OutputColumn]>,
    lines: Vec<String>,
    /// Whether notices tell their detail.
    details: bool,
}

impl Sink for Rows {
    fn row(&mut self, values: &[Datum]) -> Result<()> {
        let text = |(value, column): (&Datum, &OutputColumn)| {
            let mut text = String::new();
            if !value.is_null() {
                borealis_pgtypes::text::output(value, column.ty.oid, &borealis_pgtypes::Settings::default(), &mut text)?;
            }
            Ok(text)
        };
        let values: Result<Vec<String>> = values.iter().zip(self.columns.iter()).map(text).collect();
        self.lines.push(values?.join("|"));
        Ok(())
    }

    fn wants_text(&self, _column: usize) -> bool {
        true
    }

    fn copy_data(&mut self, data: &[u8]) {
        self.lines.push(String::from_utf8_lossy(data).trim_end().to_owned());
    }

    fn notice(&mut self, notice: &SqlError) {
        self.lines.push(format!("{:?}: {}", notice.fields().severity, notice.message()));
        if let Some(detail) = notice.fields().detail.as_ref().filter(|_| self.details) {
            self.lines.push(format!("DETAIL: {detail}"));
        }
    }

    fn parameter(&mut self, name: &str, value: &str) {
        self.lines.push(format!("{name} = {value}"));
    }

    fn is_full(&self) -> bool {
        false
    }
}

impl TestSession {
    /// Runs a simple query string: rows, notices and tags, line by line; an error as `ERROR sqlstate text` in the last line.
    pub(crate) fn run(&mut self, sql: &str) -> String {
        let (mut lines, failed) = self.attempt(sql, false);
        if let Err(error) = failed {
            lines.push(format!("ERROR {} {}", error.sqlstate(), error.message()));
        }
        lines.join("\n")
    }

    /// As [`TestSession::run`], with details and hints.
    pub(crate) fn run_in_full(&mut self, sql: &str) -> String {
        let (mut lines, failed) = self.attempt(sql, true);
        if let Err(error) = failed {
            lines.push(format!("ERROR {} {}", error.sqlstate(), error.message()));
            lines.extend(error.fields().detail.iter().map(|detail| format!("DETAIL: {detail}")));
            lines.extend(error.fields().hint.iter().map(|hint| format!("HINT: {hint}")));
        }
        lines.join("\n")
    }

    fn attempt(&mut self, sql: &str, details: bool) -> (Vec<String>, Result<()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut rows = Rows { details, ..Rows::default() };
        let result = runtime.block_on(self.script(sql, &mut rows));
        let synced = runtime.block_on(self.0.sync());
        (rows.lines, result.and(synced))
    }

    async fn script(&mut self, sql: &str, rows: &mut Rows) -> Result<()> {
        if let Some(opened) = self.0.open_recent(sql).await {
            rows.columns = opened?.unwrap_or_default();
            return self.portal(true, rows).await;
        }
        let statements = self.0.parse_script(sql)?;
        let last = statements.len().saturating_sub(1);
        for (index, parsed) in statements.into_iter().enumerate() {
            rows.columns = self.0.open_statement(sql, parsed)?.unwrap_or_default();
            self.portal(index == last, rows).await?;
        }
        Ok(())
    }

    async fn portal(&mut self, ends: bool, rows: &mut Rows) -> Result<()> {
        loop {
            match self.0.execute("", 0, ends, rows).await? {
                Executed::Complete(tag) => rows.lines.push(tag),
                Executed::CopyOut(_) => continue,
                other => rows.lines.push(format!("{other:?}")),
            }
            return Ok(());
        }
    }

    /// Waits until the job worker has nothing left to do.
    pub(crate) fn wait_for_jobs(&self) {
        self.0.cluster.jobs.wait_idle();
    }

    /// Runs each statement and compares what it answers.
    pub(crate) fn check(&mut self, steps: &[(&str, &str)]) {
        for (sql, expected) in steps {
            assert_eq!(self.run(sql), *expected, "{sql}");
        }
    }
}
