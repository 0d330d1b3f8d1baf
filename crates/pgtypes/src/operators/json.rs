//! Operators over `json` and `jsonb`.

use super::row::operators;

operators! {
    3206 "#>>"(JSONB, TEXT_ARRAY) -> TEXT, 3940, 0, 0, None;
    3211 "->"(JSONB, TEXT) -> JSONB, 3478, 0, 0, None;
    3212 "->"(JSONB, INT4) -> JSONB, 3215, 0, 0, None;
    3213 "#>"(JSONB, TEXT_ARRAY) -> JSONB, 3217, 0, 0, None;
    3240 "="(JSONB, JSONB) -> BOOL, 4043, 3240, 3241, Equal;
    3241 "<>"(JSONB, JSONB) -> BOOL, 4038, 3241, 3240, None;
    3242 "<"(JSONB, JSONB) -> BOOL, 4039, 3243, 3245, Less;
    3243 ">"(JSONB, JSONB) -> BOOL, 4040, 3242, 3244, Greater;
    3244 "<="(JSONB, JSONB) -> BOOL, 4041, 3245, 3243, LessEqual;
    3245 ">="(JSONB, JSONB) -> BOOL, 4042, 3244, 3242, GreaterEqual;
    3246 "@>"(JSONB, JSONB) -> BOOL, 4046, 3250, 0, None;
    3247 "?"(JSONB, TEXT) -> BOOL, 4047, 0, 0, None;
    3248 "?|"(JSONB, TEXT_ARRAY) -> BOOL, 4048, 0, 0, None;
    3249 "?&"(JSONB, TEXT_ARRAY) -> BOOL, 4049, 0, 0, None;
    3250 "<@"(JSONB, JSONB) -> BOOL, 4050, 3246, 0, None;
    3284 "||"(JSONB, JSONB) -> JSONB, 3301, 0, 0, None;
    3285 "-"(JSONB, TEXT) -> JSONB, 3302, 0, 0, None;
    3286 "-"(JSONB, INT4) -> JSONB, 3303, 0, 0, None;
    3287 "#-"(JSONB, TEXT_ARRAY) -> JSONB, 3304, 0, 0, None;
    3398 "-"(JSONB, TEXT_ARRAY) -> JSONB, 3343, 0, 0, None;
    3477 "->>"(JSONB, TEXT) -> TEXT, 3214, 0, 0, None;
    3481 "->>"(JSONB, INT4) -> TEXT, 3216, 0, 0, None;
    3962 "->"(JSON, TEXT) -> JSON, 3947, 0, 0, None;
    3963 "->>"(JSON, TEXT) -> TEXT, 3948, 0, 0, None;
    3964 "->"(JSON, INT4) -> JSON, 3949, 0, 0, None;
    3965 "->>"(JSON, INT4) -> TEXT, 3950, 0, 0, None;
    3966 "#>"(JSON, TEXT_ARRAY) -> JSON, 3951, 0, 0, None;
    3967 "#>>"(JSON, TEXT_ARRAY) -> TEXT, 3953, 0, 0, None;
    4012 "@?"(JSONB, JSONPATH) -> BOOL, 4010, 0, 0, None;
    4013 "@@"(JSONB, JSONPATH) -> BOOL, 4011, 0, 0, None;
}
