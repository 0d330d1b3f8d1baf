//! From the winning path to plan nodes.

use borealis_pgtypes::{Oid, Result, SqlError, Type};

use super::access::{Choice, PrefixMatch, Which, index_of};
use super::cost;
use super::from::Base;
use super::group::QualRef;
use super::layout::{LOCATOR, Layout};
use super::method::Method;
use super::search::{Path, Step};
use super::{Planner, walk};
use crate::bound::Relation;
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{Access, Bounds, Edge, Estimate, KeyMatch, Node, Plan, PlanJoinKind, Scan};

/// Type of a locator slot.
pub(crate) const LOCATOR_TYPE: Type = Type::plain(Oid::BYTEA);

/// Parameters of a nested loop: the parameter and its value over the left row.
type Params = Vec<(usize, Expr)>;

impl Planner<'_> {
    /// The plan of a path. Plans of relations that are no tables are moved out of `bases`.
    pub(crate) fn build(&mut self, path: &Path, bases: &mut [Base]) -> Result<(Plan, Layout)> {
        match &path.step {
            Step::Table { relation, choice, filters } => self.table(bases, *relation, choice, left_over(filters, choice), None, path),
            Step::Other { relation } => {
                let base = &mut bases[*relation];
                let plan = base.plan.take().ok_or_else(|| SqlError::internal("a relation is built twice"))?;
                let layout = base.layout(*relation);
                Ok((plan, layout))
            }
            Step::Filter { input, quals } => {
                let (plan, layout) = self.build(input, bases)?;
                let predicate = self.predicate(quals, &layout)?;
                let fraction = path.rows / input.rows.max(1.0);
                Ok((filtered(plan, predicate, fraction), layout))
            }
            Step::Unique { input, columns } => {
                let (plan, layout) = self.build(input, bases)?;
                let slots = columns.iter().map(|(relation, column)| layout.slot(*relation, *column)).collect::<Option<Vec<_>>>();
                let slots = slots.ok_or_else(|| SqlError::internal("a distinct column is in no slot"))?;
                Ok((cost::distinct(plan, slots, Some(path.rows)), layout))
            }
            Step::Join { kind, left, right, method } => self.join(*kind, left, right, method, bases, path),
        }
    }

    fn join(
        &mut self,
        kind: PlanJoinKind,
        left: &Path,
        right: &Path,
        method: &Method,
        bases: &mut [Base],
        path: &Path,
    ) -> Result<(Plan, Layout)> {
        let (left_plan, left_layout) = self.build(left, bases)?;
        if let Method::Index { relation, choice, filters, residual } = method {
            let mut params = Vec::new();
            let outer = Some((&left_layout, &mut params));
            let (right_plan, right_layout) = self.table(bases, *relation, choice, filters.clone(), outer, right)?;
            let both = left_layout.join(&right_layout);
            let condition = self.predicate(residual, &both)?;
            let (left, right) = (Box::new(left_plan), Box::new(right_plan));
            let batched = self.ctx.settings.enable_batched_nestloop;
            return Ok(finish(kind, Node::NestedLoop { kind, left, right, params, condition, batched }, left_layout, both, path));
        }
        let (right_plan, right_layout) = self.build(right, bases)?;
        let both = left_layout.join(&right_layout);
        let node = match method {
            Method::Hash { keys, residual } => {
                let (left_keys, right_keys): (Vec<Expr>, Vec<Expr>) = keys.iter().cloned().unzip();
                let left_keys = self.lower_all(left_keys, &left_layout)?;
                let right_keys = self.lower_all(right_keys, &right_layout)?;
                let residual = self.predicate(residual, &both)?;
                Node::HashJoin { kind, left: Box::new(left_plan), right: Box::new(right_plan), left_keys, right_keys, residual }
            }
            Method::Merge { keys, residual, sort } => {
                let (left_keys, right_keys): (Vec<Expr>, Vec<Expr>) = keys.iter().cloned().unzip();
                let left_keys = self.lower_all(left_keys, &left_layout)?;
                let right_keys = self.lower_all(right_keys, &right_layout)?;
                let residual = self.predicate(residual, &both)?;
                let left = Box::new(self.sorted(left_plan, &left_keys, sort.0));
                let right = Box::new(self.sorted(right_plan, &right_keys, sort.1));
                Node::MergeJoin { kind, left, right, left_keys, right_keys, residual }
            }
            Method::Loop { quals } | Method::Index { residual: quals, .. } => {
                let params = self.lateral_params(left, right, &left_layout, bases)?;
                let condition = self.predicate(quals, &both)?;
                let right = if params.is_empty() { self.kept(right_plan) } else { right_plan };
                Node::NestedLoop { kind, left: Box::new(left_plan), right: Box::new(right), params, condition, batched: false }
            }
        };
        Ok(finish(kind, node, left_layout, both, path))
    }

    /// `plan` in the order of the keys.
    fn sorted(&self, plan: Plan, keys: &[Expr], sort: bool) -> Plan {
        if !sort {
            return plan;
        }
        let keys = keys.iter().map(|key| SortKey { expr: key.clone(), descending: false, nulls_first: false }).collect();
        cost::sort(plan, keys, None, self.ctx.settings)
    }

    /// A right side whose rows are kept from one left row to the next. A few constant rows are made again as quickly.
    fn kept(&self, plan: Plan) -> Plan {
        if !self.ctx.settings.enable_material || matches!(plan.node, Node::Values { .. } | Node::Result { .. }) {
            return plan;
        }
        let (types, estimate) = (plan.types.clone(), plan.estimate);
        Plan { node: Node::Materialize { input: Box::new(plan) }, types, estimate }
    }

    /// What the relations on the right ask of those on the left.
    fn lateral_params(&mut self, left: &Path, right: &Path, layout: &Layout, bases: &[Base]) -> Result<Params> {
        let mut params = Vec::new();
        for (index, base) in bases.iter().enumerate() {
            if right.rels & (1 << index) == 0 {
                continue;
            }
            for lateral in base.laterals.iter().filter(|lateral| left.rels & (1 << lateral.relation) != 0) {
                let value = super::layout::column(0, lateral.relation, lateral.column, lateral.ty);
                params.push((lateral.param, self.lower(value, layout)?));
            }
        }
        Ok(params)
    }

    /// A scan. With `outer`, values of the outer row that bounds use become parameters.
    fn table(
        &mut self,
        bases: &[Base],
        relation: usize,
        choice: &Choice,
        filters: Vec<QualRef>,
        mut outer: Option<(&Layout, &mut Params)>,
        path: &Path,
    ) -> Result<(Plan, Layout)> {
        let base = &bases[relation];
        let Relation::Table(table) = &base.entry.relation else { return Err(SqlError::internal("a scan of what is no table")) };
        let layout = base.layout(relation);
        let mut bounds = Bounds::default();
        for matched in &choice.prefix {
            bounds.prefix.push(match matched {
                PrefixMatch::Equal(value) => KeyMatch::Equal(self.bound(value, outer.as_mut())?),
                PrefixMatch::Any(array) => KeyMatch::Any(self.bound(array, outer.as_mut())?),
                PrefixMatch::IsNull => KeyMatch::IsNull,
            });
        }
        for (from, to) in [(&choice.lower, &mut bounds.lower), (&choice.upper, &mut bounds.upper)] {
            for Edge { values, inclusive, near } in from {
                let values = values.iter().map(|value| self.bound(value, outer.as_mut())).collect::<Result<_>>()?;
                to.push(Edge { values, inclusive: *inclusive, near: *near });
            }
        }
        let access = match choice.which {
            Which::Full => Access::Full,
            Which::Primary if choice.used.is_empty() => Access::Full,
            Which::Primary => Access::PrimaryKey(bounds),
            which @ Which::Secondary(_) => {
                let index = index_of(table, which).ok_or_else(|| SqlError::internal("an index vanished"))?;
                Access::Index { index: index.oid, bounds, covering: choice.covering }
            }
        };
        let filter = self.predicate(&filters, &layout)?;
        let mut types: Vec<Type> = base.columns.iter().map(|column| base.entry.columns[*column].ty).collect();
        if base.locator {
            types.push(LOCATOR_TYPE);
        }
        let width = cost::width(&types);
        // Under a nested loop the price is that of one round.
        let (startup_cost, total_cost) =
            if outer.is_some() { (cost::ACCESS_STARTUP, cost::ACCESS_STARTUP + choice.rescan) } else { (path.startup, path.total) };
        let rows = if outer.is_some() { choice.rows } else { path.rows };
        let scan = Scan {
            table: table.clone(),
            alias: base.entry.alias.clone(),
            access,
            reverse: choice.reverse,
            columns: base.columns.iter().map(|column| base.attnum(*column)).collect(),
            locator: base.locator,
            filter,
            limit: None,
        };
        let estimate = Estimate { startup_cost, total_cost, rows, width };
        Ok((Plan { node: Node::Scan(Box::new(scan)), types, estimate }, layout))
    }

    fn bound(&mut self, value: &Expr, outer: Option<&mut (&Layout, &mut Params)>) -> Result<Expr> {
        let Some((layout, params)) = outer else { return self.lower(value.clone(), &Layout::default()) };
        if super::group::relations(value) == 0 {
            return self.lower(value.clone(), &Layout::default());
        }
        let param = self.new_param();
        let ty = value.ty;
        params.push((param, self.lower(value.clone(), layout)?));
        Ok(Expr::new(ExprKind::ExecParam(param), ty))
    }

    /// The conjunction of conditions over rows of `layout`.
    pub(crate) fn predicate(&mut self, quals: &[QualRef], layout: &Layout) -> Result<Option<Expr>> {
        let exprs = quals.iter().map(|qual| self.lower(qual.expr.clone(), layout)).collect::<Result<Vec<_>>>()?;
        Ok(walk::conjunction(exprs))
    }
}

