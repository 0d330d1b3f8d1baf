//! The local store of access keys: what takes IAM's place where there is no AWS.
//!
//! It is an AWS credentials file, so that one file serves both sides: the server reads from it whom to believe, and the AWS CLI, the SDKs
//! and our own client sign with it (`AWS_SHARED_CREDENTIALS_FILE`). Each profile with a key is one principal:
//!
//! ```ini
//! [borealis]
//! aws_access_key_id = AKIA…
//! aws_secret_access_key = …
//! x_principal_arn = arn:aws:iam::000000000000:user/borealis
//! x_allowed_actions = dsql:DbConnect, dsql:Get*
//! x_security_token_expires = 2026-11-22T22:32:37Z
//! ```
//!
//! `x_allowed_actions` holds for every cluster; `x_policy` is an IAM policy for whoever wants to say more. Without either of them the two connecting
//! actions are allowed. `x_security_token_expires` is for temporary keys.
//!
//! The file is only ever replaced whole (written beside, synced, renamed), with mode 0600 from its first byte on.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use borealis_base::{Random, Redacted};
use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};

use crate::AccessKey;
use crate::amz_date::AmzDate;
use crate::arn::{Arn, LOCAL_ACCOUNT};
use crate::policy::IdentityPolicy;
use crate::profile::{CredentialsFile, Profile, ProfileError};
use crate::stored_key::{KeyLookup, StoredKey};

/// The profile that [`KeyStore::create_default`] makes.
pub const DEFAULT_PROFILE: &str = "borealis";
/// The principal of the default profile.
pub const DEFAULT_PRINCIPAL_ARN: &str = "arn:aws:iam::000000000000:user/borealis";

const PRINCIPAL_ARN: &str = "x_principal_arn";
const ALLOWED_ACTIONS: &str = "x_allowed_actions";
const POLICY: &str = "x_policy";
const SESSION_NAME: &str = "x_session_name";
const EXPIRES: &str = "x_security_token_expires";

/// What is wrong with the store.
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
    /// A profile or principal name holds a character that the file form has no place for, or is empty.
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
}

impl fmt::Display for KeyStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Syntax { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Setting { path, profile, setting } => {
                write!(f, "{}: profile [{profile}]: {setting} has an invalid value", path.display())
            }
            Self::Name(name) => write!(f, "'{name}' cannot be written into a credentials file"),
            Self::ProfileExists(name) => write!(f, "there is a profile [{name}] already"),
            Self::NoKey { path, profile } => write!(
                f,
                "{}: profile [{profile}] has no aws_access_key_id and aws_secret_access_key; remove the profile to have a new key made",
                path.display()
            ),
        }
    }
}

impl std::error::Error for KeyStoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Syntax { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The keys of one credentials file, as they were when it was read.
#[derive(Debug, Clone)]
pub struct KeyStore {
    path: PathBuf,
    text: Redacted<String>,
    /// By access key id.
    keys: HashMap<String, StoredKey>,
    /// Profile names and the access key ids in them, in the order of the file.
    profiles: Vec<(String, String)>,
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

    /// The key of the profile [`DEFAULT_PROFILE`], which is made, with the file and its folder, when there is none yet.
    ///
    /// # Errors
    /// When the file cannot be read or replaced, or the profile exists without a key.
    pub fn create_default(path: &Path, random: &dyn Random) -> Result<AccessKey, KeyStoreError> {
        let mut store = Self::load_or_empty(path)?;
        if let Some(key) = store.profile_key(DEFAULT_PROFILE) {
            return Ok(key);
        }
        match store.add(DEFAULT_PROFILE, DEFAULT_PRINCIPAL_ARN, &["dsql:*"], random) {
            Err(KeyStoreError::ProfileExists(profile)) => Err(KeyStoreError::NoKey { path: path.to_owned(), profile }),
            other => other,
        }
    }

