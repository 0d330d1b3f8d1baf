//! Calls: one dispatch from what was written to a scalar call, a set-returning call, an aggregate or a window function. After `ParseFuncOrColumn`.

use std::sync::Arc;

use borealis_catalog::Routine;
use borealis_pgtypes::{Body, CastContext, Datum, Oid, Result, SqlError, SqlState, Type, text, types};

use super::function::{self, CallShape, Found, Resolved, Source};
use super::node::{exprs, placed};
use super::{Binder, Clause, Node};
use crate::ast::FunctionCall;
use crate::expr::{Coercion, Expr, ExprKind};

/// What a call is a call of. The aggregates of SQL/JSON have a name only once their arguments are bound.
pub(crate) struct Arguments {
    pub(crate) name: Vec<String>,
    pub(crate) values: Vec<Node>,
}

impl Binder<'_> {
    pub(crate) fn call(&mut self, call: &FunctionCall, at: i32) -> Result<Node> {
        let aggregate = call.over.is_none() && (function::is_aggregate_name(&call.name, call.args.len(), self.ctx) || call.within_group);
        if aggregate {
            return self.aggregate(call, at, |binder| binder.written(call));
        }
        if call.over.is_some() {
            return self.window_call(call, at, |binder| binder.written(call));
        }
        let mut args = self.call_args(call)?;
        if let Some(node) = self.call_as_field(call, &mut args)? {
            return Ok(node);
        }
        if let Some(filter) = &call.filter {
            self.in_clause(Clause::Filter, |binder| binder.condition(filter, "FILTER"))?;
        }
        let (resolved, args) = match self.resolve_call(call, &call.name, args, at)? {
            Callee::Done(node) => return Ok(node),
            Callee::Function(resolved, args) => (resolved, args),
            Callee::Routine(resolved, args) => {
                refuse_decorations(call, at)?;
                return self.routine_call(&resolved, args, call.variadic, at);
            }
        };
        refuse_decorations(call, at)?;
        self.plain_call(&resolved, args, at)
    }

    /// The name and the arguments as written.
    fn written(&mut self, call: &FunctionCall) -> Result<Arguments> {
        Ok(Arguments { name: call.name.clone(), values: self.call_args(call)? })
    }

    /// The arguments as written, bound.
    pub(crate) fn call_args(&mut self, call: &FunctionCall) -> Result<Vec<Node>> {
        call.args.iter().map(|arg| self.expr(&arg.value)).collect()
    }

    /// Resolves a name with the argument types and gives each parameter its value.
    pub(crate) fn resolve_call(&mut self, call: &FunctionCall, name: &[String], args: Vec<Node>, at: i32) -> Result<Callee> {
        if let [schema, _] = name
            && self.ctx.named_schema(schema).map_err(|error| error.at(at))?.is_none()
        {
            return Err(SqlError::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{schema}\" does not exist")).at(at));
        }
        let names = argument_names(call)?;
        let types: Vec<Type> = args.iter().map(|arg| arg.expr.ty).collect();
        let shape = CallShape { name, types: &types, names: &names, variadic: call.variadic };
        match function::resolve(&shape, self.ctx).map_err(|error| placed(error, at))? {
            Found::Function(resolved) => {
                let spreads = call.variadic && resolved.function.args.last() == Some(&Oid::ANY);
                if spreads && let Some(last) = args.last() {
                    check_spread(last)?;
                }
                // One asks which type a value has, and is told the truth.
                let keeps_unknown = resolved.function.name == "pg_typeof";
                let default = |binder: &mut Self, index: usize, target: Type| binder.default_argument(&resolved, index, target);
                let mut args = self.parameter_values(&resolved, args, keeps_unknown, &default)?;
                if spreads && let Some(array) = args.pop() {
                    let ty = array.ty;
                    args.push(Expr::new(ExprKind::Coerce { arg: Box::new(array), coercion: Coercion::Spread }, ty));
                }
                Ok(Callee::Function(resolved, args))
            }
            Found::Routine(resolved) => {
                let default = |binder: &mut Self, index: usize, target: Type| binder.routine_default(&resolved, index, target);
                let args = self.parameter_values(&resolved, args, false, &default)?;
                Ok(Callee::Routine(resolved, args))
            }
            Found::Cast(target) => {
                let Some(arg) = args.into_iter().next() else { return Err(SqlError::internal("a cast without a value")) };
                refuse_decorations(call, at)?;
                self.explicit_cast(arg, target, at).map(Callee::Done)
            }
        }
    }

    fn parameter_values<F>(
        &mut self,
        resolved: &Resolved<F>,
        args: Vec<Node>,
        keeps_unknown: bool,
        default: &dyn Fn(&mut Self, usize, Type) -> Result<Node>,
    ) -> Result<Vec<Expr>> {
        let mut given: Vec<Option<Node>> = args.into_iter().map(Some).collect();
        let mut values = Vec::with_capacity(resolved.args.len());
        for (target, source) in resolved.args.iter().zip(&resolved.sources) {
            let node = match source {
                Source::Argument(index) => given[*index].take(),
                Source::Default(index) => Some(default(self, *index, *target)?),
            };
            let Some(node) = node else { return Err(SqlError::internal("an argument used twice")) };
            // PostgreSQL gives "any" arguments that are still unknown the type text, where it builds them.
            let node = if target.oid == Oid::ANY && !keeps_unknown { self.settle(node)? } else { node };
            values.push(self.argument(node, *target)?);
        }
        Ok(exprs(match resolved.pack {
            Some(first) => pack(values, first)?,
            None => values,
        }))
    }

    /// An argument in the parameter's type; a declared one demands its conditions.
    fn argument(&mut self, node: Node, target: Type) -> Result<Node> {
        if target.declared.is_invalid() {
            return self.coerce(node, target.oid, CastContext::Implicit);
        }
        let at = node.at;
        let source = node.expr.ty;
        self.coerce_to(node, target, CastContext::Implicit)?.ok_or_else(|| {
            let message = format!("cannot cast type {} to {}", self.ctx.type_name(source), self.ctx.type_name(target));
            SqlError::new(SqlState::CANNOT_COERCE, message).at(at)
        })
    }

    fn default_argument(&self, resolved: &Resolved, index: usize, target: Type) -> Result<Node> {
        let written = resolved.function.defaults[index];
        if written.eq_ignore_ascii_case("null") {
            return Ok(Node::new(ExprKind::Const(Datum::Null), target, -1));
        }
        let value = text::input(target, written, self.ctx.eval)?;
        Ok(Node::new(ExprKind::Const(value), target, -1))
    }

    /// A function that is no aggregate and stands without OVER.
    fn plain_call(&mut self, resolved: &Resolved, args: Vec<Expr>, at: i32) -> Result<Node> {
        let function = resolved.function;
        let (args, ty) = self.with_shape(function, args, resolved.result.oid)?;
        match function.body {
            Body::Window => {
                let message = format!("window function {} requires an OVER clause", function.name);
                Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at))
            }
            Body::Set(_) | Body::SessionSet(_) => {
                self.check_set_function(at)?;
                Ok(Node::new(ExprKind::SetFunction { function, args }, ty, at))
            }
            Body::Scalar(_) | Body::Session(_) => Ok(Node::new(ExprKind::Call { function, operator: None, args }, ty, at)),
            Body::Aggregate(_) => Err(SqlError::internal("an aggregate bound as a plain function")),
        }
    }

    /// Refuses a set-returning function where none may stand, and notes that the level has one.
    pub(crate) fn check_set_function(&mut self, at: i32) -> Result<()> {
        const HINT: &str = "You might be able to move the set-returning function into a LATERAL FROM item.";
        let level = self.level();
        let refusal = if level.in_window {
            Some("window function calls cannot contain set-returning function calls".to_owned())
        } else {
            level.set_function_barrier.map(|place| format!("set-returning functions are not allowed in {place}"))
        };
        if let Some(message) = refusal {
            return Err(SqlError::unsupported(message).hint(HINT).at(at));
        }
        level.clause.check_set_function(at)?;
        level.has_set_functions = true;
        level.set_functions.push(at);
        Ok(())
    }

    /// A built-in function by name, on bound arguments.
    pub(crate) fn builtin(&mut self, name: &str, args: Vec<Node>, at: i32) -> Result<Node> {
        let call = FunctionCall { sql_syntax: true, ..FunctionCall::plain(vec![name.to_owned()], Vec::new()) };
        match self.resolve_call(&call, &call.name, args, at)? {
            Callee::Done(node) => Ok(node),
            Callee::Function(resolved, args) => self.plain_call(&resolved, args, at),
            Callee::Routine(resolved, args) => self.routine_call(&resolved, args, false, at),
        }
    }
}

