//! Where a database is and who wants to reach it.

use std::time::Duration;

use borealis_base::Redacted;

use crate::credentials::CredentialsSource;
use crate::error::ClientError;
use crate::tls::Roots;

/// The port of every Aurora DSQL endpoint.
pub const PORT_DEFAULT: u16 = 5432;
/// The one database of a cluster.
pub const DATABASE_DEFAULT: &str = "postgres";

const CLUSTER_ID_LENGTH: usize = 26;

/// Whether the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Encrypted, with the server's certificate checked against its name.
    #[default]
    Required,
    /// Plain, to a loopback address only: for tests.
    DisabledForLoopback,
}

/// A database and the identity to reach it with. Plain data: nothing is looked up before a connection is made.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The name that the certificate carries, that routes to the cluster and that tokens are made for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Where to connect instead of to what `host` resolves to: a name or an address.
    pub address: Option<String>,
    /// The cluster, for servers whose name does not carry it: sent as `amzn-cluster-id`.
    pub cluster_id: Option<String>,
    /// The database role.
    pub user: String,
    /// The database.
    pub database: String,
    /// The region, for which tokens are signed. Servers that ask no password need none.
    pub region: Option<String>,
    /// Where the access key comes from.
    pub credentials: CredentialsSource,
    /// A password to give instead of a token: of a PostgreSQL that is no Aurora DSQL endpoint.
    pub password: Option<Redacted<String>>,
    /// Whom to believe about the server's name.
    pub roots: Roots,
    /// Whether to encrypt.
    pub tls: Tls,
    /// What the server shows as the session's name.
    pub application_name: String,
    /// How long connecting may take, from the name look-up to the server's first readiness.
    pub connect_timeout: Duration,
    /// How long the server may be silent while it owes an answer, before the connection is taken for lost; without a limit it may be
    /// so forever, as when it runs a long statement or when the network in between has forgotten the connection.
    pub answer_timeout: Option<Duration>,
}

impl Endpoint {
    /// An endpoint from what people write: a host name, or a bare cluster id, which needs the region; either with `:port`. Without
    /// a region the one in the host name counts.
    ///
    /// # Errors
    /// When the host is empty, the port is no number, or a cluster id comes without a region.
    pub fn resolve(host: &str, region: Option<&str>, user: &str) -> Result<Self, ClientError> {
        let (name, port) = split_port(host)?;
        let host = match region {
            _ if name.is_empty() => return Err(ClientError::Endpoint("the host name is empty".to_owned())),
            Some(region) if is_cluster_id(name) => format!("{name}.dsql.{region}.on.aws"),
            None if is_cluster_id(name) => return Err(ClientError::Endpoint(format!("Region is not specified for cluster '{name}'"))),
            _ => name.to_owned(),
        };
        let region = region.map(str::to_owned).or_else(|| region_of(&host).map(str::to_owned));
        Ok(Self {
            host,
            port,
            address: None,
            cluster_id: None,
            user: user.to_owned(),
            database: DATABASE_DEFAULT.to_owned(),
            region,
            credentials: CredentialsSource::default(),
            password: None,
            roots: Roots::default(),
            tls: Tls::default(),
            application_name: "borealis".to_owned(),
            connect_timeout: Duration::from_secs(30),
            answer_timeout: None,
        })
    }

    /// The host that tokens are made for: the cluster's public endpoint when a cluster id routes, otherwise the host itself.
    #[must_use]
    pub fn token_host(&self) -> String {
        match (&self.cluster_id, &self.region) {
            (Some(id), Some(region)) => format!("{id}.dsql.{region}.on.aws"),
            _ => self.host.clone(),
        }
    }

    /// `host:port`, as messages name it.
    #[must_use]
    pub fn address_text(&self) -> String {
        let host = self.address.as_deref().unwrap_or(&self.host);
        if host.contains(':') { format!("[{host}]:{}", self.port) } else { format!("{host}:{}", self.port) }
    }
}

