//! `pg_constraint`.

use borealis_pgtypes::functions::compose::quote_identifier;
use borealis_pgtypes::{Datum, Oid, Result, operators};

use super::value::{NONE, NULL, TRUE, array, letter, numbers, text};
use super::{Family, SystemContext};
use crate::describe::{check_clause, pretty};
use crate::snapshot::{Constraint, PG_CATALOG_SCHEMA};
use crate::{Catalog, Check, Column, Domain, ForeignKey, Index, IndexKeyPart, Table};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_constraint", pg_constraint)];

/// What differs between rows of `pg_constraint`.
struct Row<'a> {
    oid: Oid,
    name: &'a str,
    schema: Oid,
    /// The table, or none for a constraint of a domain.
    relation: Oid,
    domain: Oid,
    kind: char,
    validated: bool,
    index: Oid,
    key: Vec<i16>,
    foreign: Option<&'a ForeignKey>,
    operators: Option<Equalities>,
    condition: Datum,
}

impl Row<'_> {
    #[rustfmt::skip]
    fn datums(self) -> Vec<Datum> {
        let foreign = self.foreign;
        let action = |letter_of: fn(&ForeignKey) -> char| foreign.map_or(letter(' '), |key| letter(letter_of(key)));
        let oids = |oids: Vec<Oid>| array(Oid::OID, oids.into_iter().map(Datum::Oid).collect());
        let [pf, pp, ff] = self.operators.map_or([NULL, NULL, NULL], |operators| operators.map(oids));
        let set_columns = foreign.filter(|key| !key.delete_columns.is_empty()).map_or(NULL, |key| numbers(&key.delete_columns));
        vec![
            Datum::Oid(self.oid), text(self.name), Datum::Oid(self.schema), letter(self.kind),
            Datum::Bool(foreign.is_some_and(|key| key.deferrable)), Datum::Bool(foreign.is_some_and(|key| key.initially_deferred)),
            Datum::Bool(self.validated), Datum::Oid(self.relation), Datum::Oid(self.domain), Datum::Oid(self.index),
            NONE, Datum::Oid(foreign.map_or(Oid::INVALID, |key| key.target)), action(|key| key.on_update), action(|key| key.on_delete),
            action(|key| key.match_type), TRUE, Datum::Int2(0), Datum::Bool(self.kind != 'c'),
            if self.domain == Oid::INVALID { numbers(&self.key) } else { NULL }, foreign.map_or(NULL, |key| numbers(&key.target_columns)),
            pf, pp, ff, set_columns, NULL, self.condition,
        ]
    }
}

/// The columns a UNIQUE or PRIMARY KEY constraint is about.
pub(crate) fn key_columns(index: &Index) -> Vec<i16> {
    let column = |part: &IndexKeyPart| if let IndexKeyPart::Column(number) = part { Some(*number) } else { None };
    index.keys.iter().filter_map(|key| column(&key.part)).collect()
}

/// The columns a condition names, in column order.
pub(crate) fn columns_of_check(table: &Table, check: &Check) -> Vec<i16> {
    columns_of_expression(table, &check.expression)
}

/// The columns an expression names, in column order. The text is the deparser's own: key words are in capitals or followed by a parenthesis, and what
/// is neither a string, a function nor a type is a column, quoted where its name needs quotes.
pub(crate) fn columns_of_expression(table: &Table, expression: &str) -> Vec<i16> {
    let words = words(expression);
    let named = |column: &&Column| words.contains(&quote_identifier(&column.name).as_str());
    table.live_columns().filter(named).map(|column| column.number).collect()
}

/// Identifiers of an expression as they are written; string literals, function names and type names after `::` are none.
fn words(expression: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '\'' => (None, rest[1..].split_once('\'').map_or("", |(_, after)| after)),
            '"' => {
                let end = quoted_end(rest);
                (Some(&rest[..end]), &rest[end..])
            }
            ':' => (None, rest.trim_start_matches(|c: char| c == ':' || c == '_' || c == '"' || c.is_alphanumeric())),
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            c => (None, &rest[c.len_utf8()..]),
        };
        words.extend(word.filter(|_| !after.starts_with('(')));
        rest = after;
    }
    words
}

