//! Changes to columns.

use super::argument::{Type, default_text};
use super::cast::loss;
use super::draft::Source;
use super::{Derived, Draft, NewColumn, Rule};
use crate::error::{MigrateError, Result};
use crate::sql;
use crate::table::Column;

/// Types between which keys keep their order.
const INTEGERS: [&str; 3] = ["int2", "int4", "int8"];
const TEXTS: [&str; 2] = ["text", "varchar"];

impl Draft {
    pub(super) fn add_column(&mut self, name: &str, ty: &str, default: Option<&str>, not_null: bool) -> Result<()> {
        self.must_be_free(name)?;
        if not_null && default.is_none() {
            return Err(MigrateError::refused(format!(
                "column {name} is to be NOT NULL: say with a default what the existing rows have in it"
            )));
        }
        let column = Column { default: default.map(default_text), not_null, ..self.fresh(name, ty) };
        self.columns.push(NewColumn { column, source: None });
        Ok(())
    }

    pub(super) fn drop_column(&mut self, name: &str) -> Result<()> {
        self.column_mut(name)?;
        if self.is_key(name) || self.table.primary_key().is_some_and(|key| key.columns.iter().any(|column| column == name)) {
            return Err(MigrateError::refused(format!(
                "column {name} is part of the key that rows are told apart by. Make another primary key first, then drop the column"
            )));
        }
        self.refuse_used_by_views(name)?;
        if let Some(key) = self.table.referenced_by.iter().find(|key| key.to_columns.iter().any(|column| column == name)) {
            return Err(MigrateError::refused(format!(
                "foreign key {} of {} refers to column {name}: drop it first",
                key.name,
                key.referencing_qualified()
            )));
        }
        self.columns.retain(|column| column.column.name != name);
        self.losses.push(format!("the values of column {name}"));
        self.drop_what_names(name);
        Ok(())
    }

    /// Constraints, indexes and foreign keys that name the column go with it, as they do with DROP COLUMN.
    fn drop_what_names(&mut self, name: &str) {
        let names = |columns: &[String]| columns.iter().any(|column| column == name);
        let losses = &mut self.losses;
        let mut goes = |gone: bool, kind: &str, object: &str| {
            if gone {
                losses.push(format!("{kind} {object}, which names column {name}"));
            }
            !gone
        };
        self.constraints.retain(|one| goes(names(&one.columns), "constraint", &one.name));
        self.indexes.retain(|one| goes(names(&one.columns) || names(&one.uses), "index", &one.name));
        self.references.retain(|one| goes(names(&one.columns), "foreign key", &one.name));
    }

    fn refuse_used_by_views(&self, name: &str) -> Result<()> {
        match self.table.views.iter().find(|view| view.columns.iter().any(|column| column == name)) {
            None => Ok(()),
            Some(view) => {
                let what = format!("view {} uses column {name}: replace or drop the view first", view.qualified());
                Err(MigrateError::refused(what))
            }
        }
    }

    pub(super) fn retype(&mut self, name: &str, ty: &str, using: Option<&str>) -> Result<()> {
        let column = self.column_mut(name)?;
        if column.column.generated.is_some() {
            return Err(MigrateError::refused(format!("column {name} is generated; drop it and add it again with the other type")));
        }
        let (old, base) = (column.column.base.clone(), base_of(ty));
        let loss = match using {
            None => cast_loss(name, &column.column.ty, ty),
            Some(using) => Some(format!("what {using} does not keep of the values of column {name}")),
        };
        let storage = column.column.storage.take().map(|_| format!("the STORAGE of column {name}: the new type has its own"));
        let expression = using.map_or_else(|| sql::name(name), |using| format!("({using})"));
        column.source = Some(assigned(&expression, ty));
        ty.clone_into(&mut column.column.ty);
        base.clone_into(&mut column.column.base);
        column.column.default = column.column.default.take().map(|default| format!("CAST({default} AS {ty})"));
        self.losses.extend(loss.into_iter().chain(storage));
        let keeps_order = using.is_none() && (both_in(&INTEGERS, &old, &base) || both_in(&TEXTS, &old, &base));
        self.refuse_other_order(name, keeps_order)?;
        if let Some(length) = text_length(ty) {
            self.rules.push(Rule::Length { column: name.to_owned(), expression, length, blanks_count: base != "bpchar" });
        }
        self.hazards
            .push(format!("prepared statements that return column {name} fail once with 0A000 (cached plan must not change result type)"));
        Ok(())
    }

