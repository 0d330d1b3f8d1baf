//! `\e`: a statement through the user's editor.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use borealis_base::{Id26, OsRandom};

use crate::Failure;

/// The text that was left behind. Without a file of the user's, the editor gets one of its own, which nobody else can read.
pub(super) fn edit(text: &str, file: Option<&Path>) -> Result<String, Failure> {
    match file {
        Some(file) => {
            run_editor(file)?;
            read(file)
        }
        None => {
            let path = std::env::temp_dir().join(format!("borealis-{}.sql", Id26::random(&OsRandom)));
            let own = Temporary::create(path, text)?;
            run_editor(&own.0)?;
            read(&own.0)
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn run_editor(path: &Path) -> Result<(), Failure> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let editor = set("PSQL_EDITOR").or_else(|| set("VISUAL")).or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    // The variable may hold options, as in `code --wait`: the shell splits it, and gets the path as an argument.
    let status = Command::new("/bin/sh").arg("-c").arg(format!("exec {editor} \"$0\"")).arg(path).status();
    let status = status.map_err(|error| format!("could not start editor \"{editor}\": {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("editor \"{editor}\" ended with {status}").into()) }
}

struct Temporary(PathBuf);

impl Temporary {
    fn create(path: PathBuf, text: &str) -> Result<Self, Failure> {
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            writeln!(file, "{text}")
        };
        write().map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing in it is of use any more; what cannot be removed is the temporary folder's business.
        let _ = std::fs::remove_file(&self.0);
    }
}
