//! `borealis key`: users of the local server and their access keys.

use borealis_auth::{AccessKey, AmzDate, Arn, DEFAULT_PROFILE, LOCAL_ACCOUNT, PrincipalKind};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::Failure;
use crate::principals::{Change, Grants, Store, allowed, now, policy, print_table};

#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a user with an access key
    Create(Create),
    /// List users, their keys and what they may do
    List(List),
    /// Give a user a new key
    Rotate(Rotate),
    /// Remove a user and all its keys; open sessions go on, new connections are refused at once
    Delete(Delete),
    /// Allow a user more
    Grant(Change),
    /// Allow a user less
    Revoke(Change),
}

#[derive(Debug, Args)]
struct Create {
    /// The user's name, and the profile's that holds the key
    name: String,
    #[command(flatten)]
    grants: Grants,
    /// Print a JSON object, with the secret, as `aws iam create-access-key` does
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Args)]
struct List {
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Args)]
struct Rotate {
    /// The user's name
    name: String,
    /// Seconds for which the old key goes on working
    #[arg(long, value_name = "SECONDS")]
    grace: Option<u32>,
    /// Print a JSON object, with the secret
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Args)]
struct Delete {
    /// The user's name
    name: String,
    #[command(flatten)]
    store: Store,
}

pub(crate) fn run(arguments: &Key) -> Result<(), Failure> {
    match &arguments.command {
        Command::Create(create) => {
            let key = create.store.edit()?.create_user(&create.name, &create.grants.document())?;
            report(&create.name, &key, create.json, &create.store)
        }
        Command::List(arguments) => list(arguments),
        Command::Rotate(rotate) => {
            let old_until = rotate.grace.map(|seconds| now() + i64::from(seconds));
            let key = rotate.store.edit()?.rotate(&rotate.name, old_until)?;
            report(&rotate.name, &key, rotate.json, &rotate.store)
        }
        Command::Delete(delete) => delete_user(delete),
        Command::Grant(change) => change.grant(PrincipalKind::User),
        Command::Revoke(change) => change.revoke(PrincipalKind::User),
    }
}

fn report(name: &str, key: &AccessKey, json: bool, store: &Store) -> Result<(), Failure> {
    let arn = Arn::user(LOCAL_ACCOUNT, name);
    let file = store.folder()?.credentials();
    if json {
        let key = json!({"UserName": name, "Arn": arn.to_string(), "AccessKeyId": key.id, "Status": "Active", "SecretAccessKey": key.secret.expose()});
        println!("{}", serde_json::to_string_pretty(&json!({ "AccessKey": key }))?);
    } else {
        println!("{}\t{arn}", key.id);
        eprintln!("the secret is in profile [{name}] of {}; use it with AWS_PROFILE={name}", file.display());
    }
    Ok(())
}

fn delete_user(delete: &Delete) -> Result<(), Failure> {
    if delete.name == DEFAULT_PROFILE {
        return Err(format!(
            "[{DEFAULT_PROFILE}] is the key that the local commands use; replace it with `borealis key rotate {DEFAULT_PROFILE}`"
        )
        .into());
    }
    Ok(delete.store.edit()?.delete(PrincipalKind::User, &delete.name)?)
}

fn list(arguments: &List) -> Result<(), Failure> {
    let store = arguments.store.load()?;
    // Credentials of a role's sessions are listed with the roles.
    let users: Vec<_> = store.entries().filter(|(_, key)| key.session_name.is_none()).collect();
    if arguments.json {
        let keys: Vec<_> = users
            .iter()
            .map(|(profile, stored)| {
                let expires = stored.expires_unix.map(|end| AmzDate::from_unix(end).iso());
                let policy = policy(&store.document(&stored.principal));
                json!({"UserName": stored.principal.name(), "Profile": profile, "Arn": stored.principal.to_string(), "AccessKeyId": stored.key.id,
                       "Expires": expires, "Policy": policy})
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&json!({ "AccessKeyMetadata": keys }))?);
        return Ok(());
    }
    let rows: Vec<[String; 4]> = users
        .iter()
        .map(|(profile, stored)| {
            let end = stored.expires_unix.map_or_else(String::new, |end| format!(" (until {})", AmzDate::from_unix(end).iso()));
            let may = allowed(&store.document(&stored.principal)).join("; ");
            [(*profile).to_owned(), format!("{}{end}", stored.key.id), stored.principal.to_string(), may]
        })
        .collect();
    print_table(["PROFILE", "ACCESS KEY", "ARN", "ALLOWED"], &rows);
    Ok(())
}
