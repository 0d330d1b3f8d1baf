//! Reads a number template: `NUMDesc_prepare` of PostgreSQL's `formatting.c`.

use crate::{Result, SqlError, SqlState};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keyword {
    Nine,
    Zero,
    /// `.` or `D`
    Point,
    /// `,` or `G`
    Group,
    /// `S`
    Sign,
    /// `MI`
    Minus,
    /// `PL`
    Plus,
    /// `SG`
    SignHere,
    /// `PR`
    Angle,
    /// `L`
    Currency,
    /// `RN`, `rn`
    Roman {
        lower: bool,
    },
    /// `TH`, `th`
    Ordinal {
        lower: bool,
    },
    /// `V`
    Shift,
    /// `EEEE`
    Scientific,
    /// `B`
    Blank,
    /// `FM`
    Fill,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Node {
    Keyword(Keyword),
    Literal(char),
}

/// Where an `S` puts the sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SignPlace {
    Before,
    After,
}

/// What a template says as a whole.
#[derive(Clone, Default, Debug)]
pub(super) struct Shape {
    /// Digits before the point.
    pub(super) before: usize,
    /// Digits after it.
    pub(super) after: usize,
    /// Digits after `V`.
    pub(super) shift: usize,
    pub(super) point: bool,
    /// Place of the first `0` before the point, among the digits.
    pub(super) zero_start: Option<usize>,
    /// Digits up to the last `0`.
    pub(super) zero_end: usize,
    pub(super) sign: Option<SignPlace>,
    /// Digits that stood before the `S`.
    pub(super) digits_before_sign: usize,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) angle: bool,
    pub(super) fill: bool,
    pub(super) blank: bool,
    pub(super) roman: bool,
    pub(super) scientific: bool,
    pub(super) shifted: bool,
}

pub(super) struct Template {
    pub(super) nodes: Vec<Node>,
    pub(super) shape: Shape,
}

fn syntax(message: &str) -> SqlError {
    SqlError::new(SqlState::SYNTAX_ERROR, message)
}

/// No word here is a prefix of a later one. Upper and lower case differ for `RN` and `TH` only.
const KEYWORDS: &[(&str, Keyword)] = &[
    ("EEEE", Keyword::Scientific),
    ("FM", Keyword::Fill),
    ("MI", Keyword::Minus),
    ("PL", Keyword::Plus),
    ("PR", Keyword::Angle),
    ("RN", Keyword::Roman { lower: false }),
    ("SG", Keyword::SignHere),
    ("TH", Keyword::Ordinal { lower: false }),
    (",", Keyword::Group),
    (".", Keyword::Point),
    ("0", Keyword::Zero),
    ("9", Keyword::Nine),
    ("B", Keyword::Blank),
    ("D", Keyword::Point),
    ("G", Keyword::Group),
    ("L", Keyword::Currency),
    ("S", Keyword::Sign),
    ("V", Keyword::Shift),
];

fn keyword_at(rest: &str) -> Option<(Keyword, usize)> {
    let matches = |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (word, keyword) = KEYWORDS.iter().find(|(word, _)| matches(word))?;
    let lower = rest.starts_with(|first: char| first.is_ascii_lowercase());
    let keyword = match keyword {
        Keyword::Roman { .. } => Keyword::Roman { lower },
        Keyword::Ordinal { .. } => Keyword::Ordinal { lower },
        other => *other,
    };
    Some((keyword, word.len()))
}

impl Template {
    pub(super) fn parse(source: &str) -> Result<Self> {
        let mut template = Self { nodes: Vec::new(), shape: Shape::default() };
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            if let Some((keyword, length)) = keyword_at(rest) {
                template.shape.add(keyword)?;
                template.nodes.push(Node::Keyword(keyword));
                rest = &rest[length..];
            } else if first == '"' {
                rest = template.quoted(&rest[1..]);
            } else {
                let skipped = usize::from(rest.starts_with("\\\""));
                let literal = rest[skipped..].chars().next().unwrap_or(first);
                template.nodes.push(Node::Literal(literal));
                rest = &rest[skipped + literal.len_utf8()..];
            }
        }
        Ok(template)
    }

    /// Text between double quotes stands for itself; a backslash takes the next character's meaning away.
    fn quoted<'a>(&mut self, rest: &'a str) -> &'a str {
        let mut characters = rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return &rest[at + 1..],
                '\\' => self.nodes.extend(characters.next().map(|(_, escaped)| Node::Literal(escaped))),
                other => self.nodes.push(Node::Literal(other)),
            }
        }
        ""
    }
}

