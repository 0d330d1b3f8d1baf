//! Aggregates that gather their input: `string_agg`, `array_agg`, the JSON aggregates.

use std::collections::HashSet;
use std::sync::Arc;

use crate::functions::args::{array, bytea, invalid_parameter, optional, text};
use crate::functions::json_build::{build_jsonb, key_error, key_text, type_of, write_json};
use crate::functions::sql_json::duplicate;
use crate::json::write_string;
use crate::jsonb::Jsonb;
use crate::{Accumulator, ArrayValue, CallContext, Datum, Oid, Result, SqlError, SqlState};

/// The delimiter that came with the first value is not used, as in PostgreSQL.
struct StringAgg {
    joined: Option<String>,
}

impl Accumulator for StringAgg {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let Some(value) = optional(args, 0, text)? else { return Ok(()) };
        match &mut self.joined {
            Some(joined) => {
                joined.push_str(optional(args, 1, text)?.unwrap_or(""));
                joined.push_str(value);
            }
            None => self.joined = Some(value.to_owned()),
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.joined.as_deref().map_or(Datum::Null, Datum::text))
    }

    fn memory(&self) -> usize {
        self.joined.as_ref().map_or(0, String::capacity)
    }
}

pub(in crate::functions) fn string_agg(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(StringAgg { joined: None })
}

struct BytesAgg {
    joined: Option<Vec<u8>>,
}

impl Accumulator for BytesAgg {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let Some(value) = optional(args, 0, bytea)? else { return Ok(()) };
        match &mut self.joined {
            Some(joined) => {
                joined.extend_from_slice(optional(args, 1, bytea)?.unwrap_or(&[]));
                joined.extend_from_slice(value);
            }
            None => self.joined = Some(value.to_vec()),
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.joined.as_deref().map_or(Datum::Null, |bytes| Datum::Bytea(Arc::from(bytes))))
    }

    fn memory(&self) -> usize {
        self.joined.as_ref().map_or(0, Vec::capacity)
    }
}

pub(in crate::functions) fn bytes_agg(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(BytesAgg { joined: None })
}

/// Bytes a value holds outside its own 24.
fn heap_bytes(value: &Datum) -> usize {
    match value {
        Datum::Text(text) | Datum::Json(text) => text.len(),
        Datum::Bytea(bytes) => bytes.len(),
        Datum::Numeric(number) => 64 + number.heap_bytes(),
        Datum::Jsonb(value) => 32 + value.heap_bytes(),
        Datum::Array(array) => array.elements.len() * size_of::<Datum>(),
        Datum::Record(record) => record.values.len() * size_of::<Datum>(),
        _ => 0,
    }
}

#[derive(Default)]
struct ArrayAgg {
    elements: Vec<Datum>,
    bytes: usize,
}

impl Accumulator for ArrayAgg {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.bytes += heap_bytes(&args[0]);
        self.elements.push(args[0].clone());
        Ok(())
    }

    fn finish(&self, call: &CallContext<'_>) -> Result<Datum> {
        if self.elements.is_empty() {
            return Ok(Datum::Null);
        }
        let element = call.arg_types.first().copied().unwrap_or(Oid::TEXT);
        Ok(Datum::Array(ArrayValue::one_dimensional(element, self.elements.clone()).into()))
    }

    fn memory(&self) -> usize {
        self.bytes + self.elements.capacity() * size_of::<Datum>()
    }
}

pub(in crate::functions) fn array_agg(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(ArrayAgg::default())
}

/// `array_agg` over arrays of one shape: one dimension more.
#[derive(Default)]
struct ArrayAggArrays {
    shape: Option<(Oid, Vec<(i32, i32)>)>,
    elements: Vec<Datum>,
    rows: i32,
    bytes: usize,
}

impl Accumulator for ArrayAggArrays {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let refuse = |state: SqlState, message: &str| Err(SqlError::new(state, message));
        let Some(value) = optional(args, 0, array)? else {
            return refuse(SqlState::NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
        };
        if value.dimensions.is_empty() {
            return refuse(SqlState::ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
        }
        match &self.shape {
            None => self.shape = Some((value.element, value.dimensions.clone())),
            Some((_, dimensions)) if !dimensions.iter().map(|(length, _)| length).eq(value.dimensions.iter().map(|(length, _)| length)) => {
                return refuse(SqlState::ARRAY_SUBSCRIPT_ERROR, "cannot accumulate arrays of different dimensionality");
            }
            Some(_) => {}
        }
        self.bytes += value.elements.iter().map(heap_bytes).sum::<usize>();
        self.elements.extend_from_slice(&value.elements);
        self.rows += 1;
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        let Some((element, inner)) = &self.shape else { return Ok(Datum::Null) };
        let mut dimensions = vec![(self.rows, 1)];
        dimensions.extend(inner);
        Ok(Datum::Array(ArrayValue { element: *element, dimensions, elements: self.elements.clone() }.into()))
    }

    fn memory(&self) -> usize {
        self.bytes + self.elements.capacity() * size_of::<Datum>()
    }
}

pub(in crate::functions) fn array_agg_arrays(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(ArrayAggArrays::default())
}

struct JsonAgg {
    out: String,
    skip_nulls: bool,
    rows: bool,
}

impl Accumulator for JsonAgg {
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = &args[0];
        self.rows = true;
        if value.is_null() && self.skip_nulls {
            return Ok(());
        }
        if self.out.len() > 1 {
            self.out.push_str(", ");
            if matches!(value, Datum::Array(_) | Datum::Record(_)) {
                self.out.push_str("\n ");
            }
        }
        write_json(value, type_of(call, 0), call.eval, false, &mut self.out)
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(if self.rows { Datum::Json([&self.out, "]"].concat().into()) } else { Datum::Null })
    }

