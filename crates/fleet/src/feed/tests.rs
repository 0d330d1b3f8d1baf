use std::sync::Arc;

use borealis_base::{ManualClock, OsRandom};
use borealis_dialect::Lowered;
use borealis_engine::{Cluster, Executed, Session, SessionOptions, Sink};
use borealis_pgserver::ClusterDirectory as _;
use borealis_pgtypes::numeric::Numeric;
use borealis_pgtypes::{Interval, Result, SqlError};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::fleet::{FleetOptions, Home};
use crate::layout::Layout;

const READER: Id26 = Id26([7; 16]);
const SHORT: Duration = Duration::from_millis(30);
const IDLE: Duration = Duration::from_secs(60);

/// A data folder with a fleet and its feed.
struct Rig {
    data: TempDir,
    clock: Arc<ManualClock>,
    runtime: Runtime,
    fleet: Arc<Fleet>,
    feed: Feed,
}

impl Rig {
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(1_790_000_000_000_000));
        let fleet = fleet(&data, &clock);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        Self { feed: Feed::new(&fleet), data, clock, runtime, fleet }
    }

    /// Ends the process and starts the next one.
    fn restart(self) -> Self {
        let Self { data, clock, runtime, fleet, feed } = self;
        fleet.close(Duration::from_secs(5));
        drop((feed, fleet));
        let fleet = self::fleet(&data, &clock);
        Self { feed: Feed::new(&fleet), data, clock, runtime, fleet }
    }

    fn make(&self, shares: Option<Id26>) -> Id26 {
        let cluster = Id26::random(&OsRandom);
        self.fleet.create(cluster, shares).expect("made");
        cluster
    }

    /// Runs statements through an endpoint.
    fn run(&self, endpoint: Id26, statements: &[&str]) {
        let lease = self.runtime.block_on(self.fleet.lease(endpoint)).unwrap_or_else(|_| panic!("{endpoint} does not open"));
        statements.iter().for_each(|statement| self.runtime.block_on(execute(lease.cluster(), statement)).expect(statement));
    }

    /// Moves time on and lets what is idle rest; waits for what the cluster still does.
    fn rest(&self, cluster: Id26) {
        self.clock.advance(IDLE * 2);
        while self.fleet.is_open(cluster) {
            self.fleet.close_idle();
        }
    }

    /// What has committed since, as table, operation and first value; and up to where that goes.
    fn read(&self, database: Id26, after: u64) -> (Vec<String>, u64) {
        let batch = self.feed.read(database, after, 1 << 20, SHORT).expect("reads");
        let shown = |change: &told::Change| match &change.op {
            told::Op::Create(row) => format!("{} + {:?}", change.table, row[0].1),
            told::Op::Update(row) => format!("{} ~ {:?}", change.table, row[0].1),
            told::Op::Delete(key) => format!("{} - {:?}", change.table, key.as_ref().map(|key| &key[0].1)),
        };
        let changes = batch.transactions.iter().flat_map(|transaction| &transaction.changes);
        (changes.map(shown).collect(), batch.position)
    }
}

fn fleet(data: &TempDir, clock: &Arc<ManualClock>) -> Arc<Fleet> {
    let home = Home::Folder(Layout::open(data.path()).expect("locks"));
    let (clock, random) = (clock.clone(), Arc::new(OsRandom));
    Fleet::open(FleetOptions { home, dialect: None, limits: Lowered::default(), idle_after: IDLE, clock, random }).expect("opens")
}

/// Takes no notice.
struct Nobody;

impl Sink for Nobody {
    fn row(&mut self, _: &[Datum]) -> Result<()> {
        Ok(())
    }

    fn wants_text(&self, _: usize) -> bool {
        false
    }

    fn copy_data(&mut self, _: &[u8]) {}

    fn notice(&mut self, _: &SqlError) {}

    fn parameter(&mut self, _: &str, _: &str) {}

    fn is_full(&self) -> bool {
        false
    }
}

async fn execute(cluster: &Arc<Cluster>, sql: &str) -> Result<()> {
    let options = SessionOptions { user: "admin".to_owned(), parameters: Vec::new() };
    let mut session = Session::open(cluster, &options)?;
    for parsed in session.parse_script(sql)? {
        session.open_statement(sql, parsed)?;
        while !matches!(session.execute("", 0, true, &mut Nobody).await?, Executed::Complete(_)) {}
    }
    session.sync().await
}

