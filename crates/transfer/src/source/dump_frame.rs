//! The first and the last line of a dump: one that was cut between two statements has the first alone.

use crate::dump::{FIRST_LINE, LAST_LINE};

/// First lines with the last ones that belong to them. A dump of a whole PostgreSQL has those of its databases in it.
const FRAMES: [(&str, &str); 3] = [
    (FIRST_LINE, LAST_LINE),
    ("-- PostgreSQL database dump", "-- PostgreSQL database dump complete"),
    ("-- PostgreSQL database cluster dump", "-- PostgreSQL database cluster dump complete"),
];

/// The last lines that are still to come.
#[derive(Default)]
pub(super) struct Frame {
    open: Vec<&'static str>,
}

impl Frame {
    /// A comment on a line of its own.
    pub(super) fn see(&mut self, line: &[u8]) {
        if self.open.last().is_some_and(|last| last.as_bytes() == line) {
            self.open.pop();
        } else if let Some((_, last)) = FRAMES.iter().find(|(first, _)| first.as_bytes() == line) {
            self.open.push(last);
        }
    }

    /// What the dump should have ended with.
    pub(super) fn missing(&self) -> Option<&'static str> {
        self.open.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    fn missing(lines: &str) -> Option<&'static str> {
        let mut frame = Frame::default();
        lines.lines().for_each(|line| frame.see(line.as_bytes()));
        frame.missing()
    }

    #[test]
    fn what_has_begun_has_to_end() {
        let (first, last) = ("-- PostgreSQL database dump", "-- PostgreSQL database dump complete");
        assert_eq!(missing("-- by hand\n"), None);
        assert_eq!(missing(&format!("--\n{first}\n--\n-- Name: t\n")), Some(last));
        assert_eq!(missing(&format!("{first}\n{last}\n")), None);
        let (all, end) = ("-- PostgreSQL database cluster dump", "-- PostgreSQL database cluster dump complete");
        assert_eq!(missing(&format!("{all}\n{first}\n{last}\n{first}\n{last}\n")), Some(end));
        assert_eq!(missing(&format!("{all}\n{first}\n{last}\n{end}\n")), None);
    }
}
