//! Edits of the store, one at a time: each is complete when its method returns, or has changed nothing.

use std::fmt;
use std::fs;
use std::path::Path;

use borealis_base::{Random, Redacted};
use data_encoding::{BASE32_NOPAD, BASE64};

use super::{KeyStore, KeyStoreError, ROLE_PREFIX, sections, setting};
use crate::AccessKey;
use crate::amz_date::AmzDate;
use crate::arn::{Arn, LOCAL_ACCOUNT};
use crate::policy::PolicyDocument;
use crate::private_file;
use crate::profile::CredentialsFile;

/// The shortest life of temporary credentials, as STS has it.
pub const SESSION_SECONDS_MIN: u32 = 900;
/// The longest life of temporary credentials, as STS has it.
pub const SESSION_SECONDS_MAX: u32 = 43_200;
/// Sessions of one role at a time: each is a section of the file, which every connection may have to read.
const SESSIONS_MAX: usize = 1_000;
/// How long credentials that are over stay in the file, so that who uses them is told that they are over and not that they never were.
const OVER_KEPT_SECONDS: i64 = 3_600;
const SESSION_TOKEN_BYTES: usize = 192;

/// The two kinds of principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A user with an access key.
    User,
    /// A role to be assumed.
    Role,
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Role => "role",
        })
    }
}

impl PrincipalKind {
    /// The profile that speaks of the principal.
    fn profile(self, name: &str) -> String {
        match self {
            Self::User => name.to_owned(),
            Self::Role => format!("{ROLE_PREFIX}{name}"),
        }
    }
}

/// The store, held for editing.
pub struct Edit<'a> {
    store: KeyStore,
    random: &'a dyn Random,
    now_unix: i64,
    _lock: fs::File,
}

impl<'a> Edit<'a> {
    pub(super) fn start(path: &Path, random: &'a dyn Random, now_unix: i64) -> Result<Self, KeyStoreError> {
        let lock = private_file::lock(path).map_err(|source| KeyStoreError::Io { path: path.to_owned(), source })?;
        Ok(Self { store: KeyStore::load_or_empty(path)?, random, now_unix, _lock: lock })
    }

    /// The store as it is now.
    #[must_use]
    pub fn store(&self) -> &KeyStore {
        &self.store
    }

