//! The running server, or the place for one.

use std::net::TcpListener;
use std::time::Duration;

use borealis_base::{Clock, SystemClock};
use borealis_client::{ApiError, ClientError, ControlPlane, Endpoint, Roots, connect};

use super::Finding;
use super::files::quoted;
use crate::connection;
use crate::data_folder::{DataFolder, ServerFile};
use crate::local_key;

/// Tokens are refused at five minutes.
const SKEW_MAX: Duration = Duration::from_secs(30);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Where `serve` listens unless it is told otherwise.
const PORTS: [(u16, &str); 2] = [(5432, "--listen"), (3775, "--control")];

pub(super) async fn examine(folder: &DataFolder) -> Vec<Finding> {
    let server = match folder.server() {
        Ok(server) => server,
        Err(_) if !folder.server_file().exists() => {
            return [vec![Finding::ok("server", "none is running")], PORTS.iter().map(free).collect()].concat();
        }
        Err(error) => return vec![unreadable(folder, &error.to_string())],
    };
    match connection::local(folder, &server, &server.endpoint(), "admin") {
        Err(error) => vec![unreadable(folder, &error.to_string())],
        Ok(mut endpoint) => {
            endpoint.connect_timeout = CONNECT_MAX;
            let mut findings = database(folder, &endpoint).await;
            findings.extend(control(folder, &server).await);
            findings
        }
    }
}

fn unreadable(folder: &DataFolder, error: &str) -> Finding {
    let file = folder.server_file();
    Finding::problem("server", error.to_owned(), format!("rm {} and start the server again", quoted(&file)))
}

/// Whether `serve` could listen there.
fn free((port, option): &(u16, &str)) -> Finding {
    match TcpListener::bind(("127.0.0.1", *port)) {
        Ok(_) => Finding::ok("port", format!("{port} is free")),
        Err(error) => {
            Finding::warning("port", format!("127.0.0.1:{port}: {error}"), format!("give `borealis serve` another with {option}"))
        }
    }
}

/// Connects as a client does: name, certificate, token, clock.
async fn database(folder: &DataFolder, endpoint: &Endpoint) -> Vec<Finding> {
    let address = endpoint.address_text();
    let mut connection = match connect(endpoint).await {
        Ok(connection) => connection,
        Err(error) => return vec![refused(folder, &address, &error)],
    };
    let mut findings = vec![Finding::ok("server", format!("admin can log in at {address} as {}", endpoint.host))];
    let before = SystemClock::default().unix_micros();
    let answer = connection.query("SELECT extract(epoch from clock_timestamp())", &[]).await;
    let after = SystemClock::default().unix_micros();
    findings.push(match answer {
        Ok(outcome) => clock(outcome.rows.first().and_then(|row| row.get(0)), before, after),
        Err(error) => Finding::problem("clock", error.to_string(), "look into the server's log"),
    });
    connection.close().await;
    findings
}

fn refused(folder: &DataFolder, address: &str, error: &ClientError) -> Finding {
    let mend = match error {
        ClientError::Connect { .. } => format!(
            "start `borealis serve --data {}`; {} is left from a server that ended without its farewell",
            quoted(folder.path()),
            folder.server_file().display()
        ),
        ClientError::Tls { .. } => {
            "another program may have the port, or the certificates were replaced: start the server again".to_owned()
        }
        ClientError::Server(_) => "check the key in the data folder's credentials, and this machine's clock".to_owned(),
        _ => "look into the server's log".to_owned(),
    };
    Finding::problem("server", format!("{address}: {error}"), mend)
}

/// The server's time must lie between the question and the answer.
fn clock(seconds: Option<&str>, before: i64, after: i64) -> Finding {
    let Some(seconds) = seconds.and_then(|text| text.parse::<f64>().ok()) else {
        return Finding::problem("clock", "the server does not tell its time", "look into the server's log");
    };
    #[allow(clippy::cast_possible_truncation)] // microseconds since 1970 fit
    let micros = (seconds * 1e6) as i64;
    let skew = Duration::from_micros((before - micros).max(micros - after).max(0).unsigned_abs());
    let what = format!("{} s apart from the server", skew.as_secs());
    if skew > SKEW_MAX {
        Finding::problem("clock", what, "set both clocks by NTP: tokens are refused from five minutes on")
    } else {
        Finding::ok("clock", what)
    }
}

/// Asks for the clusters, as `borealis cluster list` does.
async fn control(folder: &DataFolder, server: &ServerFile) -> Option<Finding> {
    const CHECK: &str = "control";
    let url = server.control.clone()?;
    let plane = ControlPlane {
        url: Some(url.clone()),
        region: server.region.clone(),
        credentials: local_key::source(folder, None),
        roots: Roots::File(borealis_pgserver::tls::Authority::certificate_path(&folder.tls())),
    };
    let answer = match plane.client().await {
        Ok(client) => client.list_clusters().send().await.map_err(|error| ApiError::read(error).to_string()),
        Err(error) => Err(error.to_string()),
    };
    Some(match answer {
        Ok(answer) => Finding::ok(CHECK, format!("{url} answers; it has {} clusters", answer.clusters().len())),
        Err(error) => Finding::problem(CHECK, format!("{url}: {error}"), "start the server again, and look into its log"),
    })
}

#[cfg(test)]
mod tests {
    use super::clock;
    use crate::doctor::State;

    #[test]
    fn clocks_that_are_apart_are_a_problem() {
        let at = 1_767_225_600_000_000;
        for (seconds, state) in [
            ("1767225600.5", State::Ok),
            ("1767225590", State::Ok),
            ("1767225500", State::Problem),
            ("1767225700", State::Problem),
            ("x", State::Problem),
        ] {
            assert_eq!(clock(Some(seconds), at, at + 1_000_000).state, state, "{seconds}");
        }
    }
}
