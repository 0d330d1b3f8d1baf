use crate::testing::{TestCluster, TestSession};

const SAME_BY_INDEX_AND_BY_SCAN: &str = "SELECT count(*) FROM t WHERE v >= ''";

/// Counts rows through the index and without it.
fn check_index(session: &mut TestSession, expected: u64) {
    let by_index = session.run(SAME_BY_INDEX_AND_BY_SCAN);
    session.run("SET enable_indexscan = off; SET enable_indexonlyscan = off");
    let by_scan = session.run(SAME_BY_INDEX_AND_BY_SCAN);
    session.run("RESET ALL");
    assert_eq!(by_index, format!("{expected}\nSELECT 1"));
    assert_eq!(by_index, by_scan);
}

fn job_id(answer: &str) -> String {
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_build_survives_a_restart_and_writers_that_came_between() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = TestCluster::folder(folder.path());
    let mut session = first.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    session.run("INSERT INTO t SELECT g, 'value ' || g FROM generate_series(1, 2000) g");
    // Nobody works on the job until the next start.
    first.cluster.close();
    drop(session);
    let mut session = first.session();
    let id = job_id(&session.run("CREATE INDEX ASYNC t_v ON t (v)"));
    session.check(&[
        ("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass", "f\nSELECT 1"),
        (
            "SELECT status, job_type, object_name, update_time FROM sys.jobs WHERE job_type <> 'ANALYZE'",
            "submitted|INDEX_BUILD|public.t_v|\nSELECT 1",
        ),
        ("UPDATE t SET v = 'changed' WHERE id % 100 = 0", "UPDATE 20"),
        ("DELETE FROM t WHERE id % 100 = 1", "DELETE 20"),
        ("INSERT INTO t VALUES (3000, 'new')", "INSERT 0 1"),
    ]);
    drop(session);
    drop(first);

    let second = TestCluster::folder(folder.path());
    let mut session = second.session();
    assert_eq!(session.run(&format!("CALL sys.wait_for_job('{id}')")), "t\nCALL");
    session.check(&[
        ("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass", "t\nSELECT 1"),
        ("SELECT status, details FROM sys.jobs WHERE job_type = 'INDEX_BUILD'", "completed|\nSELECT 1"),
        ("SELECT count(*) FROM t WHERE v = 'changed'", "20\nSELECT 1"),
    ]);
    check_index(&mut session, 1981);
    second.cluster.close();
}

#[test]
fn a_unique_build_over_duplicates_fails_and_goes_on_refusing_them() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    session.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'a')");
    let id = job_id(&session.run("CREATE UNIQUE INDEX ASYNC t_v ON t (v)"));
    session.check(&[
        (&format!("CALL sys.wait_for_job('{id}')"), "f\nCALL"),
        ("SELECT status, details FROM sys.jobs", "failed|found duplicate key(s) while validating index uniqueness\nSELECT 1"),
        ("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass", "f\nSELECT 1"),
        ("INSERT INTO t VALUES (4, 'new')", "INSERT 0 1"),
        ("INSERT INTO t VALUES (5, 'new')", "ERROR 23505 duplicate key value violates unique constraint \"t_v\""),
        ("DROP INDEX t_v", "DROP INDEX"),
        ("INSERT INTO t VALUES (5, 'new')", "INSERT 0 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn a_dropped_table_leaves_no_storage() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE)");
    session.run("INSERT INTO t SELECT g, g::text FROM generate_series(1, 3000) g");
    let table: u32 = job_id(&session.run("SELECT 't'::regclass::oid")).parse().expect("an oid");
    let index: u32 = job_id(&session.run("SELECT 't_v_key'::regclass::oid")).parse().expect("an oid");
    session.run("DROP TABLE t");
    for job in session.run("SELECT job_id FROM sys.jobs").lines().filter(|line| line.len() == 26) {
        assert_eq!(session.run(&format!("CALL sys.wait_for_job('{job}')")), "t\nCALL");
    }
    let snapshot = cluster.cluster.store.snapshot();
    for object in [table, index] {
        let range = borealis_storage::KeyRange::prefix(object.to_be_bytes().to_vec());
        let mut scan = snapshot.scan(range, borealis_storage::Direction::Forward);
        assert!(scan.next().expect("readable").is_none(), "object {object} still has entries");
    }
    cluster.cluster.close();
}

#[test]
fn jobs_that_are_over_disappear_half_an_hour_later() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    let old = job_id(&session.run("CREATE INDEX ASYNC a ON t (v)"));
    assert_eq!(session.run(&format!("CALL sys.wait_for_job('{old}')")), "t\nCALL");
    cluster.clock.advance(std::time::Duration::from_secs(31 * 60));
    let new = job_id(&session.run("CREATE INDEX ASYNC b ON t (v)"));
    assert_eq!(session.run(&format!("CALL sys.wait_for_job('{new}')")), "t\nCALL");
    assert_eq!(session.run("SELECT job_id FROM sys.jobs"), format!("{new}\nSELECT 1"));
    cluster.cluster.close();
}

