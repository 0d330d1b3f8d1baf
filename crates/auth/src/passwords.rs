//! The passwords of database roles: for tools that cannot make tokens, set one by one, kept as verifiers only.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use borealis_base::{Id26, Random, Redacted};
use serde_json::{Value, json};

use crate::live::Live;
use crate::private_file;
use crate::scram::Verifier;

const VERSION: u64 = 1;
/// Shorter ones can be found by trying.
pub const PASSWORD_CHARACTERS_MIN: usize = 12;

/// What is wrong with the file, or with a password.
#[derive(Debug)]
pub enum PasswordError {
    /// The file could not be read or replaced.
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is not one of passwords.
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The password has fewer than [`PASSWORD_CHARACTERS_MIN`] characters.
    TooShort,
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Form { path } => {
                write!(f, "{}: not a file of passwords of version {VERSION}; remove it and set the passwords anew", path.display())
            }
            Self::TooShort => write!(f, "the password is too short; the least are {PASSWORD_CHARACTERS_MIN} characters"),
        }
    }
}

impl std::error::Error for PasswordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Form { .. } | Self::TooShort => None,
        }
    }
}

/// The passwords of one file, as they were when it was read.
#[derive(Debug, Clone, Default)]
pub struct Passwords {
    /// By cluster and role.
    verifiers: BTreeMap<(Id26, String), Verifier>,
}

impl Passwords {
    /// Reads the file; one that does not exist has no passwords.
    ///
    /// # Errors
    /// When it cannot be read or is no such file.
    pub fn load(path: &Path) -> Result<Self, PasswordError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).ok_or_else(|| PasswordError::Form { path: path.to_owned() }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(PasswordError::Io { path: path.to_owned(), source }),
        }
    }

    /// Sets a role's password, or with `None` takes it away; `false` when there was none.
    ///
    /// # Errors
    /// When the password is too short or the file cannot be read or replaced; nothing has changed then.
    pub fn set(
        path: &Path,
        cluster: Id26,
        role: &str,
        password: Option<&Redacted<String>>,
        random: &dyn Random,
    ) -> Result<bool, PasswordError> {
        if password.is_some_and(|password| password.expose().chars().count() < PASSWORD_CHARACTERS_MIN) {
            return Err(PasswordError::TooShort);
        }
        let failed = |source| PasswordError::Io { path: path.to_owned(), source };
        let _lock = private_file::lock(path).map_err(failed)?;
        let mut passwords = Self::load(path)?;
        let key = (cluster, role.to_owned());
        let had = match password {
            Some(password) => passwords.verifiers.insert(key, Verifier::new(password.expose(), random)).is_some(),
            None => passwords.verifiers.remove(&key).is_some(),
        };
        private_file::replace(path, passwords.text().expose(), random).map_err(failed)?;
        Ok(had)
    }

    /// Clusters and roles that have a password.
    pub fn entries(&self) -> impl Iterator<Item = (Id26, &str)> {
        self.verifiers.keys().map(|(cluster, role)| (*cluster, role.as_str()))
    }

    /// What is kept of a role's password.
    #[must_use]
    pub fn verifier(&self, cluster: Id26, role: &str) -> Option<Verifier> {
        self.verifiers.get(&(cluster, role.to_owned())).cloned()
    }

    fn parse(text: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        if document.get("version")?.as_u64()? != VERSION {
            return None;
        }
        let mut verifiers = BTreeMap::new();
        for entry in document.get("passwords")?.as_array()? {
            let field = |name: &str| entry.get(name)?.as_str();
            verifiers.insert((field("cluster")?.parse().ok()?, field("role")?.to_owned()), field("verifier")?.parse().ok()?);
        }
        Some(Self { verifiers })
    }

    fn text(&self) -> Redacted<String> {
        let entries: Vec<Value> = self
            .verifiers
            .iter()
            .map(|((cluster, role), verifier)| json!({"cluster": cluster.to_string(), "role": role, "verifier": verifier.to_text().expose()}))
            .collect();
        let document = json!({"version": VERSION, "passwords": entries});
        Redacted::new(format!("{document:#}\n"))
    }
}

/// Passwords that follow their file: one that is set or taken away counts from the next connection on.
#[derive(Debug)]
pub struct LivePasswords(Live<Passwords>);

impl LivePasswords {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// As [`Passwords::load`].
    pub fn load(path: &Path) -> Result<Self, PasswordError> {
        Ok(Self(Live::load(path, Passwords::load)?))
    }

    /// The passwords as they are now.
    #[must_use]
    pub fn get(&self) -> std::sync::Arc<Passwords> {
        self.0.get(Passwords::load)
    }
}

#[cfg(test)]
mod tests;
