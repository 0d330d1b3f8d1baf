//! A small database to run statements in: real store, parser, binder and planner; tables made by hand.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use borealis_base::{Random, SeededRandom};
use borealis_catalog::snapshot::PUBLIC_SCHEMA;
use borealis_catalog::statistics::TableStatistics;
use borealis_catalog::system::ServerState;
use borealis_catalog::{Catalog, Change, Check, Column, Index, IndexKey, IndexKeyPart, IndexState, Table};
use borealis_dialect::Dialect;
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, SqlError, SqlState, Type, text};
use borealis_sql::bind::{BindContext, OidSource, bind};
use borealis_sql::plan::{Planned, StatementKind};
use borealis_sql::planner::{NoStatistics, PlanContext, PlannerSettings, plan};
use borealis_storage::{Medium, Options, Store};

use crate::exec::neutral::Nobody;
use crate::exec::{Batch, ExecLimits, Execution, Program, QueryEnv, Txn};

/// The database and the only session it has.
pub(crate) struct Db {
    pub(crate) store: Store,
    pub(crate) catalog: Catalog,
    pub(crate) limits: ExecLimits,
    pub(crate) planner: PlannerSettings,
    random: SeededRandom,
    oids: AtomicU32,
    settings: Settings,
    open: Option<Txn>,
}

