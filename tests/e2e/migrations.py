"""A table recreated under writers, and the server killed in the middle of each phase.

    migrations.py BOREALIS

Writers add to rows of their own and count what was acknowledged, and what was not answered because the server died. Whatever phase it dies in, `resume` ends
with a table that holds everything acknowledged and nothing that nobody wrote; `abort` leaves the table as it was.
"""

import pathlib
import random
import subprocess
import tempfile
import threading
import time

import psycopg

from served import BINARY, Served, step

ROWS = 20_000
WRITERS = 4
PHASES = ["copy", "index", "converge", "fence", "catch_up", "switch", "settle"]


class Cluster(Served):
    def __init__(self, folder):
        self.data = str(folder / "data")
        self.port = 0

    def start(self):
        ready = self.serve("--data", self.data, "--listen", f"127.0.0.1:{self.port}", "--no-control", "--auth", "trust", "--allow-plaintext",
                           stderr=subprocess.DEVNULL)
        self.port = ready.port

    def connect(self):
        return psycopg.connect(host="127.0.0.1", port=self.port, user="admin", dbname="postgres", sslmode="disable", autocommit=True)

    def migrate(self, *arguments, **options):
        return subprocess.Popen([BINARY, "migrate", *arguments, "--data", self.data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def migrated(self, *arguments):
        process = self.migrate(*arguments)
        output, errors = process.communicate()
        assert process.returncode == 0, (arguments, output, errors)
        return output


class Writer(threading.Thread):
    def __init__(self, cluster, number, stop):
        super().__init__(daemon=True)
        self.cluster, self.number, self.stop = cluster, number, stop
        self.acknowledged, self.unanswered, self.error = {}, {}, None

    def run(self):
        try:
            while not self.stop.is_set():
                try:
                    with self.cluster.connect() as connection:
                        self.write(connection)
                except psycopg.OperationalError:
                    time.sleep(0.01)  # until the server is back
        except Exception as error:  # anything else is what the test looks for
            self.error = error

    def write(self, connection):
        connection.prepare_threshold = None
        chosen = random.Random(self.number)
        while not self.stop.is_set():
            key = chosen.randrange(ROWS // WRITERS) * WRITERS + self.number
            try:
                connection.execute(f"UPDATE account SET balance = balance::int + 1 WHERE id = {key}")
                self.acknowledged[key] = self.acknowledged.get(key, 0) + 1
            except (psycopg.errors.SerializationFailure, psycopg.errors.UndefinedTable):
                continue
            except psycopg.OperationalError:
                self.unanswered[key] = self.unanswered.get(key, 0) + 1
                raise


def fill(cluster):
    with cluster.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS account")
        connection.execute("CREATE TABLE account (id int PRIMARY KEY, balance text NOT NULL, filler text)")
        for low in range(0, ROWS, 2500):
            connection.execute(f"INSERT INTO account SELECT g, '0', repeat('x', 80) FROM generate_series({low}, {low + 2499}) AS g")


def check(cluster, writers, kind):
    with cluster.connect() as connection:
        values = dict(connection.execute("SELECT id, balance::int FROM account").fetchall())
        found = connection.execute("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'account'::regclass AND attname = 'balance'")
        assert found.fetchone()[0] == kind
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'new\\_%'").fetchone()[0]
        assert left == 0, "the new table's interim name is gone"
    assert values.keys() == set(range(ROWS))
    for writer in writers:
        assert writer.error is None, writer.error
        for key in range(writer.number, ROWS, WRITERS):
            least = writer.acknowledged.get(key, 0)
            assert least <= values[key] <= least + writer.unanswered.get(key, 0), (key, values[key], least, writer.unanswered.get(key, 0))
    return sum(sum(writer.acknowledged.values()) for writer in writers)


def killed_in(cluster, folder, phase, end):
    """Kills the server once the run is in a phase, starts it again, and ends the run as said."""
    fill(cluster)
    plan = str(folder / "plan.json")
    cluster.migrated("plan", "retype-column", "account", "balance", "bigint", "--out", plan)
    stop = threading.Event()
    writers = [Writer(cluster, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    run = cluster.migrate("apply", plan)
    for line in run.stderr:
        words = line.split("] ")[-1].split()
        if len(words) > 3 and words[3].rstrip(",") == phase and (phase != "copy" or int(words[0]) > 0):
            break
    cluster.kill()
    run.communicate()
    cluster.start()
    cluster.migrated(end, "--take-over")
    stop.set()
    for writer in writers:
        writer.join()
    return check(cluster, writers, "bigint" if end == "resume" else "text")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cluster = Cluster(folder)
        cluster.start()
        for phase in PHASES:
            writes = killed_in(cluster, folder, phase, "resume")
            step(f"the server was killed in phase {phase} and the run resumed: {writes} acknowledged writes are there")
        # Not in the last phases: by the time the server is dead the run may be past the point from which there is only forward.
        for phase in ["copy", "index"]:
            writes = killed_in(cluster, folder, phase, "abort")
            step(f"the server was killed in phase {phase} and the run taken back: {writes} acknowledged writes are there")
        cluster.stop()
    print("migrations: all as it should be")


if __name__ == "__main__":
    main()
