//! What the commands on users and roles share: where the store is, how grants are written, how answers are printed.

use std::path::PathBuf;

use borealis_auth::{Edit, KeyStore, KeyStoreError, LOCAL_ACCOUNT, PolicyDocument, PrincipalKind, qualified_action};
use borealis_base::{Clock, Id26, OsRandom, SystemClock};
use clap::Args;

use crate::Failure;
use crate::data_folder::DataFolder;

/// Where the store is.
#[derive(Debug, Args)]
pub(crate) struct Store {
    /// Data folder of the local server
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
}

/// What a new principal may do.
#[derive(Debug, Args)]
pub(crate) struct Grants {
    /// An action to allow, with wildcards as in IAM: dsql:DbConnectAdmin, dsql:Get*; may be repeated
    #[arg(long, value_name = "ACTION", value_parser = action, default_value = "dsql:DbConnect")]
    allow: Vec<String>,
    /// Where it is allowed: a cluster's id or ARN, with wildcards as in IAM; may be repeated
    #[arg(long, value_name = "CLUSTER", value_parser = cluster, default_value = "*")]
    cluster: Vec<String>,
}

/// What a principal gains or loses.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// The user's or role's name
    name: String,
    /// Actions, with wildcards as in IAM: dsql:DbConnectAdmin, dsql:Get*
    #[arg(required = true, value_name = "ACTION", value_parser = action)]
    actions: Vec<String>,
    /// A cluster's id or ARN, with wildcards as in IAM; may be repeated [default: grant on every cluster, revoke wherever granted]
    #[arg(long, value_name = "CLUSTER", value_parser = cluster)]
    cluster: Vec<String>,
    #[command(flatten)]
    store: Store,
}

impl Store {
    pub(crate) fn folder(&self) -> Result<DataFolder, Failure> {
        let folder = DataFolder::resolve(self.data.as_deref())?;
        DataFolder::resolve(Some(&std::path::absolute(folder.path())?))
    }

    pub(crate) fn load(&self) -> Result<KeyStore, Failure> {
        Ok(KeyStore::load(&self.folder()?.credentials())?)
    }

    pub(crate) fn edit(&self) -> Result<Edit<'static>, Failure> {
        Ok(KeyStore::edit(&self.folder()?.credentials(), &OsRandom, now())?)
    }
}

impl Grants {
    pub(crate) fn document(&self) -> PolicyDocument {
        PolicyDocument::allowing(&self.allow, &self.cluster)
    }
}

impl Change {
    pub(crate) fn grant(&self, kind: PrincipalKind) -> Result<(), Failure> {
        let everywhere = ["*".to_owned()];
        let clusters = if self.cluster.is_empty() { everywhere.as_slice() } else { &self.cluster };
        self.apply(kind, |document| {
            document.allow(&self.actions, clusters);
            Ok(())
        })
    }

    pub(crate) fn revoke(&self, kind: PrincipalKind) -> Result<(), Failure> {
        let clusters = Some(self.cluster.as_slice()).filter(|clusters| !clusters.is_empty());
        self.apply(kind, |document| document.withdraw(&self.actions, clusters).map_err(KeyStoreError::Withdraw))
    }

    fn apply(&self, kind: PrincipalKind, how: impl FnOnce(&mut PolicyDocument) -> Result<(), KeyStoreError>) -> Result<(), Failure> {
        let document = self.store.edit()?.change_permissions(kind, &self.name, how)?;
        println!("{}", serde_json::to_string_pretty(&policy(&document))?);
        Ok(())
    }
}

/// The machine's time in seconds since 1970.
pub(crate) fn now() -> i64 {
    SystemClock::default().unix_micros().div_euclid(1_000_000)
}

fn action(text: &str) -> Result<String, String> {
    qualified_action(text).ok_or_else(|| format!("no action of Aurora DSQL; there are {}", borealis_auth::ACTIONS.join(", ")))
}

/// `*`, an ARN or its pattern, or a cluster id, which stands for that cluster in every region.
fn cluster(text: &str) -> Result<String, String> {
    if text == "*" || text.parse::<borealis_auth::Arn>().is_ok() {
        return Ok(text.to_owned());
    }
    let id: Id26 = text.parse().map_err(|_| "neither a cluster id of 26 characters nor an ARN nor *".to_owned())?;
    Ok(borealis_auth::Arn::cluster("*", LOCAL_ACCOUNT, &id.to_string()).to_string())
}

/// A document's grants in one line each: `dsql:DbConnect, dsql:Get* on *`.
pub(crate) fn allowed(document: &PolicyDocument) -> Vec<String> {
    let lines = document.grants().map(|grant| match grant {
        Some((actions, resources)) => format!("{} on {}", actions.join(", "), resources.join(", ")),
        None => "a statement of its x_policy".to_owned(),
    });
    lines.collect()
}

/// A document as JSON.
pub(crate) fn policy(document: &PolicyDocument) -> serde_json::Value {
    serde_json::from_str(&document.to_json()).unwrap_or_default()
}

/// Rows under headings, in columns as wide as they need to be.
pub(crate) fn print_table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    let widths: Vec<usize> = (0..N)
        .map(|column| rows.iter().map(|row| row[column].chars().count()).chain([headings[column].len()]).max().unwrap_or_default())
        .collect();
    for row in std::iter::once(&headings.map(str::to_owned)).chain(rows) {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        println!("{}", cells.join("  ").trim_end());
    }
}
