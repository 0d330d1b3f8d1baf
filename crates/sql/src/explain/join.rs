//! Joins: their names and conditions.

use super::Describer;
use super::document::Value;
use super::item::{Item, per_loop};
use super::names::Name;
use crate::expr::Expr;
use crate::plan::{Node, Plan, PlanJoinKind};

/// `Nested Loop`, `Hash Left Join`; then the node's facts.
pub(super) fn label(method: &'static str, kind: PlanJoinKind) -> (String, Vec<(&'static str, Value)>) {
    let (word, suffix) = if method == "Nested Loop" { (method, "") } else { (method.trim_end_matches(" Join"), " Join") };
    let text = match kind {
        PlanJoinKind::Inner => format!("{word}{suffix}"),
        kind => format!("{word} {} Join", kind_name(kind)),
    };
    let facts = vec![("Node Type", Value::Text(method.to_owned())), ("Join Type", Value::Text(kind_name(kind).to_owned()))];
    (text, facts)
}

pub(super) fn kind_name(kind: PlanJoinKind) -> &'static str {
    match kind {
        PlanJoinKind::Inner => "Inner",
        PlanJoinKind::Left => "Left",
        PlanJoinKind::Right => "Right",
        PlanJoinKind::Full => "Full",
        PlanJoinKind::Semi => "Semi",
        PlanJoinKind::Anti => "Anti",
    }
}

impl Describer<'_> {
    /// The equalities of two lists of keys.
    pub(super) fn key_condition(&self, item: &mut Item, title: &'static str, left: (&[Expr], &Plan), right: (&[Expr], &Plan)) {
        let (left_names, right_names) = (self.names(left.1), self.names(right.1));
        let pair = |(a, b): (&Expr, &Expr)| format!("({} = {})", self.text(a, &left_names), self.text(b, &right_names));
        let mut pairs: Vec<String> = left.0.iter().zip(right.0).map(pair).collect();
        match pairs.len() {
            0 => {}
            1 => item.line(title, pairs.remove(0)),
            _ => item.line(title, format!("({})", pairs.join(" AND "))),
        }
    }

    /// `Join Filter`, over both sides, and how many pairs it removed.
    pub(super) fn join_filter(&self, item: &mut Item, join: &Plan, condition: Option<&Expr>, number: usize) {
        let Some(condition) = condition else { return };
        let names = self.both_names(join);
        item.line("Join Filter", self.text(condition, &names));
        self.removed(item, "Rows Removed by Join Filter", number);
    }

    /// Rows that a node's own condition removed, per loop.
    pub(super) fn removed(&self, item: &mut Item, title: &'static str, number: usize) {
        if let Some(actual) = self.actuals.and_then(|actuals| actuals.node(number)).filter(|actual| actual.filtered > 0) {
            item.count(title, format!("{:.0}", per_loop(actual.filtered, actual.loops)));
        }
    }

    /// The lines of a batched join. Rows found for a batch are matched with their left rows again: by the conditions of the look-up that read them.
    pub(super) fn batched(&self, item: &mut Item, join: &Plan) {
        let Node::NestedLoop { kind, right, params, .. } = &join.node else { return };
        item.line("Join Type", kind_name(*kind).to_owned());
        if let Node::Scan(scan) = &right.node
            && let Some(condition) = self.recheck_condition(scan, params)
        {
            item.line("Recheck Cond", condition);
        }
    }

    fn both_names(&self, join: &Plan) -> Vec<Name> {
        match &join.node {
            Node::NestedLoop { left, right, .. } | Node::HashJoin { left, right, .. } | Node::MergeJoin { left, right, .. } => {
                let mut names = self.names(left);
                names.extend(self.names(right));
                names
            }
            _ => Vec::new(),
        }
    }
}
