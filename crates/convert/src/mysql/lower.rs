//! From MySQL's tables to the target's, each loss said.

use sqlparser::ast::Expr;

use super::expr::Translator;
use super::keys;
use super::source::{SourceColumn, SourceDefault, SourceTable};
use super::types::{self, Mapped, ValueKind};
use super::value::Problem;
use crate::error::ConvertError;
use crate::loss::{Loss, Verdict};
use crate::model::{Check, Column, Counter, ForeignKey, Name, Numbers, Table};
use crate::names::{Names, fitting};
use crate::options::{AutoIncrement, Options, ZeroDates};
use crate::place::Place;

type R<T> = Result<T, ConvertError>;

/// What translating collects.
pub(crate) struct Lowering<'a> {
    pub(crate) options: &'a Options,
    pub(crate) auto_increment: AutoIncrement,
    pub(crate) losses: Vec<Loss>,
    pub(crate) names: Names,
}

impl Lowering<'_> {
    pub(crate) fn loses(
        &mut self,
        verdict: Verdict,
        code: &'static str,
        place: Place,
        object: &str,
        message: impl Into<String>,
    ) -> &mut Loss {
        self.losses.push(Loss::new(verdict, code, place, object, message));
        let last = self.losses.len() - 1;
        &mut self.losses[last]
    }

    pub(crate) fn name(&self, name: &str) -> Name {
        Name { schema: self.options.schema.clone(), name: fitting(name).to_owned() }
    }

    /// All tables of a source.
    ///
    /// # Errors
    /// A type without a counterpart.
    pub(crate) fn tables(&mut self, sources: &[SourceTable]) -> R<Vec<Table>> {
        for source in sources {
            if !self.names.take(self.options.schema.as_deref(), fitting(&source.name)) {
                let error = ConvertError::new(source.place, format!("there are two tables named {}", source.name));
                return Err(error.hint("Convert one database at a time, each into a schema of its own: --schema."));
            }
        }
        let mut tables: Vec<Table> = sources.iter().map(|source| self.shape(source)).collect::<R<_>>()?;
        self.references(sources, &mut tables);
        for (source, table) in sources.iter().zip(&mut tables) {
            self.values(source, table);
            self.about(source, table);
            keys::lower(self, source, table);
        }
        Ok(tables)
    }

    /// Columns with their types and counters.
    fn shape(&mut self, source: &SourceTable) -> R<Table> {
        let mut table = Table::new(source.place, self.name(&source.name));
        for column in &source.columns {
            let object = format!("{}.{}", source.name, column.name);
            let mapped = self.type_of(source, column)?;
            let mut lowered = Column::new(column.place, fitting(&column.name), mapped.sql_type.clone(), mapped.value.clone());
            lowered.not_null = column.not_null || column.key == Some(super::source::KeyKind::Primary);
            lowered.comment.clone_from(&column.comment);
            let quoted = borealis_sql::deparse::quote::identifier(&lowered.name);
            lowered.checks = mapped.checks.iter().map(|check| Check { name: None, condition: check.condition(&quoted) }).collect();
            let counted = column.auto_increment;
            for loss in mapped.losses {
                // A counter is as wide as can be.
                if !(counted && loss.code == "unsigned-range") {
                    let lost = self.loses(loss.verdict, loss.code, column.place, &object, loss.message);
                    lost.advice = loss.advice.map(str::to_owned);
                }
            }
            if counted {
                self.counter(source, &mut lowered, &object);
            }
            if column.name.len() > lowered.name.len() {
                self.loses(Verdict::Loss, "name-cut", column.place, &object, "the name is cut to 63 bytes");
            }
            table.columns.push(lowered);
        }
        Ok(table)
    }

    fn type_of(&self, source: &SourceTable, column: &SourceColumn) -> R<Mapped> {
        let mut mapped = mapped(column, self.options)?;
        // Sixteen bytes in a key are a UUID; bytea can be no key.
        if column.ty.name == "BINARY" && column.ty.args == [16] && keys::is_in_key(source, column) {
            mapped.sql_type = "uuid".to_owned();
            mapped.value = ValueKind::UuidOfBytes;
        }
        Ok(mapped)
    }

    fn counter(&mut self, source: &SourceTable, column: &mut Column, object: &str) {
        column.not_null = true;
        let numbers = Numbers { start: source.options.auto_increment.map(i128::from).filter(|start| *start > 1), ..Numbers::default() };
        let place = column.place;
        if self.auto_increment == AutoIncrement::Uuid {
            "uuid".clone_into(&mut column.sql_type);
            column.value = ValueKind::UuidOfNumber;
            column.default = Some("gen_random_uuid()".to_owned());
            column.checks.clear();
            let message = "AUTO_INCREMENT: random UUIDs instead of numbers; columns that refer to it without a FOREIGN KEY stay numbers";
            self.loses(Verdict::Loss, "auto-increment", place, object, message).advice =
                Some("--auto-increment identity keeps numbers".to_owned());
            return;
        }
        "bigint".clone_into(&mut column.sql_type);
        column.value = ValueKind::Integer { min: i128::from(i64::MIN), max: i128::from(i64::MAX) };
        column.counter = Some(if self.auto_increment == AutoIncrement::Identity {
            Counter::Identity { always: false, numbers }
        } else {
            let name = self.names.free(self.options.schema.as_deref(), &format!("{}_{}_seq", source.name, column.name));
            Counter::Sequence { name: Name { schema: self.options.schema.clone(), name }, numbers }
        });
        if self.options.cache > 1 {
            let message = format!("AUTO_INCREMENT: numbers are unique, but with gaps and not in order (CACHE {})", self.options.cache);
            self.loses(Verdict::Loss, "auto-increment", place, object, message).advice =
                Some("--cache 1 counts in order, and is slower".to_owned());
        }
    }

    /// Foreign keys; their columns become what the counters are that they refer to.
    fn references(&mut self, sources: &[SourceTable], tables: &mut [Table]) {
        for (at, source) in sources.iter().enumerate() {
            for key in &source.foreign_keys {
                let target = sources.iter().find(|other| other.name.eq_ignore_ascii_case(&key.target));
                let target = target.map_or(&key.target, |target| &target.name);
                let columns =
                    key.columns.iter().map(|name| tables[at].column(name).map_or_else(|| name.clone(), |column| column.name.clone()));
                let columns = columns.collect();
                let lowered = ForeignKey {
                    place: key.place,
                    name: key.name.as_deref().map(|name| fitting(name).to_owned()),
                    columns,
                    target: self.name(target),
                    target_columns: key.target_columns.iter().map(|name| fitting(name).to_owned()).collect(),
                    match_full: key.match_full,
                    on_delete: key.on_delete.clone(),
                    on_update: key.on_update.clone(),
                    deferral: String::new(),
                };
                tables[at].foreign_keys.push(lowered);
            }
        }
        // A key may refer to a column that is itself retyped; each round settles at least one column, or nothing is left to do.
        let rounds: usize = tables.iter().map(|table| table.columns.len()).sum();
        let before: Vec<Vec<String>> =
            tables.iter().map(|table| table.columns.iter().map(|column| column.sql_type.clone()).collect()).collect();
        for _ in 0..=rounds {
            if !retype(tables) {
                break;
            }
        }
        // What the first type would have lost is not lost.
        for ((source, table), types) in sources.iter().zip(tables.iter()).zip(&before) {
            for (column, _) in table.columns.iter().zip(types).filter(|(column, ty)| column.sql_type != **ty) {
                let object = format!("{}.{}", source.name, column.name);
                self.losses.retain(|loss| !(loss.code == "unsigned-range" && loss.object == object));
            }
        }
    }

    /// Defaults, generated columns and checks, now that all types are known.
    fn values(&mut self, source: &SourceTable, table: &mut Table) {
        for (at, column) in source.columns.iter().enumerate() {
            let object = format!("{}.{}", source.name, column.name);
            if let Some(default) = &column.default {
                self.default(table, at, default, &object);
            }
            if let Some(generated) = &column.generated {
                self.generated(table, at, generated, &object);
            }
            for check in &column.checks {
                if !is_json_valid(&check.expression, &column.name) {
                    self.check(table, check, &object);
                }
            }
            self.losses.extend(remarks(column, &object));
        }
        source.checks.iter().for_each(|check| self.check(table, check, &source.name));
    }

    fn default(&mut self, table: &mut Table, at: usize, default: &SourceDefault, object: &str) {
        let column = &table.columns[at];
        let (place, kind) = (column.place, column.value.clone());
        if column.counter.is_some() || kind == ValueKind::UuidOfNumber {
            return;
        }
        let translator = Translator { columns: &table.columns, open: false };
        match super::default::translate(default, &kind, &translator) {
            Ok(text) => table.columns[at].default = text,
            Err(Problem::ZeroDate(date)) => self.zero_date(table, at, &date, object),
            Err(Problem::Unfit(why)) => {
                self.loses(Verdict::Impossible, "default", place, object, format!("the default is left out: {why}"));
            }
        }
    }

    fn zero_date(&mut self, table: &mut Table, at: usize, date: &str, object: &str) {
        let place = table.columns[at].place;
        self.loses(Verdict::Loss, "zero-date", place, object, format!("the default {date} is left out: there is no such date"));
        if self.options.zero_dates == ZeroDates::Null && table.columns[at].not_null {
            table.columns[at].not_null = false;
            self.loses(Verdict::Loss, "zero-date", place, object, "NOT NULL is left out: NULL stands for the zero date");
        }
    }

    fn generated(&mut self, table: &mut Table, at: usize, generated: &super::source::Generated, object: &str) {
        let place = table.columns[at].place;
        let translator = Translator { columns: &table.columns, open: false };
        let boolean = table.columns[at].value == ValueKind::Boolean;
        let translated = if boolean {
            translator.condition(&generated.expression)
        } else {
            translator.value(&generated.expression).map(|value| value.sql)
        };
        match translated {
            Ok(text) => {
                table.columns[at].generated = Some(text);
                if !generated.stored {
                    self.loses(Verdict::Clean, "generated-stored", place, object, "the VIRTUAL column is STORED: it takes space");
                }
            }
            Err(why) => {
                let message = format!("the generated column is an ordinary one: {why}");
                self.loses(Verdict::Impossible, "generated", place, object, message).advice =
                    Some("compute it in the application, or in a view".to_owned());
            }
        }
    }

    fn check(&mut self, table: &mut Table, check: &super::source::SourceCheck, object: &str) {
        if !check.enforced {
            self.loses(Verdict::Clean, "check", check.place, object, "a check that is NOT ENFORCED is left out");
            return;
        }
        let translated = Translator { columns: &table.columns, open: false }.condition(&check.expression);
        match translated {
            Ok(condition) => table.checks.push(Check { name: check.name.as_deref().map(|name| fitting(name).to_owned()), condition }),
            Err(why) => {
                self.loses(
                    Verdict::Impossible,
                    "check",
                    check.place,
                    object,
                    format!("the check ({}) is left out: {why}", check.expression),
                );
            }
        }
    }

    /// What belongs to a table as a whole.
    fn about(&mut self, source: &SourceTable, table: &mut Table) {
        table.comment.clone_from(&source.options.comment);
        if let Some((place, method)) = &source.options.partitions {
            let message = format!("PARTITION BY {method} is left out: the service partitions by key");
            self.loses(Verdict::Loss, "partitions", *place, &source.name, message).advice =
                Some("delete old rows in batches instead of dropping a partition".to_owned());
        }
        for (place, what) in &source.options.special {
            self.loses(Verdict::Impossible, "table-option", *place, &source.name, format!("{what} has no counterpart"));
        }
        self.collation(source);
        if source.name.len() > table.name.name.len() {
            self.loses(Verdict::Loss, "name-cut", source.place, &source.name, "the name is cut to 63 bytes");
        }
    }

    /// Comparisons that ignore case in MySQL do not here; it matters most where values must be unique.
    fn collation(&mut self, source: &SourceTable) {
        let textual = |column: &&SourceColumn| {
            matches!(column.ty.name.as_str(), "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT")
        };
        let collation = |column: &SourceColumn| column.ty.collation.clone().or_else(|| source.options.collation.clone());
        let blind = |column: &&SourceColumn| collation(column).is_none_or(|name| name.ends_with("_ci") || name.contains("_ci_"));
        let columns: Vec<&SourceColumn> = source.columns.iter().filter(textual).filter(blind).collect();
        let Some(first) = columns.first() else { return };
        let unique: Vec<&str> =
            columns.iter().filter(|column| keys::is_unique(source, column)).map(|column| column.name.as_str()).collect();
        let unique = if unique.is_empty() { String::new() } else { format!("; also what is unique: {}", unique.join(", ")) };
        let name = collation(first).map_or_else(|| "the default collation".to_owned(), |name| format!("collation {name}"));
        let message = format!("{name}: here texts differ by case, accents and trailing blanks, and sort by code point{unique}");
        self.loses(Verdict::Loss, "collation", source.place, &source.name, message).advice =
            Some("compare lower(column), and index that".to_owned());
    }
}

