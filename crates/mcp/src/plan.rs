//! Plans in words: what a reader of EXPLAIN would notice.
//!
//! Works on the text that the database prints, ours or Aurora DSQL's, and on nothing else. A line that is not understood is passed over.

use schemars::JsonSchema;
use serde::Serialize;

/// The row count that the planner assumes for a table without statistics.
const ROWS_ASSUMED: f64 = 1_000_000.0;
/// Fewer rows than this are not worth a word.
const ROWS_NOTED: f64 = 1_000.0;
/// How far an estimate may be off before it is one.
const ESTIMATE_OFF: f64 = 10.0;

/// A statement's cost as the service bills it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Dpu {
    compute: f64,
    read: f64,
    write: f64,
    total: f64,
}

/// The cost from the tail of EXPLAIN ANALYZE VERBOSE.
pub(crate) fn dpu(plan: &[String]) -> Option<Dpu> {
    let figure = |name: &str| {
        let line = plan.iter().rev().find_map(|line| line.trim().strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Dpu { compute: figure("Compute:")?, read: figure("Read:")?, write: figure("Write:")?, total: figure("Total:")? })
}

/// A node of the plan with the lines that belong to it.
struct Node<'p> {
    label: &'p str,
    estimated: Option<f64>,
    actual: Option<f64>,
    lines: Vec<&'p str>,
}

impl<'p> Node<'p> {
    fn property(&self, name: &str) -> Option<&'p str> {
        self.lines.iter().find_map(|line| line.strip_prefix(name)).map(str::trim)
    }

    /// The table or index that a node's label names last: `Full Scan (btree-table) on orders o`.
    fn object(&self) -> &'p str {
        self.label.rsplit_once(" on ").map_or(self.label, |(_, object)| object)
    }

    /// The rows that the node gives, as measured or else as estimated.
    fn rows(&self) -> f64 {
        self.actual.or(self.estimated).unwrap_or_default()
    }
}

/// What stands out, the most telling first.
pub(crate) fn findings(plan: &[String]) -> Vec<String> {
    let nodes = nodes(plan);
    let mut found = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let below = nodes.get(index + 1..).unwrap_or_default();
        found.extend(full_scan(node, below));
        found.extend(no_statistics(node));
        found.extend(thrown_away(node));
        found.extend(misjudged(node));
        found.extend(looked_up(node));
        found.extend(sorted(node));
        found.extend(looped(node, below));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|finding| seen.insert(finding.clone()));
    if found.is_empty() {
        found.push("Nothing stands out.".to_owned());
    }
    found
}

fn nodes(plan: &[String]) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for line in plan {
        let text = line.trim_start();
        let text = text.strip_prefix("->").map_or(text, str::trim_start);
        match text.find("(cost=") {
            Some(place) => {
                let (label, rest) = text.split_at(place);
                let (estimate, measured) =
                    rest.split_once("(actual").map_or((rest, None), |(estimate, measured)| (estimate, Some(measured)));
                let actual = measured.and_then(|measured| Some(rows_of(measured)? * loops_of(measured)));
                nodes.push(Node { label: label.trim_end(), estimated: rows_of(estimate), actual, lines: Vec::new() });
            }
            None => {
                if let Some(node) = nodes.last_mut() {
                    node.lines.push(text);
                }
            }
        }
    }
    nodes
}

fn rows_of(text: &str) -> Option<f64> {
    figure(text, "rows=")
}

fn loops_of(text: &str) -> f64 {
    figure(text, "loops=").unwrap_or(1.0)
}

fn figure(text: &str, name: &str) -> Option<f64> {
    let rest = &text[text.find(name)? + name.len()..];
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    rest[..end].parse().ok()
}

fn full_scan(node: &Node<'_>, below: &[Node<'_>]) -> Option<String> {
    if !node.label.starts_with("Full Scan") && !node.label.starts_with("Seq Scan") {
        return None;
    }
    let table = node.object();
    let read = below.iter().take(2).map(Node::rows).fold(node.rows(), f64::max);
    let filter = node.property("Filter:").or_else(|| below.first().and_then(|storage| storage.property("Filters:")));
    let rows = rounded(read);
    match filter {
        Some(filter) => Some(format!(
            "All of {table} is read (about {rows} rows) to find those with {filter}. An index on the columns of that condition would read only them: \
             CREATE INDEX ASYNC ON …, in a transaction of its own."
        )),
        None if read >= ROWS_NOTED => Some(format!(
            "All of {table} is read (about {rows} rows): nothing narrows it down. A WHERE on an indexed column, or LIMIT, would."
        )),
        None => None,
    }
}

fn no_statistics(node: &Node<'_>) -> Option<String> {
    let is_scan = node.label.contains("Scan") && !node.label.contains("B-Tree") && !node.label.contains("Storage");
    (is_scan && node.estimated == Some(ROWS_ASSUMED) && node.actual.is_none_or(|actual| actual < ROWS_ASSUMED / ESTIMATE_OFF)).then(|| {
        format!(
            "The planner assumes 1,000,000 rows for {}, which it does when a table has no statistics. ANALYZE makes them.",
            node.object()
        )
    })
}

fn thrown_away(node: &Node<'_>) -> Option<String> {
    let removed: f64 = ["Rows Filtered:", "Rows Removed by Filter:"].iter().find_map(|name| node.property(name))?.parse().ok()?;
    (removed >= ROWS_NOTED && removed > node.rows() * ESTIMATE_OFF).then(|| {
        format!(
            "{} rows of {} are read and thrown away for {} that are kept. An index on the filtered columns would avoid reading them.",
            rounded(removed),
            node.object(),
            rounded(node.rows())
        )
    })
}

fn misjudged(node: &Node<'_>) -> Option<String> {
    let (estimated, actual) = (node.estimated?, node.actual?);
    let off = (actual.max(1.0) / estimated.max(1.0)).max(estimated.max(1.0) / actual.max(1.0));
    let is_scan = node.label.contains("Scan") && !node.label.contains("B-Tree") && !node.label.contains("Storage");
    (is_scan && estimated != ROWS_ASSUMED && off >= ESTIMATE_OFF && actual.max(estimated) >= ROWS_NOTED).then(|| {
        format!(
            "The planner expected {} rows of {} and got {}: its statistics are out of date. ANALYZE renews them.",
            rounded(estimated),
            node.object(),
            rounded(actual)
        )
    })
}

fn looked_up(node: &Node<'_>) -> Option<String> {
    let many = node.label.starts_with("Storage Lookup on") && node.rows() >= ROWS_NOTED;
    many.then(|| {
        format!(
            "{} rows of {} are looked up one by one, because the index does not hold all columns that are asked for. An index with INCLUDE (…) of those \
             columns would answer by itself.",
            rounded(node.rows()),
            node.object()
        )
    })
}

fn sorted(node: &Node<'_>) -> Option<String> {
    let many = node.label == "Sort" && node.rows() >= ROWS_NOTED;
    let key = node.property("Sort Key:").unwrap_or("the sort key");
    many.then(|| format!("{} rows are sorted by {key}. An index in that order would give them sorted.", rounded(node.rows())))
}

fn looped(node: &Node<'_>, below: &[Node<'_>]) -> Option<String> {
    if node.label != "Nested Loop" {
        return None;
    }
    let inner = below.iter().skip(1).find(|inner| inner.label.starts_with("Full Scan"))?;
    Some(format!(
        "For each row of a join all of {} is read again. An index on its join column, or a condition that allows a hash join, would avoid that.",
        inner.object()
    ))
}

/// `12345.0` as `12,345`.
fn rounded(rows: f64) -> String {
    let digits = format!("{rows:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
