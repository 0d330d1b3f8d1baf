//! The server's side.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use borealis_base::task;
use borealis_control::Registry;
use borealis_fleet::{Fleet, backup};

use super::{Answer, Request, parse, socket};
use crate::data_folder::DataFolder;

/// Requests at a time: each is a backup that reads a whole cluster, or a restore.
const REQUESTS_MAX: usize = 4;
const REQUEST_BYTES_MAX: u64 = 4096;
/// A client that takes or gives nothing for so long is gone: a snapshot is not kept for it.
const STALLED: Duration = Duration::from_secs(60);

/// The socket of a running server; its name goes with it.
pub(crate) struct Listener(PathBuf);

struct Server {
    fleet: Arc<Fleet>,
    registry: Arc<Registry>,
    requests: AtomicUsize,
}

impl Listener {
    /// Listens in the data folder, which this process has to itself.
    pub(crate) fn start(folder: &DataFolder, fleet: &Arc<Fleet>, registry: &Arc<Registry>) -> io::Result<Self> {
        let path = socket(folder);
        let listener = bind(&path)?;
        let server = Arc::new(Server { fleet: fleet.clone(), registry: registry.clone(), requests: AtomicUsize::new(0) });
        // Ends with the process: it waits for connections and holds nothing.
        let _runs_on = task::spawn_thread("owner", move || server.run(&listener));
        Ok(Self(path))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // One that stays is found dead by the next client, and removed by the next server.
        let _gone = fs::remove_file(&self.0);
    }
}

/// The folder keeps others out from the first moment on; the mode of the socket says the same.
fn bind(path: &std::path::Path) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?,
        }
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

impl Server {
    fn run(self: &Arc<Self>, listener: &UnixListener) {
        for stream in listener.incoming() {
            let stream = match stream {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a request of the data folder's owner did not arrive");
                    continue;
                }
            };
            if self.requests.fetch_add(1, Ordering::Relaxed) >= REQUESTS_MAX {
                self.requests.fetch_sub(1, Ordering::Relaxed);
                continue; // the connection ends, which its client takes for an answer cut short
            }
            let server = self.clone();
            let _runs_on = task::spawn_thread("owner-request", move || {
                if let Err(error) = server.serve(&stream) {
                    tracing::warn!(%error, "a request of the data folder's owner failed");
                }
                server.requests.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    fn serve(&self, stream: &UnixStream) -> Result<(), crate::Failure> {
        stream.set_read_timeout(Some(STALLED))?;
        stream.set_write_timeout(Some(STALLED))?;
        let mut input = BufReader::new(stream);
        let mut line = String::new();
        (&mut input).take(REQUEST_BYTES_MAX).read_line(&mut line)?;
        match serde_json::from_str(&line)? {
            Request::Backup { cluster } => {
                let cluster = cluster.as_deref().map(parse).transpose()?;
                backup::take(&self.fleet, &self.registry, cluster, BufWriter::new(stream))?;
            }
            Request::Restore { under } => {
                let restored = backup::restore(&self.fleet, &self.registry, input, under.try_into()?);
                let answer = restored.map_or_else(|error| Answer::Failed(error.to_string()), Answer::Restored);
                writeln!(&mut &*stream, "{}", serde_json::to_string(&answer)?)?;
            }
        }
        Ok(())
    }
}
