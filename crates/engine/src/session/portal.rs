//! Portals: a statement with its parameter values, on its way through execution.

use std::sync::Arc;

use borealis_catalog::Change;
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};
use borealis_sql::bound::{Ddl, JobRequest, OutputColumn};
use borealis_sql::plan::StatementKind;
use borealis_storage::{Direction, KeyRange};

use super::statement::{Compiled, Prepared, Ready};
use super::transaction::{Active, Block};
use super::{Executed, Session, Sink, call, no_portal, reg_output, utility};
use crate::error::read_failed;
use crate::exec::{BATCH_ROWS, Batch, ExecLimits, Execution, QueryEnv};
use crate::jobs::{Job, JobKind, JobStatus};
use crate::key;

/// A portal.
pub(super) struct Portal {
    pub(super) prepared: Arc<Prepared>,
    pub(super) values: Vec<Datum>,
    pub(super) progress: Progress,
}

/// How far it has come.
pub(super) enum Progress {
    New,
    /// A plan being run.
    Running(Box<Running>),
    /// Rows made by the session itself, given out from `next`, then the tag.
    Rows {
        rows: Vec<Vec<Datum>>,
        next: usize,
        tag: &'static str,
    },
    /// COPY TO STDOUT, announced.
    CopyOut(Box<super::copy::CopyOut>),
    Done {
        tag: &'static str,
    },
}

/// A plan being run.
pub(super) struct Running {
    pub(super) compiled: Arc<Compiled>,
    pub(super) execution: Execution,
    batch: Batch,
    /// Rows given by this execution, for a SELECT's tag.
    given: usize,
}

impl Portal {
    pub(super) fn columns(&self) -> Option<Arc<[OutputColumn]>> {
        self.prepared.columns()
    }
}

impl Session {
    pub(super) fn portal_for(&mut self, prepared: Arc<Prepared>, values: Vec<Datum>) -> Result<Portal> {
        Ok(Portal { prepared, values, progress: Progress::New })
    }

    pub(super) async fn try_execute(&mut self, name: &str, max_rows: usize, ends: bool, sink: &mut dyn Sink) -> Result<Executed> {
        let mut portal = self.portals.remove(name).ok_or_else(|| no_portal(name))?;
        self.refuse_in_failed_block(portal.prepared.ends_transaction())?;
        if !Arc::ptr_eq(&self.text, &portal.prepared.text) {
            self.text = portal.prepared.text.clone();
        }
        self.started();
        let executed = self.advance(&mut portal, max_rows, sink).await.map_err(|error| positioned(error, &portal.prepared))?;
        match executed {
            Executed::Complete(_) | Executed::Empty if ends && self.block == Block::Implicit => {
                self.finish_implicit().await?;
            }
            Executed::Complete(_) | Executed::Empty | Executed::CopyIn(_) => {}
            Executed::Suspended | Executed::Full | Executed::CopyOut(_) => {
                self.portals.insert(name.to_owned(), portal);
            }
        }
        Ok(executed)
    }

    async fn advance(&mut self, portal: &mut Portal, max_rows: usize, sink: &mut dyn Sink) -> Result<Executed> {
        if matches!(portal.progress, Progress::New) {
            match self.begin_portal(portal, sink)? {
                Ready::Empty => return Ok(Executed::Empty),
                Ready::Utility => {
                    if let Some(executed) = utility::run(self, portal, sink).await? {
                        return Ok(executed);
                    }
                }
                Ready::Plan(_) | Ready::Ddl(_) => {}
            }
        }
        match &mut portal.progress {
            Progress::New => Err(SqlError::internal("a portal was not begun")),
            Progress::Running(running) => self.run_plan(running, &portal.values, max_rows, sink),
            Progress::Rows { rows, next, tag } => give_rows(rows, next, tag, max_rows, sink),
            Progress::CopyOut(copy) => self.run_copy_out(copy, &portal.values, sink),
            Progress::Done { tag } => Ok(Executed::Complete((*tag).to_owned())),
        }
    }

    fn begin_portal(&mut self, portal: &mut Portal, sink: &mut dyn Sink) -> Result<Ready> {
        let (ready, notices) = self.ready(&portal.prepared)?;
        for notice in &notices {
            sink.notice(notice);
        }
        match &ready {
            Ready::Plan(compiled) => portal.progress = Progress::Running(Box::new(self.begin_plan(compiled)?)),
            Ready::Ddl(ddl) => portal.progress = self.run_ddl(ddl)?,
            Ready::Utility | Ready::Empty => {}
        }
        Ok(ready)
    }

    /// Checks that the transaction may run the plan and notes what it depends on.
    pub(super) fn begin_plan(&mut self, compiled: &Arc<Compiled>) -> Result<Running> {
        let planned = &compiled.planned;
        let calls_write = self.calls_write(compiled)?;
        if planned.kind != StatementKind::Select || planned.ctes.iter().any(|cte| cte.modifies) || calls_write {
            self.materialize_portals()?;
            let active = self.active()?;
            refuse_read_only(active.txn.read_only, command(planned.kind))?;
            active.enter_dml()?;
        }
        self.permit_plan(compiled)?;
        let text = self.text.clone();
        let active = self.active()?;
        active.depend_on(&planned.tables);
        if compiled.leaves_claims || calls_write {
            active.trail.add(&text, &planned.tables);
        }
        Ok(Running {
            compiled: compiled.clone(),
            execution: Execution::start_with(&compiled.program, calls_write),
            batch: Batch::default(),
            given: 0,
        })
    }

