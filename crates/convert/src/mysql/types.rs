//! MySQL's types and what they become.

use borealis_sql::deparse::quote::literal;
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::ConvertError;
use crate::loss::Verdict;
use crate::options::{Bit, EnumType, JsonType, Options, SetType, Spatial, TimeType, TimestampType, TinyInt1, Unsigned, YearType};
use crate::place::Place;

type R<T> = Result<T, ConvertError>;

/// A type as MySQL's grammar has it, its synonyms replaced by one name each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceType {
    /// In capitals: `INT`, `VARCHAR`, `ENUM`.
    pub(crate) name: String,
    /// Lengths in brackets.
    pub(crate) args: Vec<u64>,
    /// Members of ENUM and SET.
    pub(crate) values: Vec<String>,
    pub(crate) unsigned: bool,
    pub(crate) zerofill: bool,
    pub(crate) charset: Option<String>,
    pub(crate) collation: Option<String>,
    /// SERIAL: NOT NULL, AUTO_INCREMENT and UNIQUE come with it.
    pub(crate) serial: bool,
}

/// How a value of a column has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `true` and `false`; MySQL has 0 and 1.
    Boolean,
    /// Whole numbers of a range.
    Integer {
        /// Smallest.
        min: i128,
        /// Largest.
        max: i128,
    },
    /// Decimal digits.
    Numeric,
    /// Floating point.
    Float,
    /// Characters.
    Text,
    /// One of these.
    Enumeration(Vec<String>),
    /// Bytes.
    Bytes,
    /// A day.
    Date,
    /// A day and a time.
    Timestamp {
        /// Whether the target has a time zone.
        zone: bool,
    },
    /// A time of day.
    Time,
    /// A duration.
    Interval,
    /// A JSON document.
    Json,
    /// Members with commas between them, to become an array.
    SetArray,
    /// Bits, to become a number.
    BitNumber,
    /// A UUID as text.
    Uuid,
    /// Sixteen bytes, to become a UUID.
    UuidOfBytes,
    /// A counted number, to become a UUID that ends in it.
    UuidOfNumber,
    /// As the source writes it: PostgreSQL's own format.
    AsIs,
    /// An array of PostgreSQL, to become one of JSON.
    Array {
        /// Whether its elements are numbers.
        numbers: bool,
        /// Whether they are true or false.
        boolean: bool,
    },
    /// An amount with a currency's sign.
    Money,
}

/// A check that a type brings with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnCheck {
    /// Not negative.
    NotNegative,
    /// One of these.
    OneOf(Vec<String>),
    /// Members of these, with commas between them.
    Members(Vec<String>),
    /// A JSON array of these.
    JsonMembers(Vec<String>),
    /// No character.
    Empty,
}

impl ColumnCheck {
    /// The condition, for a column of this (quoted) name.
    #[must_use]
    pub fn condition(&self, column: &str) -> String {
        let list = |values: &[String]| values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", ");
        match self {
            Self::NotNegative => format!("{column} >= 0"),
            Self::OneOf(values) => format!("{column} IN ({})", list(values)),
            Self::Members(values) => format!("string_to_array({column}, ',') <@ ARRAY[{}]", list(values)),
            Self::JsonMembers(values) => {
                let array = format!("[{}]", values.iter().map(|value| json_string(value)).collect::<Vec<_>>().join(", "));
                format!("jsonb_typeof({column}) = 'array' AND {column} <@ {}::jsonb", literal(&array))
            }
            Self::Empty => format!("{column} = ''"),
        }
    }
}

/// A string as JSON has it.
pub(crate) fn json_string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What a type loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeLoss {
    /// How bad it is.
    pub verdict: Verdict,
    /// For programs.
    pub code: &'static str,
    /// What is lost.
    pub message: String,
    /// What to do about it.
    pub advice: Option<&'static str>,
}

/// What a type becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The type in the target: `varchar(255)`.
    pub sql_type: String,
    /// How values have to be written.
    pub value: ValueKind,
    /// Checks that go with it.
    pub checks: Vec<ColumnCheck>,
    /// What is lost.
    pub losses: Vec<TypeLoss>,
}

