//! The engine's catalog as the guard's facts.

use std::sync::Arc;

use borealis_catalog::snapshot::{BOREALIS_SCHEMA, INFORMATION_SCHEMA, PG_CATALOG_SCHEMA, SYS_SCHEMA};
use borealis_catalog::{self as catalog, Catalog, RoutineBody, system};
use borealis_pgtypes::{Oid, Type, types};

use super::facts::{Cascade, Column, Relation, Routine, RoutineText, Schema, Table, View};

/// Facts from a catalog snapshot, as one search path sees it.
#[derive(Clone, Copy, Debug)]
pub struct CatalogFacts<'a> {
    /// The snapshot.
    pub catalog: &'a Catalog,
    /// Schemas searched for unqualified names, the implicit one included.
    pub search_path: &'a [Oid],
}

impl CatalogFacts<'_> {
    fn schemas(&self, schema: Option<&str>) -> Vec<Oid> {
        match schema {
            Some(name) => self.catalog.schema(name).map(|found| vec![found.oid]).unwrap_or_default(),
            None => self.search_path.to_vec(),
        }
    }

    fn schema_name(&self, oid: Oid) -> String {
        self.catalog.schema_by_oid(oid).map(|schema| schema.name.clone()).unwrap_or_default()
    }

    /// In the order in which the binder looks.
    fn in_schema(&self, schema: Oid, name: &str) -> Option<Relation> {
        if let Some(table) = self.catalog.table(schema, name) {
            return Some(Relation::Table(self.table(table)));
        }
        if let Some(view) = self.catalog.view(schema, name) {
            return Some(Relation::View(self.view(view)));
        }
        if self.catalog.sequence(schema, name).is_some() {
            return Some(Relation::Other("sequence"));
        }
        let found = system::by_name(schema, name)?;
        Some(Relation::System { schema: system_schema(found.schema).to_owned(), name: found.name.to_owned() })
    }

    fn table(&self, table: &Arc<catalog::Table>) -> Table {
        let column = |column: &catalog::Column| Column {
            name: column.name.clone(),
            ty: types::format_type(Type::plain(column.ty.undeclared().oid)),
            generated: column.generated.is_some() || column.identity.as_ref().is_some_and(|identity| identity.always),
        };
        Table {
            schema: self.schema_name(table.schema),
            name: table.name.clone(),
            columns: table.live_columns().map(column).collect(),
            cascades: self.catalog.referencing(table.oid).filter_map(|(key, child)| self.cascade(table, key, child)).collect(),
        }
    }

    fn cascade(&self, parent: &catalog::Table, key: &catalog::ForeignKey, child: &catalog::Table) -> Option<Cascade> {
        if !acts(key.on_delete) && !acts(key.on_update) {
            return None;
        }
        let name = |table: &catalog::Table, number: i16| table.column_number(number).map(|column| column.name.clone()).unwrap_or_default();
        let pairs = key.columns.iter().zip(&key.target_columns);
        Some(Cascade {
            schema: self.schema_name(child.schema),
            table: child.name.clone(),
            columns: pairs.map(|(own, target)| (name(child, *own), name(parent, *target))).collect(),
            on_delete: key.on_delete,
            on_update: key.on_update,
        })
    }

    fn view(&self, view: &catalog::View) -> View {
        View {
            schema: self.schema_name(view.schema),
            name: view.name.clone(),
            columns: view.columns.iter().map(|column| column.name.clone()).collect(),
            query: view.query.clone(),
        }
    }
}

/// Whether a foreign key's action changes referencing rows: CASCADE, SET NULL, SET DEFAULT.
pub(super) fn acts(action: char) -> bool {
    matches!(action, 'c' | 'n' | 'd')
}

fn system_schema(oid: Oid) -> &'static str {
    match oid {
        PG_CATALOG_SCHEMA => "pg_catalog",
        INFORMATION_SCHEMA => "information_schema",
        SYS_SCHEMA => "sys",
        BOREALIS_SCHEMA => "borealis",
        _ => "",
    }
}

impl Schema for CatalogFacts<'_> {
    fn relation(&self, schema: Option<&str>, name: &str) -> Option<Relation> {
        self.schemas(schema).into_iter().find_map(|oid| self.in_schema(oid, name))
    }

    fn routines(&self, schema: Option<&str>, name: &str) -> Vec<Routine> {
        let routine = |routine: &Arc<catalog::Routine>| Routine {
            schema: self.schema_name(routine.schema),
            name: routine.name.clone(),
            body: match &routine.body {
                RoutineBody::Text(text) => RoutineText::Sql(text.clone()),
                RoutineBody::Standard { text, .. } => RoutineText::Standard(text.clone()),
            },
        };
        self.schemas(schema).into_iter().flat_map(|oid| self.catalog.routines_named(oid, name).map(routine).collect::<Vec<_>>()).collect()
    }
}
