//! A session: what one connection can do, without knowing that there is a connection.
//!
//! The server drives it in the protocol's own steps: [`Session::parse`], [`Session::bind`], [`Session::execute`], [`Session::sync`], or for a simple query
//! [`Session::parse_script`] and [`Session::open`]. Rows go to a [`Sink`] as they are made; an execution stops when the sink is full or the row limit is
//! reached and goes on when called again. Any error ends the implicit transaction or fails the block before it is returned.

mod analyze;
mod call;
mod changes;
mod copy;
mod dpu;
mod explain;
mod functions;
mod guard;
mod host;
pub(crate) mod internal;
pub mod parameters;
mod portal;
mod recent;
mod reg_output;
pub(crate) mod role;
mod routine;
mod sequences;
mod server_state;
mod set_constraints;
mod statement;
#[cfg(test)]
mod tests;
mod transaction;
mod turn;
mod utility;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use borealis_base::Id26;
use borealis_catalog::Role;
use borealis_pgtypes::{Oid, RandomSequence, Result, SqlError, SqlState};
use borealis_sql::bound::OutputColumn;
use borealis_sql::parse::Parsed;
use borealis_storage::ConflictKey;

use crate::cluster::Cluster;
use crate::cluster::registry::{Entry, Interrupt};
use crate::cluster::turns::Turn;
pub use copy::{CopyFormat, CopyInfo};
use parameters::Parameters;
use portal::Portal;
use statement::Prepared;
pub use transaction::TransactionStatus;
use transaction::{Active, Block, Start};

/// Where results go.
pub trait Sink: Send {
    /// One row of the statement's columns.
    ///
    /// # Errors
    /// When a value has no form in the requested format.
    fn row(&mut self, values: &[borealis_pgtypes::Datum]) -> Result<()>;
    /// Whether the client wants the column's text form (else the binary one).
    fn wants_text(&self, column: usize) -> bool;
    /// A piece of COPY TO STDOUT.
    fn copy_data(&mut self, data: &[u8]);
    /// A notice or warning.
    fn notice(&mut self, notice: &SqlError);
    /// A reported parameter has a new value.
    fn parameter(&mut self, name: &str, value: &str);
    /// Whether what has been given should be sent before there is more.
    fn is_full(&self) -> bool;
}

/// How an execution stopped.
#[derive(Debug, PartialEq)]
pub enum Executed {
    /// Done; the command tag.
    Complete(String),
    /// The row limit is reached; another execution goes on.
    Suspended,
    /// The sink is full; call again with the same arguments.
    Full,
    /// An empty query string.
    Empty,
    /// COPY FROM STDIN: the client sends data now, see [`Session::copy_data`].
    CopyIn(CopyInfo),
    /// COPY TO STDOUT begins; call again for the data.
    CopyOut(CopyInfo),
}

/// A parameter value as the client sent it.
#[derive(Clone, Copy, Debug)]
pub struct RawParameter<'a> {
    /// Binary or text.
    pub binary: bool,
    /// The bytes; `None` is NULL.
    pub value: Option<&'a [u8]>,
}

/// Who a session is for.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Role name.
    pub user: String,
    /// Start-up parameters and `-c` options, in order.
    pub parameters: Vec<(String, String)>,
}

/// A session.
pub struct Session {
    pub(crate) cluster: Arc<Cluster>,
    role: Arc<Role>,
    /// Whose rights count while a SECURITY DEFINER function of another role runs.
    acting: Cell<Option<Oid>>,
    /// `sys.current_session_id()`.
    id: Id26,
    pid: i32,
    secret: i32,
    /// The session's place in the registry; none for the server's own sessions.
    entry: Option<Arc<Entry>>,
    interrupt: Arc<Interrupt>,
    parameters: RefCell<Parameters>,
    /// Values of sequences that the session holds and remembers.
    sequences: RefCell<sequences::SessionSequences>,
    bodies: RefCell<routine::KeptBodies>,
    /// What `random()` goes on with, after `setseed()`.
    seeded: Cell<Option<RandomSequence>>,
    /// Parameter values last reported to the client.
    reported: Vec<(&'static str, String)>,
    block: Block,
    start: Option<Start>,
    active: Option<Box<Active>>,
    /// The key that the latest transaction lost over.
    lost: Option<ConflictKey>,
    /// For the next transaction.
    turn: Option<Turn>,
    /// `statement_timestamp()`.
    statement_start: i64,
    /// When the session was opened, on the monotonic clock.
    opened: std::time::Duration,
    prepared: HashMap<String, Arc<Prepared>>,
    portals: HashMap<String, Portal>,
    /// Simple query strings that may come again.
    recent: recent::Recent,
    copy: Option<copy::CopyIn>,
    /// The string of the latest statement: error positions count in it.
    text: Arc<str>,
    /// `application_name`, shared with what its transactions leave behind.
    application_name: Arc<str>,
    /// A rule of `borealis.inject` ended it.
    severed: bool,
}

impl Session {
    /// Opens a session for a role that has been authenticated.
    ///
    /// # Errors
    /// `28000` for a role that does not exist or may not connect, `53300` when there are too many sessions, `0A000` for a parameter that may
    /// not be set.
    pub fn open(cluster: &Arc<Cluster>, options: &SessionOptions) -> Result<Self> {
        let mut session = Self::open_internal(cluster, options)?;
        let entry = Entry {
            secret: session.secret,
            interrupt: session.interrupt.clone(),
            role: session.role.oid,
            application_name: Mutex::new(session.parameters.get_mut().show("application_name")?.1),
            active: AtomicBool::new(false),
            started: cluster.now(),
        };
        let added = cluster.registry.add(entry, cluster.limits.connections);
        let (pid, entry) = added.ok_or_else(|| cluster.limits.refusal("connections", &[]))?;
        session.pid = pid;
        session.entry = Some(entry);
        session.reported = session.reported_now();
        session.application_name = session.parameters.get_mut().show("application_name")?.1.into();
        Ok(session)
    }

