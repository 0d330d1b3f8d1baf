//! Rows: regular expressions.

use crate::Body::{Scalar, Set};
use crate::functions::{regexp, row::functions};

functions! {
    79 "nameregexeq"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::nameregexeq);
    1238 "texticregexeq"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::texticregexeq);
    1239 "texticregexne"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::texticregexne);
    1240 "nameicregexeq"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::nameicregexeq);
    1241 "nameicregexne"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::nameicregexne);
    1252 "nameregexne"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::nameregexne);
    1254 "textregexeq"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::textregexeq);
    1256 "textregexne"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::textregexne);
    1656 "bpcharicregexeq"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::texticregexeq);
    1657 "bpcharicregexne"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::texticregexne);
    1658 "bpcharregexeq"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::textregexeq);
    1659 "bpcharregexne"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::textregexne);
    2073 "substring"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(regexp::textregexsubstr);
    2284 "regexp_replace"(TEXT, TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(regexp::textregexreplace_noopt);
    2285 "regexp_replace"(TEXT, TEXT, TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(regexp::textregexreplace);
    2763 "regexp_matches"(TEXT, TEXT) -> TEXT_ARRAY, Immutable strict fixed, Set(regexp::regexp_matches_no_flags);
    2764 "regexp_matches"(TEXT, TEXT, TEXT) -> TEXT_ARRAY, Immutable strict fixed, Set(regexp::regexp_matches);
    2765 "regexp_split_to_table"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Set(regexp::regexp_split_to_table_no_flags);
    2766 "regexp_split_to_table"(TEXT, TEXT, TEXT) -> TEXT, Immutable strict fixed, Set(regexp::regexp_split_to_table);
    2767 "regexp_split_to_array"(TEXT, TEXT) -> TEXT_ARRAY, Immutable strict fixed, Scalar(regexp::regexp_split_to_array_no_flags);
    2768 "regexp_split_to_array"(TEXT, TEXT, TEXT) -> TEXT_ARRAY, Immutable strict fixed, Scalar(regexp::regexp_split_to_array);
    3396 "regexp_match"(TEXT, TEXT) -> TEXT_ARRAY, Immutable strict fixed, Scalar(regexp::regexp_match_no_flags);
    3397 "regexp_match"(TEXT, TEXT, TEXT) -> TEXT_ARRAY, Immutable strict fixed, Scalar(regexp::regexp_match);
    6251 "regexp_replace"(TEXT, TEXT, TEXT, INT4, INT4, TEXT) -> TEXT, Immutable strict fixed, Scalar(regexp::textregexreplace_extended);
    6252 "regexp_replace"(TEXT, TEXT, TEXT, INT4, INT4) -> TEXT, Immutable strict fixed, Scalar(regexp::textregexreplace_extended_no_flags);
    6253 "regexp_replace"(TEXT, TEXT, TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(regexp::textregexreplace_extended_no_n);
    6254 "regexp_count"(TEXT, TEXT) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_count_no_start);
    6255 "regexp_count"(TEXT, TEXT, INT4) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_count_no_flags);
    6256 "regexp_count"(TEXT, TEXT, INT4, TEXT) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_count);
    6257 "regexp_instr"(TEXT, TEXT) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_instr_no_start);
    6258 "regexp_instr"(TEXT, TEXT, INT4) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_instr_no_n);
    6259 "regexp_instr"(TEXT, TEXT, INT4, INT4) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_instr_no_endoption);
    6260 "regexp_instr"(TEXT, TEXT, INT4, INT4, INT4) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_instr_no_flags);
    6261 "regexp_instr"(TEXT, TEXT, INT4, INT4, INT4, TEXT) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_instr_no_subexpr);
    6262 "regexp_instr"(TEXT, TEXT, INT4, INT4, INT4, TEXT, INT4) -> INT4, Immutable strict fixed, Scalar(regexp::regexp_instr);
    6263 "regexp_like"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::regexp_like_no_flags);
    6264 "regexp_like"(TEXT, TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(regexp::regexp_like);
    6265 "regexp_substr"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(regexp::regexp_substr_no_start);
    6266 "regexp_substr"(TEXT, TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(regexp::regexp_substr_no_n);
    6267 "regexp_substr"(TEXT, TEXT, INT4, INT4) -> TEXT, Immutable strict fixed, Scalar(regexp::regexp_substr_no_flags);
    6268 "regexp_substr"(TEXT, TEXT, INT4, INT4, TEXT) -> TEXT, Immutable strict fixed, Scalar(regexp::regexp_substr_no_subexpr);
    6269 "regexp_substr"(TEXT, TEXT, INT4, INT4, TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(regexp::regexp_substr);
}
