//! The local store of principals and access keys: what takes IAM's place where there is no AWS.
//!
//! It is an AWS credentials file, so that one file serves both sides: the server reads from it whom to believe, and the AWS CLI, the SDKs
//! and our own client sign with it (`AWS_SHARED_CREDENTIALS_FILE`). A profile with a key is a user; one called `role/<name>` has no key and is a role,
//! and temporary credentials of a role stand in profiles below it:
//!
//! ```ini
//! [app]
//! aws_access_key_id = AKIA…
//! aws_secret_access_key = …
//! x_principal_arn = arn:aws:iam::000000000000:user/app
//! x_allowed_actions = dsql:DbConnect, dsql:Get*
//!
//! [role/reporting]
//! x_principal_arn = arn:aws:iam::000000000000:role/reporting
//! x_policy = {"Version":"2012-10-17","Statement":[…]}
//! x_trusted = arn:aws:iam::000000000000:root
//!
//! [role/reporting/ASIA…]
//! aws_access_key_id = ASIA…
//! aws_secret_access_key = …
//! aws_session_token = …
//! x_principal_arn = arn:aws:iam::000000000000:role/reporting
//! x_session_name = nightly
//! x_security_token_expires = 2026-11-22T22:32:37Z
//! ```
//!
//! `x_allowed_actions` holds for every cluster; `x_policy` is an IAM policy for whoever wants to say more. A key whose profile has neither may do what
//! another profile of the same principal says, and without one connect.
//!
//! The file is only ever replaced whole, by one editor at a time, with mode 0600 from its first byte on.

mod edit;
mod sections;

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use borealis_base::{Random, Redacted};

use crate::AccessKey;
use crate::amz_date::AmzDate;
use crate::arn::{Arn, LOCAL_ACCOUNT};
use crate::live::Live;
use crate::policy::{PolicyDocument, PolicyError, WithdrawError};
use crate::profile::{CredentialsFile, Profile, ProfileError};
use crate::stored_key::{KeyLookup, StoredKey};

pub use edit::{Edit, PrincipalKind, SESSION_SECONDS_MAX, SESSION_SECONDS_MIN};

/// The profile that [`KeyStore::create_default`] makes.
pub const DEFAULT_PROFILE: &str = "borealis";
/// The principal of the default profile.
pub const DEFAULT_PRINCIPAL_ARN: &str = "arn:aws:iam::000000000000:user/borealis";
/// What a key without any word on it may do.
const CONNECTING: [&str; 2] = ["dsql:DbConnect", "dsql:DbConnectAdmin"];
const ROLE_PREFIX: &str = "role/";

/// The settings of a profile that AWS does not know.
pub(crate) mod setting {
    pub(crate) const PRINCIPAL_ARN: &str = "x_principal_arn";
    pub(crate) const ALLOWED_ACTIONS: &str = "x_allowed_actions";
    pub(crate) const POLICY: &str = "x_policy";
    pub(crate) const TRUSTED: &str = "x_trusted";
    pub(crate) const SESSION_NAME: &str = "x_session_name";
    pub(crate) const EXPIRES: &str = "x_security_token_expires";
}

/// What is wrong with the store, or with what is asked of it.
#[derive(Debug)]
pub enum KeyStoreError {
    /// The file could not be read or replaced.
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line has no place in a credentials file.
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        source: ProfileError,
    },
    /// A setting of ours has a value that means nothing.
    Setting {
        /// The file.
        path: PathBuf,
        /// The profile that holds it.
        profile: String,
        /// The setting's name.
        setting: &'static str,
    },
    /// The name is none that a user or role can have.
    Name(String),
    /// There is a profile of this name already.
    ProfileExists(String),
    /// The profile that should hold a key has none.
    NoKey {
        /// The file.
        path: PathBuf,
        /// The profile.
        profile: String,
    },
    /// There is no such user or role.
    NoSuch {
        /// Which of the two.
        kind: PrincipalKind,
        /// The name asked for.
        name: String,
    },
    /// The role does not trust the principal that wants to assume it.
    NotTrusted {
        /// The principal.
        caller: String,
        /// The role.
        role: String,
    },
    /// Temporary credentials may live from [`SESSION_SECONDS_MIN`] to [`SESSION_SECONDS_MAX`] seconds.
    SessionSeconds(u32),
    /// A role has as many sessions as it may have.
    TooManySessions(String),
    /// What the principal would be allowed is no policy.
    Policy(PolicyError),
    /// What is to be revoked was not granted.
    Withdraw(WithdrawError),
}

