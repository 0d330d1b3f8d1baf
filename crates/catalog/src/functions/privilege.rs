//! `has_table_privilege` and its kin. Every one comes with and without a role before the object, both by name or by oid.

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};

use super::{Call, wrong};
use crate::describe::{self, Relation};
use crate::privilege::{self, Guarded};
use crate::snapshot::SYSTEM_ROLE;
use crate::system::{SEQUENCE_COLUMNS, cluster};
use crate::{Catalog, Privileges, Table};

/// A right asked for: its aclitem letter and whether the question is about granting it.
type Asked = (char, bool);

const TABLE: &[(&str, char)] =
    &[("SELECT", 'r'), ("INSERT", 'a'), ("UPDATE", 'w'), ("DELETE", 'd'), ("TRUNCATE", 'D'), ("REFERENCES", 'x'), ("TRIGGER", 't')];
const COLUMN: &[(&str, char)] = &[("SELECT", 'r'), ("INSERT", 'a'), ("UPDATE", 'w'), ("REFERENCES", 'x')];
const SCHEMA: &[(&str, char)] = &[("CREATE", 'C'), ("USAGE", 'U')];
const SEQUENCE: &[(&str, char)] = &[("USAGE", 'U'), ("SELECT", 'r'), ("UPDATE", 'w')];
const FUNCTION: &[(&str, char)] = &[("EXECUTE", 'X')];
const USAGE: &[(&str, char)] = &[("USAGE", 'U')];
const TABLESPACE: &[(&str, char)] = &[("CREATE", 'C')];
const DATABASE: &[(&str, char)] = &[("CREATE", 'C'), ("TEMPORARY", 'T'), ("TEMP", 'T'), ("CONNECT", 'c')];

/// The comma-separated privileges of the last argument; any of them suffices.
fn asked(text: &str, known: &[(&str, char)]) -> Result<Vec<Asked>> {
    text.split(',').map(|word| one(word.trim(), known)).collect()
}

fn one(word: &str, known: &[(&str, char)]) -> Result<Asked> {
    let upper = word.to_ascii_uppercase();
    let (name, grant) = match upper.strip_suffix(" WITH GRANT OPTION") {
        Some(name) => (name.trim_end(), true),
        None => (upper.as_str(), false),
    };
    let found = known.iter().find(|(known, _)| *known == name);
    found.map(|(_, letter)| (*letter, grant)).ok_or_else(|| {
        let message = format!("unrecognized privilege type: \"{word}\"");
        SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
    })
}

impl Call<'_> {
    /// The role asked about and the position of the object: the current role when `arity` arguments come without one.
    fn subject(&self, arity: usize) -> Result<(Oid, usize)> {
        if self.args.len() <= arity {
            return Ok((self.facts.current_role(), 0));
        }
        Ok((self.role_at(0)?, 1))
    }

    /// A role by name or oid; the name `public` is everybody.
    fn role_at(&self, at: usize) -> Result<Oid> {
        match self.arg(at) {
            Datum::Oid(oid) => Ok(*oid),
            Datum::Text(name) if &**name == "public" => Ok(privilege::PUBLIC),
            Datum::Text(name) => describe::role_by_name(self.facts.catalog(), name),
            other => Err(wrong(at, other)),
        }
    }

    /// A relation by name or oid; `None` for an oid that is no relation's.
    fn relation_at(&self, at: usize) -> Result<Option<Relation<'_>>> {
        let oid = match self.arg(at) {
            Datum::Text(name) => self.with_names(|names| describe::resolve_relation(names, name))?,
            _ => self.oid(at)?,
        };
        Ok(describe::relation_by_oid(self.facts.catalog(), oid))
    }

    fn last_text(&self) -> Result<&str> {
        self.text(self.args.len().saturating_sub(1))
    }
}

fn any(catalog: &Catalog, role: Oid, object: &Guarded, rights: &[Asked]) -> Datum {
    Datum::Bool(rights.iter().any(|(right, grant)| privilege::allowed(catalog, role, object, *right, *grant)))
}

