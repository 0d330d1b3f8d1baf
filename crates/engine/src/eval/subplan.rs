//! Subqueries in expressions.
//!
//! A subquery that depends on nothing outside runs once per execution and its answer is kept: the value itself for a scalar one, its rows for a
//! quantified one, which become a hash table when the test is `= ANY`. One that depends on the outer row runs for each.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Datum, Oid, Result, SqlError, SqlState};

use super::run::{Args, eval_args, lexicographic, truth};
use super::{Invoke, RowTest, RowVerdict, Runtime, SubPlanCode, SubPlanKind, order};
use crate::exec::batch::{BATCH_ROWS, Batch};
use crate::exec::hash_table::HashTable;
use crate::exec::operator::Operator;

/// A subquery's state in an execution.
#[derive(Default)]
pub(crate) struct SubPlanState {
    /// Its operators; taken out while they run.
    operator: Option<Box<dyn Operator>>,
    /// What it answered, when that can not change.
    kept: Option<Kept>,
}

#[derive(Clone)]
enum Kept {
    Value(Datum),
    Rows(Arc<KeptRows>),
}

/// The rows of a quantified subquery.
struct KeptRows {
    rows: Batch,
    /// Distinct rows without NULL, and the indexes of the rows with one.
    hashed: Option<(HashTable, Vec<usize>)>,
}

impl SubPlanCode {
    pub(super) fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        for (param, code) in &self.params {
            let value = code.eval(rt, row)?;
            rt.shared.exec_params[*param] = value;
        }
        match &self.kind {
            SubPlanKind::Quantified { all, left, tests, hashed } => {
                let left = eval_args(rt, left, row)?;
                self.quantified(rt, &left, tests, *all, *hashed)
            }
            SubPlanKind::Scalar => self.kept_value(rt, |rt, operator| scalar(rt, operator)),
            SubPlanKind::Exists => self.kept_value(rt, |rt, operator| {
                let mut rows = Batch::default();
                Ok(Datum::Bool(operator.next(rt, &mut rows, 1)?))
            }),
            SubPlanKind::Array { element } => self.kept_value(rt, |rt, operator| collect_array(rt, operator, *element)),
        }
    }

    fn constant(&self, rt: &Runtime<'_>) -> bool {
        rt.shared.program.subplans[self.plan].constant
    }

    /// Runs the subquery from its start.
    fn run<'a, T>(&self, rt: &mut Runtime<'a>, body: impl FnOnce(&mut Runtime<'a>, &mut dyn Operator) -> Result<T>) -> Result<T> {
        let mut operator = match rt.shared.subplan(self.plan).operator.take() {
            Some(mut operator) => {
                operator.rewind(rt)?;
                operator
            }
            None => rt.shared.program.subplans[self.plan].node.clone().open(),
        };
        let result = body(rt, operator.as_mut());
        rt.shared.subplan(self.plan).operator = Some(operator);
        result
    }

    fn kept_value<'a>(
        &self,
        rt: &mut Runtime<'a>,
        body: impl FnOnce(&mut Runtime<'a>, &mut dyn Operator) -> Result<Datum>,
    ) -> Result<Datum> {
        if let Some(Kept::Value(value)) = &rt.shared.subplan(self.plan).kept {
            return Ok(value.clone());
        }
        let value = self.run(rt, body)?;
        if self.constant(rt) {
            rt.shared.subplan(self.plan).kept = Some(Kept::Value(value.clone()));
        }
        Ok(value)
    }

    fn quantified(&self, rt: &mut Runtime<'_>, left: &Args, tests: &RowTest, all: bool, hashed: bool) -> Result<Datum> {
        if !self.constant(rt) {
            return self.run(rt, |rt, operator| streamed(rt, operator, left, tests, all));
        }
        let kept = match &rt.shared.subplan(self.plan).kept {
            Some(Kept::Rows(rows)) => Arc::clone(rows),
            _ => {
                let rows = Arc::new(self.run(rt, |rt, operator| keep_rows(rt, operator, tests, hashed))?);
                rt.shared.subplan(self.plan).kept = Some(Kept::Rows(Arc::clone(&rows)));
                rows
            }
        };
        let answer = match &kept.hashed {
            Some((table, with_null)) => probe(rt, &kept.rows, table, with_null, left, tests)?,
            None => fold_rows(rt, kept.rows.rows(), left, tests, all)?,
        };
        Ok(truth(answer))
    }
}

fn scalar(rt: &mut Runtime<'_>, operator: &mut dyn Operator) -> Result<Datum> {
    let mut rows = Batch::default();
    let mut value = None;
    // Two rows are enough to know that there are too many.
    while operator.next(rt, &mut rows, 2)? {
        if value.is_some() || rows.len() > 1 {
            return Err(SqlError::new(SqlState::CARDINALITY_VIOLATION, "more than one row returned by a subquery used as an expression"));
        }
        value = rows.row(0).first().cloned();
    }
    Ok(value.unwrap_or_default())
}

