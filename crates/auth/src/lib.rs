//! Who is connecting: IAM authentication tokens, made and checked, and the local store of access keys.
//!
//! A client of Aurora DSQL sends a *token* as its PostgreSQL password. The token is a request to `https://<host>/?Action=DbConnect`
//! that has been signed with AWS Signature Version 4 in the query string ("presigned") and then stripped of its `https://`. Nobody ever
//! sends that request: the text alone proves that its maker held the secret key at the stated time, for this host, region and action.
//! [`make_token`] writes one byte for byte as botocore does; [`verify_token`] accepts what any SDK writes, whatever the order of its query keys
//! and its choice of percent encodings, because it parses the text, brings it into SigV4's canonical form and signs that again.
//!
//! Both directions share one canonicaliser (`canonical`), so they cannot drift apart; botocore's own output, kept under `tests/data`,
//! holds them to the outside world.
//!
//! The control plane's requests carry the same kind of signature in a header: [`verify_request`] checks those. Both end in a [`Principal`], and
//! [`Principal::authorize`] decides by IAM's rules what it may do.
//!
//! For tools that can make neither there are passwords of single database roles, checked by [`Exchange`] (SCRAM-SHA-256).
//!
//! What this crate does not know: sockets, SQL, SQLSTATEs, what time it is (callers pass it), and the mapping from principals to
//! database roles, which lives in the cluster's catalog. A secret never leaves a [`borealis_base::Redacted`] on its way to a log.

mod action;
mod amz_date;
mod arn;
mod canonical;
mod credential_scope;
mod error;
mod keystore;
mod live;
mod passwords;
mod policy;
mod principal;
mod private_file;
mod profile;
mod request;
mod scram;
mod stored_key;
mod token;
mod verify;
mod wildcard;

pub use action::{ACTIONS, Action, qualified as qualified_action};
pub use amz_date::AmzDate;
pub use arn::{Arn, InvalidArn, LOCAL_ACCOUNT};
pub use canonical::body_sha256;
pub use error::{ACCESS_DENIED, AuthError, Denial, Malformed, TokenError};
pub use keystore::{
    DEFAULT_PRINCIPAL_ARN, DEFAULT_PROFILE, Edit, KeyStore, KeyStoreError, LiveKeyStore, PrincipalKind, Role, SESSION_SECONDS_MAX,
    SESSION_SECONDS_MIN,
};
pub use passwords::{LivePasswords, PASSWORD_CHARACTERS_MIN, PasswordError, Passwords};
pub use policy::{Context, IdentityPolicy, POLICY_CHARACTERS_MAX, PolicyDocument, PolicyError, ResourcePolicy, WithdrawError};
pub use principal::Principal;
pub use profile::{CredentialsFile, Profile, ProfileError};
pub use request::{ExpectedRequest, RequestParts, verify_request};
pub use scram::{Exchange, InvalidVerifier, SCRAM_SHA_256, ScramError, Verifier};
pub use stored_key::{CLOCK_SKEW_SECONDS_MAX, KeyLookup, StoredKey};
pub use token::{AccessKey, EXPIRES_IN_SECONDS_DEFAULT, EXPIRES_IN_SECONDS_MAX, TokenRequest, make_token};
pub use verify::{Expected, TOKEN_BYTES_MAX, verify_token};
