//! Edits of a credentials file's text that leave every other line as it was.

use std::fmt::Write as _;

/// The name in a `[heading]`.
fn heading(line: &str) -> Option<&str> {
    Some(line.trim_start().strip_prefix('[')?.split_once(']')?.0.trim())
}

/// The text without the sections that `drop` names.
pub(super) fn without(text: &str, drop: &dyn Fn(&str) -> bool) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if let Some(name) = heading(line) {
            inside = drop(name);
        }
        if !inside {
            kept.push_str(line);
        }
    }
    kept
}

/// The text with one more section at its end.
pub(super) fn with_section(text: &str, name: &str, settings: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    if !text.is_empty() {
        text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    let _ = writeln!(text, "[{name}]"); // writing to a String cannot fail
    for (setting, value) in settings {
        let _ = writeln!(text, "{setting} = {value}");
    }
    text
}

/// The text with settings of a section replaced; those without a value are gone.
pub(super) fn with_settings(text: &str, name: &str, changes: &[(&str, Option<&str>)]) -> String {
    let changed = |line: &str| {
        let setting = line.split_once('=').map_or("", |(setting, _)| setting.trim());
        changes.iter().any(|(known, _)| known.eq_ignore_ascii_case(setting))
    };
    let (mut inside, mut written) = (false, false);
    let mut result = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if let Some(found) = heading(line) {
            inside = found == name;
        } else if inside && changed(line) {
            continue;
        }
        result.push_str(line);
        if inside && !written {
            written = true;
            if !result.ends_with('\n') {
                result.push('\n');
            }
            for (setting, value) in changes {
                if let Some(value) = value {
                    let _ = writeln!(result, "{setting} = {value}"); // writing to a String cannot fail
                }
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{with_section, with_settings, without};

    const TEXT: &str = "# mine\n[a]\nx = 1\n; note\ny = 2\n\n[b]\nx = 3\n";

    #[test]
    fn every_other_line_stays() {
        assert_eq!(without(TEXT, &|name| name == "a"), "# mine\n[b]\nx = 3\n");
        assert_eq!(with_section(TEXT, "c", &[("x", "4")]), format!("{TEXT}\n[c]\nx = 4\n"));
        assert_eq!(with_section("", "c", &[]), "[c]\n");
        assert_eq!(with_section("[a]", "c", &[]), "[a]\n\n[c]\n");
        assert_eq!(with_settings(TEXT, "a", &[("X", Some("9")), ("z", None)]), "# mine\n[a]\nX = 9\n; note\ny = 2\n\n[b]\nx = 3\n");
        assert_eq!(with_settings("[a]", "a", &[("x", Some("1"))]), "[a]\nx = 1\n");
    }
}
