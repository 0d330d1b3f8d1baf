//! `borealis mcp --http`: the agents' server for several clients, over the network.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use borealis_auth::{Action, Arn, LiveKeyStore};
use borealis_base::Redacted;
use borealis_mcp::http::{Signers, Token};
use borealis_mcp::{AgentServer, Options, http};
use borealis_pgserver::tls::Authority;
use clap::Args;
use tokio::net::TcpListener;

use crate::Failure;
use crate::data_folder::DataFolder;

/// A token from the environment: the alternative to a file of them.
const TOKEN_VARIABLE: &str = "BOREALIS_MCP_TOKEN";

#[derive(Debug, Args)]
pub(crate) struct Http {
    /// Serve over streamable HTTP (TLS) on this address instead of stdin and stdout; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT")]
    http: Option<SocketAddr>,
    /// File of bearer tokens, one a line, readable by its owner only; `TOKEN tenant=VALUE` is good for one tenant's rows [default: the one in BOREALIS_MCP_TOKEN]
    #[arg(long, value_name = "FILE", requires = "http")]
    http_token_file: Option<PathBuf>,
    /// Let in, too, who signs requests (Signature Version 4, service dsql) with a key of the data folder that may connect as the databases' roles
    #[arg(long, requires = "http")]
    http_sigv4: bool,
    /// A further name that requests may give as their host, and that the certificate carries; may be repeated
    #[arg(long, value_name = "NAME", requires = "http")]
    http_host: Vec<String>,
    /// An origin whose pages may ask from a browser, such as `https://agents.example:443`; may be repeated [default: none]
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    http_origin: Vec<String>,
    /// Speak plain HTTP (loopback addresses only)
    #[arg(long, requires = "http")]
    allow_plaintext: bool,
}

impl Http {
    /// Where to listen, if over HTTP at all.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.http
    }

    /// Serves until a signal comes.
    pub(crate) async fn serve(&self, listen: SocketAddr, options: Options, data: Option<&Path>, warn: fn(&str)) -> Result<(), Failure> {
        if self.allow_plaintext && !listen.ip().is_loopback() {
            return Err(format!("--allow-plaintext is for loopback addresses; {listen} is none").into());
        }
        let tokens = self.tokens()?;
        let signers = if self.http_sigv4 { Some(signers(&options, data)?) } else { None };
        let listener =
            TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}; choose another --http"))?;
        let address = listener.local_addr()?;
        let tls = if self.allow_plaintext { None } else { Some(self.certificate(address, data)?) };
        let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), address.ip().to_string()];
        hosts.extend(self.http_host.iter().cloned());
        let server = AgentServer::new(options);
        let admission = http::Admission { tokens, signers, hosts, origins: self.http_origin.clone() };
        let router = http::router(&server, admission)?;
        server.prove_beside(warn);
        announce(address, tls.is_some())?;
        Ok(borealis_control::serve(listener, tls, router, stopped()).await?)
    }

    fn certificate(&self, address: SocketAddr, data: Option<&Path>) -> Result<Arc<rustls::ServerConfig>, Failure> {
        let authority = Arc::new(Authority::open(&DataFolder::resolve(data)?.tls())?);
        let mut names = vec!["localhost".to_owned()];
        names.extend(self.http_host.iter().cloned());
        let mut addresses = vec![[127, 0, 0, 1].into(), [0, 0, 0, 0, 0, 0, 0, 1].into()];
        if !address.ip().is_unspecified() && !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
        Ok(authority.server_config(&names, &addresses, Arc::new(|_| None))?)
    }

    fn tokens(&self) -> Result<Vec<Token>, Failure> {
        if let Some(path) = &self.http_token_file {
            return read_tokens(path);
        }
        match std::env::var(TOKEN_VARIABLE) {
            Ok(token) if !token.is_empty() => Ok(vec![Token { secret: Redacted::new(token), tenant: None }]),
            _ if self.http_sigv4 => Ok(Vec::new()),
            _ => Err(format!("over HTTP clients need a bearer token: name a file of them with --http-token-file, or set {TOKEN_VARIABLE}")
                .into()),
        }
    }
}

/// Whoever may connect as every role that the server connects as, on any cluster of the account, may have it connect.
fn signers(options: &Options, data: Option<&Path>) -> Result<Signers, Failure> {
    let keys = LiveKeyStore::load(&DataFolder::resolve(data)?.credentials())?;
    let actions: Vec<&str> = options.targets.iter().map(|target| Action::for_user(&target.endpoint.user).qualified_name()).collect();
    Ok(Arc::new(move |head, body| {
        let (principal, context) =
            borealis_control::signer(head, body, &keys, crate::principals::now()).map_err(|error| error.to_string())?;
        let clusters = Arn::cluster(&principal.region, &principal.arn.account, "*");
        for action in &actions {
            principal.authorize(action, &clusters, None, &context).map_err(|error| error.to_string())?;
        }
        Ok(principal.caller_arn().to_string())
    }))
}

fn read_tokens(path: &Path) -> Result<Vec<Token>, Failure> {
    let bad = |what: String| format!("{}: {what}", path.display());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_err(|error| bad(error.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(bad(format!("others may read the tokens in it (mode {:03o}): chmod 600 it", mode & 0o777)).into());
        }
    }
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    let token =
        |(number, line): (usize, &str)| token(line).ok_or_else(|| bad(format!("line {} is not TOKEN or TOKEN tenant=VALUE", number + 1)));
    Ok(lines.map(token).collect::<Result<_, _>>()?)
}

fn token(line: &str) -> Option<Token> {
    let (secret, tenant) = match line.split_once(char::is_whitespace) {
        None => (line, None),
        Some((secret, rest)) => (secret, Some(rest.trim_start().strip_prefix("tenant=").filter(|tenant| !tenant.is_empty())?.to_owned())),
    };
    Some(Token { secret: Redacted::new(secret.to_owned()), tenant })
}

/// The line that scripts wait for.
fn announce(address: SocketAddr, encrypted: bool) -> std::io::Result<()> {
    let scheme = if encrypted { "https" } else { "http" };
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready mcp={scheme}://{address}{}", http::PATH)?;
    out.flush()
}

async fn stopped() {
    // Without a way to hear of signals the process ends by them all the same.
    match stop_signal().await {
        Ok(name) => eprintln!("stopping: {name}"),
        Err(_) => std::future::pending().await,
    }
}

async fn stop_signal() -> std::io::Result<&'static str> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| "interrupted"),
        _ = terminate.recv() => Ok("told to terminate"),
    }
}
