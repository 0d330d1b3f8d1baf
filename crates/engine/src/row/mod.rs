//! Rows: the values of a table's row, or the stored columns of an index entry, as bytes. `docs/formats/rows-and-keys.md` has the bytes.
//!
//! Values stand in `attnum` order, so a row written before a column was added is just shorter, and a reader that knows the columns' types can walk to
//! the ones it wants without looking at the others' contents.

pub mod entry;
#[cfg(test)]
mod tests;
mod value;

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};

pub use value::{Width, width};

/// First byte of every row. Another layout gets another number; this one stays readable.
pub const VERSION: u8 = 1;
const HEADER_BYTES: usize = 3;

/// Appends the row `values`, whose types are `types`.
///
/// # Errors
/// `0A000` for a value of a type that is not stored.
pub fn encode(out: &mut Vec<u8>, types: &[Oid], values: &[Datum]) -> Result<()> {
    debug_assert_eq!(types.len(), values.len(), "a value per column");
    let start = out.len();
    // Trailing NULLs need no place: a reader takes missing columns as NULL.
    let count = values.iter().rposition(|value| !value.is_null()).map_or(0, |last| last + 1);
    out.push(VERSION);
    out.extend(u16::try_from(count).map_err(|_| SqlError::internal("a row of more than 65535 columns"))?.to_le_bytes());
    out.resize(start + HEADER_BYTES + count.div_ceil(8), 0);
    for (column, (value, oid)) in values[..count].iter().zip(types).enumerate() {
        if value.is_null() {
            continue;
        }
        out[start + HEADER_BYTES + column / 8] |= 1 << (column % 8);
        value::encode(out, *oid, value)?;
    }
    Ok(())
}

/// Which columns of a row are wanted, and where: prepared once per plan.
#[derive(Clone, Debug)]
pub struct Reader {
    /// For each column up to the last wanted one: its type, its width, and the places in the output it goes to.
    columns: Vec<ReaderColumn>,
    wanted: usize,
    /// Whether the wanted columns are the first ones in order, so that values can be appended as they are read.
    in_order: bool,
}

#[derive(Clone, Debug)]
struct ReaderColumn {
    oid: Oid,
    width: Width,
    places: smallvec::SmallVec<[u16; 2]>,
}

impl Reader {
    /// A reader of `wanted` columns (indexes into `types`) of rows whose columns have these types.
    #[must_use]
    pub fn new(types: &[Oid], wanted: &[usize]) -> Self {
        let last = wanted.iter().max().map_or(0, |last| last + 1);
        let columns = types.iter().take(last).enumerate().map(|(column, oid)| {
            let places = wanted.iter().enumerate().filter(|(_, wanted)| **wanted == column);
            let places = places.filter_map(|(place, _)| u16::try_from(place).ok()).collect();
            ReaderColumn { oid: *oid, width: width(*oid), places }
        });
        let in_order = wanted.windows(2).all(|pair| pair[0] < pair[1]);
        Self { columns: columns.collect(), wanted: wanted.len(), in_order }
    }

    /// A reader that makes the same rows but fills only the places for which `keep` holds; the others are NULL.
    #[must_use]
    pub fn sparse(types: &[Oid], wanted: &[usize], keep: impl Fn(usize) -> bool) -> Self {
        let mut reader = Self::new(types, wanted);
        for column in &mut reader.columns {
            column.places.retain(|place| keep(usize::from(*place)));
        }
        let last = reader.columns.iter().rposition(|column| !column.places.is_empty());
        reader.columns.truncate(last.map_or(0, |last| last + 1));
        reader.in_order = false;
        reader
    }

    /// Appends the wanted values of a row.
    ///
    /// # Errors
    /// `XX001` when the bytes are none that [`encode`] writes.
    #[inline]
    pub fn read(&self, row: &[u8], out: &mut Vec<Datum>) -> Result<()> {
        if self.wanted == 0 {
            return Ok(());
        }
        let mut stored = Stored::open(row)?;
        let start = out.len();
        if self.in_order {
            for (column, wanted) in self.columns.iter().enumerate() {
                if !stored.has(column) {
                    out.extend(wanted.places.iter().map(|_| Datum::Null));
                } else if wanted.places.is_empty() {
                    stored.skip(wanted.width)?;
                } else {
                    out.push(value::decode(&mut stored.values, wanted.oid)?);
                }
            }
            return Ok(());
        }
        out.resize(start + self.wanted, Datum::Null);
        for (column, wanted) in self.columns.iter().enumerate() {
            if !stored.has(column) {
                continue;
            }
            let Some((first, others)) = wanted.places.split_first() else {
                stored.skip(wanted.width)?;
                continue;
            };
            let value = value::decode(&mut stored.values, wanted.oid)?;
            for place in others {
                out[start + usize::from(*place)] = value.clone();
            }
            out[start + usize::from(*first)] = value;
        }
        Ok(())
    }
}

/// A row being read.
struct Stored<'r> {
    nulls: &'r [u8],
    count: usize,
    values: &'r [u8],
}

impl<'r> Stored<'r> {
    #[inline]
    fn open(row: &'r [u8]) -> Result<Self> {
        let [version, low, high, rest @ ..] = row else { return Err(corrupt()) };
        if *version != VERSION {
            return Err(SqlError::new(
                SqlState::DATA_CORRUPTED,
                format!("a stored row has format {version}, which this version does not read"),
            ));
        }
        let count = usize::from(u16::from_le_bytes([*low, *high]));
        let (nulls, values) = rest.split_at_checked(count.div_ceil(8)).ok_or_else(corrupt)?;
        Ok(Self { nulls, count, values })
    }

    /// Whether the column has a value: it is neither NULL nor beyond the row's end.
    #[inline]
    fn has(&self, column: usize) -> bool {
        column < self.count && self.nulls[column / 8] >> (column % 8) & 1 == 1
    }

    #[inline]
    fn skip(&mut self, width: Width) -> Result<()> {
        let bytes = match width {
            Width::Fixed(bytes) => bytes,
            Width::Counted => value::take_length(&mut self.values)?,
        };
        self.values = self.values.get(bytes..).ok_or_else(corrupt)?;
        Ok(())
    }
}

#[cold]
pub(crate) fn corrupt() -> SqlError {
    SqlError::new(SqlState::DATA_CORRUPTED, "a stored row is damaged")
}
