//! An immutable picture of the whole catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use borealis_pgtypes::Oid;

use crate::acl::Acl;
use crate::{Change, Check, DefaultPrivileges, ExtendedStatistics, ForeignKey, Index, Role, Schema, Sequence, Table, View};

mod routines;
mod types;

use routines::Routines;
pub use types::DeclaredType;
use types::Domains;

/// Oid of schema `public`.
pub const PUBLIC_SCHEMA: Oid = Oid(2200);
/// Oid of schema `pg_catalog`.
pub const PG_CATALOG_SCHEMA: Oid = Oid(11);
/// Oid of schema `information_schema`.
pub const INFORMATION_SCHEMA: Oid = Oid(13_000);
/// Oid of schema `sys`.
pub const SYS_SCHEMA: Oid = Oid(14_000);
/// Schema `borealis`: what Aurora DSQL does not have.
pub const BOREALIS_SCHEMA: Oid = Oid(14_001);
/// Oid of role `admin`.
pub const ADMIN_ROLE: Oid = Oid(15_579);
/// Oid of the one database.
pub const DATABASE: Oid = Oid(5);
/// Oid of the role that owns the system's own objects, PostgreSQL's bootstrap superuser. Nobody connects as it.
pub const SYSTEM_ROLE: Oid = Oid(10);
/// Its name, from the name space that is closed to users.
pub const SYSTEM_ROLE_NAME: &str = "pg_system";

