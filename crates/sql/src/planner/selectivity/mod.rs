//! What fraction of rows a condition keeps: PostgreSQL's `clausesel.c` and `selfuncs.c`, over what ANALYZE found, with PostgreSQL's guesses where nobody
//! analysed.

mod equality;
mod groups;
mod pattern;
mod range;
mod variable;

use borealis_pgtypes::{Datum, Function, Operator, Strategy};

use super::Planner;
use super::fold::constant;
use super::from::Base;
use super::group::relations;
use crate::ast::BooleanTest;
use crate::expr::{Expr, ExprKind};
use range::RangePairs;
use variable::Variable;

/// `DEFAULT_INEQ_SEL`: a comparison with something unknown.
const INEQUALITY: f64 = 0.333_333_333_333_333_3;
/// `DEFAULT_RANGE_INEQ_SEL`: between two unknown bounds.
const RANGE: f64 = 0.005;
/// `DEFAULT_MATCH_SEL`: a pattern.
const MATCH: f64 = 0.005;
/// `DEFAULT_UNK_SEL`: IS NULL and IS UNKNOWN.
const UNKNOWN: f64 = 0.005;
/// A condition of which nothing is known, and one that is a function's answer.
const ANYTHING: f64 = 0.5;
const FUNCTION: f64 = 0.333_333_3;
/// Elements of an array parameter.
pub(crate) const ARRAY_LENGTH: f64 = 10.0;

impl Planner<'_> {
    /// Fraction of the rows of the joined relations for which all conditions hold.
    pub(crate) fn selectivity<'q>(&self, bases: &[Base], quals: impl Iterator<Item = &'q Expr>) -> f64 {
        let (mut product, mut pairs) = (1.0, RangePairs::default());
        for qual in quals {
            let fraction = self.condition(bases, qual);
            // Two ends on one expression are one range, not two independent conditions.
            if !pairs.take(qual, fraction) {
                product *= fraction;
            }
        }
        product * pairs.fraction(|subject| Variable::of(bases, subject).null_fraction())
    }

    fn condition(&self, bases: &[Base], expr: &Expr) -> f64 {
        let fraction = match &expr.kind {
            ExprKind::Const(Datum::Bool(true)) => 1.0,
            ExprKind::Const(_) => 0.0,
            ExprKind::And(args) => self.selectivity(bases, args.iter()),
            ExprKind::Or(args) => args.iter().fold(0.0, |sum, arg| {
                let one = self.condition(bases, arg);
                sum + one - sum * one
            }),
            ExprKind::Not(arg) => 1.0 - self.condition(bases, arg),
            ExprKind::IsNull { arg, negated } => null_test(&Variable::of(bases, arg), *negated),
            ExprKind::BooleanTest { arg, test } => self.boolean_test(bases, arg, *test),
            ExprKind::Call { function, operator: Some(operator), args } => self.operator(bases, function, operator, args),
            ExprKind::Call { operator: None, .. } => FUNCTION,
            ExprKind::ScalarArray { function, operator, all, left, right } => {
                self.array_comparison(bases, (function, operator), *all, left, right)
            }
            ExprKind::Column(_) => equality::with_constant(&Variable::of(bases, expr), &Datum::Bool(true)),
            ExprKind::RowCompare { .. } => INEQUALITY,
            ExprKind::IsDistinct { left, right, negated, .. } => {
                let equal = self.equality(bases, left, right);
                if *negated { equal } else { 1.0 - equal }
            }
            _ => ANYTHING,
        };
        fraction.clamp(0.0, 1.0)
    }

    fn operator(&self, bases: &[Base], function: &'static Function, operator: &Operator, args: &[Expr]) -> f64 {
        let [left, right] = args else { return ANYTHING };
        match operator.strategy {
            Some(Strategy::Equal) => self.equality(bases, left, right),
            Some(strategy) => range::inequality(bases, strategy, left, right),
            None if operator.name == "<>" => self.inequality(bases, left, right),
            None => self.pattern(bases, function, operator.name, left, right),
        }
    }

    /// `neqsel`: neither equal nor NULL.
    fn inequality(&self, bases: &[Base], left: &Expr, right: &Expr) -> f64 {
        let joins = relations(left) != 0 && relations(right) != 0;
        let nulls = if joins { 0.0 } else { subject(bases, left, right).map_or(0.0, |(variable, _, _)| variable.null_fraction()) };
        1.0 - self.equality(bases, left, right) - nulls
    }

    fn boolean_test(&self, bases: &[Base], arg: &Expr, test: BooleanTest) -> f64 {
        let variable = Variable::of(bases, arg);
        let nulls = if variable.is_analyzed() { variable.null_fraction() } else { UNKNOWN };
        let holds = self.condition(bases, arg);
        match test {
            BooleanTest::Unknown => nulls,
            BooleanTest::NotUnknown => 1.0 - nulls,
            BooleanTest::True => holds,
            BooleanTest::NotTrue => 1.0 - holds,
            BooleanTest::False if variable.is_analyzed() => 1.0 - holds - nulls,
            BooleanTest::NotFalse if variable.is_analyzed() => holds + nulls,
            BooleanTest::False => 1.0 - holds,
            BooleanTest::NotFalse => holds,
        }
    }

    /// `scalararraysel`: the comparisons with each element, put together.
    fn array_comparison(
        &self,
        bases: &[Base],
        (function, operator): (&'static Function, &'static Operator),
        all: bool,
        left: &Expr,
        right: &Expr,
    ) -> f64 {
        let equality = operator.strategy == Some(Strategy::Equal);
        let inequality = operator.name == "<>";
        let elements: Vec<f64> = match elements(right) {
            Some(values) => values.iter().map(|value| self.operator(bases, function, operator, &[left.clone(), value.clone()])).collect(),
            None => {
                let unknown = Expr::new(ExprKind::Param(usize::MAX), left.ty);
                let one = self.operator(bases, function, operator, &[left.clone(), unknown]);
                vec![one; ARRAY_LENGTH as usize]
            }
        };
        if all {
            let (product, disjoint) = elements.iter().fold((1.0, 1.0), |(product, sum), one| (product * one, sum + one - 1.0));
            return if inequality && disjoint >= 0.0 { disjoint } else { product };
        }
        let (either, sum) = elements.iter().fold((0.0, 0.0), |(either, sum), one| (either + one - either * one, sum + one));
        // A value equals one element at most.
        if equality && sum <= 1.0 { sum } else { either }
    }

    /// Distinct values of an expression.
    pub(crate) fn distinct(&self, bases: &[Base], expr: &Expr) -> f64 {
        Variable::of(bases, expr).distinct().0
    }

    /// What an immutable function says of constants, when it can be asked now.
    fn holds(&self, function: &Function, left: &Datum, right: &Datum, types: [borealis_pgtypes::Oid; 2]) -> Option<bool> {
        let borealis_pgtypes::Body::Scalar(body) = function.body else { return None };
        let call = borealis_pgtypes::CallContext { eval: self.ctx.eval()?, arg_types: &types, result_type: function.result };
        match body(&call, &[left.clone(), right.clone()]) {
            Ok(Datum::Bool(answer)) => Some(answer),
            _ => None,
        }
    }
}

