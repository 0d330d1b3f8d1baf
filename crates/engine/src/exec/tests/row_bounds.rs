//! Comparisons of rows as bounds of scans, against their evaluation row by row.

use borealis_base::{Random as _, SeededRandom};
use borealis_pgtypes::{Datum, Oid, Result};

use super::fixture::{Db, TableSpec};
use crate::exec::{Execution, Program, Txn};

/// A generator of statements.
struct Dice(SeededRandom);

impl Dice {
    fn below(&self, sides: u64) -> u64 {
        self.0.next_u64() % sides
    }

    fn one<'a, T>(&self, choices: &'a [T]) -> &'a T {
        &choices[usize::try_from(self.below(choices.len() as u64)).expect("few choices")]
    }

    /// A value of a column, or of a type its values are compared with; sometimes NULL, sometimes out of the column's range.
    fn value(&self, column: &str) -> String {
        let number = self.below(4);
        match (column, self.below(12)) {
            (_, 0) => "NULL".to_owned(),
            ("b", _) => format!("'{}'", ["", "B", "a", "b"][usize::try_from(number).expect("four")]),
            ("n", 1) => format!("{number}.50"),
            ("n", _) => number.to_string(),
            (_, 1) => format!("{number}::bigint"),
            (_, 4) => format!("(SELECT {number}::bigint)"),
            ("a", 5) => "(SELECT 5000000000)".to_owned(),
            ("a", 6) => "(SELECT -5000000000)".to_owned(),
            ("a", 2) => "5000000000".to_owned(),
            ("a", 3) => "1.5".to_owned(),
            _ => number.to_string(),
        }
    }

    fn row_comparison(&self) -> String {
        let mut columns = ["id", "a", "b", "c", "n"].to_vec();
        // Mostly in the order of an index.
        if self.below(5) > 0 {
            columns = (*self.one(&[
                &["a", "b", "id"][..],
                &["c", "a", "b", "id"],
                &["b", "n", "id"],
                &["n", "c", "a"],
                &["c", "id"],
                &["b", "a", "id"],
            ]))
            .to_vec();
        } else {
            columns.rotate_left(usize::try_from(self.below(5)).expect("few columns"));
        }
        let first = usize::try_from(self.below(2)).expect("two");
        let length = 2 + usize::try_from(self.below(2)).expect("two");
        let columns: Vec<&str> = columns.into_iter().skip(first).take(length).collect();
        let values: Vec<String> = columns.iter().map(|column| self.value(column)).collect();
        let (row, values) = (columns.join(", "), values.join(", "));
        let operator = self.one(&["<", "<=", ">", ">="]);
        if self.below(4) == 0 { format!("({values}) {operator} ({row})") } else { format!("({row}) {operator} ({values})") }
    }

    fn statement(&self) -> String {
        let mut conditions: Vec<String> = (0..=self.below(2)).map(|_| self.row_comparison()).collect();
        for _ in 0..self.below(3) {
            let column = self.one(&["a", "b", "c", "n"]);
            conditions.push(match self.below(4) {
                0 => format!("{column} IS NULL"),
                1 => format!("{column} IN ({}, {})", self.value(column), self.value(column)),
                2 => format!("{column} > {}", self.value(column)),
                _ => format!("{column} = {}", self.value(column)),
            });
        }
        let order = self.one(&["a, b, id", "a DESC, b DESC, id DESC", "c, a, b, id", "b, n, id", "id DESC", "c, id", "c DESC, id DESC"]);
        let limit = if self.below(2) == 0 { "LIMIT 7" } else { "" };
        format!("SELECT id, a, b, c, n FROM r WHERE {} ORDER BY {order} {limit}", conditions.join(" AND "))
    }
}

/// `r` has indexes with NULLs at either end, and few values, so that rows tie in leading columns.
fn database(dice: &Dice) -> Db {
    let mut db = Db::new();
    let columns =
        [("id", Oid::INT4, true), ("a", Oid::INT4, false), ("b", Oid::TEXT, false), ("c", Oid::INT8, true), ("n", Oid::NUMERIC, false)];
    db.create(
        TableSpec::new(18_000, "r", &columns)
            .primary_key(&[1])
            .index("r_abi_idx", &[2, 3, 1], |_| {})
            .index("r_abi_first_idx", &[2, 3, 1], |index| index.keys.iter_mut().for_each(|key| key.nulls_first = true))
            .index("r_cabi_idx", &[4, 2, 3, 1], |index| index.keys[2].nulls_first = true)
            .index("r_bni_idx", &[3, 5, 1], |index| index.include = vec![2])
            .index("r_nca_idx", &[5, 4, 2], |index| index.keys[0].nulls_first = true)
            .index("r_c_idx", &[4], |_| {})
            .index("r_ba_idx", &[3, 2], |index| index.keys[1].nulls_first = true),
    );
    for id in 0..150 {
        let not_null = dice.below(4);
        let insert = format!("INSERT INTO r VALUES ({id}, {}, {}, {not_null}, {})", small(dice), dice.value("b"), dice.value("n"));
        db.run(&insert).expect("a row");
    }
    db
}

fn small(dice: &Dice) -> String {
    match dice.below(5) {
        4 => "NULL".to_owned(),
        number => number.to_string(),
    }
}

fn explained(db: &Db, sql: &str) -> String {
    let planned = db.plan(sql, &[]).expect("a plan");
    borealis_sql::explain::explain(&planned, &borealis_sql::explain::ExplainOptions::default(), None).join("\n")
}

