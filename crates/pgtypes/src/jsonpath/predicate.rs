//! Conditions: true, false, or unknown (`None`). After `executeBoolItem` and `executePredicate`.

use super::exec::{Found, Item, Run, hard};
use super::{Binary, Expr, Fault, Kind, Outcome, Unary, compare};
use crate::functions::regex::{self, Flags};
use crate::{Result, SqlError, SqlState};

pub(super) type Truth = Option<bool>;

impl<'a> Run<'a> {
    /// Errors of the document make a condition unknown; others are errors.
    pub(super) fn predicate(&mut self, expr: &'a Expr, item: Item<'a>) -> Outcome<Truth> {
        match &expr.kind {
            Kind::Binary(Binary::And, sides) => self.both(sides, &item, false),
            Kind::Binary(Binary::Or, sides) => self.both(sides, &item, true),
            Kind::Binary(Binary::StartsWith, sides) => {
                let prefix = self.quiet(|run| run.operand(&sides.1, item.clone(), false))?;
                let Some(prefix) = prefix else { return Ok(None) };
                self.for_each(&sides.0, item, |_, whole| prefix.iter().map(|prefix| Ok(starts_with(whole, prefix))).collect())
            }
            Kind::Binary(operator, sides) => {
                let operator = *operator;
                let right = self.quiet(|run| run.operand(&sides.1, item.clone(), true))?;
                let Some(right) = right else { return Ok(None) };
                self.for_each(&sides.0, item, |run, left| {
                    right.iter().map(|right| compare::compare(operator, left, right, run.use_zone, run.eval)).collect()
                })
            }
            Kind::Unary(Unary::Not, inner) => Ok(self.predicate(inner, item)?.map(|truth| !truth)),
            Kind::Unary(Unary::IsUnknown, inner) => Ok(Some(self.predicate(inner, item)?.is_none())),
            Kind::Unary(Unary::Exists, inner) => self.exists(inner, item),
            Kind::LikeRegex { text, pattern, flags } => {
                let pattern = compile_regex(pattern, flags).map_err(Fault::Hard)?;
                self.for_each(text, item, |_, value| {
                    let matched = value.string().map(|value| pattern.is_match(value)).transpose();
                    Ok(vec![matched.map_err(Fault::Hard)?])
                })
            }
            _ => Err(hard("a condition that is none")),
        }
    }

    /// AND (`decisive` false) or OR (`decisive` true).
    fn both(&mut self, sides: &'a (Expr, Expr), item: &Item<'a>, decisive: bool) -> Outcome<Truth> {
        let left = self.predicate(&sides.0, item.clone())?;
        if left == Some(decisive) {
            return Ok(left);
        }
        let right = self.predicate(&sides.1, item.clone())?;
        Ok(if right == Some(!decisive) { left } else { right })
    }

    fn exists(&mut self, expr: &'a Expr, item: Item<'a>) -> Outcome<Truth> {
        let lax = self.is_lax();
        let found = self.quiet(|run| {
            let mut found = if lax { Found::any() } else { Found::all() };
            run.expr(expr, item, &mut found)?;
            Ok(!found.items.is_empty())
        })?;
        Ok(found)
    }

    /// The answer, or `None` where the document gave none.
    fn quiet<T>(&mut self, body: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<Option<T>> {
        match body(self) {
            Ok(value) => Ok(Some(value)),
            Err(Fault::Soft(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Whether a test holds for some item of the left side, whose arrays are unwrapped. Lax mode is content with the first that holds; strict mode
    /// wants to know of all.
    fn for_each(
        &mut self,
        left: &'a Expr,
        item: Item<'a>,
        mut test: impl FnMut(&mut Self, &Item<'a>) -> Outcome<Vec<Truth>>,
    ) -> Outcome<Truth> {
        let Some(left) = self.quiet(|run| run.operand(left, item, true))? else { return Ok(None) };
        let (mut found, mut unknown) = (false, false);
        for item in &left {
            for truth in test(self, item)? {
                match truth {
                    None if !self.is_lax() => return Ok(None),
                    None => unknown = true,
                    Some(true) if self.is_lax() => return Ok(Some(true)),
                    Some(true) => found = true,
                    Some(false) => {}
                }
            }
        }
        Ok(match (found, unknown) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        })
    }
}

fn starts_with(whole: &Item<'_>, prefix: &Item<'_>) -> Truth {
    Some(whole.string()?.starts_with(prefix.string()?))
}

/// The pattern of LIKE_REGEX, whose flags are XQuery's.
pub(super) fn compile_regex(pattern: &str, flags: &str) -> Result<std::rc::Rc<regex::Pattern>> {
    let has = |flag: char| flags.contains(flag);
    let literal = has('q');
    if has('x') && !literal {
        let message = "XQuery \"x\" flag (expanded regular expressions) is not implemented";
        return Err(SqlError::new(SqlState::FEATURE_NOT_SUPPORTED, message));
    }
    let options = Flags {
        case_insensitive: has('i'),
        // Without "s" a dot stops at the end of a line.
        newline_stops: !literal && !has('s'),
        newline_anchors: !literal && has('m'),
        literal,
        ..Flags::NONE
    };
    regex::compile(pattern, options)
}
