//! What a DDL statement does to the catalog.

use std::sync::Arc;

use borealis_pgtypes::Oid;

use crate::{Role, Schema, Table};

/// One object written or removed. A descriptor is always written whole.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Change {
    PutSchema(Arc<Schema>),
    DropSchema(Oid),
    PutTable(Arc<Table>),
    DropTable(Oid),
    PutRole(Arc<Role>),
    DropRole(Oid),
}
