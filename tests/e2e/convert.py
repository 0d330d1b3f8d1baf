"""What `borealis convert` writes, run on a server.

    convert.py BOREALIS [--bless]

Each source of the corpus that converts is converted by the command, run statement by statement on a new server, and the catalog that it made is compared with
`<name>.catalog` beside the source; a source that changes tables which it does not make has those in `<name>.tables`. A schema in a real MariaDB that covers the type
map is dumped by its own mysqldump, converted, run, and its values are compared with MariaDB's. A real PostgreSQL's rows are the same by each way in which pg_dump
writes them.
"""

import decimal
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import psycopg

from databases import MariaDb, Postgres

BINARY = sys.argv[1]
BLESS = "--bless" in sys.argv
CRATE = pathlib.Path(__file__).resolve().parents[2] / "crates" / "convert" / "tests"

USER_SCHEMAS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'sys', 'borealis')"
QUESTIONS = {
    "columns": f"""
        SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'v') AND {USER_SCHEMAS} ORDER BY 1, a.attnum""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 ORDER BY 1, 2""",
    "indexes": f"""
        SELECT i.indrelid::regclass::text, i.indisvalid, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {USER_SCHEMAS} ORDER BY 1, 3""",
    "sequences": "SELECT schemaname, sequencename, start_value, increment_by, cache_size FROM pg_sequences ORDER BY 1, 2",
}


class Server:
    """A cluster in memory, gone afterwards."""

    def __enter__(self):
        arguments = ["serve", "--memory", "--listen", "127.0.0.1:0", "--no-control", "--auth", "trust", "--allow-plaintext"]
        self.process = subprocess.Popen([BINARY, *arguments], stdout=subprocess.PIPE, text=True)
        port = re.match(r"ready postgres=127\.0\.0\.1:(\d+) ", self.process.stdout.readline())[1]
        self.connection = psycopg.connect(f"host=127.0.0.1 port={port} user=admin dbname=postgres sslmode=disable", autocommit=True)
        return self.connection

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        self.process.wait(timeout=20)


def convert(source, path, *options):
    """The report of the command, or None when the source cannot be converted."""
    done = subprocess.run([BINARY, "convert", source, str(path), "--json", *options], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout) if done.returncode == 0 else None


def run(connection, report):
    """Each statement by itself; jobs are waited for."""
    for statement in report["statements"]:
        execute(connection, statement["sql"], statement["kind"] in ("index", "validation"))


def execute(connection, sql, is_job):
    cursor = connection.execute(sql.encode())
    if is_job:
        job = cursor.fetchone()[0]
        assert connection.execute(f"CALL sys.wait_for_job('{job}')").fetchone()[0], sql


def prepare(connection, tables):
    """The tables that a source changes without making them."""
    if tables.exists():
        for sql in tables.read_text().removesuffix(";\n").split(";\n"):
            execute(connection, sql, sql.startswith("CREATE INDEX"))


def catalog(connection):
    lines = []
    for title, question in QUESTIONS.items():
        lines.append(f"# {title}")
        lines += [" | ".join("-" if value is None else str(value) for value in row) for row in connection.execute(question)]
    return "\n".join(lines) + "\n"


def corpus():
    different = []
    for path in sorted(CRATE.glob("corpus/*/*.sql")):
        source = path.parent.name
        options = ["--zero-dates", "null"] if source == "mysql" else []
        report = convert(source, path, *options)
        if report is None:
            continue
        with Server() as connection:
            prepare(connection, path.with_suffix(".tables"))
            run(connection, report)
            found = catalog(connection)
        expected = path.with_suffix(".catalog")
        if BLESS:
            expected.write_text(found)
        if not expected.exists() or expected.read_text() != found:
            different.append(f"{path}:\n{found}")
        print(f"convert: {path.name}: {len(report['statements'])} statements", flush=True)
    assert not different, "\n".join(different)


def maria():
    """A MariaDB of the machine's, dumped and converted."""
    with MariaDb() as server, tempfile.TemporaryDirectory() as folder:
        server.run((CRATE / "mariadb_source.sql").read_text())
        dump = pathlib.Path(folder) / "dump.sql"
        dump.write_bytes(server.dump("--hex-blob", "shop"))
        compare(server.client(), convert("mysql", dump))


def compare(client, report):
    """Values, asked for in words that both understand."""
    questions = [
        "SELECT id, mail, nick, born, wake, vintage, tiny, tinyu, medium, big, bigu, f, zf, level, tags, note, uid, ip, full_name, cents FROM customers ORDER BY id",
        "SELECT no, customer_id FROM invoices ORDER BY no",
        "SELECT customer_id, line, amount FROM orders ORDER BY customer_id",
    ]
    with Server() as connection:
        run(connection, report)
        for question in questions:
            there = subprocess.run([*client, "shop", "--batch", "--raw", "--skip-column-names", "-e", question], capture_output=True, check=True).stdout.decode()
            here = connection.execute(question).fetchall()
            here = "".join("\t".join("NULL" if value is None else shown(value) for value in row) + "\n" for row in here)
            # ZEROFILL is the one thing that is shown otherwise, and said to be.
            assert there.replace("\t000042\t", "\t42\t") == here, (there, here)
        next_number = connection.execute("INSERT INTO customers (mail) VALUES ('next') RETURNING id").fetchone()[0]
        assert next_number >= 106, next_number
    print("convert: MariaDB's values and the converted ones are the same", flush=True)