    /// Makes a user with a key, in a profile of the user's name.
    ///
    /// # Errors
    /// When the name cannot be one or is taken, or the file cannot be replaced.
    pub fn create_user(&mut self, name: &str, document: &PolicyDocument) -> Result<AccessKey, KeyStoreError> {
        self.check_new(PrincipalKind::User, name)?;
        let key = self.random_key("AKIA");
        let arn = Arn::user(LOCAL_ACCOUNT, name).to_string();
        let permissions = permissions(document)?;
        let mut settings = key_settings(&key);
        settings.push((setting::PRINCIPAL_ARN, arn.as_str()));
        settings.extend(permissions.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        let text = sections::with_section(self.text(), name, &settings);
        self.replace(text)?;
        Ok(key)
    }

    /// Gives a user a new key. The old one goes on working until `old_until`, or is gone at once.
    ///
    /// # Errors
    /// When there is no such user, or the file cannot be replaced.
    pub fn rotate(&mut self, name: &str, old_until: Option<i64>) -> Result<AccessKey, KeyStoreError> {
        let (arn, old) = self.user(name)?;
        let key = self.random_key("AKIA");
        let changes = [
            ("aws_access_key_id", Some(key.id.as_str())),
            ("aws_secret_access_key", Some(key.secret.expose().as_str())),
            ("aws_session_token", None),
        ];
        let mut text = sections::with_settings(self.text(), name, &changes);
        if let Some(until) = old_until {
            let (arn, expires) = (arn.to_string(), AmzDate::from_unix(until).iso());
            let mut settings = key_settings(&old);
            settings.extend([(setting::PRINCIPAL_ARN, arn.as_str()), (setting::EXPIRES, expires.as_str())]);
            text = sections::with_section(&text, &format!("{name}/{}", old.id), &settings);
        }
        self.replace(text)?;
        Ok(key)
    }

    /// Removes a user with all its keys, or a role with all its sessions.
    ///
    /// # Errors
    /// When there is no such principal, or the file cannot be replaced.
    pub fn delete(&mut self, kind: PrincipalKind, name: &str) -> Result<(), KeyStoreError> {
        self.principal(kind, name)?;
        let profile = kind.profile(name);
        let below = format!("{profile}/");
        let text = sections::without(self.text(), &|section| section == profile || section.starts_with(&below));
        self.replace(text)
    }

    /// Makes a role that the principals in `trusted` may assume.
    ///
    /// # Errors
    /// When the name cannot be one or is taken, or the file cannot be replaced.
    pub fn create_role(&mut self, name: &str, document: &PolicyDocument, trusted: &[Arn]) -> Result<Arn, KeyStoreError> {
        self.check_new(PrincipalKind::Role, name)?;
        let arn = Arn::role(LOCAL_ACCOUNT, name);
        let (principal, permissions) = (arn.to_string(), permissions(document)?);
        let trusted = trusted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut settings = vec![(setting::PRINCIPAL_ARN, principal.as_str()), (setting::TRUSTED, trusted.as_str())];
        settings.extend(permissions.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        let text = sections::with_section(self.text(), &PrincipalKind::Role.profile(name), &settings);
        self.replace(text)?;
        Ok(arn)
    }

    /// Changes what a principal may do.
    ///
    /// # Errors
    /// When there is no such principal, `change` refuses, the result is no policy, or the file cannot be replaced.
    pub fn change_permissions(
        &mut self,
        kind: PrincipalKind,
        name: &str,
        change: impl FnOnce(&mut PolicyDocument) -> Result<(), KeyStoreError>,
    ) -> Result<PolicyDocument, KeyStoreError> {
        let mut document = self.store.document(&self.principal(kind, name)?);
        change(&mut document)?;
        let permissions = permissions(&document)?;
        let changes: Vec<(&str, Option<&str>)> = permissions.iter().map(|(name, value)| (*name, value.as_deref())).collect();
        let text = sections::with_settings(self.text(), &kind.profile(name), &changes);
        self.replace(text)?;
        Ok(document)
    }

    /// Makes temporary credentials of a role for the principal of the profile `source`.
    ///
    /// # Errors
    /// When there is no such role or profile, the role does not trust the principal, the life asked for is too short or too long, or the file cannot be
    /// replaced.
    pub fn assume(&mut self, role: &str, source: &str, session: &str, seconds: u32) -> Result<(AccessKey, AmzDate), KeyStoreError> {
        if !(SESSION_SECONDS_MIN..=SESSION_SECONDS_MAX).contains(&seconds) {
            return Err(KeyStoreError::SessionSeconds(seconds));
        }
        check_name(session)?;
        let (caller, _) = self.user(source)?;
        let found = self.store.roles.iter().find(|found| found.name == role);
        let found = found.ok_or_else(|| KeyStoreError::NoSuch { kind: PrincipalKind::Role, name: role.to_owned() })?;
        let trusts = |arn: &Arn| *arn == caller || (arn.resource == "root" && arn.account == caller.account);
        if !found.trusted.iter().any(trusts) {
            return Err(KeyStoreError::NotTrusted { caller: caller.to_string(), role: found.arn.to_string() });
        }
        let arn = found.arn.clone();
        let sessions = self.store.keys.values().filter(|key| key.principal == arn).count();
        if sessions >= SESSIONS_MAX {
            return Err(KeyStoreError::TooManySessions(role.to_owned()));
        }
        let end = AmzDate::from_unix(self.now_unix + i64::from(seconds));
        let key = AccessKey { session_token: Some(self.session_token()), ..self.random_key("ASIA") };
        self.add_session(role, &arn, session, &key, end)?;
        Ok((key, end))
    }

    fn add_session(&mut self, role: &str, arn: &Arn, session: &str, key: &AccessKey, end: AmzDate) -> Result<(), KeyStoreError> {
        let (arn, expires) = (arn.to_string(), end.iso());
        let mut settings = key_settings(key);
        settings.extend([(setting::PRINCIPAL_ARN, arn.as_str()), (setting::SESSION_NAME, session), (setting::EXPIRES, expires.as_str())]);
        let text = sections::with_section(self.text(), &format!("{}/{}", PrincipalKind::Role.profile(role), key.id), &settings);
        self.replace(text)
    }

    fn text(&self) -> &str {
        self.store.text.expose()
    }

    /// The ARN of a principal that must exist.
    fn principal(&self, kind: PrincipalKind, name: &str) -> Result<Arn, KeyStoreError> {
        match kind {
            PrincipalKind::User => self.user(name).map(|(arn, _)| arn),
            PrincipalKind::Role => {
                let found = self.store.roles.iter().find(|role| role.name == name).map(|role| role.arn.clone());
                found.ok_or_else(|| KeyStoreError::NoSuch { kind, name: name.to_owned() })
            }
        }
    }

    /// The ARN and the key of a user that must exist.
    fn user(&self, name: &str) -> Result<(Arn, AccessKey), KeyStoreError> {
        let found =
            self.store.entries().find(|(profile, _)| *profile == name).map(|(_, stored)| (stored.principal.clone(), stored.key.clone()));
        found.ok_or_else(|| KeyStoreError::NoSuch { kind: PrincipalKind::User, name: name.to_owned() })
    }

    fn check_new(&self, kind: PrincipalKind, name: &str) -> Result<(), KeyStoreError> {
        check_name(name)?;
        let profile = kind.profile(name);
        if self.sections()?.contains(&profile) {
            return Err(KeyStoreError::ProfileExists(profile));
        }
        Ok(())
    }

    fn sections(&self) -> Result<Vec<String>, KeyStoreError> {
        let file = CredentialsFile::parse(self.text()).map_err(|source| KeyStoreError::Syntax { path: self.store.path.clone(), source })?;
        Ok(file.profiles.into_iter().map(|profile| profile.name).collect())
    }

    /// Writes the new text, without the credentials that have been over for long.
    fn replace(&mut self, text: String) -> Result<(), KeyStoreError> {
        let next = KeyStore::parse(&self.store.path, text)?;
        let limit = self.now_unix - OVER_KEPT_SECONDS;
        let over: Vec<&str> = next
            .entries()
            .filter(|(name, stored)| name.contains('/') && stored.expires_unix.is_some_and(|end| end < limit))
            .map(|(name, _)| name)
            .collect();
        let next = if over.is_empty() {
            next
        } else {
            KeyStore::parse(&self.store.path, sections::without(next.text.expose(), &|name| over.contains(&name)))?
        };
        private_file::replace(&self.store.path, next.text.expose(), self.random)
            .map_err(|source| KeyStoreError::Io { path: self.store.path.clone(), source })?;
        self.store = next;
        Ok(())
    }

    /// An id and a secret of the lengths and alphabets of AWS's own, which some tools check: 80 and 240 random bits.
    fn random_key(&self, prefix: &str) -> AccessKey {
        let (mut id, mut secret) = ([0; 10], [0; 30]);
        self.random.fill(&mut id);
        self.random.fill(&mut secret);
        AccessKey {
            id: format!("{prefix}{}", BASE32_NOPAD.encode(&id)),
            secret: Redacted::new(BASE64.encode(&secret)),
            session_token: None,
        }
    }

    fn session_token(&self) -> Redacted<String> {
        let mut token = [0; SESSION_TOKEN_BYTES];
        self.random.fill(&mut token);
        Redacted::new(BASE64.encode(&token))
    }
}

/// The settings that hold a document: the short form when it is enough, and a removal of the other.
fn permissions(document: &PolicyDocument) -> Result<[(&'static str, Option<String>); 2], KeyStoreError> {
    document.compile().map_err(KeyStoreError::Policy)?;
    let (actions, policy) = match document.actions_on_everything() {
        Some(actions) => (Some(actions.join(", ")), None),
        None => (None, Some(document.to_json())),
    };
    Ok([(setting::ALLOWED_ACTIONS, actions), (setting::POLICY, policy)])
}

fn key_settings(key: &AccessKey) -> Vec<(&'static str, &str)> {
    let mut settings = vec![("aws_access_key_id", key.id.as_str()), ("aws_secret_access_key", key.secret.expose().as_str())];
    settings.extend(key.session_token.as_ref().map(|token| ("aws_session_token", token.expose().as_str())));
    settings
}

/// IAM's rule for names of users, roles and sessions.
fn check_name(name: &str) -> Result<(), KeyStoreError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(fits) { Ok(()) } else { Err(KeyStoreError::Name(name.to_owned())) }
}
