//! Expressions of MySQL in the target's words: those of DEFAULT, CHECK, generated columns and keys. What has no sure counterpart is said so, and
//! never handed on in the hope that it means the same.

use borealis_sql::deparse::quote::{identifier, literal};
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, InTarget, UnaryOperator, Value,
};

use super::call;
use crate::model::Column;

/// Why an expression has no counterpart.
pub(crate) type Untranslatable = String;

type R<T> = Result<T, Untranslatable>;

/// What a translated expression yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Yields {
    Truth,
    Number,
    Text,
    Json,
    /// Dates, bytes, NULL: compared with their like and otherwise left alone.
    Other,
}

/// A translated expression; text that needs no brackets around it as an operand.
#[derive(Clone, Debug)]
pub(crate) struct Translated {
    pub(crate) sql: String,
    pub(crate) yields: Yields,
}

impl Translated {
    pub(crate) fn new(sql: impl Into<String>, yields: Yields) -> Self {
        Self { sql: sql.into(), yields }
    }

    /// As a number: truth is 0 or 1.
    pub(crate) fn number(self) -> R<String> {
        match self.yields {
            Yields::Truth => Ok(format!("({})::integer", self.sql)),
            Yields::Text | Yields::Json => Err("a text is used as a number".to_owned()),
            Yields::Number | Yields::Other => Ok(self.sql),
        }
    }

    /// As a text.
    pub(crate) fn text(self) -> R<String> {
        match self.yields {
            Yields::Text => Ok(self.sql),
            Yields::Number => Ok(format!("({})::text", self.sql)),
            Yields::Truth => Ok(format!("(({})::integer)::text", self.sql)),
            // How dates and documents are written depends on settings, so it may not stand where a value must never change.
            Yields::Json | Yields::Other => Err("a date or a document is used as a text".to_owned()),
        }
    }
}

/// Translates over the columns of a table.
pub(crate) struct Translator<'a> {
    pub(crate) columns: &'a [Column],
    /// Whether there may be columns that are not known, of any type.
    pub(crate) open: bool,
}

