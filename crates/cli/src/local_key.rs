//! Which key the commands sign with when they reach the local server.

use borealis_auth::{DEFAULT_PROFILE, KeyLookup as _, KeyStore};
use borealis_client::CredentialsSource;

use crate::data_folder::DataFolder;

/// The profile named; else the key in the environment, or the profile of `AWS_PROFILE`, when the local server knows it; else the default one. A key
/// of the real service would only be refused here, so it does not count.
pub(crate) fn source(folder: &DataFolder, profile: Option<&str>) -> CredentialsSource {
    let named = |profile: &str| CredentialsSource::Profile { path: Some(folder.credentials()), profile: profile.to_owned() };
    if let Some(profile) = profile {
        return named(profile);
    }
    let Ok(store) = KeyStore::load(&folder.credentials()) else { return named(DEFAULT_PROFILE) };
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if set("AWS_ACCESS_KEY_ID").is_some_and(|id| store.find(&id).is_some()) {
        return CredentialsSource::Chain;
    }
    match set("AWS_PROFILE") {
        Some(profile) if store.profile_key(&profile).is_some() => named(&profile),
        _ => named(DEFAULT_PROFILE),
    }
}
