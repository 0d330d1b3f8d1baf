//! Making tokens.

use borealis_base::Redacted;

use crate::Action;
use crate::amz_date::AmzDate;
use crate::canonical::{self, key};
use crate::error::TokenError;

/// How long a token lives when nobody says otherwise: what the AWS SDKs and the AWS CLI use.
pub const EXPIRES_IN_SECONDS_DEFAULT: u32 = 900;
/// The longest life of a token: one week.
pub const EXPIRES_IN_SECONDS_MAX: u32 = 604_800;

/// An access key: what signs a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The access key id, sent in the clear in each token.
    pub id: String,
    /// The secret that signs.
    pub secret: Redacted<String>,
    /// For temporary credentials: the session token, which travels inside each token.
    pub session_token: Option<Redacted<String>>,
}

/// What a token shall say.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// The cluster's endpoint, without a scheme; a `:port` becomes part of what is signed.
    pub host: &'a str,
    /// The region of the cluster.
    pub region: &'a str,
    /// What the token shall allow.
    pub action: Action,
    /// The token's life, at most [`EXPIRES_IN_SECONDS_MAX`].
    pub expires_in_seconds: u32,
    /// The moment of signing, in seconds since 1970-01-01 00:00:00 UTC.
    pub at: i64,
}

/// Makes the token that `key` signs for `request`: the same bytes as botocore's `generate_db_connect[_admin]_auth_token`.
///
/// # Errors
/// When host or region could not be written into a token, or the life is longer than a week.
pub fn make_token(key: &AccessKey, request: &TokenRequest<'_>) -> Result<Redacted<String>, TokenError> {
    check(request)?;
    let at = AmzDate::from_unix(request.at);
    let credential = format!("{}/{}", key.id, canonical::scope(at, request.region));
    let (date, expires) = (at.to_string(), request.expires_in_seconds.to_string());
    let mut pairs = vec![
        (key::ACTION, request.action.name()),
        (key::ALGORITHM, canonical::ALGORITHM),
        (key::CREDENTIAL, credential.as_str()),
        (key::DATE, date.as_str()),
        (key::EXPIRES, expires.as_str()),
        (key::SIGNED_HEADERS, canonical::SIGNED_HEADERS),
    ];
    if let Some(session_token) = &key.session_token {
        pairs.push((key::SECURITY_TOKEN, session_token.expose()));
    }
    let signature = canonical::token_signature(key.secret.expose(), request.host, &pairs, at, request.region);
    pairs.push((key::SIGNATURE, signature.as_str()));
    Ok(Redacted::new(format!("{}/?{}", request.host, canonical::write_query(&pairs))))
}

fn check(request: &TokenRequest<'_>) -> Result<(), TokenError> {
    if !is_host(request.host) {
        return Err(TokenError::Host(request.host.to_owned()));
    }
    if !is_region(request.region) {
        return Err(TokenError::Region(request.region.to_owned()));
    }
    if request.expires_in_seconds > EXPIRES_IN_SECONDS_MAX {
        return Err(TokenError::ExpiresTooLong(request.expires_in_seconds));
    }
    Ok(())
}

/// A name or address, with or without a port: only what needs no encoding in a URL's authority.
pub(crate) fn is_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

/// `us-east-1` and its like: a scope separates its parts with slashes, so a region has none.
pub(crate) fn is_region(region: &str) -> bool {
    !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
