//! The relations of `sys`, Aurora DSQL's own. Their numbers are ours: PostgreSQL leaves 9900 to 9999 free.

use borealis_pgtypes::Oid;

use super::Shape;

/// By name.
#[rustfmt::skip]
pub(crate) const RELATIONS: &[Shape] = &[
    Shape { oid: Oid(9960), name: "iam_pg_role_mappings", kind: 'v', row_type: Oid(9961), row_array_type: Oid(9962), not_null: &[], columns: &[
        ("iam_oid", Oid::OID), ("arn", Oid::TEXT), ("pg_role_oid", Oid::OID), ("pg_role_name", Oid::NAME), ("grantor_pg_role_oid", Oid::OID),
        ("grantor_pg_role_name", Oid::NAME), ] },
    Shape { oid: Oid(9963), name: "jobs", kind: 'v', row_type: Oid(9964), row_array_type: Oid(9965), not_null: &[], columns: &[
        ("job_id", Oid::TEXT), ("status", Oid::TEXT), ("details", Oid::TEXT), ("job_type", Oid::TEXT), ("class_id", Oid::OID),
        ("object_id", Oid::OID), ("object_name", Oid::TEXT), ("start_time", Oid::TIMESTAMPTZ), ("update_time", Oid::TIMESTAMPTZ), ] },
];
