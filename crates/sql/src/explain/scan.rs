//! Table access, in the words of the service.

use borealis_catalog::{Index, IndexKeyPart, Table};

use super::node::{aliased, collect_subplans, hidden_exprs};
use super::{Place, Printer, cost_text};
use crate::expr::Expr;
use crate::plan::{Access, Bounds, KeyMatch, Plan, Scan};

impl<'a> Printer<'a> {
    /// A scan, whose estimates and measurements are those of the hidden node around it when there is one.
    pub(super) fn scan(&mut self, scan: &'a Scan, plan: &'a Plan, outermost: (&'a Plan, usize), place: Place, above: Option<&'a Expr>) {
        let relation = aliased(&scan.table.name, &scan.alias);
        let backward = if scan.reverse { " Backward" } else { "" };
        let (label, index) = match &scan.access {
            Access::Full => (format!("Full Scan (btree-table){backward} on {relation}"), None),
            Access::PrimaryKey(bounds) => {
                let index = scan.table.primary_key.as_ref();
                (format!("Index Only Scan{backward} using {} on {relation}", index_name(index)), index.map(|index| (index, bounds)))
            }
            Access::Index { index, bounds, covering } => {
                let index = scan.table.indexes.iter().find(|candidate| candidate.oid == *index);
                let only = if *covering { " Only" } else { "" };
                (format!("Index{only} Scan{backward} using {} on {relation}", index_name(index)), index.map(|index| (index, bounds)))
            }
        };
        self.head(place, &label, &outermost.0.estimate, outermost.1);
        let inside = place.inside();
        let names = self.names(plan);
        let condition = index.and_then(|(index, bounds)| self.index_condition(scan, index, bounds));
        if let Some(condition) = &condition {
            self.line(inside, &format!("Index Cond: {condition}"));
        }
        if let Some(filter) = above {
            let text = self.text(filter, &names);
            self.line(inside, &format!("Filter: {text}"));
        }
        let mut found = Vec::new();
        hidden_exprs(outermost.0, plan, above, &mut |expr| collect_subplans(expr, &mut found));
        self.print_subplans(found, inside);
        let number = outermost.1 + hidden_between(outermost.0, plan);
        match &scan.access {
            Access::Index { covering: false, .. } => {
                let name = index_name(index.map(|(index, _)| index));
                self.storage("Storage Scan", "B-Tree Scan", name, plan, number, inside, &[], condition.as_deref());
                let details = self.details(scan, &names, number);
                self.storage("Storage Lookup", "B-Tree Lookup", &scan.table.name, plan, number, inside, &details, None);
            }
            Access::Full => {
                let details = self.details(scan, &names, number);
                self.storage("Storage Scan", "B-Tree Scan", &scan.table.name, plan, number, inside, &details, None);
            }
            Access::PrimaryKey(_) | Access::Index { .. } => {
                let details = self.details(scan, &names, number);
                let name = index_name(index.map(|(index, _)| index));
                self.storage("Storage Scan", "B-Tree Scan", name, plan, number, inside, &details, condition.as_deref());
            }
        }
    }

    /// Projections, filters, limit and, when measured, rows filtered.
    fn details(&self, scan: &Scan, names: &[String], number: usize) -> Vec<String> {
        let mut details = Vec::new();
        let columns: Vec<&str> =
            scan.columns.iter().filter_map(|number| scan.table.column_number(*number)).map(|column| column.name.as_str()).collect();
        if !columns.is_empty() {
            details.push(format!("Projections: {}", columns.join(", ")));
        }
        if let Some(filter) = &scan.filter {
            details.push(format!("Filters: {}", self.text(filter, names)));
            if let Some(actual) = self.actuals.and_then(|actuals| actuals.node(number)) {
                details.push(format!("Rows Filtered: {}", actual.filtered));
            }
        }
        if let Some(limit) = &scan.limit {
            details.push(format!("Limit: {}", self.text(limit, &[]).trim_matches('\'').trim_end_matches("'::bigint")));
        }
        details
    }

    /// The two lines of a storage access with their properties.
    fn storage(
        &mut self,
        scan: &str,
        tree: &str,
        name: &str,
        plan: &Plan,
        number: usize,
        inside: usize,
        details: &[String],
        condition: Option<&str>,
    ) {
        let suffix = self.storage_suffix(plan, number);
        self.line(inside, &format!("-> {scan} on {name}{suffix}"));
        for detail in details {
            self.line(inside + 4, detail);
        }
        self.line(inside + 4, &format!("-> {tree} on {name}{suffix}"));
        if let Some(condition) = condition {
            self.line(inside + 8, &format!("Index Cond: {condition}"));
        }
    }

    /// Storage shows no times.
    fn storage_suffix(&self, plan: &Plan, number: usize) -> String {
        let mut text = if self.options.costs { format!(" {}", cost_text(&plan.estimate)) } else { String::new() };
        self.push_actual(&mut text, number, false);
        text
    }

    /// The bounds as a condition on the index's keys.
    fn index_condition(&self, scan: &Scan, index: &Index, bounds: &Bounds) -> Option<String> {
        let mut parts = Vec::new();
        for (key, matched) in index.keys.iter().zip(&bounds.prefix) {
            let column = self.key_name(scan, &scan.table, &key.part);
            parts.push(match matched {
                KeyMatch::Equal(value) => format!("({column} = {})", self.text(value, &[])),
                KeyMatch::Any(array) => format!("({column} = ANY ({}))", self.text(array, &[])),
                KeyMatch::IsNull => format!("({column} IS NULL)"),
            });
        }
        if let Some(key) = index.keys.get(bounds.prefix.len()) {
            let column = self.key_name(scan, &scan.table, &key.part);
            for (bound, operator) in [(&bounds.lower, '>'), (&bounds.upper, '<')] {
                if let Some((value, inclusive)) = bound {
                    let equal = if *inclusive { "=" } else { "" };
                    parts.push(format!("({column} {operator}{equal} {})", self.text(value, &[])));
                }
            }
        }
        match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(format!("({})", parts.join(" AND "))),
        }
    }

    /// Keys are shown without their table, as PostgreSQL shows them in Index Cond.
    fn key_name(&self, _: &Scan, table: &Table, part: &IndexKeyPart) -> String {
        match part {
            IndexKeyPart::Column(number) => table.column_number(*number).map_or_else(String::new, |column| column.name.clone()),
            IndexKeyPart::Expression(text, _) => text.clone(),
        }
    }
}

fn index_name(index: Option<&Index>) -> &str {
    index.map_or("", |index| index.name.as_str())
}

/// How many hidden nodes stand between two nodes of one chain.
fn hidden_between(outermost: &Plan, plan: &Plan) -> usize {
    let (mut count, mut node) = (0, outermost);
    while !std::ptr::eq(node, plan) {
        match node.children().first() {
            Some(child) => node = child,
            None => break,
        }
        count += 1;
    }
    count
}
