//! Values that go into a tenant column: given by the guard when the statement gives none, refused when they are another tenant's.
//!
//! What cannot be told from the statement is checked by the engine on the row. For a database that checks nothing, the tenant's own value is written
//! wherever the statement means it (a parameter, the tenant column of a confined relation), and anything else is refused.

use borealis_pgtypes::{Result, SqlError};

use super::facts::Table;
use super::rules::Tenant;
use super::tenant::TenantType;
use super::{Enforcement, TenantParameter, Walk, refused};
use crate::ast::{Expr, ExprKind, InsertColumn, InsertSource, Query, QueryBody, Target, TypeName};

impl Walk<'_> {
    /// Sees to it that inserted rows are the tenant's.
    pub(super) fn inserted(&mut self, table: &Table, columns: &mut Vec<InsertColumn>, source: &mut InsertSource) -> Result<()> {
        let tenant = self.guard.tenant(table)?;
        if tenant.column.generated {
            return Err(refused(format!("column \"{}\" of table \"{}\" takes no value", tenant.column.name, table.name)));
        }
        let named = |column: &str| InsertColumn::whole(column.to_owned(), -1);
        if let Some(part) = columns.iter().find(|column| column.name == tenant.column.name && !column.steps.is_empty()) {
            return Err(another(table, &tenant).at(part.at));
        }
        let InsertSource::Query(query) = source else {
            *columns = vec![named(&tenant.column.name)];
            *source = InsertSource::Query(Box::new(one_row(tenant.literal())));
            return Ok(());
        };
        let place = if columns.is_empty() {
            let place = table.columns.iter().position(|column| column.name == tenant.column.name).unwrap_or_default();
            match width(query) {
                Some(width) if width <= place => {
                    *columns = table.columns[..width].iter().map(|column| named(&column.name)).collect();
                    None
                }
                _ => Some(place),
            }
        } else {
            columns.iter().position(|column| column.name == tenant.column.name)
        };
        match place {
            Some(place) => each_row(query, &mut |row| match row {
                Row::Values(values) => values.get_mut(place).map_or(Ok(()), |value| self.given(table, &tenant, value)),
                Row::Targets(targets) => self.given_target(table, &tenant, targets, place),
            }),
            None => {
                columns.push(named(&tenant.column.name));
                each_row(query, &mut |row| {
                    match row {
                        Row::Values(values) => values.push(tenant.literal()),
                        Row::Targets(targets) => targets.push(Target { expr: tenant.literal(), alias: None, at: -1 }),
                    }
                    Ok(())
                })
            }
        }
    }

    fn given_target(&mut self, table: &Table, tenant: &Tenant<'_>, targets: &mut [Target], place: usize) -> Result<()> {
        let starred = targets.iter().take(place + 1).any(|target| matches!(target.expr.kind, ExprKind::Star(_) | ExprKind::FieldStar(_)));
        match targets.get_mut(place) {
            Some(target) if !starred => self.given(table, tenant, &mut target.expr),
            _ if starred && self.enforcement == Enforcement::Text => {
                let message =
                    format!("which column of the query goes to \"{}\" of table \"{}\" cannot be told", tenant.column.name, table.name);
                Err(refused(message).hint("Write the columns out instead of *."))
            }
            _ => Ok(()),
        }
    }

    /// A value given to a column by SET.
    pub(super) fn updated(&mut self, table: &Table, column: &InsertColumn, value: &mut Expr) -> Result<()> {
        if column.name != self.guard.column() {
            return Ok(());
        }
        let tenant = self.guard.tenant(table)?;
        if matches!(value.kind, ExprKind::DefaultKeyword) || !column.steps.is_empty() {
            return Err(another(table, &tenant).at(column.at));
        }
        self.given(table, &tenant, value)
    }

    /// A value for the tenant column.
    fn given(&mut self, table: &Table, tenant: &Tenant<'_>, value: &mut Expr) -> Result<()> {
        let at = value.at;
        let known = match &value.kind {
            ExprKind::DefaultKeyword => {
                *value = tenant.literal();
                return Ok(());
            }
            ExprKind::Null => None,
            ExprKind::String(text) => tenant.ty.canonical(text),
            ExprKind::Integer(number) if tenant.ty != TenantType::Uuid => Some(number.to_string()),
            ExprKind::Number(number) if matches!(tenant.ty, TenantType::Integer(_)) => match number.parse::<i64>() {
                Ok(number) => Some(number.to_string()),
                Err(_) => return self.untold(table, tenant, value),
            },
            ExprKind::Cast { arg, ty } if tenant.is_type(ty) => match &arg.kind {
                ExprKind::String(text) => tenant.ty.canonical(text),
                _ => return self.untold(table, tenant, value),
            },
            _ => return self.untold(table, tenant, value),
        };
        if known.as_ref() == Some(&tenant.value) { Ok(()) } else { Err(another(table, tenant).at(at)) }
    }

    /// A value that the statement does not tell.
    fn untold(&mut self, table: &Table, tenant: &Tenant<'_>, value: &mut Expr) -> Result<()> {
        if self.enforcement == Enforcement::Engine {
            return Ok(());
        }
        let parameter = match &value.kind {
            ExprKind::Param(number) => Some(*number),
            ExprKind::Cast { arg, ty: _ } => match arg.kind {
                ExprKind::Param(number) => Some(number),
                _ => None,
            },
            _ => None,
        };
        match (parameter, &value.kind) {
            (Some(number), _) => {
                self.parameters.push(TenantParameter { number, ty: tenant.ty });
                *value = tenant.whatever(number);
            }
            (None, ExprKind::Column(names)) if names.last().is_some_and(|name| *name == tenant.column.name) => *value = tenant.literal(),
            _ => return Err(not_told(table, &InsertColumn::whole(tenant.column.name.clone(), value.at))),
        }
        Ok(())
    }
}