impl fmt::Display for KeyStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Syntax { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Setting { path, profile, setting } => {
                write!(f, "{}: profile [{profile}]: {setting} has an invalid value", path.display())
            }
            Self::Name(name) => write!(f, "'{name}' is no name: 1 to 64 letters, digits and any of _+=,.@-"),
            Self::ProfileExists(name) => write!(f, "there is a profile [{name}] already"),
            Self::NoKey { path, profile } => write!(
                f,
                "{}: profile [{profile}] has no aws_access_key_id and aws_secret_access_key; remove the profile to have a new key made",
                path.display()
            ),
            Self::NoSuch { kind, name } => write!(f, "The {kind} with name {name} cannot be found."),
            Self::NotTrusted { caller, role } => {
                write!(f, "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}")
            }
            Self::SessionSeconds(seconds) => write!(
                f,
                "temporary credentials cannot live for {seconds} seconds; from {SESSION_SECONDS_MIN} to {SESSION_SECONDS_MAX} are possible"
            ),
            Self::TooManySessions(role) => write!(f, "role {role} has too many sessions; wait for some to end"),
            Self::Policy(error) => error.fmt(f),
            Self::Withdraw(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyStoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Syntax { source, .. } => Some(source),
            Self::Policy(source) => Some(source),
            Self::Withdraw(source) => Some(source),
            _ => None,
        }
    }
}

/// A role: a principal without a key of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// The name behind `role/`.
    pub name: String,
    /// What database roles are mapped to.
    pub arn: Arn,
    /// Who may assume it: ARNs of users and roles, or `arn:aws:iam::<account>:root` for every principal of the account.
    pub trusted: Vec<Arn>,
    /// What its sessions may do.
    pub policy: PolicyDocument,
}

/// The principals and keys of one credentials file, as they were when it was read.
#[derive(Debug, Clone)]
pub struct KeyStore {
    path: PathBuf,
    text: Redacted<String>,
    /// By access key id.
    keys: HashMap<String, StoredKey>,
    /// Profile names and the access key ids in them, in the order of the file.
    profiles: Vec<(String, String)>,
    roles: Vec<Role>,
    /// What the file says of each principal that it says anything of.
    documents: HashMap<Arn, PolicyDocument>,
}

impl KeyStore {
    /// Reads the store at `path`.
    ///
    /// # Errors
    /// When the file is missing, is no credentials file, or a setting of ours in it means nothing.
    pub fn load(path: &Path) -> Result<Self, KeyStoreError> {
        let text = fs::read_to_string(path).map_err(|source| KeyStoreError::Io { path: path.to_owned(), source })?;
        Self::parse(path, text)
    }

    /// The key of the profile [`DEFAULT_PROFILE`], which is made, with the file and its folder, when there is none yet. Its principal may do everything.
    ///
    /// # Errors
    /// When the file cannot be read or replaced, or the profile exists without a key.
    pub fn create_default(path: &Path, random: &dyn Random, now_unix: i64) -> Result<AccessKey, KeyStoreError> {
        let mut edit = Self::edit(path, random, now_unix)?;
        if let Some(key) = edit.store().profile_key(DEFAULT_PROFILE) {
            return Ok(key);
        }
        let everything = PolicyDocument::allowing(&["dsql:*".to_owned()], &["*".to_owned()]);
        match edit.create_user(DEFAULT_PROFILE, &everything) {
            Err(KeyStoreError::ProfileExists(profile)) => Err(KeyStoreError::NoKey { path: path.to_owned(), profile }),
            other => other,
        }
    }

