//! Prepared statements: parsed once, planned when the catalog or a parameter that plans depend on is not what it was.

use std::sync::{Arc, Mutex, PoisonError};

use borealis_catalog::Catalog;
use borealis_catalog::privilege::may_use_schema;
use borealis_catalog::snapshot::PG_CATALOG_SCHEMA;
use borealis_pgtypes::{Datum, EvalContext, Oid, Result, SqlError, SqlState, Type};
use borealis_sql::ast::{self, Statement};
use borealis_sql::bind::BindContext;
use borealis_sql::bound::{Bound, BoundStatement, Ddl, OutputColumn};
use borealis_sql::parse::Parsed;
use borealis_sql::plan::Planned;
use borealis_sql::planner::{PlanContext, PlannerSettings};

use super::role::Permitted;
use super::{RawParameter, Session, utility};
use crate::exec::Program;
use crate::session::transaction::Active;

/// A prepared statement.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The whole string given to Parse; error positions count in it.
    pub(super) text: Arc<str>,
    /// `None`: an empty string. A refusal is answered when the statement would run.
    pub(super) statement: Option<Statement>,
    parameters: Vec<Oid>,
    columns: Option<Arc<[OutputColumn]>>,
    plan: Mutex<Option<CachedPlan>>,
}

#[derive(Clone, Debug)]
struct CachedPlan {
    catalog: u64,
    generation: u64,
    statistics: u64,
    compiled: Arc<Compiled>,
}

/// A plan and what the executor made of it.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) planned: Planned,
    pub(super) program: Arc<Program>,
    /// Whether a result column's values are printed by looking into the catalog.
    pub(super) has_registered: bool,
    /// Whether others may lose to it, or it to them.
    pub(super) leaves_claims: bool,
    /// Who may run it.
    pub(super) permitted: Permitted,
}

/// What a statement becomes for one execution.
#[derive(Clone, Debug)]
pub(super) enum Ready {
    /// A plan to run.
    Plan(Arc<Compiled>),
    /// A catalog change to apply.
    Ddl(Arc<Ddl>),
    /// Something the session does itself.
    Utility,
    /// Nothing.
    Empty,
}

impl Prepared {
    pub(super) fn parameter_types(&self) -> Vec<Oid> {
        self.parameters.clone()
    }

    pub(super) fn columns(&self) -> Option<Arc<[OutputColumn]>> {
        self.columns.clone()
    }

    /// EXPLAIN (GENERIC_PLAN), whose parameters need no values.
    pub(super) fn is_generic_explain(&self) -> bool {
        matches!(&self.statement, Some(Statement::Explain(explain)) if explain.generic_plan)
    }

    /// COMMIT and ROLLBACK, which a failed block accepts.
    pub(super) fn ends_transaction(&self) -> bool {
        self.statement.as_ref().is_some_and(ends_transaction)
    }

    fn cached(&self, catalog: u64, generation: u64, statistics: u64) -> Option<Arc<Compiled>> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let current = |plan: &&CachedPlan| plan.catalog == catalog && plan.generation == generation && plan.statistics == statistics;
        plan.as_ref().filter(current).map(|plan| plan.compiled.clone())
    }

    fn cache(&self, plan: CachedPlan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan);
    }
}

fn ends_transaction(statement: &Statement) -> bool {
    matches!(statement, Statement::Transaction(ast::Transaction::Commit | ast::Transaction::Rollback))
}

/// A bound statement with what the session must do with it.
struct Resolved {
    parameters: Vec<Type>,
    columns: Option<Vec<OutputColumn>>,
    ready: Ready,
    notices: Vec<SqlError>,
}

