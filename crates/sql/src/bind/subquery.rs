//! Subqueries in expressions: scalar, EXISTS, ARRAY, IN, ANY and ALL. After `transformSubLink`.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState, types};

use super::coerce::{is_array, type_text};
use super::operator::resolve;
use super::{Binder, Node};
use crate::ast::{self, ExprKind as Ast, Operator};
use crate::bound::{BoundDistinct, FromItem, Query, QueryBody, Relation, RelationEntry, RelationForm, Select, SelectForm};
use crate::expr::{ColumnRef, Expr, ExprKind, Subquery, SubqueryKind};

impl Binder<'_> {
    pub(crate) fn subquery(&mut self, kind: &ast::SubqueryKind, query: &ast::Query, at: i32) -> Result<Node> {
        self.level().clause.check_subquery(at)?;
        match kind {
            ast::SubqueryKind::Scalar => self.scalar_subquery(query, at),
            ast::SubqueryKind::Exists => {
                let query = self.sublink(query)?;
                Ok(node(SubqueryKind::Exists, query, Oid::BOOL, at))
            }
            ast::SubqueryKind::Array => self.array_subquery(query, at),
            ast::SubqueryKind::Any { test, op } => self.quantified(test, op, query, false, at),
            ast::SubqueryKind::All { test, op } => self.quantified(test, op, query, true, at),
        }
    }

    fn scalar_subquery(&mut self, query: &ast::Query, at: i32) -> Result<Node> {
        let query = self.sublink(query)?;
        let [column] = query.columns.as_slice() else { return Err(one_column(at)) };
        let ty = column.ty;
        Ok(Node::new(ExprKind::Subquery(Box::new(Subquery { kind: SubqueryKind::Scalar, query })), ty, at))
    }

    fn array_subquery(&mut self, query: &ast::Query, at: i32) -> Result<Node> {
        let query = self.sublink(query)?;
        let [column] = query.columns.as_slice() else { return Err(one_column(at)) };
        let element = column.ty.oid;
        let array = if is_array(element) { Some(element) } else { types::array_of(element) };
        let array = array.or_else(|| (element == Oid::RECORD).then_some(Oid::RECORD_ARRAY)).ok_or_else(|| {
            let message = format!("could not find array type for data type {}", type_text(element));
            SqlError::new(SqlState::UNDEFINED_OBJECT, message).at(at)
        })?;
        Ok(node(SubqueryKind::Array, query, array, at))
    }

    /// `test op ANY|ALL (query)`; IN arrives as `= ANY`, NOT IN as its negation or `<> ALL`.
    fn quantified(&mut self, test: &ast::Expr, op: &Operator, query: &ast::Query, all: bool, at: i32) -> Result<Node> {
        let left = match &test.kind {
            Ast::Row { items, .. } => self.exprs(items)?,
            _ => vec![self.expr(test)?],
        };
        let query = self.sublink(query)?;
        if left.len() < query.columns.len() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "subquery has too many columns").at(at));
        }
        if left.len() > query.columns.len() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "subquery has too few columns").at(at));
        }
        let by_order = left.len() > 1 && !matches!(op.name.as_str(), "=" | "<>");
        let mut parts = Parts { left: Vec::new(), right: Vec::new(), functions: Vec::new(), operators: Vec::new() };
        for (index, node) in left.into_iter().enumerate() {
            let column = Node::new(ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: index }), query.columns[index].ty, at);
            if by_order {
                self.ordered_column(op, node, column, &mut parts, at)?;
            } else {
                self.quantified_column(op, node, column, &mut parts, at)?;
            }
        }
        let query = cast_columns(query, parts.right);
        let kind = SubqueryKind::Quantified { all, left: parts.left, functions: parts.functions, operators: parts.operators };
        Ok(node(kind, query, Oid::BOOL, at))
    }

    /// `(a, b) op (SELECT ..)`: the row is compared with the one row of the query, with NULLs when there is none.
    pub(crate) fn row_against_subquery(&mut self, op: &Operator, items: &[ast::Expr], query: &ast::Query, at: i32) -> Result<Node> {
        let left = self.exprs(items)?;
        self.level().clause.check_subquery(at)?;
        let columns = self.sublink(query)?.columns.len();
        if left.len() != columns {
            let many = if left.len() < columns { "many" } else { "few" };
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("subquery has too {many} columns")).at(at));
        }
        let right = (0..columns).map(|column| self.subquery_column(query, column, columns, at)).collect::<Result<Vec<_>>>()?;
        self.row_comparison(op, left, right, at)
    }

    /// A column of rows that are compared by their order.
    fn ordered_column(&mut self, op: &Operator, left: Node, column: Node, parts: &mut Parts, at: i32) -> Result<()> {
        let (resolved, common) = self.ordering_operator(op, &left, &column, at)?;
        parts.left.push(self.coerce_implicitly(left, common)?);
        parts.right.push(self.coerce_implicitly(column, common)?);
        parts.functions.push(resolved.function);
        parts.operators.push(resolved.operator);
        Ok(())
    }

    fn quantified_column(&mut self, op: &Operator, left: Node, column: Node, parts: &mut Parts, at: i32) -> Result<()> {
        let resolved = resolve(op, &[left.oid(), column.oid()]).map_err(|error| error.at(at))?;
        if resolved.result != Oid::BOOL {
            let message = format!("operator {} must return type boolean, not type {}", op.name, type_text(resolved.result));
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(at));
        }
        parts.left.push(self.coerce_implicitly(left, resolved.args[0])?);
        parts.right.push(self.coerce_implicitly(column, resolved.args[1])?);
        parts.functions.push(resolved.function);
        parts.operators.push(resolved.operator);
        Ok(())
    }
}

