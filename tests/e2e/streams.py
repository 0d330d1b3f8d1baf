"""Change streams through the real binary: boto3 makes one, writers commit, kill -9 in the middle, and every committed row is in the file.

Asserts what a consumer relies on: each committed change at least once and with the documented content; nothing that was not committed; the life of
a stream in the API; a cluster that rests with its stream; the end of a stream with its cluster.
"""

import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time

import boto3
import psycopg

from served import BINARY, Served

REGION = "us-east-1"
FIELDS = {"type", "op", "before", "after", "source", "ts_ms", "ts_ns"}
SOURCE = {"version", "ts_ms", "ts_ns", "txId", "schema", "table", "db", "cluster"}


class Server(Served):
    def __init__(self, folder, *arguments):
        self.folder, self.arguments = folder, arguments

    def start(self):
        ready = self.serve("--data", self.folder, "--listen", "127.0.0.1:0", "--auth", "trust", "--allow-plaintext", *self.arguments)
        assert ready.control.startswith("http://127.0.0.1:"), ready
        self.port, self.cluster = ready.port, ready.cluster
        self.dsql = boto3.client("dsql", endpoint_url=ready.control, region_name=REGION, aws_access_key_id="AKIATEST", aws_secret_access_key="x")
        return self

    def connect(self, cluster=None):
        options = f"-c amzn-cluster-id={cluster}" if cluster else ""
        return psycopg.connect(host="127.0.0.1", port=self.port, user="admin", dbname="postgres", sslmode="disable", options=options, autocommit=True)

    def create_stream(self, name, cluster=None):
        account = self.dsql.get_cluster(identifier=cluster or self.cluster)["arn"].split(":")[4]
        target = {"streamArn": f"arn:aws:kinesis:{REGION}:{account}:stream/{name}", "roleArn": f"arn:aws:iam::{account}:role/r"}
        made = self.dsql.create_stream(
            clusterIdentifier=cluster or self.cluster, targetDefinition={"kinesis": target}, ordering="UNORDERED", format="JSON"
        )
        assert made["status"] == "CREATING"
        names = {"clusterIdentifier": cluster or self.cluster, "streamIdentifier": made["streamIdentifier"]}
        self.dsql.get_waiter("stream_active").wait(**names, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        return names


def records(path):
    """Whole lines only: the last one may be on its way."""
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def until(path, complete, what):
    deadline = time.monotonic() + 60
    while not complete(found := records(path)):
        assert time.monotonic() < deadline, f"{what}: {len(found)} records, the last {found[-1:]}"
        time.sleep(0.05)  # a file has no way of waiting but looking again
    return found


def content(server, path):
    with server.connect() as connection:
        connection.execute("CREATE TABLE kinds (id int PRIMARY KEY, n numeric, t text, c char(4), b bytea, d date, at timestamptz, u uuid, f float8, ok bool)")
        connection.execute(
            "INSERT INTO kinds VALUES (1, 1.50, 'ü\"', 'ab', '\\x00ff', '1970-01-02', '1970-01-01 00:00:01+00', "
            "'00000000-0000-0000-0000-000000000001', 'NaN', true)"
        )
        connection.execute("UPDATE kinds SET n = NULL, at = 'infinity' WHERE id = 1")
        connection.execute("DELETE FROM kinds WHERE id = 1")
        with connection.transaction():
            connection.execute("INSERT INTO kinds (id) VALUES (2)")
            connection.execute("DELETE FROM kinds WHERE id = 2")
        connection.execute("CREATE SCHEMA s")
        connection.execute("CREATE TABLE s.keyless (v int)")
        connection.execute("INSERT INTO s.keyless VALUES (7)")
        connection.execute("DELETE FROM s.keyless")
    found = until(path, lambda found: len(found) >= 5, "five changes")
    assert [(record["op"], record["source"]["schema"], record["source"]["table"]) for record in found] == [
        ("c", "public", "kinds"), ("u", "public", "kinds"), ("d", "public", "kinds"), ("c", "s", "keyless"), ("d", "s", "keyless")
    ], found
    for record in found:
        assert set(record) == FIELDS and set(record["source"]) == SOURCE and record["type"] == "full", record
        assert record["source"]["db"] == "postgres" and record["source"]["cluster"] == server.cluster
        assert re.fullmatch("[a-z2-7]{26}", record["source"]["txId"]), record
        assert record["source"]["ts_ns"] // 1_000_000 == record["source"]["ts_ms"] <= record["ts_ms"] + 1
    assert found[0]["after"] == {
        "id": 1, "n": "1.50", "t": 'ü"', "c": "ab", "b": "AP8=", "d": 1, "at": 1_000_000, "u": "00000000-0000-0000-0000-000000000001", "f": "NaN", "ok": True
    }, found[0]
    assert found[0]["before"] is None
    assert (found[1]["after"]["n"], found[1]["after"]["at"]) == (None, 9223372036825200000)
    assert (found[2]["before"], found[2]["after"]) == ({"id": 1}, None)
    assert (found[4]["before"], found[4]["after"]) == (None, None)
    times = [record["source"]["ts_ns"] for record in found]
    assert times == sorted(set(times)), times


class Writer(threading.Thread):
    """Inserts numbers, and knows which of them were acknowledged."""

    def __init__(self, server, first):
        super().__init__()
        self.server, self.first, self.acknowledged, self.started = server, first, [], threading.Event()

    def run(self):
        number = self.first
        try:
            with self.server.connect() as connection:
                while True:
                    connection.execute("INSERT INTO numbers VALUES (%s)", (number,))
                    self.acknowledged.append(number)
                    self.started.set()
                    number += 1
        except psycopg.Error:
            self.started.set()


def killed(server, path):
    with server.connect() as connection:
        connection.execute("CREATE TABLE numbers (n bigint PRIMARY KEY)")
    acknowledged = set()
    for round in range(3):
        writers = [Writer(server, (round * 4 + place) * 1_000_000) for place in range(3)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.started.wait(60)
        time.sleep(0.7)  # let them write
        server.kill()
        for writer in writers:
            writer.join()
            acknowledged |= set(writer.acknowledged)
        server.start()
    with server.connect() as connection:
        rows = {number for number, in connection.execute("SELECT n FROM numbers").fetchall()}
    assert acknowledged <= rows, "an acknowledged row is lost"

    def numbers(found):
        return [record["after"]["n"] for record in found if record["source"]["table"] == "numbers"]

    found = until(path, lambda found: rows <= set(numbers(found)), "every row")
    told = numbers(found)
    assert set(told) == rows, "what was never committed is not told"
    keys = [(record["source"]["ts_ns"], record["after"]["n"]) for record in found if record["source"]["table"] == "numbers"]
    assert len(set(keys)) == len(rows), "what comes twice is the same to the nanosecond"
    print(f"   {len(rows)} rows over three kills, {len(told) - len(rows)} told twice")


def resting(server, names, path):
    """The cluster is closed with its stream, and what its next connection writes is told."""
    folder = f"/clusters/{server.cluster}/"

    def is_open():
        descriptors = pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()
        links = []
        for descriptor in descriptors:
            try:
                links.append(str(descriptor.readlink()))
            except OSError:
                pass  # closed meanwhile
        return any(folder in link for link in links)

    deadline = time.monotonic() + 60
    while is_open():
        assert time.monotonic() < deadline, "the cluster does not rest"
        time.sleep(0.1)  # what it waits for is the idle time itself
    time.sleep(1.5)  # the stream looks for changes meanwhile
    assert not is_open(), "a stream with nothing to read does not wake its cluster"
    before = len(records(path))
    with server.connect() as connection:
        connection.execute("INSERT INTO numbers VALUES (-1)")
    until(path, lambda found: len(found) > before, "the row after the rest")
    assert server.dsql.get_stream(**names)["status"] == "ACTIVE"


def command_line(server):
    def borealis(*arguments):
        command = [BINARY, "cluster", "stream", *arguments, "--data", server.folder, "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    # A server that trusts everybody makes no key; the commands sign all the same.
    subprocess.run([BINARY, "key", "create", "borealis", "--data", server.folder], capture_output=True, check=True)
    made = borealis("create", server.cluster, "--target", "second", "--tags", "a=b", "--wait")
    assert (made["status"], made["tags"]) == ("ACTIVE", {"a": "b"}), made
    identifier = made["streamIdentifier"]
    assert identifier in [stream["streamIdentifier"] for stream in borealis("list", server.cluster)]
    assert borealis("get", server.cluster, identifier)["targetDefinition"]["kinesis"]["streamArn"].endswith(":stream/second")
    assert borealis("delete", server.cluster, identifier, "--wait")["status"] == "DELETED"
    assert identifier not in [stream["streamIdentifier"] for stream in borealis("list", server.cluster)]


def deletion(server, sinks):
    cluster = server.dsql.create_cluster(deletionProtectionEnabled=False)["identifier"]
    server.dsql.get_waiter("cluster_active").wait(identifier=cluster, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    server.create_stream("short", cluster)
    with server.connect(cluster) as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY)")
        connection.execute("INSERT INTO t VALUES (1)")
    until(sinks / "short.jsonl", lambda found: len(found) == 1, "the row of the short-lived cluster")
    server.dsql.delete_cluster(identifier=cluster)
    server.dsql.get_waiter("cluster_not_exists").wait(identifier=cluster, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    cursors = list((pathlib.Path(server.folder) / "control" / "streams").iterdir())
    assert len(cursors) == 1, f"a stream that is gone leaves no cursor: {cursors}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        sinks = pathlib.Path(folder) / "sinks"
        server = Server(f"{folder}/data", "--stream-sink", str(sinks), "--idle-after", "2").start()
        try:
            path = sinks / "orders.jsonl"
            print("stream: created, and told every kind of change")
            names = server.create_stream("orders")
            content(server, path)
            print("stream: kill -9 under load loses nothing")
            killed(server, path)
            print("stream: rests with its cluster")
            resting(server, names, path)
            print("stream: on the command line, and with its cluster's end")
            command_line(server)
            deletion(server, sinks)
            server.dsql.delete_stream(**names)
            server.dsql.get_waiter("stream_not_exists").wait(**names, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
            server.stop()
        finally:
            server.process.kill()
            server.process.wait()


main()
