//! What a rule is, and what it is given.

use std::ops::Range;

use borealis_dialect::{Refusal, Verdict as RowVerdict};

use crate::file::{File, Statement};
use crate::finding::{Edit, Finding, Severity};
use crate::options::Options;
use crate::schema::{Reading, Schema};
use crate::shape::{AlterTable, CreateIndex, CreateTable};
use crate::tokens::Tokens;

/// A rule: one file under `rules/`, with an example beside it that is a test as well.
pub(crate) struct Rule {
    /// Its name.
    pub(crate) id: &'static str,
    /// Rows of the dialect table that it finds and mends; it reports them under their own names.
    pub(crate) rows: &'static [&'static str],
    /// Whether it reports findings under its own name.
    pub(crate) own: bool,
    /// Of findings under its own name.
    pub(crate) severity: Severity,
    /// What it detects, in a few words.
    pub(crate) what: &'static str,
    /// Why that is bad.
    pub(crate) why: &'static str,
    /// How the fix works and what it loses.
    pub(crate) fix: &'static str,
    /// Bad and good SQL.
    pub(crate) example: &'static str,
    /// Looks at one statement.
    pub(crate) check: fn(&Check<'_>, &mut Vec<Finding>),
}

/// One statement in its surroundings.
pub(crate) struct Check<'a> {
    pub(crate) file: &'a File<'a>,
    /// Which statement of the file it is.
    pub(crate) index: usize,
    pub(crate) view: Tokens<'a>,
    pub(crate) options: &'a Options,
    /// Before the statement.
    pub(crate) schema: &'a Schema,
    pub(crate) reading: &'a Reading,
    /// The statement's shape, when it has this one.
    pub(crate) create_table: Option<CreateTable>,
    pub(crate) alter_table: Option<AlterTable>,
    pub(crate) create_index: Option<CreateIndex>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(file: &'a File<'a>, index: usize, options: &'a Options, schema: &'a Schema, reading: &'a Reading) -> Self {
        let view = file.view(index);
        let (create_table, alter_table, create_index) = (CreateTable::read(view), AlterTable::read(view), CreateIndex::read(view));
        Self { file, index, view, options, schema, reading, create_table, alter_table, create_index }
    }

    pub(crate) fn statement(&self) -> &'a Statement {
        &self.file.statements[self.index]
    }

    /// The dialect's refusal of `form` at some tokens; `None` when it accepts the form.
    pub(crate) fn refused(&self, rule: &Rule, form: &str, args: &[&str], tokens: Range<usize>) -> Option<Finding> {
        let refusal = borealis_dialect::refusal(form, args, self.options.dialect)?;
        Some(self.refusal(rule, &refusal, tokens))
    }

    /// A refusal of the dialect at some tokens.
    pub(crate) fn refusal(&self, rule: &Rule, refusal: &Refusal, tokens: Range<usize>) -> Finding {
        let mut finding = from_refusal(refusal, self.options);
        finding.span = self.view.span(tokens).into();
        finding.by = rule.id;
        finding
    }

    /// The parser's or binder's own refusal of the statement, when it is of `form`, at some tokens.
    pub(crate) fn refused_as(&self, rule: &Rule, form: &str, tokens: Range<usize>) -> Option<Finding> {
        let fields = self.reading.error.as_ref()?.fields();
        let key = fields.form.filter(|key| *key == form)?;
        let row = borealis_dialect::lookup(key, self.options.dialect)?;
        let refusal = Refusal { form: key, sqlstate: row.sqlstate, message: fields.message.clone() };
        Some(self.refusal(rule, &refusal, tokens))
    }

    /// What the server answers although no row of the dialect table says it: PostgreSQL's own errors.
    pub(crate) fn answer(&self, rule: &Rule, sqlstate: &str, message: impl Into<String>, tokens: Range<usize>) -> Finding {
        let mut finding = self.finding(rule, message, tokens);
        finding.sqlstate = Some(sqlstate.to_owned());
        finding.refusal = true;
        finding
    }

    /// A finding under the rule's own name.
    pub(crate) fn finding(&self, rule: &Rule, message: impl Into<String>, tokens: Range<usize>) -> Finding {
        Finding {
            rule: rule.id.to_owned(),
            severity: rule.severity,
            message: message.into(),
            hint: None,
            sqlstate: None,
            span: self.view.span(tokens).into(),
            line: 0,
            column: 0,
            fix: None,
            by: rule.id,
            refusal: false,
        }
    }

    /// The table that the statement is about, when the files made it.
    pub(crate) fn known_table(&self) -> Option<&'a std::sync::Arc<borealis_catalog::Table>> {
        let name = self.alter_table.as_ref().map(|alter| &alter.table)?;
        self.schema.table(name)
    }

    pub(crate) fn remove_statement(&self) -> Edit {
        self.file.remove_statement(self.index)
    }

    /// Puts text before the whole statement and the comments that stand on the lines above it.
    pub(crate) fn insert_before(&self, text: String) -> Edit {
        let at = self.file.start_with_comments(self.index);
        Edit { span: (at..at).into(), text }
    }

    /// Puts text behind the whole statement, on a line of its own.
    pub(crate) fn append(&self, text: &str) -> Edit {
        let end = self.statement().span.end;
        let closed = self.file.source.text[..end].ends_with(';');
        Edit { span: (end..end).into(), text: format!("{}\n{text}", if closed { "" } else { ";" }) }
    }
}

/// A finding of a row of the dialect table, without a place.
pub(crate) fn from_refusal(refusal: &Refusal, options: &Options) -> Finding {
    let row = borealis_dialect::lookup(refusal.form, options.dialect);
    let later = row.is_some_and(|row| row.verdict == RowVerdict::NotYet);
    Finding {
        rule: row_id(refusal.form),
        severity: if later { Severity::Warning } else { Severity::Error },
        message: refusal.message.clone(),
        hint: row.and_then(|row| row.advice).map(str::to_owned),
        sqlstate: Some(refusal.sqlstate.to_owned()),
        span: (0..0).into(),
        line: 0,
        column: 0,
        fix: None,
        by: "",
        refusal: true,
    }
}

/// How a row of the dialect table is called as a rule: `index/without async` is `index/without-async`, `type/*` is `type/other`.
pub(crate) fn row_id(key: &str) -> String {
    let mut id = String::with_capacity(key.len());
    for part in key.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '*'))).filter(|part| !part.is_empty()) {
        if !id.is_empty() && !id.ends_with('/') {
            id.push('-');
        }
        id.push_str(&part.to_ascii_lowercase());
    }
    id.replace('*', "other")
}
