//! `cargo xtask tidy`: what a reader may rely on.
//!
//! - no source file is longer than [`LINES_MAX`] lines;
//! - no line ends in blanks, no file lacks its last newline;
//! - no "to do" is left in the code: a requirement is built or refused;
//! - every crate has an entry in ARCHITECTURE.md, and every path that a document names exists.

use std::path::{Path, PathBuf};

/// Beyond this a file wants splitting. Tables of rows are data and may be longer.
const LINES_MAX: usize = 800;
/// Longest table of rows.
const TABLE_LINES_MAX: usize = 3_000;
/// A file whose lines mostly look like this is a table of rows.
const TABLE_SHARE: f64 = 0.6;

/// All breaches.
pub(crate) fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for_each_source(root, &mut |path, text| problems.extend(source(root, path, text)));
    problems.extend(architecture(root));
    problems.extend(documents(root));
    problems.sort();
    problems
}

/// Calls `body` for every Rust file of the workspace.
pub(crate) fn for_each_source(root: &Path, body: &mut dyn FnMut(&Path, &str)) {
    for folder in ["crates", "xtask"] {
        walk(&root.join(folder), &mut |path| {
            if path.extension().is_some_and(|extension| extension == "rs")
                && let Ok(text) = std::fs::read_to_string(path)
            {
                body(path, &text);
            }
        });
    }
}

fn walk(folder: &Path, body: &mut dyn FnMut(&Path)) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, body);
        } else {
            body(&path);
        }
    }
}

fn source(root: &Path, path: &Path, text: &str) -> Vec<String> {
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let mut problems = Vec::new();
    let lines = text.lines().count();
    let limit = if is_table(text, lines) { TABLE_LINES_MAX } else { LINES_MAX };
    if lines > limit {
        problems.push(format!("{shown}: {lines} lines, more than {limit}; split it by family"));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(format!("{shown}: no newline at the end"));
    }
    for (index, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            problems.push(format!("{shown}:{}: blanks at the end of the line", index + 1));
        }
        if ["TO", "FIX"].iter().any(|start| line.contains(&format!("{start}{}", if *start == "TO" { "DO" } else { "ME" }))) {
            problems.push(format!("{shown}:{}: build it, refuse it, or write it into COMPAT.md", index + 1));
        }
    }
    problems
}

/// Whether most lines are rows: calls or literals that end in a comma.
#[allow(clippy::cast_precision_loss)] // line counts
fn is_table(text: &str, lines: usize) -> bool {
    let rows = text.lines().filter(|line| line.starts_with("    ") && line.trim_end().ends_with("),")).count();
    rows as f64 > lines as f64 * TABLE_SHARE
}

fn architecture(root: &Path) -> Vec<String> {
    let page = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap_or_default();
    let crates = std::fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
    let names = crates.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| !page.contains(&format!("`crates/{name}`")))
        .map(|name| format!("ARCHITECTURE.md: no entry for `crates/{name}`"))
        .collect()
}

/// Paths in backquotes that start with a folder of ours must exist.
fn documents(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut pages = vec![root.join("README.md"), root.join("ARCHITECTURE.md"), root.join("CONTRIBUTING.md")];
    walk(&root.join("docs"), &mut |path| pages.push(path.to_owned()));
    for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(page).unwrap_or_default();
        for word in text.split('`').skip(1).step_by(2) {
            let named = ["crates/", "docs/", "xtask/", "scripts/", "tests/"].iter().any(|folder| word.starts_with(folder));
            let plain = !word.contains([' ', '*', '<', '{', '…']) && !word.contains("::");
            if named && plain && !root.join(word).exists() {
                problems.push(format!("{}: `{word}` does not exist", page.strip_prefix(root).unwrap_or(page).display()));
            }
        }
    }
    problems
}
