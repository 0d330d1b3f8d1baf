//! A living MySQL or MariaDB database as a source, read as a stream in one consistent snapshot.
//!
//! Which tables are meant, and what becomes of each column, is known before the first row is read ([`tables`]): a table or a column that has no
//! counterpart here ends the load while nothing is written. Values come in the text protocol, as MySQL prints them, and most are what
//! PostgreSQL reads; the rest is turned into what the column here holds ([`value`]).

mod error;
mod tables;
mod value;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, QueryResult, Row, SslOpts, TextProtocol, Value};
use tokio::runtime::Runtime;

use super::Destination;
use super::batch::{Batcher, Refusal};
use super::living::{LiveUrl, Living, refused};
use crate::error::TransferError;
use borealis_pgtypes::copy_text;
use error::said;
use tables::Plan;
use value::Turn;

/// A database and what of it is meant.
#[derive(Clone)]
pub struct LiveMysql {
    options: Opts,
    living: Living,
}

impl std::fmt::Debug for LiveMysql {
    /// Without the options, which hold the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveMysql").field("address", &self.address()).field("living", &self.living).finish_non_exhaustive()
    }
}

const FORM: &str = "mysql://USER@HOST:PORT/DATABASE";
const PORT_DEFAULT: u16 = 3306;
/// How long connecting may take.
const CONNECT_SECONDS: u64 = 30;
/// After how long a silent server is asked whether it is still there.
const KEEPALIVE_MS: u64 = 30_000;

/// What makes values print the same whatever the server's own settings are, and all of one moment.
const SETTINGS: [&str; 9] = [
    "SET NAMES utf8mb4",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION sql_mode = ''",
    // Rows wait until those before them are written.
    "SET SESSION net_write_timeout = 86400",
    "SET SESSION wait_timeout = 86400",
    // The one is MariaDB's and the other MySQL's.
    "SET SESSION max_statement_time = 0",
    "SET SESSION max_execution_time = 0",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
];
const UNKNOWN_VARIABLE: u16 = 1193;

impl LiveMysql {
    /// From a URL: `mysql://user:password@host:port/database`, with `?ssl-mode=disabled|verify_identity`, `ssl-ca=FILE`,
    /// `ssl-name=NAME` and `socket=PATH`.
    pub(super) fn parse(url: &str, living: Living) -> Result<Self, TransferError> {
        let url = LiveUrl::parse(url, FORM)?;
        let (host, port) = split_port(url.host).ok_or_else(|| refused("does not end in a port number", FORM))?;
        let Some(database) = url.database else { return Err(refused("names no database", FORM)) };
        let (mut encrypted, mut tls, mut socket) = (None, SslOpts::default(), None);
        for (name, value) in url.options {
            match (name.as_str(), value.to_ascii_lowercase().as_str()) {
                ("ssl-mode", "disabled") => encrypted = Some(false),
                ("ssl-mode", "verify_identity") => encrypted = Some(true),
                ("ssl-ca", _) => tls = tls.with_root_certs(vec![PathBuf::from(value).into()]).with_disable_built_in_roots(true),
                ("ssl-name", _) => tls = tls.with_danger_tls_hostname_override(Some(value)),
                ("socket", _) => socket = Some(value),
                _ => return Err(refused("has an option other than ssl-mode=disabled|verify_identity, ssl-ca, ssl-name and socket", FORM)),
            }
        }
        let is_here = socket.is_some() || matches!(host, "localhost" | "127.0.0.1" | "::1");
        // Who says what to believe wants it checked, on this machine too.
        let encrypted = encrypted.unwrap_or(!is_here || tls != SslOpts::default());
        let password = url.password.as_ref().or(living.password.as_ref()).map(|password| password.expose().clone());
        let builder = OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(port)
            .user(Some(url.user))
            .pass(password)
            .db_name(Some(database))
            .socket(socket)
            // What the server takes for its socket may be another machine's.
            .prefer_socket(false)
            .tcp_keepalive(Some(Duration::from_millis(KEEPALIVE_MS)))
            .ssl_opts(encrypted.then_some(tls));
        Ok(Self { options: builder.into(), living })
    }

    /// Where it is, for messages.
    pub(crate) fn address(&self) -> String {
        let database = self.database();
        match self.options.socket() {
            Some(socket) => format!("{database} at {socket}"),
            None => format!("{database} at {}:{}", self.options.ip_or_hostname(), self.options.tcp_port()),
        }
    }

    /// The database.
    pub(crate) fn database(&self) -> &str {
        self.options.db_name().unwrap_or_default()
    }

    async fn connect(&self) -> Result<Conn, TransferError> {
        let doing = format!("connecting to {}", self.address());
        let late = |_| TransferError::Source(format!("{doing}: no session after {CONNECT_SECONDS} seconds"));
        let connecting = tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS), Conn::new(self.options.clone()));
        let mut connection = connecting.await.map_err(late)?.map_err(said(&doing))?;
        for sql in SETTINGS {
            match connection.query_drop(sql).await {
                Err(mysql_async::Error::Server(error)) if error.code == UNKNOWN_VARIABLE => {}
                other => other.map_err(said(&format!("{doing}: {sql}")))?,
            }
        }
        Ok(connection)
    }
}

/// `name`, `name:port`, `[v6]:port`.
fn split_port(host: &str) -> Option<(&str, u16)> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => host.find(':').map_or((host, ""), |at| host.split_at(at)),
    };
    let port = if port.is_empty() { PORT_DEFAULT } else { port.strip_prefix(':')?.parse().ok()? };
    (!name.is_empty()).then_some((name, port))
}

