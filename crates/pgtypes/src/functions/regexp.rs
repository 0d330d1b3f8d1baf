//! The `regexp_` functions and the matching operators.

use super::args::{count, give_text, int4, invalid_parameter, optional, text};
use super::regex::{Flags, Groups, compile, invalid_option};
use super::text::{char_count, offset};
use crate::{ArrayValue, CallContext, Datum, Oid, Result, SqlError};

type Rows = crate::RowSet;

macro_rules! matching {
    ($(fn $name:ident = $flags:expr, $wanted:literal;)*) => {
        $(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::Bool(compile(text(args, 1)?, $flags)?.is_match(text(args, 0)?)? == $wanted))
        })*
    };
}

matching! {
    fn textregexeq = Flags::NONE, true; fn textregexne = Flags::NONE, false;
    fn texticregexeq = Flags::ICASE, true; fn texticregexne = Flags::ICASE, false;
    fn nameregexeq = Flags::NONE, true; fn nameregexne = Flags::NONE, false;
    fn nameicregexeq = Flags::ICASE, true; fn nameicregexne = Flags::ICASE, false;
}

/// `substring(text from pattern)`: the first group if there is one, else the match.
pub(super) fn textregexsubstr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let pattern = compile(text(args, 1)?, Flags::NONE)?;
    let Some(groups) = pattern.find(source, 0)? else { return Ok(Datum::Null) };
    let wanted = usize::from(pattern.group_count() > 0);
    Ok(piece(source, groups[wanted]))
}

fn piece(source: &str, range: Option<(usize, usize)>) -> Datum {
    range.map_or(Datum::Null, |(start, end)| Datum::text(&source[start..end]))
}

/// Flags of a function that always or never works on all matches, and says so when asked for `g`.
fn flags_without_global(args: &[Datum], index: usize, function: &str, hint: Option<&str>) -> Result<Flags> {
    let flags = optional(args, index, text)?.map_or(Ok(Flags::NONE), Flags::parse)?;
    if flags.global {
        let error = invalid_parameter(format!("{function}() does not support the \"global\" option"));
        return Err(match hint {
            Some(hint) => error.hint(hint),
            None => error,
        });
    }
    Ok(flags)
}

/// Walks matches as `setup_regexp_matches` does: after an empty match the search goes on one character later.
struct Matches<'a> {
    source: &'a str,
    pattern: std::rc::Rc<super::regex::Pattern>,
    next: Option<usize>,
}

impl<'a> Matches<'a> {
    fn new(source: &'a str, pattern: &str, flags: Flags, start: usize) -> Result<Self> {
        Ok(Self { source, pattern: compile(pattern, flags)?, next: Some(start) })
    }
}

impl Iterator for Matches<'_> {
    type Item = Result<Groups>;

    fn next(&mut self) -> Option<Result<Groups>> {
        let groups = match self.pattern.find(self.source, self.next.take()?).transpose()? {
            Ok(groups) => groups,
            Err(error) => return Some(Err(error)),
        };
        let (start, end) = groups[0]?;
        self.next = if end > start { Some(end) } else { self.source[end..].chars().next().map(|skipped| end + skipped.len_utf8()) };
        Some(Ok(groups))
    }
}

/// The row of `regexp_match`: the groups, or the whole match when there are none.
fn match_array(source: &str, groups: &Groups) -> Datum {
    let pieces = if groups.len() > 1 { &groups[1..] } else { &groups[..] };
    let elements = pieces.iter().map(|range| piece(source, *range)).collect();
    Datum::Array(ArrayValue::one_dimensional(Oid::TEXT, elements).into())
}

pub(super) fn regexp_match(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let flags = flags_without_global(args, 2, "regexp_match", Some("Use the regexp_matches function instead."))?;
    let source = text(args, 0)?;
    let groups = compile(text(args, 1)?, flags)?.find(source, 0)?;
    Ok(groups.map_or(Datum::Null, |groups| match_array(source, &groups)))
}

pub(super) fn regexp_match_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    regexp_match(call, args)
}

pub(super) fn regexp_matches(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let flags = optional(args, 2, text)?.map_or(Ok(Flags::NONE), Flags::parse)?;
    let source = text(args, 0)?;
    let limit = if flags.global { usize::MAX } else { 1 };
    let rows: Vec<_> =
        Matches::new(source, text(args, 1)?, flags, 0)?.take(limit).map(|groups| Ok(vec![match_array(source, &groups?)])).collect();
    Ok(Box::new(rows.into_iter()))
}

