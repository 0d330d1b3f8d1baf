//! The options of COPY, checked as PostgreSQL checks them.

use borealis_pgtypes::{Result, SqlError, SqlState};
use borealis_sql::ast::CopyOption;

/// File format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFormat {
    /// Tab-separated with backslash escapes.
    Text,
    /// Comma-separated with quotes.
    Csv,
    /// Values in their binary form.
    Binary,
}

/// HEADER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    No,
    Skip,
    /// The header's names must be the columns'.
    Match,
}

/// Which columns an option names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    Some(Vec<String>),
    All,
}

impl Columns {
    pub(super) fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.iter().any(|candidate| candidate == name),
        }
    }
}

/// All options with their defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) format: CopyFormat,
    pub(super) delimiter: u8,
    pub(super) null: String,
    pub(super) header: Header,
    pub(super) quote: u8,
    pub(super) escape: u8,
    pub(super) force_quote: Columns,
    pub(super) force_not_null: Columns,
    pub(super) force_null: Columns,
}

impl Options {
    pub(super) fn read(list: &[CopyOption], from: bool) -> Result<Self> {
        let format = format(list)?;
        let mut given = Given::default();
        for (index, option) in list.iter().enumerate() {
            if list[..index].iter().any(|earlier| earlier.name == option.name) {
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, "conflicting or redundant options").at(option.at));
            }
            given.read(option, from)?;
        }
        given.finish(format, from)
    }
}

#[derive(Default)]
struct Given {
    delimiter: Option<String>,
    null: Option<String>,
    header: Option<Header>,
    quote: Option<String>,
    escape: Option<String>,
    force_quote: Option<Columns>,
    force_not_null: Option<Columns>,
    force_null: Option<Columns>,
}

fn format(list: &[CopyOption]) -> Result<CopyFormat> {
    let Some(option) = list.iter().find(|option| option.name == "format") else { return Ok(CopyFormat::Text) };
    match one(option)?.as_str() {
        "text" => Ok(CopyFormat::Text),
        "csv" => Ok(CopyFormat::Csv),
        "binary" => Ok(CopyFormat::Binary),
        other => Err(invalid(format!("COPY format \"{other}\" not recognized")).at(option.at)),
    }
}