#[test]
fn a_build_is_cancelled_when_its_index_is_dropped_on_the_way() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    session.run("INSERT INTO t SELECT g, 'value ' || g FROM generate_series(1, 2000) g");
    // Nobody works on jobs any more: the test does it, batch by batch.
    cluster.cluster.close();
    let mut session = cluster.session();
    let under_way = job_id(&session.run("CREATE INDEX ASYNC a ON t (v)"));
    let waiting = job_id(&session.run("CREATE INDEX ASYNC b ON t (v)"));
    assert!(!super::worker::step_once(&cluster.cluster, under_way.parse().expect("an id")).expect("a batch"));
    session.check(&[("DROP INDEX a", "DROP INDEX"), ("DROP INDEX b", "DROP INDEX")]);
    for job in [&under_way, &waiting] {
        assert!(super::worker::step_once(&cluster.cluster, job.parse().expect("an id")).expect("the end"));
    }
    let row = |id: &str| format!("SELECT status, details, object_name FROM sys.jobs WHERE job_id = '{id}'");
    session.check(&[
        (&row(&under_way), "cancelled|relation \"public.a\" does not exist|\nSELECT 1"),
        (&row(&waiting), "completed|relation \"public.b\" does not exist|\nSELECT 1"),
        (&format!("CALL sys.wait_for_job('{under_way}')"), "f\nCALL"),
        (&format!("CALL sys.wait_for_job('{waiting}')"), "t\nCALL"),
    ]);
}

#[test]
fn a_role_sees_the_jobs_of_its_own_objects() {
    let cluster = TestCluster::memory();
    let mut admin = cluster.session();
    admin.run("CREATE SCHEMA own; ");
    admin.run("CREATE ROLE worker WITH LOGIN");
    admin.run("GRANT worker TO admin");
    admin.run("ALTER SCHEMA own OWNER TO worker");
    admin.run("CREATE TABLE public.secret (id int PRIMARY KEY, v text)");
    let hidden = job_id(&admin.run("CREATE INDEX ASYNC i ON public.secret (v)"));
    // Its end is a change of the catalog too, which would defeat the ones below.
    admin.wait_for_jobs();
    let options = crate::SessionOptions { user: "worker".to_owned(), parameters: Vec::new() };
    let mut worker = TestSession(crate::Session::open(&cluster.cluster, &options).expect("worker may connect"));
    assert_eq!(worker.run("CREATE TABLE own.t (id int PRIMARY KEY, v text)"), "CREATE TABLE");
    let visible = job_id(&worker.run("CREATE INDEX ASYNC j ON own.t (v)"));
    assert_eq!(worker.run("SELECT job_id FROM sys.jobs"), format!("{visible}\nSELECT 1"));
    assert_eq!(
        admin
            .run("SELECT job_id FROM sys.jobs ORDER BY start_time, job_id")
            .lines()
            .filter(|line| **line == hidden || **line == visible)
            .count(),
        2
    );
    cluster.cluster.close();
}

#[test]
fn waiting_for_what_is_no_job() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.check(&[
        ("CALL sys.wait_for_job('no-such-job')", "ERROR 22P02 Unable to convert text to UUID"),
        ("CALL sys.wait_for_job((SELECT 'x'))", "ERROR 0A000 cannot use subquery in CALL argument"),
        ("SELECT sys.wait_for_job('x')", "ERROR 42809 sys.wait_for_job(text) is a procedure"),
        ("CALL sys.wait_for_job(NULL)", "ERROR 22P02 Unable to convert text to UUID"),
        ("CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa')", "ERROR 42704 job \"aaaaaaaaaaaaaaaaaaaaaaaaaa\" does not exist"),
    ]);
    cluster.cluster.close();
}
