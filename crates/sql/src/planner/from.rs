//! FROM and WHERE of one query level: which columns are needed of each relation, the relations' own plans, then the search and the winner's plan.

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_catalog::statistics::TableStatistics;
use borealis_pgtypes::{Datum, Result, Type};

use super::Planner;
use super::cost::{self, DEFAULT_ROWS};
use super::definition::Definition;
use super::group::{self, Group, QualRef, RelSet, Role, SemiItem, Source};
use super::layout::{LOCATOR, Layout};
use super::lower::Lateral;
use super::{build, pushdown, walk};
use crate::bound::{FromItem, Relation, RelationEntry, Select};
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{Node, Plan};

/// A relation of the level being planned.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) entry: RelationEntry,
    /// Columns that are needed, ascending.
    pub(crate) columns: Vec<usize>,
    /// Whether the row's locator is needed: to write or lock the row, or to tell it from none.
    pub(crate) locator: bool,
    /// Conditions on this relation alone.
    pub(crate) filters: Vec<QualRef>,
    /// Rows of the whole relation.
    pub(crate) table_rows: f64,
    /// The plan of a relation that is no table, its filters included; taken when the winner is built.
    pub(crate) plan: Option<Plan>,
    /// What it asks of its neighbours.
    pub(crate) laterals: Vec<Lateral>,
    /// Indexes of a table that are more than columns.
    pub(crate) definitions: Vec<Definition>,
    /// What ANALYZE found in a table.
    pub(crate) statistics: Option<Arc<TableStatistics>>,
}

impl Base {
    /// The `attnum` of a table's column.
    pub(crate) fn attnum(&self, column: usize) -> i16 {
        match &self.entry.relation {
            Relation::Table(table) => live_number(table, column),
            _ => 0,
        }
    }

    /// Relations it must be joined to before it can run.
    pub(crate) fn required(&self) -> RelSet {
        self.laterals.iter().fold(0, |set, lateral| set | 1 << lateral.relation)
    }

    /// The layout of its rows.
    pub(crate) fn layout(&self, relation: usize) -> Layout {
        let mut layout = Layout::new(self.columns.iter().map(|column| (relation, *column)).collect());
        if self.locator {
            layout.push(relation, LOCATOR);
        }
        layout
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.entry.relation, Relation::Table(_))
    }
}

/// `attnum` of the `index`th live column.
pub(crate) fn live_number(table: &Table, index: usize) -> i16 {
    // Without dropped columns, which is nearly always, the place is the number.
    match table.columns.get(index) {
        Some(column) if table.columns[..=index].iter().all(|column| !column.dropped) => column.number,
        _ => table.live_columns().nth(index).map_or(0, |column| column.number),
    }
}

/// What the level above the joins would like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Order of rows, by expressions over one relation each; empty: any.
    pub(crate) order: Vec<SortKey>,
    /// Number of rows that will be read, when not all.
    pub(crate) wanted: Option<f64>,
    /// The order is for grouping, which hashing does as well as sorting.
    pub(crate) grouping: bool,
}

/// A FROM clause after the rewrites of the bound tree.
pub(crate) struct FromClause {
    pub(crate) relations: Vec<RelationEntry>,
    pub(crate) items: Vec<FromItem>,
    pub(crate) filter: Option<Expr>,
    pub(crate) semis: Vec<SemiItem>,
    /// What the rows will be grouped by: a list for each grouping set.
    pub(crate) groups: Vec<Vec<Expr>>,
}

/// Rows of a level with the columns in their slots.
pub(crate) struct Rows {
    pub(crate) plan: Plan,
    pub(crate) layout: Layout,
    /// Whether the rows come in the wished order.
    pub(crate) ordered: bool,
    /// How many groups they will make, by the clause's `groups`.
    pub(crate) groups: f64,
}

/// Columns needed of each relation of a level.
pub(crate) struct Needed {
    columns: Vec<Vec<bool>>,
    pub(crate) locators: Vec<bool>,
}

impl Needed {
    pub(crate) fn new(relations: &[RelationEntry]) -> Self {
        Self { columns: relations.iter().map(|entry| vec![false; entry.columns.len()]).collect(), locators: vec![false; relations.len()] }
    }

