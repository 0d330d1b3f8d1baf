//! Where access keys come from: the same places, in the same order, as in the AWS tools.
//!
//! What stands in the environment or, plainly, in a credentials file is read right here. Everything that takes more (SSO, `credential_process`, a role to
//! assume, web identity, the metadata services of containers and machines) is AWS's own crate's work, which is started only then: who reaches a
//! local server never waits for it.

mod chain;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use borealis_auth::{AccessKey, CredentialsFile, ProfileError};
use borealis_base::Redacted;

/// Where to take the access key from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CredentialsSource {
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; without those the profile of `AWS_PROFILE`, then web identity and the
    /// metadata services.
    #[default]
    Chain,
    /// This key.
    Key(AccessKey),
    /// A profile of this credentials file; without a path a profile of the AWS tools' files, whatever it takes to get its credentials.
    Profile {
        /// The file.
        path: Option<PathBuf>,
        /// The profile's name.
        profile: String,
    },
}

/// Why there is no access key.
#[derive(Debug)]
pub enum CredentialsError {
    /// None of the places has one.
    NotFound,
    /// The file cannot be read.
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file has a line that does not belong in it.
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        source: ProfileError,
    },
    /// AWS's chain of providers has failed.
    Provider(Box<dyn std::error::Error + Send + Sync>),
    /// The file has no such profile, or the profile has no key.
    Profile {
        /// The file.
        path: PathBuf,
        /// The profile's name.
        profile: String,
    },
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str(
                "no access key found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE with a profile of ~/.aws/credentials",
            ),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Syntax { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Provider(error) => {
                write!(f, "no credentials from the AWS configuration: {}", chain::described(error.as_ref()))
            }
            Self::Profile { path, profile } => write!(f, "{}: no access key in profile [{profile}]", path.display()),
        }
    }
}

impl std::error::Error for CredentialsError {}

impl CredentialsSource {
    /// The key, looked up now: temporary credentials may have been renewed since the last time.
    ///
    /// # Errors
    /// When there is none.
    pub async fn resolve(&self) -> Result<AccessKey, CredentialsError> {
        match self.resolve_here(&|name| std::env::var(name).ok())? {
            Found::Key(key) => Ok(key),
            Found::Elsewhere(profile) => {
                // On the heap and without its type: the chain's own future is deep, and would be part of that of every connection.
                let asked: Pin<Box<dyn Future<Output = Result<AccessKey, CredentialsError>> + Send>> = Box::pin(chain::resolve(profile));
                asked.await
            }
        }
    }

    /// [`Self::resolve`] for programs without a runtime; not to be called on one.
    ///
    /// # Errors
    /// When there is none.
    pub fn resolve_blocking(&self) -> Result<AccessKey, CredentialsError> {
        match self.resolve_here(&|name| std::env::var(name).ok())? {
            Found::Key(key) => Ok(key),
            Found::Elsewhere(profile) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.map_err(|error| CredentialsError::Provider(error.into()))?.block_on(chain::resolve(profile))
            }
        }
    }

    fn resolve_here(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Found, CredentialsError> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        match self {
            Self::Key(key) => Ok(Found::Key(key.clone())),
            Self::Profile { path: Some(path), profile } => from_file(path, profile).map(Found::Key),
            Self::Profile { path: None, profile } => Ok(from_default_files(&set, Some(profile))),
            Self::Chain => match from_environment(&set) {
                Some(key) => Ok(Found::Key(key)),
                None => Ok(from_default_files(&set, set("AWS_PROFILE").as_deref())),
            },
        }
    }
}

/// Where a key is.
#[derive(Debug)]
enum Found {
    Key(AccessKey),
    /// Not where this module looks: in what AWS's chain makes of this profile, or without one of the default profile and the rest.
    Elsewhere(Option<String>),
}

fn from_environment(set: &dyn Fn(&str) -> Option<String>) -> Option<AccessKey> {
    Some(AccessKey {
        id: set("AWS_ACCESS_KEY_ID")?,
        secret: Redacted::new(set("AWS_SECRET_ACCESS_KEY")?),
        session_token: set("AWS_SESSION_TOKEN").map(Redacted::new),
    })
}

/// A profile's key, if it stands plainly in the credentials file.
fn from_default_files(set: &dyn Fn(&str) -> Option<String>, profile: Option<&str>) -> Found {
    let name = profile.unwrap_or("default");
    let plain = is_plain(set, name).then(|| file_path(set, "AWS_SHARED_CREDENTIALS_FILE", "credentials")).flatten();
    match plain.map(|path| from_file(&path, name)) {
        Some(Ok(key)) => Found::Key(key),
        Some(Err(_)) | None => Found::Elsewhere(profile.map(str::to_owned)),
    }
}

/// Whether nothing in the configuration file says that a profile's credentials are to be had in another way, which would come first.
fn is_plain(set: &dyn Fn(&str) -> Option<String>, profile: &str) -> bool {
    let Some(text) = file_path(set, "AWS_CONFIG_FILE", "config").and_then(|path| std::fs::read_to_string(path).ok()) else { return true };
    let Ok(file) = CredentialsFile::parse(&text) else { return false };
    let heading = if profile == "default" { profile.to_owned() } else { format!("profile {profile}") };
    file.profile(&heading).is_none_or(|found| OTHER_WAYS.iter().all(|setting| found.get(setting).is_none()))
}

