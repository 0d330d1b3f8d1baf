//! The linter: reads each statement, lets the rules look at it, keeps the schema.

use borealis_pgtypes::{SqlError, SqlState};

use crate::certainty::{Certainty, certainty};
use crate::file::{Class, File};
use crate::finding::{Edit, Finding, Fix, Severity, Verdict};
use crate::options::Options;
use crate::report::{Report, apply};
use crate::rule::{self, Check};
use crate::rules::RULES;
use crate::schema::Schema;
use crate::source::PieceKind;
use crate::suppress::Suppressions;
use crate::tokens::Tokens;

/// How often a refused statement is mended and read again, to learn what it was meant to change.
const REPAIRS_MAX: usize = 4;

/// Lints files one after the other; what one creates the next may use.
#[derive(Clone, Debug)]
pub struct Linter {
    options: Options,
    schema: Schema,
}

impl Linter {
    /// A linter that knows no schema yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let schema = Schema::new(options.dialect);
        Self { options, schema }
    }

    /// Lints the next file.
    pub fn lint(&mut self, text: &str) -> Report {
        let before = self.clone();
        let mut findings = self.run(text, 0);
        let source = crate::source::Source::new(text);
        for finding in &mut findings {
            (finding.line, finding.column) = source.place(finding.span.start);
        }
        let suppressions = Suppressions::read(&source);
        findings.extend(suppressions.mistakes(&source));
        let mut findings: Vec<Finding> = findings
            .into_iter()
            .filter(|finding| !suppressions.covers(finding))
            .filter_map(|finding| self.options.judge(finding))
            .collect();
        findings.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
        findings.dedup();
        Report::new(text, findings, before)
    }

    /// Lints the next file as it lies on the disk. What is not UTF-8 is not read any further.
    pub fn lint_bytes(&mut self, bytes: &[u8]) -> Report {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return self.lint(text),
            Err(error) => error,
        };
        let text = String::from_utf8_lossy(bytes);
        let at = error.valid_up_to();
        let wrong = &bytes[at..bytes.len().min(at + error.error_len().unwrap_or(1))];
        let shown: Vec<String> = wrong.iter().map(|byte| format!("0x{byte:02x}")).collect();
        let mut finding =
            piece("encoding", Severity::Error, &format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" ")), at..at);
        finding.sqlstate = Some("22021".to_owned());
        finding.hint = Some("convert the file to UTF-8; Aurora DSQL knows no other encoding".to_owned());
        (finding.line, finding.column) = crate::source::Source::new(&text).place(at);
        Report::new(&text, self.options.judge(finding).into_iter().collect(), self.clone())
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// All findings of a text, and the schema after it. `repairs`: how often this text was mended already.
    fn run(&mut self, text: &str, repairs: usize) -> Vec<Finding> {
        let file = File::new(text);
        let mut findings = Vec::new();
        for index in 0..file.statements.len() {
            self.statement(&file, index, repairs, &mut findings);
        }
        findings.extend(pieces(&file));
        findings
    }

    fn statement(&mut self, file: &File<'_>, index: usize, repairs: usize, findings: &mut Vec<Finding>) {
        let (view, span) = (file.view(index), file.statements[index].span.clone());
        let rolled_back = file.statements[index].rolled_back;
        if rolled_back && file.statements[index].class == Class::Begin {
            self.schema.keep();
        }
        let end = view.span(0..view.len()).end;
        let text = &file.source.text[span.start..end];
        let mut reading = self.schema.read(text, span.start);
        if !self.options.strict_schema
            && let Some(schema) = reading.missing_schema().filter(|_| view.is(0, "create"))
            && self.schema.suppose(&schema)
        {
            reading = self.schema.read(text, span.start);
        }
        let mut found = Vec::new();
        let check = Check::new(file, index, &self.options, &self.schema, &reading);
        RULES.iter().for_each(|rule| (rule.check)(&check, &mut found));
        if reading.is_accepted() {
            found.retain(|finding| !finding.refusal);
        } else if let Some(error) = &reading.error {
            if error.sqlstate() == SqlState::SYNTAX_ERROR {
                found.iter_mut().for_each(withhold_fix);
            }
            found.extend(refusal(error, &found, &check));
        }
        if reading.is_accepted() {
            self.schema.apply(&reading);
        } else if repairs == REPAIRS_MAX || !self.repair(file, index, &found, repairs) {
            self.schema.doubt(view);
        }
        if rolled_back && file.statements[index].class == Class::End {
            self.schema.restore();
        }
        findings.append(&mut found);
    }

    /// Mends a refused statement where that is possible within it, so that what follows knows what it was meant to make. Whether it was possible.
    fn repair(&mut self, file: &File<'_>, index: usize, found: &[Finding], repairs: usize) -> bool {
        let span = file.statements[index].span.clone();
        let inside = |edit: &Edit| span.start <= edit.span.start && edit.span.end <= span.end;
        let fixes = found.iter().filter(|finding| finding.refusal && finding.is_fixable()).filter_map(|finding| finding.fix.as_ref());
        let fixes: Vec<Vec<Edit>> = fixes.filter(|fix| fix.edits.iter().all(inside)).map(|fix| moved(&fix.edits, span.start)).collect();
        let (mended, applied) = apply(&file.source.text[span], fixes.iter().map(Vec::as_slice));
        let mends = applied.iter().any(|applied| *applied);
        if mends {
            self.run(&mended, repairs + 1);
        }
        mends
    }
}

