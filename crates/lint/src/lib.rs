//! A linter for SQL that is meant for Aurora DSQL: what the server would refuse, what would hurt, and how the text is to be changed.
//!
//! ```text
//! text --source--> statements, psql commands, COPY data
//!      --schema--> our own parser and binder: accepted, or the refusal with its row of the dialect table
//!      --rules---> findings of one file each, with edits of the text
//!      --report--> what is selected and not suppressed, by place; fixed text
//! ```
//! The linter cannot disagree with the server about a statement: a statement that parser and binder accept has no refusal, one that they refuse has
//! theirs. Rules add the other refusals of the same statement, the fixes, and hazards. Nothing here reads a file or a clock.

mod catalogue;
mod certainty;
mod file;
mod finding;
mod lexer;
mod linter;
mod options;
pub mod output;
mod report;
mod rule;
mod rules;
mod schema;
mod shape;
mod source;
mod suppress;
mod tokens;

pub use catalogue::{RuleInfo, explain, rules};
pub use finding::{Edit, Finding, Fix, Severity, Span, Verdict};
pub use linter::Linter;
pub use options::{CONFIGURATION_FILE, IdentityCache, Options, Selector, cache_refused};
pub use report::{AppliedFix, Fixed, Report};

/// Lints one text.
#[must_use]
pub fn lint(text: &str, options: &Options) -> Report {
    Linter::new(options.clone()).lint(text)
}
