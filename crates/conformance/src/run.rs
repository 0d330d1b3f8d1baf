//! Runs a probe against an endpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use borealis_base::{Clock, OsRandom, Random as _, SystemClock};
use borealis_client::{ClientError, Connection, Endpoint, Outcome, TransactionStatus};

use crate::admission::connect;
use crate::compare::{Got, Names, fill, matching};
use crate::probe::{Answer, Bounds, Probe, Protocol, Step};

/// The longest silence of a server that owes an answer. Waiting for a job on the service takes up to a minute.
const ANSWER_SECONDS_MAX: u64 = 120;
/// The time between two tries of such a step.
const EVENTUALLY_PAUSE_MS: u64 = 250;
/// A step that begins its session.
const CONNECT: &str = "\\connect";
/// How often a statement around the steps runs when it conflicts: the server's own catalog work may get in its way.
const ATTEMPTS_MAX: u32 = 5;

/// One run of a probe, in one protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How the statements were sent.
    pub protocol: Protocol,
    /// The first answer that was wrong; the steps behind it were not run.
    pub failure: Option<Failure>,
    /// What could not be removed afterwards.
    pub left_behind: Option<String>,
}

/// A wrong answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The line of the step in its file; the probe's own when the step is not at fault.
    pub line: usize,
    /// The statement as it was sent, behind its session.
    pub asked: String,
    /// The right answer.
    pub expected: String,
    /// The answer.
    pub got: String,
}

/// Where probes are run.
pub struct Runner {
    endpoint: Endpoint,
    /// How long a step that is right *eventually* may take.
    patience: Duration,
    clock: SystemClock,
    /// Begins the names of this run's schemas, so that two runs on one endpoint don't meet.
    prefix: String,
    schemas: u32,
}

impl Runner {
    /// A runner on `endpoint` that gives the server's background work `patience` to show.
    #[must_use]
    pub fn new(mut endpoint: Endpoint, patience: Duration) -> Self {
        endpoint.answer_timeout = Some(Duration::from_secs(ANSWER_SECONDS_MAX));
        let prefix = format!("probe_{:08x}", OsRandom.next_u64() & 0xffff_ffff);
        Self { endpoint, patience, clock: SystemClock::default(), prefix, schemas: 0 }
    }

    /// Whether the endpoint can be reached at all.
    ///
    /// # Errors
    /// When it cannot: then no probe would say anything about it.
    pub async fn check(&self) -> Result<(), ClientError> {
        connect(&self.endpoint).await?.close().await;
        Ok(())
    }

    /// Runs a probe once in each of its protocols.
    pub async fn run(&mut self, probe: &Probe) -> Vec<Attempt> {
        let mut attempts = Vec::with_capacity(probe.settings.protocols.len());
        for protocol in &probe.settings.protocols {
            attempts.push(self.attempt(probe, *protocol).await);
        }
        attempts
    }

    async fn attempt(&mut self, probe: &Probe, protocol: Protocol) -> Attempt {
        let mut names = Names::new();
        if probe.settings.own_schema {
            self.schemas += 1;
            names.insert("schema".to_owned(), format!("{}_{}", self.prefix, self.schemas));
        }
        let ran = self.set_up_and_ask(probe, protocol, &mut names).await;
        let left_behind = self.clean_up(probe, &names).await.err().map(|error| error.to_string());
        Attempt { protocol, failure: ran.err(), left_behind }
    }

    async fn set_up_and_ask(&self, probe: &Probe, protocol: Protocol, names: &mut Names) -> Result<(), Failure> {
        self.set_up(probe, names).await?;
        let mut sessions = Sessions { protocol, connections: BTreeMap::new() };
        let ran = self.ask_all(&mut sessions, probe, names).await;
        sessions.close().await;
        ran
    }

    async fn set_up(&self, probe: &Probe, names: &Names) -> Result<(), Failure> {
        let failed = |asked: &str, error: &dyn Display| Failure {
            line: probe.line,
            asked: format!("setup: {asked}"),
            expected: "success".to_owned(),
            got: error.to_string(),
        };
        let schema = names.get("schema").map(|schema| format!("CREATE SCHEMA {schema}"));
        let mut connection = connect(&self.endpoint).await.map_err(|error| failed("connect", &error))?;
        if let Some(create) = &schema {
            insist(&mut connection, create).await.map_err(|error| failed(create, &error))?;
        }
        enter_schema(&mut connection, names).await.map_err(|error| failed("search_path", &error))?;
        for statement in &probe.setup {
            let statement = fill(statement, names);
            insist(&mut connection, &statement).await.map_err(|error| failed(&statement, &error))?;
        }
        connection.close().await;
        Ok(())
    }

    async fn ask_all(&self, sessions: &mut Sessions, probe: &Probe, names: &mut Names) -> Result<(), Failure> {
        self.open_sessions(sessions, probe, names).await?;
        let mut conflicts = 0;
        for step in &probe.steps {
            let got = self.ask(sessions, step, names).await?;
            conflicts += usize::from(matches!(&got, Got::Refusal(error) if error.code == "40001"));
        }
        check_conflicts(probe, conflicts)
    }

