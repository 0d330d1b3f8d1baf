"""What conflicts cost: many sessions on one row, sessions that never meet, and an index built under writers.

    scripts/bench_conflicts.py BOREALIS [--seconds 30] [--sessions 200] [--rows 1000000]

Every part checks what it counts: no increment is lost or applied twice, disjoint writers never conflict, and the index that was built beside the
writers has every row.
"""

import argparse
import re
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

from bench import environment, psql, running

WRITERS = 8

INCREMENT = """BEGIN;
SELECT v FROM counter WHERE id = 1 \\gset
UPDATE counter SET v = :v + 1 WHERE id = 1;
COMMIT;
"""

DISJOINT = """BEGIN;
SELECT v FROM counter WHERE id = 100 + :client_id \\gset
UPDATE counter SET v = :v + 1 WHERE id = 100 + :client_id;
COMMIT;
"""

WRITE = """\\set id random(1, :rows)
\\set v random(1, 1000000000)
UPDATE indexed SET v = :v WHERE id = :id;
"""


class Connection:
    """The simple query protocol, as much as timing a COMMIT takes."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        body = struct.pack("!I", 196608) + b"user\0admin\0database\0postgres\0\0"
        self.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        self.answer()

    def answer(self):
        """The SQLSTATE of an error, or None."""
        state = None
        while True:
            kind, length = struct.unpack("!cI", self.file.read(5))
            body = self.file.read(length - 4)
            if kind == b"E":
                state = next(field[1:].decode() for field in body.split(b"\0") if field.startswith(b"C"))
            if kind == b"Z":
                return state

    def query(self, sql):
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)
        return self.answer()


def aborts(port, stop, times):
    """Increments like everybody else and notes how long each COMMIT took that was refused; the commits it got through."""
    connection = Connection(port)
    committed = 0
    while not stop.is_set():
        connection.query("BEGIN")
        refused = connection.query("UPDATE counter SET v = v + 1 WHERE id = 1")
        began = time.perf_counter()
        refused = connection.query("ROLLBACK" if refused else "COMMIT") or refused
        if refused == "40001":
            times.append((time.perf_counter() - began) * 1000)
        elif refused is None:
            committed += 1
        else:
            sys.exit(f"an increment answered {refused}")
    return committed


def pgbench(database, script, clients, seconds, rows=1, options=()):
    command = ["pgbench", "-n", "-c", str(clients), "-j", "2", "-T", str(seconds), "-D", f"rows={rows}", "--max-tries=1000000", "-f", script, *options]
    settings = environment(database)
    if database.name == "postgresql":
        settings["PGOPTIONS"] = "-c default_transaction_isolation=repeatable\\ read"
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{database.name}: {done.stderr}")
    processed = int(re.search(r"number of transactions actually processed: (\d+)", done.stdout)[1])
    failed = int(re.search(r"number of failed transactions: (\d+)", done.stdout)[1])
    retried = float(re.search(r"number of transactions retried: \d+ \(([\d.]+)%\)", done.stdout)[1])
    tps = float(re.search(r"tps = ([\d.]+) \(without initial connection time\)", done.stdout)[1])
    return processed, failed, retried, tps, done.stderr


def value(database, sql):
    done = subprocess.run(["psql", "-X", "-A", "-t", "-c", sql], env=environment(database), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def increments(database, script, arguments):
    """Read, add one, write, again after a conflict."""
    psql(database, "UPDATE counter SET v = 0 WHERE id = 1")
    stop, times, extra = threading.Event(), [], []
    watcher = None
    if database.name == "borealis":
        watcher = threading.Thread(target=lambda: extra.append(aborts(database.port, stop, times)))
        watcher.start()
    processed, failed, _, tps, _ = pgbench(database, script, arguments.sessions, arguments.seconds)
    stop.set()
    if watcher:
        watcher.join()
    counted = int(value(database, "SELECT v FROM counter WHERE id = 1"))
    expected = processed - failed + sum(extra)
    if counted != expected:
        sys.exit(f"{database.name}: {expected} increments were committed, the row says {counted}")
    return tps, times


def disjoint(database, script, arguments):
    _, failed, retried, tps, _ = pgbench(database, script, WRITERS, min(arguments.seconds, 10))
    if failed or retried:
        sys.exit(f"{database.name}: disjoint writers met: {failed} failed, {retried}% retried")
    return tps


def progress(stderr):
    """Transactions per second, second by second."""
    return [float(tps) for tps in re.findall(r"progress: [\d.]+ s, ([\d.]+) tps", stderr)]


def index_build(database, script, arguments, folder):
    psql(database, "CREATE TABLE indexed (id int PRIMARY KEY, v bigint, filler text)")
    rows = arguments.rows
    load = "\n".join(
        f"INSERT INTO indexed SELECT g, g, 'filler of row ' || g FROM generate_series({first}, {min(first + 2999, rows)}) g;" for first in range(1, rows + 1, 3000)
    )
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"], input=load, text=True, check=True, env=environment(database))
    *_, before, _ = pgbench(database, script, WRITERS, 10, rows)
    began = time.monotonic()
    job = value(database, "CREATE INDEX ASYNC indexed_v ON indexed (v)").splitlines()[0]
    # Writers go on until the build is over, in rounds; only whole rounds beside the build count.
    finished = threading.Event()
    ended = []

    def wait():
        ended.append(value(database, f"CALL sys.wait_for_job('{job}')").splitlines()[0])
        ended.append(time.monotonic() - began)
        finished.set()

    threading.Thread(target=wait).start()
    during = []
    while not finished.is_set():
        *_, stderr = pgbench(database, script, WRITERS, 5, rows, ["-P", "1"])
        if not finished.is_set() or not during:
            during += progress(stderr)
    if ended[0] != "t":
        sys.exit("the index build failed")
    by_index, by_table = folder / "by_index", folder / "by_table"
    # No writers any more: what is read through the index is what the table holds, row by row.
    export(database, by_index, "SET enable_seqscan = off")
    export(database, by_table, "SET enable_indexscan = off; SET enable_indexonlyscan = off")
    subprocess.run(["sort", "-n", "-o", by_index, by_index], check=True)
    subprocess.run(["sort", "-n", "-o", by_table, by_table], check=True)
    if subprocess.run(["cmp", "-s", by_index, by_table]).returncode:
        sys.exit("the index and the table differ")
    return ended[1], before, statistics.mean(during)


def export(database, path, settings):
    with path.open("w") as out:
        sql = f"{settings}; SELECT v, id FROM indexed WHERE v >= 0 ORDER BY v"
        subprocess.run(["psql", "-X", "-q", "-A", "-t", "-c", sql], env=environment(database), stdout=out, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("borealis")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with running(arguments.borealis, max_connections=arguments.sessions + 20) as (folder, databases):
        scripts = {}
        for name, text in (("increment", INCREMENT), ("disjoint", DISJOINT), ("write", WRITE)):
            scripts[name] = folder / f"{name}.sql"
            scripts[name].write_text(text)
        for database in databases:
            psql(database, "CREATE TABLE counter (id int PRIMARY KEY, v bigint)")
            psql(database, "INSERT INTO counter SELECT g, 0 FROM generate_series(1, 200) g")
        committed = {}
        for database in databases:
            committed[database.name], times = increments(database, scripts["increment"], arguments)
            if times:
                times.sort()
                print(f"aborted commits: {len(times)} timed, median {statistics.median(times):.2f} ms, "
                      f"99 of 100 within {times[int(len(times) * 0.99)]:.2f} ms, slowest {times[-1]:.2f} ms, the client's own time included")
        print(f"{arguments.sessions} sessions on one row, each commit counted once: borealis {committed['borealis']:.0f} commits/s, "
              f"postgresql {committed['postgresql']:.0f}, ratio {committed['borealis'] / committed['postgresql']:.2f}", flush=True)
        for database in databases:
            print(f"{WRITERS} writers on rows of their own: {database.name} {disjoint(database, scripts['disjoint'], arguments):.0f} commits/s, no conflict", flush=True)
        seconds, before, during = index_build(databases[1], scripts["write"], arguments, folder)
        print(f"index over {arguments.rows} rows beside {WRITERS} writers: {seconds:.1f} s, row by row as the table; "
              f"writers {before:.0f} tps before, {during:.0f} during ({during / before:.2f})")


if __name__ == "__main__":
    main()
