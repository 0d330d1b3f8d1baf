//! Changes of tables that are not in the source: what Aurora DSQL has a statement for becomes that statement, everything else names the operation of
//! `borealis migrate` that recreates the table.

use borealis_sql::deparse::quote::{identifier, literal};

use super::alter::{Action, Alteration};
use super::expr::Translator;
use super::source::{KeyKind, SourceCheck, SourceColumn, SourceForeignKey, SourceKey, SourcePart};
use super::statement::Reader;
use super::types::{self, Mapped};
use super::value::Problem;
use super::{default, lower};
use crate::error::ConvertError;
use crate::finish::Parts;
use crate::loss::{Loss, Verdict};
use crate::model::{Column, ForeignKey, Name, Part, PartOf};
use crate::names::{fitting, of_table};
use crate::options::{ForeignKeys, Options, ZeroDates};
use crate::output::{Kind, Statement};
use crate::place::Place;
use crate::render;

/// Adds the statements to the parts.
///
/// # Errors
/// A type without a counterpart.
pub(crate) fn convert(reader: &Reader<'_>, parts: &mut Parts, options: &Options) -> Result<(), ConvertError> {
    for (place, name) in reader.dropped() {
        let name = Name { schema: options.schema.clone(), name: fitting(name).to_owned() };
        let sql = format!("DROP TABLE IF EXISTS {}", render::name(&name));
        parts.untried.push(Statement { kind: Kind::Other, object: render::plain(&name), place: *place, sql });
    }
    for Alteration { table, actions, .. } in &reader.alterations {
        let name = Name { schema: options.schema.clone(), name: fitting(table).to_owned() };
        let mut direct = Direct { options, quoted: render::name(&name), object: render::plain(&name), name, parts: &mut *parts };
        for (place, action) in actions {
            direct.action(*place, action)?;
        }
    }
    // A table may be dropped that a change before has named so.
    parts.untried.sort_by_key(|statement| statement.place);
    Ok(())
}

struct Direct<'a> {
    options: &'a Options,
    name: Name,
    quoted: String,
    object: String,
    parts: &'a mut Parts,
}

