//! The AWS credentials file: `[profile]` headings over `key = value` lines.
//!
//! The form is botocore's: a line that starts with `#` or `;` is a comment (there are none behind a value), keys are case-blind, a later
//! value wins. Keys that AWS does not know are allowed in it; we use the two that other federation tools write too, `x_principal_arn` and
//! `x_security_token_expires`, and `x_allowed_actions`.

use std::fmt;

use borealis_base::Redacted;

use crate::AccessKey;

/// A credentials file taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialsFile {
    /// The profiles in the order of the file.
    pub profiles: Vec<Profile>,
}

/// One `[profile]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name between the brackets.
    pub name: String,
    settings: Vec<(String, Redacted<String>)>,
}

/// A line that is neither heading, setting, comment nor blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The line's number, from 1. The line itself may hold a secret and is not repeated.
    pub line: usize,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: expected [profile], key = value or a comment", self.line)
    }
}

impl std::error::Error for ProfileError {}

impl CredentialsFile {
    /// Reads the text of a credentials file.
    ///
    /// # Errors
    /// The first line that has no place in such a file.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let mut file = Self::default();
        for (index, line) in text.lines().enumerate() {
            let error = ProfileError { line: index + 1 };
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            match line.strip_prefix('[') {
                Some(rest) => file.start_profile(rest.split_once(']').ok_or(error)?.0.trim()),
                None => file.add_setting(line).ok_or(error)?,
            }
        }
        Ok(file)
    }

    /// The profile with this name.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    fn start_profile(&mut self, name: &str) {
        // A repeated heading reopens its profile; it moves to the end so that settings go to the last one.
        let known = self.profiles.iter().position(|profile| profile.name == name);
        let profile = match known {
            Some(place) => self.profiles.remove(place),
            None => Profile { name: name.to_owned(), settings: Vec::new() },
        };
        self.profiles.push(profile);
    }

    fn add_setting(&mut self, line: &str) -> Option<()> {
        let (name, value) = line.split_once('=')?;
        let profile = self.profiles.last_mut()?;
        profile.settings.push((name.trim().to_ascii_lowercase(), Redacted::new(value.trim().to_owned())));
        Some(())
    }
}

impl Profile {
    /// The value of a setting, by its lower-case name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.settings.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.expose().as_str())
    }

    /// The access key, if the profile has both halves of one.
    #[must_use]
    pub fn access_key(&self) -> Option<AccessKey> {
        Some(AccessKey {
            id: self.get("aws_access_key_id")?.to_owned(),
            secret: Redacted::new(self.get("aws_secret_access_key")?.to_owned()),
            session_token: self.get("aws_session_token").map(|token| Redacted::new(token.to_owned())),
        })
    }
}
