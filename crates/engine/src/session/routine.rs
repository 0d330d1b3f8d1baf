//! Bodies of functions in SQL: bound, planned and kept as long as the catalog and the settings stay what they are.

use std::cell::RefCell;
use std::sync::Arc;

use borealis_pgtypes::{Oid, Result};
use borealis_sql::bind::{BindContext, bind_routine};
use borealis_sql::bound::BoundStatement;
use borealis_sql::expr::RoutineSpec;
use borealis_sql::plan::StatementKind;
use borealis_sql::planner::PlanContext;

use super::Session;
use super::role::Permitted;
use super::statement::Compiled;
use super::transaction::Active;
use crate::exec::routine::{RoutineProgram, RoutineStatement, Routines, in_function};
use crate::exec::{Program, QueryEnv};

#[cfg(test)]
mod tests;

/// Bodies a session keeps; when there are more, it starts afresh.
const KEPT_MAX: usize = 256;

/// The bodies a session has prepared.
#[derive(Debug, Default)]
pub(super) struct KeptBodies {
    /// Catalog position and generation of the settings they were prepared under.
    stamp: (u64, u64),
    /// Each with the role it was prepared for, whose search path and rights on schemas it was read under.
    bodies: Vec<(Oid, Arc<RoutineSpec>, Arc<RoutineProgram>)>,
}

/// Prepares bodies for the statements of a transaction.
pub(super) struct Bodies<'a> {
    session: &'a Session,
    /// The transaction has not changed the catalog: what it prepares may be kept.
    keep: bool,
    /// Functions whose bodies are being prepared.
    open: RefCell<Vec<Oid>>,
}

impl Session {
    /// What gives the statements of the transaction the bodies of functions.
    pub(super) fn bodies(&self, active: &Active) -> Bodies<'_> {
        Bodies { session: self, keep: active.catalog_is_committed(), open: RefCell::default() }
    }

    /// Whether a function that the plan calls writes.
    pub(super) fn calls_write(&mut self, compiled: &Compiled) -> Result<bool> {
        let routines = compiled.program.routines();
        if routines.is_empty() {
            return Ok(false);
        }
        let limits = self.exec_limits();
        self.with_eval(|session, active, eval| {
            let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
            let env =
                QueryEnv { eval: *eval, params: &[], catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
            Ok(bodies.any_writes(routines, &env))
        })
    }
}

impl Bodies<'_> {
    /// What is wrong with a body is told when it is called.
    fn any_writes(&self, routines: &[Arc<RoutineSpec>], env: &QueryEnv<'_>) -> bool {
        let writes = |spec: &Arc<RoutineSpec>| {
            !self.open.borrow().contains(&spec.routine.oid) && self.body(spec, env).is_ok_and(|program| program.writes())
        };
        routines.iter().any(writes)
    }

    fn prepare(&self, spec: &Arc<RoutineSpec>, env: &QueryEnv<'_>) -> Result<RoutineProgram> {
        let path = self.session.resolved_path(env.catalog, true);
        let context = self.session.bind_context(env.catalog, &path, &env.eval);
        let bound = bind_routine(spec, &context)?;
        let mut columns: Vec<(String, Oid)> = spec.columns.iter().map(|(name, ty)| (name.clone(), ty.oid)).collect();
        let mut depends = vec![spec.routine.oid];
        let mut statements = Vec::with_capacity(bound.len());
        for statement in bound {
            if spec.columns.is_empty() {
                columns = statement.columns.iter().flatten().map(|column| (column.name.clone(), column.ty.oid)).collect();
            }
            statements.push(self.statement(statement, &context, env, &mut depends)?);
        }
        // A statement that calls the function itself writes if any of its statements does.
        if statements.iter().any(|statement| statement.writes) {
            for statement in &mut statements {
                statement.writes |= !statement.program.routines().is_empty();
            }
        }
        let columns: Vec<(Arc<str>, Oid)> = columns.into_iter().map(|(name, oid)| (Arc::from(name), oid)).collect();
        Ok(RoutineProgram { statements, depends, columns: columns.into() })
    }

    fn statement(
        &self,
        bound: BoundStatement,
        binding: &BindContext<'_>,
        env: &QueryEnv<'_>,
        depends: &mut Vec<Oid>,
    ) -> Result<RoutineStatement> {
        let settings = self.session.planner_settings();
        let context = PlanContext { binding: Some(binding), statistics: &self.session.cluster.statistics, settings: &settings };
        let planned = borealis_sql::planner::plan(bound, &context)?;
        let program = Program::compile(&planned)?;
        depends.extend(&planned.tables);
        let modifies = planned.kind != StatementKind::Select || planned.ctes.iter().any(|cte| cte.modifies);
        let writes = modifies || self.any_writes(program.routines(), env);
        Ok(RoutineStatement { program, writes, permissions: planned.permissions, permitted: Permitted::default() })
    }

    fn kept(&self, spec: &RoutineSpec, stamp: (u64, u64)) -> Option<Arc<RoutineProgram>> {
        let kept = self.session.bodies.borrow();
        let role = self.session.current_role();
        let current = |kept: &KeptBodies| self.keep && kept.stamp == stamp;
        let found = kept.bodies.iter().filter(|_| current(&kept)).find(|(of, known, _)| *of == role && known.same(spec))?;
        Some(found.2.clone())
    }

    fn keep(&self, spec: &Arc<RoutineSpec>, stamp: (u64, u64), program: &Arc<RoutineProgram>) {
        let mut kept = self.session.bodies.borrow_mut();
        if kept.stamp != stamp || kept.bodies.len() >= KEPT_MAX {
            *kept = KeptBodies { stamp, bodies: Vec::new() };
        }
        kept.bodies.push((self.session.current_role(), spec.clone(), program.clone()));
    }
}

impl Routines for Bodies<'_> {
    fn body(&self, spec: &Arc<RoutineSpec>, env: &QueryEnv<'_>) -> Result<Arc<RoutineProgram>> {
        let role = if spec.routine.security_definer { spec.routine.owner } else { self.session.current_role() };
        self.session.as_role(role, || self.body_of_role(spec, env))
    }

    fn permit(&self, statement: &RoutineStatement, env: &QueryEnv<'_>) -> Result<()> {
        statement.permitted.check(&statement.permissions, env.catalog, self.session.current_role())
    }

    fn act_as(&self, role: Oid) -> Option<Oid> {
        self.session.act_as(role)
    }

    fn act_as_before(&self, before: Option<Oid>) {
        self.session.act_as_before(before);
    }
}

impl Bodies<'_> {
    fn body_of_role(&self, spec: &Arc<RoutineSpec>, env: &QueryEnv<'_>) -> Result<Arc<RoutineProgram>> {
        let stamp = (env.catalog.position, self.session.parameters.borrow().generation());
        if let Some(program) = self.kept(spec, stamp) {
            return Ok(program);
        }
        self.open.borrow_mut().push(spec.routine.oid);
        let prepared = self.prepare(spec, env);
        self.open.borrow_mut().pop();
        let place = format!("SQL function \"{}\" during startup", spec.routine.name);
        let program = Arc::new(prepared.map_err(|error| in_function(error, &place))?);
        if self.keep {
            self.keep(spec, stamp, &program);
        }
        Ok(program)
    }
}
