//! From the model to statements, in the order in which they have to run: schemas, domains, sequences, tables, rows, indexes, foreign keys, views,
//! comments. Each is tried on the [`Verifier`]'s catalog before it is handed out.

use std::collections::{BTreeMap, BTreeSet};

use borealis_pgtypes::SqlError;
use borealis_sql::deparse::quote::{identifier, literal};

use crate::loss::{Loss, Verdict};
use crate::model::{Check, Counter, ForeignKey, Index, Name, PartOf, Table};
use crate::names::Names;
use crate::options::{ForeignKeys, Options};
use crate::output::{Conversion, Kind, Statement};
use crate::place::Place;
use crate::render;
use crate::verify::{Verifier, parses};

/// What was read out of the source.
#[derive(Default)]
pub(crate) struct Parts {
    /// Statements that tables may need: domains, sequences, functions.
    pub(crate) before: Vec<Statement>,
    pub(crate) tables: Vec<Table>,
    /// INSERT statements, each with the table it is for.
    pub(crate) rows: Vec<(Name, Statement)>,
    /// Statements about what stands before them: views, comments.
    pub(crate) after: Vec<Statement>,
    /// Statements about tables that are not in the source, which cannot be tried.
    pub(crate) untried: Vec<Statement>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) names: Names,
}

/// The whole answer.
pub(crate) fn finish(parts: Parts, options: &Options) -> Conversion {
    let Parts { before, tables, rows, after, untried, losses, names } = parts;
    let mut finish = Finish { options, verifier: Verifier::new(options.dialect), statements: Vec::new(), losses, names };
    finish.schemas(&tables, &before);
    before.into_iter().for_each(|statement| finish.add(statement));
    let with_rows = !rows.is_empty();
    let (tables, left) = finish.tables(tables, with_rows);
    finish.rows(rows, &tables);
    tables.iter().for_each(|table| finish.indexes(table));
    finish.foreign_keys(&tables, &left);
    after.into_iter().for_each(|statement| finish.add(statement));
    tables.iter().for_each(|table| finish.comments(table));
    untried.into_iter().for_each(|statement| finish.add_untried(statement));
    let Finish { statements, mut losses, .. } = finish;
    losses.sort_by_key(|loss| loss.place);
    Conversion { dialect: options.dialect, statements, losses }
}

struct Finish<'a> {
    options: &'a Options,
    verifier: Verifier,
    statements: Vec<Statement>,
    losses: Vec<Loss>,
    names: Names,
}

