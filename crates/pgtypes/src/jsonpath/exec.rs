//! Runs a path over a document. After `executeItemOptUnwrapTarget` and its kin.
//!
//! In lax mode arrays are unwrapped before a step that wants their elements, what is no array counts as an array of one where an array is wanted, and
//! what does not exist is no error.

use std::borrow::Cow;
use std::sync::Arc;

use super::datetime::Moment;
use super::{Binary, Expr, Fault, JsonPath, Kind, LAST_LEVEL, Outcome, Step, Unary};
use crate::jsonb::Jsonb;
use crate::numeric::Numeric;
use crate::{EvalContext, SqlError, SqlState};

/// A value on the way: a part of the document, something computed, or a date or time.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    Json(Cow<'a, Jsonb>),
    Moment(Moment),
}

impl<'a> Item<'a> {
    pub(super) const fn computed(value: Jsonb) -> Self {
        Self::Json(Cow::Owned(value))
    }

    pub(super) fn json(&self) -> Option<&Jsonb> {
        match self {
            Self::Json(value) => Some(value),
            Self::Moment(_) => None,
        }
    }

    pub(super) fn number(&self) -> Option<&Numeric> {
        match self.json() {
            Some(Jsonb::Number(number)) => Some(number),
            _ => None,
        }
    }

    pub(super) fn string(&self) -> Option<&str> {
        match self.json() {
            Some(Jsonb::String(text)) => Some(text),
            _ => None,
        }
    }

    fn is_array(&self) -> bool {
        matches!(self.json(), Some(Jsonb::Array(_)))
    }

    fn is_object(&self) -> bool {
        matches!(self.json(), Some(Jsonb::Object(_)))
    }

    /// The elements of an array or the values of an object.
    fn children(&self) -> Vec<Self> {
        match self {
            Self::Json(Cow::Borrowed(value)) => parts(value).into_iter().map(|part| Self::Json(Cow::Borrowed(part))).collect(),
            Self::Json(Cow::Owned(value)) => parts(value).into_iter().map(|part| Self::computed(part.clone())).collect(),
            Self::Moment(_) => Vec::new(),
        }
    }

    fn field(&self, name: &str) -> Option<Self> {
        match self {
            Self::Json(Cow::Borrowed(value)) => value.field(name).map(|part| Self::Json(Cow::Borrowed(part))),
            Self::Json(Cow::Owned(value)) => value.field(name).map(|part| Self::computed(part.clone())),
            Self::Moment(_) => None,
        }
    }

    /// As a value of `jsonb`.
    pub(super) fn into_jsonb(self) -> Jsonb {
        match self {
            Self::Json(value) => value.into_owned(),
            Self::Moment(moment) => Jsonb::string(&moment.to_json_text()),
        }
    }
}

fn parts(value: &Jsonb) -> Vec<&Jsonb> {
    match value {
        Jsonb::Array(items) => items.iter().collect(),
        Jsonb::Object(members) => members.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

/// What a run is after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    /// All items.
    All,
    /// Whether there is one: in lax mode the first decides, and what would go wrong behind it does not count.
    Any,
}

/// Items as they are found.
pub(super) struct Found<'a> {
    pub(super) items: Vec<Item<'a>>,
    wanted: Wanted,
}

impl<'a> Found<'a> {
    pub(super) const fn all() -> Self {
        Self { items: Vec::new(), wanted: Wanted::All }
    }

    pub(super) const fn any() -> Self {
        Self { items: Vec::new(), wanted: Wanted::Any }
    }

    pub(super) fn is_enough(&self) -> bool {
        self.wanted == Wanted::Any && !self.items.is_empty()
    }
}

/// One run.
pub(crate) struct Run<'a> {
    pub(super) path: &'a JsonPath,
    pub(super) root: &'a Jsonb,
    vars: &'a Jsonb,
    pub(super) eval: &'a EvalContext<'a>,
    /// Dates and times may be compared across time zones.
    pub(super) use_zone: bool,
    /// `@`, innermost last.
    current: Vec<Item<'a>>,
    /// Lengths of the arrays around a subscript, innermost last.
    lengths: Vec<usize>,
    /// What does not exist is no error: lax mode, and everywhere below `.**`.
    forgiving: bool,
    /// Objects made by `.keyvalue()` are numbered.
    pub(super) generated: i64,
}

