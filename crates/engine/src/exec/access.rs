//! From the bounds of a scan to ranges of keys.
//!
//! A bound becomes bytes: the prefix of matched keys, then the lower and upper values of the next keys. `= ANY` makes several prefixes, visited in key
//! order, so that the scan's order is the index's order whatever the array's was. Of several bounds on one side the narrowest counts: bytes compare as
//! values do, also as rows of them.

use std::ops::Bound;

use borealis_catalog::{Index, IndexKey, IndexKeyPart, Table};
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};
use borealis_sql::plan::{Access, Bounds, Edge, KeyMatch};
use borealis_storage::KeyRange;
use smallvec::SmallVec;

use super::bound_value::{Place, encode, outwards};
use crate::eval::{Code, Compiler, Runtime};
use crate::key;

/// A key column of an index.
#[derive(Clone, Copy, Debug)]
pub struct KeyColumn {
    /// Type of its values.
    pub oid: Oid,
    /// Where NULLs stand.
    pub nulls_first: bool,
}

/// Key columns of an index of a table.
#[must_use]
pub fn key_columns(table: &Table, index: &Index) -> Vec<KeyColumn> {
    index.keys.iter().map(|key| KeyColumn::of(table, key)).collect()
}

impl KeyColumn {
    fn of(table: &Table, key: &IndexKey) -> Self {
        let oid = match &key.part {
            IndexKeyPart::Column(number) => table.column_number(*number).map_or(Oid::INVALID, |column| column.ty.oid),
            IndexKeyPart::Expression(_, ty) => ty.oid,
        };
        Self { oid, nulls_first: key.nulls_first }
    }
}

/// A match of one key, compiled.
#[derive(Debug)]
enum Match {
    Equal(Code),
    Any(Code),
    IsNull,
}

/// One side of a range, compiled.
#[derive(Debug)]
struct EdgeCode {
    values: Vec<Code>,
    inclusive: bool,
    near: bool,
}

/// Bounds, compiled.
#[derive(Debug)]
pub struct BoundsCode {
    object: Oid,
    columns: Vec<KeyColumn>,
    prefix: Vec<Match>,
    lower: Vec<EdgeCode>,
    upper: Vec<EdgeCode>,
    /// All keys of a unique, NULL-free key are matched exactly: at most one row.
    unique: bool,
}

/// Ranges to visit, in key order.
pub type Ranges = SmallVec<[KeyRange; 1]>;

/// Bounds of an access path over the index (or primary key) `object` with these key columns.
///
/// # Errors
/// `XX000` for an expression that is not planned.
pub fn compile(compiler: &Compiler<'_>, access: &Access, table: &Table) -> Result<BoundsCode> {
    let empty = Bounds::default();
    let (object, index, bounds) = match access {
        Access::Full => (table.oid, table.primary_key.as_ref(), &empty),
        Access::PrimaryKey(bounds) => (table.oid, table.primary_key.as_ref(), bounds),
        Access::Index { index, bounds, .. } => (*index, Some(find_index(table, *index)?), bounds),
    };
    let columns: Vec<KeyColumn> =
        index.map(|index| table.entry_keys(index).map(|key| KeyColumn::of(table, key)).collect()).unwrap_or_default();
    let all_equal = bounds.prefix.iter().all(|part| matches!(part, KeyMatch::Equal(_)));
    let unique = object == table.oid && all_equal && !columns.is_empty() && bounds.prefix.len() == columns.len();
    let prefix = bounds
        .prefix
        .iter()
        .map(|part| {
            Ok(match part {
                KeyMatch::Equal(expr) => Match::Equal(compiler.compile(expr)?),
                KeyMatch::Any(expr) => Match::Any(compiler.compile(expr)?),
                KeyMatch::IsNull => Match::IsNull,
            })
        })
        .collect::<Result<_>>()?;
    let edges = |edges: &[Edge]| edges.iter().map(|edge| EdgeCode::compile(compiler, edge)).collect::<Result<_>>();
    Ok(BoundsCode { object, columns, prefix, lower: edges(&bounds.lower)?, upper: edges(&bounds.upper)?, unique })
}

/// The secondary index of that oid.
///
/// # Errors
/// `XX000` when the table has none.
pub fn find_index(table: &Table, oid: Oid) -> Result<&Index> {
    table
        .indexes
        .iter()
        .find(|index| index.oid == oid)
        .ok_or_else(|| SqlError::internal(format!("table {} has no index {oid}", table.name)))
}

impl BoundsCode {
    /// Whether at most one row can match, found by its whole key.
    #[must_use]
    pub const fn is_point(&self) -> bool {
        self.unique
    }

