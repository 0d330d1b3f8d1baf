//! Table access, in the words of the service.

use borealis_catalog::{Index, IndexKeyPart};

use super::Describer;
use super::item::{Item, Measured};
use super::names::Name;
use super::node::{Above, Facts, text};
use crate::deparse::quote;
use crate::expr::{Expr, ExprKind};
use crate::plan::{Access, Bounds, Edge, KeyMatch, Plan, Scan};

/// What storage reads: the two nodes' names, and what from.
struct Storage<'s> {
    scan: &'static str,
    tree: &'static str,
    name: &'s str,
    /// `Index Cond` of the lower node.
    condition: Option<&'s str>,
    /// Rows it gives and, below, rows it reads.
    measured: (Measured, Measured),
}

impl<'a> Describer<'a> {
    /// A scan, whose estimates and measurements are those of the hidden node around it when there is one.
    pub(super) fn scan(&mut self, scan: &'a Scan, plan: &'a Plan, number: usize, above: Above<'a>) -> Item {
        let index = accessed(scan);
        let condition = index.and_then(|(index, bounds)| self.index_condition(scan, index, bounds));
        let (label, facts) = self.scan_label(scan, index.map(|(index, _)| index));
        let mut item = self.item(label, facts, above);
        if let Some(condition) = &condition {
            item.line("Index Cond", condition.clone());
        }
        self.filter(&mut item, plan, above);
        let (first, last) = self.subplans(plan, above);
        item.children.extend(first);
        let names = self.names(plan);
        let measured = self.measured(number);
        let read = read_rows(measured);
        let index_name = index.map_or("", |(index, _)| index.name.as_str());
        if let Access::Index { covering: false, .. } = &scan.access {
            let entries = Storage {
                scan: "Storage Scan",
                tree: "B-Tree Scan",
                name: index_name,
                condition: condition.as_deref(),
                measured: (read, read),
            };
            item.add("Outer", storage(plan, &entries, |_| {}));
            let rows = Storage {
                scan: "Storage Lookup",
                tree: "B-Tree Lookup",
                name: &scan.table.name,
                condition: None,
                measured: (measured, read),
            };
            item.add("Inner", storage(plan, &rows, |item| self.details(item, scan, &names, measured)));
        } else {
            let name = if matches!(scan.access, Access::Full) { &scan.table.name } else { index_name };
            let rows =
                Storage { scan: "Storage Scan", tree: "B-Tree Scan", name, condition: condition.as_deref(), measured: (measured, read) };
            item.add("Outer", storage(plan, &rows, |item| self.details(item, scan, &names, measured)));
        }
        item.children.extend(last);
        item
    }

    fn scan_label(&self, scan: &Scan, index: Option<&Index>) -> (String, Facts) {
        let (relation, relation_facts) = self.relation(scan.table.schema, &scan.table.name, &scan.alias);
        let backward = if scan.reverse { " Backward" } else { "" };
        let node = match &scan.access {
            Access::Full => "Full Scan (btree-table)",
            Access::PrimaryKey(_) | Access::Index { covering: true, .. } => "Index Only Scan",
            Access::Index { covering: false, .. } => "Index Scan",
        };
        let mut facts = vec![("Node Type", text(node)), ("Scan Direction", text(if scan.reverse { "Backward" } else { "Forward" }))];
        facts.extend(index.map(|index| ("Index Name", text(&index.name))));
        facts.extend(relation_facts);
        let using = index.map(|index| format!(" using {}", quote::identifier(&index.name))).unwrap_or_default();
        (format!("{node}{backward}{using} on {relation}"), facts)
    }

    /// Projections, filters, limit and, when measured, rows filtered.
    fn details(&self, item: &mut Item, scan: &Scan, names: &[Name], measured: Measured) {
        let columns = scan.columns.iter().filter_map(|number| scan.table.column_number(*number));
        let columns: Vec<String> = columns.map(|column| quote::identifier(&column.name)).collect();
        if !columns.is_empty() {
            item.list("Projections", columns);
        }
        if let Some(filter) = &scan.filter {
            item.line("Filters", self.text(filter, names));
            if let Measured::Ran(actual) = measured {
                item.count("Rows Filtered", actual.filtered);
            }
        }
        if let Some(limit) = &scan.limit {
            item.line("Limit", self.limit_text(limit));
        }
    }

    /// A number is shown bare.
    fn limit_text(&self, limit: &Expr) -> String {
        match &limit.kind {
            ExprKind::Const(borealis_pgtypes::Datum::Int8(limit)) => limit.to_string(),
            _ => self.text(limit, &[]),
        }
    }