    fn memory(&self) -> usize {
        self.out.capacity()
    }
}

pub(in crate::functions) fn json_agg(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(JsonAgg { out: "[".to_owned(), skip_nulls: false, rows: false })
}

pub(in crate::functions) fn json_agg_strict(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(JsonAgg { out: "[".to_owned(), skip_nulls: true, rows: false })
}

struct JsonbAgg {
    items: Vec<Jsonb>,
    skip_nulls: bool,
    rows: bool,
    bytes: usize,
}

impl Accumulator for JsonbAgg {
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.rows = true;
        if args[0].is_null() && self.skip_nulls {
            return Ok(());
        }
        let item = build_jsonb(&args[0], type_of(call, 0), call.eval)?;
        self.bytes += size_of::<Jsonb>() + item.heap_bytes();
        self.items.push(item);
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(if self.rows { Datum::Jsonb(Arc::new(Jsonb::Array(self.items.clone()))) } else { Datum::Null })
    }

    fn memory(&self) -> usize {
        self.bytes
    }
}

pub(in crate::functions) fn jsonb_agg(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(JsonbAgg { items: Vec::new(), skip_nulls: false, rows: false, bytes: 0 })
}

pub(in crate::functions) fn jsonb_agg_strict(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(JsonbAgg { items: Vec::new(), skip_nulls: true, rows: false, bytes: 0 })
}

/// What an object aggregate does with NULL values and repeated keys.
#[derive(Clone, Copy, Default)]
struct ObjectRules {
    skip_nulls: bool,
    unique: bool,
}

fn object_key(call: &CallContext<'_>, args: &[Datum], null_error: SqlError) -> Result<String> {
    if args[0].is_null() { Err(null_error) } else { key_text(&args[0], type_of(call, 0), call.eval) }
}

struct JsonObjectAgg {
    out: String,
    rules: ObjectRules,
    seen: HashSet<String>,
    rows: bool,
}

impl Accumulator for JsonObjectAgg {
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.rows = true;
        let key = object_key(call, args, key_error())?;
        let skip = args[1].is_null() && self.rules.skip_nulls;
        if skip && !self.rules.unique {
            return Ok(());
        }
        if self.rules.unique && !self.seen.insert(key.clone()) {
            return Err(duplicate(&key, false));
        }
        if skip {
            return Ok(());
        }
        if self.out.len() > 2 {
            self.out.push_str(", ");
        }
        write_string(&mut self.out, &key);
        self.out.push_str(" : ");
        write_json(&args[1], type_of(call, 1), call.eval, false, &mut self.out)
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(if self.rows { Datum::Json([&self.out, " }"].concat().into()) } else { Datum::Null })
    }

    fn memory(&self) -> usize {
        self.out.capacity() + self.seen.iter().map(|key| key.len() + 32).sum::<usize>()
    }
}

struct JsonbObjectAgg {
    members: Vec<(Arc<str>, Jsonb)>,
    rules: ObjectRules,
    seen: HashSet<String>,
    rows: bool,
    bytes: usize,
}

impl Accumulator for JsonbObjectAgg {
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.rows = true;
        let key = object_key(call, args, invalid_parameter("field name must not be null"))?;
        let skip = args[1].is_null() && self.rules.skip_nulls;
        if self.rules.unique && !self.seen.insert(key.clone()) {
            return Err(duplicate(&key, true));
        }
        if skip {
            return Ok(());
        }
        let value = build_jsonb(&args[1], type_of(call, 1), call.eval)?;
        self.bytes += key.len() + value.heap_bytes() + size_of::<(Arc<str>, Jsonb)>();
        self.members.push((Arc::from(key), value));
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(if self.rows { Datum::Jsonb(Arc::new(Jsonb::object(self.members.clone()))) } else { Datum::Null })
    }

    fn memory(&self) -> usize {
        self.bytes
    }
}

fn json_object(rules: ObjectRules) -> Box<dyn Accumulator> {
    Box::new(JsonObjectAgg { out: "{ ".to_owned(), rules, seen: HashSet::new(), rows: false })
}

fn jsonb_object(rules: ObjectRules) -> Box<dyn Accumulator> {
    Box::new(JsonbObjectAgg { members: Vec::new(), rules, seen: HashSet::new(), rows: false, bytes: 0 })
}

macro_rules! object_aggregates {
    ($($builder:ident: fn $name:ident = $skip_nulls:literal $unique:literal;)*) => {
        $(pub(in crate::functions) fn $name(_: &CallContext<'_>) -> Box<dyn Accumulator> {
            $builder(ObjectRules { skip_nulls: $skip_nulls, unique: $unique })
        })*
    };
}

object_aggregates! {
    json_object: fn json_object_agg = false false;
    json_object: fn json_object_agg_strict = true false;
    json_object: fn json_object_agg_unique = false true;
    json_object: fn json_object_agg_unique_strict = true true;
    jsonb_object: fn jsonb_object_agg = false false;
    jsonb_object: fn jsonb_object_agg_strict = true false;
    jsonb_object: fn jsonb_object_agg_unique = false true;
    jsonb_object: fn jsonb_object_agg_unique_strict = true true;
}