/// The operand that has statistics, the other one, and whether they changed sides. `None`: neither is about a relation alone.
fn subject<'a>(bases: &'a [Base], left: &'a Expr, right: &'a Expr) -> Option<(Variable<'a>, &'a Expr, bool)> {
    match (relations(left) != 0, relations(right) != 0) {
        (true, _) => Some((Variable::of(bases, left), right, false)),
        (false, true) => Some((Variable::of(bases, right), left, true)),
        (false, false) => None,
    }
}

fn null_test(variable: &Variable<'_>, negated: bool) -> f64 {
    let nulls = if variable.is_analyzed() { variable.null_fraction() } else { UNKNOWN };
    if negated { 1.0 - nulls } else { nulls }
}

/// The elements of an array that is written out.
fn elements(array: &Expr) -> Option<Vec<Expr>> {
    match &array.kind {
        ExprKind::Array { items, nested: false, .. } => Some(items.clone()),
        _ => match constant(array)? {
            Datum::Array(values) => {
                let element = borealis_pgtypes::Type::plain(values.element);
                Some(values.elements.iter().map(|value| Expr::constant(value.clone(), element)).collect())
            }
            _ => None,
        },
    }
}

/// Number of elements, when the array is a constant.
pub(crate) fn array_length(array: &Expr) -> f64 {
    match &array.kind {
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Const(Datum::Array(array)) => array.elements.len() as f64,
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Array { items, .. } => items.len() as f64,
        _ => ARRAY_LENGTH,
    }
}
