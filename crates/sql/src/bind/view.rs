//! Views: a view in FROM is its query, bound in a name space of its own.
//!
//! The stored text has every name qualified, so it is bound with no schema but `pg_catalog` searched and means what it meant when the view was made.

use borealis_catalog::snapshot::PG_CATALOG_SCHEMA;
use borealis_catalog::{Catalog, View};
use borealis_pgtypes::{EvalContext, Oid, Result, SqlError, SqlState};

use super::permission::asked_for;
use super::stored::without_position;
use super::{BindContext, Binder, OidSource};
use crate::ast::Statement;
use crate::bound::{OutputColumn, Query};
use crate::deparse::{self, QueryStyle};
use crate::parse;
use borealis_catalog::describe::{Names, stored_expression};
use borealis_dialect::Dialect;

impl Binder<'_> {
    /// The query of a view.
    pub(crate) fn view_query(&mut self, view: &View) -> Result<Query> {
        if self.expanding.contains(&view.oid) {
            let message = format!("infinite recursion detected in rules for relation \"{}\"", view.name);
            return Err(SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, message));
        }
        let ctx = BindContext { search_path: &[PG_CATALOG_SCHEMA], param_types: &[], checks_usage: false, ..*self.ctx };
        let mut inner = Binder::new(&ctx);
        inner.checked_as = asked_for(view);
        inner.next_cte = self.next_cte;
        inner.expanding.clone_from(&self.expanding);
        inner.expanding.push(view.oid);
        let query = inner.top_query(&parse_query(&view.query, ctx.dialect)?).map_err(without_position)?;
        let Binder { next_cte, views, routines, permissions, .. } = inner;
        self.permissions.merge(permissions);
        self.next_cte = next_cte;
        self.uses_view(view.oid);
        views.into_iter().for_each(|view| self.uses_view(view));
        routines.into_iter().for_each(|routine| self.uses_routine(routine));
        Ok(query)
    }

    fn uses_view(&mut self, view: Oid) {
        if !self.views.contains(&view) {
            self.views.push(view);
        }
    }
}

/// Columns of a view, as a relation gives them.
pub(crate) fn view_columns(view: &View) -> Vec<OutputColumn> {
    let output = |column: &borealis_catalog::Column| OutputColumn {
        name: column.name.clone(),
        ty: column.ty,
        origin: Some((view.oid, column.number)),
    };
    view.columns.iter().map(output).collect()
}

/// Reads a query that stands alone.
fn parse_query(text: &str, dialect: Dialect) -> Result<crate::ast::Query> {
    let parsed = parse::parse(text, dialect)?.into_iter().next();
    match parsed.map(|parsed| parsed.statement) {
        Some(Ok(Statement::Query(query))) => Ok(*query),
        Some(Err(error)) => Err(error),
        _ => Err(SqlError::internal(format!("stored query cannot be read: {text}"))),
    }
}

/// The query of a view as it is kept: names qualified as if no schema were searched.
pub(crate) fn stored_text(query: &Query, catalog: &Catalog, open_joins: bool) -> String {
    let settings = borealis_pgtypes::Settings::default();
    let names = Names { catalog, search_path: &[PG_CATALOG_SCHEMA], database: "postgres" };
    deparse::query(query, &[], QueryStyle { names, settings: &settings, stored: true, pretty: false, open_joins })
}

/// What `pg_get_viewdef` shows; `None` when there is no such view.
///
/// # Errors
/// When the stored query no longer binds, which would be a defect.
pub fn view_definition(oid: Oid, names: Names<'_>, eval: &EvalContext<'_>, dialect: Dialect, pretty: bool) -> Result<Option<String>> {
    let Some(view) = names.catalog.view_by_oid(oid) else { return Ok(None) };
    let ctx = BindContext {
        catalog: names.catalog,
        search_path: &[PG_CATALOG_SCHEMA],
        eval,
        param_types: &[],
        current_role: view.owner,
        session_role: view.owner,
        checks_usage: false,
        dialect,
        limits: &borealis_dialect::Limits::of(dialect),
        oids: &NoOids,
        inline_routines: false,
        guarded: false,
    };
    let query = Binder::new(&ctx).view_query(view)?;
    let columns: Vec<String> = view.columns.iter().map(|column| column.name.clone()).collect();
    let style = QueryStyle { names, settings: eval.settings, stored: false, pretty, open_joins: false };
    let text = deparse::query(&query, &columns, style);
    Ok(Some(format!("{};", stored_expression(&names, &text))))
}

/// Reading makes no objects.
struct NoOids;

impl OidSource for NoOids {
    fn next_oid(&self) -> Oid {
        Oid::INVALID
    }
}

/// A view's query bound again over `catalog`, for writing it with other names.
pub(crate) fn rebound(view: &View, ctx: &BindContext<'_>) -> Result<Query> {
    Binder::new(ctx).view_query(view)
}
