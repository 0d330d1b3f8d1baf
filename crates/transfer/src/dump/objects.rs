//! What a database holds, as statements that make it.

use super::Snapshot;
use crate::error::TransferError;
use crate::name::literal;
use crate::table::text;

/// An object's OID; those of one cluster are different across its catalogs.
pub(super) type Id = u32;

/// What is made before the rows, in the order that it has when nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Schema,
    Domain,
    Sequence,
    Table,
    Function,
    View,
}

/// An object that is made before the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) id: Id,
    pub(super) kind: Kind,
    /// Its name, qualified and quoted.
    pub(super) name: String,
    pub(super) statements: Vec<String>,
}

impl Object {
    /// By what objects are ordered when nothing else decides.
    pub(super) fn rank(&self) -> (Kind, &str, Id) {
        (self.kind, &self.name, self.id)
    }
}

/// Schemas that belong to the system, of ours and of the service.
pub(super) const USER_SCHEMA: &str = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'sys', 'borealis')";

/// The name of `alias`'s object: `quoted.quoted`.
pub(super) fn qualified(name: &str) -> String {
    format!("quote_ident(n.nspname) || '.' || quote_ident({name})")
}

pub(super) fn id(text: &str) -> Id {
    text.parse().unwrap_or(0)
}

pub(super) async fn schemas(snapshot: &mut Snapshot) -> Result<Vec<Object>, TransferError> {
    let sql = format!("SELECT n.oid, quote_ident(n.nspname) FROM pg_namespace n WHERE {USER_SCHEMA} AND n.nspname <> 'public'");
    let rows = snapshot.rows(&sql, &[]).await?;
    let object = |row: &borealis_client::Row| Object {
        id: id(text(row, 0)),
        kind: Kind::Schema,
        name: text(row, 1).to_owned(),
        statements: vec![format!("CREATE SCHEMA {}", text(row, 1))],
    };
    Ok(rows.iter().map(object).collect())
}

