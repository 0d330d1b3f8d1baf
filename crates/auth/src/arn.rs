//! Amazon Resource Names: what principals, clusters and streams are called.

use std::fmt;
use std::str::FromStr;

use crate::wildcard;

/// The account that local principals and clusters belong to.
pub const LOCAL_ACCOUNT: &str = "000000000000";
const PARTITION: &str = "aws";

/// `arn:<partition>:<service>:<region>:<account>:<resource>`; the resource may hold colons itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    /// `aws`, or another of Amazon's partitions.
    pub partition: String,
    /// `dsql`, `iam`, `sts`.
    pub service: String,
    /// Empty for what lives in no region, as principals do.
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// `cluster/<id>`, `user/<name>`, `role/<path>/<name>`.
    pub resource: String,
}

/// The text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidArn(pub String);

impl fmt::Display for InvalidArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not an ARN such as arn:aws:iam::{LOCAL_ACCOUNT}:user/app", self.0)
    }
}

impl std::error::Error for InvalidArn {}

impl Arn {
    fn new(service: &str, region: &str, account: &str, resource: String) -> Self {
        Self {
            partition: PARTITION.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource,
        }
    }

    /// A cluster's ARN. `*` for the id names every cluster of region and account.
    #[must_use]
    pub fn cluster(region: &str, account: &str, id: &str) -> Self {
        Self::new("dsql", region, account, format!("cluster/{id}"))
    }

    /// An IAM user's ARN.
    #[must_use]
    pub fn user(account: &str, name: &str) -> Self {
        Self::new("iam", "", account, format!("user/{name}"))
    }

    /// An IAM role's ARN.
    #[must_use]
    pub fn role(account: &str, name: &str) -> Self {
        Self::new("iam", "", account, format!("role/{name}"))
    }

    /// What a role's session is called: the name of the role without its path, and the session's.
    #[must_use]
    pub fn assumed_role(&self, session: &str) -> Self {
        Self::new("sts", "", &self.account, format!("assumed-role/{}/{session}", self.name()))
    }

    /// The last part of the resource's path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.resource.rsplit('/').next().unwrap_or(&self.resource)
    }

    /// Whether this names an IAM user.
    #[must_use]
    pub fn is_user(&self) -> bool {
        self.service == "iam" && self.resource.starts_with("user/")
    }

    /// Whether this names an IAM role.
    #[must_use]
    pub fn is_role(&self) -> bool {
        self.service == "iam" && self.resource.starts_with("role/")
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl FromStr for Arn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let fits = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic());
        match parts.as_slice() {
            ["arn", partition, service, region, account, resource]
                if !partition.is_empty() && !service.is_empty() && !resource.is_empty() && parts.iter().all(|part| fits(part)) =>
            {
                Ok(Self { partition: (*partition).to_owned(), ..Self::new(service, region, account, (*resource).to_owned()) })
            }
            _ => Err(InvalidArn(text.to_owned())),
        }
    }
}

/// Whether an ARN fits a pattern: each of its six parts fits the pattern's, with `*` and `?` in any of them. `*` alone fits everything.
pub(crate) fn matches(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (patterns, parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    patterns.clone().count() == 6
        && parts.clone().count() == 6
        && patterns.zip(parts).all(|(pattern, part)| wildcard::matches(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::{Arn, matches};

    #[test]
    fn arns_are_read_and_written_alike() {
        for text in
            ["arn:aws:iam::123456789012:role/path/app", "arn:aws-cn:dsql:cn-north-1:1:cluster/abc", "arn:aws:sts::1:assumed-role/a/b:c"]
        {
            assert_eq!(text.parse::<Arn>().expect(text).to_string(), text);
        }
        for text in [
            "",
            "arn:aws:iam::1",
            "arn:aws:iam::1:",
            "arn::iam::1:user/a",
            "urn:aws:iam::1:user/a",
            "arn:aws:iam::1:user/a b",
            "arn:aws:iam::1:user/ä",
        ] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }

    #[test]
    fn roles_and_their_sessions() {
        let role: Arn = "arn:aws:iam::123456789012:role/path/app".parse().expect("an ARN");
        assert!(role.is_role() && !role.is_user());
        assert_eq!(role.assumed_role("s1").to_string(), "arn:aws:sts::123456789012:assumed-role/app/s1");
    }

    #[test]
    fn patterns_match_part_by_part() {
        let arn = "arn:aws:dsql:us-east-1:1:cluster/abc";
        for pattern in ["*", arn, "arn:aws:dsql:*:*:*", "arn:aws:dsql:us-*:1:cluster/a?c", "arn:*:*:*:*:cluster/*"] {
            assert!(matches(pattern, arn), "{pattern}");
        }
        for pattern in ["arn:aws:dsql:*", "arn:*", "arn:aws:dsql:us-east-1:1:cluster/", "arn:aws:dsql:eu-*:1:cluster/abc", "abc", ""] {
            assert!(!matches(pattern, arn), "{pattern}");
        }
    }
}
