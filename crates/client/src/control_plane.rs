//! The cluster API, ours or the real service's, through the official SDK.
//!
//! The SDK and not a client of our own: it is generated from the model that our server has to answer to, so it is also a second opinion on
//! the server; and it brings what a caller of the real service needs (retries with back-off, endpoint rules, idempotency tokens). It weighs
//! little once the credential chain is here, with which it shares its HTTP client; that one is built on the same rustls and ring as all else.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dsql::config::retry::RetryConfig;
use aws_sdk_dsql::config::timeout::TimeoutConfig;
use aws_sdk_dsql::config::{BehaviorVersion, Region};
use aws_sdk_dsql::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::credentials::CredentialsSource;
use crate::error::ClientError;
use crate::tls::Roots;

/// The longest that one call may take, its repetitions included.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A control plane and the identity to call it with.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    /// Where it is; without one, where the real service is in this region.
    pub url: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// Where the access key comes from.
    pub credentials: CredentialsSource,
    /// Whom to believe about the server's name.
    pub roots: Roots,
}

impl ControlPlane {
    /// The SDK's client for it.
    ///
    /// # Errors
    /// When there is no access key, the certificates cannot be read, or the address is not safe to use.
    pub async fn client(&self) -> Result<aws_sdk_dsql::Client, ClientError> {
        self.check()?;
        let key = self.credentials.resolve().await.map_err(ClientError::Credentials)?;
        let session_token = key.session_token.map(|token| token.expose().clone());
        let credentials = Credentials::new(key.id, key.secret.expose().clone(), session_token, None, "borealis");
        let mut config = aws_sdk_dsql::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::builder().operation_timeout(CALL_TIMEOUT).build())
            .http_client(
                aws_smithy_http_client::Builder::new()
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .tls_context(self.tls()?)
                    .build_https(),
            );
        if let Some(url) = &self.url {
            config = config.endpoint_url(url);
        }
        Ok(aws_sdk_dsql::Client::from_conf(config.build()))
    }

    /// Where it is, for messages.
    #[must_use]
    pub fn address_text(&self) -> String {
        self.url.clone().unwrap_or_else(|| format!("https://dsql.{}.api.aws", self.region))
    }

    /// Requests carry no secret, but their answers and what they do can be tampered with: plain HTTP stays on this machine.
    fn check(&self) -> Result<(), ClientError> {
        let Some(url) = &self.url else { return Ok(()) };
        let refused = |why: &str| Err(ClientError::Endpoint(format!("control endpoint {url}: {why}")));
        if url.starts_with("https://") {
            return Ok(());
        }
        let Some(rest) = url.strip_prefix("http://") else { return refused("it must start with https:// or http://") };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default(),
            None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
        };
        let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if loopback { Ok(()) } else { refused("http:// goes to this machine itself only; use https://") }
    }

    fn tls(&self) -> Result<TlsContext, ClientError> {
        let failed = |source| ClientError::Tls { host: self.address_text(), source };
        let store = match self.file() {
            Some(file) => {
                let named = |error: io::Error| failed(io::Error::new(error.kind(), format!("{}: {error}", file.display())));
                TrustStore::empty().with_pem_certificate(std::fs::read(&file).map_err(named)?)
            }
            None => TrustStore::default(),
        };
        TlsContext::builder().with_trust_store(store).build().map_err(|error| failed(io::Error::other(error)))
    }

    /// For HTTP the AWS tools name their certificates in `AWS_CA_BUNDLE`.
    fn file(&self) -> Option<std::path::PathBuf> {
        match &self.roots {
            Roots::File(path) => Some(path.clone()),
            Roots::System => None,
            Roots::Environment => std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(Into::into),
        }
    }
}

/// Why a call was not answered with a result.
#[derive(Debug)]
pub enum ApiError {
    /// The control plane said no.
    Refused(Refusal),
    /// There was no answer, or none that could be understood.
    Failed(String),
}

/// An error of the API's model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The exception's name, such as `ResourceNotFoundException`.
    pub code: String,
    /// What the control plane says about it.
    pub message: String,
    /// The reason within a `ValidationException`.
    pub reason: Option<String>,
    /// The fields that did not validate and why.
    pub fields: Vec<(String, String)>,
}

impl ApiError {
    /// What an operation of the SDK failed with.
    pub fn read<E, R>(error: SdkError<E, R>) -> Self
    where
        E: Error + Send + Sync + Into<aws_sdk_dsql::Error> + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        match error {
            SdkError::ServiceError(error) => Self::Refused(Refusal::read(&error.into_err().into())),
            other => Self::Failed(causes(&other)),
        }
    }

    /// The resource does not exist, or no longer.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == "ResourceNotFoundException")
    }
}

impl Refusal {
    fn read(error: &aws_sdk_dsql::Error) -> Self {
        let mut refusal = Self {
            code: error.code().unwrap_or("UnknownError").to_owned(),
            message: error.message().unwrap_or_default().to_owned(),
            ..Self::default()
        };
        if let aws_sdk_dsql::Error::ValidationException(invalid) = error {
            refusal.reason = Some(invalid.reason().as_str().to_owned());
            refusal.fields = invalid.field_list().iter().map(|field| (field.name().to_owned(), field.message().to_owned())).collect();
        }
        refusal
    }
}

/// An error and what is behind it; the outermost text says the least.
fn causes(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
        source = cause.source();
    }
    texts.join(": ")
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(what) => f.write_str(what),
            Self::Refused(refusal) => {
                write!(f, "{}: {}", refusal.code, refusal.message)?;
                refusal.fields.iter().try_for_each(|(name, message)| write!(f, "\n  {name}: {message}"))
            }
        }
    }
}

impl Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::ControlPlane;
    use crate::{CredentialsSource, Roots};

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (url, good) in [
            ("https://dsql.us-east-1.api.aws", true),
            ("http://127.0.0.1:3775", true),
            ("http://localhost:3775/", true),
            ("http://[::1]:3775", true),
            ("http://10.0.0.1:3775", false),
            ("http://localhost.example:1", false),
            ("http://127.0.0.1.example", false),
            ("ftp://127.0.0.1", false),
            ("127.0.0.1:3775", false),
        ] {
            let plane = ControlPlane {
                url: Some(url.to_owned()),
                region: "us-east-1".to_owned(),
                credentials: CredentialsSource::Chain,
                roots: Roots::System,
            };
            assert_eq!(plane.check().is_ok(), good, "{url}");
        }
    }
}
