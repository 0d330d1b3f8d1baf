//! Functions in FROM. After `transformRangeFunction` and `addRangeTableEntryForFunction`.

use std::sync::Arc;

use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type};

use super::from::Bound;
use super::record::fields_of;
use super::row_type::shape;
use super::scope::output;
use super::target::column_name;
use super::{Binder, Clause, walk};
use crate::ast::{self, ColumnDefinitionItem, ExprKind as Ast, FunctionRef};
use crate::bound::{OutputColumn, Relation, TableFunction};
use crate::expr::{Expr, ExprKind, RoutineSpec};

impl Binder<'_> {
    pub(crate) fn table_function(&mut self, reference: &FunctionRef) -> Result<Bound> {
        // A function in FROM may refer to earlier items whether LATERAL is written or not.
        let before = std::mem::replace(&mut self.level().lateral_active, true);
        let bound = self.in_clause(Clause::FromFunction, |binder| binder.functions(reference));
        self.level().lateral_active = before;
        let (mut functions, name) = bound?;
        let scalar = matches!(functions.as_slice(), [function] if gives_values(function)) && !reference.ordinality;
        if let [function] = functions.as_mut_slice()
            && !reference.ordinality
            && let Some(query) = self.inlined_set(function)?
        {
            let columns = function.columns.iter().map(|(name, ty)| output(name, *ty)).collect();
            let lateral = walk::contains(&function.expr, &is_column) || reference.lateral;
            let bound = self.add_relation(Relation::Subquery(Box::new(query)), &name, columns, lateral, reference.alias.as_ref())?;
            if let Some(entry) = self.level().relations.last_mut() {
                entry.form.scalar = scalar;
            }
            return Ok(bound);
        }
        let mut columns: Vec<OutputColumn> =
            functions.iter().flat_map(|function| function.columns.iter().map(|(name, ty)| output(name, *ty))).collect();
        if reference.ordinality {
            columns.push(output("ordinality", Type::plain(Oid::INT8)));
        }
        let lateral = functions.iter().any(|function| walk::contains(&function.expr, &is_column)) || reference.lateral;
        let relation = Relation::Function { functions, ordinality: reference.ordinality };
        let bound = self.add_relation(relation, &name, columns, lateral, reference.alias.as_ref())?;
        if let Some(entry) = self.level().relations.last_mut() {
            entry.form.lateral = reference.lateral;
            entry.form.scalar = scalar;
        }
        Ok(bound)
    }

    fn functions(&mut self, reference: &FunctionRef) -> Result<(Vec<TableFunction>, String)> {
        if let (true, false, [(_, definitions)]) = (reference.ordinality, reference.rows_from, reference.functions.as_slice())
            && let Some(first) = definitions.first()
        {
            let error = SqlError::new(SqlState::SYNTAX_ERROR, "WITH ORDINALITY cannot be used with a column definition list");
            return Err(error.hint("Put the column definition list inside ROWS FROM().").at(first.at));
        }
        let expanded = expand_unnest(reference);
        let name = reference.functions.first().map(|(expr, _)| column_name(expr)).unwrap_or_default();
        let alias = reference.alias.as_ref().filter(|_| expanded.len() == 1).map(|alias| alias.name.as_str());
        let mut functions = Vec::with_capacity(expanded.len());
        for (expr, definitions) in &expanded {
            functions.push(self.function_item(expr, definitions, alias)?);
        }
        Ok((functions, name))
    }

    fn function_item(&mut self, expr: &ast::Expr, definitions: &[ColumnDefinitionItem], alias: Option<&str>) -> Result<TableFunction> {
        let node = self.expr(expr)?;
        check_top_level(&node.expr, expr.at)?;
        let node = self.settle(node)?;
        if !definitions.is_empty() {
            return self.defined_columns(node.expr, definitions, expr.at);
        }
        let declared = declared_columns(&node.expr);
        if node.oid() == Oid::RECORD && declared.is_empty() {
            let message = "a column definition list is required for functions returning \"record\"";
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(expr.at));
        }
        let ty = node.expr.ty;
        let columns = match declared.len() {
            0 => vec![(out_name(&node.expr).or(alias).map_or_else(|| column_name(expr), str::to_owned), ty)],
            1 => vec![(declared[0].0.clone(), if ty.oid == Oid::RECORD { declared[0].1 } else { ty })],
            _ => declared,
        };
        // The row of a function in SQL is taken apart however narrow it is.
        let is_row = matches!(node.expr.kind, ExprKind::Routine(_)) && ty.oid == Oid::RECORD;
        let spread = columns.len() > 1 || is_row;
        Ok(TableFunction { expr: node.expr, columns, spread, defined: false })
    }

    fn defined_columns(&mut self, expr: Expr, definitions: &[ColumnDefinitionItem], at: i32) -> Result<TableFunction> {
        if expr.ty.oid != Oid::RECORD {
            let message = "a column definition list is only allowed for functions returning \"record\"";
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(at));
        }
        if !declared_columns(&expr).is_empty() {
            let message = "a column definition list is redundant for a function with OUT parameters";
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(at));
        }
        let mut columns = Vec::with_capacity(definitions.len());
        for definition in definitions {
            columns.push((definition.name.clone(), self.resolve_type_name(&definition.ty)?));
        }
        let mut expr = with_defined_shape(expr, &columns);
        demand_columns(&mut expr, &columns);
        Ok(TableFunction { expr, columns, spread: true, defined: true })
    }
}

