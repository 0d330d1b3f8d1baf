//! `has_table_privilege` and its kin. Every one comes with and without a role before the object, both by name or by oid.

use std::borrow::Cow;

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};

use super::{Call, wrong};
use crate::acl::{Acl, Class, Rights};
use crate::describe::{self, Relation};
use crate::privilege::{Guarded, PUBLIC, Standing};
use crate::system::{SEQUENCE_COLUMNS, cluster};
use crate::{Catalog, Column, Table, membership};

/// A right asked for, and whether the question is about granting it.
type Asked = (Rights, bool);

/// The rights there are to ask about a kind of object.
struct Known {
    rights: Rights,
    /// TEMP is another word for TEMPORARY.
    temporary: bool,
}

impl Known {
    fn of(class: Class) -> Self {
        Self { rights: class.all(), temporary: class == Class::Database }
    }
}

/// The comma-separated privileges of the last argument; any of them suffices.
fn asked(text: &str, class: Class) -> Result<Vec<Asked>> {
    let known = Known::of(class);
    text.split(',').map(|word| one(word.trim(), &known)).collect()
}

fn one(word: &str, known: &Known) -> Result<Asked> {
    let upper = word.to_ascii_uppercase();
    let (name, grant) = match upper.strip_suffix(" WITH GRANT OPTION") {
        Some(name) => (name.trim_end(), true),
        None => (upper.as_str(), false),
    };
    let found = Rights::named(name).filter(|right| known.rights.contains(*right) && (known.temporary || name != "TEMP"));
    found.map(|right| (right, grant)).ok_or_else(|| {
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
            Datum::Text(name) if &**name == "public" => Ok(PUBLIC),
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

/// Whether the role has one of the rights.
fn any(catalog: &Catalog, role: Oid, object: &Guarded<'_>, rights: &[Asked]) -> bool {
    let standing = Standing::of(catalog, role);
    rights.iter().any(|(right, grant)| holds(&standing, object, *right, *grant))
}

fn holds(standing: &Standing, object: &Guarded<'_>, right: Rights, grant: bool) -> bool {
    !if grant { standing.grantable(object, right) } else { standing.held(object, right) }.is_empty()
}

/// A relation as rights on it are asked for, with its columns.
fn guarded<'a>(relation: &Relation<'a>) -> (Guarded<'a>, &'a [Column]) {
    match relation {
        Relation::Table(table) => (Guarded::table(table), &table.columns),
        // An index has no list of its own.
        Relation::Index(_, table) => (Guarded { acl: Cow::Owned(Acl::default()), ..Guarded::table(table) }, &[]),
        Relation::View(view) => (Guarded::view(view), &view.columns),
        Relation::Sequence(sequence) => (Guarded::sequence(sequence), &[]),
        Relation::System(relation) => (Guarded::system_relation(relation.oid), &[]),
    }
}

/// `has_table_privilege`
pub(super) fn table(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, Class::Table)?;
    Ok(relation.map_or(Datum::Null, |relation| Datum::Bool(any(call.facts.catalog(), role, &guarded(&relation).0, &rights))))
}

/// `has_any_column_privilege`
pub(super) fn any_column(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, Class::Column)?;
    let Some(relation) = relation else { return Ok(Datum::Null) };
    let (object, columns) = guarded(&relation);
    let standing = Standing::of(call.facts.catalog(), role);
    let on_column = |column: &Column| {
        let object = Guarded::column(object.owner, column);
        !column.dropped && rights.iter().any(|(right, grant)| holds(&standing, &object, *right, *grant))
    };
    let whole = rights.iter().any(|(right, grant)| holds(&standing, &object, *right, *grant));
    Ok(Datum::Bool(whole || columns.iter().any(on_column)))
}

/// `has_sequence_privilege`
pub(super) fn sequence(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, Class::Sequence)?;
    match relation {
        None => Ok(Datum::Null),
        Some(Relation::Sequence(sequence)) => Ok(Datum::Bool(any(call.facts.catalog(), role, &Guarded::sequence(sequence), &rights))),
        Some(relation @ (Relation::Table(_) | Relation::Index(..) | Relation::View(_) | Relation::System(_))) => {
            Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", relation.name())))
        }
    }
}