    /// The part of a look-up's condition that reads the outer row.
    pub(super) fn recheck_condition(&self, scan: &Scan, params: &[(usize, Expr)]) -> Option<String> {
        let (index, bounds) = accessed(scan)?;
        let is_outer = |expr: &Expr| {
            let test = |expr: &Expr| matches!(expr.kind, ExprKind::ExecParam(number) if params.iter().any(|(param, _)| *param == number));
            crate::planner::walk::any(expr, &mut { test })
        };
        let outer_edges = |edges: &[Edge]| edges.iter().filter(|edge| edge.values.iter().any(is_outer)).cloned().collect::<Vec<_>>();
        let outer = Bounds { prefix: bounds.prefix.clone(), lower: outer_edges(&bounds.lower), upper: outer_edges(&bounds.upper) };
        let any_prefix = bounds.prefix.iter().any(|key| match key {
            KeyMatch::Equal(value) | KeyMatch::Any(value) => is_outer(value),
            KeyMatch::IsNull => false,
        });
        if !any_prefix && outer.lower.is_empty() && outer.upper.is_empty() {
            return None;
        }
        self.index_condition(scan, index, &outer)
    }

    /// The bounds as a condition on the index's keys.
    fn index_condition(&self, scan: &Scan, index: &Index, bounds: &Bounds) -> Option<String> {
        let mut parts = Vec::new();
        for (key, matched) in scan.table.entry_keys(index).zip(&bounds.prefix) {
            let column = key_name(scan, &key.part);
            parts.push(match matched {
                KeyMatch::Equal(value) => format!("({column} = {})", self.text(value, &[])),
                KeyMatch::Any(array) => format!("({column} = ANY ({}))", self.text(array, &[])),
                KeyMatch::IsNull => format!("({column} IS NULL)"),
            });
        }
        let rest: Vec<String> = scan.table.entry_keys(index).skip(bounds.prefix.len()).map(|key| key_name(scan, &key.part)).collect();
        parts.extend(bounds.lower.iter().map(|edge| self.edge_condition(&rest, '>', edge)));
        parts.extend(bounds.upper.iter().map(|edge| self.edge_condition(&rest, '<', edge)));
        match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(format!("({})", parts.join(" AND "))),
        }
    }

    fn edge_condition(&self, keys: &[String], operator: char, edge: &Edge) -> String {
        let equal = if edge.inclusive { "=" } else { "" };
        let values: Vec<String> = edge.values.iter().map(|value| self.text(value, &[])).collect();
        match (keys, values.as_slice()) {
            ([key, ..], [value]) => format!("({key} {operator}{equal} {value})"),
            _ => format!("(ROW({}) {operator}{equal} ROW({}))", keys[..values.len()].join(", "), values.join(", ")),
        }
    }
}

/// The index a scan uses, with its bounds.
fn accessed(scan: &Scan) -> Option<(&Index, &Bounds)> {
    match &scan.access {
        Access::Full => None,
        Access::PrimaryKey(bounds) => Some((scan.table.primary_key.as_ref()?, bounds)),
        Access::Index { index, bounds, .. } => Some((scan.table.indexes.iter().find(|candidate| candidate.oid == *index)?, bounds)),
    }
}

/// What storage read to give what it gave.
fn read_rows(measured: Measured) -> Measured {
    match measured {
        Measured::Ran(actual) => Measured::Ran(super::Actual { rows: actual.rows + actual.filtered, ..actual }),
        other => other,
    }
}

/// Keys are shown without their table, as PostgreSQL shows them in Index Cond.
fn key_name(scan: &Scan, part: &IndexKeyPart) -> String {
    match part {
        IndexKeyPart::Column(number) => {
            scan.table.column_number(*number).map_or_else(String::new, |column| quote::identifier(&column.name))
        }
        IndexKeyPart::Expression(text, _) => text.clone(),
    }
}

/// The two nodes of a storage access; `details` adds the properties of the upper one.
fn storage(plan: &Plan, storage: &Storage<'_>, details: impl FnOnce(&mut Item)) -> Item {
    let make = |node: &'static str, measured: Measured| {
        let facts = vec![("Node Type", text(node)), ("Relation Name", text(storage.name))];
        let mut item = Item::new(format!("{node} on {}", quote::identifier(storage.name)), facts, plan.estimate, measured);
        item.storage = true;
        item
    };
    let mut upper = make(storage.scan, storage.measured.0);
    details(&mut upper);
    let mut lower = make(storage.tree, storage.measured.1);
    if let Some(condition) = storage.condition {
        lower.line("Index Cond", condition.to_owned());
    }
    upper.add("Outer", lower);
    upper
}
