//! Composing strings: `concat`, `format`, quoting, splitting into arrays and joining from them.

use crate::text::{input, output_in};
use crate::{ArrayValue, CallContext, Datum, Oid, Result, SqlError, SqlState, Type};

use super::args::{array, give_text, int4, invalid_parameter, optional, text};

/// Appends the value's text form; the character types are their own.
pub(super) fn append(call: &CallContext<'_>, value: &Datum, value_type: Oid, out: &mut String) -> Result<()> {
    match value {
        Datum::Text(text) => {
            out.push_str(text);
            Ok(())
        }
        other => output_in(other, value_type, call.eval, out),
    }
}

fn type_of(call: &CallContext<'_>, index: usize) -> Oid {
    call.arg_types.get(index).copied().unwrap_or(Oid::TEXT)
}

/// The arguments from `first` on with their types. An array passed as `VARIADIC` has been spread by the caller.
fn variadic<'a>(call: &CallContext<'_>, args: &'a [Datum], first: usize) -> Vec<(&'a Datum, Oid)> {
    args[first.min(args.len())..].iter().enumerate().map(|(index, value)| (value, type_of(call, first + index))).collect()
}

pub(super) fn text_concat(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut joined = String::new();
    for (value, value_type) in variadic(call, args, 0) {
        if !value.is_null() {
            append(call, value, value_type, &mut joined)?;
        }
    }
    give_text(&joined)
}

pub(super) fn text_concat_ws(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(separator) = optional(args, 0, text)? else { return Ok(Datum::Null) };
    let mut joined = String::new();
    let mut first = true;
    for (value, value_type) in variadic(call, args, 1) {
        if value.is_null() {
            continue;
        }
        if !first {
            joined.push_str(separator);
        }
        first = false;
        append(call, value, value_type, &mut joined)?;
    }
    give_text(&joined)
}

/// `||` makes texts by casts, and that of an address shows the length of its network part always.
fn concat_cast(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let cast = |value: &Datum| match value {
        Datum::Inet(inet) => Datum::text(&inet.to_full_text()),
        other => other.clone(),
    };
    text_concat(call, &args.iter().map(cast).collect::<Vec<_>>())
}

/// `text || anynonarray`
pub(super) fn textanycat(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    concat_cast(call, args)
}

/// `anynonarray || text`
pub(super) fn anytextcat(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    concat_cast(call, args)
}

/// One `%...` of a `format` template.
#[derive(Default)]
struct Directive {
    argument: Option<usize>,
    left: bool,
    width: Width,
    conversion: char,
}

#[derive(Default)]
enum Width {
    #[default]
    None,
    Fixed(usize),
    /// `*` or `*n$`
    Argument(Option<usize>),
}

struct Template<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

fn unterminated() -> SqlError {
    invalid_parameter("unterminated format() type specifier").hint("For a single \"%\" use \"%%\".")
}

impl Template<'_> {
    fn number(&mut self) -> Result<Option<usize>> {
        let mut value: Option<i32> = None;
        while let Some(digit) = self.rest.peek().and_then(|character| character.to_digit(10)) {
            let digit = i32::try_from(digit).unwrap_or(0);
            let next = value.unwrap_or(0).checked_mul(10).and_then(|value| value.checked_add(digit));
            value = Some(next.ok_or_else(|| SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range"))?);
            self.rest.next();
        }
        if value.is_some() && self.rest.peek().is_none() {
            return Err(unterminated());
        }
        Ok(value.and_then(|value| usize::try_from(value).ok()))
    }

    fn take(&mut self, wanted: char) -> Result<bool> {
        let found = self.rest.next_if_eq(&wanted).is_some();
        if found && self.rest.peek().is_none() { Err(unterminated()) } else { Ok(found) }
    }

    fn position(number: usize) -> Result<usize> {
        if number == 0 {
            return Err(invalid_parameter("format specifies argument 0, but arguments are numbered from 1"));
        }
        Ok(number)
    }

    /// What follows the percent sign.
    fn directive(&mut self) -> Result<Directive> {
        let mut directive = Directive::default();
        if self.rest.peek().is_none() {
            return Err(unterminated());
        }
        let leading = self.number()?;
        match leading {
            Some(number) if self.take('$')? => directive.argument = Some(Self::position(number)?),
            Some(number) => {
                directive.width = Width::Fixed(number);
                directive.conversion = self.rest.next().ok_or_else(unterminated)?;
                return Ok(directive);
            }
            None => {}
        }
        while self.take('-')? {
            directive.left = true;
        }
        if self.take('*')? {
            let number = self.number()?;
            if let Some(number) = number {
                if !self.take('$')? {
                    return Err(invalid_parameter("width argument position must be ended by \"$\""));
                }
                directive.width = Width::Argument(Some(Self::position(number)?));
            } else {
                directive.width = Width::Argument(None);
            }
        } else if let Some(number) = self.number()? {
            directive.width = Width::Fixed(number);
        }
        directive.conversion = self.rest.next().ok_or_else(unterminated)?;
        Ok(directive)
    }
}

struct Arguments<'a> {
    values: Vec<(&'a Datum, Oid)>,
    /// 1-based number of the argument used last.
    last: usize,
}

impl<'a> Arguments<'a> {
    fn take(&mut self, explicit: Option<usize>) -> Result<(&'a Datum, Oid)> {
        self.last = explicit.unwrap_or(self.last + 1);
        self.values.get(self.last - 1).copied().ok_or_else(|| invalid_parameter("too few arguments for format()"))
    }
}

/// `format(template, VARIADIC args)`
pub(super) fn text_format(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(source) = optional(args, 0, text)? else { return Ok(Datum::Null) };
    let mut arguments = Arguments { values: variadic(call, args, 1), last: 0 };
    let mut template = Template { rest: source.chars().peekable() };
    let mut out = String::new();
    while let Some(character) = template.rest.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        if template.rest.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let directive = template.directive()?;
        format_one(call, &directive, &mut arguments, &mut out)?;
    }
    give_text(&out)
}

