//! The cluster API alone, over plain HTTP on the loopback address, with clusters that are a name and nothing else: for tests of the API with
//! AWS's own tools, and for measuring it. `control_plane DIR [CLUSTERS]` keeps its registry and keys in DIR, makes CLUSTERS clusters there at the
//! start, and prints `ready control=URL credentials=PATH`.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use borealis_auth::{KeyStore, LOCAL_ACCOUNT, LiveKeyStore};
use borealis_base::{Clock, Id26, OsRandom, Random, SystemClock};
use borealis_control::{Activity, Authentication, Home, Hosting, HostingError, Parts, Registry, Service, Settings, serve};

/// Clusters without storage.
#[derive(Default)]
struct Names(Mutex<BTreeSet<Id26>>);

impl Hosting for Names {
    fn create(&self, cluster: Id26, _shares: Option<Id26>) -> Result<(), HostingError> {
        self.0.lock().map_err(|_| HostingError::Refused("a panic before".to_owned()))?.insert(cluster);
        Ok(())
    }

    fn delete(&self, cluster: Id26) -> Result<(), HostingError> {
        self.0.lock().map_err(|_| HostingError::Refused("a panic before".to_owned()))?.remove(&cluster);
        Ok(())
    }

    fn exists(&self, cluster: Id26) -> bool {
        self.0.lock().is_ok_and(|names| names.contains(&cluster))
    }

    fn activity(&self, _cluster: Id26) -> Activity {
        Activity::AtRest
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: control_plane DIR [CLUSTERS]")?);
    let clusters: usize = arguments.next().map_or(Ok(0), |count| count.to_string_lossy().parse())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let credentials = folder.join("credentials");
    KeyStore::create_default(&credentials, random.as_ref(), clock.unix_micros().div_euclid(1_000_000))?;
    let registry = Arc::new(Registry::open(&folder.join("control"), clock.clone())?);
    let home = Home { account: LOCAL_ACCOUNT.to_owned(), region: "us-east-1".to_owned() };
    for _ in registry.clusters().len()..clusters {
        registry.adopt(Id26::random(random.as_ref()), home.clone())?;
    }
    let parts = Parts {
        registry,
        hosting: Arc::new(Names::default()),
        authentication: Authentication::Iam(Arc::new(LiveKeyStore::load(&credentials)?)),
        streaming: None,
        clock,
        random,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("ready control=http://{} credentials={}", listener.local_addr()?, credentials.display());
        std::io::stdout().flush()?;
        serve(listener, None, Service::start(parts, Settings::default()).router(), std::future::pending()).await?;
        Ok(())
    })
}
