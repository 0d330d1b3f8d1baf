//! Column references: from a name to a column of a level, by the rules of `colNameToVar` and `refnameNamespaceItem`.

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState, Type};

use super::equal::map_columns;
use super::record::{row_if_there, whole_row};
use super::scope::{ColumnUse, Level, NsItem};
use super::{Binder, Clause, Node};
use crate::bound::Relation;
use crate::expr::{ColumnRef, Expr, ExprKind};

/// Where a name was found: level index, item index, column.
#[derive(Clone, Copy)]
struct Place {
    level: usize,
    item: usize,
    column: Named,
}

/// A column of an item.
#[derive(Clone, Copy)]
enum Named {
    /// One of its own, by index.
    Own(usize),
    /// The system column `tableoid`.
    TableOid,
}

impl Binder<'_> {
    /// `a`, `t.a`, `s.t.a`.
    pub(crate) fn column(&mut self, names: &[String], at: i32) -> Result<Node> {
        self.check_column_allowed(at)?;
        match self.named_column(names, at) {
            Err(error) if self.routine.is_some() && matches!(error.sqlstate(), SqlState::UNDEFINED_COLUMN | SqlState::UNDEFINED_TABLE) => {
                self.routine_parameter(names, at)?.ok_or(error)
            }
            found => found,
        }
    }

    fn named_column(&mut self, names: &[String], at: i32) -> Result<Node> {
        match names {
            [column] => self.bare_column(column, at),
            [table, column] => self.qualified_column(None, table, column, at),
            [schema, table, column] => self.qualified_column(Some(schema), table, column, at),
            [database, schema, table, column] if database == "postgres" => self.qualified_column(Some(schema), table, column, at),
            [_, _, _, _] => {
                let message = format!("cross-database references are not implemented: {}", names.join("."));
                Err(SqlError::unsupported(message).at(at))
            }
            _ => {
                let message = format!("improper qualified name (too many dotted names): {}", names.join("."));
                Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(at))
            }
        }
    }

    fn check_column_allowed(&mut self, at: i32) -> Result<()> {
        if self.level().clause == Clause::Default {
            return Err(SqlError::unsupported("cannot use column reference in DEFAULT expression").at(at));
        }
        Ok(())
    }

    fn bare_column(&mut self, name: &str, at: i32) -> Result<Node> {
        if let Some(place) = self.find_column(name, at)? {
            self.check_generation(place, at)?;
            return Ok(self.use_column(place, at));
        }
        // PostgreSQL's last resort: a relation's name alone stands for its whole row.
        if let Some((level, item)) = self.find_relation(None, name, at)? {
            self.check_generation_row(level, at)?;
            return Ok(self.use_row(level, item, at));
        }
        Err(self.missing_column(None, name, at))
    }

    fn qualified_column(&mut self, schema: Option<&str>, table: &str, column: &str, at: i32) -> Result<Node> {
        let Some((level, item)) = self.find_relation(schema, table, at)? else {
            return Err(self.missing_relation(schema, table, at));
        };
        match find_in(&self.levels[level], item, column, at)? {
            Some(column) => {
                let place = Place { level, item, column };
                self.check_generation(place, at)?;
                Ok(self.use_column(place, at))
            }
            None => Err(self.missing_column(Some(table), column, at)),
        }
    }

    fn find_column(&self, name: &str, at: i32) -> Result<Option<Place>> {
        for (level, scope) in self.levels.iter().enumerate().rev() {
            let mut found: Option<Place> = None;
            for (item, space) in visible(scope).filter(|(_, space)| space.columns_visible) {
                let Some(column) = find_in(scope, item, name, at)? else { continue };
                if found.is_some() {
                    return Err(ambiguous(name, at));
                }
                check_lateral(scope, space, at)?;
                found = Some(Place { level, item, column });
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The item that a qualifier names: level and item.
    pub(crate) fn find_relation(&self, schema: Option<&str>, name: &str, at: i32) -> Result<Option<(usize, usize)>> {
        for (level, scope) in self.levels.iter().enumerate().rev() {
            let mut found = None;
            for (item, space) in visible(scope).filter(|(_, space)| space.name_visible && !space.name.is_empty()) {
                if space.name != name || !self.in_schema(space, schema) {
                    continue;
                }
                if found.is_some() {
                    let message = format!("table reference \"{name}\" is ambiguous");
                    return Err(SqlError::new(SqlState::AMBIGUOUS_ALIAS, message).at(at));
                }
                check_lateral(scope, space, at)?;
                found = Some((level, item));
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// A generated column is computed from columns that are given: `check_nested_generated`.
    fn check_generation(&self, place: Place, at: i32) -> Result<()> {
        let level = &self.levels[place.level];
        let (Clause::Generated, Named::Own(index)) = (level.clause, place.column) else { return Ok(()) };
        let entry = level.namespace[place.item].relation.and_then(|relation| level.relations.get(relation));
        let Some(Relation::Table(table)) = entry.map(|entry| &entry.relation) else { return Ok(()) };
        match table.live_columns().nth(index) {
            Some(column) if column.generated.is_some() => {
                let message = format!("cannot use generated column \"{}\" in column generation expression", column.name);
                let error = SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, message);
                Err(error.detail("A generated column cannot reference another generated column.").at(at))
            }
            _ => Ok(()),
        }
    }

    /// The whole row has the column itself in it.
    fn check_generation_row(&self, level: usize, at: i32) -> Result<()> {
        if self.levels[level].clause != Clause::Generated {
            return Ok(());
        }
        let message = "cannot use whole-row variable in column generation expression";
        let error = SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, message);
        Err(error.detail("This would cause the generated column to depend on its own value.").at(at))
    }

    fn in_schema(&self, space: &NsItem, schema: Option<&str>) -> bool {
        let Some(schema) = schema else { return true };
        space.table.is_some_and(|(oid, _)| self.ctx.catalog.schema_by_oid(oid).is_some_and(|found| found.name == schema))
    }

    fn use_column(&mut self, place: Place, at: i32) -> Node {
        let depth = self.depth_of(place.level);
        let expr = match place.column {
            Named::Own(column) => self.levels[place.level].namespace[place.item].columns[column].expr.clone(),
            Named::TableOid => {
                table_oid(&self.levels[place.level], place.item).unwrap_or_else(|| Expr::constant(Datum::Null, Type::plain(Oid::OID)))
            }
        };
        self.record_uses(place.level, &expr, at);
        match place.column {
            Named::Own(column) => {
                let column = self.levels[place.level].namespace[place.item].columns[column].clone();
                self.selects_column(place.level, &column);
            }
            Named::TableOid => self.selects_table_oid(place.level, place.item),
        }
        let ty = expr.ty;
        Node::new(lift(expr, depth).kind, ty, at)
    }

    /// `name.*` where one value is wanted: the row as a whole.
    pub(crate) fn star_as_row(&mut self, qualifier: &[String], at: i32) -> Result<Node> {
        let found = match qualifier {
            [table] => self.find_relation(None, table, at)?,
            [schema, table] => self.find_relation(Some(schema), table, at)?,
            _ => None,
        };
        match found {
            Some((level, item)) => Ok(self.use_row(level, item, at)),
            None => Err(SqlError::new(SqlState::SYNTAX_ERROR, "row expansion via \"*\" is not supported here").at(at)),
        }
    }

    fn use_row(&mut self, level: usize, item: usize, at: i32) -> Node {
        let depth = self.depth_of(level);
        let space = &self.levels[level].namespace[item];
        let (row, ty) = match space.columns.as_slice() {
            [value] if self.is_scalar(level, space) => (value.expr.clone(), value.expr.ty),
            _ => (whole_row(space), self.item_row_type(space)),
        };
        self.record_uses(level, &row, at);
        let row = match self.levels[level].namespace[item].relation {
            Some(relation) if ty.oid == Oid::RECORD && self.levels[level].nullable.contains(&relation) => row_if_there(row, relation),
            _ => row,
        };
        for column in self.levels[level].namespace[item].columns.clone() {
            self.selects_column(level, &column);
        }
        Node::new(lift(row, depth).kind, ty, at)
    }

    /// Whether an item is a function that gives values: after `makeWholeRowVar`, its name stands for the value.
    fn is_scalar(&self, level: usize, item: &NsItem) -> bool {
        item.relation.and_then(|relation| self.levels[level].relations.get(relation)).is_some_and(|entry| entry.form.scalar)
    }

    fn depth_of(&self, level: usize) -> u32 {
        u32::try_from(self.levels.len() - 1 - level).unwrap_or(u32::MAX)
    }

    /// Notes which columns of the level are read, for the errors of grouping.
    pub(crate) fn record_uses(&mut self, level: usize, expr: &Expr, at: i32) {
        let merged = matches!(expr.kind, ExprKind::Coalesce(_));
        let uses = &mut self.levels[level].uses;
        super::walk::columns(expr, &mut |column: &ColumnRef| {
            uses.push(ColumnUse { relation: column.relation, column: column.column, at, merged, in_aggregate: false });
        });
    }

    /// The columns `name.*` stands for, or `*` for all.
    pub(crate) fn star(&mut self, qualifier: &[String], at: i32) -> Result<Vec<(String, Node, Option<(Oid, i16)>)>> {
        let (level, items) = match qualifier {
            [] => (self.levels.len() - 1, self.unqualified_star(at)?),
            [table] => self.qualified_star(None, table, at)?,
            [schema, table] => self.qualified_star(Some(schema), table, at)?,
            [_, schema, table] => self.qualified_star(Some(schema), table, at)?,
            _ => {
                let message = format!("improper qualified name (too many dotted names): {}.*", qualifier.join("."));
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(at));
            }
        };
        let depth = self.depth_of(level);
        let mut columns = Vec::new();
        for item in items {
            for index in 0..self.levels[level].namespace[item].columns.len() {
                let column = self.levels[level].namespace[item].columns[index].clone();
                if !column.in_star {
                    continue;
                }
                self.record_uses(level, &column.expr, at);
                self.selects_column(level, &column);
                let ty = column.expr.ty;
                columns.push((column.name, Node::new(lift(column.expr, depth).kind, ty, at), column.origin));
            }
        }
        Ok(columns)
    }

    fn unqualified_star(&self, at: i32) -> Result<Vec<usize>> {
        let level = &self.levels[self.levels.len() - 1];
        let items: Vec<usize> = visible(level).filter(|(_, space)| space.columns_visible).map(|(item, _)| item).collect();
        if items.is_empty() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "SELECT * with no tables specified is not valid").at(at));
        }
        Ok(items)
    }

    fn qualified_star(&self, schema: Option<&str>, table: &str, at: i32) -> Result<(usize, Vec<usize>)> {
        match self.find_relation(schema, table, at)? {
            Some((level, item)) => Ok((level, vec![item])),
            None => Err(self.missing_relation(schema, table, at)),
        }
    }
}

