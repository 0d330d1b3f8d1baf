"""A table recreated under writers: what it takes, how long the table is without its name, whether a write is lost.

    scripts/bench_migrate.py BOREALIS [--rows 1000000] [--writers 8]

The writers add to rows of their own and count what was acknowledged; in the end each row must hold exactly that. They retry 40001 and 42P01 and
nothing else. Memory is the peak of the migrating process, not the server's.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import psycopg


def started(binary, folder):
    command = [binary, "serve", "--data", str(folder), "--listen", "127.0.0.1:0", "--no-control", "--auth", "trust", "--allow-plaintext"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    words = dict(word.split("=", 1) for word in server.stdout.readline().split()[1:])
    return server, int(words["postgres"].rsplit(":", 1)[1])


def connected(port):
    return psycopg.connect(host="127.0.0.1", port=port, user="admin", dbname="postgres", sslmode="disable", autocommit=True)


def fill(port, rows):
    with connected(port) as connection:
        connection.execute("CREATE TABLE account (id int PRIMARY KEY, balance text NOT NULL, filler text)")
        for low in range(0, rows, 3000):
            high = min(low + 3000, rows)
            connection.execute(f"INSERT INTO account SELECT g, '0', repeat('x', 80) FROM generate_series({low}, {high - 1}) AS g")


class Writer(threading.Thread):
    def __init__(self, port, number, writers, rows, stop):
        super().__init__(daemon=True)
        self.port, self.number, self.writers, self.rows, self.stop = port, number, writers, rows, stop
        self.model, self.made, self.retries, self.missing, self.worst, self.error = {}, 0, 0, 0, 0.0, None

    def run(self):
        try:
            self.write()
        except Exception as error:  # any error but the two is what the bench looks for
            self.error = error

    def write(self):
        chosen = random.Random(self.number)
        with connected(self.port) as connection:
            connection.prepare_threshold = None
            while not self.stop.is_set():
                key = chosen.randrange(self.rows // self.writers) * self.writers + self.number
                begun = time.monotonic()
                while not self.added(connection, key):
                    pass
                self.worst = max(self.worst, time.monotonic() - begun)
                self.model[key] = self.model.get(key, 0) + 1
                self.made += 1

    def added(self, connection, key):
        try:
            connection.execute(f"UPDATE account SET balance = balance::int + 1 WHERE id = {key}")
            return True
        except psycopg.errors.SerializationFailure:
            self.retries += 1
        except psycopg.errors.UndefinedTable:
            self.missing += 1
            time.sleep(0.002)
        return False


def migrate(binary, folder):
    environment = dict(os.environ, BOREALIS_DATA=str(folder / "data"))
    plan = str(folder / "plan.json")
    subprocess.run([binary, "migrate", "plan", "retype-column", "account", "balance", "bigint", "--out", plan], check=True,
                   env=environment, stdout=subprocess.DEVNULL)
    begun = time.monotonic()
    subprocess.run([binary, "migrate", "apply", plan, "--json"], check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def differences(port, writers):
    expected = {}
    for writer in writers:
        expected.update(writer.model)
    with connected(port) as connection:
        actual = dict(connection.execute("SELECT id, balance FROM account WHERE balance <> 0").fetchall())
    return sum(1 for key in expected.keys() | actual.keys() if expected.get(key) != actual.get(key))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--writers", type=int, default=8)
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="borealis-migrate-", dir=os.environ.get("BENCH_DIR")))
    server, port = started(arguments.binary, folder / "data")
    try:
        fill(port, arguments.rows)
        stop = threading.Event()
        writers = [Writer(port, number, arguments.writers, arguments.rows, stop) for number in range(arguments.writers)]
        for writer in writers:
            writer.start()
        time.sleep(1)
        seconds = migrate(arguments.binary, folder)
        time.sleep(1)
        stop.set()
        for writer in writers:
            writer.join()
        errors = [str(writer.error) for writer in writers if writer.error]
        lost = differences(port, writers)
        print(json.dumps({
            "rows": arguments.rows,
            "seconds": round(seconds, 1),
            "writes": sum(writer.made for writer in writers),
            "rows_that_differ": lost,
            "other_errors": errors,
            "retries_40001": sum(writer.retries for writer in writers),
            "retries_42P01": sum(writer.missing for writer in writers),
            "longest_wait_of_a_write_seconds": round(max(writer.worst for writer in writers), 2),
            "migrating_process_peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        }, indent=2))
        sys.exit(1 if lost or errors else 0)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
