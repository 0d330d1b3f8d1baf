//! Rights on tables and, since they are kept for whole tables, on each of their columns.

use borealis_pgtypes::{Datum, Oid, Result};

use super::table_name;
use crate::describe::role_name;
use crate::privilege::{self, PUBLIC};
use crate::system::SystemContext;
use crate::system::value::{maybe, text, yes_or_no};
use crate::{Privileges, Table};

/// One right: who has it, its letter, whether it may be handed on.
type Grant = (Oid, char, bool);

fn right_name(letter: char) -> &'static str {
    match letter {
        'a' => "INSERT",
        'r' => "SELECT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        _ => "TRIGGER",
    }
}

/// The owner has all rights and may hand all of them on.
fn grants(table: &Table) -> Vec<Grant> {
    let owner = privilege::TABLE_RIGHTS.chars().map(|right| (table.owner, right, true));
    let of = |(grantee, rights): &(Oid, Privileges)| {
        let held = privilege::TABLE_RIGHTS.chars().filter(|right| rights.holds(*right, false));
        held.map(|right| (*grantee, right, rights.holds(right, true))).collect::<Vec<_>>()
    };
    owner.chain(table.acl.iter().filter(|(grantee, _)| *grantee != table.owner).flat_map(of)).collect()
}

/// Rights that the current role has or gave.
fn visible<'a>(context: &'a SystemContext<'_>) -> impl Iterator<Item = (&'a Table, Grant)> {
    let roles = privilege::memberships(context.catalog, context.server.current_user());
    let all = context.catalog.tables().flat_map(|table| grants(table).into_iter().map(move |grant| (&**table, grant)));
    all.filter(move |(table, (grantee, _, _))| *grantee == PUBLIC || roles.contains(grantee) || roles.contains(&table.owner))
}

fn parties(context: &SystemContext<'_>, table: &Table, grantee: Oid) -> [Datum; 2] {
    let name = if grantee == PUBLIC { Some("PUBLIC") } else { role_name(context.catalog, grantee) };
    [maybe(role_name(context.catalog, table.owner)), maybe(name)]
}

pub(super) fn table_privileges(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(table, (grantee, right, grantable)): (&Table, Grant)| {
        let ends = [text(right_name(right)), yes_or_no(grantable), yes_or_no(right == 'r')];
        parties(context, table, grantee).into_iter().chain(table_name(context, table)).chain(ends).collect()
    };
    Ok(visible(context).map(row).collect())
}

pub(super) fn column_privileges(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for (table, (grantee, right, grantable)) in visible(context).filter(|(_, (_, right, _))| matches!(right, 'r' | 'a' | 'w' | 'x')) {
        rows.extend(table.live_columns().map(|column| {
            let ends = [text(&column.name), text(right_name(right)), yes_or_no(grantable)];
            parties(context, table, grantee).into_iter().chain(table_name(context, table)).chain(ends).collect::<Vec<_>>()
        }));
    }
    Ok(rows)
}
