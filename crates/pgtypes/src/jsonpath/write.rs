//! A path as text. After `printJsonPathItem`.

use std::fmt::Write as _;

use super::{Binary, Expr, JsonPath, Kind, LAST_LEVEL, Step, Unary};
use crate::json::write_string;

pub(super) fn path(path: &JsonPath, out: &mut String) {
    if path.strict {
        out.push_str("strict ");
    }
    expr(&path.root, true, out);
}

/// Higher binds tighter.
fn priority(kind: &Kind) -> u8 {
    match kind {
        Kind::Binary(Binary::Or, _) => 0,
        Kind::Binary(Binary::And, _) => 1,
        Kind::Binary(Binary::Add | Binary::Subtract, _) => 3,
        Kind::Binary(Binary::Multiply | Binary::Divide | Binary::Modulo, _) => 4,
        Kind::Binary(..) => 2,
        Kind::Unary(Unary::Plus | Unary::Minus, _) => 5,
        _ => 6,
    }
}

fn expr(expr: &Expr, brackets: bool, out: &mut String) {
    primary(&expr.kind, brackets, !expr.steps.is_empty(), out);
    expr.steps.iter().for_each(|step| write_step(step, out));
}

fn operand(operand: &Expr, parent: &Kind, out: &mut String) {
    expr(operand, priority(&operand.kind) <= priority(parent), out);
}

fn primary(kind: &Kind, brackets: bool, has_steps: bool, out: &mut String) {
    match kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => {
            let _ = if has_steps { write!(out, "({number})") } else { write!(out, "{number}") };
        }
        Kind::String(text) => write_string(out, text),
        Kind::Variable(name) => {
            out.push('$');
            write_string(out, name);
        }
        Kind::Root => out.push('$'),
        Kind::Current => out.push('@'),
        Kind::Last => out.push_str("last"),
        Kind::Binary(operator, sides) => bracketed(brackets, out, |out| {
            operand(&sides.0, kind, out);
            let _ = write!(out, " {} ", operator.symbol());
            operand(&sides.1, kind, out);
        }),
        Kind::Unary(operator, inner) => unary(*operator, inner, kind, brackets, out),
        Kind::LikeRegex { text, pattern, flags } => bracketed(brackets, out, |out| {
            operand(text, kind, out);
            out.push_str(" like_regex ");
            write_string(out, pattern);
            if !flags.is_empty() {
                let _ = write!(out, " flag \"{flags}\"");
            }
        }),
    }
}

fn unary(operator: Unary, inner: &Expr, kind: &Kind, brackets: bool, out: &mut String) {
    let mut enclosed = |front: &str, behind: &str| {
        out.push_str(front);
        expr(inner, false, out);
        out.push_str(behind);
    };
    match operator {
        Unary::Not => enclosed("!(", ")"),
        Unary::IsUnknown => enclosed("(", ") is unknown"),
        Unary::Exists => enclosed("exists (", ")"),
        Unary::Plus | Unary::Minus => bracketed(brackets, out, |out| {
            out.push(if operator == Unary::Plus { '+' } else { '-' });
            operand(inner, kind, out);
        }),
    }
}

fn bracketed(brackets: bool, out: &mut String, body: impl FnOnce(&mut String)) {
    if brackets {
        out.push('(');
    }
    body(out);
    if brackets {
        out.push(')');
    }
}

fn write_step(step: &Step, out: &mut String) {
    match step {
        Step::Key(name) => {
            out.push('.');
            write_string(out, name);
        }
        Step::AnyKey => out.push_str(".*"),
        Step::AnyElement => out.push_str("[*]"),
        Step::Elements(list) => {
            out.push('[');
            for (index, (from, to)) in list.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                expr(from, false, out);
                if let Some(to) = to {
                    out.push_str(" to ");
                    expr(to, false, out);
                }
            }
            out.push(']');
        }
        Step::Levels(first, last) => write_levels(*first, *last, out),
        Step::Filter(condition) => {
            out.push_str("?(");
            expr(condition, false, out);
            out.push(')');
        }
        Step::Method(method) => {
            let _ = write!(out, ".{}()", method.name());
        }
        Step::Datetime(template) => {
            out.push_str(".datetime(");
            if let Some(template) = template {
                write_string(out, template);
            }
            out.push(')');
        }
    }
}

fn write_levels(first: u32, last: u32, out: &mut String) {
    let level = |level: u32| if level == LAST_LEVEL { "last".to_owned() } else { level.to_string() };
    out.push_str(".**");
    if first == last {
        let _ = write!(out, "{{{}}}", level(first));
    } else if (first, last) != (0, LAST_LEVEL) {
        let _ = write!(out, "{{{} to {}}}", level(first), level(last));
    }
}
