//! `borealis backup` and `borealis restore`: a cluster in one file, and a cluster from one.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use borealis_base::Id26;
use borealis_fleet::backup::{Summary, Under, verify};
use clap::Args;
use serde_json::json;

use crate::data_folder::DataFolder;
use crate::{Failure, owner};

#[derive(Debug, Args)]
#[command(
    after_help = "The backup is of one moment; clients read and write meanwhile. It holds everything of the cluster, so keep it as you keep the data.\n\
Example: borealis backup -o /backups/orders-$(date +%F).bak"
)]
pub(crate) struct Backup {
    /// File to write; one that exists is not replaced
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Cluster to copy [default: the default cluster]
    #[arg(long, value_name = "ID")]
    cluster: Option<Id26>,
    /// Data folder, of a running server or of none
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The whole file is checked first; one that is cut or damaged changes nothing. A cluster that exists is never overwritten.\n\
Example: borealis restore /backups/orders-2026-09-22.bak --as new"
)]
pub(crate) struct Restore {
    /// A file that `borealis backup` wrote
    file: PathBuf,
    /// Identifier of the cluster that is made: `new` picks a fresh one [default: that of the cluster the backup was made of]
    #[arg(long = "as", value_name = "ID")]
    under: Option<String>,
    /// Data folder, of a running server or of none
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Backup) -> Result<(), Failure> {
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    if !folder.path().is_dir() {
        return Err(format!("there is no data folder {}; name one with --data DIR", folder.path().display()).into());
    }
    let output = &arguments.output;
    if output.exists() {
        return Err(format!("{} exists; a backup does not replace another one", output.display()).into());
    }
    let fresh = beside(output);
    let summary = write(&folder, arguments.cluster, &fresh).and_then(|summary| {
        fs::rename(&fresh, output)?;
        File::open(parent(output))?.sync_all()?;
        Ok(summary)
    });
    let summary = summary.inspect_err(|_| drop(fs::remove_file(&fresh)))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&json!({"file": output, "backup": summary}))?);
    } else {
        eprintln!("cluster {} is in {}: {} entries, {} bytes", summary.cluster, output.display(), summary.entries, summary.bytes);
    }
    Ok(())
}

/// A backup in a file that is no one else's, read again as a restore will read it.
fn write(folder: &DataFolder, cluster: Option<Id26>, fresh: &Path) -> Result<Summary, Failure> {
    let at = |error: std::io::Error| format!("{}: {error}", fresh.display());
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(fresh).map_err(at)?;
    let mut out = BufWriter::new(file);
    owner::open(folder)?.backup(cluster.map(|id| id.to_string()).as_deref(), &mut out)?;
    out.flush()?;
    out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    let (_, summary) = verify(BufReader::new(File::open(fresh)?))?;
    Ok(summary)
}

fn beside(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn parent(output: &Path) -> &Path {
    output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(crate) fn restore(arguments: &Restore) -> Result<(), Failure> {
    let at = |error: std::io::Error| format!("{}: {error}", arguments.file.display());
    let mut file = File::open(&arguments.file).map_err(at)?;
    let (description, _) = verify(BufReader::new(&file)).map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    file.rewind()?;
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    let restored = owner::open(&folder)?.restore(BufReader::new(file), under(arguments.under.as_deref())?)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&json!({"from": description, "restored": restored}))?);
    } else {
        eprintln!("cluster {} is as cluster {} was: {} entries", restored.cluster, description.cluster, restored.entries);
    }
    Ok(())
}

fn under(given: Option<&str>) -> Result<Under, Failure> {
    match given {
        None => Ok(Under::Own),
        Some("new") => Ok(Under::Fresh),
        Some(id) => Ok(Under::Named(id.parse().map_err(|error| crate::Usage::because(format!("--as {id}: {error}, or is `new`")))?)),
    }
}
