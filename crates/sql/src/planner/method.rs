//! Ways to join two inputs, each with its price: hash join, merge join, nested loop, nested loop with the inner table found by index.

use std::rc::Rc;

use borealis_pgtypes::{Oid, Operator, Result, SqlError, Strategy};

use super::Planner;
use super::access::Choice;
use super::bounds;
use super::cost::{self, ACCESS_STARTUP, DISABLED, HASH_BUILD, HASH_PROBE, OPERATOR, TUPLE};
use super::from::{Base, Wish};
use super::group::{QualRef, relations};
use super::search::{Path, PathRef, Step, table_path};
use super::walk;
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{Estimate, PlanJoinKind};

/// How two inputs are joined.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) enum Method {
    /// Key pairs of one type each: over the left columns, over the right columns.
    Hash {
        keys: Vec<(Expr, Expr)>,
        residual: Vec<QualRef>,
    },
    /// As `Hash`, for sides of which the first `sort.0` and the second `sort.1` must be sorted first.
    Merge {
        keys: Vec<(Expr, Expr)>,
        residual: Vec<QualRef>,
        sort: (bool, bool),
    },
    Loop {
        quals: Vec<QualRef>,
    },
    /// The right side is one table, found with values of the left.
    Index {
        relation: usize,
        choice: Rc<Choice>,
        filters: Vec<QualRef>,
        residual: Vec<QualRef>,
    },
}

/// Two inputs and the conditions between them.
#[allow(missing_docs)]
pub(crate) struct JoinInput<'a> {
    pub kind: PlanJoinKind,
    pub left: &'a PathRef,
    pub right: &'a PathRef,
    pub quals: Vec<QualRef>,
}

/// Whether equal values by this operator are equal to a hash table: a type's own equality, or one between integer widths.
pub(crate) fn is_hashable(operator: &Operator) -> bool {
    let is_int = |oid: Oid| matches!(oid, Oid::INT2 | Oid::INT4 | Oid::INT8);
    operator.strategy == Some(Strategy::Equal) && (operator.left == operator.right || is_int(operator.left) && is_int(operator.right))
}

