//! `get_schema`: a table as the catalogs describe it.
//!
//! The queries use nothing but catalogs and functions that Aurora DSQL answers. All of a table's parts are read in one
//! read-only transaction, so they belong together.

use borealis_client::{Committed, Database, End, Limits, Mode, Outcome, Statement, Transaction, TransactionError};
use serde_json::{Value, json};

const FIND: &str = "SELECT n.nspname, c.relname, c.relkind::text, c.oid::text, pg_catalog.pg_table_is_visible(c.oid) \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'v') AND (c.relname = $1 OR c.relname = $2) \
     ORDER BY n.nspname, c.relname";

const COLUMNS: &str = "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, \
            pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text \
     FROM pg_catalog.pg_attribute a \
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

const PRIMARY_KEY: &str = "SELECT k.column_name FROM information_schema.table_constraints c \
     JOIN information_schema.key_column_usage k ON k.constraint_schema = c.constraint_schema \
          AND k.constraint_name = c.constraint_name AND k.table_schema = c.table_schema AND k.table_name = c.table_name \
     WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = $1 AND c.table_name = $2 ORDER BY k.ordinal_position";

const INDEXES: &str = "SELECT c.relname, i.indisunique, i.indisprimary, i.indisvalid, pg_catalog.pg_get_indexdef(i.indexrelid) \
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 ORDER BY c.relname";

const CONSTRAINTS: &str = "SELECT conname, contype::text, convalidated, pg_catalog.pg_get_constraintdef(oid) \
     FROM pg_catalog.pg_constraint WHERE conrelid = $1 AND contype IN ('c', 'f', 'u') ORDER BY conname";

/// Why a table cannot be described.
pub(crate) enum SchemaError {
    /// The name means no table, or several.
    Name(String),
    /// The database failed.
    Database(TransactionError),
}

impl From<TransactionError> for SchemaError {
    fn from(error: TransactionError) -> Self {
        Self::Database(error)
    }
}

/// The table or view called `name`.
pub(crate) async fn describe(database: &Database, name: &str, limits: Limits) -> Result<Value, SchemaError> {
    let wanted = Name::parse(name).map_err(SchemaError::Name)?;
    let table = find(database, &wanted, limits).await?;
    let by_oid = |sql: &str| Statement { sql: sql.to_owned(), params: vec![Some(table.oid.clone())] };
    let primary_key = Statement { sql: PRIMARY_KEY.to_owned(), params: vec![Some(table.schema.clone()), Some(table.name.clone())] };
    let parts = vec![by_oid(COLUMNS), primary_key, by_oid(INDEXES), by_oid(CONSTRAINTS)];
    let done = read(database, parts, limits).await?;
    let [columns, primary_key, indexes, constraints] = done.outcomes.as_slice() else {
        return Err(SchemaError::Name("the server answered fewer statements than were sent".to_owned()));
    };
    Ok(json!({
        "schema": table.schema,
        "table": table.name,
        "kind": if table.kind == "v" { "view" } else { "table" },
        "columns": columns.rows.iter().map(column).collect::<Vec<_>>(),
        "primary_key": primary_key.rows.iter().map(|row| row.get(0)).collect::<Vec<_>>(),
        "indexes": each(indexes, &["index_name", "is_unique", "is_primary", "is_valid", "definition"]),
        "constraints": each(constraints, &["constraint_name", "constraint_type", "is_validated", "definition"]),
    }))
}

async fn read(database: &Database, statements: Vec<Statement>, limits: Limits) -> Result<Committed, TransactionError> {
    database.transact(&Transaction { statements, mode: Mode::ReadOnly, end: End::Rollback, limits }).await
}

struct Table {
    schema: String,
    name: String,
    kind: String,
    oid: String,
    visible: bool,
}

async fn find(database: &Database, wanted: &Name, limits: Limits) -> Result<Table, SchemaError> {
    let params = vec![Some(wanted.exact.table.clone()), Some(wanted.folded.table.clone())];
    let done = read(database, vec![Statement { sql: FIND.to_owned(), params }], limits).await?;
    let mut found: Vec<Table> = done.outcomes.first().map(tables).unwrap_or_default();
    found.retain(|table| wanted.matches(table));
    choose(found, wanted).map_err(SchemaError::Name)
}

fn tables(outcome: &Outcome) -> Vec<Table> {
    let text = |cell: Option<&str>| cell.unwrap_or_default().to_owned();
    let table = |row: &borealis_client::Row| Table {
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

fn column(row: &borealis_client::Row) -> Value {
    let mut column = json!({
        "column_name": row.get(0),
        "data_type": row.get(1),
        "is_nullable": row.get(2) == Some("f"),
    });
    let expression = row.get(3).map(str::to_owned);
    match (row.get(4), row.get(5)) {
        (Some("a"), _) => column["identity"] = json!("ALWAYS"),
        (Some("d"), _) => column["identity"] = json!("BY DEFAULT"),
        (_, Some("s")) => column["generated_as"] = json!(expression),
        _ => column["column_default"] = json!(expression),
    }
    column
}

/// Rows as objects with these names; `t` and `f` in `is_…` are truth values.
fn each(outcome: &Outcome, names: &[&str]) -> Vec<Value> {
    let cell = |name: &str, cell: Option<&str>| match (name.starts_with("is_"), cell) {
        (true, Some(text)) => json!(text == "t"),
        (false, Some("c")) if name == "constraint_type" => json!("CHECK"),
        (false, Some("f")) if name == "constraint_type" => json!("FOREIGN KEY"),
        (false, Some("u")) if name == "constraint_type" => json!("UNIQUE"),
        _ => json!(cell),
    };
    let object = |row: &borealis_client::Row| -> Value {
        names.iter().zip(row.iter()).map(|(name, text)| ((*name).to_owned(), cell(name, text))).collect()
    };
    outcome.rows.iter().map(object).collect()
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
