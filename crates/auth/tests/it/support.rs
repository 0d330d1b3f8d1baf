//! One key, one cluster, one moment.

use std::sync::Arc;

use borealis_auth::{
    AccessKey, Action, AuthError, Expected, IdentityPolicy, KeyLookup, Principal, StoredKey, TokenRequest, make_token, verify_token,
};
use borealis_base::Redacted;

pub(crate) const HOST: &str = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";
pub(crate) const REGION: &str = "us-east-1";
/// 2026-11-22 22:32:37 UTC.
pub(crate) const AT: i64 = 1_795_386_757;
pub(crate) const ARN: &str = "arn:aws:iam::123456789012:role/app";

/// A store with exactly one key.
pub(crate) struct OneKey(pub(crate) StoredKey);

impl KeyLookup for OneKey {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        (self.0.key.id == access_key_id).then(|| self.0.clone())
    }
}

pub(crate) fn key(session_token: Option<&str>) -> AccessKey {
    AccessKey {
        id: "AKIDEXAMPLE".to_owned(),
        secret: Redacted::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()),
        session_token: session_token.map(|token| Redacted::new(token.to_owned())),
    }
}

pub(crate) fn store(key: &AccessKey) -> OneKey {
    OneKey(StoredKey {
        key: key.clone(),
        principal: ARN.parse().expect("an ARN"),
        session_name: None,
        expires_unix: None,
        permissions: Arc::new(IdentityPolicy::allowing(["dsql:*"])),
    })
}

pub(crate) fn request(action: Action) -> TokenRequest<'static> {
    TokenRequest { host: HOST, region: REGION, action, expires_in_seconds: 900, at: AT }
}

/// A good admin token of the key without a session.
pub(crate) fn admin_token() -> String {
    make_token(&key(None), &request(Action::DbConnectAdmin)).expect("a valid request").expose().clone()
}

/// Verifies at `seconds` after signing, as `user`.
pub(crate) fn verify_at(token: &str, user: &str, seconds: i64) -> Result<Principal, AuthError> {
    let expected = Expected { hosts: &[HOST], region: REGION, user, now_unix: AT + seconds };
    verify_token(token, &expected, &store(&key(None)))
}