    /// A session that no client knows of.
    pub(crate) fn open_internal(cluster: &Arc<Cluster>, options: &SessionOptions) -> Result<Self> {
        let catalog = cluster.catalog()?;
        let role = catalog.role(&options.user).cloned().ok_or_else(|| {
            SqlError::new(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, format!("role \"{}\" does not exist", options.user))
        })?;
        if !role.login {
            let text = format!("role {} must have the LOGIN attribute", role.name);
            return Err(SqlError::new(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, text));
        }
        let mut parameters = Parameters::default();
        parameters.fix("borealis.dialect", cluster.dialect.name());
        for (name, value) in &options.parameters {
            parameters.set_at_start(name, value)?;
        }
        let secret = i32::from_le_bytes(cluster.random.next_u64().to_le_bytes()[..4].try_into().expect("four of eight bytes"));
        Ok(Self {
            cluster: cluster.clone(),
            role,
            acting: Cell::default(),
            id: Id26::random(cluster.random.as_ref()),
            pid: 0,
            secret,
            entry: None,
            interrupt: Arc::default(),
            parameters: RefCell::new(parameters),
            sequences: RefCell::default(),
            bodies: RefCell::default(),
            seeded: Cell::default(),
            reported: Vec::new(),
            block: Block::Implicit,
            start: None,
            active: None,
            lost: None,
            turn: None,
            statement_start: cluster.now(),
            opened: cluster.clock.monotonic(),
            prepared: HashMap::new(),
            portals: HashMap::new(),
            recent: recent::Recent::default(),
            copy: None,
            text: Arc::from(""),
            application_name: Arc::from(""),
            severed: false,
        })
    }

    /// Process id and secret of the protocol's BackendKeyData.
    #[must_use]
    pub fn cancel_key(&self) -> (i32, i32) {
        (self.pid, self.secret)
    }

    /// Name and value of each parameter a client is told of at start-up.
    #[must_use]
    pub fn reported_parameters(&self) -> &[(&'static str, String)] {
        &self.reported
    }

    /// What `ReadyForQuery` says.
    #[must_use]
    pub fn status(&self) -> TransactionStatus {
        match self.block {
            Block::Implicit => TransactionStatus::Idle,
            Block::Explicit { .. } => TransactionStatus::InBlock,
            Block::Failed => TransactionStatus::Failed,
        }
    }

    /// Whether a transaction is open, one that a pipeline began without BEGIN included.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.active.is_some() || !matches!(self.block, Block::Implicit)
    }

    /// Whether the connection must end at once, without a word: its commit may have happened or not.
    #[must_use]
    pub fn is_severed(&self) -> bool {
        self.severed
    }

    /// The interrupt of this session, for shutdown and age timers.
    #[must_use]
    pub fn interrupt(&self) -> Arc<Interrupt> {
        self.interrupt.clone()
    }

    /// Value formats, for encoding rows.
    #[must_use]
    pub fn types(&self) -> Arc<borealis_pgtypes::Settings> {
        self.parameters.borrow().types().clone()
    }

    /// How long a transaction may be open and still commit.
    #[must_use]
    pub fn transaction_age_max(&self) -> Duration {
        Duration::from_secs(self.cluster.limits.transaction_age_seconds)
    }

    /// Time left until the open transaction is too old to commit, if there is one. After it the server calls [`Session::expire`].
    #[must_use]
    pub fn time_to_expiry(&self) -> Option<Duration> {
        self.active.as_ref()?;
        let age = self.cluster.clock.monotonic().saturating_sub(self.start?.monotonic);
        Some(self.transaction_age_max().saturating_sub(age))
    }

