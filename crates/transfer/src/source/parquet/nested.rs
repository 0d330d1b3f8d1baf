//! Columns of lists, maps and structures, as JSON.

use std::sync::Arc;

use borealis_pgtypes::copy_text;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Stored};
use parquet::data_type::Decimal;
use parquet::errors::ParquetError;
use parquet::file::reader::RowGroupReader;
use parquet::record::reader::{ReaderIter, TreeBuilder};
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use serde_json::{Map, Number, Value};

use super::{Cells, print};
use crate::source::batch::Refusal;
use crate::source::lines::check_text;

/// Refuses what the library's reader of records gets wrong, or cannot tell.
pub(super) fn check(field: &Type) -> Result<(), String> {
    if field.is_group() {
        return field.get_fields().iter().try_for_each(|field| check(field));
    }
    let info = field.get_basic_info();
    let nanos = |unit: TimeUnit| unit == TimeUnit::NANOS;
    let what = match info.logical_type_ref() {
        Some(LogicalType::Time(time)) if nanos(time.unit) => "times in nanoseconds",
        Some(LogicalType::Timestamp(stamp)) if nanos(stamp.unit) => "timestamps in nanoseconds",
        Some(LogicalType::Uuid) => "UUIDs",
        _ if field.get_physical_type() == Stored::INT96 => "timestamps of 96 bits",
        _ if info.converted_type() == ConvertedType::INTERVAL => "intervals",
        _ => return Ok(()),
    };
    Err(format!("has {what} inside of lists or structures, which are not read: choose other columns with --columns"))
}

struct Nested {
    rows: ReaderIter,
    values: Vec<Field>,
    /// The next row of those decoded.
    row: usize,
}

/// A column's values, each as a document.
pub(super) fn cells(field: &TypePtr, group: &dyn RowGroupReader) -> Result<Box<dyn Cells>, ParquetError> {
    let root = Type::group_type_builder("schema").with_fields(vec![Arc::clone(field)]).build()?;
    let rows = TreeBuilder::new().as_iter(Arc::new(SchemaDescriptor::new(Arc::new(root))), group)?;
    Ok(Box::new(Nested { rows, values: Vec::new(), row: 0 }))
}

impl Cells for Nested {
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.row = 0;
        let columns = self.rows.by_ref().take(rows).map(|row| Ok(row?.into_columns().pop().map_or(Field::Null, |(_, field)| field)));
        self.values = columns.collect::<Result<_, ParquetError>>()?;
        Ok(self.values.len())
    }

    fn write(&mut self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        self.row += 1;
        match &self.values[self.row - 1] {
            Field::Null => out.extend_from_slice(copy_text::NULL),
            field => copy_text::escape(document(field)?.to_string().as_bytes(), out),
        }
        Ok(())
    }
}

fn document(field: &Field) -> Result<Value, Refusal> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(*value),
        Field::Byte(value) => Value::from(*value),
        Field::Short(value) => Value::from(*value),
        Field::Int(value) => Value::from(*value),
        Field::Long(value) => Value::from(*value),
        Field::UByte(value) => Value::from(*value),
        Field::UShort(value) => Value::from(*value),
        Field::UInt(value) => Value::from(*value),
        Field::ULong(value) => Value::from(*value),
        Field::Float16(value) => number(|out| print::float(value.to_f32(), value.to_f64(), out))?,
        Field::Float(value) => number(|out| print::float(*value, f64::from(*value), out))?,
        Field::Double(value) => number(|out| print::float(*value, *value, out))?,
        Field::Decimal(value) => number(|out| decimal(value, out))?,
        Field::Str(text) => {
            check_text(text.as_bytes())?;
            Value::from(text.as_str())
        }
        Field::Bytes(bytes) => Value::from(format!("\\x{}", data_encoding::HEXLOWER.encode(bytes.data()))),
        Field::Date(days) => text(|out| print::date(i64::from(*days), out))?,
        Field::TimeMillis(value) => text(|out| print::time(i64::from(*value), TimeUnit::MILLIS, out))?,
        Field::TimeMicros(value) => text(|out| print::time(*value, TimeUnit::MICROS, out))?,
        Field::TimestampMillis(value) => text(|out| print::timestamp_in(*value, TimeUnit::MILLIS, false, out))?,
        Field::TimestampMicros(value) => text(|out| print::timestamp_in(*value, TimeUnit::MICROS, false, out))?,
        Field::Group(row) => structure(row)?,
        Field::ListInternal(list) => Value::Array(list.elements().iter().map(document).collect::<Result<_, _>>()?),
        Field::MapInternal(map) => {
            let entry = |(key, value): &(Field, Field)| Ok((name(document(key)?), document(value)?));
            Value::Object(map.entries().iter().map(entry).collect::<Result<Map<_, _>, Refusal>>()?)
        }
    })
}

fn structure(row: &Row) -> Result<Value, Refusal> {
    let members = row.get_column_iter().map(|(name, field)| Ok((name.clone(), document(field)?)));
    members.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn decimal(value: &Decimal, out: &mut Vec<u8>) -> Result<(), Refusal> {
    print::decimal(value.data(), value.scale(), out)
}

/// A key of an object: JSON has no others than text.
fn name(key: Value) -> String {
    match key {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn text(print: impl FnOnce(&mut Vec<u8>) -> Result<(), Refusal>) -> Result<Value, Refusal> {
    let mut out = Vec::new();
    print(&mut out)?;
    Ok(Value::from(String::from_utf8_lossy(&out).into_owned()))
}

/// As a number with all its digits; as text what JSON has no number for.
fn number(print: impl FnOnce(&mut Vec<u8>) -> Result<(), Refusal>) -> Result<Value, Refusal> {
    let text = text(print)?;
    let parsed = text.as_str().and_then(|digits| digits.parse::<Number>().ok());
    Ok(parsed.map_or(text, Value::Number))
}
