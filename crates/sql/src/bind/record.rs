//! Row values: constructors, whole-row references, fields.

use borealis_catalog::{Column, Table};
use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, Type};

use super::row_type::fields_of_shape;
use super::scope::NsItem;
use super::{Binder, Node};
use crate::ast::{self, ExprKind as Ast};
use crate::bound::{QueryBody, Relation, RelationEntry};
use crate::expr::{Coercion, ColumnRef, Expr, ExprKind};

/// The most fields a row constructor may have.
const FIELDS_MAX: usize = 1664;

/// The type of a row that is no table's.
pub(crate) const fn whole_row_type() -> Type {
    Type::plain(Oid::RECORD)
}

/// All columns of an item as one value.
pub(crate) fn whole_row(item: &NsItem) -> Expr {
    let items = item.columns.iter().map(|column| column.expr.clone()).collect();
    let names = item.columns.iter().map(|column| column.name.clone()).collect();
    Expr::new(ExprKind::Row { items, names }, Type::plain(Oid::RECORD))
}

/// The row of a relation that an outer join may leave without one: NULL as a whole then, not a row of NULLs.
pub(crate) fn row_if_there(row: Expr, relation: usize) -> Expr {
    let locator = ColumnRef { depth: 0, relation, column: ColumnRef::LOCATOR };
    let arg = Box::new(Expr::new(ExprKind::Column(locator), Type::plain(Oid::BYTEA)));
    let there = Expr::new(ExprKind::IsNull { arg, negated: true }, Type::plain(Oid::BOOL));
    let ty = row.ty;
    Expr::new(ExprKind::Case { arg: None, whens: vec![(there, row)], otherwise: None }, ty)
}

/// The row within [`row_if_there`].
pub(crate) fn row_when_there(expr: &Expr) -> Option<&Expr> {
    let ExprKind::Case { arg: None, whens, otherwise: None } = &expr.kind else { return None };
    let [(Expr { kind: ExprKind::IsNull { arg, negated: true }, .. }, row)] = whens.as_slice() else { return None };
    matches!(arg.kind, ExprKind::Column(column) if column.column == ColumnRef::LOCATOR).then_some(row)
}

impl Binder<'_> {
    pub(crate) fn row(&mut self, items: &[ast::Expr], at: i32) -> Result<Node> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                Ast::Star(qualifier) => values.extend(self.star(qualifier, item.at)?.into_iter().map(|(_, node, _)| node.expr)),
                _ => {
                    let node = self.expr(item)?;
                    values.push(self.settle(node)?.expr);
                }
            }
        }
        if values.len() > FIELDS_MAX {
            return Err(SqlError::new(SqlState::TOO_MANY_COLUMNS, format!("ROW expressions can have at most {FIELDS_MAX} entries")).at(at));
        }
        let names = (1..=values.len()).map(|number| format!("f{number}")).collect();
        Ok(Node::plain(ExprKind::Row { items: values, names }, Oid::RECORD, at))
    }

    /// `(value).field`
    pub(crate) fn field(&mut self, base: &ast::Expr, field: &str, at: i32) -> Result<Node> {
        let node = self.expr(base)?;
        let place = node.at;
        if node.oid() != Oid::RECORD {
            let name = self.ctx.type_name(node.expr.ty);
            let message = format!("column notation .{field} applied to type {name}, which is not a composite type");
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(if at < 0 { place } else { at }));
        }
        let fields = self.fields(&node.expr);
        let Some((index, ty)) = fields.iter().enumerate().find(|(_, (name, _))| name == field).map(|(index, (_, ty))| (index, *ty)) else {
            let message = match &base.kind {
                Ast::Column(names) => format!("column {}.{field} does not exist", names.join(".")),
                _ => format!("could not identify column \"{field}\" in record data type"),
            };
            return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, message).at(if at < 0 { place } else { at }));
        };
        Ok(Node::new(field_expr(node.expr, index), ty, place))
    }

    /// Names and types of a row value's fields; for a column of a subquery, those of the row the subquery computes.
    pub(crate) fn fields(&self, expr: &Expr) -> Vec<(String, Type)> {
        let ExprKind::Column(column) = &expr.kind else {
            let fields = fields_of(expr);
            return if fields.is_empty() { self.fields_of_type(expr.ty) } else { fields };
        };
        if expr.ty.row_type().is_some() {
            return self.fields_of_type(expr.ty);
        }
        let level = usize::try_from(column.depth).ok().and_then(|depth| self.levels.len().checked_sub(depth + 1));
        level.map(|level| column_fields(&self.levels[level].relations, column)).unwrap_or_default()
    }

    /// `field(row)`, which is `row.field` when the row has such a field and nothing in the call says otherwise.
    pub(crate) fn call_as_field(&mut self, call: &ast::FunctionCall, args: &mut Vec<Node>) -> Result<Option<Node>> {
        let ([name], [arg]) = (call.name.as_slice(), args.as_slice()) else { return Ok(None) };
        let plain = !call.star && !call.distinct && !call.variadic && call.order_by.is_empty() && call.filter.is_none();
        if arg.oid() != Oid::RECORD || !plain || call.args[0].name.is_some() {
            return Ok(None);
        }
        let fields = self.fields(&arg.expr);
        let Some((index, ty)) = fields.iter().enumerate().find(|(_, (known, _))| known == name).map(|(index, (_, ty))| (index, *ty)) else {
            return Ok(None);
        };
        let Some(arg) = args.pop() else { return Ok(None) };
        Ok(Some(Node::new(field_expr(arg.expr, index), ty, arg.at)))
    }

    /// A record as a row of a table: `coerce_record_to_complex`. `None` when it is of another row type or its fields are not known.
    pub(crate) fn coerce_to_row_type(&mut self, node: Node, table: &Table, context: CastContext) -> Result<Option<Node>> {
        let (ty, at) = (Type::plain(Oid::RECORD).declared_as(table.row_type), node.at);
        if node.is_null_constant() {
            return Ok(Some(Node::new(node.expr.kind, ty, at)));
        }
        let given = self.fields(&node.expr);
        if !node.expr.ty.declared.is_invalid() || given.is_empty() {
            return Ok(None);
        }
        let refused = |detail: String| {
            let message = format!("cannot cast type record to {}", self.ctx.type_name(ty));
            SqlError::new(SqlState::CANNOT_COERCE, message).detail(detail).at(at)
        };
        let columns: Vec<&Column> = table.live_columns().collect();
        if given.len() != columns.len() {
            let relation = if given.len() < columns.len() { "few" } else { "many" };
            return Err(refused(format!("Input has too {relation} columns.")));
        }
        let mut fields = Vec::with_capacity(columns.len());
        for (index, ((_, source), column)) in given.iter().zip(&columns).enumerate() {
            let field = Node::new(ExprKind::CaseArg, *source, -1);
            let Some(field) = self.coerce_to(field, column.ty, context)? else {
                let (source, target) = (self.ctx.type_name(*source), self.ctx.type_name(column.ty));
                let message = format!("cannot cast type record to {}", self.ctx.type_name(ty));
                let detail = format!("Cannot cast type {source} to {target} in column {}.", index + 1);
                return Err(SqlError::new(SqlState::CANNOT_COERCE, message).detail(detail).at(at));
            };
            fields.push(field.expr);
        }
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let coercion = Coercion::RowFields { fields, names };
        Ok(Some(Node::new(ExprKind::Coerce { arg: Box::new(node.expr), coercion }, ty, at)))
    }

    /// `(value).*`: every field with its name.
    pub(crate) fn field_star(&mut self, base: &ast::Expr, at: i32) -> Result<Vec<(String, Node)>> {
        let node = self.expr(base)?;
        let fields = self.fields(&node.expr);
        if node.oid() != Oid::RECORD || fields.is_empty() {
            let message = "record type has not been registered";
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at));
        }
        let expand = |(index, (name, ty)): (usize, (String, Type))| (name, Node::new(field_expr(node.expr.clone(), index), ty, node.at));
        Ok(fields.into_iter().enumerate().map(expand).collect())
    }
}

