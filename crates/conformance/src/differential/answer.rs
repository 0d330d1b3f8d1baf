//! An answer as text, the same for the same answer: what is recorded and what is compared.
//!
//! ```text
//! -> SELECT 2 [a int4, b text]
//! | 1 | x
//! | 2 | NULL
//! -> ERR 42703 column "c" does not exist
//! POSITION: 8
//! ```

use std::fmt::Write as _;

use borealis_client::{Outcome, ServerError};

use crate::compare::{Got, shown_value};

/// What the server sent for one statement.
#[derive(Debug)]
pub struct Reply {
    /// Its outcome or error.
    pub got: Got,
    /// The data of a COPY to the client.
    pub copied: Option<Vec<u8>>,
}

impl Reply {
    /// As text; rows that came in no particular order are sorted.
    #[must_use]
    pub fn text(&self, ordered: bool) -> String {
        let mut text = String::new();
        match &self.got {
            Got::Results(outcomes) if outcomes.is_empty() => text.push_str("-> nothing\n"),
            Got::Results(outcomes) => outcomes.iter().for_each(|outcome| write_outcome(&mut text, outcome, ordered)),
            Got::Refusal(error) => write_error(&mut text, error),
            Got::Nothing(why) => {
                let _ = writeln!(text, "-> no answer: {why}");
            }
        }
        if let Some(copied) = &self.copied {
            write_copied(&mut text, copied);
        }
        text.truncate(text.trim_end().len());
        text
    }
}

fn write_outcome(text: &mut String, outcome: &Outcome, ordered: bool) {
    let _ = write!(text, "-> {}", if outcome.tag.is_empty() { "empty" } else { &outcome.tag });
    if !outcome.columns.is_empty() || outcome.tag.starts_with("SELECT") {
        let columns: Vec<String> =
            outcome.columns.iter().map(|column| format!("{} {}", shown_value(Some(&column.name)), type_name(column.type_oid))).collect();
        let _ = write!(text, " [{}]", columns.join(", "));
    }
    text.push('\n');
    let mut rows: Vec<String> =
        outcome.rows.iter().map(|row| format!("| {}", row.iter().map(shown_value).collect::<Vec<_>>().join(" | "))).collect();
    if !ordered {
        rows.sort_unstable();
    }
    for row in rows {
        text.push_str(row.trim_end());
        text.push('\n');
    }
}

fn write_error(text: &mut String, error: &ServerError) {
    let _ = writeln!(text, "-> ERR {} {}", error.code, one_line(&error.message));
    for (name, value) in [("DETAIL", &error.detail), ("HINT", &error.hint), ("CONTEXT", &error.context)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{name}: {}", one_line(value));
        }
    }
    if let Some(position) = error.position {
        let _ = writeln!(text, "POSITION: {position}");
    }
}

fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

/// Text line by line; what is no text as its bytes.
fn write_copied(text: &mut String, copied: &[u8]) {
    match std::str::from_utf8(copied) {
        Ok(lines) if !lines.contains('\0') => {
            for line in lines.lines() {
                let _ = writeln!(text, "| {}", line.escape_debug());
            }
        }
        _ => {
            for chunk in copied.chunks(32) {
                let bytes: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
                let _ = writeln!(text, "| {}", bytes.join(" "));
            }
        }
    }
}

/// PostgreSQL's types by number. The number of a type that a user made, such as a table's rows, is each server's own.
fn type_name(oid: u32) -> String {
    const FIRST_OF_USERS: u32 = 16_384;
    match TYPES.iter().find(|(known, _)| *known == oid) {
        Some((_, name)) => (*name).to_owned(),
        None if oid >= FIRST_OF_USERS => "own".to_owned(),
        None => oid.to_string(),
    }
}

const TYPES: &[(u32, &str)] = &[
    (16, "bool"),
    (17, "bytea"),
    (18, "char"),
    (19, "name"),
    (20, "int8"),
    (21, "int2"),
    (23, "int4"),
    (24, "regproc"),
    (25, "text"),
    (26, "oid"),
    (114, "json"),
    (199, "json[]"),
    (650, "cidr"),
    (700, "float4"),
    (701, "float8"),
    (705, "unknown"),
    (869, "inet"),
    (1000, "bool[]"),
    (1001, "bytea[]"),
    (1005, "int2[]"),
    (1007, "int4[]"),
    (1009, "text[]"),
    (1014, "bpchar[]"),
    (1015, "varchar[]"),
    (1016, "int8[]"),
    (1021, "float4[]"),
    (1022, "float8[]"),
    (1042, "bpchar"),
    (1043, "varchar"),
    (1082, "date"),
    (1083, "time"),
    (1114, "timestamp"),
    (1115, "timestamp[]"),
    (1182, "date[]"),
    (1184, "timestamptz"),
    (1185, "timestamptz[]"),
    (1186, "interval"),
    (1187, "interval[]"),
    (1231, "numeric[]"),
    (1266, "timetz"),
    (1560, "bit"),
    (1562, "varbit"),
    (1700, "numeric"),
    (2205, "regclass"),
    (2206, "regtype"),
    (2249, "record"),
    (2278, "void"),
    (2287, "record[]"),
    (2950, "uuid"),
    (2951, "uuid[]"),
    (3614, "tsvector"),
    (3615, "tsquery"),
    (3802, "jsonb"),
    (3807, "jsonb[]"),
    (3904, "int4range"),
    (3906, "numrange"),
    (3908, "tsrange"),
    (3910, "tstzrange"),
    (3912, "daterange"),
    (3926, "int8range"),
    (4072, "jsonpath"),
];
