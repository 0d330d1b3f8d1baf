//! INSERT, UPDATE, DELETE.

use super::{Text, condition, object, quoted};
use crate::ast::{
    Alias, Assignment, ConflictTarget, Delete, Insert, InsertColumn, InsertSource, ObjectName, OnConflict, Overriding, Step, Target, Update,
};

impl Text {
    pub(super) fn insert(&mut self, insert: &Insert) {
        // The rows are the tenant's by their values.
        let Insert { with, table, alias, columns, overriding, source, on_conflict, returning, access: _ } = insert;
        self.with(with.as_ref());
        self.put("INSERT INTO ");
        self.object(table);
        if let Some(alias) = alias {
            self.put(" AS ");
            self.name(alias);
        }
        if !columns.is_empty() {
            self.put(" ");
            self.insert_columns(columns);
        }
        self.put(match overriding {
            Overriding::None => " ",
            Overriding::UserValue => " OVERRIDING USER VALUE ",
            Overriding::SystemValue => " OVERRIDING SYSTEM VALUE ",
        });
        match source {
            InsertSource::DefaultValues => self.put("DEFAULT VALUES"),
            InsertSource::Query(query) => self.query(query),
        }
        if let Some(clause) = on_conflict {
            self.on_conflict(clause);
        }
        self.returning(returning);
    }

    fn insert_columns(&mut self, columns: &[InsertColumn]) {
        self.put("(");
        self.list(columns, ", ", Self::written_column);
        self.put(")");
    }

    fn written_column(&mut self, column: &InsertColumn) {
        self.name(&column.name);
        for step in &column.steps {
            match step {
                Step::Subscript(subscript) => self.subscript(subscript),
                Step::Field(field) => {
                    self.put(".");
                    self.name(field);
                }
                Step::Star => self.put(".*"),
            }
        }
    }

    fn on_conflict(&mut self, clause: &OnConflict) {
        let OnConflict { target, update, at: _ } = clause;
        self.put(" ON CONFLICT");
        match target {
            None => {}
            Some(ConflictTarget::Constraint(name)) => {
                self.put(" ON CONSTRAINT ");
                self.name(name);
            }
            Some(ConflictTarget::Columns { elements, filter }) => {
                self.put(" (");
                self.exprs(elements);
                self.put(")");
                self.filter(Vec::new(), filter.as_ref());
            }
        }
        match update {
            None => self.put(" DO NOTHING"),
            Some((assignments, filter)) => {
                self.put(" DO UPDATE SET ");
                self.assignments(assignments);
                self.filter(Vec::new(), filter.as_ref());
            }
        }
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        self.list(assignments, ", ", |text, assignment| match assignment {
            Assignment::Single { column, value } => {
                text.written_column(column);
                text.put(" = ");
                text.expr(value);
            }
            Assignment::Multiple { columns, source } => {
                text.insert_columns(columns);
                text.put(" = ");
                text.expr(source);
            }
        });
    }

    fn returning(&mut self, targets: &[Target]) {
        if !targets.is_empty() {
            self.put(" RETURNING ");
            self.targets(targets);
        }
    }

    fn written(&mut self, table: &ObjectName, alias: Option<&Alias>) -> String {
        self.object(table);
        self.alias(alias);
        alias.map_or_else(|| object(table), |alias| quoted(&alias.name))
    }

    pub(super) fn update(&mut self, update: &Update) {
        let Update { with, table, alias, assignments, from, filter, returning, access } = update;
        self.with(with.as_ref());
        self.put("UPDATE ");
        let qualifier = self.written(table, alias.as_ref());
        self.put(" SET ");
        self.assignments(assignments);
        let others = self.from(" FROM ", from);
        self.filter(condition(access.as_ref(), &qualifier).into_iter().chain(others).collect(), filter.as_ref());
        self.returning(returning);
    }

    pub(super) fn delete(&mut self, delete: &Delete) {
        let Delete { with, table, alias, using, filter, returning, access } = delete;
        self.with(with.as_ref());
        self.put("DELETE FROM ");
        let qualifier = self.written(table, alias.as_ref());
        let others = self.from(" USING ", using);
        self.filter(condition(access.as_ref(), &qualifier).into_iter().chain(others).collect(), filter.as_ref());
        self.returning(returning);
    }
}
