//! SQL/JSON constructors, aggregates and IS JSON.

use super::Text;
use crate::ast::{FunctionArg, FunctionCall, IsJson, JsonAggregate, JsonConstructor, JsonFormat, JsonReturning, JsonValue, Query};

impl Text {
    pub(super) fn json(&mut self, constructor: &JsonConstructor) {
        let JsonConstructor { array, values, absent_on_null, unique, returning } = constructor;
        self.put(if *array { "JSON_ARRAY(" } else { "JSON_OBJECT(" });
        for (index, JsonValue { expr, format }) in values.iter().enumerate() {
            self.put(separator(index, !*array));
            self.expr(expr);
            self.json_format(format.as_ref());
        }
        // Without values the grammar takes no rule for NULLs.
        if !values.is_empty() {
            self.null_rule(*absent_on_null, *unique);
        }
        self.json_returning(returning.as_ref());
        self.put(")");
    }

    pub(super) fn json_array_of_query(&mut self, aggregate: &JsonAggregate, rows: &Query) {
        self.put("JSON_ARRAY(");
        self.query(rows);
        self.json_format(aggregate.format.as_ref());
        self.json_returning(aggregate.returning.as_ref());
        self.put(")");
    }

    pub(super) fn json_aggregate(&mut self, aggregate: &JsonAggregate) {
        let JsonAggregate { call, format, absent_on_null, unique, of_query: _, returning } = aggregate;
        let FunctionCall { args, order_by, .. } = call;
        let pairs = args.len() == 2;
        self.put(if pairs { "JSON_OBJECTAGG(" } else { "JSON_ARRAYAGG(" });
        for (index, FunctionArg { name: _, value }) in args.iter().enumerate() {
            self.put(separator(index, pairs));
            self.expr(value);
        }
        self.json_format(format.as_ref());
        if !order_by.is_empty() {
            self.put(" ORDER BY ");
            self.order_by(order_by);
        }
        self.null_rule(*absent_on_null, *unique);
        self.json_returning(returning.as_ref());
        self.put(")");
        self.behind_call(call);
    }

    pub(super) fn is_json(&mut self, test: &IsJson) {
        let IsJson { arg, item, unique } = test;
        self.put("(");
        self.expr(arg);
        self.put(" ");
        self.put(item.words());
        self.put(if *unique { " WITH UNIQUE KEYS)" } else { ")" });
    }

    fn null_rule(&mut self, absent_on_null: bool, unique: bool) {
        self.put(if absent_on_null { " ABSENT ON NULL" } else { " NULL ON NULL" });
        self.put(if unique { " WITH UNIQUE KEYS" } else { "" });
    }

    fn json_returning(&mut self, returning: Option<&JsonReturning>) {
        let Some(JsonReturning { ty, format }) = returning else { return };
        self.put(" RETURNING ");
        self.type_name(ty);
        self.json_format(format.as_ref());
    }

    fn json_format(&mut self, format: Option<&JsonFormat>) {
        let Some(JsonFormat { encoding, at: _ }) = format else { return };
        self.put(" FORMAT JSON");
        if let Some(encoding) = encoding {
            self.put(&format!(" ENCODING {encoding}"));
        }
    }
}

const fn separator(index: usize, pairs: bool) -> &'static str {
    match index {
        0 => "",
        _ if pairs && index % 2 == 1 => " VALUE ",
        _ => ", ",
    }
}
