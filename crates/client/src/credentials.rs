//! Where access keys come from: the same places, in the same order, as in the AWS tools.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use borealis_auth::{AccessKey, CredentialsFile, ProfileError};
use borealis_base::Redacted;

/// Where to take the access key from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CredentialsSource {
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; without those the credentials file.
    #[default]
    Chain,
    /// This key.
    Key(AccessKey),
    /// A profile of a credentials file; without a path the one of `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`.
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
    pub fn resolve(&self) -> Result<AccessKey, CredentialsError> {
        self.resolve_in(&|name| std::env::var(name).ok())
    }

    fn resolve_in(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<AccessKey, CredentialsError> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        match self {
            Self::Key(key) => Ok(key.clone()),
            Self::Profile { path, profile } => {
                let path = path.clone().or_else(|| default_path(&set)).ok_or(CredentialsError::NotFound)?;
                from_file(&path, profile)
            }
            Self::Chain => from_environment(&set).map_or_else(|| from_default_file(&set), Ok),
        }
    }
}

fn from_environment(set: &dyn Fn(&str) -> Option<String>) -> Option<AccessKey> {
    Some(AccessKey {
        id: set("AWS_ACCESS_KEY_ID")?,
        secret: Redacted::new(set("AWS_SECRET_ACCESS_KEY")?),
        session_token: set("AWS_SESSION_TOKEN").map(Redacted::new),
    })
}

fn from_default_file(set: &dyn Fn(&str) -> Option<String>) -> Result<AccessKey, CredentialsError> {
    let path = default_path(set).ok_or(CredentialsError::NotFound)?;
    match (set("AWS_PROFILE"), set("AWS_SHARED_CREDENTIALS_FILE")) {
        (Some(profile), _) => from_file(&path, &profile),
        (None, Some(_)) => from_file(&path, "default"),
        // Nobody has named file or profile: that there is none means that nothing was set up.
        (None, None) => match from_file(&path, "default") {
            Err(CredentialsError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Err(CredentialsError::NotFound),
            other => other,
        },
    }
}

fn default_path(set: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let home = || Some(PathBuf::from(set("HOME").or_else(|| set("USERPROFILE"))?).join(".aws/credentials"));
    set("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from).or_else(home)
}

fn from_file(path: &Path, profile: &str) -> Result<AccessKey, CredentialsError> {
    let text = std::fs::read_to_string(path).map_err(|source| CredentialsError::Io { path: path.to_owned(), source })?;
    let file = CredentialsFile::parse(&text).map_err(|source| CredentialsError::Syntax { path: path.to_owned(), source })?;
    let key = file.profile(profile).and_then(borealis_auth::Profile::access_key);
    key.ok_or_else(|| CredentialsError::Profile { path: path.to_owned(), profile: profile.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{CredentialsError, CredentialsSource};

    const FILE: &str = "[default]\naws_access_key_id=D\naws_secret_access_key=d\n[p]\naws_access_key_id=P\naws_secret_access_key=p\n\
                        aws_session_token=t\n[empty]\n";

    fn id(source: &CredentialsSource, variables: &[(&str, &str)]) -> Result<String, CredentialsError> {
        let lookup = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        source.resolve_in(&lookup).map(|key| format!("{}{}", key.id, if key.session_token.is_some() { "+" } else { "" }))
    }

    #[test]
    fn the_order_is_that_of_the_aws_tools() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("credentials");
        std::fs::write(&path, FILE).expect("writable");
        let file = ("AWS_SHARED_CREDENTIALS_FILE", path.to_str().expect("a UTF-8 path"));
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
            let found = id(&chain, &[file, ("AWS_PROFILE", missing)]);
            assert!(matches!(&found, Err(CredentialsError::Profile { profile, .. }) if profile == missing), "{found:?}");
        }
    }

    #[test]
    fn where_nothing_was_set_up_the_error_says_what_to_set() {
        let home = tempfile::tempdir().expect("a folder");
        let home = ("HOME", home.path().to_str().expect("a UTF-8 path"));
        assert!(matches!(id(&CredentialsSource::Chain, &[]), Err(CredentialsError::NotFound)));
        assert!(matches!(id(&CredentialsSource::Chain, &[home]), Err(CredentialsError::NotFound)));
        assert!(matches!(id(&CredentialsSource::Chain, &[home, ("AWS_PROFILE", "x")]), Err(CredentialsError::Io { .. })));
    }
}