/// What the type of a column becomes.
pub(super) fn mapped(column: &SourceColumn, options: &Options) -> R<Mapped> {
    // MariaDB's JSON is a text with a check.
    if column.ty.name == "LONGTEXT" && column.checks.iter().any(|check| is_json_valid(&check.expression, &column.name)) {
        let json = types::SourceType { name: "JSON".to_owned(), ..types::SourceType::default() };
        return types::map(&json, options, column.place);
    }
    types::map(&column.ty, options, column.place)
}

/// What is lost of a column that is neither its type nor its values.
pub(super) fn remarks(column: &SourceColumn, object: &str) -> Vec<Loss> {
    let loses = |verdict, code, message: &str| Loss::new(verdict, code, column.place, object, message);
    let mut losses = Vec::new();
    if column.on_update {
        let message = "ON UPDATE CURRENT_TIMESTAMP is left out: nothing sets the column when a row changes";
        losses.push(loses(Verdict::Loss, "on-update", message).advice("set it in every UPDATE"));
    }
    if column.invisible {
        losses.push(loses(Verdict::Loss, "invisible", "the INVISIBLE column is visible: SELECT * shows it"));
    }
    if column.references {
        losses.push(loses(Verdict::Clean, "inline-references", "REFERENCES behind a column is left out, as MySQL ignores it"));
    }
    losses
}

