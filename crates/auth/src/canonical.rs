//! SigV4's canonical form of the one request that a token stands for, and its signature.
//!
//! The request is always `GET /` with a single signed header, `host`, and an empty body; only host and query vary. Canonical means: every
//! query key and value percent-decoded and encoded again with upper-case hexadecimal and nothing but the unreserved characters of RFC
//! 3986 left bare, then sorted by encoded key and value. `X-Amz-Signature` is the only key outside the signature.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::amz_date::AmzDate;

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
pub(crate) const SERVICE: &str = "dsql";
pub(crate) const TERMINATOR: &str = "aws4_request";
pub(crate) const SIGNED_HEADERS: &str = "host";

const EMPTY_BODY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The query keys of a token, with the capitals that they carry on the wire.
pub(crate) mod key {
    pub(crate) const ACTION: &str = "Action";
    pub(crate) const ALGORITHM: &str = "X-Amz-Algorithm";
    pub(crate) const CREDENTIAL: &str = "X-Amz-Credential";
    pub(crate) const DATE: &str = "X-Amz-Date";
    pub(crate) const EXPIRES: &str = "X-Amz-Expires";
    pub(crate) const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders";
    pub(crate) const SECURITY_TOKEN: &str = "X-Amz-Security-Token";
    pub(crate) const SIGNATURE: &str = "X-Amz-Signature";
}

/// Percent-encodes as SigV4 wants it.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes `%XX`. A `+` stays a plus sign: no value of a token holds a space, but a security token does hold plus signs.
pub(crate) fn decode(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

/// `key=value&…` with both sides encoded, in the order given.
pub(crate) fn write_query(pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        let separator = if query.is_empty() { "" } else { "&" };
        let _ = write!(query, "{separator}{}={}", encode(name), encode(value)); // writing to a String cannot fail
    }
    query
}

/// The credential scope: day, region, service.
pub(crate) fn scope(at: AmzDate, region: &str) -> String {
    format!("{}/{region}/{SERVICE}/{TERMINATOR}", at.day())
}

/// The signature of a token's request in lower-case hexadecimal. `pairs` are the decoded query keys and values without the signature.
pub(crate) fn signature(secret: &str, host: &str, pairs: &[(&str, &str)], at: AmzDate, region: &str) -> String {
    let mut encoded: Vec<(String, String)> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    encoded.sort();
    let query = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let request = format!("GET\n/\n{query}\nhost:{host}\n\n{SIGNED_HEADERS}\n{EMPTY_BODY_SHA256}");
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(request.as_bytes()));
    let to_sign = format!("{ALGORITHM}\n{at}\n{}\n{digest}", scope(at, region));
    let time = UNIX_EPOCH + Duration::from_secs(at.unix().unsigned_abs());
    calculate_signature(generate_signing_key(secret, time, region, SERVICE), to_sign.as_bytes())
}
