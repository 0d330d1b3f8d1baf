//! From planned expressions to [`Code`].

use std::cell::RefCell;
use std::sync::Arc;

use borealis_pgtypes::functions::hidden::ELEMENT;
use borealis_pgtypes::{Body, Function, Oid, Result, SqlError, Type};
use borealis_sql::expr::{BoundSubscript, Coercion, Expr, ExprKind, RoutineCall, RoutineSpec, SubPlan, SubqueryKind};

use super::compare::{Comparison, Operator, Shape};
use super::json::Json;
use super::members::Members;
use super::order::{Order, orders};
use super::routine::RoutineCode;
use super::spread::Spread;
use super::{
    Call, Case, Code, DomainCode, InOut, Invoke, RowCompare, RowShape, RowTest, RowVerdict, ScalarArray, SessionCall, SubPlanCode,
    SubPlanKind, SubscriptCode, TypmodCode,
};

/// What compiling may know of the plan around the expression.
#[derive(Clone, Copy, Default)]
pub struct Compiler<'a> {
    /// Output types of each subquery, by plan index.
    pub subplans: &'a [Vec<Type>],
    /// Where calls of functions in SQL are noted.
    pub routines: Option<&'a RefCell<Vec<Arc<RoutineSpec>>>>,
}

/// Compiles an expression without subqueries.
///
/// # Errors
/// `XX000` for an expression that is not planned.
pub fn compile(expr: &Expr) -> Result<Code> {
    Compiler::default().compile(expr)
}

fn unplanned(what: &str) -> SqlError {
    SqlError::internal(format!("{what} in a planned expression"))
}