impl Mapped {
    fn new(sql_type: impl Into<String>, value: ValueKind) -> Self {
        Self { sql_type: sql_type.into(), value, checks: Vec::new(), losses: Vec::new() }
    }

    fn check(mut self, check: ColumnCheck) -> Self {
        self.checks.push(check);
        self
    }

    fn loses(mut self, code: &'static str, message: impl Into<String>, advice: Option<&'static str>) -> Self {
        self.losses.push(TypeLoss { verdict: Verdict::Loss, code, message: message.into(), advice });
        self
    }
}

/// What a column becomes whose COLUMN_TYPE (`information_schema.columns`) is `text`: `int(10) unsigned`, `enum('a','b')`.
///
/// # Errors
/// No such type is known; or the options want it to stop the conversion.
pub fn column_type(text: &str, options: &Options) -> Result<Mapped, ConvertError> {
    let mut cursor = Cursor::new(text, Place::START)?;
    let ty = read(&mut cursor)?;
    if !cursor.at_end() {
        return Err(cursor.unexpected("the end of the type"));
    }
    map(&ty, options, Place::START)
}

/// Reads a type with what belongs to it: lengths, members, UNSIGNED, ZEROFILL, character set and collation.
pub(crate) fn read(cursor: &mut Cursor) -> R<SourceType> {
    let mut ty = SourceType { name: base_name(cursor)?, ..SourceType::default() };
    if ty.name == "SERIAL" {
        return Ok(SourceType { name: "BIGINT".to_owned(), unsigned: true, serial: true, ..ty });
    }
    if ty.name == "BOOL" {
        return Ok(SourceType { name: "TINYINT".to_owned(), args: vec![1], ..ty });
    }
    if cursor.take_symbol(&Token::LParen) {
        arguments(cursor, &mut ty)?;
    }
    while attribute(cursor, &mut ty)? {}
    Ok(ty)
}

fn arguments(cursor: &mut Cursor, ty: &mut SourceType) -> R<()> {
    let members = matches!(ty.name.as_str(), "ENUM" | "SET");
    loop {
        if members {
            ty.values.push(cursor.string()?);
        } else {
            ty.args.push(cursor.number()?);
        }
        if cursor.take_symbol(&Token::RParen) {
            return Ok(());
        }
        cursor.expect_symbol(&Token::Comma)?;
    }
}

fn attribute(cursor: &mut Cursor, ty: &mut SourceType) -> R<bool> {
    if cursor.take(&["UNSIGNED"]) {
        ty.unsigned = true;
    } else if cursor.take(&["ZEROFILL"]) {
        // MySQL makes such a column unsigned.
        ty.zerofill = true;
        ty.unsigned = true;
    } else if cursor.take(&["SIGNED"]) || cursor.take(&["UNICODE"]) || cursor.take(&["ASCII"]) {
    } else if cursor.take(&["BINARY"]) {
        ty.collation = Some("binary".to_owned());
    } else if cursor.take(&["CHARACTER", "SET"]) || cursor.take(&["CHARSET"]) {
        ty.charset = Some(name_or_string(cursor)?);
    } else if cursor.take(&["COLLATE"]) {
        ty.collation = Some(name_or_string(cursor)?);
    } else {
        return Ok(false);
    }
    Ok(true)
}

pub(crate) fn name_or_string(cursor: &mut Cursor) -> R<String> {
    if matches!(cursor.peek(), Token::SingleQuotedString(_) | Token::DoubleQuotedString(_)) { cursor.string() } else { cursor.name() }
}