/// Items that may be referred to from where binding is.
pub(crate) fn visible(level: &Level) -> impl Iterator<Item = (usize, &NsItem)> {
    let lateral = level.lateral_active;
    level.namespace.iter().enumerate().filter(move |(_, item)| !item.lateral_only || lateral)
}

/// A column of the item by name; `tableoid` of a relation that has none of its own by that name.
fn find_in(level: &Level, item: usize, name: &str, at: i32) -> Result<Option<Named>> {
    if let Some(index) = scan(&level.namespace[item], name, at)? {
        return Ok(Some(Named::Own(index)));
    }
    Ok((name == "tableoid" && table_oid(level, item).is_some()).then_some(Named::TableOid))
}

/// `tableoid`: the relation's number, NULL in a row that an outer join made up. Such a row is told by a column that is never NULL otherwise, so a
/// relation without one has no `tableoid`.
fn table_oid(level: &Level, item: usize) -> Option<Expr> {
    let relation = level.namespace[item].relation?;
    let entry = level.relations.get(relation)?;
    let (oid, marker) = match &entry.relation {
        Relation::Table(table) => (table.oid, table.live_columns().position(|column| column.not_null)?),
        Relation::System(system) => (system.oid, usize::try_from(*system.not_null.first()? - 1).ok()?),
        _ => return None,
    };
    let marker = level.namespace[item].columns.get(marker)?.expr.clone();
    let made_up = Expr::new(ExprKind::IsNull { arg: Box::new(marker), negated: false }, Type::plain(Oid::BOOL));
    let value = |datum| Expr::constant(datum, Type::plain(Oid::OID));
    let whens = vec![(made_up, value(Datum::Null))];
    Some(Expr::new(ExprKind::Case { arg: None, whens, otherwise: Some(Box::new(value(Datum::Oid(oid)))) }, Type::plain(Oid::OID)))
}

