//! From PostgreSQL's tables to the target's, each loss said.

use std::collections::BTreeSet;

use borealis_sql::deparse::quote::{identifier, literal};
use borealis_sql::parse::source::{self, Column as SourceColumn, Constraint, ConstraintKind, Table as SourceTable};

use super::reader::{Reader, Sequence, name_of, quoted};
use super::{array, inherit, rows, types};
use crate::error::ConvertError;
use crate::finish::{Parts, keyable, settle_index};
use crate::loss::{Loss, Verdict};
use crate::model::{Check, Column, Counter, ForeignKey, Index, Key, Name, Numbers, Part, PartOf, Table};
use crate::mysql::types::ValueKind;
use crate::options::{AutoIncrement, Options};
use crate::output::{Kind, Statement};
use crate::place::{Lines, Place};
use crate::render;

type R<T> = Result<T, ConvertError>;

/// Puts everything that was read into the parts.
///
/// # Errors
/// Rows that do not fit their tables.
pub(crate) fn lower(mut reader: Reader, parts: &mut Parts, options: &Options, text: &str, lines: &Lines<'_>) -> R<()> {
    parts.losses = reader.take_losses();
    let domains: Vec<String> = reader.domains.iter().map(|domain| domain.name.join(".")).collect();
    let mut lowering = Lowering { reader: &mut reader, options, domains, losses: Vec::new(), counted: BTreeSet::new() };
    parts.before = lowering.domains();
    let tables = std::mem::take(&mut lowering.reader.tables);
    for (place, table) in &tables {
        if let Some(table) = lowering.table(*place, table, &tables) {
            parts.names.take(table.name.schema.as_deref(), &table.name.name);
            parts.tables.push(table);
        }
    }
    for (place, index) in std::mem::take(&mut lowering.reader.indexes) {
        lowering.index(place, index, &mut parts.tables, &mut parts.names);
    }
    parts.before.extend(lowering.sequences());
    parts.losses.append(&mut lowering.losses);
    reader.tables = tables;
    rows::convert(&reader, parts, text, lines)?;
    let mut before = std::mem::take(&mut reader.before);
    before.append(&mut parts.before);
    parts.before = before;
    parts.after = reader.after;
    Ok(())
}

struct Lowering<'a> {
    reader: &'a mut Reader,
    options: &'a Options,
    domains: Vec<String>,
    losses: Vec<Loss>,
    /// Sequences that became a column's counter.
    counted: BTreeSet<Name>,
}

