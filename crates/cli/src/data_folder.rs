//! The data folder: what lies where.
//!
//! | path | what |
//! |---|---|
//! | `LOCK` | held while a server uses the folder |
//! | `clusters/<id>/` | a cluster, see `docs/formats/data-folder.md` |
//! | `control/` | what the cluster API knows, see `docs/formats/control.md` |
//! | `tls/` | the local certificate authority |
//! | `owner/socket` | where the running server takes its owner's requests |
//! | `credentials` | access keys, in the AWS credentials-file form |
//! | `passwords.json` | what is kept of the passwords of database roles, see `docs/formats/passwords.md` |
//! | `server.json` | where the running server can be reached; for the other commands |

use std::io;
use std::path::{Path, PathBuf};

use borealis_base::Id26;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// A data folder.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder(PathBuf);

/// Where a running server can be reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServerFile {
    /// Address clients connect to.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) cluster: String,
    pub(crate) region: String,
    /// `iam` or `trust`.
    pub(crate) auth: String,
    /// URL of the control endpoint, when there is one.
    #[serde(default)]
    pub(crate) control: Option<String>,
}

impl ServerFile {
    /// The cluster's own name, which its certificate carries and its tokens are for.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}.dsql.{}.on.aws", self.cluster, self.region)
    }

    /// Whether an address with a port is the server's.
    pub(crate) fn listens_on(&self, address: &str) -> bool {
        let Some((host, port)) = address.rsplit_once(':') else { return false };
        port.parse() == Ok(self.port) && (host == "localhost" || host.trim_matches(['[', ']']) == self.host)
    }
}

impl DataFolder {
    /// The folder given, or the platform's.
    pub(crate) fn resolve(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(given) = given {
            return Ok(Self(given.to_owned()));
        }
        let home = || std::env::var_os("HOME").map(PathBuf::from);
        let base = if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Application Support"))
        } else {
            std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(|| home().map(|home| home.join(".local/share")))
        };
        let base = base.ok_or("there is no home folder to keep data in; name one with --data DIR")?;
        Ok(Self(base.join("borealis")))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("control")
    }

    /// The Region of a cluster that the server of this folder has: the first line of its record says so.
    pub(crate) fn cluster_region(&self, id: Id26) -> Option<String> {
        let record = std::fs::read_to_string(self.control().join("clusters").join(format!("{id}.json"))).ok()?;
        let record: serde_json::Value = serde_json::from_str(record.lines().next()?).ok()?;
        Some(record.pointer("/cluster/home/region")?.as_str()?.to_owned())
    }

    pub(crate) fn tls(&self) -> PathBuf {
        self.0.join("tls")
    }

    pub(crate) fn passwords(&self) -> PathBuf {
        self.0.join("passwords.json")
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.0.join("credentials")
    }

    pub(crate) fn server_file(&self) -> PathBuf {
        self.0.join("server.json")
    }

    pub(crate) fn write_server(&self, server: &ServerFile) -> Result<(), Failure> {
        let path = self.server_file();
        self.replace_server_file(server).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }

    fn replace_server_file(&self, server: &ServerFile) -> io::Result<()> {
        let text = serde_json::to_string_pretty(server)?;
        // Replaced whole: a reader sees the old or the new file.
        let fresh = self.0.join("server.json.new");
        std::fs::write(&fresh, text)?;
        std::fs::rename(fresh, self.server_file())
    }

    pub(crate) fn remove_server(&self) {
        // Gone already is as good.
        let _ = std::fs::remove_file(self.server_file());
    }

    /// The server last started on this folder.
    pub(crate) fn server(&self) -> Result<ServerFile, Failure> {
        let path = self.server_file();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            format!(
                "no local cluster is running ({}: {error}); start one with `borealis serve` or name one with --endpoint",
                path.display()
            )
        })?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    }
}