/// Where a quoted identifier at the start of the text ends; a doubled quote belongs to it.
fn quoted_end(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'"' && bytes.next_if(|(_, next)| *next == b'"').is_none() {
            return at + 1;
        }
    }
    text.len()
}

/// The index behind what a foreign key references.
pub(crate) fn target_index<'a>(catalog: &'a Catalog, key: &ForeignKey) -> Option<&'a Index> {
    Some(catalog.index_by_oid(key.target_index)?.0)
}

/// `conpfeqop`, `conppeqop` and `conffeqop`.
type Equalities = [Vec<Oid>; 3];

/// The equality operators of a foreign key: referenced with referencing type, and each with itself. Types without an operator of their own in common are
/// compared as the referenced type.
fn equalities(table: &Table, target: Option<&Table>, key: &ForeignKey) -> Equalities {
    let mut operators = Equalities::default();
    let operand = |table: &Table, number: i16| {
        let ty = table.column_number(number).map_or(Oid::INVALID, |column| column.ty.oid);
        if ty == Oid::VARCHAR { Oid::TEXT } else { ty }
    };
    for (own, referenced) in key.columns.iter().zip(&key.target_columns) {
        let (child, parent) = (operand(table, *own), target.map_or(Oid::INVALID, |target| operand(target, *referenced)));
        let own_kind = operators::equality(parent, parent).unwrap_or(Oid::INVALID);
        let mixed = operators::equality(parent, child);
        operators[0].push(mixed.unwrap_or(own_kind));
        operators[1].push(own_kind);
        operators[2].push(mixed.and_then(|_| operators::equality(child, child)).unwrap_or(own_kind));
    }
    operators
}

fn row<'a>(catalog: &Catalog, table: &'a Table, oid: Oid, constraint: Constraint<'a>) -> Row<'a> {
    match constraint {
        Constraint::Unique(index) => Row {
            oid,
            name: &index.name,
            schema: table.schema,
            relation: table.oid,
            domain: Oid::INVALID,
            kind: if index.primary { 'p' } else { 'u' },
            validated: true,
            index: index.oid,
            key: key_columns(index),
            foreign: None,
            operators: None,
            condition: NULL,
        },
        Constraint::Check(check) => Row {
            oid,
            name: &check.name,
            schema: table.schema,
            relation: table.oid,
            domain: Oid::INVALID,
            kind: 'c',
            validated: check.validated,
            index: Oid::INVALID,
            key: columns_of_check(table, check),
            foreign: None,
            operators: None,
            condition: text(pretty(check_clause(check, false))),
        },
        Constraint::Foreign(key) => Row {
            oid,
            name: &key.name,
            schema: table.schema,
            relation: table.oid,
            domain: Oid::INVALID,
            kind: 'f',
            validated: key.validated,
            index: target_index(catalog, key).map_or(Oid::INVALID, |index| index.oid),
            key: key.columns.clone(),
            foreign: Some(key),
            operators: Some(equalities(table, catalog.table_by_oid(key.target).map(AsRef::as_ref), key)),
            condition: NULL,
        },
    }
}

fn domain_check<'a>(domain: &'a Domain, check: &'a Check) -> Row<'a> {
    Row {
        oid: check.oid,
        name: &check.name,
        schema: domain.schema,
        relation: Oid::INVALID,
        domain: domain.oid,
        kind: 'c',
        validated: check.validated,
        index: Oid::INVALID,
        key: Vec::new(),
        foreign: None,
        operators: None,
        condition: text(pretty(check_clause(check, false))),
    }
}

fn pg_constraint(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let catalog = context.catalog;
    let of_table = |table: &std::sync::Arc<Table>| {
        table.constraints().map(|(oid, constraint)| row(catalog, table, oid, constraint).datums()).collect::<Vec<_>>()
    };
    let of_domains = catalog.domains().flat_map(|domain| domain.checks.iter().map(|check| domain_check(domain, check).datums()));
    Ok(catalog.tables().flat_map(of_table).chain(of_domains).collect())
}