impl Lowering<'_> {
    fn loses(&mut self, verdict: Verdict, code: &'static str, place: Place, object: &str, message: impl Into<String>) -> &mut Loss {
        self.losses.push(Loss::new(verdict, code, place, object, message));
        let last = self.losses.len() - 1;
        &mut self.losses[last]
    }

    /// An expression with the types of the source's own replaced.
    fn expression(&mut self, text: &str, place: Place, object: &str) -> String {
        let enums = &self.reader.enums;
        let rename = |name: &str| (enums.contains_key(name) || matches!(name, "citext" | "public.citext")).then(|| "text".to_owned());
        let (text, collated) = source::rewrite_casts(text, &rename);
        if collated {
            self.loses(Verdict::Loss, "collation", place, object, "COLLATE in an expression is left out: texts are in C collation");
        }
        text
    }

    fn domains(&mut self) -> Vec<Statement> {
        let domains = std::mem::take(&mut self.reader.domains);
        let mut statements = Vec::new();
        for domain in domains {
            let object = domain.name.last().cloned().unwrap_or_default();
            let mapped = types::map(&domain.ty, &self.reader.enums, &self.domains, self.options);
            let path: Vec<String> = domain.name.iter().filter(|part| *part != "public").map(|part| identifier(part)).collect();
            let mut sql = format!("CREATE DOMAIN {} AS {}", path.join("."), mapped.sql_type);
            for Constraint { name, kind } in &domain.constraints {
                let name = name.as_ref().map_or(String::new(), |name| format!("CONSTRAINT {} ", identifier(name)));
                match kind {
                    ConstraintKind::NotNull => sql.push_str(&format!(" {name}NOT NULL")),
                    ConstraintKind::Default(text) => sql.push_str(&format!(" DEFAULT {}", self.expression(text, domain.place, &object))),
                    ConstraintKind::Check(text) => {
                        sql.push_str(&format!(" {name}CHECK ({})", self.expression(text, domain.place, &object)))
                    }
                    _ => {}
                }
            }
            self.type_losses(&mapped.losses, domain.place, &object);
            statements.push(Statement { kind: Kind::Domain, object, place: domain.place, sql });
        }
        statements
    }

    fn type_losses(&mut self, losses: &[crate::mysql::TypeLoss], place: Place, object: &str) {
        for loss in losses {
            self.loses(loss.verdict, loss.code, place, object, loss.message.clone()).advice = loss.advice.map(str::to_owned);
        }
    }

    /// A table of the target; `None` for a partition, whose rows go to its parent.
    fn table(&mut self, place: Place, table: &SourceTable, all: &[(Place, SourceTable)]) -> Option<Table> {
        let name = name_of(&table.name);
        let object = render::plain(&name);
        if table.is_partition {
            let parent = table.parents.first().map(name_of)?;
            self.reader.partitions.insert(name.clone(), parent);
        }
        if let Some(parent) = self.reader.partitions.get(&name).cloned() {
            let message = format!("the partition is part of {}: its rows go there", render::plain(&parent));
            self.loses(Verdict::Loss, "partitions", place, &object, message);
            return None;
        }
        let mut lowered = Table::new(place, name);
        self.remarks(table, place, &object);
        for column in inherit::columns(table, all) {
            self.column(&mut lowered, column, place);
        }
        for constraint in &table.constraints {
            self.constraint(&mut lowered, constraint, None, place);
        }
        Some(lowered)
    }

    fn remarks(&mut self, table: &SourceTable, place: Place, object: &str) {
        if !table.persistence.is_empty() {
            self.loses(Verdict::Loss, "persistence", place, object, format!("the {} table is an ordinary one", table.persistence));
        }
        if table.is_partitioned {
            self.loses(Verdict::Loss, "partitions", place, object, "PARTITION BY is left out: the service partitions by key");
        }
        if !table.parents.is_empty() && !table.is_partition {
            let message = "INHERITS: the parents' columns are taken over; queries of a parent do not find these rows";
            self.loses(Verdict::Loss, "inherits", place, object, message).advice = Some("a view with UNION ALL".to_owned());
        }
        if table.has_storage {
            self.loses(Verdict::Clean, "storage", place, object, "storage parameters, tablespace or access method are left out");
        }
        if table.has_like {
            self.loses(Verdict::Impossible, "like", place, object, "LIKE among the columns is not converted").advice =
                Some("write the columns out".to_owned());
        }
    }

    fn column(&mut self, table: &mut Table, column: &SourceColumn, place: Place) {
        let object = format!("{}.{}", render::plain(&table.name), column.name);
        let mapped = types::map(&column.ty, &self.reader.enums, &self.domains, self.options);
        self.type_losses(&mapped.losses, place, &object);
        if let Some(collation) =
            column.collation.as_ref().filter(|name| !matches!(name.rsplit('.').next(), Some("C" | "POSIX" | "default")))
        {
            self.loses(
                Verdict::Loss,
                "collation",
                place,
                &object,
                format!("COLLATE \"{collation}\" is left out: texts are in C collation"),
            );
        }
        let mut lowered = Column::new(place, column.name.clone(), mapped.sql_type, mapped.value);
        let quoted = identifier(&column.name);
        lowered.checks = mapped.checks.iter().map(|check| Check { name: None, condition: check.condition(&quoted) }).collect();
        if matches!(column.ty.name.as_str(), "serial" | "serial4" | "serial2" | "smallserial" | "serial8" | "bigserial") {
            self.counter(&mut lowered, table, None, false, &source::Numbers::default(), &object);
        }
        table.columns.push(lowered);
        let at = table.columns.len() - 1;
        for constraint in &column.constraints {
            self.constraint(table, constraint, Some(at), place);
        }
    }

    /// A counter of a column: identity, or a sequence of its own.
    fn counter(
        &mut self,
        column: &mut Column,
        table: &Table,
        sequence: Option<Name>,
        always: bool,
        numbers: &source::Numbers,
        object: &str,
    ) {
        if column.sql_type != "bigint" {
            self.loses(
                Verdict::Clean,
                "counter-type",
                column.place,
                object,
                format!("{} becomes bigint, as counters are", column.sql_type),
            );
        }
        "bigint".clone_into(&mut column.sql_type);
        column.not_null = true;
        column.default = None;
        let mut lowered = numbers_of(numbers);
        let implicit = Name { schema: table.name.schema.clone(), name: format!("{}_{}_seq", table.name.name, column.name) };
        let name = sequence.unwrap_or(implicit);
        lowered.start = self.reader.next_number(&name, numbers).filter(|next| *next != 1).or(lowered.start);
        self.counted.insert(name.clone());
        column.counter = Some(if self.options.auto_increment == Some(AutoIncrement::Sequence) {
            Counter::Sequence { name, numbers: lowered }
        } else {
            Counter::Identity { always, numbers: lowered }
        });
        if self.options.cache > 1 {
            let message = format!("numbers are unique, but with gaps and not in order (CACHE {})", self.options.cache);
            self.loses(Verdict::Loss, "counter-order", column.place, object, message).advice =
                Some("--cache 1 counts in order, and is slower".to_owned());
        }
    }

    fn constraint(&mut self, table: &mut Table, constraint: &Constraint, at: Option<usize>, place: Place) {
        let name = constraint.name.clone();
        let object =
            at.map_or_else(|| render::plain(&table.name), |at| format!("{}.{}", render::plain(&table.name), table.columns[at].name));
        let behind = |columns: &[String], table: &Table| at.map_or_else(|| columns.to_vec(), |at| vec![table.columns[at].name.clone()]);
        match (&constraint.kind, at) {
            (ConstraintKind::NotNull, Some(at)) => table.columns[at].not_null = true,
            (ConstraintKind::Default(text), Some(at)) => self.default(table, at, text, &object),
            (ConstraintKind::Generated(text), Some(at)) => table.columns[at].generated = Some(self.expression(text, place, &object)),
            (ConstraintKind::Identity { always, numbers }, Some(at)) => {
                let mut column = table.columns[at].clone();
                self.counter(&mut column, table, None, *always, numbers, &object);
                table.columns[at] = column;
            }
            (ConstraintKind::Check(text), _) => {
                let check = Check { name, condition: self.expression(text, place, &object) };
                match at {
                    Some(at) => table.columns[at].checks.push(check),
                    None => table.checks.push(check),
                }
            }
            (ConstraintKind::PrimaryKey { columns, .. }, _) => {
                let columns = behind(columns, table);
                self.primary_key(table, columns, place, &object);
            }
            (ConstraintKind::Unique { columns, include, nulls_not_distinct }, _) => {
                let key =
                    Key { place, name, columns: behind(columns, table), include: include.clone(), nulls_not_distinct: *nulls_not_distinct };
                self.unique(table, key, &object);
            }
            (ConstraintKind::ForeignKey(key), _) => table.foreign_keys.push(foreign_key(key, name, behind(&key.columns, table), place)),
            (ConstraintKind::Exclude, _) => {
                self.loses(Verdict::Impossible, "exclude", place, &object, "the EXCLUDE constraint is left out");
            }
            _ => {}
        }
    }

    fn primary_key(&mut self, table: &mut Table, columns: Vec<String>, place: Place, object: &str) {
        for name in &columns {
            if let Some(column) = table.column_mut(name) {
                column.not_null = true;
            }
        }
        let refused = columns.iter().find(|name| table.column(name).is_some_and(|column| !keyable(&column.sql_type, self.options)));
        if let Some(name) = refused {
            self.loses(
                Verdict::Impossible,
                "primary-key",
                place,
                object,
                format!("the primary key is left out: {name} is of a type that is no key"),
            );
            return;
        }
        // The name of a primary key is its index's: PostgreSQL's own choice is made again.
        table.primary_key = Some(Key { place, name: None, columns, include: Vec::new(), nulls_not_distinct: false });
    }

    fn unique(&mut self, table: &mut Table, key: Key, object: &str) {
        let refused = key.columns.iter().find(|name| table.column(name).is_some_and(|column| !keyable(&column.sql_type, self.options)));
        match refused {
            Some(name) => {
                let message = format!("the unique constraint is left out: {name} is of a type that is no key");
                self.loses(Verdict::Impossible, "key-type", key.place, object, message);
            }
            None => table.uniques.push(key),
        }
    }

    fn default(&mut self, table: &mut Table, at: usize, text: &str, object: &str) {
        let place = table.columns[at].place;
        if let Some(name) =
            text.strip_prefix("nextval(").or_else(|| text.strip_prefix("pg_catalog.nextval(")).and_then(|rest| Some(quoted(rest)?.0))
            && self.reader.owned.contains(&name)
            && let Some(numbers) = self.reader.sequences.get(&name).map(|sequence| sequence.numbers)
        {
            let mut column = table.columns[at].clone();
            self.counter(&mut column, table, Some(name), false, &numbers, object);
            table.columns[at] = column;
            return;
        }
        let text = match table.columns[at].value {
            ValueKind::Array { numbers, boolean } => array_default(text, numbers, boolean),
            _ => Some(self.expression(text, place, object)),
        };
        match text {
            Some(text) => table.columns[at].default = Some(text),
            None => {
                self.loses(Verdict::Impossible, "default", place, object, "the default of an array is left out: it is no constant");
            }
        }
    }

    fn index(&mut self, place: Place, index: source::Index, tables: &mut [Table], names: &mut crate::names::Names) {
        let table = name_of(&index.table);
        if self.reader.partitions.contains_key(&table) {
            return;
        }
        let Some(table) = tables.iter_mut().find(|one| one.name == table) else {
            self.loses(Verdict::Impossible, "index", place, &index.name, "the index of a table that is not in the source is not converted");
            return;
        };
        let object = render::plain(&table.name);
        if !self.method(&index, place, &object) {
            return;
        }
        let mut parts = Vec::new();
        for part in &index.parts {
            parts.push(self.part(part, &index.name, place, &object));
        }
        // Read backwards, an index is descending in all its columns.
        let descending = index.parts.iter().filter(|part| part.descending).count();
        if descending > 0 && descending < index.parts.len() {
            self.loses(Verdict::Loss, "index-order", place, &object, format!("the index {}: DESC is left out", index.name));
        }
        if index.predicate.is_some() && !self.options.accepts("index/WHERE") {
            let verdict = if index.unique { Verdict::Impossible } else { Verdict::Loss };
            self.loses(
                verdict,
                "index-where",
                place,
                &object,
                format!("the index {}: the dialect {} has no WHERE", index.name, self.options.dialect),
            );
            if index.unique {
                return;
            }
        }
        let predicate =
            index.predicate.as_ref().filter(|_| self.options.accepts("index/WHERE")).map(|text| self.expression(text, place, &object));
        let wish = if index.name.is_empty() { format!("{}_idx", table.name.name) } else { index.name.clone() };
        let lowered = Index {
            place,
            name: names.free(table.name.schema.as_deref(), &wish),
            unique: index.unique,
            parts,
            include: index.include,
            nulls_not_distinct: index.nulls_not_distinct,
            predicate,
        };
        table.indexes.extend(settle_index(table, lowered, self.options, &mut self.losses));
    }

    /// Whether an ordered index does what this one did.
    fn method(&mut self, index: &source::Index, place: Place, object: &str) -> bool {
        match index.method.as_str() {
            "btree" | "" => true,
            "hash" | "brin" => {
                self.loses(
                    Verdict::Clean,
                    "index-method",
                    place,
                    object,
                    format!("the {} index {} is an ordered one", index.method, index.name),
                );
                true
            }
            method => {
                let message = format!("the {method} index {} is left out", index.name);
                self.loses(Verdict::Impossible, "index-method", place, object, message).advice =
                    Some("an index on an expression, or a search engine".to_owned());
                false
            }
        }
    }

    fn part(&mut self, part: &source::IndexPart, index: &str, place: Place, object: &str) -> Part {
        if let Some(class) = &part.operator_class {
            self.loses(
                Verdict::Clean,
                "index-class",
                place,
                object,
                format!("the index {index}: the operator class {class} is left out; texts are in C collation"),
            );
        }
        if part.collation.is_some() {
            self.loses(Verdict::Loss, "collation", place, object, format!("the index {index}: COLLATE is left out"));
        }
        let what = if part.column.is_empty() {
            PartOf::Expression(self.expression(&part.expression, place, object))
        } else {
            PartOf::Column(part.column.clone())
        };
        // NULLS FIRST is the default of DESC, and turns round with it.
        let nulls_first = part.nulls_first.map(|first| first != part.descending).filter(|first| *first);
        Part { what, nulls_first }
    }

    /// Sequences that no column counts with.
    fn sequences(&mut self) -> Vec<Statement> {
        let sequences = std::mem::take(&mut self.reader.sequences);
        let (counted, reader) = (&self.counted, &*self.reader);
        let free = sequences.into_iter().filter(|(name, _)| !counted.contains(name));
        let statement = |(name, sequence): (Name, Sequence)| {
            let mut numbers = numbers_of(&sequence.numbers);
            numbers.start = reader.next_number(&name, &sequence.numbers).or(numbers.start);
            let sql = render::create_sequence(&name, &numbers, self.options.cache);
            Statement { kind: Kind::Sequence, object: render::plain(&name), place: sequence.place, sql }
        };
        free.map(statement).collect()
    }
}

