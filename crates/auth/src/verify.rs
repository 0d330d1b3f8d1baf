//! Checking tokens.
//!
//! Checks run from the cheap and public to the secret: the form of the text, then what it claims (host, region, life), then the key
//! and the signature, and only after that what names the principal. So nobody without the secret key learns whom a key belongs to, and a
//! flood of garbage costs no hashing.

use borealis_base::Redacted;
use subtle::ConstantTimeEq;

use crate::Action;
use crate::amz_date::AmzDate;
use crate::canonical::{self, key};
use crate::error::{AuthError, Malformed};
use crate::token::{AccessKey, EXPIRES_IN_SECONDS_MAX, is_host, is_region};

/// By how many seconds a client's clock may be ahead of ours.
pub const CLOCK_SKEW_SECONDS_MAX: u32 = 300;
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

/// Who has proved to hold a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The key that signed.
    pub access_key_id: String,
    /// The IAM user or role that the key belongs to.
    pub arn: String,
    /// What the token allows; already checked against the user.
    pub action: Action,
}

/// A key as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// The key itself.
    pub key: AccessKey,
    /// The IAM user or role that it belongs to.
    pub principal_arn: String,
    /// For temporary credentials: their end, in seconds since 1970-01-01 00:00:00 UTC.
    pub expires_unix: Option<i64>,
    /// The actions that the principal may perform.
    pub allowed: Vec<Action>,
}

/// Where [`verify_token`] finds keys.
pub trait KeyLookup {
    /// The key with this access key id.
    fn find(&self, access_key_id: &str) -> Option<StoredKey>;
}

/// Checks a token against the connection that it came with.
///
/// Whether the principal may take on the database role (the `AWS IAM GRANT` mapping) is not checked here: the catalog knows that.
///
/// # Errors
/// The first check that fails.
pub fn verify_token(token: &str, expected: &Expected<'_>, keys: &dyn KeyLookup) -> Result<Principal, AuthError> {
    let claims = Claims::parse(token)?;
    claims.check_scope(expected)?;
    let stored = keys.find(&claims.access_key_id).ok_or_else(|| AuthError::UnknownKey { access_key_id: claims.access_key_id.clone() })?;
    claims.check_security_token(&stored)?;
    claims.check_signature(&stored)?;
    claims.check_time(expected.now_unix)?;
    if stored.expires_unix.is_some_and(|end| end <= expected.now_unix) {
        return Err(AuthError::ExpiredSecurityToken);
    }
    claims.check_action(expected.user, &stored)?;
    Ok(Principal { access_key_id: claims.access_key_id, arn: stored.principal_arn, action: claims.action })
}

/// A token taken apart; nothing in here is proved before the signature is.
struct Claims {
    host: String,
    /// Every query pair but the signature, decoded.
    pairs: Vec<(String, Redacted<String>)>,
    action: Action,
    access_key_id: String,
    scope_day: String,
    region: String,
    service: String,
    signed: AmzDate,
    expires_in_seconds: u32,
    signature: Redacted<String>,
}

impl Claims {
    fn parse(token: &str) -> Result<Self, AuthError> {
        let (host, query) = split(token).map_err(AuthError::Malformed)?;
        let mut pairs = parse_query(query).map_err(AuthError::Malformed)?;
        let signature = take(&mut pairs, key::SIGNATURE)?;
        let action = Action::from_name(find(&pairs, key::ACTION)?).ok_or_else(|| invalid(key::ACTION))?;
        require(&pairs, key::ALGORITHM, canonical::ALGORITHM)?;
        require(&pairs, key::SIGNED_HEADERS, canonical::SIGNED_HEADERS)?;
        let signed = AmzDate::parse(find(&pairs, key::DATE)?).ok_or_else(|| invalid(key::DATE))?;
        let expires_in_seconds = parse_expires(find(&pairs, key::EXPIRES)?)?;
        let [access_key_id, scope_day, region, service] = parse_credential(find(&pairs, key::CREDENTIAL)?)?;
        Ok(Self { host: host.to_owned(), pairs, action, access_key_id, scope_day, region, service, signed, expires_in_seconds, signature })
    }

    fn check_scope(&self, expected: &Expected<'_>) -> Result<(), AuthError> {
        let name = self.host.split_once(':').map_or(self.host.as_str(), |(name, _port)| name);
        if !expected.hosts.iter().any(|host| host.eq_ignore_ascii_case(name)) {
            return Err(AuthError::WrongHost { host: self.host.clone() });
        }
        if self.service != canonical::SERVICE {
            return Err(AuthError::WrongService { service: self.service.clone() });
        }
        if self.region != expected.region {
            return Err(AuthError::WrongRegion { region: self.region.clone(), expected: expected.region.to_owned() });
        }
        if self.scope_day != self.signed.day() {
            return Err(AuthError::WrongScopeDate);
        }
        Ok(())
    }

