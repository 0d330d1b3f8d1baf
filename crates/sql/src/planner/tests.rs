//! Plans of hand-built trees: one place for what a plan must look like whatever the binder does.

use std::sync::Arc;

use borealis_catalog::statistics::TableStatistics;
use borealis_catalog::{Column, Index, IndexKey, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Datum, Oid, Type};

use super::{PlanContext, PlannerSettings, Statistics, plan};
use crate::ast::JoinKind;
use crate::bound::{Bound, BoundDistinct, BoundStatement, FromItem, OutputColumn, Query, QueryBody, Relation, RelationEntry, Select};
use crate::explain::{ExplainOptions, explain};
use crate::expr::{ColumnRef, Expr, ExprKind, SortKey, Subquery, SubqueryKind};
use crate::plan::{Node, Planned};

const INT4: Type = Type::plain(Oid::INT4);
const INT8: Type = Type::plain(Oid::INT8);
const BOOL: Type = Type::plain(Oid::BOOL);

/// Twenty rows in `small`, unknown otherwise.
struct Rows;

impl Statistics for Rows {
    fn table(&self, table: Oid) -> Option<Arc<TableStatistics>> {
        (table == Oid(20_000)).then(|| Arc::new(TableStatistics { rows: 20.0, ..TableStatistics::default() }))
    }
}

fn index(oid: u32, name: &str, unique: bool, primary: bool, keys: &[i16], include: &[i16]) -> Index {
    Index {
        oid: Oid(oid),
        name: name.to_owned(),
        unique,
        primary,
        keys: keys.iter().map(|key| IndexKey { part: IndexKeyPart::Column(*key), nulls_first: false }).collect(),
        include: include.to_vec(),
        nulls_not_distinct: false,
        predicate: None,
        state: IndexState::Valid,
        constraint: None,
        comment: None,
    }
}

/// `name(id int PRIMARY KEY, a int, b int8, c text)` with an index on (a, b).
fn table(oid: u32, name: &str) -> Arc<Table> {
    let column = |number: i16, name: &str, ty: Type| Column { not_null: number == 1, ..Column::new(number, name, ty) };
    Arc::new(Table {
        oid: Oid(oid),
        schema: borealis_catalog::snapshot::PUBLIC_SCHEMA,
        name: name.to_owned(),
        owner: Oid(10),
        columns: vec![column(1, "id", INT4), column(2, "a", INT4), column(3, "b", INT8), column(4, "c", Type::plain(Oid::TEXT))],
        primary_key: Some(index(oid + 1, &format!("{name}_pkey"), true, true, &[1], &[])),
        indexes: vec![index(oid + 2, &format!("{name}_a_b_idx"), false, false, &[2, 3], &[])],
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        acl: borealis_catalog::Acl::default(),
        comment: None,
        row_type: Oid(oid + 3),
        row_array_type: Oid(oid + 4),
    })
}

fn column(relation: usize, number: usize) -> Expr {
    outer(0, relation, number)
}

fn outer(depth: u32, relation: usize, number: usize) -> Expr {
    let ty = [INT4, INT4, INT8, Type::plain(Oid::TEXT)][number];
    Expr::new(ExprKind::Column(ColumnRef { depth, relation, column: number }), ty)
}

fn int(value: i32) -> Expr {
    Expr::constant(Datum::Int4(value), INT4)
}

fn param(number: usize, ty: Type) -> Expr {
    Expr::new(ExprKind::Param(number), ty)
}

fn compare(operator: &str, left: Expr, right: Expr) -> Expr {
    let operator = borealis_pgtypes::operators::by_name(operator)
        .iter()
        .find(|candidate| candidate.left == left.ty.oid && candidate.right == right.ty.oid)
        .expect("the operator exists");
    let function = borealis_pgtypes::functions::by_oid(operator.function).expect("the function exists");
    Expr::new(ExprKind::Call { function, operator: Some(operator), args: vec![left, right] }, BOOL)
}

fn and(parts: Vec<Expr>) -> Expr {
    Expr::new(ExprKind::And(parts), BOOL)
}

fn output(ty: Type) -> OutputColumn {
    OutputColumn { name: "x".to_owned(), ty, origin: None }
}

fn entry(relation: Relation, alias: &str, types: &[Type]) -> RelationEntry {
    RelationEntry {
        relation,
        alias: alias.to_owned(),
        columns: types.iter().map(|ty| output(*ty)).collect(),
        lateral: false,
        form: Default::default(),
    }
}

fn base(table: &Arc<Table>) -> RelationEntry {
    entry(Relation::Table(table.clone()), &table.name.clone(), &[INT4, INT4, INT8, Type::plain(Oid::TEXT)])
}

fn select(relations: Vec<RelationEntry>, from: Vec<FromItem>, filter: Option<Expr>, targets: Vec<Expr>) -> Select {
    Select {
        relations,
        from,
        filter,
        group_by: Vec::new(),
        grouping_sets: Vec::new(),
        has_aggregates: false,
        having: None,
        windows: Vec::new(),
        targets,
        distinct: BoundDistinct::No,
        form: Default::default(),
    }
}

fn query(select: Select) -> Query {
    let columns = select.targets.iter().map(|target| output(target.ty)).collect();
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

fn join(kind: JoinKind, left: FromItem, right: FromItem, condition: Expr) -> FromItem {
    FromItem::Join { kind, left: Box::new(left), right: Box::new(right), condition: Some(condition) }
}

fn rel(index: usize) -> FromItem {
    FromItem::Relation(index)
}

fn planned(query: Query) -> Planned {
    let settings = PlannerSettings::default();
    let ctx = PlanContext { binding: None, statistics: &Rows, settings: &settings };
    let columns = Some(query.columns.clone());
    let bound = BoundStatement {
        statement: Bound::Query(query),
        params: Vec::new(),
        columns,
        views: Vec::new(),
        notices: Vec::new(),
        permissions: crate::permission::Permissions::default(),
    };
    plan(bound, &ctx).expect("a plan")
}

/// The plan without costs.
fn shape(query: Query) -> String {
    explain(&planned(query), &ExplainOptions { costs: false, ..ExplainOptions::default() }, None).join("\n")
}

fn check(query: Query, expected: &str) {
    let actual = shape(query);
    assert_eq!(actual.trim(), expected.trim(), "\n{actual}");
}

fn small() -> Arc<Table> {
    table(20_000, "small")
}

fn big() -> Arc<Table> {
    table(30_000, "big")
}

mod access;
mod joins;
mod levels;