impl Planner<'_> {
    /// The paths worth considering. `inner_table`: the right side is that table.
    pub(crate) fn join_methods(&self, bases: &[Base], input: &JoinInput<'_>, inner_table: Option<usize>) -> Result<Vec<Path>> {
        let rows = self.join_rows(bases, input);
        let lateral = input.right.required & input.left.rels != 0;
        let mut paths = Vec::with_capacity(4);
        if !lateral {
            let (keys, residual) = hash_keys(input);
            paths.extend(self.merge(bases, input, &keys, &residual, rows));
            if !keys.is_empty() || input.kind == PlanJoinKind::Full {
                paths.extend(self.hash(input, keys, residual, rows)?);
            }
        }
        if input.kind != PlanJoinKind::Full {
            paths.push(self.nested_loop(input, rows, lateral));
            if let Some(relation) = inner_table {
                paths.extend(self.index_loop(bases, input, relation, rows));
            }
            if input.kind == PlanJoinKind::Semi {
                paths.extend(self.unique_outer(bases, input, rows));
            }
        }
        Ok(paths)
    }

    fn join_rows(&self, bases: &[Base], input: &JoinInput<'_>) -> f64 {
        let (left, right) = (input.left.rows, input.right.rows);
        let selectivity = self.selectivity(bases, input.quals.iter().map(|qual| &qual.expr));
        let inner = left * right * selectivity;
        let matched = (right * selectivity).min(1.0);
        let rows = match input.kind {
            PlanJoinKind::Inner => inner,
            PlanJoinKind::Left => inner.max(left),
            PlanJoinKind::Right => inner.max(right),
            PlanJoinKind::Full => inner.max(left).max(right),
            PlanJoinKind::Semi => left * matched,
            PlanJoinKind::Anti => left * (1.0 - matched),
        };
        rows.max(1.0)
    }

    fn hash(&self, input: &JoinInput<'_>, keys: Vec<(Expr, Expr)>, residual: Vec<QualRef>, rows: f64) -> Result<Vec<Path>> {
        if keys.is_empty() && !residual.is_empty() {
            return Err(SqlError::unsupported("FULL JOIN is only supported with merge-joinable or hash-joinable join conditions"));
        }
        let swapped_kind = match input.kind {
            PlanJoinKind::Inner => Some(PlanJoinKind::Inner),
            PlanJoinKind::Left => Some(PlanJoinKind::Right),
            PlanJoinKind::Full => Some(PlanJoinKind::Full),
            PlanJoinKind::Right | PlanJoinKind::Semi | PlanJoinKind::Anti => None,
        };
        let swapped = swapped_kind.map(|kind| {
            let keys = keys.iter().map(|(left, right)| (right.clone(), left.clone())).collect();
            self.hash_path(kind, input.right, input.left, keys, residual.clone(), rows)
        });
        let straight = self.hash_path(input.kind, input.left, input.right, keys, residual, rows);
        Ok(std::iter::once(straight).chain(swapped).collect())
    }

    fn hash_path(
        &self,
        kind: PlanJoinKind,
        left: &PathRef,
        right: &PathRef,
        keys: Vec<(Expr, Expr)>,
        residual: Vec<QualRef>,
        rows: f64,
    ) -> Path {
        let penalty = if self.ctx.settings.enable_hashjoin { 0.0 } else { DISABLED };
        let startup = left.startup + right.total + HASH_BUILD * right.rows + penalty;
        let run = (left.total - left.startup) + HASH_PROBE * left.rows + (TUPLE + operators(&residual)) * rows;
        Path {
            step: Step::Join { kind, left: left.clone(), right: right.clone(), method: Method::Hash { keys, residual } },
            rels: left.rels | right.rels,
            required: (left.required | right.required) & !(left.rels | right.rels),
            rows,
            startup,
            total: startup + run,
            rescan: startup + run,
            ordered: false,
        }
    }

    /// Both sides in the order of the keys: a table by an index that has the order, anything else sorted.
    fn merge(&self, bases: &[Base], input: &JoinInput<'_>, keys: &[(Expr, Expr)], residual: &[QualRef], rows: f64) -> Option<Path> {
        let kind = input.kind;
        if keys.is_empty() || !self.ctx.settings.enable_mergejoin || matches!(kind, PlanJoinKind::Right | PlanJoinKind::Full) {
            return None;
        }
        let (left, sort_left) = self.in_order(bases, input.left, keys.iter().map(|key| &key.0));
        let (right, sort_right) = self.in_order(bases, input.right, keys.iter().map(|key| &key.1));
        // A sort holds as much as a hash table and takes longer.
        if (sort_left || sort_right) && self.ctx.settings.enable_hashjoin {
            return None;
        }
        let price = |path: &Path, sort: bool| if sort { sorted_price(path) } else { (path.startup, path.total) };
        let ((left_startup, left_total), (right_startup, right_total)) = (price(&left, sort_left), price(&right, sort_right));
        let startup = left_startup + right_startup;
        let run = (left_total - left_startup)
            + (right_total - right_startup)
            + OPERATOR * small(keys.len()) * (left.rows + right.rows)
            + (TUPLE + operators(residual)) * rows;
        Some(Path {
            rels: left.rels | right.rels,
            required: (left.required | right.required) & !(left.rels | right.rels),
            rows,
            startup,
            total: startup + run,
            rescan: startup + run,
            ordered: false,
            step: Step::Join {
                kind,
                left,
                right,
                method: Method::Merge { keys: keys.to_vec(), residual: residual.to_vec(), sort: (sort_left, sort_right) },
            },
        })
    }

    /// A path of the side in the order of the keys when an index of its table has it for less than a sort, else the side as it is, to be sorted.
    fn in_order<'k>(&self, bases: &[Base], side: &PathRef, keys: impl Iterator<Item = &'k Expr>) -> (PathRef, bool) {
        if let Step::Table { relation, filters, .. } = &side.step {
            let order = keys.map(|key| SortKey { expr: key.clone(), descending: false, nulls_first: false }).collect();
            let wish = Wish { order, wanted: None, grouping: false };
            if let Some(choice) = self.access(bases, *relation, filters, 0, &wish).ordered
                && !choice.reverse
                && choice.total <= sorted_price(side).1
            {
                return (Rc::new(table_path(*relation, choice, filters.clone())), false);
            }
        }
        (side.clone(), true)
    }

    fn nested_loop(&self, input: &JoinInput<'_>, rows: f64, lateral: bool) -> Path {
        let (left, right) = (input.left, input.right);
        let penalty = if self.ctx.settings.enable_nestloop { 0.0 } else { DISABLED };
        // A right side without parameters gives the same rows each time, and they are kept.
        let again = if lateral || !self.ctx.settings.enable_material { right.rescan } else { OPERATOR * right.rows };
        let pairs = left.rows * right.rows * operators(&input.quals).max(OPERATOR);
        let run = (left.total - left.startup) + (right.total - right.startup) + again * (left.rows - 1.0).max(0.0) + pairs + TUPLE * rows;
        let startup = left.startup + right.startup + penalty;
        Path {
            step: Step::Join {
                kind: input.kind,
                left: left.clone(),
                right: right.clone(),
                method: Method::Loop { quals: input.quals.clone() },
            },
            rels: left.rels | right.rels,
            required: (left.required | right.required) & !(left.rels | right.rels),
            rows,
            startup,
            total: startup + run,
            rescan: startup + run,
            ordered: left.ordered,
        }
    }

    /// For each left row the inner table's rows by an index on the join columns.
    fn index_loop(&self, bases: &[Base], input: &JoinInput<'_>, relation: usize, rows: f64) -> Option<Path> {
        let (choice, filters, residual) = self.probe(bases, relation, &input.quals, input.left)?;
        // A key that holds at most one row bounds the result better than guesses about values do.
        let most = if choice.unique { input.left.rows } else { f64::MAX };
        let rows = if input.kind == PlanJoinKind::Inner { rows.min(most) } else { rows };
        Some(self.index_path(input.kind, input.left, input.right, relation, (choice, filters, residual), rows))
    }

    /// The access to `relation` with values of `outer`: choice, conditions for the scan, conditions left for the join.
    fn probe(&self, bases: &[Base], relation: usize, quals: &[QualRef], outer: &Path) -> Option<(Rc<Choice>, Vec<QualRef>, Vec<QualRef>)> {
        let own = &bases[relation].filters;
        let all: Vec<QualRef> = own.iter().chain(quals).cloned().collect();
        let choice = self.access(bases, relation, &all, outer.rels, &Wish::default()).best;
        if !choice.used.iter().any(|used| *used >= own.len()) {
            return None;
        }
        let left_over =
            |range: std::ops::Range<usize>| range.filter(|index| !choice.exact.contains(index)).map(|index| all[index].clone()).collect();
        let (filters, residual) = (left_over(0..own.len()), left_over(own.len()..all.len()));
        Some((choice, filters, residual))
    }

    fn index_path(
        &self,
        kind: PlanJoinKind,
        left: &PathRef,
        right: &PathRef,
        relation: usize,
        (choice, filters, residual): (Rc<Choice>, Vec<QualRef>, Vec<QualRef>),
        rows: f64,
    ) -> Path {
        let penalty = if self.ctx.settings.enable_nestloop { 0.0 } else { DISABLED };
        let startup = left.startup + ACCESS_STARTUP + penalty;
        let total = startup + (left.total - left.startup) + left.rows * choice.rescan + (TUPLE + operators(&residual)) * rows;
        Path {
            step: Step::Join {
                kind,
                left: left.clone(),
                right: right.clone(),
                method: Method::Index { relation, choice, filters, residual },
            },
            rels: left.rels | right.rels,
            required: left.required & !right.rels,
            rows,
            startup,
            total,
            rescan: total - ACCESS_STARTUP,
            ordered: left.ordered,
        }
    }

    /// A semi join turned round: the distinct values of the right side drive an index of the left table.
    fn unique_outer(&self, bases: &[Base], input: &JoinInput<'_>, rows: f64) -> Option<Path> {
        let Step::Table { relation, .. } = &input.left.step else { return None };
        let (keys, residual) = hash_keys(input);
        if keys.is_empty() || !residual.is_empty() || input.right.required != 0 {
            return None;
        }
        let columns = keys.iter().map(|(_, right)| plain_column(right)).collect::<Option<Vec<_>>>()?;
        let groups = keys.iter().map(|(_, right)| self.distinct(bases, right)).product::<f64>().min(input.right.rows).max(1.0);
        let right = input.right;
        let startup = right.total + HASH_BUILD * right.rows;
        let unique = Rc::new(Path {
            rels: right.rels,
            required: 0,
            rows: groups,
            startup,
            total: startup + TUPLE * groups,
            rescan: startup,
            ordered: false,
            step: Step::Unique { input: right.clone(), columns },
        });
        let probe = self.probe(bases, *relation, &input.quals, &unique)?;
        Some(self.index_path(PlanJoinKind::Inner, &unique, input.left, *relation, probe, rows))
    }
}

