//! Columns with one plain value a row.

use std::sync::Arc;

use borealis_pgtypes::{Oid, copy_text};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use super::{Cells, print};
use crate::source::batch::Refusal;

/// What a stored value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// What its stored form says.
    Plain,
    Text,
    Unsigned,
    /// With so many digits behind the point.
    Decimal(i32),
    Date,
    Time(TimeUnit),
    /// A moment, or a local time.
    Timestamp(TimeUnit, bool),
    Uuid,
    Half,
    Interval,
}

fn meaning(column: &ColumnDescriptor) -> Meaning {
    match column.logical_type_ref() {
        Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Meaning::Text,
        Some(LogicalType::Decimal(decimal)) => Meaning::Decimal(decimal.scale),
        Some(LogicalType::Date) => Meaning::Date,
        Some(LogicalType::Time(time)) => Meaning::Time(time.unit),
        Some(LogicalType::Timestamp(stamp)) => Meaning::Timestamp(stamp.unit, stamp.is_adjusted_to_u_t_c),
        Some(LogicalType::Integer(integer)) if !integer.is_signed => Meaning::Unsigned,
        Some(LogicalType::Uuid) => Meaning::Uuid,
        Some(LogicalType::Float16) => Meaning::Half,
        Some(_) => Meaning::Plain,
        None => older_meaning(column),
    }
}

/// As files said it before there were logical types; all their timestamps are moments.
fn older_meaning(column: &ColumnDescriptor) -> Meaning {
    match column.converted_type() {
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Meaning::Text,
        ConvertedType::DECIMAL => Meaning::Decimal(column.type_scale()),
        ConvertedType::DATE => Meaning::Date,
        ConvertedType::TIME_MILLIS => Meaning::Time(TimeUnit::MILLIS),
        ConvertedType::TIME_MICROS => Meaning::Time(TimeUnit::MICROS),
        ConvertedType::TIMESTAMP_MILLIS => Meaning::Timestamp(TimeUnit::MILLIS, true),
        ConvertedType::TIMESTAMP_MICROS => Meaning::Timestamp(TimeUnit::MICROS, true),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => Meaning::Unsigned,
        ConvertedType::INTERVAL => Meaning::Interval,
        _ => Meaning::Plain,
    }
}

/// A column's values, printed for a column of this type.
pub(super) fn cells(reader: ColumnReader, column: &Arc<ColumnDescriptor>, here: Oid) -> Box<dyn Cells> {
    let (meaning, nullable) = (meaning(column), column.max_def_level() > 0);
    match reader {
        ColumnReader::BoolColumnReader(reader) => flat(reader, nullable, |value, out| print::boolean(*value, out)),
        ColumnReader::Int32ColumnReader(reader) => flat(reader, nullable, move |value, out| whole(i64::from(*value), meaning, 32, out)),
        ColumnReader::Int64ColumnReader(reader) => flat(reader, nullable, move |value, out| whole(*value, meaning, 64, out)),
        ColumnReader::Int96ColumnReader(reader) => {
            flat(reader, nullable, |value, out| print::timestamp(i128::from(value.to_micros()), false, out))
        }
        ColumnReader::FloatColumnReader(reader) => flat(reader, nullable, |value, out| print::float(*value, f64::from(*value), out)),
        ColumnReader::DoubleColumnReader(reader) => flat(reader, nullable, |value, out| print::float(*value, *value, out)),
        ColumnReader::ByteArrayColumnReader(reader) => flat(reader, nullable, move |value, out| bytes(value.data(), meaning, here, out)),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            flat(reader, nullable, move |value, out| bytes(value.data(), meaning, here, out))
        }
    }
}

fn whole(value: i64, meaning: Meaning, bits: u32, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match meaning {
        Meaning::Unsigned => print::shown(value as u64 & (u64::MAX >> (64 - bits)), out),
        Meaning::Decimal(scale) => print::decimal(&value.to_be_bytes(), scale, out),
        Meaning::Date => print::date(value, out),
        Meaning::Time(unit) => print::time(value, unit, out),
        Meaning::Timestamp(unit, is_moment) => print::timestamp_in(value, unit, is_moment, out),
        _ => print::shown(value, out),
    }
}

fn bytes(value: &[u8], meaning: Meaning, here: Oid, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match (meaning, here) {
        (Meaning::Decimal(scale), _) => print::decimal(value, scale, out),
        (Meaning::Half, _) => print::half(value, out),
        (Meaning::Interval, _) => print::interval(value, out),
        (Meaning::Text, _) => print::text(value, out),
        (_, Oid::BYTEA) => print::bytea(value, out),
        (Meaning::Uuid, _) | (_, Oid::UUID) => print::uuid(value, out),
        // Old writers do not say that text is text.
        _ => print::text(value, out),
    }
}

struct Flat<T: DataType, P> {
    reader: ColumnReaderImpl<T>,
    nullable: bool,
    /// How a value is printed.
    print: P,
    /// One a row, if there can be NULL: 1 where there is a value.
    levels: Vec<i16>,
    values: Vec<T::T>,
    /// The next row of those decoded.
    row: usize,
    /// The next value.
    value: usize,
}

fn flat<T: DataType>(
    reader: ColumnReaderImpl<T>,
    nullable: bool,
    print: impl Fn(&T::T, &mut Vec<u8>) -> Result<(), Refusal> + 'static,
) -> Box<dyn Cells> {
    let (levels, values) = (Vec::new(), Vec::new());
    Box::new(Flat { reader, nullable, print, levels, values, row: 0, value: 0 })
}

impl<T: DataType, P: Fn(&T::T, &mut Vec<u8>) -> Result<(), Refusal>> Cells for Flat<T, P> {
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.levels.clear();
        self.values.clear();
        (self.row, self.value) = (0, 0);
        let levels = self.nullable.then_some(&mut self.levels);
        let (records, ..) = self.reader.read_records(rows, levels, None, &mut self.values)?;
        let filled = if self.nullable { self.levels.iter().filter(|level| **level > 0).count() } else { records };
        if filled != self.values.len() || (self.nullable && self.levels.len() != records) {
            return Err(ParquetError::General(format!("{} values where {filled} are announced", self.values.len())));
        }
        Ok(records)
    }

    fn write(&mut self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let is_null = self.nullable && self.levels[self.row] == 0;
        self.row += 1;
        if is_null {
            out.extend_from_slice(copy_text::NULL);
            return Ok(());
        }
        self.value += 1;
        (self.print)(&self.values[self.value - 1], out)
    }
}
