//! SQL/JSON constructors, their aggregates and IS JSON.

use borealis_pgtypes::JsonItem;
use pg_query::NodeEnum;
use pg_query::protobuf::{
    JsonAggConstructor, JsonArrayAgg, JsonArrayConstructor, JsonArrayQueryConstructor, JsonEncoding, JsonFormat as FormatNode,
    JsonFormatType, JsonIsPredicate, JsonKeyValue, JsonObjectAgg, JsonObjectConstructor, JsonOutput, JsonValueExpr, JsonValueType, Node,
};

use super::expr::at;
use super::lower::{Lower, R, unexpected};
use crate::ast::{
    Alias, Expr, ExprKind, FunctionCall, IsJson, JsonAggregate, JsonConstructor, JsonFormat, JsonReturning, JsonValue, Query, TableRef,
    Target,
};

impl Lower<'_> {
    pub(super) fn json_object(&self, constructor: JsonObjectConstructor) -> R<Expr> {
        let JsonObjectConstructor { exprs, output, absent_on_null, unique, location } = constructor;
        let mut values = Vec::with_capacity(2 * exprs.len());
        for member in exprs {
            let Some(NodeEnum::JsonKeyValue(member)) = member.node else { return Err(unexpected("JSON_OBJECT")) };
            let (key, value) = self.json_member(*member)?;
            values.extend([JsonValue { expr: key, format: None }, value]);
        }
        let returning = self.json_returning(output)?;
        Ok(at(location, ExprKind::Json(Box::new(JsonConstructor { array: false, values, absent_on_null, unique, returning }))))
    }

    pub(super) fn json_array(&self, constructor: JsonArrayConstructor) -> R<Expr> {
        let JsonArrayConstructor { exprs, output, absent_on_null, location } = constructor;
        let value = |node: Node| match node.node {
            Some(NodeEnum::JsonValueExpr(value)) => self.json_input(Some(value)),
            _ => Err(unexpected("JSON_ARRAY")),
        };
        let values = exprs.into_iter().map(value).collect::<R<_>>()?;
        let returning = self.json_returning(output)?;
        Ok(at(location, ExprKind::Json(Box::new(JsonConstructor { array: true, values, absent_on_null, unique: false, returning }))))
    }

    /// `JSON_ARRAY(query)` is `(SELECT JSON_ARRAYAGG(a) FROM (query) q(a))`.
    pub(super) fn json_array_of_query(&self, constructor: JsonArrayQueryConstructor) -> R<Expr> {
        let JsonArrayQueryConstructor { query, output, format, absent_on_null, location } = constructor;
        let query = Box::new(self.query_node(*query.ok_or_else(|| unexpected("JSON_ARRAY"))?)?);
        let column = at(location, ExprKind::Column(vec!["q".to_owned(), "a".to_owned()]));
        let aggregate = JsonAggregate {
            call: FunctionCall::plain(vec!["json_agg".to_owned()], vec![column]),
            format: json_format(format),
            absent_on_null,
            unique: false,
            of_query: true,
            returning: self.json_returning(output)?,
        };
        let expr = at(location, ExprKind::JsonAggregate(Box::new(aggregate)));
        let target = Target { expr, alias: Some("json_array".to_owned()), at: location };
        let alias = Some(Alias { name: "q".to_owned(), columns: vec!["a".to_owned()] });
        let query = Query::selecting(vec![target], vec![TableRef::Subquery { query, lateral: false, alias, at: location }]);
        Ok(at(location, ExprKind::Subquery { kind: crate::ast::SubqueryKind::Scalar, query: Box::new(query) }))
    }

    pub(super) fn json_object_agg(&self, aggregate: JsonObjectAgg) -> R<Expr> {
        let JsonObjectAgg { constructor, arg, absent_on_null, unique } = aggregate;
        let (key, value) = self.json_member(*arg.ok_or_else(|| unexpected("JSON_OBJECTAGG"))?)?;
        let call = FunctionCall::plain(vec!["json_object_agg".to_owned()], vec![key, value.expr]);
        self.json_aggregate(constructor.map(|constructor| *constructor), call, value.format, absent_on_null, unique)
    }

    pub(super) fn json_array_agg(&self, aggregate: JsonArrayAgg) -> R<Expr> {
        let JsonArrayAgg { constructor, arg, absent_on_null } = aggregate;
        let value = self.json_input(arg)?;
        let call = FunctionCall::plain(vec!["json_agg".to_owned()], vec![value.expr]);
        self.json_aggregate(constructor.map(|constructor| *constructor), call, value.format, absent_on_null, false)
    }

    fn json_aggregate(
        &self,
        constructor: Option<JsonAggConstructor>,
        call: FunctionCall,
        format: Option<JsonFormat>,
        absent_on_null: bool,
        unique: bool,
    ) -> R<Expr> {
        let JsonAggConstructor { output, agg_filter, agg_order, over, location } =
            constructor.ok_or_else(|| unexpected("an SQL/JSON aggregate"))?;
        let call = FunctionCall {
            order_by: self.order_by(agg_order)?,
            filter: self.optional(agg_filter)?,
            over: over.map(|over| self.over(*over)).transpose()?,
            ..call
        };
        let returning = self.json_returning(output)?;
        let aggregate = JsonAggregate { call, format, absent_on_null, unique, of_query: false, returning };
        Ok(at(location, ExprKind::JsonAggregate(Box::new(aggregate))))
    }

    pub(super) fn is_json(&self, predicate: JsonIsPredicate) -> R<Expr> {
        let item = match predicate.item_type() {
            JsonValueType::JsTypeAny => JsonItem::Any,
            JsonValueType::JsTypeObject => JsonItem::Object,
            JsonValueType::JsTypeArray => JsonItem::Array,
            JsonValueType::JsTypeScalar => JsonItem::Scalar,
            JsonValueType::Undefined => return Err(unexpected("IS JSON")),
        };
        // The grammar has no way to write a format here.
        let JsonIsPredicate { expr, format: _, item_type: _, unique_keys, location } = predicate;
        let arg = *self.boxed(expr)?;
        Ok(at(location, ExprKind::IsJson(Box::new(IsJson { arg, item, unique: unique_keys }))))
    }

    fn json_member(&self, member: JsonKeyValue) -> R<(Expr, JsonValue)> {
        let JsonKeyValue { key, value } = member;
        Ok((*self.boxed(key)?, self.json_input(value)?))
    }

    fn json_input(&self, value: Option<Box<JsonValueExpr>>) -> R<JsonValue> {
        let JsonValueExpr { raw_expr, formatted_expr: _, format } = *value.ok_or_else(|| unexpected("an SQL/JSON value"))?;
        Ok(JsonValue { expr: *self.boxed(raw_expr)?, format: json_format(format) })
    }

    fn json_returning(&self, output: Option<JsonOutput>) -> R<Option<JsonReturning>> {
        let Some(JsonOutput { type_name, returning }) = output else { return Ok(None) };
        let ty = self.type_name(type_name.ok_or_else(|| unexpected("RETURNING"))?)?;
        Ok(Some(JsonReturning { ty, format: json_format(returning.and_then(|returning| returning.format)) }))
    }
}

fn json_format(format: Option<FormatNode>) -> Option<JsonFormat> {
    let format = format.filter(|format| format.format_type() == JsonFormatType::JsFormatJson)?;
    let encoding = match format.encoding() {
        JsonEncoding::Undefined | JsonEncoding::JsEncDefault => None,
        JsonEncoding::JsEncUtf8 => Some("UTF8"),
        JsonEncoding::JsEncUtf16 => Some("UTF16"),
        JsonEncoding::JsEncUtf32 => Some("UTF32"),
    };
    Some(JsonFormat { encoding, at: format.location })
}
