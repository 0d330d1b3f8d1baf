//! Type names: from what was written to a type and its modifier. After `typenameType` and `typenameTypeMod`.

use borealis_catalog::describe::{Names, format_type};
use borealis_catalog::snapshot::PG_CATALOG_SCHEMA;
use borealis_catalog::system::DATABASE_NAME;
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types, typmod};

use super::{BindContext, Binder};
use crate::ast::{ExprKind, TypeName};

/// The type a name stands for, and the warning its modifier may deserve.
///
/// # Errors
/// `42704` for an unknown type, `22023` for a bad modifier, `0A000` for a form that is not supported.
pub fn resolve_type(name: &TypeName, ctx: &BindContext<'_>) -> Result<(Type, Option<SqlError>)> {
    if name.percent_type {
        return Err(SqlError::unsupported("%TYPE references are not supported").at(name.at));
    }
    if name.setof {
        return Err(SqlError::new(SqlState::INVALID_TABLE_DEFINITION, "SETOF is not allowed here").at(name.at));
    }
    if let [schema, _] = name.names.as_slice() {
        ctx.named_schema(schema).map_err(|error| error.at(name.at))?;
    }
    let Some(base) = find(&name.names, ctx) else {
        return Err(undefined(&name.names, ctx).at(name.at));
    };
    if !base.declared.is_invalid() {
        return Ok((declared(base, name, ctx)?, None));
    }
    let oid = if name.array_dimensions == 0 { base.oid } else { array_of(base.oid, name)? };
    let (typmod, warning) = modifier(name, base.oid)?;
    Ok((Type::new(oid, typmod), warning))
}

/// A domain or row type, or an array over one: none takes a modifier.
fn declared(base: Type, name: &TypeName, ctx: &BindContext<'_>) -> Result<Type> {
    if !name.modifiers.is_empty() {
        let message = format!("type modifier is not allowed for type \"{}\"", name.names.last().map_or("", String::as_str));
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(name.at));
    }
    if name.array_dimensions == 0 {
        return Ok(base);
    }
    ctx.catalog.array_type(base).ok_or_else(|| undefined(&name.names, ctx).at(name.at))
}

fn array_of(base: Oid, name: &TypeName) -> Result<Oid> {
    if base == Oid::RECORD {
        return Ok(Oid::RECORD_ARRAY);
    }
    types::array_of(base).filter(|array| types::by_oid(*array).is_some()).ok_or_else(|| {
        let display = types::format_type(Type::plain(base));
        match types::array_of(base) {
            // The type is known and so is the number of its array type; there are no values of either.
            Some(_) => SqlError::unsupported(format!("datatype {display}[] not supported")),
            None => SqlError::new(SqlState::UNDEFINED_OBJECT, format!("type \"{}[]\" does not exist", name.names.join("."))),
        }
        .at(name.at)
    })
}

/// The type of that name, by the search path where it has no schema.
pub(crate) fn find(names: &[String], ctx: &BindContext<'_>) -> Option<Type> {
    match names {
        [name] => ctx.search_path.iter().find_map(|schema| in_schema(*schema, name, ctx)),
        [schema, name] => in_schema(ctx.catalog.schema(schema)?.oid, name, ctx),
        _ => None,
    }
}

fn in_schema(schema: Oid, name: &str, ctx: &BindContext<'_>) -> Option<Type> {
    if schema == PG_CATALOG_SCHEMA {
        return types::by_name(name).map(|info| Type::plain(info.oid));
    }
    let domain = || ctx.catalog.domain(schema, name).map(|domain| domain.value_type());
    let row = || ctx.catalog.table(schema, name).map(|table| Type::plain(Oid::RECORD).declared_as(table.row_type));
    domain().or_else(row)
}

fn undefined(names: &[String], ctx: &BindContext<'_>) -> SqlError {
    if let [schema, _] = names
        && ctx.catalog.schema(schema).is_none()
    {
        return SqlError::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{schema}\" does not exist"));
    }
    // The dialect knows more types by name than it has values for.
    let bare = names.last().map(String::as_str).unwrap_or_default();
    let builtin = names.len() == 1 || names.first().is_some_and(|schema| schema == "pg_catalog");
    if builtin && is_refused_type(bare) {
        return SqlError::unsupported(format!("datatype {} not supported", display(bare)));
    }
    SqlError::new(SqlState::UNDEFINED_OBJECT, format!("type \"{}\" does not exist", names.join(".")))
}

/// Types of PostgreSQL that exist by name only.
const REFUSED: [&str; 33] = [
    "bit",
    "box",
    "cidr",
    "circle",
    "datemultirange",
    "daterange",
    "inet",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "nummultirange",
    "numrange",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "tid",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "varbit",
    "xml",
];

/// Whether the name is that of a type that exists in PostgreSQL and is refused here.
pub(crate) fn is_refused_type(name: &str) -> bool {
    REFUSED.binary_search(&name).is_ok()
}

fn display(name: &str) -> &str {
    match name {
        "varbit" => "bit varying",
        other => other,
    }
}

fn modifier(name: &TypeName, base: Oid) -> Result<(i32, Option<SqlError>)> {
    if name.modifiers.is_empty() {
        return Ok((-1, None));
    }
    if !takes_modifier(base) {
        let display = types::by_oid(base).map_or("???", |info| info.name);
        let message = format!("type modifier is not allowed for type \"{display}\"");
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(name.at));
    }
    let mut values = Vec::with_capacity(name.modifiers.len());
    for expr in &name.modifiers {
        let value = match &expr.kind {
            ExprKind::Integer(value) => Some(*value),
            ExprKind::Number(text) | ExprKind::String(text) => match text.parse::<i32>() {
                Ok(value) => Some(value),
                Err(_) => return Err(bad_integer(text).at(name.at)),
            },
            ExprKind::Column(names) => match names.as_slice() {
                [only] => return Err(bad_integer(only).at(name.at)),
                _ => None,
            },
            _ => None,
        };
        let Some(value) = value else {
            let message = "type modifiers must be simple constants or identifiers";
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(name.at));
        };
        values.push(value);
    }
    typmod::input(base, &values).map_err(|error| error.at(name.at))
}

fn bad_integer(text: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("invalid input syntax for type integer: \"{text}\""))
}

fn takes_modifier(oid: Oid) -> bool {
    types::by_oid(oid).is_some_and(|info| info.modin.oid != Oid::INVALID)
}

impl BindContext<'_> {
    /// A type as messages write it, without its modifier.
    pub(crate) fn type_name(&self, ty: Type) -> String {
        if ty.declared.is_invalid() {
            return types::format_type(Type::plain(ty.oid));
        }
        let names = Names { catalog: self.catalog, search_path: self.search_path, database: DATABASE_NAME };
        format_type(&names, ty.declared, None)
    }
}

impl Binder<'_> {
    pub(crate) fn resolve_type_name(&mut self, name: &TypeName) -> Result<Type> {
        match resolve_type(name, self.ctx) {
            Ok((ty, warning)) => {
                self.notices.extend(warning);
                Ok(ty)
            }
            Err(error) if error.sqlstate() == SqlState::UNDEFINED_OBJECT => self.named_row_type(name).ok_or(error),
            Err(error) => Err(error),
        }
    }
}
