//! Operators over `inet` and `cidr`.

use super::row::operators;

operators! {
    931 "<<"(INET, INET) -> BOOL, 927, 933, 0, None;
    932 "<<="(INET, INET) -> BOOL, 928, 934, 0, None;
    933 ">>"(INET, INET) -> BOOL, 929, 931, 0, None;
    934 ">>="(INET, INET) -> BOOL, 930, 932, 0, None;
    1201 "="(INET, INET) -> BOOL, 920, 1201, 1202, Equal;
    1202 "<>"(INET, INET) -> BOOL, 925, 1202, 1201, None;
    1203 "<"(INET, INET) -> BOOL, 921, 1205, 1206, Less;
    1204 "<="(INET, INET) -> BOOL, 922, 1206, 1205, LessEqual;
    1205 ">"(INET, INET) -> BOOL, 923, 1203, 1204, Greater;
    1206 ">="(INET, INET) -> BOOL, 924, 1204, 1203, GreaterEqual;
    2634 "~"(INVALID, INET) -> INET, 2627, 0, 0, None;
    2635 "&"(INET, INET) -> INET, 2628, 0, 0, None;
    2636 "|"(INET, INET) -> INET, 2629, 0, 0, None;
    2637 "+"(INET, INT8) -> INET, 2630, 2638, 0, None;
    2638 "+"(INT8, INET) -> INET, 2631, 2637, 0, None;
    2639 "-"(INET, INT8) -> INET, 2632, 0, 0, None;
    2640 "-"(INET, INET) -> INT8, 2633, 0, 0, None;
    3552 "&&"(INET, INET) -> BOOL, 3551, 3552, 0, None;
}
