//! Operators over `json` and `jsonb`.

use super::row::operators;

operators! {
    3240 "="(JSONB, JSONB) -> BOOL, 4043, 3240, 3241, Equal;
    3241 "<>"(JSONB, JSONB) -> BOOL, 4038, 3241, 3240, None;
    3242 "<"(JSONB, JSONB) -> BOOL, 4039, 3243, 3245, Less;
    3243 ">"(JSONB, JSONB) -> BOOL, 4040, 3242, 3244, Greater;
    3244 "<="(JSONB, JSONB) -> BOOL, 4041, 3245, 3243, LessEqual;
    3245 ">="(JSONB, JSONB) -> BOOL, 4042, 3244, 3242, GreaterEqual;
}
