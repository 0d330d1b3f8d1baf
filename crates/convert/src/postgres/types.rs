//! PostgreSQL's types and what they become: the same where Aurora DSQL has it, text or jsonb where it has not.

use std::collections::BTreeMap;

use borealis_sql::parse::source::ColumnType;

use crate::error::ConvertError;
use crate::loss::Verdict;
use crate::mysql::types::{ColumnCheck, Mapped, TypeLoss, ValueKind};
use crate::options::{EnumType, JsonType, Options};

/// Enums of the source: schema and name as written, and the values.
pub(crate) type Enums = BTreeMap<String, Vec<String>>;

/// What a column becomes whose type `format_type` writes as `text`: `character varying(20)`, `integer[]`. Enums and other types of the source's own
/// become text.
///
/// # Errors
/// The text is no type.
pub fn column_type(text: &str, options: &Options) -> Result<Mapped, ConvertError> {
    let statement = format!("CREATE TABLE t (c {text})");
    let read = borealis_sql::parse::source::read(&statement);
    if let Ok(borealis_sql::parse::source::Source::CreateTable(table)) = read
        && let [column] = &table.columns[..]
        && table.constraints.is_empty()
        && column.constraints.is_empty()
    {
        return Ok(map(&column.ty, &Enums::new(), &[], options));
    }
    Err(ConvertError::new(crate::place::Place::START, format!("\"{text}\" is no type")))
}

fn plain(sql_type: impl Into<String>) -> Mapped {
    Mapped { sql_type: sql_type.into(), value: ValueKind::AsIs, checks: Vec::new(), losses: Vec::new() }
}

fn loses(mut mapped: Mapped, code: &'static str, message: impl Into<String>, advice: Option<&'static str>) -> Mapped {
    mapped.losses.push(TypeLoss { verdict: Verdict::Loss, code, message: message.into(), advice });
    mapped
}

/// What a type becomes.
pub(crate) fn map(ty: &ColumnType, enums: &Enums, domains: &[String], options: &Options) -> Mapped {
    if ty.dimensions > 0 {
        return array(ty, options);
    }
    let qualified = ty.schema.as_ref().map_or_else(|| ty.name.clone(), |schema| format!("{schema}.{}", ty.name));
    if let Some(labels) = enums.get(&qualified) {
        return enumeration(labels, options);
    }
    if domains.contains(&qualified) {
        return plain(qualified.strip_prefix("public.").unwrap_or(&qualified));
    }
    let modifiers = if ty.modifiers.is_empty() { String::new() } else { format!("({})", ty.modifiers.join(",")) };
    match ty.name.as_str() {
        "int2" => plain("smallint"),
        "int4" => plain("integer"),
        "int8" => plain("bigint"),
        "float4" => plain("real"),
        "float8" => plain("double precision"),
        "bool" => plain("boolean"),
        "text" | "date" | "bytea" | "uuid" => plain(ty.name.clone()),
        "time" | "timetz" | "timestamp" | "timestamptz" => plain(format!("{}{modifiers}", ty.name)),
        "interval" => plain("interval"),
        "numeric" => numeric(ty, options),
        "bpchar" | "varchar" => characters(ty),
        "json" | "jsonb" => json(ty, options),
        "oid" => plain("bigint"),
        "name" => plain("text"),
        "char" => plain("char(1)"),
        "money" => {
            let mapped = loses(plain("numeric(19,4)"), "money", "money: the amount alone, without a currency", None);
            Mapped { value: ValueKind::Money, ..mapped }
        }
        "bit" | "varbit" => loses(plain("text"), "bits", format!("{}{modifiers}: zeros and ones as text", ty.name), None),
        "citext" => loses(plain("text"), "collation", "citext: here texts differ by case", Some("compare lower(column), and index that")),
        "serial" | "serial4" | "serial2" | "smallserial" | "serial8" | "bigserial" => plain("bigint"),
        name => {
            let advice = borealis_dialect::lookup(&format!("type/{name}"), options.dialect).and_then(|row| row.advice);
            loses(plain("text"), "type", format!("{name}: values as text, without its operators"), advice)
        }
    }
}

fn array(ty: &ColumnType, options: &Options) -> Mapped {
    let numbers = matches!(ty.name.as_str(), "int2" | "int4" | "int8" | "float4" | "float8" | "numeric");
    if options.accepts("type/jsonb") {
        let mapped = loses(
            plain("jsonb"),
            "array",
            format!("{}[]: a JSON array", ty.name),
            Some("jsonb_array_elements() instead of unnest(), @> instead of ANY"),
        );
        return Mapped { value: ValueKind::Array { numbers, boolean: ty.name == "bool" }, ..mapped };
    }
    loses(
        plain("text"),
        "array",
        format!("{}[]: the array as text", ty.name),
        Some("string_to_array() when reading, or a table of its own"),
    )
}

fn enumeration(labels: &[String], options: &Options) -> Mapped {
    let sql_type = if options.choices.enumeration == EnumType::Text { "text" } else { "varchar(255)" };
    let mapped = Mapped { checks: vec![ColumnCheck::OneOf(labels.to_vec())], ..plain(sql_type) };
    loses(mapped, "enum-order", "enum: sorts by name, not by position", None)
}

fn numeric(ty: &ColumnType, options: &Options) -> Mapped {
    let [precision, rest @ ..] = &ty.modifiers[..] else { return plain("numeric") };
    let (precision, scale) = (precision.parse::<u64>().unwrap_or(0), rest.first().and_then(|scale| scale.parse::<i64>().ok()).unwrap_or(0));
    let most = borealis_dialect::limit("numeric precision", options.dialect);
    let scale_most = i64::try_from(borealis_dialect::limit("numeric scale", options.dialect)).unwrap_or(i64::MAX);
    let least = if most < 1000 { 0 } else { -scale_most };
    let mapped = plain(format!("numeric({},{})", precision.min(most), scale.clamp(least, scale_most)));
    if precision > most || scale > scale_most || scale < least {
        return loses(mapped, "numeric-precision", format!("numeric({precision},{scale}) is cut to what the dialect has"), None);
    }
    mapped
}

fn characters(ty: &ColumnType) -> Mapped {
    const CHAR_MAX: u64 = 4096;
    const VARCHAR_MAX: u64 = 65_535;
    let fixed = ty.name == "bpchar";
    let length = ty.modifiers.first().and_then(|length| length.parse::<u64>().ok());
    match length {
        None if fixed => plain("bpchar"),
        None => plain("varchar"),
        Some(length) if fixed && length <= CHAR_MAX => plain(format!("char({length})")),
        Some(length) if length <= VARCHAR_MAX && !fixed => plain(format!("varchar({length})")),
        Some(length) => {
            let sql_type = if length <= VARCHAR_MAX { format!("varchar({length})") } else { "text".to_owned() };
            loses(plain(sql_type.clone()), "length", format!("a length of {length} is too much: {sql_type}"), None)
        }
    }
}

fn json(ty: &ColumnType, options: &Options) -> Mapped {
    if options.choices.json == JsonType::Text || !options.accepts(&format!("type/{}", ty.name)) {
        return loses(
            plain("text"),
            "json-text",
            format!("{}: text that is not checked to be a document", ty.name),
            Some("cast when reading: column::jsonb"),
        );
    }
    plain(ty.name.clone())
}
