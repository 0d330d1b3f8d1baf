//! Rows: `bytea`, digests, UUIDs.

use crate::Body::Scalar;
use crate::functions::{bytes, row::functions};

functions! {
    720 "octet_length"(BYTEA) -> INT4, Immutable strict fixed, Scalar(bytes::byteaoctetlen);
    721 "get_byte"(BYTEA, INT4) -> INT4, Immutable strict fixed, Scalar(bytes::byteaGetByte);
    722 "set_byte"(BYTEA, INT4, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteaSetByte);
    723 "get_bit"(BYTEA, INT8) -> INT4, Immutable strict fixed, Scalar(bytes::byteaGetBit);
    724 "set_bit"(BYTEA, INT8, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteaSetBit);
    749 "overlay"(BYTEA, BYTEA, INT4, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteaoverlay);
    752 "overlay"(BYTEA, BYTEA, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteaoverlay_no_len);
    1713 "length"(BYTEA, NAME) -> INT4, Stable strict fixed, Scalar(bytes::length_in_encoding);
    1714 "convert_from"(BYTEA, NAME) -> TEXT, Stable strict fixed, Scalar(bytes::pg_convert_from);
    1717 "convert_to"(TEXT, NAME) -> BYTEA, Stable strict fixed, Scalar(bytes::pg_convert_to);
    1813 "convert"(BYTEA, NAME, NAME) -> BYTEA, Stable strict fixed, Scalar(bytes::pg_convert);
    1946 "encode"(BYTEA, TEXT) -> TEXT, Immutable strict fixed, Scalar(bytes::binary_encode);
    1947 "decode"(TEXT, TEXT) -> BYTEA, Immutable strict fixed, Scalar(bytes::binary_decode);
    2010 "length"(BYTEA) -> INT4, Immutable strict fixed, Scalar(bytes::byteaoctetlen);
    2011 "byteacat"(BYTEA, BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteacat);
    2012 "substring"(BYTEA, INT4, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::bytea_substr);
    2013 "substring"(BYTEA, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::bytea_substr_no_len);
    2014 "position"(BYTEA, BYTEA) -> INT4, Immutable strict fixed, Scalar(bytes::byteapos);
    2015 "btrim"(BYTEA, BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteatrim);
    2085 "substr"(BYTEA, INT4, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::bytea_substr);
    2086 "substr"(BYTEA, INT4) -> BYTEA, Immutable strict fixed, Scalar(bytes::bytea_substr_no_len);
    2311 "md5"(TEXT) -> TEXT, Immutable strict fixed, Scalar(bytes::md5_text);
    2321 "md5"(BYTEA) -> TEXT, Immutable strict fixed, Scalar(bytes::md5_bytea);
    3419 "sha224"(BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::sha224_bytea);
    3420 "sha256"(BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::sha256_bytea);
    3421 "sha384"(BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::sha384_bytea);
    3422 "sha512"(BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::sha512_bytea);
    3432 "gen_random_uuid"() -> UUID, Volatile strict fixed, Scalar(bytes::gen_random_uuid);
    6163 "bit_count"(BYTEA) -> INT8, Immutable strict fixed, Scalar(bytes::bytea_bit_count);
    6195 "ltrim"(BYTEA, BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::bytealtrim);
    6196 "rtrim"(BYTEA, BYTEA) -> BYTEA, Immutable strict fixed, Scalar(bytes::byteartrim);
}
