//! What one process serves: the databases that the operator has registered, and the bounds on what is done with them.

use std::sync::Arc;

use borealis_base::{OsRandom, SystemClock};
use borealis_client::{Database, End, Limits, Mode, Statement, Transaction};
use borealis_guide::Guide;
use borealis_sql::guard::Enforcement;
use tokio::sync::OnceCell;

use crate::failure::Failure;
use crate::registry::Registry;
use crate::{Options, tenant, tools};

/// A database under the operator's name for it.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) database: Database,
    pub(crate) allow_writes: bool,
    /// Set once a write in a read-only transaction has been seen to fail.
    proof: OnceCell<()>,
    /// Who holds statements to a tenant's rows, once that was found out.
    enforcement: OnceCell<Enforcement>,
}

/// The parts that all sessions share.
pub(crate) struct Service {
    pub(crate) options: Options,
    pub(crate) targets: Vec<Arc<Target>>,
    pub(crate) guide: Guide,
}

/// A statement that must fail: were it to succeed, it would be rolled back, and nothing else would be run.
const PROBE: &str = "CREATE TABLE borealis_write_probe (id integer PRIMARY KEY)";

impl Service {
    pub(crate) fn new(options: Options) -> Self {
        let targets = options.targets.iter().map(|target| {
            let mut endpoint = target.endpoint.clone();
            endpoint.application_name = "borealis-mcp".to_owned();
            endpoint.answer_timeout = Some(options.answer_timeout);
            let database = Database::with(endpoint, options.retry, options.pool, Arc::new(SystemClock::default()), Arc::new(OsRandom));
            Arc::new(Target {
                name: target.name.clone(),
                database,
                allow_writes: target.allow_writes,
                proof: OnceCell::new(),
                enforcement: OnceCell::new(),
            })
        });
        Self { targets: targets.collect(), options, guide: Guide::open() }
    }

    pub(crate) fn target_names(&self) -> Vec<&str> {
        self.targets.iter().map(|target| target.name.as_str()).collect()
    }

    pub(crate) fn allows_writes(&self) -> bool {
        self.targets.iter().any(|target| target.allow_writes)
    }

    /// The tools that these options permit.
    pub(crate) fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        tools::register_documentation(&mut registry, self);
        // Who is held to one tenant's rows need not know what else there is.
        if self.options.clusters.is_some() && self.options.tenancy.is_none() {
            tools::register_clusters(&mut registry, self);
        }
        if !self.targets.is_empty() {
            tools::register_database(&mut registry, self);
        }
        // A change of schema acts on all tenants.
        if self.allows_writes() && self.options.tenancy.is_none() {
            tools::register_migration(&mut registry, self);
        }
        // What a file holds is not looked at, so it is not held to a tenant's rows.
        if self.allows_writes() && self.options.data_folder.is_some() && self.options.tenancy.is_none() {
            tools::register_loading(&mut registry, self);
        }
        registry
    }
}

impl Target {
    /// Proves, once, that the database refuses to write in a read-only transaction. A database that cannot be reached is asked again by the next call.
    pub(crate) async fn prove_read_only(&self) -> Result<(), Failure> {
        self.proof.get_or_try_init(|| self.probe()).await.copied()
    }

    /// Who holds a statement to a tenant's rows on this database.
    pub(crate) async fn enforcement(&self) -> Result<Enforcement, Failure> {
        let found = self.enforcement.get_or_try_init(|| tenant::enforcement(&self.database)).await.copied();
        found.map_err(|error| Failure::transaction(&error, Mode::ReadOnly, 1))
    }

    async fn probe(&self) -> Result<(), Failure> {
        let statements = vec![Statement::new(PROBE)];
        let limits = Limits { rows_max: 1, bytes_max: 1024 };
        let probe = Transaction { statements, mode: Mode::ReadOnly, end: End::Rollback, limits };
        match self.database.transact(&probe).await {
            Ok(_) => Err(Failure::call(
                "the database ran a write in a READ ONLY transaction (it was rolled back). Reading is not safe here, and nothing is run",
            )),
            Err(error) if error.error.code() == Some("25006") => Ok(()),
            Err(error) if error.error.server().is_some() && error.statement.is_some() => Err(Failure::call(format!(
                "it could not be proved that the database refuses to write in a READ ONLY transaction, so nothing is run: the write that was to \
                 fail with SQLSTATE 25006 failed otherwise: {error}"
            ))),
            Err(error) => Err(Failure::transaction(&error, Mode::ReadOnly, 1)),
        }
    }
}
