//! The two crates that run patterns.

use super::emit::Target;
use super::{Flags, Groups, invalid};
use crate::{Result, SqlError, SqlState};

/// Bytes a compiled pattern may take.
const PROGRAM_BYTES_MAX: usize = 16 << 20;
/// How often one match may turn back: some tens of milliseconds of work.
const BACKTRACKS_MAX: usize = 1_000_000;

pub(super) enum Engine {
    Automaton(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl Engine {
    pub(super) fn build(source: &str, target: Target, flags: Flags) -> Result<Self> {
        match target {
            Target::Automaton => automaton(source, flags).map(Self::Automaton),
            Target::Backtracking => backtracking(source, flags).map(Box::new).map(Self::Backtracking),
        }
    }

    pub(super) fn group_count(&self) -> usize {
        match self {
            Self::Automaton(regex) => regex.captures_len() - 1,
            Self::Backtracking(regex) => regex.captures_len() - 1,
        }
    }

    pub(super) fn is_match(&self, text: &str) -> Result<bool> {
        match self {
            Self::Automaton(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|error| given_up(&error)),
        }
    }

    /// The first match that starts at or after `start`.
    pub(super) fn find_at(&self, text: &str, start: usize) -> Result<Option<(usize, usize)>> {
        match self {
            Self::Automaton(regex) => Ok(regex.find_at(text, start).map(|found| (found.start(), found.end()))),
            Self::Backtracking(regex) => {
                let found = regex.find_from_pos(text, start).map_err(|error| given_up(&error))?;
                Ok(found.map(|found| (found.start(), found.end())))
            }
        }
    }

    pub(super) fn captures_at(&self, text: &str, start: usize) -> Result<Option<Groups>> {
        match self {
            Self::Automaton(regex) => Ok(regex
                .captures_at(text, start)
                .map(|captures| captures.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect())),
            Self::Backtracking(regex) => {
                let captures = regex.captures_from_pos(text, start).map_err(|error| given_up(&error))?;
                Ok(captures.map(|captures| captures.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect()))
            }
        }
    }
}

fn automaton(source: &str, flags: Flags) -> Result<regex::Regex> {
    regex::RegexBuilder::new(source)
        .case_insensitive(flags.case_insensitive)
        .dot_matches_new_line(!flags.newline_stops)
        .multi_line(flags.newline_anchors)
        .size_limit(PROGRAM_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => too_complex(),
            other => badly_translated(&other),
        })
}

fn backtracking(source: &str, flags: Flags) -> Result<fancy_regex::Regex> {
    fancy_regex::RegexBuilder::new(source)
        .case_insensitive(flags.case_insensitive)
        .dot_matches_new_line(!flags.newline_stops)
        .multi_line(flags.newline_anchors)
        .delegate_size_limit(PROGRAM_BYTES_MAX)
        .max_prog_size(PROGRAM_BYTES_MAX)
        .backtrack_limit(BACKTRACKS_MAX)
        .build()
        .map_err(|error| match error {
            fancy_regex::Error::CompileError(_) => too_complex(),
            other => badly_translated(&other),
        })
}

fn too_complex() -> SqlError {
    invalid("regular expression is too complex")
}

fn badly_translated(error: &dyn std::fmt::Display) -> SqlError {
    SqlError::internal(format!("regular expression translated badly: {error}"))
}

fn given_up(error: &fancy_regex::Error) -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "regular expression failed: it turns back too often on this text")
        .detail(error.to_string())
}
