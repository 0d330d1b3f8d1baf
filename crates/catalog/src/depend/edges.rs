//! The edges of every kind of object.

use borealis_pgtypes::{Oid, Type};

use super::{Address, Class, Edge, Strength};
use crate::describe::regclass_constants;
use crate::snapshot::Constraint;
use crate::system::{columns_of_check, columns_of_expression, default_oid, default_text, key_columns, target_index};
use crate::{Catalog, Column, Domain, ExtendedStatistics, Index, IndexKeyPart, Routine, Sequence, Table, View};

use super::text;

/// All dependencies between the objects of the catalog.
#[must_use]
pub fn edges(catalog: &Catalog) -> Vec<Edge> {
    let mut edges = Edges::default();
    for table in catalog.tables() {
        edges.of_table(catalog, table);
    }
    for view in catalog.views() {
        edges.of_view(view);
    }
    for sequence in catalog.sequences() {
        edges.of_sequence(sequence);
    }
    for domain in catalog.domains() {
        edges.of_domain(catalog, domain);
    }
    for routine in catalog.routines() {
        edges.of_routine(routine);
    }
    for object in catalog.statistics_objects() {
        edges.of_statistics(catalog, object);
    }
    edges.found
}

#[derive(Default)]
struct Edges {
    found: Vec<Edge>,
}

impl Edges {
    fn add(&mut self, dependent: Address, on: Address, strength: Strength) {
        let edge = Edge { dependent, on, strength };
        if !self.found.iter().rev().take_while(|known| known.dependent == dependent).any(|known| *known == edge) {
            self.found.push(edge);
        }
    }

    /// What every relation with rows has: its place in a schema and its two types.
    fn of_relation(&mut self, oid: Oid, schema: Oid, row_type: Oid, row_array_type: Oid) {
        let this = Address::relation(oid);
        self.add(this, Address::new(Class::Schema, schema), Strength::Normal);
        self.add(Address::new(Class::Type, row_type), this, Strength::Internal);
        self.add(Address::new(Class::Type, row_array_type), Address::new(Class::Type, row_type), Strength::Internal);
    }

    fn of_table(&mut self, catalog: &Catalog, table: &Table) {
        self.of_relation(table.oid, table.schema, table.row_type, table.row_array_type);
        for column in table.live_columns() {
            self.of_column(table.oid, column);
            self.of_generation(table, column);
            if let Some(text) = default_text(column) {
                let default = Address::new(Class::Default, default_oid(table.oid, column.number));
                self.of_text(catalog, default, text);
            }
        }
        for (oid, constraint) in table.constraints() {
            self.of_constraint(catalog, table, oid, constraint);
        }
        for index in table.all_indexes() {
            self.of_index(catalog, table, index);
        }
    }

    /// A default, and the relations it names.
    fn of_column(&mut self, relation: Oid, column: &Column) {
        let on = Address::column(relation, column.number);
        self.of_type(on, column.ty);
        if let Some(text) = default_text(column) {
            let default = Address::new(Class::Default, default_oid(relation, column.number));
            let strength = if column.generated.is_some() { Strength::Internal } else { Strength::Auto };
            self.add(default, on, strength);
            for (_, named) in regclass_constants(text) {
                self.add(default, Address::relation(named), Strength::Normal);
            }
        }
    }

    /// What a generated column is computed from.
    fn of_generation(&mut self, table: &Table, column: &Column) {
        let Some(text) = &column.generated else { return };
        let default = Address::new(Class::Default, default_oid(table.oid, column.number));
        for source in columns_of_expression(table, text) {
            self.add(default, Address::column(table.oid, source), Strength::Normal);
        }
    }

    /// A statistics object goes with any of the columns it looks at.
    fn of_statistics(&mut self, catalog: &Catalog, object: &ExtendedStatistics) {
        let this = Address::new(Class::Statistics, object.oid);
        self.add(this, Address::new(Class::Schema, object.schema), Strength::Normal);
        let Some(table) = catalog.table_by_oid(object.table) else { return };
        let read = object.expressions.iter().flat_map(|text| columns_of_expression(table, text));
        self.of_columns(this, table, object.columns.iter().copied().chain(read).collect());
    }

