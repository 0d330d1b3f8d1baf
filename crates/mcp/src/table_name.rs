//! Which table a name means.

use borealis_client::{Outcome, Row, Statement};

use crate::call::Call;
use crate::failure::Failure;

const FIND: &str = "SELECT n.nspname, c.relname, c.relkind::text, c.oid::text, pg_catalog.pg_table_is_visible(c.oid) \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'v') AND (c.relname = $1 OR c.relname = $2) \
     ORDER BY n.nspname, c.relname";

/// A table or view that exists.
pub(crate) struct Table {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) oid: String,
    visible: bool,
}

/// The table that `name` means.
pub(crate) async fn find(call: &Call, name: &str) -> Result<Table, Failure> {
    let wanted = Name::parse(name).map_err(Failure::call)?;
    let params = vec![Some(wanted.exact.table.clone()), Some(wanted.folded.table.clone())];
    let done = call.read(vec![Statement { sql: FIND.to_owned(), params }]).await?;
    let mut found: Vec<Table> = done.outcomes.first().map(tables).unwrap_or_default();
    found.retain(|table| wanted.matches(table));
    choose(found, &wanted).map_err(|what| Failure::call(what).with_advice(Some("list_tables tells which tables there are")))
}

fn tables(outcome: &Outcome) -> Vec<Table> {
    let text = |cell: Option<&str>| cell.unwrap_or_default().to_owned();
    let table = |row: &Row| Table {
        schema: text(row.get(0)),
        name: text(row.get(1)),
        kind: text(row.get(2)),
        oid: text(row.get(3)),
        visible: row.get(4) == Some("t"),
    };
    outcome.rows.iter().map(table).collect()
}

/// The one that is meant: spelled exactly before folded, in the search path before elsewhere.
fn choose(mut found: Vec<Table>, wanted: &Name) -> Result<Table, String> {
    let rank = |table: &Table| (table.name != wanted.exact.table, !table.visible);
    found.sort_by_key(rank);
    let best = found.first().map(rank);
    let tied: Vec<&Table> = found.iter().filter(|table| Some(rank(table)) == best).collect();
    if tied.len() > 1 {
        let names: Vec<String> = tied.iter().map(|table| format!("{}.{}", table.schema, table.name)).collect();
        return Err(format!("table name \"{}\" is ambiguous: it could be {}", wanted.given, names.join(" or ")));
    }
    found.into_iter().next().ok_or_else(|| format!("relation \"{}\" does not exist", wanted.given))
}

/// A table's name, perhaps with its schema's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    schema: Option<String>,
    table: String,
}

/// A name as given, once as it is spelled and once folded as SQL folds what is not quoted.
struct Name {
    given: String,
    exact: Parts,
    folded: Parts,
}

impl Name {
    /// `table`, `schema.table`, each part perhaps in double quotes.
    fn parse(given: &str) -> Result<Self, String> {
        let bad = || format!("\"{given}\" is not a table name; give table or schema.table");
        let (first, rest) = identifier(given.trim()).ok_or_else(bad)?;
        let (schema, table) = match rest.strip_prefix('.') {
            Some(rest) => match identifier(rest) {
                Some((table, "")) => (Some(first), table),
                _ => return Err(bad()),
            },
            None if rest.is_empty() => (None, first),
            None => return Err(bad()),
        };
        let parts =
            |pick: fn(&(String, String)) -> &String| Parts { schema: schema.as_ref().map(pick).cloned(), table: pick(&table).clone() };
        Ok(Self { given: given.to_owned(), exact: parts(|names| &names.0), folded: parts(|names| &names.1) })
    }

    /// System schemas are meant only when named.
    fn matches(&self, table: &Table) -> bool {
        match (&self.exact.schema, &self.folded.schema) {
            (Some(exact), Some(folded)) => table.schema == *exact || table.schema == *folded,
            _ => !matches!(table.schema.as_str(), "pg_catalog" | "information_schema" | "sys" | "borealis"),
        }
    }
}

/// The first identifier as (spelled, folded), and what follows it.
fn identifier(text: &str) -> Option<((String, String), &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        return (!name.is_empty()).then(|| ((name.to_owned(), name.to_lowercase()), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, tail) = rest.split_once('"')?;
        name.push_str(part);
        let Some(next) = tail.strip_prefix('"') else {
            return (!name.is_empty()).then(|| ((name.clone(), name), tail));
        };
        name.push('"');
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, Table, choose};

    fn parsed(given: &str) -> Option<(Option<String>, String, String)> {
        let name = Name::parse(given).ok()?;
        Some((name.folded.schema, name.exact.table, name.folded.table))
    }

    #[test]
    fn names_fold_unless_quoted() {
        let some = |schema: Option<&str>, exact: &str, folded: &str| Some((schema.map(str::to_owned), exact.to_owned(), folded.to_owned()));
        assert_eq!(parsed("Orders"), some(None, "Orders", "orders"));
        assert_eq!(parsed(" Shop.Orders "), some(Some("shop"), "Orders", "orders"));
        assert_eq!(parsed("\"Shop\".\"a.\"\"b\""), some(Some("Shop"), "a.\"b", "a.\"b"));
        for bad in ["", ".", "a.", ".a", "a.b.c", "\"a", "\"\"", "\"a\"b"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_exact_and_visible_one_is_meant() {
        let table = |schema: &str, name: &str, visible| Table {
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind: "r".to_owned(),
            oid: "1".to_owned(),
            visible,
        };
        let pick = |given: &str, tables: Vec<Table>| {
            choose(tables, &Name::parse(given).expect("a name")).map(|table| format!("{}.{}", table.schema, table.name))
        };
        assert_eq!(pick("T", vec![table("a", "t", true), table("b", "T", false)]), Ok("b.T".to_owned()));
        assert_eq!(pick("t", vec![table("a", "t", false), table("b", "t", true)]), Ok("b.t".to_owned()));
        assert_eq!(
            pick("t", vec![table("a", "t", false), table("b", "t", false)]),
            Err("table name \"t\" is ambiguous: it could be a.t or b.t".to_owned())
        );
        assert_eq!(pick("t", vec![]), Err("relation \"t\" does not exist".to_owned()));
    }
}
