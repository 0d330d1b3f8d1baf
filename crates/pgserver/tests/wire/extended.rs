use crate::messages::{bind, bind_as, close, describe, execute, flush, message, parse, query, sync};
use crate::peer::Rig;

const INT4: u32 = 23;

#[test]
fn one_round() {
    let mut peer = Rig::new().connect_owned();
    peer.check(
        &[parse("", "SELECT $1::int + 1 AS n", &[]), bind("", "", &["41"]), describe(b'P', ""), execute("", 0), sync()],
        &["1", "2", "T n:23", "D 42", "C SELECT 1", "Z I"],
    );
}

#[test]
fn binary_both_ways() {
    let mut peer = Rig::new().connect_owned();
    let values: [Option<&[u8]>; 2] = [Some(&[0, 0, 0, 5]), None];
    peer.check(
        &[
            parse("", "SELECT $1 AS a, $2 AS b, 'x' AS c", &[INT4, INT4]),
            bind_as("", "", &[1], &values, &[1, 0, 0]),
            describe(b'P', ""),
            execute("", 0),
            sync(),
        ],
        &["1", "2", "T a:23/b b:23 c:25", "D 00000005|NULL|x", "C SELECT 1", "Z I"],
    );
}

#[test]
fn everything_can_be_described() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[query("CREATE TABLE t (id int PRIMARY KEY, v text)")], &["C CREATE TABLE", "Z I"]);
    peer.check(
        &[
            parse("s", "SELECT v FROM t WHERE id = $1", &[]),
            describe(b'S', "s"),
            parse("i", "INSERT INTO t VALUES ($1, $2)", &[]),
            describe(b'S', "i"),
            parse("r", "DELETE FROM t RETURNING id", &[]),
            describe(b'S', "r"),
            parse("e", "", &[]),
            describe(b'S', "e"),
            parse("c", "SHOW server_version", &[]),
            describe(b'S', "c"),
            bind("p", "s", &["1"]),
            describe(b'P', "p"),
            bind("q", "i", &["1", "x"]),
            describe(b'P', "q"),
            sync(),
        ],
        &[
            "1",
            "t 23",
            "T v:25",
            "1",
            "t 23,25",
            "n",
            "1",
            "t ",
            "T id:23",
            "1",
            "t ",
            "n",
            "1",
            "t ",
            "T server_version:25",
            "2",
            "T v:25",
            "2",
            "n",
            "Z I",
        ],
    );
    peer.check(&[describe(b'S', "nosuch"), sync()], &["E ERROR 26000 prepared statement \"nosuch\" does not exist", "Z I"]);
    peer.check(&[describe(b'P', "nosuch"), sync()], &["E ERROR 34000 portal \"nosuch\" does not exist", "Z I"]);
    peer.check(&[describe(b'x', "s"), sync()], &["E ERROR 08P01 invalid DESCRIBE message subtype 120", "Z I"]);
    peer.check(&[close(b'x', "s"), sync()], &["E ERROR 08P01 invalid CLOSE message subtype 120", "Z I"]);
    peer.check_alive();
}

#[test]
fn an_error_skips_to_sync() {
    let mut peer = Rig::new().connect_owned();
    let round = |sql: &str| vec![parse("", sql, &[]), bind("", "", &[]), execute("", 0)];
    let mut messages = round("SELECT 1");
    messages.extend(round("SELECT nosuch"));
    messages.extend(round("SELECT 2"));
    messages.push(flush());
    messages.push(sync());
    // The next round is here already and runs as if nothing had happened.
    messages.extend(round("SELECT 3"));
    messages.push(sync());
    peer.check(
        &messages,
        &["1", "2", "D 1", "C SELECT 1", "E ERROR 42703 column \"nosuch\" does not exist @8", "Z I", "1", "2", "D 3", "C SELECT 1", "Z I"],
    );
}

#[test]
fn bind_with_the_wrong_parameters() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[parse("s", "SELECT $1::int, $2::text", &[]), sync()], &["1", "Z I"]);
    let one: [Option<&[u8]>; 1] = [Some(b"1")];
    let two: [Option<&[u8]>; 2] = [Some(b"1"), Some(b"x")];
    let mut check =
        |message: Vec<u8>, expected: &str| peer.check(&[message, execute("", 0), sync()], &[&format!("E ERROR {expected}"), "Z I"]);
    check(bind("", "s", &["1"]), "08P01 bind message supplies 1 parameters, but prepared statement \"s\" requires 2");
    check(bind("", "s", &["1", "2", "3"]), "08P01 bind message supplies 3 parameters, but prepared statement \"s\" requires 2");
    check(bind("", "nosuch", &[]), "26000 prepared statement \"nosuch\" does not exist");
    check(bind_as("", "s", &[0, 0, 0], &two, &[]), "08P01 bind message has 3 parameter formats but 2 parameters");
    check(bind_as("", "s", &[7], &two, &[]), "22023 unsupported format code: 7");
    check(bind_as("", "s", &[], &two, &[0, 0, 0]), "08P01 bind message has 3 result formats but query has 2 columns");
    check(bind_as("", "s", &[], &one, &[]), "08P01 bind message supplies 1 parameters, but prepared statement \"s\" requires 2");
    check(bind("", "s", &["x", "y"]), "22P02 invalid input syntax for type integer: \"x\"");
    check(bind_as("", "s", &[1, 0], &two, &[]), "08P01 insufficient data left in message");
    let long: [Option<&[u8]>; 2] = [Some(&[0; 5]), Some(b"x")];
    check(bind_as("", "s", &[1, 0], &long, &[]), "22P03 incorrect binary data format in bind parameter 1");
    let bytes: [Option<&[u8]>; 2] = [Some(b"1"), Some(&[0xff])];
    check(bind_as("", "s", &[], &bytes, &[]), "22021 invalid byte sequence for encoding \"UTF8\": 0xff");
    peer.check_alive();
}

