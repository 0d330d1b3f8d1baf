//! Functions of MySQL and what they are called here. Those are in the list that yield the same, and that do not depend on settings where MySQL's
//! do not: a generated column's expression must be immutable.

use borealis_sql::deparse::quote::literal;
use sqlparser::ast::{CeilFloorKind, DateTimeField, Expr, TrimWhereField, Value};

use super::expr::{Translated, Translator, Untranslatable, Yields, bracketed};

type R<T> = Result<T, Untranslatable>;

/// A call by its name.
pub(crate) fn translate(translator: &Translator<'_>, name: &str, args: &[&Expr]) -> R<Translated> {
    let name = name.to_ascii_uppercase();
    if let Some(found) = clock(&name, args) {
        return Ok(found);
    }
    let found = texts(translator, &name, args)?.or(numbers(translator, &name, args)?).or(choices(translator, &name, args)?);
    match found.or(documents(translator, &name, args)?) {
        Some(found) => Ok(found),
        None => Err(format!("the function {name} of {} arguments", args.len())),
    }
}

/// What depends on the moment, or on chance.
fn clock(name: &str, args: &[&Expr]) -> Option<Translated> {
    // The precision of NOW(6) is the column's own affair.
    let precision_alone = args.iter().all(|arg| matches!(arg, Expr::Value(value) if matches!(value.value, Value::Number(..))));
    if !precision_alone {
        return None;
    }
    let sql = match name {
        "NOW" | "CURRENT_TIMESTAMP" | "LOCALTIME" | "LOCALTIMESTAMP" | "SYSDATE" => "CURRENT_TIMESTAMP",
        "CURDATE" | "CURRENT_DATE" => "CURRENT_DATE",
        "CURTIME" | "CURRENT_TIME" => "CURRENT_TIME",
        "UTC_TIMESTAMP" => "(now() AT TIME ZONE 'UTC')",
        "UTC_DATE" => "((now() AT TIME ZONE 'UTC')::date)",
        "UUID" if args.is_empty() => "gen_random_uuid()",
        "RAND" if args.is_empty() => return Some(Translated::new("random()", Yields::Number)),
        "UNIX_TIMESTAMP" if args.is_empty() => return Some(Translated::new("(EXTRACT(epoch FROM now())::bigint)", Yields::Number)),
        _ => return None,
    };
    Some(Translated::new(sql, Yields::Other))
}

fn texts(translator: &Translator<'_>, name: &str, args: &[&Expr]) -> R<Option<Translated>> {
    let text = |at: usize| translator.value(args[at])?.text();
    let number = |at: usize| translator.value(args[at])?.number();
    let sql = match (name, args.len()) {
        ("CONCAT", 1..) => {
            // The function concat() depends on settings; || does not, and yields NULL as MySQL does when a part is NULL.
            let parts: Vec<String> = (0..args.len()).map(|at| Ok(bracketed(&text(at)?))).collect::<R<_>>()?;
            parts.join(" || ")
        }
        ("LOWER" | "LCASE", 1) => format!("lower({})", text(0)?),
        ("UPPER" | "UCASE", 1) => format!("upper({})", text(0)?),
        ("LTRIM", 1) => format!("ltrim({})", text(0)?),
        ("RTRIM", 1) => format!("rtrim({})", text(0)?),
        ("TRIM", 1) => format!("btrim({})", text(0)?),
        ("REVERSE", 1) => format!("reverse({})", text(0)?),
        ("LEFT", 2) => format!("left({}, {})", text(0)?, number(1)?),
        ("RIGHT", 2) => format!("right({}, {})", text(0)?, number(1)?),
        ("REPEAT", 2) => format!("repeat({}, {})", text(0)?, number(1)?),
        ("REPLACE", 3) => format!("replace({}, {}, {})", text(0)?, text(1)?, text(2)?),
        ("LPAD", 3) => format!("lpad({}, {}, {})", text(0)?, number(1)?, text(2)?),
        ("RPAD", 3) => format!("rpad({}, {}, {})", text(0)?, number(1)?, text(2)?),
        ("SUBSTRING" | "SUBSTR" | "MID", 2) => format!("substr({}, {})", text(0)?, number(1)?),
        ("SUBSTRING" | "SUBSTR" | "MID", 3) => format!("substr({}, {}, {})", text(0)?, number(1)?, number(2)?),
        ("SUBSTRING_INDEX", 3) => format!("split_part({}, {}, {})", text(0)?, text(1)?, first(args[2])?),
        ("MD5", 1) => format!("md5({})", text(0)?),
        ("HEX", 1) => return Ok(None),
        _ => return Ok(None),
    };
    Ok(Some(Translated::new(sql, Yields::Text)))
}

