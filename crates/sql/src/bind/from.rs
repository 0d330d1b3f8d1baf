//! FROM: relations, subqueries and the name spaces they open. After `transformFromClause`.

use borealis_catalog::acl::Rights;
use borealis_catalog::{Sequence, View};
use borealis_pgtypes::functions::hidden::SEQUENCE_ROW;
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState, Type};

use super::relation::Found;
use super::scope::{CteState, NsItem};
use super::{Binder, Clause};
use crate::ast::{Access, Alias, ObjectName, TableRef};
use crate::bound::{FromItem, OutputColumn, Relation, RelationEntry, RelationForm, TableFunction};
use crate::expr::{Expr, ExprKind};

/// A bound FROM item: the tree, the names it brings, and (for an enclosing join) all of its columns as one item.
pub(crate) struct Bound {
    pub(crate) tree: FromItem,
    pub(crate) names: Vec<NsItem>,
    pub(crate) whole: NsItem,
}

impl Binder<'_> {
    /// Binds FROM in the innermost level and leaves its names visible.
    pub(crate) fn bind_from(&mut self, items: &[TableRef]) -> Result<Vec<FromItem>> {
        let mut trees = Vec::with_capacity(items.len());
        for item in items {
            let mut bound = self.table_ref(item)?;
            check_conflicts(&self.level().namespace, &bound.names)?;
            set_lateral(&mut bound.names, true, true);
            self.level().namespace.append(&mut bound.names);
            trees.push(bound.tree);
        }
        set_lateral(&mut self.level().namespace, false, true);
        Ok(trees)
    }

    pub(crate) fn table_ref(&mut self, item: &TableRef) -> Result<Bound> {
        match item {
            TableRef::Table { name, only: _, alias, access } => self.table(name, alias.as_ref(), access.as_ref()),
            TableRef::Subquery { query, lateral, alias, at: _ } => {
                let before = std::mem::replace(&mut self.level().lateral_active, *lateral);
                let query = self.in_clause(Clause::FromSubselect, |binder| binder.query(query));
                self.level().lateral_active = before;
                let query = query?;
                let columns = query.columns.clone();
                let mut bound =
                    self.add_relation(Relation::Subquery(Box::new(query)), "unnamed_subquery", columns, *lateral, alias.as_ref())?;
                if alias.is_none() {
                    bound.names.iter_mut().for_each(|item| item.name_visible = false);
                }
                Ok(bound)
            }
            TableRef::Function(function) => self.table_function(function),
            TableRef::Join { kind, left, right, condition, alias, at } => self.join(*kind, left, right, condition, alias.as_ref(), *at),
        }
    }

    fn table(&mut self, name: &ObjectName, alias: Option<&Alias>, access: Option<&Access>) -> Result<Bound> {
        if name.schema.is_none()
            && let Some(found) = self.cte_reference(&name.name, name.at)?
        {
            return self.cte_relation(found, &name.name, alias);
        }
        let found = match self.relation(name) {
            Ok(found) => found,
            Err(error) => return Err(self.explain_forward_reference(name, error)),
        };
        self.ctx.check_admitted(name, access)?;
        let confined = match &found {
            Found::Table(table) => self.confined(table, access)?,
            Found::Sequence(_) | Found::View(_) | Found::System(_) => None,
        };
        let sequence = if let Found::Sequence(sequence) = &found { Some(sequence.oid) } else { None };
        let (relation, columns, place) = match found {
            Found::Table(table) => {
                let columns = table_columns(&table);
                let place = (table.schema, table.oid);
                (Relation::Table(table), columns, place)
            }
            Found::Sequence(sequence) => {
                let (relation, columns) = sequence_row(&sequence);
                (relation, columns, (sequence.schema, sequence.oid))
            }
            Found::View(view) => return self.view(&view, name, alias),
            Found::System(relation) => {
                let columns = system_columns(relation);
                (Relation::System(relation), columns, (relation.schema, relation.oid))
            }
        };
        self.requires(place.1, Rights::SELECT);
        let mut bound = self.add_relation(relation, &name.name, columns, false, alias)?;
        if let Some(entry) = self.level().relations.last_mut() {
            entry.form.sequence = sequence;
            entry.form.confined = confined.map(Box::new);
        }
        if alias.is_none() {
            bound.names.iter_mut().for_each(|item| item.table = Some(place));
        }
        Ok(bound)
    }

    fn view(&mut self, view: &View, name: &ObjectName, alias: Option<&Alias>) -> Result<Bound> {
        self.requires(view.oid, Rights::SELECT);
        let query = self.view_query(view)?;
        let columns = super::view::view_columns(view);
        let mut bound = self.add_relation(Relation::Subquery(Box::new(query)), &name.name, columns, false, alias)?;
        if let Some(entry) = self.level().relations.last_mut() {
            entry.form.view = Some(view.oid);
        }
        if alias.is_none() {
            bound.names.iter_mut().for_each(|item| item.table = Some((view.schema, view.oid)));
        }
        Ok(bound)
    }

    fn explain_forward_reference(&self, name: &ObjectName, error: SqlError) -> SqlError {
        let pending = self.ctes.iter().any(|cte| cte.name == name.name && cte.state == CteState::NotYet);
        if name.schema.is_some() || !pending {
            return error;
        }
        error
            .detail(format!("There is a WITH item named \"{}\", but it cannot be referenced from this part of the query.", name.name))
            .hint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.")
    }

    /// Adds a relation to the level, with its alias applied.
    pub(crate) fn add_relation(
        &mut self,
        relation: Relation,
        own_name: &str,
        mut columns: Vec<OutputColumn>,
        lateral: bool,
        alias: Option<&Alias>,
    ) -> Result<Bound> {
        let name = alias.map_or(own_name, |alias| alias.name.as_str()).to_owned();
        if let Some(alias) = alias {
            rename_columns(&name, &mut columns, &alias.columns)?;
        }
        let level = self.level();
        let index = level.relations.len();
        let form =
            RelationForm { alias: alias.is_some(), columns: alias.map_or(0, |alias| alias.columns.len()), ..RelationForm::default() };
        let entry = RelationEntry { relation, alias: name, columns, lateral, form };
        let item = NsItem::of_relation(&entry, index);
        level.relations.push(entry);
        Ok(Bound { tree: FromItem::Relation(index), names: vec![item.clone()], whole: item })
    }
}