#[test]
fn messages_in_the_wrong_order() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[execute("", 0), sync()], &["E ERROR 34000 portal \"\" does not exist", "Z I"]);
    peer.check(&[bind("", "", &[]), sync()], &["E ERROR 26000 unnamed prepared statement does not exist", "Z I"]);
    peer.check(&[sync(), flush(), sync()], &["Z I", "Z I"]);
    peer.check(&[close(b'S', "nosuch"), close(b'P', "nosuch"), sync()], &["3", "3", "Z I"]);
    peer.check_alive();
}

#[test]
fn names_of_statements_and_portals() {
    let mut peer = Rig::new().connect_owned();
    peer.check(
        &[parse("s", "SELECT 1", &[]), parse("s", "SELECT 2", &[]), sync()],
        &["1", "E ERROR 42P05 prepared statement \"s\" already exists", "Z I"],
    );
    peer.check(&[bind("p", "s", &[]), bind("p", "s", &[]), sync()], &["2", "E ERROR 42P03 cursor \"p\" already exists", "Z I"]);
    peer.check(&[close(b'S', "s"), parse("s", "SELECT 2", &[]), sync()], &["3", "1", "Z I"]);
    // A portal ends with its transaction, a statement does not.
    peer.check(&[bind("p", "s", &[]), sync(), execute("p", 0), sync()], &["2", "Z I", "E ERROR 34000 portal \"p\" does not exist", "Z I"]);
    peer.check(&[bind("p", "s", &[]), execute("p", 0), sync()], &["2", "D 2", "C SELECT 1", "Z I"]);
}

#[test]
fn portals_stop_at_their_row_limit() {
    let mut peer = Rig::new().connect_owned();
    peer.check(
        &[
            parse("", "SELECT * FROM generate_series(1, 5) g", &[]),
            bind("p", "", &[]),
            execute("p", 2),
            execute("p", 2),
            execute("p", 2),
            sync(),
        ],
        &["1", "2", "D 1", "D 2", "s", "D 3", "D 4", "s", "D 5", "C SELECT 1", "Z I"],
    );
    // Two portals take turns, in a block and over several Syncs.
    peer.check(&[query("BEGIN")], &["C BEGIN", "Z T"]);
    peer.check(
        &[
            parse("g", "SELECT * FROM generate_series($1::int, $1 + 2) g", &[]),
            bind("p", "g", &["1"]),
            bind("q", "g", &["11"]),
            execute("p", 1),
            sync(),
        ],
        &["1", "2", "2", "D 1", "s", "Z T"],
    );
    peer.check(&[execute("q", 2), execute("p", 1), sync()], &["D 11", "D 12", "s", "D 2", "s", "Z T"]);
    peer.check(&[close(b'P', "p"), execute("p", 1), sync()], &["3", "E ERROR 34000 portal \"p\" does not exist", "Z E"]);
    peer.check(&[query("ROLLBACK")], &["C ROLLBACK", "Z I"]);
}

#[test]
fn empty_statements_and_several_in_one() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[parse("", " ; ", &[]), bind("", "", &[]), execute("", 0), sync()], &["1", "2", "I", "Z I"]);
    peer.check(
        &[parse("", "SELECT 1; SELECT 2", &[]), sync()],
        &["E ERROR 42601 cannot insert multiple commands into a prepared statement", "Z I"],
    );
}

#[test]
fn damaged_messages_are_errors_of_their_own() {
    let mut peer = Rig::new().connect_owned();
    let short = "insufficient data left in message";
    for (kind, body, expected) in [
        (b'B', &b"\0"[..], "invalid string in message"),
        (b'B', &b"\0\0\0\x05"[..], short),
        (b'B', &b"\0\0\0\0\0\x01\x7f\xff\xff\xff"[..], short),
        (b'B', &b"\0\0\xff\xff"[..], short),
        (b'P', &b"\0SELECT 1\0\0\x01"[..], short),
        (b'P', &b"\0SELECT 1\0\0\0\0"[..], "invalid message format"),
        (b'E', &b"\0\0"[..], short),
        (b'D', &b""[..], short),
        (b'C', &b"Sx"[..], "invalid string in message"),
        (b'H', &b"x"[..], "invalid message format"),
    ] {
        // Said once, though two messages are damaged: the second one is skipped.
        let damaged = message(kind, body);
        peer.check(&[damaged.clone(), damaged, sync()], &[&format!("E ERROR 08P01 {expected}"), "Z I"]);
    }
    peer.check_alive();
}
