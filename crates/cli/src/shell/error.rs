//! Errors and notices as psql prints them, with a caret below the place.

use std::fmt::Write;

use borealis_client::ServerError;
use unicode_width::UnicodeWidthChar;

/// Columns of the statement that are shown around the place.
const SHOWN_MAX: usize = 60;
/// Columns that stay visible to the right of the place.
const RIGHT_MIN: usize = 10;

/// The error with its statement's line.
pub(super) fn text(error: &ServerError, sql: &str) -> String {
    let mut text = format!("{}:  {}\n", error.severity, error.message);
    if let Some(position) = error.position {
        text.push_str(&excerpt(sql, position as usize).unwrap_or_default());
    }
    for (name, value) in [("DETAIL", &error.detail), ("HINT", &error.hint)] {
        if let Some(value) = value {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{name}:  {value}");
        }
    }
    // Of a notice psql shows no context.
    if let (Some(context), "ERROR" | "FATAL" | "PANIC") = (&error.context, error.severity.as_str()) {
        let _ = writeln!(text, "CONTEXT:  {context}");
    }
    text
}

/// `LINE 1: SELECT …` and a caret below the letter at `position`, counted from 1; cut where the line is long.
fn excerpt(sql: &str, position: usize) -> Option<String> {
    let place = position.checked_sub(1)?;
    let letters: Vec<char> = sql.chars().map(|letter| if letter == '\t' { ' ' } else { letter }).collect();
    if place > letters.len() {
        return None;
    }
    let is_end = |letter: char| letter == '\n' || letter == '\r';
    let begin = letters[..place].iter().rposition(|letter| is_end(*letter)).map_or(0, |at| at + 1);
    let end = letters[place..].iter().position(|letter| is_end(*letter)).map_or(letters.len(), |at| place + at);
    let number = letters[..begin].iter().enumerate().filter(|(at, letter)| match letter {
        '\n' => *at == 0 || letters[at - 1] != '\r',
        '\r' => true,
        _ => false,
    });
    let number = number.count() + 1;
    let columns = |from: usize, to: usize| letters[from..to].iter().map(|letter| screen_width(*letter)).sum::<usize>();
    let cut = cut(begin, end, place, &columns);
    let prefix = format!("LINE {number}: {}", if cut.left { "..." } else { "" });
    let shown: String = letters[cut.begin..cut.end].iter().collect();
    let caret = prefix.len() + columns(cut.begin, place);
    Some(format!("{prefix}{shown}{}\n{:caret$}^\n", if cut.right { "..." } else { "" }, ""))
}

fn screen_width(letter: char) -> usize {
    letter.width().filter(|width| *width > 0).unwrap_or(1)
}

struct Cut {
    begin: usize,
    end: usize,
    left: bool,
    right: bool,
}

/// The part of a line that is shown: cut at the right if that is enough, else at both ends.
fn cut(begin: usize, end: usize, place: usize, columns: &dyn Fn(usize, usize) -> usize) -> Cut {
    let mut cut = Cut { begin, end, left: false, right: false };
    if columns(begin, end) <= SHOWN_MAX {
        return cut;
    }
    if columns(begin, place) + RIGHT_MIN <= SHOWN_MAX {
        while columns(begin, cut.end) > SHOWN_MAX {
            cut.end -= 1;
        }
        cut.right = true;
        return cut;
    }
    while cut.end > place && columns(place, cut.end) > RIGHT_MIN {
        cut.end -= 1;
        cut.right = true;
    }
    while columns(cut.begin, cut.end) > SHOWN_MAX {
        cut.begin += 1;
        cut.left = true;
    }
    cut
}