impl Host for Db {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        self.random.fill(bytes);
    }

    fn session_function(&self, function: SessionFunction, _call: &CallContext<'_>, _args: &[Datum]) -> Result<Datum> {
        match function {
            SessionFunction::CurrentUser => Ok(Datum::text("admin")),
            _ => Err(SqlError::internal(format!("{function:?} in a test"))),
        }
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

impl ServerState for Db {
    fn current_user(&self) -> Oid {
        Oid(10)
    }

    fn parameters(&self) -> Vec<(String, String, String)> {
        Vec::new()
    }

    fn jobs(&self) -> Result<Vec<Vec<Datum>>> {
        Ok(Vec::new())
    }

    fn statistics(&self, _table: Oid) -> Option<Arc<TableStatistics>> {
        None
    }

    fn search_path(&self) -> Vec<Oid> {
        vec![PUBLIC_SCHEMA]
    }

    fn sequence_state(&self, sequence: &borealis_catalog::Sequence) -> Result<borealis_catalog::SequenceState> {
        Ok(sequence.initial_state())
    }

    fn view_definition(&self, _catalog: &Catalog, _view: Oid) -> Result<Option<String>> {
        Err(SqlError::internal("the text of a view in a test"))
    }

    fn sessions(&self) -> Vec<(i32, Oid, String, String, i64)> {
        Vec::new()
    }
}

impl OidSource for Db {
    fn next_oid(&self) -> Oid {
        Oid(self.oids.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a statement answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Vec<Datum>>,
    pub(crate) types: Vec<Type>,
    pub(crate) affected: u64,
    pub(crate) kind: StatementKind,
}

impl Db {
    pub(crate) fn new() -> Self {
        Self {
            store: Store::open(Options::new(Medium::Memory)).expect("a store in memory opens"),
            catalog: Catalog::initial(),
            limits: ExecLimits::default(),
            planner: PlannerSettings::default(),
            random: SeededRandom::new(1),
            oids: AtomicU32::new(20_000),
            settings: Settings::default(),
            open: None,
        }
    }

    pub(crate) fn create(&mut self, table: TableSpec) -> Arc<Table> {
        let table = Arc::new(table.0);
        self.catalog = self.catalog.apply(&[Change::PutTable(Arc::clone(&table))], 1);
        table
    }

    pub(crate) fn set_time_zone(&mut self, name: &str) {
        self.settings.time_zone = borealis_pgtypes::datetime::TimeZone::parse(name).expect("a time zone");
    }

    /// Starts a transaction that ends with [`Db::commit`] or [`Db::rollback`].
    pub(crate) fn begin(&mut self) {
        self.open = Some(Txn::new(self.store.begin(), false));
    }

    pub(crate) fn commit(&mut self) {
        let txn = self.open.take().expect("a transaction is open");
        txn.storage.commit_blocking().expect("nobody else commits");
    }

    pub(crate) fn rollback(&mut self) {
        self.open = None;
    }

    pub(crate) fn eval(&self) -> EvalContext<'_> {
        EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: self }
    }

    pub(crate) fn env<'a>(&'a self, params: &'a [Datum]) -> QueryEnv<'a> {
        QueryEnv { eval: self.eval(), params, catalog: &self.catalog, system: self, routines: &Nobody, limits: &self.limits, depth: 0 }
    }

    pub(crate) fn plan(&self, sql: &str, param_types: &[Oid]) -> Result<Planned> {
        let parsed = borealis_sql::parse::parse(sql, Dialect::default())?.pop().expect("one statement");
        let eval = self.eval();
        let context = BindContext {
            catalog: &self.catalog,
            search_path: &[Oid(11), PUBLIC_SCHEMA],
            eval: &eval,
            param_types,
            current_role: Oid(10),
            session_role: Oid(10),
            checks_usage: true,
            dialect: Dialect::default(),
            limits: &borealis_dialect::Limits::of(Dialect::default()),
            guarded: false,
            inline_routines: true,
            oids: self,
        };
        let bound = bind(&parsed.statement?, &context)?;
        plan(bound, &PlanContext { binding: Some(&context), statistics: &NoStatistics, settings: &self.planner })
    }

    /// Runs one statement: in the open transaction, or in one of its own.
    pub(crate) fn run(&mut self, sql: &str) -> Result<Answer> {
        self.run_with(sql, &[], &[])
    }

    pub(crate) fn run_with(&mut self, sql: &str, param_types: &[Oid], params: &[Datum]) -> Result<Answer> {
        let planned = self.plan(sql, param_types)?;
        let program = Program::compile(&planned)?;
        let mut execution = Execution::start(&program);
        let own = self.open.is_none();
        let mut txn = self.open.take().unwrap_or_else(|| Txn::new(self.store.begin(), false));
        let mut rows = Vec::new();
        let result = (|| {
            let env = self.env(params);
            while let Some(batch) = execution.next_batch(&mut txn, &env, 100)? {
                rows.extend(batch.rows().map(<[Datum]>::to_vec));
            }
            Ok(())
        })();
        if !own {
            self.open = Some(txn);
        } else if result.is_ok() {
            txn.storage.commit_blocking().expect("nobody else commits");
        }
        result?;
        let types = planned.columns.iter().flatten().map(|column| column.ty).collect();
        Ok(Answer { rows, types, affected: execution.affected_rows(), kind: planned.kind })
    }

    /// The answer as the scripts write it: a line per row, values by `|`, NULL as `~`; a tag for what gives no rows; an error with its fields.
    pub(crate) fn show(&mut self, sql: &str) -> String {
        match self.run(sql) {
            Ok(answer) => self.show_answer(&answer),
            Err(error) => show_error(&error),
        }
    }

    fn show_answer(&self, answer: &Answer) -> String {
        if answer.types.is_empty() && answer.kind != StatementKind::Select {
            let tag = match answer.kind {
                StatementKind::Insert => "INSERT 0",
                StatementKind::Update => "UPDATE",
                StatementKind::Delete => "DELETE",
                StatementKind::Select => "SELECT",
            };
            return format!("{tag} {}\n", answer.affected);
        }
        let mut shown = String::new();
        for row in &answer.rows {
            let values: Vec<String> = row.iter().zip(&answer.types).map(|(value, ty)| self.show_value(value, ty.oid)).collect();
            let _ = writeln!(shown, "{}", values.join("|"));
        }
        shown
    }

    fn show_value(&self, value: &Datum, oid: Oid) -> String {
        if value.is_null() { "~".to_owned() } else { text::to_text(value, oid, &self.eval()).expect("values have a text form") }
    }

    /// Rows of a batch as text, for tests without a statement.
    pub(crate) fn count(&mut self, sql: &str) -> usize {
        self.run(sql).expect("the statement runs").rows.len()
    }
}

fn show_error(error: &SqlError) -> String {
    let mut shown = format!("ERROR {} {}\n", error.sqlstate(), error.message());
    if let Some(detail) = &error.fields().detail {
        let _ = writeln!(shown, "DETAIL {detail}");
    }
    shown
}

pub(crate) fn state<T: std::fmt::Debug>(result: Result<T>) -> SqlState {
    result.expect_err("the statement is refused").sqlstate()
}

pub(crate) fn rows_of(batch: &Batch) -> Vec<Vec<Datum>> {
    batch.rows().map(<[Datum]>::to_vec).collect()
}

/// A table being described.
pub(crate) struct TableSpec(Table);

impl TableSpec {
    pub(crate) fn new(oid: u32, name: &str, columns: &[(&str, Oid, bool)]) -> Self {
        let column = |(place, (name, oid, not_null)): (usize, &(&str, Oid, bool))| Column {
            number: i16::try_from(place + 1).expect("few columns"),
            name: (*name).to_owned(),
            ty: Type::plain(*oid),
            not_null: *not_null,
            default: None,
            identity: None,
            generated: None,
            dropped: false,
            storage: 'x',
            acl: borealis_catalog::Acl::default(),
            comment: None,
        };
        Self(Table {
            oid: Oid(oid),
            schema: PUBLIC_SCHEMA,
            name: name.to_owned(),
            owner: Oid(10),
            columns: columns.iter().enumerate().map(column).collect(),
            primary_key: None,
            indexes: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            acl: borealis_catalog::Acl::default(),
            comment: None,
            row_type: Oid(oid + 1),
            row_array_type: Oid(oid + 2),
        })
    }

    pub(crate) fn primary_key(mut self, columns: &[i16]) -> Self {
        let mut index = index(self.0.oid.0 + 3, &format!("{}_pkey", self.0.name), columns);
        index.unique = true;
        index.primary = true;
        self.0.primary_key = Some(index);
        self
    }

    pub(crate) fn index(mut self, name: &str, columns: &[i16], change: impl FnOnce(&mut Index)) -> Self {
        let oid = self.0.oid.0 + 10 + u32::try_from(self.0.indexes.len()).expect("few indexes");
        let mut index = index(oid, name, columns);
        change(&mut index);
        self.0.indexes.push(index);
        self
    }

    pub(crate) fn check(mut self, name: &str, expression: &str) -> Self {
        let check =
            Check { oid: Oid(self.0.oid.0 + 5), name: name.to_owned(), expression: expression.to_owned(), validated: true, comment: None };
        self.0.checks.push(check);
        self
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Table)) -> Self {
        change(&mut self.0);
        self
    }
}

fn index(oid: u32, name: &str, columns: &[i16]) -> Index {
    Index {
        oid: Oid(oid),
        name: name.to_owned(),
        unique: false,
        primary: false,
        keys: columns.iter().map(|number| IndexKey { part: IndexKeyPart::Column(*number), nulls_first: false }).collect(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: None,
        state: IndexState::Valid,
        constraint: None,
        comment: None,
    }
}