/// The type's name, synonyms replaced.
fn base_name(cursor: &mut Cursor) -> R<String> {
    let place = cursor.place();
    let national = cursor.take(&["NATIONAL"]);
    let Some(word) = cursor.word() else { return Err(cursor.unexpected("a type")) };
    cursor.next();
    let varying = matches!(word.as_str(), "CHAR" | "CHARACTER" | "NCHAR") && (cursor.take(&["VARYING"]) || cursor.take(&["VARCHAR"]));
    let name = match word.as_str() {
        "BOOL" | "BOOLEAN" => "BOOL",
        "TINYINT" | "INT1" => "TINYINT",
        "SMALLINT" | "INT2" => "SMALLINT",
        "MEDIUMINT" | "MIDDLEINT" | "INT3" => "MEDIUMINT",
        "INT" | "INTEGER" | "INT4" => "INT",
        "BIGINT" | "INT8" => "BIGINT",
        "FLOAT" | "FLOAT4" => "FLOAT",
        "DOUBLE" | "REAL" | "FLOAT8" => {
            cursor.take(&["PRECISION"]);
            "DOUBLE"
        }
        "DECIMAL" | "DEC" | "NUMERIC" | "FIXED" => "DECIMAL",
        "CHAR" if cursor.take(&["BYTE"]) => "BINARY",
        "CHAR" | "CHARACTER" | "NCHAR" if varying => "VARCHAR",
        "CHAR" | "CHARACTER" | "NCHAR" => "CHAR",
        "VARCHAR" | "NVARCHAR" | "VARCHARACTER" => "VARCHAR",
        "LONG" if cursor.take(&["VARBINARY"]) => "MEDIUMBLOB",
        "LONG" => {
            cursor.take(&["VARCHAR"]);
            "MEDIUMTEXT"
        }
        "GEOMCOLLECTION" => "GEOMETRYCOLLECTION",
        other if KNOWN.contains(&other) => other,
        other => return Err(unknown(place, other)),
    };
    if national && !matches!(name, "CHAR" | "VARCHAR") {
        return Err(unknown(place, &format!("NATIONAL {word}")));
    }
    Ok(name.to_owned())
}

/// Names without synonyms, beside those above.
const KNOWN: &[&str] = &[
    "BIT",
    "TINYTEXT",
    "TEXT",
    "MEDIUMTEXT",
    "LONGTEXT",
    "BINARY",
    "VARBINARY",
    "TINYBLOB",
    "BLOB",
    "MEDIUMBLOB",
    "LONGBLOB",
    "ENUM",
    "SET",
    "DATE",
    "DATETIME",
    "TIMESTAMP",
    "TIME",
    "YEAR",
    "JSON",
    "GEOMETRY",
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "SERIAL",
    "UUID",
    "INET4",
    "INET6",
];

fn unknown(place: Place, name: &str) -> ConvertError {
    ConvertError::new(place, format!("the type {name} has no counterpart that is known"))
        .hint("Change the column's type in the source first.")
}

/// What a type becomes.
pub(crate) fn map(ty: &SourceType, options: &Options, place: Place) -> R<Mapped> {
    let mut mapped = match ty.name.as_str() {
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => integer(ty, options),
        "FLOAT" | "DOUBLE" => floating(ty),
        "DECIMAL" => decimal(ty, options),
        "BIT" => bit(ty, options),
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" if ty.charset.as_deref() == Some("binary") => bytes(ty),
        "CHAR" | "VARCHAR" => characters(ty),
        "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" => large(ty, Mapped::new("text", ValueKind::Text)),
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => bytes(ty),
        "ENUM" => enumeration(ty, options),
        "SET" => set(ty, options),
        "DATE" | "DATETIME" | "TIMESTAMP" | "TIME" | "YEAR" => temporal(ty, options),
        "JSON" => json(options),
        "UUID" => Mapped::new("uuid", ValueKind::Uuid),
        "INET4" => Mapped::new("varchar(15)", ValueKind::Text).loses("network-type", "addresses are plain text", None),
        "INET6" => Mapped::new("varchar(39)", ValueKind::Text).loses("network-type", "addresses are plain text", None),
        _ => return spatial(ty, options, place),
    };
    if ty.zerofill {
        mapped = mapped.loses("zerofill", "ZEROFILL: leading zeros are not shown", Some("lpad() when reading"));
    }
    Ok(mapped)
}