/// Startup and total of a path with a sort on top.
fn sorted_price(path: &Path) -> (f64, f64) {
    let input = Estimate { startup_cost: path.startup, total_cost: path.total, rows: path.rows, width: 0 };
    let sorted = cost::sort_estimate(&input, None);
    (sorted.startup_cost, sorted.total_cost)
}

fn plain_column(expr: &Expr) -> Option<(usize, usize)> {
    match expr.kind {
        ExprKind::Column(column) if column.depth == 0 => Some((column.relation, column.column)),
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss)]
fn operators(quals: &[QualRef]) -> f64 {
    OPERATOR * quals.len() as f64
}

#[allow(clippy::cast_precision_loss)]
fn small(count: usize) -> f64 {
    count as f64
}

/// The equalities between a left and a right expression, as keys of one type, and the other conditions.
fn hash_keys(input: &JoinInput<'_>) -> (Vec<(Expr, Expr)>, Vec<QualRef>) {
    let (mut keys, mut residual) = (Vec::new(), Vec::new());
    for qual in &input.quals {
        match hash_key(&qual.expr, input) {
            Some(key) => keys.push(key),
            None => residual.push(qual.clone()),
        }
    }
    (keys, residual)
}

fn hash_key(expr: &Expr, input: &JoinInput<'_>) -> Option<(Expr, Expr)> {
    let ExprKind::Call { operator: Some(operator), args, .. } = &expr.kind else { return None };
    let [a, b] = args.as_slice() else { return None };
    if !is_hashable(operator) || walk::is_volatile(expr) {
        return None;
    }
    let (left, right) = (input.left.rels, input.right.rels);
    let (of_a, of_b) = (relations(a), relations(b));
    let within = |rels: u128, side: u128| rels != 0 && rels & !side == 0;
    if within(of_a, left) && within(of_b, right) {
        same_type(a, b)
    } else if within(of_a, right) && within(of_b, left) {
        same_type(b, a)
    } else {
        None
    }
}

/// Both keys as values of one type, so that a hash table need not know of integer widths.
fn same_type(left: &Expr, right: &Expr) -> Option<(Expr, Expr)> {
    let (a, b) = (left.ty.oid, right.ty.oid);
    if a == b {
        return Some((left.clone(), right.clone()));
    }
    if let Some(wide) = bounds::widen(left, b) {
        return Some((wide, right.clone()));
    }
    Some((left.clone(), bounds::widen(right, a)?))
}
