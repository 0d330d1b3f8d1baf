//! A service with a clock, a hosting and a folder of its own, spoken to without a socket.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use borealis_auth::{Arn, IdentityPolicy, Principal};
use borealis_base::{ManualClock, SeededRandom};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::hosting::Shelf;
use crate::api::access::{Authentication, Caller};
use crate::api::{Parts, Service, Settings, handle};
use crate::registry::Registry;
use crate::streaming::Streaming;

/// 2026-09-22, a little after midnight.
const START_MICROS: i64 = 1_790_035_200_250_000;

pub(crate) struct World {
    runtime: Runtime,
    folder: TempDir,
    pub(super) clock: Arc<ManualClock>,
    pub(super) hosting: Arc<Shelf>,
    streaming: Option<Streaming>,
    pub(super) service: Option<Service>,
    /// Whose requests they are.
    pub(super) caller: Principal,
    seed: u64,
}

/// Status, exception, body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) exception: Option<String>,
    pub(crate) body: Value,
}

impl World {
    pub(crate) fn new(streaming: impl FnOnce(&Path, Arc<ManualClock>) -> Option<Streaming>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(START_MICROS));
        let streaming = streaming(folder.path(), clock.clone());
        let mut world = Self {
            runtime: Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime"),
            folder,
            clock,
            hosting: Arc::default(),
            streaming,
            service: None,
            caller: caller("123456789012", "us-east-1", IdentityPolicy::allowing(["dsql:*"])),
            seed: 1,
        };
        world.restart();
        world
    }

    /// Ends the process and starts the next on the same folder.
    pub(crate) fn restart(&mut self) {
        self.service = None;
        self.seed += 1;
        let clock: Arc<ManualClock> = self.clock.clone();
        let parts = Parts {
            registry: Arc::new(Registry::open(&self.folder.path().join("control"), clock.clone()).expect("opens")),
            hosting: self.hosting.clone(),
            // Each request says who it is from.
            authentication: Authentication::Trust { region: "us-east-1".to_owned() },
            streaming: self.streaming.clone(),
            clock,
            random: Arc::new(SeededRandom::new(self.seed)),
        };
        let settings = Settings { single_region_clusters_max: 4, multi_region_clusters_max: 2, streams_max: 3, ..Settings::default() };
        self.service = Some(Service::start(parts, settings));
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn settle(&self) {
        self.service.as_ref().expect("runs").settle();
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn send(&self, method: &str, target: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(target).body(Body::from(body.to_owned())).expect("a request");
        self.exchange(request)
    }

    pub(super) fn exchange(&self, mut request: Request) -> Answer {
        let inner = self.service.as_ref().expect("runs").inner.clone();
        request.extensions_mut().insert(Caller(self.caller.clone()));
        let response = self.runtime.block_on(handle(State(inner), request));
        let status = response.status();
        assert_eq!(response.headers()["x-amzn-requestid"].len(), 26);
        let exception = response.headers().get("x-amzn-errortype").map(|name| name.to_str().expect("ASCII").to_owned());
        let bytes = self.runtime.block_on(to_bytes(response.into_body(), 1 << 24)).expect("a body");
        Answer { status, exception, body: serde_json::from_slice(&bytes).expect("a JSON body") }
    }
}

pub(super) fn caller(account: &str, region: &str, permissions: IdentityPolicy) -> Principal {
    Principal {
        access_key_id: "AKIATEST".to_owned(),
        arn: Arn::user(account, "tester"),
        session_name: None,
        region: region.to_owned(),
        permissions: Arc::new(permissions),
    }
}
