//! ADD COLUMN with a default or constraints, as the steps that Aurora DSQL has for them.

use std::fmt::Write as _;

use borealis_catalog::{Index, IndexKey, IndexKeyPart, Table};

use crate::finding::{Edit, Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Action, AlterTable, Column, ColumnPart, CreateTable};
use crate::tokens::quoted;

pub(super) const RULE: Rule = Rule {
    id: "add-column-constraint",
    rows: &["alter_table/ADD COLUMN with constraint"],
    own: false,
    severity: Severity::Error,
    what: "ALTER TABLE ADD COLUMN with DEFAULT, NOT NULL, CHECK, UNIQUE or REFERENCES",
    why: "A column is added bare: everything else would have to read or write every row of the table in one statement.",
    fix: "The column is added bare, and what it carried follows in statements of their own: the default, an UPDATE that gives it to the rows that are there, NOT NULL as a CHECK constraint, \
          CHECK and REFERENCES with NOT VALID and then validated by a job, UNIQUE as a unique index. What is lost: it is no longer one statement; the UPDATE is to be repeated until it \
          changes no row, because a transaction changes at most 3,000; NOT NULL is a CHECK. Batches are chosen by the primary key or another key without NULLs; where the files show none, \
          the UPDATE is one statement for at most 3,000 rows, and says so. Dialect 2026-02 has none of these statements, and no dialect can make an added column an identity, \
          a generated column or a primary key: recreate the table.",
    example: include_str!("add_column_constraint.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(alter) = &check.alter_table else { return };
    for action in &alter.actions {
        let Action::AddColumn { column, .. } = action else { continue };
        let parts: Vec<&ColumnPart> = column.parts.iter().filter(|part| !matches!(part.word.as_str(), "collate" | "storage" | "compression")).collect();
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { continue };
        let tokens = first.tokens.start..last.tokens.end;
        let fix = Steps::new(check, alter, column).fix(&parts);
        found.extend(check.refused(&RULE, "alter_table/ADD COLUMN with constraint", &[], tokens).map(|finding| finding.fix(fix)));
    }
}

/// The statements that follow, while they are written.
struct Steps<'a> {
    check: &'a Check<'a>,
    table: &'a str,
    /// The table's name without schema, for names of constraints.
    bare: String,
    column: &'a Column,
    text: String,
    /// What is lost, in the order in which it is met.
    losses: Vec<&'static str>,
}

impl<'a> Steps<'a> {
    fn new(check: &'a Check<'a>, alter: &'a AlterTable, column: &'a Column) -> Self {
        Self { check, table: alter.table_text(check.view), bare: alter.table.name.clone(), column, text: String::new(), losses: Vec::new() }
    }

    fn fix(mut self, parts: &[&ColumnPart]) -> Fix {
        // A default goes first: rows are filled before anything is demanded of them.
        let order = |part: &&&ColumnPart| match part.word.as_str() {
            "default" => 0,
            "not" => 1,
            _ => 2,
        };
        let mut ordered: Vec<&&ColumnPart> = parts.iter().collect();
        ordered.sort_by_key(order);
        for part in ordered {
            if let Err(why) = self.step(part) {
                return Fix::impossible(why);
            }
        }
        let view = self.check.view;
        let mut edits: Vec<Edit> = parts.iter().map(|part| view.remove(part.tokens.clone())).collect();
        if self.text.is_empty() {
            return Fix::clean(edits);
        }
        edits.push(self.check.append(self.text.trim_end()));
        let mut losses = vec!["several statements take the place of one"];
        losses.append(&mut self.losses);
        losses.dedup();
        Fix::lossy(losses.join("; "), edits)
    }

    fn step(&mut self, part: &ColumnPart) -> Result<(), String> {
        match part.word.as_str() {
            "null" => Ok(()),
            "default" => self.default(part),
            "not" if self.check.view.is(part.body.start + 1, "null") => self.not_null(part),
            "check" => self.validated("ADD CONSTRAINT CHECK NOT VALID", part, "check"),
            "references" => self.validated("ADD CONSTRAINT FOREIGN KEY NOT VALID", part, "fkey"),
            "unique" => self.unique(part),
            "generated" => Err("a column that is added can be neither an identity nor a generated column: recreate the table".to_owned()),
            "primary" => Err("the primary key is fixed when the table is made: recreate the table".to_owned()),
            other => Err(format!("{other} cannot be said of a column that is added")),
        }
    }

    fn require(&self, form: &str) -> Result<(), String> {
        let accepted = borealis_dialect::require(&format!("alter_table/{form}"), &[], self.check.options.dialect);
        accepted.map_err(|_| format!("dialect {} has no ALTER TABLE {form}: recreate the table", self.check.options.dialect))
    }