fn integer(ty: &SourceType, options: &Options) -> Mapped {
    let one_bit = ty.name == "TINYINT" && ty.args == [1] && !ty.zerofill;
    if one_bit && options.choices.tinyint1 == TinyInt1::Boolean {
        return Mapped::new("boolean", ValueKind::Boolean);
    }
    // Name in the target, its bits, and the largest unsigned value of the source.
    let (sql_type, bits, widest) = match (ty.name.as_str(), ty.unsigned && options.choices.unsigned == Unsigned::Widen) {
        ("TINYINT", _) => ("smallint", 16, 255),
        ("SMALLINT", false) => ("smallint", 16, 65_535),
        ("SMALLINT", true) => ("integer", 32, 65_535),
        ("MEDIUMINT", _) => ("integer", 32, 16_777_215),
        ("INT", false) => ("integer", 32, 4_294_967_295),
        ("INT", true) => ("bigint", 64, 4_294_967_295),
        (_, false) => ("bigint", 64, 18_446_744_073_709_551_615),
        (_, true) => ("numeric(20,0)", 66, 18_446_744_073_709_551_615),
    };
    let limit = 1_i128 << (bits - 1);
    let (min, max) = if ty.unsigned { (0, widest.min(limit - 1)) } else { (-limit, limit - 1) };
    let mapped = Mapped::new(sql_type, ValueKind::Integer { min, max });
    if !ty.unsigned {
        return mapped;
    }
    let mapped = mapped.check(ColumnCheck::NotNegative);
    if widest < limit {
        return mapped;
    }
    mapped.loses(
        "unsigned-range",
        format!("values above {} do not fit {sql_type}", limit - 1),
        Some("--map unsigned=widen takes the next larger type"),
    )
}

fn floating(ty: &SourceType) -> Mapped {
    let double = ty.name == "DOUBLE" || (ty.args.len() == 1 && ty.args[0] > 24);
    let mut mapped = Mapped::new(if double { "double precision" } else { "real" }, ValueKind::Float);
    if let [_, digits] = ty.args[..] {
        mapped =
            mapped.loses("float-digits", format!("values are not rounded to {digits} digits"), Some("numeric(p,s) where digits matter"));
    }
    if ty.unsigned { mapped.check(ColumnCheck::NotNegative) } else { mapped }
}

fn decimal(ty: &SourceType, options: &Options) -> Mapped {
    // Unlike PostgreSQL's, a bare DECIMAL has ten digits and no fraction.
    let precision = ty.args.first().copied().unwrap_or(10);
    let scale = ty.args.get(1).copied().unwrap_or(0);
    let most = borealis_dialect::limit("numeric precision", options.dialect);
    let mut mapped = Mapped::new(format!("numeric({},{scale})", precision.min(most)), ValueKind::Numeric);
    if precision > most {
        mapped = mapped.loses("numeric-precision", format!("{precision} digits are cut to {most}"), None);
    }
    if ty.unsigned { mapped.check(ColumnCheck::NotNegative) } else { mapped }
}

fn bit(ty: &SourceType, options: &Options) -> Mapped {
    let bits = ty.args.first().copied().unwrap_or(1);
    match options.choices.bit {
        _ if bits == 1 => Mapped::new("boolean", ValueKind::Boolean),
        Bit::Integer => {
            let sql_type = match bits {
                0..=15 => "smallint",
                16..=31 => "integer",
                32..=63 => "bigint",
                _ => "numeric(20,0)",
            };
            Mapped::new(sql_type, ValueKind::BitNumber)
        }
        Bit::Bytea => {
            let advice = Some("--map bit=integer keeps a number");
            Mapped::new("bytea", ValueKind::Bytes).loses(
                "bit-bytes",
                format!("{bits} bits are {} bytes: no arithmetic", bits.div_ceil(8)),
                advice,
            )
        }
    }
}

fn characters(ty: &SourceType) -> Mapped {
    let word = if ty.name == "CHAR" { "char" } else { "varchar" };
    match ty.args.first().copied().unwrap_or(1) {
        0 => Mapped::new("varchar(1)", ValueKind::Text).check(ColumnCheck::Empty),
        length => Mapped::new(format!("{word}({length})"), ValueKind::Text),
    }
}

fn bytes(ty: &SourceType) -> Mapped {
    large(ty, Mapped::new("bytea", ValueKind::Bytes))
}

