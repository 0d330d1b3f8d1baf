//! `dsql_lint`: SQL looked at before it is run, without any database.

use borealis_base::task;
use borealis_lint::{AppliedFix, Finding, Options, Severity, Verdict, lint};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Origin;
use crate::call::Call;
use crate::failure::Failure;
use crate::registry::{Tool, reading};
use crate::service::Service;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DsqlLint {
    #[schemars(description = "SQL to look at: any number of statements, a migration file or a dump")]
    sql: String,
    #[schemars(description = "Return the SQL with every fix applied [default: false]")]
    #[serde(default)]
    fix: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Linted {
    diagnostics: Vec<Diagnostic>,
    #[schemars(description = "The SQL with the fixes in it; only with fix")]
    fixed_sql: Option<String>,
    summary: Summary,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Diagnostic {
    rule: String,
    #[schemars(
        description = "error: the database refuses it; warning: it is likely to hurt; info: worth knowing; null: a fix has mended it"
    )]
    severity: Option<&'static str>,
    #[schemars(description = "Line from 1; of a fix that was applied, in the text as it was then")]
    line: usize,
    message: String,
    #[schemars(description = "What to do instead")]
    suggestion: Option<String>,
    #[schemars(description = "What the database answers to it")]
    sqlstate: Option<String>,
    fix_result: Option<FixResult>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FixResult {
    #[schemars(
        description = "fixed or fixed_with_warning: done in fixed_sql; fixable or fixable_with_warning: done when called with fix; unfixable: somebody has to decide"
    )]
    status: &'static str,
    #[schemars(description = "What is lost by the fix, or why there is none")]
    detail: Option<String>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct Summary {
    errors: usize,
    warnings: usize,
    fixed: usize,
}

impl Tool for DsqlLint {
    type Output = Linted;
    const NAME: &'static str = "dsql_lint";
    const TITLE: &'static str = "Lint SQL";
    const DESCRIPTION: &'static str = "Look at SQL before it is run: what Aurora DSQL refuses, in its own words, and what is likely to hurt. With fix true also \
        the SQL with the fixes applied; what a fix loses is said in detail. Call it for SQL that was written for PostgreSQL or MySQL tools, and for migrations. \
        Needs no database, and knows no more of the schema than the statements make.";
    const ORIGIN: Origin = Origin::Guide;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, _: &Call) -> Result<Linted, Failure> {
        let linted = task::spawn_blocking(move || look(&self.sql, self.fix)).await;
        linted.map_err(|error| Failure::call(format!("the SQL could not be looked at: {error}")))
    }
}

fn look(sql: &str, fix: bool) -> Linted {
    let report = lint(sql, &Options::default());
    if !fix {
        return Linted::of(Vec::new(), &report.findings, None);
    }
    let fixed = report.fix(false);
    Linted::of(fixed.applied, &fixed.remaining.findings, Some(fixed.text))
}

impl Linted {
    fn of(applied: Vec<AppliedFix>, left: &[Finding], fixed_sql: Option<String>) -> Self {
        let count = |severity| left.iter().filter(|finding| finding.severity == severity).count();
        let summary = Summary { errors: count(Severity::Error), warnings: count(Severity::Warning), fixed: applied.len() };
        let diagnostics = applied.into_iter().map(Diagnostic::applied).chain(left.iter().map(Diagnostic::of)).collect();
        Self { diagnostics, fixed_sql, summary }
    }
}

impl Diagnostic {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: Some(finding.severity.name()),
            line: finding.line,
            message: finding.message.clone(),
            suggestion: finding.hint.clone(),
            sqlstate: finding.sqlstate.clone(),
            fix_result: finding.fix.as_ref().map(|fix| FixResult {
                status: match fix.verdict {
                    Verdict::Clean => "fixable",
                    Verdict::Loss => "fixable_with_warning",
                    Verdict::Impossible => "unfixable",
                },
                detail: fix.loss.clone(),
            }),
        }
    }

    fn applied(fix: AppliedFix) -> Self {
        let status = if fix.verdict == Verdict::Loss { "fixed_with_warning" } else { "fixed" };
        Self {
            rule: fix.rule,
            severity: None,
            line: fix.line,
            message: fix.message,
            suggestion: None,
            sqlstate: None,
            fix_result: Some(FixResult { status, detail: fix.loss }),
        }
    }
}
