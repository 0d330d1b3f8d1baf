//! Rows: text search. Only configuration `simple` exists, and its parser is not here yet: these functions tell so, and which configurations are not there.

use crate::Body::Scalar;
use crate::functions::{row::functions, text_search};

functions! {
    3745 "to_tsvector"(REGCONFIG, TEXT) -> TSVECTOR, Immutable strict fixed, Scalar(text_search::not_yet);
    3746 "to_tsquery"(REGCONFIG, TEXT) -> TSQUERY, Immutable strict fixed, Scalar(text_search::not_yet);
    3747 "plainto_tsquery"(REGCONFIG, TEXT) -> TSQUERY, Immutable strict fixed, Scalar(text_search::not_yet);
    3749 "to_tsvector"(TEXT) -> TSVECTOR, Stable strict fixed, Scalar(text_search::not_yet);
    3750 "to_tsquery"(TEXT) -> TSQUERY, Stable strict fixed, Scalar(text_search::not_yet);
    3751 "plainto_tsquery"(TEXT) -> TSQUERY, Stable strict fixed, Scalar(text_search::not_yet);
    4209 "to_tsvector"(JSONB) -> TSVECTOR, Stable strict fixed, Scalar(text_search::not_yet);
    4210 "to_tsvector"(JSON) -> TSVECTOR, Stable strict fixed, Scalar(text_search::not_yet);
    4211 "to_tsvector"(REGCONFIG, JSONB) -> TSVECTOR, Immutable strict fixed, Scalar(text_search::not_yet);
    4212 "to_tsvector"(REGCONFIG, JSON) -> TSVECTOR, Immutable strict fixed, Scalar(text_search::not_yet);
    5001 "phraseto_tsquery"(TEXT) -> TSQUERY, Stable strict fixed, Scalar(text_search::not_yet);
    5006 "phraseto_tsquery"(REGCONFIG, TEXT) -> TSQUERY, Immutable strict fixed, Scalar(text_search::not_yet);
    5007 "websearch_to_tsquery"(REGCONFIG, TEXT) -> TSQUERY, Immutable strict fixed, Scalar(text_search::not_yet);
    5009 "websearch_to_tsquery"(TEXT) -> TSQUERY, Stable strict fixed, Scalar(text_search::not_yet);
}
