//! What a client sends with a call, and how it becomes statements.

use borealis_client::Statement;
use borealis_client::control::is_empty;
use serde_json::Value;

/// The most statements in one transaction.
const STATEMENTS_MAX: usize = 1000;
/// The longest SQL text, in bytes.
const SQL_BYTES_MAX: usize = 1_000_000;

/// The statement of a call that takes one.
pub(crate) fn one(tool: &str, sql: String, params: Option<Vec<Value>>) -> Result<Statement, String> {
    if is_empty(&sql) {
        return Err(format!("Incorrect invocation: {tool} invoked without a SQL statement"));
    }
    statement(sql, params.unwrap_or_default())
}

/// The statements of a transaction.
pub(crate) fn list(sql_list: Vec<String>, params_list: Option<Vec<Option<Vec<Value>>>>) -> Result<Vec<Statement>, String> {
    let count = sql_list.len();
    if count == 0 {
        return Err("Incorrect invocation: transact invoked with no sql statements".to_owned());
    }
    if count > STATEMENTS_MAX {
        return Err(format!("sql_list has {count} statements; the most in one transaction is {STATEMENTS_MAX}"));
    }
    let params = params_list.unwrap_or_else(|| vec![None; count]);
    if params.len() != count {
        return Err(format!("params_list length ({}) must equal sql_list length ({count})", params.len()));
    }
    let numbered = sql_list.into_iter().zip(params).enumerate();
    numbered.map(|(index, (sql, params))| self::numbered(index, sql, params.unwrap_or_default())).collect()
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
    use super::{list, one};
    use serde_json::{Value, json};

    fn texts(sql: &str, params: &Value) -> Result<Vec<Option<String>>, String> {
        one("readonly_query", sql.to_owned(), params.as_array().cloned()).map(|statement| statement.params)
    }

    #[test]
    fn values_become_the_text_that_the_server_reads() {
        let some = |text: &str| Some(text.to_owned());
        let values = json!([null, "a'b", true, 12345678901234567890u64, 1.50, {"k": [1]}, [1, "x"]]);
        let expected =
            vec![None, some("a'b"), some("true"), some("12345678901234567890"), some("1.5"), some("{\"k\":[1]}"), some("[1,\"x\"]")];
        assert_eq!(texts("SELECT $1", &values), Ok(expected));
        assert_eq!(texts("SELECT 1", &json!(null)), Ok(vec![]));
    }

    #[test]
    fn foreign_placeholders_are_refused_and_literals_are_not() {
        assert_eq!(texts("SELECT %s", &json!([1])), Err("placeholders are written $1, $2, ... here; %s is not supported".to_owned()));
        assert!(texts("SELECT '%s'", &json!([])).is_ok());
        assert!(texts("SELECT $1 LIKE '%s'", &json!(["x"])).is_ok());
    }

    #[test]
    fn lists_must_fit_together() {
        let list = |sql: &[&str], params: Option<Vec<Option<Vec<Value>>>>| list(sql.iter().map(|sql| (*sql).to_owned()).collect(), params);
        assert_eq!(list(&["a", "b"], Some(vec![None])), Err("params_list length (1) must equal sql_list length (2)".to_owned()));
        assert_eq!(list(&[], None), Err("Incorrect invocation: transact invoked with no sql statements".to_owned()));
        assert_eq!(list(&["a", " -- "], None), Err("statement 2 of sql_list is empty".to_owned()));
        assert!(list(&["a"; 1001], None).is_err());
        let both = list(&["a", "b"], Some(vec![Some(vec![json!(1)]), None])).expect("statements");
        assert_eq!((both[0].params.len(), both[1].params.len()), (1, 0));
    }
}