    /// A permanent key comes without a session token and a temporary one with exactly the one that was issued with it.
    fn check_security_token(&self, stored: &StoredKey) -> Result<(), AuthError> {
        let presented = self.pairs.iter().find(|(name, _)| name == key::SECURITY_TOKEN).map(|(_, value)| value.expose().as_bytes());
        let issued = stored.key.session_token.as_ref().map(|token| token.expose().as_bytes());
        let matches = match (presented, issued) {
            (None, None) => true,
            (Some(presented), Some(issued)) => presented.ct_eq(issued).into(),
            (Some(_), None) | (None, Some(_)) => false,
        };
        if matches { Ok(()) } else { Err(AuthError::InvalidSecurityToken) }
    }

    fn check_signature(&self, stored: &StoredKey) -> Result<(), AuthError> {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        let right = canonical::signature(stored.key.secret.expose(), &self.host, &pairs, self.signed, &self.region);
        if right.as_bytes().ct_eq(self.signature.expose().as_bytes()).into() { Ok(()) } else { Err(AuthError::SignatureMismatch) }
    }

    fn check_time(&self, now_unix: i64) -> Result<(), AuthError> {
        let (signed, now, expires_in_seconds) = (self.signed, AmzDate::from_unix(now_unix), self.expires_in_seconds);
        if signed.unix() > now.unix() + i64::from(CLOCK_SKEW_SECONDS_MAX) {
            return Err(AuthError::SignatureNotYetCurrent { signed, now, skew_seconds: CLOCK_SKEW_SECONDS_MAX });
        }
        if signed.unix() + i64::from(expires_in_seconds) < now.unix() {
            return Err(AuthError::SignatureExpired { signed, now, expires_in_seconds });
        }
        Ok(())
    }

    fn check_action(&self, user: &str, stored: &StoredKey) -> Result<(), AuthError> {
        if self.action != Action::for_user(user) {
            return Err(AuthError::WrongAction { user: user.to_owned(), action: self.action });
        }
        if !stored.allowed.contains(&self.action) {
            return Err(AuthError::NotAuthorized { arn: stored.principal_arn.clone(), action: self.action });
        }
        Ok(())
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

fn parse_query(query: &str) -> Result<Vec<(String, Redacted<String>)>, Malformed> {
    let mut pairs: Vec<(String, Redacted<String>)> = Vec::with_capacity(8);
    for part in query.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = canonical::decode(name).ok_or(Malformed::Encoding)?;
        let value = canonical::decode(value).ok_or(Malformed::Encoding)?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(Malformed::Repeated);
        }
        if pairs.len() == QUERY_PAIRS_MAX {
            return Err(Malformed::TooLong);
        }
        pairs.push((name, Redacted::new(value)));
    }
    Ok(pairs)
}

/// A token has eight query keys; some SDKs add one or two of their own.
const QUERY_PAIRS_MAX: usize = 32;

fn parse_expires(text: &str) -> Result<u32, AuthError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(key::EXPIRES));
    }
    // A number beyond u32 is beyond a week as well.
    let seconds = text.parse::<u32>().unwrap_or(u32::MAX);
    if seconds > EXPIRES_IN_SECONDS_MAX { Err(AuthError::ExpiresTooLong) } else { Ok(seconds) }
}

/// `<access key id>/<day>/<region>/<service>/aws4_request`.
fn parse_credential(text: &str) -> Result<[String; 4], AuthError> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [id, day, region, service, canonical::TERMINATOR]
            if is_access_key_id(id) && is_region(day) && is_region(region) && is_region(service) =>
        {
            Ok([*id, *day, *region, *service].map(str::to_owned))
        }
        _ => Err(invalid(key::CREDENTIAL)),
    }
}

fn is_access_key_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn find<'a>(pairs: &'a [(String, Redacted<String>)], name: &'static str) -> Result<&'a str, AuthError> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.expose().as_str()).ok_or(AuthError::Malformed(Malformed::Missing(name)))
}

fn take(pairs: &mut Vec<(String, Redacted<String>)>, name: &'static str) -> Result<Redacted<String>, AuthError> {
    let place = pairs.iter().position(|(known, _)| known == name).ok_or(AuthError::Malformed(Malformed::Missing(name)))?;
    Ok(pairs.swap_remove(place).1)
}

fn require(pairs: &[(String, Redacted<String>)], name: &'static str, value: &str) -> Result<(), AuthError> {
    if find(pairs, name)? == value { Ok(()) } else { Err(invalid(name)) }
}

fn invalid(name: &'static str) -> AuthError {
    AuthError::Malformed(Malformed::Value(name))
}
