//! Expressions: the dispatch from syntax to the family that binds it.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, Type, types};

use super::coerce::{is_array, type_text};
use super::{Binder, Node};
use crate::ast::{self, ExprKind as Ast, SqlValue, Subscript};
use crate::expr::{BoundSubscript, Coercion, Expr, ExprKind};

impl Binder<'_> {
    pub(crate) fn exprs(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Node>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    /// Binds an expression in the innermost level. The parser bounds how deep it nests, and the session gives deep trees a deep stack.
    pub(crate) fn expr(&mut self, expr: &ast::Expr) -> Result<Node> {
        let at = expr.at;
        match &expr.kind {
            Ast::Null => Ok(Self::null(at)),
            Ast::Bool(value) => Ok(Self::boolean(*value, at)),
            Ast::Integer(value) => Ok(Self::integer(*value, at)),
            Ast::Number(written) => self.number(written, at),
            Ast::String(value) => Ok(Self::string(value, at)),
            Ast::BitString(_) => Self::bit_string(at),
            Ast::Column(names) => self.column(names, at),
            Ast::Star(qualifier) => self.star_as_row(qualifier, at),
            Ast::FieldStar(_) => Err(SqlError::new(SqlState::SYNTAX_ERROR, "row expansion via \"*\" is not supported here").at(at)),
            Ast::Param(number) => self.parameter(*number, at),
            Ast::DefaultKeyword => Err(SqlError::new(SqlState::SYNTAX_ERROR, "DEFAULT is not allowed in this context").at(at)),
            Ast::Unary { op, arg } => self.unary(op, arg, at),
            Ast::Binary { op, left, right } => self.binary(op, left, right, at),
            Ast::ScalarArray { op, all, left, right } => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                self.scalar_array(op, *all, left, right, at)
            }
            Ast::In { arg, list, negated } => self.in_list(arg, list, *negated, at),
            Ast::Like { arg, pattern, escape, kind, negated } => self.like(arg, pattern, escape.as_deref(), *kind, *negated, at),
            Ast::Between { arg, low, high, symmetric, negated } => self.between(arg, low, high, *symmetric, *negated, at),
            Ast::IsDistinct { left, right, negated } => self.is_distinct(left, right, *negated, at),
            Ast::NullIf(left, right) => self.null_if(left, right, at),
            Ast::And(args) => self.connective(args, "AND", at),
            Ast::Or(args) => self.connective(args, "OR", at),
            Ast::Not(arg) => self.not(arg, at),
            Ast::IsNull { arg, negated } => self.is_null(arg, *negated, at),
            Ast::BooleanTest { arg, test } => self.boolean_test(arg, *test, at),
            Ast::Case { arg, whens, otherwise } => self.case(arg.as_deref(), whens, otherwise.as_deref(), at),
            Ast::Coalesce(args) => self.coalesce(args, at),
            Ast::Greatest(args) => self.min_max(args, true, at),
            Ast::Least(args) => self.min_max(args, false, at),
            Ast::Function(call) => self.call(call, at),
            Ast::Cast { arg, ty } => self.cast(arg, ty, at),
            Ast::Subquery { kind, query } => self.subquery(kind, query, at),
            Ast::Array(items) => self.array(items, None, at),
            Ast::Row { items, .. } => self.row(items, at),
            Ast::Subscript { base, subscripts } => self.subscript(base, subscripts, at),
            Ast::Field { base, field } => self.field(base, field, at),
            Ast::Collate { arg, collation } => self.collate(arg, collation, at),
            Ast::SqlValue { function, precision } => self.sql_value(*function, *precision, at),
            Ast::Grouping(args) => self.grouping(args, at),
            Ast::Json(constructor) => self.json_constructor(constructor, at),
            Ast::JsonAggregate(aggregate) => self.json_aggregate(aggregate, at),
            Ast::IsJson(test) => self.is_json(test, at),
        }
    }

    fn unary(&mut self, op: &ast::Operator, arg: &ast::Expr, at: i32) -> Result<Node> {
        let arg = self.expr(arg)?;
        self.operator(op, None, arg, at)
    }

    fn binary(&mut self, op: &ast::Operator, left: &ast::Expr, right: &ast::Expr, at: i32) -> Result<Node> {
        if let (Ast::Row { items: left, .. }, Ast::Row { items: right, .. }) = (&left.kind, &right.kind) {
            let (left, right) = (self.exprs(left)?, self.exprs(right)?);
            return self.row_comparison(op, left, right, at);
        }
        if let (Ast::Row { items, .. }, Ast::Subquery { kind: ast::SubqueryKind::Scalar, query }) = (&left.kind, &right.kind) {
            return self.row_against_subquery(op, items, query, at);
        }
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        self.operator(op, Some(left), right, at)
    }

    /// `CAST(x AS type)`. An ARRAY constructor takes the target's element type for its own elements.
    fn cast(&mut self, arg: &ast::Expr, ty: &ast::TypeName, at: i32) -> Result<Node> {
        let target = self.resolve_type_name(ty)?;
        let node = match (&arg.kind, types::element_of(target.oid)) {
            (Ast::Array(items), Some(element)) if is_array(target.oid) => self.array(items, Some((target.oid, element)), arg.at)?,
            _ => self.expr(arg)?,
        };
        let at = if at < 0 { ty.at } else { at };
        self.explicit_cast(node, target, at)
    }

    /// `ARRAY[..]`; `wanted`: the array and element type of an enclosing cast.
    pub(crate) fn array(&mut self, items: &[ast::Expr], wanted: Option<(Oid, Oid)>, at: i32) -> Result<Node> {
        let mut nodes = Vec::with_capacity(items.len());
        let mut nested = false;
        for item in items {
            let node = match &item.kind {
                Ast::Array(inner) => {
                    nested = true;
                    self.array(inner, wanted, item.at)?
                }
                _ => self.expr(item)?,
            };
            nested |= is_array(node.oid());
            nodes.push(node);
        }
        let (array, element) = array_types(&nodes, wanted, nested, at)?;
        // Elements that are all of one domain make an array over the domain.
        let form = super::common::common_form(nodes.iter().map(|node| &node.expr.ty), if nested { array } else { element });
        let declared = if nested { form.declared } else { self.ctx.catalog.array_type(form).unwrap_or_default().declared };
        let target = if nested { array } else { element };
        let explicit = wanted.is_some();
        let mut bound = Vec::with_capacity(nodes.len());
        for node in nodes {
            bound.push(self.array_element(node, target, explicit)?);
        }
        Ok(Node::new(ExprKind::Array { element, items: bound, nested }, Type::plain(array).declared_as(declared), at))
    }

    fn array_element(&mut self, node: Node, target: Oid, explicit: bool) -> Result<Expr> {
        if !explicit {
            return Ok(self.coerce_to_common(node, target, "ARRAY")?.expr);
        }
        let (source, at) = (node.oid(), node.at);
        match self.coerce_to(node, Type::plain(target), CastContext::Explicit)? {
            Some(node) => Ok(node.expr),
            None => {
                let message = format!("cannot cast type {} to {}", type_text(source), type_text(target));
                Err(SqlError::new(SqlState::CANNOT_COERCE, message).at(at))
            }
        }
    }

    fn subscript(&mut self, base: &ast::Expr, subscripts: &[Subscript], at: i32) -> Result<Node> {
        let node = self.expr(base)?;
        if node.oid() == Oid::JSONB {
            let steps = self.document_steps(subscripts)?.into_iter().map(BoundSubscript::Index).collect();
            let place = super::node::leftmost(node.at, at);
            return Ok(Node::new(ExprKind::Subscript { base: Box::new(node.expr), subscripts: steps }, Type::plain(Oid::JSONB), place));
        }
        let element = match node.oid() {
            oid if is_array(oid) || matches!(oid, Oid::INT2VECTOR | Oid::OIDVECTOR) => types::element_of(oid),
            _ => None,
        };
        let Some(element) = element else {
            return Err(super::element::no_subscripts(node.oid()).at(node.at));
        };
        let sliced = subscripts.iter().any(|subscript| matches!(subscript, Subscript::Slice(..)));
        let array = slice_type(node.oid());
        let (oid, place) = (if sliced { array } else { element }, super::node::leftmost(node.at, at));
        let mut bound = Vec::with_capacity(subscripts.len());
        for subscript in subscripts {
            bound.push(self.array_subscript(subscript)?);
        }
        let declared = match sliced {
            true => node.expr.ty.declared,
            false => self.ctx.catalog.element_type(node.expr.ty).unwrap_or_default().declared,
        };
        let ty = Type::new(oid, node.expr.ty.typmod).declared_as(declared);
        Ok(Node::new(ExprKind::Subscript { base: Box::new(node.expr), subscripts: bound }, ty, place))
    }

    fn array_subscript(&mut self, subscript: &Subscript) -> Result<BoundSubscript> {
        Ok(match subscript {
            Subscript::Index(index) => BoundSubscript::Index(self.array_index(index)?),
            Subscript::Slice(low, high) => {
                let low = low.as_ref().map(|expr| self.array_index(expr)).transpose()?;
                let high = high.as_ref().map(|expr| self.array_index(expr)).transpose()?;
                BoundSubscript::Slice(low, high)
            }
        })
    }

    fn array_index(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let node = self.expr(expr)?;
        let at = node.at;
        match self.coerce_to(node, Type::plain(Oid::INT4), CastContext::Assignment)? {
            Some(node) => Ok(node.expr),
            None => Err(SqlError::new(SqlState::DATATYPE_MISMATCH, "array subscript must have type integer").at(at)),
        }
    }

    /// The service has one collation, C; naming it (or the default) changes nothing.
    fn collate(&mut self, arg: &ast::Expr, collation: &[String], at: i32) -> Result<Node> {
        let node = self.expr(arg)?;
        let collatable = node.is_unknown() || types::by_oid(node.oid()).is_some_and(|info| info.collation != Oid::INVALID);
        if !collatable {
            let message = format!("collations are not supported by type {}", type_text(node.oid()));
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(at));
        }
        let name = collation.last().map(String::as_str).unwrap_or_default();
        if !matches!(name, "C" | "POSIX" | "default" | "ucs_basic") {
            let message = format!("collation \"{}\" for encoding \"UTF8\" does not exist", collation.join("."));
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, message).at(at));
        }
        self.settle(node)
    }

    fn sql_value(&mut self, function: SqlValue, precision: Option<i32>, at: i32) -> Result<Node> {
        let typmod = precision.unwrap_or(-1);
        let (name, oid) = match function {
            SqlValue::CurrentDate => ("now", Oid::DATE),
            SqlValue::CurrentTime => ("now", Oid::TIMETZ),
            SqlValue::CurrentTimestamp => ("now", Oid::TIMESTAMPTZ),
            SqlValue::LocalTime => ("now", Oid::TIME),
            SqlValue::LocalTimestamp => ("now", Oid::TIMESTAMP),
            SqlValue::CurrentRole | SqlValue::CurrentUser | SqlValue::User => ("current_user", Oid::NAME),
            SqlValue::SessionUser => ("session_user", Oid::NAME),
            SqlValue::CurrentCatalog => ("current_database", Oid::NAME),
            SqlValue::CurrentSchema => ("current_schema", Oid::NAME),
        };
        let call = self.builtin(name, Vec::new(), at)?;
        // The label changes nothing; it tells the deparser that a keyword was written and not a call.
        let ty = call.expr.ty;
        let node = Node::new(ExprKind::Coerce { arg: Box::new(call.expr), coercion: Coercion::Relabel }, ty, at);
        let node = self.coerce(node, oid, CastContext::Explicit)?;
        Ok(Self::apply_typmod(node, typmod, true))
    }
}