struct Parts {
    left: Vec<Expr>,
    right: Vec<Expr>,
    functions: Vec<&'static borealis_pgtypes::Function>,
    operators: Vec<&'static borealis_pgtypes::Operator>,
}

fn node(kind: SubqueryKind, query: Query, oid: Oid, at: i32) -> Node {
    Node::plain(ExprKind::Subquery(Box::new(Subquery { kind, query })), oid, at)
}

fn one_column(at: i32) -> SqlError {
    SqlError::new(SqlState::SYNTAX_ERROR, "subquery must return only one column").at(at)
}

/// The query with its columns cast: itself where no cast is needed, else as a subquery of a SELECT that casts.
pub(crate) fn cast_columns(query: Query, casts: Vec<Expr>) -> Query {
    if casts.iter().all(|expr| matches!(expr.kind, ExprKind::Column(_))) {
        return query;
    }
    let mut columns = query.columns.clone();
    for (column, cast) in columns.iter_mut().zip(&casts) {
        column.ty = cast.ty;
    }
    let entry = RelationEntry {
        columns: query.columns.clone(),
        alias: "unnamed_subquery".to_owned(),
        lateral: false,
        relation: Relation::Subquery(Box::new(deeper(query))),
        form: RelationForm::default(),
    };
    let select = Select {
        relations: vec![entry],
        from: vec![FromItem::Relation(0)],
        filter: None,
        group_by: Vec::new(),
        grouping_sets: Vec::new(),
        has_aggregates: false,
        having: None,
        windows: Vec::new(),
        targets: casts,
        distinct: BoundDistinct::No,
        form: SelectForm { casts_of_subquery: true, ..SelectForm::default() },
    };
    Query {
        ctes: Vec::new(),
        body: QueryBody::Select(Box::new(select)),
        order_by: Vec::new(),
        limit: None,
        offset: None,
        with_ties: false,
        columns,
        locks: Vec::new(),
    }
}

/// The query with one more level between it and what it refers to.
fn deeper(mut query: Query) -> Query {
    super::shift::query(&mut query, 1);
    query
}
