//! The statements of a body, each bound over the function's parameters; the last one gives the result: `check_sql_fn_retval`.

use std::sync::Arc;

use borealis_catalog::{Routine, RoutineBody};
use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, Type, Volatility};

use super::super::coerce::is_polymorphic;
use super::super::subquery::cast_columns;
use super::super::{BindContext, Binder, Node};
use crate::ast::{FunctionBody, Statement};
use crate::bound::{Bound, BoundStatement, OutputColumn, Query};
use crate::expr::{ColumnRef, Expr, ExprKind, RoutineSpec};
use crate::parse;

/// What a body is read under: a string as if the caller had written it, one of the standard's form as its author had.
pub(super) fn context<'a>(routine: &'a Routine, ctx: &BindContext<'a>) -> BindContext<'a> {
    let (search_path, checks_usage) = match &routine.body {
        RoutineBody::Text(_) => (ctx.search_path, true),
        RoutineBody::Standard { path, .. } => (path.as_slice(), false),
    };
    BindContext { search_path, checks_usage, param_types: &[], ..*ctx }
}

/// The statements of a body, in order.
pub(super) fn statements(routine: &Routine, ctx: &BindContext<'_>) -> Result<Vec<Statement>> {
    match &routine.body {
        RoutineBody::Text(text) => parse::parse(text, ctx.dialect)?.into_iter().map(|parsed| parsed.statement).collect(),
        RoutineBody::Standard { text, .. } => {
            let broken = || SqlError::internal(format!("the body of function {} cannot be read", routine.name));
            let create = format!("CREATE FUNCTION f() RETURNS void LANGUAGE sql {text}");
            let parsed = parse::parse(&create, ctx.dialect)?.into_iter().next().ok_or_else(broken)?;
            match parsed.statement? {
                Statement::CreateFunction(create) => match create.body {
                    FunctionBody::Standard { statements, .. } => Ok(statements),
                    FunctionBody::Text { .. } => Err(broken()),
                },
                _ => Err(broken()),
            }
        }
    }
}

/// Binds the body of a function for a call.
///
/// # Errors
/// Whatever is wrong with its statements; `42P13` when the last one does not give the result.
pub fn bind_routine(spec: &Arc<RoutineSpec>, ctx: &BindContext<'_>) -> Result<Vec<BoundStatement>> {
    let ctx = context(&spec.routine, ctx);
    let bound = bind_body(spec, &ctx)?;
    for statement in &bound {
        refuse_writes(&spec.routine, statement)?;
    }
    Ok(bound)
}

/// Checks the body of a function that is being created: `fmgr_sql_validator`. Polymorphic arguments leave only its syntax to check.
///
/// # Errors
/// As for [`bind_routine`].
pub fn check_routine(routine: &Arc<Routine>, ctx: &BindContext<'_>) -> Result<Vec<BoundStatement>> {
    if routine.inputs().any(|input| is_polymorphic(input.ty.oid)) {
        return statements(routine, ctx).map(|_| Vec::new());
    }
    let ctx = context(routine, ctx);
    let args = routine.inputs().map(|input| input.ty).collect();
    let binder = Binder::new(&ctx);
    let inputs: Vec<Type> = routine.inputs().map(|input| input.ty).collect();
    let columns = binder.result_columns(routine, &inputs, routine.result)?;
    let spec = RoutineSpec { routine: routine.clone(), schema: String::new(), args, result: routine.result, columns };
    bind_body(&Arc::new(spec), &ctx)
}

fn bind_body(spec: &Arc<RoutineSpec>, ctx: &BindContext<'_>) -> Result<Vec<BoundStatement>> {
    let statements = statements(&spec.routine, ctx)?;
    let last = statements.len().checked_sub(1);
    if last.is_none() && spec.result.oid != Oid::VOID {
        return Err(not_a_result(spec, ctx));
    }
    let mut bound = Vec::with_capacity(statements.len());
    for (index, statement) in statements.iter().enumerate() {
        check_allowed(statement)?;
        let mut binder = Binder::of_body(spec, ctx);
        let (statement, columns) = binder.statement(statement)?;
        let (statement, columns) = match last == Some(index) && spec.result.oid != Oid::VOID {
            true => binder.result(spec, statement, columns)?,
            false => (statement, columns),
        };
        bound.push(binder.finish(statement, columns)?);
    }
    Ok(bound)
}

/// Statements that read or write rows.
fn check_allowed(statement: &Statement) -> Result<()> {
    let what = match statement {
        Statement::Query(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => return Ok(()),
        Statement::Transaction(transaction) => transaction_word(transaction),
        Statement::Copy(_) => "COPY",
        Statement::Set(_) => "SET",
        Statement::Show { .. } => "SHOW",
        Statement::Reset { .. } => "RESET",
        Statement::Explain(_) => "EXPLAIN",
        Statement::Call(_) => "CALL",
        Statement::Analyze { .. } => "ANALYZE",
        _ => "DDL",
    };
    Err(SqlError::unsupported(format!("{what} is not allowed in an SQL function")))
}

fn transaction_word(transaction: &crate::ast::Transaction) -> &'static str {
    match transaction {
        crate::ast::Transaction::Commit => "COMMIT",
        crate::ast::Transaction::Rollback => "ROLLBACK",
        _ => "BEGIN",
    }
}

