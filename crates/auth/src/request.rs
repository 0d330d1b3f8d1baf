//! Checking the control plane's requests: Signature Version 4 in the `Authorization` header, or in the query of a presigned URL.
//!
//! The order of the checks is that of tokens, for the same reasons: form, claims, key, signature, time.

use borealis_base::Redacted;

use crate::amz_date::AmzDate;
use crate::canonical::{self, CanonicalRequest, key};
use crate::credential_scope::Credential;
use crate::error::AuthError;
use crate::principal::Principal;
use crate::stored_key::{KeyLookup, StoredKey, check_time};
use crate::verify::{QueryOf, find, invalid, parse_expires, parse_query, require, take};

/// How long a request signed in its header is good for.
const REQUEST_SECONDS: u32 = 300;
const AUTHORIZATION: &str = "authorization";
const DATE: &str = "x-amz-date";
const SECURITY_TOKEN: &str = "x-amz-security-token";

/// A request as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// `GET`.
    pub method: &'a str,
    /// The path, still percent-encoded.
    pub path: &'a str,
    /// What stands behind the `?`, still percent-encoded; empty without one.
    pub query: &'a str,
    /// Names and values; names in any case.
    pub headers: &'a [(&'a str, &'a str)],
}

/// What a request must match.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExpectedRequest<'a> {
    /// The one region served here. Where several are, `None`: the principal names the region that the request is for.
    pub region: Option<&'a str>,
}

/// Checks that whoever made a request holds a key, and made it now. `body_sha256` comes from [`crate::body_sha256`].
///
/// # Errors
/// The first check that fails.
pub fn verify_request(
    parts: &RequestParts<'_>,
    body_sha256: &str,
    expected: &ExpectedRequest<'_>,
    keys: &dyn KeyLookup,
    now_unix: i64,
) -> Result<Principal, AuthError> {
    let claims = Claims::parse(parts)?;
    claims.credential.check(claims.signed, expected.region)?;
    let stored = StoredKey::look_up(keys, &claims.credential.access_key_id)?;
    stored.check_security_token(claims.security_token.as_ref().map(|token| token.expose().as_str()))?;
    let right = claims.right_signature(parts.method, parts.path, body_sha256, stored.key.secret.expose());
    StoredKey::check_signature(&right, &claims.signature)?;
    check_time(claims.signed, claims.expires_in_seconds, now_unix)?;
    stored.check_not_over(now_unix)?;
    Ok(stored.into_principal(claims.credential.region))
}

/// A signed request taken apart; nothing in here is proved before the signature is.
struct Claims {
    credential: Credential,
    signed: AmzDate,
    expires_in_seconds: u32,
    security_token: Option<Redacted<String>>,
    /// Names in lower case and sorted, values as they are signed.
    signed_headers: Vec<(String, Redacted<String>)>,
    /// Decoded, without the signature.
    query: Vec<(String, Redacted<String>)>,
    signature: Redacted<String>,
}