impl Finish<'_> {
    /// Hands a statement out when it is accepted, and says so when it is not.
    fn add(&mut self, statement: Statement) {
        match self.verifier.run(&statement.sql) {
            Ok(()) => self.statements.push(statement),
            Err(error) => self.refused(&statement, &error),
        }
    }

    fn add_untried(&mut self, statement: Statement) {
        match parses(&statement.sql, self.options.dialect) {
            Ok(()) => self.statements.push(statement),
            Err(error) => self.refused(&statement, &error),
        }
    }

    fn refused(&mut self, statement: &Statement, error: &SqlError) {
        let beginning: String = statement.sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        let message = format!("{beginning} … is refused: {}", words(error));
        self.losses.push(Loss::new(Verdict::Impossible, "refused", statement.place, statement.object.clone(), message));
    }

    fn schemas(&mut self, tables: &[Table], before: &[Statement]) {
        let named: BTreeSet<&str> = tables.iter().filter_map(|table| table.name.schema.as_deref()).collect();
        let declared = |schema: &str| before.iter().any(|one| one.kind == Kind::Schema && one.object == schema);
        let missing: Vec<String> = named.into_iter().filter(|name| *name != "public" && !declared(name)).map(str::to_owned).collect();
        for schema in missing {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", identifier(&schema));
            self.add(Statement { kind: Kind::Schema, object: schema, place: Place::START, sql });
        }
    }

    /// Makes the tables; answers those that were made, and the foreign keys that have to be added to them later.
    fn tables(&mut self, tables: Vec<Table>, with_rows: bool) -> (Vec<Table>, Vec<(Name, ForeignKey)>) {
        let keep = self.options.foreign_keys() == ForeignKeys::Keep;
        // Rows come in an order that foreign keys between them need not allow: with rows the keys are added when all are there.
        let inline = keep && !with_rows;
        let tables = if inline { in_order(tables) } else { tables };
        let mut made: Vec<Table> = Vec::new();
        let mut left = Vec::new();
        for mut table in tables {
            let known = |target: &Name| *target == table.name || made.iter().any(|one| one.name == *target);
            let (now, later): (Vec<ForeignKey>, Vec<ForeignKey>) =
                table.foreign_keys.iter().cloned().partition(|key| inline && known(&key.target) && self.target_is_key(&table, &made, key));
            self.sequences(&table);
            let now: Vec<&ForeignKey> = now.iter().collect();
            if self.table(&mut table, &now) {
                self.own_sequences(&table);
                left.extend(later.into_iter().map(|key| (table.name.clone(), key)));
                made.push(table);
            }
        }
        (made, left)
    }

    fn target_is_key(&self, table: &Table, made: &[Table], key: &ForeignKey) -> bool {
        let target = if key.target == table.name { Some(table) } else { made.iter().find(|one| one.name == key.target) };
        target.is_some_and(
            |target| if key.target_columns.is_empty() { target.primary_key.is_some() } else { target.is_key(&key.target_columns) },
        )
    }

    fn sequences(&mut self, table: &Table) {
        for column in &table.columns {
            if let Some(Counter::Sequence { name, numbers }) = &column.counter {
                let sql = render::create_sequence(name, numbers, self.options.cache);
                self.add(Statement { kind: Kind::Sequence, object: render::plain(&table.name), place: column.place, sql });
            }
        }
    }

    /// A counter's sequence goes when its column goes.
    fn own_sequences(&mut self, table: &Table) {
        for column in &table.columns {
            if let Some(Counter::Sequence { name, .. }) = &column.counter {
                let sql =
                    format!("ALTER SEQUENCE {} OWNED BY {}.{}", render::name(name), render::name(&table.name), identifier(&column.name));
                self.add(Statement { kind: Kind::Sequence, object: render::plain(&table.name), place: column.place, sql });
            }
        }
    }

    /// Makes one table; expressions that are refused are left out, each with its reason.
    fn table(&mut self, table: &mut Table, foreign_keys: &[&ForeignKey]) -> bool {
        let cache = self.options.cache;
        if self.verifier.accepts(&render::create_table(table, cache, foreign_keys)).is_err() {
            self.leave_out_refused(table);
        }
        let sql = render::create_table(table, cache, foreign_keys);
        let statement = Statement { kind: Kind::Table, object: render::plain(&table.name), place: table.place, sql };
        let before = self.statements.len();
        self.add(statement);
        self.statements.len() > before
    }

    /// Takes every expression out and puts back those that are accepted.
    fn leave_out_refused(&mut self, table: &mut Table) {
        let whole = table.clone();
        for column in &mut table.columns {
            column.default = None;
            column.generated = None;
            column.checks.clear();
        }
        table.checks.clear();
        for at in 0..whole.columns.len() {
            let (column, place) = (&whole.columns[at], whole.columns[at].place);
            let object = format!("{}.{}", render::plain(&whole.name), column.name);
            self.put_back(table, place, &object, "generated column", column.generated.as_ref(), |table, text| {
                table.columns[at].generated = Some(text)
            });
            self.put_back(table, place, &object, "default", column.default.as_ref(), |table, text| table.columns[at].default = Some(text));
            for check in &column.checks {
                self.put_back(table, place, &object, "check", Some(&check.condition), |table, condition| {
                    table.columns[at].checks.push(Check { name: check.name.clone(), condition });
                });
            }
        }
        for check in &whole.checks {
            let object = render::plain(&whole.name);
            self.put_back(table, whole.place, &object, "check", Some(&check.condition), |table, condition| {
                table.checks.push(Check { name: check.name.clone(), condition });
            });
        }
    }

    fn put_back(
        &mut self,
        table: &mut Table,
        place: Place,
        object: &str,
        what: &str,
        text: Option<&String>,
        put: impl FnOnce(&mut Table, String),
    ) {
        let Some(text) = text else { return };
        let mut tried = table.clone();
        put(&mut tried, text.clone());
        match self.verifier.accepts(&render::create_table(&tried, self.options.cache, &[])) {
            Ok(()) => *table = tried,
            Err(error) => {
                let message = format!("the {what} ({text}) is refused: {}", words(&error));
                self.losses.push(Loss::new(Verdict::Impossible, "refused", place, object, message));
            }
        }
    }

    /// Rows follow their table; those of one that was refused are lost with it.
    fn rows(&mut self, rows: Vec<(Name, Statement)>, made: &[Table]) {
        let mut lost: BTreeMap<Name, Vec<Statement>> = BTreeMap::new();
        for (table, statement) in rows {
            if made.iter().any(|one| one.name == table) {
                self.statements.push(statement);
            } else {
                lost.entry(table).or_default().push(statement);
            }
        }
        for (table, statements) in lost {
            let place = statements[0].place;
            let message = format!("the table is refused, and its rows are left out with it: {} INSERT statements", statements.len());
            self.losses.push(Loss::new(Verdict::Impossible, "refused", place, render::plain(&table), message));
        }
    }

    fn indexes(&mut self, table: &Table) {
        for index in &table.indexes {
            let sql = render::create_index(&table.name, index);
            self.add(Statement { kind: Kind::Index, object: render::plain(&table.name), place: index.place, sql });
        }
    }

    fn foreign_keys(&mut self, tables: &[Table], left: &[(Name, ForeignKey)]) {
        for (name, key) in left {
            let Some(table) = tables.iter().find(|table| table.name == *name) else { continue };
            match self.options.foreign_keys() {
                ForeignKeys::Keep => self.add_foreign_key(tables, table, key),
                ForeignKeys::Checks => self.violations(tables, table, key),
                ForeignKeys::Drop => self.dropped(table, key, "--foreign-keys drop: references are the application's to keep"),
            }
        }
    }

    /// The key's own name, or the one that the server would choose.
    fn name_of(table: &Table, key: &ForeignKey) -> String {
        let chosen = || format!("{}_{}_fkey", table.name.name, key.columns.join("_"));
        crate::names::fitting(&key.name.clone().unwrap_or_else(chosen)).to_owned()
    }

    fn add_foreign_key(&mut self, tables: &[Table], table: &Table, key: &ForeignKey) {
        if !tables.iter().any(|one| one.name == key.target) {
            return self.dropped(table, key, &format!("the referenced table {} is not in the source", render::plain(&key.target)));
        }
        if !self.target_is_key(table, tables, key) {
            let message = format!("the referenced columns of {} are neither its primary key nor unique", render::plain(&key.target));
            return self.dropped(table, key, &message);
        }
        let name = Self::name_of(table, key);
        let named = ForeignKey { name: Some(name.clone()), ..key.clone() };
        let (quoted, object) = (render::name(&table.name), render::plain(&table.name));
        let sql = format!("ALTER TABLE {quoted} ADD {} NOT VALID", render::foreign_key(&named));
        let before = self.statements.len();
        self.add(Statement { kind: Kind::Alter, object: object.clone(), place: key.place, sql });
        if self.statements.len() > before {
            let sql = format!("ALTER TABLE ASYNC {quoted} VALIDATE CONSTRAINT {}", identifier(&name));
            self.add(Statement { kind: Kind::Validation, object, place: key.place, sql });
        }
    }

    fn dropped(&mut self, table: &Table, key: &ForeignKey, message: &str) {
        let object = render::plain(&table.name);
        let message = format!("the foreign key {} is left out: {message}", Self::name_of(table, key));
        let loss = Loss::new(Verdict::Loss, "foreign-key", key.place, object, message);
        self.losses.push(loss.advice("in one transaction: SELECT … FOR UPDATE on the referenced row, then the write"));
    }

    /// A view of the rows that break the key.
    fn violations(&mut self, tables: &[Table], table: &Table, key: &ForeignKey) {
        let Some(target) = tables.iter().find(|one| one.name == key.target) else {
            return self.dropped(table, key, &format!("the referenced table {} is not in the source", render::plain(&key.target)));
        };
        let target_columns = match (&key.target_columns[..], &target.primary_key) {
            ([], Some(primary)) => primary.columns.clone(),
            (columns, _) => columns.to_vec(),
        };
        let name = Self::name_of(table, key);
        let schema = table.name.schema.as_deref();
        let view = Name { schema: table.name.schema.clone(), name: self.names.free(schema, &format!("{name}_violations")) };
        let given: Vec<String> = key.columns.iter().map(|column| format!("child.{} IS NOT NULL", identifier(column))).collect();
        let pairs = target_columns.iter().zip(&key.columns);
        let equal: Vec<String> = pairs.map(|(there, here)| format!("parent.{} = child.{}", identifier(there), identifier(here))).collect();
        let sql = format!(
            "CREATE VIEW {} AS SELECT child.* FROM {} AS child WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE {})",
            render::name(&view),
            render::name(&table.name),
            given.join(" AND "),
            render::name(&key.target),
            equal.join(" AND ")
        );
        let object = render::plain(&table.name);
        self.add(Statement { kind: Kind::View, object: object.clone(), place: key.place, sql });
        let actions = [("UPDATE", &key.on_update), ("DELETE", &key.on_delete)];
        let actions: Vec<String> =
            actions.iter().filter(|(_, action)| !action.is_empty()).map(|(word, action)| format!("ON {word} {action}")).collect();
        let actions = if actions.is_empty() { String::new() } else { format!("; {} is the application's", actions.join(" and ")) };
        let message = format!("the foreign key {name} is not enforced: {} shows the rows that break it{actions}", render::plain(&view));
        let loss = Loss::new(Verdict::Loss, "foreign-key", key.place, object, message);
        self.losses.push(loss.advice("in one transaction: SELECT … FOR UPDATE on the referenced row, then the write"));
    }

    fn comments(&mut self, table: &Table) {
        let (quoted, object) = (render::name(&table.name), render::plain(&table.name));
        let mut comment = |what: String, text: &str, place| {
            let sql = format!("COMMENT ON {what} IS {}", literal(text));
            self.add(Statement { kind: Kind::Comment, object: object.clone(), place, sql });
        };
        if let Some(text) = &table.comment {
            comment(format!("TABLE {quoted}"), text, table.place);
        }
        for column in &table.columns {
            if let Some(text) = &column.comment {
                comment(format!("COLUMN {quoted}.{}", identifier(&column.name)), text, column.place);
            }
        }
    }
}

