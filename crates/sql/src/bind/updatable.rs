//! Writing through views. After `rewriteTargetView`: a view over one relation is written by writing that relation.

use std::sync::Arc;

use borealis_catalog::acl::Rights;
use borealis_catalog::{CheckOption, Column, Table, View};
use borealis_pgtypes::{Datum, Result, SqlError, SqlState};

use super::permission::asked_for;
use super::relation::Found;
use super::scope::{NsColumn, NsItem, slot};
use super::{Binder, walk};
use crate::ast::{InsertColumn, ObjectName};
use crate::bound::{BoundDistinct, FromItem, Query, QueryBody, Relation, Select};
use crate::expr::{ColumnRef, Expr, ExprKind};
use crate::planner::{substitute, walk as deep};

/// What a statement writes: a table, by itself or through views.
#[derive(Clone)]
pub(crate) struct Writable {
    pub(crate) table: Arc<Table>,
    pub(crate) through: Option<Through>,
}

/// The view that a statement names, as expressions over the columns of the table under it: relation 0 of the statement's own level.
#[derive(Clone)]
pub(crate) struct Through {
    view: Arc<View>,
    /// It and the views under it, from the outside in.
    views: Vec<Arc<View>>,
    pub(crate) columns: Vec<ViewColumn>,
    /// Conditions of all views on the way.
    pub(crate) filter: Option<Expr>,
    /// Check options on the way, the innermost view's first: its name and the condition.
    pub(crate) checks: Vec<(String, Expr)>,
}

/// A column of the view.
#[derive(Clone)]
pub(crate) struct ViewColumn {
    name: String,
    expr: Expr,
    /// The default that a view on the way gives it.
    default: Option<String>,
    /// Why it cannot be written, and in which view.
    fixed: Option<(String, &'static str)>,
}

/// What a statement does, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    Insert,
    Update,
    Delete,
}

impl Writing {
    const fn right(self) -> Rights {
        match self {
            Self::Insert => Rights::INSERT,
            Self::Update => Rights::UPDATE,
            Self::Delete => Rights::DELETE,
        }
    }
}

const NOT_A_COLUMN: &str = "View columns that are not columns of their base relation are not updatable.";
const NOT_SINGLE: &str = "Views that do not select from a single table or view are not automatically updatable.";

/// Why a view with this query cannot be written through: `view_query_is_auto_updatable`. With `columns`, one of them must be writable.
pub(crate) fn obstacle(query: &Query, columns: bool) -> Option<&'static str> {
    let select = match &query.body {
        QueryBody::Select(select) => select,
        QueryBody::Values(_) => return Some(NOT_SINGLE),
        QueryBody::SetOperation { .. } => return Some("Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable."),
    };
    let has_set_function =
        || select.targets.iter().any(|target| walk::contains(target, &|expr| matches!(expr.kind, ExprKind::SetFunction { .. })));
    let checks: [(bool, &str); 8] = [
        (!matches!(select.distinct, BoundDistinct::No), "Views containing DISTINCT are not automatically updatable."),
        (!select.form.group_by.is_empty(), "Views containing GROUP BY are not automatically updatable."),
        (select.having.is_some(), "Views containing HAVING are not automatically updatable."),
        (!query.ctes.is_empty(), "Views containing WITH are not automatically updatable."),
        (query.limit.is_some() || query.offset.is_some(), "Views containing LIMIT or OFFSET are not automatically updatable."),
        (select.has_aggregates, "Views that return aggregate functions are not automatically updatable."),
        (!select.windows.is_empty(), "Views that return window functions are not automatically updatable."),
        (has_set_function(), "Views that return set-returning functions are not automatically updatable."),
    ];
    if let Some((_, why)) = checks.iter().find(|(present, _)| *present) {
        return Some(why);
    }
    if base(select).is_none() {
        return Some(NOT_SINGLE);
    }
    let writable = select.targets.iter().any(|target| base_column(target).is_some());
    (columns && !writable).then_some("Views that have no updatable columns are not automatically updatable.")
}

/// The only relation of a query, when that is a table or a view.
pub(crate) fn base(select: &Select) -> Option<borealis_pgtypes::Oid> {
    let ([FromItem::Relation(index)], [_]) = (select.from.as_slice(), select.relations.as_slice()) else { return None };
    let entry = select.relations.get(*index)?;
    match (&entry.form.view, &entry.relation) {
        (Some(view), _) => Some(*view),
        (None, Relation::Table(table)) => Some(table.oid),
        _ => None,
    }
}

/// The place of the base relation's column that a target plainly is.
pub(crate) fn base_column(target: &Expr) -> Option<usize> {
    match &target.kind {
        ExprKind::Column(ColumnRef { depth: 0, relation: 0, column }) => Some(*column),
        _ => None,
    }
}

