use crate::messages::{bind, execute, message, parse, query, sync};
use crate::peer::{Peer, Rig};

fn table() -> Peer {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[query("CREATE TABLE t (id int PRIMARY KEY, v text)")], &["C CREATE TABLE", "Z I"]);
    peer
}

fn data(text: &str) -> Vec<u8> {
    message(b'd', text.as_bytes())
}

fn done() -> Vec<u8> {
    message(b'c', &[])
}

fn check_rows(peer: &mut Peer, rows: &[&str]) {
    let mut expected = vec!["T id:23 v:25".to_owned()];
    expected.extend(rows.iter().map(|row| format!("D {row}")));
    expected.push(format!("C SELECT {}", rows.len()));
    expected.push("Z I".to_owned());
    assert_eq!(peer.ask(&[query("SELECT * FROM t ORDER BY id")]), expected.join("\n"));
}

#[test]
fn lines_in_any_pieces() {
    let mut peer = table();
    peer.check(&[query("COPY t FROM STDIN"), data("1\ta\n2"), data("\t"), data("\\N"), data("\n"), done()], &["G 0 2", "C COPY 2", "Z I"]);
    check_rows(&mut peer, &["1|a", "2|NULL"]);
    peer.check(&[query("COPY t TO STDOUT")], &["H 0 2", "d 1\\ta\\n", "d 2\\t\\\\N\\n", "c", "C COPY 2", "Z I"]);
}

#[test]
fn binary_rows_come_back_as_they_went() {
    let mut peer = table();
    peer.check(&[query("INSERT INTO t VALUES (7, 'x'), (8, NULL)")], &["C INSERT 0 2", "Z I"]);
    let header = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    let row = b"\0\x02\0\0\0\x04\0\0\0\x09\0\0\0\x01y";
    let file = [&header[..], row, b"\xff\xff"].concat();
    let mut messages = vec![query("COPY t FROM STDIN (FORMAT binary)")];
    messages.extend(file.chunks(5).map(|piece| message(b'd', piece)));
    messages.push(done());
    peer.check(&messages, &["G 1 2", "C COPY 1", "Z I"]);
    check_rows(&mut peer, &["7|x", "8|NULL", "9|y"]);
    // The header stands in the first row's message, the trailer in its own.
    let answer = peer.ask(&[query("COPY (SELECT 9, 'y') TO STDOUT (FORMAT binary)")]);
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.len(), 6, "{answer}");
    assert!(lines[1].starts_with("d PGCOPY\\n") && lines[1].ends_with('y'), "{answer}");
    assert_eq!((lines[0], &lines[3..]), ("H 1 2", &["c", "C COPY 1", "Z I"][..]));
}

#[test]
fn damaged_binary_data() {
    let mut peer = table();
    let header = &b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"[..];
    let mut check = |file: &[u8], expected: &str| {
        let messages = [query("COPY t FROM STDIN (FORMAT binary)"), message(b'd', file), done()];
        peer.check(&messages, &["G 1 2", &format!("E ERROR {expected}"), "Z I"]);
    };
    check(b"1\ta\n", "22P04 COPY file signature not recognized");
    check(&header[..14], "22P04 invalid COPY file header (missing flags)");
    check(&[header, b"\0\x03"].concat(), "22P04 row field count is 3, expected 2");
    check(&[header, b"\0\x02\0\0\0\x04\0\0"].concat(), "22P04 unexpected EOF in COPY data");
    check(&[header, b"\0\x02\xff\xff\xff\xfe"].concat(), "22P04 invalid field size");
    check(&[header, b"\0\x02\0\0\0\x05\0\0\0\0\0\0\0\0\0"].concat(), "22P03 incorrect binary data format");
    check(&[header, b"\xff\xff", b"\0"].concat(), "22P04 received copy data after EOF marker");
    check_rows(&mut peer, &[]);
}

#[test]
fn a_failing_line_fails_all_and_the_rest_is_ignored() {
    let mut peer = table();
    peer.check(
        &[query("COPY t FROM STDIN"), data("1\ta\nx\tb\n"), data("3\tc\n"), done()],
        &["G 0 2", "E ERROR 22P02 invalid input syntax for type integer: \"x\"", "Z I"],
    );
    peer.check(&[query("COPY t FROM STDIN"), message(b'f', b"stop\0")], &["G 0 2", "E ERROR 57014 COPY from stdin failed: stop", "Z I"]);
    check_rows(&mut peer, &[]);
}

#[test]
fn another_message_ends_the_copy() {
    let mut peer = table();
    peer.send(&[query("COPY t FROM STDIN"), data("1\ta\n"), query("SELECT 1")]);
    let refused = "E ERROR 08P01 unexpected message type 0x51 during COPY from stdin";
    assert_eq!(peer.until_ready(1), format!("G 0 2\n{refused}\nZ I"));
    check_rows(&mut peer, &[]);
}

#[test]
fn copy_in_the_extended_protocol() {
    let mut peer = table();
    peer.send(&[parse("", "COPY t FROM STDIN", &[]), bind("", "", &[]), execute("", 0), data("1\ta\n"), done(), sync()]);
    assert_eq!(peer.until_ready(1), "1\n2\nG 0 2\nC COPY 1\nZ I");
    check_rows(&mut peer, &["1|a"]);
}
