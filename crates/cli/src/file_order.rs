//! The order of numbered files: `2.sql` comes before `10.sql`.

use std::cmp::Ordering;
use std::path::Path;

/// Compares two paths of one folder as people number them: digits by their value, everything else as text.
pub(crate) fn by_number(a: &Path, b: &Path) -> Ordering {
    let (a, b) = (a.to_string_lossy(), b.to_string_lossy());
    let (mut left, mut right) = (&*a, &*b);
    while !left.is_empty() && !right.is_empty() {
        let ((x, left_rest), (y, right_rest)) = (run(left), run(right));
        let order = match (is_number(x), is_number(y)) {
            (true, true) => value(x).len().cmp(&value(y).len()).then_with(|| value(x).cmp(value(y))),
            _ => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(&b))
}

/// The digits, or the text up to the next digit, that `text` begins with, and the rest.
fn run(text: &str) -> (&str, &str) {
    let digits = is_number(text);
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at(end)
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Without leading zeros, a longer number is a greater one.
fn value(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_value() {
        let mut names = ["10.sql", "V1.10__x.sql", "2.sql", "a", "02_b.sql", "1.sql", "V1.2__x.sql", "02_a.sql", "é9.sql"];
        names.sort_by(|a, b| by_number(Path::new(a), Path::new(b)));
        assert_eq!(names, ["1.sql", "2.sql", "02_a.sql", "02_b.sql", "10.sql", "V1.2__x.sql", "V1.10__x.sql", "a", "é9.sql"]);
        assert_eq!(by_number(Path::new("1.sql"), Path::new("01.sql")), Ordering::Greater);
        assert_eq!(by_number(Path::new("1.sql"), Path::new("1.sql")), Ordering::Equal);
    }
}
