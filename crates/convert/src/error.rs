//! What stops a conversion.

use std::fmt;

use crate::place::Place;

/// The source cannot be converted: nothing comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// Where in the source.
    pub place: Place,
    /// What is wrong there.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Other values of the rows that do not fit either, in the order of the source; with the first, at most a hundred.
    pub further: Vec<(Place, String)>,
}

/// Values that do not fit, as many as are listed before the conversion ends.
pub(crate) const OFFENDERS_MAX: usize = 100;

impl ConvertError {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), hint: None, further: Vec::new() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.further.len() + 1 {
            1 => {}
            OFFENDERS_MAX => writeln!(f, "values do not fit; the first {OFFENDERS_MAX}:")?,
            count => writeln!(f, "{count} values do not fit:")?,
        }
        write!(f, "line {}, column {}: {}", self.place.line, self.place.column, self.message)?;
        for (place, message) in &self.further {
            write!(f, "\nline {}, column {}: {message}", place.line, place.column)?;
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n  {hint}"))
    }
}

impl std::error::Error for ConvertError {}

/// Values that do not fit. The rows behind one are read all the same, so that one run finds what has to be mended in the source.
#[derive(Default)]
pub(crate) struct Offenders {
    first: Option<ConvertError>,
}

impl Offenders {
    /// Takes one in.
    ///
    /// # Errors
    /// It is the last that is listed.
    pub(crate) fn add(&mut self, error: ConvertError) -> Result<(), ConvertError> {
        let Some(first) = &mut self.first else {
            self.first = Some(error);
            return Ok(());
        };
        if let Some(hint) = error.hint
            && first.hint.as_ref().is_none_or(|hints| !hints.contains(&hint))
        {
            first.hint = Some(first.hint.take().map_or_else(|| hint.clone(), |hints| format!("{hints}\n  {hint}")));
        }
        first.further.push((error.place, error.message));
        if first.further.len() + 1 < OFFENDERS_MAX { Ok(()) } else { std::mem::take(self).none() }
    }

    /// That there was none.
    ///
    /// # Errors
    /// There was one.
    pub(crate) fn none(self) -> Result<(), ConvertError> {
        self.first.map_or(Ok(()), Err)
    }

    /// What ends the conversion when something else goes wrong: the values found so far come first.
    pub(crate) fn stopped_by(mut self, error: ConvertError) -> ConvertError {
        match self.add(error.clone()).and_then(|()| self.none()) {
            Err(all) => all,
            Ok(()) => error,
        }
    }
}
