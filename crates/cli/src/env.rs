//! `borealis env`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::Failure;
use crate::data_folder::DataFolder;

#[derive(Debug, Args)]
#[command(after_help = "Example: eval \"$(borealis env)\"\nIn fish: borealis env --shell fish | source")]
pub(crate) struct Env {
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// The shell to write for
    #[arg(long, value_enum, default_value_t = Shell::Posix)]
    shell: Shell,
    /// Print a JSON object instead of shell lines
    #[arg(long, conflicts_with = "shell")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// sh, bash, zsh
    Posix,
    Fish,
    Powershell,
}

pub(crate) fn run(arguments: &Env) -> Result<(), Failure> {
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    let folder = DataFolder::resolve(Some(&std::path::absolute(folder.path())?))?;
    let variables = variables(&folder)?;
    if arguments.json {
        let object: serde_json::Map<String, serde_json::Value> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        println!("{}", serde_json::to_string_pretty(&object)?);
    } else {
        for (name, value) in variables {
            println!("{}", arguments.shell.line(name, &value));
        }
    }
    Ok(())
}

/// What psql (any libpq), the AWS CLI and SDKs and the other commands read.
pub(crate) fn variables(folder: &DataFolder) -> Result<Vec<(&'static str, String)>, Failure> {
    let server = folder.server()?;
    let ca = borealis_pgserver::tls::Authority::certificate_path(&folder.tls()).display().to_string();
    let mut variables = vec![
        ("PGHOST", server.endpoint()),
        ("PGHOSTADDR", server.host.clone()),
        ("PGPORT", server.port.to_string()),
        ("PGDATABASE", "postgres".to_owned()),
        ("PGUSER", "admin".to_owned()),
        ("PGSSLMODE", "verify-full".to_owned()),
        ("PGSSLROOTCERT", ca.clone()),
        ("CLUSTER", server.cluster.clone()),
        ("REGION", server.region.clone()),
        ("AWS_REGION", server.region.clone()),
        // Version 1 of the AWS CLI reads this one only.
        ("AWS_DEFAULT_REGION", server.region.clone()),
        ("AWS_SHARED_CREDENTIALS_FILE", folder.credentials().display().to_string()),
        ("AWS_PROFILE", borealis_auth::DEFAULT_PROFILE.to_owned()),
        ("BOREALIS_DATA", folder.path().display().to_string()),
    ];
    if let Some(control) = server.control {
        if control.starts_with("https:") {
            variables.push(("AWS_CA_BUNDLE", ca));
        }
        variables.push(("AWS_ENDPOINT_URL_DSQL", control));
    }
    Ok(variables)
}

impl Shell {
    /// A line that sets a variable for the programs that the shell starts.
    fn line(self, name: &str, value: &str) -> String {
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte));
        match self {
            Self::Posix if plain && !value.is_empty() => format!("export {name}={value}"),
            Self::Posix => format!("export {name}='{}'", value.replace('\'', "'\\''")),
            Self::Fish => format!("set -gx {name} '{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Powershell => format!("$Env:{name} = '{}'", value.replace('\'', "''")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shell;

    #[test]
    fn every_shell_reads_back_the_same_text() {
        let value = r"/a b/it's\x";
        assert_eq!(Shell::Posix.line("A", value), r"export A='/a b/it'\''s\x'");
        assert_eq!(Shell::Posix.line("A", "/plain-1.2"), "export A=/plain-1.2");
        assert_eq!(Shell::Fish.line("A", value), r"set -gx A '/a b/it\'s\\x'");
        assert_eq!(Shell::Powershell.line("A", value), r"$Env:A = '/a b/it''s\x'");
    }
}