#[test]
fn a_stream_lets_its_database_rest_and_misses_nothing() {
    let mut rig = Rig::new();
    let cluster = rig.make(None);
    rig.run(cluster, &["CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)"]);
    let begun = rig.feed.begin(cluster, READER).expect("noted");
    assert_eq!(rig.read(cluster, begun), (vec![], begun));
    rig.run(cluster, &["INSERT INTO t VALUES (2)", "UPDATE t SET id = 3 WHERE id = 2"]);
    let (changes, taken) = rig.read(cluster, begun);
    assert_eq!(changes, ["t + Integer(2)", "t - Some(Integer(2))", "t + Integer(3)"]);
    rig.feed.advance(cluster, READER, taken);
    rig.rest(cluster);
    let newest = rig.fleet.database(cluster).expect("there").rest_position().expect("at rest");
    let (changes, position) = rig.read(cluster, taken.max(newest));
    assert_eq!((changes.len(), rig.fleet.is_open(cluster)), (0, false), "nothing to open it for");
    // One that is behind has it opened.
    let (changes, _) = rig.read(cluster, begun);
    assert_eq!((changes.len(), rig.fleet.is_open(cluster)), (3, true));
    rig.run(cluster, &["DELETE FROM t WHERE id = 1"]);
    rig = rig.restart();
    assert_eq!(rig.read(cluster, position).0, ["t - Some(Integer(1))"]);
    assert_eq!(rig.feed.begin(cluster, READER), Ok(taken), "where it was");
    rig.feed.end(cluster, READER);
    rig.feed.begin(Id26([1; 16]), READER).expect_err("there is no such database");
}

#[test]
fn a_database_has_one_feed_for_all_its_endpoints() {
    let rig = Rig::new();
    let owner = rig.make(None);
    rig.run(owner, &["CREATE TABLE t (id int PRIMARY KEY)"]);
    let peer = rig.make(Some(owner));
    let begun = rig.feed.begin(owner, READER).expect("noted");
    rig.run(peer, &["INSERT INTO t VALUES (1)"]);
    rig.run(owner, &["INSERT INTO t VALUES (2)"]);
    let (changes, position) = rig.read(owner, begun);
    assert_eq!(changes, ["t + Integer(1)", "t + Integer(2)"]);
    // The database outlives the endpoint that it is called by.
    rig.fleet.delete(owner).expect("deleted");
    rig.run(peer, &["INSERT INTO t VALUES (3)"]);
    assert_eq!(rig.read(owner, position).0, ["t + Integer(3)"]);
}

#[test]
fn transactions_have_one_identifier_however_often_they_are_told() {
    let transaction = |position| Transaction { position, time_ns: 5, rows: Vec::new() };
    let id = |database, position| translate(database, &transaction(position)).expect("told").id;
    let (one, other) = (Id26([1; 16]), Id26([2; 16]));
    assert_eq!(id(one, 9), id(one, 9));
    assert!(id(one, 9) != id(one, 10) && id(one, 9) != id(other, 9));
}

#[test]
fn values_become_what_a_record_has_for_them() {
    let tell = |ty, datum| self::datum(&Value { column: "v".into(), ty, datum }).expect("told");
    assert_eq!(tell(Oid::FLOAT4, Datum::Float4(0.1)), told::Datum::Float(0.1));
    assert_eq!(
        tell(Oid::NUMERIC, Datum::Numeric(Arc::new(Numeric::parse("1.50").expect("a number")))),
        told::Datum::Numeric("1.50".to_owned())
    );
    assert_eq!(tell(Oid::BPCHAR, Datum::Text("ab  ".into())), told::Datum::Padded("ab  ".to_owned()));
    assert_eq!(tell(Oid::DATE, Datum::Date(0)), told::Datum::Date(10_957));
    assert_eq!(tell(Oid::TIMESTAMP, Datum::Timestamp(0)), told::Datum::Timestamp(Moment::At(946_684_800_000_000)));
    assert_eq!(tell(Oid::TIMESTAMPTZ, Datum::TimestampTz(i64::MAX)), told::Datum::Timestamp(Moment::Infinity));
    assert_eq!(tell(Oid::TIMESTAMP, Datum::Timestamp(i64::MIN)), told::Datum::Timestamp(Moment::NegativeInfinity));
    let interval = Interval { months: 1, days: 2, micros: 3 };
    assert_eq!(tell(Oid::INTERVAL, Datum::Interval(interval)), told::Datum::Interval(1, 2, 3));
    let uuid = told::Datum::Uuid("00000000-0000-0000-0000-000000000000".to_owned());
    assert_eq!(tell(Oid::UUID, Datum::Uuid([0; 16])), uuid);
    assert_eq!(tell(Oid::JSON, Datum::Json("{\"a\": 1}".into())), told::Datum::Json("{\"a\": 1}".to_owned()));
}
