//! The data folder and the modes of the files with secrets in it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::Finding;
use crate::data_folder::DataFolder;

const GROUP_AND_OTHERS: u32 = 0o077;
const WRITE_BY_GROUP_AND_OTHERS: u32 = 0o022;

pub(super) fn folder(folder: &DataFolder) -> Finding {
    const CHECK: &str = "data folder";
    let path = folder.path();
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Finding::warning(CHECK, format!("{shown} does not exist"), "`borealis serve` makes it; name another with --data");
        }
        Err(error) => return Finding::problem(CHECK, format!("{shown}: {error}"), "name a folder that you may read with --data"),
    };
    if !metadata.is_dir() {
        return Finding::problem(CHECK, format!("{shown} is not a folder"), "name another with --data");
    }
    if metadata.mode() & WRITE_BY_GROUP_AND_OTHERS != 0 {
        return Finding::problem(CHECK, format!("others may change {shown}"), format!("chmod go-w {}", quoted(path)));
    }
    let me = rustix::process::geteuid().as_raw();
    if metadata.uid() != me && me != 0 {
        return Finding::problem(CHECK, format!("{shown} belongs to user {}", metadata.uid()), "run as that user, or change its owner");
    }
    Finding::ok(CHECK, shown.to_string())
}

/// A finding for each file that holds keys.
pub(super) fn secrets(folder: &DataFolder) -> Vec<Finding> {
    let files = [folder.credentials(), folder.passwords(), folder.tls().join("ca.key")];
    files.iter().filter_map(|path| secret(path)).collect()
}

/// Nothing for a file that is not there.
fn secret(path: &Path) -> Option<Finding> {
    const CHECK: &str = "key file";
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let shown = path.display();
    Some(if mode & GROUP_AND_OTHERS == 0 {
        Finding::ok(CHECK, format!("{shown} is its owner's only"))
    } else {
        Finding::problem(
            CHECK,
            format!("{shown} has mode {mode:o}: others can read the keys in it"),
            format!("chmod 600 {}, and replace the keys if others use this machine", quoted(path)),
        )
    })
}

/// For a shell.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