    fn default(&mut self, part: &ColumnPart) -> Result<(), String> {
        let value = self.check.view.text_of(part.body.start + 1..part.body.end);
        if value.eq_ignore_ascii_case("null") {
            return Ok(());
        }
        self.require("ALTER COLUMN ... SET DEFAULT")?;
        let (table, column) = (self.table, quoted(&self.column.name));
        let _ = writeln!(self.text, "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {value};");
        let key = self.key();
        let batch = |key: &str, columns: &str| format!("{key} IN (SELECT {columns} FROM {table} WHERE {column} IS NULL LIMIT 3000)");
        let rows = match key.as_slice() {
            [] => {
                self.losses.push("rows that exist are filled by one statement, which is refused beyond 3,000: batches need a key");
                let _ = writeln!(self.text, "-- For at most 3,000 rows. More are filled in batches, which need a key: none of {table} is known here.");
                let _ = writeln!(self.text, "-- With a key: WHERE {}, until no row is changed.", batch("key", "key"));
                format!("{column} IS NULL")
            }
            columns => {
                self.losses.push("rows that exist are filled in batches");
                let _ = writeln!(self.text, "-- To be repeated until it changes no row: a transaction changes at most 3,000.");
                let names = columns.join(", ");
                if columns.len() == 1 { batch(&names, &names) } else { batch(&format!("({names})"), &names) }
            }
        };
        let _ = writeln!(self.text, "UPDATE {table} SET {column} = DEFAULT WHERE {rows};");
        Ok(())
    }

    /// Columns that tell the table's rows apart, none of them NULL; as the schema has them, or where it has no such table, as the file writes them.
    fn key(&self) -> Vec<String> {
        let Some(alter) = &self.check.alter_table else { return Vec::new() };
        if let Some(table) = self.check.known_table() {
            return key_of(table);
        }
        let Some(made) = self.check.file.creation_of(&alter.table, self.check.index) else { return Vec::new() };
        let view = self.check.file.view(made);
        CreateTable::read(view).map(|create| create.primary_key(view)).unwrap_or_default().iter().map(|name| quoted(name)).collect()
    }

    fn not_null(&mut self, part: &ColumnPart) -> Result<(), String> {
        self.require("ADD CONSTRAINT CHECK NOT VALID")?;
        let name = self.constraint_name(part, "not_null");
        self.losses.push("NOT NULL is a CHECK constraint, which a job validates");
        self.add(&name, &format!("CHECK ({} IS NOT NULL)", quoted(&self.column.name)));
        Ok(())
    }

    fn validated(&mut self, form: &str, part: &ColumnPart, suffix: &str) -> Result<(), String> {
        self.require(form)?;
        let name = self.constraint_name(part, suffix);
        let written = self.check.view.text_of(part.body.clone());
        let body = if suffix == "fkey" { format!("FOREIGN KEY ({}) {written}", quoted(&self.column.name)) } else { written.to_owned() };
        self.losses.push("rows that exist are checked by a job");
        self.add(&name, &body);
        Ok(())
    }

    fn unique(&mut self, part: &ColumnPart) -> Result<(), String> {
        let name = self.constraint_name(part, "key");
        self.losses.push("UNIQUE is a unique index, which a job builds");
        let view = self.check.view;
        let distinct = view.find(part.body.clone(), &["nulls", "not", "distinct"]).map_or("", |_| " NULLS NOT DISTINCT");
        let _ = writeln!(self.text, "CREATE UNIQUE INDEX ASYNC {name} ON {} ({}){distinct};", self.table, quoted(&self.column.name));
        Ok(())
    }

    fn constraint_name(&self, part: &ColumnPart, suffix: &str) -> String {
        quoted(&part.name.clone().unwrap_or_else(|| format!("{}_{}_{suffix}", self.bare, self.column.name)))
    }

    fn add(&mut self, name: &str, body: &str) {
        let table = self.table;
        let _ = writeln!(self.text, "ALTER TABLE {table} ADD CONSTRAINT {name} {body} NOT VALID;");
        let _ = writeln!(self.text, "ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {name};");
    }
}

/// The primary key, or the first unique index whose columns are all NOT NULL.
fn key_of(table: &Table) -> Vec<String> {
    let columns = |index: &Index| -> Option<Vec<String>> {
        let column = |key: &IndexKey| match key.part {
            IndexKeyPart::Column(number) => table.column_number(number).filter(|column| column.not_null).map(|column| quoted(&column.name)),
            IndexKeyPart::Expression(..) => None,
        };
        index.keys.iter().map(column).collect()
    };
    table.all_indexes().filter(|index| index.unique && index.predicate.is_none()).find_map(columns).unwrap_or_default()
}
