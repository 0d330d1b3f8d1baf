//! The files under `packaging/` name options that exist, and systemd understands the unit.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{borealis, run, stderr, stdout};

fn packaging(file: &str) -> PathBuf {
    Path::new("../../packaging").join(file)
}

fn text(file: &str) -> String {
    std::fs::read_to_string(packaging(file)).expect("a file")
}

/// Whether the binary takes these arguments; with --help behind them it parses all and starts nothing.
fn assert_parses(arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(borealis(folder.path()).args(arguments).arg("--help"), "");
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
}

#[test]
fn arguments_of_unit_and_image_exist() {
    let unit = text("borealis.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/borealis ")).expect("ExecStart");
    let words: Vec<&str> = start.split(' ').filter(|word| *word != "$BOREALIS_ARGS").map(|word| word.trim_matches('"')).collect();
    assert_parses(&words);
    let more = unit.lines().find_map(|line| line.split_once("BOREALIS_ARGS=--")).expect("an example").1;
    assert_parses(
        &["serve".to_owned(), format!("--{}", more.split(' ').next().unwrap_or_default())]
            .iter()
            .map(String::as_str)
            .chain(more.split(' ').skip(1))
            .collect::<Vec<_>>(),
    );
    let image = text("Containerfile");
    let command = image.lines().find_map(|line| line.strip_prefix("CMD ")).expect("CMD");
    let words: Vec<String> = serde_json::from_str(command).expect("a list of words");
    assert_parses(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(
        run(borealis(Path::new("/nonexistent")).args(["serve", "--no-such", "--help"]), "").status.code() == Some(2),
        "the check can fail"
    );
}

#[test]
fn systemd_understands_the_unit() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("systemd-analyze is not installed: the unit is not checked");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let unit = folder.path().join("borealis.service");
    // The binary must exist for the check, and need not be installed; nor do the manual pages.
    let here = text("borealis.service").replace("/usr/bin/borealis", env!("CARGO_BIN_EXE_borealis")).replace("Documentation=", "#");
    std::fs::write(&unit, here).expect("written");
    let checked = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit), "");
    let said = format!("{}{}", stdout(&checked), stderr(&checked));
    let about_it: Vec<&str> = said.lines().filter(|line| line.contains("borealis")).collect();
    assert!(checked.status.success() && about_it.is_empty(), "{said}");
}
