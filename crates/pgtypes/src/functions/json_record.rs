//! Rows made of JSON: `json_populate_record`, `json_to_record` and their kin. After `populate_composite`.
//!
//! What the row looks like is known where the call is bound: there a last argument is added, the *shape*, a record with the columns' names and types
//! whose values are the types' modifiers.

use std::sync::Arc;

use super::args::{self, invalid_parameter};
use crate::json::{self, Node, NodeKind};
use crate::jsonb::Jsonb;
use crate::text::input;
use crate::{ArrayValue, CallContext, Datum, RecordValue, Result, SqlError, SqlState, Type, types};

type Rows = crate::RowSet;

/// A value of either kind of document.
#[derive(Clone, Copy)]
enum Value<'a> {
    Text(&'a str, &'a Node),
    Tree(&'a Jsonb),
}

impl<'a> Value<'a> {
    fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Text(source, node) => node.field(name).map(|node| Self::Text(source, node)),
            Self::Tree(value) => value.field(name).map(Self::Tree),
        }
    }

    fn is_object(self) -> bool {
        match self {
            Self::Text(_, node) => matches!(node.kind, NodeKind::Object(_)),
            Self::Tree(value) => matches!(value, Jsonb::Object(_)),
        }
    }

    fn elements(self) -> Option<Vec<Self>> {
        match self {
            Self::Text(source, node) => match &node.kind {
                NodeKind::Array(items) => Some(items.iter().map(|node| Self::Text(source, node)).collect()),
                _ => None,
            },
            Self::Tree(Jsonb::Array(items)) => Some(items.iter().map(Self::Tree).collect()),
            Self::Tree(_) => None,
        }
    }

    fn string(self) -> Option<&'a str> {
        match self {
            Self::Text(_, Node { kind: NodeKind::String(text), .. }) => Some(text),
            Self::Tree(Jsonb::String(text)) => Some(text),
            _ => None,
        }
    }

    fn is_null(self) -> bool {
        match self {
            Self::Text(_, node) => matches!(node.kind, NodeKind::Null),
            Self::Tree(value) => matches!(value, Jsonb::Null),
        }
    }

    /// As JSON.
    fn written(self) -> String {
        match self {
            Self::Text(source, node) => source[node.span.clone()].to_owned(),
            Self::Tree(value) => value.to_string(),
        }
    }

    /// What it is, in messages.
    fn kind(self) -> &'static str {
        if self.is_object() {
            "an object"
        } else if self.elements().is_some() {
            "an array"
        } else {
            "a scalar"
        }
    }
}

/// A document that a call was given.
enum Document<'a> {
    Text(&'a str, Node),
    Tree(&'a Jsonb),
}

impl Document<'_> {
    fn root(&self) -> Value<'_> {
        match self {
            Self::Text(source, node) => Value::Text(source, node),
            Self::Tree(value) => Value::Tree(value),
        }
    }
}

fn document(args: &[Datum], index: usize) -> Result<Option<Document<'_>>> {
    match args.get(index) {
        Some(Datum::Null) => Ok(None),
        Some(Datum::Json(text)) => Ok(Some(Document::Text(text, json::parse_nodes(text)?))),
        _ => Ok(Some(Document::Tree(args::jsonb(args, index)?))),
    }
}

/// What a row looks like.
struct Shape {
    record: Arc<RecordValue>,
}

impl Shape {
    /// The last argument of a call that was given one more than its function declares.
    fn of(args: &[Datum], declared: usize, function: &str) -> Result<Self> {
        match args.get(declared) {
            Some(Datum::Record(record)) => Ok(Self { record: Arc::clone(record) }),
            _ => {
                let error = SqlError::unsupported(format!("could not determine row type for result of {function}"));
                let hint = "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.";
                Err(error.hint(hint))
            }
        }
    }

    /// A row of the members of an object; a member that is missing leaves what `base` has.
    fn row(&self, call: &CallContext<'_>, value: Value<'_>, base: Option<&RecordValue>) -> Result<Datum> {
        if !value.is_object() {
            return Err(invalid_parameter(format!("cannot call populate_composite on {}", value.kind())));
        }
        let mut values = Vec::with_capacity(self.record.fields.len());
        for (index, ((name, oid), modifier)) in self.record.fields.iter().zip(&self.record.values).enumerate() {
            let typmod = args::int4(std::slice::from_ref(modifier), 0)?;
            values.push(match value.field(name) {
                Some(member) => convert(call, member, Type::new(*oid, typmod), name)?,
                None => base.and_then(|base| base.values.get(index)).cloned().unwrap_or_default(),
            });
        }
        Ok(Datum::Record(Arc::new(RecordValue { fields: Arc::clone(&self.record.fields), values })))
    }
}