    /// Refuses a plan that the current role may not run.
    pub(super) fn permit_plan(&mut self, compiled: &Compiled) -> Result<()> {
        let role = self.current_role();
        if compiled.permitted.is(role) {
            return Ok(());
        }
        let catalog = &self.active()?.catalog;
        compiled.permitted.check(&compiled.planned.permissions, catalog, role)
    }

    /// A portal that rests sees the data as it was when it was opened: its rows are taken before the transaction writes.
    fn materialize_portals(&mut self) -> Result<()> {
        if self.portals.is_empty() {
            return Ok(());
        }
        let limits = self.exec_limits();
        let mut portals = std::mem::take(&mut self.portals);
        let result = self.with_eval(|session, active, eval| {
            for portal in portals.values_mut() {
                if let Progress::Running(running) = &mut portal.progress {
                    let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
                    let env = QueryEnv {
                        eval: *eval,
                        params: &portal.values,
                        catalog: &catalog,
                        system: session,
                        routines: &bodies,
                        limits: &limits,
                        depth: 0,
                    };
                    running.execution.materialize(&mut active.txn, &env)?;
                }
            }
            Ok(())
        });
        self.portals = portals;
        result
    }

    fn run_plan(&mut self, running: &mut Running, values: &[Datum], max_rows: usize, sink: &mut dyn Sink) -> Result<Executed> {
        running.given = 0;
        loop {
            let wanted = if max_rows == 0 { BATCH_ROWS } else { BATCH_ROWS.min(max_rows - running.given) };
            let more = if running.compiled.planned.small {
                self.step(running, values, wanted, sink)?
            } else {
                blocking(|| self.step(running, values, wanted, sink))?
            };
            if !more {
                return Ok(Executed::Complete(tag(running)));
            }
            if max_rows != 0 && running.given == max_rows {
                return Ok(Executed::Suspended);
            }
            if sink.is_full() {
                return Ok(Executed::Full);
            }
        }
    }

