//! The relations of `borealis`. Their numbers are ours: PostgreSQL leaves 9900 to 9999 free.

use borealis_pgtypes::Oid;

use super::Shape;

/// By name.
#[rustfmt::skip]
pub(crate) const RELATIONS: &[Shape] = &[
    Shape { oid: Oid(9970), name: "conflicts", kind: 'v', row_type: Oid(9971), row_array_type: Oid(9972), not_null: &[], columns: &[
        ("time", Oid::TIMESTAMPTZ), ("kind", Oid::TEXT), ("schema_name", Oid::TEXT), ("table_name", Oid::TEXT), ("key", Oid::TEXT),
        ("loser_snapshot", Oid::INT8), ("loser_fingerprint", Oid::TEXT), ("loser_statement", Oid::TEXT), ("loser_application_name", Oid::TEXT),
        ("winner_position", Oid::INT8), ("winner_fingerprint", Oid::TEXT), ("winner_statement", Oid::TEXT), ("winner_application_name", Oid::TEXT),
        ("injected", Oid::BOOL), ] },
    Shape { oid: Oid(9973), name: "inject", kind: 'v', row_type: Oid(9974), row_array_type: Oid(9975), not_null: &[], columns: &[
        ("id", Oid::INT8), ("kind", Oid::TEXT), ("table_name", Oid::TEXT), ("application_name", Oid::TEXT), ("job_type", Oid::TEXT),
        ("nth", Oid::INT8), ("probability", Oid::FLOAT8), ("seed", Oid::INT8), ("times", Oid::INT8), ("delay_ms", Oid::INT8),
        ("matched", Oid::INT8), ("fired", Oid::INT8), ] },
];