fn convert(call: &CallContext<'_>, value: Value<'_>, ty: Type, key: &str) -> Result<Datum> {
    if value.is_null() {
        return Ok(Datum::Null);
    }
    if let Some(element) = types::element_of(ty.oid).filter(|_| types::by_oid(ty.oid).is_some_and(types::TypeInfo::is_array)) {
        return match (value.elements(), value.string()) {
            (Some(items), _) => array(call, &items, Type::new(element, ty.typmod), key),
            (None, Some(text)) => input(ty, text, call.eval),
            (None, None) => Err(not_an_array(key)),
        };
    }
    match (ty.oid, value.string()) {
        (crate::Oid::JSON | crate::Oid::JSONB, _) | (_, None) => input(ty, &value.written(), call.eval),
        (_, Some(text)) => input(ty, text, call.eval),
    }
}

fn not_an_array(key: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "expected JSON array").hint(format!("See the value of key \"{key}\"."))
}

fn array(call: &CallContext<'_>, items: &[Value<'_>], element: Type, key: &str) -> Result<Datum> {
    let mut lengths = Vec::new();
    let mut level = Some(items.to_vec());
    // The first element of each level says how deep the array is and how wide.
    while let Some(items) = level {
        lengths.push(items.len());
        level = items.first().and_then(|first| first.elements());
    }
    let mut elements = Vec::new();
    collect(call, items, &lengths, element, key, &mut elements)?;
    let dimensions = if elements.is_empty() { Vec::new() } else { lengths.iter().map(|length| (args::count(*length), 1)).collect() };
    Ok(Datum::Array(Arc::new(ArrayValue { element: element.oid, dimensions, elements })))
}

fn collect(
    call: &CallContext<'_>,
    items: &[Value<'_>],
    lengths: &[usize],
    element: Type,
    key: &str,
    elements: &mut Vec<Datum>,
) -> Result<()> {
    let malformed = || {
        let error = SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "malformed JSON array");
        error.detail("Multidimensional arrays must have sub-arrays with matching dimensions.")
    };
    let Some((length, deeper)) = lengths.split_first() else { return Err(malformed()) };
    if items.len() != *length {
        return Err(malformed());
    }
    for item in items {
        match item.elements() {
            Some(items) if !deeper.is_empty() => collect(call, &items, deeper, element, key, elements)?,
            Some(_) if !matches!(element.oid, crate::Oid::JSON | crate::Oid::JSONB) => return Err(malformed()),
            None if !deeper.is_empty() => return Err(not_an_array(key)),
            _ => elements.push(convert(call, *item, element, key)?),
        }
    }
    Ok(())
}

fn base(args: &[Datum]) -> Option<&RecordValue> {
    match args.first() {
        Some(Datum::Record(record)) => Some(record),
        _ => None,
    }
}

/// `*_populate_record(base, document)`
fn populate_record(call: &CallContext<'_>, args: &[Datum], declared: usize, function: &str) -> Result<Datum> {
    let Some(document) = document(args, 1)? else { return Ok(args[0].clone()) };
    Shape::of(args, declared, function)?.row(call, document.root(), base(args))
}

/// `*_to_record(document)`
fn to_record(call: &CallContext<'_>, args: &[Datum], function: &str) -> Result<Datum> {
    let Some(document) = document(args, 0)? else { return Ok(Datum::Null) };
    Shape::of(args, 1, function)?.row(call, document.root(), None)
}

/// A row for each element of the document, which stands at `index` of the arguments.
fn set(call: &CallContext<'_>, args: &[Datum], index: usize, declared: usize, function: &str) -> Result<Rows> {
    let Some(document) = document(args, index)? else { return Ok(Box::new(std::iter::empty())) };
    let shape = Shape::of(args, declared, function)?;
    let root = document.root();
    let Some(items) = root.elements() else {
        let kind = match (root, root.kind()) {
            (Value::Tree(_), "an object") => "a non-array",
            (_, kind) => kind,
        };
        return Err(invalid_parameter(format!("cannot call {function} on {kind}")));
    };
    let base = if index == 0 { None } else { base(args) };
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        if !item.is_object() {
            return Err(invalid_parameter(format!("argument of {function} must be an array of objects")));
        }
        rows.push(Ok(vec![shape.row(call, item, base)?]));
    }
    Ok(Box::new(rows.into_iter()))
}

macro_rules! calls {
    ($($name:ident -> $result:ty = |$call:ident, $args:ident, $function:ident| $body:expr;)*) => {
        $(pub(super) fn $name($call: &CallContext<'_>, $args: &[Datum]) -> Result<$result> {
            let $function = stringify!($name);
            $body
        })*
    };
}

calls! {
    json_populate_record -> Datum = |call, args, function| populate_record(call, args, 3, function);
    jsonb_populate_record -> Datum = |call, args, function| populate_record(call, args, 2, function);
    json_to_record -> Datum = |call, args, function| to_record(call, args, function);
    jsonb_to_record -> Datum = |call, args, function| to_record(call, args, function);
    json_populate_recordset -> Rows = |call, args, function| set(call, args, 1, 3, function);
    jsonb_populate_recordset -> Rows = |call, args, function| set(call, args, 1, 2, function);
    json_to_recordset -> Rows = |call, args, function| set(call, args, 0, 1, function);
    jsonb_to_recordset -> Rows = |call, args, function| set(call, args, 0, 1, function);
}
