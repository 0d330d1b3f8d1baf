//! Reads `.probe` files.
//!
//! A file is lines; blank lines and lines that begin with `#` mean nothing. Before the first probe stand settings for all of the
//! file's probes and fixtures:
//!
//! ```text
//! proof: recorded
//! fixture span: CREATE TABLE span (id int PRIMARY KEY, k int NOT NULL, v text)
//! fixture span: INSERT INTO span VALUES (1, 1, 'a')
//! ```
//!
//! A probe is a heading, settings, and steps. A step is a session's letter and a statement; indented lines go on with it. Below it stand
//! its answers, one `->` for each result, with the column names in brackets where they matter, and the rows where they matter:
//!
//! ```text
//! == update_of_the_same_row
//! with: span
//! a: BEGIN
//! -> BEGIN
//! a: SELECT id, v FROM span
//! -> SELECT 1 [id, v]
//! | 1 | a
//! a: SELECT 1 / 0
//! -> ERR 22012 division by zero
//! ```
//!
//! See `docs/architecture/conformance.md` for the whole of it.

mod answer;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::probe::{Answer, Bounds, Covers, Expected, Probe, Proof, Protocol, Refusal, Settings, Step};

/// A place where a file does not keep to the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// The probes in a file's text. `file` is the name that their titles begin with.
///
/// # Errors
/// At the first line that does not keep to the format.
pub fn parse(file: &str, text: &str) -> Result<Vec<Probe>, SyntaxError> {
    let mut parser = Parser::new(file);
    for (number, raw) in logical_lines(text) {
        parser.line = number;
        parser.take(&raw).map_err(|message| parser.error(message))?;
    }
    parser.finish().map_err(|message| parser.error(message))?;
    Ok(parser.probes)
}

/// Lines that mean something, with the indented ones behind them joined on.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some((_, last)) if line.starts_with([' ', '\t']) => {
                last.push('\n');
                last.push_str(line.trim_start());
            }
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

const COVERS: &[(&str, Covers)] = &[("foundation", Covers::Foundation), ("later", Covers::Later)];
const PROOFS: &[(&str, Proof)] = &[("recorded", Proof::Recorded), ("oracle", Proof::Oracle), ("inferred", Proof::Inferred)];
const PROTOCOLS: &[(&str, Protocol)] = &[("simple", Protocol::Simple), ("extended", Protocol::Extended)];
const SCHEMAS: &[(&str, bool)] = &[("own", true), ("public", false)];

/// What is wrong with a line, without its place.
type Parsed<T = ()> = Result<T, String>;

struct Parser {
    file: String,
    line: usize,
    defaults: Settings,
    fixtures: HashMap<String, Vec<String>>,
    names: HashSet<String>,
    probes: Vec<Probe>,
}