fn numbers_of(numbers: &source::Numbers) -> Numbers {
    let wide = |value: Option<i64>| value.map(i128::from);
    let source::Numbers { start, increment, min, max, cycle } = *numbers;
    // Limits of smaller integer types are limits no more.
    let max = wide(max).filter(|max| *max != i128::from(i32::MAX) && *max != i128::from(i16::MAX));
    Numbers {
        start: wide(start).filter(|start| *start != 1),
        increment: wide(increment).filter(|step| *step != 1),
        min: wide(min),
        max,
        cycle,
    }
}

fn foreign_key(key: &source::ForeignKey, name: Option<String>, columns: Vec<String>, place: Place) -> ForeignKey {
    let deferral = match (key.deferrable, key.initially_deferred) {
        (_, true) => "DEFERRABLE INITIALLY DEFERRED",
        (true, false) => "DEFERRABLE",
        (false, false) => "",
    };
    ForeignKey {
        place,
        name,
        columns,
        target: name_of(&key.target),
        target_columns: key.target_columns.clone(),
        match_full: key.match_full,
        on_delete: key.on_delete.clone(),
        on_update: key.on_update.clone(),
        deferral: deferral.to_owned(),
    }
}

/// `'{a,b}'::text[]` or `ARRAY[]::text[]` as a JSON literal.
fn array_default(text: &str, numbers: bool, boolean: bool) -> Option<String> {
    if text.starts_with("ARRAY[]") {
        return Some("'[]'".to_owned());
    }
    let body = text.strip_prefix('\'')?;
    let end = body.rfind('\'')?;
    let tail = &body[end + 1..];
    let cast_alone = tail.is_empty() || (tail.starts_with("::") && tail.ends_with("[]"));
    let json = array::json(&body[..end].replace("''", "'"), numbers, boolean)?;
    cast_alone.then(|| literal(&json))
}
