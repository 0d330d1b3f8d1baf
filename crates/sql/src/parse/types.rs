//! Type names.

use pg_query::protobuf::TypeName as TypeNode;

use super::lower::{Lower, R, strings};
use crate::ast::TypeName;

impl Lower<'_> {
    pub(super) fn type_name(&self, node: TypeNode) -> R<TypeName> {
        // typemod and type_oid are the analysed form; array bounds' sizes are documentation in PostgreSQL too, only their number counts.
        let TypeNode { names, type_oid: _, setof, pct_type, typmods, typemod: _, array_bounds, location } = node;
        Ok(TypeName {
            names: strings(names)?,
            modifiers: self.exprs(typmods)?,
            array_dimensions: array_bounds.len(),
            setof,
            percent_type: pct_type,
            at: location,
        })
    }
}
