//! How far long work has come: a bar on stderr, when that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over bytes, with the number of rows behind it.
pub(crate) struct Meter {
    bar: ProgressBar,
}

impl Meter {
    /// Nothing is drawn where nobody looks.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        bar.set_style(style("{spinner} {bytes} {bytes_per_sec} {msg}"));
        Self { bar }
    }

    pub(crate) fn show(&self, bytes: u64, bytes_total: Option<u64>, rows: u64) {
        if let Some(total) = bytes_total
            && self.bar.length() != Some(total)
        {
            self.bar.set_length(total);
            self.bar.set_style(style("{bar:30} {percent}% {bytes}/{total_bytes} {eta} {msg}"));
        }
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{rows} rows"));
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
