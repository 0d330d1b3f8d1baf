//! Statistics as they are kept: JSON, values in their text form, so that a later release reads them and a person can too.

use borealis_catalog::statistics::{ColumnStatistics, TableStatistics};
use borealis_pgtypes::{Datum, EvalContext, Oid, Result, Settings, SqlError, Type};
use serde::{Deserialize, Serialize};

/// Version written by this release. Statistics of another version are as good as none: the next ANALYZE makes them again.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct StoredTable {
    version: u32,
    rows: f64,
    bytes: f64,
    columns: Vec<StoredColumn>,
}

#[derive(Serialize, Deserialize)]
struct StoredColumn {
    number: i16,
    /// Type of its values.
    ty: Oid,
    null_fraction: f32,
    width: i32,
    distinct: f32,
    most_common: Vec<(String, f32)>,
    histogram: Vec<String>,
    correlation: Option<f32>,
}

/// The bytes of a table's statistics. `type_of`: a column's type by its number.
pub(super) fn encode(table: &TableStatistics, type_of: impl Fn(i16) -> Option<Oid>) -> Result<Vec<u8>> {
    let columns = table.columns.iter().filter_map(|(number, column)| Some((*number, type_of(*number)?, column)));
    let columns = columns.map(|(number, ty, column)| stored_column(number, ty, column)).collect::<Result<_>>()?;
    let stored = StoredTable { version: VERSION, rows: table.rows, bytes: table.bytes, columns };
    serde_json::to_vec(&stored).map_err(|error| SqlError::internal(format!("statistics cannot be written: {error}")))
}

fn stored_column(number: i16, ty: Oid, column: &ColumnStatistics) -> Result<StoredColumn> {
    Ok(StoredColumn {
        number,
        ty,
        null_fraction: column.null_fraction,
        width: column.width,
        distinct: column.distinct,
        most_common: column.most_common.iter().map(|(value, frequency)| Ok((text(value, ty)?, *frequency))).collect::<Result<_>>()?,
        histogram: column.histogram.iter().map(|value| text(value, ty)).collect::<Result<_>>()?,
        correlation: column.correlation,
    })
}

fn text(value: &Datum, ty: Oid) -> Result<String> {
    let mut text = String::new();
    borealis_pgtypes::text::output(value, ty, &Settings::default(), &mut text)?;
    Ok(text)
}

/// The statistics that [`encode`] wrote; `None` when another version wrote them.
///
/// # Errors
/// When the bytes are damaged.
pub(super) fn decode(bytes: &[u8], eval: &EvalContext<'_>) -> Result<Option<TableStatistics>> {
    let damaged = |error: serde_json::Error| SqlError::internal(format!("stored statistics cannot be read: {error}"));
    let version = serde_json::from_slice::<serde_json::Value>(bytes).map_err(damaged)?;
    if version.get("version").and_then(serde_json::Value::as_u64) != Some(u64::from(VERSION)) {
        return Ok(None);
    }
    let stored: StoredTable = serde_json::from_slice(bytes).map_err(damaged)?;
    let columns = stored.columns.into_iter().map(|column| Ok((column.number, read_column(column, eval)?)));
    Ok(Some(TableStatistics { rows: stored.rows, bytes: stored.bytes, columns: columns.collect::<Result<_>>()? }))
}

fn read_column(stored: StoredColumn, eval: &EvalContext<'_>) -> Result<ColumnStatistics> {
    let read = |text: &str| borealis_pgtypes::text::input(Type::plain(stored.ty), text, eval);
    Ok(ColumnStatistics {
        null_fraction: stored.null_fraction,
        width: stored.width,
        distinct: stored.distinct,
        most_common: stored.most_common.iter().map(|(text, frequency)| Ok((read(text)?, *frequency))).collect::<Result<_>>()?,
        histogram: stored.histogram.iter().map(|text| read(text)).collect::<Result<_>>()?,
        correlation: stored.correlation,
    })
}