impl<'a> Run<'a> {
    pub(crate) fn new(path: &'a JsonPath, root: &'a Jsonb, vars: &'a Jsonb, eval: &'a EvalContext<'a>, use_zone: bool) -> Self {
        let forgiving = !path.strict;
        Self { path, root, vars, eval, use_zone, current: Vec::new(), lengths: Vec::new(), forgiving, generated: 1 }
    }

    /// The items of the path.
    pub(crate) fn items(mut self, wanted: Wanted) -> Outcome<Vec<Jsonb>> {
        let path = self.path;
        // Strict mode tells an error from nothing only at the end.
        let wanted = if path.strict { Wanted::All } else { wanted };
        let mut found = Found { items: Vec::new(), wanted };
        self.expr(&path.root, Item::Json(Cow::Borrowed(self.root)), &mut found)?;
        Ok(found.items.into_iter().map(Item::into_jsonb).collect())
    }

    pub(super) const fn is_lax(&self) -> bool {
        !self.path.strict
    }

    /// Evaluates an expression where `@` was last said to be `item`.
    pub(super) fn expr(&mut self, expr: &'a Expr, item: Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        let steps = &expr.steps;
        match &expr.kind {
            Kind::Null => self.steps(steps, Item::computed(Jsonb::Null), found),
            Kind::Bool(value) => self.steps(steps, Item::computed(Jsonb::Bool(*value)), found),
            Kind::Number(number) => self.steps(steps, Item::computed(Jsonb::Number(number.clone())), found),
            Kind::String(text) => self.steps(steps, Item::computed(Jsonb::String(Arc::clone(text))), found),
            Kind::Variable(name) => {
                let value = self.variable(name)?;
                self.steps(steps, value, found)
            }
            Kind::Root => self.steps(steps, Item::Json(Cow::Borrowed(self.root)), found),
            Kind::Current => {
                let current = self.current.last().cloned().unwrap_or(item);
                self.steps(steps, current, found)
            }
            Kind::Last => {
                let length = self.lengths.last().copied().unwrap_or_default();
                let last = Numeric::from(i64::try_from(length).unwrap_or(i64::MAX) - 1);
                self.steps(steps, Item::computed(Jsonb::Number(last)), found)
            }
            kind if kind.is_predicate() => {
                let truth = self.predicate(expr, item)?;
                let value = truth.map_or(Jsonb::Null, Jsonb::Bool);
                self.steps(steps, Item::computed(value), found)
            }
            Kind::Binary(operator, sides) => self.arithmetic(*operator, sides, steps, &item, found),
            Kind::Unary(operator, operand) => self.sign(*operator, operand, steps, item, found),
            Kind::LikeRegex { .. } => Err(hard("a predicate that is none")),
        }
    }