    /// Everything `expr`, standing at this level, reads.
    pub(crate) fn expr(&mut self, expr: &Expr, nesting: u32) {
        walk::column_refs(expr, nesting, &mut |column, nesting| {
            if column.depth == nesting {
                self.column(column.relation, column.column);
            }
        });
    }

    fn column(&mut self, relation: usize, column: usize) {
        if let (LOCATOR, Some(needed)) = (column, self.locators.get_mut(relation)) {
            *needed = true;
        }
        if let Some(needed) = self.columns.get_mut(relation).and_then(|columns| columns.get_mut(column)) {
            *needed = true;
        }
    }

    /// Everything a SELECT reads.
    pub(crate) fn select(&mut self, select: &Select) {
        walk::select_exprs(select, 0, &mut |expr, nesting| self.expr(expr, nesting));
    }

    /// What the relations' own conditions read.
    fn confined(&mut self, relations: &[RelationEntry]) {
        for (relation, entry) in relations.iter().enumerate() {
            if let Some(confined) = &entry.form.confined {
                walk::column_refs(confined, 0, &mut |column, _| self.column(relation, column.column));
            }
        }
    }

    /// All columns of a relation and its locator: the target of UPDATE and DELETE.
    pub(crate) fn whole_row(&mut self, relation: usize) {
        if let Some(columns) = self.columns.get_mut(relation) {
            columns.fill(true);
        }
        if let Some(locator) = self.locators.get_mut(relation) {
            *locator = true;
        }
    }

    fn of(&self, relation: usize) -> Vec<usize> {
        self.columns[relation].iter().enumerate().filter_map(|(column, needed)| needed.then_some(column)).collect()
    }
}