#[test]
fn bounds_give_what_filters_give() {
    let dice = Dice(SeededRandom::new(14));
    let mut db = database(&dice);
    let (mut as_bounds, mut with_rows) = (0, 0);
    for _ in 0..1_200 {
        let sql = dice.statement();
        (db.planner.enable_indexscan, db.planner.enable_seqscan) = (false, true);
        let filtered = db.show(&sql);
        (db.planner.enable_indexscan, db.planner.enable_seqscan) = (true, false);
        let plan = explained(&db, &sql);
        assert_eq!(db.show(&sql), filtered, "{sql}\n{plan}");
        let is_bound = plan.lines().any(|line| line.contains("Index Cond") && line.contains("ROW("));
        as_bounds += usize::from(is_bound);
        with_rows += usize::from(is_bound && !filtered.is_empty());
    }
    assert!(as_bounds > 250 && with_rows > 120, "{as_bounds} statements have rows as bounds, {with_rows} of them find rows");
}

/// Days and instants of several types as bounds of each other, near changes of the clock and at the ends of what there is.
#[test]
fn moments_of_other_types_bound_as_they_filter() {
    const MOMENTS: [&str; 9] = [
        "2024-03-31 01:30",
        "2024-03-31 03:30",
        "2024-10-27 02:30",
        "2024-10-27",
        "2024-01-01",
        "294276-12-31 23:00",
        "4713-01-01 12:00 BC",
        "infinity",
        "-infinity",
    ];
    let dice = Dice(SeededRandom::new(5));
    let mut db = Db::new();
    db.set_time_zone("Europe/Berlin");
    let columns = [("id", Oid::INT4, true), ("d", Oid::DATE, false), ("ts", Oid::TIMESTAMP, false), ("tz", Oid::TIMESTAMPTZ, false)];
    let table = TableSpec::new(18_100, "w", &columns).primary_key(&[1]);
    db.create(table.index("w_d_idx", &[2, 1], |_| {}).index("w_ts_idx", &[3, 1], |_| {}).index("w_tz_idx", &[4, 1], |_| {}));
    for (id, moment) in MOMENTS.iter().enumerate() {
        db.run(&format!("INSERT INTO w VALUES ({id}, '{moment}', '{moment}', '{moment}')")).expect("a row");
    }
    let mut bounded = 0;
    for _ in 0..600 {
        let (column, ty) = (*dice.one(&["d", "ts", "tz"]), *dice.one(&["date", "timestamp", "timestamptz"]));
        let (operator, moment) = (*dice.one(&["<", "<=", "=", ">=", ">"]), *dice.one(&MOMENTS));
        let far = ty == "date" && dice.below(4) == 0;
        let value = if far { "(SELECT '500000-01-01'::date)".to_owned() } else { format!("(SELECT '{moment}'::{ty})") };
        let condition = match dice.below(3) {
            0 => format!("{column} {operator} {value}"),
            1 => format!("({column}, id) {} ({value}, 3)", if operator == "=" { "<" } else { operator }),
            _ => format!("{value} {operator} {column}"),
        };
        let sql = format!("SELECT id FROM w WHERE {condition} ORDER BY id");
        (db.planner.enable_indexscan, db.planner.enable_seqscan) = (false, true);
        let filtered = db.show(&sql);
        (db.planner.enable_indexscan, db.planner.enable_seqscan) = (true, false);
        let plan = explained(&db, &sql);
        assert_eq!(db.show(&sql), filtered, "{sql}\n{plan}");
        bounded += usize::from(plan.contains("Index Cond"));
    }
    assert!(bounded > 400, "{bounded}");
}

/// Walks `r`'s rows of one value of the first key by pages; the bytes that storage read.
fn walk(db: &mut Db, page: i64) -> Result<(usize, u64)> {
    let sql = "SELECT a, b, id FROM r WHERE (a, b, id) > ($1, $2, $3) ORDER BY a, b, id LIMIT $4";
    let planned = db.plan(sql, &[Oid::INT4, Oid::TEXT, Oid::INT4, Oid::INT8])?;
    let program = Program::compile(&planned)?;
    let mut last = vec![Datum::Int4(0), Datum::text("a"), Datum::Int4(0)];
    let (mut rows, mut bytes) = (0, 0);
    loop {
        let mut params = last.clone();
        params.push(Datum::Int8(page));
        let mut execution = Execution::start(&program);
        let mut txn = Txn::new(db.store.begin(), false);
        let before = rows;
        while let Some(batch) = execution.next_batch(&mut txn, &db.env(&params), 100)? {
            rows += batch.len();
            last = batch.row(batch.len() - 1).to_vec();
        }
        bytes += execution.read_bytes();
        if rows == before {
            return Ok((rows, bytes));
        }
    }
}

/// However many rows share the first keys, a walk by pages reads each once.
#[test]
fn a_walk_by_pages_reads_each_row_once() {
    let dice = Dice(SeededRandom::new(3));
    let mut db = database(&dice);
    db.run("DELETE FROM r").expect("an empty table");
    db.run("INSERT INTO r SELECT id, 0, 'a', 0, 0 FROM generate_series(1, 2000) id").expect("rows");
    let (rows, at_once) = walk(&mut db, 5_000).expect("a walk");
    let (by_pages, bytes) = walk(&mut db, 50).expect("a walk");
    assert_eq!((rows, by_pages), (2_000, 2_000));
    assert!(bytes < 2 * at_once, "{bytes} bytes by pages, {at_once} at once");
}
