//! Unicode normalization.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick, is_nfd_quick, is_nfkc_quick, is_nfkd_quick};

use super::args::{give_text, invalid_parameter, text};
use crate::{CallContext, Datum, Result};

#[derive(Clone, Copy)]
enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

impl Form {
    fn parse(name: &str) -> Result<Self> {
        let forms = [("NFC", Self::Nfc), ("NFD", Self::Nfd), ("NFKC", Self::Nfkc), ("NFKD", Self::Nfkd)];
        let found = forms.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(_, form)| form).ok_or_else(|| invalid_parameter(format!("invalid normalization form: {name}")))
    }

    fn apply(self, text: &str) -> String {
        match self {
            Self::Nfc => text.nfc().collect(),
            Self::Nfd => text.nfd().collect(),
            Self::Nfkc => text.nfkc().collect(),
            Self::Nfkd => text.nfkd().collect(),
        }
    }

    fn quick_check(self, text: &str) -> IsNormalized {
        match self {
            Self::Nfc => is_nfc_quick(text.chars()),
            Self::Nfd => is_nfd_quick(text.chars()),
            Self::Nfkc => is_nfkc_quick(text.chars()),
            Self::Nfkd => is_nfkd_quick(text.chars()),
        }
    }
}

pub(super) fn unicode_normalize_func(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&Form::parse(text(args, 1)?)?.apply(text(args, 0)?))
}

pub(super) fn unicode_is_normalized(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (value, form) = (text(args, 0)?, Form::parse(text(args, 1)?)?);
    Ok(Datum::Bool(match form.quick_check(value) {
        IsNormalized::Yes => true,
        IsNormalized::No => false,
        IsNormalized::Maybe => form.apply(value) == value,
    }))
}