impl Compiler<'_> {
    /// Compiles an expression.
    ///
    /// # Errors
    /// `XX000` for an expression that is not planned.
    pub fn compile(&self, expr: &Expr) -> Result<Code> {
        Ok(match &expr.kind {
            ExprKind::Const(value) => Code::Const(value.clone()),
            ExprKind::Slot(slot) => Code::Slot(*slot),
            ExprKind::ExecParam(param) => Code::ExecParam(*param),
            ExprKind::Param(param) => Code::Param(*param),
            ExprKind::CaseArg => Code::CaseArg,
            ExprKind::Call { function, operator, args } => self.call(function, *operator, args, expr.ty.oid)?,
            ExprKind::Routine(call) => Code::Routine(Box::new(self.routine(call)?)),
            ExprKind::Coerce { arg, coercion } => self.coerce(arg, coercion, expr.ty)?,
            ExprKind::ScalarArray { function, operator, all, left, right } => self.scalar_array(function, operator, *all, left, right)?,
            ExprKind::And(args) => Code::And(self.all(args)?.into()),
            ExprKind::Or(args) => Code::Or(self.all(args)?.into()),
            ExprKind::Not(arg) => Code::Not(self.boxed(arg)?),
            ExprKind::IsNull { arg, negated } => Code::IsNull { arg: self.boxed(arg)?, negated: *negated },
            ExprKind::BooleanTest { arg, test } => Code::BooleanTest { arg: self.boxed(arg)?, test: *test },
            ExprKind::IsDistinct { function, left, right, negated } => Code::IsDistinct {
                equal: Box::new(Invoke::comparison(function, left, right)),
                left: self.boxed(left)?,
                right: self.boxed(right)?,
                negated: *negated,
            },
            ExprKind::NullIf { function, left, right } => Code::NullIf {
                equal: Box::new(Invoke::comparison(function, left, right)),
                left: self.boxed(left)?,
                right: self.boxed(right)?,
            },
            ExprKind::Case { arg, whens, otherwise } => self.case(arg.as_deref(), whens, otherwise.as_deref())?,
            ExprKind::Coalesce(args) => Code::Coalesce(self.all(args)?.into()),
            ExprKind::MinMax { greatest, args } => {
                Code::MinMax { greatest: *greatest, order: Order::of(expr.ty.oid), args: self.all(args)?.into() }
            }
            ExprKind::Array { element, items, nested } => {
                Code::Array { element: *element, items: self.all(items)?.into(), nested: *nested }
            }
            ExprKind::Row { items, names } => Code::Row { items: self.all(items)?.into(), shape: shape(names, items) },
            ExprKind::RowCompare { operator, functions: _, left, right } => self.row_compare(operator, left, right)?,
            ExprKind::Subscript { base, subscripts } if base.ty.oid == Oid::JSONB => self.element(base, subscripts)?,
            ExprKind::Subscript { base, subscripts } => self.subscript(base, subscripts)?,
            ExprKind::Field { base, field } => Code::Field { base: self.boxed(base)?, field: *field },
            ExprKind::Json { form, args } => {
                let types = args.iter().map(|arg| arg.ty.oid).collect();
                Code::Json(Box::new(Json { form: *form, args: self.all(args)?.into(), types, result: expr.ty.oid }))
            }
            ExprKind::SubPlan(subplan) => self.subplan(subplan, expr.ty)?,
            ExprKind::SetFunction { function, .. } => {
                return Err(SqlError::internal(format!("set-returning function {} where one value is wanted", function.name)));
            }
            ExprKind::Column(_) => return Err(unplanned("a column")),
            ExprKind::Subquery(_) => return Err(unplanned("a subquery")),
            ExprKind::Aggregate(_) => return Err(unplanned("an aggregate")),
            ExprKind::Window(_) => return Err(unplanned("a window function")),
            ExprKind::Grouping { .. } => return Err(unplanned("GROUPING")),
        })
    }

    /// Compiles several.
    ///
    /// # Errors
    /// As for [`Compiler::compile`].
    pub fn all(&self, exprs: &[Expr]) -> Result<Vec<Code>> {
        exprs.iter().map(|expr| self.compile(expr)).collect()
    }

    /// Compiles one that may be absent.
    ///
    /// # Errors
    /// As for [`Compiler::compile`].
    pub fn optional(&self, expr: Option<&Expr>) -> Result<Option<Code>> {
        expr.map(|expr| self.compile(expr)).transpose()
    }

    /// A call of a function in SQL.
    ///
    /// # Errors
    /// As for [`Compiler::compile`].
    pub fn routine(&self, call: &RoutineCall) -> Result<RoutineCode> {
        if let Some(routines) = self.routines
            && !routines.borrow().iter().any(|known| known.same(&call.spec))
        {
            routines.borrow_mut().push(Arc::clone(&call.spec));
        }
        Ok(RoutineCode { spec: Arc::clone(&call.spec), args: self.all(&call.args)?.into() })
    }

    fn boxed(&self, expr: &Expr) -> Result<Box<Code>> {
        Ok(Box::new(self.compile(expr)?))
    }

    fn call(
        &self,
        function: &'static Function,
        operator: Option<&'static borealis_pgtypes::Operator>,
        args: &[Expr],
        result: Oid,
    ) -> Result<Code> {
        let invoke = Invoke::new(function, args, result);
        if let Some(shape) = operator.and_then(Shape::of)
            && let [left, right] = args
        {
            let (left, right) = (self.compile(left)?, self.compile(right)?);
            return Ok(Code::Compare(Box::new(Comparison { shape, left, right, general: invoke })));
        }
        if let Some(Expr { kind: ExprKind::Coerce { coercion: Coercion::Spread, .. }, .. }) = args.last() {
            return Ok(Code::Spread(Box::new(Spread { invoke, args: self.all(args)?.into() })));
        }
        let args = self.all(args)?.into();
        Ok(match function.body {
            Body::Scalar(_) => Code::Call(Box::new(Call { invoke, args })),
            Body::Session(which) => Code::Session(Box::new(SessionCall { invoke, which, args })),
            Body::Set(_) | Body::SessionSet(_) | Body::Aggregate(_) | Body::Window => {
                return Err(SqlError::internal(format!("function {} does not give one value per row", function.name)));
            }
        })
    }

    fn coerce(&self, arg: &Expr, coercion: &Coercion, to: Type) -> Result<Code> {
        let code = self.compile(arg)?;
        Ok(match coercion {
            Coercion::Relabel if changes_storage(arg.ty.oid, to.oid) => Code::Relabel { arg: Box::new(code), to: to.oid },
            // The call around it takes the elements out.
            Coercion::Relabel | Coercion::Spread => code,
            Coercion::InOut => Code::InOut(Box::new(InOut { arg: code, from: arg.ty.oid, to })),
            Coercion::Typmod { explicit } => Code::Typmod(Box::new(TypmodCode { arg: code, to, explicit: *explicit })),
            Coercion::Domain(test) if !test.not_null && test.checks.is_empty() => code,
            Coercion::Domain(test) => {
                let checks = test.checks.iter().map(|(name, check)| Ok((name.clone(), self.compile(check)?))).collect::<Result<_>>()?;
                Code::Domain(Box::new(DomainCode { arg: code, test: Arc::clone(test), checks }))
            }
            Coercion::ArrayElements(element) => {
                Code::ArrayElements { arg: Box::new(code), element: self.boxed(element)?, element_type: element.ty.oid }
            }
            Coercion::RowFields { fields, names } => {
                Code::RowFields { arg: Box::new(code), fields: self.all(fields)?, shape: shape(names, fields) }
            }
        })
    }

    fn scalar_array(
        &self,
        function: &'static Function,
        operator: &'static borealis_pgtypes::Operator,
        all: bool,
        left: &Expr,
        right: &Expr,
    ) -> Result<Code> {
        let element = borealis_pgtypes::types::element_of(right.ty.oid).unwrap_or(operator.right);
        let test = Invoke { function, arg_types: Box::new([left.ty.oid, element]), result: Oid::BOOL };
        let fast = Shape::of(operator);
        let right = self.compile(right)?;
        let members = Members::of(fast, all, &right);
        Ok(Code::ScalarArray(Box::new(ScalarArray { test, fast, members, all, left: self.compile(left)?, right })))
    }

    fn case(&self, arg: Option<&Expr>, whens: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Result<Code> {
        let whens = whens.iter().map(|(when, then)| Ok((self.compile(when)?, self.compile(then)?))).collect::<Result<_>>()?;
        Ok(Code::Case(Box::new(Case { arg: self.optional(arg)?, whens, otherwise: self.optional(otherwise)? })))
    }

    fn row_compare(&self, operator: &str, left: &[Expr], right: &[Expr]) -> Result<Code> {
        let operator = Operator::from_name(operator).ok_or_else(|| SqlError::internal(format!("row comparison by {operator}")))?;
        let orders = orders(left.iter().map(|expr| expr.ty.oid));
        Ok(Code::RowCompare(Box::new(RowCompare { operator, orders, left: self.all(left)?, right: self.all(right)? })))
    }

    /// An element of a document.
    fn element(&self, base: &Expr, subscripts: &[BoundSubscript]) -> Result<Code> {
        let mut args = vec![base.clone()];
        for subscript in subscripts {
            match subscript {
                BoundSubscript::Index(index) => args.push(index.clone()),
                BoundSubscript::Slice(..) => return Err(SqlError::internal("a slice of a document")),
            }
        }
        self.call(&ELEMENT, None, &args, Oid::JSONB)
    }

    fn subscript(&self, base: &Expr, subscripts: &[BoundSubscript]) -> Result<Code> {
        let compiled = subscripts
            .iter()
            .map(|subscript| {
                Ok(match subscript {
                    BoundSubscript::Index(index) => SubscriptCode::Index(self.compile(index)?),
                    BoundSubscript::Slice(lower, upper) => {
                        SubscriptCode::Slice(self.optional(lower.as_ref())?, self.optional(upper.as_ref())?)
                    }
                })
            })
            .collect::<Result<_>>()?;
        Ok(Code::Subscript { base: self.boxed(base)?, subscripts: compiled })
    }

    fn subplan(&self, subplan: &SubPlan, ty: Type) -> Result<Code> {
        let params = subplan.params.iter().map(|(param, expr)| Ok((*param, self.compile(expr)?))).collect::<Result<_>>()?;
        let kind = match &subplan.kind {
            SubqueryKind::Scalar => SubPlanKind::Scalar,
            SubqueryKind::Exists => SubPlanKind::Exists,
            SubqueryKind::Array => {
                let element =
                    borealis_pgtypes::types::element_of(ty.oid).ok_or_else(|| SqlError::internal("ARRAY(..) of no array type"))?;
                SubPlanKind::Array { element }
            }
            SubqueryKind::Quantified { all, left, functions, operators } => {
                let right = self.subplans.get(subplan.plan).ok_or_else(|| SqlError::internal("no such subquery"))?;
                let columns = functions.iter().zip(left).zip(right).map(|((function, left), right)| Invoke {
                    function,
                    arg_types: Box::new([left.ty.oid, right.oid]),
                    result: Oid::BOOL,
                });
                let columns: Vec<Invoke> = columns.collect();
                let tests = RowTest { verdict: verdict(operators, left), columns };
                let hashable = operators.iter().all(|operator| operator.name == "=")
                    && left.iter().zip(right).all(|(left, right)| hashable(left.ty.oid, right.oid));
                SubPlanKind::Quantified { all: *all, left: self.all(left)?, tests, hashed: subplan.hashed && hashable && !all }
            }
        };
        Ok(Code::SubPlan(Box::new(SubPlanCode { plan: subplan.plan, kind, params })))
    }
}

