//! Why a token was refused or could not be made.

use std::error::Error;
use std::fmt;

use crate::Action;
use crate::amz_date::AmzDate;
use crate::token::EXPIRES_IN_SECONDS_MAX;

/// The message of the FATAL error that answers every refused token; the reason stands in the hint.
pub const ACCESS_DENIED: &str = "unable to accept connection, access denied";

/// A token that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The host is empty or holds a character that no host name has.
    Host(String),
    /// The region is empty or is no region name.
    Region(String),
    /// The life asked for, in seconds, is longer than a week.
    ExpiresTooLong(u32),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => write!(f, "'{host}' is not a host name; give the cluster's endpoint without a scheme or path"),
            Self::Region(region) => write!(f, "'{region}' is not a region name such as us-east-1"),
            Self::ExpiresTooLong(seconds) => {
                write!(f, "a token cannot live for {seconds} seconds; the most is {EXPIRES_IN_SECONDS_MAX}, one week")
            }
        }
    }
}

impl Error for TokenError {}

/// What is wrong with the form of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The text is empty: the client sent no password.
    Empty,
    /// The text is longer than any token.
    TooLong,
    /// Not `<host>/?<query>`.
    NotAUrl,
    /// The query holds bytes that do not decode to UTF-8.
    Encoding,
    /// A query key stands in the token more than once.
    Repeated,
    /// The named query key is missing.
    Missing(&'static str),
    /// The named query key has a value that it cannot have.
    Value(&'static str),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the password is empty"),
            Self::TooLong => f.write_str("the password is longer than any token"),
            Self::NotAUrl => f.write_str("the password is not of the form <host>/?Action=..."),
            Self::Encoding => f.write_str("the query does not decode to text"),
            Self::Repeated => f.write_str("a query parameter is repeated"),
            Self::Missing(key) => write!(f, "{key} is missing"),
            Self::Value(key) => write!(f, "{key} has an invalid value"),
        }
    }
}

/// Why a token was refused. `Display` is what a log may hold; [`AuthError::message`] and [`AuthError::hint`] are what the client is told.
/// No variant carries any part of a secret or a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthError {
    /// The password is no token at all.
    Malformed(Malformed),
    /// `X-Amz-Expires` is more than a week.
    ExpiresTooLong,
    /// The token was made for another host.
    WrongHost {
        /// The host that the token names.
        host: String,
    },
    /// The credential scope names another region.
    WrongRegion {
        /// The region that the token names.
        region: String,
        /// The region of this cluster.
        expected: String,
    },
    /// The credential scope names another service than `dsql`.
    WrongService {
        /// The service that the token names.
        service: String,
    },
    /// The day in the credential scope is not the day of `X-Amz-Date`.
    WrongScopeDate,
    /// No key with this access key id is known.
    UnknownKey {
        /// The id that the token names; ids are not secret.
        access_key_id: String,
    },
    /// The session token is missing, not expected, or another one than was issued with this access key.
    InvalidSecurityToken,
    /// The temporary credentials that signed the token are over.
    ExpiredSecurityToken,
    /// The signature is not the one that the secret key gives.
    SignatureMismatch,
    /// The token's life is over.
    SignatureExpired {
        /// `X-Amz-Date` of the token.
        signed: AmzDate,
        /// The server's time.
        now: AmzDate,
        /// The token's life.
        expires_in_seconds: u32,
    },
    /// The token was signed in the future, by more than clocks may differ.
    SignatureNotYetCurrent {
        /// `X-Amz-Date` of the token.
        signed: AmzDate,
        /// The server's time.
        now: AmzDate,
        /// By how much a client's clock may be ahead.
        skew_seconds: u32,
    },
    /// `admin` came without `DbConnectAdmin`, or another role with it.
    WrongAction {
        /// The database role of the connection.
        user: String,
        /// The action of the token.
        action: Action,
    },
    /// The principal may not perform the action.
    NotAuthorized {
        /// The caller: a user, or a role's session.
        arn: String,
        /// The action, `dsql:DbConnect`.
        action: String,
        /// What it was to be performed on.
        resource: String,
        /// Which policy says so.
        denial: Denial,
    },
    /// The request is not signed at all.
    NotSigned,
    /// The request's signature lacks a part, or a part has a form that it cannot have.
    IncompleteSignature(&'static str),
}

