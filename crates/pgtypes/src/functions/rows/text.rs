//! Rows: strings.

use crate::Body::Scalar;
use crate::functions::{row::functions, text};

functions! {
    401 "text"(BPCHAR) -> TEXT, Immutable strict fixed, Scalar(text::rtrim1);
    849 "position"(TEXT, TEXT) -> INT4, Immutable strict fixed, Scalar(text::textpos);
    868 "strpos"(TEXT, TEXT) -> INT4, Immutable strict fixed, Scalar(text::textpos);
    870 "lower"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::lower);
    871 "upper"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::upper);
    872 "initcap"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::initcap);
    873 "lpad"(TEXT, INT4, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::lpad);
    874 "rpad"(TEXT, INT4, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::rpad);
    875 "ltrim"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::ltrim);
    876 "rtrim"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::rtrim);
    877 "substr"(TEXT, INT4, INT4) -> TEXT, Immutable strict fixed, Scalar(text::text_substr);
    878 "translate"(TEXT, TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::translate);
    879 "lpad"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::lpad);
    880 "rpad"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::rpad);
    881 "ltrim"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::ltrim1);
    882 "rtrim"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::rtrim1);
    883 "substr"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::text_substr_no_len);
    884 "btrim"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::btrim);
    885 "btrim"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::btrim1);
    936 "substring"(TEXT, INT4, INT4) -> TEXT, Immutable strict fixed, Scalar(text::text_substr);
    937 "substring"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::text_substr_no_len);
    1257 "textlen"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::textlen);
    1258 "textcat"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::textcat);
    1317 "length"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::textlen);
    1318 "length"(BPCHAR) -> INT4, Immutable strict fixed, Scalar(text::bpcharlen);
    1367 "character_length"(BPCHAR) -> INT4, Immutable strict fixed, Scalar(text::bpcharlen);
    1369 "character_length"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::textlen);
    1372 "char_length"(BPCHAR) -> INT4, Immutable strict fixed, Scalar(text::bpcharlen);
    1374 "octet_length"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::textoctetlen);
    1375 "octet_length"(BPCHAR) -> INT4, Immutable strict fixed, Scalar(text::bpcharoctetlen);
    1381 "char_length"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::textlen);
    1404 "overlay"(TEXT, TEXT, INT4, INT4) -> TEXT, Immutable strict fixed, Scalar(text::textoverlay);
    1405 "overlay"(TEXT, TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::textoverlay_no_len);
    1620 "ascii"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::ascii);
    1621 "chr"(INT4) -> TEXT, Immutable strict fixed, Scalar(text::chr);
    1622 "repeat"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::repeat);
    1810 "bit_length"(BYTEA) -> INT4, Immutable strict fixed, Scalar(text::bytea_bit_length);
    1811 "bit_length"(TEXT) -> INT4, Immutable strict fixed, Scalar(text::text_bit_length);
    2087 "replace"(TEXT, TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(text::replace_text);
    2088 "split_part"(TEXT, TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::split_part);
    3060 "left"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::text_left);
    3061 "right"(TEXT, INT4) -> TEXT, Immutable strict fixed, Scalar(text::text_right);
    3062 "reverse"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::text_reverse);
    3696 "starts_with"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(text::text_starts_with);
    6198 "unistr"(TEXT) -> TEXT, Immutable strict fixed, Scalar(text::unistr);
}
