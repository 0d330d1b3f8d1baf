//! Calls of users' functions and the statements of their bodies. After `functions.c` and the inlining of `clauses.c`.
//!
//! A call is bound with its arguments in the types of the parameters. Where the body is one expression, the call becomes that expression ([`inline`]), and
//! a set in FROM becomes its query; everything else stays a call, whose body is bound when it is first run ([`body`]).

use std::sync::Arc;

use borealis_catalog::Routine;
use borealis_catalog::snapshot::DeclaredType;
use borealis_pgtypes::{Oid, Result, SqlError, Type};

use super::coerce::is_polymorphic;
use super::function::Resolved;
use super::stored::{parse_expr, without_position};
use super::{BindContext, Binder, Node, polymorphic};
use crate::expr::{Expr, ExprKind, RoutineCall, RoutineSpec};

mod body;
mod inline;

pub use body::{bind_routine, check_routine};

impl Binder<'_> {
    /// The n-th default of a function.
    pub(crate) fn routine_default(&mut self, resolved: &Resolved<Arc<Routine>>, index: usize, target: Type) -> Result<Node> {
        let text = resolved.function.inputs().filter_map(|argument| argument.default.as_ref()).nth(index);
        let text = text.ok_or_else(|| SqlError::internal("a default that a function does not have"))?;
        let expr = parse_expr(text, self.ctx)?;
        let ctx = BindContext { checks_usage: false, ..*self.ctx };
        let mut binder = Binder::new(&ctx);
        let node = binder.expr(&expr).map_err(without_position)?;
        let node = if node.is_unknown() { binder.coerce(node, target.oid, borealis_pgtypes::CastContext::Implicit)? } else { node };
        Ok(Node { at: -1, ..node })
    }

    /// A call of a user's function, or what it is inlined to.
    pub(crate) fn routine_call(&mut self, resolved: &Resolved<Arc<Routine>>, args: Vec<Expr>, variadic: bool, at: i32) -> Result<Node> {
        let routine = &resolved.function;
        if routine.returns_set {
            self.check_set_function(at)?;
        }
        self.uses_routine(routine.oid);
        let spec = self.spec(routine, &args, resolved.result)?;
        if let Some(expr) = self.inlined_scalar(&spec, &args) {
            return Ok(Node { expr, at });
        }
        let variadic = variadic || resolved.pack.is_some();
        let call = RoutineCall { spec: Arc::new(spec), args, variadic };
        Ok(Node::new(ExprKind::Routine(Box::new(call)), resolved.result, at))
    }

    /// The statement depends on the function staying as it is.
    pub(crate) fn uses_routine(&mut self, oid: Oid) {
        if !self.routines.contains(&oid) {
            self.routines.push(oid);
        }
    }

    fn spec(&self, routine: &Arc<Routine>, args: &[Expr], result: Type) -> Result<RoutineSpec> {
        let concrete = |declared: Type, arg: &Expr| if is_polymorphic(declared.oid) { Type::plain(arg.ty.oid) } else { declared };
        let args: Vec<Type> = routine.inputs().zip(args).map(|(input, arg)| concrete(input.ty, arg)).collect();
        let columns = self.result_columns(routine, &args, result)?;
        let schema = self.ctx.catalog.schema_by_oid(routine.schema).map(|schema| schema.name.clone()).unwrap_or_default();
        Ok(RoutineSpec { routine: routine.clone(), schema, args, result, columns })
    }

    /// Names and types of the columns of a result that is a row.
    fn result_columns(&self, routine: &Routine, args: &[Type], result: Type) -> Result<Vec<(String, Type)>> {
        if let Some(DeclaredType::Row(table)) = self.ctx.catalog.declared_type(result.declared) {
            return Ok(table.live_columns().map(|column| (column.name.clone(), column.ty)).collect());
        }
        if result.oid != Oid::RECORD {
            return Ok(Vec::new());
        }
        let actual: Vec<Oid> = args.iter().map(|ty| ty.oid).collect();
        let declared: Vec<Oid> = routine.inputs().map(|input| input.ty.oid).collect();
        let mut columns = Vec::new();
        for (index, output) in routine.outputs().enumerate() {
            let ty = match is_polymorphic(output.ty.oid) {
                true => Type::plain(polymorphic::resolve(&actual, &declared, output.ty.oid)?.1),
                false => output.ty,
            };
            let name = if output.name.is_empty() { format!("column{}", index + 1) } else { output.name.clone() };
            columns.push((name, ty));
        }
        Ok(columns)
    }

    /// A parameter of the function whose body is being bound: `a`, `f.a`, and a field of either.
    pub(crate) fn routine_parameter(&mut self, names: &[String], at: i32) -> Result<Option<Node>> {
        let Some(spec) = self.routine.clone() else { return Ok(None) };
        let named = |name: &str| spec.routine.inputs().position(|input| !input.name.is_empty() && input.name == name);
        let value = |index: usize| Node::new(ExprKind::Param(index), spec.args[index], at);
        let own = |name: &String| *name == spec.routine.name;
        Ok(match names {
            [name] => named(name).map(value),
            [function, name] if own(function) && named(name).is_some() => named(name).map(value),
            [name, field] => self.parameter_field(named(name).map(value), field),
            [function, name, field] if own(function) => self.parameter_field(named(name).map(value), field),
            _ => None,
        })
    }

    fn parameter_field(&self, value: Option<Node>, field: &str) -> Option<Node> {
        let node = value?;
        let fields = self.fields(&node.expr);
        let index = fields.iter().position(|(name, _)| name == field)?;
        let at = node.at;
        Some(Node::new(ExprKind::Field { base: Box::new(node.expr), field: index }, fields[index].1, at))
    }
}
