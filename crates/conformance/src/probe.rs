//! A probe as a value.

use std::fmt;

/// Some statements and what they must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The file's name without its ending.
    pub file: String,
    /// What is probed; unique within the file.
    pub name: String,
    /// The line of its heading, from 1.
    pub line: usize,
    /// What holds for it as a whole.
    pub settings: Settings,
    /// How many steps may end in a conflict, when the probe leaves open which ones do.
    pub conflicts: Option<Bounds>,
    /// Statements that must succeed before the first step, each by itself.
    pub setup: Vec<String>,
    /// What is asked, in order.
    pub steps: Vec<Step>,
    /// Statements for what outlives the schema, run in any case.
    pub teardown: Vec<String>,
}

impl Probe {
    /// `file/name`, as reports call it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}/{}", self.file, self.name)
    }

    /// Whether the expected answers are backed by more than an inference.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.settings.proof.iter().any(|proof| *proof != Proof::Inferred)
    }
}

/// What holds for a probe as a whole; a file can set it for all of its probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether the server is expected to have it already.
    pub covers: Covers,
    /// What backs the expected answers. Never empty.
    pub proof: Vec<Proof>,
    /// The dialects that answer so, by their dates. Never empty.
    pub dialects: Vec<String>,
    /// The protocols it runs in. Never empty.
    pub protocols: Vec<Protocol>,
    /// Whether its sessions start in a schema of its own instead of `public`.
    pub own_schema: bool,
    /// Limits that are lowered for it, each `name=value`: it needs a server of its own.
    pub limits: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            covers: Covers::Foundation,
            proof: vec![Proof::Recorded],
            dialects: vec!["2026-09".to_owned()],
            protocols: vec![Protocol::Simple, Protocol::Extended],
            own_schema: true,
            limits: Vec::new(),
        }
    }
}

/// From `least` to `most`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The smallest number that is right.
    pub least: usize,
    /// The largest number that is right.
    pub most: usize,
}

/// Whether the server under development is expected to have what is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// Yes: a wrong answer is a defect.
    Foundation,
    /// Not before a later release.
    Later,
}

/// What backs an expected answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A real cluster was recorded answering so.
    Recorded,
    /// PostgreSQL 16 answers so, in what Aurora DSQL shares with it.
    Oracle,
    /// It follows from something else; nobody has seen it.
    Inferred,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recorded => "recorded",
            Self::Oracle => "oracle",
            Self::Inferred => "inferred",
        })
    }
}

/// How a statement is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Query.
    Simple,
    /// Parse, Bind, Describe, Execute, Sync.
    Extended,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simple => "simple",
            Self::Extended => "extended",
        })
    }
}

/// One statement and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line it begins on, from 1.
    pub line: usize,
    /// Who asks.
    pub session: char,
    /// Asked again until the answer is right, for what the server does in its own time.
    pub eventually: bool,
    /// The text sent. `{schema}` and `{captured}` stand for values known when it is sent.
    pub statement: String,
    /// The right answers, the usual one first. Never empty.
    pub answers: Vec<Answer>,
}

/// What a statement answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A result for each statement of the text.
    Results(Vec<Expected>),
    /// A refusal.
    Refusal(Refusal),
}

/// What one statement answers when it succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// The command tag.
    pub tag: String,
    /// The column names, when they matter.
    pub columns: Option<Vec<String>>,
    /// The rows, when they matter: then all of them.
    pub rows: Option<Vec<Vec<Cell>>>,
    /// The rows may come in any order.
    pub unordered: bool,
}

/// What is expected of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// NULL.
    Null,
    /// This text.
    Text(String),
    /// Any value of this kind, kept under a name for later statements when there is one.
    Any(Kind, Option<String>),
}

/// A kind of value whose text is different each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any value but NULL.
    Value,
    /// 26 characters of lower-case base32.
    JobId,
    /// A UUID.
    Uuid,
    /// A date and a time of day with a zone.
    Timestamp,
}

impl Kind {
    /// All kinds and how they are written.
    pub const ALL: [(&str, Self); 4] =
        [("any", Self::Value), ("job id", Self::JobId), ("uuid", Self::Uuid), ("timestamp", Self::Timestamp)];
}

/// What a statement answers when it is refused. What is `None` may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The SQLSTATE.
    pub code: String,
    /// The words.
    pub message: Option<String>,
    /// More about the case at hand.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<u32>,
}