impl Parser {
    fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            defaults: Settings::default(),
            fixtures: HashMap::new(),
            names: HashSet::new(),
            probes: Vec::new(),
        }
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError { file: self.file.clone(), line: self.line, message }
    }

    fn take(&mut self, line: &str) -> Parsed {
        if let Some(name) = line.strip_prefix("== ") {
            self.finish()?;
            return self.start_probe(name.trim());
        }
        if let Some(text) = line.strip_prefix("-> ") {
            return self.take_answer(text.trim());
        }
        if let Some(text) = line.strip_prefix("or ") {
            return self.take_alternative(text.trim());
        }
        if let Some(text) = line.strip_prefix('|') {
            return self.take_row(text.trim());
        }
        let (key, value) = line.split_once(':').ok_or_else(|| format!("'{line}' is neither a heading, a setting, a step nor an answer"))?;
        self.take_pair(key.trim(), value.trim())
    }

    fn take_pair(&mut self, key: &str, value: &str) -> Parsed {
        match key {
            "covers" => self.settings()?.covers = one_of(COVERS, value)?,
            "proof" => self.settings()?.proof = some_of(PROOFS, value)?,
            "protocol" => self.settings()?.protocols = some_of(PROTOCOLS, value)?,
            "schema" => self.settings()?.own_schema = one_of(SCHEMAS, value)?,
            "dialect" => self.settings()?.dialects = dialects(value)?,
            "limit" => self.settings()?.limits = limits(value)?,
            "conflicts" => self.probe()?.conflicts = Some(bounds(value)?),
            "with" => return self.take_with(value),
            "setup" => self.probe()?.setup.push(statement(value)?),
            "teardown" => self.probe()?.teardown.push(statement(value)?),
            "DETAIL" => self.refusal()?.detail = Some(value.to_owned()),
            "HINT" => self.refusal()?.hint = Some(value.to_owned()),
            "POSITION" => self.refusal()?.position = Some(value.parse().map_err(|_| format!("'{value}' is no position"))?),
            _ => return self.take_fixture_or_step(key, value),
        }
        Ok(())
    }

    fn take_fixture_or_step(&mut self, key: &str, value: &str) -> Parsed {
        if let Some(name) = key.strip_prefix("fixture ") {
            self.fixtures.entry(name.trim().to_owned()).or_default().push(statement(value)?);
            return Ok(());
        }
        let (session, eventually) = match key.split_once(' ') {
            Some((session, "eventually")) => (session, true),
            _ => (key, false),
        };
        let [session @ b'a'..=b'z'] = *session.as_bytes() else {
            return Err(format!("'{key}' is neither a setting nor a session, which is one lower-case letter"));
        };
        let (line, statement) = (self.line, statement(value)?);
        self.check_last_step()?;
        self.probe()?.steps.push(Step { line, session: session.into(), eventually, statement, answers: Vec::new() });
        Ok(())
    }

    fn start_probe(&mut self, name: &str) -> Parsed {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return Err(format!("'{name}' is no name for a probe: lower-case letters, digits and underscores"));
        }
        if !self.names.insert(name.to_owned()) {
            return Err(format!("there are two probes called '{name}'"));
        }
        self.probes.push(Probe {
            file: self.file.clone(),
            name: name.to_owned(),
            line: self.line,
            settings: self.defaults.clone(),
            conflicts: None,
            setup: Vec::new(),
            steps: Vec::new(),
            teardown: Vec::new(),
        });
        Ok(())
    }

    fn take_with(&mut self, names: &str) -> Parsed {
        for name in words(names) {
            let fixture = self.fixtures.get(name).ok_or_else(|| format!("there is no fixture '{name}' above"))?.clone();
            self.probe()?.setup.extend(fixture);
        }
        Ok(())
    }

    fn take_answer(&mut self, text: &str) -> Parsed {
        let step = self.step()?;
        match (answer::parse(text)?, step.answers.last_mut()) {
            (answer, None) => step.answers.push(answer),
            (Answer::Results(more), Some(Answer::Results(results))) => results.extend(more),
            _ => return Err("an error is the whole answer; write 'or' before another that is right as well".to_owned()),
        }
        Ok(())
    }

    fn take_alternative(&mut self, text: &str) -> Parsed {
        let step = self.step()?;
        if step.answers.is_empty() {
            return Err("'or' comes behind the usual answer".to_owned());
        }
        step.answers.push(answer::parse(text)?);
        Ok(())
    }

    fn take_row(&mut self, text: &str) -> Parsed {
        let row = answer::parse_row(text)?;
        let Some(Answer::Results(results)) = self.step()?.answers.last_mut() else {
            return Err("a row comes behind a result".to_owned());
        };
        if let Some(Expected { rows, .. }) = results.last_mut() {
            rows.get_or_insert_default().push(row);
        }
        Ok(())
    }

    /// The settings that a line is about: the file's before the first probe, the probe's above its first step.
    fn settings(&mut self) -> Parsed<&mut Settings> {
        match self.probes.last_mut() {
            None => Ok(&mut self.defaults),
            Some(probe) if probe.steps.is_empty() => Ok(&mut probe.settings),
            Some(_) => Err("settings stand above the first step".to_owned()),
        }
    }

    fn probe(&mut self) -> Parsed<&mut Probe> {
        self.probes.last_mut().ok_or_else(|| "this belongs into a probe, and none has begun".to_owned())
    }

    fn step(&mut self) -> Parsed<&mut Step> {
        self.probe()?.steps.last_mut().ok_or_else(|| "an answer comes behind a statement".to_owned())
    }

    fn refusal(&mut self) -> Parsed<&mut Refusal> {
        match self.step()?.answers.last_mut() {
            Some(Answer::Refusal(refusal)) => Ok(refusal),
            _ => Err("DETAIL, HINT and POSITION come behind an error".to_owned()),
        }
    }

    /// What can only be seen when a probe is over.
    fn finish(&mut self) -> Parsed {
        let Some(probe) = self.probes.last() else { return Ok(()) };
        if probe.steps.is_empty() {
            return Err(format!("'{}' has no steps", probe.name));
        }
        self.check_last_step()
    }

    fn check_last_step(&self) -> Parsed {
        let Some(probe) = self.probes.last() else { return Ok(()) };
        let Some(step) = probe.steps.last() else { return Ok(()) };
        if step.answers.is_empty() {
            return Err(format!("the statement on line {} has no answer", step.line));
        }
        let results = step.answers.iter().filter_map(|answer| match answer {
            Answer::Results(results) => Some(results),
            Answer::Refusal(_) => None,
        });
        for results in results {
            if results.len() > 1 && probe.settings.protocols.contains(&Protocol::Extended) {
                return Err(format!("several results on line {} need 'protocol: simple'", step.line));
            }
            results.iter().try_for_each(|expected| check_rows(expected, step.line))?;
        }
        Ok(())
    }
}

