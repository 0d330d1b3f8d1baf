//! What a client sends with a call, and how it becomes statements.

use borealis_client::Statement;
use borealis_client::control::is_empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The most statements in one transaction.
pub(crate) const STATEMENTS_MAX: usize = 1000;
/// The longest SQL text, in bytes.
pub(crate) const SQL_BYTES_MAX: usize = 1_000_000;

/// Arguments of `readonly_query`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ReadonlyQuery {
    #[schemars(description = "The SQL query to run")]
    pub(crate) sql: String,
    #[schemars(
        description = "Values for the placeholders $1, $2, ... in order. Objects and arrays are passed as JSON text; pass a PostgreSQL array as text such as '{1,2}'"
    )]
    #[serde(default)]
    pub(crate) params: Option<Vec<Value>>,
}

/// Arguments of `transact`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Transact {
    #[schemars(description = "List of one or more SQL statements to execute in a transaction")]
    pub(crate) sql_list: Vec<String>,
    #[schemars(
        description = "For each statement, in order, the values for its placeholders $1, $2, ...; null for a statement without placeholders"
    )]
    #[serde(default)]
    pub(crate) params_list: Option<Vec<Option<Vec<Value>>>>,
}

/// Arguments of `get_schema`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct GetSchema {
    #[schemars(description = "name of the table, optionally as schema.table")]
    pub(crate) table_name: String,
}

impl ReadonlyQuery {
    pub(crate) fn statement(self) -> Result<Statement, String> {
        if is_empty(&self.sql) {
            return Err("Incorrect invocation: readonly_query invoked without a SQL statement".to_owned());
        }
        statement(self.sql, self.params.unwrap_or_default())
    }
}

impl Transact {
    pub(crate) fn statements(self) -> Result<Vec<Statement>, String> {
        let count = self.sql_list.len();
        if count == 0 {
            return Err("Incorrect invocation: transact invoked with no sql statements".to_owned());
        }
        if count > STATEMENTS_MAX {
            return Err(format!("sql_list has {count} statements; the most in one transaction is {STATEMENTS_MAX}"));
        }
        let params = self.params_list.unwrap_or_else(|| vec![None; count]);
        if params.len() != count {
            return Err(format!("params_list length ({}) must equal sql_list length ({count})", params.len()));
        }
        let numbered = self.sql_list.into_iter().zip(params).enumerate();
        numbered.map(|(index, (sql, params))| self::numbered(index, sql, params.unwrap_or_default())).collect()
    }
}

fn numbered(index: usize, sql: String, params: Vec<Value>) -> Result<Statement, String> {
    if is_empty(&sql) {
        return Err(format!("statement {} of sql_list is empty", index + 1));
    }
    statement(sql, params).map_err(|what| format!("statement {} of sql_list: {what}", index + 1))
}

fn statement(sql: String, params: Vec<Value>) -> Result<Statement, String> {
    if sql.len() > SQL_BYTES_MAX {
        return Err(format!("the statement has {} bytes; the most is {SQL_BYTES_MAX}", sql.len()));
    }
    if !params.is_empty() && !sql.contains('$') && sql.contains("%s") {
        return Err("placeholders are written $1, $2, ... here; %s is not supported".to_owned());
    }
    Ok(Statement { sql, params: params.iter().map(param).collect() })
}

/// A JSON value as the text that the server reads with the type that it has inferred.
fn param(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{ReadonlyQuery, Transact};
    use serde_json::json;

    fn one(sql: &str, params: serde_json::Value) -> Result<Vec<Option<String>>, String> {
        let query: ReadonlyQuery = serde_json::from_value(json!({ "sql": sql, "params": params })).expect("arguments");
        query.statement().map(|statement| statement.params)
    }

    #[test]
    fn values_become_the_text_that_the_server_reads() {
        let some = |text: &str| Some(text.to_owned());
        let values = json!([null, "a'b", true, 12345678901234567890u64, 1.50, {"k": [1]}, [1, "x"]]);
        let texts =
            vec![None, some("a'b"), some("true"), some("12345678901234567890"), some("1.5"), some("{\"k\":[1]}"), some("[1,\"x\"]")];
        assert_eq!(one("SELECT $1", values), Ok(texts));
        assert_eq!(one("SELECT 1", json!(null)), Ok(vec![]));
    }

    #[test]
    fn foreign_placeholders_are_refused_and_literals_are_not() {
        assert_eq!(one("SELECT %s", json!([1])), Err("placeholders are written $1, $2, ... here; %s is not supported".to_owned()));
        assert!(one("SELECT '%s'", json!([])).is_ok());
        assert!(one("SELECT $1 LIKE '%s'", json!(["x"])).is_ok());
    }

    #[test]
    fn lists_must_fit_together() {
        let transact = |value| serde_json::from_value::<Transact>(value).expect("arguments").statements();
        assert_eq!(
            transact(json!({ "sql_list": ["a", "b"], "params_list": [null] })),
            Err("params_list length (1) must equal sql_list length (2)".to_owned())
        );
        assert_eq!(transact(json!({ "sql_list": [] })), Err("Incorrect invocation: transact invoked with no sql statements".to_owned()));
        assert_eq!(transact(json!({ "sql_list": ["a", " -- "] })), Err("statement 2 of sql_list is empty".to_owned()));
        assert!(transact(json!({ "sql_list": vec!["a"; 1001] })).is_err());
        let both = transact(json!({ "sql_list": ["a", "b"], "params_list": [[1], null] })).expect("statements");
        assert_eq!((both[0].params.len(), both[1].params.len()), (1, 0));
    }
}