impl Planner<'_> {
    /// The rows of a FROM clause with its WHERE.
    pub(crate) fn from(&mut self, clause: FromClause, mut needed: Needed, wish: &Wish) -> Result<Rows> {
        let FromClause { relations, items, filter, semis, groups } = clause;
        needed.confined(&relations);
        for expr in semis.iter().flat_map(|semi| &semi.filter) {
            needed.expr(expr, 0);
        }
        for item in semis.iter().flat_map(|semi| &semi.from) {
            walk::from_exprs(item, &mut |expr| needed.expr(expr, 0));
        }
        if items.is_empty() && semis.is_empty() {
            return self.no_relations(filter);
        }
        let mut group = group::build(relations.len(), items, filter, semis)?;
        let mut bases = self.bases(relations, &needed)?;
        assign_filters(&mut group, &mut bases);
        let constants = take_constants(&mut group.quals);
        for index in 0..bases.len() {
            self.plan_relation(&mut bases, index)?;
        }
        if constants.iter().any(is_never) {
            return Ok(empty(&bases, &group));
        }
        let path = self.search(&bases, &group, wish)?;
        let groups = groups.iter().map(|set| self.groups(&bases, set, path.rows)).sum();
        let (plan, layout) = self.build(&path, &mut bases)?;
        self.gated(Rows { plan, layout, ordered: path.ordered, groups }, constants)
    }

    fn no_relations(&mut self, filter: Option<Expr>) -> Result<Rows> {
        let layout = Layout::default();
        let filter = self.lower_option(filter, &layout)?;
        let plan = Plan { estimate: cost::result(&[]), node: Node::Result { filter }, types: Vec::new() };
        Ok(Rows { plan, layout, ordered: true, groups: 1.0 })
    }

    fn bases(&mut self, relations: Vec<RelationEntry>, needed: &Needed) -> Result<Vec<Base>> {
        let mut bases = Vec::with_capacity(relations.len());
        for (index, entry) in relations.into_iter().enumerate() {
            let (statistics, definitions) = match &entry.relation {
                Relation::Table(table) => {
                    self.uses_table(table.oid);
                    (self.ctx.statistics.table(table.oid), self.definitions(table, index)?)
                }
                _ => (None, Vec::new()),
            };
            // First of all: what else the statement says of the row must not be asked of one that it may not see.
            let confined = entry.form.confined.as_deref().map(|confined| group::qual(of_relation(confined, index)));
            bases.push(Base {
                entry,
                columns: needed.of(index),
                locator: needed.locators[index],
                filters: confined.into_iter().collect(),
                table_rows: statistics.as_ref().map_or(DEFAULT_ROWS, |statistics| statistics.rows.max(1.0)),
                plan: None,
                laterals: Vec::new(),
                definitions,
                statistics,
            });
        }
        Ok(bases)
    }

    /// The plan of a relation that is no table, its conditions pushed as far down as they go.
    fn plan_relation(&mut self, bases: &mut [Base], index: usize) -> Result<()> {
        let base = &mut bases[index];
        if base.is_table() || base.entry.columns.is_empty() && matches!(base.entry.relation, Relation::Values(ref rows) if rows.is_empty())
        {
            return Ok(());
        }
        let relation = std::mem::replace(&mut base.entry.relation, Relation::Values(Vec::new()));
        let mut filters = std::mem::take(&mut base.filters);
        let all: Vec<(String, Type)> = base.entry.columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
        let level = self.scopes.len() - 1;
        let (laterals, in_relation) =
            (std::mem::take(&mut self.scopes[level].lateral), std::mem::replace(&mut self.scopes[level].in_relation, true));
        let alias = base.entry.alias.clone();
        let columns = base.columns.clone();
        let planned = match relation {
            Relation::Subquery(mut query) => {
                filters = pushdown::push(&mut query, index, filters);
                self.nested_query(*query).map(|plan| keep_columns(plan, &columns))
            }
            relation => self.leaf(relation, &alias, &columns, &all),
        };
        let scope = &mut self.scopes[level];
        let asked = std::mem::replace(&mut scope.lateral, laterals);
        scope.in_relation = in_relation;
        let mut plan = planned?;
        if bases[index].locator {
            plan = present(plan);
        }
        let rows = plan.estimate.rows;
        if !filters.is_empty() {
            let layout = bases[index].layout(index);
            let predicates = filters.iter().map(|qual| qual.expr.clone()).collect::<Vec<_>>();
            let selectivity = self.selectivity(bases, predicates.iter());
            let predicate = self.lower_option(walk::conjunction(predicates), &layout)?;
            plan = build::filtered(plan, predicate, selectivity);
        }
        let base = &mut bases[index];
        base.table_rows = rows.max(1.0);
        base.laterals = asked;
        base.plan = Some(plan);
        Ok(())
    }

    fn leaf(&mut self, relation: Relation, alias: &str, columns: &[usize], all: &[(String, Type)]) -> Result<Plan> {
        let types: Vec<Type> = all.iter().map(|column| column.1).collect();
        let alias = alias.to_owned();
        let (node, rows) = match relation {
            Relation::System(relation) => {
                let types = columns.iter().map(|column| types[*column]).collect();
                let node = Node::SystemScan { relation, alias, columns: columns.to_vec(), filter: None };
                return Ok(cost::leaf(node, types, 100.0));
            }
            Relation::Function { mut functions, ordinality } => {
                let layout = Layout::default();
                for function in &mut functions {
                    super::fold::fold(&mut function.expr, self.ctx.eval());
                    self.lower_in_place(&mut function.expr, &layout)?;
                }
                let sets = functions.iter().any(|function| function.expr.is_set());
                (Node::FunctionScan { functions, ordinality, alias, filter: None }, if sets { 1000.0 } else { 1.0 })
            }
            Relation::Cte(id) => match self.inline_recursive(id) {
                Some(plan) => return Ok(keep_columns(plan?, columns)),
                None => (Node::CteScan { id, alias, columns: names(all), filter: None }, self.cte_rows(id)),
            },
            Relation::WorkTable(id) => (Node::WorkTableScan { id, alias, columns: names(all), filter: None }, 100.0),
            Relation::Values(rows) => return Ok(keep_columns(self.values(rows, types)?, columns)),
            Relation::Table(_) | Relation::Subquery(_) => return Err(borealis_pgtypes::SqlError::internal("not a leaf relation")),
        };
        Ok(keep_columns(cost::leaf(node, types, rows), columns))
    }

    /// `rows`, if the conditions that read no relation hold.
    fn gated(&mut self, mut rows: Rows, constants: Vec<QualRef>) -> Result<Rows> {
        let (each, once): (Vec<_>, Vec<_>) = constants.iter().map(|qual| qual.expr.clone()).partition(walk::is_volatile);
        let layout = Layout::default();
        if let Some(predicate) = self.lower_option(walk::conjunction(once), &layout)?
            && !matches!(predicate.kind, ExprKind::Const(Datum::Bool(true)))
        {
            rows.plan = build::gate(rows.plan, predicate);
        }
        let predicate = self.lower_option(walk::conjunction(each), &rows.layout)?;
        rows.plan = build::filtered(rows.plan, predicate, 0.5);
        Ok(rows)
    }
}