impl Binder<'_> {
    /// The relation a statement writes.
    pub(crate) fn writable(&mut self, name: &ObjectName, writing: Writing) -> Result<Writable> {
        let target = match self.relation(name)? {
            Found::View(view) => self.view_target(&view, writing, false)?,
            _ => Writable { table: self.target_table(name)?, through: None },
        };
        self.requires(target.place().1, writing.right());
        Ok(target)
    }

    /// A view as a target. `cascaded`: a view over it wants its condition checked.
    fn view_target(&mut self, view: &Arc<View>, writing: Writing, cascaded: bool) -> Result<Writable> {
        let query = self.view_query(view)?;
        self.forget_reading(view);
        if let Some(why) = obstacle(&query, writing != Writing::Delete) {
            return Err(not_writable(&view.name, writing, why));
        }
        let QueryBody::Select(select) = query.body else { return Err(not_writable(&view.name, writing, NOT_SINGLE)) };
        let option = view.check_option();
        let cascade = cascaded || option == Some(CheckOption::Cascaded);
        let mut below = self.base_target(&select, view, writing, cascade)?;
        let inner = below.through.take();
        let over_table = |mut expr: Expr| {
            if let Some(inner) = &inner {
                let columns: Vec<Expr> = inner.columns.iter().map(|column| column.expr.clone()).collect();
                substitute::relation(&mut expr, 0, 0, &columns);
            }
            expr
        };
        let columns =
            view.columns.iter().zip(&select.targets).map(|(column, target)| view_column(view, column, target, inner.as_ref(), &over_table));
        let columns = columns.collect();
        let own = select.filter.map(over_table);
        let mut checks = inner.as_ref().map(|inner| inner.checks.clone()).unwrap_or_default();
        if let Some(condition) = own.as_ref().filter(|_| cascade || option.is_some()) {
            checks.push((view.name.clone(), condition.clone()));
        }
        let filter = deep::conjunction(inner.as_ref().and_then(|inner| inner.filter.clone()).into_iter().chain(own).collect());
        let views = std::iter::once(view.clone()).chain(inner.map(|inner| inner.views).unwrap_or_default()).collect();
        below.through = Some(Through { view: view.clone(), views, columns, filter, checks });
        Ok(below)
    }

    /// What a view is over is written and not read: of its owner no more is asked than of whoever writes the view. The columns stay noted.
    fn forget_reading(&mut self, view: &View) {
        if let Some(below) = view.base.and_then(|base| self.permissions.find(base, asked_for(view))) {
            below.rights = Rights::NONE;
        }
    }

    fn base_target(&mut self, select: &Select, view: &View, writing: Writing, cascaded: bool) -> Result<Writable> {
        match select.relations.first() {
            Some(entry) if entry.form.view.is_some() => {
                let below = entry.form.view.and_then(|oid| self.ctx.catalog.view_by_oid(oid)).cloned();
                let below = below.ok_or_else(|| SqlError::internal("a view over a view that is gone"))?;
                self.view_target(&below, writing, cascaded)
            }
            Some(entry) => match &entry.relation {
                Relation::Table(table) => Ok(Writable { table: table.clone(), through: None }),
                _ => Err(not_writable(&view.name, writing, NOT_SINGLE)),
            },
            None => Err(not_writable(&view.name, writing, NOT_SINGLE)),
        }
    }

    /// Makes the target's row visible as slots from `first` on.
    pub(crate) fn slot_target(&mut self, name: &str, target: &Writable, first: usize) {
        self.slot_relation(name, &target.table, first);
        let Some(through) = &target.through else { return };
        let columns = through.columns.iter().enumerate().map(|(place, column)| NsColumn {
            name: column.name.clone(),
            expr: over_slots(column.expr.clone(), &target.table, first),
            origin: through.origin(place),
            in_star: true,
        });
        let columns = columns.collect();
        if let Some(item) = self.level().namespace.last_mut() {
            item.columns = columns;
        }
    }

    /// The default of a column that the statement writes: a view's before the table's.
    pub(crate) fn target_default(&mut self, target: &Writable, column: &Column) -> Result<Expr> {
        if column.dropped {
            return Ok(Expr::constant(Datum::Null, column.ty));
        }
        let given = target.through.as_ref().and_then(|through| {
            let is_it = |known: &&ViewColumn| known.default.is_some() && target.number_of(known) == Some(column.number);
            through.columns.iter().find(is_it).and_then(|known| known.default.clone())
        });
        match given {
            Some(default) => self.default_value(&target.table, &Column { default: Some(default), ..column.clone() }),
            None => self.default_value(&target.table, column),
        }
    }
}

fn view_column(view: &View, column: &Column, target: &Expr, inner: Option<&Through>, over_table: &dyn Fn(Expr) -> Expr) -> ViewColumn {
    let below = base_column(target).and_then(|place| inner.map(|inner| &inner.columns[place]));
    let fixed = match (base_column(target), below) {
        (None, _) => Some((view.name.clone(), NOT_A_COLUMN)),
        (Some(_), Some(below)) => below.fixed.clone(),
        (Some(_), None) => None,
    };
    let default = column.default.clone().or_else(|| below.and_then(|below| below.default.clone()));
    ViewColumn { name: column.name.clone(), expr: over_table(target.clone()), default, fixed }
}

