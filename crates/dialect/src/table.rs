//! The table itself: `data/dialect.tsv`, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Dialect;

const DATA: &str = include_str!("../data/dialect.tsv");

/// What happens to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It works.
    Accepted,
    /// Aurora DSQL answers the row's message.
    Refused,
    /// Aurora DSQL accepts it; this release of Borealis answers the row's message.
    NotYet,
}

/// How the row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// A recording of a real cluster.
    Recorded,
    /// A published first-hand observation.
    Observed,
    /// AWS's documentation or tools.
    Documented,
    /// The wording of its family; nobody recorded it.
    Inferred,
}

impl Verdict {
    fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "accepted" => Self::Accepted,
            "refused" => Self::Refused,
            "not_yet" => Self::NotYet,
            _ => return None,
        })
    }
}

impl Proof {
    fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "recorded" => Self::Recorded,
            "observed" => Self::Observed,
            "documented" => Self::Documented,
            "inferred" => Self::Inferred,
            _ => return None,
        })
    }

    /// The word in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Observed => "observed",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        }
    }
}

/// One row; the head of the file describes the fields.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Row {
    pub key: &'static str,
    pub verdict: Verdict,
    /// First day on which the row holds.
    pub since: Option<&'static str>,
    /// First day on which it no longer holds.
    pub until: Option<&'static str>,
    /// `-` for accepted rows.
    pub sqlstate: &'static str,
    pub proof: Proof,
    /// A number for limits, `key` or `column` for types, otherwise `-`.
    pub value: &'static str,
    /// Template with `{0}` and `{1}`, and `{limit}`, `{limit kb}`, `{limit mb}` where the limit's value stands; `-` for accepted rows.
    pub message: &'static str,
    pub advice: Option<&'static str>,
}

impl Row {
    /// `family` of `family/form`.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.key.split_once('/').map_or(self.key, |(family, _)| family)
    }

    /// `form` of `family/form`.
    #[must_use]
    pub fn form(&self) -> &'static str {
        self.key.split_once('/').map_or(self.key, |(_, form)| form)
    }

    /// The message with its arguments filled in; of a limit, with its value.
    #[must_use]
    pub fn message_with(&self, args: &[&str]) -> String {
        self.message_at(self.value.parse().unwrap_or(0), args)
    }

    /// The message of a limit that stands at `limit`.
    pub(crate) fn message_at(&self, limit: u64, args: &[&str]) -> String {
        let mut text = self.message.to_owned();
        if text.contains("{limit") {
            text = text.replace("{limit}", &limit.to_string());
            text = text.replace("{limit kb}", &(limit / 1024).to_string());
            text = text.replace("{limit mb}", &limit.div_ceil(1 << 20).to_string());
        }
        for (index, arg) in args.iter().enumerate() {
            text = text.replace(&format!("{{{index}}}"), arg);
        }
        text
    }

    /// Does the row hold on the dialect's day?
    #[must_use]
    pub fn holds(&self, dialect: Dialect) -> bool {
        self.since.is_none_or(|since| since <= dialect.day()) && self.until.is_none_or(|until| dialect.day() < until)
    }

    fn from_line(line: &'static str) -> Result<Self, String> {
        let fields: Vec<&'static str> = line.split('\t').collect();
        let [key, verdict, since, until, sqlstate, proof, value, message, advice] = fields[..] else {
            return Err(format!("nine fields expected: {line}"));
        };
        Ok(Self {
            key,
            verdict: Verdict::from_text(verdict).ok_or_else(|| format!("no verdict \"{verdict}\": {line}"))?,
            since: optional(since),
            until: optional(until),
            sqlstate,
            proof: Proof::from_text(proof).ok_or_else(|| format!("no proof \"{proof}\": {line}"))?,
            value,
            message,
            advice: optional(advice),
        })
    }
}

fn optional(field: &'static str) -> Option<&'static str> {
    (field != "-").then_some(field)
}

/// Rows in the order of the file, and where the rows of a key are.
struct Table {
    rows: Vec<Row>,
    by_key: HashMap<&'static str, Vec<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let rows = parse(DATA).unwrap_or_else(|problem| panic!("data/dialect.tsv: {problem}"));
    let mut by_key: HashMap<&'static str, Vec<usize>> = HashMap::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        by_key.entry(row.key).or_default().push(index);
    }
    Table { rows, by_key }
});

pub(crate) fn parse(text: &'static str) -> Result<Vec<Row>, String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.skip(1).map(Row::from_line).collect()
}

/// Every row, of every date, in the order of the file.
#[must_use]
pub fn rows() -> &'static [Row] {
    &TABLE.rows
}

/// The row of `key` that holds in `dialect`.
#[must_use]
pub fn lookup(key: &str, dialect: Dialect) -> Option<&'static Row> {
    let table = &*TABLE;
    table.by_key.get(key)?.iter().map(|index| &table.rows[*index]).find(|row| row.holds(dialect))
}

const EXAMPLES: &str = include_str!("../data/examples.tsv");

/// Statements that show what refused forms answer: the row's key, the statement.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXAMPLES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}