/// Which policy keeps a principal from an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// A statement of the principal's own policy denies it.
    Identity,
    /// A statement of the resource's policy denies it.
    Resource,
    /// No statement allows it.
    NoIdentityAllowance,
    /// The principal's own policy allows it, but the resource is another account's and its policy does not.
    NoResourceAllowance,
}

impl AuthError {
    /// The message of the FATAL error for the client.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        ACCESS_DENIED
    }

    /// The hint for the client: which check failed.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Malformed(what) => format!("The password is not a valid authentication token: {what}."),
            Self::ExpiresTooLong => "X-Amz-Expires must be less than a week (in seconds)".to_owned(),
            Self::WrongHost { host } => format!("The token was generated for host '{host}', which is not this cluster's endpoint."),
            Self::WrongRegion { region, expected } => {
                format!("Credential should be scoped to a valid region, not '{region}'. This cluster's region is '{expected}'.")
            }
            Self::WrongService { service } => format!("Credential should be scoped to correct service: 'dsql', not '{service}'."),
            Self::WrongScopeDate => "Date in Credential scope does not match YYYYMMDD from X-Amz-Date.".to_owned(),
            Self::UnknownKey { .. } | Self::InvalidSecurityToken => "The security token included in the request is invalid.".to_owned(),
            Self::ExpiredSecurityToken => "The security token included in the request is expired".to_owned(),
            Self::SignatureMismatch => "The request signature we calculated does not match the signature you provided. \
                                        Check your AWS Secret Access Key and signing method."
                .to_owned(),
            Self::SignatureExpired { signed, now, expires_in_seconds } => {
                let limit = AmzDate::from_unix(now.unix() - i64::from(*expires_in_seconds));
                format!("Signature expired: {signed} is now earlier than {limit} ({now} - {})", Window(*expires_in_seconds))
            }
            Self::SignatureNotYetCurrent { signed, now, skew_seconds } => {
                let limit = AmzDate::from_unix(now.unix() + i64::from(*skew_seconds));
                format!("Signature not yet current: {signed} is still later than {limit} ({now} + {})", Window(*skew_seconds))
            }
            Self::WrongAction { user, action } => format!("Wrong user to action mapping. user: {user}, action: {action}"),
            // The data plane does not tell a stranger what a cluster's policy says.
            Self::NotAuthorized { arn, denial: Denial::Resource, .. } => format!("User: {arn} is not authorized to access this resource"),
            Self::NotAuthorized { arn, action, resource, denial } => not_authorized(arn, action, resource, *denial),
            Self::NotSigned => "Missing Authentication Token".to_owned(),
            Self::IncompleteSignature(what) => format!("Authorization header requires {what}."),
        }
    }

    /// What the control plane answers: the name of the exception and its message. The HTTP status is 403 for all of them.
    #[must_use]
    pub fn exception(&self) -> (&'static str, String) {
        let name = match self {
            Self::NotSigned => "MissingAuthenticationTokenException",
            Self::Malformed(_) | Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::UnknownKey { .. } | Self::InvalidSecurityToken => "UnrecognizedClientException",
            Self::ExpiredSecurityToken => "ExpiredTokenException",
            Self::NotAuthorized { .. } | Self::WrongAction { .. } | Self::WrongHost { .. } => "AccessDeniedException",
            Self::ExpiresTooLong
            | Self::WrongRegion { .. }
            | Self::WrongService { .. }
            | Self::WrongScopeDate
            | Self::SignatureMismatch
            | Self::SignatureExpired { .. }
            | Self::SignatureNotYetCurrent { .. } => "InvalidSignatureException",
        };
        let message = match self {
            Self::NotAuthorized { arn, action, resource, denial } => not_authorized(arn, action, resource, *denial),
            other => other.hint(),
        };
        (name, message)
    }
}

fn not_authorized(arn: &str, action: &str, resource: &str, denial: Denial) -> String {
    let reason = match denial {
        Denial::Identity => "with an explicit deny in an identity-based policy".to_owned(),
        Denial::Resource => "with an explicit deny in a resource-based policy".to_owned(),
        Denial::NoIdentityAllowance => format!("because no identity-based policy allows the {action} action"),
        Denial::NoResourceAllowance => format!("because no resource-based policy allows the {action} action"),
    };
    format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {reason}")
}

/// A span as AWS writes it in these hints, in minutes; one that is not whole minutes in seconds.
struct Window(u32);

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(60) { write!(f, "{} min.", self.0 / 60) } else { write!(f, "{} sec.", self.0) }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message(), self.hint())
    }
}

impl Error for AuthError {}