    /// Runs the plan for one batch and gives its rows to the sink; false when there are no more.
    fn step(&mut self, running: &mut Running, values: &[Datum], wanted: usize, sink: &mut dyn Sink) -> Result<bool> {
        let limits = self.exec_limits();
        self.with_eval(|session, active, eval| {
            let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
            let env =
                QueryEnv { eval: *eval, params: values, catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
            if !running.execution.next_into(&mut active.txn, &env, wanted, &mut running.batch)? {
                return Ok(false);
            }
            let columns = running.compiled.planned.columns.as_deref().unwrap_or_default();
            for row in running.batch.rows() {
                if running.compiled.has_registered {
                    sink.row(&reg_output::named(row, columns, sink, eval)?)?;
                } else {
                    sink.row(row)?;
                }
            }
            running.given += running.batch.len();
            Ok(true)
        })
    }

    pub(super) fn exec_limits(&self) -> ExecLimits {
        self.cluster.limits.exec.clone()
    }

    fn run_ddl(&mut self, ddl: &Arc<Ddl>) -> Result<Progress> {
        let (cluster, text) = (self.cluster.clone(), self.text.clone());
        let active = self.active()?;
        refuse_read_only(active.txn.read_only, ddl.tag)?;
        active.enter_ddl()?;
        let jobs: Vec<Job> = ddl.jobs.iter().map(|request| new_job(&cluster, &active.catalog, ddl, request)).collect();
        for (job, request) in jobs.iter().zip(&ddl.jobs) {
            if let JobRequest::BuildIndex { table, .. } = request
                && !ddl.returns_job_id
            {
                refuse_rows(active, *table)?;
                active.wait_for(job);
            }
        }
        active.apply(&cluster, ddl, &jobs)?;
        if !ddl.changes.is_empty() {
            let tables: Vec<Oid> = ddl.changes.iter().filter_map(changed_table).collect();
            active.trail.add(&text, &tables);
        }
        Ok(match jobs.first().filter(|_| ddl.returns_job_id) {
            Some(job) => {
                let id = Datum::text(&borealis_base::Id26(job.id).to_string());
                Progress::Rows { rows: vec![vec![id]], next: 0, tag: ddl.tag }
            }
            None => Progress::Done { tag: ddl.tag },
        })
    }

    /// Checks the constraints that are due.
    pub(super) fn check_constraints(&mut self) -> Result<()> {
        let limits = self.exec_limits();
        blocking(|| {
            self.with_eval(|session, active, eval| {
                let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
                let env =
                    QueryEnv { eval: *eval, params: &[], catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
                crate::exec::check_constraints(&mut active.txn, &env)
            })
        })
    }

    /// Checks the constraints that were deferred to the end of the transaction, if there is one.
    pub(super) fn check_deferred(&mut self) -> Result<()> {
        let pending = self.active.as_mut().is_some_and(|active| active.txn.begin_commit());
        if pending { self.check_constraints() } else { Ok(()) }
    }

    /// Commits the implicit transaction.
    pub(super) async fn finish_implicit(&mut self) -> Result<()> {
        self.check_deferred()?;
        let start = self.start.take();
        if let (Some(mut active), Some(start)) = (self.active.take(), start) {
            let builds = active.take_builds();
            active.commit(&self.cluster, start, &mut self.lost).await?;
            if !builds.is_empty() {
                call::wait_for_builds(self.cluster.clone(), self.interrupt.clone(), builds).await?;
            }
        }
        self.parameters.get_mut().end(true);
        Ok(())
    }
}

/// Without ASYNC an index is made on an empty table only. Rows that others commit before the statement does are no danger: the build finds them.
fn refuse_rows(active: &Active, table: borealis_pgtypes::Oid) -> Result<()> {
    let range = KeyRange::prefix(key::prefix(table).to_vec());
    if active.txn.storage.scan(range, Direction::Forward).next().map_err(|error| read_failed(&error))?.is_none() {
        return Ok(());
    }
    let name = active.catalog.table_by_oid(table).map_or("", |table| table.name.as_str());
    let error = SqlError::unsupported("unsupported mode. please use CREATE INDEX ASYNC.");
    Err(error.detail(format!("Table \"{name}\" is not empty.")))
}

fn new_job(cluster: &crate::cluster::Cluster, before: &borealis_catalog::Catalog, ddl: &Ddl, request: &JobRequest) -> Job {
    let (kind, object, table) = match *request {
        JobRequest::BuildIndex { table, index } => (JobKind::BuildIndex, index, table),
        JobRequest::DropStorage { relation } => (JobKind::DropStorage, relation, relation),
        JobRequest::ValidateConstraint { table, constraint } => (JobKind::ValidateConstraint, constraint, table),
    };
    let after = before.apply(&ddl.changes, before.position);
    let name = relation_name(&after, table, object).or_else(|| relation_name(before, table, object)).unwrap_or_default();
    Job {
        id: borealis_base::Id26::random(cluster.random.as_ref()).0,
        kind,
        status: JobStatus::Submitted,
        details: None,
        object,
        table,
        name,
        owner: before.table_by_oid(table).or_else(|| after.table_by_oid(table)).map(|table| table.owner).unwrap_or_default(),
        started: cluster.now(),
        updated: None,
        resume: None,
    }
}

fn relation_name(catalog: &borealis_catalog::Catalog, table: borealis_pgtypes::Oid, object: borealis_pgtypes::Oid) -> Option<String> {
    let table = catalog.table_by_oid(table)?;
    let schema = &catalog.schema_by_oid(table.schema)?.name;
    let name = table.all_indexes().find(|index| index.oid == object).map_or(&table.name, |index| &index.name);
    Some(format!("{schema}.{name}"))
}

/// The table that a change is about.
fn changed_table(change: &Change) -> Option<Oid> {
    match change {
        Change::PutTable(table) => Some(table.oid),
        Change::DropTable(oid) => Some(*oid),
        _ => None,
    }
}

fn give_rows(rows: &[Vec<Datum>], next: &mut usize, tag: &str, max_rows: usize, sink: &mut dyn Sink) -> Result<Executed> {
    let mut given = 0;
    while let Some(row) = rows.get(*next) {
        if max_rows != 0 && given == max_rows {
            return Ok(Executed::Suspended);
        }
        if sink.is_full() {
            return Ok(Executed::Full);
        }
        sink.row(row)?;
        *next += 1;
        given += 1;
    }
    Ok(Executed::Complete(tag.to_owned()))
}

pub(super) fn refuse_read_only(read_only: bool, command: &str) -> Result<()> {
    if read_only {
        let text = format!("cannot execute {command} in a read-only transaction");
        return Err(SqlError::new(SqlState::READ_ONLY_SQL_TRANSACTION, text));
    }
    Ok(())
}

/// The command tag of a plan that is done.
fn tag(running: &Running) -> String {
    let affected = running.execution.affected_rows();
    match running.compiled.planned.kind {
        StatementKind::Select => format!("SELECT {}", running.given),
        StatementKind::Insert => format!("INSERT 0 {affected}"),
        StatementKind::Update => format!("UPDATE {affected}"),
        StatementKind::Delete => format!("DELETE {affected}"),
    }
}

const fn command(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::Select => "SELECT",
        StatementKind::Insert => "INSERT",
        StatementKind::Update => "UPDATE",
        StatementKind::Delete => "DELETE",
    }
}

/// Work that may take long must not hold up the other sessions of its thread.
pub(super) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    let multi =
        tokio::runtime::Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread);
    if multi { tokio::task::block_in_place(work) } else { work() }
}

/// Keeps an error's position within the text the client sent.
fn positioned(mut error: SqlError, prepared: &Prepared) -> SqlError {
    if error.fields().position.is_some_and(|position| position > prepared.text.len()) {
        error.fields_mut().position = None;
    }
    error
}
