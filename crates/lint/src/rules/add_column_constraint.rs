//! ADD COLUMN with a default or constraints, as the steps that Aurora DSQL has for them.

use std::fmt::Write as _;

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
          changes no row, because a transaction changes at most 3,000; NOT NULL is a CHECK. Dialect 2026-02 has none of these statements, and no dialect can make an added column an identity, \
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
}

impl<'a> Steps<'a> {
    fn new(check: &'a Check<'a>, alter: &'a AlterTable, column: &'a Column) -> Self {
        Self { check, table: alter.table_text(check.view), bare: alter.table.name.clone(), column, text: String::new() }
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
        if !self.text.is_empty() {
            edits.push(self.check.append(self.text.trim_end()));
        }
        Fix::lossy("several statements take the place of one; rows that exist are filled in batches and checked by a job", edits)
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
        let _ = writeln!(self.text, "-- To be repeated until it changes no row: a transaction changes at most 3,000.");
        let rows = match self.primary_key().as_slice() {
            [] => format!("{column} IS NULL"),
            [key] => format!("{key} IN (SELECT {key} FROM {table} WHERE {column} IS NULL LIMIT 3000)"),
            keys => format!("({0}) IN (SELECT {0} FROM {table} WHERE {column} IS NULL LIMIT 3000)", keys.join(", ")),
        };
        let _ = writeln!(self.text, "UPDATE {table} SET {column} = DEFAULT WHERE {rows};");
        Ok(())
    }

    /// The table's key, from the files.
    fn primary_key(&self) -> Vec<String> {
        let Some(alter) = &self.check.alter_table else { return Vec::new() };
        let Some(made) = self.check.file.creation_of(&alter.table, self.check.index) else { return self.key_of_catalog() };
        let view = self.check.file.view(made);
        CreateTable::read(view).map(|create| create.primary_key(view)).unwrap_or_default().iter().map(|name| quoted(name)).collect()
    }

    fn key_of_catalog(&self) -> Vec<String> {
        let table = self.check.known_table();
        let key = table.and_then(|table| table.all_indexes().find(|index| index.primary).map(|index| (table, index)));
        let Some((table, index)) = key else { return Vec::new() };
        let number = |part: &borealis_catalog::IndexKeyPart| match part {
            borealis_catalog::IndexKeyPart::Column(number) => table.column_number(*number).map(|column| quoted(&column.name)),
            borealis_catalog::IndexKeyPart::Expression(..) => None,
        };
        index.keys.iter().filter_map(|key| number(&key.part)).collect()
    }

    fn not_null(&mut self, part: &ColumnPart) -> Result<(), String> {
        self.require("ADD CONSTRAINT CHECK NOT VALID")?;
        let name = self.constraint_name(part, "not_null");
        self.add(&name, &format!("CHECK ({} IS NOT NULL)", quoted(&self.column.name)));
        Ok(())
    }

    fn validated(&mut self, form: &str, part: &ColumnPart, suffix: &str) -> Result<(), String> {
        self.require(form)?;
        let name = self.constraint_name(part, suffix);
        let written = self.check.view.text_of(part.body.clone());
        let body = if suffix == "fkey" { format!("FOREIGN KEY ({}) {written}", quoted(&self.column.name)) } else { written.to_owned() };
        self.add(&name, &body);
        Ok(())
    }

    fn unique(&mut self, part: &ColumnPart) -> Result<(), String> {
        let name = self.constraint_name(part, "key");
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