    /// A sequence goes with the column it belongs to; as the column's identity it is a part of it.
    fn of_sequence(&mut self, sequence: &Sequence) {
        let this = Address::relation(sequence.oid);
        self.add(this, Address::new(Class::Schema, sequence.schema), Strength::Normal);
        if let Some(owner) = sequence.owned_by {
            let strength = if owner.identity { Strength::Internal } else { Strength::Auto };
            self.add(this, Address::column(owner.table, owner.column), strength);
        }
    }

    fn of_constraint(&mut self, catalog: &Catalog, table: &Table, oid: Oid, constraint: Constraint<'_>) {
        let this = Address::new(Class::Constraint, oid);
        let columns = match constraint {
            Constraint::Unique(index) => key_columns(index),
            Constraint::Check(check) => {
                self.of_text(catalog, this, &check.expression);
                columns_of_check(table, check)
            }
            Constraint::Foreign(key) => {
                if let Some(index) = target_index(catalog, key) {
                    self.add(this, Address::relation(index.oid), Strength::Normal);
                }
                for column in &key.target_columns {
                    self.add(this, Address::column(key.target, *column), Strength::Normal);
                }
                key.columns.clone()
            }
        };
        self.of_columns(this, table, columns);
    }

    /// On the columns of the object's own table, or on the table when there are none.
    fn of_columns(&mut self, this: Address, table: &Table, columns: Vec<i16>) {
        if columns.is_empty() {
            self.add(this, Address::relation(table.oid), Strength::Auto);
        }
        for column in columns {
            self.add(this, Address::column(table.oid, column), Strength::Auto);
        }
    }

    fn of_index(&mut self, catalog: &Catalog, table: &Table, index: &Index) {
        let this = Address::relation(index.oid);
        if let Some(constraint) = &index.constraint {
            self.add(this, Address::new(Class::Constraint, constraint.oid), Strength::Internal);
            return;
        }
        let mut columns = Vec::new();
        for key in &index.keys {
            match &key.part {
                IndexKeyPart::Column(number) => columns.push(*number),
                IndexKeyPart::Expression(text, _) => {
                    self.of_text(catalog, this, text);
                    columns.extend(columns_of_expression(table, text));
                }
            }
        }
        columns.extend(&index.include);
        columns.extend(index.predicate.iter().flat_map(|text| columns_of_expression(table, text)));
        self.of_columns(this, table, columns);
    }

    /// A view's query is a rule of the view; what the query names, the rule depends on.
    fn of_view(&mut self, view: &View) {
        self.of_relation(view.oid, view.schema, view.row_type, view.row_array_type);
        for column in &view.columns {
            self.of_column(view.oid, column);
        }
        let rule = Address::new(Class::Rule, view.rule);
        self.add(rule, Address::relation(view.oid), Strength::Internal);
        for on in &view.depends {
            self.add(rule, *on, Strength::Normal);
        }
    }

    /// A type that the catalog declares.
    fn of_type(&mut self, this: Address, ty: Type) {
        if ty.declared != Oid::INVALID {
            self.add(this, Address::new(Class::Type, ty.declared), Strength::Normal);
        }
    }

    /// Functions and domains that the text of an expression names.
    fn of_text(&mut self, catalog: &Catalog, this: Address, expression: &str) {
        for on in text::named(catalog, expression) {
            self.add(this, on, Strength::Normal);
        }
    }

    fn of_domain(&mut self, catalog: &Catalog, domain: &Domain) {
        let this = Address::new(Class::Type, domain.oid);
        self.add(this, Address::new(Class::Schema, domain.schema), Strength::Normal);
        self.add(Address::new(Class::Type, domain.array_type), this, Strength::Internal);
        self.of_type(this, domain.base);
        for check in &domain.checks {
            let check_address = Address::new(Class::Constraint, check.oid);
            self.add(check_address, this, Strength::Auto);
            self.of_text(catalog, check_address, &check.expression);
        }
        if let Some(default) = &domain.default {
            self.of_text(catalog, this, default);
        }
    }

    fn of_routine(&mut self, routine: &Routine) {
        let this = Address::new(Class::Function, routine.oid);
        self.add(this, Address::new(Class::Schema, routine.schema), Strength::Normal);
        for argument in &routine.arguments {
            self.of_type(this, argument.ty);
        }
        self.of_type(this, routine.result);
        for on in &routine.depends {
            self.add(this, *on, Strength::Normal);
        }
    }
}