/// Settings that name another way to a profile's credentials.
const OTHER_WAYS: [&str; 6] =
    ["role_arn", "sso_session", "sso_start_url", "sso_account_id", "web_identity_token_file", "credential_process"];

fn file_path(set: &dyn Fn(&str) -> Option<String>, variable: &str, name: &str) -> Option<PathBuf> {
    let home = || Some(PathBuf::from(set("HOME").or_else(|| set("USERPROFILE"))?).join(".aws").join(name));
    set(variable).map(PathBuf::from).or_else(home)
}

fn from_file(path: &Path, profile: &str) -> Result<AccessKey, CredentialsError> {
    let text = std::fs::read_to_string(path).map_err(|source| CredentialsError::Io { path: path.to_owned(), source })?;
    let file = CredentialsFile::parse(&text).map_err(|source| CredentialsError::Syntax { path: path.to_owned(), source })?;
    let key = file.profile(profile).and_then(borealis_auth::Profile::access_key);
    key.ok_or_else(|| CredentialsError::Profile { path: path.to_owned(), profile: profile.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{CredentialsError, CredentialsSource, Found};

    const FILE: &str = "[default]\naws_access_key_id=D\naws_secret_access_key=d\n[p]\naws_access_key_id=P\naws_secret_access_key=p\n\
                        aws_session_token=t\n[empty]\n";

    /// The key's id, with `+` for a session token; or `>` and the profile that AWS's chain is asked for.
    fn id(source: &CredentialsSource, variables: &[(&str, &str)]) -> Result<String, CredentialsError> {
        let lookup = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        source.resolve_here(&lookup).map(|found| match found {
            Found::Key(key) => format!("{}{}", key.id, if key.session_token.is_some() { "+" } else { "" }),
            Found::Elsewhere(profile) => format!(">{}", profile.unwrap_or_default()),
        })
    }

    struct Files {
        _folder: tempfile::TempDir,
        credentials: String,
        config: String,
    }

    fn files(config: &str) -> Files {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("writable");
            path.to_str().expect("a UTF-8 path").to_owned()
        };
        let (credentials, config) = (path("credentials", FILE), path("config", config));
        Files { _folder: folder, credentials, config }
    }

    #[test]
    fn the_order_is_that_of_the_aws_tools() {
        let files = files("");
        let file = ("AWS_SHARED_CREDENTIALS_FILE", files.credentials.as_str());
        let key = [("AWS_ACCESS_KEY_ID", "E"), ("AWS_SECRET_ACCESS_KEY", "e")];
        let chain = CredentialsSource::Chain;
        assert_eq!(id(&chain, &[file]).expect("found"), "D");
        assert_eq!(id(&chain, &[file, ("AWS_PROFILE", "p")]).expect("found"), "P+");
        assert_eq!(id(&chain, &[file, ("AWS_PROFILE", "p"), key[0], key[1]]).expect("found"), "E");
        assert_eq!(id(&chain, &[key[0], key[1], ("AWS_SESSION_TOKEN", "t")]).expect("found"), "E+");
        assert_eq!(id(&chain, &[file, key[0]]).expect("half a key is none"), "D");
        let named = CredentialsSource::Profile { path: None, profile: "p".to_owned() };
        assert_eq!(id(&named, &[file, key[0], key[1]]).expect("found"), "P+");
        for missing in ["empty", "absent"] {
            assert_eq!(id(&chain, &[file, ("AWS_PROFILE", missing)]).expect("looked for elsewhere"), format!(">{missing}"));
        }
        assert_eq!(id(&chain, &[]).expect("looked for elsewhere"), ">");
    }

    #[test]
    fn a_profile_that_is_configured_otherwise_is_not_taken_from_the_credentials_file() {
        let chain = CredentialsSource::Chain;
        for (config, expected) in [
            ("[profile p]\nregion = us-east-1\n", "P+"),
            ("[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n", ">p"),
            ("[profile p]\nsso_session = s\n", ">p"),
            ("[p]\nrole_arn = x\n", "P+"),
            ("what is this\n", ">p"),
        ] {
            let files = files(config);
            let variables =
                [("AWS_SHARED_CREDENTIALS_FILE", files.credentials.as_str()), ("AWS_CONFIG_FILE", &files.config), ("AWS_PROFILE", "p")];
            assert_eq!(id(&chain, &variables).expect("decided"), expected, "{config}");
        }
    }

    #[test]
    fn a_file_that_is_named_must_have_the_profile() {
        let files = files("");
        let source = |path: &str, profile: &str| CredentialsSource::Profile { path: Some(path.into()), profile: profile.to_owned() };
        assert_eq!(id(&source(&files.credentials, "p"), &[]).expect("found"), "P+");
        let found = id(&source(&files.credentials, "empty"), &[]);
        assert!(matches!(&found, Err(CredentialsError::Profile { profile, .. }) if profile == "empty"), "{found:?}");
        assert!(matches!(id(&source("/nowhere", "p"), &[]), Err(CredentialsError::Io { .. })));
    }
}
