//! CREATE STATISTICS and ALTER STATISTICS. After `CreateStatistics` and `AlterStatistics`.

use std::sync::Arc;

use borealis_catalog::extended::KINDS;
use borealis_catalog::{Change, ExtendedStatistics, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types};

use super::name::{distinct_columns, joined};
use super::ownership::Owned;
use super::{Work, expression, limits};
use crate::ast::{CreateStatistics, ExprKind, ObjectName, TableRef};
use crate::bind::bind_stored_expr;

/// `STATS_MAX_DIMENSIONS`
const COLUMNS_MAX: usize = 8;

/// What a statement names to be looked at.
#[derive(Default)]
struct Looked {
    columns: Vec<i16>,
    expressions: Vec<String>,
}

impl Looked {
    fn count(&self) -> usize {
        self.columns.len() + self.expressions.len()
    }
}

impl Work<'_> {
    pub(crate) fn create_statistics(&mut self, create: &CreateStatistics) -> Result<&'static str> {
        const TAG: &str = "CREATE STATISTICS";
        let table = self.analysed_table(create)?;
        let (schema, name) = match &create.name {
            Some(name) => (self.creation_schema(name)?.oid, Some(name.name.clone())),
            None => (table.schema, None),
        };
        if let Some(name) = name.as_ref().filter(|name| self.ctx.catalog.statistics_object(schema, name).is_some()) {
            let message = format!("statistics object \"{name}\" already exists");
            if create.if_not_exists {
                self.notice(SqlState::DUPLICATE_OBJECT, format!("{message}, skipping"));
                return Ok(TAG);
            }
            return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, message));
        }
        let looked = self.looked_at(create, &table)?;
        let kinds = kinds(create, &looked)?;
        let own = self.ctx.catalog.statistics_objects().filter(|object| object.table == table.oid).count();
        limits::check("statistics per table", own + 1, self.ctx.limits)?;
        let name = name.unwrap_or_else(|| self.statistics_name(&table, schema, &looked));
        let Looked { mut columns, expressions } = looked;
        columns.sort_unstable();
        let (oid, owner) = (self.next_oid(), self.ctx.current_role);
        self.put_statistics(ExtendedStatistics { oid, schema, name, owner, table: table.oid, columns, expressions, kinds, target: -1 });
        Ok(TAG)
    }

    fn put_statistics(&mut self, object: ExtendedStatistics) {
        self.affected.push(object.table);
        self.changes.push(Change::PutStatistics(Arc::new(object)));
    }

    /// The one table of FROM.
    fn analysed_table(&self, create: &CreateStatistics) -> Result<Arc<Table>> {
        match create.from.as_slice() {
            [TableRef::Table { name, .. }] => self.owned_table(name),
            [_] => Err(SqlError::unsupported("CREATE STATISTICS only supports relation names in the FROM clause")),
            _ => Err(SqlError::unsupported("only a single relation is allowed in CREATE STATISTICS")),
        }
    }

    fn looked_at(&self, create: &CreateStatistics, table: &Table) -> Result<Looked> {
        if create.exprs.len() > COLUMNS_MAX {
            let message = format!("cannot have more than {COLUMNS_MAX} columns in statistics");
            return Err(SqlError::new(SqlState::TOO_MANY_COLUMNS, message));
        }
        let mut looked = Looked::default();
        for expr in &create.exprs {
            match &expr.kind {
                ExprKind::Column(names) if names.len() == 1 => looked.columns.push(column(table, &names[0])?),
                _ => {
                    let bound = expression::statistics(expr, table, self.ctx)?;
                    match bound {
                        expression::Statistics::Column(place) => {
                            let name = table.columns.get(place).map_or("", |column| column.name.as_str());
                            looked.columns.push(column(table, name)?);
                        }
                        expression::Statistics::Expression(text) => looked.expressions.push(text),
                    }
                }
            }
        }
        Ok(looked)
    }

    /// `ChooseExtendedStatisticName`
    fn statistics_name(&self, table: &Table, schema: Oid, looked: &Looked) -> String {
        let columns = looked.columns.iter().filter_map(|number| table.column_number(*number)).map(|column| column.name.clone());
        let names = columns.chain(looked.expressions.iter().map(|_| "expr".to_owned())).collect();
        let second = joined(&distinct_columns(names));
        let catalog = self.catalog();
        self.choose(&table.name, Some(&second), "stat", |name| catalog.statistics_object(schema, name).is_some())
    }

    /// The statistics object, or `42704`; `None` with a notice where IF EXISTS allows it to be missing.
    pub(crate) fn existing_statistics(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<ExtendedStatistics>>> {
        let found = match &name.schema {
            Some(schema) => self.ctx.catalog.statistics_object(self.usable_schema(schema)?.oid, &name.name),
            None => self.ctx.search_path.iter().find_map(|schema| self.ctx.catalog.statistics_object(*schema, &name.name)),
        };
        if let Some(found) = found {
            return Ok(Some(found.clone()));
        }
        let message = format!("statistics object \"{}\" does not exist", crate::bind::display_name(name));
        if !if_exists {
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, message));
        }
        self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("{message}, skipping"));
        Ok(None)
    }

    /// The same for a statement that changes it, which is its owner's.
    pub(crate) fn owned_statistics(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<ExtendedStatistics>>> {
        let found = self.existing_statistics(name, if_exists)?;
        if let Some(object) = &found {
            self.must_own(Owned::statistics(object))?;
        }
        Ok(found)
    }

    /// ALTER STATISTICS .. SET STATISTICS; no target is the default one.
    pub(crate) fn set_statistics_target(&mut self, name: &ObjectName, if_exists: bool, target: i32) -> Result<&'static str> {
        const TAG: &str = "ALTER STATISTICS";
        if target < -1 {
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("statistics target {target} is too low")));
        }
        let text = target.to_string();
        limits::check_with("statistics target", usize::try_from(target).unwrap_or(0), &[&text], self.ctx.limits)?;
        if let Some(object) = self.owned_statistics(name, if_exists)? {
            self.put_statistics(ExtendedStatistics { target, ..(*object).clone() });
        }
        Ok(TAG)
    }

    pub(crate) fn rename_statistics(&mut self, object: &ExtendedStatistics, new_name: &str) -> Result<()> {
        self.may_create_beside(object.schema)?;
        self.check_statistics_free(object.schema, new_name)?;
        self.put_statistics(ExtendedStatistics { name: new_name.to_owned(), ..object.clone() });
        Ok(())
    }

    pub(crate) fn set_statistics_schema(&mut self, object: &ExtendedStatistics, schema: &str) -> Result<()> {
        let schema = self.target_schema(schema)?;
        if schema.oid != object.schema {
            self.check_statistics_free(schema.oid, &object.name)?;
            self.put_statistics(ExtendedStatistics { schema: schema.oid, ..object.clone() });
        }
        Ok(())
    }

    pub(crate) fn set_statistics_owner(&mut self, object: &ExtendedStatistics, owner: Oid) {
        self.put_statistics(ExtendedStatistics { owner, ..object.clone() });
    }

    /// The statistics objects of a table with an expression that names a column, written again with the column's new name.
    pub(crate) fn rename_in_statistics(&mut self, old: &Table, new: &Table) -> Result<()> {
        let objects: Vec<_> = self.ctx.catalog.statistics_objects().filter(|object| object.table == old.oid).cloned().collect();
        for object in objects {
            let mut next = (*object).clone();
            for text in &mut next.expressions {
                *text = expression::text_of(&bind_stored_expr(text, old, self.ctx)?, new, false);
            }
            if next != *object {
                self.put_statistics(next);
            }
        }
        Ok(())
    }

    /// LIKE .. INCLUDING STATISTICS; `moved` gives the new number of a column.
    pub(crate) fn like_statistics(&mut self, table: &Table, source: Oid, moved: impl Fn(i16) -> i16) {
        let objects: Vec<_> = self.ctx.catalog.statistics_objects().filter(|object| object.table == source).cloned().collect();
        for object in objects {
            let columns: Vec<i16> = object.columns.iter().map(|number| moved(*number)).collect();
            let looked = Looked { columns, expressions: object.expressions.clone() };
            let name = self.statistics_name(table, table.schema, &looked);
            let Looked { columns, expressions } = looked;
            let (oid, schema, owner) = (self.next_oid(), table.schema, table.owner);
            let copy = ExtendedStatistics { oid, schema, name, owner, table: table.oid, columns, expressions, ..(*object).clone() };
            self.put_statistics(copy);
        }
    }

    fn check_statistics_free(&self, schema: Oid, name: &str) -> Result<()> {
        if self.ctx.catalog.statistics_object(schema, name).is_none() {
            return Ok(());
        }
        let schema = self.ctx.catalog.schema_by_oid(schema).map_or("?", |schema| schema.name.as_str());
        let message = format!("statistics object \"{name}\" already exists in schema \"{schema}\"");
        Err(SqlError::new(SqlState::DUPLICATE_OBJECT, message))
    }
}