    /// Keys are compared across the two tables, by columns that must sort alike in both.
    fn refuse_other_order(&self, name: &str, keeps_order: bool) -> Result<()> {
        if keeps_order {
            return Ok(());
        }
        if self.is_key(name) {
            return Err(MigrateError::refused(format!(
                "column {name} is part of the key that rows are told apart by, and would sort differently with the other type. Add a column of that \
                 type, fill it, make it the primary key, then drop {name}"
            )));
        }
        let keys = self.table.references.iter().filter(|key| key.columns.iter().any(|column| column == name));
        let of_others = self.table.referenced_by.iter().filter(|key| key.to_columns.iter().any(|column| column == name));
        match keys.chain(of_others).next() {
            None => Ok(()),
            Some(key) => {
                let what = format!("column {name} is part of foreign key {} of {}: drop that first", key.name, key.referencing_qualified());
                Err(MigrateError::refused(what))
            }
        }
    }

    pub(super) fn set_not_null(&mut self, name: &str, fill: Option<&str>) -> Result<()> {
        let column = self.column_mut(name)?;
        column.column.not_null = true;
        match (fill, column.source.take()) {
            (Some(fill), Some(source)) => {
                let filled = |expression: &str| format!("COALESCE({expression}, {fill})");
                column.source = Some(Source { copied: filled(&source.copied), compared: filled(&source.compared) });
                self.losses.push(format!("which rows were NULL in column {name}: they have {fill} then"));
            }
            (_, source) => {
                column.source = source;
                self.rules.push(Rule::NotNull { column: name.to_owned() });
            }
        }
        Ok(())
    }

    pub(super) fn drop_not_null(&mut self, name: &str) -> Result<()> {
        if self.table.primary_key().is_some_and(|key| key.columns.iter().any(|column| column == name)) {
            return Err(MigrateError::refused(format!("column {name} is in a primary key and cannot be NULL")));
        }
        if self.is_key(name) {
            return Err(MigrateError::refused(format!("rows are told apart by column {name}, which must not be NULL then")));
        }
        self.column_mut(name)?.column.not_null = false;
        Ok(())
    }

    pub(super) fn set_default(&mut self, name: &str, default: Option<&str>) -> Result<()> {
        let column = self.column_mut(name)?;
        if column.column.identity.is_some() || column.column.generated.is_some() {
            return Err(MigrateError::refused(format!("column {name} is an identity or generated column and has no default")));
        }
        column.column.default = default.map(default_text);
        Ok(())
    }

    /// New columns from old ones.
    pub(super) fn derive(&mut self, from: &[String], into: &[Derived], keep: bool) -> Result<()> {
        for column in from {
            self.column_mut(column)?;
        }
        if !keep {
            // First, so that a new column may take an old one's name.
            from.iter().try_for_each(|column| self.drop_column(column))?;
        }
        for derived in into {
            self.must_be_free(&derived.name)?;
            let (expression, base) = (format!("({})", derived.expression), base_of(&derived.ty));
            let source = Some(assigned(&expression, &derived.ty));
            if let Some(length) = text_length(&derived.ty) {
                self.rules.push(Rule::Length { column: derived.name.clone(), expression, length, blanks_count: base != "bpchar" });
            }
            let column = self.fresh(&derived.name, &derived.ty);
            self.columns.push(NewColumn { column, source });
        }
        Ok(())
    }

    fn must_be_free(&self, name: &str) -> Result<()> {
        match self.columns.iter().any(|column| column.column.name == name) {
            true => Err(MigrateError::refused(format!("table {} has a column {name} already", self.table.qualified()))),
            false => Ok(()),
        }
    }

    fn fresh(&self, name: &str, ty: &str) -> Column {
        let number = self.columns.iter().map(|column| column.column.number).max().unwrap_or(0) + 1;
        Column {
            number,
            name: name.to_owned(),
            ty: ty.to_owned(),
            base: base_of(ty),
            not_null: false,
            default: None,
            generated: None,
            identity: None,
            storage: None,
            acl: None,
            comment: None,
        }
    }
}

/// A cast to a type with a length cuts what is too long without a word; an assignment refuses it.
pub(crate) fn assigned(expression: &str, ty: &str) -> Source {
    let cast = format!("CAST({expression} AS {ty})");
    if text_length(ty).is_some() { Source { copied: expression.to_owned(), compared: cast } } else { Source::both(cast) }
}

fn both_in(family: &[&str], one: &str, other: &str) -> bool {
    family.contains(&one) && family.contains(&other)
}

/// The name in `pg_type`; a type that the grammar does not know is its own name.
fn base_of(ty: &str) -> String {
    Type::read(ty).map_or_else(|| ty.to_owned(), |ty| ty.base)
}

fn text_length(ty: &str) -> Option<u32> {
    Type::read(ty)?.length()
}

/// What the values of a column lose by a cast, as a plan lists it.
pub(crate) fn cast_loss(column: &str, from: &str, to: &str) -> Option<String> {
    let loss = match (Type::read(from), Type::read(to)) {
        (Some(from), Some(to)) => loss(&from, &to)?,
        _ => "what the conversion between these types does not keep".to_owned(),
    };
    Some(format!("of the values of column {column}, by the cast from {from} to {to}: {loss}"))
}