impl Session {
    /// Checks a parsed statement and resolves its names and types.
    pub(super) fn prepare(&mut self, text: &str, parsed: Option<Parsed>, given: &[Oid]) -> Result<Prepared> {
        let text: Arc<str> = if text == self.text.as_ref() { self.text.clone() } else { Arc::from(text) };
        let Some(parsed) = parsed else {
            return Ok(Prepared { text, statement: None, parameters: Vec::new(), columns: None, plan: Mutex::new(None) });
        };
        let ends = parsed.statement.as_ref().is_ok_and(ends_transaction);
        self.refuse_in_failed_block(ends)?;
        let statement = parsed.statement?;
        let mut prepared = Prepared { text, statement: Some(statement), parameters: Vec::new(), columns: None, plan: Mutex::new(None) };
        self.describe(&mut prepared, given)?;
        Ok(prepared)
    }

    fn describe(&mut self, prepared: &mut Prepared, given: &[Oid]) -> Result<()> {
        let Some(statement) = &prepared.statement else { return Ok(()) };
        if utility::is_utility(statement) {
            let (parameters, columns) = utility::describe(self, statement, given)?;
            prepared.columns = columns;
            prepared.parameters = parameters;
            return Ok(());
        }
        let resolved = self.resolve(statement, given)?;
        prepared.parameters = resolved.parameters.iter().map(|ty| ty.catalog_oid()).collect();
        prepared.columns = resolved.columns.map(Arc::from);
        if let Ready::Plan(compiled) = &resolved.ready {
            self.keep_plan(prepared, compiled);
        }
        Ok(())
    }

    /// The statement made ready to run in the current transaction, and notices to send.
    pub(super) fn ready(&mut self, prepared: &Prepared) -> Result<(Ready, Vec<SqlError>)> {
        let Some(statement) = &prepared.statement else { return Ok((Ready::Empty, Vec::new())) };
        if utility::is_utility(statement) {
            return Ok((Ready::Utility, Vec::new()));
        }
        if let Some(compiled) = self.current_plan(prepared)? {
            return Ok((Ready::Plan(compiled), Vec::new()));
        }
        let resolved = self.resolve(statement, &prepared.parameters)?;
        if resolved.columns.as_deref().map(types) != prepared.columns.as_deref().map(types) {
            // Drivers that keep statements know by the routine that they must prepare this one again.
            return Err(SqlError::unsupported("cached plan must not change result type").routine("RevalidateCachedQuery"));
        }
        if let Ready::Plan(compiled) = &resolved.ready {
            self.keep_plan(prepared, compiled);
        }
        Ok((resolved.ready, resolved.notices))
    }

    /// The plan made before, if nothing that plans depend on has changed since.
    fn current_plan(&mut self, prepared: &Prepared) -> Result<Option<Arc<Compiled>>> {
        let generation = self.parameters.borrow().generation();
        let statistics = self.cluster.statistics.version();
        let active = self.active()?;
        Ok(if active.catalog_is_committed() { prepared.cached(active.catalog.position, generation, statistics) } else { None })
    }

    /// Whether a statement's plan can be run as it is.
    pub(super) fn has_plan(&mut self, prepared: &Prepared) -> Result<bool> {
        self.current_plan(prepared).map(|plan| plan.is_some())
    }

    fn keep_plan(&self, prepared: &Prepared, compiled: &Arc<Compiled>) {
        if let Some(active) = self.active.as_ref().filter(|active| active.catalog_is_committed()) {
            prepared.cache(CachedPlan {
                catalog: active.catalog.position,
                generation: self.parameters.borrow().generation(),
                // What it was planned with may be older by now; then it is only planned once more.
                statistics: self.cluster.statistics.version(),
                compiled: compiled.clone(),
            });
        }
    }

    /// CREATE INDEX without ASYNC as the asynchronous form, where the session allows it. Whoever runs it waits for the build.
    fn synchronous_index(&self, statement: &Statement) -> Option<Statement> {
        match statement {
            Statement::CreateIndex(create) if !create.asynchronous && !self.parameters.borrow().is_on("disable_sync_create_index") => {
                let mut create = create.clone();
                create.asynchronous = true;
                Some(Statement::CreateIndex(create))
            }
            _ => None,
        }
    }

