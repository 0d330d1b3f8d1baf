//! From the text of an error to the row of the dialect table that words it.

use borealis_dialect::{Dialect, Row, Verdict, rows};

/// The row whose message `text` is, or contains: the one with the most words of its own.
pub(crate) fn row_of(text: &str) -> Option<&'static Row> {
    let text = text.to_lowercase();
    let worded = rows().iter().filter(|row| row.verdict != Verdict::Accepted);
    let matching = worded.filter(|row| matches(&row.message_with(&[]).to_lowercase(), &text));
    // Of two days of one form, the present one.
    matching.max_by_key(|row| (own_words(row), row.holds(Dialect::default())))
}

/// The characters of a message that are not filled in.
fn own_words(row: &Row) -> usize {
    pieces(&row.message_with(&[])).map(str::len).sum()
}

/// Whether the pieces of `template` between its arguments stand in `text`, in order, and make up a message rather than a word or two.
fn matches(template: &str, text: &str) -> bool {
    let mut rest = text;
    for piece in pieces(template) {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    pieces(template).map(str::len).sum::<usize>() >= 8
}

fn pieces(template: &str) -> impl Iterator<Item = &str> {
    template.split(['{', '}']).step_by(2).filter(|piece| !piece.trim().is_empty())
}
