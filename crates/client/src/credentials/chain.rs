//! AWS's own chain of credential providers: profiles with SSO, processes and roles, web identity, and the metadata services.

use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_config::meta::region::RegionProviderChain;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError as ProviderError;
use aws_smithy_http_client::tls;
use borealis_auth::AccessKey;
use borealis_base::{Clock as _, Redacted, SystemClock};
use tokio::sync::Mutex;

use super::CredentialsError;

/// Credentials are asked for again this long before their end, so that a token made from them is good for a while.
const RENEWED_BEFORE_END: Duration = Duration::from_secs(300);
/// Where roles are assumed when neither environment nor profile names a region.
const REGION_DEFAULT: &str = "us-east-1";

/// What the chain gave last, by profile, until it is to be renewed: a pool of connections asks once.
static KNOWN: Mutex<Option<HashMap<Option<String>, Credentials>>> = Mutex::const_new(None);

/// The key that the chain finds for a profile.
pub(super) async fn resolve(profile: Option<String>) -> Result<AccessKey, CredentialsError> {
    // Held while asking: the others wait for the one answer.
    let mut known = KNOWN.lock().await;
    let known = known.get_or_insert_default();
    if let Some(credentials) = known.get(&profile).filter(|credentials| is_fresh(credentials)) {
        return Ok(key(credentials));
    }
    let credentials = ask(profile.as_deref()).await?;
    let key = key(&credentials);
    known.insert(profile, credentials);
    Ok(key)
}

/// Without an end, they may have been changed at any time.
fn is_fresh(credentials: &Credentials) -> bool {
    let now = Duration::from_micros(SystemClock::default().unix_micros().unsigned_abs());
    credentials.expiry().is_some_and(|end| end > SystemTime::UNIX_EPOCH + now + RENEWED_BEFORE_END)
}

async fn ask(profile: Option<&str>) -> Result<Credentials, CredentialsError> {
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https();
    // Not the default chain of regions: it ends in a question to the metadata service, and the region hardly matters here.
    let region = RegionProviderChain::first_try(aws_config::environment::EnvironmentVariableRegionProvider::new())
        .or_else(aws_config::profile::ProfileFileRegionProvider::builder().build())
        .or_else(Region::new(REGION_DEFAULT));
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http).region(region);
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let provider = config.credentials_provider().ok_or(CredentialsError::NotFound)?;
    provider.provide_credentials().await.map_err(|error| match error {
        ProviderError::CredentialsNotLoaded(_) if profile.is_none() => CredentialsError::NotFound,
        other => CredentialsError::Provider(other.into()),
    })
}

fn key(credentials: &Credentials) -> AccessKey {
    AccessKey {
        id: credentials.access_key_id().to_owned(),
        secret: Redacted::new(credentials.secret_access_key().to_owned()),
        session_token: credentials.session_token().map(|token| Redacted::new(token.to_owned())),
    }
}

/// An error with its causes, since the outermost says little.
pub(super) fn described(error: &(dyn Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
