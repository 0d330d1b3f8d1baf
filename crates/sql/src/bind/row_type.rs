//! Rows of tables as values with a type of their own.
//!
//! Such a value is a `record` that is declared as the table's row type. So everything
//! that works on records works on them, and what must know the fields finds them in the catalog. Functions that make rows of JSON are told the fields
//! by a last argument, the shape (see `pgtypes::functions::json_record`).

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_pgtypes::{Datum, Function, Oid, RecordValue, Result, SqlError, SqlState, Type, record};

use super::record::{fields_of, whole_row_type};
use super::scope::NsItem;
use super::{Binder, Node, relation};
use crate::ast::TypeName;
use crate::expr::{Expr, ExprKind};

/// The type of a table's rows.
pub(crate) fn row_type(table: &Table) -> Type {
    Type::row_of(table.row_type)
}

impl Binder<'_> {
    /// The type of an item's rows: the table's, when the item is a table's columns as they are.
    pub(crate) fn item_row_type(&self, item: &NsItem) -> Type {
        let origin = item.columns.first().and_then(|column| column.origin);
        let table = origin.and_then(|(oid, _)| self.ctx.catalog.table_by_oid(oid));
        let same = |table: &&Arc<Table>| {
            item.columns.len() == table.live_columns().count()
                && item.columns.iter().all(|column| column.origin.is_some_and(|(oid, _)| oid == table.oid))
        };
        table.filter(same).map_or(whole_row_type(), |table| row_type(table))
    }

    /// The table whose row type has that name.
    pub(crate) fn named_row_type(&self, name: &TypeName) -> Option<Type> {
        let (schema, name) = match name.names.as_slice() {
            [table] if name.array_dimensions == 0 => (None, table),
            [schema, table] if name.array_dimensions == 0 => (Some(schema.as_str()), table),
            _ => return None,
        };
        match relation::find(self.ctx, schema, name).ok()?? {
            relation::Found::Table(table) => Some(row_type(&table)),
            relation::Found::View(_) | relation::Found::Sequence(_) | relation::Found::System(_) => None,
        }
    }

    /// Names and types of the fields of a row type.
    pub(crate) fn fields_of_type(&self, ty: Type) -> Vec<(String, Type)> {
        let table = ty.row_type().and_then(|oid| self.ctx.catalog.table_of_type(oid));
        table.map(|table| table.live_columns().map(|column| (column.name.clone(), column.ty)).collect()).unwrap_or_default()
    }

    fn row_type_name(&self, ty: Type) -> String {
        ty.row_type().and_then(|oid| self.ctx.catalog.table_of_type(oid)).map_or_else(|| "record".to_owned(), |table| table.name.clone())
    }

    /// A cast to a table's row type.
    pub(crate) fn cast_to_row(&mut self, node: Node, target: Type, at: i32) -> Result<Node> {
        let place = node.at;
        let typed = |kind: ExprKind| Node::new(kind, target, place).leftmost(at);
        if node.expr.ty == target {
            return Ok(node.leftmost(at));
        }
        match node.expr.kind {
            ExprKind::Const(Datum::Null) => Ok(typed(ExprKind::Const(Datum::Null))),
            ExprKind::Const(Datum::Text(text)) if node.expr.ty.oid == Oid::UNKNOWN => {
                let value = self.read_row(&text, target).map_err(|error| error.at(place))?;
                Ok(typed(ExprKind::Const(value)))
            }
            ExprKind::Row { items, .. } => self.cast_items(items, target, at).map(typed),
            _ => {
                let message = format!("cannot cast type {} to {}", super::coerce::type_text(node.expr.ty.oid), self.row_type_name(target));
                Err(SqlError::new(SqlState::CANNOT_COERCE, message).at(at))
            }
        }
    }

    fn cast_items(&mut self, items: Vec<Expr>, target: Type, at: i32) -> Result<ExprKind> {
        let fields = self.fields_of_type(target);
        if items.len() != fields.len() {
            let which = if items.len() < fields.len() { "few" } else { "many" };
            let message = format!("cannot cast type record to {}", self.row_type_name(target));
            let error = SqlError::new(SqlState::CANNOT_COERCE, message);
            return Err(error.detail(format!("Input has too {which} columns.")).at(at));
        }
        let mut cast = Vec::with_capacity(items.len());
        let mut names = Vec::with_capacity(items.len());
        for (item, (name, ty)) in items.into_iter().zip(fields) {
            cast.push(self.explicit_cast(Node { expr: item, at }, ty, at)?.expr);
            names.push(name);
        }
        Ok(ExprKind::Row { items: cast, names })
    }

    /// Reads `(a,"b c",)`.
    fn read_row(&self, text: &str, target: Type) -> Result<Datum> {
        let fields = self.fields_of_type(target);
        let types: Vec<Type> = fields.iter().map(|(_, ty)| *ty).collect();
        let values = record::parse(text, &types, self.ctx.eval)?;
        let fields = fields.into_iter().map(|(name, ty)| (Arc::from(name), ty.oid)).collect();
        Ok(Datum::Record(Arc::new(RecordValue { fields, values })))
    }

    /// The arguments of a function that makes rows of JSON, with the shape behind them where it is known, and the type of its result.
    pub(crate) fn with_shape(&mut self, function: &Function, mut args: Vec<Expr>, result: Oid) -> Result<(Vec<Expr>, Type)> {
        if !function.takes_shape() || function.args.len() < 2 {
            return Ok((args, Type::plain(result)));
        }
        let base = args[0].ty;
        if base.oid != Oid::RECORD {
            let message = format!("first argument of {} must be a row type", function.name);
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message));
        }
        let mut fields = fields_of(&args[0]);
        if fields.is_empty() {
            fields = self.fields_of_type(base);
        }
        if !fields.is_empty() {
            args.push(shape(&fields));
        }
        Ok((args, base))
    }
}

/// The shape of a row as an argument.
pub(crate) fn shape(fields: &[(String, Type)]) -> Expr {
    let values = fields.iter().map(|(_, ty)| Datum::Int4(ty.typmod)).collect();
    let fields = fields.iter().map(|(name, ty)| (Arc::from(name.as_str()), ty.oid)).collect();
    Expr::constant(Datum::Record(Arc::new(RecordValue { fields, values })), Type::plain(Oid::RECORD))
}

/// The fields that a call's shape says.
pub(crate) fn fields_of_shape(function: &Function, args: &[Expr]) -> Option<Vec<(String, Type)>> {
    if !function.takes_shape() || args.len() != function.args.len() + 1 {
        return None;
    }
    let ExprKind::Const(Datum::Record(record)) = &args.last()?.kind else { return None };
    let field = |((name, oid), modifier): (&(Arc<str>, Oid), &Datum)| {
        let typmod = if let Datum::Int4(typmod) = modifier { *typmod } else { -1 };
        (name.to_string(), Type::new(*oid, typmod))
    };
    Some(record.fields.iter().zip(&record.values).map(field).collect())
}