pub(super) fn regexp_matches_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    regexp_matches(call, args)
}

/// Appends the replacement: `\1`-`\9`, `\&` and `\\`.
fn push_replacement(out: &mut String, source: &str, groups: &Groups, replacement: &str) {
    let mut characters = replacement.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let group = match characters.clone().next() {
            Some('&') => Some(0),
            Some(digit @ '1'..='9') => Some(digit as usize - '0' as usize),
            Some('\\') => None,
            _ => {
                out.push('\\');
                continue;
            }
        };
        characters.next();
        match group {
            Some(group) => {
                if let Some(Some((start, end))) = groups.get(group) {
                    out.push_str(&source[*start..*end]);
                }
            }
            None => out.push('\\'),
        }
    }
}

/// Replaces match number `nth` (0: all) from byte `start` on.
fn replace(source: &str, pattern: &str, replacement: &str, flags: Flags, start: usize, nth: usize) -> Result<Datum> {
    let mut out = String::with_capacity(source.len());
    let mut copied = 0;
    for (index, groups) in Matches::new(source, pattern, flags, start)?.enumerate() {
        let groups = groups?;
        if nth > 0 && index + 1 != nth {
            continue;
        }
        let Some((from, to)) = groups[0] else { continue };
        out.push_str(&source[copied..from]);
        push_replacement(&mut out, source, &groups, replacement);
        copied = to;
        if nth > 0 {
            break;
        }
    }
    out.push_str(&source[copied..]);
    give_text(&out)
}

pub(super) fn textregexreplace_noopt(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    replace(text(args, 0)?, text(args, 1)?, text(args, 2)?, Flags::NONE, 0, 1)
}

pub(super) fn textregexreplace(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let options = text(args, 3)?;
    if let Some(digit) = options.chars().next().filter(char::is_ascii_digit) {
        return Err(invalid_option(digit)
            .hint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly."));
    }
    let flags = Flags::parse(options)?;
    replace(text(args, 0)?, text(args, 1)?, text(args, 2)?, flags, 0, usize::from(!flags.global))
}

fn out_of_bounds(name: &str, value: i32) -> SqlError {
    invalid_parameter(format!("invalid value for parameter \"{name}\": {value}"))
}

/// A 1-based character position as a byte offset.
fn start_argument(source: &str, args: &[Datum], index: usize) -> Result<usize> {
    match optional(args, index, int4)? {
        None => Ok(0),
        Some(start) if start <= 0 => Err(out_of_bounds("start", start)),
        Some(start) => {
            let skipped = usize::try_from(start - 1).unwrap_or(0);
            Ok(if skipped > char_count(source) { source.len() + 1 } else { offset(source, skipped) })
        }
    }
}

fn nth_argument(args: &[Datum], index: usize) -> Result<usize> {
    match optional(args, index, int4)? {
        None => Ok(1),
        Some(nth) => usize::try_from(nth).ok().filter(|nth| *nth > 0).ok_or_else(|| out_of_bounds("n", nth)),
    }
}

pub(super) fn textregexreplace_extended(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let start = start_argument(source, args, 3)?;
    let given = optional(args, 4, int4)?;
    if let Some(negative) = given.filter(|nth| *nth < 0) {
        return Err(out_of_bounds("n", negative));
    }
    let flags = optional(args, 5, text)?.map_or(Ok(Flags::NONE), Flags::parse)?;
    let nth = given.map_or(usize::from(!flags.global), |nth| usize::try_from(nth).unwrap_or(0));
    if start > source.len() {
        compile(text(args, 1)?, flags)?;
        return give_text(source);
    }
    replace(source, text(args, 1)?, text(args, 2)?, flags, start, nth)
}

pub(super) fn textregexreplace_extended_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    textregexreplace_extended(call, args)
}

pub(super) fn textregexreplace_extended_no_n(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    textregexreplace_extended(call, args)
}

/// Pieces between matches; an empty match at the end of the text or right after another match separates nothing.
fn split(source: &str, pattern: &str, flags: Flags) -> Result<Vec<Datum>> {
    let mut pieces = Vec::new();
    let mut last = 0;
    for groups in Matches::new(source, pattern, flags, 0)? {
        let Some((start, end)) = groups?[0] else { continue };
        if start < source.len() && end > last {
            pieces.push(Datum::text(&source[last..start]));
            last = end;
        }
    }
    pieces.push(Datum::text(&source[last..]));
    Ok(pieces)
}

