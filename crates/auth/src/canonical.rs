//! SigV4's canonical form of a request, and its signature.
//!
//! Canonical means: every query key and value percent-decoded and encoded again with upper-case hexadecimal and nothing but the unreserved characters
//! of RFC 3986 left bare, then sorted by encoded key and value; the path without empty and dot segments and encoded once more; the signed headers
//! in lower case and order. `X-Amz-Signature` is the only query key outside the signature.

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
    scope_of(at, region, SERVICE)
}

fn scope_of(at: AmzDate, region: &str, service: &str) -> String {
    format!("{}/{region}/{service}/{TERMINATOR}", at.day())
}

/// The SHA-256 of a request's body as [`crate::verify_request`] takes it: lower-case hexadecimal.
#[must_use]
pub fn body_sha256(body: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(body))
}

/// A request in the parts that a signature covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CanonicalRequest<'a> {
    pub(crate) method: &'a str,
    /// As on the wire.
    pub(crate) path: &'a str,
    /// Decoded, without the signature.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// The signed ones: names in lower case and sorted, values as on the wire.
    pub(crate) headers: &'a [(String, String)],
    /// Lower-case hexadecimal.
    pub(crate) body_sha256: &'a str,
}

impl CanonicalRequest<'_> {
    fn text(&self) -> String {
        let names = self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
        let lines = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect::<String>();
        format!("{}\n{}\n{}\n{lines}\n{names}\n{}", self.method, canonical_path(self.path), canonical_query(self.query), self.body_sha256)
    }

    /// The signature in lower-case hexadecimal.
    pub(crate) fn signature(&self, secret: &str, at: AmzDate, region: &str, service: &str) -> String {
        let digest = body_sha256(self.text().as_bytes());
        let to_sign = format!("{ALGORITHM}\n{at}\n{}\n{digest}", scope_of(at, region, service));
        let time = UNIX_EPOCH + Duration::from_secs(at.unix().unsigned_abs());
        calculate_signature(generate_signing_key(secret, time, region, service), to_sign.as_bytes())
    }
}

/// The signature of a token's request, `GET /` with an empty body. `pairs` are the decoded query keys and values without the signature.
pub(crate) fn token_signature(secret: &str, host: &str, pairs: &[(&str, &str)], at: AmzDate, region: &str) -> String {
    let headers = [(SIGNED_HEADERS.to_owned(), host.to_owned())];
    let request = CanonicalRequest { method: "GET", path: "/", query: pairs, headers: &headers, body_sha256: EMPTY_BODY_SHA256 };
    request.signature(secret, at, region, SERVICE)
}

fn canonical_query(pairs: &[(&str, &str)]) -> String {
    let mut encoded: Vec<(String, String)> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    encoded.sort();
    encoded.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The path of the wire, which is encoded once, encoded again; every service but S3 wants it so.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    let tail = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{tail}", segments.into_iter().map(encode).collect::<Vec<_>>().join("/"))
}

/// A header's value as it is signed: without blanks around it and with one for each run of them inside.
pub(crate) fn header_value(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