impl Translator<'_> {
    /// As a condition: of CHECK, AND, IF.
    pub(crate) fn condition(&self, expr: &Expr) -> R<String> {
        // A boolean column is one already; elsewhere it counts as 0 or 1.
        if let Some(column) = self.boolean_column(expr) {
            return Ok(identifier(&column.name));
        }
        let translated = self.value(expr)?;
        match translated.yields {
            Yields::Truth => Ok(translated.sql),
            Yields::Number => Ok(format!("{} <> 0", translated.sql)),
            Yields::Text | Yields::Json | Yields::Other => Err(format!("\"{expr}\" is used as a condition")),
        }
    }

    fn boolean_column(&self, expr: &Expr) -> Option<&Column> {
        match expr {
            Expr::Identifier(ident) => self.column(&ident.value).filter(|column| column.sql_type == "boolean"),
            Expr::Nested(inner) => self.boolean_column(inner),
            _ => None,
        }
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn value(&self, expr: &Expr) -> R<Translated> {
        match expr {
            Expr::Identifier(ident) if is_now(&ident.value) => call::translate(self, &ident.value, &[]),
            Expr::Identifier(ident) => self.reference(&ident.value),
            Expr::CompoundIdentifier(parts) => self.reference(&parts.last().ok_or("no name")?.value),
            Expr::Value(value) => self.constant(&value.value),
            Expr::Prefixed { value, .. } => self.value(value),
            Expr::Nested(inner) => {
                let inner = self.value(inner)?;
                Ok(Translated::new(format!("({})", inner.sql), inner.yields))
            }
            Expr::Collate { expr, .. } => self.value(expr),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::IsNull(inner) => self.postfix(inner, "IS NULL"),
            Expr::IsNotNull(inner) => self.postfix(inner, "IS NOT NULL"),
            Expr::IsTrue(inner) => self.truth(inner, "IS TRUE"),
            Expr::IsNotTrue(inner) => self.truth(inner, "IS NOT TRUE"),
            Expr::IsFalse(inner) => self.truth(inner, "IS FALSE"),
            Expr::IsNotFalse(inner) => self.truth(inner, "IS NOT FALSE"),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::In { expr, target: InTarget::List(list), negated, .. } => self.in_list(expr, list, *negated),
            Expr::Like { negated, expr, pattern, escape_char, any: false } => self.like(expr, *negated, pattern, escape_char.as_deref()),
            Expr::RLike { negated, expr, pattern, .. } => self.regular_expression(expr, *negated, pattern),
            Expr::Case { operand, conditions, else_result, .. } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            Expr::Cast { kind: CastKind::Cast, expr, data_type, format: None } => self.cast(expr, data_type),
            Expr::Convert { expr, data_type: Some(data_type), .. } => self.cast(expr, data_type),
            // CONVERT(x USING utf8mb4): there is one character set here.
            Expr::Convert { expr, data_type: None, charset: Some(_), .. } => self.value(expr),
            Expr::Function(function) => self.function(function),
            other => call::special(self, other),
        }
    }

    fn reference(&self, name: &str) -> R<Translated> {
        let Some(column) = self.column(name) else {
            let any = self.open.then(|| Translated::new(identifier(name), Yields::Other));
            return any.ok_or_else(|| format!("there is no column \"{name}\""));
        };
        let quoted = identifier(&column.name);
        if column.sql_type == "boolean" {
            return Ok(Translated::new(format!("{quoted}::integer"), Yields::Number));
        }
        Ok(Translated::new(quoted, yields_of(&column.sql_type)))
    }

    fn constant(&self, value: &Value) -> R<Translated> {
        match value {
            Value::Number(digits, _) => Ok(Translated::new(digits.clone(), Yields::Number)),
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) | Value::NationalStringLiteral(text) => {
                if text.contains('\0') {
                    return Err("a text with a zero byte".to_owned());
                }
                Ok(Translated::new(literal(text), Yields::Text))
            }
            Value::Boolean(value) => Ok(Translated::new(if *value { "true" } else { "false" }, Yields::Truth)),
            Value::Null => Ok(Translated::new("NULL", Yields::Other)),
            Value::HexStringLiteral(digits) => Ok(Translated::new(format!("'\\x{}'::bytea", digits.to_ascii_lowercase()), Yields::Other)),
            other => Err(format!("the constant \"{other}\"")),
        }
    }

    fn unary(&self, op: UnaryOperator, expr: &Expr) -> R<Translated> {
        match op {
            UnaryOperator::Minus => Ok(Translated::new(format!("-{}", self.operand_number(expr)?), Yields::Number)),
            UnaryOperator::Plus => self.value(expr),
            UnaryOperator::Not | UnaryOperator::BangNot => Ok(Translated::new(format!("NOT ({})", self.condition(expr)?), Yields::Truth)),
            UnaryOperator::BitwiseNot => Ok(Translated::new(format!("~{}", self.operand_number(expr)?), Yields::Number)),
            other => Err(format!("the operator {other}")),
        }
    }

    /// An operand: in brackets unless it is one word.
    pub(crate) fn operand(&self, expr: &Expr) -> R<Translated> {
        let translated = self.value(expr)?;
        Ok(Translated { sql: bracketed(&translated.sql), ..translated })
    }

    fn operand_number(&self, expr: &Expr) -> R<String> {
        Ok(bracketed(&self.value(expr)?.number()?))
    }

    fn binary(&self, left: &Expr, op: &BinaryOperator, right: &Expr) -> R<Translated> {
        let arithmetic = |sign: &str| {
            Ok(Translated::new(format!("{} {sign} {}", self.operand_number(left)?, self.operand_number(right)?), Yields::Number))
        };
        let logic = |word: &str| {
            let sides = format!("({}) {word} ({})", self.condition(left)?, self.condition(right)?);
            Ok(Translated::new(sides, Yields::Truth))
        };
        match op {
            BinaryOperator::Plus => arithmetic("+"),
            BinaryOperator::Minus => arithmetic("-"),
            BinaryOperator::Multiply => arithmetic("*"),
            BinaryOperator::Modulo => self.divided(left, "%", right),
            BinaryOperator::Divide => {
                let sql = format!("{}::numeric / NULLIF({}, 0)", self.operand_number(left)?, self.value(right)?.number()?);
                Ok(Translated::new(sql, Yields::Number))
            }
            BinaryOperator::MyIntegerDivide => {
                let sql = format!("div({}::numeric, NULLIF({}, 0))", self.operand_number(left)?, self.value(right)?.number()?);
                Ok(Translated::new(sql, Yields::Number))
            }
            BinaryOperator::BitwiseAnd => arithmetic("&"),
            BinaryOperator::BitwiseOr => arithmetic("|"),
            BinaryOperator::BitwiseXor => arithmetic("#"),
            BinaryOperator::And | BinaryOperator::PGOverlap => logic("AND"),
            BinaryOperator::Or | BinaryOperator::StringConcat => logic("OR"),
            BinaryOperator::Xor => logic("<>"),
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => self.comparison(left, &op.to_string(), right),
            BinaryOperator::Spaceship => self.comparison(left, "IS NOT DISTINCT FROM", right),
            BinaryOperator::Regexp => self.regular_expression(left, false, right),
            BinaryOperator::Arrow => call::json_path(self, left, right, false),
            BinaryOperator::LongArrow => call::json_path(self, left, right, true),
            other => Err(format!("the operator {other}")),
        }
    }

    /// A division by zero yields NULL.
    fn divided(&self, left: &Expr, sign: &str, right: &Expr) -> R<Translated> {
        let sql = format!("{} {sign} NULLIF({}, 0)", self.operand_number(left)?, self.value(right)?.number()?);
        Ok(Translated::new(sql, Yields::Number))
    }

    fn comparison(&self, left: &Expr, op: &str, right: &Expr) -> R<Translated> {
        let (left, right) = comparable(self.operand(left)?, self.operand(right)?)?;
        Ok(Translated::new(format!("{left} {op} {right}"), Yields::Truth))
    }

    fn postfix(&self, inner: &Expr, words: &str) -> R<Translated> {
        // Whether a boolean is NULL needs no number.
        let sql =
            self.boolean_column(inner).map_or_else(|| self.operand(inner).map(|inner| inner.sql), |column| Ok(identifier(&column.name)))?;
        Ok(Translated::new(format!("{sql} {words}"), Yields::Truth))
    }

    fn truth(&self, inner: &Expr, words: &str) -> R<Translated> {
        Ok(Translated::new(format!("({}) {words}", self.condition(inner)?), Yields::Truth))
    }

    fn between(&self, expr: &Expr, negated: bool, low: &Expr, high: &Expr) -> R<Translated> {
        let (value, low) = comparable(self.operand(expr)?, self.operand(low)?)?;
        let (_, high) = comparable(self.operand(expr)?, self.operand(high)?)?;
        let not = if negated { "NOT " } else { "" };
        Ok(Translated::new(format!("{value} {not}BETWEEN {low} AND {high}"), Yields::Truth))
    }

    fn in_list(&self, expr: &Expr, list: &[Expr], negated: bool) -> R<Translated> {
        let value = self.operand(expr)?;
        let items: Vec<String> = list.iter().map(|item| Ok(comparable(value.clone(), self.value(item)?)?.1)).collect::<R<_>>()?;
        let not = if negated { "NOT " } else { "" };
        Ok(Translated::new(format!("{} {not}IN ({})", value.sql, items.join(", ")), Yields::Truth))
    }

    fn like(&self, expr: &Expr, negated: bool, pattern: &Expr, escape: Option<&Expr>) -> R<Translated> {
        let not = if negated { "NOT " } else { "" };
        let escape = match escape {
            Some(escape) => format!(" ESCAPE {}", self.value(escape)?.text()?),
            None => String::new(),
        };
        let (value, pattern) = (bracketed(&self.value(expr)?.text()?), bracketed(&self.value(pattern)?.text()?));
        Ok(Translated::new(format!("{value} {not}LIKE {pattern}{escape}"), Yields::Truth))
    }

    pub(crate) fn regular_expression(&self, expr: &Expr, negated: bool, pattern: &Expr) -> R<Translated> {
        let sign = if negated { "!~" } else { "~" };
        let (value, pattern) = (bracketed(&self.value(expr)?.text()?), bracketed(&self.value(pattern)?.text()?));
        Ok(Translated::new(format!("{value} {sign} {pattern}"), Yields::Truth))
    }

    fn case(&self, operand: Option<&Expr>, conditions: &[sqlparser::ast::CaseWhen], otherwise: Option<&Expr>) -> R<Translated> {
        let mut sql = "CASE".to_owned();
        let mut yields = None;
        let value = operand.map(|operand| self.operand(operand)).transpose()?;
        for when in conditions {
            let condition = match &value {
                Some(value) => {
                    let (left, right) = comparable(value.clone(), self.operand(&when.condition)?)?;
                    format!("{left} = {right}")
                }
                None => self.condition(&when.condition)?,
            };
            let result = self.value(&when.result)?;
            yields = one_kind(yields, &result)?;
            sql.push_str(&format!(" WHEN {condition} THEN {}", result.sql));
        }
        if let Some(otherwise) = otherwise {
            let result = self.value(otherwise)?;
            yields = one_kind(yields, &result)?;
            sql.push_str(&format!(" ELSE {}", result.sql));
        }
        sql.push_str(" END");
        Ok(Translated::new(sql, yields.unwrap_or(Yields::Other)))
    }

    fn cast(&self, expr: &Expr, ty: &DataType) -> R<Translated> {
        let word = ty.to_string().to_ascii_uppercase();
        let value = self.operand(expr)?;
        let base = word.split(['(', ' ']).next().unwrap_or_default();
        let (target, yields) = match base {
            "SIGNED" | "INTEGER" | "UNSIGNED" => ("bigint".to_owned(), Yields::Number),
            "DECIMAL" => (word.to_ascii_lowercase(), Yields::Number),
            "DOUBLE" | "REAL" => ("double precision".to_owned(), Yields::Number),
            "FLOAT" => ("real".to_owned(), Yields::Number),
            "CHAR" | "NCHAR" => return Ok(Translated::new(value.text()?, Yields::Text)),
            "DATE" => ("date".to_owned(), Yields::Other),
            "JSON" => ("jsonb".to_owned(), Yields::Json),
            _ => return Err(format!("a cast to {ty}")),
        };
        if value.yields == Yields::Text && yields == Yields::Number {
            return Err("MySQL makes a number of any text, the target does not".to_owned());
        }
        Ok(Translated::new(format!("{}::{target}", value.sql), yields))
    }

    fn function(&self, function: &Function) -> R<Translated> {
        let plain = function.filter.is_none() && function.over.is_none() && function.within_group.is_empty();
        let name = function.name.to_string().replace('`', "");
        let args: Vec<&Expr> = match &function.args {
            FunctionArguments::None => Vec::new(),
            FunctionArguments::List(list) if list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
                let plain = |arg| match arg {
                    &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Ok(expr),
                    other => Err(format!("the argument {other}")),
                };
                list.args.iter().map(plain).collect::<R<_>>()?
            }
            _ => return Err(format!("the call of {name}")),
        };
        if plain { call::translate(self, &name, &args) } else { Err(format!("the call of {name}")) }
    }
}

