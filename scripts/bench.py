"""Pairs of pgbench runs against PostgreSQL and Borealis.

Both keep their data on the same disk with durable commits, both are spoken to over TCP on the loopback without TLS, both have the same tables, rows and
scripts. Rounds alternate, so that whatever else the machine does hits both; the median of the rounds is what counts.

    scripts/bench.py BOREALIS [--seconds 10] [--rounds 3] [--rows 1000000]
"""

import argparse
import contextlib
import glob
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

CLIENTS = 8
BRANCHES, TELLERS = 100, 1000

TABLES = {
    "bench_branches": "CREATE TABLE bench_branches (bid int PRIMARY KEY, bbalance int, filler char(88))",
    "bench_tellers": "CREATE TABLE bench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84))",
    "bench_accounts": "CREATE TABLE bench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84))",
    "bench_history": "CREATE TABLE bench_history (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))",
}

SELECT = """\\set aid random(1, :rows)
SELECT abalance FROM bench_accounts WHERE aid = :aid;
"""

TPCB = """\\set aid random(1, :rows)
\\set bid random(1, %d)
\\set tid random(1, %d)
\\set delta random(-5000, 5000)
BEGIN;
UPDATE bench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM bench_accounts WHERE aid = :aid;
UPDATE bench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE bench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
INSERT INTO bench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
COMMIT;
""" % (BRANCHES, TELLERS)

COMMIT = """\\set aid random(1, :rows)
BEGIN;
UPDATE bench_accounts SET abalance = abalance + 1 WHERE aid = :aid;
COMMIT;
"""


class Postgres:
    name = "postgresql"

    def __init__(self, folder, max_connections=100):
        self.folder = folder / "postgresql"
        self.max_connections = max_connections
        self.bin = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.port = "54815"
        self.user = "nobody" if os.getuid() == 0 else None
        self.folder.mkdir()
        if self.user:
            shutil.chown(self.folder, self.user)

    def _run(self, *command):
        prefix = ["setpriv", f"--reuid={self.user}", "--clear-groups"] if self.user else []
        subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self):
        self._run(self.bin / "initdb", "-D", self.folder / "data", "-U", "admin", "-A", "trust", "--locale=C", "-E", "UTF8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_wal_size=4GB -c max_connections={self.max_connections}"
        self._run(self.bin / "pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self):
        self._run(self.bin / "pg_ctl", "-D", self.folder / "data", "-m", "fast", "-w", "stop")

    def settle(self):
        psql(self, "VACUUM ANALYZE")
        psql(self, "CHECKPOINT")


class Borealis:
    name = "borealis"

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder / "borealis"

    def start(self):
        command = [self.binary, "serve", "--data", self.folder, "--listen", "127.0.0.1:0", "--auth", "trust", "--allow-plaintext"]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.start_seconds = time.monotonic() - began
        self.port = re.search(r"postgres=\S+:(\d+)", line)[1]

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def settle(self):
        for table in TABLES:
            psql(self, f"ANALYZE {table}")


def environment(database):
    return dict(os.environ, PGHOST="127.0.0.1", PGPORT=database.port, PGUSER="admin", PGDATABASE="postgres", PGSSLMODE="disable")


def psql(database, sql):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql], check=True, env=environment(database), stdout=subprocess.DEVNULL)


def load(database, rows):
    """The same rows by the same statements: INSERT .. SELECT, 3,000 rows a transaction."""
    for statement in TABLES.values():
        psql(database, statement)
    script = []
    for table, columns, count in (
        ("bench_branches", "g, 0, ''", BRANCHES),
        ("bench_tellers", f"g, (g - 1) % {BRANCHES} + 1, 0, ''", TELLERS),
        ("bench_accounts", f"g, (g - 1) % {BRANCHES} + 1, 0, ''", rows),
    ):
        for first in range(1, count + 1, 3000):
            last = min(first + 2999, count)
            script.append(f"INSERT INTO {table} SELECT {columns} FROM generate_series({first}, {last}) g;")
    began = time.monotonic()
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"], input="\n".join(script), text=True, check=True, env=environment(database))
    seconds = time.monotonic() - began
    database.settle()
    return rows / seconds