/// Rows that were forgotten show in the tag's count and in the number of names.
fn check_rows(expected: &Expected, line: usize) -> Parsed {
    let Some(rows) = &expected.rows else { return Ok(()) };
    let counted = expected.tag.rsplit(' ').next().and_then(|word| word.parse::<usize>().ok());
    if counted.is_some_and(|counted| counted != rows.len()) {
        return Err(format!("line {line}: the tag '{}' does not fit {} rows", expected.tag, rows.len()));
    }
    let width = expected.columns.as_ref().map_or(rows[0].len(), Vec::len);
    match rows.iter().find(|row| row.len() != width) {
        Some(row) => Err(format!("line {line}: a row has {} values, and there are {width} columns", row.len())),
        None => Ok(()),
    }
}

fn statement(text: &str) -> Parsed<String> {
    if text.is_empty() { Err("the statement is missing".to_owned()) } else { Ok(text.to_owned()) }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|word| !word.is_empty())
}

fn one_of<T: Copy>(known: &[(&str, T)], word: &str) -> Parsed<T> {
    let found = known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.ok_or_else(|| format!("'{word}' is none of {}", known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")))
}

fn some_of<T: Copy>(known: &[(&str, T)], text: &str) -> Parsed<Vec<T>> {
    let found = words(text).map(|word| one_of(known, word)).collect::<Parsed<Vec<T>>>()?;
    if found.is_empty() { Err("at least one word is needed".to_owned()) } else { Ok(found) }
}

fn dialects(text: &str) -> Parsed<Vec<String>> {
    let dialects: Vec<String> = words(text).map(str::to_owned).collect();
    if dialects.is_empty() { Err("at least one dialect is needed".to_owned()) } else { Ok(dialects) }
}

/// `rows-per-transaction=3 tables=2`.
fn limits(text: &str) -> Parsed<Vec<String>> {
    let limits: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    match limits.iter().find(|limit| !limit.contains('=')) {
        Some(limit) => Err(format!("'{limit}' is not NAME=VALUE")),
        None => Ok(limits),
    }
}

/// `2`, or `1..2`.
fn bounds(text: &str) -> Parsed<Bounds> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    match (least.parse(), most.parse()) {
        (Ok(least), Ok(most)) if least <= most => Ok(Bounds { least, most }),
        _ => Err(format!("'{text}' is no number and no range such as 1..2")),
    }
}
