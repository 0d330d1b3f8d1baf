//! What the machine has to offer: descriptors, space, and how fast the disk keeps a promise.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use borealis_base::{Clock, Id26, OsRandom, SystemClock};
use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::data_folder::DataFolder;

/// A descriptor for each connection, a few for each open cluster.
const DESCRIPTORS_MIN: u64 = 4_096;
const GIB: u64 = 1 << 30;
/// Below this a checkpoint may find no room.
const FREE_BYTES_MIN: u64 = GIB / 4;
const FREE_BYTES_GOOD: u64 = 2 * GIB;
/// A commit waits for one flush.
const FLUSH_GOOD: Duration = Duration::from_millis(20);
const FLUSHES: usize = 11;
const FLUSHED_BYTES: usize = 4_096;

pub(super) fn descriptors() -> Finding {
    const CHECK: &str = "open files";
    let limit = getrlimit(Resource::Nofile);
    match limit.current {
        Some(current) if current < DESCRIPTORS_MIN => Finding::warning(
            CHECK,
            format!("this shell lets a process open {current} files; every connection needs one"),
            format!("ulimit -n {} before `borealis serve`, or LimitNOFILE= in its unit", limit.maximum.unwrap_or(65_536).min(65_536)),
        ),
        Some(current) => Finding::ok(CHECK, format!("{current} at most")),
        None => Finding::ok(CHECK, "no limit"),
    }
}

pub(super) fn space(folder: &DataFolder) -> Finding {
    const CHECK: &str = "disk space";
    let shown = folder.path().display();
    let free = match rustix::fs::statvfs(folder.path()) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Finding::problem(CHECK, format!("{shown}: {error}"), "check the disk"),
    };
    let what = format!("{:.1} GiB free at {shown}", gib(free));
    let mend = "make room, or move the data folder (--data) to a larger disk while the server is stopped";
    match free {
        _ if free < FREE_BYTES_MIN => Finding::problem(CHECK, what, mend),
        _ if free < FREE_BYTES_GOOD => Finding::warning(CHECK, what, mend),
        _ => Finding::ok(CHECK, what),
    }
}

#[allow(clippy::cast_precision_loss)] // one decimal for people
fn gib(bytes: u64) -> f64 {
    bytes as f64 / GIB as f64
}

pub(super) fn flush(folder: &DataFolder) -> Finding {
    const CHECK: &str = "disk flush";
    match median_flush(folder) {
        Err(error) => Finding::problem(
            CHECK,
            format!("cannot write in {}: {error}", folder.path().display()),
            "the server must be able to write its data folder",
        ),
        Ok(took) => {
            let what = format!("{:.1} ms; a commit waits for one, and those that come together share it", took.as_secs_f64() * 1000.0);
            if took > FLUSH_GOOD { Finding::warning(CHECK, what, "put the data folder on a faster disk") } else { Finding::ok(CHECK, what) }
        }
    }
}

/// As the journal does it: append, then fdatasync.
fn median_flush(folder: &DataFolder) -> std::io::Result<Duration> {
    let path = folder.path().join(format!("doctor-{}", Id26::random(&OsRandom)));
    let clock = SystemClock::default();
    let measure = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut times = Vec::with_capacity(FLUSHES);
        for _ in 0..FLUSHES {
            let started = clock.monotonic();
            file.write_all(&[0; FLUSHED_BYTES])?;
            file.sync_data()?;
            times.push(clock.monotonic() - started);
        }
        times.sort();
        Ok(times[FLUSHES / 2])
    };
    let measured = measure();
    // It is not there when it could not be made.
    let _ = std::fs::remove_file(&path);
    measured
}
