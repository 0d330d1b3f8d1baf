//! Rules of the house that a machine checks, and files that are generated.
//!
//! ```text
//! cargo xtask layers          edges between crates go down only
//! cargo xtask tidy            files are readable and documents point at what is there
//! cargo xtask compat          writes COMPAT.md from the dialect table; --check: fails when it differs
//! cargo xtask guide           writes the tables of docs/guide from the dialect table; --check: fails when one differs
//! ```

mod compat;
mod guide;
mod layers;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    let problems = match words.as_slice() {
        ["layers"] => layers::check(&root),
        ["tidy"] => tidy::check(&root),
        ["compat"] => compat::write(&root),
        ["compat", "--check"] => compat::check(&root),
        ["guide"] => guide::write(&root),
        ["guide", "--check"] => guide::check(&root),
        _ => {
            eprintln!("usage: cargo xtask layers | tidy | compat [--check] | guide [--check]");
            return ExitCode::from(2);
        }
    };
    for problem in &problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The workspace's folder.
fn root() -> PathBuf {
    // Asked when it runs: two checkouts that share a target folder share the binary, whichever of them has built it.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}