impl Direct<'_> {
    fn action(&mut self, place: Place, action: &Action) -> Result<(), ConvertError> {
        match action {
            Action::AddColumn(column, _) => self.add_column(place, column)?,
            Action::AddKey(key) => self.add_key(place, key),
            Action::AddForeignKey(key) => self.add_foreign_key(place, key),
            Action::AddCheck(check) => self.add_check(place, check, &format!("{}_check", self.name.name), &[]),
            Action::DropColumn(name) => {
                self.alter_if(place, "alter_table/DROP COLUMN", &format!("DROP COLUMN {}", quote(name)), &format!("drop column {name}"))
            }
            Action::DropKey(name) => self.drop_key(place, name),
            Action::DropPrimaryKey => self.recreate(place, "DROP PRIMARY KEY", "change the primary key"),
            Action::DropForeignKey(name) | Action::DropConstraint(name) => {
                self.alter_if(
                    place,
                    "alter_table/DROP CONSTRAINT",
                    &format!("DROP CONSTRAINT {}", quote(name)),
                    &format!("drop constraint {name}"),
                );
            }
            Action::Change(old, column, _) => self.change(place, old, column)?,
            Action::SetDefault(name, default) => self.set_default(place, name, default::untyped(default)),
            Action::DropDefault(name) => {
                let sql = format!("ALTER COLUMN {} DROP DEFAULT", quote(name));
                self.alter_if(place, "alter_table/ALTER COLUMN ... SET DEFAULT", &sql, &format!("drop default of {name}"));
            }
            Action::RenameColumn(old, new) => self.alter(place, &format!("RENAME COLUMN {} TO {}", quote(old), quote(new))),
            Action::RenameKey(old, new) => self.rename_key(place, old, new),
            Action::Rename(name) => self.alter(place, &format!("RENAME TO {}", quote(name))),
            Action::Options(options) => self.table_options(place, options.auto_increment, options.comment.as_deref()),
            Action::Partitions(words) => {
                self.lose(Verdict::Loss, "partitions", place, format!("{words} of partitions is left out"), "the service partitions by key")
            }
            Action::ShowKey(name, shown) => self.show_key(place, name, *shown),
            Action::ShowColumn(name, shown) => self.show_column(place, name, *shown),
            // Said by who read it.
            Action::Convert(_) | Action::Session(_) => {}
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind, place: Place, sql: String) {
        self.parts.untried.push(Statement { kind, object: self.object.clone(), place, sql });
    }

    fn alter(&mut self, place: Place, change: &str) {
        let sql = format!("ALTER TABLE {} {change}", self.quoted);
        self.push(Kind::Alter, place, sql);
    }

    /// The direct form where the dialect has it, else a recreation.
    fn alter_if(&mut self, place: Place, key: &str, change: &str, operation: &str) {
        if self.options.accepts(key) { self.alter(place, change) } else { self.recreate(place, change, operation) }
    }

    fn lose(&mut self, verdict: Verdict, code: &'static str, place: Place, message: String, advice: &str) {
        self.parts.losses.push(Loss::new(verdict, code, place, self.object.clone(), message).advice(advice));
    }

    fn recreate(&mut self, place: Place, what: &str, operation: &str) {
        let message = format!("{what} is impossible here: the table has to be recreated");
        self.lose(Verdict::Impossible, "recreate", place, message, &format!("borealis migrate, on the table {}: {operation}", self.object));
    }

    fn add_column(&mut self, place: Place, column: &SourceColumn) -> Result<(), ConvertError> {
        let mapped = lower::mapped(column, self.options)?;
        let name = quote(&column.name);
        let object = format!("{}.{}", self.object, column.name);
        for loss in &mapped.losses {
            let mut lost = Loss::new(loss.verdict, loss.code, place, object.clone(), loss.message.clone());
            lost.advice = loss.advice.map(str::to_owned);
            self.parts.losses.push(lost);
        }
        if column.auto_increment || column.generated.is_some() {
            let what = if column.auto_increment { "AUTO_INCREMENT" } else { "a generated column" };
            self.recreate(
                place,
                &format!("ADD COLUMN {} with {what}", column.name),
                &format!("declare the table with the column {}", column.name),
            );
            return Ok(());
        }
        self.parts.losses.extend(lower::remarks(column, &object));
        self.alter(place, &format!("ADD COLUMN {name} {}", mapped.sql_type));
        let known = [Column::new(place, fitting(&column.name), mapped.sql_type.clone(), mapped.value.clone())];
        let not_null = self.column_default(place, column, &known);
        self.column_checks(place, column, &mapped, &known, not_null);
        self.finish_column(place, column, &name);
        Ok(())
    }

    /// The default of a new column, and what it leaves undone; whether the column is NOT NULL. `known` is the column.
    fn column_default(&mut self, place: Place, column: &SourceColumn, known: &[Column; 1]) -> bool {
        let translator = Translator { columns: known, open: true };
        let default = column.default.as_ref().map(|default| default::translate(default, &known[0].value, &translator));
        let default = default.filter(|default| *default != Ok(None));
        let nullable = self.options.zero_dates == ZeroDates::Null && matches!(default, Some(Err(Problem::ZeroDate(_))));
        let not_null = column.not_null && !nullable;
        let has_default = matches!(default, Some(Ok(_)));
        if let Some(default) = default {
            self.set_default(place, &column.name, default);
        }
        if not_null {
            let message = format!("{} is NOT NULL by a check that holds for new rows; rows that are there have NULL", column.name);
            let advice = format!("fill them in batches, then ALTER TABLE ASYNC {} VALIDATE CONSTRAINT …", self.quoted);
            self.lose(Verdict::Loss, "backfill", place, message, &advice);
        } else if has_default {
            let message = format!("rows that are there have NULL in {} instead of its default", column.name);
            self.lose(Verdict::Loss, "backfill", place, message, "fill them in batches of at most 3,000 rows");
        }
        not_null
    }

    /// The checks that a new column's type brings with it, its NOT NULL, and those behind it.
    fn column_checks(&mut self, place: Place, column: &SourceColumn, mapped: &Mapped, known: &[Column; 1], not_null: bool) {
        let quoted = quote(&column.name);
        let mut conditions: Vec<String> = mapped.checks.iter().map(|check| check.condition(&quoted)).collect();
        conditions.extend(not_null.then(|| format!("{quoted} IS NOT NULL")));
        let base = format!("{}_{}_check", self.name.name, column.name);
        let mut names = (0..).map(|number: usize| if number == 0 { base.clone() } else { format!("{base}{number}") });
        for (condition, name) in conditions.iter().zip(&mut names) {
            self.not_valid_check(place, &name, condition, false);
        }
        let written = column.checks.iter().filter(|check| !lower::is_json_valid(&check.expression, &column.name));
        for (check, name) in written.zip(&mut names) {
            self.add_check(place, check, &name, known);
        }
    }

    /// The key behind a column, and its comment.
    fn finish_column(&mut self, place: Place, column: &SourceColumn, quoted: &str) {
        if let Some(kind) = column.key {
            let parts = vec![SourcePart::Column { name: column.name.clone(), prefix: None, descending: false }];
            self.add_key(place, &SourceKey { place, kind, name: None, parts, comment: None, invisible: false });
        }
        if let Some(text) = &column.comment {
            let sql = format!("COMMENT ON COLUMN {}.{quoted} IS {}", self.quoted, literal(text));
            self.push(Kind::Comment, place, sql);
        }
    }

    fn not_valid_check(&mut self, place: Place, name: &str, condition: &str, validate: bool) {
        let name = identifier(fitting(name));
        let change = format!("ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID");
        if !self.options.accepts("alter_table/ADD CONSTRAINT CHECK NOT VALID") {
            return self.recreate(place, &format!("ADD CHECK ({condition})"), &format!("add the check {condition}"));
        }
        self.alter(place, &change);
        if validate {
            let sql = format!("ALTER TABLE ASYNC {} VALIDATE CONSTRAINT {name}", self.quoted);
            self.push(Kind::Validation, place, sql);
        }
    }

    /// `name` is for a check without one; `known` are columns whose types are.
    fn add_check(&mut self, place: Place, check: &SourceCheck, name: &str, known: &[Column]) {
        if !check.enforced {
            return self.lose(Verdict::Clean, "check", place, "a check that is NOT ENFORCED is left out".to_owned(), "nothing to do");
        }
        match (Translator { columns: known, open: true }).condition(&check.expression) {
            Ok(condition) => self.not_valid_check(place, check.name.as_deref().unwrap_or(name), &condition, true),
            Err(why) => {
                let message = format!("the check ({}) is left out: {why}", check.expression);
                self.lose(Verdict::Impossible, "check", place, message, "write it for PostgreSQL");
            }
        }
    }

    fn add_key(&mut self, place: Place, key: &SourceKey) {
        let unique = match key.kind {
            KeyKind::Primary => return self.recreate(place, "ADD PRIMARY KEY", "change the primary key"),
            KeyKind::Fulltext | KeyKind::Spatial => {
                return self.lose(
                    Verdict::Impossible,
                    "index-kind",
                    place,
                    "FULLTEXT and SPATIAL keys are left out".to_owned(),
                    "a search engine, the application",
                );
            }
            KeyKind::Unique => true,
            KeyKind::Plain => false,
        };
        let mut parts = Vec::new();
        let mut names = Vec::new();
        for part in &key.parts {
            let what = match part {
                SourcePart::Column { name, prefix: Some(length), .. } if unique && self.options.accepts("index/expression") => {
                    names.push(name.as_str());
                    PartOf::Expression(format!("left({}, {length})", quote(name)))
                }
                SourcePart::Column { name, prefix, .. } => {
                    names.push(name.as_str());
                    if prefix.is_some() {
                        self.lose(
                            Verdict::Loss,
                            "index-prefix",
                            place,
                            format!("all of {name} is indexed instead of its beginning"),
                            "left(column, n) as an expression",
                        );
                    }
                    PartOf::Column(fitting(name).to_owned())
                }
                SourcePart::Expression { expression, .. } => match (Translator { columns: &[], open: true }).value(expression) {
                    Ok(value) => PartOf::Expression(value.sql),
                    Err(why) => {
                        return self.lose(
                            Verdict::Impossible,
                            "index-expression",
                            place,
                            format!("the key is left out: {why}"),
                            "write it for PostgreSQL",
                        );
                    }
                },
            };
            parts.push(Part { what, nulls_first: None });
        }
        let wish = key.name.clone().unwrap_or_else(|| format!("{}_{}", names.join("_"), if unique { "key" } else { "idx" }));
        let name = self.parts.names.free(self.name.schema.as_deref(), &of_table(&self.name.name, &wish));
        let index = crate::model::Index { place, name, unique, parts, include: Vec::new(), nulls_not_distinct: false, predicate: None };
        let sql = render::create_index(&self.name, &index);
        self.push(Kind::Index, place, sql);
    }

    /// The index of a key, as the target calls it.
    fn index_name(&self, key: &str) -> Name {
        Name { schema: self.name.schema.clone(), name: fitting(&of_table(&self.name.name, key)).to_owned() }
    }

    fn rename_key(&mut self, place: Place, old: &str, new: &str) {
        let (old, new) = (self.index_name(old), self.index_name(new));
        let sql = format!("ALTER INDEX {} RENAME TO {}", render::name(&old), identifier(&new.name));
        self.push(Kind::Alter, place, sql);
    }

    fn show_key(&mut self, place: Place, name: &str, shown: bool) {
        if !shown {
            let message = format!("the index {name} stays visible: queries use it");
            self.lose(Verdict::Clean, "index-visible", place, message, "DROP INDEX where it is not wanted");
        }
    }

    fn show_column(&mut self, place: Place, name: &str, shown: bool) {
        if !shown {
            let message = format!("the column {name} stays visible: SELECT * shows it");
            self.lose(Verdict::Loss, "invisible", place, message, "name the columns in the SELECT");
        }
    }

    fn drop_key(&mut self, place: Place, name: &str) {
        let index = self.index_name(name);
        let sql = format!("DROP INDEX {}", render::name(&index));
        self.push(Kind::Other, place, sql);
        let message = format!("if {} is the index of a UNIQUE constraint, DROP INDEX is refused", render::plain(&index));
        self.lose(
            Verdict::Clean,
            "drop-index",
            place,
            message,
            &format!("ALTER TABLE {} DROP CONSTRAINT {}", self.quoted, identifier(&index.name)),
        );
    }

    fn add_foreign_key(&mut self, place: Place, key: &SourceForeignKey) {
        let name = key.name.clone().unwrap_or_else(|| format!("{}_{}_fkey", self.name.name, key.columns.join("_")));
        if self.options.foreign_keys() != ForeignKeys::Keep {
            let message = format!("the foreign key {name} is left out");
            return self.lose(
                Verdict::Loss,
                "foreign-key",
                place,
                message,
                "in one transaction: SELECT … FOR UPDATE on the referenced row, then the write",
            );
        }
        let lowered = ForeignKey {
            place,
            name: Some(fitting(&name).to_owned()),
            columns: key.columns.clone(),
            target: Name { schema: self.options.schema.clone(), name: fitting(&key.target).to_owned() },
            target_columns: key.target_columns.clone(),
            match_full: key.match_full,
            on_delete: key.on_delete.clone(),
            on_update: key.on_update.clone(),
            deferral: String::new(),
        };
        self.alter(place, &format!("ADD {} NOT VALID", render::foreign_key(&lowered)));
        let sql = format!("ALTER TABLE ASYNC {} VALIDATE CONSTRAINT {}", self.quoted, quote(&name));
        self.push(Kind::Validation, place, sql);
    }

    fn change(&mut self, place: Place, old: &str, column: &SourceColumn) -> Result<(), ConvertError> {
        let mapped = types::map(&column.ty, self.options, place)?;
        let renamed = !old.eq_ignore_ascii_case(&column.name);
        if renamed {
            self.alter(place, &format!("RENAME COLUMN {} TO {}", quote(old), quote(&column.name)));
        }
        let null = if column.not_null { " NOT NULL" } else { "" };
        let what = format!("MODIFY COLUMN {} {}{null}", column.name, mapped.sql_type);
        self.recreate(
            place,
            &what,
            &format!("change the type of {} to {}{null}; nothing to do when it has it already", column.name, mapped.sql_type),
        );
        Ok(())
    }

    fn set_default(&mut self, place: Place, name: &str, default: Result<Option<String>, Problem>) {
        match default {
            Ok(text) => {
                let sql = format!("ALTER COLUMN {} SET DEFAULT {}", quote(name), text.as_deref().unwrap_or("NULL"));
                self.alter_if(place, "alter_table/ALTER COLUMN ... SET DEFAULT", &sql, &format!("set default of {name}"));
            }
            Err(Problem::ZeroDate(date)) => {
                let message = format!("the default {date} of {name} is left out: there is no such date");
                self.lose(Verdict::Loss, "zero-date", place, message, "NULL stands for it");
            }
            Err(Problem::Unfit(why)) => self.lose(
                Verdict::Impossible,
                "default",
                place,
                format!("the default of {name} is left out: {why}"),
                "write it for PostgreSQL",
            ),
        }
    }

    fn table_options(&mut self, place: Place, auto_increment: Option<u64>, comment: Option<&str>) {
        if let Some(next) = auto_increment {
            let message = format!("AUTO_INCREMENT = {next} is left out: the column that counts is not in the source");
            self.lose(
                Verdict::Impossible,
                "auto-increment",
                place,
                message,
                &format!("ALTER TABLE {} ALTER COLUMN id RESTART WITH {next}", self.quoted),
            );
        }
        if let Some(text) = comment {
            let sql = format!("COMMENT ON TABLE {} IS {}", self.quoted, literal(text));
            self.push(Kind::Comment, place, sql);
        }
    }
}

fn quote(name: &str) -> String {
    identifier(fitting(name))
}
