//! `to_number`: the reading half of `NUM_processor`. The template leads; the text is walked along it, and what does not fit is skipped or ends the
//! number by the same rules as PostgreSQL's, which are written down nowhere else.

use std::sync::Arc;

use super::template::{Keyword, Node, SignPlace, Template};
use crate::functions::args::text;
use crate::numeric::Numeric;
use crate::{CallContext, Datum, EvalContext, Oid, Result, SqlError, Type};

/// Characters that may be part of a number, which a template's other characters never skip.
const DATA: &[u8] = b"0123456789.,+-";
const VARHDRSZ: i32 = 4;

pub(in crate::functions) fn numeric_to_number(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (value, format) = (text(args, 0)?, text(args, 1)?);
    if format.is_empty() {
        return Ok(Datum::Null);
    }
    let template = Template::parse(format)?;
    if template.shape.scientific {
        return Err(SqlError::unsupported("\"EEEE\" not supported for input"));
    }
    if template.shape.roman {
        return Err(SqlError::unsupported("\"RN\" not supported for input"));
    }
    let mut scanner = Scanner::new(value.as_bytes(), &template);
    for node in &template.nodes {
        if scanner.at_end() {
            break;
        }
        scanner.node(*node);
    }
    let number = scanner.number(&template, call.eval)?;
    let (true, Datum::Numeric(shifted)) = (template.shape.shifted, &number) else { return Ok(number) };
    let places = i32::try_from(template.shape.shift).unwrap_or(0);
    let factor = Numeric::from(10i32).power(&Numeric::from(-places))?;
    Ok(Datum::Numeric(Arc::new(shifted.mul(&factor)?)))
}

/// `NUMProc`, reading.
struct Scanner<'a> {
    template: &'a Template,
    input: &'a [u8],
    next: usize,
    sign: Option<u8>,
    /// Digits and the point read so far.
    digits: Vec<u8>,
    before: usize,
    after: usize,
    point: bool,
}

impl<'a> Scanner<'a> {
    fn new(input: &'a [u8], template: &'a Template) -> Self {
        Self { template, input, next: 0, sign: None, digits: Vec::new(), before: 0, after: 0, point: false }
    }

    fn at_end(&self) -> bool {
        self.next >= self.input.len()
    }

    fn peek(&self) -> u8 {
        self.input.get(self.next).copied().unwrap_or(0)
    }

    fn skip_character(&mut self) {
        self.next += 1;
        while self.input.get(self.next).is_some_and(|byte| byte & 0xc0 == 0x80) {
            self.next += 1;
        }
    }

    /// `NUM_eat_non_data_chars`
    fn skip_other(&mut self, characters: usize) {
        for _ in 0..characters {
            if self.at_end() || DATA.contains(&self.peek()) {
                return;
            }
            self.skip_character();
        }
    }

    fn node(&mut self, node: Node) {
        match node {
            Node::Literal(_) => self.skip_character(),
            Node::Keyword(keyword @ (Keyword::Nine | Keyword::Zero | Keyword::Point)) => {
                self.place(keyword != Keyword::Point);
                self.next += 1;
            }
            Node::Keyword(Keyword::Group) if self.template.shape.fill => {}
            Node::Keyword(Keyword::Group) => self.next += usize::from(self.peek() == b','),
            Node::Keyword(Keyword::Currency) => self.skip_other(1),
            Node::Keyword(Keyword::Ordinal { .. }) if self.template.shape.point => {}
            Node::Keyword(Keyword::Ordinal { .. }) => self.skip_other(2),
            Node::Keyword(Keyword::Minus) => self.explicit_sign(b"-"),
            Node::Keyword(Keyword::Plus) => self.explicit_sign(b"+"),
            Node::Keyword(Keyword::SignHere) => self.explicit_sign(b"+-"),
            Node::Keyword(
                Keyword::Sign
                | Keyword::Angle
                | Keyword::Shift
                | Keyword::Blank
                | Keyword::Fill
                | Keyword::Roman { .. }
                | Keyword::Scientific,
            ) => {}
        }
    }

    fn explicit_sign(&mut self, signs: &[u8]) {
        if signs.contains(&self.peek()) {
            self.sign = Some(self.peek());
            self.next += 1;
        } else {
            self.skip_other(1);
        }
    }

    fn any_read(&self) -> bool {
        self.before + self.after > 0
    }

    /// `NUM_numpart_from_char`: one place of the number; the caller steps over the last byte taken.
    fn place(&mut self, digit_place: bool) {
        if self.peek() == b' ' {
            self.next += 1;
        }
        if self.at_end() {
            return;
        }
        if digit_place && self.sign.is_none() && !self.any_read() {
            self.sign_before();
        }
        if self.at_end() {
            return;
        }
        let Some(read) = self.digit_or_point() else { return };
        if self.sign.is_none() && self.any_read() {
            self.sign_after(read);
        }
    }

    fn sign_before(&mut self) {
        let shape = &self.template.shape;
        let byte = self.peek();
        let bracket = shape.angle && byte == b'<' && shape.sign != Some(SignPlace::Before);
        match byte {
            b'-' | b'+' => self.sign = Some(byte),
            _ if bracket => self.sign = Some(b'-'),
            _ => return,
        }
        self.next += 1;
    }

    /// Whether a character of the number was read; `None` when the template has no place left for one.
    fn digit_or_point(&mut self) -> Option<bool> {
        let byte = self.peek();
        if byte.is_ascii_digit() {
            if self.point && self.after == self.template.shape.after {
                return None;
            }
            self.digits.push(byte);
            *if self.point { &mut self.after } else { &mut self.before } += 1;
            return Some(true);
        }
        let point = self.template.shape.point && !self.point && byte == b'.';
        if point {
            self.digits.push(b'.');
            self.point = true;
        }
        Some(point)
    }

    fn sign_after(&mut self, read: bool) {
        let shape = &self.template.shape;
        if shape.sign.is_some() && read && self.input.get(self.next + 1).is_some_and(|byte| !byte.is_ascii_digit()) {
            if let Some(sign @ (b'-' | b'+')) = self.input.get(self.next + 1).copied() {
                self.sign = Some(sign);
                self.next += 1;
            }
        } else if !read && shape.sign.is_none() && (shape.plus || shape.minus) && matches!(self.peek(), b'-' | b'+') {
            self.sign = Some(self.peek());
        }
    }

    /// What was read, as `numeric` of the template's precision.
    fn number(mut self, template: &Template, eval: &EvalContext<'_>) -> Result<Datum> {
        if self.digits.last() == Some(&b'.') {
            self.digits.pop();
        }
        let mut number = String::from(char::from(self.sign.unwrap_or(b' ')));
        number.push_str(&String::from_utf8_lossy(&self.digits));
        let precision = i32::try_from(template.shape.before + template.shape.shift + self.after).unwrap_or(i32::MAX >> 16);
        let scale = i32::try_from(self.after).unwrap_or(0);
        let ty = Type::new(Oid::NUMERIC, ((precision << 16) | scale) + VARHDRSZ);
        crate::text::input(ty, &number, eval)
    }
}
