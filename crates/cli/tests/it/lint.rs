//! `borealis lint` as scripts use it: files, pipes, exit codes, configuration.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::server::{run, stderr, stdout};

/// Runs it in `folder`.
fn lint(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borealis"));
    command.current_dir(folder).arg("lint").args(arguments);
    run(&mut command, input)
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

const CLEAN: &str = "CREATE TABLE t (id uuid PRIMARY KEY);\n";
const CLEANLY_FIXED: &str = "DROP INDEX CONCURRENTLY i;\n";
const FIXED_WITH_LOSS: &str = "CREATE INDEX i ON t (id);\n";
const IMPOSSIBLE: &str = "LISTEN c;\n";

#[test]
fn exit_codes_tell_clean_from_wrong_from_mended() {
    let folder = folder(&[
        ("clean.sql", CLEAN),
        ("clean_fix.sql", CLEANLY_FIXED),
        ("loss.sql", FIXED_WITH_LOSS),
        ("no.sql", IMPOSSIBLE),
        ("warn.sql", "DELETE FROM t;"),
    ]);
    let code = |arguments: &[&str]| lint(folder.path(), arguments, "").status.code();
    assert_eq!(code(&["clean.sql"]), Some(0));
    assert_eq!(code(&["loss.sql"]), Some(1));
    assert_eq!(code(&["warn.sql"]), Some(0));
    assert_eq!(code(&["--deny-warnings", "warn.sql"]), Some(1));
    assert_eq!(code(&["missing.sql"]), Some(1));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["--select", "no-such-rule", "clean.sql"]), Some(2));
    assert_eq!(code(&["--fix", "--stdout", "clean_fix.sql"]), Some(0));
    assert_eq!(code(&["--fix", "--stdout", "clean.sql", "clean_fix.sql", "loss.sql"]), Some(3));
    assert_eq!(code(&["--fix", "--no-loss", "--stdout", "loss.sql"]), Some(1));
    assert_eq!(code(&["--fix", "--stdout", "no.sql"]), Some(1));
    assert_eq!(std::fs::read_to_string(folder.path().join("loss.sql")).expect("read"), FIXED_WITH_LOSS, "--stdout writes no file");
}

#[test]
fn numbered_files_of_a_folder_are_read_as_they_run() {
    let folder = folder(&[
        ("m/1.sql", CLEAN),
        ("m/2.sql", "ALTER TABLE t ADD COLUMN a int;\n"),
        ("m/10.sql", "ALTER TABLE t RENAME COLUMN a TO b;\n"),
        ("m/11.sql", "SELECT b FROM t;\n"),
    ]);
    let output = lint(folder.path(), &["m"], "");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn a_file_is_replaced_whole_and_keeps_its_mode_and_its_link() {
    let folder = folder(&[("real/a.sql", FIXED_WITH_LOSS)]);
    let (real, link) = (folder.path().join("real/a.sql"), folder.path().join("link.sql"));
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).expect("changed");
    std::os::unix::fs::symlink(&real, &link).expect("linked");
    let output = lint(folder.path(), &["--fix", "link.sql"], "");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&real).expect("read"), "CREATE INDEX ASYNC i ON t (id);\n");
    assert_eq!(std::fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!(std::fs::read_dir(folder.path().join("real")).expect("a folder").count(), 1, "nothing is left beside it");
    assert_eq!(lint(folder.path(), &["--fix", "link.sql"], "").status.code(), Some(0), "mended is mended");
}

#[test]
fn standard_input_is_mended_on_standard_output() {
    let folder = folder(&[]);
    let output = lint(folder.path(), &["--fix", "-"], FIXED_WITH_LOSS);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(3), "CREATE INDEX ASYNC i ON t (id);\n"));
    assert!(stderr(&output).contains("<stdin>:1: fixed index/without-async"), "{}", stderr(&output));
    let output = lint(folder.path(), &["--format", "json", "--fix", "-"], FIXED_WITH_LOSS);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["files"][0]["fixed"], "CREATE INDEX ASYNC i ON t (id);\n");
}

#[test]
fn configuration_is_found_above_and_the_command_line_wins() {
    let folder = folder(&[
        (".borealis-lint.toml", "dialect = \"2026-02\"\nignore = [\"missing-primary-key\"]\n"),
        ("deep/er/a.sql", "CREATE TABLE t (d jsonb);\n"),
    ]);
    let output = lint(folder.path(), &["deep/er/a.sql"], "");
    assert!(stdout(&output).contains("[type/jsonb]") && !stdout(&output).contains("missing-primary-key"), "{}", stdout(&output));
    let output = lint(folder.path(), &["--dialect", "2026-09", "deep"], "");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let output = lint(folder.path(), &["--no-config", "deep"], "");
    assert!(stdout(&output).contains("missing-primary-key"), "{}", stdout(&output));
    std::fs::write(folder.path().join(".borealis-lint.toml"), "dialekt = 1\n").expect("written");
    let output = lint(folder.path(), &["deep"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains(".borealis-lint.toml") && stderr(&output).contains("dialekt"), "{}", stderr(&output));
}

#[test]
fn files_in_their_order_are_one_schema() {
    let folder = folder(&[
        ("1.sql", "CREATE TABLE t (id uuid PRIMARY KEY, a text);"),
        ("2.sql", "INSERT INTO t (id, b) VALUES (gen_random_uuid(), 'x');"),
    ]);
    let output = lint(folder.path(), &["--strict-schema", "."], "");
    assert!(stdout(&output).contains("column \"b\" of relation \"t\" does not exist"), "{}", stdout(&output));
    assert_eq!(lint(folder.path(), &["2.sql"], "").status.code(), Some(0));
    assert_eq!(lint(folder.path(), &["--strict-schema", "2.sql"], "").status.code(), Some(1));
}

#[test]
fn bytes_that_are_no_text_are_told_and_left_alone() {
    let folder = folder(&[]);
    std::fs::write(folder.path().join("a.sql"), b"SELECT '\xe4';\nCREATE INDEX i ON t (a);").expect("written");
    let output = lint(folder.path(), &["--fix", "a.sql"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("a.sql:1:9: error 22021: invalid byte sequence for encoding \"UTF8\": 0xe4 [encoding]"),
        "{}",
        stdout(&output)
    );
    assert_eq!(std::fs::read(folder.path().join("a.sql")).expect("read")[8], 0xe4);
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = folder(&[]);
    let output = stdout(&lint(folder.path(), &["--list-rules"], ""));
    assert!(output.contains("index/without-async") && output.contains("missing-primary-key"), "{output}");
    let output = stdout(&lint(folder.path(), &["--explain", "index/without-async"], ""));
    assert!(output.contains("unsupported mode. please use CREATE INDEX ASYNC.") && output.contains("## Fix"), "{output}");
    let output = lint(folder.path(), &["--explain", "index/without-asink"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean \"index/without-async\"?"), "{}", stderr(&output));
}
