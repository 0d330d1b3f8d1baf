//! A planned statement as SQL, and its answer as events.

use borealis_client::{ClientError, Connection, Outcome, Row};

use super::plan::Op;
use super::record::{Event, Key, Strength, Tag, Value, Version};

/// What the sessions work on. `prev` is what the update overwrote.
pub(super) const TABLES: [&str; 2] = [
    "CREATE TABLE item (id int PRIMARY KEY, value bigint NOT NULL, prev bigint, tag int UNIQUE)",
    "CREATE TABLE ledger (attempt bigint PRIMARY KEY)",
];
/// Created while the sessions are at work, and read behind them.
pub(super) const INDEX: &str = "CREATE INDEX ASYNC item_value ON item (value)";

/// A text with `$1`, `$2`, … and the numbers for them.
pub(super) struct Asked {
    sql: String,
    params: Vec<u64>,
}

impl Asked {
    fn new(sql: impl Into<String>, params: Vec<u64>) -> Self {
        Self { sql: sql.into(), params }
    }

    pub(super) fn ledger(attempt: u64) -> Self {
        Self::new("INSERT INTO ledger VALUES ($1)", vec![attempt])
    }

    /// Sends it in one of the protocols.
    pub(super) async fn send(&self, connection: &mut Connection, extended: bool) -> Result<Outcome, ClientError> {
        if extended {
            let params: Vec<Option<String>> = self.params.iter().map(|number| Some(number.to_string())).collect();
            return connection.query(&self.sql, &params).await;
        }
        let mut outcomes = connection.simple(&self.inline()).await?;
        Ok(outcomes.pop().unwrap_or_default())
    }

    /// With the numbers in their places, the highest first: `$1` begins `$10`.
    fn inline(&self) -> String {
        let numbered = self.params.iter().enumerate().rev();
        numbered.fold(self.sql.clone(), |sql, (index, number)| sql.replace(&format!("${}", index + 1), &number.to_string()))
    }
}

/// The statement of an attempt, by its number in it.
pub(super) fn asked(op: &Op, attempt: u64, statement: u8) -> Asked {
    let base = Value::base(attempt, statement);
    let (first, last) = span(op);
    let between = vec![u64::from(first), u64::from(last)];
    match op {
        Op::Read(_) => Asked::new("SELECT id, value, tag FROM item WHERE id = $1", vec![u64::from(first)]),
        Op::Lock(_, _, strength) => {
            let strength = if *strength == Strength::Update { "UPDATE" } else { "KEY SHARE" };
            Asked::new(format!("SELECT id, value, tag FROM item WHERE id BETWEEN $1 AND $2 FOR {strength}"), between)
        }
        Op::Scan => Asked::new("SELECT id, value, tag FROM item", Vec::new()),
        Op::ByTag(tag) => Asked::new("SELECT id, value FROM item WHERE tag = $1", vec![u64::from(*tag)]),
        Op::Update(_, _, None) => Asked::new(
            "UPDATE item SET prev = value, value = $3 + id WHERE id BETWEEN $1 AND $2 RETURNING id, value, tag, prev",
            [between, vec![base]].concat(),
        ),
        Op::Update(_, _, Some(tag)) => Asked::new(
            "UPDATE item SET prev = value, value = $2 + id, tag = $3 WHERE id = $1 RETURNING id, value, tag, prev",
            vec![u64::from(first), base, u64::from(*tag)],
        ),
        Op::Delete(..) => Asked::new("DELETE FROM item WHERE id BETWEEN $1 AND $2 RETURNING id, value", between),
        Op::Insert(rows) => {
            let row = |(key, tag): &(Key, Option<Tag>)| {
                let tag = tag.map_or_else(|| "NULL".to_owned(), |tag| tag.to_string());
                format!("({key}, {}, {tag})", base + u64::from(*key))
            };
            let rows: Vec<String> = rows.iter().map(row).collect();
            Asked::new(format!("INSERT INTO item (id, value, tag) VALUES {}", rows.join(", ")), Vec::new())
        }
        Op::Upsert(_) => Asked::new(
            "INSERT INTO item (id, value) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET prev = item.value, value = excluded.value \
             RETURNING id, value, tag, prev",
            vec![u64::from(first), base + u64::from(first)],
        ),
    }
}

