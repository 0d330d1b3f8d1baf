//! One call of a tool: its database, its time, and what its client hears meanwhile.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use borealis_client::{Committed, End, Event, Limits, Mode, Statement, Stopped, Transaction, TransactionError, Watch};
use borealis_sql::guard::{Enforcement, Guard};
use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::service::{Service, Target};
use crate::session::Session;
use crate::tenant::{self, Facts};

const NOT_CONFIGURED: &str =
    "Database not configured. Please start the server with an endpoint: borealis mcp --endpoint HOST --user USER --region REGION.";

/// How often a client that asked for progress hears of a statement that runs.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// A call on its way.
pub(crate) struct Call {
    pub(crate) service: Arc<Service>,
    pub(crate) session: Arc<Session>,
    context: RequestContext<RoleServer>,
    /// The tenant that the client's token is for.
    tenant: Option<String>,
    target: Option<Arc<Target>>,
}

impl Call {
    pub(crate) fn new(service: Arc<Service>, session: Arc<Session>, tenant: Option<String>, context: RequestContext<RoleServer>) -> Self {
        Self { service, session, context, tenant, target: None }
    }

    /// The database that the call names, among those registered; without a name the only one.
    pub(crate) fn choose_target(&mut self, name: Option<Value>) -> Result<(), Failure> {
        let targets = &self.service.targets;
        self.target = match name {
            None | Some(Value::Null) if targets.len() <= 1 => targets.first().cloned(),
            None | Some(Value::Null) => return Err(self.no_target("several databases are configured: say which one is meant with target")),
            Some(Value::String(name)) => match targets.iter().find(|target| target.name == name) {
                Some(target) => Some(Arc::clone(target)),
                None => return Err(self.no_target(&format!("\"{name}\" is not among the configured databases"))),
            },
            Some(_) => return Err(self.no_target("target is a text")),
        };
        Ok(())
    }

    fn no_target(&self, what: &str) -> Failure {
        Failure::call(format!("{what} ({})", self.service.target_names().join(", ")))
    }

    pub(crate) fn target(&self) -> Result<&Target, Failure> {
        self.target.as_deref().ok_or_else(|| Failure::call(NOT_CONFIGURED))
    }

    /// The database, for a tool that writes by other ways than an agent's statements.
    pub(crate) async fn writable(&self) -> Result<&Target, Failure> {
        let target = self.target()?;
        if !target.allow_writes {
            return Err(Failure::call("this database is registered for reading only"));
        }
        target.prove_read_only().await?;
        Ok(target)
    }

    /// Runs statements of this server's own, which read the catalogs, in one snapshot.
    pub(crate) async fn read(&self, statements: Vec<Statement>) -> Result<Committed, Failure> {
        let count = statements.len();
        let transaction = Transaction { statements, mode: Mode::ReadOnly, end: End::Rollback, limits: self.service.options.limits };
        let done = self.transact(&transaction).await;
        done.map_err(|error| Failure::transaction(&error, Mode::ReadOnly, count))
    }

    /// Runs an agent's statements, held to its tenant's rows if it has one.
    pub(crate) async fn run(&self, statements: Vec<Statement>, mode: Mode, end: End) -> Result<Committed, Failure> {
        self.target()?.prove_read_only().await?;
        let count = statements.len();
        let (statements, ours) = match self.guard()? {
            None => (statements, 0),
            Some(guard) => self.guarded(statements, &guard).await?,
        };
        let limits: Limits = self.service.options.limits;
        let transaction = Transaction { statements, mode, end, limits };
        match self.transact(&transaction).await {
            Ok(mut done) => {
                done.outcomes.drain(..ours);
                Ok(done)
            }
            Err(mut error) => {
                error.statement = error.statement.map(|statement| statement.saturating_sub(ours));
                Err(Failure::transaction(&error, mode, count))
            }
        }
    }

    /// What the client's statements are held to.
    pub(crate) fn guard(&self) -> Result<Option<Guard>, Failure> {
        let Some(tenancy) = &self.service.options.tenancy else { return Ok(None) };
        match tenancy.guard(self.tenant.as_deref()) {
            Some(guard) => Ok(Some(guard)),
            None => Err(Failure::call("this client has no tenant, and the server serves each client the rows of its tenant only")),
        }
    }

