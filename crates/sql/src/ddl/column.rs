//! Column definitions.

use borealis_catalog::{Acl, Column, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types};

use super::Work;
use super::limits;
use crate::ast::{ColumnConstraint, ColumnConstraintKind, ColumnDefinition};
use crate::bind::resolve_type;

/// Names of PostgreSQL's system columns, which no column may have.
pub(crate) const SYSTEM_COLUMNS: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

impl Work<'_> {
    /// The column without its default: type, NOT NULL, storage.
    pub(crate) fn column(&mut self, definition: &ColumnDefinition, table: &Table) -> Result<Column> {
        check_name(&definition.name)?;
        let (ty, warning) = resolve_type(&definition.ty, self.ctx)?;
        self.may_use_type(ty.declared)?;
        self.notices.extend(warning);
        check_pseudo(&definition.name, ty)?;
        limits::check_declared_type(ty, self.ctx)?;
        let number = i16::try_from(table.columns.len() + 1).map_err(|_| SqlError::internal("too many columns"))?;
        Ok(Column {
            number,
            name: definition.name.clone(),
            ty,
            not_null: declared_not_null(definition, table)?,
            default: None,
            identity: None,
            generated: None,
            dropped: false,
            storage: storage(definition.storage.as_deref(), ty.oid)?,
            acl: Acl::default(),
            comment: None,
        })
    }
}

fn check_name(name: &str) -> Result<()> {
    if SYSTEM_COLUMNS.contains(&name) {
        let message = format!("column name \"{name}\" conflicts with a system column name");
        return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message));
    }
    Ok(())
}

fn check_pseudo(name: &str, ty: Type) -> Result<()> {
    match types::by_oid(ty.oid) {
        Some(info) if info.kind == 'p' && ty.declared.is_invalid() => {
            let message = format!("column \"{name}\" has pseudo-type {}", info.display);
            Err(SqlError::new(SqlState::INVALID_TABLE_DEFINITION, message))
        }
        _ => Ok(()),
    }
}

/// Which of the clauses that give a column its values have been seen.
#[derive(Default)]
pub(crate) struct Specification {
    default: bool,
    identity: bool,
    generated: bool,
}

impl Specification {
    /// Adds a constraint: each of the clauses may stand once, and alone. After `transformColumnDefinition`.
    pub(crate) fn add(&mut self, constraint: &ColumnConstraint, column: &str, table: &str) -> Result<()> {
        let (seen, again) = match constraint.kind {
            ColumnConstraintKind::Default(_) => (&mut self.default, "multiple default values specified"),
            ColumnConstraintKind::Identity { .. } => (&mut self.identity, "multiple identity specifications"),
            ColumnConstraintKind::Generated(_) => (&mut self.generated, "multiple generation clauses specified"),
            _ => return Ok(()),
        };
        let repeated = std::mem::replace(seen, true);
        let wrong = match (self.default, self.identity, self.generated) {
            _ if repeated => again,
            (true, true, _) => "both default and identity specified",
            (true, _, true) => "both default and generation expression specified",
            (_, true, true) => "both identity and generation expression specified",
            _ => return Ok(()),
        };
        let message = format!("{wrong} for column \"{column}\" of table \"{table}\"");
        Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(constraint.at))
    }
}

/// NULL and NOT NULL must not contradict each other.
fn declared_not_null(definition: &ColumnDefinition, table: &Table) -> Result<bool> {
    let mut declared: Option<bool> = None;
    for constraint in &definition.constraints {
        let not_null = match constraint.kind {
            ColumnConstraintKind::NotNull => true,
            ColumnConstraintKind::Null => false,
            _ => continue,
        };
        if declared.is_some_and(|known| known != not_null) {
            return Err(conflicting_null(&definition.name, table, constraint.at));
        }
        declared = Some(not_null);
    }
    Ok(declared.unwrap_or(false))
}

pub(crate) fn conflicting_null(column: &str, table: &Table, at: i32) -> SqlError {
    let message = format!("conflicting NULL/NOT NULL declarations for column \"{column}\" of table \"{}\"", table.name);
    SqlError::new(SqlState::SYNTAX_ERROR, message).at(at)
}

/// `attstorage` from a STORAGE clause, or the type's own.
pub(crate) fn storage(written: Option<&str>, oid: Oid) -> Result<char> {
    let own = types::by_oid(oid).map_or('p', |info| info.storage);
    let Some(written) = written else { return Ok(own) };
    let storage = match written.to_ascii_lowercase().as_str() {
        "plain" => 'p',
        "external" => 'e',
        "extended" => 'x',
        "main" => 'm',
        "default" => own,
        _ => {
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid storage type \"{written}\"")));
        }
    };
    if storage != 'p' && own == 'p' {
        let name = types::format_type(Type::plain(oid));
        return Err(SqlError::unsupported(format!("column data type {name} can only have storage PLAIN")));
    }
    Ok(storage)
}