    /// Makes a key for a new profile and writes it to the file.
    ///
    /// # Errors
    /// When a name cannot be written, the profile exists, or the file cannot be replaced; the store is then as before.
    pub fn add(&mut self, profile: &str, principal_arn: &str, allowed: &[&str], random: &dyn Random) -> Result<AccessKey, KeyStoreError> {
        check_name(profile)?;
        check_name(principal_arn)?;
        if parse_file(&self.path, self.text.expose())?.profile(profile).is_some() {
            return Err(KeyStoreError::ProfileExists(profile.to_owned()));
        }
        let key = random_key(random);
        let mut text = self.text.expose().clone();
        if !text.is_empty() {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        text.push_str(&section(profile, principal_arn, allowed, &key));
        self.replace(text, random)?;
        Ok(key)
    }

    /// Removes a profile with all its lines; `false` when there is none.
    ///
    /// # Errors
    /// When the file cannot be replaced; the store is then as before.
    pub fn remove(&mut self, profile: &str, random: &dyn Random) -> Result<bool, KeyStoreError> {
        if parse_file(&self.path, self.text.expose())?.profile(profile).is_none() {
            return Ok(false);
        }
        self.replace(without_profile(self.text.expose(), profile), random)?;
        Ok(true)
    }

    /// Every profile with a key: its name and the key's entry, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &StoredKey)> {
        self.profiles.iter().filter_map(|(name, id)| Some((name.as_str(), self.keys.get(id)?)))
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
        let mut store = Self { path: path.to_owned(), text: Redacted::new(String::new()), keys: HashMap::new(), profiles: Vec::new() };
        for profile in &parse_file(path, &text)?.profiles {
            if let Some(stored) = stored_key(path, profile)? {
                store.profiles.push((profile.name.clone(), stored.key.id.clone()));
                store.keys.insert(stored.key.id.clone(), stored);
            }
        }
        store.text = Redacted::new(text);
        Ok(store)
    }

    fn replace(&mut self, text: String, random: &dyn Random) -> Result<(), KeyStoreError> {
        let next = Self::parse(&self.path, text)?;
        write_private(&self.path, next.text.expose(), random).map_err(|source| KeyStoreError::Io { path: self.path.clone(), source })?;
        *self = next;
        Ok(())
    }
}

impl KeyLookup for KeyStore {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        self.keys.get(access_key_id).cloned()
    }
}

/// A store that follows its file: a key added or removed by another process counts from the next connection on.
///
/// A file that has become unreadable changes nothing: the keys read last stay, so that an editor's half-saved file locks nobody out.
#[derive(Debug)]
pub struct LiveKeyStore {
    path: PathBuf,
    state: RwLock<(Option<FileStamp>, KeyStore)>,
}

impl LiveKeyStore {
    /// Reads the store at `path`.
    ///
    /// # Errors
    /// As [`KeyStore::load`].
    pub fn load(path: &Path) -> Result<Self, KeyStoreError> {
        // The stamp is taken first: a change between the two reads is seen as one at the next look, never missed.
        let stamp = FileStamp::of(path);
        Ok(Self { path: path.to_owned(), state: RwLock::new((stamp, KeyStore::load(path)?)) })
    }

    fn refresh(&self) {
        let stamp = FileStamp::of(&self.path);
        if self.state.read().unwrap_or_else(PoisonError::into_inner).0 == stamp {
            return;
        }
        if let Ok(store) = KeyStore::load(&self.path) {
            *self.state.write().unwrap_or_else(PoisonError::into_inner) = (stamp, store);
        }
    }
}

impl KeyLookup for LiveKeyStore {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        self.refresh();
        self.state.read().unwrap_or_else(PoisonError::into_inner).1.find(access_key_id)
    }
}

/// What changes whenever a file does. The inode makes a replacement within one tick of the file system's clock visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), bytes: metadata.len(), inode: inode(&metadata) })
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// What a key without any word on it may do.
const CONNECTING: [&str; 2] = ["dsql:DbConnect", "dsql:DbConnectAdmin"];

