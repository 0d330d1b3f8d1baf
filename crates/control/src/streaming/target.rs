//! What the ARNs of Kinesis streams mean here: the operator's list says, so that nobody can have the server write to a file or an address
//! that its operator has not named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::http::HttpSink;
use super::sink::{FileSink, Sink, SinkError};
use crate::stream::FailureCode;

/// The operator's list of targets: a JSON object from ARNs of Kinesis streams to `file:///path` or `http://host:port/path`. It is read anew
/// whenever a target is opened.
#[derive(Debug, Clone)]
pub struct Targets(PathBuf);

impl Targets {
    /// The list at a path, `DATA/control/targets.json`; a file that is not there is an empty list.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Opens the target of an ARN.
    pub(super) fn open(&self, arn: &str) -> Result<Box<dyn Sink>, SinkError> {
        let url = self.url(arn)?;
        if let Some(path) = url.strip_prefix("file://").filter(|path| path.starts_with('/')) {
            return Ok(Box::new(FileSink::open(Path::new(path))?));
        }
        if url.starts_with("http://") {
            return Ok(Box::new(HttpSink::open(&url)?));
        }
        let reason = format!("{}: the target of {arn} is neither file:///path nor http://host:port/path", self.0.display());
        Err(SinkError::new(FailureCode::InternalError, reason))
    }

    fn url(&self, arn: &str) -> Result<String, SinkError> {
        let refuse = |code, reason: String| SinkError::new(code, format!("{}: {reason}", self.0.display()));
        let text = match std::fs::read_to_string(&self.0) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "{}".to_owned(),
            other => other.map_err(|error| refuse(FailureCode::InternalError, error.to_string()))?,
        };
        let mut list: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|error| refuse(FailureCode::InternalError, error.to_string()))?;
        list.remove(arn).ok_or_else(|| refuse(FailureCode::KinesisStreamNotFound, format!("there is no target for {arn}")))
    }
}
