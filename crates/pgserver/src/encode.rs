//! Rows and their descriptions on the wire.

use borealis_pgtypes::{Datum, Oid, Result, Settings, SqlError, binary, text, types};
use borealis_sql::bound::OutputColumn;
use bytes::{BufMut, BytesMut};

/// Formats of a result's columns, as Bind asks for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Formats {
    /// All text.
    #[default]
    Text,
    /// All binary.
    Binary,
    /// Each its own; true is binary.
    Each(Vec<bool>),
}

impl Formats {
    /// From the format codes of Bind: none, one for all, or one per column.
    pub(crate) fn from_codes(codes: &[i16]) -> Result<Self> {
        for code in codes {
            if !matches!(code, 0 | 1) {
                return Err(SqlError::new(borealis_pgtypes::SqlState::INVALID_PARAMETER_VALUE, format!("unsupported format code: {code}")));
            }
        }
        Ok(match codes {
            [] | [0] => Self::Text,
            [1] => Self::Binary,
            many => Self::Each(many.iter().map(|code| *code == 1).collect()),
        })
    }

    pub(crate) fn is_binary(&self, column: usize) -> bool {
        match self {
            Self::Text => false,
            Self::Binary => true,
            Self::Each(formats) => formats.get(column).copied().unwrap_or(false),
        }
    }

    /// # Errors
    /// `08P01` when the number of codes fits neither rule.
    pub(crate) fn check(&self, columns: usize) -> Result<()> {
        match self {
            Self::Each(formats) if formats.len() != columns => {
                let text = format!("bind message has {} result formats but query has {columns} columns", formats.len());
                Err(SqlError::new(borealis_pgtypes::SqlState::PROTOCOL_VIOLATION, text))
            }
            Self::Each(_) | Self::Text | Self::Binary => Ok(()),
        }
    }
}

/// RowDescription.
pub(crate) fn row_description(out: &mut BytesMut, columns: &[OutputColumn], formats: &Formats) {
    let length_at = begin(out, b'T');
    out.put_i16(i16::try_from(columns.len()).unwrap_or(i16::MAX));
    for (index, column) in columns.iter().enumerate() {
        out.put_slice(column.name.as_bytes());
        out.put_u8(0);
        let (table, number) = column.origin.unwrap_or((Oid::INVALID, 0));
        out.put_u32(table.0);
        out.put_i16(number);
        let ty = column.ty.described();
        out.put_u32(ty.oid.0);
        out.put_i16(types::by_oid(ty.oid).map_or(-1, |info| info.length));
        out.put_i32(ty.typmod);
        out.put_i16(i16::from(formats.is_binary(index)));
    }
    end(out, length_at);
}

/// ParameterDescription.
pub(crate) fn parameter_description(out: &mut BytesMut, parameters: &[Oid]) {
    let length_at = begin(out, b't');
    out.put_u16(u16::try_from(parameters.len()).unwrap_or(u16::MAX));
    for parameter in parameters {
        out.put_u32(parameter.0);
    }
    end(out, length_at);
}

/// DataRow.
pub(crate) fn data_row(
    out: &mut BytesMut,
    values: &[Datum],
    columns: &[OutputColumn],
    formats: &Formats,
    settings: &Settings,
    scratch: &mut Scratch,
) -> Result<()> {
    let length_at = begin(out, b'D');
    out.put_i16(i16::try_from(values.len()).unwrap_or(i16::MAX));
    for (index, value) in values.iter().enumerate() {
        if value.is_null() {
            out.put_i32(-1);
            continue;
        }
        let oid = columns.get(index).map_or(Oid::TEXT, |column| column.ty.oid);
        let bytes = if formats.is_binary(index) {
            scratch.binary.clear();
            binary::send(value, oid, &mut scratch.binary)?;
            scratch.binary.as_slice()
        } else {
            scratch.text.clear();
            text::output(value, oid, settings, &mut scratch.text)?;
            scratch.text.as_bytes()
        };
        out.put_i32(i32::try_from(bytes.len()).map_err(|_| SqlError::internal("a value is too long for the protocol"))?);
        out.put_slice(bytes);
    }
    end(out, length_at);
    Ok(())
}

/// Memory used again for each value.
#[derive(Default)]
pub(crate) struct Scratch {
    text: String,
    binary: Vec<u8>,
}

fn begin(out: &mut BytesMut, kind: u8) -> usize {
    out.put_u8(kind);
    out.put_i32(0);
    out.len() - 4
}

fn end(out: &mut BytesMut, length_at: usize) {
    let length = i32::try_from(out.len() - length_at).unwrap_or(i32::MAX);
    out[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
}
