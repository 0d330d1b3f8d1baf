//! `borealis skill`: the guide as a skill for coding agents.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use borealis_guide::Guide;
use borealis_guide::skill::{self, Agent, File, NAME};
use clap::{Args, Subcommand, ValueEnum};
use sha2::{Digest as _, Sha256};

use crate::Failure;

/// What was written, with checksums: so that a file that somebody has edited since is known.
const MANIFEST: &str = ".borealis-skill.json";

/// Give a coding agent the guide, configuration and scripts as a skill
#[derive(Debug, Args)]
pub(crate) struct Skill {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the skill's files, or bring them up to date
    Install(Install),
}

#[derive(Debug, Args)]
struct Install {
    /// The agent, which decides on the folder and on the form of the configuration
    #[arg(long, value_enum, default_value_t = AgentName::Claude)]
    agent: AgentName,
    /// Folder to write into [default: the agent's folder of skills in the home folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Overwrite files that have been edited
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AgentName {
    Claude,
    Codex,
    Gemini,
    Kiro,
}

impl From<AgentName> for Agent {
    fn from(name: AgentName) -> Self {
        match name {
            AgentName::Claude => Self::Claude,
            AgentName::Codex => Self::Codex,
            AgentName::Gemini => Self::Gemini,
            AgentName::Kiro => Self::Kiro,
        }
    }
}

pub(crate) fn run(arguments: &Skill) -> Result<(), Failure> {
    let Command::Install(install) = &arguments.command;
    let agent = Agent::from(install.agent);
    let folder = match &install.dir {
        Some(folder) => folder.clone(),
        None => {
            let home = std::env::var_os("HOME").ok_or("there is no home folder; name a folder with --dir DIR")?;
            Path::new(&home).join(agent.folder()).join(NAME)
        }
    };
    let files = skill::files(&Guide::open(), agent);
    let changed = write(&folder, &files, install.force)?;
    println!("{}", folder.display());
    eprintln!("borealis skill: {changed} of {} files written", files.len());
    Ok(())
}

/// Writes what differs, and says how many files that was. Looks at everything before it writes anything.
fn write(folder: &Path, files: &[File], force: bool) -> Result<usize, Failure> {
    let manifest = folder.join(MANIFEST);
    let known = read_manifest(&manifest)?;
    let mut stale = Vec::new();
    let mut edited = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        match read(&path)? {
            Some(present) if present == file.content.as_bytes() => {}
            Some(present) if !force && known.get(&file.path) != Some(&checksum(&present)) => edited.push(path),
            _ => stale.push((path, file)),
        }
    }
    if !edited.is_empty() {
        let names: Vec<String> = edited.iter().map(|path| path.display().to_string()).collect();
        return Err(format!("files have been edited; nothing was written (--force overwrites them): {}", names.join(", ")).into());
    }
    for (path, file) in &stale {
        write_file(path, file).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let sums: BTreeMap<&str, String> = files.iter().map(|file| (file.path.as_str(), checksum(file.content.as_bytes()))).collect();
    std::fs::write(&manifest, format!("{}\n", serde_json::to_string_pretty(&sums)?))
        .map_err(|error| format!("{}: {error}", manifest.display()))?;
    Ok(stale.len())
}

fn write_file(path: &Path, file: &File) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, &file.content)?;
    #[cfg(unix)]
    if file.is_script {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display()).into()),
    }
}

fn read_manifest(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    match read(path)? {
        Some(text) => serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()).into()),
        None => Ok(BTreeMap::new()),
    }
}

fn checksum(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> [File; 1] {
        [File { path: "references/x.md".into(), content: content.into(), is_script: false }]
    }

    #[test]
    fn an_install_is_idempotent_and_keeps_what_somebody_wrote() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("references/x.md");
        assert_eq!(write(folder.path(), &file("one"), false).expect("written"), 1);
        assert_eq!(write(folder.path(), &file("one"), false).expect("the same"), 0);
        assert_eq!(write(folder.path(), &file("two"), false).expect("a newer version over an untouched file"), 1);
        std::fs::write(&path, "mine").expect("edited");
        let refused = write(folder.path(), &file("three"), false).expect_err("edited").to_string();
        assert!(refused.contains("have been edited") && refused.contains("x.md"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "mine");
        assert_eq!(write(folder.path(), &file("three"), true).expect("forced"), 1);
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "three");
    }

    #[test]
    fn a_file_that_was_there_before_is_not_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("references")).expect("made");
        std::fs::write(folder.path().join("references/x.md"), "theirs").expect("written");
        assert!(write(folder.path(), &file("ours"), false).is_err());
    }
}