/// Reads tables into batches; on a thread that may block.
pub(super) fn read(
    live: &LiveMysql,
    destination: &Destination<'_>,
    batcher: &mut Batcher,
    consumed: &AtomicU64,
) -> Result<(), TransferError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(TransferError::file("cannot start a runtime"))?;
    let (connection, plans) = runtime.block_on(async {
        let mut connection = live.connect().await?;
        let plans = tables::plans(&mut connection, live, destination).await?;
        Ok::<_, TransferError>((connection, plans))
    })?;
    let mut reader = Reader { live, runtime, connection, batcher, consumed, rows: 0 };
    for plan in &plans {
        reader.table(plan)?;
    }
    let Reader { runtime, connection, rows, batcher, .. } = reader;
    // Everything has been read: how the connection ends changes nothing.
    let _ = runtime.block_on(connection.disconnect());
    batcher.finish(rows)
}

struct Reader<'r> {
    live: &'r LiveMysql,
    runtime: Runtime,
    connection: Conn,
    batcher: &'r mut Batcher,
    consumed: &'r AtomicU64,
    /// How many rows have been read; a row's place.
    rows: u64,
}

impl Reader<'_> {
    fn table(&mut self, plan: &Plan) -> Result<(), TransferError> {
        let Self { live, runtime, connection, batcher, consumed, rows } = self;
        let doing = |rows: u64| {
            let (name, address) = (&plan.name, live.address());
            said(&format!(
                "reading the rows of {name} in {address}, behind {rows} rows; what was loaded stays, and the load can be \
                 repeated with --on-conflict skip"
            ))
        };
        batcher.enter(&plan.target)?;
        let result = runtime.block_on(connection.query_iter(&plan.sql));
        let mut result: QueryResult<'_, '_, TextProtocol> = result.map_err(doing(0))?;
        let mut of_table = 0;
        let mut text = Vec::new();
        while let Some(row) = runtime.block_on(result.next()).map_err(|error| doing(of_table)(error))? {
            of_table += 1;
            *rows += 1;
            text.clear();
            let refusal = encode(&row, &plan.turns, live.living.zero_dates_null, &mut text);
            consumed.fetch_add(text.len() as u64, Ordering::Relaxed);
            batcher.row(*rows, of_table, &text, refusal)?;
        }
        Ok(())
    }
}

/// A row of COPY text; or why it is none of the table's, in which case the text is for people.
fn encode(row: &Row, turns: &[Turn], zero_dates_null: bool, text: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut refusal = Ok(());
    for (place, turn) in turns.iter().enumerate() {
        match row.as_ref(place) {
            Some(Value::Bytes(value)) => {
                if let Err(why) = turn.write(value, zero_dates_null, text) {
                    copy_text::escape(String::from_utf8_lossy(value).as_bytes(), text);
                    refusal = refusal.and(Err(why));
                }
            }
            // The text protocol has nothing but bytes and NULL.
            _ => text.extend_from_slice(copy_text::NULL),
        }
        text.push(b'\t');
    }
    // What ends the last value ends the row.
    text.pop();
    text.push(b'\n');
    refusal
}

#[cfg(test)]
mod tests {
    use borealis_base::Redacted;

    use super::{LiveMysql, Living};

    fn parsed(url: &str) -> LiveMysql {
        LiveMysql::parse(url, Living { password: Some(Redacted::new("beside".to_owned())), ..Living::default() }).expect(url)
    }

    #[test]
    fn urls() {
        let live = parsed("mysql://me:p%40ss@db.example:3307/shop");
        let options = &live.options;
        assert_eq!((options.user(), options.pass(), options.db_name()), (Some("me"), Some("p@ss"), Some("shop")));
        assert_eq!(
            (options.ip_or_hostname(), options.tcp_port(), live.address()),
            ("db.example", 3307, "shop at db.example:3307".to_owned())
        );
        assert!(options.ssl_opts().is_some_and(|tls| !tls.skip_domain_validation() && !tls.accept_invalid_certs()));
        let live = parsed("mariadb://me@[::1]/shop");
        assert_eq!((live.options.pass(), live.options.tcp_port()), (Some("beside"), 3306));
        assert!(live.options.ssl_opts().is_none(), "this machine");
        let tls = parsed("mysql://me@localhost/shop?ssl-mode=VERIFY_IDENTITY&ssl-ca=%2Fca.pem&ssl-name=db.example").options;
        let tls = tls.ssl_opts().expect("TLS");
        assert!(tls.disable_built_in_roots() && tls.root_certs().len() == 1 && tls.tls_hostname_override() == Some("db.example"));
        assert!(parsed("mysql://me@localhost/shop?ssl-ca=%2Fca.pem").options.ssl_opts().is_some(), "what is to be believed is asked for");
        assert!(parsed("mysql://me@db.example/shop?ssl-mode=disabled").options.ssl_opts().is_none());
        assert_eq!(parsed("mysql://me@localhost/shop?socket=%2Frun%2Fs").address(), "shop at /run/s");
    }

    #[test]
    fn a_password_is_never_shown() {
        let live = parsed("mysql://me:secret@localhost/shop");
        assert!(!format!("{live:?}").contains("secret") && !format!("{live:?}").contains("beside"), "{live:?}");
        for (url, why) in [
            ("mysql://me:secret@localhost", "names no database"),
            ("mysql://me:secret@localhost:x/shop", "does not end in a port number"),
            ("mysql://me:secret@/shop", "does not end in a port number"),
            ("mysql://secret/shop", "names no user"),
            ("mysql://me:secret@localhost/shop?ssl-mode=preferred", "has an option other than"),
        ] {
            let error = LiveMysql::parse(url, Living::default()).expect_err(url).to_string();
            assert!(error.contains(why) && !error.contains("secret"), "{error}");
        }
    }
}
