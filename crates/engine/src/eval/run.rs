//! Evaluation.

use std::sync::Arc;

use borealis_pgtypes::{Body, CallContext, Datum, RecordValue, Result, SqlError};
use borealis_sql::ast::BooleanTest;
use smallvec::SmallVec;

use super::compare::{Comparison, Operator};
use super::order::Order;
use super::{Call, Case, Code, Invoke, RowCompare, Runtime, ScalarArray, SessionCall, array, convert};

/// Arguments of a call; more than these are rare.
pub(crate) type Args = SmallVec<[Datum; 4]>;

impl Code {
    /// The value for a row.
    ///
    /// # Errors
    /// Whatever the expression answers.
    pub fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        match self {
            Self::Const(value) => Ok(value.clone()),
            Self::Slot(slot) => Ok(row[*slot].clone()),
            Self::Param(param) => rt.env.params.get(*param).cloned().ok_or_else(|| no_param(*param)),
            Self::ExecParam(param) => Ok(rt.shared.exec_params[*param].clone()),
            Self::CaseArg => Ok(rt.shared.case_args.last().cloned().unwrap_or_default()),
            Self::Compare(comparison) => Ok(truth(comparison.test(rt, row)?)),
            Self::Call(call) => call.eval(rt, row),
            Self::Spread(call) => call.eval(rt, row),
            Self::Json(json) => json.eval(rt, row),
            Self::Session(call) => call.eval(rt, row),
            Self::InOut(cast) => match cast.arg.eval(rt, row)? {
                Datum::Null => Ok(Datum::Null),
                value => convert::in_out(&rt.env.eval, &value, cast.from, cast.to),
            },
            Self::Relabel { arg, to } => {
                let value = arg.eval(rt, row)?;
                Ok(borealis_pgtypes::cast::relabel(&value, *to).unwrap_or(value))
            }
            Self::Typmod(cast) => match cast.arg.eval(rt, row)? {
                Datum::Null => Ok(Datum::Null),
                value => convert::typmod(value, cast.to, cast.explicit),
            },
            Self::Routine(call) => call.eval(rt, row),
            Self::Domain(domain) => domain.eval(rt, row),
            Self::ArrayElements { arg, element, element_type } => {
                let value = arg.eval(rt, row)?;
                array::map_elements(rt, &value, element, *element_type, row)
            }
            Self::RowFields { arg, fields, shape } => {
                let value = arg.eval(rt, row)?;
                row_fields(rt, &value, fields, shape, row)
            }
            Self::And(_) | Self::Or(_) | Self::Not(_) | Self::BooleanTest { .. } | Self::IsNull { .. } | Self::IsDistinct { .. } => {
                Ok(truth(self.test3(rt, row)?))
            }
            Self::ScalarArray(test) => Ok(truth(test.test(rt, row)?)),
            Self::RowCompare(comparison) => Ok(truth(comparison.test(rt, row)?)),
            Self::NullIf { equal, left, right } => {
                let (left, right) = (left.eval(rt, row)?, right.eval(rt, row)?);
                if left.is_null() || right.is_null() {
                    return Ok(left);
                }
                let same = equal.call(rt, &[left.clone(), right])?;
                Ok(if matches!(same, Datum::Bool(true)) { Datum::Null } else { left })
            }
            Self::Case(case) => case.eval(rt, row),
            Self::Coalesce(args) => first_not_null(rt, args, row),
            Self::MinMax { greatest, order, args } => {
                let mut best = Datum::Null;
                for arg in args {
                    let value = arg.eval(rt, row)?;
                    let better = best.is_null()
                        || (!value.is_null() && (order.compare(&value, &best).is_gt() == *greatest) && !order.same(&value, &best));
                    if better && !value.is_null() {
                        best = value;
                    }
                }
                Ok(best)
            }
            Self::Array { element, items, nested } => array::build(rt, *element, items, *nested, row),
            Self::Row { items, shape } => {
                let values = items.iter().map(|item| item.eval(rt, row)).collect::<Result<_>>()?;
                Ok(Datum::Record(Arc::new(RecordValue { fields: shape.clone(), values })))
            }
            Self::Subscript { base, subscripts } => {
                let value = base.eval(rt, row)?;
                array::subscript(rt, &value, subscripts, row)
            }
            Self::Field { base, field } => match base.eval(rt, row)? {
                Datum::Null => Ok(Datum::Null),
                Datum::Record(record) => Ok(record.values.get(*field).cloned().unwrap_or_default()),
                _ => Err(SqlError::internal("a field of a value that is no row")),
            },
            Self::SubPlan(subplan) => subplan.eval(rt, row),
        }
    }

    /// The value for a row, lent from where it lies when it lies somewhere; `place` holds it otherwise.
    ///
    /// # Errors
    /// Whatever the expression answers.
    #[inline]
    pub fn eval_ref<'r, 'a: 'r>(&'r self, rt: &mut Runtime<'a>, row: &'r [Datum], place: &'r mut Datum) -> Result<&'r Datum> {
        match self {
            Self::Slot(slot) => Ok(&row[*slot]),
            Self::Const(value) => Ok(value),
            Self::Param(param) => rt.env.params.get(*param).ok_or_else(|| no_param(*param)),
            _ => {
                *place = self.eval(rt, row)?;
                Ok(place)
            }
        }
    }

    /// Whether the value is true: what a filter asks.
    ///
    /// # Errors
    /// Whatever the expression answers.
    #[inline]
    pub fn holds(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<bool> {
        Ok(self.test3(rt, row)? == Some(true))
    }

    /// The value of a boolean expression; `None` is NULL.
    ///
    /// # Errors
    /// Whatever the expression answers.
    pub fn test3(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<bool>> {
        match self {
            Self::Compare(comparison) => comparison.test(rt, row),
            Self::And(args) => connective(rt, args, row, false),
            Self::Or(args) => connective(rt, args, row, true),
            Self::Not(arg) => Ok(arg.test3(rt, row)?.map(|value| !value)),
            Self::ScalarArray(test) => test.test(rt, row),
            Self::RowCompare(comparison) => comparison.test(rt, row),
            Self::IsNull { arg, negated } => {
                let mut place = Datum::Null;
                let value = arg.eval_ref(rt, row, &mut place)?;
                Ok(Some(is_null(value, *negated)))
            }
            Self::BooleanTest { arg, test } => {
                let value = arg.test3(rt, row)?;
                Ok(Some(match test {
                    BooleanTest::True => value == Some(true),
                    BooleanTest::NotTrue => value != Some(true),
                    BooleanTest::False => value == Some(false),
                    BooleanTest::NotFalse => value != Some(false),
                    BooleanTest::Unknown => value.is_none(),
                    BooleanTest::NotUnknown => value.is_some(),
                }))
            }
            Self::IsDistinct { equal, left, right, negated } => {
                let (left, right) = (left.eval(rt, row)?, right.eval(rt, row)?);
                let same = match (left.is_null(), right.is_null()) {
                    (true, true) => true,
                    (false, false) => matches!(equal.call(rt, &[left, right])?, Datum::Bool(true)),
                    _ => false,
                };
                Ok(Some(same == *negated))
            }
            _ => as_truth(&self.eval(rt, row)?),
        }
    }
}

#[cold]
fn no_param(param: usize) -> SqlError {
    SqlError::internal(format!("no value for parameter ${}", param + 1))
}

/// SQL's three-valued truth as a value.
pub(super) const fn truth(value: Option<bool>) -> Datum {
    match value {
        Some(value) => Datum::Bool(value),
        None => Datum::Null,
    }
}

fn as_truth(value: &Datum) -> Result<Option<bool>> {
    match value {
        Datum::Bool(value) => Ok(Some(*value)),
        Datum::Null => Ok(None),
        _ => Err(SqlError::internal("a condition that is not boolean")),
    }
}

/// A row value IS NULL when all its fields are, and IS NOT NULL when none is.
fn is_null(value: &Datum, negated: bool) -> bool {
    match value {
        Datum::Record(record) => record.values.iter().all(|field| field.is_null() != negated),
        _ => value.is_null() != negated,
    }
}

/// AND (`decisive` false) and OR (`decisive` true).
fn connective(rt: &mut Runtime<'_>, args: &[Code], row: &[Datum], decisive: bool) -> Result<Option<bool>> {
    let mut unknown = false;
    for arg in args {
        match arg.test3(rt, row)? {
            Some(value) if value == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { None } else { Some(!decisive) })
}

fn first_not_null(rt: &mut Runtime<'_>, args: &[Code], row: &[Datum]) -> Result<Datum> {
    for arg in args {
        let value = arg.eval(rt, row)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Datum::Null)
}

fn row_fields(rt: &mut Runtime<'_>, value: &Datum, fields: &[Code], shape: &super::RowShape, row: &[Datum]) -> Result<Datum> {
    let record = match value {
        Datum::Null => return Ok(Datum::Null),
        Datum::Record(record) => record,
        _ => return Err(SqlError::internal("a cast of row fields of a value that is no row")),
    };
    let mut values = Vec::with_capacity(fields.len());
    for (field, code) in record.values.iter().zip(fields) {
        values.push(with_case_arg(rt, field.clone(), |rt| code.eval(rt, row))?);
    }
    Ok(Datum::Record(Arc::new(RecordValue { fields: shape.clone(), values })))
}

/// Runs `body` with `value` as the innermost CASE argument.
pub(super) fn with_case_arg<'a, T>(rt: &mut Runtime<'a>, value: Datum, body: impl FnOnce(&mut Runtime<'a>) -> Result<T>) -> Result<T> {
    rt.shared.case_args.push(value);
    let result = body(rt);
    rt.shared.case_args.pop();
    result
}

impl Comparison {
    #[inline]
    pub(super) fn test(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<bool>> {
        let (mut left_place, mut right_place) = (Datum::Null, Datum::Null);
        let left = self.left.eval_ref(rt, row, &mut left_place)?;
        let right = self.right.eval_ref(rt, row, &mut right_place)?;
        match self.shape.test(left, right) {
            Some(answer) => Ok(Some(answer)),
            None if left.is_null() || right.is_null() => Ok(None),
            None => as_truth(&self.general.call(rt, &[left.clone(), right.clone()])?),
        }
    }
}

impl Invoke {
    /// Calls the function; with a NULL among the arguments of a strict function the answer is NULL.
    pub(crate) fn call(&self, rt: &Runtime<'_>, args: &[Datum]) -> Result<Datum> {
        if self.function.strict && args.iter().any(Datum::is_null) {
            return Ok(Datum::Null);
        }
        let call = CallContext { eval: &rt.env.eval, arg_types: &self.arg_types, result_type: self.result };
        match self.function.body {
            Body::Scalar(body) => body(&call, args),
            Body::Session(which) => rt.env.eval.host.session_function(which, &call, args),
            Body::Set(_) | Body::SessionSet(_) | Body::Aggregate(_) | Body::Window => {
                Err(SqlError::internal(format!("function {} is not scalar", self.function.name)))
            }
        }
    }
}

impl Call {
    fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let args = eval_args(rt, &self.args, row)?;
        self.invoke.call(rt, &args)
    }
}

impl SessionCall {
    fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let args = eval_args(rt, &self.args, row)?;
        if self.invoke.function.strict && args.iter().any(Datum::is_null) {
            return Ok(Datum::Null);
        }
        let call = CallContext { eval: &rt.env.eval, arg_types: &self.invoke.arg_types, result_type: self.invoke.result };
        rt.env.eval.host.session_function(self.which, &call, &args)
    }
}

/// All arguments are evaluated before strictness is asked: an error in any of them counts.
pub(crate) fn eval_args(rt: &mut Runtime<'_>, args: &[Code], row: &[Datum]) -> Result<Args> {
    let mut values = Args::new();
    for arg in args {
        values.push(arg.eval(rt, row)?);
    }
    Ok(values)
}

impl Case {
    fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let chosen = match &self.arg {
            Some(arg) => {
                let value = arg.eval(rt, row)?;
                with_case_arg(rt, value, |rt| self.choose(rt, row))?
            }
            None => self.choose(rt, row)?,
        };
        chosen.map_or(Ok(Datum::Null), |code| code.eval(rt, row))
    }

    fn choose(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<&Code>> {
        for (when, then) in &self.whens {
            if when.holds(rt, row)? {
                return Ok(Some(then));
            }
        }
        Ok(self.otherwise.as_ref())
    }
}

impl ScalarArray {
    fn test(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<bool>> {
        let (mut left_place, mut right_place) = (Datum::Null, Datum::Null);
        let left = self.left.eval_ref(rt, row, &mut left_place)?;
        if let Some(found) = self.members.as_ref().and_then(|members| members.has(left)) {
            return Ok(found.map(|found| found != self.all));
        }
        let array = match self.right.eval_ref(rt, row, &mut right_place)? {
            Datum::Null => return Ok(None),
            Datum::Array(array) => array,
            _ => return Err(SqlError::internal("ANY of a value that is no array")),
        };
        let decisive = !self.all;
        if array.elements.is_empty() {
            return Ok(Some(!decisive));
        }
        if left.is_null() && self.test.function.strict {
            return Ok(None);
        }
        let mut unknown = false;
        for element in &array.elements {
            match self.one(rt, left, element)? {
                Some(value) if value == decisive => return Ok(Some(decisive)),
                Some(_) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { None } else { Some(!decisive) })
    }

    #[inline]
    fn one(&self, rt: &Runtime<'_>, left: &Datum, element: &Datum) -> Result<Option<bool>> {
        if let Some(answer) = self.fast.and_then(|shape| shape.test(left, element)) {
            return Ok(Some(answer));
        }
        as_truth(&self.test.call(rt, &[left.clone(), element.clone()])?)
    }
}

/// As rows are ordered: the first pair that differs decides; a NULL met before that makes the answer unknown.
pub(super) fn lexicographic(
    operator: Operator,
    orders: &[Order],
    mut pair: impl FnMut(usize) -> Result<(Datum, Datum)>,
) -> Result<Option<bool>> {
    for (index, order) in orders.iter().enumerate() {
        let (left, right) = pair(index)?;
        if left.is_null() || right.is_null() {
            return Ok(None);
        }
        let ordering = order.compare(&left, &right);
        if ordering.is_ne() {
            return Ok(Some(operator.holds(ordering)));
        }
    }
    Ok(Some(operator.holds(std::cmp::Ordering::Equal)))
}

impl RowCompare {
    fn test(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<bool>> {
        match self.operator {
            Operator::Equal => self.all_equal(rt, row),
            Operator::NotEqual => Ok(self.all_equal(rt, row)?.map(|equal| !equal)),
            operator => lexicographic(operator, &self.orders, |index| self.pair(rt, row, index)),
        }
    }

    /// `a = c AND b = d`.
    fn all_equal(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<bool>> {
        let mut unknown = false;
        for (index, order) in self.orders.iter().enumerate() {
            let (left, right) = self.pair(rt, row, index)?;
            if left.is_null() || right.is_null() {
                unknown = true;
            } else if order.compare(&left, &right).is_ne() {
                return Ok(Some(false));
            }
        }
        Ok(if unknown { None } else { Some(true) })
    }

    fn pair(&self, rt: &mut Runtime<'_>, row: &[Datum], index: usize) -> Result<(Datum, Datum)> {
        Ok((self.left[index].eval(rt, row)?, self.right[index].eval(rt, row)?))
    }
}