impl Shape {
    /// Counts one keyword and refuses combinations that make no sense.
    fn add(&mut self, keyword: Keyword) -> Result<()> {
        if self.scientific && keyword != Keyword::Scientific {
            return Err(syntax("\"EEEE\" must be the last pattern used"));
        }
        match keyword {
            Keyword::Nine => return self.nine(),
            Keyword::Zero => return self.zero(),
            Keyword::Point => return self.decimal_point(),
            Keyword::Sign => return self.locale_sign(),
            Keyword::Minus | Keyword::Plus | Keyword::SignHere => return self.explicit_sign(keyword),
            Keyword::Angle => return self.angle_brackets(),
            Keyword::Scientific => return self.exponent(),
            Keyword::Shift if self.point => return Err(syntax("cannot use \"V\" and decimal point together")),
            Keyword::Shift => self.shifted = true,
            Keyword::Roman { .. } => self.roman = true,
            Keyword::Fill => self.fill = true,
            Keyword::Blank => self.blank |= self.before == 0 && self.after == 0 && self.zero_start.is_none(),
            Keyword::Group | Keyword::Currency | Keyword::Ordinal { .. } => {}
        }
        Ok(())
    }

    fn nine(&mut self) -> Result<()> {
        if self.angle {
            return Err(syntax("\"9\" must be ahead of \"PR\""));
        }
        if self.shifted {
            self.shift += 1;
        } else if self.point {
            self.after += 1;
        } else {
            self.before += 1;
        }
        Ok(())
    }

    fn zero(&mut self) -> Result<()> {
        if self.angle {
            return Err(syntax("\"0\" must be ahead of \"PR\""));
        }
        if self.zero_start.is_none() && !self.point {
            self.zero_start = Some(self.before);
        }
        if self.point {
            self.after += 1;
        } else {
            self.before += 1;
        }
        self.zero_end = self.before + self.after;
        Ok(())
    }

    fn decimal_point(&mut self) -> Result<()> {
        if self.point {
            return Err(syntax("multiple decimal points"));
        }
        if self.shifted {
            return Err(syntax("cannot use \"V\" and decimal point together"));
        }
        self.point = true;
        Ok(())
    }

    fn locale_sign(&mut self) -> Result<()> {
        if self.sign.is_some() {
            return Err(syntax("cannot use \"S\" twice"));
        }
        if self.plus || self.minus || self.angle {
            return Err(syntax("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together"));
        }
        self.sign = Some(if self.point { SignPlace::After } else { SignPlace::Before });
        self.digits_before_sign = self.before;
        Ok(())
    }

    fn explicit_sign(&mut self, keyword: Keyword) -> Result<()> {
        if self.sign.is_some() {
            let name = match keyword {
                Keyword::Minus => "MI",
                Keyword::Plus => "PL",
                _ => "SG",
            };
            return Err(syntax(&format!("cannot use \"S\" and \"{name}\" together")));
        }
        self.minus |= keyword != Keyword::Plus;
        self.plus |= keyword != Keyword::Minus;
        Ok(())
    }

    fn angle_brackets(&mut self) -> Result<()> {
        if self.sign.is_some() || self.plus || self.minus {
            return Err(syntax("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together"));
        }
        self.angle = true;
        Ok(())
    }

    fn exponent(&mut self) -> Result<()> {
        if self.scientific {
            return Err(syntax("cannot use \"EEEE\" twice"));
        }
        if self.blank || self.fill || self.sign.is_some() || self.angle || self.minus || self.plus || self.roman || self.shifted {
            return Err(syntax("\"EEEE\" is incompatible with other formats")
                .detail("\"EEEE\" may only be used together with digit and decimal point patterns."));
        }
        self.scientific = true;
        Ok(())
    }
}
