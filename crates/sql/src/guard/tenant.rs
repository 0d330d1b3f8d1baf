//! Types whose values tell tenants apart, and when two texts are the same value.
//!
//! A closed list: types whose equality is that of one canonical text. Types with several values that are equal and look different (`numeric`, `timestamp`,
//! blank-padded `character`) or whose text depends on settings are not among them.

/// Type of a tenant column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TenantType {
    /// `text`, `character varying`.
    Text,
    /// `uuid`
    Uuid,
    /// `smallint`, `integer`, `bigint`: its bytes.
    Integer(u8),
}

impl TenantType {
    /// The type by its name as `format_type` shows it, or its internal one.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "text" | "character varying" | "varchar" => Self::Text,
            "uuid" => Self::Uuid,
            "smallint" | "int2" => Self::Integer(2),
            "integer" | "int4" => Self::Integer(4),
            "bigint" | "int8" => Self::Integer(8),
            _ => return None,
        })
    }

    /// Name of the type in `pg_type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Uuid => "uuid",
            Self::Integer(2) => "int2",
            Self::Integer(4) => "int4",
            Self::Integer(_) => "int8",
        }
    }

    /// The one text of the value; `None` when it is no value of the type.
    #[must_use]
    pub fn canonical(self, text: &str) -> Option<String> {
        match self {
            Self::Text => (!text.contains('\0')).then(|| text.to_owned()),
            Self::Uuid => uuid(text),
            Self::Integer(bytes) => {
                let value: i64 = text.trim_matches(' ').parse().ok()?;
                let bits = u32::from(bytes) * 8 - 1;
                let fits = bits >= 63 || (-(1_i64 << bits)..1_i64 << bits).contains(&value);
                fits.then(|| value.to_string())
            }
        }
    }
}

/// Forms that PostgreSQL reads: hyphens after any group of four digits, braces around all.
fn uuid(text: &str) -> Option<String> {
    let text = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'))?;
    let mut digits = String::with_capacity(32);
    let mut hyphen_before = true;
    for character in text.chars() {
        match character {
            '-' if !hyphen_before && digits.len().is_multiple_of(4) && digits.len() < 32 => hyphen_before = true,
            _ if character.is_ascii_hexdigit() && digits.len() < 32 => {
                digits.push(character.to_ascii_lowercase());
                hyphen_before = false;
            }
            _ => return None,
        }
    }
    (digits.len() == 32).then(|| format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]))
}
