//! Definitions of statistics objects: `pg_get_statisticsobj_worker`.

use borealis_pgtypes::Oid;
use borealis_pgtypes::functions::compose::quote_identifier;

use super::{Names, relation_name, stored_expression};
use crate::{Catalog, ExtendedStatistics};

/// The columns and expressions of a statistics object, as a list.
#[must_use]
pub fn statistics_columns(names: &Names<'_>, statistics: &ExtendedStatistics) -> String {
    let table = names.catalog.table_by_oid(statistics.table);
    let column = |number: &i16| table.and_then(|table| table.column_number(*number)).map(|column| quote_identifier(&column.name));
    let expression = |text: &String| {
        let shown = stored_expression(names, text);
        // A call stands without parentheses, as in an index.
        if super::expression::is_call(&shown) || shown.starts_with('(') { shown.into_owned() } else { format!("({shown})") }
    };
    let listed: Vec<String> = statistics.columns.iter().filter_map(column).chain(statistics.expressions.iter().map(expression)).collect();
    listed.join(", ")
}

/// `pg_get_statisticsobjdef`: the statement that makes it.
#[must_use]
pub fn statistics_definition(names: &Names<'_>, statistics: &ExtendedStatistics) -> String {
    let kinds = statistics.named_kinds();
    // One expression alone has no kinds to choose.
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let name = names.qualified(statistics.schema, &statistics.name);
    let table = relation_name(names, statistics.table).unwrap_or_default();
    format!("CREATE STATISTICS {name}{kinds} ON {} FROM {table}", statistics_columns(names, statistics))
}

/// The statistics object that the first schema of the path with such a name has.
#[must_use]
pub fn find_statistics<'a>(catalog: &'a Catalog, search_path: &[Oid], name: &str) -> Option<&'a ExtendedStatistics> {
    search_path.iter().find_map(|schema| catalog.statistics_object(*schema, name)).map(AsRef::as_ref)
}