pub(super) fn text_format_nv(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    text_format(call, args)
}

fn format_one(call: &CallContext<'_>, directive: &Directive, arguments: &mut Arguments<'_>, out: &mut String) -> Result<()> {
    if !matches!(directive.conversion, 's' | 'I' | 'L') {
        return Err(invalid_parameter(format!("unrecognized format() type specifier \"{}\"", directive.conversion))
            .hint("For a single \"%\" use \"%%\"."));
    }
    let mut left = directive.left;
    let width = match directive.width {
        Width::None => 0,
        Width::Fixed(width) => width,
        Width::Argument(position) => {
            let width = width_argument(call, arguments.take(position)?)?;
            left |= width < 0;
            width.unsigned_abs() as usize
        }
    };
    let (value, value_type) = arguments.take(directive.argument)?;
    let mut text = String::new();
    match directive.conversion {
        'L' if value.is_null() => text.push_str("NULL"),
        'I' if value.is_null() => {
            return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "null values cannot be formatted as an SQL identifier"));
        }
        _ if value.is_null() => {}
        conversion => {
            append(call, value, value_type, &mut text)?;
            text = match conversion {
                'I' => quote_identifier(&text),
                'L' => quote_literal_text(&text),
                _ => text,
            };
        }
    }
    let missing = width.saturating_sub(super::text::char_count(&text));
    if left {
        out.push_str(&text);
    }
    out.extend(std::iter::repeat_n(' ', missing));
    if !left {
        out.push_str(&text);
    }
    Ok(())
}

fn width_argument(call: &CallContext<'_>, (value, value_type): (&Datum, Oid)) -> Result<i32> {
    match value {
        Datum::Null => Ok(0),
        Datum::Int4(width) => Ok(*width),
        Datum::Int2(width) => Ok((*width).into()),
        other => {
            let mut text = String::new();
            append(call, other, value_type, &mut text)?;
            int4(&[input(Type::plain(Oid::INT4), &text, call.eval)?], 0)
        }
    }
}

/// Key words that cannot stand unquoted as an identifier everywhere: PostgreSQL 16's reserved, type/function-name and column-name key words, sorted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint", "binary", "bit",
    "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
    "constraint", "create", "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
    "exists", "extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping",
    "having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull", "join",
    "json_array", "json_arrayagg", "json_object", "json_objectagg", "lateral", "leading", "least", "left", "like", "limit", "localtime",
    "localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on",
    "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position", "precision", "primary", "real", "references",
    "returning", "right", "row", "select", "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric",
    "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique",
    "user", "using", "values", "varchar", "variadic", "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat",
    "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];

