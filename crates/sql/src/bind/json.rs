//! SQL/JSON constructors, their aggregates and IS JSON. After `transformJsonConstructor` and its neighbours.
//!
//! The aggregates are those of `pg_proc`: `JSON_ARRAYAGG(x)` is `json_agg_strict(x)`. What is to be returned in another type is cast.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type};

use super::call::Arguments;
use super::coerce::{category, type_text};
use super::node::exprs;
use super::{Binder, Node};
use crate::ast::{self, IsJson, JsonAggregate, JsonConstructor, JsonFormat, JsonReturning};
use crate::expr::{ExprKind, JsonForm};

impl Binder<'_> {
    pub(crate) fn json_constructor(&mut self, constructor: &JsonConstructor, at: i32) -> Result<Node> {
        let JsonConstructor { array, values, absent_on_null, unique, returning } = constructor;
        let values = values.iter().map(|value| self.json_value(&value.expr, value.format.as_ref())).collect::<Result<Vec<_>>>()?;
        let output = self.json_output(returning.as_ref(), values.iter().any(|value| value.oid() == Oid::JSONB))?;
        let (binary, absent_on_null, unique) = (output.binary, *absent_on_null, *unique);
        let form = if *array { JsonForm::Array { binary, absent_on_null } } else { JsonForm::Object { binary, absent_on_null, unique } };
        let node = Node::plain(ExprKind::Json { form, args: exprs(values) }, output.built(), -1);
        self.json_returned(node, &output, at)
    }

    pub(crate) fn json_aggregate(&mut self, aggregate: &JsonAggregate, at: i32) -> Result<Node> {
        let JsonAggregate { call, of_query, .. } = aggregate;
        if *of_query && self.level().relations.first().is_none_or(|query| query.columns.len() != 1) {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "subquery must return only one column").at(at));
        }
        let mut output = None;
        let arguments = |binder: &mut Self| {
            let (arguments, wanted) = binder.json_arguments(aggregate)?;
            output = Some(wanted);
            Ok(arguments)
        };
        let mut node = match call.over {
            Some(_) => self.window_call(call, at, arguments)?,
            None => self.aggregate(call, at, arguments)?,
        };
        let Some(output) = output else { return Err(SqlError::internal("an aggregate without its arguments")) };
        node.at = -1;
        self.json_returned(node, &output, at)
    }

    /// The aggregate of `pg_proc` that gives what is wanted of these values, and the values as they go into the document.
    fn json_arguments(&mut self, aggregate: &JsonAggregate) -> Result<(Arguments, Output)> {
        let JsonAggregate { call, format, absent_on_null, unique, of_query: _, returning } = aggregate;
        let count = call.args.len();
        let format = |index: usize| format.as_ref().filter(|_| index + 1 == count);
        let values = call.args.iter().enumerate().map(|(index, arg)| self.json_value(&arg.value, format(index)));
        let values = values.collect::<Result<Vec<_>>>()?;
        let output = self.json_output(returning.as_ref(), values.iter().any(|value| value.oid() == Oid::JSONB))?;
        let kind = if count == 2 { "object_agg" } else { "agg" };
        let (prefix, unique) = (if output.binary { "jsonb" } else { "json" }, if *unique { "_unique" } else { "" });
        let strict = if *absent_on_null { "_strict" } else { "" };
        let name = vec!["pg_catalog".to_owned(), format!("{prefix}_{kind}{unique}{strict}")];
        Ok((Arguments { name, values }, output))
    }

    pub(crate) fn is_json(&mut self, test: &IsJson, at: i32) -> Result<Node> {
        let IsJson { arg, item, unique } = test;
        let node = self.expr(arg)?;
        let node = self.settle(node)?;
        let (oid, place) = (node.oid(), super::node::leftmost(at, node.at));
        let node = match oid {
            Oid::JSON | Oid::JSONB => node,
            Oid::BYTEA => self.builtin("convert_from", vec![node, Self::string("UTF8", -1)], at)?,
            _ if category(oid) == 'S' => node,
            _ => {
                let message = format!("cannot use type {} in IS JSON predicate", type_text(oid));
                return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message));
            }
        };
        let form = JsonForm::Is { item: *item, unique: *unique };
        Ok(Node::plain(ExprKind::Json { form, args: vec![node.expr] }, Oid::BOOL, place))
    }

    fn json_value(&mut self, expr: &ast::Expr, format: Option<&JsonFormat>) -> Result<Node> {
        let node = self.expr(expr)?;
        let Some(format) = format else { return self.settle(node) };
        check_format(node.oid(), format)?;
        let node = match node.oid() {
            Oid::JSON | Oid::JSONB => return Ok(node),
            Oid::BYTEA => self.builtin("convert_from", vec![node, Self::string(encoding(format), -1)], -1)?,
            _ => self.settle(node)?,
        };
        self.explicit_cast(node, Type::plain(Oid::JSON), -1)
    }

    /// What RETURNING says; by default `jsonb` where one of the values is.
    fn json_output(&mut self, returning: Option<&JsonReturning>, has_jsonb: bool) -> Result<Output> {
        let Some(JsonReturning { ty, format }) = returning else { return Ok(Output { binary: has_jsonb, ty: None, at: -1 }) };
        let ty = self.resolve_type_name(ty)?;
        if let Some(JsonFormat { encoding: Some(encoding), at }) = format {
            if ty.oid != Oid::BYTEA {
                return Err(SqlError::unsupported("cannot set JSON encoding for non-bytea output types").at(*at));
            }
            if *encoding != "UTF8" {
                return Err(SqlError::unsupported("unsupported JSON encoding").hint("Only UTF8 JSON encoding is supported.").at(*at));
            }
        }
        let at = format.as_ref().map_or(-1, |format| format.at);
        Ok(Output { binary: ty.oid == Oid::JSONB && format.is_none(), ty: Some(ty), at })
    }

    /// What was built, in the type wanted.
    fn json_returned(&mut self, node: Node, output: &Output, at: i32) -> Result<Node> {
        let mut node = match output.ty {
            Some(ty) if ty.oid == Oid::BYTEA => {
                let text = self.explicit_cast(node, Type::plain(Oid::TEXT), -1)?;
                self.builtin("convert_to", vec![text, Self::string("UTF8", -1)], -1)?
            }
            Some(ty) if ty.oid != node.oid() => self.explicit_cast(node, ty, output.at)?,
            _ => node,
        };
        node.at = at;
        Ok(node)
    }
}

/// What a constructor is to give.
struct Output {
    /// It builds `jsonb`.
    binary: bool,
    ty: Option<Type>,
    /// Where FORMAT stands in RETURNING.
    at: i32,
}

impl Output {
    const fn built(&self) -> Oid {
        if self.binary { Oid::JSONB } else { Oid::JSON }
    }
}

fn encoding(format: &JsonFormat) -> &'static str {
    format.encoding.unwrap_or("UTF8")
}

/// FORMAT JSON stands behind strings, `bytea` and what is JSON already.
fn check_format(oid: Oid, format: &JsonFormat) -> Result<()> {
    let refuse = |message: &str| Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(format.at));
    if format.encoding.is_some() && oid != Oid::BYTEA {
        return refuse("JSON ENCODING clause is only allowed for bytea input type");
    }
    if matches!(oid, Oid::JSON | Oid::JSONB | Oid::BYTEA | Oid::UNKNOWN) || category(oid) == 'S' {
        return Ok(());
    }
    refuse("cannot use non-string types with explicit FORMAT JSON clause")
}
