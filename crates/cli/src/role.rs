//! `borealis role`: IAM roles of the local server, and their temporary credentials.

use borealis_auth::{AccessKey, AmzDate, Arn, DEFAULT_PROFILE, LOCAL_ACCOUNT, PrincipalKind, SESSION_SECONDS_MAX};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::principals::{Change, Grants, Store, allowed, policy, print_table};
use crate::{Failure, role_password};

#[derive(Debug, Args)]
pub(crate) struct Role {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a role
    Create(Create),
    /// List roles, whom they trust and what they may do
    List(List),
    /// Remove a role and all its temporary credentials
    Delete(Delete),
    /// Passwords of database roles, for tools that cannot make tokens
    Password(role_password::Password),
    /// Print temporary credentials of a role
    Assume(Assume),
    /// Allow a role more; counts for the credentials it has given out too
    Grant(Change),
    /// Allow a role less; counts for the credentials it has given out too
    Revoke(Change),
}

#[derive(Debug, Args)]
struct Create {
    /// The role's name
    name: String,
    #[command(flatten)]
    grants: Grants,
    /// Who may assume it: a user's name or an ARN; may be repeated [default: every principal of the account]
    #[arg(long, value_name = "PRINCIPAL", value_parser = principal)]
    trust: Vec<Arn>,
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
struct Delete {
    /// The role's name
    name: String,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Args)]
struct Assume {
    /// The role's name
    name: String,
    /// Name of the session, which appears in its ARN
    #[arg(long, value_name = "NAME", default_value = "borealis")]
    session_name: String,
    /// Life of the credentials in seconds, from 900 to 43200
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u32).range(900..=i64::from(SESSION_SECONDS_MAX)))]
    duration_seconds: u32,
    /// The user who assumes the role
    #[arg(long = "as", value_name = "USER", default_value = DEFAULT_PROFILE)]
    source: String,
    /// Print a JSON object, in the form that the AWS tools' `credential_process` reads
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

pub(crate) fn run(arguments: &Role) -> Result<(), Failure> {
    match &arguments.command {
        Command::Create(arguments) => create(arguments),
        Command::List(arguments) => list(arguments),
        Command::Delete(delete) => Ok(delete.store.edit()?.delete(PrincipalKind::Role, &delete.name)?),
        Command::Password(arguments) => role_password::run(arguments),
        Command::Assume(arguments) => assume(arguments),
        Command::Grant(change) => change.grant(PrincipalKind::Role),
        Command::Revoke(change) => change.revoke(PrincipalKind::Role),
    }
}

fn create(create: &Create) -> Result<(), Failure> {
    let account: Arn = format!("arn:aws:iam::{LOCAL_ACCOUNT}:root").parse()?;
    let trusted = if create.trust.is_empty() { vec![account] } else { create.trust.clone() };
    println!("{}", create.store.edit()?.create_role(&create.name, &create.grants.document(), &trusted)?);
    Ok(())
}

/// An ARN, or a user's name for its ARN.
fn principal(text: &str) -> Result<Arn, String> {
    if text.contains(':') {
        text.parse().map_err(|error: borealis_auth::InvalidArn| error.to_string())
    } else {
        Ok(Arn::user(LOCAL_ACCOUNT, text))
    }
}

fn assume(assume: &Assume) -> Result<(), Failure> {
    let mut edit = assume.store.edit()?;
    let (key, end) = edit.assume(&assume.name, &assume.source, &assume.session_name, assume.duration_seconds)?;
    if assume.json {
        print_process(&key, end)?
    } else {
        print_exports(&key, end)
    }
    Ok(())
}

fn print_process(key: &AccessKey, end: AmzDate) -> Result<(), Failure> {
    let token = key.session_token.as_ref().map(|token| token.expose().as_str());
    let credentials = json!({"Version": 1, "AccessKeyId": key.id, "SecretAccessKey": key.secret.expose(), "SessionToken": token, "Expiration": end.iso()});
    println!("{}", serde_json::to_string_pretty(&credentials)?);
    Ok(())
}

/// As `aws configure export-credentials --format env` prints them.
fn print_exports(key: &AccessKey, end: AmzDate) {
    println!("export AWS_ACCESS_KEY_ID={}", key.id);
    println!("export AWS_SECRET_ACCESS_KEY={}", key.secret.expose());
    if let Some(token) = &key.session_token {
        println!("export AWS_SESSION_TOKEN={}", token.expose());
    }
    println!("export AWS_CREDENTIAL_EXPIRATION={}", end.iso());
}

fn list(arguments: &List) -> Result<(), Failure> {
    let store = arguments.store.load()?;
    let sessions = |arn: &Arn| -> Vec<_> { store.entries().map(|(_, stored)| stored).filter(|stored| stored.principal == *arn).collect() };
    if arguments.json {
        let roles: Vec<_> = store
            .roles()
            .iter()
            .map(|role| {
                let trusted: Vec<String> = role.trusted.iter().map(ToString::to_string).collect();
                let sessions: Vec<_> = sessions(&role.arn)
                    .into_iter()
                    .map(|session| {
                        let end = session.expires_unix.map(|end| AmzDate::from_unix(end).iso());
                        json!({"AccessKeyId": session.key.id, "SessionName": session.session_name, "Expiration": end})
                    })
                    .collect();
                json!({"RoleName": role.name, "Arn": role.arn.to_string(), "Trusted": trusted, "Policy": policy(&role.policy), "Sessions": sessions})
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&json!({ "Roles": roles }))?);
        return Ok(());
    }
    let rows: Vec<[String; 5]> = store
        .roles()
        .iter()
        .map(|role| {
            let trusted = role.trusted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            [role.name.clone(), role.arn.to_string(), trusted, sessions(&role.arn).len().to_string(), allowed(&role.policy).join("; ")]
        })
        .collect();
    print_table(["ROLE", "ARN", "TRUSTED", "SESSIONS", "ALLOWED"], &rows);
    Ok(())
}
