//! SQL/JSON: constructors, aggregates, IS JSON.

use borealis_pgtypes::JsonItem;

use super::{Expr, ExprKind, FunctionCall, Query, QueryBody, TableRef, TypeName};

/// `FORMAT JSON [ENCODING name]`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct JsonFormat {
    pub encoding: Option<&'static str>,
    pub at: i32,
}

/// `expr [FORMAT JSON]`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct JsonValue {
    pub expr: Expr,
    pub format: Option<JsonFormat>,
}

/// `RETURNING type [FORMAT JSON]`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct JsonReturning {
    pub ty: TypeName,
    pub format: Option<JsonFormat>,
}

/// JSON_OBJECT, whose keys and values come by turns, or JSON_ARRAY.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct JsonConstructor {
    pub array: bool,
    pub values: Vec<JsonValue>,
    pub absent_on_null: bool,
    pub unique: bool,
    pub returning: Option<JsonReturning>,
}

/// JSON_OBJECTAGG or JSON_ARRAYAGG.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonAggregate {
    /// `json_object_agg(key, value)` or `json_agg(value)`, with ORDER BY, FILTER and OVER as written.
    pub call: FunctionCall,
    /// Of the value.
    pub format: Option<JsonFormat>,
    /// NULLs are left out.
    pub absent_on_null: bool,
    /// WITH UNIQUE KEYS.
    pub unique: bool,
    /// It stands for JSON_ARRAY(query): the one relation of its level is the query.
    pub of_query: bool,
    /// Type of the result.
    pub returning: Option<JsonReturning>,
}

/// `arg IS JSON [item] [WITH UNIQUE KEYS]`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct IsJson {
    pub arg: Expr,
    pub item: JsonItem,
    pub unique: bool,
}

impl Query {
    /// The aggregate and the query that `JSON_ARRAY(query)` stands for, when this is what it was read as.
    pub(crate) fn json_array(&self) -> Option<(&JsonAggregate, &Self)> {
        let QueryBody::Select(select) = &self.body else { return None };
        let ([target], [TableRef::Subquery { query, .. }]) = (select.targets.as_slice(), select.from.as_slice()) else { return None };
        match &target.expr.kind {
            ExprKind::JsonAggregate(aggregate) if aggregate.of_query => Some((aggregate, query)),
            _ => None,
        }
    }
}