fn slice_type(oid: Oid) -> Oid {
    match oid {
        Oid::INT2VECTOR => Oid::INT2_ARRAY,
        Oid::OIDVECTOR => Oid::OID_ARRAY,
        array => array,
    }
}

/// Array and element type of an ARRAY constructor.
fn array_types(nodes: &[Node], wanted: Option<(Oid, Oid)>, nested: bool, at: i32) -> Result<(Oid, Oid)> {
    if let Some(wanted) = wanted {
        return Ok(wanted);
    }
    if nodes.is_empty() {
        let error = SqlError::new(SqlState::INDETERMINATE_DATATYPE, "cannot determine type of empty array");
        return Err(error.hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].").at(at));
    }
    let common = super::common::common_type(nodes, "ARRAY")?;
    if nested {
        let element = types::element_of(common).filter(|_| is_array(common)).ok_or_else(|| {
            SqlError::new(SqlState::UNDEFINED_OBJECT, format!("could not find element type for data type {}", type_text(common))).at(at)
        })?;
        return Ok((common, element));
    }
    if common == Oid::RECORD {
        return Ok((Oid::RECORD_ARRAY, Oid::RECORD));
    }
    let array = types::array_of(common).ok_or_else(|| {
        SqlError::new(SqlState::UNDEFINED_OBJECT, format!("could not find array type for data type {}", type_text(common))).at(at)
    })?;
    Ok((array, common))
}
