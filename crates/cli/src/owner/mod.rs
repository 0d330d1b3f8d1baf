//! What the owner of a data folder asks of the server that has it: backups and restores.
//!
//! They go through a Unix socket in the folder `DATA/owner`, which only the owner's user may enter: who can read the data anyway needs no key, and
//! nobody else gets there. A request is one line of JSON. A backup is answered with its bytes; a restore is followed by them, and answered with a
//! line of JSON. Without a server the commands open the folder themselves and do the same.

mod listen;
mod speak;

use std::path::PathBuf;

use borealis_base::Id26;
use borealis_fleet::backup::{Summary, Under};
use serde::{Deserialize, Serialize};

use crate::data_folder::DataFolder;

pub(crate) use listen::Listener;
pub(crate) use speak::open;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Request {
    /// The bytes of a backup, of the default cluster when none is named.
    Backup { cluster: Option<String> },
    /// A cluster is to be made of the bytes that follow.
    Restore { under: Name },
}

/// [`Under`] in a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Name {
    Own,
    Fresh,
    Named(String),
}

/// What a restore is answered with.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Answer {
    Restored(Summary),
    Failed(String),
}

impl From<Under> for Name {
    fn from(under: Under) -> Self {
        match under {
            Under::Own => Self::Own,
            Under::Fresh => Self::Fresh,
            Under::Named(cluster) => Self::Named(cluster.to_string()),
        }
    }
}

impl TryFrom<Name> for Under {
    type Error = String;

    fn try_from(name: Name) -> Result<Self, String> {
        match name {
            Name::Own => Ok(Self::Own),
            Name::Fresh => Ok(Self::Fresh),
            Name::Named(cluster) => parse(&cluster).map(Self::Named),
        }
    }
}

fn parse(cluster: &str) -> Result<Id26, String> {
    cluster.parse().map_err(|error| format!("'{cluster}' is no cluster: {error}"))
}

fn socket(folder: &DataFolder) -> PathBuf {
    folder.path().join("owner").join("socket")
}
