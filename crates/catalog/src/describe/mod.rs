//! Objects as text and text as objects: what `pg_get_indexdef`, `regclass` and their kin print and read.
//!
//! Names depend on the search path: an object is printed without its schema when an unqualified name would find it, and only then. [`Names`] carries
//! what that decision needs; everything else is a function of the catalog snapshot.

mod constraint;
mod expression;
mod extended;
mod format_type;
mod index;
mod name;
mod object;
mod operator;
mod procedure;
mod relation;
mod role;
mod routine;
mod stored;
mod text_search;
mod type_name;

use borealis_pgtypes::Oid;
use borealis_pgtypes::functions::compose::quote_identifier;

pub use constraint::{check_clause, constraint_definition};
pub use expression::pretty;
pub use extended::{find_statistics, statistics_columns, statistics_definition};
pub use format_type::format_type;
pub use index::index_definition;
pub use object::object_description;
pub use operator::{operator_name, operator_signature, resolve_operator, resolve_operator_signature};
pub use procedure::{
    Procedure, function_arguments, function_definition, function_identity_arguments, function_result, procedure_by_oid,
    procedure_is_visible, procedure_name, procedure_signature, procedures, resolve_procedure, resolve_procedure_signature,
};
pub use relation::{
    Relation, find_relation, qualified_relation_name, relation_by_oid, relation_is_visible, relation_name, resolve_relation,
};
pub use role::{resolve_role, resolve_schema, role_by_name, role_name, schema_name};
pub use stored::{regclass_constants, stored_expression};
pub(crate) use text_search::SIMPLE;
pub use text_search::{resolve_text_search_configuration, text_search_configuration_name};
pub(crate) use type_name::array_name;
pub use type_name::{TypeEntry, resolve_type, type_by_oid, type_is_visible};

use crate::Catalog;

/// How names are looked up and printed.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The statement's catalog snapshot.
    pub catalog: &'a Catalog,
    /// Schemas searched for an unqualified name, in order; `pg_catalog` first unless the session names it elsewhere.
    pub search_path: &'a [Oid],
    /// The current database, the only one a three-part name may begin with.
    pub database: &'a str,
}

impl Names<'_> {
    /// `schema.name`, both quoted where needed.
    fn qualified(&self, schema: Oid, name: &str) -> String {
        match self.catalog.schema_by_oid(schema) {
            Some(found) => format!("{}.{}", quote_identifier(&found.name), quote_identifier(name)),
            None => quote_identifier(name),
        }
    }
}

/// Column names as a definition lists them.
fn column_list(table: &crate::Table, numbers: &[i16]) -> String {
    let name = |number: &i16| table.column_number(*number).map_or_else(|| "???".to_owned(), |column| quote_identifier(&column.name));
    numbers.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
