//! `pg_get_indexdef`.

use borealis_pgtypes::Oid;
use borealis_pgtypes::functions::compose::quote_identifier;

use super::expression::{is_call, pretty as strip};
use super::{Names, relation_name};
use crate::{Index, IndexKey, IndexKeyPart, Table};

/// The access method every index here has.
pub(crate) const INDEX_METHOD: &str = "btree_index";

/// `pg_get_indexdef(oid, column, pretty)`: the whole definition for column 0, otherwise that key or INCLUDE column alone (empty when there is none);
/// `None` when there is no such index.
#[must_use]
pub fn index_definition(names: &Names<'_>, oid: Oid, column: i32, pretty: bool) -> Option<String> {
    let (index, table) = names.catalog.index_by_oid(oid)?;
    Some(match usize::try_from(column) {
        Ok(0) => whole(names, index, table, pretty),
        Ok(column) => one_column(index, table, column - 1, pretty),
        Err(_) => String::new(),
    })
}

fn whole(names: &Names<'_>, index: &Index, table: &Table, pretty: bool) -> String {
    let on = if pretty { relation_name(names, table.oid).unwrap_or_default() } else { names.qualified(table.schema, &table.name) };
    let keys: Vec<_> = index.keys.iter().map(|key| key_text(key, table, pretty, true)).collect();
    let mut text = format!(
        "CREATE {}INDEX {} ON {on} USING {INDEX_METHOD} ({})",
        if index.unique { "UNIQUE " } else { "" },
        quote_identifier(&index.name),
        keys.join(", ")
    );
    let include = table.index_include(index);
    if !include.is_empty() {
        text.push_str(" INCLUDE (");
        text.push_str(&super::column_list(table, &include));
        text.push(')');
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(" WHERE ");
        text.push_str(if pretty { strip(predicate) } else { predicate });
    }
    text
}

fn one_column(index: &Index, table: &Table, column: usize, pretty: bool) -> String {
    if let Some(key) = index.keys.get(column) {
        return key_text(key, table, pretty, false);
    }
    let include = table.index_include(index);
    include.get(column - index.keys.len()).map_or_else(String::new, |number| super::column_list(table, &[*number]))
}

/// A key; a column of the list also says where its NULLs go.
fn key_text(key: &IndexKey, table: &Table, pretty: bool, in_list: bool) -> String {
    let mut text = match &key.part {
        IndexKeyPart::Column(number) => super::column_list(table, &[*number]),
        IndexKeyPart::Expression(expression, _) if is_call(expression) => expression.clone(),
        IndexKeyPart::Expression(expression, _) => format!("({})", if pretty { strip(expression) } else { expression }),
    };
    if in_list && key.nulls_first {
        text.push_str(" NULLS FIRST");
    }
    text
}
