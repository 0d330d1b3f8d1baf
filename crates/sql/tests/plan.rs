//! Golden plans: SQL in, plan out. Each `tests/plan/*.txt` is a list of statements, each followed by its plan, indented, or by `ERR state message`.
//! After a wanted change `BLESS=1 cargo test -p borealis-sql --test plan` rewrites the plans.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use borealis_catalog::statistics::TableStatistics;
use borealis_catalog::{Catalog, Change, Column, Index, IndexKey, IndexKeyPart, IndexState, Table, snapshot};
use borealis_dialect::Dialect;
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, SqlError, Type, types};
use borealis_sql::bind::{BindContext, OidSource, bind};
use borealis_sql::bound::BoundStatement;
use borealis_sql::explain::{ExplainOptions, explain};
use borealis_sql::parse::parse;
use borealis_sql::planner::{PlanContext, PlannerSettings, Statistics, plan};

struct NoSession;

impl Host for NoSession {
    fn clock_timestamp(&self) -> i64 {
        0
    }
    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
    fn session_function(&self, function: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
        Err(SqlError::internal(format!("no session for {function:?}")))
    }
    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

struct Numbers(Cell<u32>);

impl OidSource for Numbers {
    fn next_oid(&self) -> Oid {
        self.0.set(self.0.get() + 1);
        Oid(self.0.get())
    }
}

/// `customers` has a thousand rows, `regions` five; nobody analysed the others.
struct Sizes(Option<Oid>, Option<Oid>);

impl Statistics for Sizes {
    fn table(&self, table: Oid) -> Option<Arc<TableStatistics>> {
        let rows = match Some(table) {
            table if table == self.0 => 1000.0,
            table if table == self.1 => 5.0,
            _ => return None,
        };
        Some(Arc::new(TableStatistics { rows, ..TableStatistics::default() }))
    }
}

fn folder() -> PathBuf {
    PathBuf::from("tests/plan")
}

static LIMITS: LazyLock<borealis_dialect::Limits> = LazyLock::new(|| borealis_dialect::Limits::of(Dialect::default()));

fn context<'a>(catalog: &'a Catalog, numbers: &'a Numbers, eval: &'a EvalContext<'a>) -> BindContext<'a> {
    BindContext {
        catalog,
        search_path: &[snapshot::PG_CATALOG_SCHEMA, snapshot::PUBLIC_SCHEMA],
        eval,
        param_types: &[],
        current_role: snapshot::ADMIN_ROLE,
        session_role: snapshot::ADMIN_ROLE,
        checks_usage: true,
        dialect: Dialect::default(),
        limits: &LIMITS,
        inline_routines: true,
        guarded: false,
        oids: numbers,
    }
}

fn bound(text: &str, context: &BindContext<'_>) -> Result<BoundStatement> {
    let parsed = parse(text, Dialect::default())?.into_iter().next().ok_or_else(|| SqlError::internal("no statement"))?;
    bind(&parsed.statement?, context)
}

/// A table in short: name, columns (`!`: not null), number of leading columns that are the primary key.
fn table(oid: u32, name: &str, columns: &str, primary_key: i16) -> Table {
    let columns: Vec<Column> = columns.split(", ").zip(1..).map(|(text, number)| column(text, number)).collect();
    let keys: Vec<i16> = (1..=primary_key).collect();
    Table {
        oid: Oid(oid),
        schema: snapshot::PUBLIC_SCHEMA,
        name: name.to_owned(),
        owner: snapshot::ADMIN_ROLE,
        columns,
        primary_key: (primary_key > 0).then(|| index(oid + 1, &format!("{name}_pkey"), &keys, &[], true)),
        indexes: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        acl: borealis_catalog::Acl::default(),
        comment: None,
        row_type: Oid(oid + 8),
        row_array_type: Oid(oid + 9),
    }
}

fn column(text: &str, number: i16) -> Column {
    let (name, ty) = text.split_once(' ').expect("name and type");
    let not_null = ty.ends_with('!');
    let ty = types::sql_name(ty.trim_end_matches('!')).expect("a type").oid;
    Column { not_null, ..Column::new(number, name, Type::plain(ty)) }
}

fn index(oid: u32, name: &str, keys: &[i16], include: &[i16], unique: bool) -> Index {
    Index {
        oid: Oid(oid),
        name: name.to_owned(),
        unique,
        primary: name.ends_with("_pkey"),
        keys: keys.iter().map(|key| IndexKey { part: IndexKeyPart::Column(*key), nulls_first: false }).collect(),
        include: include.to_vec(),
        nulls_not_distinct: false,
        predicate: None,
        state: IndexState::Valid,
        constraint: None,
        comment: None,
    }
}

fn of_expression(mut index: Index, text: &str) -> Index {
    index.keys[0].part = IndexKeyPart::Expression(text.to_owned(), Type::plain(Oid::TEXT));
    index
}

fn partial(mut index: Index, predicate: &str) -> Index {
    index.predicate = Some(predicate.to_owned());
    index
}

fn schema() -> (Catalog, Numbers) {
    let regions = table(20_000, "regions", "id int!, name text!", 1);
    let mut customers = table(20_010, "customers", "id int!, region int, email text, active boolean, created timestamptz", 1);
    customers.indexes.push(index(20_012, "customers_email_idx", &[3], &[], true));
    let mut orders = table(20_020, "orders", "id bigint!, customer int!, status varchar, total numeric, placed timestamptz", 1);
    orders.indexes.push(index(20_022, "orders_customer_placed_idx", &[2, 5], &[], false));
    let mut building = index(20_023, "orders_status_idx", &[3], &[], false);
    building.state = IndexState::Building;
    orders.indexes.push(building);
    let mut items = table(20_030, "items", "order_id bigint!, line int!, sku text, quantity int", 2);
    items.indexes.push(index(20_032, "items_sku_idx", &[3], &[4], false));
    let mut users = table(20_050, "users", "id int!, email varchar, name text, age int, status text, deleted timestamptz, city text", 1);
    users.indexes.push(of_expression(index(20_052, "users_lower_email_idx", &[2], &[3], false), "lower((email)::text)"));
    users.indexes.push(partial(index(20_053, "users_age_live_idx", &[4], &[7], false), "(deleted IS NULL)"));
    users.indexes.push(partial(index(20_054, "users_name_open_key", &[3], &[], true), "(status = 'open'::text)"));
    users.indexes.push(partial(index(20_055, "users_old_idx", &[3], &[], false), "((age > 65) AND (city IS NOT NULL))"));
    let mut failed = of_expression(index(20_056, "users_failed_idx", &[2], &[], false), "upper((email)::text)");
    failed.state = IndexState::Failed;
    users.indexes.push(failed);
    let log = table(20_040, "log", "at timestamptz, message text", 0);
    let changes: Vec<Change> =
        [regions, customers, orders, items, users, log].into_iter().map(|table| Change::PutTable(Arc::new(table))).collect();
    (Catalog::initial().apply(&changes, 1), Numbers(Cell::new(30_000)))
}

fn planned(text: &str, catalog: &Catalog, numbers: &Numbers) -> Result<Vec<String>> {
    let settings = Settings::default();
    let eval = EvalContext { settings: &settings, transaction_timestamp: 0, statement_timestamp: 0, host: &NoSession };
    let context = context(catalog, numbers, &eval);
    let bound = bound(text, &context)?;
    let oid = |name: &str| catalog.table(snapshot::PUBLIC_SCHEMA, name).map(|table| table.oid);
    let sizes = Sizes(oid("customers"), oid("regions"));
    let planner = PlannerSettings::default();
    let planned = plan(bound, &PlanContext { binding: Some(&context), statistics: &sizes, settings: &planner })?;
    let mut lines = explain(&planned, &ExplainOptions { costs: false, ..ExplainOptions::default() }, None);
    if planned.small {
        lines.push("(small)".to_owned());
    }
    Ok(lines)
}

/// The file with its plans as they are now. A statement is a block of lines that do not start with a blank.
fn rewritten(text: &str, catalog: &Catalog, numbers: &Numbers) -> String {
    let mut out = String::new();
    for block in text.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let statement: Vec<&str> = block.lines().filter(|line| !line.starts_with(' ') && !line.starts_with("ERR ")).collect();
        let statement = statement.join("\n");
        out.push_str(&statement);
        match planned(&statement, catalog, numbers) {
            Ok(lines) => lines.iter().for_each(|line| out.push_str(&format!("\n    {line}"))),
            Err(error) => out.push_str(&format!("\nERR {} {}", error.sqlstate(), error.message())),
        }
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[test]
fn golden_plans() {
    let (catalog, numbers) = schema();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).expect("tests/plan").filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(!files.is_empty(), "no golden plans");
    let bless = std::env::var_os("BLESS").is_some();
    for path in files {
        let before = std::fs::read_to_string(&path).expect("a golden file");
        let after = rewritten(&before, &catalog, &numbers);
        if bless {
            std::fs::write(&path, after).expect("writing a golden file");
        } else {
            assert_eq!(before, after, "{}", path.display());
        }
    }
}
