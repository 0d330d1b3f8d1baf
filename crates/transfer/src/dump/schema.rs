//! Everything but the rows.

use std::collections::BTreeSet;

use super::objects::{self, Id, Object};
use super::tables::{self, DumpTable};
use super::{DumpOptions, Snapshot, acl, default_acl, order};
use crate::error::TransferError;
use crate::table::{Table, text};

/// What a dump says, but for the rows.
#[derive(Default)]
pub(super) struct Content {
    /// Statements that make everything that rows need.
    pub(super) before: Vec<String>,
    /// The tables whose rows follow.
    pub(super) tables: Vec<DumpTable>,
    /// Statements that bring counters to where they are.
    pub(super) counters: Vec<String>,
    /// Statements that make the rest.
    pub(super) after: Vec<String>,
}

pub(super) async fn read(snapshot: &mut Snapshot, options: &DumpOptions) -> Result<Content, TransferError> {
    let chosen = chosen(snapshot, &options.tables).await?;
    let wanted = |id: Id| chosen.as_ref().is_none_or(|chosen| chosen.contains(&id));
    let sequences = objects::sequences(snapshot).await?;
    let in_question = |sequence: &&objects::Sequence| wanted(sequence.owner.map_or(sequence.id, |(table, _)| table));
    let tables = tables::read(snapshot, &sequences).await?;
    let mut all: Vec<Object> = tables.objects.into_iter().filter(|object| wanted(object.id)).collect();
    all.extend(sequences.iter().filter(in_question).filter(|sequence| !sequence.is_identity).map(objects::Sequence::object));
    if chosen.is_none() {
        all.extend(objects::schemas(snapshot).await?);
        all.extend(objects::domains(snapshot).await?);
        all.extend(objects::functions(snapshot).await?);
        all.extend(objects::views(snapshot).await?);
    }
    let made: BTreeSet<Id> = all.iter().map(|object| object.id).chain(sequences.iter().filter(in_question).map(|one| one.id)).collect();
    let edges = dependencies(snapshot).await?;
    let tables: Vec<DumpTable> = tables.tables.into_iter().filter(|table| wanted(table.id)).collect();
    let mut before: Vec<String> = order::sort(all, &edges).into_iter().flat_map(|object| object.statements).collect();
    before.extend(owned(&sequences.iter().filter(in_question).collect::<Vec<_>>(), snapshot).await?);
    let mut counters = Vec::new();
    for sequence in sequences.iter().filter(in_question) {
        counters.extend(sequence.counter(snapshot).await?);
    }
    let after = after(snapshot, options, &|id| wanted(id) || made.contains(&id)).await?;
    Ok(Content { before, tables, counters, after })
}

/// What is made behind the rows; last what a background job finishes, so that no statement races with the end of one.
async fn after(snapshot: &mut Snapshot, options: &DumpOptions, wanted: &dyn Fn(Id) -> bool) -> Result<Vec<String>, TransferError> {
    let keys: Vec<_> = tables::late_constraints(snapshot).await?.into_iter().filter(|(table, ..)| wanted(*table)).collect();
    let mut statements: Vec<String> = keys.iter().map(|(_, addition, _)| addition.clone()).collect();
    statements.extend(of_wanted(tables::statistics(snapshot).await?, wanted));
    if !options.no_privileges {
        statements.extend(acl::privileges(snapshot, &|id| options.tables.is_empty() || wanted(id)).await?);
    }
    // They give privileges to what is made later, so they come behind everything that the dump makes.
    if !options.no_privileges && options.tables.is_empty() {
        statements.extend(default_acl::read(snapshot).await?);
    }
    let (of_indexes, comments): (Vec<_>, Vec<_>) =
        acl::comments(snapshot).await?.into_iter().partition(|(_, statement)| statement.starts_with("COMMENT ON INDEX "));
    statements.extend(of_wanted(comments, &|id| options.tables.is_empty() || wanted(id)));
    statements.extend(of_wanted(tables::indexes(snapshot).await?, wanted));
    if options.tables.is_empty() {
        statements.extend(of_indexes.into_iter().map(|(_, statement)| statement));
    }
    statements.extend(keys.into_iter().filter_map(|(_, _, validation)| validation));
    Ok(statements)
}

fn of_wanted(statements: Vec<(Id, String)>, wanted: &dyn Fn(Id) -> bool) -> impl Iterator<Item = String> {
    statements.into_iter().filter(|(id, _)| wanted(*id)).map(|(_, statement)| statement)
}

/// The tables that were named; `None` for all.
async fn chosen(snapshot: &mut Snapshot, names: &[String]) -> Result<Option<BTreeSet<Id>>, TransferError> {
    let mut chosen = BTreeSet::new();
    for name in names {
        chosen.insert(objects::id(&Table::describe(&mut snapshot.connection, name).await?.oid));
    }
    Ok((!names.is_empty()).then_some(chosen))
}

/// Sequences that belong to a column without being its identity.
async fn owned(sequences: &[&objects::Sequence], snapshot: &mut Snapshot) -> Result<Vec<String>, TransferError> {
    let mut statements = Vec::new();
    for sequence in sequences.iter().filter(|sequence| !sequence.is_identity) {
        let Some((table, column)) = sequence.owner else { continue };
        let sql = format!(
            "SELECT {} || '.' || quote_ident(a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.attrelid = $1::oid AND a.attnum = $2::int2",
            objects::qualified("c.relname")
        );
        let rows = snapshot.rows(&sql, &[&table.to_string(), &column.to_string()]).await?;
        statements.extend(rows.first().map(|row| format!("ALTER SEQUENCE {} OWNED BY {}", sequence.name, text(row, 0))));
    }
    Ok(statements)
}

/// Who stands on whom, parts of an object taken for the object. Foreign keys and owned sequences are tied behind the making.
async fn dependencies(snapshot: &mut Snapshot) -> Result<Vec<(Id, Id)>, TransferError> {
    let sql = "SELECT COALESCE(r.ev_class, f.adrelid, NULLIF(k.conrelid, 0), k.contypid, d.objid), COALESCE(t.typrelid, d.refobjid) \
               FROM pg_depend d \
               LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid \
               LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid \
               LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid \
               LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid AND t.typrelid <> 0 \
               LEFT JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid AND s.relkind = 'S' \
               WHERE s.oid IS NULL AND (k.oid IS NULL OR k.contype <> 'f')";
    let rows = snapshot.rows(sql, &[]).await?;
    Ok(rows.iter().map(|row| (objects::id(text(row, 0)), objects::id(text(row, 1)))).collect())
}
