//! From plans to programs: one node per plan node, one function per family.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use borealis_pgtypes::{Oid, Result, SqlError, Type};
use borealis_sql::ast::{LockStrength, SetOperator};
use borealis_sql::expr::{Expr, RoutineSpec};
use borealis_sql::plan::{Aggregate, Node as PlanNode, Plan, PlanJoinKind, Planned, Scan};
use borealis_storage::ClaimKind;

use super::access;
use super::aggregate::{AggregateCode, AggregateNode};
use super::basic::{AppendNode, FilterNode, ProjectNode, ResultNode, ValuesNode};
use super::batched_loop::BatchedLoopNode;
use super::cte::{CteProgram, CteScanNode, RecursiveUnionNode};
use super::distinct::DistinctNode;
use super::function_scan::{FromFunction, FunctionScanNode, SetCall};
use super::hash_join::HashJoinNode;
use super::index_layout::column_types;
use super::limit::LimitNode;
use super::lock_rows::LockRowsNode;
use super::measure::MeasuredNode;
use super::merge_join::MergeJoinNode;
use super::nested_loop::NestedLoopNode;
use super::operator::NodeRef;
use super::params::{Dependencies, Dependency};
use super::point::Point;
use super::project_set::{ProjectSetNode, Target};
use super::scan::ScanNode;
use super::set_op::SetOpNode;
use super::sort::{SortKeys, SortNode};
use super::system_scan::SystemScanNode;
use super::window::WindowNode;
use super::write;
use crate::eval::order::{Order, orders};
use crate::eval::{Compiler, hashable};
use crate::row::Reader;

/// A compiled plan: immutable, to be kept with the plan and shared by its executions.
pub struct Program {
    pub(super) root: NodeRef,
    pub(super) width: usize,
    pub(crate) subplans: Vec<SubProgram>,
    pub(super) ctes: Vec<CteProgram>,
    pub(super) exec_params: usize,
    /// INSERT, UPDATE or DELETE, at the top or in a CTE.
    pub(super) modifies: bool,
    /// Something of the statement reads after something of it has written.
    pub(super) rereads: bool,
    /// A look-up of one row by its primary key.
    pub(super) point: Option<Point>,
    routines: Vec<Arc<RoutineSpec>>,
}

/// A subquery of an expression.
pub(crate) struct SubProgram {
    pub(crate) node: NodeRef,
    /// It depends on nothing outside: it runs once.
    pub(crate) constant: bool,
}

impl Program {
    /// Compiles a plan.
    ///
    /// # Errors
    /// `XX000` for a plan that is none; `0A000` for what cannot be run.
    pub fn compile(planned: &Planned) -> Result<Arc<Self>> {
        Self::build(planned, None)
    }

    /// As [`Program::compile`], with every node measured: for EXPLAIN ANALYZE.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn compile_measured(planned: &Planned) -> Result<Arc<Self>> {
        Self::build(planned, Some(numbers(planned)))
    }

    fn build(planned: &Planned, numbers: Option<HashMap<*const Plan, usize>>) -> Result<Arc<Self>> {
        let measured = numbers.is_some();
        let types: Vec<Vec<Type>> = planned.subplans.iter().map(|plan| plan.types.clone()).collect();
        let routines = RefCell::default();
        let builder = Builder {
            compiler: Compiler { subplans: &types, routines: Some(&routines) },
            dependencies: Dependencies::new(planned),
            numbers,
            cte_scans: RefCell::default(),
        };
        let subplans = planned
            .subplans
            .iter()
            .map(|plan| Ok(SubProgram { node: builder.plan(plan)?, constant: builder.dependencies.constant(plan) }))
            .collect::<Result<_>>()?;
        let ctes = planned.ctes.iter().map(|cte| {
            let node = builder.plan(&cte.plan)?;
            let constant = builder.dependencies.constant(&cte.plan);
            Ok(CteProgram { id: cte.id, node, width: cte.plan.types.len(), modifies: cte.modifies, constant, read_once: false })
        });
        let mut ctes = ctes.collect::<Result<Vec<_>>>()?;
        let root = builder.plan(&planned.root)?;
        let writes = matches!(planned.root.node, PlanNode::Insert(_) | PlanNode::Update(_) | PlanNode::Delete(_));
        let modifies = writes || ctes.iter().any(|cte| cte.modifies);
        let point = if modifies || measured { None } else { builder.point(&planned.root)? };
        let scans = builder.cte_scans.into_inner();
        ctes.iter_mut().for_each(|cte| cte.read_once = scans.get(&cte.id) == Some(&1));
        Ok(Arc::new(Self {
            root,
            width: planned.root.types.len(),
            subplans,
            exec_params: planned.exec_params,
            modifies,
            rereads: modifies && !(planned.ctes.is_empty() && planned.subplans.is_empty()),
            point,
            ctes,
            routines: routines.into_inner(),
        }))
    }

    /// The functions in SQL that it calls.
    #[must_use]
    pub fn routines(&self) -> &[Arc<RoutineSpec>] {
        &self.routines
    }

    /// The surroundings of expressions that stand in no plan: constraints and index keys of writes that no statement makes.
    pub(super) fn none() -> Arc<Self> {
        Arc::new(Self {
            root: Arc::new(ResultNode { filter: None }),
            width: 0,
            subplans: Vec::new(),
            ctes: Vec::new(),
            exec_params: 0,
            modifies: false,
            rereads: false,
            point: None,
            routines: Vec::new(),
        })
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("width", &self.width).field("modifies", &self.modifies).finish_non_exhaustive()
    }
}