fn scan(space: &NsItem, name: &str, at: i32) -> Result<Option<usize>> {
    let mut found = None;
    for (index, column) in space.columns.iter().enumerate() {
        if column.name == name {
            if found.is_some() {
                return Err(ambiguous(name, at));
            }
            found = Some(index);
        }
    }
    Ok(found)
}

fn check_lateral(level: &Level, space: &NsItem, at: i32) -> Result<()> {
    if !space.lateral_only || space.lateral_ok || !level.lateral_active {
        return Ok(());
    }
    let message = format!("invalid reference to FROM-clause entry for table \"{}\"", space.name);
    Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message)
        .detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
        .at(at))
}

pub(crate) fn ambiguous(name: &str, at: i32) -> SqlError {
    SqlError::new(SqlState::AMBIGUOUS_COLUMN, format!("column reference \"{name}\" is ambiguous")).at(at)
}

/// The same expression as seen from `depth` query levels further in.
pub(crate) fn lift(expr: Expr, depth: u32) -> Expr {
    if depth == 0 {
        return expr;
    }
    map_columns(expr, &mut |kind| match kind {
        ExprKind::Column(column) => ExprKind::Column(ColumnRef { depth: column.depth + depth, ..column }),
        ExprKind::Slot(slot) => ExprKind::Column(ColumnRef { depth, relation: 0, column: slot }),
        other => other,
    })
}