pub(super) fn regexp_split_to_array(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let flags = flags_without_global(args, 2, "regexp_split_to_array", None)?;
    let pieces = split(text(args, 0)?, text(args, 1)?, flags)?;
    Ok(Datum::Array(ArrayValue::one_dimensional(Oid::TEXT, pieces).into()))
}

pub(super) fn regexp_split_to_array_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    regexp_split_to_array(call, args)
}

pub(super) fn regexp_split_to_table(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let flags = flags_without_global(args, 2, "regexp_split_to_table", None)?;
    let pieces = split(text(args, 0)?, text(args, 1)?, flags)?;
    Ok(Box::new(pieces.into_iter().map(|piece| Ok(vec![piece]))))
}

pub(super) fn regexp_split_to_table_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    regexp_split_to_table(call, args)
}

pub(super) fn regexp_count(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let start = start_argument(source, args, 2)?;
    let flags = flags_without_global(args, 3, "regexp_count", None)?;
    if start > source.len() {
        compile(text(args, 1)?, flags)?;
        return Ok(Datum::Int4(0));
    }
    let matches = Matches::new(source, text(args, 1)?, flags, start)?;
    Ok(Datum::Int4(count(matches.collect::<Result<Vec<_>>>()?.len())))
}

pub(super) fn regexp_count_no_start(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    regexp_count(call, args)
}

pub(super) fn regexp_count_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    regexp_count(call, args)
}

pub(super) fn regexp_like(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let flags = flags_without_global(args, 2, "regexp_like", None)?;
    Ok(Datum::Bool(compile(text(args, 1)?, flags)?.is_match(text(args, 0)?)?))
}

pub(super) fn regexp_like_no_flags(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    regexp_like(call, args)
}

fn subexpression(args: &[Datum], index: usize) -> Result<usize> {
    match optional(args, index, int4)? {
        None => Ok(0),
        Some(number) => usize::try_from(number).map_err(|_| out_of_bounds("subexpr", number)),
    }
}

/// The nth match from the start argument on; `None` too when the text is shorter than that.
fn nth_match(source: &str, pattern: &str, flags: Flags, start: usize, nth: usize) -> Result<Option<Groups>> {
    if start > source.len() {
        compile(pattern, flags)?;
        return Ok(None);
    }
    let mut matches = Matches::new(source, pattern, flags, start)?.take(nth).collect::<Result<Vec<_>>>()?;
    Ok(if matches.len() == nth { matches.pop() } else { None })
}

/// The range of the group asked for; group 0 is the match, and so is group 1 of a pattern without groups.
fn group_range(groups: &Groups, group: usize) -> Option<(usize, usize)> {
    let group = if groups.len() == 1 && group == 1 { 0 } else { group };
    groups.get(group).copied().flatten()
}

/// `regexp_instr(text, pattern, start, n, endoption, flags, subexpr)`
pub(super) fn regexp_instr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let start = start_argument(source, args, 2)?;
    let nth = nth_argument(args, 3)?;
    let at_end = match optional(args, 4, int4)? {
        None | Some(0) => false,
        Some(1) => true,
        Some(other) => return Err(out_of_bounds("endoption", other)),
    };
    let flags = flags_without_global(args, 5, "regexp_instr", None)?;
    let group = subexpression(args, 6)?;
    let found = nth_match(source, text(args, 1)?, flags, start, nth)?;
    let Some((from, to)) = found.and_then(|groups| group_range(&groups, group)) else { return Ok(Datum::Int4(0)) };
    let at = if at_end { to } else { from };
    Ok(Datum::Int4(count(char_count(&source[..at])) + 1))
}

/// `regexp_substr(text, pattern, start, n, flags, subexpr)`
pub(super) fn regexp_substr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let start = start_argument(source, args, 2)?;
    let nth = nth_argument(args, 3)?;
    let flags = flags_without_global(args, 4, "regexp_substr", None)?;
    let group = subexpression(args, 5)?;
    let found = nth_match(source, text(args, 1)?, flags, start, nth)?;
    Ok(piece(source, found.and_then(|groups| group_range(&groups, group))))
}

macro_rules! shorter_forms {
    ($($target:ident: $(fn $name:ident)*;)*) => {
        $($(pub(super) fn $name(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $target(call, args)
        })*)*
    };
}

shorter_forms! {
    regexp_instr: fn regexp_instr_no_start fn regexp_instr_no_n fn regexp_instr_no_endoption fn regexp_instr_no_flags fn regexp_instr_no_subexpr;
    regexp_substr: fn regexp_substr_no_start fn regexp_substr_no_n fn regexp_substr_no_flags fn regexp_substr_no_subexpr;
}
