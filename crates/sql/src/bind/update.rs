//! UPDATE and DELETE. After `transformUpdateStmt` and `transformDeleteStmt`.

use borealis_catalog::Column;
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::element::{Given, element};
use super::foreign_key::Effect;
use super::from::{set_lateral, table_columns};
use super::subquery::cast_columns;
use super::updatable::{Writable, Writing, check_column};
use super::{Binder, Clause, Node};
use crate::ast::{self, Access, Alias, Assignment, ExprKind as Ast, InsertColumn, ObjectName, SubqueryKind as AstSubquery, TableRef};
use crate::bound::{Bound, BoundDistinct, Delete, FromItem, OutputColumn, Relation, Select, SelectForm, Update};
use crate::expr::{ColumnRef, Expr, ExprKind, Subquery, SubqueryKind};

impl Binder<'_> {
    pub(crate) fn update(&mut self, update: &ast::Update) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        self.in_level(|binder| binder.update_here(update))
    }

    fn update_here(&mut self, update: &ast::Update) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        let start = self.ctes.len();
        let ctes = match &update.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let (target, from) =
            self.target_and_from(&update.table, update.alias.as_ref(), &update.from, Writing::Update, update.access.as_ref())?;
        let filter = self.filter(update.filter.as_ref(), Clause::Where)?;
        let (returning, columns) = self.returning(&update.returning)?;
        let assignments = self.assignments(&update.assignments, &target)?;
        let source = self.source(from, filter, &target);
        let target = self.write_target(&target, &Effect::Update(&assignments), update.access.as_ref())?;
        let ctes = self.take_ctes(start, ctes);
        Ok((Bound::Update(Box::new(Update { ctes, target, source, assignments, returning })), columns))
    }

    pub(crate) fn delete(&mut self, delete: &ast::Delete) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        self.in_level(|binder| binder.delete_here(delete))
    }

    fn delete_here(&mut self, delete: &ast::Delete) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        let start = self.ctes.len();
        let ctes = match &delete.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let (target, from) =
            self.target_and_from(&delete.table, delete.alias.as_ref(), &delete.using, Writing::Delete, delete.access.as_ref())?;
        let filter = self.filter(delete.filter.as_ref(), Clause::Where)?;
        let (returning, columns) = self.returning(&delete.returning)?;
        let source = self.source(from, filter, &target);
        let target = self.write_target(&target, &Effect::Delete, delete.access.as_ref())?;
        let ctes = self.take_ctes(start, ctes);
        Ok((Bound::Delete(Box::new(Delete { ctes, target, source, returning })), columns))
    }

    /// Relation 0 is the table to change; FROM may not look into it sideways.
    fn target_and_from(
        &mut self,
        name: &ObjectName,
        alias: Option<&Alias>,
        from: &[TableRef],
        writing: Writing,
        access: Option<&Access>,
    ) -> Result<(Writable, Vec<FromItem>)> {
        let target = self.writable(name, writing)?;
        self.ctx.check_admitted(name, access)?;
        let table = &target.table;
        let mut bound = self.add_relation(Relation::Table(table.clone()), &name.name, table_columns(table), false, alias)?;
        if let Some(through) = &target.through {
            bound.names = vec![through.item(alias.map_or(&name.name, |alias| &alias.name))];
        }
        if let Some(confined) = self.confined(table, access)?
            && let Some(entry) = self.level().relations.last_mut()
        {
            entry.form.confined = Some(Box::new(confined));
        }
        let place = alias.is_none().then(|| target.place());
        bound.names.iter_mut().for_each(|item| item.table = place);
        set_lateral(&mut bound.names, true, false);
        self.level().namespace.append(&mut bound.names);
        let mut trees = vec![bound.tree];
        trees.extend(self.bind_from(from)?);
        Ok((target, trees))
    }

    /// The rows to change: those that the views written through show.
    fn source(&mut self, from: Vec<FromItem>, filter: Option<Expr>, target: &Writable) -> Select {
        let shown = target.through.as_ref().and_then(|through| through.filter.clone());
        let filter = crate::planner::walk::conjunction(shown.into_iter().chain(filter).collect());
        Select {
            relations: std::mem::take(&mut self.level().relations),
            from,
            filter,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            has_aggregates: false,
            having: None,
            windows: Vec::new(),
            targets: Vec::new(),
            distinct: BoundDistinct::No,
            form: SelectForm::default(),
        }
    }

    /// SET: one value or none per column of the table.
    pub(crate) fn assignments(&mut self, assignments: &[Assignment], table: &Writable) -> Result<Vec<Option<Expr>>> {
        let mut given: Vec<Given> = table.table.columns.iter().map(|_| Given::Nothing).collect();
        for assignment in assignments {
            match assignment {
                Assignment::Single { column, value } => self.assign_one(column, value, table, &mut given)?,
                Assignment::Multiple { columns, source } => self.assign_several(columns, source, table, &mut given)?,
            }
        }
        let columns = table.table.clone();
        given.into_iter().zip(&columns.columns).map(|(given, column)| self.new_value(given, column, table)).collect()
    }

    fn new_value(&mut self, given: Given, column: &Column, target: &Writable) -> Result<Option<Expr>> {
        match given {
            Given::Nothing => Ok(None),
            Given::Whole(value) => Ok(Some(value)),
            Given::Elements(elements) => {
                let base = self.value_before(target, column)?;
                self.elements_assigned(base, elements, column).map(Some)
            }
        }
    }

    fn assign_one(&mut self, named: &InsertColumn, value: &ast::Expr, table: &Writable, given: &mut [Given]) -> Result<()> {
        let node = match &value.kind {
            Ast::DefaultKeyword if !named.steps.is_empty() => return Err(super::element::no_default(named)),
            Ast::DefaultKeyword => None,
            _ => Some(self.in_clause(Clause::UpdateSource, |binder| binder.expr(value))?),
        };
        self.put(named, node, table, given)
    }

    fn put(&mut self, named: &InsertColumn, node: Option<Node>, target: &Writable, given: &mut [Given]) -> Result<()> {
        let (column, fixed) = target.named(named)?;
        check_column(&column.name, fixed.as_ref(), Writing::Update)?;
        self.updates(target, &named.name);
        let value = match node {
            None => Given::Whole(self.default_value(&target.table, &column)?),
            Some(node) => self.given_value(named, node, &column)?,
        };
        given[super::scope::slot(column.number)].add(value, &column.name)
    }

    /// A value given to a column or to a part of it.
    fn given_value(&mut self, named: &InsertColumn, node: Node, column: &Column) -> Result<Given> {
        let path = self.in_clause(Clause::UpdateSource, |binder| binder.element_path(named, column, named.at))?;
        let value = match path.is_empty() {
            true => Given::Whole(self.assign(node, column)?),
            false => Given::Elements(element(path, self.element_value(node, &named.name, named.at)?).collect()),
        };
        check_settable(column)?;
        Ok(value)
    }

    fn assign_several(&mut self, columns: &[InsertColumn], source: &ast::Expr, table: &Writable, given: &mut [Given]) -> Result<()> {
        match &source.kind {
            Ast::Row { items, .. } => {
                check_count(items.len(), columns.len(), source.at)?;
                for (named, item) in columns.iter().zip(items) {
                    self.assign_one(named, item, table, given)?;
                }
                Ok(())
            }
            Ast::Subquery { kind: AstSubquery::Scalar, query } => {
                for (index, named) in columns.iter().enumerate() {
                    let node =
                        self.in_clause(Clause::UpdateSource, |binder| binder.subquery_column(query, index, columns.len(), source.at))?;
                    self.put(named, Some(node), table, given)?;
                }
                Ok(())
            }
            _ => {
                let message = "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression";
                Err(SqlError::unsupported(message).at(source.at))
            }
        }
    }

    /// One column of a subquery that gives several.
    pub(crate) fn subquery_column(&mut self, query: &ast::Query, index: usize, count: usize, at: i32) -> Result<Node> {
        self.level().clause.check_subquery(at)?;
        let query = self.sublink(query)?;
        check_count(query.columns.len(), count, at)?;
        let ty = query.columns[index].ty;
        let query = if count == 1 {
            query
        } else {
            let mut wrapped = cast_columns_always(query);
            if let crate::bound::QueryBody::Select(select) = &mut wrapped.body {
                select.form.casts_of_subquery = false;
                select.targets = vec![Expr::new(ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: index }), ty)];
            }
            wrapped.columns = vec![wrapped.columns.swap_remove(index)];
            wrapped
        };
        Ok(Node::new(ExprKind::Subquery(Box::new(Subquery { kind: SubqueryKind::Scalar, query })), ty, at))
    }
}

/// Columns whose values the table makes are set to DEFAULT only.
fn check_settable(column: &Column) -> Result<()> {
    let made = match (&column.identity, &column.generated) {
        (Some(identity), _) if identity.always => "an identity column defined as GENERATED ALWAYS",
        (_, Some(_)) => "a generated column",
        _ => return Ok(()),
    };
    let message = format!("column \"{}\" can only be updated to DEFAULT", column.name);
    Err(SqlError::new(SqlState::GENERATED_ALWAYS, message).detail(format!("Column \"{}\" is {made}.", column.name)))
}

/// The query as a subquery of a SELECT, whose targets the caller replaces.
fn cast_columns_always(query: crate::bound::Query) -> crate::bound::Query {
    // A Slot is no column, so nothing is taken for a plain pass-through.
    let casts = query.columns.iter().enumerate().map(|(index, column)| Expr::new(ExprKind::Slot(index), column.ty)).collect();
    cast_columns(query, casts)
}

fn check_count(given: usize, wanted: usize, at: i32) -> Result<()> {
    if given == wanted {
        return Ok(());
    }
    Err(SqlError::new(SqlState::SYNTAX_ERROR, "number of columns does not match number of values").at(at))
}