/// What follows VARIADIC where values of any type are taken must say their type.
fn check_spread(array: &Node) -> Result<()> {
    if super::coerce::is_array(array.oid()) {
        return Ok(());
    }
    Err(SqlError::new(SqlState::DATATYPE_MISMATCH, "VARIADIC argument must be an array").at(array.at))
}

/// What a call's name means.
pub(crate) enum Callee {
    /// Bound completely.
    Done(Node),
    /// A function and its parameters' values.
    Function(Resolved, Vec<Expr>),
    /// The same for a user's function.
    Routine(Resolved<Arc<Routine>>, Vec<Expr>),
}

/// The names of the named arguments, which must be last.
fn argument_names(call: &FunctionCall) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for arg in &call.args {
        match &arg.name {
            Some(name) if names.contains(name) => {
                let message = format!("argument name \"{name}\" used more than once");
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(arg.value.at));
            }
            Some(name) => names.push(name.clone()),
            None if names.is_empty() => {}
            None => return Err(SqlError::new(SqlState::SYNTAX_ERROR, "positional argument cannot follow named argument").at(arg.value.at)),
        }
    }
    Ok(names)
}

/// The elements of a VARIADIC parameter as one array.
fn pack(mut values: Vec<Node>, first: usize) -> Result<Vec<Node>> {
    let items = values.split_off(first);
    let Some(element) = items.first().map(Node::oid) else { return Ok(values) };
    let array = types::array_of(element).ok_or_else(|| {
        SqlError::new(SqlState::UNDEFINED_OBJECT, format!("could not find array type for data type {}", super::coerce::type_text(element)))
    })?;
    let at = items[0].at;
    values.push(Node::plain(ExprKind::Array { element, items: exprs(items), nested: false }, array, at));
    Ok(values)
}

/// What only aggregates may carry.
fn refuse_decorations(call: &FunctionCall, at: i32) -> Result<()> {
    let name = call.name.join(".");
    let refusal = if call.star {
        Some(format!("{name}(*) specified, but {name} is not an aggregate function"))
    } else if call.distinct {
        Some(format!("DISTINCT specified, but {name} is not an aggregate function"))
    } else if !call.order_by.is_empty() {
        Some(format!("ORDER BY specified, but {name} is not an aggregate function"))
    } else if call.filter.is_some() {
        Some(format!("FILTER specified, but {name} is not an aggregate function"))
    } else {
        None
    };
    match refusal {
        Some(message) => Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at)),
        None => Ok(()),
    }
}