/// Columns of a table, as a relation gives them.
pub(crate) fn table_columns(table: &borealis_catalog::Table) -> Vec<OutputColumn> {
    let output = |column: &borealis_catalog::Column| OutputColumn {
        name: column.name.clone(),
        ty: column.ty,
        origin: Some((table.oid, column.number)),
    };
    table.live_columns().map(output).collect()
}

/// A sequence has one row, which is asked for when the statement runs.
fn sequence_row(sequence: &Sequence) -> (Relation, Vec<OutputColumn>) {
    let columns: Vec<(String, Type)> = SEQUENCE_ROW.columns.iter().map(|(name, oid)| ((*name).to_owned(), Type::plain(*oid))).collect();
    let outputs = columns.iter().zip(1..).map(|((name, ty), number)| OutputColumn {
        name: name.clone(),
        ty: *ty,
        origin: Some((sequence.oid, number)),
    });
    let outputs = outputs.collect();
    let argument = Expr::constant(Datum::Oid(sequence.oid), Type::plain(Oid::REGCLASS));
    let call = ExprKind::Call { function: &SEQUENCE_ROW, operator: None, args: vec![argument] };
    let function = TableFunction { expr: Expr::new(call, Type::plain(Oid::RECORD)), columns, spread: true, defined: false };
    (Relation::Function { functions: vec![function], ordinality: false }, outputs)
}

fn system_columns(relation: &'static borealis_catalog::system::SystemRelation) -> Vec<OutputColumn> {
    let output = |(index, (name, oid)): (usize, &(&'static str, borealis_pgtypes::Oid))| OutputColumn {
        name: (*name).to_owned(),
        ty: borealis_pgtypes::Type::plain(*oid),
        origin: i16::try_from(index + 1).ok().map(|number| (relation.oid, number)),
    };
    relation.columns.iter().enumerate().map(output).collect()
}

fn rename_columns(name: &str, columns: &mut [OutputColumn], aliases: &[String]) -> Result<()> {
    if aliases.len() > columns.len() {
        let message = format!("table \"{name}\" has {} columns available but {} columns specified", columns.len(), aliases.len());
        return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message));
    }
    for (column, alias) in columns.iter_mut().zip(aliases) {
        column.name.clone_from(alias);
    }
    Ok(())
}

pub(crate) fn set_lateral(items: &mut [NsItem], only: bool, ok: bool) {
    for item in items {
        item.lateral_only = only;
        item.lateral_ok = ok;
    }
}

/// `checkNameSpaceConflicts`
pub(crate) fn check_conflicts(known: &[NsItem], new: &[NsItem]) -> Result<()> {
    for item in new.iter().filter(|item| item.name_visible && !item.name.is_empty()) {
        let clash = known.iter().filter(|other| other.name_visible).any(|other| {
            // Two tables of one name from different schemas, neither aliased, can be told apart.
            let distinguishable = matches!((other.table, item.table), (Some(a), Some(b)) if a.1 != b.1);
            other.name == item.name && !distinguishable
        });
        if clash {
            let message = format!("table name \"{}\" specified more than once", item.name);
            return Err(SqlError::new(SqlState::DUPLICATE_ALIAS, message));
        }
    }
    Ok(())
}
