//! Text in, text out: statements bound against a catalog that the same file's DDL made. What is expected was answered by PostgreSQL 16, but for blocks
//! that say otherwise.
//!
//! A file of `tests/bind` is blocks separated by blank lines: comment lines (`#`), the statement, `----`, the answer. The answer of a query is its columns
//! with their types, then its parameters; of DDL its notices and tag, and the table it was about; of a failure the SQLSTATE, the place (in characters,
//! from 1) and the texts.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use borealis_catalog::describe::Names;
use borealis_catalog::snapshot::{PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use borealis_catalog::{Catalog, Change, IndexKeyPart, Table, View};
use borealis_dialect::Dialect;
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, Severity, SqlError, Type, types};
use borealis_sql::ast::Statement;
use borealis_sql::bind::{BindContext, OidSource, bind, view_definition};
use borealis_sql::bound::{Bound, BoundStatement};
use borealis_sql::deparse::quote::identifier;
use borealis_sql::parse;

struct NoHost;

impl Host for NoHost {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn session_function(&self, _: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
        Ok(Datum::Oid(Oid(1)))
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

struct Counter(Cell<u32>);

impl OidSource for Counter {
    fn next_oid(&self) -> Oid {
        self.0.set(self.0.get() + 1);
        Oid(self.0.get())
    }
}

struct World {
    catalog: Catalog,
    oids: Counter,
    settings: Settings,
}

impl World {
    fn new() -> Self {
        Self { catalog: Catalog::initial(), oids: Counter(Cell::new(Oid::FIRST_USER.0)), settings: Settings::default() }
    }

    fn run(&mut self, text: &str) -> String {
        match self.bind(text) {
            Ok((statement, bound)) => self.describe(&statement, bound),
            Err(error) => failure(text, &error),
        }
    }

    fn bind(&self, text: &str) -> Result<(Statement, BoundStatement)> {
        let host = NoHost;
        let eval = EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: &host };
        let ctx = BindContext {
            catalog: &self.catalog,
            search_path: &[PG_CATALOG_SCHEMA, PUBLIC_SCHEMA],
            eval: &eval,
            param_types: &[],
            current_role: borealis_catalog::snapshot::ADMIN_ROLE,
            session_role: borealis_catalog::snapshot::ADMIN_ROLE,
            checks_usage: true,
            dialect: Dialect::D2026_09,
            limits: &borealis_dialect::Limits::of(Dialect::D2026_09),
            guarded: false,
            inline_routines: true,
            oids: &self.oids,
        };
        let parsed = parse::parse(text, Dialect::D2026_09)?.into_iter().next().ok_or_else(|| SqlError::internal("no statement"))?;
        let statement = parsed.statement?;
        let bound = bind(&statement, &ctx)?;
        Ok((statement, bound))
    }

    fn describe(&mut self, statement: &Statement, bound: BoundStatement) -> String {
        let mut out = String::new();
        for notice in &bound.notices {
            let fields = notice.fields();
            assert_eq!(fields.severity, Severity::Notice);
            let _ = writeln!(out, "NOTICE {}: {}", fields.sqlstate, fields.message);
            fields.detail.iter().for_each(|detail| {
                let _ = writeln!(out, "DETAIL: {detail}");
            });
        }
        if let Bound::Ddl(ddl) = &bound.statement {
            self.catalog = self.catalog.apply(&ddl.changes, 1);
            let _ = writeln!(out, "OK {}", ddl.tag);
            if let Some(table) = self.subject(statement) {
                describe_table(&table, &mut out);
            }
            let changed = ddl.changes.iter().filter_map(|change| if let Change::PutView(view) = change { Some(view) } else { None });
            let mut changed: Vec<&Arc<View>> = changed.collect();
            changed.sort_by_key(|view| view.oid);
            changed.into_iter().for_each(|view| self.describe_view(view, &mut out));
            return out;
        }
        match &bound.columns {
            Some(columns) => columns.iter().for_each(|column| {
                let _ = writeln!(out, "{} {}", column.name, types::format_type(column.ty));
            }),
            None => out.push_str("(no rows)\n"),
        }
        if !bound.params.is_empty() {
            let params: Vec<String> = bound.params.iter().map(|param| types::format_type(Type::plain(param.oid))).collect();
            let _ = writeln!(out, "params {}", params.join(", "));
        }
        out
    }

    /// A view that a DDL statement made or changed, its query as `pg_get_viewdef` writes it in both ways.
    fn describe_view(&self, view: &View, out: &mut String) {
        let schema = self.catalog.schema_by_oid(view.schema).map_or("?", |schema| schema.name.as_str());
        let options: Vec<String> = view.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let options = if options.is_empty() { String::new() } else { format!(" with ({})", options.join(", ")) };
        let _ = writeln!(out, "view {schema}.{}{options}", view.name);
        for column in &view.columns {
            let default = column.default.as_ref().map_or(String::new(), |text| format!(" default {text}"));
            let _ = writeln!(out, "column {} {}{default}", identifier(&column.name), types::format_type(column.ty));
        }
        let host = NoHost;
        let eval = EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: &host };
        let names = Names { catalog: &self.catalog, search_path: &[PG_CATALOG_SCHEMA, PUBLIC_SCHEMA], database: "postgres" };
        let text = |pretty| match view_definition(view.oid, names, &eval, Dialect::D2026_09, pretty) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => format!("{error}: {}", view.query),
        };
        let (plain, pretty) = (text(false), text(true));
        let _ = writeln!(out, "{plain}");
        if pretty != plain {
            let _ = writeln!(out, "pretty\n{pretty}");
        }
    }

    /// The table that a DDL statement made or changed.
    fn subject(&self, statement: &Statement) -> Option<std::sync::Arc<Table>> {
        let name = match statement {
            Statement::CreateTable(create) => &create.name,
            Statement::AlterTable(alter) => &alter.name,
            Statement::CreateIndex(create) => &create.table,
            Statement::Rename(rename) => match &rename.target {
                borealis_sql::ast::RenameTarget::Object { kind: borealis_sql::ast::ObjectKind::Table, name } => {
                    return self.catalog.table(self.schema(name.schema.as_deref())?, &rename.new_name).cloned();
                }
                borealis_sql::ast::RenameTarget::Column { table, .. } | borealis_sql::ast::RenameTarget::Constraint { table, .. } => table,
                borealis_sql::ast::RenameTarget::Object { .. } | borealis_sql::ast::RenameTarget::Role(_) => return None,
            },
            _ => return None,
        };
        self.catalog.table(self.schema(name.schema.as_deref())?, &name.name).cloned()
    }

    fn schema(&self, name: Option<&str>) -> Option<Oid> {
        name.map_or(Some(PUBLIC_SCHEMA), |name| self.catalog.schema(name).map(|schema| schema.oid))
    }
}

