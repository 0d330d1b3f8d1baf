//! The commands' side: the server that has the folder, or the folder itself.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use borealis_base::{Clock, OsRandom, SystemClock};
use borealis_control::Registry;
use borealis_dialect::Lowered;
use borealis_fleet::backup::{self, Summary, Under};
use borealis_fleet::{Fleet, FleetOptions, Home, Layout};

use super::{Answer, Request, parse, socket};
use crate::Failure;
use crate::data_folder::DataFolder;

/// A data folder that one can ask for backups.
pub(crate) enum Owned {
    /// A server has it.
    Served(UnixStream),
    /// Nobody has it but this process.
    Alone { fleet: Arc<Fleet>, registry: Registry },
}

/// The server of a data folder, or the folder.
pub(crate) fn open(folder: &DataFolder) -> Result<Owned, Failure> {
    let path = socket(folder);
    match UnixStream::connect(&path) {
        Ok(stream) => Ok(Owned::Served(stream)),
        // Not there, or left by a server that is gone.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => alone(folder),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => alone(folder), // a name no socket can have
        Err(error) => Err(format!("{}: {error}; only the user who runs the server may make backups", path.display()).into()),
    }
}

fn alone(folder: &DataFolder) -> Result<Owned, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let home = Home::Folder(Layout::open(folder.path())?);
    let registry = Registry::open(&folder.control(), clock.clone())?;
    let random = Arc::new(OsRandom);
    let idle_after = Duration::MAX;
    let fleet = Fleet::open(FleetOptions { home, dialect: None, limits: Lowered::default(), idle_after, clock, random })?;
    Ok(Owned::Alone { fleet, registry })
}

impl Owned {
    /// Writes the bytes of a backup. Whether they are all there, the bytes say themselves.
    pub(crate) fn backup(self, cluster: Option<&str>, out: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::Served(mut stream) => {
                ask(&mut stream, &Request::Backup { cluster: cluster.map(str::to_owned) })?;
                io::copy(&mut stream, out)?;
                Ok(())
            }
            Self::Alone { fleet, registry } => {
                let cluster = cluster.map(parse).transpose()?;
                let taken = backup::take(&fleet, &registry, cluster, out);
                fleet.close(Duration::ZERO);
                taken?;
                Ok(())
            }
        }
    }

    /// Makes a cluster of a backup.
    pub(crate) fn restore(self, mut input: impl Read, under: Under) -> Result<Summary, Failure> {
        match self {
            Self::Served(mut stream) => {
                ask(&mut stream, &Request::Restore { under: under.into() })?;
                // A server that has seen enough answers before it has read everything: the answer says why.
                let _sent = io::copy(&mut input, &mut stream).and_then(|_| stream.shutdown(Shutdown::Write));
                let mut line = String::new();
                BufReader::new(stream).read_line(&mut line)?;
                if line.is_empty() {
                    return Err("the server ended before the restore did; nothing was changed".into());
                }
                match serde_json::from_str(&line)? {
                    Answer::Restored(summary) => Ok(summary),
                    Answer::Failed(why) => Err(why.into()),
                }
            }
            Self::Alone { fleet, registry } => {
                let restored = backup::restore(&fleet, &registry, input, under);
                fleet.close(Duration::ZERO);
                Ok(restored?)
            }
        }
    }
}

fn ask(stream: &mut UnixStream, request: &Request) -> Result<(), Failure> {
    writeln!(stream, "{}", serde_json::to_string(request)?)?;
    Ok(())
}
