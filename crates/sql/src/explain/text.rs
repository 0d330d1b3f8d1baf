//! The text format.

use std::fmt::Write as _;

use super::ExplainOptions;
use super::item::{Item, Measured, milliseconds, per_loop};
use crate::plan::Estimate;

/// The lines of a plan.
pub(super) fn lines(root: &Item, options: &ExplainOptions) -> Vec<String> {
    let mut printer = Printer { options, lines: Vec::new() };
    printer.item(root, None);
    printer.lines
}

struct Printer<'a> {
    options: &'a ExplainOptions,
    lines: Vec<String>,
}

impl Printer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(format!("{:indent$}{text}", ""));
    }

    /// A node. `arrow`: blanks before its arrow; the top node has none.
    fn item(&mut self, item: &Item, arrow: Option<usize>) {
        let mut text = match (arrow, item.storage) {
            (None, _) => String::new(),
            (Some(_), true) => "-> ".to_owned(),
            (Some(_), false) => "->  ".to_owned(),
        };
        text.push_str(&item.label);
        if self.options.costs {
            let _ = write!(text, "{}{}", if item.storage { " " } else { "  " }, cost_text(&item.estimate));
        }
        push_measured(&mut text, item.measured, self.options.timing && !item.storage);
        self.line(arrow.unwrap_or(0), &text);
        let inside = match (arrow, item.storage) {
            (None, _) => 2,
            (Some(arrow), true) => arrow + 4,
            (Some(arrow), false) => arrow + 6,
        };
        for line in &item.lines {
            self.line(inside, &line.text);
        }
        for child in &item.children {
            match &child.title {
                Some(title) => {
                    self.line(inside, title);
                    self.item(&child.item, Some(inside + 2));
                }
                None => self.item(&child.item, Some(inside)),
            }
        }
    }
}

fn push_measured(text: &mut String, measured: Measured, timing: bool) {
    match measured {
        Measured::No => {}
        Measured::Never => text.push_str(" (never executed)"),
        Measured::Ran(actual) => {
            text.push_str(" (actual ");
            if timing {
                let (startup, total) = (milliseconds(actual.startup, actual.loops), milliseconds(actual.total, actual.loops));
                let _ = write!(text, "time={startup:.3}..{total:.3} ");
            }
            let _ = write!(text, "rows={:.0} loops={})", per_loop(actual.rows, actual.loops), actual.loops);
        }
    }
}

/// `(cost=a..b rows=n width=w)`
fn cost_text(estimate: &Estimate) -> String {
    format!("(cost={:.2}..{:.2} rows={:.0} width={})", estimate.startup_cost, estimate.total_cost, estimate.rows, estimate.width)
}