struct Builder<'a> {
    compiler: Compiler<'a>,
    dependencies: Dependencies<'a>,
    /// Numbers of the nodes, when they are measured.
    numbers: Option<HashMap<*const Plan, usize>>,
    /// How many scans each CTE has.
    cte_scans: RefCell<BTreeMap<usize, u32>>,
}

/// Numbers the nodes as EXPLAIN does.
fn numbers(planned: &Planned) -> HashMap<*const Plan, usize> {
    fn add(plan: &Plan, numbers: &mut HashMap<*const Plan, usize>) {
        numbers.insert(std::ptr::from_ref(plan), numbers.len());
        plan.children().into_iter().for_each(|child| add(child, numbers));
    }
    let mut all = HashMap::new();
    planned.trees().for_each(|tree| add(tree, &mut all));
    all
}

fn type_orders(types: &[Type]) -> Vec<Order> {
    orders(types.iter().map(|ty| ty.oid))
}

fn slot_orders(plan: &Plan, slots: &[usize]) -> Vec<Order> {
    slots.iter().map(|slot| Order::of(plan.types.get(*slot).map_or(Oid::INVALID, |ty| ty.oid))).collect()
}

impl Builder<'_> {
    fn plan(&self, plan: &Plan) -> Result<NodeRef> {
        let inner = self.node(plan)?;
        match self.numbers.as_ref().and_then(|numbers| numbers.get(&std::ptr::from_ref(plan))) {
            Some(number) => Ok(Arc::new(MeasuredNode { number: *number, inner })),
            None => Ok(inner),
        }
    }

    fn node(&self, plan: &Plan) -> Result<NodeRef> {
        let compiler = &self.compiler;
        let width = plan.types.len();
        Ok(match &plan.node {
            PlanNode::Result { filter } => Arc::new(ResultNode { filter: compiler.optional(filter.as_ref())? }),
            PlanNode::Values { rows } => {
                Arc::new(ValuesNode { rows: rows.iter().map(|row| compiler.all(row)).collect::<Result<_>>()?, width })
            }
            PlanNode::Scan(scan) => Arc::new(ScanNode::compile(compiler, scan)?),
            PlanNode::SystemScan { relation, alias: _, columns, filter } => {
                Arc::new(SystemScanNode { relation, columns: columns.clone(), filter: compiler.optional(filter.as_ref())? })
            }
            PlanNode::FunctionScan { functions, ordinality, alias: _, filter } => Arc::new(FunctionScanNode {
                functions: functions.iter().map(|function| FromFunction::compile(compiler, function)).collect::<Result<_>>()?,
                ordinality: *ordinality,
                filter: compiler.optional(filter.as_ref())?,
                width,
            }),
            PlanNode::CteScan { id, alias: _, columns: _, filter } => self.cte_scan(*id, false, filter.as_ref(), width)?,
            PlanNode::WorkTableScan { id, alias: _, columns: _, filter } => self.cte_scan(*id, true, filter.as_ref(), width)?,
            PlanNode::Filter { input, predicate } => {
                Arc::new(FilterNode { input: self.plan(input)?, predicate: compiler.compile(predicate)? })
            }
            PlanNode::Project { input, exprs } => Arc::new(ProjectNode { input: self.plan(input)?, exprs: compiler.all(exprs)? }),
            PlanNode::ProjectSet { input, exprs } => self.project_set(input, exprs)?,
            PlanNode::Limit { input, limit, offset, ties } => Arc::new(LimitNode {
                input: self.plan(input)?,
                limit: compiler.optional(limit.as_ref())?,
                offset: compiler.optional(offset.as_ref())?,
                ties: ties.as_ref().map(|keys| SortKeys::compile(compiler, keys)).transpose()?,
            }),
            PlanNode::Sort { input, keys, limit } => Arc::new(SortNode {
                constant: self.dependencies.constant(plan),
                input: self.plan(input)?,
                keys: SortKeys::compile(compiler, keys)?,
                limit: compiler.optional(limit.as_ref())?,
                width,
            }),
            PlanNode::Distinct { input, slots } => self.distinct(input, slots, false)?,
            PlanNode::Unique { input, slots } => self.distinct(input, slots, true)?,
            PlanNode::Aggregate(aggregate) => self.aggregate(aggregate)?,
            PlanNode::Window { input, window, calls } => {
                Arc::new(WindowNode::compile(compiler, self.plan(input)?, input.types.len(), window, calls)?)
            }
            PlanNode::NestedLoop { kind, left, right, params, condition, batched: true } if !params.is_empty() => {
                self.batched_loop(*kind, left, right, params, condition.as_ref())?
            }
            PlanNode::NestedLoop { kind, left, right, params, condition, batched: _ } => {
                self.nested_loop(*kind, left, right, params, condition.as_ref())?
            }
            // The loop above keeps the rows.
            PlanNode::Materialize { input } => self.plan(input)?,
            PlanNode::MergeJoin { .. } => self.merge_join(&plan.node)?,
            PlanNode::HashJoin { .. } => self.hash_join(&plan.node)?,
            PlanNode::Append { inputs } => {
                Arc::new(AppendNode { inputs: inputs.iter().map(|input| self.plan(input)).collect::<Result<_>>()? })
            }
            PlanNode::SetOp { op, all, left, right } => self.set_op(*op, *all, left, right, &plan.types)?,
            PlanNode::RecursiveUnion { id, base, recursive, all } => Arc::new(RecursiveUnionNode {
                id: *id,
                base: self.plan(base)?,
                recursive: self.plan(recursive)?,
                all: *all,
                orders: type_orders(&plan.types),
            }),
            PlanNode::LockRows { input, locks } => {
                let locks = locks.iter().map(|(slot, _, strength)| (*slot, claim(*strength))).collect();
                Arc::new(LockRowsNode { input: self.plan(input)?, locks })
            }
            PlanNode::Insert(insert) => Arc::new(write::InsertNode::compile(compiler, insert, self.plan(&insert.source)?)?),
            PlanNode::Update(update) => Arc::new(write::UpdateNode::compile(compiler, update, self.plan(&update.source)?)?),
            PlanNode::Delete(delete) => Arc::new(write::DeleteNode::compile(compiler, delete, self.plan(&delete.source)?)?),
        })
    }

    fn cte_scan(&self, id: usize, work_table: bool, filter: Option<&Expr>, width: usize) -> Result<NodeRef> {
        if !work_table {
            *self.cte_scans.borrow_mut().entry(id).or_default() += 1;
        }
        Ok(Arc::new(CteScanNode { id, work_table, filter: self.compiler.optional(filter)?, width }))
    }

    fn project_set(&self, input: &Plan, exprs: &[Expr]) -> Result<NodeRef> {
        let target = |expr: &Expr| {
            Ok(match SetCall::compile(&self.compiler, expr)? {
                Some(call) => Target::Set(call),
                None => Target::Value(self.compiler.compile(expr)?),
            })
        };
        Ok(Arc::new(ProjectSetNode { input: self.plan(input)?, targets: exprs.iter().map(target).collect::<Result<_>>()? }))
    }

    fn distinct(&self, input: &Plan, slots: &[usize], sorted: bool) -> Result<NodeRef> {
        Ok(Arc::new(DistinctNode { input: self.plan(input)?, slots: slots.to_vec(), orders: slot_orders(input, slots), sorted }))
    }

    fn aggregate(&self, aggregate: &Aggregate) -> Result<NodeRef> {
        let all: Vec<usize> = (0..aggregate.groups.len()).collect();
        Ok(Arc::new(AggregateNode {
            input: self.plan(&aggregate.input)?,
            strategy: aggregate.strategy,
            groups: self.compiler.all(&aggregate.groups)?,
            orders: orders(aggregate.groups.iter().map(|group| group.ty.oid)),
            sets: if aggregate.sets.is_empty() { vec![all] } else { aggregate.sets.clone() },
            has_sets: !aggregate.sets.is_empty(),
            aggregates: aggregate.aggregates.iter().map(|call| AggregateCode::compile(&self.compiler, call)).collect::<Result<_>>()?,
            groupings: aggregate.groupings.clone(),
        }))
    }

    fn nested_loop(
        &self,
        kind: PlanJoinKind,
        left: &Plan,
        right: &Plan,
        params: &[(usize, Expr)],
        condition: Option<&Expr>,
    ) -> Result<NodeRef> {
        let depends = self.dependencies.of(right);
        Ok(Arc::new(NestedLoopNode {
            kind,
            left: self.plan(left)?,
            right: self.plan(right)?,
            params: params.iter().map(|(param, expr)| Ok((*param, self.compiler.compile(expr)?))).collect::<Result<_>>()?,
            condition: self.compiler.optional(condition)?,
            left_width: left.types.len(),
            right_width: right.types.len(),
            right_independent: matches!(right.node, PlanNode::Materialize { .. })
                && !params.iter().any(|(param, _)| depends.contains(&Dependency::Param(*param))),
            right_constant: depends.is_empty(),
        }))
    }

    fn batched_loop(
        &self,
        kind: PlanJoinKind,
        left: &Plan,
        right: &Plan,
        params: &[(usize, Expr)],
        condition: Option<&Expr>,
    ) -> Result<NodeRef> {
        Ok(Arc::new(BatchedLoopNode {
            kind,
            left: self.plan(left)?,
            right: self.plan(right)?,
            params: params.iter().map(|(param, expr)| Ok((*param, self.compiler.compile(expr)?))).collect::<Result<_>>()?,
            orders: orders(params.iter().map(|(_, expr)| expr.ty.oid)),
            condition: self.compiler.optional(condition)?,
            left_width: left.types.len(),
            right_width: right.types.len(),
        }))
    }

    fn merge_join(&self, node: &PlanNode) -> Result<NodeRef> {
        let PlanNode::MergeJoin { kind, left, right, left_keys, right_keys, residual } = node else {
            return Err(SqlError::internal("no merge join"));
        };
        Ok(Arc::new(MergeJoinNode {
            kind: *kind,
            left: self.plan(left)?,
            right: self.plan(right)?,
            left_keys: self.compiler.all(left_keys)?,
            right_keys: self.compiler.all(right_keys)?,
            orders: orders(right_keys.iter().map(|key| key.ty.oid)),
            residual: self.compiler.optional(residual.as_ref())?,
            left_width: left.types.len(),
            right_width: right.types.len(),
        }))
    }

    fn hash_join(&self, node: &PlanNode) -> Result<NodeRef> {
        let PlanNode::HashJoin { kind, left, right, left_keys, right_keys, residual } = node else {
            return Err(SqlError::internal("no hash join"));
        };
        for (left, right) in left_keys.iter().zip(right_keys) {
            if !hashable(left.ty.oid, right.ty.oid) {
                return Err(SqlError::internal(format!("a hash join of types {} and {}", left.ty.oid, right.ty.oid)));
            }
        }
        Ok(Arc::new(HashJoinNode {
            kind: *kind,
            left: self.plan(left)?,
            right: self.plan(right)?,
            left_keys: self.compiler.all(left_keys)?,
            right_keys: self.compiler.all(right_keys)?,
            orders: orders(right_keys.iter().map(|key| key.ty.oid)),
            residual: self.compiler.optional(residual.as_ref())?,
            left_width: left.types.len(),
            right_width: right.types.len(),
            right_constant: self.dependencies.constant(right),
        }))
    }

    fn set_op(&self, op: SetOperator, all: bool, left: &Plan, right: &Plan, types: &[Type]) -> Result<NodeRef> {
        let intersect = match op {
            SetOperator::Intersect => true,
            SetOperator::Except => false,
            SetOperator::Union => return Err(SqlError::internal("UNION is planned as Append and Distinct")),
        };
        Ok(Arc::new(SetOpNode { left: self.plan(left)?, right: self.plan(right)?, intersect, all, orders: type_orders(types) }))
    }

    /// The short way for one row by its whole primary key, with or without a projection on top.
    fn point(&self, root: &Plan) -> Result<Option<Point>> {
        let (scan, exprs) = match &root.node {
            PlanNode::Scan(scan) => (scan, None),
            PlanNode::Project { input, exprs } => match &input.node {
                PlanNode::Scan(scan) => (scan, Some(exprs)),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        if !is_point(scan) {
            return Ok(None);
        }
        let bounds = access::compile(&self.compiler, &scan.access, &scan.table)?;
        if !bounds.is_point() {
            return Ok(None);
        }
        let wanted: Vec<usize> = scan.columns.iter().filter_map(|number| usize::try_from(*number).ok()?.checked_sub(1)).collect();
        Ok(Some(Point {
            bounds,
            reader: Reader::new(&column_types(&scan.table), &wanted),
            filter: self.compiler.optional(scan.filter.as_ref())?,
            project: exprs.map(|exprs| self.compiler.all(exprs)).transpose()?.map(Into::into),
            width: root.types.len(),
        }))
    }
}

/// Whether the scan is nothing but a look-up.
const fn is_point(scan: &Scan) -> bool {
    !scan.locator && scan.limit.is_none()
}

const fn claim(strength: LockStrength) -> ClaimKind {
    match strength {
        LockStrength::Update => ClaimKind::ForUpdate,
        LockStrength::KeyShare => ClaimKind::KeyShare,
    }
}
