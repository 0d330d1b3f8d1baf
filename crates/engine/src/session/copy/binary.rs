//! COPY's binary format: a signature with flags, rows of counted and length-prefixed fields, and a count of -1 at the end.

use borealis_pgtypes::{Datum, Result, SqlError, SqlState, Type, binary};

/// What a file begins with.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, length of the header's extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;
/// Flags above these bits must be understood by who reads; none is defined any more.
const CRITICAL_FLAGS: u32 = 0xffff_0000;
/// The count of fields that ends the data.
const TRAILER: i16 = -1;
/// Longest header extension taken: PostgreSQL defines none.
const EXTENSION_BYTES_MAX: usize = 1 << 20;
/// Most bytes kept while a row is incomplete.
const ROW_BYTES_MAX: usize = 32 << 20;

/// One row's fields as they came; `None` is NULL.
pub(super) type RawFields = Vec<Option<Vec<u8>>>;

/// Splits binary COPY data into rows.
#[derive(Debug, Default)]
pub(super) struct BinaryReader {
    buffer: Vec<u8>,
    header_read: bool,
    ended: bool,
    /// Rows taken so far, as error contexts count them.
    pub(super) line: u64,
}

impl BinaryReader {
    /// Takes more data.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<()> {
        if self.ended && !data.is_empty() {
            return Err(bad("received copy data after EOF marker"));
        }
        if self.buffer.len() + data.len() > ROW_BYTES_MAX {
            return Err(SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "a row of COPY data is too long"));
        }
        self.buffer.extend_from_slice(data);
        Ok(())
    }

    /// The next complete row of `columns` fields; with `last`, nothing more will come.
    pub(super) fn next(&mut self, columns: usize, last: bool) -> Result<Option<RawFields>> {
        if !self.header_read {
            let Some(header) = header_length(&self.buffer, last)? else { return Ok(None) };
            self.buffer.drain(..header);
            self.header_read = true;
        }
        if self.ended || last && self.buffer.is_empty() {
            return Ok(None);
        }
        // Counted before it is read, so that an error in it names it.
        self.line += 1;
        match row(&self.buffer, columns)? {
            Row::Complete(fields, used) => {
                self.buffer.drain(..used);
                Ok(Some(fields))
            }
            Row::End => {
                self.ended = true;
                if self.buffer.len() > 2 {
                    return Err(bad("received copy data after EOF marker"));
                }
                self.buffer.clear();
                Ok(None)
            }
            Row::Incomplete if last => Err(bad("unexpected EOF in COPY data")),
            Row::Incomplete => {
                self.line -= 1;
                Ok(None)
            }
        }
    }
}

/// Bytes of the header, once all of it is there.
fn header_length(buffer: &[u8], last: bool) -> Result<Option<usize>> {
    let given = buffer.len().min(SIGNATURE.len());
    if buffer[..given] != SIGNATURE[..given] || last && given < SIGNATURE.len() {
        return Err(bad("COPY file signature not recognized"));
    }
    let mut rest = &buffer[given..];
    let (Some(flags), Some(extension)) = (take_i32(&mut rest), take_i32(&mut rest)) else {
        return if last { Err(bad("invalid COPY file header (missing flags)")) } else { Ok(None) };
    };
    if flags.cast_unsigned() & CRITICAL_FLAGS != 0 {
        return Err(bad("unrecognized critical flags in COPY file header"));
    }
    let extension = usize::try_from(extension).ok().filter(|length| *length <= EXTENSION_BYTES_MAX);
    let extension = extension.ok_or_else(|| bad("invalid COPY file header (missing length)"))?;
    if rest.len() >= extension {
        return Ok(Some(HEADER_BYTES + extension));
    }
    if last { Err(bad("invalid COPY file header (wrong length)")) } else { Ok(None) }
}

enum Row {
    Complete(RawFields, usize),
    Incomplete,
    End,
}

fn row(buffer: &[u8], columns: usize) -> Result<Row> {
    let mut rest = buffer;
    let Some(count) = take(&mut rest).map(i16::from_be_bytes) else { return Ok(Row::Incomplete) };
    if count == TRAILER {
        return Ok(Row::End);
    }
    if usize::try_from(count) != Ok(columns) {
        return Err(bad(&format!("row field count is {count}, expected {columns}")));
    }
    let mut fields = Vec::with_capacity(columns);
    for _ in 0..columns {
        let Some(length) = take_i32(&mut rest) else { return Ok(Row::Incomplete) };
        if length == -1 {
            fields.push(None);
            continue;
        }
        let length = usize::try_from(length).map_err(|_| bad("invalid field size"))?;
        let Some((field, after)) = rest.split_at_checked(length) else { return Ok(Row::Incomplete) };
        fields.push(Some(field.to_vec()));
        rest = after;
    }
    Ok(Row::Complete(fields, buffer.len() - rest.len()))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

fn take_i32(rest: &mut &[u8]) -> Option<i32> {
    take(rest).map(i32::from_be_bytes)
}

fn bad(text: &str) -> SqlError {
    SqlError::new(SqlState::BAD_COPY_FILE_FORMAT, text)
}

/// Appends the header.
pub(super) fn header(out: &mut Vec<u8>) {
    out.extend_from_slice(SIGNATURE);
    out.extend_from_slice(&[0; 8]);
}

/// Appends one row.
///
/// # Errors
/// For a type without a binary form.
pub(super) fn write_row(row: &[Datum], types: &[Type], out: &mut Vec<u8>) -> Result<()> {
    let count = i16::try_from(row.len()).map_err(|_| SqlError::internal("a row has too many columns"))?;
    out.extend_from_slice(&count.to_be_bytes());
    for (value, ty) in row.iter().zip(types) {
        if value.is_null() {
            out.extend_from_slice(&(-1i32).to_be_bytes());
            continue;
        }
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        binary::send(value, ty.oid, out)?;
        let length = i32::try_from(out.len() - length_at - 4).map_err(|_| SqlError::internal("a value is too long"))?;
        out[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Appends the end.
pub(super) fn trailer(out: &mut Vec<u8>) {
    out.extend_from_slice(&TRAILER.to_be_bytes());
}