/// `name`, `name:port`, `[v6]:port` or a bare IPv6 address.
fn split_port(host: &str) -> Result<(&str, u16), ClientError> {
    let bad = || ClientError::Endpoint(format!("'{host}' does not end in a port number"));
    if let Some(rest) = host.strip_prefix('[') {
        let (name, tail) = rest.split_once(']').ok_or_else(|| ClientError::Endpoint(format!("'{host}' lacks a closing bracket")))?;
        return match tail.strip_prefix(':') {
            Some(port) => Ok((name, port.parse().map_err(|_| bad())?)),
            None if tail.is_empty() => Ok((name, PORT_DEFAULT)),
            None => Err(bad()),
        };
    }
    match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => Ok((name, port.parse().map_err(|_| bad())?)),
        _ => Ok((host, PORT_DEFAULT)),
    }
}

/// 26 lower-case letters and digits: what stands for a cluster, never for a host.
fn is_cluster_id(name: &str) -> bool {
    name.len() == CLUSTER_ID_LENGTH && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The region in `<id>.dsql[-suffix].<region>.on.aws`.
fn region_of(host: &str) -> Option<&str> {
    let (front, region) = host.strip_suffix(".on.aws")?.rsplit_once('.')?;
    let (_, service) = front.rsplit_once('.')?;
    (service.starts_with("dsql") && !region.is_empty()).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    const ID: &str = "abcdefghijklmnopqrstuvwxyz";

    fn resolved(host: &str, region: Option<&str>) -> Result<(String, u16, Option<String>), String> {
        let endpoint = Endpoint::resolve(host, region, "admin").map_err(|error| error.to_string())?;
        Ok((endpoint.host, endpoint.port, endpoint.region))
    }

    #[test]
    fn hosts_ids_and_regions() {
        let full = format!("{ID}.dsql.us-east-1.on.aws");
        let private = format!("{ID}.dsql-fnh4.eu-west-1.on.aws");
        for (host, region, want) in [
            (ID, Some("us-east-1"), (full.as_str(), 5432, Some("us-east-1"))),
            (&full, None, (&full, 5432, Some("us-east-1"))),
            (&full, Some("elsewhere"), (&full, 5432, Some("elsewhere"))),
            (&private, None, (&private, 5432, Some("eu-west-1"))),
            ("localhost:5433", None, ("localhost", 5433, None)),
            ("[::1]:5433", None, ("::1", 5433, None)),
            ("::1", None, ("::1", 5432, None)),
            ("x.rds.us-east-1.on.aws", None, ("x.rds.us-east-1.on.aws", 5432, None)),
            ("dsql.us-east-1.on.aws", None, ("dsql.us-east-1.on.aws", 5432, None)),
        ] {
            let (name, port, expected_region) = want;
            assert_eq!(resolved(host, region), Ok((name.to_owned(), port, expected_region.map(str::to_owned))), "{host}");
        }
    }

    #[test]
    fn what_cannot_be_resolved_says_why() {
        assert_eq!(resolved(ID, None), Err(format!("Region is not specified for cluster '{ID}'")));
        assert_eq!(resolved("", None), Err("the host name is empty".to_owned()));
        assert_eq!(resolved("h:x", None), Err("'h:x' does not end in a port number".to_owned()));
        assert_eq!(resolved("[::1", None), Err("'[::1' lacks a closing bracket".to_owned()));
    }

    #[test]
    fn tokens_are_made_for_the_cluster_that_is_reached() {
        let mut endpoint = Endpoint::resolve("vpce-1.example", Some("us-east-1"), "admin").expect("resolved");
        assert_eq!(endpoint.token_host(), "vpce-1.example");
        endpoint.cluster_id = Some(ID.to_owned());
        assert_eq!(endpoint.token_host(), format!("{ID}.dsql.us-east-1.on.aws"));
    }
}
