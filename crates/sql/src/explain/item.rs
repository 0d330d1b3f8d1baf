//! A node as it is shown, whatever the format.

use super::document::Value;
use super::{Actual, ExplainOptions};
use crate::plan::Estimate;

/// A node.
pub(super) struct Item {
    /// The beginning of its line in text: `Index Scan using i on t`.
    pub(super) label: String,
    /// What the label says, for the other formats; `Node Type` comes first.
    pub(super) facts: Vec<(&'static str, Value)>,
    /// One of storage's own nodes: other arrows, no times.
    pub(super) storage: bool,
    pub(super) estimate: Estimate,
    pub(super) measured: Measured,
    pub(super) lines: Vec<Line>,
    pub(super) children: Vec<Child>,
}

/// What is known of its run.
#[derive(Clone, Copy)]
pub(super) enum Measured {
    /// Nobody measured.
    No,
    Never,
    Ran(Actual),
}

/// A property: a line of text, and what it says.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) facts: Vec<(&'static str, Value)>,
}

/// A node below another.
pub(super) struct Child {
    /// `Parent Relationship`.
    pub(super) relation: &'static str,
    /// `InitPlan 1`, on a line of its own.
    pub(super) title: Option<String>,
    pub(super) item: Item,
}

impl Item {
    pub(super) fn new(label: String, facts: Vec<(&'static str, Value)>, estimate: Estimate, measured: Measured) -> Self {
        Self { label, facts, storage: false, estimate, measured, lines: Vec::new(), children: Vec::new() }
    }

    /// A property with one value.
    pub(super) fn line(&mut self, key: &'static str, text: String) {
        self.lines.push(Line { text: format!("{key}: {text}"), facts: vec![(key, Value::Text(text))] });
    }

    /// A property that is a list.
    pub(super) fn list(&mut self, key: &'static str, items: Vec<String>) {
        self.lines.push(Line { text: format!("{key}: {}", items.join(", ")), facts: vec![(key, Value::List(items))] });
    }

    /// A property that is a number.
    pub(super) fn count(&mut self, key: &'static str, count: impl ToString) {
        let count = count.to_string();
        self.lines.push(Line { text: format!("{key}: {count}"), facts: vec![(key, Value::Plain(count))] });
    }

    pub(super) fn add(&mut self, relation: &'static str, item: Self) {
        self.children.push(Child { relation, title: None, item });
    }

    /// The node for the formats that are no text, with the properties PostgreSQL gives every node.
    pub(super) fn value(&self, options: &ExplainOptions, place: Option<(&'static str, Option<&str>)>) -> Value {
        let mut facts = self.facts.iter();
        let mut parts: Vec<(&'static str, Value)> = facts.next().cloned().into_iter().collect();
        if let Some((relation, title)) = place {
            parts.push(("Parent Relationship", Value::Text(relation.to_owned())));
            parts.extend(title.map(|title| ("Subplan Name", Value::Text(title.to_owned()))));
        }
        parts.extend(["Parallel Aware", "Async Capable"].map(|key| (key, Value::Plain("false".to_owned()))));
        parts.extend(facts.cloned());
        if options.costs {
            let Estimate { startup_cost, total_cost, rows, width } = self.estimate;
            parts.push(("Startup Cost", Value::Plain(format!("{startup_cost:.2}"))));
            parts.push(("Total Cost", Value::Plain(format!("{total_cost:.2}"))));
            parts.push(("Plan Rows", Value::Plain(format!("{rows:.0}"))));
            parts.push(("Plan Width", Value::Plain(width.to_string())));
        }
        parts.extend(self.measured.facts(options.timing && !self.storage));
        parts.extend(self.lines.iter().flat_map(|line| line.facts.iter().cloned()));
        if !self.children.is_empty() {
            let children = self.children.iter().map(|child| child.item.value(options, Some((child.relation, child.title.as_deref()))));
            parts.push(("Plans", Value::Objects("Plan", children.collect())));
        }
        Value::Object(parts)
    }
}

impl Measured {
    fn facts(self, timing: bool) -> Vec<(&'static str, Value)> {
        let actual = match self {
            Self::No => return Vec::new(),
            Self::Never => Actual::default(),
            Self::Ran(actual) => actual,
        };
        let mut facts = Vec::new();
        if timing {
            facts.push(("Actual Startup Time", Value::Plain(format!("{:.3}", milliseconds(actual.startup, actual.loops)))));
            facts.push(("Actual Total Time", Value::Plain(format!("{:.3}", milliseconds(actual.total, actual.loops)))));
        }
        facts.push(("Actual Rows", Value::Plain(format!("{:.0}", per_loop(actual.rows, actual.loops)))));
        facts.push(("Actual Loops", Value::Plain(actual.loops.to_string())));
        facts
    }
}

/// Milliseconds of one loop on average.
#[allow(clippy::cast_precision_loss)]
pub(super) fn milliseconds(time: std::time::Duration, loops: u64) -> f64 {
    time.as_secs_f64() * 1e3 / loops.max(1) as f64
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn per_loop(rows: u64, loops: u64) -> f64 {
    rows as f64 / loops.max(1) as f64
}