    /// Time left until the connection is too old and is closed.
    #[must_use]
    pub fn time_to_close(&self) -> std::time::Duration {
        let age = self.cluster.clock.monotonic().saturating_sub(self.opened);
        self.cluster.limits.connection_age.saturating_sub(age)
    }

    /// What a connection that is too old is closed with.
    #[must_use]
    pub fn too_old(&self) -> SqlError {
        self.cluster.limits.refusal("connection age seconds", &[])
    }

    /// Length of a message of the protocol, its type not counted.
    #[must_use]
    pub fn message_bytes_max(&self) -> usize {
        self.cluster.limits.message_bytes
    }

    /// Lets go of the snapshot of a transaction that is too old, so that an idle client does not keep old versions alive. The client learns of it from
    /// its next statement.
    pub fn expire(&mut self) {
        if self.time_to_expiry() == Some(Duration::ZERO) {
            self.active = None;
            self.portals.clear();
        }
    }

    /// The string that the position of the latest error counts in.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Parses a simple query string.
    ///
    /// # Errors
    /// Syntax errors; refusals of single statements come when they are opened.
    pub fn parse_script(&mut self, text: &str) -> Result<Vec<Parsed>> {
        self.begin_message();
        self.text = Arc::from(text);
        let parsed = borealis_sql::parse::parse(text, self.cluster.dialect);
        self.checked(parsed)
    }

    /// Makes one statement of a script ready in the unnamed portal and tells its columns.
    ///
    /// # Errors
    /// Whatever is wrong with the statement.
    pub fn open_statement(&mut self, text: &str, parsed: Parsed) -> Result<Option<Arc<[OutputColumn]>>> {
        let opened = self.try_open(text, parsed);
        self.checked(opened)
    }

    fn try_open(&mut self, text: &str, parsed: Parsed) -> Result<Option<Arc<[OutputColumn]>>> {
        let is_whole = parsed.text.start == 0 && text[parsed.text.end..].trim_end().trim_start_matches(';').is_empty();
        let prepared = Arc::new(self.prepare(text, Some(parsed), &[])?);
        if !prepared.parameter_types().is_empty() && !prepared.is_generic_explain() {
            // A simple query has nobody to give values.
            return Err(SqlError::new(SqlState::UNDEFINED_PARAMETER, "there is no parameter $1"));
        }
        self.remember(&prepared, is_whole)?;
        let portal = self.portal_for(prepared, Vec::new())?;
        let columns = portal.columns();
        self.portals.insert(String::new(), portal);
        Ok(columns)
    }

    /// Parse: makes a prepared statement.
    ///
    /// # Errors
    /// Whatever is wrong with the statement; `42P05` when the name is taken.
    pub fn parse(&mut self, name: &str, text: &str, parameter_types: &[Oid]) -> Result<()> {
        self.begin_message();
        self.text = Arc::from(text);
        let result = self.try_parse(name, text, parameter_types);
        self.checked(result)
    }

    fn try_parse(&mut self, name: &str, text: &str, parameter_types: &[Oid]) -> Result<()> {
        if !name.is_empty() && self.prepared.contains_key(name) {
            let text = format!("prepared statement \"{name}\" already exists");
            return Err(SqlError::new(SqlState::DUPLICATE_PREPARED_STATEMENT, text));
        }
        let mut statements = borealis_sql::parse::parse(text, self.cluster.dialect)?;
        if statements.len() > 1 {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement"));
        }
        let prepared = self.prepare(text, statements.pop(), parameter_types)?;
        self.prepared.insert(name.to_owned(), Arc::new(prepared));
        Ok(())
    }

    /// Describe of a statement: parameter types and columns.
    ///
    /// # Errors
    /// `26000` for an unknown name.
    pub fn describe_statement(&mut self, name: &str) -> Result<(Vec<Oid>, Option<Arc<[OutputColumn]>>)> {
        let found = self.find_prepared(name).map(|prepared| (prepared.parameter_types(), prepared.columns()));
        self.checked(found)
    }

    /// Describe of a portal: columns.
    ///
    /// # Errors
    /// `34000` for an unknown name.
    pub fn describe_portal(&mut self, name: &str) -> Result<Option<Arc<[OutputColumn]>>> {
        let found = self.portals.get(name).map(Portal::columns).ok_or_else(|| no_portal(name));
        self.checked(found)
    }