    fn variable(&self, name: &str) -> Outcome<Item<'a>> {
        match self.vars.field(name) {
            Some(value) => Ok(Item::Json(Cow::Borrowed(value))),
            None => Err(Fault::Hard(SqlError::new(SqlState::UNDEFINED_OBJECT, format!("could not find jsonpath variable \"{name}\"")))),
        }
    }

    /// Takes an item through the remaining steps, unwrapping it where the next step wants elements.
    pub(super) fn steps(&mut self, steps: &'a [Step], item: Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        self.steps_from(steps, item, self.is_lax(), found)
    }

    fn steps_from(&mut self, steps: &'a [Step], item: Item<'a>, unwrap: bool, found: &mut Found<'a>) -> Outcome<()> {
        self.eval.host.check_interrupt().map_err(Fault::Hard)?;
        let Some((step, rest)) = steps.split_first() else {
            found.items.push(item);
            return Ok(());
        };
        if unwrap && item.is_array() && step.wants_elements() {
            return self.unwrapped(steps, &item, found);
        }
        match step {
            Step::Key(name) => self.key(name, rest, &item, found),
            Step::AnyKey if item.is_object() => self.each(rest, &item, found),
            Step::AnyKey => self.missing(b"2203C", "jsonpath wildcard member accessor can only be applied to an object"),
            Step::AnyElement if item.is_array() => self.each(rest, &item, found),
            Step::AnyElement if self.is_lax() => self.steps(rest, item, found),
            Step::AnyElement => self.missing(b"22039", "jsonpath wildcard array accessor can only be applied to an array"),
            Step::Elements(list) => self.elements(list, rest, item, found),
            Step::Levels(first, last) => self.levels(*first, *last, rest, item, found),
            Step::Filter(condition) => {
                if self.nested(|run, item| run.predicate(condition, item), &item)? == Some(true) {
                    self.steps(rest, item, found)?;
                }
                Ok(())
            }
            Step::Method(method) => {
                let value = self.method(*method, item)?;
                self.give_all(value, rest, found)
            }
            Step::Datetime(template) => {
                let moment = self.datetime(template.as_deref(), &item)?;
                self.steps(rest, Item::Moment(moment), found)
            }
        }
    }

    fn give_all(&mut self, values: Vec<Item<'a>>, rest: &'a [Step], found: &mut Found<'a>) -> Outcome<()> {
        for value in values {
            self.steps(rest, value, found)?;
            if found.is_enough() {
                break;
            }
        }
        Ok(())
    }

    /// The steps for each element of an array, without unwrapping those once more.
    fn unwrapped(&mut self, steps: &'a [Step], array: &Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        for element in array.children() {
            self.steps_from(steps, element, false, found)?;
            if found.is_enough() {
                break;
            }
        }
        Ok(())
    }

    fn each(&mut self, rest: &'a [Step], item: &Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        self.give_all(item.children(), rest, found)
    }

    /// An error where the path is strict, nothing where it is lax.
    fn missing(&self, code: &[u8; 5], message: &str) -> Outcome<()> {
        if self.forgiving { Ok(()) } else { Err(soft(code, message)) }
    }

    fn key(&mut self, name: &str, rest: &'a [Step], item: &Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        if !item.is_object() {
            return self.missing(b"2203A", "jsonpath member accessor can only be applied to an object");
        }
        match item.field(name) {
            Some(value) => self.steps(rest, value, found),
            None if self.forgiving => Ok(()),
            None => Err(soft(b"2203A", &format!("JSON object does not contain key \"{name}\""))),
        }
    }

    fn elements(&mut self, list: &'a [(Expr, Option<Expr>)], rest: &'a [Step], item: Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        let elements = match &item {
            array if array.is_array() => array.children(),
            _ if self.is_lax() => vec![item.clone()],
            _ => return self.missing(b"22039", "jsonpath array accessor can only be applied to an array"),
        };
        self.lengths.push(elements.len());
        let outcome = list.iter().try_for_each(|(from, to)| self.range(from, to.as_ref(), &elements, rest, &item, found));
        self.lengths.pop();
        outcome
    }

    fn range(
        &mut self,
        from: &'a Expr,
        to: Option<&'a Expr>,
        elements: &[Item<'a>],
        rest: &'a [Step],
        item: &Item<'a>,
        found: &mut Found<'a>,
    ) -> Outcome<()> {
        if found.is_enough() {
            return Ok(());
        }
        let first = self.subscript(from, item)?;
        let last = to.map_or(Ok(first), |to| self.subscript(to, item))?;
        let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
        if !self.forgiving && (first < 0 || first > last || last >= length) {
            return Err(soft(b"22033", "jsonpath array subscript is out of bounds"));
        }
        for index in first.max(0)..=last.min(length - 1) {
            let Some(element) = usize::try_from(index).ok().and_then(|index| elements.get(index)) else { break };
            // A step behind a subscript sees the array around that one.
            let length = self.lengths.pop();
            let outcome = self.steps(rest, element.clone(), found);
            self.lengths.extend(length);
            outcome?;
            if found.is_enough() {
                break;
            }
        }
        Ok(())
    }

    fn subscript(&mut self, expr: &'a Expr, item: &Item<'a>) -> Outcome<i64> {
        let mut found = Found::all();
        self.expr(expr, item.clone(), &mut found)?;
        let [index] = found.items.as_slice() else {
            return Err(soft(b"22033", "jsonpath array subscript is not a single numeric value"));
        };
        let Some(number) = index.number() else {
            return Err(soft(b"22033", "jsonpath array subscript is not a single numeric value"));
        };
        let index = number.trunc(0).to_i32();
        index.map(i64::from).map_err(|_| soft(b"22033", "jsonpath array subscript is out of integer range"))
    }

    /// `.**`: what does not fit on some level is passed over.
    fn levels(&mut self, first: u32, last: u32, rest: &'a [Step], item: Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        let forgiving = std::mem::replace(&mut self.forgiving, true);
        let outcome = self.levels_below(first, last, rest, item, found);
        self.forgiving = forgiving;
        outcome
    }

    fn levels_below(&mut self, first: u32, last: u32, rest: &'a [Step], item: Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        if first == 0 {
            self.steps(rest, item.clone(), found)?;
        }
        self.level(1, (first, last), rest, &item, found)
    }

    fn level(&mut self, level: u32, bounds: (u32, u32), rest: &'a [Step], item: &Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        let (first, last) = bounds;
        if level > last {
            return Ok(());
        }
        for child in item.children() {
            if found.is_enough() {
                break;
            }
            let is_leaf = !child.is_array() && !child.is_object();
            if level >= first || first == LAST_LEVEL && last == LAST_LEVEL && is_leaf {
                self.steps(rest, child.clone(), found)?;
            }
            if level < last && !is_leaf {
                self.level(level + 1, bounds, rest, &child, found)?;
            }
        }
        Ok(())
    }

    /// Evaluates with `@` being the item.
    fn nested<T>(&mut self, body: impl FnOnce(&mut Self, Item<'a>) -> Outcome<T>, item: &Item<'a>) -> Outcome<T> {
        self.current.push(item.clone());
        let outcome = body(self, item.clone());
        self.current.pop();
        outcome
    }

    /// All items of an expression; in lax mode the elements of those that are arrays.
    pub(super) fn operand(&mut self, expr: &'a Expr, item: Item<'a>, unwrap: bool) -> Outcome<Vec<Item<'a>>> {
        let mut found = Found::all();
        self.expr(expr, item, &mut found)?;
        if !unwrap || !self.is_lax() {
            return Ok(found.items);
        }
        Ok(found.items.into_iter().flat_map(|item| if item.is_array() { item.children() } else { vec![item] }).collect())
    }

    fn arithmetic(
        &mut self,
        operator: Binary,
        sides: &'a (Expr, Expr),
        steps: &'a [Step],
        item: &Item<'a>,
        found: &mut Found<'a>,
    ) -> Outcome<()> {
        let left = self.operand(&sides.0, item.clone(), true)?;
        let right = self.operand(&sides.1, item.clone(), true)?;
        let left = single_number(&left, "left", operator)?;
        let right = single_number(&right, "right", operator)?;
        let value = match operator {
            Binary::Add => left.add(right),
            Binary::Subtract => left.sub(right),
            Binary::Multiply => left.mul(right),
            Binary::Divide => left.div(right),
            _ => left.rem(right),
        };
        self.steps(steps, Item::computed(Jsonb::Number(value.map_err(Fault::Soft)?)), found)
    }

    fn sign(&mut self, operator: Unary, operand: &'a Expr, steps: &'a [Step], item: Item<'a>, found: &mut Found<'a>) -> Outcome<()> {
        let symbol = if operator == Unary::Minus { "-" } else { "+" };
        for value in self.operand(operand, item, true)? {
            let Some(number) = value.number() else {
                return Err(soft(b"2203B", &format!("operand of unary jsonpath operator {symbol} is not a numeric value")));
            };
            let number = if operator == Unary::Minus { number.neg() } else { number.clone() };
            self.steps(steps, Item::computed(Jsonb::Number(number)), found)?;
            if found.is_enough() {
                break;
            }
        }
        Ok(())
    }
}

impl Step {
    /// Whether an array is unwrapped before the step in lax mode.
    const fn wants_elements(&self) -> bool {
        match self {
            Self::Key(_) | Self::AnyKey | Self::Filter(_) | Self::Datetime(_) => true,
            Self::Method(method) => !matches!(method, super::Method::Type | super::Method::Size),
            Self::AnyElement | Self::Elements(_) | Self::Levels(..) => false,
        }
    }
}

fn single_number<'n>(items: &'n [Item<'_>], side: &str, operator: Binary) -> Outcome<&'n Numeric> {
    match items {
        [item] if item.number().is_some() => item.number().ok_or_else(|| hard("a number that is none")),
        _ => Err(soft(b"22038", &format!("{side} operand of jsonpath operator {} is not a single numeric value", operator.symbol()))),
    }
}

pub(super) fn soft(code: &[u8; 5], message: &str) -> Fault {
    Fault::Soft(SqlError::new(SqlState(*code), message))
}

pub(super) fn hard(message: &str) -> Fault {
    Fault::Hard(SqlError::internal(message))
}
