//! How far long work has come: a bar on stderr, when that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar, with the number of rows behind it.
pub(crate) struct Meter {
    bar: ProgressBar,
    /// How it is drawn once there is a total.
    with_total: &'static str,
}

impl Meter {
    /// A bar over bytes. Nothing is drawn where nobody looks.
    pub(crate) fn new() -> Self {
        Self::drawn("{spinner} {bytes} {bytes_per_sec} {msg}", "{bar:30} {percent}% {bytes}/{total_bytes} {eta} {msg}")
    }

    /// A bar over the rows themselves.
    pub(crate) fn of_rows() -> Self {
        Self::drawn("{spinner} {msg} {per_sec}", "{bar:30} {percent}% {eta} {msg}")
    }

    fn drawn(without_total: &'static str, with_total: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        bar.set_style(style(without_total));
        Self { bar, with_total }
    }

    pub(crate) fn show(&self, position: u64, total: Option<u64>, rows: u64) {
        if let Some(total) = total
            && self.bar.length() != Some(total)
        {
            self.bar.set_length(total);
            self.bar.set_style(style(self.with_total));
        }
        self.bar.set_position(position);
        self.bar.set_message(format!("{rows} rows"));
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