/// The message with its code and detail, in one line.
fn words(error: &SqlError) -> String {
    let fields = error.fields();
    let detail = fields.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
    format!("{} {}{detail}", fields.sqlstate, fields.message)
}

/// Tables after those that they refer to, as far as there are no circles; otherwise in the order of the source.
fn in_order(tables: Vec<Table>) -> Vec<Table> {
    let mut left = tables;
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &Table| {
            table.foreign_keys.iter().any(|key| key.target != table.name && left.iter().any(|other| other.name == key.target))
        };
        let next = left.iter().position(|table| !waits(table)).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

/// What can be said about an index without the server: too many columns, and types that cannot be keys.
pub(crate) fn keyable(sql_type: &str, options: &Options) -> bool {
    let base = sql_type.split('(').next().unwrap_or_default().trim();
    let name = match base {
        "varchar" | "char" => "text",
        "timetz" => "time with time zone",
        "timestamptz" | "timestamp" | "time" => "date",
        other => other,
    };
    matches!(borealis_dialect::column_type(name, false, options.dialect), borealis_dialect::ColumnType::Key) || !is_known_unkeyable(name)
}

/// Types that the dialect has, but not as keys; a domain's name is none of them.
fn is_known_unkeyable(name: &str) -> bool {
    matches!(name, "bytea" | "json" | "jsonb" | "interval" | "time with time zone")
}

/// The index without what it cannot have; `None` when nothing is left of it. Answers what is lost.
pub(crate) fn settle_index(table: &Table, index: Index, options: &Options, losses: &mut Vec<Loss>) -> Option<Index> {
    let object = render::plain(&table.name);
    let mut index = index;
    for part in &mut index.parts {
        let PartOf::Column(name) = &part.what else { continue };
        let Some(column) = table.column(name).filter(|column| !keyable(&column.sql_type, options)) else { continue };
        let expressions = options.accepts("index/expression");
        if column.sql_type == "bytea" && expressions {
            let message = format!("the index {}: bytea is no key, {name} is indexed as encode({name}, 'hex')", index.name);
            losses.push(Loss::new(Verdict::Loss, "key-type", index.place, object.clone(), message));
            part.what = PartOf::Expression(format!("encode({}, 'hex')", identifier(name)));
        } else {
            let message = format!("the index {} is left out: {} is no key ({name})", index.name, column.sql_type);
            losses.push(Loss::new(Verdict::Impossible, "key-type", index.place, object, message));
            return None;
        }
    }
    let most = borealis_dialect::limit("key columns", options.dialect);
    if index.parts.len() as u64 > most {
        let message = format!("the index {} is left out: it has {} columns, {most} is the most", index.name, index.parts.len());
        losses.push(Loss::new(Verdict::Impossible, "key-columns", index.place, object, message));
        return None;
    }
    Some(index)
}