/// Words that are calls without brackets.
fn is_now(word: &str) -> bool {
    ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP", "UTC_TIMESTAMP", "UTC_DATE"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// What a column of this type yields.
pub(crate) fn yields_of(sql_type: &str) -> Yields {
    match sql_type.split(['(', ' ']).next().unwrap_or_default() {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double" => Yields::Number,
        "char" | "varchar" | "text" => Yields::Text,
        "json" | "jsonb" => Yields::Json,
        "boolean" => Yields::Truth,
        _ => Yields::Other,
    }
}

/// Both sides of a comparison, so that the target compares what MySQL compares.
fn comparable(left: Translated, right: Translated) -> R<(String, String)> {
    match (left.yields, right.yields) {
        (Yields::Number, Yields::Truth) | (Yields::Truth, Yields::Number) => Ok((left.number()?, right.number()?)),
        (Yields::Text, Yields::Number | Yields::Truth) | (Yields::Number | Yields::Truth, Yields::Text) => {
            Err("a text is compared with a number".to_owned())
        }
        _ => Ok((left.sql, right.sql)),
    }
}

fn one_kind(before: Option<Yields>, result: &Translated) -> R<Option<Yields>> {
    match before {
        None | Some(Yields::Other) => Ok(Some(result.yields)),
        Some(kind) if kind == result.yields || result.yields == Yields::Other => Ok(Some(kind)),
        Some(_) => Err("the results are of different kinds".to_owned()),
    }
}

/// In brackets, unless it is one word, one constant or bracketed already.
pub(crate) fn bracketed(sql: &str) -> String {
    let word = sql.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | 0x80..));
    let quoted = |quote: char| {
        sql.len() > 1
            && sql.starts_with(quote)
            && sql.ends_with(quote)
            && !sql[1..sql.len() - 1].replace(&format!("{quote}{quote}"), "").contains(quote)
    };
    if word || quoted('\'') || quoted('"') || is_one_bracket(sql) { sql.to_owned() } else { format!("({sql})") }
}

/// Whether the first bracket closes at the very end.
fn is_one_bracket(sql: &str) -> bool {
    let mut open = 0_usize;
    let mut string = false;
    for (at, byte) in sql.bytes().enumerate() {
        match byte {
            b'\'' => string = !string,
            b'(' if !string => open += 1,
            b')' if !string => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return sql.starts_with('(') && at + 1 == sql.len();
                }
            }
            _ => {}
        }
        if at == 0 && byte != b'(' {
            return false;
        }
    }
    false
}
