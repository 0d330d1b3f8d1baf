//! The tools.

use std::sync::Arc;

use borealis_base::{OsRandom, SystemClock};
use borealis_client::{Database, End, Limits, Mode, Outcome, Transaction};
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock, Implementation, ServerCapabilities, ServerConfig};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use serde_json::{Value, json};

use crate::Options;
use crate::arguments::{GetSchema, ReadonlyQuery, Transact};
use crate::failure::{Tool, failed, refused};
use crate::rows::rows;
use crate::schema::{SchemaError, describe};

const NOT_CONFIGURED: &str = "Database not configured. Please configure the cluster endpoint, the database user and the region.";

/// An MCP server for one database. Cloning it shares the database.
#[derive(Debug, Clone)]
pub struct DatabaseServer {
    database: Option<Arc<Database>>,
    allow_writes: bool,
    limits: Limits,
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl DatabaseServer {
    /// A server; nothing is connected before the first call.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let Options { endpoint, allow_writes, retry, limits, answer_timeout } = options;
        let database = endpoint.map(|mut endpoint| {
            endpoint.application_name = "borealis-mcp".to_owned();
            endpoint.answer_timeout = Some(answer_timeout);
            Arc::new(Database::with(endpoint, retry, Arc::new(SystemClock::default()), Arc::new(OsRandom)))
        });
        Self { database, allow_writes, limits, tool_router: Self::tool_router() }
    }

    #[tool(
        name = "readonly_query",
        description = "Run one read-only SQL statement and get its rows as a list of objects.\n\n\
            The database runs it in a READ ONLY transaction and refuses writes itself; use transact to write. SELECT with any clause \
            (WITH, JOIN, GROUP BY, UNION, window functions), VALUES, TABLE, SHOW and EXPLAIN are accepted. One statement per call; no \
            BEGIN, COMMIT or ROLLBACK.\n\n\
            Use placeholders $1, $2, ... with params for values instead of writing them into the SQL. Numbers that JSON readers would \
            round are returned as strings; columns of the same name get _2, _3 appended.",
        annotations(title = "Query (read-only)", read_only_hint = true, idempotent_hint = true, open_world_hint = false)
    )]
    async fn readonly_query(&self, Parameters(arguments): Parameters<ReadonlyQuery>) -> CallToolResult {
        let tool = Tool::ReadonlyQuery;
        let statement = match arguments.statement() {
            Ok(statement) => statement,
            Err(what) => return refused(tool, &what),
        };
        let transaction = Transaction { statements: vec![statement], mode: Mode::ReadOnly, end: End::Rollback, limits: self.limits };
        self.run(tool, &transaction, |outcomes, _| {
            let rows = outcomes.last().map(rows).unwrap_or_default();
            (Value::Array(rows.clone()), json!({ "row_count": rows.len(), "result": rows }))
        })
        .await
    }

    #[tool(
        name = "transact",
        description = "Run a list of SQL statements as one transaction: all of them take effect, or none. Returns the rows of the last one.\n\n\
            Each element of sql_list is one statement, without BEGIN, COMMIT or ROLLBACK, which are added. If the server was started \
            without --allow-writes, the transaction is READ ONLY: several reads of one consistent snapshot.\n\n\
            Rules of the database: a transaction holds at most one DDL statement and no DDL together with INSERT, UPDATE or DELETE, so call \
            transact once for each CREATE, ALTER or DROP; it changes at most 3,000 rows and 10 MiB and lasts at most 5 minutes. \
            CREATE INDEX is written CREATE INDEX ASYNC and returns a job_id; see its progress with SELECT * FROM sys.jobs.\n\n\
            Transactions take no locks: when another one has changed the same rows, COMMIT fails with SQLSTATE 40001. Then the whole list is \
            run again, and attempts tells how often. If the connection is lost during COMMIT the call fails with outcome_unknown: \
            check with readonly_query whether the changes are there before calling again.",
        annotations(
            title = "Transaction",
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn transact(&self, Parameters(arguments): Parameters<Transact>) -> CallToolResult {
        let mode = if self.allow_writes { Mode::ReadWrite } else { Mode::ReadOnly };
        let tool = Tool::Transact(mode);
        let statements = match arguments.statements() {
            Ok(statements) => statements,
            Err(what) => return refused(tool, &what),
        };
        let transaction = Transaction { statements, mode, end: End::Commit, limits: self.limits };
        self.run(tool, &transaction, |outcomes, attempts| {
            let rows = outcomes.last().map(rows).unwrap_or_default();
            let commands: Vec<&str> = outcomes.iter().map(|outcome| outcome.tag.as_str()).collect();
            (Value::Array(rows.clone()), json!({ "committed": true, "attempts": attempts, "commands": commands, "result": rows }))
        })
        .await
    }

    #[tool(
        name = "get_schema",
        description = "Get the schema of the given table: its columns with type, nullability and default, its primary key, indexes and \
            constraints. The table is named as table or schema.table; a name that means no table is an error. To list tables, query \
            information_schema.tables with readonly_query.",
        annotations(title = "Table schema", read_only_hint = true, idempotent_hint = true, open_world_hint = false)
    )]
    async fn get_schema(&self, Parameters(arguments): Parameters<GetSchema>) -> CallToolResult {
        let tool = Tool::GetSchema;
        let Some(database) = &self.database else { return refused(tool, NOT_CONFIGURED) };
        match describe(database, &arguments.table_name, self.limits).await {
            Ok(schema) => success(&schema, schema.clone()),
            Err(SchemaError::Name(what)) => refused(tool, &what),
            Err(SchemaError::Database(error)) => failed(tool, &error),
        }
    }

    /// Runs a transaction; `show` makes the text's value and the structured content of its outcomes and attempts.
    async fn run(
        &self,
        tool: Tool,
        transaction: &Transaction,
        show: impl FnOnce(&[Outcome], u32) -> (Value, Value) + Send,
    ) -> CallToolResult {
        let Some(database) = &self.database else { return refused(tool, NOT_CONFIGURED) };
        match database.transact(transaction).await {
            Ok(done) => {
                let (text, structured) = show(&done.outcomes, done.attempts);
                success(&text, structured)
            }
            Err(error) => failed(tool, &error),
        }
    }
}

fn success(text: &Value, structured: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text.to_string())]);
    result.structured_content = Some(structured);
    result
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for DatabaseServer {
    fn get_info(&self) -> ServerConfig {
        let instructions = "Tools for a PostgreSQL-compatible database with the rules of Aurora DSQL. Read with readonly_query, write with \
            transact, look at tables with get_schema.";
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("borealis", env!("CARGO_PKG_VERSION")))
            .with_instructions(instructions)
    }
}