/// Where the grammar is lost, a token may not be what it looks like: only what mends the syntax itself is offered.
fn withhold_fix(finding: &mut Finding) {
    if finding.is_fixable() && finding.sqlstate.as_deref() != Some("42601") {
        finding.fix = Some(Fix::impossible("the statement has a syntax error"));
    }
}

fn moved(edits: &[Edit], by: usize) -> Vec<Edit> {
    let edit = |edit: &Edit| Edit { span: (edit.span.start - by..edit.span.end - by).into(), text: edit.text.clone() };
    edits.iter().map(edit).collect()
}

/// The finding that a refusal of parser or binder is, unless a rule has said the same already.
fn refusal(error: &SqlError, found: &[Finding], check: &Check<'_>) -> Option<Finding> {
    let fields = error.fields();
    let sqlstate = fields.sqlstate.to_string();
    let rule = fields.form.filter(|form| !form.is_empty()).map_or_else(|| format!("sql/{}", sqlstate.to_ascii_lowercase()), rule::row_id);
    let said = |finding: &Finding| finding.sqlstate.as_deref() == Some(&sqlstate) && finding.message == fields.message;
    if found.iter().any(said) {
        return None;
    }
    let severity = severity_of(error, check)?;
    let row = fields.form.and_then(|form| borealis_dialect::lookup(form, check.options.dialect));
    let later = row.is_some_and(|row| row.verdict == borealis_dialect::Verdict::NotYet);
    let advice = row.and_then(|row| row.advice).or_else(|| advice_on(&fields.message));
    let hint = fields.hint.clone().or_else(|| advice.map(str::to_owned));
    Some(Finding {
        rule,
        severity: if later { Severity::Warning } else { severity },
        message: fields.message.clone(),
        hint,
        sqlstate: Some(sqlstate),
        span: span_of(error, check.view).into(),
        line: 0,
        column: 0,
        fix: None,
        by: "",
        refusal: true,
    })
}

/// What to do about errors of PostgreSQL's own that do not say it.
const ADVICE: &[(&str, &str)] = &[
    (
        "functions in index expression must be marked IMMUTABLE",
        "index a column that holds the value; of a timestamptz, name the zone: (date_trunc('day', at AT TIME ZONE 'UTC')); a function of your own can be \
         marked IMMUTABLE",
    ),
    (
        "functions in index predicate must be marked IMMUTABLE",
        "compare with constants: a predicate that looks at the clock would not stay true",
    ),
];

fn advice_on(message: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(known, _)| *known == message).map(|(_, advice)| *advice)
}

/// How a refusal counts; `None` when only the database can know.
fn severity_of(error: &SqlError, check: &Check<'_>) -> Option<Severity> {
    let fields = error.fields();
    if fields.sqlstate == SqlState::SYNTAX_ERROR && has_psql_variable(check.view) {
        return Some(Severity::Info);
    }
    match certainty(error, check.view, check.schema) {
        _ if check.options.strict_schema => Some(Severity::Error),
        Certainty::Certain => Some(Severity::Error),
        Certainty::Likely => Some(Severity::Warning),
        Certainty::Open => None,
    }
}

/// `:name` and `:'name'`, which psql replaces before the server sees them.
fn has_psql_variable(view: Tokens<'_>) -> bool {
    (0..view.len()).any(|index| {
        view.is(index, ":") && index + 1 < view.len() && view.span(index..index + 1).end == view.span(index + 1..index + 2).start
    })
}

/// The token that an error points at; without a position the first word or two.
fn span_of(error: &SqlError, view: Tokens<'_>) -> std::ops::Range<usize> {
    let Some(position) = error.fields().position else { return view.span(0..view.len().min(2)) };
    let token = view.tokens.iter().find(|token| token.start <= position && position < token.end);
    token.map_or_else(|| view.span(view.len().saturating_sub(1)..view.len()), crate::lexer::Token::range)
}

/// A finding about what is no statement.
fn piece(rule: &'static str, severity: Severity, message: &str, span: std::ops::Range<usize>) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message: message.to_owned(),
        hint: None,
        sqlstate: None,
        span: span.into(),
        line: 0,
        column: 0,
        fix: None,
        by: rule,
        refusal: false,
    }
}

/// Findings about what is no SQL.
fn pieces(file: &File<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in &file.source.pieces {
        match &found.kind {
            PieceKind::PsqlCommand => {
                findings.push(piece("psql-command", Severity::Info, "a command of psql, skipped", found.span.clone()))
            }
            PieceKind::CopyData { ended: false, .. } => {
                let line = crate::lexer::line_end(file.source.text.as_bytes(), found.span.start);
                findings.push(piece(
                    "copy-data",
                    Severity::Error,
                    "the data of COPY is not ended by \\.: the file is cut",
                    found.span.start..line,
                ));
            }
            _ => {}
        }
    }
    findings
}

/// Whether a fix may be applied: always, or only when it loses nothing.
pub(crate) fn is_wanted(finding: &Finding, clean_only: bool) -> bool {
    finding.fix.as_ref().is_some_and(|fix| match fix.verdict {
        Verdict::Clean => true,
        Verdict::Loss => !clean_only,
        Verdict::Impossible => false,
    })
}