    /// Binds and plans.
    fn resolve(&mut self, statement: &Statement, given: &[Oid]) -> Result<Resolved> {
        let synchronous = self.synchronous_index(statement);
        let mut bound = self.bind_statement(synchronous.as_ref().unwrap_or(statement), given)?;
        if synchronous.is_some()
            && let Bound::Ddl(ddl) = &mut bound.statement
        {
            ddl.returns_job_id = false;
            bound.columns = None;
        }
        let parameters = bound.params.clone();
        let columns = bound.columns.clone();
        let notices = bound.notices.clone();
        let ready = match bound.statement {
            Bound::Ddl(ddl) => Ready::Ddl(Arc::new(*ddl)),
            Bound::Query(_) | Bound::Insert(_) | Bound::Update(_) | Bound::Delete(_) => Ready::Plan(self.compile(bound)?),
        };
        Ok(Resolved { parameters, columns, ready, notices })
    }

    pub(super) fn bind_statement(&mut self, statement: &Statement, given: &[Oid]) -> Result<BoundStatement> {
        let confined = self.confined(statement)?;
        let statement = confined.as_ref();
        self.active()?;
        self.with_eval(|session, active, eval| {
            let search_path = session.search_path(active);
            let context = BindContext { param_types: given, ..session.bind_context(&active.catalog, &search_path, eval) };
            borealis_sql::bind::bind(statement, &context)
        })
    }

    /// Plans and compiles.
    pub(super) fn compile(&mut self, bound: BoundStatement) -> Result<Arc<Compiled>> {
        self.compile_with(bound, Program::compile)
    }

    /// As [`Session::compile`], for a run that is measured.
    pub(super) fn compile_measured(&mut self, bound: BoundStatement) -> Result<Arc<Compiled>> {
        self.compile_with(bound, Program::compile_measured)
    }

    fn compile_with(&mut self, bound: BoundStatement, compile: fn(&Planned) -> Result<Arc<Program>>) -> Result<Arc<Compiled>> {
        let mut planned = self.plan(bound)?;
        let program = compile(&planned)?;
        // How much a function does is not seen from outside.
        planned.small &= program.routines().is_empty();
        let leaves_claims = planned.leaves_claims();
        let has_registered = planned.columns.iter().flatten().any(|column| borealis_pgtypes::text::is_registered(column.ty.oid));
        Ok(Arc::new(Compiled { planned, program, has_registered, leaves_claims, permitted: Permitted::default() }))
    }

    fn plan(&mut self, bound: BoundStatement) -> Result<Planned> {
        self.active()?;
        self.with_eval(|session, active, eval| {
            let settings = session.planner_settings();
            let search_path = session.search_path(active);
            let binding = session.bind_context(&active.catalog, &search_path, eval);
            let context = PlanContext { binding: Some(&binding), statistics: &session.cluster.statistics, settings: &settings };
            borealis_sql::planner::plan(bound, &context)
        })
    }

