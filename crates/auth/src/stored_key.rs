//! A key as the store knows it, and the checks that only the store's side can make.

use std::sync::Arc;

use borealis_base::Redacted;
use subtle::ConstantTimeEq;

use crate::amz_date::AmzDate;
use crate::arn::Arn;
use crate::error::AuthError;
use crate::policy::IdentityPolicy;
use crate::principal::Principal;
use crate::token::AccessKey;

/// By how many seconds a client's clock may be ahead of ours.
pub const CLOCK_SKEW_SECONDS_MAX: u32 = 300;

/// A key as the store knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredKey {
    /// The key itself.
    pub key: AccessKey,
    /// The IAM user or role that it belongs to.
    pub principal: Arn,
    /// For temporary credentials of a role: the name of its session.
    pub session_name: Option<String>,
    /// For temporary credentials: their end, in seconds since 1970-01-01 00:00:00 UTC.
    pub expires_unix: Option<i64>,
    /// What the user or role may do.
    pub permissions: Arc<IdentityPolicy>,
}

/// Where [`crate::verify_token`] and [`crate::verify_request`] find keys.
pub trait KeyLookup {
    /// The key with this access key id.
    fn find(&self, access_key_id: &str) -> Option<StoredKey>;
}

impl StoredKey {
    pub(crate) fn look_up(keys: &dyn KeyLookup, access_key_id: &str) -> Result<Self, AuthError> {
        keys.find(access_key_id).ok_or_else(|| AuthError::UnknownKey { access_key_id: access_key_id.to_owned() })
    }

    /// A permanent key comes without a session token and a temporary one with exactly the one that was issued with it.
    pub(crate) fn check_security_token(&self, presented: Option<&str>) -> Result<(), AuthError> {
        let issued = self.key.session_token.as_ref().map(Redacted::expose);
        let matches = match (presented, issued) {
            (None, None) => true,
            (Some(presented), Some(issued)) => presented.as_bytes().ct_eq(issued.as_bytes()).into(),
            (Some(_), None) | (None, Some(_)) => false,
        };
        if matches { Ok(()) } else { Err(AuthError::InvalidSecurityToken) }
    }

    pub(crate) fn check_signature(right: &str, presented: &Redacted<String>) -> Result<(), AuthError> {
        if right.as_bytes().ct_eq(presented.expose().as_bytes()).into() { Ok(()) } else { Err(AuthError::SignatureMismatch) }
    }

    /// Temporary credentials end when they end, whatever what they signed says of itself.
    pub(crate) fn check_not_over(&self, now_unix: i64) -> Result<(), AuthError> {
        if self.expires_unix.is_some_and(|end| end <= now_unix) { Err(AuthError::ExpiredSecurityToken) } else { Ok(()) }
    }

    /// Whom the key stands for, once all is checked.
    pub(crate) fn into_principal(self, region: String) -> Principal {
        let Self { key, principal, session_name, expires_unix: _, permissions } = self;
        Principal { access_key_id: key.id, arn: principal, session_name, region, permissions }
    }
}

/// Something signed is good from shortly before its date, since clocks differ, to its end.
pub(crate) fn check_time(signed: AmzDate, expires_in_seconds: u32, now_unix: i64) -> Result<(), AuthError> {
    let now = AmzDate::from_unix(now_unix);
    if signed.unix() > now.unix() + i64::from(CLOCK_SKEW_SECONDS_MAX) {
        return Err(AuthError::SignatureNotYetCurrent { signed, now, skew_seconds: CLOCK_SKEW_SECONDS_MAX });
    }
    if signed.unix() + i64::from(expires_in_seconds) < now.unix() {
        return Err(AuthError::SignatureExpired { signed, now, expires_in_seconds });
    }
    Ok(())
}