/// An identifier, in double quotes where it needs them.
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    let plain = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if plain && RESERVED.binary_search(&name).is_err() {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A string literal; `E''` when it holds a backslash.
#[must_use]
pub fn quote_literal_text(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

pub(super) fn quote_ident(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&quote_identifier(text(args, 0)?))
}

pub(super) fn quote_literal(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut text = String::new();
    append(call, &args[0], type_of(call, 0), &mut text)?;
    give_text(&quote_literal_text(&text))
}

pub(super) fn quote_nullable(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    if args[0].is_null() { give_text("NULL") } else { quote_literal(call, args) }
}

/// Splits at a separator: NULL separates characters, an empty one separates nothing; fields equal to `null` become NULL.
fn split(source: &str, separator: Option<&str>, null: Option<&str>) -> Vec<Datum> {
    let field = |field: &str| if null == Some(field) { Datum::Null } else { Datum::text(field) };
    match separator {
        _ if source.is_empty() => Vec::new(),
        None => source.chars().map(|character| field(character.encode_utf8(&mut [0; 4]))).collect(),
        Some("") => vec![field(source)],
        Some(separator) => source.split(separator).map(field).collect(),
    }
}

fn split_arguments(args: &[Datum]) -> Result<Option<Vec<Datum>>> {
    let Some(source) = optional(args, 0, text)? else { return Ok(None) };
    Ok(Some(split(source, optional(args, 1, text)?, optional(args, 2, text)?)))
}

/// `string_to_array(text, separator)`
pub(super) fn text_to_array(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(match split_arguments(args)? {
        None => Datum::Null,
        Some(fields) => Datum::Array(ArrayValue::one_dimensional(Oid::TEXT, fields).into()),
    })
}

pub(super) fn text_to_array_null(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    text_to_array(call, args)
}

type Rows = crate::RowSet;

/// `string_to_table(text, separator)`
pub(super) fn text_to_table(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    Ok(Box::new(split_arguments(args)?.unwrap_or_default().into_iter().map(|field| Ok(vec![field]))))
}

pub(super) fn text_to_table_null(call: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    text_to_table(call, args)
}

/// `array_to_string(array, separator [, null])`
pub(super) fn array_to_text(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = array(args, 0)?;
    let separator = text(args, 1)?;
    let null = optional(args, 2, text)?;
    let mut joined = String::new();
    let mut first = true;
    for element in &value.elements {
        if element.is_null() && null.is_none() {
            continue;
        }
        if !first {
            joined.push_str(separator);
        }
        first = false;
        match null {
            Some(null) if element.is_null() => joined.push_str(null),
            _ => append(call, element, value.element, &mut joined)?,
        }
    }
    give_text(&joined)
}

pub(super) fn array_to_text_null(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    if args[0].is_null() || args[1].is_null() { Ok(Datum::Null) } else { array_to_text(call, args) }
}

/// `num_nulls(VARIADIC)`
pub(super) fn pg_num_nulls(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(super::args::count(args.iter().filter(|value| value.is_null()).count())))
}

pub(super) fn pg_num_nonnulls(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(super::args::count(args.iter().filter(|value| !value.is_null()).count())))
}

fn invalid_identifier(source: &str, detail: Option<&str>) -> SqlError {
    let error = invalid_parameter(format!("string is not a valid identifier: \"{source}\""));
    match detail {
        Some(detail) => error.detail(detail),
        None => error,
    }
}

/// `parse_ident(text, strict)`: the parts of a qualified identifier.
pub(super) fn parse_ident(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let strict = super::args::boolean(args, 1)?;
    let mut parts = Vec::new();
    let mut rest = source.trim_start();
    let mut after_dot = false;
    loop {
        let (part, after) = identifier(source, rest, after_dot)?;
        parts.push(Datum::text(&part));
        rest = after.trim_start();
        match rest.strip_prefix('.') {
            Some(after) => rest = after.trim_start(),
            None if rest.is_empty() || !strict => break,
            None => return Err(invalid_identifier(source, None)),
        }
        after_dot = true;
    }
    Ok(Datum::Array(ArrayValue::one_dimensional(Oid::TEXT, parts).into()))
}

/// The identifier at the start of `rest`, and what follows it.
fn identifier<'a>(source: &str, rest: &'a str, after_dot: bool) -> Result<(String, &'a str)> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut name = String::new();
        let mut characters = quoted.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            if character != '"' {
                name.push(character);
            } else if characters.next_if(|(_, next)| *next == '"').is_some() {
                name.push('"');
            } else if name.is_empty() {
                return Err(invalid_identifier(source, Some("Quoted identifier must not be empty.")));
            } else {
                return Ok((name, &quoted[at + 1..]));
            }
        }
        return Err(invalid_identifier(source, Some("String has unclosed double quotes.")));
    }
    let starts = |character: char| character == '_' || character.is_ascii_alphabetic() || !character.is_ascii();
    let end = rest
        .char_indices()
        .find(|(at, character)| !(starts(*character) || *at > 0 && (character.is_ascii_digit() || *character == '$')))
        .map_or(rest.len(), |(at, _)| at);
    if end > 0 {
        return Ok((rest[..end].to_ascii_lowercase(), &rest[end..]));
    }
    if rest.starts_with('.') {
        Err(invalid_identifier(source, Some("No valid identifier before \".\".")))
    } else if after_dot {
        Err(invalid_identifier(source, Some("No valid identifier after \".\".")))
    } else {
        Err(invalid_identifier(source, None))
    }
}