fn collect_array(rt: &mut Runtime<'_>, operator: &mut dyn Operator, element: Oid) -> Result<Datum> {
    let mut rows = Batch::default();
    let mut values = Vec::new();
    while operator.next(rt, &mut rows, BATCH_ROWS)? {
        rt.charge(rows.bytes())?;
        values.extend(rows.rows().filter_map(|row| row.first().cloned()));
    }
    rt.shared.memory.release(values.iter().map(crate::exec::memory::value_bytes).sum());
    // ARRAY(SELECT array ..) has one more dimension.
    if values.iter().any(|value| matches!(value, Datum::Array(_))) {
        return super::array::stack(element, &values);
    }
    Ok(Datum::Array(Arc::new(ArrayValue::one_dimensional(element, values))))
}

/// Stops at the first row that decides.
fn streamed(rt: &mut Runtime<'_>, operator: &mut dyn Operator, left: &Args, tests: &RowTest, all: bool) -> Result<Datum> {
    let mut rows = Batch::default();
    let mut unknown = false;
    while operator.next(rt, &mut rows, BATCH_ROWS)? {
        match fold_rows(rt, rows.rows(), left, tests, all)? {
            Some(answer) if answer != all => return Ok(Datum::Bool(answer)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Datum::Null } else { Datum::Bool(all) })
}

/// ANY is the disjunction over the rows, ALL the conjunction.
fn fold_rows<'r>(
    rt: &Runtime<'_>,
    rows: impl Iterator<Item = &'r [Datum]>,
    left: &Args,
    tests: &RowTest,
    all: bool,
) -> Result<Option<bool>> {
    let mut unknown = false;
    for row in rows {
        match tests.test(rt, row, left)? {
            Some(answer) if answer != all => return Ok(Some(answer)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { None } else { Some(all) })
}

impl RowTest {
    fn test(&self, rt: &Runtime<'_>, row: &[Datum], left: &Args) -> Result<Option<bool>> {
        match &self.verdict {
            RowVerdict::All => self.fold(rt, row, left, false),
            RowVerdict::Any => self.fold(rt, row, left, true),
            RowVerdict::First(operator, orders) => lexicographic(*operator, orders, |index| Ok((left[index].clone(), row[index].clone()))),
        }
    }

    /// The conjunction of the columns' tests, or with `decisive` true their disjunction.
    fn fold(&self, rt: &Runtime<'_>, row: &[Datum], left: &Args, decisive: bool) -> Result<Option<bool>> {
        let mut unknown = false;
        for ((test, left), right) in self.columns.iter().zip(left).zip(row) {
            match test.call(rt, &[left.clone(), right.clone()])? {
                Datum::Bool(answer) if answer == decisive => return Ok(Some(decisive)),
                Datum::Null => unknown = true,
                _ => {}
            }
        }
        Ok(if unknown { None } else { Some(!decisive) })
    }
}

fn keep_rows(rt: &mut Runtime<'_>, operator: &mut dyn Operator, tests: &RowTest, hashed: bool) -> Result<KeptRows> {
    let orders = order::orders(tests.columns.iter().map(Invoke::right_type));
    let mut kept = KeptRows { rows: Batch::new(tests.columns.len()), hashed: hashed.then(|| (HashTable::new(orders), Vec::new())) };
    let mut rows = Batch::default();
    while operator.next(rt, &mut rows, BATCH_ROWS)? {
        rt.charge(rows.bytes())?;
        for row in rows.rows() {
            let Some((table, with_null)) = &mut kept.hashed else {
                kept.rows.push(row);
                continue;
            };
            if row.iter().any(Datum::is_null) {
                with_null.push(kept.rows.len());
                kept.rows.push(row);
            } else if table.find_or_insert(row).1 {
                kept.rows.push(row);
            }
        }
    }
    Ok(kept)
}

/// `= ANY` by hash. A row that equals decides; otherwise a comparison that could not be answered for NULL makes the answer unknown.
fn probe(rt: &Runtime<'_>, rows: &Batch, table: &HashTable, with_null: &[usize], left: &Args, tests: &RowTest) -> Result<Option<bool>> {
    if left.iter().any(Datum::is_null) {
        return fold_rows(rt, rows.rows(), left, tests, false);
    }
    if table.find(left).is_some() {
        return Ok(Some(true));
    }
    fold_rows(rt, with_null.iter().map(|&index| rows.row(index)), left, tests, false)
}

impl Invoke {
    fn right_type(&self) -> Oid {
        self.arg_types.get(1).copied().unwrap_or(Oid::INVALID)
    }
}
