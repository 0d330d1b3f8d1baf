//! EXPLAIN: a plan as people and tools read it, in PostgreSQL's layouts and with Aurora DSQL's nodes.
//!
//! A plan is described once, as a tree of [`item::Item`]s, and written in one of four formats: [`text`], or JSON, YAML and XML ([`document`]).
//!
//! Access to a table is shown as the service shows it: the query processor's node, below it what storage does (`Storage Scan` with projections and filters,
//! `B-Tree Scan`; `Storage Lookup` for rows found through an index). These lines have an arrow of their own (`-> `, one blank). Nodes that PostgreSQL does
//! not have (a projection, a filter) are not shown: their work is shown in the node below.

mod document;
mod item;
mod join;
mod names;
mod node;
mod scan;
mod text;

use std::time::Duration;

use borealis_catalog::Catalog;
use borealis_pgtypes::Settings;

use crate::plan::{Plan, Planned};

pub use document::{Format, Value};
use item::{Child, Item};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Rows it gave, over all loops.
    pub rows: u64,
    /// How often it was started.
    pub loops: u64,
    /// Time until it gave its first rows, over all loops.
    pub startup: Duration,
    /// Time until it had given all, over all loops.
    pub total: Duration,
    /// Rows its own condition removed, over all loops.
    pub filtered: u64,
    /// What only nodes of its kind do.
    pub work: Option<Work>,
}

/// What nodes of some kinds did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A sort: whether it kept only the first rows, and the bytes it held.
    #[allow(missing_docs)]
    Sort { top: bool, bytes: usize },
    /// A hash table: entries and bytes.
    #[allow(missing_docs)]
    Hash { entries: usize, bytes: usize },
}

/// Measurements by node number (see [`Planned::trees`]).
pub trait NodeActuals {
    /// What the node did; `None`: it was never started.
    fn node(&self, number: usize) -> Option<Actual>;
}

/// A plan, described.
pub struct Explained {
    root: Item,
    options: ExplainOptions,
}

/// Describes a plan. With a catalog, names of relations are qualified by their schemas where VERBOSE wants it.
#[must_use]
pub fn describe(planned: &Planned, options: &ExplainOptions, actuals: Option<&dyn NodeActuals>, catalog: Option<&Catalog>) -> Explained {
    let mut starts = Vec::new();
    let mut next = 0;
    for tree in planned.trees() {
        starts.push(next);
        next += tree.node_count();
    }
    let qualify = options.verbose || planned.trees().map(count_relations).sum::<usize>() > 1;
    let settings = Settings::default();
    let shown = vec![false; planned.subplans.len()];
    let mut describer = Describer { planned, options, actuals, catalog, starts, qualify, settings: &settings, shown };
    Explained { root: describer.root(), options: *options }
}

/// The lines of EXPLAIN, without planning and execution time.
#[must_use]
pub fn explain(planned: &Planned, options: &ExplainOptions, actuals: Option<&dyn NodeActuals>) -> Vec<String> {
    describe(planned, options, actuals, None).lines()
}

impl Explained {
    /// The plan as lines of text.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        text::lines(&self.root, &self.options)
    }

    /// The plan and what else is to be said, as one text in another format.
    #[must_use]
    pub fn document(&self, format: Format, rest: Vec<(&'static str, Value)>) -> String {
        let mut parts = vec![("Plan", self.root.value(&self.options, None))];
        parts.extend(rest);
        document::write(format, parts)
    }
}

fn count_relations(plan: &Plan) -> usize {
    let own = usize::from(node::is_relation(plan));
    own + plan.children().iter().map(|child| count_relations(child)).sum::<usize>()
}

/// Makes the description.
pub(crate) struct Describer<'a> {
    planned: &'a Planned,
    options: &'a ExplainOptions,
    actuals: Option<&'a dyn NodeActuals>,
    catalog: Option<&'a Catalog>,
    /// Number of the first node of each tree.
    starts: Vec<usize>,
    /// Columns are shown with their relation's name.
    qualify: bool,
    /// For the text form of constants.
    settings: &'a Settings,
    /// Subplans that have been described.
    shown: Vec<bool>,
}

impl Describer<'_> {
    fn root(&mut self) -> Item {
        let planned = self.planned;
        let mut root = self.tree(&planned.root, self.starts[0]);
        let first = 1 + planned.subplans.len();
        let mut ctes = Vec::with_capacity(planned.ctes.len());
        for (index, cte) in planned.ctes.iter().enumerate() {
            let item = self.tree(&cte.plan, self.starts[first + index]);
            ctes.push(Child { relation: "InitPlan", title: Some(format!("CTE {}", cte.name)), item });
        }
        // As in PostgreSQL, what runs first is shown first.
        root.children.splice(0..0, ctes);
        root
    }
}
