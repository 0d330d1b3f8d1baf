//! What a linter says: findings with their fixes.

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not reported.
    Off,
    /// Worth knowing; asks for nothing.
    Info,
    /// It runs, and is likely to hurt.
    Warning,
    /// The server refuses it.
    Error,
}

impl Severity {
    /// The word in files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Off, Self::Info, Self::Warning, Self::Error];
        all.into_iter()
            .find(|severity| severity.name() == text)
            .ok_or_else(|| format!("unknown severity \"{text}\": use error, warning, info or off"))
    }
}

/// What a fix keeps of the statement's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The fixed text means the same on Aurora DSQL as the original on PostgreSQL.
    Clean,
    /// Something is lost, and said.
    Loss,
    /// There is no fix; `loss` says why.
    Impossible,
}

/// A part of the text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// Replaces a part of the text. An empty part is an insertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What replaces it.
    pub text: String,
}

/// How a finding is mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it keeps.
    pub verdict: Verdict,
    /// What is lost, or why there is no fix.
    pub loss: Option<String>,
    /// In the order of the text, apart from each other. Empty when there is no fix.
    pub edits: Vec<Edit>,
}

impl Fix {
    pub(crate) fn clean(edits: Vec<Edit>) -> Self {
        Self { verdict: Verdict::Clean, loss: None, edits: sorted(edits) }
    }

    pub(crate) fn lossy(loss: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { verdict: Verdict::Loss, loss: Some(loss.into()), edits: sorted(edits) }
    }

    pub(crate) fn impossible(why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Impossible, loss: Some(why.into()), edits: Vec::new() }
    }

    /// Clean without a loss.
    pub(crate) fn losing(loss: Option<String>, edits: Vec<Edit>) -> Self {
        match loss {
            Some(loss) => Self::lossy(loss, edits),
            None => Self::clean(edits),
        }
    }
}

fn sorted(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits
}

/// One thing wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule: a row of the dialect table (`index/without-async`), or a rule of the linter's own (`missing-primary-key`).
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Of a refusal, the server's own words.
    pub message: String,
    /// What to do instead.
    pub hint: Option<String>,
    /// Of a refusal.
    pub sqlstate: Option<String>,
    /// Where, in bytes.
    pub span: Span,
    /// Line of its beginning, from 1.
    pub line: usize,
    /// Column of its beginning, in characters from 1.
    pub column: usize,
    /// `None`: the finding asks for no change of the text.
    pub fix: Option<Fix>,
    /// The rule's own name where `rule` is a row of the dialect table.
    #[serde(skip)]
    pub(crate) by: &'static str,
    /// It is about SQL that the server refuses, rather than about a hazard.
    #[serde(skip)]
    pub(crate) refusal: bool,
}

impl Finding {
    /// Whether there is a fix to apply.
    #[must_use]
    pub fn is_fixable(&self) -> bool {
        self.fix.as_ref().is_some_and(|fix| fix.verdict != Verdict::Impossible)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