impl Given {
    fn read(&mut self, option: &CopyOption, from: bool) -> Result<()> {
        match option.name.as_str() {
            "format" => {}
            "delimiter" => self.delimiter = Some(one(option)?),
            "null" => self.null = Some(one(option)?),
            "header" => self.header = Some(header(option, from)?),
            "quote" => self.quote = Some(one(option)?),
            "escape" => self.escape = Some(one(option)?),
            "force_quote" => self.force_quote = Some(columns(option)),
            "force_not_null" => self.force_not_null = Some(columns(option)),
            "force_null" => self.force_null = Some(columns(option)),
            "encoding" => encoding(option)?,
            "freeze" | "default" | "convert_selectively" => {
                let text = format!("COPY option \"{}\" is not supported by this version of Borealis", option.name);
                return Err(SqlError::unsupported(text).at(option.at));
            }
            other => return Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("option \"{other}\" not recognized")).at(option.at)),
        }
        Ok(())
    }

    fn finish(self, format: CopyFormat, from: bool) -> Result<Options> {
        let csv = format == CopyFormat::Csv;
        self.refuse_in_binary(format)?;
        self.refuse_outside_csv(csv, from)?;
        let delimiter = byte("delimiter", self.delimiter.as_deref().unwrap_or(if csv { "," } else { "\t" }))?;
        let null = self.null.unwrap_or_else(|| if csv { String::new() } else { "\\N".to_owned() });
        let quote = byte("quote", self.quote.as_deref().unwrap_or("\""))?;
        let escape = match self.escape.as_deref() {
            Some(escape) => byte("escape", escape)?,
            None => quote,
        };
        check_delimiter(delimiter, csv)?;
        if null.contains(['\r', '\n']) {
            return Err(invalid("COPY null representation cannot use newline or carriage return"));
        }
        if csv && delimiter == quote {
            return Err(invalid("COPY delimiter and quote must be different"));
        }
        if null.as_bytes().contains(&delimiter) {
            return Err(invalid("COPY delimiter character must not appear in the NULL specification"));
        }
        if csv && null.as_bytes().contains(&quote) {
            return Err(invalid("CSV quote character must not appear in the NULL specification"));
        }
        Ok(Options {
            format,
            delimiter,
            null,
            header: self.header.unwrap_or(Header::No),
            quote,
            escape,
            force_quote: self.force_quote.unwrap_or(Columns::Some(Vec::new())),
            force_not_null: self.force_not_null.unwrap_or(Columns::Some(Vec::new())),
            force_null: self.force_null.unwrap_or(Columns::Some(Vec::new())),
        })
    }

    fn refuse_in_binary(&self, format: CopyFormat) -> Result<()> {
        if format != CopyFormat::Binary {
            return Ok(());
        }
        if self.delimiter.is_some() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "cannot specify DELIMITER in BINARY mode"));
        }
        if self.null.is_some() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "cannot specify NULL in BINARY mode"));
        }
        if self.header.is_some_and(|header| header != Header::No) {
            return Err(SqlError::unsupported("cannot specify HEADER in BINARY mode"));
        }
        Ok(())
    }

    fn refuse_outside_csv(&self, csv: bool, from: bool) -> Result<()> {
        if !csv {
            let given = [
                (self.quote.is_some(), "COPY quote available only in CSV mode"),
                (self.escape.is_some(), "COPY escape available only in CSV mode"),
                (self.force_quote.is_some(), "COPY force quote available only in CSV mode"),
                (self.force_not_null.is_some(), "COPY force not null available only in CSV mode"),
                (self.force_null.is_some(), "COPY force null available only in CSV mode"),
            ];
            if let Some((_, text)) = given.iter().find(|(given, _)| *given) {
                return Err(SqlError::unsupported(*text));
            }
        }
        if self.force_quote.is_some() && from {
            return Err(SqlError::unsupported("COPY force quote only available using COPY TO"));
        }
        if (self.force_not_null.is_some() || self.force_null.is_some()) && !from {
            let which = if self.force_not_null.is_some() { "not null" } else { "null" };
            return Err(SqlError::unsupported(format!("COPY force {which} only available using COPY FROM")));
        }
        Ok(())
    }
}

fn check_delimiter(delimiter: u8, csv: bool) -> Result<()> {
    if matches!(delimiter, b'\r' | b'\n') {
        return Err(invalid("COPY delimiter cannot be newline or carriage return"));
    }
    if !csv && b"\\.abcdefghijklmnopqrstuvwxyz0123456789".contains(&delimiter) {
        return Err(invalid(format!("COPY delimiter cannot be \"{}\"", char::from(delimiter))));
    }
    Ok(())
}

fn one(option: &CopyOption) -> Result<String> {
    match option.values.as_slice() {
        [value] => Ok(value.clone()),
        _ => Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("{} requires a parameter", option.name)).at(option.at)),
    }
}

fn columns(option: &CopyOption) -> Columns {
    if option.values.iter().any(|value| value == "*") { Columns::All } else { Columns::Some(option.values.clone()) }
}

fn header(option: &CopyOption, from: bool) -> Result<Header> {
    let Some(value) = option.values.first() else { return Ok(Header::Skip) };
    match value.to_ascii_lowercase().as_str() {
        "true" | "on" | "1" => Ok(Header::Skip),
        "false" | "off" | "0" => Ok(Header::No),
        "match" if from => Ok(Header::Match),
        "match" => Err(SqlError::unsupported("cannot use \"match\" with HEADER in COPY TO")),
        _ => Err(SqlError::new(SqlState::SYNTAX_ERROR, "header requires a Boolean value or \"match\"").at(option.at)),
    }
}

fn encoding(option: &CopyOption) -> Result<()> {
    let name = one(option)?;
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.eq_ignore_ascii_case("utf8") || plain.eq_ignore_ascii_case("unicode") {
        return Ok(());
    }
    let text = "argument to option \"encoding\" must be a valid encoding name";
    Err(invalid(text).hint("Borealis speaks UTF8 only.").at(option.at))
}

fn byte(what: &str, text: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(SqlError::unsupported(format!("COPY {what} must be a single one-byte character"))),
    }
}

fn invalid(text: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, text)
}
