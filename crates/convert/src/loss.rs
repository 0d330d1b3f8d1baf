//! What a conversion could not carry over.

use std::fmt;

use serde::Serialize;

use crate::place::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing of the meaning is lost; worth knowing all the same.
    Clean,
    /// Converted, and what is stated is lost.
    Loss,
    /// Not converted: there is no counterpart.
    Impossible,
}

impl Verdict {
    /// The word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "note",
            Self::Loss => "loss",
            Self::Impossible => "impossible",
        }
    }
}

/// One thing that was lost, or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// How bad it is.
    pub verdict: Verdict,
    /// A name for this kind of loss, for programs: `unsigned-range`.
    pub code: &'static str,
    /// Where in the source.
    #[serde(flatten)]
    pub place: Place,
    /// The table, `table.column`, or another object; empty for what belongs to none.
    pub object: String,
    /// What is lost.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Loss {
    pub(crate) fn new(verdict: Verdict, code: &'static str, place: Place, object: impl Into<String>, message: impl Into<String>) -> Self {
        Self { verdict, code, place, object: object.into(), message: message.into(), advice: None }
    }

    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}: ", self.verdict.word(), self.place.line)?;
        if !self.object.is_empty() {
            write!(f, "{}: ", self.object)?;
        }
        write!(f, "{} [{}]", self.message, self.code)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "\n  {advice}"))
    }
}
