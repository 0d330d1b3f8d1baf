//! Target lists: star expansion and the names of output columns. After `transformTargetList` and `FigureColname`.

use borealis_pgtypes::{Oid, Result};

use super::scope::Noted;
use super::{Binder, Clause, Node, walk};
use crate::ast::{self, ExprKind, QueryBody, SqlValue, Statement, SubqueryKind, Target};
use crate::bound::OutputColumn;
use crate::expr::Expr;

/// A bound target.
#[derive(Clone)]
pub(crate) struct BoundTarget {
    pub(crate) name: String,
    pub(crate) node: Node,
    pub(crate) origin: Option<(Oid, i16)>,
    /// What its level had noted before it was bound.
    pub(crate) noted: Noted,
}

impl Binder<'_> {
    /// Binds a target list in the given clause. Unknowns stay unknown.
    pub(crate) fn targets(&mut self, targets: &[Target], clause: Clause) -> Result<Vec<BoundTarget>> {
        self.in_clause(clause, |binder| {
            let mut bound = Vec::with_capacity(targets.len());
            for target in targets {
                binder.target(target, &mut bound)?;
            }
            Ok(bound)
        })
    }

    fn target(&mut self, target: &Target, bound: &mut Vec<BoundTarget>) -> Result<()> {
        let noted = self.level().noted();
        match &target.expr.kind {
            ExprKind::Star(qualifier) => {
                let columns = self.star(qualifier, target.expr.at)?;
                bound.extend(columns.into_iter().map(|(name, node, origin)| BoundTarget { name, node, origin, noted }));
            }
            ExprKind::FieldStar(base) => {
                let fields = self.field_star(base, target.expr.at)?;
                bound.extend(fields.into_iter().map(|(name, node)| BoundTarget { name, node, origin: None, noted }));
            }
            _ => {
                let node = self.expr(&target.expr)?;
                let of_subquery = || scalar_column(&target.expr, &node.expr);
                let name = target.alias.clone().or_else(of_subquery).unwrap_or_else(|| column_name(&target.expr));
                let origin = self.origin(&node.expr);
                bound.push(BoundTarget { name, node, origin, noted });
            }
        }
        Ok(())
    }

    /// The table column that an expression plainly is.
    pub(crate) fn origin(&mut self, expr: &Expr) -> Option<(Oid, i16)> {
        let (level, relation, column) = match &expr.kind {
            crate::expr::ExprKind::Column(column) => {
                let level = self.levels.len().checked_sub(1 + column.depth as usize)?;
                (level, column.relation, column.column)
            }
            crate::expr::ExprKind::Slot(_) => {
                let item = self.level().namespace.iter().flat_map(|item| &item.columns);
                return item.clone().find(|known| super::equal::equal(&known.expr, expr)).and_then(|known| known.origin);
            }
            _ => return None,
        };
        self.levels.get(level)?.relations.get(relation)?.columns.get(column)?.origin
    }
}

/// Output columns of targets.
pub(crate) fn outputs(targets: &[BoundTarget]) -> Vec<OutputColumn> {
    targets.iter().map(|target| OutputColumn { name: target.name.clone(), ty: target.node.expr.ty, origin: target.origin }).collect()
}

/// The name of the one column of a scalar subquery, which a cast keeps. `*` has it only when it is bound.
fn scalar_column(mut written: &ast::Expr, bound: &Expr) -> Option<String> {
    while let ExprKind::Cast { arg, .. } = &written.kind {
        written = arg;
    }
    let ExprKind::Subquery { kind: SubqueryKind::Scalar, .. } = &written.kind else { return None };
    let mut name = None;
    walk::deep(bound, 0, &mut |expr, _| {
        if let (None, crate::expr::ExprKind::Subquery(subquery)) = (&name, &expr.kind) {
            name = subquery.query.columns.first().map(|column| column.name.clone());
        }
        name.is_none()
    });
    name
}

/// The name PostgreSQL gives a column without alias.
pub(crate) fn column_name(expr: &ast::Expr) -> String {
    figure(expr).map_or_else(|| "?column?".to_owned(), |(name, _)| name)
}

/// The name an index column made of the expression gets, if the expression suggests one.
pub(crate) fn suggested_name(expr: &ast::Expr) -> Option<String> {
    figure(expr).map(|(name, _)| name)
}

