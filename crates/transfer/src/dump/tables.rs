//! Tables, and what belongs to them.

use borealis_client::Row;

use super::Snapshot;
use super::objects::{Id, Kind, Object, Sequence, USER_SCHEMA, id, qualified};
use crate::error::TransferError;
use crate::load::ledger;
use crate::table::{numbers, text};

/// A table whose rows are dumped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DumpTable {
    /// Its OID.
    pub(crate) id: Id,
    /// Its name, qualified and quoted.
    pub(crate) name: String,
    /// The columns that hold values of their own, quoted, with their types' OIDs.
    pub(crate) columns: Vec<(String, u32)>,
    /// The columns of its primary key, quoted.
    pub(crate) key: Vec<String>,
    /// It has a column whose values only OVERRIDING SYSTEM VALUE can give.
    pub(crate) overriding: bool,
}

/// All tables of the database, each with the statement that makes it.
pub(super) struct Tables {
    pub(super) tables: Vec<DumpTable>,
    pub(super) objects: Vec<Object>,
}

/// Everything the catalog says about tables.
struct Facts<'s> {
    columns: Vec<Row>,
    constraints: Vec<Row>,
    sequences: &'s [Sequence],
}

const COLUMNS: &str = "SELECT a.attrelid, a.attnum, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), a.attnotnull, \
     a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), \
     CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END, a.attname \
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid \
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum";

const CONSTRAINTS: &str = "SELECT c.conrelid, quote_ident(c.conname), c.contype, pg_get_constraintdef(c.oid), c.conkey::text, c.convalidated, \
     c.condeferrable, c.condeferred FROM pg_constraint c WHERE c.conrelid <> 0 AND c.contype IN ('p', 'u', 'c') \
     ORDER BY c.conrelid, c.contype = 'p' DESC, c.contype = 'u' DESC, c.conname";

pub(super) async fn read(snapshot: &mut Snapshot, sequences: &[Sequence]) -> Result<Tables, TransferError> {
    let sql = format!(
        "SELECT c.oid, {} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'r' AND {USER_SCHEMA} AND c.relname <> '{}' ORDER BY 2",
        qualified("c.relname"),
        ledger::TABLE
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let columns = snapshot.rows(COLUMNS, &[]).await?;
    let constraints = snapshot.rows(CONSTRAINTS, &[]).await?;
    let facts = Facts { columns, constraints, sequences };
    let tables: Vec<DumpTable> = rows.iter().map(|row| facts.table(text(row, 0), text(row, 1))).collect();
    let objects = tables.iter().map(|table| facts.object(table)).collect();
    Ok(Tables { tables, objects })
}

impl Facts<'_> {
    fn columns(&self, table: Id) -> impl Iterator<Item = &Row> {
        self.columns.iter().filter(move |row| id(text(row, 0)) == table)
    }

    fn constraints(&self, table: Id) -> impl Iterator<Item = &Row> {
        self.constraints.iter().filter(move |row| id(text(row, 0)) == table)
    }

    fn table(&self, oid: &str, name: &str) -> DumpTable {
        let id = id(oid);
        let own = self.columns(id).filter(|row| text(row, 6).is_empty());
        DumpTable {
            id,
            name: name.to_owned(),
            columns: own.map(|row| (text(row, 2).to_owned(), text(row, 8).parse().unwrap_or(0))).collect(),
            key: self.constraints(id).find(|row| text(row, 2) == "p").map(|row| self.key(id, row)).unwrap_or_default(),
            overriding: self.columns(id).any(|row| text(row, 5) == "a"),
        }
    }

    fn key(&self, table: Id, constraint: &Row) -> Vec<String> {
        let name = |number: i32| self.columns(table).find(|row| text(row, 1).parse() == Ok(number)).map(|row| text(row, 2).to_owned());
        numbers(text(constraint, 4)).into_iter().filter_map(name).collect()
    }

    fn object(&self, table: &DumpTable) -> Object {
        let mut lines: Vec<String> = self.columns(table.id).map(|row| self.column(row)).collect();
        let valid = self.constraints(table.id).filter(|row| text(row, 5) == "t");
        lines.extend(valid.map(|row| format!("CONSTRAINT {} {}", text(row, 1), self.constraint(table, row))));
        let statements = vec![format!("CREATE TABLE {} (\n    {}\n)", table.name, lines.join(",\n    "))];
        Object { id: table.id, kind: Kind::Table, name: table.name.clone(), statements }
    }

    fn column(&self, row: &Row) -> String {
        let mut line = format!("{} {}", text(row, 2), text(row, 3));
        match (text(row, 5), text(row, 6), row.get(7)) {
            (_, "s", Some(expression)) => line.push_str(&format!(" GENERATED ALWAYS AS ({expression}) STORED")),
            ("", _, Some(default)) => line.push_str(&format!(" DEFAULT {default}")),
            ("", _, None) => {}
            (kind, ..) => line.push_str(&self.identity(row, kind)),
        }
        if text(row, 4) == "t" {
            line.push_str(" NOT NULL");
        }
        line
    }

    fn identity(&self, row: &Row, kind: &str) -> String {
        let column = (id(text(row, 0)), text(row, 1).parse().unwrap_or(0));
        let sequence = self.sequences.iter().find(|sequence| sequence.owner == Some(column) && sequence.is_identity);
        let options = sequence.map(|sequence| format!("SEQUENCE NAME {} {}", sequence.name, sequence.options)).unwrap_or_default();
        format!(" GENERATED {} AS IDENTITY ({options})", if kind == "a" { "ALWAYS" } else { "BY DEFAULT" })
    }

    /// A primary key shows every other column as included, because rows lie in it; that is no part of its definition.
    fn constraint(&self, table: &DumpTable, row: &Row) -> String {
        if text(row, 2) != "p" {
            return text(row, 3).to_owned();
        }
        let deferrable = if text(row, 6) == "t" { " DEFERRABLE" } else { "" };
        let deferred = if text(row, 7) == "t" { " INITIALLY DEFERRED" } else { "" };
        format!("PRIMARY KEY ({}){deferrable}{deferred}", table.key.join(", "))
    }
}

