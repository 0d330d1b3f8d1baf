//! The key by which two tables can be cut into the same ranges.
//!
//! The ends of ranges travel from one server to the other, so both have to agree on what lies between two of them: on the columns, on what their types mean
//! by less, and for text on a collation. Aurora DSQL and Borealis know one, byte by byte; a PostgreSQL may sort by the rules of a language, and asked for
//! another order it would read the whole table for each range.

use borealis_client::Row;
use borealis_pgtypes::Oid;
use borealis_pgtypes::key_range::KeyColumn;

use super::reader::Reader;
use crate::error::TransferError;
use crate::name::literal;
use crate::table::{Table, text};

/// What two tables have in common.
pub(super) enum Common {
    /// A primary key with the same order on both sides.
    Key(Vec<KeyColumn>),
    /// Nothing to cut ranges by, and why.
    None(String),
}

/// Types by OID, with the name that the ends of ranges are written in: one without a length, to which a longer value would be cut.
const ORDERED: &[(Oid, &str)] = &[
    (Oid::BOOL, "boolean"),
    (Oid::BYTEA, "bytea"),
    (Oid::INT8, "bigint"),
    (Oid::INT2, "smallint"),
    (Oid::INT4, "integer"),
    (Oid::TEXT, "text"),
    (Oid::FLOAT4, "real"),
    (Oid::FLOAT8, "double precision"),
    (Oid::BPCHAR, "bpchar"),
    (Oid::VARCHAR, "varchar"),
    (Oid::DATE, "date"),
    (Oid::TIME, "time"),
    (Oid::TIMESTAMP, "timestamp"),
    (Oid::TIMESTAMPTZ, "timestamptz"),
    (Oid::INTERVAL, "interval"),
    (Oid::TIMETZ, "timetz"),
    (Oid::NUMERIC, "numeric"),
    (Oid::UUID, "uuid"),
];
/// Types that are ordered alike among each other, with the one that holds the values of all.
const ORDERED_ALIKE: &[(&[Oid], &str)] = &[(&[Oid::INT8, Oid::INT2, Oid::INT4], "bigint"), (&[Oid::TEXT, Oid::VARCHAR], "text")];

/// Whether this is Aurora DSQL or Borealis, where every text is sorted by its bytes.
const SERVICE: &str = "SELECT count(*) = 2 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = 'sys' AND c.relname IN ('jobs', 'iam_pg_role_mappings')";

/// Looks for the key; `wanted` are the columns by which the user says that rows belong together.
pub(super) async fn common(first: &Reader<'_>, second: &Reader<'_>, wanted: Option<&[String]>) -> Result<Common, TransferError> {
    let key = match same_key(&first.table, &second.table, wanted) {
        Ok(key) => key,
        Err(why) => return Ok(Common::None(why)),
    };
    for reader in [first, second] {
        if let Some(column) = sorted_otherwise(reader).await? {
            return Ok(Common::None(format!(
                "{} at {} sorts the key column \"{column}\" by another collation than C",
                reader.table.plain_name(),
                reader.address()
            )));
        }
    }
    Ok(Common::Key(key))
}

/// The primary key that both have, or why there is none.
fn same_key(first: &Table, second: &Table, wanted: Option<&[String]>) -> Result<Vec<KeyColumn>, String> {
    for table in [first, second] {
        if table.key.is_empty() {
            return Err(format!("{} has no primary key", table.plain_name()));
        }
    }
    let names = |table: &Table| table.key.iter().map(|place| table.columns[*place].name.clone()).collect::<Vec<_>>();
    if names(first) != names(second) {
        return Err(format!("the primary keys are other columns: {} and {}", names(first).join(", "), names(second).join(", ")));
    }
    if wanted.is_some_and(|wanted| wanted != names(second)) {
        return Err(format!("--key names other columns than the primary key, {}", names(second).join(", ")));
    }
    let columns = first.key.iter().zip(&second.key).map(|(one, other)| {
        let (one, other) = (&first.columns[*one], &second.columns[*other]);
        let unlike = || format!("the key column \"{}\" is {} here and {} there", other.name, other.type_name, one.type_name);
        let ty = ordered_as(Oid(one.base_type), Oid(other.base_type)).ok_or_else(unlike)?;
        Ok(KeyColumn { name: other.name.clone(), ty: ty.to_owned() })
    });
    columns.collect()
}

/// The type in which ends of ranges can be written for columns of these two.
fn ordered_as(first: Oid, second: Oid) -> Option<&'static str> {
    if first == second {
        return ORDERED.iter().find(|(oid, _)| *oid == first).map(|(_, name)| *name);
    }
    ORDERED_ALIKE.iter().find(|(oids, _)| oids.contains(&first) && oids.contains(&second)).map(|(_, name)| *name)
}

/// The first key column that is sorted in another order than that of its bytes in UTF-8.
async fn sorted_otherwise(reader: &Reader<'_>) -> Result<Option<String>, TransferError> {
    const TEXTS: [Oid; 3] = [Oid::TEXT, Oid::BPCHAR, Oid::VARCHAR];
    let table = &reader.table;
    let texts: Vec<&str> = table
        .key
        .iter()
        .map(|place| &table.columns[*place])
        .filter(|column| TEXTS.contains(&Oid(column.base_type)))
        .map(|column| column.name.as_str())
        .collect();
    if texts.is_empty() {
        return Ok(None);
    }
    if reader.rows(SERVICE).await?.first().is_some_and(|row| text(row, 0) == "t") {
        return Ok(None);
    }
    let names = texts.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
    let own = format!(
        "SELECT a.attname, c.collname FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation \
         WHERE a.attrelid = {}::oid AND a.attname IN ({names}) ORDER BY a.attnum",
        literal(&table.oid)
    );
    let of_database = "SELECT datcollate, datlocprovider, encoding FROM pg_catalog.pg_database WHERE datname = current_database()";
    let rows = reader.rows(&own).await?;
    let database = reader.rows(of_database).await?;
    let is_bytes = |name: &str| matches!(name, "C" | "POSIX" | "ucs_basic");
    let default_is_bytes = |row: &Row| is_bytes(text(row, 0)) && text(row, 1) == "c";
    let is_utf8 = database.first().is_some_and(|row| text(row, 2) == "6");
    let is_default_bytes = database.first().is_some_and(default_is_bytes);
    let sorted = |row: &&Row| is_utf8 && (is_bytes(text(row, 1)) || (text(row, 1) == "default" && is_default_bytes));
    Ok(rows.iter().find(|row| !sorted(row)).map(|row| text(row, 0).to_owned()))
}

#[cfg(test)]
mod tests {
    use borealis_pgtypes::Oid;

    use super::ordered_as;

    #[test]
    fn types_that_are_ordered_alike() {
        assert_eq!(ordered_as(Oid::INT4, Oid::INT4), Some("integer"));
        assert_eq!(ordered_as(Oid::INT4, Oid::INT8), Some("bigint"));
        assert_eq!(ordered_as(Oid::VARCHAR, Oid::TEXT), Some("text"));
        assert_eq!(ordered_as(Oid::BPCHAR, Oid::TEXT), None, "char(n) does not see blanks at the end");
        assert_eq!(ordered_as(Oid::INT8, Oid::NUMERIC), None);
        assert_eq!(ordered_as(Oid(600), Oid(600)), None, "a point has no order");
    }
}