/// One round of making columns what they refer to; whether something changed.
fn retype(tables: &mut [Table]) -> bool {
    let mut changed = false;
    for at in 0..tables.len() {
        for key in tables[at].foreign_keys.clone() {
            let Some(target) = tables.iter().find(|table| table.name == key.target) else { continue };
            let pairs: Vec<(String, Column)> = key
                .columns
                .iter()
                .zip(&key.target_columns)
                .filter_map(|(here, there)| Some((here.clone(), target.column(there)?.clone())))
                .collect();
            for (here, there) in pairs {
                let counted = there.counter.is_some() || there.value == ValueKind::UuidOfNumber || there.value == ValueKind::UuidOfBytes;
                let wider = there.sql_type == "bigint";
                let Some(column) = tables[at].column_mut(&here) else { continue };
                if !(counted || wider) || column.sql_type == there.sql_type || column.counter.is_some() {
                    continue;
                }
                if there.sql_type == "uuid" {
                    column.checks.clear();
                }
                column.sql_type = there.sql_type;
                column.value = there.value;
                changed = true;
            }
        }
    }
    changed
}

/// `json_valid(column)`
pub(super) fn is_json_valid(expr: &Expr, column: &str) -> bool {
    let text = expr.to_string().replace('`', "").to_ascii_lowercase();
    text.trim_matches(['(', ')']) == format!("json_valid({}", column.to_ascii_lowercase())
}