/// `CREATE INDEX ASYNC …` for every index that is no constraint's and is there to be used.
pub(super) async fn indexes(snapshot: &mut Snapshot) -> Result<Vec<(Id, String)>, TransferError> {
    let sql = format!(
        "SELECT i.indrelid, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisvalid AND {USER_SCHEMA} \
         AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u')) ORDER BY {}",
        qualified("c.relname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    Ok(rows.iter().map(|row| (id(text(row, 0)), asynchronous(text(row, 1)))).collect())
}

/// The catalog shows the statement of a finished index.
fn asynchronous(definition: &str) -> String {
    let definition = definition.replacen(" INDEX ", " INDEX ASYNC ", 1);
    definition.replacen(" USING btree_index ", " ", 1).replacen(" USING btree ", " ", 1)
}

/// Foreign keys and checks that were never validated, which rows loaded now might not pass, and what validates the former: (table,
/// addition, validation).
pub(super) async fn late_constraints(snapshot: &mut Snapshot) -> Result<Vec<(Id, String, Option<String>)>, TransferError> {
    let sql = format!(
        "SELECT k.conrelid, {}, quote_ident(k.conname), pg_get_constraintdef(k.oid), k.convalidated FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE (k.contype = 'f' OR (k.contype = 'c' AND NOT k.convalidated)) AND {USER_SCHEMA} ORDER BY 2, 3",
        qualified("c.relname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let key = |row: &Row| {
        let definition = text(row, 3).trim_end_matches(" NOT VALID");
        let addition = format!("ALTER TABLE {} ADD CONSTRAINT {} {definition} NOT VALID", text(row, 1), text(row, 2));
        let validation = format!("ALTER TABLE ASYNC {} VALIDATE CONSTRAINT {}", text(row, 1), text(row, 2));
        (id(text(row, 0)), addition, (text(row, 4) == "t").then_some(validation))
    };
    Ok(rows.iter().map(key).collect())
}

pub(super) async fn statistics(snapshot: &mut Snapshot) -> Result<Vec<(Id, String)>, TransferError> {
    let sql = format!(
        "SELECT s.stxrelid, pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace \
         WHERE {USER_SCHEMA} ORDER BY {}",
        qualified("s.stxname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    Ok(rows.iter().map(|row| (id(text(row, 0)), text(row, 1).to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::asynchronous;

    #[test]
    fn a_finished_index_is_asked_for_again() {
        let shown = "CREATE UNIQUE INDEX ix ON public.v USING btree_index (lower((b)::text)) INCLUDE (c) WHERE (a > 3)";
        assert_eq!(asynchronous(shown), "CREATE UNIQUE INDEX ASYNC ix ON public.v (lower((b)::text)) INCLUDE (c) WHERE (a > 3)");
    }
}