/// `substring_index(x, d, 1)` is the first part; other counts yield several.
fn first(count: &Expr) -> R<&'static str> {
    if count.to_string() == "1" { Ok("1") } else { Err("SUBSTRING_INDEX with a count other than 1".to_owned()) }
}

fn numbers(translator: &Translator<'_>, name: &str, args: &[&Expr]) -> R<Option<Translated>> {
    let text = |at: usize| translator.value(args[at])?.text();
    let number = |at: usize| translator.value(args[at])?.number();
    let value = |at: usize| Ok::<String, Untranslatable>(translator.value(args[at])?.sql);
    let sql = match (name, args.len()) {
        ("CHAR_LENGTH" | "CHARACTER_LENGTH", 1) => format!("char_length({})", text(0)?),
        ("LENGTH" | "OCTET_LENGTH", 1) => format!("octet_length({})", text(0)?),
        ("ASCII", 1) => format!("ascii({})", text(0)?),
        ("INSTR", 2) => format!("strpos({}, {})", text(0)?, text(1)?),
        ("LOCATE", 2) => format!("strpos({}, {})", text(1)?, text(0)?),
        ("ABS", 1) => format!("abs({})", number(0)?),
        ("SIGN", 1) => format!("sign({})", number(0)?),
        ("CEIL" | "CEILING", 1) => format!("ceil({})", number(0)?),
        ("FLOOR", 1) => format!("floor({})", number(0)?),
        ("ROUND", 1) => format!("round({}::numeric)", bracketed(&number(0)?)),
        ("ROUND", 2) => format!("round({}::numeric, {})", bracketed(&number(0)?), number(1)?),
        ("TRUNCATE", 2) => format!("trunc({}::numeric, {})", bracketed(&number(0)?), number(1)?),
        ("SQRT", 1) => format!("sqrt({})", number(0)?),
        ("POW" | "POWER", 2) => format!("power({}, {})", number(0)?, number(1)?),
        ("MOD", 2) => format!("mod({}, NULLIF({}, 0))", number(0)?, number(1)?),
        ("YEAR" | "MONTH" | "DAY" | "HOUR" | "MINUTE" | "QUARTER" | "DAYOFMONTH", 1) => {
            let field = if name == "DAYOFMONTH" { "day".to_owned() } else { name.to_ascii_lowercase() };
            format!("EXTRACT({field} FROM {})::integer", value(0)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(Translated::new(sql, Yields::Number)))
}

/// What yields one of its arguments, or says something about them.
fn choices(translator: &Translator<'_>, name: &str, args: &[&Expr]) -> R<Option<Translated>> {
    let same_kind = |from: usize| {
        let values: Vec<Translated> = args[from..].iter().map(|arg| translator.value(arg)).collect::<R<_>>()?;
        let kind = values.iter().map(|value| value.yields).find(|kind| *kind != Yields::Other).unwrap_or(Yields::Other);
        if values.iter().any(|value| value.yields != kind && value.yields != Yields::Other) {
            return Err(format!("arguments of different kinds of {name}"));
        }
        Ok((values.into_iter().map(|value| value.sql).collect::<Vec<_>>(), kind))
    };
    let translated = match (name, args.len()) {
        ("COALESCE", 1..) | ("IFNULL", 2) => {
            let (values, kind) = same_kind(0)?;
            Translated::new(format!("COALESCE({})", values.join(", ")), kind)
        }
        ("NULLIF", 2) => {
            let (values, kind) = same_kind(0)?;
            Translated::new(format!("NULLIF({})", values.join(", ")), kind)
        }
        ("IF", 3) => {
            let condition = translator.condition(args[0])?;
            let (values, kind) = same_kind(1)?;
            Translated::new(format!("CASE WHEN {condition} THEN {} ELSE {} END", values[0], values[1]), kind)
        }
        ("ISNULL", 1) => Translated::new(format!("{} IS NULL", translator.operand(args[0])?.sql), Yields::Truth),
        ("REGEXP_LIKE", 2) => translator.regular_expression(args[0], false, args[1])?,
        ("DATE", 1) => Translated::new(format!("{}::date", translator.operand(args[0])?.sql), Yields::Other),
        _ => return Ok(None),
    };
    Ok(Some(translated))
}

fn documents(translator: &Translator<'_>, name: &str, args: &[&Expr]) -> R<Option<Translated>> {
    let translated = match (name, args.len()) {
        ("JSON_EXTRACT", 2) => json_path(translator, args[0], args[1], false)?,
        ("JSON_VALUE", 2) => json_path(translator, args[0], args[1], true)?,
        // MySQL writes `doc ->> '$.a'` this way.
        ("JSON_UNQUOTE", 1) => match args[0] {
            Expr::Function(inner) => unquoted(translator, inner)?,
            _ => return Ok(None),
        },
        ("JSON_ARRAY", 0) => Translated::new("'[]'", Yields::Json),
        ("JSON_OBJECT", 0) => Translated::new("'{}'", Yields::Json),
        _ => return Ok(None),
    };
    Ok(Some(translated))
}

fn unquoted(translator: &Translator<'_>, inner: &sqlparser::ast::Function) -> R<Translated> {
    let call = Expr::Function(inner.clone());
    let extracted = translator.value(&call)?;
    // The last step of the path yields a text instead of a document.
    let at = extracted.sql.rfind(" -> ").ok_or("JSON_UNQUOTE of something other than JSON_EXTRACT")?;
    let mut sql = extracted.sql;
    sql.replace_range(at..at + 4, " ->> ");
    Ok(Translated::new(sql, Yields::Text))
}

/// `doc -> '$.a.b[0]'`: a step for each part of the path.
pub(crate) fn json_path(translator: &Translator<'_>, doc: &Expr, path: &Expr, as_text: bool) -> R<Translated> {
    let document = translator.operand(doc)?;
    let mut sql = match document.yields {
        Yields::Json => document.sql,
        Yields::Text => format!("{}::jsonb", document.sql),
        _ => return Err("a JSON path of something that is no document".to_owned()),
    };
    let path = match path {
        Expr::Value(value) => value.value.clone().into_string().ok_or("a JSON path that is no constant")?,
        Expr::Prefixed { value, .. } => return json_path(translator, doc, value, as_text),
        _ => return Err("a JSON path that is no constant".to_owned()),
    };
    let steps = steps(&path).ok_or_else(|| format!("the JSON path {path}"))?;
    let last = steps.len();
    for (at, step) in steps.into_iter().enumerate() {
        let arrow = if as_text && at + 1 == last { "->>" } else { "->" };
        sql = format!("{sql} {arrow} {step}");
    }
    Ok(Translated::new(sql, if as_text { Yields::Text } else { Yields::Json }))
}

/// Keys as literals, positions as numbers; `None` for paths with wildcards and the like.
fn steps(path: &str) -> Option<Vec<String>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix(".\"") {
            let end = quoted.find('"')?;
            steps.push(literal(&quoted[..end]));
            rest = &quoted[end + 1..];
        } else if let Some(key) = rest.strip_prefix('.') {
            let end = key.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(key.len());
            if end == 0 {
                return None;
            }
            steps.push(literal(&key[..end]));
            rest = &key[end..];
        } else {
            let position = rest.strip_prefix('[')?;
            let end = position.find(']')?;
            steps.push(position[..end].trim().parse::<u32>().ok()?.to_string());
            rest = &position[end + 1..];
        }
    }
    (!steps.is_empty()).then_some(steps)
}