impl Call<'_> {
    /// The answer about an object of the system, NULL when there is none.
    fn about_system(&self, exists: bool, role: Oid, class: Class) -> Result<Datum> {
        let rights = asked(self.last_text()?, class)?;
        Ok(if exists { Datum::Bool(any(self.facts.catalog(), role, &Guarded::built_in(class), &rights)) } else { Datum::Null })
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
        let rights = asked(call.last_text()?, Class::Routine)?;
        return Ok(Datum::Bool(any(call.facts.catalog(), role, &Guarded::routine(routine), &rights)));
    }
    call.about_system(describe::procedure_by_oid(oid).is_some(), role, Class::Routine)
}

/// `has_type_privilege`
pub(super) fn type_of(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let oid = match call.arg(at) {
        Datum::Text(name) => call.with_names(|names| describe::resolve_type(names, name))?,
        _ => call.oid(at)?,
    };
    if let Some(domain) = call.facts.catalog().domain_by_oid(oid) {
        let rights = asked(call.last_text()?, Class::Type)?;
        return Ok(Datum::Bool(any(call.facts.catalog(), role, &Guarded::domain(domain), &rights)));
    }
    call.about_system(describe::type_by_oid(call.facts.catalog(), oid).is_some(), role, Class::Type)
}

/// `has_language_privilege`
pub(super) fn language(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(2)?;
    let oid = match call.arg(at) {
        Datum::Text(name) => cluster::language_by_name(name)
            .ok_or_else(|| SqlError::new(SqlState::UNDEFINED_OBJECT, format!("language \"{name}\" does not exist")))?,
        _ => call.oid(at)?,
    };
    call.about_system(cluster::language_exists(oid), role, Class::Language)
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
    call.about_system(exists, role, Class::Tablespace)
}

/// `has_column_privilege`: a right on the whole relation is one on each column.
pub(super) fn column(call: &Call<'_>) -> Result<Datum> {
    let (role, at) = call.subject(3)?;
    let relation = call.relation_at(at)?;
    let rights = asked(call.last_text()?, Class::Column)?;
    let Some(relation) = relation else { return Ok(Datum::Null) };
    let (object, columns) = guarded(&relation);
    let (exists, column) = match call.arg(at + 1) {
        Datum::Text(name) => (has_column(&relation, name)?, columns.iter().find(|column| !column.dropped && column.name == **name)),
        _ => {
            let number = call.integer(at + 1)?;
            (has_number(&relation, number), columns.iter().find(|column| i32::from(column.number) == number))
        }
    };
    if !exists {
        return Ok(Datum::Null);
    }
    let on_column = |column: &Column| any(call.facts.catalog(), role, &Guarded::column(object.owner, column), &rights);
    Ok(Datum::Bool(any(call.facts.catalog(), role, &object, &rights) || column.is_some_and(on_column)))
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
    let rights = asked(call.last_text()?, Class::Schema)?;
    Ok(schema.map_or(Datum::Null, |schema| Datum::Bool(any(catalog, role, &Guarded::schema(schema), &rights))))
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
    let rights = asked(call.last_text()?, Class::Database)?;
    Ok(if exists { Datum::Bool(any(call.facts.catalog(), role, &Guarded::database(), &rights)) } else { Datum::Null })
}

/// `pg_has_role`
pub(super) fn role(call: &Call<'_>) -> Result<Datum> {
    let (member, at) = call.subject(2)?;
    let group = call.role_at(at)?;
    let words = call.last_text()?.split(',').map(|word| standing_asked(word.trim())).collect::<Result<Vec<_>>>()?;
    Ok(Datum::Bool(words.iter().any(|asked| asked(call.facts.catalog(), member, group))))
}

/// A question about a member and a role.
type RoleQuestion = fn(&Catalog, Oid, Oid) -> bool;

/// USAGE is about the role's rights, MEMBER about any membership, SET about becoming it; with the option, about administering it.
fn standing_asked(word: &str) -> Result<RoleQuestion> {
    let upper = word.to_ascii_uppercase();
    let (name, admin) = match upper.strip_suffix(" WITH GRANT OPTION").or_else(|| upper.strip_suffix(" WITH ADMIN OPTION")) {
        Some(name) => (name.trim_end(), true),
        None => (upper.as_str(), false),
    };
    match name {
        "USAGE" | "MEMBER" | "SET" if admin => Ok(membership::administers),
        "USAGE" => Ok(|catalog, member, role| Standing::of(catalog, member).has_privileges_of(role)),
        "MEMBER" => Ok(membership::is_member),
        "SET" => Ok(membership::can_set_role),
        _ => Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("unrecognized privilege type: \"{word}\""))),
    }
}