    /// Starts an edit: nobody else edits the store until it is dropped. A file that does not exist is an empty store.
    ///
    /// # Errors
    /// As [`Self::load`], and when the lock beside the file cannot be had.
    pub fn edit<'a>(path: &Path, random: &'a dyn Random, now_unix: i64) -> Result<Edit<'a>, KeyStoreError> {
        Edit::start(path, random, now_unix)
    }

    /// Every profile with a key: its name and the key's entry, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &StoredKey)> {
        self.profiles.iter().filter_map(|(name, id)| Some((name.as_str(), self.keys.get(id)?)))
    }

    /// The roles, in the order of the file.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// What a principal of this store is allowed, as a document; a user of whom the file says nothing may connect.
    #[must_use]
    pub fn document(&self, principal: &Arn) -> PolicyDocument {
        self.documents.get(principal).cloned().unwrap_or_else(connecting)
    }

    /// The key of a profile.
    #[must_use]
    pub fn profile_key(&self, profile: &str) -> Option<AccessKey> {
        self.entries().find(|(name, _)| *name == profile).map(|(_, stored)| stored.key.clone())
    }

    fn load_or_empty(path: &Path) -> Result<Self, KeyStoreError> {
        match Self::load(path) {
            Err(KeyStoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Self::parse(path, String::new()),
            other => other,
        }
    }

    fn parse(path: &Path, text: String) -> Result<Self, KeyStoreError> {
        let file = CredentialsFile::parse(&text).map_err(|source| KeyStoreError::Syntax { path: path.to_owned(), source })?;
        let mut store = Self {
            path: path.to_owned(),
            text: Redacted::new(text),
            keys: HashMap::new(),
            profiles: Vec::new(),
            roles: Vec::new(),
            documents: HashMap::new(),
        };
        for profile in &file.profiles {
            store.read_principal(profile)?;
        }
        for profile in &file.profiles {
            store.read_key(profile)?;
        }
        Ok(store)
    }

    /// What a profile says of its principal.
    fn read_principal(&mut self, profile: &Profile) -> Result<(), KeyStoreError> {
        if !is_ours(profile) {
            return Ok(());
        }
        let bad = |setting| self.bad(profile, setting);
        let arn = principal_arn(profile).ok_or_else(|| bad(setting::PRINCIPAL_ARN))?;
        let document = read_document(profile).map_err(bad)?;
        if let Some(name) = profile.name.strip_prefix(ROLE_PREFIX).filter(|name| !name.contains('/')) {
            let trusted = profile.get(setting::TRUSTED).unwrap_or_default();
            let trusted: Option<Vec<Arn>> =
                trusted.split(',').map(str::trim).filter(|arn| !arn.is_empty()).map(|arn| arn.parse().ok()).collect();
            let trusted = trusted.ok_or_else(|| bad(setting::TRUSTED))?;
            let policy = document.clone().unwrap_or_default();
            self.documents.insert(arn.clone(), policy.clone());
            self.roles.push(Role { name: name.to_owned(), arn, trusted, policy });
        } else if let Some(document) = document {
            self.documents.entry(arn).or_insert(document);
        }
        Ok(())
    }

    fn read_key(&mut self, profile: &Profile) -> Result<(), KeyStoreError> {
        let Some(key) = profile.access_key() else { return Ok(()) };
        let bad = |setting| self.bad(profile, setting);
        let expires_unix = match profile.get(setting::EXPIRES) {
            Some(moment) => Some(AmzDate::parse_iso(moment).ok_or_else(|| bad(setting::EXPIRES))?.unix()),
            None => None,
        };
        let principal = principal_arn(profile).ok_or_else(|| bad(setting::PRINCIPAL_ARN))?;
        let document = read_document(profile).map_err(bad)?.unwrap_or_else(|| self.document(&principal));
        let permissions = Arc::new(document.compile().map_err(|_| bad(setting::POLICY))?);
        let session_name = profile.get(setting::SESSION_NAME).map(str::to_owned);
        self.profiles.push((profile.name.clone(), key.id.clone()));
        self.keys.insert(key.id.clone(), StoredKey { key, principal, session_name, expires_unix, permissions });
        Ok(())
    }

    fn bad(&self, profile: &Profile, setting: &'static str) -> KeyStoreError {
        KeyStoreError::Setting { path: self.path.clone(), profile: profile.name.clone(), setting }
    }
}

impl KeyLookup for KeyStore {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        self.keys.get(access_key_id).cloned()
    }
}

/// A store that follows its file: a key added or removed by another process counts from the next connection on.
#[derive(Debug)]
pub struct LiveKeyStore(Live<KeyStore>);

impl LiveKeyStore {
    /// Reads the store at `path`.
    ///
    /// # Errors
    /// As [`KeyStore::load`].
    pub fn load(path: &Path) -> Result<Self, KeyStoreError> {
        Ok(Self(Live::load(path, KeyStore::load)?))
    }
}

impl KeyLookup for LiveKeyStore {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        self.0.get(KeyStore::load).find(access_key_id)
    }
}

/// Whether a profile concerns the store at all: a credentials file may hold others.
fn is_ours(profile: &Profile) -> bool {
    profile.access_key().is_some() || profile.get(setting::PRINCIPAL_ARN).is_some() || profile.name.starts_with(ROLE_PREFIX)
}

fn principal_arn(profile: &Profile) -> Option<Arn> {
    match (profile.get(setting::PRINCIPAL_ARN), profile.name.strip_prefix(ROLE_PREFIX)) {
        (Some(arn), _) => arn.parse().ok(),
        (None, Some(role)) => Some(Arn::role(LOCAL_ACCOUNT, role)),
        (None, None) => Some(Arn::user(LOCAL_ACCOUNT, &profile.name)),
    }
}

/// What a profile says may be done; nothing when it says nothing. The error is the setting that cannot be read.
fn read_document(profile: &Profile) -> Result<Option<PolicyDocument>, &'static str> {
    let listed = match profile.get(setting::ALLOWED_ACTIONS) {
        Some(list) => Some(parse_actions(list).ok_or(setting::ALLOWED_ACTIONS)?),
        None => None,
    };
    let written = match profile.get(setting::POLICY) {
        Some(json) => Some(PolicyDocument::parse(json).map_err(|_| setting::POLICY)?),
        None => None,
    };
    let Some(actions) = listed else { return Ok(written) };
    let mut document = PolicyDocument::allowing(&actions, &["*".to_owned()]);
    document.append(written.unwrap_or_default());
    Ok(Some(document))
}

/// `DbConnect, dsql:Get*`; an empty list allows nothing.
fn parse_actions(list: &str) -> Option<Vec<String>> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(crate::action::qualified).collect()
}

fn connecting() -> PolicyDocument {
    PolicyDocument::allowing(&CONNECTING.map(str::to_owned), &["*".to_owned()])
}