/// A constraint that has a row in `pg_constraint`.
#[derive(Clone, Copy, Debug)]
pub enum Constraint<'a> {
    /// PRIMARY KEY or UNIQUE, by the index that enforces it.
    Unique(&'a Index),
    /// CHECK
    Check(&'a Check),
    /// FOREIGN KEY
    Foreign(&'a ForeignKey),
}

/// All objects as of one catalog position. Cloning is cheap enough for a DDL statement: descriptors are shared.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Journal position of the commit that made this version; 0 for the initial catalog.
    pub position: u64,
    schemas: BTreeMap<Oid, Arc<Schema>>,
    tables: BTreeMap<Oid, Arc<Table>>,
    roles: BTreeMap<Oid, Arc<Role>>,
    sequences: BTreeMap<Oid, Arc<Sequence>>,
    statistics: BTreeMap<Oid, Arc<ExtendedStatistics>>,
    default_privileges: BTreeMap<Oid, Arc<DefaultPrivileges>>,
    views: BTreeMap<Oid, Arc<View>>,
    domains: Domains,
    routines: Routines,
    schema_names: BTreeMap<String, Oid>,
    table_names: BTreeMap<(Oid, String), Oid>,
    view_names: BTreeMap<(Oid, String), Oid>,
    /// Views by the oids of their row types.
    view_types: BTreeMap<Oid, Oid>,
    sequence_names: BTreeMap<(Oid, String), Oid>,
    /// Secondary and primary indexes by (schema, name): index and table.
    index_names: BTreeMap<(Oid, String), (Oid, Oid)>,
    /// The table that an index, a constraint or a row type belongs to.
    parts: BTreeMap<Oid, Oid>,
    /// Referenced and referencing table of every foreign key.
    references: BTreeSet<(Oid, Oid)>,
}

/// Oids of everything that is kept inside a table's descriptor and can be asked for by itself.
fn part_oids(table: &Table) -> impl Iterator<Item = Oid> {
    let indexes = table.all_indexes().flat_map(|index| [Some(index.oid), index.constraint.as_ref().map(|constraint| constraint.oid)]);
    let checks = table.checks.iter().map(|check| check.oid);
    let foreign_keys = table.foreign_keys.iter().map(|key| key.oid);
    indexes.flatten().chain(checks).chain(foreign_keys).chain([table.row_type, table.row_array_type]).filter(|oid| *oid != Oid::INVALID)
}

impl Catalog {
    /// The catalog of a new cluster: schemas public, `pg_catalog`, `information_schema`, sys, borealis; role admin.
    #[must_use]
    pub fn initial() -> Self {
        let mut catalog = Self::default();
        let schemas = [
            (PUBLIC_SCHEMA, "public"),
            (PG_CATALOG_SCHEMA, "pg_catalog"),
            (INFORMATION_SCHEMA, "information_schema"),
            (SYS_SCHEMA, "sys"),
            (BOREALIS_SCHEMA, "borealis"),
        ];
        for (oid, name) in schemas {
            let schema = Schema { oid, name: name.to_owned(), owner: SYSTEM_ROLE, acl: Acl::default(), comment: None };
            catalog.apply_one(&Change::PutSchema(Arc::new(schema)));
        }
        let admin = Role {
            oid: ADMIN_ROLE,
            name: "admin".to_owned(),
            login: true,
            create_role: true,
            member_of: Vec::new(),
            iam_arns: Vec::new(),
            comment: None,
        };
        catalog.apply_one(&Change::PutRole(Arc::new(admin)));
        catalog
    }

    /// The catalog after `changes`, as of `position`.
    #[must_use]
    pub fn apply(&self, changes: &[Change], position: u64) -> Self {
        let mut next = self.clone();
        next.advance(changes, position);
        next
    }

    /// Takes `changes` over, as of `position`: for who keeps no earlier version.
    pub fn advance(&mut self, changes: &[Change], position: u64) {
        self.position = position;
        changes.iter().for_each(|change| self.apply_one(change));
    }

    fn apply_one(&mut self, change: &Change) {
        match change {
            Change::PutSchema(schema) => {
                self.remove_schema(schema.oid);
                self.schema_names.insert(schema.name.clone(), schema.oid);
                self.schemas.insert(schema.oid, schema.clone());
            }
            Change::DropSchema(oid) => self.remove_schema(*oid),
            Change::PutTable(table) => self.put_table(table),
            Change::DropTable(oid) => self.remove_table(*oid),
            Change::PutRole(role) => {
                self.roles.insert(role.oid, role.clone());
            }
            Change::DropRole(oid) => {
                self.roles.remove(oid);
            }
            Change::PutView(view) => self.put_view(view),
            Change::DropView(oid) => self.remove_view(*oid),
            Change::PutSequence(sequence) => self.put_sequence(sequence),
            Change::DropSequence(oid) => self.remove_sequence(*oid),
            Change::PutDomain(domain) => self.domains.put(domain),
            Change::DropDomain(oid) => self.domains.remove(*oid),
            Change::PutRoutine(routine) => self.routines.put(routine),
            Change::DropRoutine(oid) => self.routines.remove(*oid),
            Change::PutStatistics(object) => {
                self.statistics.insert(object.oid, object.clone());
            }
            Change::DropStatistics(oid) => {
                self.statistics.remove(oid);
            }
            Change::PutDefaultPrivileges(defaults) => {
                self.default_privileges.insert(defaults.oid, defaults.clone());
            }
            Change::DropDefaultPrivileges(oid) => {
                self.default_privileges.remove(oid);
            }
        }
    }

    fn remove_schema(&mut self, oid: Oid) {
        if let Some(old) = self.schemas.remove(&oid) {
            self.schema_names.remove(&old.name);
        }
    }

    fn put_table(&mut self, table: &Arc<Table>) {
        self.remove_table(table.oid);
        self.table_names.insert((table.schema, table.name.clone()), table.oid);
        for index in table.all_indexes() {
            self.index_names.insert((table.schema, index.name.clone()), (index.oid, table.oid));
        }
        self.parts.extend(part_oids(table).map(|part| (part, table.oid)));
        self.references.extend(table.foreign_keys.iter().map(|key| (key.target, table.oid)));
        self.tables.insert(table.oid, table.clone());
    }

    fn remove_table(&mut self, oid: Oid) {
        let Some(old) = self.tables.remove(&oid) else { return };
        self.table_names.remove(&(old.schema, old.name.clone()));
        for index in old.all_indexes() {
            self.index_names.remove(&(old.schema, index.name.clone()));
        }
        for part in part_oids(&old) {
            self.parts.remove(&part);
        }
        for key in &old.foreign_keys {
            self.references.remove(&(key.target, oid));
        }
    }

    fn put_view(&mut self, view: &Arc<View>) {
        self.remove_view(view.oid);
        self.view_names.insert((view.schema, view.name.clone()), view.oid);
        self.view_types.insert(view.row_type, view.oid);
        self.view_types.insert(view.row_array_type, view.oid);
        self.views.insert(view.oid, view.clone());
    }

    fn remove_view(&mut self, oid: Oid) {
        let Some(old) = self.views.remove(&oid) else { return };
        self.view_names.remove(&(old.schema, old.name.clone()));
        self.view_types.remove(&old.row_type);
        self.view_types.remove(&old.row_array_type);
    }

    fn put_sequence(&mut self, sequence: &Arc<Sequence>) {
        self.remove_sequence(sequence.oid);
        self.sequence_names.insert((sequence.schema, sequence.name.clone()), sequence.oid);
        self.sequences.insert(sequence.oid, sequence.clone());
    }

    fn remove_sequence(&mut self, oid: Oid) {
        if let Some(old) = self.sequences.remove(&oid) {
            self.sequence_names.remove(&(old.schema, old.name.clone()));
        }
    }

    /// The schema of that name.
    #[must_use]
    pub fn schema(&self, name: &str) -> Option<&Arc<Schema>> {
        self.schemas.get(self.schema_names.get(name)?)
    }

    /// The schema with that oid.
    #[must_use]
    pub fn schema_by_oid(&self, oid: Oid) -> Option<&Arc<Schema>> {
        self.schemas.get(&oid)
    }

    /// All schemas, by oid.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.schemas.values()
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, schema: Oid, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(self.table_names.get(&(schema, name.to_owned()))?)
    }

    /// The table with that oid.
    #[must_use]
    pub fn table_by_oid(&self, oid: Oid) -> Option<&Arc<Table>> {
        self.tables.get(&oid)
    }

    /// All tables, by oid.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    /// The index of that name and its table.
    #[must_use]
    pub fn index(&self, schema: Oid, name: &str) -> Option<(&Index, &Arc<Table>)> {
        let (index, table) = self.index_names.get(&(schema, name.to_owned()))?;
        let table = self.tables.get(table)?;
        Some((table.all_indexes().find(|candidate| candidate.oid == *index)?, table))
    }

    /// The index with that oid and its table.
    #[must_use]
    pub fn index_by_oid(&self, oid: Oid) -> Option<(&Index, &Arc<Table>)> {
        let table = self.tables.get(self.parts.get(&oid)?)?;
        Some((table.all_indexes().find(|index| index.oid == oid)?, table))
    }

    /// The constraint with that oid and its table.
    #[must_use]
    pub fn constraint_by_oid(&self, oid: Oid) -> Option<(Constraint<'_>, &Arc<Table>)> {
        let table = self.tables.get(self.parts.get(&oid)?)?;
        let found = table.constraints().find(|(candidate, _)| *candidate == oid)?;
        Some((found.1, table))
    }

    /// Foreign keys that reference a table, with the tables that have them: the table itself may be one.
    pub fn referencing(&self, target: Oid) -> impl Iterator<Item = (&ForeignKey, &Arc<Table>)> {
        let tables = self.references.range((target, Oid(0))..=(target, Oid(u32::MAX))).filter_map(|(_, oid)| self.tables.get(oid));
        tables.flat_map(move |table| table.foreign_keys.iter().filter(move |key| key.target == target).map(move |key| (key, table)))
    }

    /// The table whose row type, or array type over it, has that oid.
    #[must_use]
    pub fn table_of_type(&self, oid: Oid) -> Option<&Arc<Table>> {
        let table = self.tables.get(self.parts.get(&oid)?)?;
        (table.row_type == oid || table.row_array_type == oid).then_some(table)
    }

    /// Whether a table, index or other relation of that name exists: they share one name space per schema.
    #[must_use]
    pub fn relation_exists(&self, schema: Oid, name: &str) -> bool {
        self.table(schema, name).is_some()
            || self.index(schema, name).is_some()
            || self.view(schema, name).is_some()
            || self.sequence(schema, name).is_some()
    }

    /// The view of that name.
    #[must_use]
    pub fn view(&self, schema: Oid, name: &str) -> Option<&Arc<View>> {
        self.views.get(self.view_names.get(&(schema, name.to_owned()))?)
    }

    /// The view with that oid.
    #[must_use]
    pub fn view_by_oid(&self, oid: Oid) -> Option<&Arc<View>> {
        self.views.get(&oid)
    }

    /// The view whose row type, or array type over it, has that oid.
    #[must_use]
    pub fn view_of_type(&self, oid: Oid) -> Option<&Arc<View>> {
        self.views.get(self.view_types.get(&oid)?)
    }

    /// The view whose query is the rule with that oid.
    #[must_use]
    pub fn view_of_rule(&self, rule: Oid) -> Option<&Arc<View>> {
        self.views.values().find(|view| view.rule == rule)
    }

    /// All views, by oid.
    pub fn views(&self) -> impl Iterator<Item = &Arc<View>> {
        self.views.values()
    }

    /// The sequence of that name.
    #[must_use]
    pub fn sequence(&self, schema: Oid, name: &str) -> Option<&Arc<Sequence>> {
        self.sequences.get(self.sequence_names.get(&(schema, name.to_owned()))?)
    }

    /// The sequence with that oid.
    #[must_use]
    pub fn sequence_by_oid(&self, oid: Oid) -> Option<&Arc<Sequence>> {
        self.sequences.get(&oid)
    }

    /// All sequences, by oid.
    pub fn sequences(&self) -> impl Iterator<Item = &Arc<Sequence>> {
        self.sequences.values()
    }

    /// The statistics object of that name.
    #[must_use]
    pub fn statistics_object(&self, schema: Oid, name: &str) -> Option<&Arc<ExtendedStatistics>> {
        self.statistics.values().find(|object| object.schema == schema && object.name == name)
    }

    /// The statistics object with that oid.
    #[must_use]
    pub fn statistics_object_by_oid(&self, oid: Oid) -> Option<&Arc<ExtendedStatistics>> {
        self.statistics.get(&oid)
    }

    /// All statistics objects, by oid.
    pub fn statistics_objects(&self) -> impl Iterator<Item = &Arc<ExtendedStatistics>> {
        self.statistics.values()
    }

    /// All default privileges, by oid.
    pub fn default_privileges(&self) -> impl Iterator<Item = &Arc<DefaultPrivileges>> {
        self.default_privileges.values()
    }

    /// The role of that name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Arc<Role>> {
        self.roles.values().find(|role| role.name == name)
    }

    /// The role with that oid.
    #[must_use]
    pub fn role_by_oid(&self, oid: Oid) -> Option<&Arc<Role>> {
        self.roles.get(&oid)
    }

    /// All roles, by oid.
    pub fn roles(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.roles.values()
    }
}