impl Claims {
    fn parse(parts: &RequestParts<'_>) -> Result<Self, AuthError> {
        match header(parts, AUTHORIZATION) {
            Some(authorization) => Self::from_header(parts, authorization),
            None if parts.query.split('&').any(|pair| pair.starts_with(key::SIGNATURE)) => Self::from_query(parts),
            None => Err(AuthError::NotSigned),
        }
    }

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=a;b, Signature=…`.
    fn from_header(parts: &RequestParts<'_>, authorization: &str) -> Result<Self, AuthError> {
        let incomplete = AuthError::IncompleteSignature;
        let fields = authorization.strip_prefix(canonical::ALGORITHM).ok_or(incomplete("the algorithm AWS4-HMAC-SHA256"))?;
        let fields: Vec<(&str, &str)> = fields.split(',').filter_map(|field| field.trim().split_once('=')).collect();
        let field = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let credential = field("Credential").and_then(Credential::parse).ok_or(incomplete("'Credential' parameter"))?;
        let signature = field("Signature").ok_or(incomplete("'Signature' parameter"))?;
        let names = field("SignedHeaders").ok_or(incomplete("'SignedHeaders' parameter"))?;
        let date =
            header(parts, DATE).and_then(AmzDate::parse).ok_or(incomplete("existence of either a 'X-Amz-Date' or a 'Date' header"))?;
        if !names.split(';').any(|name| name == DATE) {
            return Err(incomplete("'x-amz-date' among the signed headers"));
        }
        Ok(Self {
            credential,
            signed: date,
            expires_in_seconds: REQUEST_SECONDS,
            security_token: header(parts, SECURITY_TOKEN).map(|token| Redacted::new(token.to_owned())),
            signed_headers: signed_headers(parts, names)?,
            query: query_pairs(parts)?,
            signature: Redacted::new(signature.to_owned()),
        })
    }

    fn from_query(parts: &RequestParts<'_>) -> Result<Self, AuthError> {
        let mut query = query_pairs(parts)?;
        let signature = take(&mut query, key::SIGNATURE)?;
        require(&query, key::ALGORITHM, canonical::ALGORITHM)?;
        Ok(Self {
            credential: Credential::parse(find(&query, key::CREDENTIAL)?).ok_or_else(|| invalid(key::CREDENTIAL))?,
            signed: AmzDate::parse(find(&query, key::DATE)?).ok_or_else(|| invalid(key::DATE))?,
            expires_in_seconds: parse_expires(find(&query, key::EXPIRES)?)?,
            security_token: query.iter().find(|(name, _)| name == key::SECURITY_TOKEN).map(|(_, value)| value.clone()),
            signed_headers: signed_headers(parts, find(&query, key::SIGNED_HEADERS)?)?,
            query,
            signature,
        })
    }

    fn right_signature(&self, method: &str, path: &str, body_sha256: &str, secret: &str) -> String {
        let query: Vec<(&str, &str)> = self.query.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        let headers: Vec<(String, String)> =
            self.signed_headers.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect();
        let request = CanonicalRequest { method, path, query: &query, headers: &headers, body_sha256 };
        request.signature(secret, self.signed, &self.credential.region, &self.credential.service)
    }
}

/// The first header of this lower-case name.
fn header<'a>(parts: &RequestParts<'a>, name: &str) -> Option<&'a str> {
    parts.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

fn query_pairs(parts: &RequestParts<'_>) -> Result<Vec<(String, Redacted<String>)>, AuthError> {
    if parts.query.is_empty() { Ok(Vec::new()) } else { parse_query(parts.query, QueryOf::Request).map_err(AuthError::Malformed) }
}

/// The headers that a signature covers, `host` at least. A name that stands in the list must stand in the request; values of a repeated one are
/// joined, as the signer joined them.
fn signed_headers(parts: &RequestParts<'_>, names: &str) -> Result<Vec<(String, Redacted<String>)>, AuthError> {
    let names: Vec<&str> = names.split(';').collect();
    if !names.contains(&"host") {
        return Err(AuthError::IncompleteSignature("'host' among the signed headers"));
    }
    if !names.is_sorted() {
        return Err(AuthError::IncompleteSignature("the signed headers in order"));
    }
    let values = |name: &str| -> Vec<String> {
        let same = parts.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        same.map(|(_, value)| canonical::header_value(value)).collect()
    };
    names
        .into_iter()
        .map(|name| match values(name) {
            found if found.is_empty() => Err(AuthError::IncompleteSignature("every signed header in the request")),
            found => Ok((name.to_owned(), Redacted::new(found.join(",")))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Claims, RequestParts};
    use crate::body_sha256;

    /// AWS's published suite signs for a service named `service`; so each case is taken apart and signed again, without the check of the scope.
    #[test]
    fn the_published_suite() {
        let cases: Value = serde_json::from_str(include_str!("../tests/it/data/sigv4_suite.json")).expect("JSON");
        let cases = cases.as_array().expect("a list");
        assert_eq!(cases.len(), CASES);
        for case in cases {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let request = &case["request"];
            let (method, path, query, body) =
                (text(&request["method"]), text(&request["path"]), text(&request["query"]), text(&request["body"]));
            let headers: Vec<(String, String)> =
                request["headers"].as_array().expect("a list").iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let parts = RequestParts { method: &method, path: &path, query: &query, headers: &headers };
            let claims = Claims::parse(&parts).unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
            assert_eq!(claims.signature.expose(), &text(&case["signature"]), "{}", case["name"]);
            let right = claims.right_signature(&method, &path, &body_sha256(body.as_bytes()), &text(&case["secret"]));
            assert_eq!(right, text(&case["signature"]), "{}", case["name"]);
        }
    }

    const CASES: usize = 59;
}