/// Functions with a syntax of their own.
pub(crate) fn special(translator: &Translator<'_>, expr: &Expr) -> R<Translated> {
    let text = |expr: &Expr| translator.value(expr)?.text();
    let number = |expr: &Expr| translator.value(expr)?.number();
    match expr {
        Expr::Substring { expr, substring_from: Some(from), substring_for: None, .. } => {
            Ok(Translated::new(format!("substr({}, {})", text(expr)?, number(from)?), Yields::Text))
        }
        Expr::Substring { expr, substring_from: Some(from), substring_for: Some(length), .. } => {
            Ok(Translated::new(format!("substr({}, {}, {})", text(expr)?, number(from)?, number(length)?), Yields::Text))
        }
        Expr::Trim { trim_where, trim_what, expr, trim_characters: None } => {
            let name = match trim_where {
                None | Some(TrimWhereField::Both) => "btrim",
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
            };
            match trim_what {
                None => Ok(Translated::new(format!("{name}({})", text(expr)?), Yields::Text)),
                // MySQL removes a string, the target characters of a set: the same for one character.
                Some(what) if text(what)?.chars().count() == 3 => {
                    Ok(Translated::new(format!("{name}({}, {})", text(expr)?, text(what)?), Yields::Text))
                }
                Some(_) => Err("TRIM of more than one character".to_owned()),
            }
        }
        Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
            Ok(Translated::new(format!("ceil({})", number(expr)?), Yields::Number))
        }
        Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
            Ok(Translated::new(format!("floor({})", number(expr)?), Yields::Number))
        }
        Expr::Position { expr, r#in } => Ok(Translated::new(format!("strpos({}, {})", text(r#in)?, text(expr)?), Yields::Number)),
        Expr::Extract { field: field @ (DateTimeField::Year | DateTimeField::Month | DateTimeField::Day), expr, .. } => {
            let sql = format!("EXTRACT({} FROM {})::integer", field.to_string().to_ascii_lowercase(), translator.value(expr)?.sql);
            Ok(Translated::new(sql, Yields::Number))
        }
        other => Err(format!("\"{other}\"")),
    }
}