/// A name and whether it is a strong suggestion: that of a column or function, not of a cast or CASE.
fn figure(expr: &ast::Expr) -> Option<(String, bool)> {
    let strong = |name: &str| Some((name.to_owned(), true));
    let weak = |name: &str| Some((name.to_owned(), false));
    match &expr.kind {
        // A star within an expression is the row of what it stands behind.
        ExprKind::Column(names) | ExprKind::Star(names) => names.last().and_then(|name| strong(name)),
        ExprKind::Field { field, .. } => strong(field),
        ExprKind::Subscript { base, .. } | ExprKind::Collate { arg: base, .. } => figure(base),
        ExprKind::Function(call) => call.name.last().and_then(|name| strong(name)),
        ExprKind::NullIf(..) => strong("nullif"),
        ExprKind::Cast { arg, ty } => match figure(arg) {
            Some((name, true)) => Some((name, true)),
            _ => ty.names.last().and_then(|name| weak(name)),
        },
        ExprKind::Grouping(_) => strong("grouping"),
        ExprKind::Json(constructor) => strong(if constructor.array { "json_array" } else { "json_object" }),
        ExprKind::JsonAggregate(aggregate) => strong(if aggregate.call.args.len() == 2 { "json_objectagg" } else { "json_arrayagg" }),
        ExprKind::Subquery { kind, query } => figure_subquery(kind, query),
        ExprKind::Case { otherwise, .. } => match otherwise.as_deref().and_then(figure) {
            Some((name, true)) => Some((name, true)),
            _ => weak("case"),
        },
        ExprKind::Array(_) => strong("array"),
        ExprKind::Row { .. } => strong("row"),
        ExprKind::Coalesce(_) => strong("coalesce"),
        ExprKind::Greatest(_) => strong("greatest"),
        ExprKind::Least(_) => strong("least"),
        ExprKind::SqlValue { function, .. } => strong(sql_value_name(*function)),
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Integer(_)
        | ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::BitString(_)
        | ExprKind::Param(_)
        | ExprKind::DefaultKeyword
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::ScalarArray { .. }
        | ExprKind::In { .. }
        | ExprKind::Like { .. }
        | ExprKind::Between { .. }
        | ExprKind::IsDistinct { .. }
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::IsNull { .. }
        | ExprKind::BooleanTest { .. }
        | ExprKind::IsJson(_)
        | ExprKind::FieldStar(_) => None,
    }
}

fn figure_subquery(kind: &SubqueryKind, query: &ast::Query) -> Option<(String, bool)> {
    match kind {
        SubqueryKind::Exists => Some(("exists".to_owned(), true)),
        SubqueryKind::Array => Some(("array".to_owned(), true)),
        // The column of a scalar subquery lends its name.
        SubqueryKind::Scalar => figure_first_column(query),
        SubqueryKind::Any { .. } | SubqueryKind::All { .. } => None,
    }
}

fn figure_first_column(query: &ast::Query) -> Option<(String, bool)> {
    match &query.body {
        QueryBody::Select(select) => {
            let target = select.targets.first()?;
            target.alias.as_ref().map_or_else(|| figure(&target.expr), |alias| Some((alias.clone(), true)))
        }
        QueryBody::Values(_) => Some(("column1".to_owned(), true)),
        QueryBody::SetOperation { left, .. } => figure_first_column(left),
    }
}

fn sql_value_name(function: SqlValue) -> &'static str {
    match function {
        SqlValue::CurrentDate => "current_date",
        SqlValue::CurrentTime => "current_time",
        SqlValue::CurrentTimestamp => "current_timestamp",
        SqlValue::LocalTime => "localtime",
        SqlValue::LocalTimestamp => "localtimestamp",
        SqlValue::CurrentRole => "current_role",
        SqlValue::CurrentUser => "current_user",
        SqlValue::User => "user",
        SqlValue::SessionUser => "session_user",
        SqlValue::CurrentCatalog => "current_catalog",
        SqlValue::CurrentSchema => "current_schema",
    }
}

/// Whether a statement gives rows to whoever reads it as a CTE.
pub(crate) fn gives_rows(statement: &Statement) -> bool {
    match statement {
        Statement::Insert(insert) => !insert.returning.is_empty(),
        Statement::Update(update) => !update.returning.is_empty(),
        Statement::Delete(delete) => !delete.returning.is_empty(),
        _ => true,
    }
}
