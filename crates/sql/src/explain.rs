//! EXPLAIN: a plan as text, in PostgreSQL's layout and with Aurora DSQL's nodes.
//!
//! Access to a table is shown as the service shows it: the query processor's node, below it what storage does (`Storage Scan` with projections and filters,
//! `B-Tree Scan`; `Storage Lookup` for rows found through an index). These lines have an arrow of their own (`-> `, one blank). Nodes that PostgreSQL does
//! not have (a projection, a filter) are not shown: their work is shown in the node below.

mod expression;
mod node;
mod scan;

use std::fmt::Write as _;

use crate::plan::{Estimate, Plan, Planned};

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ExplainOptions {
    pub costs: bool,
    pub verbose: bool,
    /// Times of nodes, with actuals.
    pub timing: bool,
}

impl Default for ExplainOptions {
    fn default() -> Self {
        Self { costs: true, verbose: false, timing: true }
    }
}

/// What a node did, for EXPLAIN ANALYZE.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Actual {
    /// Rows it gave, over all loops.
    pub rows: u64,
    /// How often it was started.
    pub loops: u64,
    /// Milliseconds to the first row, of one loop on average.
    pub startup_ms: f64,
    /// Milliseconds to the last row, of one loop on average.
    pub total_ms: f64,
    /// Rows its own condition removed, over all loops.
    pub filtered: u64,
}

/// Measurements by node number (see [`Planned::trees`]).
pub trait NodeActuals {
    /// What the node did; `None`: it was never started.
    fn node(&self, number: usize) -> Option<Actual>;
}

/// The lines of EXPLAIN, without planning and execution time.
#[must_use]
pub fn explain(planned: &Planned, options: &ExplainOptions, actuals: Option<&dyn NodeActuals>) -> Vec<String> {
    let mut starts = Vec::new();
    let mut next = 0;
    for tree in planned.trees() {
        starts.push(next);
        next += tree.node_count();
    }
    let qualify = planned.trees().map(count_relations).sum::<usize>() > 1;
    let mut printer = Printer { planned, options, actuals, starts, qualify, shown: vec![false; planned.subplans.len()], lines: Vec::new() };
    printer.root();
    printer.lines
}

fn count_relations(plan: &Plan) -> usize {
    let own = usize::from(node::is_relation(plan));
    own + plan.children().iter().map(|child| count_relations(child)).sum::<usize>()
}

/// The text being made.
pub(crate) struct Printer<'a> {
    planned: &'a Planned,
    options: &'a ExplainOptions,
    actuals: Option<&'a dyn NodeActuals>,
    /// Number of the first node of each tree.
    starts: Vec<usize>,
    /// Columns are shown with their relation's name.
    qualify: bool,
    /// Subplans that have been printed.
    shown: Vec<bool>,
    lines: Vec<String>,
}

/// Where a node stands in the text.
#[derive(Clone, Copy)]
struct Place {
    /// Blanks before the arrow; `None` for the top node, which has none.
    arrow: Option<usize>,
}

impl Place {
    /// Blanks before the node's properties and its children's arrows.
    fn inside(self) -> usize {
        self.arrow.map_or(2, |arrow| arrow + 6)
    }
}

impl Printer<'_> {
    fn root(&mut self) {
        let planned = self.planned;
        let top = Place { arrow: None };
        self.tree(&planned.root, self.starts[0], top);
        let first = 1 + planned.subplans.len();
        for (index, cte) in planned.ctes.iter().enumerate() {
            self.line(top.inside(), &format!("CTE {}", cte.name));
            self.tree(&cte.plan, self.starts[first + index], Place { arrow: Some(top.inside() + 2) });
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(format!("{:indent$}{text}", ""));
    }

    /// The line of a node.
    fn head(&mut self, place: Place, label: &str, estimate: &Estimate, number: usize) {
        let mut text = String::new();
        if place.arrow.is_some() {
            text.push_str("->  ");
        }
        text.push_str(label);
        if self.options.costs {
            let _ = write!(text, "  {}", cost_text(estimate));
        }
        self.push_actual(&mut text, number, self.options.timing);
        self.line(place.arrow.unwrap_or(0), &text);
    }

    fn push_actual(&self, text: &mut String, number: usize, timing: bool) {
        let Some(actuals) = self.actuals else { return };
        match actuals.node(number) {
            Some(actual) if actual.loops > 0 => {
                let rows = per_loop(actual.rows, actual.loops);
                let time = if timing { format!("time={:.3}..{:.3} ", actual.startup_ms, actual.total_ms) } else { String::new() };
                let _ = write!(text, " (actual {time}rows={rows:.0} loops={})", actual.loops);
            }
            _ => text.push_str(" (never executed)"),
        }
    }
}

#[allow(clippy::cast_precision_loss)]
fn per_loop(rows: u64, loops: u64) -> f64 {
    rows as f64 / loops.max(1) as f64
}

/// `(cost=a..b rows=n width=w)`
fn cost_text(estimate: &Estimate) -> String {
    format!("(cost={:.2}..{:.2} rows={:.0} width={})", estimate.startup_cost, estimate.total_cost, estimate.rows, estimate.width)
}
