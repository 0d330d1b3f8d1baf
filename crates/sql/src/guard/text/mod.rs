//! A confined statement as SQL, for a database that knows nothing of marks.
//!
//! The text is made from the tree alone. Every name is quoted, every relation has its schema, every expression its parentheses, so that the text reads back
//! as the same tree. A mark becomes a condition: of WHERE where the relation stands in FROM or in a join that loses no rows there (such a relation keeps its
//! name, its key and its row type), else of a subquery in its place.

mod expression;
mod json;
mod query;
mod write;

use super::Confined;
use crate::ast::{Access, Explain, ExplainFormat, ObjectName, Statement};
use crate::deparse::quote::literal;

impl Confined {
    /// The statement's text. `None`: it touches no relation and goes as it was written.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut text = Text::default();
        text.statement(&self.statement).then_some(text.out)
    }
}

/// What has been written.
#[derive(Default)]
struct Text {
    out: String,
}

impl Text {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self, name: &str) {
        self.put(&quoted(name));
    }

    fn names(&mut self, names: &[String]) {
        self.list(names, ".", |text, name| text.name(name));
    }

    /// `(a, b)`
    fn columns(&mut self, names: &[String]) {
        self.put("(");
        self.list(names, ", ", |text, name| text.name(name));
        self.put(")");
    }

    fn object(&mut self, name: &ObjectName) {
        self.put(&object(name));
    }

    fn list<T>(&mut self, items: &[T], separator: &str, mut each: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(separator);
            }
            each(self, item);
        }
    }

    /// Whether it is a statement that has to be written anew.
    fn statement(&mut self, statement: &Statement) -> bool {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Explain(explain) => return self.explain(explain),
            _ => return false,
        }
        true
    }

    fn explain(&mut self, explain: &Explain) -> bool {
        let Explain { analyze, verbose, costs, timing, summary, settings, generic_plan, format, identifier: _, statement } = explain;
        let format = match format {
            ExplainFormat::Text => "TEXT",
            ExplainFormat::Json => "JSON",
            ExplainFormat::Yaml => "YAML",
            ExplainFormat::Xml => "XML",
        };
        self.put(&format!(
            "EXPLAIN (ANALYZE {analyze}, VERBOSE {verbose}, COSTS {costs}, SETTINGS {settings}, GENERIC_PLAN {generic_plan}"
        ));
        for (option, given) in [("TIMING", timing), ("SUMMARY", summary)] {
            if let Some(on) = given {
                self.put(&format!(", {option} {on}"));
            }
        }
        self.put(&format!(", FORMAT {format}) "));
        self.statement(statement)
    }
}

/// An identifier between double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn object(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None => quoted(&name.name),
    }
}

/// The condition that a mark stands for, over the relation as `qualifier` names it.
fn condition(access: Option<&Access>, qualifier: &str) -> Option<String> {
    match access {
        Some(Access::Rows { column, value }) => Some(format!("({qualifier}.{} OPERATOR(pg_catalog.=) {})", quoted(column), literal(value))),
        Some(Access::Whole) | None => None,
    }
}