/// What can be longer than a value may be here.
fn large(ty: &SourceType, mapped: Mapped) -> Mapped {
    if ty.name.starts_with("MEDIUM") || ty.name.starts_with("LONG") {
        let advice = Some("keep large objects elsewhere");
        return mapped.loses("value-size", format!("{}: a value has at most 1 MiB after compression", ty.name), advice);
    }
    mapped
}

fn enumeration(ty: &SourceType, options: &Options) -> Mapped {
    let sql_type = match options.choices.enumeration {
        EnumType::Varchar => "varchar(255)",
        EnumType::Text => "text",
    };
    let mapped = Mapped::new(sql_type, ValueKind::Enumeration(ty.values.clone())).check(ColumnCheck::OneOf(ty.values.clone()));
    mapped.loses("enum-order", "ENUM: sorts by name, not by position", Some("ORDER BY array_position(ARRAY['first', 'second'], column)"))
}

fn set(ty: &SourceType, options: &Options) -> Mapped {
    let mapped = match options.choices.set {
        SetType::Text => Mapped::new("text", ValueKind::Text).check(ColumnCheck::Members(ty.values.clone())),
        SetType::Jsonb => Mapped::new("jsonb", ValueKind::SetArray).check(ColumnCheck::JsonMembers(ty.values.clone())),
    };
    mapped.loses("set-number", "SET: members are not put in order, have no number, and may be given twice", None)
}

fn temporal(ty: &SourceType, options: &Options) -> Mapped {
    let digits = ty.args.first().copied().filter(|_| ty.name != "YEAR").filter(|digits| *digits > 0);
    let digits = digits.map_or(String::new(), |digits| format!("({})", digits.min(6)));
    let (timestamp, interval) = (options.choices.timestamp, options.choices.time);
    match ty.name.as_str() {
        "DATE" => Mapped::new("date", ValueKind::Date),
        "TIME" if interval == TimeType::Interval => Mapped::new(format!("interval{digits}"), ValueKind::Interval),
        "TIME" => {
            let message = "TIME: durations below zero or above a day do not fit";
            Mapped::new(format!("time{digits}"), ValueKind::Time).loses("time-range", message, Some("--map time=interval"))
        }
        "YEAR" => {
            let (sql_type, max) = if options.choices.year == YearType::Integer { ("integer", 2155) } else { ("smallint", 2155) };
            Mapped::new(sql_type, ValueKind::Integer { min: 0, max })
        }
        "TIMESTAMP" if timestamp == TimestampType::Timestamptz => {
            Mapped::new(format!("timestamptz{digits}"), ValueKind::Timestamp { zone: true })
        }
        "TIMESTAMP" => {
            let message = "TIMESTAMP: values are not converted to the session's time zone";
            let mapped = Mapped::new(format!("timestamp{digits}"), ValueKind::Timestamp { zone: false });
            mapped.loses("timestamp-zone", message, Some("--map timestamp=timestamptz"))
        }
        _ => Mapped::new(format!("timestamp{digits}"), ValueKind::Timestamp { zone: false }),
    }
}

fn json(options: &Options) -> Mapped {
    let (wanted, key) = match options.choices.json {
        JsonType::Json => ("json", "type/json"),
        JsonType::Jsonb => ("jsonb", "type/jsonb"),
        JsonType::Text => ("text", "type/text"),
    };
    if options.accepts(key) {
        let mapped = Mapped::new(wanted, ValueKind::Json);
        return if wanted == "text" { mapped.loses("json-text", "JSON: not checked to be a document", None) } else { mapped };
    }
    let message = format!("JSON: the dialect {} has no json columns; text is not checked to be a document", options.dialect);
    Mapped::new("text", ValueKind::Json).loses("json-text", message, Some("cast when reading: column::jsonb"))
}

fn spatial(ty: &SourceType, options: &Options, place: Place) -> R<Mapped> {
    if options.choices.spatial == Spatial::Error {
        return Err(unknown(place, &ty.name).hint("--map spatial=bytea keeps the bytes."));
    }
    let message = format!("{}: bytes as MySQL stores them (reference system in 4 bytes, then WKB); no spatial functions", ty.name);
    Ok(Mapped::new("bytea", ValueKind::Bytes).loses("spatial-bytes", message, Some("two double precision columns for points")))
}
