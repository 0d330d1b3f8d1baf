//! Rows of two sides, brought together in memory by their key.

use std::collections::HashMap;

use super::{Difference, DifferenceKind, VerifyReport};
use crate::error::TransferError;
use crate::table::Table;
use borealis_pgtypes::copy_text;

/// By what rows are told apart.
pub(super) struct Deal {
    /// The columns, in the order of a row's values.
    pub(super) columns: Vec<String>,
    /// The places of the key; the whole row when empty.
    key: Vec<usize>,
}

impl Deal {
    /// How rows of these columns are told apart: by the columns named, or the table's primary key.
    pub(super) fn new(table: &Table, columns: &[String], named: Option<&[String]>) -> Result<Self, TransferError> {
        let place = |name: &str| columns.iter().position(|column| column == name);
        let key = match named {
            Some(names) => {
                let unknown = |name: &String| TransferError::Request(format!("the key column \"{name}\" is none of those compared"));
                names.iter().map(|name| place(name).ok_or_else(|| unknown(name))).collect::<Result<Vec<usize>, _>>()?
            }
            // A key of which a part is not compared tells nothing apart.
            None => table.key.iter().map(|column| place(&table.columns[*column].name)).collect::<Option<Vec<usize>>>().unwrap_or_default(),
        };
        Ok(Self { columns: columns.to_vec(), key })
    }

    /// The key as it is written in the row.
    pub(super) fn key(&self, row: &[u8]) -> Vec<u8> {
        if self.key.is_empty() {
            return row.to_vec();
        }
        let values: Vec<&[u8]> = row.split(|byte| *byte == b'\t').collect();
        let parts: Vec<&[u8]> = self.key.iter().map(|place| values.get(*place).copied().unwrap_or_default()).collect();
        parts.join(&b'\t')
    }

    /// What shows which row is meant, as `column=value, …`.
    fn shown(&self, row: &[u8]) -> String {
        let values: Vec<Option<Vec<u8>>> = copy_text::values(row).collect();
        let one = |place: usize| {
            let value = values.get(place).and_then(|value| value.as_deref());
            format!("{}={}", self.columns[place], shown_value(value))
        };
        let places = if self.key.is_empty() { (0..self.columns.len()).collect() } else { self.key.clone() };
        places.into_iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Rows of the first side that have found no other yet, and what came of those that have.
pub(super) struct Comparison<'c> {
    pub(super) deal: &'c Deal,
    pub(super) differences_max: usize,
    pub(super) report: &'c mut VerifyReport,
    alone: HashMap<Vec<u8>, Vec<(u64, Vec<u8>)>>,
}

impl<'c> Comparison<'c> {
    pub(super) fn new(deal: &'c Deal, differences_max: usize, report: &'c mut VerifyReport) -> Self {
        Self { deal, differences_max, report, alone: HashMap::new() }
    }

    /// A row of the first side, with its place for messages. All of them come before those of the second.
    pub(super) fn first(&mut self, line: u64, row: Vec<u8>) {
        self.alone.entry(self.deal.key(&row)).or_default().push((line, row));
    }

    /// A row of the second side.
    pub(super) fn second(&mut self, row: &[u8]) {
        let Some(same_key) = self.alone.get_mut(&self.deal.key(row)) else { return self.one_side(DifferenceKind::OnlySecond, 0, row) };
        let equal = same_key.iter().position(|(_, other)| other == row);
        match (equal, same_key.is_empty()) {
            (Some(place), _) => {
                same_key.swap_remove(place);
                self.report.equal += 1;
            }
            (None, true) => self.one_side(DifferenceKind::OnlySecond, 0, row),
            (None, false) => {
                let (line, other) = same_key.swap_remove(0);
                self.different(line, &other, row);
            }
        }
    }

    /// There are no more rows.
    pub(super) fn finish(mut self) {
        let mut alone: Vec<(u64, Vec<u8>)> = std::mem::take(&mut self.alone).into_values().flatten().collect();
        alone.sort();
        alone.iter().for_each(|(line, row)| self.one_side(DifferenceKind::OnlyFirst, *line, row));
    }

    fn one_side(&mut self, kind: DifferenceKind, line: u64, row: &[u8]) {
        match kind {
            DifferenceKind::OnlyFirst => self.report.only_first += 1,
            _ => self.report.only_second += 1,
        }
        self.list(|deal| Difference { kind, line, row: deal.shown(row), detail: String::new() });
    }

    fn different(&mut self, line: u64, first: &[u8], second: &[u8]) {
        self.report.different += 1;
        self.list(|deal| {
            let pairs = deal.columns.iter().zip(copy_text::values(first).zip(copy_text::values(second)));
            let differ = pairs.filter(|(_, (first, second))| first != second);
            let detail = differ
                .map(|(name, (first, second))| format!("{name}: {}, {}", shown_value(first.as_deref()), shown_value(second.as_deref())));
            let detail = detail.collect::<Vec<_>>().join("; ");
            Difference { kind: DifferenceKind::Values, line, row: deal.shown(first), detail }
        });
    }

    fn list(&mut self, difference: impl FnOnce(&Deal) -> Difference) {
        if self.report.differences.len() < self.differences_max {
            self.report.differences.push(difference(self.deal));
        }
    }
}

/// A value for people, cut where it gets long.
fn shown_value(value: Option<&[u8]>) -> String {
    const LETTERS_MAX: usize = 60;
    let Some(value) = value else { return "NULL".to_owned() };
    let text = String::from_utf8_lossy(value);
    let mut shown: String = text.chars().take(LETTERS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
