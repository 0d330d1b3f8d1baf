//! `pg_type`: what is known of every type, by oid and by name, and how a type is written in messages and catalogs.
//!
//! The rows are PostgreSQL 16's own. A few types have a row and no values here (`money`, `xml`, `bit`, ...): the row lets a message name
//! the type that is refused.

mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::{Oid, Type};

/// A function a type names, as `pg_type` refers to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proc {
    /// `pg_proc.oid`; [`Oid::INVALID`] when there is none.
    pub oid: Oid,
    /// `pg_proc.proname`; `-` when there is none, as `regproc` prints it.
    pub name: &'static str,
}

/// A row of `pg_type`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct TypeInfo {
    pub oid: Oid,
    /// `typname`
    pub name: &'static str,
    /// `format_type(oid, NULL)`
    pub display: &'static str,
    /// `typlen`: bytes, -1 for varlena, -2 for a C string.
    pub length: i16,
    pub by_value: bool,
    pub align: char,
    pub category: char,
    pub preferred: bool,
    /// `typtype`
    pub kind: char,
    /// `typelem`; also set for `name` and the vector types, which can be subscripted.
    pub element: Oid,
    /// `typarray`
    pub array: Oid,
    pub delimiter: char,
    pub storage: char,
    pub collation: Oid,
    pub input: &'static str,
    pub output: &'static str,
    pub receive: &'static str,
    pub send: &'static str,
    pub input_oid: Oid,
    pub output_oid: Oid,
    pub receive_oid: Oid,
    pub send_oid: Oid,
    pub modin: Proc,
    pub modout: Proc,
    pub subscript: Proc,
}

impl TypeInfo {
    /// Whether this is a true array type, one whose `typelem` is an element type (`oidvector` is not one).
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.category == 'A' && self.length == -1 && self.element != Oid::INVALID && self.name.starts_with('_')
    }

    /// Whether values of the type can be stored or computed here. The others have a row for the sake of messages only.
    #[must_use]
    pub fn has_values(&self) -> bool {
        !matches!(
            self.oid,
            Oid::MONEY
                | Oid::XML
                | Oid::BIT
                | Oid::VARBIT
                | Oid::MACADDR
                | Oid::ACLITEM
                | Oid::ACLITEM_ARRAY
                | Oid::TID
                | Oid::TSVECTOR
                | Oid::TSQUERY
        )
    }
}

/// All types, in the order of their oids.
pub static ALL: &[TypeInfo] = table::ROWS;

/// The row of a type.
#[must_use]
pub fn by_oid(oid: Oid) -> Option<&'static TypeInfo> {
    ALL.binary_search_by_key(&oid, |info| info.oid).ok().map(|index| &ALL[index])
}

/// The type with this `typname`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static TypeInfo> {
    ALL.iter().find(|info| info.name == name)
}

/// SQL's own spellings, which the grammar turns into a `typname`.
const SQL_NAMES: &[(&str, Oid)] = &[
    ("bigint", Oid::INT8),
    ("bit varying", Oid::VARBIT),
    ("boolean", Oid::BOOL),
    ("char varying", Oid::VARCHAR),
    ("character", Oid::BPCHAR),
    ("character varying", Oid::VARCHAR),
    ("dec", Oid::NUMERIC),
    ("decimal", Oid::NUMERIC),
    ("double precision", Oid::FLOAT8),
    ("float", Oid::FLOAT8),
    ("int", Oid::INT4),
    ("integer", Oid::INT4),
    ("national character", Oid::BPCHAR),
    ("national character varying", Oid::VARCHAR),
    ("nchar", Oid::BPCHAR),
    ("real", Oid::FLOAT4),
    ("smallint", Oid::INT2),
    ("time with time zone", Oid::TIMETZ),
    ("time without time zone", Oid::TIME),
    ("timestamp with time zone", Oid::TIMESTAMPTZ),
    ("timestamp without time zone", Oid::TIMESTAMP),
];

/// The type that SQL calls `name`: the standard's spelling (`integer`, `char`, `timestamp with time zone`) or else a `typname`. Lower case, without a
/// modifier; `name[]` is the array type.
#[must_use]
pub fn sql_name(name: &str) -> Option<&'static TypeInfo> {
    if let Some(element) = name.strip_suffix("[]") {
        return array_of(sql_name(element.trim_end())?.oid).and_then(by_oid);
    }
    if name == "char" {
        return by_oid(Oid::BPCHAR);
    }
    if name == "\"char\"" {
        return by_oid(Oid::CHAR);
    }
    match SQL_NAMES.binary_search_by_key(&name, |row| row.0) {
        Ok(index) => by_oid(SQL_NAMES[index].1),
        Err(_) => by_name(name),
    }
}

/// The element type of an array type or vector.
#[must_use]
pub fn element_of(array: Oid) -> Option<Oid> {
    let info = by_oid(array)?;
    (info.category == 'A' || array == Oid::RECORD_ARRAY).then_some(info.element).filter(|element| *element != Oid::INVALID)
}

/// The array type over an element type.
#[must_use]
pub fn array_of(element: Oid) -> Option<Oid> {
    by_oid(element).map(|info| info.array).filter(|array| *array != Oid::INVALID)
}

/// `format_type(oid, typmod)`: the type as SQL writes it.
#[must_use]
pub fn format_type(ty: Type) -> String {
    let Some(info) = by_oid(ty.oid) else { return "???".to_owned() };
    if info.is_array() || ty.oid == Oid::RECORD_ARRAY {
        return format!("{}[]", format_type(Type::new(info.element, ty.typmod)));
    }
    // A bpchar without a length is not `character`, which would mean length 1.
    if ty.oid == Oid::BPCHAR {
        return if ty.typmod < 4 { "bpchar".to_owned() } else { format!("character({})", ty.typmod - 4) };
    }
    if ty.typmod < 0 {
        return info.display.to_owned();
    }
    with_modifier(info, ty.typmod)
}

fn with_modifier(info: &TypeInfo, typmod: i32) -> String {
    let mut text = String::with_capacity(info.display.len() + 8);
    let modifier = crate::typmod::output(info.oid, typmod);
    // The precision of the time types stands before WITH TIME ZONE.
    match info.oid {
        Oid::TIME | Oid::TIMETZ | Oid::TIMESTAMP | Oid::TIMESTAMPTZ => {
            let (head, tail) = info.display.split_once(' ').unwrap_or((info.display, ""));
            let _ = write!(text, "{head}({typmod}) {tail}");
        }
        _ => {
            text.push_str(info.display);
            text.push_str(&modifier);
        }
    }
    text
}