/// What the tests of a row's columns say about the row.
fn verdict(operators: &[&'static borealis_pgtypes::Operator], left: &[Expr]) -> RowVerdict {
    match operators.first().and_then(|operator| Operator::from_name(operator.name)) {
        Some(Operator::NotEqual) => RowVerdict::Any,
        Some(operator @ (Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual)) if operators.len() > 1 => {
            RowVerdict::First(operator, orders(left.iter().map(|expr| expr.ty.oid)))
        }
        _ => RowVerdict::All,
    }
}

/// Whether equal values of two types have equal hashes.
#[must_use]
pub(crate) fn hashable(left: Oid, right: Oid) -> bool {
    const INTEGERS: [Oid; 3] = [Oid::INT2, Oid::INT4, Oid::INT8];
    const TEXTS: [Oid; 3] = [Oid::TEXT, Oid::VARCHAR, Oid::NAME];
    left == right || [INTEGERS, TEXTS].iter().any(|family| family.contains(&left) && family.contains(&right))
}

fn shape(names: &[String], items: &[Expr]) -> RowShape {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            (names.get(index).map_or_else(|| Arc::from(format!("f{}", index + 1)), |name| Arc::from(name.as_str())), item.ty.oid)
        })
        .collect()
}

impl Invoke {
    pub(crate) fn new(function: &'static Function, args: &[Expr], result: Oid) -> Self {
        // pg_typeof alone tells a domain from the type that represents it.
        let type_of = |arg: &Expr| if function.name == "pg_typeof" { arg.ty.catalog_oid() } else { arg.ty.oid };
        Self { function, arg_types: args.iter().map(type_of).collect(), result }
    }

    fn comparison(function: &'static Function, left: &Expr, right: &Expr) -> Self {
        Self { function, arg_types: Box::new([left.ty.oid, right.ty.oid]), result: Oid::BOOL }
    }
}

/// Whether types that PostgreSQL keeps alike are kept apart here.
fn changes_storage(from: Oid, to: Oid) -> bool {
    use borealis_pgtypes::cast::is_oid;
    (from == Oid::INT4 && is_oid(to)) || (is_oid(from) && to == Oid::INT4)
}
