//! One run: a server on a folder of its own, sessions, and somebody who kills it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use borealis_base::task::spawn;
use borealis_client::{ClientError, Connection, Endpoint, Tls};
use tokio::sync::watch;

use super::check::{Violation, check};
use super::plan::{Plan, Size, plan};
use super::record::{Attempt, Event, History, Key, Outcome, Tag, Tick, Value, Version};
use super::session::{World, work};
use super::statement::{INDEX, TABLES, value};
use crate::admission::connect;
use crate::serve::Server;

/// How often the index statement is tried: it loses to other catalog work.
const DDL_ATTEMPTS_MAX: u32 = 20;

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// Sessions at work.
    pub sessions: usize,
    /// Keys of the table.
    pub keys: Key,
    /// Attempts by their end.
    pub committed: usize,
    /// Refused, rolled back or lost.
    pub aborted: usize,
    /// Lost behind their COMMIT.
    pub unknown: usize,
    /// How often the server was killed.
    pub kills: usize,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// Runs the plan of a seed against `binary`, which keeps its data in `folder`, and checks what came of it.
///
/// # Errors
/// When the run itself fails: the server does not start, or answers what has no place in the workload.
pub async fn run(binary: &Path, folder: &Path, seed: u64, size: Size) -> Result<Run, String> {
    let plan = plan(seed, size);
    let mut history = drive(binary, folder, &plan).await?;
    history.attempts.sort_by_key(|attempt| attempt.begun);
    let count = |wanted: fn(&Outcome) -> bool| history.attempts.iter().filter(|attempt| wanted(&attempt.outcome)).count();
    Ok(Run {
        sessions: plan.sessions.len(),
        keys: plan.keys,
        committed: count(|outcome| *outcome == Outcome::Committed),
        aborted: count(|outcome| matches!(outcome, Outcome::Aborted(_))),
        unknown: count(|outcome| *outcome == Outcome::Unknown),
        kills: plan.kills.len(),
        violations: check(&history),
    })
}

/// The server, and where the sessions learn that it has moved.
struct Host {
    binary: PathBuf,
    folder: PathBuf,
    server: Server,
    moved: watch::Sender<Endpoint>,
}

impl Host {
    fn start(binary: &Path, folder: &Path) -> Result<Self, String> {
        let server = Server::start_on(binary, folder).map_err(|error| error.to_string())?;
        let moved = watch::Sender::new(endpoint(&server)?);
        Ok(Self { binary: binary.to_owned(), folder: folder.to_owned(), server, moved })
    }

    /// Ends the process as a power cut would, as far as it can tell, and starts another on its folder.
    fn kill(&mut self) -> Result<(), String> {
        self.server.kill();
        self.server = Server::start_on(&self.binary, &self.folder).map_err(|error| error.to_string())?;
        self.moved.send_replace(endpoint(&self.server)?);
        Ok(())
    }

    async fn connect(&self) -> Result<Connection, String> {
        let endpoint = self.moved.borrow().clone();
        connect(&endpoint).await.map_err(|error| error.to_string())
    }
}

fn endpoint(server: &Server) -> Result<Endpoint, String> {
    let mut endpoint = Endpoint::resolve(server.address(), None, "admin").map_err(|error| error.to_string())?;
    endpoint.tls = Tls::DisabledForLoopback;
    "history".clone_into(&mut endpoint.application_name);
    Ok(endpoint)
}

async fn drive(binary: &Path, folder: &Path, plan: &Plan) -> Result<History, String> {
    let mut host = Host::start(binary, folder)?;
    let world = Arc::new(World::new(host.moved.subscribe()));
    let mut history = History { keys: plan.keys, ..History::default() };
    history.attempts.push(fill(&host, &world, plan.keys).await?);
    let mut done = world.done.subscribe();
    let sessions: Vec<_> = plan.sessions.iter().map(|planned| spawn(work(Arc::clone(&world), planned.clone()))).collect();
    // All before a kill, or none of it: the statement's own outcome is never in doubt.
    wait_for(&mut done, plan.index_at).await?;
    create_index(&mut host.connect().await?).await?;
    for kill in &plan.kills {
        wait_for(&mut done, *kill).await?;
        host.kill()?;
    }
    for session in sessions {
        history.attempts.extend(session.await.map_err(|error| error.to_string())??);
    }
    let mut connection = host.connect().await?;
    history.attempts.push(read_all(&mut connection, &world).await?);
    history.ledger = ledger(&mut connection).await?;
    compare_index(&mut connection).await?;
    connection.close().await;
    Ok(history)
}