pub(super) async fn domains(snapshot: &mut Snapshot) -> Result<Vec<Object>, TransferError> {
    let sql = format!(
        "SELECT t.oid, {}, format_type(t.typbasetype, t.typtypmod), t.typdefault, t.typnotnull FROM pg_type t \
         JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {USER_SCHEMA}",
        qualified("t.typname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let sql = "SELECT c.contypid, quote_ident(c.conname), pg_get_constraintdef(c.oid) FROM pg_constraint c \
               WHERE c.contypid <> 0 AND c.contype = 'c' ORDER BY c.conname";
    let checks = snapshot.rows(sql, &[]).await?;
    let object = |row: &borealis_client::Row| {
        let mut statement = format!("CREATE DOMAIN {} AS {}", text(row, 1), text(row, 2));
        if let Some(default) = row.get(3) {
            statement.push_str(&format!(" DEFAULT {default}"));
        }
        if text(row, 4) == "t" {
            statement.push_str(" NOT NULL");
        }
        for check in checks.iter().filter(|check| text(check, 0) == text(row, 0)) {
            statement.push_str(&format!("\n    CONSTRAINT {} {}", text(check, 1), text(check, 2)));
        }
        Object { id: id(text(row, 0)), kind: Kind::Domain, name: text(row, 1).to_owned(), statements: vec![statement] }
    };
    Ok(rows.iter().map(object).collect())
}

/// The options of every sequence, by its OID.
const SEQUENCES: &str = "s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle";

/// A sequence's options in one order: `START WITH 1 …`.
pub(super) fn sequence_options(row: &borealis_client::Row, first: usize) -> String {
    format!(
        "START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{}",
        text(row, first),
        text(row, first + 1),
        text(row, first + 2),
        text(row, first + 3),
        text(row, first + 4),
        if text(row, first + 5) == "t" { " CYCLE" } else { "" }
    )
}

/// A sequence, of an identity column or of its own.
pub(super) struct Sequence {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) options: String,
    /// The table and the column's number that it belongs to.
    pub(super) owner: Option<(Id, i32)>,
    pub(super) is_identity: bool,
}

pub(super) async fn sequences(snapshot: &mut Snapshot) -> Result<Vec<Sequence>, TransferError> {
    let sql = format!(
        "SELECT c.oid, {}, d.refobjid, d.refobjsubid, d.deptype, {SEQUENCES} FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass \
             AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 \
         WHERE {USER_SCHEMA} ORDER BY 2",
        qualified("c.relname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let sequence = |row: &borealis_client::Row| Sequence {
        id: id(text(row, 0)),
        name: text(row, 1).to_owned(),
        options: sequence_options(row, 5),
        owner: row.get(2).map(|table| (id(table), text(row, 3).parse().unwrap_or(0))),
        is_identity: text(row, 4) == "i",
    };
    Ok(rows.iter().map(sequence).collect())
}

impl Sequence {
    pub(super) fn object(&self) -> Object {
        let statements = vec![format!("CREATE SEQUENCE {} {}", self.name, self.options)];
        Object { id: self.id, kind: Kind::Sequence, name: self.name.clone(), statements }
    }

    /// The statement that brings it to where it is.
    pub(super) async fn counter(&self, snapshot: &mut Snapshot) -> Result<Option<String>, TransferError> {
        let rows = snapshot.rows(&format!("SELECT last_value, is_called FROM {}", self.name), &[]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let is_called = if text(row, 1) == "t" { "true" } else { "false" };
        Ok(Some(format!("SELECT pg_catalog.setval({}, {}, {is_called})", literal(&self.name), text(row, 0))))
    }
}

pub(super) async fn functions(snapshot: &mut Snapshot) -> Result<Vec<Object>, TransferError> {
    let sql = format!(
        "SELECT p.oid, {}, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.prokind IN ('f', 'p') AND {USER_SCHEMA}",
        function_name()
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let object = |row: &borealis_client::Row| Object {
        id: id(text(row, 0)),
        kind: Kind::Function,
        name: text(row, 1).to_owned(),
        statements: vec![text(row, 2).trim_end().to_owned()],
    };
    Ok(rows.iter().map(object).collect())
}

/// A function's name with the types by which it is called.
pub(super) fn function_name() -> String {
    format!("{} || '(' || pg_get_function_identity_arguments(p.oid) || ')'", qualified("p.proname"))
}

pub(super) async fn views(snapshot: &mut Snapshot) -> Result<Vec<Object>, TransferError> {
    let sql = format!(
        "SELECT c.oid, {}, pg_get_viewdef(c.oid), c.reloptions::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'v' AND {USER_SCHEMA}",
        qualified("c.relname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let names = "SELECT a.attrelid, quote_ident(a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                 WHERE c.relkind = 'v' AND a.attnum > 0 ORDER BY a.attrelid, a.attnum";
    let columns = snapshot.rows(names, &[]).await?;
    let object = |row: &borealis_client::Row| {
        let own = columns.iter().filter(|column| text(column, 0) == text(row, 0)).map(|column| text(column, 1));
        let own: Vec<&str> = own.collect();
        Object {
            id: id(text(row, 0)),
            kind: Kind::View,
            name: text(row, 1).to_owned(),
            statements: vec![view(text(row, 1), &own, text(row, 2), row.get(3).unwrap_or_default())],
        }
    };
    Ok(rows.iter().map(object).collect())
}

/// A check option stands behind the query, all other options before it.
fn view(name: &str, columns: &[&str], query: &str, options: &str) -> String {
    let options = options.trim_matches(['{', '}']).split(',').filter(|option| !option.is_empty());
    let (checks, others): (Vec<&str>, Vec<&str>) = options.partition(|option| option.starts_with("check_option="));
    let with = if others.is_empty() { String::new() } else { format!(" WITH ({})", others.join(", ")) };
    let query = query.trim().trim_end_matches(';');
    let check = checks.first().and_then(|option| option.split_once('=')).map(|(_, level)| level.to_uppercase());
    let check = check.map(|level| format!("\n  WITH {level} CHECK OPTION")).unwrap_or_default();
    format!("CREATE VIEW {name} ({}){with} AS\n {query}{check}", columns.join(", "))
}