impl Tenant<'_> {
    /// The tenant's value, of the column's type wherever it stands.
    fn literal(&self) -> Expr {
        cast(Expr { kind: ExprKind::String(self.value.clone()), at: -1 }, self.ty.name())
    }

    /// The tenant's value whatever the parameter's; the parameter stays, so that its type can be told.
    fn whatever(&self, number: u32) -> Expr {
        let expr = |kind| Expr { kind, at: -1 };
        let parameter = cast(expr(ExprKind::Param(number)), "text");
        let missing = expr(ExprKind::IsNull { arg: Box::new(parameter), negated: false });
        expr(ExprKind::Case { arg: None, whens: vec![(missing, self.literal())], otherwise: Some(Box::new(self.literal())) })
    }

    /// Whether a cast to the type leaves every value of the column as it is.
    fn is_type(&self, ty: &TypeName) -> bool {
        let TypeName { names, modifiers, array_dimensions, setof, percent_type, at: _ } = ty;
        let name = match names.as_slice() {
            [name] => name,
            [schema, name] if schema == "pg_catalog" => name,
            _ => return false,
        };
        modifiers.is_empty() && *array_dimensions == 0 && !setof && !percent_type && TenantType::of(name) == Some(self.ty)
    }
}

/// Another tenant's value.
fn another(table: &Table, tenant: &Tenant<'_>) -> SqlError {
    let message = format!("column \"{}\" of table \"{}\" takes the tenant's own value only", tenant.column.name, table.name);
    refused(message).hint("Leave the column out: the guard fills it in.")
}

/// A value that only the running statement would tell.
pub(super) fn not_told(table: &Table, column: &InsertColumn) -> SqlError {
    let message = format!("the value of column \"{}\" of table \"{}\" cannot be told from the statement", column.name, table.name);
    refused(message).hint("Leave the column out, or give it as a literal or a parameter.").at(column.at)
}

/// A row that a query makes.
enum Row<'q> {
    Values(&'q mut Vec<Expr>),
    Targets(&'q mut Vec<Target>),
}

/// Calls `f` with what makes the rows of a query: of all sides of a set operation.
fn each_row(query: &mut Query, f: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()> {
    match &mut query.body {
        QueryBody::Select(select) => f(Row::Targets(&mut select.targets)),
        QueryBody::Values(rows) => rows.iter_mut().try_for_each(|row| f(Row::Values(row))),
        QueryBody::SetOperation { op: _, all: _, left, right } => {
            each_row(left, f)?;
            each_row(right, f)
        }
    }
}

/// Number of columns, when the statement tells it.
fn width(query: &Query) -> Option<usize> {
    match &query.body {
        QueryBody::Select(select) => {
            let star = |target: &Target| matches!(target.expr.kind, ExprKind::Star(_) | ExprKind::FieldStar(_));
            (!select.targets.iter().any(star)).then_some(select.targets.len())
        }
        QueryBody::Values(rows) => rows.first().map(Vec::len),
        QueryBody::SetOperation { left, .. } => width(left),
    }
}

fn one_row(value: Expr) -> Query {
    Query {
        with: None,
        body: QueryBody::Values(vec![vec![value]]),
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
        locking: Vec::new(),
    }
}

/// `expr::pg_catalog.ty`
pub(super) fn cast(expr: Expr, ty: &str) -> Expr {
    let ty = TypeName {
        names: vec!["pg_catalog".to_owned(), ty.to_owned()],
        modifiers: Vec::new(),
        array_dimensions: 0,
        setof: false,
        percent_type: false,
        at: -1,
    };
    Expr { kind: ExprKind::Cast { arg: Box::new(expr), ty }, at: -1 }
}

/// `left = 'value'`
pub(super) fn equals(left: Expr, value: String) -> Expr {
    let right = Box::new(Expr { kind: ExprKind::String(value), at: -1 });
    Expr { kind: ExprKind::Binary { op: super::write::equality(), left: Box::new(left), right }, at: -1 }
}