    /// The whole key of the only row that can match; false when a value is NULL and none does.
    ///
    /// # Errors
    /// Whatever the bounds answer.
    pub fn point_key(&self, rt: &mut Runtime<'_>, key: &mut Vec<u8>) -> Result<bool> {
        key.clear();
        key.extend(key::prefix(self.object));
        for (part, column) in self.prefix.iter().zip(&self.columns) {
            let Match::Equal(code) = part else { return Err(SqlError::internal("a point access without its whole key")) };
            let mut place = Datum::Null;
            let value = code.eval_ref(rt, &[], &mut place)?;
            if value.is_null() {
                return Ok(false);
            }
            if encode(key, *column, value)? != Place::Among {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The ranges to visit.
    ///
    /// # Errors
    /// Whatever the bounds answer.
    pub fn ranges(&self, rt: &mut Runtime<'_>) -> Result<Ranges> {
        let mut prefixes: SmallVec<[Vec<u8>; 1]> = SmallVec::new();
        prefixes.push(key::prefix(self.object).to_vec());
        for (part, column) in self.prefix.iter().zip(&self.columns) {
            match part {
                Match::Equal(code) => {
                    let value = code.eval(rt, &[])?;
                    if value.is_null() || append(&mut prefixes, *column, &value)? != Place::Among {
                        return Ok(Ranges::new());
                    }
                }
                Match::IsNull => {
                    append(&mut prefixes, *column, &Datum::Null)?;
                }
                Match::Any(code) => match code.eval(rt, &[])? {
                    Datum::Null => return Ok(Ranges::new()),
                    Datum::Array(array) => prefixes = multiply(&prefixes, *column, &array.elements)?,
                    _ => return Err(SqlError::internal("= ANY of a value that is no array")),
                },
            }
        }
        self.bounded(rt, prefixes)
    }

    /// Applies the bounds of the keys after the prefix.
    fn bounded(&self, rt: &mut Runtime<'_>, prefixes: SmallVec<[Vec<u8>; 1]>) -> Result<Ranges> {
        if self.lower.is_empty() && self.upper.is_empty() {
            return Ok(prefixes.into_iter().map(KeyRange::prefix).collect());
        }
        let columns = self.columns.get(self.prefix.len()..).unwrap_or_default();
        // An open side still leaves out NULLs of the first key.
        let mut start = vec![key::value_marker()];
        let mut end = after(start.clone())?;
        for edge in &self.lower {
            let Some((bytes, inclusive)) = edge.bytes(rt, columns, true)? else { return Ok(Ranges::new()) };
            start = start.max(if inclusive { bytes } else { after(bytes)? });
        }
        for edge in &self.upper {
            let Some((bytes, inclusive)) = edge.bytes(rt, columns, false)? else { return Ok(Ranges::new()) };
            end = end.min(if inclusive { after(bytes)? } else { bytes });
        }
        let range = |prefix: Vec<u8>| KeyRange {
            start: Bound::Included([&prefix[..], &start].concat()),
            end: Bound::Excluded([&prefix[..], &end].concat()),
        };
        Ok(prefixes.into_iter().map(range).collect())
    }
}

impl EdgeCode {
    fn compile(compiler: &Compiler<'_>, edge: &Edge) -> Result<Self> {
        let values = edge.values.iter().map(|value| compiler.compile(value)).collect::<Result<_>>()?;
        Ok(Self { values, inclusive: edge.inclusive, near: edge.near })
    }

    /// The values as keys begin with them, and whether such keys are included; `None`: nothing compares with the edge.
    fn bytes(&self, rt: &mut Runtime<'_>, columns: &[KeyColumn], is_lower: bool) -> Result<Option<(Vec<u8>, bool)>> {
        let mut bytes = Vec::new();
        if self.values.len() > columns.len() {
            return Err(SqlError::internal("a bound beyond the last key"));
        }
        for (index, (code, column)) in self.values.iter().zip(columns).enumerate() {
            let value = match code.eval(rt, &[]) {
                Ok(value) if self.near && index + 1 == self.values.len() => outwards(value, is_lower),
                // Where the two are compared the value need not be converted, so that is no error.
                Err(error) if self.near && error.sqlstate() == SqlState::DATETIME_FIELD_OVERFLOW => {
                    return Ok(Some((open(bytes, is_lower)?, is_lower)));
                }
                other => other?,
            };
            if value.is_null() {
                return Ok((!bytes.is_empty()).then_some((bytes, false)));
            }
            let place = encode(&mut bytes, *column, &value)?;
            if place != Place::Among {
                return Ok(Some((open(bytes, place == Place::Below)?, is_lower)));
            }
        }
        Ok(Some((bytes, self.inclusive)))
    }
}

/// The place before (`first`) or behind all values of the key that follows `bytes`. As a lower edge it is included, as an upper one not: so it is a place
/// between keys.
fn open(mut bytes: Vec<u8>, first: bool) -> Result<Vec<u8>> {
    bytes.push(key::value_marker());
    if first { Ok(bytes) } else { after(bytes) }
}

/// Where the keys that begin with `bytes` end. Keys with further columns begin with the bytes of an edge: "after the edge" is after all of them.
fn after(bytes: Vec<u8>) -> Result<Vec<u8>> {
    match KeyRange::prefix(bytes).end {
        Bound::Excluded(end) => Ok(end),
        Bound::Included(_) | Bound::Unbounded => Err(SqlError::internal("keys that begin with no marker")),
    }
}

fn append(prefixes: &mut SmallVec<[Vec<u8>; 1]>, column: KeyColumn, value: &Datum) -> Result<Place> {
    prefixes.iter_mut().try_fold(Place::Among, |_, prefix| encode(prefix, column, value))
}

/// Each prefix with each distinct element that is not NULL, in key order.
fn multiply(prefixes: &[Vec<u8>], column: KeyColumn, elements: &[Datum]) -> Result<SmallVec<[Vec<u8>; 1]>> {
    let mut encoded = Vec::with_capacity(elements.len());
    for element in elements.iter().filter(|element| !element.is_null()) {
        let mut bytes = Vec::new();
        if encode(&mut bytes, column, element)? == Place::Among {
            encoded.push(bytes);
        }
    }
    encoded.sort_unstable();
    encoded.dedup();
    Ok(prefixes.iter().flat_map(|prefix| encoded.iter().map(move |bytes| [&prefix[..], bytes].concat())).collect())
}
