//! Expressions.

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{
    AConst, AExpr, AExprKind, AIndices, AIndirection, BoolExpr, BoolExprType, BoolTestType, BooleanTest as BooleanTestNode, CaseExpr,
    CoercionForm, CollateClause, ColumnRef, CurrentOfExpr, MinMaxExpr, MinMaxOp, Node, NullTest, NullTestType, RowExpr, SqlValueFunction,
    SqlValueFunctionOp, SubLink, SubLinkType, TypeCast, a_const,
};

use super::lower::{Lower, R, string, strings, unexpected};
use crate::ast::{BooleanTest, Expr, ExprKind, LikeKind, Operator, SqlValue, SubqueryKind, Subscript};

impl Lower<'_> {
    pub(super) fn expr(&self, node: Node) -> R<Expr> {
        match node.node {
            Some(tree) => self.expr_tree(tree),
            None => Err(unexpected("an expression")),
        }
    }

    pub(super) fn boxed(&self, node: Option<Box<Node>>) -> R<Box<Expr>> {
        node.map_or_else(|| Err(unexpected("an operand")), |node| Ok(Box::new(self.expr(*node)?)))
    }

    pub(super) fn optional(&self, node: Option<Box<Node>>) -> R<Option<Expr>> {
        node.map(|node| self.expr(*node)).transpose()
    }

    pub(super) fn exprs(&self, nodes: Vec<Node>) -> R<Vec<Expr>> {
        nodes.into_iter().map(|node| self.expr(node)).collect()
    }

    fn expr_tree(&self, tree: NodeEnum) -> R<Expr> {
        match tree {
            NodeEnum::AConst(constant) => constant_expr(constant),
            NodeEnum::ColumnRef(column) => column_expr(column),
            NodeEnum::ParamRef(param) => Ok(at(param.location, ExprKind::Param(u32::try_from(param.number).unwrap_or(0)))),
            NodeEnum::AExpr(expr) => self.operator_expr(*expr),
            NodeEnum::BoolExpr(expr) => self.bool_expr(*expr),
            NodeEnum::FuncCall(call) => self.function_expr(*call),
            NodeEnum::TypeCast(cast) => self.cast(*cast),
            NodeEnum::SubLink(link) => self.sub_link(*link),
            NodeEnum::CaseExpr(case) => self.case(*case),
            NodeEnum::RowExpr(row) => self.row(*row),
            NodeEnum::NullTest(test) => self.null_test(*test),
            NodeEnum::BooleanTest(test) => self.boolean_test(*test),
            NodeEnum::CollateClause(clause) => self.collate(*clause),
            NodeEnum::AIndirection(indirection) => self.indirection(*indirection),
            other => self.rare_expr(other),
        }
    }

    fn rare_expr(&self, tree: NodeEnum) -> R<Expr> {
        match tree {
            NodeEnum::CoalesceExpr(expr) => Ok(at(expr.location, ExprKind::Coalesce(self.exprs(expr.args)?))),
            NodeEnum::MinMaxExpr(expr) => self.min_max(*expr),
            NodeEnum::AArrayExpr(array) => Ok(at(array.location, ExprKind::Array(self.exprs(array.elements)?))),
            NodeEnum::SqlvalueFunction(function) => sql_value(*function),
            NodeEnum::SetToDefault(default) => Ok(at(default.location, ExprKind::DefaultKeyword)),
            NodeEnum::GroupingFunc(grouping) => Ok(at(grouping.location, ExprKind::Grouping(self.exprs(grouping.args)?))),
            NodeEnum::CurrentOfExpr(current) => Err(no_cursor(*current)),
            NodeEnum::XmlExpr(_) | NodeEnum::XmlSerialize(_) => Err(self.refuse("select/xml", &[])),
            NodeEnum::JsonObjectConstructor(constructor) => self.json_object(constructor),
            NodeEnum::JsonArrayConstructor(constructor) => self.json_array(constructor),
            NodeEnum::JsonArrayQueryConstructor(constructor) => self.json_array_of_query(*constructor),
            NodeEnum::JsonObjectAgg(aggregate) => self.json_object_agg(*aggregate),
            NodeEnum::JsonArrayAgg(aggregate) => self.json_array_agg(*aggregate),
            NodeEnum::JsonIsPredicate(test) => self.is_json(*test),
            NodeEnum::JsonFuncExpr(function) => self.json_function(*function),
            NodeEnum::JsonParseExpr(parse) => self.json_parse(*parse),
            NodeEnum::JsonScalarExpr(scalar) => self.json_scalar(*scalar),
            NodeEnum::JsonSerializeExpr(serialize) => self.json_serialize(*serialize),
            _ => Err(unexpected("an expression")),
        }
    }

    fn operator_expr(&self, expr: AExpr) -> R<Expr> {
        let kind = expr.kind();
        let AExpr { kind: _, name, lexpr, rexpr, location } = expr;
        let op = operator(name)?;
        let kind = match kind {
            AExprKind::AexprOp => return self.plain_operator(op, lexpr, rexpr, location),
            AExprKind::AexprOpAny => self.scalar_array(op, false, lexpr, rexpr)?,
            AExprKind::AexprOpAll => self.scalar_array(op, true, lexpr, rexpr)?,
            AExprKind::AexprDistinct => self.is_distinct(lexpr, rexpr, false)?,
            AExprKind::AexprNotDistinct => self.is_distinct(lexpr, rexpr, true)?,
            AExprKind::AexprNullif => ExprKind::NullIf(self.boxed(lexpr)?, self.boxed(rexpr)?),
            AExprKind::AexprIn => ExprKind::In { arg: self.boxed(lexpr)?, list: self.exprs(items(rexpr)?)?, negated: op.name == "<>" },
            AExprKind::AexprLike => self.like(LikeKind::Like, op.name == "!~~", lexpr, rexpr)?,
            AExprKind::AexprIlike => self.like(LikeKind::Ilike, op.name == "!~~*", lexpr, rexpr)?,
            AExprKind::AexprSimilar => self.like(LikeKind::Similar, op.name == "!~", lexpr, rexpr)?,
            AExprKind::AexprBetween => self.between(lexpr, rexpr, false, false)?,
            AExprKind::AexprNotBetween => self.between(lexpr, rexpr, false, true)?,
            AExprKind::AexprBetweenSym => self.between(lexpr, rexpr, true, false)?,
            AExprKind::AexprNotBetweenSym => self.between(lexpr, rexpr, true, true)?,
            AExprKind::Undefined => return Err(unexpected("an operator")),
        };
        Ok(at(location, kind))
    }

    fn plain_operator(&self, op: Operator, left: Option<Box<Node>>, right: Option<Box<Node>>, location: i32) -> R<Expr> {
        let right = self.boxed(right)?;
        let kind = match left {
            Some(left) => ExprKind::Binary { op, left: Box::new(self.expr(*left)?), right },
            None => ExprKind::Unary { op, arg: right },
        };
        Ok(at(location, kind))
    }

    fn scalar_array(&self, op: Operator, all: bool, left: Option<Box<Node>>, right: Option<Box<Node>>) -> R<ExprKind> {
        Ok(ExprKind::ScalarArray { op, all, left: self.boxed(left)?, right: self.boxed(right)? })
    }

    fn is_distinct(&self, left: Option<Box<Node>>, right: Option<Box<Node>>, negated: bool) -> R<ExprKind> {
        Ok(ExprKind::IsDistinct { left: self.boxed(left)?, right: self.boxed(right)?, negated })
    }

    /// The grammar writes `ESCAPE` (and every SIMILAR TO) as a call around the pattern.
    fn like(&self, kind: LikeKind, negated: bool, left: Option<Box<Node>>, right: Option<Box<Node>>) -> R<ExprKind> {
        let wrapper: &[&str] = if kind == LikeKind::Similar { &["similar_to_escape", "similar_escape"] } else { &["like_escape"] };
        let (pattern, escape) = match right.map(|node| *node) {
            Some(Node { node: Some(NodeEnum::FuncCall(call)) }) if is_system_call(&call, wrapper) => {
                let mut args = self.exprs(call.args)?.into_iter();
                (args.next().ok_or_else(|| unexpected("a pattern"))?, args.next())
            }
            Some(node) => (self.expr(node)?, None),
            None => return Err(unexpected("a pattern")),
        };
        Ok(ExprKind::Like { arg: self.boxed(left)?, pattern: Box::new(pattern), escape: escape.map(Box::new), kind, negated })
    }

    fn between(&self, left: Option<Box<Node>>, right: Option<Box<Node>>, symmetric: bool, negated: bool) -> R<ExprKind> {
        let mut bounds = self.exprs(items(right)?)?.into_iter();
        let (Some(low), Some(high)) = (bounds.next(), bounds.next()) else {
            return Err(unexpected("BETWEEN"));
        };
        Ok(ExprKind::Between { arg: self.boxed(left)?, low: Box::new(low), high: Box::new(high), symmetric, negated })
    }

    fn bool_expr(&self, expr: BoolExpr) -> R<Expr> {
        let op = expr.boolop();
        let BoolExpr { xpr: _, boolop: _, args, location } = expr;
        let mut args = self.exprs(args)?;
        let kind = match op {
            BoolExprType::AndExpr => ExprKind::And(args),
            BoolExprType::OrExpr => ExprKind::Or(args),
            BoolExprType::NotExpr => ExprKind::Not(Box::new(args.pop().ok_or_else(|| unexpected("NOT"))?)),
            BoolExprType::Undefined => return Err(unexpected("a Boolean operator")),
        };
        Ok(at(location, kind))
    }

    fn cast(&self, cast: TypeCast) -> R<Expr> {
        let TypeCast { arg, type_name, location } = cast;
        let ty = self.type_name(type_name.ok_or_else(|| unexpected("a cast"))?)?;
        Ok(at(location, ExprKind::Cast { arg: self.boxed(arg)?, ty }))
    }

    fn sub_link(&self, link: SubLink) -> R<Expr> {
        let kind = link.sub_link_type();
        let SubLink { xpr: _, sub_link_type: _, sub_link_id: _, testexpr, oper_name, subselect, location } = link;
        let query = Box::new(self.query_node(*subselect.ok_or_else(|| unexpected("a sub-query"))?)?);
        let test_operator =
            |names: Vec<Node>| if names.is_empty() { Ok(Operator { schema: None, name: "=".to_owned() }) } else { operator(names) };
        let kind = match kind {
            SubLinkType::ExistsSublink => SubqueryKind::Exists,
            SubLinkType::AllSublink => SubqueryKind::All { test: self.boxed(testexpr)?, op: test_operator(oper_name)? },
            SubLinkType::AnySublink => SubqueryKind::Any { test: self.boxed(testexpr)?, op: test_operator(oper_name)? },
            SubLinkType::ExprSublink => SubqueryKind::Scalar,
            SubLinkType::ArraySublink => SubqueryKind::Array,
            _ => return Err(unexpected("a sub-query")),
        };
        Ok(at(location, ExprKind::Subquery { kind, query }))
    }

    fn case(&self, case: CaseExpr) -> R<Expr> {
        let CaseExpr { xpr: _, casetype: _, casecollid: _, arg, args, defresult, location } = case;
        let mut whens = Vec::with_capacity(args.len());
        for arm in args {
            let Some(NodeEnum::CaseWhen(arm)) = arm.node else { return Err(unexpected("CASE")) };
            whens.push((*self.boxed(arm.expr)?, *self.boxed(arm.result)?));
        }
        let arg = self.optional(arg)?.map(Box::new);
        let otherwise = self.optional(defresult)?.map(Box::new);
        Ok(at(location, ExprKind::Case { arg, whens, otherwise }))
    }

    fn row(&self, row: RowExpr) -> R<Expr> {
        let explicit = row.row_format() == CoercionForm::CoerceExplicitCall;
        let RowExpr { xpr: _, args, row_typeid: _, row_format: _, colnames: _, location } = row;
        Ok(at(location, ExprKind::Row { items: self.exprs(args)?, explicit }))
    }

    fn null_test(&self, test: NullTest) -> R<Expr> {
        let negated = test.nulltesttype() == NullTestType::IsNotNull;
        let NullTest { xpr: _, arg, nulltesttype: _, argisrow: _, location } = test;
        Ok(at(location, ExprKind::IsNull { arg: self.boxed(arg)?, negated }))
    }

    fn boolean_test(&self, node: BooleanTestNode) -> R<Expr> {
        let test = match node.booltesttype() {
            BoolTestType::IsTrue => BooleanTest::True,
            BoolTestType::IsNotTrue => BooleanTest::NotTrue,
            BoolTestType::IsFalse => BooleanTest::False,
            BoolTestType::IsNotFalse => BooleanTest::NotFalse,
            BoolTestType::IsUnknown => BooleanTest::Unknown,
            BoolTestType::IsNotUnknown => BooleanTest::NotUnknown,
            BoolTestType::Undefined => return Err(unexpected("a Boolean test")),
        };
        let BooleanTestNode { xpr: _, arg, booltesttype: _, location } = node;
        Ok(at(location, ExprKind::BooleanTest { arg: self.boxed(arg)?, test }))
    }

    fn collate(&self, clause: CollateClause) -> R<Expr> {
        let CollateClause { arg, collname, location } = clause;
        Ok(at(location, ExprKind::Collate { arg: self.boxed(arg)?, collation: strings(collname)? }))
    }

    fn min_max(&self, expr: MinMaxExpr) -> R<Expr> {
        let greatest = expr.op() == MinMaxOp::IsGreatest;
        let MinMaxExpr { xpr: _, minmaxtype: _, minmaxcollid: _, inputcollid: _, op: _, args, location } = expr;
        let args = self.exprs(args)?;
        Ok(at(location, if greatest { ExprKind::Greatest(args) } else { ExprKind::Least(args) }))
    }

    /// `base[1][2:3].field.*`: subscripts in a row are one node of the tree, a field is a node of its own.
    fn indirection(&self, indirection: AIndirection) -> R<Expr> {
        let AIndirection { arg, indirection } = indirection;
        let mut base = *self.boxed(arg)?;
        let mut subscripts = Vec::new();
        for step in indirection {
            let location = base.at;
            match step.node {
                Some(NodeEnum::AIndices(indices)) => subscripts.push(self.subscript(*indices)?),
                Some(NodeEnum::String(field)) => {
                    base = at(location, ExprKind::Field { base: Box::new(subscripted(base, &mut subscripts)), field: field.sval });
                }
                Some(NodeEnum::AStar(_)) => base = at(location, ExprKind::FieldStar(Box::new(subscripted(base, &mut subscripts)))),
                _ => return Err(unexpected("an indirection")),
            }
        }
        Ok(subscripted(base, &mut subscripts))
    }

    pub(super) fn subscript(&self, indices: AIndices) -> R<Subscript> {
        let AIndices { is_slice, lidx, uidx } = indices;
        match (is_slice, self.optional(lidx)?, self.optional(uidx)?) {
            (false, None, Some(index)) => Ok(Subscript::Index(index)),
            (true, low, high) => Ok(Subscript::Slice(low, high)),
            _ => Err(unexpected("a subscript")),
        }
    }
}

