//! Names of the parameters of built-in functions (`pg_proc.proargnames`), for calls in named notation.

use borealis_pgtypes::Oid;

const NAMES: &[(u32, &[&str])] = &[
    (1177, &["target", "path", "vars", "silent"]),
    (1179, &["target", "path", "vars", "silent"]),
    (1180, &["target", "path", "vars", "silent"]),
    (1268, &["str", "strict"]),
    (2023, &["target", "path", "vars", "silent"]),
    (2030, &["target", "path", "vars", "silent"]),
    (3208, &["from_json"]),
    (3214, &["from_json", "field_name"]),
    (3215, &["from_json", "element_index"]),
    (3216, &["from_json", "element_index"]),
    (3217, &["from_json", "path_elems"]),
    (3219, &["from_json"]),
    (3305, &["jsonb_in", "path", "replacement", "create_if_missing"]),
    (3343, &["from_json", "path_elems"]),
    (3461, &["year", "month", "mday", "hour", "min", "sec"]),
    (3462, &["year", "month", "mday", "hour", "min", "sec"]),
    (3463, &["year", "month", "mday", "hour", "min", "sec", "timezone"]),
    (3464, &["years", "months", "weeks", "days", "hours", "mins", "secs"]),
    (3465, &["from_json"]),
    (3478, &["from_json", "field_name"]),
    (3579, &["jsonb_in", "path", "replacement", "insert_after"]),
    (3846, &["year", "month", "day"]),
    (3847, &["hour", "min", "sec"]),
    (3932, &["from_json"]),
    (3940, &["from_json", "path_elems"]),
    (3947, &["from_json", "field_name"]),
    (3948, &["from_json", "field_name"]),
    (3949, &["from_json", "element_index"]),
    (3950, &["from_json", "element_index"]),
    (3951, &["from_json", "path_elems"]),
    (3953, &["from_json", "path_elems"]),
    (3955, &["from_json"]),
    (3958, &["from_json"]),
    (3959, &["from_json"]),
    (3960, &["base", "from_json", "use_json_as_text"]),
    (3961, &["base", "from_json", "use_json_as_text"]),
    (3969, &["from_json"]),
    (4005, &["target", "path", "vars", "silent"]),
    (4006, &["target", "path", "vars", "silent"]),
    (4007, &["target", "path", "vars", "silent"]),
    (4008, &["target", "path", "vars", "silent"]),
    (4009, &["target", "path", "vars", "silent"]),
    (5054, &["jsonb_in", "path", "replacement", "create_if_missing", "null_value_treatment"]),
    (6212, &["mean", "stddev"]),
];

/// The names, when the function has any.
pub(super) fn of(oid: Oid) -> Option<&'static [&'static str]> {
    NAMES.binary_search_by_key(&oid.0, |row| row.0).ok().map(|index| NAMES[index].1)
}