def pgbench(database, script, clients, seconds, rows):
    command = [
        "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1" if clients == 1 else "2", "-T", str(seconds),
        "-D", f"rows={rows}", "--max-tries=1000", "-r", "-f", script,
    ]
    done = subprocess.run(command, env=environment(database), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{database.name}: {done.stderr}")
    tps = float(re.search(r"tps = ([\d.]+) \(without initial connection time\)", done.stdout)[1])
    retried = re.search(r"number of transactions retried: \d+ \(([\d.]+)%\)", done.stdout)
    commit = re.search(r"^\s+([\d.]+)\s+(?:\d+\s+){0,2}(?:\d+\s+)?COMMIT;", done.stdout, re.M)
    return tps, float(retried[1]) if retried else 0.0, float(commit[1]) * 1000 if commit else None


def fdatasync_append_us(folder, bytes_each=200, count=2000):
    """Median of appending to a preallocated file and flushing it."""
    path = folder / "append"
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    os.pwrite(file, bytes(bytes_each * count), 0)
    os.fsync(file)
    times = []
    for index in range(count):
        began = time.perf_counter()
        os.pwrite(file, b"x" * bytes_each, index * bytes_each)
        os.fdatasync(file)
        times.append((time.perf_counter() - began) * 1e6)
    os.close(file)
    path.unlink()
    return statistics.median(times)


def answered_append_us(folder, bytes_each=200, count=2000):
    """Median of the least a durable commit can cost over the wire: a request on the loopback, an append with its flush, an answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    child = os.fork()
    if child == 0:
        with socket.create_connection(listener.getsockname()) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            file = os.open(folder / "answered", os.O_CREAT | os.O_WRONLY, 0o600)
            os.pwrite(file, bytes(bytes_each * count), 0)
            os.fsync(file)
            offset = 0
            while client.recv(64):
                os.pwrite(file, b"x" * bytes_each, offset)
                os.fdatasync(file)
                client.send(b"answer")
                offset += bytes_each
        os._exit(0)
    times = []
    with listener.accept()[0] as server:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            server.send(b"request")
            server.recv(64)
            times.append((time.perf_counter() - began) * 1e6)
    os.waitpid(child, 0)
    listener.close()
    (folder / "answered").unlink()
    return statistics.median(times)


def compare(title, databases, script, clients, arguments):
    results = {database.name: [] for database in databases}
    for _ in range(arguments.rounds):
        for database in databases:
            results[database.name].append(pgbench(database, script, clients, arguments.seconds, arguments.rows))
    median = {name: statistics.median(result[0] for result in list_) for name, list_ in results.items()}
    ratio = median["borealis"] / median["postgresql"]
    retried = statistics.median(result[1] for result in results["borealis"])
    rounds = " ".join(f"{result[0]:.0f}" for result in results["borealis"]), " ".join(f"{result[0]:.0f}" for result in results["postgresql"])
    print(f"{title}: borealis {median['borealis']:.0f} tps, postgresql {median['postgresql']:.0f} tps, ratio {ratio:.2f}"
          f"  (borealis rounds {rounds[0]}; postgresql rounds {rounds[1]}; borealis retried {retried:.1f}%)", flush=True)
    return results


@contextlib.contextmanager
def running(binary, **postgres):
    """PostgreSQL and Borealis on new folders of one disk, both started; nothing of them is left afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="borealis-bench-", dir=os.environ.get("BENCH_DIR")))
    os.chmod(folder, 0o755)
    databases = [Postgres(folder, **postgres), Borealis(binary, folder)]
    try:
        for database in databases:
            database.start()
        yield folder, databases
    finally:
        for database in databases:
            try:
                database.stop()
            except Exception as error:  # the run's own error is the one to show
                print(f"{database.name}: {error}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("borealis")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with running(arguments.borealis) as (folder, databases):
        borealis = databases[1]
        print(f"start on an empty folder: {borealis.start_seconds * 1000:.0f} ms to ready")
        print(f"idle resident memory: {borealis.resident_mib():.1f} MiB")
        for database in databases:
            print(f"load: {database.name} {load(database, arguments.rows):.0f} rows/s", flush=True)
        scripts = {}
        for name, text in (("select", SELECT), ("tpcb", TPCB), ("commit", COMMIT)):
            scripts[name] = folder / f"{name}.sql"
            scripts[name].write_text(text)
        compare(f"select-only, prepared, {CLIENTS} clients", databases, scripts["select"], CLIENTS, arguments)
        compare(f"tpc-b-like, prepared, {CLIENTS} clients", databases, scripts["tpcb"], CLIENTS, arguments)
        append, answered = fdatasync_append_us(folder), answered_append_us(folder)
        results = compare("one update a transaction, 1 client", databases, scripts["commit"], 1, arguments)
        for name, list_ in results.items():
            commit = statistics.median(result[2] for result in list_ if result[2])
            print(f"commit latency seen by one client: {name} {commit:.0f} us, {commit / append:.2f} x one fdatasync'd append ({append:.0f} us)")
        print(f"one request, append and answer over the loopback with nothing around it: {answered:.0f} us, {answered / append:.2f} x the append")
        print(f"resident memory after the runs: {borealis.resident_mib():.1f} MiB")


if __name__ == "__main__":
    main()
