//! Rows: rows made of JSON.

use crate::Body::{Scalar, Set};
use crate::functions::{json_record, row::functions};

functions! {
    3204 "json_to_record"(JSON) -> RECORD, Stable strict fixed, Scalar(json_record::json_to_record);
    3205 "json_to_recordset"(JSON) -> RECORD, Stable nullable fixed, Set(json_record::json_to_recordset);
    3209 "jsonb_populate_record"(ANYELEMENT, JSONB) -> ANYELEMENT, Stable nullable fixed, Scalar(json_record::jsonb_populate_record);
    3475 "jsonb_populate_recordset"(ANYELEMENT, JSONB) -> ANYELEMENT, Stable nullable fixed, Set(json_record::jsonb_populate_recordset);
    3490 "jsonb_to_record"(JSONB) -> RECORD, Stable strict fixed, Scalar(json_record::jsonb_to_record);
    3491 "jsonb_to_recordset"(JSONB) -> RECORD, Stable nullable fixed, Set(json_record::jsonb_to_recordset);
    3960 "json_populate_record"(ANYELEMENT, JSON, BOOL) -> ANYELEMENT, Stable nullable fixed, Scalar(json_record::json_populate_record), defaults ["false"];
    3961 "json_populate_recordset"(ANYELEMENT, JSON, BOOL) -> ANYELEMENT, Stable nullable fixed, Set(json_record::json_populate_recordset), defaults ["false"];
}