    /// Decodes the values of Bind.
    pub(super) fn read_parameters(&mut self, prepared: &Prepared, name: &str, raw: &[RawParameter<'_>]) -> Result<Vec<Datum>> {
        if raw.len() != prepared.parameters.len() {
            let text = format!(
                "bind message supplies {} parameters, but prepared statement \"{name}\" requires {}",
                raw.len(),
                prepared.parameters.len()
            );
            return Err(SqlError::new(SqlState::PROTOCOL_VIOLATION, text));
        }
        if raw.is_empty() {
            return Ok(Vec::new());
        }
        self.active()?;
        self.with_eval(|_, active, eval| {
            let read = |(index, (raw, oid)): (usize, (&RawParameter<'_>, &Oid))| {
                read_parameter(index, raw, Type::plain(active.catalog.type_by_oid(*oid).oid), eval)
            };
            raw.iter().zip(&prepared.parameters).enumerate().map(read).collect()
        })
    }
}

/// Bytes left over or of the wrong form are told with the parameter's number.
fn of_parameter(mut error: SqlError, index: usize) -> SqlError {
    if error.sqlstate() == SqlState::INVALID_BINARY_REPRESENTATION && error.message() == "incorrect binary data format" {
        error.fields_mut().message = format!("incorrect binary data format in bind parameter {}", index + 1);
    }
    error
}

fn read_parameter(index: usize, raw: &RawParameter<'_>, ty: Type, eval: &EvalContext<'_>) -> Result<Datum> {
    let Some(bytes) = raw.value else { return Ok(Datum::Null) };
    if raw.binary {
        return borealis_pgtypes::binary::receive(ty, bytes, eval).map_err(|error| of_parameter(error, index));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| invalid_utf8(bytes, error.valid_up_to()))?;
    if text.contains('\0') {
        return Err(invalid_utf8(bytes, text.find('\0').unwrap_or(0)));
    }
    borealis_pgtypes::text::input(ty, text, eval).map_err(|error| error.context(format!("unnamed portal parameter ${} = '...'", index + 1)))
}

fn invalid_utf8(bytes: &[u8], at: usize) -> SqlError {
    let shown: Vec<String> = bytes[at..].iter().take(1).map(|byte| format!("0x{byte:02x}")).collect();
    let text = format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "));
    SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, text)
}

fn types(columns: &[OutputColumn]) -> Vec<Type> {
    columns.iter().map(|column| column.ty).collect()
}

impl Session {
    /// Switches of the planner, from the session's parameters.
    pub(super) fn planner_settings(&self) -> PlannerSettings {
        let parameters = self.parameters.borrow();
        PlannerSettings {
            enable_hashjoin: parameters.is_on("enable_hashjoin"),
            enable_nestloop: parameters.is_on("enable_nestloop"),
            enable_batched_nestloop: parameters.is_on("dsql.enable_batched_nestloop"),
            enable_mergejoin: parameters.is_on("enable_mergejoin"),
            enable_material: parameters.is_on("enable_material"),
            enable_indexscan: parameters.is_on("enable_indexscan"),
            enable_indexonlyscan: parameters.is_on("enable_indexonlyscan"),
            enable_seqscan: parameters.is_on("enable_seqscan"),
            ..PlannerSettings::default()
        }
    }

    /// What binding may use, without parameters.
    pub(super) fn bind_context<'a>(&'a self, catalog: &'a Catalog, search_path: &'a [Oid], eval: &'a EvalContext<'a>) -> BindContext<'a> {
        BindContext {
            catalog,
            search_path,
            eval,
            param_types: &[],
            current_role: self.current_role(),
            session_role: self.role.oid,
            checks_usage: true,
            dialect: self.cluster.dialect,
            limits: &self.cluster.limits.named,
            inline_routines: true,
            guarded: self.parameters.borrow().guard().is_some(),
            oids: self.cluster.as_ref(),
        }
    }

    /// Schemas of the search path that exist and may be used, `pg_catalog` first unless it is named.
    pub(super) fn search_path(&self, active: &Active) -> Vec<Oid> {
        self.resolved_path(&active.catalog, true)
    }

    /// As [`Session::search_path`], with or without the schemas that are searched without being named.
    pub(super) fn resolved_path(&self, catalog: &Catalog, implicit: bool) -> Vec<Oid> {
        let role = self.current_role();
        let own_name = || catalog.role_by_oid(role).map_or(self.role.name.as_str(), |role| role.name.as_str());
        let named = |name: &String| {
            let name = if name == "$user" { own_name() } else { name };
            catalog.schema(name).filter(|schema| may_use_schema(catalog, role, schema)).map(|schema| schema.oid)
        };
        let mut path: Vec<Oid> = self.parameters.borrow().search_path().iter().filter_map(named).collect();
        if implicit && !path.contains(&PG_CATALOG_SCHEMA) {
            path.insert(0, PG_CATALOG_SCHEMA);
        }
        path
    }
}