fn names(columns: &[(String, Type)]) -> Vec<String> {
    columns.iter().map(|column| column.0.clone()).collect()
}

/// A condition over relation 0 as one over this relation.
fn of_relation(condition: &Expr, relation: usize) -> Expr {
    let mut condition = condition.clone();
    walk::columns_mut(&mut condition, 0, &mut |expr, _| {
        if let ExprKind::Column(column) = &mut expr.kind {
            column.relation = relation;
        }
    });
    condition
}

/// Gives each relation the conditions on it alone.
fn assign_filters(group: &mut Group, bases: &mut [Base]) {
    let quals = std::mem::take(&mut group.quals);
    for qual in quals {
        let owner = group.members.iter().find_map(|member| match member.source {
            Source::Relation(index) if member.role == Role::Inner && qual.rels == member.rels => Some(index),
            _ => None,
        });
        match owner {
            Some(index) => bases[index].filters.push(qual),
            None => group.quals.push(qual),
        }
    }
    for member in &mut group.members {
        match &mut member.source {
            Source::Relation(_) => {}
            Source::Group(group) => assign_filters(group, bases),
            Source::Full { left, right, .. } => {
                assign_filters(left, bases);
                assign_filters(right, bases);
            }
        }
    }
}

/// Takes the conditions that read no relation of the level.
fn take_constants(quals: &mut Vec<QualRef>) -> Vec<QualRef> {
    let (constants, rest) = std::mem::take(quals).into_iter().partition(|qual| qual.rels == 0);
    *quals = rest;
    constants
}

fn is_never(qual: &QualRef) -> bool {
    matches!(qual.expr.kind, ExprKind::Const(Datum::Bool(false) | Datum::Null))
}

/// No rows, in the shape the joins would have given. The relations' own plans are dropped unrun.
fn empty(bases: &[Base], group: &Group) -> Rows {
    let mut slots = Vec::new();
    let mut types = Vec::new();
    let visible =
        group.members.iter().filter(|member| !matches!(member.role, Role::Semi | Role::Anti)).fold(0, |set, member| set | member.rels);
    for (index, base) in bases.iter().enumerate().filter(|(index, _)| visible & (1 << index) != 0) {
        let layout = base.layout(index);
        types.extend(
            layout.slots().iter().map(|(_, column)| base.entry.columns.get(*column).map_or(build::LOCATOR_TYPE, |column| column.ty)),
        );
        slots.extend_from_slice(layout.slots());
    }
    let estimate = cost::values(0, &types);
    Rows { plan: Plan { node: Node::Values { rows: Vec::new() }, types, estimate }, layout: Layout::new(slots), ordered: true, groups: 1.0 }
}

/// `plan` with the locator of a relation that is no table behind its columns: there is a row, and no more to tell of it.
fn present(plan: Plan) -> Plan {
    let slots = plan.types.iter().enumerate().map(|(slot, ty)| Expr::new(ExprKind::Slot(slot), *ty));
    let exprs = slots.chain(std::iter::once(Expr::constant(Datum::Bytea(Arc::from([])), build::LOCATOR_TYPE))).collect();
    cost::project(plan, exprs)
}

/// `plan` with only some of its columns.
fn keep_columns(plan: Plan, columns: &[usize]) -> Plan {
    if columns.len() == plan.types.len() && columns.iter().copied().eq(0..plan.types.len()) {
        return plan;
    }
    let exprs = columns.iter().map(|column| Expr::new(ExprKind::Slot(*column), plan.types[*column])).collect();
    cost::project(plan, exprs)
}