/// Whether a function in FROM gives values rather than rows; the columns of a row may be one.
fn gives_values(function: &TableFunction) -> bool {
    function.expr.ty.oid != Oid::RECORD && !function.spread && !function.defined
}

/// A function that makes rows of JSON is told what columns it was said to have.
fn with_defined_shape(mut expr: Expr, columns: &[(String, Type)]) -> Expr {
    if let ExprKind::Call { function, args, .. } | ExprKind::SetFunction { function, args } = &mut expr.kind
        && function.takes_shape()
        && args.len() == function.args.len()
    {
        args.push(shape(columns));
    }
    expr
}

/// A function in SQL that returns a plain record learns here what its rows must be.
fn demand_columns(expr: &mut Expr, columns: &[(String, Type)]) {
    if let ExprKind::Routine(call) = &mut expr.kind {
        let spec = RoutineSpec { columns: columns.to_vec(), ..(*call.spec).clone() };
        call.spec = Arc::new(spec);
    }
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Column(_))
}

/// Columns a function says it gives.
fn declared_columns(expr: &Expr) -> Vec<(String, Type)> {
    match &expr.kind {
        ExprKind::Call { .. } | ExprKind::SetFunction { .. } | ExprKind::Routine(_) => fields_of(expr),
        _ => Vec::new(),
    }
}

/// The name of the only OUT parameter, which no alias of the relation replaces.
fn out_name(expr: &Expr) -> Option<&str> {
    const VALUE: [&str; 4] = ["json_array_elements", "json_array_elements_text", "jsonb_array_elements", "jsonb_array_elements_text"];
    match &expr.kind {
        ExprKind::SetFunction { function, .. } if VALUE.contains(&function.name) => Some("value"),
        ExprKind::Routine(call) => {
            let mut outputs = call.spec.routine.outputs();
            outputs.next().filter(|_| outputs.next().is_none()).map(|only| only.name.as_str()).filter(|name| !name.is_empty())
        }
        _ => None,
    }
}

/// A set-returning function may be the item, not part of it.
fn check_top_level(expr: &Expr, at: i32) -> Result<()> {
    let is_set = |expr: &Expr| expr.is_set();
    let mut nested = false;
    walk::children(expr, &mut |child| nested = nested || walk::contains(child, &is_set));
    if nested || !is_set(expr) && walk::contains(expr, &is_set) {
        return Err(SqlError::unsupported("set-returning functions must appear at top level of FROM").at(at));
    }
    Ok(())
}

/// `unnest(a, b)` is `ROWS FROM (unnest(a), unnest(b))`.
fn expand_unnest(reference: &FunctionRef) -> Vec<(ast::Expr, &[ColumnDefinitionItem])> {
    let mut items = Vec::with_capacity(reference.functions.len());
    for (expr, definitions) in &reference.functions {
        match &expr.kind {
            Ast::Function(call) if is_unnest(&call.name) && call.args.len() > 1 && definitions.is_empty() && !call.variadic => {
                for arg in &call.args {
                    let single = ast::FunctionCall { args: vec![arg.clone()], ..(**call).clone() };
                    items.push((ast::Expr { kind: Ast::Function(Box::new(single)), at: expr.at }, definitions.as_slice()));
                }
            }
            _ => items.push((expr.clone(), definitions.as_slice())),
        }
    }
    items
}

fn is_unnest(name: &[String]) -> bool {
    matches!(name, [name] if name == "unnest") || matches!(name, [schema, name] if schema == "pg_catalog" && name == "unnest")
}
