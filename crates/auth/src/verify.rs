//! Checking tokens.
//!
//! Checks run from the cheap and public to the secret: the form of the text, then what it claims (host, region, life), then the key
//! and the signature, and only after that what names the principal. So nobody without the secret key learns whom a key belongs to, and a
//! flood of garbage costs no hashing.

use borealis_base::Redacted;

use crate::Action;
use crate::amz_date::AmzDate;
use crate::canonical::{self, key};
use crate::credential_scope::Credential;
use crate::error::{AuthError, Malformed};
use crate::principal::Principal;
use crate::stored_key::{KeyLookup, StoredKey, check_time};
use crate::token::{EXPIRES_IN_SECONDS_MAX, is_host};

/// The longest password looked at, in bytes: a session token takes most of it, and those stay below 4 KiB.
pub const TOKEN_BYTES_MAX: usize = 32 * 1024;

/// What a token must match.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The names of this cluster's endpoint, without port; compared without regard to case.
    pub hosts: &'a [&'a str],
    /// The region of the cluster.
    pub region: &'a str,
    /// The database role that the connection asks for.
    pub user: &'a str,
    /// The server's time in seconds since 1970-01-01 00:00:00 UTC.
    pub now_unix: i64,
}

/// Checks a token against the connection that it came with: that whoever made it holds a key, now, for this cluster and user.
///
/// Whether the principal may perform the action on the cluster is for [`Principal::authorize`]; whether it may take on the database role (the
/// `AWS IAM GRANT` mapping) the catalog knows.
///
/// # Errors
/// The first check that fails.
pub fn verify_token(token: &str, expected: &Expected<'_>, keys: &dyn KeyLookup) -> Result<Principal, AuthError> {
    let claims = Claims::parse(token)?;
    claims.check_scope(expected)?;
    let stored = StoredKey::look_up(keys, &claims.credential.access_key_id)?;
    stored.check_security_token(claims.security_token())?;
    StoredKey::check_signature(&claims.right_signature(&stored), &claims.signature)?;
    check_time(claims.signed, claims.expires_in_seconds, expected.now_unix)?;
    stored.check_not_over(expected.now_unix)?;
    claims.check_action(expected.user)?;
    Ok(stored.into_principal(claims.credential.region))
}

/// A token taken apart; nothing in here is proved before the signature is.
struct Claims {
    host: String,
    /// Every query pair but the signature, decoded.
    pairs: Vec<(String, Redacted<String>)>,
    action: Action,
    credential: Credential,
    signed: AmzDate,
    expires_in_seconds: u32,
    signature: Redacted<String>,
}

impl Claims {
    fn parse(token: &str) -> Result<Self, AuthError> {
        let (host, query) = split(token).map_err(AuthError::Malformed)?;
        let mut pairs = parse_query(query, QueryOf::Token).map_err(AuthError::Malformed)?;
        let signature = take(&mut pairs, key::SIGNATURE)?;
        let action = Action::from_name(find(&pairs, key::ACTION)?).ok_or_else(|| invalid(key::ACTION))?;
        require(&pairs, key::ALGORITHM, canonical::ALGORITHM)?;
        require(&pairs, key::SIGNED_HEADERS, canonical::SIGNED_HEADERS)?;
        let signed = AmzDate::parse(find(&pairs, key::DATE)?).ok_or_else(|| invalid(key::DATE))?;
        let expires_in_seconds = parse_expires(find(&pairs, key::EXPIRES)?)?;
        let credential = Credential::parse(find(&pairs, key::CREDENTIAL)?).ok_or_else(|| invalid(key::CREDENTIAL))?;
        Ok(Self { host: host.to_owned(), pairs, action, credential, signed, expires_in_seconds, signature })
    }

    fn check_scope(&self, expected: &Expected<'_>) -> Result<(), AuthError> {
        let name = self.host.split_once(':').map_or(self.host.as_str(), |(name, _port)| name);
        if !expected.hosts.iter().any(|host| host.eq_ignore_ascii_case(name)) {
            return Err(AuthError::WrongHost { host: self.host.clone() });
        }
        self.credential.check(self.signed, Some(expected.region))
    }

    fn security_token(&self) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| name == key::SECURITY_TOKEN).map(|(_, value)| value.expose().as_str())
    }

    fn right_signature(&self, stored: &StoredKey) -> String {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        canonical::token_signature(stored.key.secret.expose(), &self.host, &pairs, self.signed, &self.credential.region)
    }

    fn check_action(&self, user: &str) -> Result<(), AuthError> {
        if self.action == Action::for_user(user) {
            return Ok(());
        }
        Err(AuthError::WrongAction { user: user.to_owned(), action: self.action })
    }
}

/// Host and query. The path is `/` or, as some SDKs write it, nothing; both sign as `/`.
fn split(token: &str) -> Result<(&str, &str), Malformed> {
    if token.is_empty() {
        return Err(Malformed::Empty);
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Malformed::TooLong);
    }
    let (authority, query) = token.split_once('?').ok_or(Malformed::NotAUrl)?;
    let host = authority.strip_suffix('/').unwrap_or(authority);
    if is_host(host) { Ok((host, query)) } else { Err(Malformed::NotAUrl) }
}

/// Pairs of a query. A token has each key once; a request's may repeat, as `tagKeys` does.
pub(crate) fn parse_query(query: &str, of: QueryOf) -> Result<Vec<(String, Redacted<String>)>, Malformed> {
    let mut pairs: Vec<(String, Redacted<String>)> = Vec::with_capacity(8);
    for part in query.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = canonical::decode(name).ok_or(Malformed::Encoding)?;
        let value = canonical::decode(value).ok_or(Malformed::Encoding)?;
        if of == QueryOf::Token && pairs.iter().any(|(known, _)| *known == name) {
            return Err(Malformed::Repeated);
        }
        if pairs.len() == of.pairs_max() {
            return Err(Malformed::TooLong);
        }
        pairs.push((name, Redacted::new(value)));
    }
    Ok(pairs)
}

/// Whose query is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueryOf {
    Token,
    Request,
}

impl QueryOf {
    /// A token has eight query keys, and some SDKs add one or two of their own; a request may name 200 tags.
    const fn pairs_max(self) -> usize {
        match self {
            Self::Token => 32,
            Self::Request => 256,
        }
    }
}

pub(crate) fn parse_expires(text: &str) -> Result<u32, AuthError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(key::EXPIRES));
    }
    // A number beyond u32 is beyond a week as well.
    let seconds = text.parse::<u32>().unwrap_or(u32::MAX);
    if seconds > EXPIRES_IN_SECONDS_MAX { Err(AuthError::ExpiresTooLong) } else { Ok(seconds) }
}

pub(crate) fn find<'a>(pairs: &'a [(String, Redacted<String>)], name: &'static str) -> Result<&'a str, AuthError> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.expose().as_str()).ok_or(AuthError::Malformed(Malformed::Missing(name)))
}

pub(crate) fn take(pairs: &mut Vec<(String, Redacted<String>)>, name: &'static str) -> Result<Redacted<String>, AuthError> {
    let place = pairs.iter().position(|(known, _)| known == name).ok_or(AuthError::Malformed(Malformed::Missing(name)))?;
    Ok(pairs.swap_remove(place).1)
}

pub(crate) fn require(pairs: &[(String, Redacted<String>)], name: &'static str, value: &str) -> Result<(), AuthError> {
    if find(pairs, name)? == value { Ok(()) } else { Err(invalid(name)) }
}

pub(crate) fn invalid(name: &'static str) -> AuthError {
    AuthError::Malformed(Malformed::Value(name))
}
