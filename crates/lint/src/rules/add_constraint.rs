//! ALTER TABLE ADD CONSTRAINT.

use std::ops::Range;

use crate::finding::{Edit, Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Action, AlterTable, CreateTable};
use crate::tokens::quoted;

pub(super) const RULE: Rule = Rule {
    id: "add-constraint",
    rows: &[
        "alter_table/ADD CONSTRAINT", "alter_table/ADD CONSTRAINT CHECK NOT VALID", "alter_table/ADD CONSTRAINT FOREIGN KEY NOT VALID",
        "alter_table/ADD CONSTRAINT PRIMARY KEY USING INDEX",
    ],
    own: false,
    severity: Severity::Error,
    what: "a constraint that is added to a table",
    why: "Adding a constraint would have to read the whole table in one statement. CHECK and FOREIGN KEY are added with NOT VALID and validated by a job; UNIQUE is an index that is built by a job; \
          the primary key is the table itself.",
    fix: "Where the table is made in the same file, as in a dump, UNIQUE and PRIMARY KEY move into CREATE TABLE, and in dialect 2026-02 CHECK too. Elsewhere CHECK and FOREIGN KEY get NOT VALID and a \
          statement that validates them, which is a loss: what is there is checked later. UNIQUE becomes a unique index, which is a loss: the table has no constraint of that name. \
          A primary key that is added to a table made elsewhere, and EXCLUDE, are left to you.",
    example: include_str!("add_constraint.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(alter) = &check.alter_table else { return };
    for action in &alter.actions {
        let Action::AddConstraint { word, name, tokens, body } = action else { continue };
        let not_valid = check.view.find(body.clone(), &["not", "valid"]).is_some();
        let using_index = check.view.find(body.clone(), &["using", "index"]).is_some_and(|at| !check.view.is(at + 2, "tablespace"));
        let form = match (word.as_str(), not_valid, using_index) {
            ("check", true, _) => "alter_table/ADD CONSTRAINT CHECK NOT VALID",
            ("foreign", true, _) => "alter_table/ADD CONSTRAINT FOREIGN KEY NOT VALID",
            ("unique", _, true) => continue,
            ("primary", _, true) => "alter_table/ADD CONSTRAINT PRIMARY KEY USING INDEX",
            _ => "alter_table/ADD CONSTRAINT",
        };
        let added = Added { check, alter, word, name: name.as_deref(), tokens: tokens.clone(), body: body.clone() };
        found.extend(check.refused(&RULE, form, &[], tokens.clone()).map(|finding| finding.fix(added.fix(using_index))));
    }
}

/// A constraint that is added.
struct Added<'a> {
    check: &'a Check<'a>,
    alter: &'a AlterTable,
    word: &'a str,
    name: Option<&'a str>,
    /// The action.
    tokens: Range<usize>,
    /// Behind `ADD CONSTRAINT name`.
    body: Range<usize>,
}

impl Added<'_> {
    fn fix(&self, using_index: bool) -> Fix {
        if using_index || self.word == "exclude" {
            return Fix::impossible("there is no such constraint of a table that exists");
        }
        match self.word {
            "check" | "foreign" => self.not_valid().or_else(|| self.folded()).unwrap_or_else(|| self.dropped()),
            _ => self.folded().unwrap_or_else(|| self.unique_index()),
        }
    }

    /// NOT VALID, and the statement that validates it.
    fn not_valid(&self) -> Option<Fix> {
        let (view, foreign) = (self.check.view, self.word == "foreign");
        let form = if foreign { "alter_table/ADD CONSTRAINT FOREIGN KEY NOT VALID" } else { "alter_table/ADD CONSTRAINT CHECK NOT VALID" };
        borealis_dialect::require(form, &[], self.check.options.dialect).ok()?;
        let table = self.alter.table_text(view);
        let mut edits = vec![view.insert_after(self.tokens.end - 1, " NOT VALID")];
        let name = match self.name {
            Some(name) => quoted(name),
            None => {
                let name = quoted(&self.chosen_name());
                edits.push(view.insert_before(self.body.start, format!("CONSTRAINT {name} ")));
                name
            }
        };
        edits.push(self.check.append(&format!("ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {name};")));
        Some(Fix::lossy("rows that exist are checked by a job, after the statement", edits))
    }

    /// PostgreSQL's kind of name: the table, the first column, what it is.
    fn chosen_name(&self) -> String {
        let view = self.check.view;
        let column = view.find(self.body.clone(), &["("]).and_then(|open| (open..self.body.end).find_map(|index| view.identifier(index)));
        let suffix = if self.word == "foreign" { "fkey" } else { "check" };
        column.map_or_else(|| format!("{}_{suffix}", self.alter.table.name), |column| format!("{}_{column}_{suffix}", self.alter.table.name))
    }

    /// Moved into the CREATE TABLE of the same file.
    fn folded(&self) -> Option<Fix> {
        let file = self.check.file;
        if self.word == "foreign" {
            return None;
        }
        let made = file.creation_of(&self.alter.table, self.check.index)?;
        let view = file.view(made);
        let create = CreateTable::read(view)?;
        let (open, close) = create.brackets.filter(|(_, close)| *close < view.len())?;
        if self.word == "primary" && create.has_primary_key(view) {
            return None;
        }
        let written = self.check.view.text_of(self.tokens.start + 1..self.tokens.end);
        let written = written.trim_end_matches(|c: char| c.is_whitespace());
        let text = if close == open + 1 { written.to_owned() } else { format!(",\n    {written}") };
        Some(Fix::clean(vec![view.insert_after(close - 1, text), self.removal()]))
    }

    /// Without the action; without the statement when it is the only one.
    fn removal(&self) -> Edit {
        if self.alter.actions.len() == 1 { self.check.remove_statement() } else { self.check.view.remove_element(self.tokens.clone()) }
    }

    /// Where the dialect has no way to add it.
    fn dropped(&self) -> Fix {
        if self.word == "foreign" {
            return Fix::lossy("the reference is not checked: check it in the application, in the same transaction", vec![self.removal()]);
        }
        Fix::impossible("recreate the table with the constraint")
    }

    fn unique_index(&self) -> Fix {
        let view = self.check.view;
        if self.word != "unique" {
            return Fix::impossible("the primary key is fixed when the table is made: recreate the table");
        }
        let Some(open) = view.find(self.body.clone(), &["("]).filter(|_| self.alter.actions.len() == 1) else {
            return Fix::impossible("add the constraint in a statement of its own");
        };
        let columns = view.list(open + 1..view.close_of(open));
        let names: Vec<String> = columns.iter().filter_map(|column| view.identifier(column.start)).collect();
        let name = self.name.map_or_else(|| format!("{}_{}_key", self.alter.table.name, names.join("_")), str::to_owned);
        let distinct = view.find(self.body.clone(), &["nulls", "not", "distinct"]).map_or("", |_| " NULLS NOT DISTINCT");
        let include = view.find(self.body.clone(), &["include", "("]).map_or(String::new(), |at| format!(" {}", view.text_of(at..view.close_of(at + 1) + 1)));
        let keys = view.text_of(open..view.close_of(open) + 1);
        let text = format!("CREATE UNIQUE INDEX ASYNC {} ON {} {keys}{include}{distinct}", quoted(&name), self.alter.table_text(view));
        Fix::lossy("a unique index takes the constraint's place; it is built by a job", vec![view.replace(0..view.len(), text)])
    }
}