    /// The statements with what confines them, and how many of them, at the beginning, are not the agent's.
    async fn guarded(&self, mut statements: Vec<Statement>, guard: &Guard) -> Result<(Vec<Statement>, usize), Failure> {
        match self.target()?.enforcement().await? {
            Enforcement::Engine => {
                statements.insert(0, tenant::beginning(guard));
                Ok((statements, 1))
            }
            Enforcement::Text => {
                let answers = self.read(tenant::questions()).await?.outcomes;
                let facts =
                    Facts::of(&answers).ok_or_else(|| Failure::call("the database's catalog answers in a way that is not known"))?;
                Ok((tenant::confined(statements, guard, &Arc::new(facts))?, 0))
            }
        }
    }

    async fn transact(&self, transaction: &Transaction) -> Result<Committed, TransactionError> {
        let target = self.target().map_err(|_| TransactionError {
            error: borealis_client::ClientError::Endpoint(NOT_CONFIGURED.to_owned()),
            attempts: 0,
            statement: None,
        })?;
        let (tell, heard) = mpsc::unbounded_channel();
        let events = move |event: Event<'_>| {
            // Nobody listens any more once the call is done.
            let _ = tell.send(News::of(&event));
        };
        let watch = Watch { events: &events, stop: pin!(self.stop(self.service.options.time_limit)) };
        let work = target.database.transact_watched(transaction, watch);
        self.accompany(work, heard, transaction.statements.len()).await
    }

    /// Ready when the client has cancelled the call, or after so much time.
    pub(crate) async fn stop(&self, limit: Duration) -> Stopped {
        tokio::select! {
            () = self.context.ct.cancelled() => Stopped::Cancelled,
            () = tokio::time::sleep(limit) => Stopped::TimeLimit(limit),
        }
    }

    /// Waits for the work, and tells the client of it if it wants to hear.
    async fn accompany<T>(&self, work: impl Future<Output = T>, mut heard: mpsc::UnboundedReceiver<News>, statements: usize) -> T {
        let mut work = pin!(work);
        if self.context.meta.get_progress_token().is_none() {
            return work.await;
        }
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + PROGRESS_EVERY, PROGRESS_EVERY);
        let (mut steps, mut seconds, mut running) = (0.0, 0, 1);
        loop {
            let message = tokio::select! {
                biased;
                done = &mut work => return done,
                Some(news) = heard.recv() => match news {
                    News::Running(statement) => {
                        running = statement + 1;
                        continue;
                    }
                    News::Again(what) => what,
                },
                _ = ticks.tick() => {
                    seconds += PROGRESS_EVERY.as_secs();
                    format!("statement {running} of {statements} is running, {seconds} s after the start")
                }
            };
            steps += 1.0;
            self.progress(steps, None, message).await;
        }
    }

    /// Waits for work that keeps account of itself, and tells the client how far it is; `None` when the client has cancelled the call, and then the work
    /// has been left where it was.
    pub(crate) async fn follow<T>(&self, work: impl Future<Output = T>, how_far: impl Fn() -> Option<Step>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                () = self.context.ct.cancelled() => return None,
                () = tokio::time::sleep(PROGRESS_EVERY) => {}
            }
            if let Some(Step { done, total, message }) = how_far() {
                #[allow(clippy::cast_precision_loss)] // a bar need not be right to the byte
                self.progress(done as f64, total.map(|total| total as f64), message).await;
            }
        }
    }

    /// Tells the client how far the call is, if it has asked.
    pub(crate) async fn progress(&self, progress: f64, total: Option<f64>, message: String) {
        let Some(token) = self.context.meta.get_progress_token() else { return };
        let mut param = ProgressNotificationParam::new(token, progress).with_message(message);
        param.total = total;
        // A client that has gone hears nothing; the call ends by itself.
        let _ = self.context.peer.notify_progress(param).await;
    }
}

/// How far work is.
pub(crate) struct Step {
    pub(crate) done: u64,
    /// Of how many, if that is known.
    pub(crate) total: Option<u64>,
    pub(crate) message: String,
}

/// What of an event is told.
enum News {
    Running(usize),
    Again(String),
}

impl News {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Running { attempt: _, statement } => Self::Running(*statement),
            Event::Again { attempt, because, after } => {
                Self::Again(format!("attempt {attempt} failed ({because}); running again in {} ms", after.as_millis()))
            }
        }
    }
}
