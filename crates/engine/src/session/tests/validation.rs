//! Constraints added NOT VALID and the jobs that validate them.

use crate::testing::{TestCluster, TestSession};

/// Starts a validation, waits for it, and answers what became of it.
fn validate(session: &mut TestSession, table: &str, constraint: &str) -> String {
    let answer = session.run(&format!("ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {constraint}"));
    let job = answer.lines().next().unwrap_or_default().to_owned();
    assert_eq!(answer, format!("{job}\nALTER TABLE"));
    session.run(&format!("CALL sys.wait_for_job('{job}')"));
    session.run(&format!("SELECT status, job_type, details FROM sys.jobs WHERE job_id = '{job}'"))
}

#[test]
fn a_foreign_key_is_validated_later() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.check(&[
        ("CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE"),
        ("CREATE TABLE child (id int PRIMARY KEY, parent int)", "CREATE TABLE"),
        ("INSERT INTO parent VALUES (1)", "INSERT 0 1"),
        ("INSERT INTO child SELECT g, 1 FROM generate_series(1, 2500) g", "INSERT 0 2500"),
        ("INSERT INTO child VALUES (9000, 7)", "INSERT 0 1"),
        ("ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent NOT VALID", "ALTER TABLE"),
        ("INSERT INTO child VALUES (9001, 8)", "ERROR 23503 insert or update on table \"child\" violates foreign key constraint \"fk\""),
        // What was wrong before may stay as long as nobody touches it.
        ("UPDATE child SET id = 9002 WHERE id = 9000", "UPDATE 1"),
        (
            "SELECT convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'fk'",
            "f|FOREIGN KEY (parent) REFERENCES parent(id) NOT VALID\nSELECT 1",
        ),
    ]);
    let text =
        "insert or update on table \"child\" violates foreign key constraint \"fk\": Key (parent)=(7) is not present in table \"parent\".";
    assert_eq!(validate(&mut session, "child", "fk"), format!("failed|VALIDATE_CONSTRAINT|{text}\nSELECT 1"));
    session.check(&[
        ("SELECT convalidated FROM pg_constraint WHERE conname = 'fk'", "f\nSELECT 1"),
        ("INSERT INTO parent VALUES (7)", "INSERT 0 1"),
    ]);
    assert_eq!(validate(&mut session, "child", "fk"), "completed|VALIDATE_CONSTRAINT|\nSELECT 1");
    session.check(&[("SELECT convalidated FROM pg_constraint WHERE conname = 'fk'", "t\nSELECT 1")]);
    assert_eq!(validate(&mut session, "child", "fk"), "completed|VALIDATE_CONSTRAINT|\nSELECT 1");
    cluster.cluster.close();
}

#[test]
fn a_check_is_validated_later() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.check(&[
        ("CREATE TABLE t (id int PRIMARY KEY, v int)", "CREATE TABLE"),
        ("INSERT INTO t SELECT g, g FROM generate_series(1, 2500) g", "INSERT 0 2500"),
        ("INSERT INTO t VALUES (0, -1), (-1, NULL)", "INSERT 0 2"),
        ("ALTER TABLE t ADD CONSTRAINT positive CHECK (v > 0) NOT VALID", "ALTER TABLE"),
    ]);
    let text = "check constraint \"positive\" of relation \"t\" is violated by some row";
    assert_eq!(validate(&mut session, "t", "positive"), format!("failed|VALIDATE_CONSTRAINT|{text}\nSELECT 1"));
    session.check(&[("DELETE FROM t WHERE v < 0", "DELETE 1")]);
    assert_eq!(validate(&mut session, "t", "positive"), "completed|VALIDATE_CONSTRAINT|\nSELECT 1");
    session.check(&[("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'positive'", "CHECK ((v > 0))\nSELECT 1")]);
    cluster.cluster.close();
}

#[test]
fn a_validation_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = TestCluster::folder(folder.path());
    let mut session = first.session();
    session.run("CREATE TABLE parent (id int PRIMARY KEY)");
    session.run("CREATE TABLE child (id int PRIMARY KEY, parent int)");
    session.run("INSERT INTO parent VALUES (1)");
    session.run("INSERT INTO child SELECT g, 1 FROM generate_series(1, 2500) g");
    session.run("ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent NOT VALID");
    // Nobody works on the job until the next start.
    first.cluster.close();
    drop(session);
    let mut session = first.session();
    let answer = session.run("ALTER TABLE ASYNC child VALIDATE CONSTRAINT fk");
    session.check(&[
        ("UPDATE child SET id = id + 10000 WHERE id % 2 = 0", "UPDATE 1250"),
        ("DELETE FROM child WHERE id % 3 = 0", "DELETE 834"),
    ]);
    drop(session);
    drop(first);

    let second = TestCluster::folder(folder.path());
    let mut session = second.session();
    let job = answer.lines().next().unwrap_or_default();
    assert_eq!(session.run(&format!("CALL sys.wait_for_job('{job}')")), "t\nCALL");
    session.check(&[
        ("SELECT convalidated FROM pg_constraint WHERE conname = 'fk'", "t\nSELECT 1"),
        (
            "DELETE FROM parent",
            "ERROR 23503 update or delete on table \"parent\" violates foreign key constraint \"fk\" on table \"child\"",
        ),
    ]);
    second.cluster.close();
}