POSTGRES = """
    CREATE TABLE g2 (id integer PRIMARY KEY, tags text[], bits bit(3), cash money, doc bytea, g integer GENERATED ALWAYS AS (id * 2) STORED);
    INSERT INTO g2 VALUES (1, '{a,b}', B'101', '-1234.5', '\\x0127'), (2, '{}', NULL, NULL, NULL), (3, '{NULL,"x y"}', B'000', '0.01', '');
    CREATE TABLE part (id integer, day date, tags integer[]) PARTITION BY RANGE (day);
    CREATE TABLE part_a (tags integer[], id integer, day date);
    ALTER TABLE part ATTACH PARTITION part_a FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    CREATE TABLE part_b PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    INSERT INTO part VALUES (1, '2026-01-05', '{1,2}'), (2, '2026-02-05', NULL);
    CREATE TABLE parent (a integer, b text);
    CREATE TABLE child (b text NOT NULL, c text) INHERITS (parent);
    INSERT INTO child VALUES (1, 'b', 'c');
    CREATE STATISTICS pairs (ndistinct) ON a, b FROM parent;
"""
ROWS = {
    "SELECT id, tags, bits, cash, doc, g FROM g2 ORDER BY id": [
        (1, ["a", "b"], "101", "-1234.5000", b"\x01\x27", 2),
        (2, [], None, None, None, 4),
        (3, [None, "x y"], "000", "0.0100", b"", 6),
    ],
    "SELECT id, day::text, tags FROM part ORDER BY id": [(1, "2026-01-05", [1, 2]), (2, "2026-02-05", None)],
    "SELECT a, b, c FROM child": [(1, "b", "c")],
    "SELECT stxname::text FROM pg_statistic_ext": [("pairs",)],
}
DUMPS = [[], ["--inserts"], ["--column-inserts"], ["--inserts", "--on-conflict-do-nothing"], ["--rows-per-insert=2"]]


def postgres():
    """A PostgreSQL of the machine's: its rows are the same, however pg_dump writes them."""
    with Postgres() as source, tempfile.TemporaryDirectory() as folder:
        where = f"host=127.0.0.1 port={source.port} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(POSTGRES)
        dump = pathlib.Path(folder) / "dump.sql"
        pg_dump = [source.bin / "pg_dump", where, "--encoding=UTF8", "-f", dump]
        for options in DUMPS:
            subprocess.run([*pg_dump, *options], check=True)
            report = convert("postgres", dump)
            with Server() as connection:
                run(connection, report)
                for question, rows in ROWS.items():
                    found = [tuple(str(value) if isinstance(value, decimal.Decimal) else value for value in row) for row in connection.execute(question)]
                    assert found == rows, (options, question, found)
        for options in [["--data-only"], ["--data-only", "--column-inserts"], ["-Ft"], ["-Fc"]]:
            subprocess.run([*pg_dump, *options], check=True)
            assert convert("postgres", dump) is None, options
    print("convert: PostgreSQL's rows are the same in each of pg_dump's forms", flush=True)


def shown(value):
    """A value as MariaDB's client prints it; `char(n)` comes padded here."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).rstrip(" ") if isinstance(value, str) else str(value)


def command():
    """Exit codes, and that a file is written whole or not at all."""
    schema = b"CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, kind ENUM('a','b'));"

    def borealis(*arguments, source=schema):
        done = subprocess.run([BINARY, "convert", *arguments], input=source, capture_output=True)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    code, out, err = borealis("mysql", "-")
    assert code == 0 and out.startswith("CREATE TABLE t (") and "[enum-order]" in err, (code, out, err)
    code, out, err = borealis("mysql", "-", "--annotate", "--auto-increment", "sequence", "--cache", "1")
    assert code == 0 and "-- loss: line 1: t.kind: ENUM" in out and "CREATE SEQUENCE t_id_seq CACHE 1;" in out, out
    code, out, err = borealis("mysql", "-", "--deny-loss")
    assert code == 3 and not out and "nothing is written" in err, (code, out, err)
    assert borealis("mysql", "-", "--deny-loss", source=b"CREATE TABLE t (id INT PRIMARY KEY);")[0] == 0
    for wrong in (["--cache", "5"], ["--map", "nonsense=1"], ["--foreign-keys", "keep", "--dialect", "2026-02"]):
        code, out, err = borealis("mysql", "-", *wrong)
        assert code == 2 and not out, (wrong, code, out, err)
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "out.sql"
        code, out, err = borealis("mysql", "-", "-o", str(target), source=b"CREATE TABLE t (a INT);\nINSERT INTO t VALUES (1),('cut")
        assert code == 1 and "line 2, column 27: the string that begins here never ends" in err, err
        assert list(pathlib.Path(folder).iterdir()) == [], "nothing is left behind"
        for source in ("mysql", "postgres"):
            code, out, err = borealis(source, "-", "-o", str(target), source=b"")
            assert code == 1 and "there is no statement in the source" in err, (source, code, err)
        code, out, err = borealis("mysql", "-", "-o", str(target), source=b"INSERT INTO `g` (a,b) VALUES (1,2);")
        assert code == 1 and "INSERT into g, which is not in the source" in err, (code, err)
        assert list(pathlib.Path(folder).iterdir()) == [], "nothing is left behind"
        code, out, err = borealis("mysql", "-", "-o", str(target), "--json")
        assert code == 0 and target.read_text().startswith("CREATE TABLE t") and "statements" not in json.loads(out), out
    print("convert: exit codes and files as documented", flush=True)


if __name__ == "__main__":
    command()
    corpus()
    maria()
    postgres()
