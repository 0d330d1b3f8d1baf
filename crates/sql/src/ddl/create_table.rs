//! CREATE TABLE. After `transformCreateStmt` and `DefineRelation`.

use borealis_catalog::{DefaultObjects, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::column::{Specification, conflicting_null};
use super::constraint::Key;
use super::foreign_key::ForeignKeyClause;
use super::{Work, expression, limits, lookup};
use crate::ast::{
    self, ColumnConstraint, ColumnConstraintKind, ColumnDefinition, CreateTable, TableConstraint, TableConstraintKind, TableElement,
};

/// Constraints found on the way, in the order PostgreSQL makes them: checks, then the primary key, then unique keys, then, when all else is there,
/// foreign keys.
#[derive(Default)]
struct Constraints<'s> {
    checks: Vec<(Option<&'s str>, &'s ast::Expr)>,
    /// DEFAULT and GENERATED AS, which are bound once all columns are there.
    defaults: Vec<(usize, &'s ast::Expr)>,
    keys: Vec<Key<'s>>,
    foreign_keys: Vec<ForeignKeyClause<'s>>,
}

impl Work<'_> {
    pub(crate) fn create_table(&mut self, create: &CreateTable) -> Result<&'static str> {
        const TAG: &str = "CREATE TABLE";
        let schema = self.creation_schema(&create.name).map_err(|error| error.at(create.name.at))?;
        let name = &create.name.name;
        let exists = self.ctx.catalog.relation_exists(schema.oid, name);
        if exists && create.if_not_exists {
            self.notice(SqlState::DUPLICATE_TABLE, format!("relation \"{name}\" already exists, skipping"));
            return Ok(TAG);
        }
        let mut table = self.empty_table(schema.oid, name);
        let mut constraints = Constraints::default();
        let mut likes = Vec::new();
        for element in &create.elements {
            match element {
                TableElement::Column(column) => self.table_column(&mut table, column, &mut constraints)?,
                TableElement::Constraint(constraint) => table_constraint(constraint, &mut constraints)?,
                TableElement::Like { name, including } => likes.push(self.like_columns(&mut table, name, including)?),
            }
        }
        let keyed = constraints.keys.iter().any(|key| key.primary);
        limits::check_columns(table.columns.len(), keyed, self.ctx.limits)?;
        if exists {
            return Err(lookup::duplicate_relation(name));
        }
        if self.ctx.catalog.domain(schema.oid, name).is_some() {
            let hint =
                "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.";
            return Err(super::domain::duplicate_type(name).hint(hint));
        }
        limits::check("tables", self.ctx.catalog.tables().count() + 1, self.ctx.limits)?;
        for (index, expr) in &constraints.defaults {
            let column = table.columns[*index].clone();
            if column.generated.is_some() {
                table.columns[*index].generated = Some(expression::generated(expr, &table, &column, self.ctx)?);
            } else {
                table.columns[*index].default = expression::default(expr, &table, &column, self.ctx)?;
            }
        }
        for (name, expr) in &constraints.checks {
            if let Some(name) = name.filter(|name| table.checks.iter().any(|check| check.name == *name)) {
                return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, format!("check constraint \"{name}\" already exists")));
            }
            self.add_check(&mut table, *name, expr, true)?;
        }
        self.add_keys(&mut table, std::mem::take(&mut constraints.keys), create)?;
        for like in likes {
            self.like_rest(&mut table, &like)?;
        }
        for clause in &constraints.foreign_keys {
            // The table is empty: NOT VALID would say nothing.
            self.add_foreign_key(&mut table, clause, true)?;
        }
        self.put_table(table);
        Ok(TAG)
    }

    fn empty_table(&self, schema: Oid, name: &str) -> Table {
        Table {
            oid: self.next_oid(),
            schema,
            name: name.to_owned(),
            owner: self.ctx.current_role,
            columns: Vec::new(),
            primary_key: None,
            indexes: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            acl: self.new_acl(DefaultObjects::Tables, self.ctx.current_role, schema),
            comment: None,
            row_type: self.next_oid(),
            row_array_type: self.next_oid(),
        }
    }

    fn table_column<'s>(&mut self, table: &mut Table, definition: &'s ColumnDefinition, found: &mut Constraints<'s>) -> Result<()> {
        let column = self.column(definition, table)?;
        check_new_column(table, &definition.name)?;
        let index = table.columns.len();
        table.columns.push(column);
        let mut specification = Specification::default();
        for constraint in &definition.constraints {
            specification.add(constraint, &definition.name, &table.name)?;
            let name = constraint.name.as_deref();
            match &constraint.kind {
                ColumnConstraintKind::NotNull | ColumnConstraintKind::Null => {}
                ColumnConstraintKind::Default(expr) => found.defaults.push((index, expr)),
                ColumnConstraintKind::Generated(expr) => {
                    // What it is computed from is known when all columns are; that it is computed, at once.
                    table.columns[index].generated = Some(String::new());
                    found.defaults.push((index, expr));
                }
                ColumnConstraintKind::Check { expr } => found.checks.push((name, expr)),
                ColumnConstraintKind::PrimaryKey { include } => {
                    if definition.constraints.iter().any(|other| other.kind == ColumnConstraintKind::Null) {
                        return Err(conflicting_null(&definition.name, table, constraint.at));
                    }
                    found.keys.push(Key {
                        name,
                        primary: true,
                        columns: vec![&definition.name],
                        include,
                        nulls_not_distinct: false,
                        at: constraint.at,
                    });
                }
                ColumnConstraintKind::Unique { nulls_not_distinct, include } => found.keys.push(Key {
                    name,
                    primary: false,
                    columns: vec![&definition.name],
                    include,
                    nulls_not_distinct: *nulls_not_distinct,
                    at: constraint.at,
                }),
                ColumnConstraintKind::References(references) => {
                    found.foreign_keys.push(ForeignKeyClause { name, columns: vec![&definition.name], references });
                }
                ColumnConstraintKind::Identity { always, options } => {
                    if definition.constraints.iter().any(|other| other.kind == ColumnConstraintKind::Null) {
                        return Err(conflicting_null(&definition.name, table, identity_conflict(&definition.constraints)));
                    }
                    let number = table.columns[index].number;
                    self.make_identity(table, number, *always, options)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the primary key first, then unique keys; one that repeats another is that one.
    fn add_keys(&mut self, table: &mut Table, keys: Vec<Key<'_>>, create: &CreateTable) -> Result<()> {
        let mut primaries = keys.iter().filter(|key| key.primary);
        let _ = primaries.next();
        if let Some(second) = primaries.next() {
            let message = format!("multiple primary keys for table \"{}\" are not allowed", create.name.name);
            return Err(SqlError::new(SqlState::INVALID_TABLE_DEFINITION, message).at(second.at));
        }
        let (primary, unique): (Vec<Key<'_>>, Vec<Key<'_>>) = keys.into_iter().partition(|key| key.primary);
        let mut kept: Vec<Key<'_>> = Vec::with_capacity(primary.len() + unique.len());
        for key in primary.into_iter().chain(unique) {
            let same = kept.iter_mut().find(|other| {
                other.columns == key.columns
                    && other.include == key.include
                    && other.nulls_not_distinct == key.nulls_not_distinct
                    && (other.name.is_none() || key.name.is_none() || other.name == key.name)
            });
            match same {
                Some(other) => other.name = other.name.or(key.name),
                None => kept.push(key),
            }
        }
        kept.iter().try_for_each(|key| self.add_key(table, key))
    }
}

/// Where NULL meets an identity: at whichever comes second.
fn identity_conflict(constraints: &[ColumnConstraint]) -> i32 {
    let clashing =
        |constraint: &&ColumnConstraint| matches!(constraint.kind, ColumnConstraintKind::Null | ColumnConstraintKind::Identity { .. });
    constraints.iter().filter(clashing).nth(1).map_or(-1, |constraint| constraint.at)
}

/// `42701`
pub(crate) fn check_new_column(table: &Table, name: &str) -> Result<()> {
    if table.column(name).is_some() {
        return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, format!("column \"{name}\" specified more than once")));
    }
    Ok(())
}

