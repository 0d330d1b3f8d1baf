"""`borealis load` and `verify` from living databases: a real MariaDB and a real PostgreSQL.

    sources.py BOREALIS [STORY…]

What MariaDB's own mysqldump writes of a schema is converted and run, all tables are loaded out of the living database, and every value is compared with what
MariaDB itself says. Then what has no counterpart here, what is wrong with the way there, one snapshot under writers, encryption, and a server killed in the middle.
"""

import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile

import psycopg

from databases import MariaDb, Postgres, free_port, until
from served import BINARY, Served, step

SHOP = pathlib.Path(__file__).resolve().parents[2] / "crates" / "convert" / "tests" / "mariadb_source.sql"
SECRET = "open, sesame"


class Cluster(Served):
    """A server of the binary's, with its data in a folder, and the commands that work on it."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = ["--data", f"{self.folder.name}/data"]
        ready = self.serve(*self.data, "--listen", "127.0.0.1:0", "--no-control", "--auth", "trust", "--allow-plaintext")
        self.connection = psycopg.connect(host="127.0.0.1", port=ready.port, user="admin", dbname="postgres", sslmode="disable", autocommit=True)
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.stop()
        self.folder.cleanup()

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def one(self, sql):
        return self.rows(sql)[0][0]

    def start(self, *arguments, **environment):
        """A command, running in the cluster's folder."""
        environment = {**os.environ, **environment}
        command = [BINARY, arguments[0], *self.data, *arguments[1:]]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=self.folder.name)

    def run(self, *arguments, **environment):
        """What a command prints, and what it complains about, with its exit code. No command prints a password."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate()
        assert SECRET not in out + err, out + err
        return process.returncode, out, err

    def load(self, *arguments, **environment):
        """The report of a load that succeeds."""
        code, out, err = self.run("load", "--json", *arguments, **environment)
        assert code == 0, err
        return json.loads(out)

    def convert(self, dump, *options):
        """A schema of MySQL's, converted and run, indexes awaited."""
        done = subprocess.run([BINARY, "convert", "mysql", "-", "--json", *options], input=dump, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        for statement in json.loads(done.stdout)["statements"]:
            cursor = self.connection.execute(statement["sql"].encode())
            if statement["kind"] in ("index", "validation"):
                assert self.connection.execute(f"CALL sys.wait_for_job('{cursor.fetchone()[0]}')").fetchone()[0], statement


def counted(report):
    """`inserted/updated/skipped/rejected`."""
    return "/".join(str(report["counts"][what]) for what in ("inserted", "updated", "skipped", "rejected"))


def there(column, data_type, column_type):
    """A column's value as MariaDB says it, for a comparison."""
    if data_type == "bit":
        digits = -(-int(column_type[4:-1]) // 8) * 2
        return f"LPAD(HEX(`{column}`), {digits}, '0')" if column_type != "bit(1)" else f"`{column}` + 0"
    if data_type in ("binary", "varbinary", "blob", "longblob", "point"):
        return f"HEX(`{column}`)"
    if data_type == "float":
        return f"`{column}` + 0e0"
    if "zerofill" in column_type:
        return f"`{column}` + 0"
    return f"`{column}`"


def here(value):
    """A value of ours in the same words."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        return value.hex().upper()
    return str(value)


def same(data_type, one, other):
    """Whether two texts are the same value."""
    if None in (one, other):
        return one == other
    if data_type == "float":
        return struct.pack("f", float(one)) == struct.pack("f", float(other))
    if data_type == "double":
        return float(one) == float(other)
    if data_type in ("datetime", "timestamp", "time"):
        # One writes the digits that the type has, the other those that there are.
        return other == (one.rstrip("0").rstrip(".") if "." in one else one)
    if data_type == "binary":
        # Sixteen bytes in a key are a UUID.
        return one == other.replace("-", "").upper()
    return one.rstrip(" ") == other.rstrip(" ") if data_type == "char" else one == other


def values(maria, database, table):
    """Every value of a table of MariaDB's, by names of columns: (type, text)."""
    columns = maria.run(
        f"SELECT column_name, data_type, column_type FROM information_schema.columns WHERE table_schema = '{database}' AND table_name = '{table}' ORDER BY ordinal_position"
    )
    texts = ", ".join(f"COALESCE(HEX(CONVERT({there(*column)} USING utf8mb4)), 'NULL')" for column in columns)
    for row in maria.run(f"SET time_zone = '+00:00'; SELECT {texts} FROM `{database}`.`{table}` ORDER BY 1, 2"):
        text = [None if value == "NULL" else bytes.fromhex(value).decode() for value in row]
        yield {name: (data_type, value) for (name, data_type, _), value in zip(columns, text)}


def compare(maria, cluster, database, table, schema="public", without=()):
    """Every value of a table, both ways; the number of values compared."""
    expected = list(values(maria, database, table))
    names = list(expected[0])
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    cursor = cluster.connection.cursor()
    # Floating point and documents as they are printed, not as Python reads them.
    for oid in ("numeric", "float4", "float8", "json", "jsonb", "date", "time", "timestamp", "timestamptz", "interval", "uuid"):
        cursor.adapters.register_loader(oid, psycopg.types.string.TextLoader)
    found = [dict(zip(names, row)) for row in cursor.execute(f'SELECT {quoted} FROM {schema}."{table}"').fetchall()]
    assert len(found) == len(expected), (table, len(found), len(expected))
    compared = 0
    key = names[0]
    found = {here(row[key]).upper(): row for row in found}
    for row in expected:
        ours = found[row[key][1].upper()]
        for name, (data_type, text) in row.items():
            if name in without:
                continue
            ours_text = None if ours[name] is None else here(ours[name])
            assert same(data_type, text, ours_text), (table, name, data_type, str(text)[:200], str(ours_text)[:200])
            compared += 1
    return compared


TRICKY = """
CREATE DATABASE tricky CHARACTER SET utf8mb4; USE tricky; SET sql_mode = ''; SET time_zone = '+05:00';
CREATE TABLE z_first (id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET latin1, word VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
CREATE TABLE a_second (
  Id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, first INT NOT NULL, `select "x"` TEXT,
  u8 TINYINT UNSIGNED, u16 SMALLINT UNSIGNED, u24 MEDIUMINT UNSIGNED, u32 INT UNSIGNED, u64 BIGINT UNSIGNED, s64 BIGINT,
  f FLOAT, f73 FLOAT(7,3), d DOUBLE, dec30 DECIMAL(30,10), flag BIT(1), bits BIT(12), wide BIT(64), raw VARBINARY(300), pad BINARY(4), big LONGBLOB,
  small ENUM('s','m','it''s'), tags SET('a','b','c d'), doc JSON, y YEAR, t6 TIME(6), at DATETIME(6), day DATE, stamp TIMESTAMP(3) NULL, yes BOOLEAN,
  fixed CHAR(5), twice INT AS (first * 2) STORED, thrice INT AS (first * 3) VIRTUAL,
  FOREIGN KEY (first) REFERENCES z_first (id)
);
INSERT INTO z_first VALUES (1, 'ärger ÿ', '🦀 ß 漢字'), (2, '', NULL), (3, NULL, 'a\\tb\\nc\\\\N \\r ''"');
INSERT INTO a_second (first, `select "x"`, u8, u16, u24, u32, u64, s64, f, f73, d, dec30, flag, bits, wide, raw, pad, big, small, tags, doc, y, t6, at, day, stamp, yes, fixed) VALUES
 (1, '\\\\N', 255, 65535, 16777215, 4294967295, 18446744073709551615, -9223372036854775808, 16777216, 1234.567, 1.7976931348623157e308, 12345678901234567890.0123456789,
  b'1', b'100000000001', 0xFFFFFFFFFFFFFFFF, CONCAT(UNHEX('00FF5C0A09'), REPEAT('x', 200)), 'ab', REPEAT(UNHEX('00010203'), 50000), 'it''s', 'a,c d',
  '{"k": "\\\\u00e4\\\\n", "n": [1.50, null]}', 2155, '23:59:59.999999', '9999-12-31 23:59:59.999999', '2024-02-29', '2038-01-19 05:14:07.999', 1, 'ab'),
 (2, '', 0, 0, 0, 0, 0, 0, 0.1, -0.5, 5e-324, -0.0000000001, b'0', b'0', b'1', '', UNHEX('00000000'), '', 's', '', '[]', 1901, '00:00:00', '1000-01-01 00:00:00', '0001-01-01',
  '1970-01-01 05:00:01', 0, ''),
 (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
"""


def every_value(maria):
    step("MariaDB's schema converted and run, all tables loaded, every value compared")
    maria.run(SHOP.read_text())
    maria.run(TRICKY)
    with Cluster() as cluster:
        cluster.convert(maria.dump("--no-data", "shop"), "--auto-increment", "identity", "--cache", "1")
        report = cluster.load("--from", maria.url("shop"))
        assert counted(report) == "6/0/0/0" and report["table"] == "all tables", report
        by_table = {table["table"]: table["inserted"] for table in report["tables"]}
        assert by_table == {"public.customers": 2, "public.invoices": 2, "public.orders": 2}, by_table
        compared = compare(maria, cluster, "shop", "customers") + compare(maria, cluster, "shop", "invoices") + compare(maria, cluster, "shop", "orders")
        assert cluster.one("INSERT INTO customers (mail) VALUES ('next') RETURNING id") == 106
        cluster.rows("DELETE FROM customers WHERE id = 106 RETURNING id")
        for table in ("customers", "invoices", "orders"):
            code, out, err = cluster.run("verify", "--table", table, "--from", maria.url("shop"))
            assert code == 0 and "0 differences" in out, (out, err)
        cluster.connection.execute("UPDATE orders SET amount = 9.91 WHERE customer_id = 100")
        code, out, _ = cluster.run("verify", "--table", "orders", "--from", maria.url("shop"))
        assert code == 1 and "amount: 9.90, 9.91" in out, out
    with Cluster() as cluster:
        cluster.convert(maria.dump("--no-data", "tricky"), "--auto-increment", "identity", "--cache", "1", "--map", "unsigned=widen")
        code, out, err = cluster.run("load", "--from", maria.url("tricky"))
        assert code == 0, err
        lines = out.splitlines()
        assert lines[0] == "public.a_second: 3 inserted, 0 updated, 0 skipped, 0 rejected", out
        assert lines[1] == "public.z_first: 3 inserted, 0 updated, 0 skipped, 0 rejected", out
        assert re.fullmatch(r"all tables: 6 inserted, 0 updated, 0 skipped, 0 rejected in [0-9.]+ s", lines[2]), out
        compared += compare(maria, cluster, "tricky", "z_first") + compare(maria, cluster, "tricky", "a_second")
        assert cluster.rows('SELECT "Id", f = 16777216, f73 = 1234.567::real FROM a_second WHERE first = 1') == [(1, True, True)]
    print(f"    {compared} values are the same", flush=True)


def other_types(maria):
    step("The types that the map of `convert` has as alternatives, and AUTO_INCREMENT as UUID")
    maria.run("""CREATE DATABASE other; USE other; SET time_zone = '+00:00';
        CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, code BINARY(16) NOT NULL UNIQUE);
        CREATE TABLE child (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, tags SET('a','b'), bits BIT(12), stamp TIMESTAMP NULL, worked TIME, y YEAR, doc JSON,
            FOREIGN KEY (parent) REFERENCES parent (id));
        INSERT INTO parent VALUES (258, UNHEX('0123456789ab4def8123456789abcdef'));
        INSERT INTO child VALUES (7, 258, 'a,b', b'101', '2024-06-01 12:00:00', '-838:59:59', 1999, '{"b": 1, "a": 2}'), (8, NULL, '', NULL, NULL, '24:00:01', NULL, NULL);""")
    maps = ["set=jsonb", "bit=integer", "timestamp=timestamptz", "time=interval", "year=smallint", "json=jsonb"]
    with Cluster() as cluster:
        cluster.convert(maria.dump("--no-data", "other"), *(word for choice in maps for word in ("--map", choice)))
        assert counted(cluster.load("--from", maria.url("other"))) == "3/0/0/0"
        uuid = "00000000-0000-0000-0000-{:012x}".format
        assert cluster.rows("SELECT id::text, code::text FROM parent") == [(uuid(258), "01234567-89ab-4def-8123-456789abcdef")]
        found = cluster.rows("SELECT id::text, parent::text, tags::text, bits, stamp::text, worked::text, y, doc::text FROM child ORDER BY id")
        assert found == [
            (uuid(7), uuid(258), '["a", "b"]', 5, "2024-06-01 12:00:00+00", "-838:59:59", 1999, '{"a": 2, "b": 1}'),
            (uuid(8), None, "[]", None, None, "24:00:01", None, None),
        ], found


def rejected(maria):
    step("Rows that have no counterpart: each listed with its reason, everything else loaded")
    maria.run("""CREATE DATABASE bad; USE bad; SET sql_mode = '';
        CREATE TABLE t (id INT PRIMARY KEY, day DATE, at DATETIME, yes TINYINT(1), big BIGINT UNSIGNED, worked TIME, word TEXT, need INT);
        INSERT INTO t VALUES (1, '2024-01-01', '2024-01-01', 1, 1, '01:00:00', 'fine', 1), (2, '0000-00-00', NULL, 1, 1, NULL, 'zero', 1),
            (3, '2024-00-10', NULL, 1, 1, NULL, 'month', 1), (4, NULL, '0000-00-00 00:00:00', 1, 1, NULL, 'zero time', 1), (5, NULL, NULL, 2, 1, NULL, 'no boolean', 1),
            (6, NULL, NULL, 1, 18446744073709551615, NULL, 'large', 1), (7, NULL, NULL, 1, 1, '25:00:00', 'day', 1), (8, NULL, NULL, 1, 1, NULL, 'nul \\0', 1),
            (9, NULL, NULL, 1, 1, NULL, 'null', NULL), (10, NULL, NULL, 0, 1, NULL, 'fine', 1);""")
    with Cluster() as cluster:
        cluster.connection.execute(
            "CREATE TABLE t (id int PRIMARY KEY, day date, at timestamp, yes boolean, big bigint, worked time, word text, need int NOT NULL)"
        )
        code, out, err = cluster.run("load", "--from", maria.url("bad"))
        assert code == 1 and out == "" and "more than 0 records were rejected" in err and 'the last: "public"."t", line ' in err, err
        assert cluster.one("SELECT count(*) FROM t") == 0, "nothing of the batch is written"
        report = cluster.load("--from", maria.url("bad"), "--table", "t", "--max-rejects", "8")
        assert counted(report) == "2/0/0/8", report
        assert report["rejects_file"] == "bad.public.t.rejects.jsonl", report
        listed = [json.loads(line) for line in (pathlib.Path(cluster.folder.name) / report["rejects_file"]).read_text().splitlines()]
        found = {int(reject["record"].split("\t")[0]): (reject["code"], reject["message"]) for reject in listed}
        zero = 'date/time field value out of range: "{}" (--zero-dates null makes it NULL)'.format
        assert found == {
            2: ("22008", zero("0000-00-00")),
            3: ("22008", zero("2024-00-10")),
            4: ("22008", zero("0000-00-00 00:00:00")),
            5: ("22P02", 'invalid input syntax for type boolean: "2"'),
            6: ("22003", 'value "18446744073709551615" is out of range for type bigint'),
            7: ("22008", 'date/time field value out of range: "25:00:00"'),
            8: ("22021", 'invalid byte sequence for encoding "UTF8": 0x00'),
            9: ("23502", 'null value in column "need" of relation "t" violates not-null constraint. Failing row contains (9, null, null, t, 1, null, null, null).'),
        }, found
        report = cluster.load("--from", maria.url("bad"), "--table", "t", "--max-rejects", "5", "--zero-dates", "null", "--on-conflict", "skip")
        assert counted(report) == "3/0/2/5", report
        assert cluster.rows("SELECT id, day, at FROM t WHERE id IN (2, 3, 4) ORDER BY id") == [(2, None, None), (3, None, None), (4, None, None)]


def refused(maria):
    step("What is wrong with the way there, or with the tables: said before anything is written, and no password in it")
    maria.run(f"""CREATE DATABASE gate; USE gate; CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'); CREATE TABLE lone (id INT);
        CREATE USER app IDENTIFIED BY '{SECRET}'; GRANT SELECT ON gate.* TO app;""")
    with Cluster() as cluster:
        cluster.connection.execute("CREATE TABLE t (id int PRIMARY KEY, v text)")
        cluster.connection.execute("CREATE TABLE narrow (id int PRIMARY KEY)")
        cluster.connection.execute("CREATE TABLE computed (id int PRIMARY KEY, v text GENERATED ALWAYS AS ('x') STORED)")
        port, closed = maria.port, free_port()
        app, wrong = f"mysql://app@127.0.0.1:{port}/gate", SECRET + "!"
        for arguments, expected_code, words in [
            ([f"mysql://app@127.0.0.1:{closed}/gate", "--table", "t"], 1, [f"connecting to gate at 127.0.0.1:{closed}: Connection refused"]),
            ([app, "--table", "t"], 1, ["Access denied for user 'app'", "MySQL's error 1045", "--from-password-file"]),
            ([f"mysql://app:wrong@127.0.0.1:{port}/gate", "--table", "t"], 1, ["Access denied for user 'app'"]),
            ([f"mysql://root@127.0.0.1:{port}/nowhere", "--table", "t"], 1, ["Unknown database 'nowhere'"]),
            ([maria.url("gate"), "--from-table", "nothing", "--table", "t"], 2, ["gate at 127.0.0.1", "has no table nothing"]),
            ([maria.url("gate")], 2, ["there is no table lone here to load into: create it first, with `borealis convert mysql`"]),
            ([maria.url("gate"), "--from-table", "t", "--table", "narrow"], 2, ['column "v" of t has no counterpart in public.narrow, which has id']),
            ([maria.url("gate"), "--from-table", "t", "--table", "computed"], 2, ['column "v" of t has values, and "v" of public.computed is generated']),
            ([maria.url("gate") + "?ssl-mode=verify_identity", "--table", "t"], 1, ["the server has no encryption; ssl-mode=disabled"]),
            (["mysql://app@127.0.0.1/", "--table", "t"], 2, ["names no database: write mysql://USER@HOST:PORT/DATABASE"]),
            (["oracle://app@127.0.0.1/x", "--table", "t"], 2, ["does not begin with postgres://, mysql:// or mariadb://"]),
        ]:
            code, out, err = cluster.run("load", "--from", *arguments, MYSQL_PWD="")
            assert code == expected_code and out == "" and all(word in err for word in words), (arguments, code, err)
            assert cluster.one("SELECT count(*) FROM t") == 0
        code, _, err = cluster.run("load", "--from", app, "--table", "t", MYSQL_PWD=wrong)
        assert code == 1 and "Access denied" in err and wrong not in err, err
        file = pathlib.Path(cluster.folder.name) / "password"
        file.write_text(SECRET + "\n")
        conflict = ["--table", "t", "--on-conflict", "skip"]
        assert counted(cluster.load("--from", app, *conflict, MYSQL_PWD=SECRET)) == "1/0/0/0"
        assert counted(cluster.load("--from", app, *conflict, "--from-password-file", str(file), MYSQL_PWD=wrong)) == "0/0/1/0"
        encoded = SECRET.replace(",", "%2C").replace(" ", "%20")
        assert counted(cluster.load("--from", app.replace("app@", f"app:{encoded}@"), *conflict)) == "0/0/1/0"
        socket = maria.socket.replace("/", "%2F")
        assert counted(cluster.load("--from", f"mysql://root@localhost/gate?socket={socket}", *conflict)) == "0/0/1/0"
        dump = pathlib.Path(cluster.folder.name) / "gate.sql"
        dump.write_bytes(maria.dump("gate"))
        code, _, err = cluster.run("load", str(dump))
        assert code == 2 and "is a dump of MySQL's: `borealis convert mysql` makes SQL of it" in err, err


BIG = """CREATE DATABASE large; USE large; CREATE TABLE a_big (id INT PRIMARY KEY, v VARCHAR(1000) NOT NULL); CREATE TABLE z_last (id INT PRIMARY KEY);
    INSERT INTO a_big SELECT seq, REPEAT(CHAR(97 + seq % 26), 1000) FROM seq_1_to_60000; INSERT INTO z_last VALUES (1);"""
BIG_ROWS = 60_000


def one_moment(maria):
    step("All tables are of one moment, whatever is written there during the load; the memory stays small")
    maria.run(BIG)
    with Cluster() as cluster:
        cluster.convert(maria.dump("--no-data", "large"))
        process = cluster.start("load", "--json", "--from", maria.url("large"), "--batch-rows", "500", "--jobs", "1")
        until(lambda: cluster.one("SELECT count(*) FROM (SELECT 1 FROM a_big LIMIT 1) x") == 1, "no row is loaded")
        maria.run("USE large; INSERT INTO z_last VALUES (2), (3); UPDATE a_big SET v = 'new'; DELETE FROM a_big WHERE id > 30000; DELETE FROM z_last WHERE id = 1")
        assert process.poll() is None, "the load was over before anything was written"
        peak = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{process.pid}/status").read_text())
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert counted(json.loads(out)) == f"{BIG_ROWS + 1}/0/0/0", out
        assert cluster.rows("SELECT count(*), min(length(v)), max(length(v)) FROM a_big") == [(BIG_ROWS, 1000, 1000)]
        assert cluster.rows("SELECT id FROM z_last") == [(1,)]
        print(f"    {BIG_ROWS} rows of 1000 bytes; peak memory of the load so far {int(peak[1]) // 1024} MiB", flush=True)
    maria.run("DROP DATABASE large")


def killed(maria):
    step("MariaDB killed with -9 in the middle: an error that says so, nothing half a row; the load repeated loads the rest")
    maria.run(BIG)
    with Cluster() as cluster:
        cluster.convert(maria.dump("--no-data", "large"))
        arguments = ["--from", maria.url("large"), "--from-table", "a_big", "--batch-rows", "200", "--jobs", "1"]
        process = cluster.start("load", *arguments)
        until(lambda: cluster.one("SELECT count(*) FROM (SELECT 1 FROM a_big LIMIT 1) x") == 1, "no row is loaded")
        maria.kill()
        out, err = process.communicate()
        assert process.returncode == 1 and out == "", (process.returncode, out, err)
        assert re.search(r"reading the rows of a_big in large at \S+, behind \d+ rows; what was loaded stays", err), err
        loaded = cluster.one("SELECT count(*) FROM a_big")
        assert 0 < loaded < BIG_ROWS, loaded
        assert cluster.rows("SELECT count(*), max(id) FROM a_big WHERE length(v) = 1000") == [(loaded, loaded)], "whole rows, in order, without a gap"
        maria.start()
        report = cluster.load(*arguments, "--on-conflict", "skip")
        assert counted(report) == f"{BIG_ROWS - loaded}/0/{loaded}/0", report
        code, out, _ = cluster.run("verify", "--table", "a_big", "--from", maria.url("large"))
        assert code == 0 and f"{BIG_ROWS} equal, 0 differences" in out, out
        print(f"    {loaded} rows before the kill, {BIG_ROWS - loaded} behind it", flush=True)
        step("The load itself killed with -9: repeated, it loads the rest")
        cluster.connection.execute("DROP TABLE a_big")
        cluster.connection.execute("CREATE TABLE a_big (id int PRIMARY KEY, v varchar(1000) NOT NULL)")
        process = cluster.start("load", *arguments)
        until(lambda: cluster.one("SELECT count(*) FROM (SELECT 1 FROM a_big LIMIT 1) x") == 1, "no row is loaded")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        report = cluster.load(*arguments, "--on-conflict", "skip")
        assert report["counts"]["inserted"] + report["counts"]["skipped"] == BIG_ROWS and report["counts"]["skipped"] > 0, report
        assert cluster.one("SELECT count(*) FROM a_big") == BIG_ROWS


def encrypted():
    step("MariaDB with a certificate: believed when its authority is named and the name is right")
    with tempfile.TemporaryDirectory() as folder:
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, cwd=folder, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=test authority")
        openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        (pathlib.Path(folder) / "names").write_text("subjectAltName = DNS:localhost\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem", "-days", "30", "-extfile", "names")
        with MariaDb(f"--ssl-ca={folder}/ca.pem", f"--ssl-cert={folder}/server.pem", f"--ssl-key={folder}/server.key") as maria, Cluster() as cluster:
            maria.run("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1); CREATE USER app REQUIRE SSL; GRANT SELECT ON d.* TO app;")
            cluster.connection.execute("CREATE TABLE t (id int PRIMARY KEY)")
            authority = "ssl-ca=" + f"{folder}/ca.pem".replace("/", "%2F")
            by_name, by_address = (f"mysql://app@{host}:{maria.port}/d?ssl-mode=verify_identity" for host in ("localhost", "127.0.0.1"))
            for url, word in [(by_name, "UnknownIssuer"), (f"{by_address}&{authority}", "certificate"), (by_name.split("?")[0], "Access denied")]:
                code, _, err = cluster.run("load", "--from", url, "--table", "t")
                assert code == 1 and word in err, err
            assert counted(cluster.load("--from", f"{by_name}&{authority}", "--table", "t")) == "1/0/0/0"
            named = f"{by_address}&{authority}&ssl-name=localhost"
            assert counted(cluster.load("--from", named, "--table", "t", "--on-conflict", "skip")) == "0/0/1/0"


def postgres():
    step("A living PostgreSQL: what it alone has becomes what it is converted into")
    with Postgres() as server, Cluster() as cluster:
        url = f"postgres://postgres@127.0.0.1:{server.port}/postgres?sslmode=disable"
        there = psycopg.connect(host="127.0.0.1", port=server.port, user="postgres", dbname="postgres", autocommit=True)
        for statement in [
            "CREATE TABLE z (id int PRIMARY KEY)",
            "CREATE TABLE a (id serial PRIMARY KEY, z int REFERENCES z, tags text[], price money, at timestamptz, raw bytea, net inet, f real, twice int GENERATED ALWAYS AS (z * 2) STORED, gone int)",
            "ALTER TABLE a DROP COLUMN gone",
            "INSERT INTO z SELECT generate_series(1, 5000)",
            r"""INSERT INTO a (z, tags, price, at, raw, net, f) VALUES (1, '{a,"b c"}', 12.34, '2026-01-02 03:04:05+05', '\xff00', '10.0.0.1', 0.1),
                (NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
            "ALTER DATABASE postgres SET timezone = 'Asia/Tokyo'",
            "ALTER DATABASE postgres SET datestyle = 'German'",
            f"CREATE ROLE app LOGIN PASSWORD '{SECRET}'",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO app",
        ]:
            there.execute(statement.encode())
        cluster.connection.execute("CREATE TABLE z (id int PRIMARY KEY)")
        cluster.connection.execute(
            "CREATE TABLE a (id bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 1) PRIMARY KEY, z int REFERENCES z, tags jsonb, price numeric(19,2), at timestamptz, raw bytea, net text, f real, "
            "twice int GENERATED ALWAYS AS (z * 2) STORED)"
        )
        report = cluster.load("--from", url)
        assert counted(report) == "5002/0/0/0" and report["advanced"][0]["last_value"] == "2", report
        found = cluster.rows("SELECT id, z, tags::text, price::text, at::text, encode(raw, 'hex'), net, f::text, twice FROM a ORDER BY id")
        none = (None,) * 8
        assert found == [(1, 1, '["a", "b c"]', "12.34", "2026-01-01 22:04:05+00", "ff00", "10.0.0.1", "0.1", 2), (2, *none)], found
        code, out, err = cluster.run("verify", "--table", "z", "--from", url)
        assert code == 0 and "5000 equal, 0 differences" in out, (out, err)
        step("Its passwords, by SCRAM: from the environment and from a file")
        server.require_passwords()
        there.close()
        app = url.replace("postgres@", "app@")
        code, _, err = cluster.run("load", "--from", app, "--table", "z", PGPASSWORD="wrong")
        assert code == 1 and "password authentication failed" in err, err
        assert counted(cluster.load("--from", app, "--table", "z", "--on-conflict", "skip", PGPASSWORD=SECRET)) == "0/0/5000/0"


if __name__ == "__main__":
    chosen = sys.argv[2:]
    # Settings of the server's own, which no value may depend on.
    with MariaDb("--default-time-zone=+03:00", "--character-set-server=latin1") as server:
        for story in (every_value, other_types, rejected, refused, one_moment, killed):
            if not chosen or story.__name__ in chosen:
                story(server)
    for story in (encrypted, postgres):
        if not chosen or story.__name__ in chosen:
            story()