fn left_over(filters: &[QualRef], choice: &Choice) -> Vec<QualRef> {
    filters.iter().enumerate().filter(|(index, _)| !choice.exact.contains(index)).map(|(_, qual)| qual.clone()).collect()
}

fn finish(kind: PlanJoinKind, node: Node, left: Layout, both: Layout, path: &Path) -> (Plan, Layout) {
    let (Node::NestedLoop { left: left_plan, right: right_plan, .. }
    | Node::HashJoin { left: left_plan, right: right_plan, .. }
    | Node::MergeJoin { left: left_plan, right: right_plan, .. }) = &node
    else {
        unreachable!("only joins are finished")
    };
    let mut types = left_plan.types.clone();
    let layout = if matches!(kind, PlanJoinKind::Semi | PlanJoinKind::Anti) {
        left
    } else {
        types.extend_from_slice(&right_plan.types);
        both
    };
    let estimate = Estimate { startup_cost: path.startup, total_cost: path.total, rows: path.rows, width: cost::width(&types) };
    (Plan { node, types, estimate }, layout)
}

/// `plan` with a condition on its rows, kept in the node itself where the node can.
pub(crate) fn filtered(mut plan: Plan, predicate: Option<Expr>, selectivity: f64) -> Plan {
    let Some(predicate) = predicate else { return plan };
    let estimate = Estimate {
        rows: (plan.estimate.rows * selectivity).max(1.0),
        total_cost: plan.estimate.total_cost + cost::OPERATOR * plan.estimate.rows,
        ..plan.estimate
    };
    match &mut plan.node {
        Node::SystemScan { filter, .. }
        | Node::FunctionScan { filter, .. }
        | Node::CteScan { filter, .. }
        | Node::WorkTableScan { filter, .. }
            if filter.is_none() =>
        {
            *filter = Some(predicate);
            plan.estimate = estimate;
            plan
        }
        _ => {
            let types = plan.types.clone();
            Plan { node: Node::Filter { input: Box::new(plan), predicate }, types, estimate }
        }
    }
}

/// `plan` if a condition that reads no row holds: a row without slots, or none, drives it.
pub(crate) fn gate(plan: Plan, predicate: Expr) -> Plan {
    let left = Plan { node: Node::Result { filter: Some(predicate) }, types: Vec::new(), estimate: cost::result(&[]) };
    let (types, estimate) = (plan.types.clone(), plan.estimate);
    let (left, right) = (Box::new(left), Box::new(plan));
    let node = Node::NestedLoop { kind: PlanJoinKind::Inner, left, right, params: Vec::new(), condition: None, batched: false };
    Plan { node, types, estimate }
}

/// Whether a slot holds a locator.
pub(crate) fn locator_slot(layout: &Layout, relation: usize) -> Option<usize> {
    layout.slot(relation, LOCATOR)
}