fn failure(text: &str, error: &SqlError) -> String {
    let fields = error.fields();
    let mut out = format!("ERROR {}", fields.sqlstate);
    if let Some(position) = fields.position {
        let _ = write!(out, " at {}", text.get(..position).map_or(0, |before| before.chars().count()) + 1);
    }
    let _ = writeln!(out, ": {}", fields.message);
    for (label, value) in [("DETAIL", &fields.detail), ("HINT", &fields.hint)] {
        if let Some(value) = value {
            let _ = writeln!(out, "{label}: {value}");
        }
    }
    out
}

fn describe_table(table: &Table, out: &mut String) {
    let name = |number: i16| table.column_number(number).map_or_else(|| "?".to_owned(), |column| identifier(&column.name));
    for column in table.live_columns() {
        let not_null = if column.not_null { " not null" } else { "" };
        let default = column.default.as_ref().map_or(String::new(), |text| format!(" default {text}"));
        let generated = column.generated.as_ref().map_or(String::new(), |text| format!(" generated {text}"));
        let _ = writeln!(out, "column {} {}{not_null}{default}{generated}", identifier(&column.name), types::format_type(column.ty));
    }
    let list = |numbers: &mut dyn Iterator<Item = i16>| numbers.map(&name).collect::<Vec<_>>().join(", ");
    for index in table.all_indexes().filter(|index| index.constraint.is_some()) {
        let keys = list(&mut index.keys.iter().filter_map(|key| match key.part {
            IndexKeyPart::Column(number) => Some(number),
            IndexKeyPart::Expression(..) => None,
        }));
        let include = list(&mut index.include.iter().copied());
        let include = if include.is_empty() { include } else { format!(" INCLUDE ({include})") };
        let nulls = if index.nulls_not_distinct { "NULLS NOT DISTINCT " } else { "" };
        let _ =
            writeln!(out, "{} {} {nulls}({keys}){include}", if index.primary { "primary key" } else { "unique" }, identifier(&index.name));
    }
    for check in &table.checks {
        let valid = if check.validated { "" } else { " not valid" };
        let _ = writeln!(out, "check {} {}{valid}", identifier(&check.name), check.expression);
    }
    for index in table.indexes.iter().filter(|index| index.constraint.is_none()) {
        let keys: Vec<String> = index
            .keys
            .iter()
            .map(|key| {
                let nulls = if key.nulls_first { " NULLS FIRST" } else { "" };
                match &key.part {
                    IndexKeyPart::Column(number) => format!("{}{nulls}", name(*number)),
                    // Anything but a plain call stands in parentheses of its own.
                    IndexKeyPart::Expression(text, _) if text.starts_with('(') => format!("({text}){nulls}"),
                    IndexKeyPart::Expression(text, _) => format!("{text}{nulls}"),
                }
            })
            .collect();
        let include = list(&mut index.include.iter().copied());
        let include = if include.is_empty() { include } else { format!(" INCLUDE ({include})") };
        let nulls = if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
        let predicate = index.predicate.as_ref().map_or(String::new(), |text| format!(" WHERE {text}"));
        let unique = if index.unique { "UNIQUE " } else { "" };
        let _ = writeln!(out, "index {unique}{} ({}){include}{nulls}{predicate}", index.name, keys.join(", "));
    }
}

#[test]
fn files() {
    let folder = Path::new("tests/bind");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let (mut blocks, mut failed) = (0, String::new());
    for path in paths {
        let mut world = World::new();
        for block in std::fs::read_to_string(&path).unwrap().split("\n\n") {
            let Some((statement, expected)) = block.split_once("\n----\n") else { continue };
            let statement: Vec<&str> = statement.lines().filter(|line| !line.starts_with('#')).collect();
            let statement = statement.join("\n");
            let got = world.run(&statement);
            blocks += 1;
            if got.trim() != expected.trim() {
                let _ =
                    writeln!(failed, "{}:\n{statement}\nexpected:\n{}\ngot:\n{got}", path.file_name().unwrap().display(), expected.trim());
            }
        }
    }
    assert!(failed.is_empty(), "{failed}");
    assert!(blocks > 300, "only {blocks} blocks");
}
