//! `to_char` and `to_number`: the templates of PostgreSQL's `formatting.c`.
//!
//! A template is read into keywords and a summary ([`Shape`]). Printing rounds the number to the template's digits and then walks the keywords
//! with the digit string ([`Printer`]), which follows `NUM_processor` step by step: where the blanks and the sign go is defined by nothing else.

mod input;
mod template;

pub(super) use input::numeric_to_number;
use template::{Keyword, Node, Shape, SignPlace, Template};

use super::args::{float4, float8, give_text, int4, int8, numeric, text};
use crate::numeric::Numeric;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

/// Significant decimal digits of the float types.
const FLOAT4_DIGITS: usize = 6;
const FLOAT8_DIGITS: usize = 15;

/// A number cut to its template: sign, and digits with a point when the template has fraction digits.
struct Digits {
    negative: bool,
    text: String,
}

pub(super) fn numeric_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    exact_to_char(numeric(args, 0)?, text(args, 1)?, |_| Ok(()))
}

pub(super) fn int4_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    exact_to_char(&Numeric::from(int4(args, 0)?), text(args, 1)?, |shifted| shifted.to_i32().map(drop))
}

pub(super) fn int8_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    exact_to_char(&Numeric::from(int8(args, 0)?), text(args, 1)?, |shifted| shifted.to_i64().map(drop))
}

/// `check`: whether a value shifted by `V` still is one of its type.
fn exact_to_char(value: &Numeric, format: &str, check: fn(&Numeric) -> Result<()>) -> Result<Datum> {
    let mut template = Template::parse(format)?;
    if template.shape.roman {
        return give_text(&print(&template, roman_digits(value.to_i32()?), 0)?);
    }
    if template.shape.scientific {
        return give_text(&scientific(value, &template.shape));
    }
    let mut value = value.clone();
    if template.shape.shifted {
        let shift = i32::try_from(template.shape.shift).unwrap_or(0);
        value = value.mul(&Numeric::from(10i32).power(&Numeric::from(shift))?)?;
        check(&value)?;
        template.shape.before += template.shape.shift;
    }
    let rounded = value.round(i32::try_from(template.shape.after).unwrap_or(0))?;
    let printed = rounded.to_string();
    let negative = printed.starts_with('-');
    let digits = Digits { negative, text: printed.trim_start_matches('-').to_owned() };
    give_text(&fit_and_print(&template, digits)?)
}

pub(super) fn float4_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    float_to_char(float4(args, 0)?.into(), FLOAT4_DIGITS, text(args, 1)?)
}

pub(super) fn float8_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    float_to_char(float8(args, 0)?, FLOAT8_DIGITS, text(args, 1)?)
}

fn float_to_char(value: f64, significant: usize, format: &str) -> Result<Datum> {
    let mut template = Template::parse(format)?;
    if template.shape.roman {
        #[allow(clippy::cast_possible_truncation)]
        let whole = value.round_ties_even() as i32;
        return give_text(&print(&template, roman_digits(whole), 0)?);
    }
    if template.shape.scientific {
        return give_text(&float_scientific(value, &template.shape));
    }
    let mut value = value;
    if template.shape.shifted {
        value *= 10f64.powi(i32::try_from(template.shape.shift).unwrap_or(0));
        template.shape.before += template.shape.shift;
    }
    let whole_digits = c_float(value.abs(), 0).len();
    if whole_digits >= significant {
        template.shape.after = 0;
    } else if whole_digits + template.shape.after > significant {
        template.shape.after = significant - whole_digits;
    }
    let printed = c_float(value, template.shape.after);
    let negative = printed.starts_with('-');
    let digits = Digits { negative, text: printed.trim_start_matches('-').to_owned() };
    give_text(&fit_and_print(&template, digits)?)
}

/// C's `%.*f`.
fn c_float(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() { (if value > 0.0 { "Infinity" } else { "-Infinity" }).to_owned() } else { format!("{value:.decimals$}") }
}

/// `#` wherever a digit would stand.
fn hashes(before: usize, after: usize) -> String {
    format!("{}.{}", "#".repeat(before), "#".repeat(after))
}