fn guarded(relation: Relation<'_>) -> Guarded {
    match relation {
        Relation::Table(table) | Relation::Index(_, table) => Guarded { owner: table.owner, acl: table.acl.clone() },
        Relation::View(view) => Guarded { owner: view.owner, acl: view.acl.clone() },
        Relation::Sequence(sequence) => privilege::of_sequence(sequence),
        Relation::System(_) => privilege::of_system_relation(),
    }
}

/// `has_table_privilege`
pub(super) fn table(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, TABLE)?;
    Ok(relation.map_or(Datum::Null, |relation| any(call.facts.catalog(), role, &guarded(relation), &rights)))
}

/// `has_any_column_privilege`: rights are kept for whole tables, so it is the question about the table.
pub(super) fn any_column(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, COLUMN)?;
    Ok(relation.map_or(Datum::Null, |relation| any(call.facts.catalog(), role, &guarded(relation), &rights)))
}

/// `has_sequence_privilege`
pub(super) fn sequence(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, SEQUENCE)?;
    match relation {
        None => Ok(Datum::Null),
        Some(Relation::Sequence(sequence)) => Ok(any(call.facts.catalog(), role, &privilege::of_sequence(sequence), &rights)),
        Some(relation @ (Relation::Table(_) | Relation::Index(..) | Relation::View(_) | Relation::System(_))) => {
            Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", relation.name())))
        }
    }
}

/// What comes with the system and everybody may use: functions, types, languages.
fn open_to_all(right: char) -> Guarded {
    Guarded { owner: SYSTEM_ROLE, acl: vec![(privilege::PUBLIC, Privileges(right.to_string()))] }
}

impl Call<'_> {
    /// The answer about an object of the system, NULL when there is none.
    fn about_system(&self, exists: bool, role: Oid, known: &[(&str, char)], open: bool) -> Result<Datum> {
        let rights = asked(self.last_text()?, known)?;
        let object = match known.first() {
            Some((_, letter)) if open => open_to_all(*letter),
            _ => Guarded { owner: SYSTEM_ROLE, acl: Vec::new() },
        };
        Ok(if exists { any(self.facts.catalog(), role, &object, &rights) } else { Datum::Null })
    }
}

/// `has_function_privilege`
pub(super) fn function(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let oid = match call.arg(at) {
        Datum::Text(signature) => call.with_names(|names| describe::resolve_procedure_signature(names, signature))?,
        _ => call.oid(at)?,
    };
    if let Some(routine) = call.facts.catalog().routine_by_oid(oid) {
        let rights = asked(call.last_text()?, FUNCTION)?;
        return Ok(any(call.facts.catalog(), role, &privilege::of_routine(routine), &rights));
    }
    call.about_system(describe::procedure_by_oid(oid).is_some(), role, FUNCTION, true)
}

/// `has_type_privilege`
pub(super) fn type_of(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let oid = match call.arg(at) {
        Datum::Text(name) => call.with_names(|names| describe::resolve_type(names, name))?,
        _ => call.oid(at)?,
    };
    call.about_system(describe::type_by_oid(call.facts.catalog(), oid).is_some(), role, USAGE, true)
}

/// `has_language_privilege`
pub(super) fn language(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let oid = match call.arg(at) {
        Datum::Text(name) => cluster::language_by_name(name)
            .ok_or_else(|| SqlError::new(SqlState::UNDEFINED_OBJECT, format!("language \"{name}\" does not exist")))?,
        _ => call.oid(at)?,
    };
    call.about_system(cluster::language_exists(oid), role, USAGE, true)
}

/// `has_tablespace_privilege`
pub(super) fn tablespace(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let exists = match call.arg(at) {
        Datum::Text(name) if &**name == cluster::TABLESPACE_NAME => true,
        Datum::Text(name) => {
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, format!("tablespace \"{name}\" does not exist")));
        }
        _ => call.oid(at)? == cluster::TABLESPACE,
    };
    call.about_system(exists, role, TABLESPACE, false)
}

