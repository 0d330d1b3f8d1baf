//! `readonly_query`: one statement that reads.

use borealis_client::{End, Mode};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::answer::{self, Origin};
use crate::arguments;
use crate::call::Call;
use crate::failure::Failure;
use crate::page::{self, PAGE_ROWS, Page};
use crate::policy;
use crate::registry::{Tool, reading};
use crate::rows::rows;
use crate::service::Service;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadonlyQuery {
    #[schemars(description = "The SQL query to run")]
    sql: String,
    #[schemars(
        description = "Values for the placeholders $1, $2, ... in order. Objects and arrays are passed as JSON text; pass a PostgreSQL array as text such as '{1,2}'"
    )]
    #[serde(default)]
    params: Option<Vec<Value>>,
    #[schemars(
        description = "The most rows to return at once [default: 500]; the answer says how to get more",
        range(min = 1, max = 10000)
    )]
    #[serde(default)]
    max_rows: Option<usize>,
    #[schemars(description = "next_cursor of an earlier answer, for the rows behind it; sql and params must be the same again")]
    #[serde(default)]
    cursor: Option<String>,
}

impl Tool for ReadonlyQuery {
    type Output = Page;
    const NAME: &'static str = "readonly_query";
    const TITLE: &'static str = "Query (read-only)";
    const DESCRIPTION: &'static str = "Run one read-only SQL statement and get its rows as a list of objects.\n\n\
        Only what reads is accepted: SELECT with any clause (WITH, JOIN, GROUP BY, UNION, window functions), VALUES, TABLE, SHOW and \
        EXPLAIN. It runs in a READ ONLY transaction, in which the database refuses writes as well; use transact to write. One statement per call; no \
        BEGIN, COMMIT or ROLLBACK.\n\n\
        Use placeholders $1, $2, ... with params for values instead of writing them into the SQL. Numbers that JSON readers would \
        round are returned as strings; columns of the same name get _2, _3 appended. Large results come in pages of one snapshot: when the answer has \
        next_cursor, there is more.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Page, Failure> {
        let rows_max = rows_max(self.max_rows)?;
        let statement = arguments::one(Self::NAME, self.sql, self.params).map_err(Failure::call)?;
        if let Some(cursor) = &self.cursor {
            return page::next(call, &statement, cursor, rows_max);
        }
        policy::check_reading(&statement.sql).map_err(|refusal| Failure::refused(&refusal, None))?;
        let done = call.run(vec![statement.clone()], Mode::ReadOnly, End::Rollback).await?;
        let rows = done.outcomes.last().map(rows).unwrap_or_default();
        page::first(call, &statement, rows, rows_max)
    }

    fn shown(output: &Page) -> Value {
        shown(output)
    }
}

/// The rows, as the reference server shows them; with a word about the others where there are more.
pub(crate) fn shown(page: &Page) -> Value {
    match page.next_cursor {
        None => answer::value(&page.result),
        Some(_) => answer::value(page),
    }
}

pub(crate) fn rows_max(asked: Option<usize>) -> Result<usize, Failure> {
    match asked {
        Some(0) => Err(Failure::call("max_rows is at least 1")),
        asked => Ok(asked.unwrap_or(PAGE_ROWS)),
    }
}