    /// All sessions begin before the first statement, so that none of them starts with another's work in view by accident. Those that a
    /// step connects begin with that step.
    async fn open_sessions(&self, sessions: &mut Sessions, probe: &Probe, names: &Names) -> Result<(), Failure> {
        let mut seen = BTreeSet::new();
        for step in &probe.steps {
            if !seen.insert(step.session) || step.statement == CONNECT {
                continue;
            }
            let opened = async {
                let mut connection = connect(&self.endpoint).await?;
                enter_schema(&mut connection, names).await?;
                Ok(connection)
            };
            let connection = opened.await.map_err(|error: ClientError| Failure {
                line: step.line,
                asked: format!("{}: connect", step.session),
                expected: "a session".to_owned(),
                got: error.to_string(),
            })?;
            sessions.connections.insert(step.session, connection);
        }
        Ok(())
    }

    /// A session that begins with its step: the tag `CONNECT`, or the refusal. An earlier one of this name ends first.
    async fn open(&self, sessions: &mut Sessions, session: char) -> Got {
        if let Some(before) = sessions.connections.remove(&session) {
            before.close().await;
        }
        match borealis_client::connect(&self.endpoint).await {
            Ok(connection) => {
                sessions.connections.insert(session, connection);
                Got::Results(vec![Outcome { tag: "CONNECT".to_owned(), ..Outcome::default() }])
            }
            Err(ClientError::Server(error)) => Got::Refusal(error),
            Err(error) => Got::Nothing(error.to_string()),
        }
    }

    /// Runs a step, and again while it may yet become right. Adds what its answer captures to `names`.
    async fn ask(&self, sessions: &mut Sessions, step: &Step, names: &mut Names) -> Result<Got, Failure> {
        let statement = fill(&step.statement, names);
        let deadline = self.clock.monotonic() + self.patience;
        loop {
            let got = match statement.as_str() {
                CONNECT => self.open(sessions, step.session).await,
                _ => sessions.send(step.session, &statement).await,
            };
            if let Some(captured) = matching(&step.answers, &got, names) {
                names.extend(captured);
                return Ok(got);
            }
            let hopeless = !step.eventually || matches!(got, Got::Nothing(_)) || self.clock.monotonic() > deadline;
            if hopeless {
                return Err(Failure {
                    line: step.line,
                    asked: format!("{}: {statement}", step.session),
                    expected: step.answers.iter().map(Answer::to_string).collect::<Vec<_>>().join(" or "),
                    got: got.to_string(),
                });
            }
            tokio::time::sleep(Duration::from_millis(EVENTUALLY_PAUSE_MS)).await;
        }
    }

    /// On a connection of its own: those of the probe may be in any state, or gone.
    async fn clean_up(&self, probe: &Probe, names: &Names) -> Result<(), ClientError> {
        if probe.teardown.is_empty() && names.is_empty() {
            return Ok(());
        }
        let mut connection = connect(&self.endpoint).await?;
        for statement in &probe.teardown {
            insist(&mut connection, &fill(statement, names)).await?;
        }
        if let Some(schema) = names.get("schema") {
            insist(&mut connection, &format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await?;
        }
        connection.close().await;
        Ok(())
    }
}

fn check_conflicts(probe: &Probe, conflicts: usize) -> Result<(), Failure> {
    match probe.conflicts {
        Some(Bounds { least, most }) if !(least..=most).contains(&conflicts) => Err(Failure {
            line: probe.line,
            asked: "all steps".to_owned(),
            expected: format!("{least} to {most} of them to answer 40001"),
            got: format!("{conflicts} of them did"),
        }),
        _ => Ok(()),
    }
}

async fn enter_schema(connection: &mut Connection, names: &Names) -> Result<(), ClientError> {
    if let Some(schema) = names.get("schema") {
        connection.simple(&format!("SET search_path = {schema}")).await?;
    }
    Ok(())
}

/// Runs a statement that stands outside of every transaction, again when it meets a conflict.
async fn insist(connection: &mut Connection, statement: &str) -> Result<(), ClientError> {
    for _ in 1..ATTEMPTS_MAX {
        match connection.simple(statement).await {
            Err(error) if error.server().is_some_and(borealis_client::ServerError::is_conflict) => {}
            other => return other.map(|_| ()),
        }
    }
    connection.simple(statement).await.map(|_| ())
}

/// The sessions of one attempt.
struct Sessions {
    protocol: Protocol,
    connections: BTreeMap<char, Connection>,
}

impl Sessions {
    async fn send(&mut self, session: char, statement: &str) -> Got {
        let Some(connection) = self.connections.get_mut(&session) else { return Got::Nothing("no such session".to_owned()) };
        let answer = match self.protocol {
            Protocol::Simple => connection.simple(statement).await,
            Protocol::Extended => connection.query(statement, &[]).await.map(|outcome| vec![outcome]),
        };
        match answer {
            Ok(outcomes) => Got::Results(outcomes),
            Err(ClientError::Server(error)) => Got::Refusal(error),
            Err(error) => Got::Nothing(error.to_string()),
        }
    }

    /// Ends what is open, so that nothing of this probe is left when its schema goes.
    async fn close(self) {
        for (_, mut connection) in self.connections {
            if connection.is_usable() && connection.status() != TransactionStatus::Idle {
                // A connection that cannot even roll back is closed next, which rolls back.
                let _ = connection.simple("ROLLBACK").await;
            }
            connection.close().await;
        }
    }
}