    /// Bind: makes a portal of a prepared statement.
    ///
    /// # Errors
    /// Unknown statement, wrong number of parameters, values that cannot be read.
    pub fn bind(&mut self, portal: &str, statement: &str, parameters: &[RawParameter<'_>]) -> Result<()> {
        self.begin_message();
        let result = self.try_bind(portal, statement, parameters);
        self.checked(result)
    }

    fn try_bind(&mut self, name: &str, statement: &str, parameters: &[RawParameter<'_>]) -> Result<()> {
        if !name.is_empty() && self.portals.contains_key(name) {
            return Err(SqlError::new(SqlState::DUPLICATE_CURSOR, format!("cursor \"{name}\" already exists")));
        }
        let prepared = self.find_prepared(statement)?;
        self.text = prepared.text.clone();
        self.refuse_in_failed_block(prepared.ends_transaction())?;
        let values = self.read_parameters(&prepared, statement, parameters)?;
        let portal = self.portal_for(prepared, values)?;
        self.portals.insert(name.to_owned(), portal);
        Ok(())
    }

    /// Execute: runs a portal until it is done, `max_rows` (0: all) are given, or the sink is full. With `ends` the implicit transaction, if it is one, is
    /// committed before the tag is returned, so that a conflict is the statement's own answer.
    ///
    /// # Errors
    /// Whatever the statement ends with.
    pub async fn execute(&mut self, portal: &str, max_rows: usize, ends: bool, sink: &mut dyn Sink) -> Result<Executed> {
        let result = self.try_execute(portal, max_rows, ends, sink).await;
        self.report_parameters(sink);
        self.checked(result)
    }

    /// Sync, or the end of a simple query: ends the implicit transaction.
    ///
    /// # Errors
    /// A conflict, or a limit of the transaction.
    pub async fn sync(&mut self) -> Result<()> {
        if self.block != Block::Implicit {
            return Ok(());
        }
        let result = self.finish_implicit().await;
        self.portals.clear();
        self.checked(result)
    }

    /// The client's message could not be handled (protocol error, failed COPY): the same as an error of a statement.
    pub fn fail(&mut self) {
        self.abort();
    }

    /// Closes a prepared statement; an unknown one is no error.
    pub fn close_statement(&mut self, name: &str) {
        self.prepared.remove(name);
    }

    /// Closes a portal; an unknown one is no error.
    pub fn close_portal(&mut self, name: &str) {
        self.portals.remove(name);
    }

    /// A message that starts something: its time is the statement's, and a cancel request for what ran before is void.
    fn begin_message(&mut self) {
        self.interrupt.clear();
        self.statement_start = self.cluster.now();
    }

    fn checked<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.severed |= error.sqlstate() == SqlState::CONNECTION_FAILURE;
            self.abort();
        }
        result
    }

    /// An error ends the implicit transaction, or makes the block a failed one.
    fn abort(&mut self) {
        self.active = None;
        self.turn = None;
        // A panic in a SECURITY DEFINER function leaves its owner's rights behind.
        self.acting.set(None);
        self.copy = None;
        self.portals.clear();
        if self.block == Block::Implicit {
            self.start = None;
            self.parameters.get_mut().end(false);
        } else {
            self.block = Block::Failed;
        }
    }

    fn find_prepared(&self, name: &str) -> Result<Arc<Prepared>> {
        self.prepared.get(name).cloned().ok_or_else(|| {
            let text = if name.is_empty() {
                "unnamed prepared statement does not exist".to_owned()
            } else {
                format!("prepared statement \"{name}\" does not exist")
            };
            SqlError::new(SqlState::INVALID_SQL_STATEMENT_NAME, text)
        })
    }

    fn refuse_in_failed_block(&self, ends_transaction: bool) -> Result<()> {
        if self.block == Block::Failed && !ends_transaction { Err(transaction::in_failed_block()) } else { Ok(()) }
    }

    fn reported_now(&self) -> Vec<(&'static str, String)> {
        let reported = parameters::REPORTED.iter().filter_map(|name| self.parameters.borrow().show(name).ok());
        let mut reported: Vec<_> = reported.collect();
        reported.push(("session_authorization", self.role.name.clone()));
        reported
    }

    fn report_parameters(&mut self, sink: &mut dyn Sink) {
        if !self.parameters.get_mut().take_changed() {
            return;
        }
        let now = self.reported_now();
        for (before, after) in self.reported.iter().zip(&now) {
            if before != after {
                sink.parameter(after.0, &after.1);
            }
        }
        self.reported = now;
        if let (Ok((_, name)), Some(entry)) = (self.parameters.get_mut().show("application_name"), &self.entry) {
            self.application_name = name.as_str().into();
            *entry.application_name.lock().unwrap_or_else(PoisonError::into_inner) = name;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.entry.is_some() {
            self.cluster.registry.remove(self.pid);
        }
    }
}

fn no_portal(name: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_CURSOR_NAME, format!("portal \"{name}\" does not exist"))
}