fn parse_file(path: &Path, text: &str) -> Result<CredentialsFile, KeyStoreError> {
    CredentialsFile::parse(text).map_err(|source| KeyStoreError::Syntax { path: path.to_owned(), source })
}

fn stored_key(path: &Path, profile: &Profile) -> Result<Option<StoredKey>, KeyStoreError> {
    let Some(key) = profile.access_key() else { return Ok(None) };
    let bad = |setting| KeyStoreError::Setting { path: path.to_owned(), profile: profile.name.clone(), setting };
    let expires_unix = match profile.get(EXPIRES) {
        Some(moment) => Some(AmzDate::parse_iso(moment).ok_or_else(|| bad(EXPIRES))?.unix()),
        None => None,
    };
    let principal = match profile.get(PRINCIPAL_ARN) {
        Some(arn) => arn.parse().map_err(|_| bad(PRINCIPAL_ARN))?,
        None => Arn::user(LOCAL_ACCOUNT, &profile.name),
    };
    let session_name = profile.get(SESSION_NAME).map(str::to_owned);
    Ok(Some(StoredKey { key, principal, session_name, expires_unix, permissions: Arc::new(permissions(profile, &bad)?) }))
}

fn permissions(profile: &Profile, bad: &dyn Fn(&'static str) -> KeyStoreError) -> Result<IdentityPolicy, KeyStoreError> {
    let listed = match profile.get(ALLOWED_ACTIONS) {
        Some(list) => Some(IdentityPolicy::allowing(parse_actions(list).ok_or_else(|| bad(ALLOWED_ACTIONS))?)),
        None => None,
    };
    let written = match profile.get(POLICY) {
        Some(json) => Some(IdentityPolicy::parse(json).map_err(|_| bad(POLICY))?),
        None => None,
    };
    Ok(match (listed, written) {
        (Some(listed), Some(written)) => listed.and(written),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => IdentityPolicy::allowing(CONNECTING),
    })
}

/// `DbConnect, dsql:Get*`; an empty list allows nothing.
fn parse_actions(list: &str) -> Option<Vec<String>> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(crate::action::qualified).collect()
}

fn check_name(name: &str) -> Result<(), KeyStoreError> {
    let fits = !name.is_empty() && name.trim() == name && !name.contains([']', '[', '#', ';']) && !name.contains(char::is_control);
    if fits { Ok(()) } else { Err(KeyStoreError::Name(name.to_owned())) }
}

/// An id and a secret of the lengths and alphabets of AWS's own, which some tools check: 80 and 240 random bits.
fn random_key(random: &dyn Random) -> AccessKey {
    let (mut id, mut secret) = ([0; 10], [0; 30]);
    random.fill(&mut id);
    random.fill(&mut secret);
    AccessKey { id: format!("AKIA{}", BASE32_NOPAD.encode(&id)), secret: Redacted::new(BASE64.encode(&secret)), session_token: None }
}

fn section(profile: &str, principal_arn: &str, allowed: &[&str], key: &AccessKey) -> String {
    let actions = allowed.join(", ");
    format!(
        "[{profile}]\naws_access_key_id = {}\naws_secret_access_key = {}\n{PRINCIPAL_ARN} = {principal_arn}\n{ALLOWED_ACTIONS} = {actions}\n",
        key.id,
        key.secret.expose()
    )
}

/// The text without the lines from a `[profile]` heading to the next heading.
fn without_profile(text: &str, profile: &str) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if let Some((name, _)) = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            inside = name.trim() == profile;
        }
        if !inside {
            kept.push_str(line);
        }
    }
    kept
}

fn write_private(path: &Path, text: &str, random: &dyn Random) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut unique = [0; 8];
    random.fill(&mut unique);
    let beside = path.with_extension(format!("{}.tmp", HEXLOWER.encode(&unique)));
    let written = write_new(&beside, text).and_then(|()| fs::rename(&beside, path)).and_then(|()| sync_folder(folder));
    if written.is_err() {
        // The first error is the one to report; what is left over holds a key and must not stay.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
