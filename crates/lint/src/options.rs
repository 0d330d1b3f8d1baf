//! What a linter is asked for.

use std::collections::BTreeMap;

use borealis_dialect::Dialect;

use crate::catalogue;
use crate::finding::{Finding, Severity};

/// What to look for, and how to take it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The dialect that the SQL is meant for.
    pub dialect: Dialect,
    /// Only these rules; empty: all.
    pub select: Vec<Selector>,
    /// Not these.
    pub ignore: Vec<Selector>,
    /// Severities other than a rule's own; the last one that matches counts.
    pub severity: Vec<(Selector, Severity)>,
    /// A name that neither the files nor the system know is an error.
    pub strict_schema: bool,
    /// The column that every table must have.
    pub tenant_column: Option<String>,
    /// CACHE of identity columns and sequences where a fix has to choose one.
    pub identity_cache: IdentityCache,
}

/// CACHE of an identity column: what Aurora DSQL takes is 1, or 65,536 and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentityCache(u64);

impl IdentityCache {
    /// The number, when the dialect takes it.
    #[must_use]
    pub fn new(size: u64) -> Option<Self> {
        (size == 1 || (65_536..=i64::MAX.unsigned_abs()).contains(&size)).then_some(Self(size))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

/// PostgreSQL's own default: no number is skipped.
impl Default for IdentityCache {
    fn default() -> Self {
        Self(1)
    }
}

/// Names rules: one by its id, a family by what stands before the slash, or `all`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

impl Selector {
    /// The text as a selector, when a rule answers to it.
    ///
    /// # Errors
    /// When none does.
    pub fn new(text: &str) -> Result<Self, String> {
        let selector = Self(text.trim().to_ascii_lowercase());
        if selector.0 == "all" || selector.is_sqlstate() || catalogue::ids().any(|(id, by)| selector.names(&id, by)) {
            return Ok(selector);
        }
        let near = catalogue::nearest(&selector.0).map_or(String::new(), |id| format!("; did you mean \"{id}\"?"));
        Err(format!("no rule is called \"{}\"{near} (borealis lint --list-rules names all)", text.trim()))
    }

    /// `sql/42p07`: an error of PostgreSQL's own, by its SQLSTATE.
    fn is_sqlstate(&self) -> bool {
        self.0.strip_prefix("sql/").is_some_and(|state| state.len() == 5 && state.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }

    /// Does it name the rule `id`, or the rule that stands for it?
    pub(crate) fn names(&self, id: &str, by: &str) -> bool {
        let family = |id: &str| id.split_once('/').is_some_and(|(family, _)| family == self.0);
        self.0 == "all" || self.0 == id || self.0 == by || family(id)
    }
}

impl Options {
    /// Sets severity, or drops what is not asked for.
    pub(crate) fn judge(&self, mut finding: Finding) -> Option<Finding> {
        let names = |selector: &Selector| selector.names(&finding.rule, finding.by);
        let selected = (self.select.is_empty() || self.select.iter().any(names)) && !self.ignore.iter().any(names);
        if let Some((_, severity)) = self.severity.iter().rev().find(|(selector, _)| names(selector)) {
            finding.severity = *severity;
        }
        (selected && finding.severity != Severity::Off).then_some(finding)
    }
}

/// What `.borealis-lint.toml` says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    dialect: Option<String>,
    select: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    severity: Option<BTreeMap<String, Severity>>,
    strict_schema: Option<bool>,
    tenant_column: Option<String>,
    identity_cache: Option<u64>,
}

/// The name of the configuration file, looked for in the folder of a file and in all above it.
pub const CONFIGURATION_FILE: &str = ".borealis-lint.toml";

impl Options {
    /// The options that a configuration file sets; what it does not name keeps its default.
    ///
    /// # Errors
    /// What is wrong with the file, and where: unknown keys and rules included.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let selectors =
            |names: Option<Vec<String>>| names.unwrap_or_default().iter().map(|name| Selector::new(name)).collect::<Result<Vec<_>, _>>();
        let severity = file.severity.unwrap_or_default();
        let cache = file.identity_cache.map(|size| IdentityCache::new(size).ok_or_else(|| cache_refused(size))).transpose()?;
        Ok(Self {
            dialect: file.dialect.map_or(Ok(Dialect::default()), |name| name.parse()).map_err(|error| error.to_string())?,
            select: selectors(file.select)?,
            ignore: selectors(file.ignore)?,
            severity: severity.into_iter().map(|(rule, severity)| Ok((Selector::new(&rule)?, severity))).collect::<Result<_, String>>()?,
            strict_schema: file.strict_schema.unwrap_or_default(),
            tenant_column: file.tenant_column,
            identity_cache: cache.unwrap_or_default(),
        })
    }
}

/// What is said about a CACHE that the dialect refuses.
#[must_use]
pub fn cache_refused(size: u64) -> String {
    format!("identity-cache {size} is none that Aurora DSQL takes: use 1, or 65536 and more")
}
