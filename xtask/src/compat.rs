//! `cargo xtask compat`: COMPAT.md out of the dialect table.

use std::path::Path;

const FILE: &str = "COMPAT.md";

/// Writes the file.
pub(crate) fn write(root: &Path) -> Vec<String> {
    match std::fs::write(root.join(FILE), text()) {
        Ok(()) => Vec::new(),
        Err(error) => vec![format!("{FILE}: {error}")],
    }
}

/// Says when the file is not what the table gives.
pub(crate) fn check(root: &Path) -> Vec<String> {
    let kept = std::fs::read_to_string(root.join(FILE)).unwrap_or_default();
    if kept == text() { Vec::new() } else { vec![format!("{FILE} differs from the dialect table; run `cargo xtask compat`")] }
}

fn text() -> String {
    borealis_dialect::compat_markdown(borealis_dialect::Dialect::D2026_09)
}