/// `stxkind`, and whether there is enough to look at.
fn kinds(create: &CreateStatistics, looked: &Looked) -> Result<String> {
    let mut letters = String::new();
    for name in &create.kinds {
        let known = KINDS.iter().find(|(_, known)| known == name);
        let Some((letter, _)) = known else {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("unrecognized statistics kind \"{name}\"")));
        };
        letters.push(*letter);
    }
    if looked.columns.is_empty() && looked.expressions.len() == 1 {
        if !letters.is_empty() {
            let message = "when building statistics on a single expression, statistics kinds may not be specified";
            return Err(SqlError::unsupported(message));
        }
        return Ok("e".to_owned());
    }
    if looked.count() < 2 {
        return Err(SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, "extended statistics require at least 2 columns"));
    }
    check_distinct(looked)?;
    let wanted = |letter: char| letters.is_empty() || letters.contains(letter);
    let chosen = KINDS.iter().map(|(letter, _)| *letter).filter(|letter| wanted(*letter));
    Ok(chosen.chain((!looked.expressions.is_empty()).then_some('e')).collect())
}

fn check_distinct(looked: &Looked) -> Result<()> {
    let duplicate = |what: &str| Err(SqlError::new(SqlState::DUPLICATE_COLUMN, format!("duplicate {what} in statistics definition")));
    if (1..looked.columns.len()).any(|at| looked.columns[..at].contains(&looked.columns[at])) {
        return duplicate("column name");
    }
    if (1..looked.expressions.len()).any(|at| looked.expressions[..at].contains(&looked.expressions[at])) {
        return duplicate("expression");
    }
    Ok(())
}

/// A column that can be looked at: its values have an order.
fn column(table: &Table, name: &str) -> Result<i16> {
    if super::column::SYSTEM_COLUMNS.contains(&name) {
        return Err(SqlError::unsupported("statistics creation on system columns is not supported"));
    }
    let missing = || SqlError::new(SqlState::UNDEFINED_COLUMN, format!("column \"{name}\" does not exist"));
    let column = table.column(name).ok_or_else(missing)?;
    if column.ty.oid == Oid::JSON {
        let shown = types::format_type(Type::plain(column.ty.oid));
        let message =
            format!("column \"{name}\" cannot be used in statistics because its type {shown} has no default btree operator class");
        return Err(SqlError::unsupported(message));
    }
    Ok(column.number)
}