/// A field of a row that is still in pieces is the piece.
fn field_expr(base: Expr, field: usize) -> ExprKind {
    // Without the row each of its pieces is NULL as well.
    let base = row_when_there(&base).cloned().unwrap_or(base);
    match base.kind {
        ExprKind::Row { mut items, .. } if field < items.len() => items.swap_remove(field).kind,
        kind => ExprKind::Field { base: Box::new(Expr { kind, ty: base.ty }), field },
    }
}

fn column_fields(relations: &[RelationEntry], column: &ColumnRef) -> Vec<(String, Type)> {
    let Some(Relation::Subquery(query)) = relations.get(column.relation).map(|entry| &entry.relation) else { return Vec::new() };
    let QueryBody::Select(select) = &query.body else { return Vec::new() };
    match select.targets.get(column.column) {
        Some(Expr { kind: ExprKind::Column(inner), .. }) if inner.depth == 0 => column_fields(&select.relations, inner),
        Some(target) => fields_of(target),
        None => Vec::new(),
    }
}

/// Names and types of a row value's fields, where they are known; empty where they are not.
pub(crate) fn fields_of(expr: &Expr) -> Vec<(String, Type)> {
    match &expr.kind {
        ExprKind::Row { items, names } => names.iter().cloned().zip(items.iter().map(|item| item.ty)).collect(),
        ExprKind::Call { function, args, .. } | ExprKind::SetFunction { function, args } => {
            if let Some(fields) = fields_of_shape(function, args) {
                return fields;
            }
            let types: Vec<Oid> = args.iter().map(|arg| arg.ty.oid).collect();
            function.columns_of_call(&types).map(|(name, oid)| (name.to_owned(), Type::plain(oid))).collect()
        }
        ExprKind::Routine(call) => call.spec.columns.clone(),
        ExprKind::Coerce { arg, coercion: Coercion::Relabel } => fields_of(arg),
        ExprKind::Case { .. } => row_when_there(expr).map(fields_of).unwrap_or_default(),
        ExprKind::Subquery(subquery) => match &subquery.query.body {
            QueryBody::Select(select) if select.targets.len() == 1 => fields_of(&select.targets[0]),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The name of a row value's field, where it is known.
pub(crate) fn field_name(expr: &Expr, field: usize) -> Option<String> {
    fields_of(expr).into_iter().nth(field).map(|(name, _)| name)
}
