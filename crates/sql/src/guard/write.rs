//! INSERT, UPDATE and DELETE: the target is a table of the tenant's, the rows written are the tenant's.

use borealis_pgtypes::Result;

use super::cascade::Change;
use super::facts::{Relation, Table};
use super::from::undefined;
use super::{Enforcement, Place, Walk, refused};
use crate::ast::{
    Assignment, ConflictTarget, Delete, Expr, ExprKind, FunctionCall, Insert, InsertColumn, InsertSource, ObjectName, OnConflict, Operator,
    Update,
};

impl Walk<'_> {
    /// The table a statement writes, its name now with its schema.
    pub(super) fn target(&mut self, name: &mut ObjectName) -> Result<Table> {
        if self.place != Place::Statement {
            return Err(refused("a view or a function writes"));
        }
        match self.resolve(name)? {
            Some(Relation::Table(table)) if self.guard.is_shared(&table) => {
                let error = refused(format!("table \"{}\" is shared with other tenants and cannot be written", table.name));
                Err(error.at(name.at))
            }
            Some(Relation::Table(table)) => {
                self.guard.tenant(&table).map_err(|error| error.at(name.at))?;
                Ok(table)
            }
            Some(Relation::View(view)) => {
                let error = refused(format!("view \"{}\" is not written through", view.name));
                Err(error.hint("Write the table under it.").at(name.at))
            }
            Some(Relation::System { .. } | Relation::Other(_)) => Err(refused(format!("\"{}\" cannot be written", name.name)).at(name.at)),
            None => Err(undefined(name)),
        }
    }

    pub(super) fn insert(&mut self, insert: &mut Insert) -> Result<()> {
        let Insert { with, table, alias, columns, overriding: _, source, on_conflict, returning, access } = insert;
        let scope = self.with(with.as_mut())?;
        let target = self.target(table)?;
        match source {
            InsertSource::DefaultValues => {}
            InsertSource::Query(query) => self.query(query)?,
        }
        self.steps(columns)?;
        self.inserted(&target, columns, source)?;
        if let Some(clause) = on_conflict {
            self.on_conflict(&target, alias.as_ref().unwrap_or(&target.name), clause)?;
        }
        self.targets(returning)?;
        *access = Some(self.guard.access(&target)?);
        self.ctes.truncate(scope);
        Ok(())
    }

    fn on_conflict(&mut self, table: &Table, name: &str, clause: &mut OnConflict) -> Result<()> {
        let OnConflict { target, update, at: _ } = clause;
        match target {
            None | Some(ConflictTarget::Constraint(_)) => {}
            Some(ConflictTarget::Columns { elements, filter }) => {
                self.exprs(elements)?;
                self.exprs(filter)?;
            }
        }
        let Some((assignments, filter)) = update else { return Ok(()) };
        self.exprs(&mut *filter)?;
        self.assignments(table, assignments)?;
        if self.enforcement == Enforcement::Text {
            let tenant = self.guard.tenant(table)?;
            *filter = Some(own_row_or_error(name, &tenant.column.name, tenant.value, filter.take()));
        }
        Ok(())
    }

    pub(super) fn update(&mut self, update: &mut Update) -> Result<()> {
        let Update { with, table, alias: _, assignments, from, filter, returning, access } = update;
        let scope = self.with(with.as_mut())?;
        let target = self.target(table)?;
        from.iter_mut().try_for_each(|item| self.table_ref(item))?;
        self.exprs(filter)?;
        self.assignments(&target, assignments)?;
        self.targets(returning)?;
        *access = Some(self.guard.access(&target)?);
        self.ctes.truncate(scope);
        Ok(())
    }

    pub(super) fn delete(&mut self, delete: &mut Delete) -> Result<()> {
        let Delete { with, table, alias: _, using, filter, returning, access } = delete;
        let scope = self.with(with.as_mut())?;
        let target = self.target(table)?;
        using.iter_mut().try_for_each(|item| self.table_ref(item))?;
        self.exprs(filter)?;
        self.targets(returning)?;
        self.cascades(&target, Change::Delete)?;
        *access = Some(self.guard.access(&target)?);
        self.ctes.truncate(scope);
        Ok(())
    }

    /// SET: no row changes its tenant.
    fn assignments(&mut self, table: &Table, assignments: &mut [Assignment]) -> Result<()> {
        let mut written: Vec<String> = Vec::new();
        for assignment in assignments {
            match assignment {
                Assignment::Single { column, value } => {
                    self.expr(value)?;
                    self.exprs(column.exprs_mut())?;
                    self.updated(table, column, value)?;
                    written.push(column.name.clone());
                }
                Assignment::Multiple { columns, source } => {
                    self.expr(source)?;
                    self.steps(columns)?;
                    self.updated_row(table, columns, source)?;
                    written.extend(columns.iter().map(|column| column.name.clone()));
                }
            }
        }
        self.cascades(table, Change::Update(&written))
    }

    /// What stands in the subscripts of the columns written.
    fn steps(&mut self, columns: &mut [InsertColumn]) -> Result<()> {
        self.exprs(columns.iter_mut().flat_map(InsertColumn::exprs_mut))
    }

    fn updated_row(&mut self, table: &Table, columns: &[InsertColumn], source: &mut Expr) -> Result<()> {
        if let ExprKind::Row { items, explicit: _ } = &mut source.kind
            && items.len() == columns.len()
        {
            return columns.iter().zip(items).try_for_each(|(column, value)| self.updated(table, column, value));
        }
        match columns.iter().find(|column| column.name == self.guard.column()) {
            Some(column) if self.enforcement == Enforcement::Text => Err(super::value::not_told(table, column)),
            _ => Ok(()),
        }
    }
}

/// WHERE of DO UPDATE for a database that checks nothing by itself: a row of another tenant in the way is an error, not a row left as it is. There is no
/// function that raises one; reading a sentence as a Boolean does.
fn own_row_or_error(table: &str, column: &str, value: String, filter: Option<Expr>) -> Expr {
    let expr = |kind| Expr { kind, at: -1 };
    let text = |text: &str| expr(ExprKind::String(text.to_owned()));
    let tenant = || expr(ExprKind::Column(vec![table.to_owned(), column.to_owned()]));
    let own = super::value::equals(tenant(), value);
    let shown = super::value::cast(tenant(), "text");
    // Nothing of the other tenant's value, but the row has to be read: a constant would be computed for every row.
    let nothing = call("left", vec![shown, expr(ExprKind::Integer(0))]);
    let sentence = call("concat", vec![text("tenant guard: the row in conflict is not of the tenant"), nothing]);
    let otherwise = Some(Box::new(super::value::cast(sentence, "bool")));
    let filter = filter.unwrap_or_else(|| expr(ExprKind::Bool(true)));
    expr(ExprKind::Case { arg: None, whens: vec![(own, filter)], otherwise })
}

fn call(name: &str, args: Vec<Expr>) -> Expr {
    let call = FunctionCall::plain(vec!["pg_catalog".to_owned(), name.to_owned()], args);
    Expr { kind: ExprKind::Function(Box::new(call)), at: -1 }
}

/// `OPERATOR(pg_catalog.=)`: no search path changes what it means.
pub(super) fn equality() -> Operator {
    Operator { schema: Some("pg_catalog".to_owned()), name: "=".to_owned() }
}