pub(super) fn at(location: i32, kind: ExprKind) -> Expr {
    Expr { kind, at: location }
}

fn subscripted(base: Expr, subscripts: &mut Vec<Subscript>) -> Expr {
    if subscripts.is_empty() {
        return base;
    }
    at(base.at, ExprKind::Subscript { base: Box::new(base), subscripts: std::mem::take(subscripts) })
}

fn is_system_call(call: &pg_query::protobuf::FuncCall, names: &[&str]) -> bool {
    let part = |index: usize| match call.funcname.get(index).and_then(|node| node.node.as_ref()) {
        Some(NodeEnum::String(text)) => text.sval.as_str(),
        _ => "",
    };
    call.funcname.len() == 2 && part(0) == "pg_catalog" && names.contains(&part(1))
}

fn constant_expr(constant: AConst) -> R<Expr> {
    let AConst { isnull, location, val } = constant;
    let kind = match val {
        None if isnull => ExprKind::Null,
        Some(a_const::Val::Ival(number)) => ExprKind::Integer(number.ival),
        Some(a_const::Val::Fval(number)) => ExprKind::Number(number.fval),
        Some(a_const::Val::Boolval(value)) => ExprKind::Bool(value.boolval),
        Some(a_const::Val::Sval(text)) => ExprKind::String(text.sval),
        Some(a_const::Val::Bsval(bits)) => ExprKind::BitString(bits.bsval),
        None => return Err(unexpected("a constant")),
    };
    Ok(at(location, kind))
}

