//! `cargo xtask guide`: the tables of the user guide out of the dialect table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use borealis_dialect::{reference_families, reference_tables, rows};

const FOLDER: &str = "docs/guide";

/// Writes the tables into their pages.
pub(crate) fn write(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in pages(root) {
        let written = reference_tables(&text)
            .and_then(|fresh| if fresh == text { Ok(()) } else { std::fs::write(&path, fresh).map_err(|error| error.to_string()) });
        problems.extend(written.err().map(|problem| format!("{}: {problem}", path.display())));
    }
    problems
}

/// Says which pages have other tables than the dialect gives, and which families have no table anywhere.
pub(crate) fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut missing: BTreeSet<&str> = rows().iter().map(|row| row.family()).collect();
    for (path, text) in pages(root) {
        for family in reference_families(&text) {
            missing.remove(family);
        }
        match reference_tables(&text) {
            Ok(fresh) if fresh == text => {}
            Ok(_) => problems.push(format!("{} differs from the dialect table; run `cargo xtask guide`", path.display())),
            Err(problem) => problems.push(format!("{}: {problem}", path.display())),
        }
    }
    problems.extend(missing.into_iter().map(|family| format!("{FOLDER}: no page has the table of the family \"{family}\"")));
    problems
}

fn pages(root: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(root.join(FOLDER)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| Some((path.clone(), std::fs::read_to_string(path).ok()?))).collect()
}
