//! The errors of the API: their names, HTTP statuses and bodies.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use borealis_auth::AuthError;
use serde_json::{Value, json};

use crate::registry::RegistryError;

/// After an error on our side, a client is asked to wait this long.
const RETRY_AFTER_SECONDS: u32 = 1;
/// Of all quotas here.
const SERVICE_CODE: &str = "dsql";

/// `ValidationExceptionReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    CannotParse,
    FieldValidationFailed,
    DeletionProtectionEnabled,
    Other,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::CannotParse => "cannotParse",
            Self::FieldValidationFailed => "fieldValidationFailed",
            Self::DeletionProtectionEnabled => "deletionProtectionEnabled",
            Self::Other => "other",
        }
    }
}

/// A field that a request cannot have so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    /// `tags`, `multiRegionProperties.witnessRegion`.
    pub(crate) name: String,
    pub(crate) message: String,
}

/// What a `resourceType` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Cluster,
    ClusterPolicy,
    Stream,
    Resource,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::ClusterPolicy => "cluster-policy",
            Self::Stream => "stream",
            Self::Resource => "resource",
        }
    }

    /// What stands before the identifier in a message.
    const fn noun(self) -> &'static str {
        match self {
            Self::ClusterPolicy => "policy of cluster",
            other => other.name(),
        }
    }
}

/// Whatever the API answers but success.
#[derive(Debug)]
pub(crate) enum ApiError {
    Validation {
        reason: Reason,
        message: String,
        fields: Vec<FieldProblem>,
    },
    QuotaExceeded {
        message: &'static str,
        id: String,
        kind: Kind,
        quota: &'static str,
    },
    NotFound {
        kind: Kind,
        id: String,
    },
    Conflict {
        message: String,
        kind: Kind,
        id: String,
    },
    /// Who asks is not known, or may not.
    Refused(AuthError),
    /// No operation has this path.
    UnknownOperation,
    /// No operation has this path with this method.
    MethodNotAllowed,
    /// The body is longer than any request.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// Our fault; the log has the reason.
    Internal(String),
}

impl ApiError {
    /// A request that is well-formed but cannot be done.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Validation { reason: Reason::Other, message: message.into(), fields: Vec::new() }
    }

    /// One field cannot be so.
    pub(crate) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldProblem { name: name.to_owned(), message: message.into() }])
    }

    /// Several fields cannot be so.
    pub(crate) fn fields(fields: Vec<FieldProblem>) -> Self {
        let plural = if fields.len() == 1 { "" } else { "s" };
        let texts: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
        let message = format!("{} validation error{plural} detected: {}", fields.len(), texts.join("; "));
        Self::Validation { reason: Reason::FieldValidationFailed, message, fields }
    }

    pub(crate) fn cannot_parse(message: impl Into<String>) -> Self {
        Self::Validation { reason: Reason::CannotParse, message: message.into(), fields: Vec::new() }
    }

    /// Status, exception name, body.
    pub(crate) fn describe(&self) -> (StatusCode, &'static str, Value) {
        match self {
            Self::Validation { reason, message, fields } => {
                (StatusCode::BAD_REQUEST, "ValidationException", validation(*reason, message, fields))
            }
            Self::QuotaExceeded { message, id, kind, quota } => (
                StatusCode::PAYMENT_REQUIRED,
                "ServiceQuotaExceededException",
                json!({"message": message, "resourceId": id, "resourceType": kind.name(), "serviceCode": SERVICE_CODE, "quotaCode": quota}),
            ),
            Self::NotFound { kind, id } => (
                StatusCode::NOT_FOUND,
                "ResourceNotFoundException",
                json!({"message": format!("The {} '{id}' was not found.", kind.noun()), "resourceId": id, "resourceType": kind.name()}),
            ),
            Self::Conflict { message, kind, id } => {
                (StatusCode::CONFLICT, "ConflictException", json!({"message": message, "resourceId": id, "resourceType": kind.name()}))
            }
            Self::Refused(error) => {
                let (name, message) = error.exception();
                (StatusCode::FORBIDDEN, name, json!({"message": message}))
            }
            Self::UnknownOperation => (StatusCode::NOT_FOUND, "UnknownOperationException", Value::Object(serde_json::Map::new())),
            Self::MethodNotAllowed => {
                plain(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowedException", "No operation has this path with this method.")
            }
            Self::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", "The request body is too large."),
            Self::TooSlow => plain(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", "The request body did not arrive in time."),
            Self::Internal(_) => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerException",
                "The request could not be carried out; the server's log has the reason.",
            ),
        }
    }
}

fn plain(status: StatusCode, name: &'static str, message: &str) -> (StatusCode, &'static str, Value) {
    (status, name, json!({"message": message}))
}

fn validation(reason: Reason, message: &str, fields: &[FieldProblem]) -> Value {
    let mut body = json!({"message": message, "reason": reason.name()});
    if !fields.is_empty() {
        body["fieldList"] = fields.iter().map(|field| json!({"name": field.name, "message": field.message})).collect();
    }
    body
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(reason) = &self {
            tracing::error!(%reason, "a control-plane request failed");
        }
        let (status, name, body) = self.describe();
        let mut response = (status, super::json_body(&body)).into_response();
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(name));
        if matches!(self, Self::Internal(_)) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        if matches!(self, Self::TooLarge | Self::TooSlow) {
            // What follows on the connection is the rest of a body that nobody reads.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        Self::Refused(error)
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        Self::Internal(error.to_string())
    }
}