/// The keys a statement names.
fn span(op: &Op) -> (Key, Key) {
    match op {
        Op::Read(key) | Op::Upsert(key) => (*key, *key),
        Op::Lock(first, last, _) | Op::Update(first, last, _) | Op::Delete(first, last) => (*first, *last),
        Op::Scan | Op::ByTag(_) | Op::Insert(_) => (0, 0),
    }
}

/// What the answer says.
pub(super) fn events(op: &Op, attempt: u64, statement: u8, outcome: &Outcome) -> Result<Vec<Event>, String> {
    let rows = &outcome.rows;
    Ok(match op {
        Op::Read(_) => each(op, rows, |key, row| Ok(Event::Read { key, seen: row.map(version).transpose()? }))?,
        Op::Lock(_, _, strength) => {
            let strength = *strength;
            each(op, rows, |key, row| Ok(Event::Lock { key, seen: row.map(version).transpose()?, strength }))?
        }
        Op::Scan => vec![Event::Scan { rows: rows.iter().map(|row| Ok((key(row)?, version(row)?))).collect::<Result<_, String>>()? }],
        Op::ByTag(tag) => {
            vec![Event::ByTag { tag: *tag, rows: rows.iter().map(|row| Ok((key(row)?, value(row, 1)?))).collect::<Result<_, String>>()? }]
        }
        Op::Update(..) | Op::Upsert(_) => each(op, rows, |key, row| match row {
            None => Ok(Event::Read { key, seen: None }),
            Some(row) => Ok(Event::Write { key, before: row.get(3).map(|_| value(row, 3)).transpose()?, after: Some(version(row)?) }),
        })?,
        Op::Delete(..) => each(op, rows, |key, row| match row {
            None => Ok(Event::Read { key, seen: None }),
            Some(row) => Ok(Event::Write { key, before: Some(value(row, 1)?), after: None }),
        })?,
        Op::Insert(rows) => {
            let insert = |(key, tag): &(Key, Option<Tag>)| {
                let version = Version { value: Value { attempt, statement, key: *key }, tag: *tag };
                Event::Write { key: *key, before: None, after: Some(version) }
            };
            rows.iter().map(insert).collect()
        }
    })
}

/// One event for each key that the statement names, whether a row came for it or not.
fn each(op: &Op, rows: &[Row], event: impl Fn(Key, Option<&Row>) -> Result<Event, String>) -> Result<Vec<Event>, String> {
    let (first, last) = span(op);
    let mut left: Vec<(Key, &Row)> = rows.iter().map(|row| Ok((key(row)?, row))).collect::<Result<_, String>>()?;
    let mut events = Vec::new();
    for key in first..=last {
        let place = left.iter().position(|(found, _)| *found == key);
        events.push(event(key, place.map(|place| left.swap_remove(place).1))?);
    }
    match left.first() {
        None => Ok(events),
        Some((key, _)) => Err(format!("a row of key {key} in the answer to {op:?}")),
    }
}

fn number(row: &Row, column: usize) -> Result<u64, String> {
    row.get(column).and_then(|text| text.parse().ok()).ok_or_else(|| format!("column {column} of {row:?} is not a number"))
}

fn key(row: &Row) -> Result<Key, String> {
    Key::try_from(number(row, 0)?).map_err(|_| format!("no such key in {row:?}"))
}

pub(super) fn value(row: &Row, column: usize) -> Result<Value, String> {
    number(row, column).map(Value::of)
}

/// Columns `value` and `tag`.
fn version(row: &Row) -> Result<Version, String> {
    let tag = row.get(2).map(|_| number(row, 2)).transpose()?;
    let tag = tag.map(|tag| Tag::try_from(tag).map_err(|_| format!("no such tag in {row:?}"))).transpose()?;
    Ok(Version { value: value(row, 1)?, tag })
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn numbers_stand_in_their_places() {
        let asked = Asked::new("$1 $2 $10 $11", (1..=11).map(|number| number * 5).collect());
        assert_eq!(asked.inline(), "5 10 50 55");
    }
}