fn table_constraint<'s>(constraint: &'s TableConstraint, found: &mut Constraints<'s>) -> Result<()> {
    let name = constraint.name.as_deref();
    match &constraint.kind {
        TableConstraintKind::Check { expr } => found.checks.push((name, expr)),
        TableConstraintKind::PrimaryKey { columns, include, using_index: None } => found.keys.push(Key {
            name,
            primary: true,
            columns: columns.iter().map(String::as_str).collect(),
            include,
            nulls_not_distinct: false,
            at: constraint.at,
        }),
        TableConstraintKind::Unique { columns, include, nulls_not_distinct, using_index: None } => found.keys.push(Key {
            name,
            primary: false,
            columns: columns.iter().map(String::as_str).collect(),
            include,
            nulls_not_distinct: *nulls_not_distinct,
            at: constraint.at,
        }),
        TableConstraintKind::PrimaryKey { .. } | TableConstraintKind::Unique { .. } => {
            return Err(SqlError::unsupported("USING INDEX is not supported in CREATE TABLE").at(constraint.at));
        }
        TableConstraintKind::ForeignKey { columns, references } => {
            found.foreign_keys.push(ForeignKeyClause { name, columns: columns.iter().map(String::as_str).collect(), references });
        }
    }
    Ok(())
}
