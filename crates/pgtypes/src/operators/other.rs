//! Operators over booleans, UUIDs, oids, arrays, records.

use super::row::operators;

operators! {
    58 "<"(BOOL, BOOL) -> BOOL, 56, 59, 1695, Less;
    59 ">"(BOOL, BOOL) -> BOOL, 57, 58, 1694, Greater;
    85 "<>"(BOOL, BOOL) -> BOOL, 84, 85, 91, None;
    91 "="(BOOL, BOOL) -> BOOL, 60, 91, 85, Equal;
    349 "||"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE) -> ANYCOMPATIBLEARRAY, 378, 0, 0, None;
    352 "="(XID, XID) -> BOOL, 68, 352, 3315, None;
    353 "="(XID, INT4) -> BOOL, 1319, 0, 3316, None;
    374 "||"(ANYCOMPATIBLE, ANYCOMPATIBLEARRAY) -> ANYCOMPATIBLEARRAY, 379, 0, 0, None;
    375 "||"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLEARRAY) -> ANYCOMPATIBLEARRAY, 383, 0, 0, None;
    385 "="(CID, CID) -> BOOL, 69, 385, 0, None;
    607 "="(OID, OID) -> BOOL, 184, 607, 608, Equal;
    608 "<>"(OID, OID) -> BOOL, 185, 608, 607, None;
    609 "<"(OID, OID) -> BOOL, 716, 610, 612, Less;
    610 ">"(OID, OID) -> BOOL, 1638, 609, 611, Greater;
    611 "<="(OID, OID) -> BOOL, 717, 612, 610, LessEqual;
    612 ">="(OID, OID) -> BOOL, 1639, 611, 609, GreaterEqual;
    644 "<>"(OIDVECTOR, OIDVECTOR) -> BOOL, 619, 644, 649, None;
    645 "<"(OIDVECTOR, OIDVECTOR) -> BOOL, 677, 646, 648, Less;
    646 ">"(OIDVECTOR, OIDVECTOR) -> BOOL, 681, 645, 647, Greater;
    647 "<="(OIDVECTOR, OIDVECTOR) -> BOOL, 678, 648, 646, LessEqual;
    648 ">="(OIDVECTOR, OIDVECTOR) -> BOOL, 680, 647, 645, GreaterEqual;
    649 "="(OIDVECTOR, OIDVECTOR) -> BOOL, 679, 649, 644, Equal;
    1070 "="(ANYARRAY, ANYARRAY) -> BOOL, 744, 1070, 1071, Equal;
    1071 "<>"(ANYARRAY, ANYARRAY) -> BOOL, 390, 1071, 1070, None;
    1072 "<"(ANYARRAY, ANYARRAY) -> BOOL, 391, 1073, 1075, Less;
    1073 ">"(ANYARRAY, ANYARRAY) -> BOOL, 392, 1072, 1074, Greater;
    1074 "<="(ANYARRAY, ANYARRAY) -> BOOL, 393, 1075, 1073, LessEqual;
    1075 ">="(ANYARRAY, ANYARRAY) -> BOOL, 396, 1074, 1072, GreaterEqual;
    1694 "<="(BOOL, BOOL) -> BOOL, 1691, 1695, 59, LessEqual;
    1695 ">="(BOOL, BOOL) -> BOOL, 1692, 1694, 58, GreaterEqual;
    2750 "&&"(ANYARRAY, ANYARRAY) -> BOOL, 2747, 2750, 0, None;
    2751 "@>"(ANYARRAY, ANYARRAY) -> BOOL, 2748, 2752, 0, None;
    2752 "<@"(ANYARRAY, ANYARRAY) -> BOOL, 2749, 2751, 0, None;
    2972 "="(UUID, UUID) -> BOOL, 2956, 2972, 2973, Equal;
    2973 "<>"(UUID, UUID) -> BOOL, 2959, 2973, 2972, None;
    2974 "<"(UUID, UUID) -> BOOL, 2954, 2975, 2977, Less;
    2975 ">"(UUID, UUID) -> BOOL, 2958, 2974, 2976, Greater;
    2976 "<="(UUID, UUID) -> BOOL, 2955, 2977, 2975, LessEqual;
    2977 ">="(UUID, UUID) -> BOOL, 2957, 2976, 2974, GreaterEqual;
    2988 "="(RECORD, RECORD) -> BOOL, 2981, 2988, 2989, Equal;
    2989 "<>"(RECORD, RECORD) -> BOOL, 2982, 2989, 2988, None;
    2990 "<"(RECORD, RECORD) -> BOOL, 2983, 2991, 2993, Less;
    2991 ">"(RECORD, RECORD) -> BOOL, 2984, 2990, 2992, Greater;
    2992 "<="(RECORD, RECORD) -> BOOL, 2985, 2993, 2991, LessEqual;
    2993 ">="(RECORD, RECORD) -> BOOL, 2986, 2992, 2990, GreaterEqual;
    3315 "<>"(XID, XID) -> BOOL, 3308, 3315, 352, None;
    3316 "<>"(XID, INT4) -> BOOL, 3309, 0, 353, None;
}