async fn wait_for(done: &mut watch::Receiver<usize>, count: usize) -> Result<(), String> {
    done.wait_for(|done| *done >= count).await.map(|_| ()).map_err(|_| "the sessions ended early".to_owned())
}

/// Tables, and a first row of every other key.
async fn fill(host: &Host, world: &World, keys: Key) -> Result<Attempt, String> {
    let mut connection = host.connect().await?;
    for table in TABLES {
        connection.simple(table).await.map_err(|error| error.to_string())?;
    }
    let (id, begun) = (world.next_attempt(), world.tick());
    let rows: Vec<Value> = (0..keys).step_by(2).map(|key| Value { attempt: id, statement: 0, key }).collect();
    let values: Vec<String> = rows.iter().map(|value| format!("({}, {})", value.key, value.number())).collect();
    let insert = format!("INSERT INTO item (id, value) VALUES {}", values.join(", "));
    connection.simple(&insert).await.map_err(|error| error.to_string())?;
    connection.close().await;
    let write = |value: Value| Event::Write { key: value.key, before: None, after: Some(Version { value, tag: None }) };
    let events = rows.into_iter().map(write).collect();
    Ok(whole(id, begun, world.tick(), events))
}

/// An attempt of a single request that was acknowledged.
fn whole(id: u64, begun: Tick, ended: Tick, events: Vec<Event>) -> Attempt {
    Attempt { id, begun, snapshot_by: ended, committing: begun, ended, outcome: Outcome::Committed, in_ledger: false, lone: true, events }
}

async fn create_index(connection: &mut Connection) -> Result<(), String> {
    let mut tries = 0;
    loop {
        tries += 1;
        match connection.simple(INDEX).await {
            Ok(_) => return Ok(()),
            Err(ClientError::Server(error)) if error.is_conflict() && tries < DDL_ATTEMPTS_MAX => {}
            Err(error) => return Err(format!("{INDEX}: {error}")),
        }
    }
}

async fn rows(connection: &mut Connection, sql: &str) -> Result<Vec<borealis_client::Row>, String> {
    let mut outcomes = connection.simple(sql).await.map_err(|error| format!("{sql}: {error}"))?;
    Ok(outcomes.pop().unwrap_or_default().rows)
}

/// What the run left behind.
async fn read_all(connection: &mut Connection, world: &World) -> Result<Attempt, String> {
    let (id, begun) = (world.next_attempt(), world.tick());
    let scanned = rows(connection, "SELECT id, value, tag FROM item").await?;
    let number = |row: &borealis_client::Row, column: usize| row.get(column).and_then(|text| text.parse::<Tag>().ok());
    let version = |row: &borealis_client::Row| {
        let key = number(row, 0).and_then(|key| Key::try_from(key).ok()).ok_or("a row without a key")?;
        Ok((key, Version { value: value(row, 1)?, tag: number(row, 2) }))
    };
    let scanned = scanned.iter().map(version).collect::<Result<Vec<_>, String>>()?;
    Ok(whole(id, begun, world.tick(), vec![Event::Scan { rows: scanned }]))
}

async fn ledger(connection: &mut Connection) -> Result<std::collections::BTreeSet<u64>, String> {
    let listed = rows(connection, "SELECT attempt FROM ledger").await?;
    listed.iter().map(|row| row.get(0).and_then(|id| id.parse().ok()).ok_or_else(|| format!("{row:?} in the ledger"))).collect()
}

/// Waits for the index that was built beside the sessions; what is read through it and what is read through the table must be the same.
async fn compare_index(connection: &mut Connection) -> Result<(), String> {
    let job = rows(connection, "SELECT job_id FROM sys.jobs WHERE job_type = 'INDEX_BUILD'").await?;
    let job = job.first().and_then(|row| row.get(0)).ok_or("the index build has no job")?.to_owned();
    let ended = rows(connection, &format!("CALL sys.wait_for_job('{job}')")).await?;
    if ended.first().and_then(|row| row.get(0)) != Some("t") {
        return Err("the index build failed".to_owned());
    }
    let ordered = "SELECT value FROM item WHERE value >= 0 ORDER BY value";
    let by_index = rows(connection, ordered).await?;
    for setting in ["enable_indexscan", "enable_indexonlyscan"] {
        rows(connection, &format!("SET {setting} = off")).await?;
    }
    let by_table = rows(connection, ordered).await?;
    if by_index == by_table { Ok(()) } else { Err(format!("by index {by_index:?}, by table {by_table:?}")) }
}
