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
pub struct Targets {
    list: PathBuf,
    otherwise: Option<Otherwise>,
}

/// Where the records of streams go whose targets the list does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Otherwise {
    /// Into a file of the target's name in this folder.
    Folder(PathBuf),
    /// To this address.
    Address(String),
}

impl Targets {
    /// The list at a path, `DATA/control/targets.json`; a file that is not there is an empty list.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { list: path.to_owned(), otherwise: None }
    }

    /// The same, and where records go whose target is not in the list.
    #[must_use]
    pub fn or(self, otherwise: Option<Otherwise>) -> Self {
        Self { otherwise, ..self }
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
        let reason = format!("{}: the target of {arn} is neither file:///path nor http://host:port/path", self.list.display());
        Err(SinkError::new(FailureCode::InternalError, reason))
    }

    fn url(&self, arn: &str) -> Result<String, SinkError> {
        let refuse = |code, reason: String| SinkError::new(code, format!("{}: {reason}", self.list.display()));
        let text = match std::fs::read_to_string(&self.list) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "{}".to_owned(),
            other => other.map_err(|error| refuse(FailureCode::InternalError, error.to_string()))?,
        };
        let mut list: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|error| refuse(FailureCode::InternalError, error.to_string()))?;
        match (list.remove(arn), &self.otherwise) {
            (Some(url), _) => Ok(url),
            (None, Some(Otherwise::Address(url))) => Ok(url.clone()),
            (None, Some(Otherwise::Folder(folder))) => Ok(format!("file://{}", folder.join(file_name(arn)).display())),
            (None, None) => Err(refuse(FailureCode::KinesisStreamNotFound, format!("there is no target for {arn}"))),
        }
    }
}

/// The file of a target in the operator's folder: its name, with nothing in it that leads elsewhere.
fn file_name(arn: &str) -> String {
    let name = arn.rsplit_once(":stream/").map_or(arn, |(_, name)| name);
    format!("{}.jsonl", name.replace('/', "_"))
}
