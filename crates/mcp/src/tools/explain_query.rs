//! `explain_query`: how the database runs a query, what that costs, and what stands out.

use borealis_client::{End, Mode, Statement};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Origin;
use crate::arguments;
use crate::call::Call;
use crate::failure::Failure;
use crate::plan::{Dpu, dpu, findings};
use crate::policy;
use crate::registry::{Tool, reading};
use crate::service::Service;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainQuery {
    #[schemars(description = "The statement to explain, without EXPLAIN")]
    sql: String,
    #[schemars(description = "Values for the placeholders $1, $2, ... in order")]
    #[serde(default)]
    params: Option<Vec<Value>>,
    #[schemars(
        description = "Run the query and measure it (EXPLAIN ANALYZE VERBOSE), which gives real row counts and the DPU estimate [default: true for statements that only read; others are never run]"
    )]
    #[serde(default)]
    analyze: Option<bool>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Explained {
    #[schemars(description = "Whether the statement was run and measured")]
    analyzed: bool,
    #[schemars(description = "The plan, one line each")]
    plan: Vec<String>,
    #[schemars(description = "What the statement costs in DPU; only when it was run")]
    dpu: Option<Dpu>,
    #[schemars(description = "What stands out, in plain words, with what to do about it")]
    findings: Vec<String>,
}

impl Tool for ExplainQuery {
    type Output = Explained;
    const NAME: &'static str = "explain_query";
    const TITLE: &'static str = "Explain a query";
    const DESCRIPTION: &'static str = "Show how the database runs a statement: its plan, what it costs in DPU, and findings in plain words (full scans, \
        missing statistics, rows read and thrown away). Statements that only read are run to be measured, in a READ ONLY transaction; others are only planned.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Explained, Failure> {
        let statement = arguments::one(Self::NAME, self.sql, self.params).map_err(Failure::call)?;
        let reads = match policy::check_reading(&statement.sql) {
            Ok(()) => true,
            Err(policy::Refusal::Writes(_)) => false,
            Err(refusal) => return Err(Failure::refused(&refusal, None)),
        };
        // Measuring counts the rows that were passed over, which are other tenants' too.
        let reads = reads && call.guard()?.is_none();
        let analyzed = match (self.analyze, reads) {
            (Some(true), false) => {
                return Err(Failure::call(
                    "only statements that read are run to be measured, and none that is held to one tenant's rows; call explain_query with analyze false",
                ));
            }
            (asked, reads) => asked.unwrap_or(reads),
        };
        let explain = if analyzed { "EXPLAIN ANALYZE VERBOSE" } else { "EXPLAIN VERBOSE" };
        let explained = Statement { sql: format!("{explain} {}", statement.sql), params: statement.params };
        // The text is looked at once more as it will run: what EXPLAIN makes of it must read as well.
        policy::check_reading(&explained.sql).map_err(|refusal| Failure::refused(&refusal, None))?;
        let done = call.run(vec![explained], Mode::ReadOnly, End::Rollback).await?;
        let rows = done.outcomes.iter().flat_map(|outcome| &outcome.rows);
        let plan: Vec<String> = rows.filter_map(|row| row.get(0)).map(str::to_owned).collect();
        Ok(Explained { analyzed, dpu: dpu(&plan), findings: findings(&plan), plan })
    }
}