fn exponent_form(mantissa_and_exponent: &str) -> String {
    let (mantissa, exponent) = mantissa_and_exponent.split_once('e').unwrap_or((mantissa_and_exponent, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    let blank = if mantissa.starts_with('-') { "" } else { " " };
    format!("{blank}{mantissa}e{sign}{digits:0>2}")
}

fn scientific_hashes(shape: &Shape) -> String {
    format!(" {}.{}", "#".repeat(shape.before), "#".repeat(shape.after + 4))
}

fn float_scientific(value: f64, shape: &Shape) -> String {
    if !value.is_finite() {
        return scientific_hashes(shape);
    }
    exponent_form(&format!("{value:.*e}", shape.after))
}

/// `numeric_out_sci`
fn scientific(value: &Numeric, shape: &Shape) -> String {
    if value.is_nan() || value.is_infinite() {
        return scientific_hashes(shape);
    }
    let after = shape.after;
    if value.is_zero() {
        return exponent_form(&format!("{:.after$}e0", 0.0));
    }
    let digits = value.abs().to_string();
    let point = digits.find('.').unwrap_or(digits.len());
    let first = digits.find(|character: char| character.is_ascii_digit() && character != '0').unwrap_or(0);
    let distance = |from: usize, to: usize| i32::try_from(from).unwrap_or(0) - i32::try_from(to).unwrap_or(0);
    let mut exponent = if first < point { distance(point, first) - 1 } else { distance(point, first) };
    let shifted = |exponent: i32| {
        let factor = Numeric::parse(&format!("1e{}", -exponent))?;
        value.mul(&factor)?.round(i32::try_from(after).unwrap_or(0))
    };
    let Ok(mut mantissa) = shifted(exponent) else { return scientific_hashes(shape) };
    if mantissa.abs() >= Numeric::from(10i32) {
        exponent += 1;
        mantissa = shifted(exponent).unwrap_or(mantissa);
    }
    exponent_form(&format!("{mantissa}e{exponent}"))
}

/// Roman numerals, or hashes for what has none.
fn roman_digits(value: i32) -> Digits {
    const NUMERALS: [(i32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let Some(mut rest) = Some(value).filter(|value| (1..=3999).contains(value)) else {
        return Digits { negative: false, text: "#".repeat(15) };
    };
    let mut text = String::new();
    for (worth, numeral) in NUMERALS {
        while rest >= worth {
            text.push_str(numeral);
            rest -= worth;
        }
    }
    Digits { negative: false, text }
}

/// Pads on the left, or gives hashes when there are more digits than places.
fn fit_and_print(template: &Template, digits: Digits) -> Result<String> {
    let whole = digits.text.find('.').unwrap_or(digits.text.len());
    let before = template.shape.before;
    if whole > before {
        let text = hashes(before, template.shape.after);
        return print(template, Digits { negative: digits.negative, text }, 0);
    }
    print(template, digits, before - whole)
}

fn print(template: &Template, digits: Digits, blanks: usize) -> Result<String> {
    let mut printer = Printer::new(template.shape.clone(), &digits, blanks);
    for node in &template.nodes {
        printer.node(*node)?;
    }
    Ok(printer.out)
}

/// `NUMProc`
struct Printer<'a> {
    shape: Shape,
    number: &'a [u8],
    /// Next character of `number`.
    next: usize,
    negative: bool,
    /// Places on the left that have no digit.
    blanks: usize,
    /// Digit places written so far.
    place: usize,
    places: usize,
    sign_written: bool,
    /// With `FM`: the last character of `number` worth printing.
    last_relevant: Option<usize>,
    /// Whether the place before wrote a digit.
    in_number: bool,
    out: String,
}

impl<'a> Printer<'a> {
    fn new(mut shape: Shape, digits: &'a Digits, blanks: usize) -> Self {
        let number = digits.text.as_bytes();
        let sign_written = if shape.plus || shape.minus {
            shape.minus
        } else {
            if !digits.negative && shape.fill {
                shape.angle = false;
            }
            if shape.sign == Some(SignPlace::Before) && shape.before == shape.digits_before_sign {
                shape.sign = Some(SignPlace::After);
            }
            !digits.negative && shape.fill && shape.sign.is_none()
        };
        let mut places = (shape.before + shape.after).saturating_sub(1);
        if !sign_written && blanks == 0 {
            places += 1;
        }
        let last_relevant = if shape.fill && shape.point { last_relevant(number, &shape, blanks) } else { None };
        Self {
            shape,
            number,
            next: 0,
            negative: digits.negative,
            blanks,
            place: 0,
            places,
            sign_written,
            last_relevant,
            in_number: false,
            out: String::new(),
        }
    }

    const fn sign(&self) -> char {
        if self.negative { '-' } else { '+' }
    }

    fn node(&mut self, node: Node) -> Result<()> {
        match node {
            Node::Literal(character) => self.out.push(character),
            Node::Keyword(Keyword::Nine) => self.digit_place(false),
            Node::Keyword(Keyword::Zero) => self.digit_place(true),
            Node::Keyword(Keyword::Point) => self.digit_place(false),
            Node::Keyword(Keyword::Group) if self.in_number => self.out.push(','),
            Node::Keyword(Keyword::Group) => self.blank_unless_filling(),
            Node::Keyword(Keyword::Currency) => self.out.push(' '),
            Node::Keyword(Keyword::Roman { lower }) => self.roman(lower),
            Node::Keyword(Keyword::Ordinal { lower }) => return self.ordinal(lower),
            Node::Keyword(Keyword::Minus) if self.negative => self.out.push('-'),
            Node::Keyword(Keyword::Plus) if !self.negative => self.out.push('+'),
            Node::Keyword(Keyword::Minus | Keyword::Plus) => self.blank_unless_filling(),
            Node::Keyword(Keyword::SignHere) => self.out.push(self.sign()),
            Node::Keyword(Keyword::Sign | Keyword::Angle | Keyword::Shift | Keyword::Scientific | Keyword::Blank | Keyword::Fill) => {}
        }
        Ok(())
    }

    fn blank_unless_filling(&mut self) {
        if !self.shape.fill {
            self.out.push(' ');
        }
    }

    fn roman(&mut self, lower: bool) {
        let mut numeral = String::from_utf8_lossy(self.number).into_owned();
        if lower {
            numeral.make_ascii_lowercase();
        }
        let width = if self.shape.fill { 0 } else { 15 };
        self.out.push_str(&format!("{numeral:>width$}"));
    }

    fn ordinal(&mut self, lower: bool) -> Result<()> {
        if self.shape.roman || self.number.first() == Some(&b'#') || self.negative || self.shape.point {
            return Ok(());
        }
        if !self.number.last().is_some_and(u8::is_ascii_digit) {
            let number = String::from_utf8_lossy(self.number);
            return Err(SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("\"{number}\" is not a number")));
        }
        let teens = self.number.len() > 1 && self.number[self.number.len() - 2] == b'1';
        let suffix = match self.number.last() {
            Some(b'1') if !teens => "ST",
            Some(b'2') if !teens => "ND",
            Some(b'3') if !teens => "RD",
            _ => "TH",
        };
        self.out.push_str(&if lower { suffix.to_ascii_lowercase() } else { suffix.to_owned() });
        Ok(())
    }

    /// Whether the digit about to be printed is the lone zero before a point that a template of nines leaves blank.
    fn is_leading_zero(&self) -> bool {
        self.shape.zero_start.is_none() && self.next == 0 && self.number.first() == Some(&b'0') && self.shape.after != 0
    }

    fn ends_at_point(&self) -> bool {
        self.last_relevant.is_some_and(|last| self.number[last] == b'.')
    }

    /// `NUM_numpart_to_char`
    fn digit_place(&mut self, zero: bool) {
        if self.shape.roman {
            return;
        }
        self.in_number = false;
        let number_begins = self.place >= self.blanks || self.shape.zero_start == Some(self.place);
        if !self.sign_written && number_begins && (!self.is_leading_zero() || self.ends_at_point()) {
            self.leading_sign();
        }
        if self.place < self.blanks {
            if self.shape.zero_start.is_some_and(|start| start <= self.place) {
                self.out.push('0');
                self.in_number = true;
            } else {
                self.blank_unless_filling();
            }
        } else {
            self.digit(zero);
        }
        self.trailing_sign();
        self.place += 1;
    }

    fn leading_sign(&mut self) {
        match self.shape.sign {
            Some(SignPlace::Before) => self.out.push(self.sign()),
            Some(SignPlace::After) => return,
            None if self.shape.angle => self.out.push(if self.negative { '<' } else { ' ' }),
            None if self.negative => self.out.push('-'),
            None => self.blank_unless_filling(),
        }
        self.sign_written = true;
    }

    /// Writes the next character of the number, if this place shows one.
    fn digit(&mut self, zero: bool) {
        match self.number.get(self.next) {
            Some(b'.') => self.out.push('.'),
            _ if self.last_relevant.is_some_and(|last| self.next > last) && !zero => {}
            _ if self.is_leading_zero() => {
                if !self.shape.fill {
                    self.out.push(' ');
                } else if self.ends_at_point() {
                    self.out.push('0');
                }
            }
            Some(digit) => {
                self.out.push(char::from(*digit));
                self.in_number = true;
            }
            None => self.in_number = true,
        }
        if self.next < self.number.len() {
            self.next += 1;
        }
    }

    /// What follows the last digit: a closing bracket or a trailing `S`.
    fn trailing_sign(&mut self) {
        let mut end = self.places + usize::from(self.blanks > 0) + usize::from(self.shape.point);
        if self.last_relevant == Some(self.next) {
            end = self.place;
        }
        if self.place + 1 != end {
            return;
        }
        if self.sign_written && self.shape.angle {
            self.out.push(if self.negative { '>' } else { ' ' });
        } else if self.shape.sign == Some(SignPlace::After) {
            self.out.push(self.sign());
        }
    }
}

/// `get_last_relevant_decnum`, kept from cutting digits that a `0` of the template asks for.
fn last_relevant(number: &[u8], shape: &Shape, blanks: usize) -> Option<usize> {
    let point = number.iter().position(|byte| *byte == b'.')?;
    let last = number.iter().rposition(|byte| *byte != b'0').unwrap_or(point).max(point);
    if shape.zero_end <= blanks {
        return Some(last);
    }
    Some(last.max((number.len() - 1).min(shape.zero_end - blanks)))
}