fn column_expr(column: ColumnRef) -> R<Expr> {
    let ColumnRef { mut fields, location } = column;
    let star = matches!(fields.last(), Some(Node { node: Some(NodeEnum::AStar(_)) }));
    if star {
        fields.pop();
    }
    let names = strings(fields)?;
    Ok(at(location, if star { ExprKind::Star(names) } else { ExprKind::Column(names) }))
}

fn sql_value(function: SqlValueFunction) -> R<Expr> {
    use SqlValueFunctionOp as Op;
    let op = function.op();
    let SqlValueFunction { xpr: _, op: _, r#type: _, typmod, location } = function;
    let value = match op {
        Op::SvfopCurrentDate => SqlValue::CurrentDate,
        Op::SvfopCurrentTime | Op::SvfopCurrentTimeN => SqlValue::CurrentTime,
        Op::SvfopCurrentTimestamp | Op::SvfopCurrentTimestampN => SqlValue::CurrentTimestamp,
        Op::SvfopLocaltime | Op::SvfopLocaltimeN => SqlValue::LocalTime,
        Op::SvfopLocaltimestamp | Op::SvfopLocaltimestampN => SqlValue::LocalTimestamp,
        Op::SvfopCurrentRole => SqlValue::CurrentRole,
        Op::SvfopCurrentUser => SqlValue::CurrentUser,
        Op::SvfopUser => SqlValue::User,
        Op::SvfopSessionUser => SqlValue::SessionUser,
        Op::SvfopCurrentCatalog => SqlValue::CurrentCatalog,
        Op::SvfopCurrentSchema => SqlValue::CurrentSchema,
        Op::SqlvalueFunctionOpUndefined => return Err(unexpected("a value function")),
    };
    let with_precision = matches!(op, Op::SvfopCurrentTimeN | Op::SvfopCurrentTimestampN | Op::SvfopLocaltimeN | Op::SvfopLocaltimestampN);
    Ok(at(location, ExprKind::SqlValue { function: value, precision: with_precision.then_some(typmod) }))
}

fn no_cursor(current: CurrentOfExpr) -> SqlError {
    // No statement makes a cursor, so none has the name.
    SqlError::new(SqlState::INVALID_CURSOR_NAME, format!("cursor \"{}\" does not exist", current.cursor_name))
}

/// `[schema.]operator`.
pub(super) fn operator(mut names: Vec<Node>) -> R<Operator> {
    let name = string(names.pop().ok_or_else(|| unexpected("an operator"))?)?;
    let schema = names.pop().map(string).transpose()?;
    Ok(Operator { schema, name })
}

/// The items of a `List` node.
pub(super) fn items(node: Option<Box<Node>>) -> R<Vec<Node>> {
    match node.map(|node| node.node) {
        Some(Some(NodeEnum::List(list))) => Ok(list.items),
        _ => Err(unexpected("a list")),
    }
}
