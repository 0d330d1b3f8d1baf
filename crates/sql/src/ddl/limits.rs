//! What the dialect refuses and limits, asked where DDL needs it.

use borealis_dialect::{ColumnType, Dialect, Limits, Refusal};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types};

use crate::bind::BindContext;

/// A refusal of the dialect as an error.
pub(crate) fn error(refusal: Refusal) -> SqlError {
    SqlError::new(SqlState::from_text(refusal.sqlstate).unwrap_or(SqlState::FEATURE_NOT_SUPPORTED), refusal.message).form(refusal.form)
}

/// What Aurora DSQL accepts and this version does not build.
pub(crate) fn not_yet(what: &str) -> SqlError {
    SqlError::unsupported(format!("{what} is not supported by this version of Borealis"))
}

/// What nobody may do to an object of the system.
pub(crate) fn system_entity() -> SqlError {
    SqlError::unsupported("feature not supported on system entity").form("grant/system object")
}

/// Refuses one more than the limit.
pub(crate) fn check(name: &str, count: usize, limits: &Limits) -> Result<()> {
    check_with(name, count, &[], limits)
}

/// [`check`] with arguments of the message.
pub(crate) fn check_with(name: &str, count: usize, args: &[&str], limits: &Limits) -> Result<()> {
    limits.check(name, u64::try_from(count).unwrap_or(u64::MAX), args).map_err(error)
}

/// Refuses a table of too many columns. The index that a primary key is holds all of them, and is named first.
pub(crate) fn check_columns(count: usize, keyed: bool, limits: &Limits) -> Result<()> {
    if keyed {
        check("columns of a keyed table", count, limits)?;
    }
    check("columns per table", count, limits)
}

/// The type's name as the dialect lists it.
fn listed_name(oid: Oid) -> String {
    match oid {
        Oid::BPCHAR => "character".to_owned(),
        other => types::format_type(Type::plain(other)),
    }
}

/// Refuses a column of a type that cannot be stored, told by the name it is declared under.
pub(crate) fn check_declared_type(ty: Type, ctx: &BindContext<'_>) -> Result<()> {
    if ty.declared.is_invalid() || ctx.catalog.domain_by_oid(ty.declared).is_some() {
        return check_column_type(ty, ctx.limits);
    }
    Err(SqlError::unsupported(format!("datatype {} not supported", ctx.type_name(ty))))
}

/// Refuses a column of a type that cannot be stored.
pub(crate) fn check_column_type(ty: Type, limits: &Limits) -> Result<()> {
    let element = types::element_of(ty.oid).filter(|_| types::by_oid(ty.oid).is_some_and(|info| info.is_array()));
    let name = listed_name(element.unwrap_or(ty.oid));
    if let ColumnType::Refused(refusal) = borealis_dialect::column_type(&name, element.is_some(), limits.dialect()) {
        return Err(error(refusal));
    }
    check_length(ty, limits)
}

fn check_length(ty: Type, limits: &Limits) -> Result<()> {
    let length = borealis_pgtypes::typmod::character_length(ty.typmod).unwrap_or(0);
    match ty.oid {
        Oid::BPCHAR if ty.typmod >= 0 => check("char bytes", length, limits),
        Oid::VARCHAR if ty.typmod >= 0 => check("varchar bytes", length, limits),
        Oid::NUMERIC if ty.typmod >= 0 => {
            let (precision, scale) = borealis_pgtypes::typmod::numeric_precision_scale(ty.typmod);
            let text = precision.to_string();
            check_with("numeric precision", usize::try_from(precision).unwrap_or(usize::MAX), &[&text], limits)?;
            let text = scale.to_string();
            check_with("numeric scale", usize::try_from(scale.unsigned_abs()).unwrap_or(usize::MAX), &[&text], limits)
        }
        _ => Ok(()),
    }
}

/// Refuses a key of a type that no key may have.
pub(crate) fn check_key_type(ty: Type, dialect: Dialect) -> Result<()> {
    match borealis_dialect::key_type_refusal(&listed_name(ty.oid), dialect) {
        Some(refusal) => Err(error(refusal)),
        None => Ok(()),
    }
}