/// `has_column_privilege`: rights are kept for whole tables, so the column only has to exist.
pub(super) fn column(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(3)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, COLUMN)?;
    let Some(relation) = relation else { return Ok(Datum::Null) };
    let exists = match call.arg(at + 1) {
        Datum::Text(name) => has_column(&relation, name)?,
        _ => has_number(&relation, call.integer(at + 1)?),
    };
    Ok(if exists { any(call.facts.catalog(), role, &guarded(relation), &rights) } else { Datum::Null })
}

fn has_column(relation: &Relation<'_>, name: &str) -> Result<bool> {
    let found = match relation {
        Relation::Table(table) => table.column(name).is_some(),
        Relation::View(view) => view.column(name).is_some(),
        Relation::System(relation) => relation.columns.iter().any(|column| column.0 == name),
        Relation::Index(..) => false,
        Relation::Sequence(_) => SEQUENCE_COLUMNS.iter().any(|(column, _)| *column == name),
    };
    if found {
        return Ok(true);
    }
    let message = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name());
    Err(SqlError::new(SqlState::UNDEFINED_COLUMN, message))
}

fn has_number(relation: &Relation<'_>, number: i32) -> bool {
    let live = |table: &Table| table.live_columns().any(|column| i32::from(column.number) == number);
    match relation {
        Relation::Table(table) => live(table),
        Relation::View(view) => view.columns.iter().any(|column| i32::from(column.number) == number),
        Relation::System(relation) => usize::try_from(number).is_ok_and(|number| (1..=relation.columns.len()).contains(&number)),
        Relation::Index(..) => false,
        Relation::Sequence(_) => usize::try_from(number).is_ok_and(|number| (1..=SEQUENCE_COLUMNS.len()).contains(&number)),
    }
}

/// `has_schema_privilege`
pub(super) fn schema(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let catalog = call.facts.catalog();
    let schema = match call.arg(at) {
        Datum::Text(name) => Some(catalog.schema(name).ok_or_else(|| {
            let message = format!("schema \"{name}\" does not exist");
            SqlError::new(SqlState::INVALID_SCHEMA_NAME, message)
        })?),
        _ => catalog.schema_by_oid(call.oid(at)?),
    };
    let rights = asked(call.last_text()?, SCHEMA)?;
    Ok(schema.map_or(Datum::Null, |schema| any(catalog, role, &privilege::of_schema(schema), &rights)))
}

/// `has_database_privilege`
pub(super) fn database(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let exists = match call.arg(at) {
        Datum::Text(name) if &**name == call.facts.database() => true,
        Datum::Text(name) => {
            let message = format!("database \"{name}\" does not exist");
            return Err(SqlError::new(SqlState::INVALID_CATALOG_NAME, message));
        }
        _ => call.oid(at)? == crate::snapshot::DATABASE,
    };
    let rights = asked(call.last_text()?, DATABASE)?;
    Ok(if exists { any(call.facts.catalog(), role, &privilege::of_database(), &rights) } else { Datum::Null })
}

/// `pg_has_role`: membership brings use of the role's rights and SET ROLE; administering one needs the right to create roles.
pub(super) fn role(call: &Call<'_>) -> Result<Datum> {
    let (member, at) = call.subject(2)?;
    let group = call.role_at(at)?;
    let catalog = call.facts.catalog();
    let words = call.last_text()?.split(',').map(|word| membership(word.trim())).collect::<Result<Vec<_>>>()?;
    let is_member = member == SYSTEM_ROLE || privilege::memberships(catalog, member).contains(&group);
    let administers = member == SYSTEM_ROLE || catalog.role_by_oid(member).is_some_and(|role| role.create_role);
    Ok(Datum::Bool(words.iter().any(|admin| if *admin { administers } else { is_member })))
}

/// Whether the privilege is about administering the membership.
fn membership(word: &str) -> Result<bool> {
    let upper = word.to_ascii_uppercase();
    let (name, admin) = match upper.strip_suffix(" WITH GRANT OPTION").or_else(|| upper.strip_suffix(" WITH ADMIN OPTION")) {
        Some(name) => (name.trim_end(), true),
        None => (upper.as_str(), false),
    };
    if matches!(name, "USAGE" | "MEMBER" | "SET") {
        return Ok(admin);
    }
    Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("unrecognized privilege type: \"{word}\"")))
}