/// A function that promised to change nothing must not.
fn refuse_writes(routine: &Routine, statement: &BoundStatement) -> Result<()> {
    let word = match &statement.statement {
        Bound::Insert(_) => "INSERT",
        Bound::Update(_) => "UPDATE",
        Bound::Delete(_) => "DELETE",
        Bound::Query(_) | Bound::Ddl(_) => return Ok(()),
    };
    if routine.volatility() == Volatility::Volatile {
        return Ok(());
    }
    Err(SqlError::unsupported(format!("{word} is not allowed in a non-volatile function")))
}

fn mismatch(spec: &RoutineSpec, ctx: &BindContext<'_>, detail: String) -> SqlError {
    let message = format!("return type mismatch in function declared to return {}", ctx.type_name(spec.result));
    SqlError::new(SqlState::INVALID_FUNCTION_DEFINITION, message).detail(detail)
}

fn not_a_result(spec: &RoutineSpec, ctx: &BindContext<'_>) -> SqlError {
    mismatch(spec, ctx, "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.".to_owned())
}

impl<'a> Binder<'a> {
    /// A binder for a statement of a body: its only parameters are the function's.
    pub(super) fn of_body(spec: &Arc<RoutineSpec>, ctx: &'a BindContext<'a>) -> Self {
        let mut binder = Self::new(ctx);
        binder.params.fix(&spec.args);
        binder.routine = Some(spec.clone());
        binder.inlining.push(spec.routine.oid);
        binder
    }
}

impl Binder<'_> {
    /// The last statement with its columns in the types of the result.
    pub(super) fn result(
        &mut self,
        spec: &RoutineSpec,
        statement: Bound,
        columns: Option<Vec<OutputColumn>>,
    ) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        let Some(columns) = columns else { return Err(not_a_result(spec, self.ctx)) };
        let Some(targets) = self.result_types(spec, &columns)? else { return Ok((statement, Some(columns))) };
        match statement {
            Bound::Query(query) => {
                let query = self.query_result(spec, query, &targets)?;
                let columns = query.columns.clone();
                Ok((Bound::Query(query), Some(columns)))
            }
            Bound::Insert(mut insert) => {
                self.returned(spec, &mut insert.returning, &targets)?;
                Ok((Bound::Insert(insert), Some(retyped(columns, &targets))))
            }
            Bound::Update(mut update) => {
                self.returned(spec, &mut update.returning, &targets)?;
                Ok((Bound::Update(update), Some(retyped(columns, &targets))))
            }
            Bound::Delete(mut delete) => {
                self.returned(spec, &mut delete.returning, &targets)?;
                Ok((Bound::Delete(delete), Some(retyped(columns, &targets))))
            }
            Bound::Ddl(_) => Err(not_a_result(spec, self.ctx)),
        }
    }

    /// The types the columns must have; `None` when they are right as they are: a row in one column, or a record of whatever there is.
    fn result_types(&self, spec: &RoutineSpec, columns: &[OutputColumn]) -> Result<Option<Vec<Type>>> {
        if spec.result.oid != Oid::RECORD {
            if columns.len() != 1 {
                return Err(mismatch(spec, self.ctx, "Final statement must return exactly one column.".to_owned()));
            }
            return Ok(Some(vec![spec.result]));
        }
        if let [only] = columns
            && only.ty.oid == Oid::RECORD
            && (only.ty.declared == spec.result.declared || only.ty.declared.is_invalid())
        {
            return Ok(None);
        }
        if spec.columns.is_empty() {
            return Ok(None);
        }
        let detail = match columns.len().cmp(&spec.columns.len()) {
            std::cmp::Ordering::Less => "Final statement returns too few columns.",
            std::cmp::Ordering::Greater => "Final statement returns too many columns.",
            std::cmp::Ordering::Equal => return Ok(Some(spec.columns.iter().map(|(_, ty)| *ty).collect())),
        };
        Err(mismatch(spec, self.ctx, detail.to_owned()))
    }

    fn query_result(&mut self, spec: &RoutineSpec, query: Query, targets: &[Type]) -> Result<Query> {
        let mut casts = Vec::with_capacity(targets.len());
        for (index, target) in targets.iter().enumerate() {
            let source = query.columns[index].ty;
            let column = Node::new(ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: index }), source, -1);
            casts.push(self.result_column(spec, column, *target, index)?);
        }
        let mut query = cast_columns(query, casts);
        for (column, target) in query.columns.iter_mut().zip(targets) {
            column.ty = *target;
        }
        Ok(query)
    }

    fn returned(&mut self, spec: &RoutineSpec, returning: &mut [Expr], targets: &[Type]) -> Result<()> {
        for (index, (expr, target)) in returning.iter_mut().zip(targets).enumerate() {
            *expr = self.result_column(spec, Node { expr: expr.clone(), at: -1 }, *target, index)?;
        }
        Ok(())
    }

    fn result_column(&mut self, spec: &RoutineSpec, node: Node, target: Type, index: usize) -> Result<Expr> {
        let source = node.expr.ty;
        match self.coerce_to(node, target, CastContext::Assignment)? {
            Some(node) => Ok(node.expr),
            None if spec.result.oid != Oid::RECORD => {
                Err(mismatch(spec, self.ctx, format!("Actual return type is {}.", self.ctx.type_name(source))))
            }
            None => {
                let (source, target) = (self.ctx.type_name(source), self.ctx.type_name(target));
                let detail = format!("Final statement returns {source} instead of {target} at column {}.", index + 1);
                Err(mismatch(spec, self.ctx, detail))
            }
        }
    }
}

fn retyped(mut columns: Vec<OutputColumn>, targets: &[Type]) -> Vec<OutputColumn> {
    for (column, target) in columns.iter_mut().zip(targets) {
        column.ty = *target;
    }
    columns
}