/// Columns of relation 0 as the slots of its row.
pub(crate) fn over_slots(mut expr: Expr, table: &Table, first: usize) -> Expr {
    deep::columns_mut(&mut expr, 0, &mut |expr, nesting| {
        let ExprKind::Column(column) = &mut expr.kind else { return };
        if column.depth != nesting || column.relation != 0 {
            return;
        }
        let place = first + table.live_columns().nth(column.column).map_or(0, |column| slot(column.number));
        if nesting == 0 {
            expr.kind = ExprKind::Slot(place);
        } else {
            column.column = place;
        }
    });
    expr
}

/// `55000`
fn not_writable(view: &str, writing: Writing, why: &str) -> SqlError {
    let (verb, doing, event) = match writing {
        Writing::Insert => ("insert into", "inserting into", "INSERT"),
        Writing::Update => ("update", "updating", "UPDATE"),
        Writing::Delete => ("delete from", "deleting from", "DELETE"),
    };
    let hint = format!("To enable {doing} the view, provide an INSTEAD OF {event} trigger or an unconditional ON {event} DO INSTEAD rule.");
    SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("cannot {verb} view \"{view}\"")).detail(why).hint(hint)
}

impl Through {
    fn origin(&self, place: usize) -> Option<(borealis_pgtypes::Oid, i16)> {
        self.view.columns.get(place).map(|column| (self.view.oid, column.number))
    }

    /// The view's own name space over relation 0 of the level.
    pub(crate) fn item(&self, name: &str) -> NsItem {
        let columns = self.columns.iter().enumerate().map(|(place, column)| NsColumn {
            name: column.name.clone(),
            expr: column.expr.clone(),
            origin: self.origin(place),
            in_star: true,
        });
        NsItem {
            name: name.to_owned(),
            table: Some((self.view.schema, self.view.oid)),
            columns: columns.collect(),
            relation: Some(0),
            name_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        }
    }

    /// Conditions of check options over the written row.
    pub(crate) fn row_checks(&self, table: &Table) -> Vec<(String, Expr)> {
        self.checks.iter().map(|(view, condition)| (view.clone(), over_slots(condition.clone(), table, 0))).collect()
    }
}

impl Writable {
    /// The name of what the statement writes.
    pub(crate) fn name(&self) -> &str {
        self.through.as_ref().map_or(&self.table.name, |through| &through.view.name)
    }

    /// Schema and oid of what the statement names.
    pub(crate) fn place(&self) -> (borealis_pgtypes::Oid, borealis_pgtypes::Oid) {
        self.through.as_ref().map_or((self.table.schema, self.table.oid), |through| (through.view.schema, through.view.oid))
    }

    /// The views written through, from the outside in.
    pub(crate) fn views(&self) -> &[Arc<View>] {
        self.through.as_ref().map_or(&[], |through| &through.views)
    }

    /// `attnum` of a column of what the statement names.
    pub(crate) fn number_named(&self, name: &str) -> Option<i16> {
        match &self.through {
            None => self.table.column(name).map(|column| column.number),
            Some(through) => through.view.column(name).map(|column| column.number),
        }
    }

    /// `attnum` of the table's column that a view's column is.
    fn number_of(&self, column: &ViewColumn) -> Option<i16> {
        let place = base_column(&column.expr)?;
        self.table.live_columns().nth(place).map(|column| column.number)
    }

    /// All columns in order, each as the table's column it is, called as the statement calls it.
    pub(crate) fn columns(&self) -> Vec<(Column, Option<(String, &'static str)>)> {
        let Some(through) = &self.through else { return self.table.live_columns().map(|column| (column.clone(), None)).collect() };
        through.columns.iter().map(|column| self.view_column(column)).collect()
    }

    fn view_column(&self, column: &ViewColumn) -> (Column, Option<(String, &'static str)>) {
        let own = self.number_of(column).and_then(|number| self.table.column_number(number)).cloned();
        let base = own.unwrap_or_else(|| Column::new(0, "", column.expr.ty));
        let default = column.default.clone().or_else(|| base.default.clone());
        (Column { name: column.name.clone(), default, ..base }, column.fixed.clone())
    }

    /// The column a statement means to write.
    pub(crate) fn named(&self, named: &InsertColumn) -> Result<(Column, Option<(String, &'static str)>)> {
        let found = match &self.through {
            None => self.table.column(&named.name).map(|column| (column.clone(), None)),
            Some(through) => through.columns.iter().find(|column| column.name == named.name).map(|column| self.view_column(column)),
        };
        found.ok_or_else(|| {
            let message = format!("column \"{}\" of relation \"{}\" does not exist", named.name, self.name());
            SqlError::new(SqlState::UNDEFINED_COLUMN, message).at(named.at)
        })
    }
}

/// `cannot insert into column`: refuses a value for a column that a view computes.
pub(crate) fn check_column(name: &str, fixed: Option<&(String, &'static str)>, writing: Writing) -> Result<()> {
    let Some((view, why)) = fixed else { return Ok(()) };
    let verb = if writing == Writing::Insert { "insert into" } else { "update" };
    Err(SqlError::unsupported(format!("cannot {verb} column \"{name}\" of view \"{view}\"")).detail(*why))
}
