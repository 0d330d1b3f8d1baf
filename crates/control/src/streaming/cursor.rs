//! How far a stream has come: the last commit that its target has taken.

use std::fs;
use std::path::PathBuf;

use crate::durable;

/// A position in a file of its own, as decimal digits and a line feed; without a file it is kept by the one who uses it.
pub(super) struct Cursor(Option<PathBuf>);

impl Cursor {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self(path)
    }

    /// The position; none before the first delivery. A file that cannot be read is as good as none: what it spares is sent again.
    pub(super) fn load(&self) -> Option<u64> {
        fs::read_to_string(self.0.as_ref()?).ok()?.strip_suffix('\n')?.parse().ok()
    }

    /// Durable on return.
    pub(super) fn save(&self, position: u64) -> std::io::Result<()> {
        let Some(path) = &self.0 else { return Ok(()) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        durable::replace(path, format!("{position}\n").as_bytes())
    }

    pub(super) fn remove(&self) {
        if let Some(path) = &self.0
            && let Err(error) = fs::remove_file(path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), %error, "the cursor of a stream that is gone stays");
        }
    }
}
