"""Many clusters behind one port: made and deleted through the cluster API's folder of records, routed by name, resting when idle.

Asserts what a client sees: routing by host name and by option, a cluster that rests and comes back, a deletion under load, a restart with fifty
clusters, kill -9 while clusters are made and deleted, a server that drains.
"""

import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import tempfile
import threading
import time

import psycopg

from served import BINARY, Served


class Server(Served):
    def __init__(self, folder, *arguments):
        self.folder, self.arguments = folder, arguments

    def start(self):
        arguments = ["--data", self.folder, "--listen", "127.0.0.1:0", "--auth", "trust", "--allow-plaintext", "--cluster-quota", "2000"]
        ready = self.serve(*arguments, *self.arguments)
        control = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", ready.control)
        assert control, ready
        self.port, self.control, self.cluster = ready.port, int(control[1]), ready.cluster
        return self

    def connect(self, cluster=None, by="option", user="admin"):
        host = f"{cluster}.dsql.us-east-1.on.aws" if by == "name" else "localhost"
        options = f"-c amzn-cluster-id={cluster}" if cluster and by == "option" else ""
        return psycopg.connect(host=host, hostaddr="127.0.0.1", port=self.port, user=user, dbname="postgres", options=options,
                               sslmode="require" if by == "name" else "disable", autocommit=True)

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.control, timeout=60)
        connection.request(method, path, json.dumps(body) if body is not None else None, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def create(self):
        status, answer = self.request("POST", "/cluster", {"deletionProtectionEnabled": False})
        assert status == 200, (status, answer)
        return answer["identifier"]

    def delete(self, cluster):
        return self.request("DELETE", f"/cluster/{cluster}")

    def status(self, cluster):
        status, answer = self.request("GET", f"/cluster/{cluster}")
        return answer["status"] if status == 200 else status

    def wait(self, cluster, *wanted):
        deadline = time.monotonic() + 60
        while self.status(cluster) not in wanted:
            assert time.monotonic() < deadline, f"{cluster} is {self.status(cluster)}, not one of {wanted}"
            time.sleep(0.05)  # the API has no way of waiting but asking again

    def descriptors(self, cluster):
        """How many files of a cluster the server has open: none when it rests."""
        names = []
        for descriptor in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                names.append(os.readlink(descriptor))
            except OSError:
                pass  # closed meanwhile
        return sum(f"/clusters/{cluster}/" in name for name in names)


def value(connection, sql):
    return connection.execute(sql).fetchone()[0]


def refused(server, text, **names):
    try:
        server.connect(**names).close()
    except psycopg.OperationalError as error:
        assert text in str(error), error
    else:
        raise AssertionError(f"connected, with {names}")


def routing(server):
    one, two = server.create(), server.create()
    for cluster in (one, two):
        server.wait(cluster, "ACTIVE", "IDLE")
    for cluster, by in ((one, "option"), (two, "name")):
        with server.connect(cluster, by) as connection:
            connection.execute("CREATE TABLE who (name text PRIMARY KEY)")
            connection.execute("INSERT INTO who VALUES (%s)", (cluster,))
    for cluster, by in ((one, "name"), (two, "option")):
        with server.connect(cluster, by) as connection:
            assert value(connection, "SELECT name FROM who") == cluster
    with server.connect() as connection:
        assert value(connection, "SELECT count(*) FROM pg_class WHERE relname = 'who'") == 0, "the default cluster is another one"
    for by in ("name", "option"):
        refused(server, "unable to accept connection, access denied", cluster="a" * 26, by=by)
    refused(server, "unable to accept connection, access denied", cluster="../../etc", by="option")
    return one


def resting(server, cluster):
    with server.connect(cluster) as connection:
        assert server.descriptors(cluster) > 0
    deadline = time.monotonic() + 30
    while server.descriptors(cluster):
        assert time.monotonic() < deadline, "the cluster does not rest"
        time.sleep(0.1)  # what it waits for is the idle time itself
    began = time.monotonic()
    with server.connect(cluster) as connection:
        assert value(connection, "SELECT name FROM who") == cluster
    print(f"   opened again and asked in {(time.monotonic() - began) * 1000:.0f} ms")


def deletion_under_load(server):
    cluster = server.create()
    server.wait(cluster, "ACTIVE", "IDLE")
    with server.connect(cluster) as connection:
        connection.execute("CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int)")
    ends, working = [], threading.Barrier(5)

    def work():
        try:
            with server.connect(cluster) as connection:
                connection.execute("INSERT INTO t (n) VALUES (0)")
                working.wait()
                while True:
                    connection.execute("INSERT INTO t (n) VALUES (1)")
        except psycopg.Error as error:
            ends.append(error.sqlstate)

    idle = server.connect(cluster)
    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    working.wait()
    status, answer = server.delete(cluster)
    assert status == 200, answer
    [thread.join(timeout=30) for thread in threads]
    assert len(ends) == 4 and set(ends) <= {"57P01", None}, ends
    try:
        idle.execute("SELECT 1")
        raise AssertionError("an idle connection outlives its cluster")
    except psycopg.Error as error:
        assert error.sqlstate in ("57P01", None), error
    server.wait(cluster, 404)
    refused(server, "unable to accept connection, access denied", cluster=cluster)
    assert not (pathlib.Path(server.folder) / "clusters" / cluster).exists()


def fifty_over_a_restart(server):
    clusters = [server.create() for _ in range(50)]
    for cluster in clusters:
        server.wait(cluster, "ACTIVE", "IDLE")
    for cluster in clusters[::7]:
        with server.connect(cluster) as connection:
            connection.execute("CREATE TABLE who (name text PRIMARY KEY)")
            connection.execute("INSERT INTO who VALUES (%s)", (cluster,))
    default = server.cluster
    server.stop()
    server.start()
    assert server.cluster == default
    for cluster in clusters[::7]:
        with server.connect(cluster) as connection:
            assert value(connection, "SELECT name FROM who") == cluster
    for cluster in clusters:
        assert server.status(cluster) in ("ACTIVE", "IDLE"), cluster


def killed_in_between(server):
    """kill -9 while clusters are made and deleted: each is whole or gone, and what was asked for is carried out after the restart."""
    generator = random.Random(1)
    kept, gone = set(), set()
    for _ in range(4):
        stop = threading.Event()

        def churn():
            while not stop.is_set():
                try:
                    cluster = server.create()
                    kept.add(cluster)
                    if generator.random() < 0.5:
                        server.wait(cluster, "ACTIVE", "IDLE")
                        kept.discard(cluster)
                        gone.add(cluster)
                        server.delete(cluster)
                except (OSError, http.client.HTTPException):
                    return  # the server has been killed: whether the last one was done is what is looked at below

        thread = threading.Thread(target=churn)
        thread.start()
        time.sleep(generator.random() * 0.8)  # a random moment is the point
        server.kill()
        stop.set()
        thread.join()
        server.start()
    for cluster in kept:
        server.wait(cluster, "ACTIVE", "IDLE")
        server.connect(cluster).close()
    folders = {path.name for path in (pathlib.Path(server.folder) / "clusters").iterdir() if path.is_dir()}
    assert not any(name.startswith(".") for name in folders), folders
    for cluster in gone:
        # Deleted where the request arrived, whole where it did not.
        if server.status(cluster) != 404:
            server.wait(cluster, 404, "ACTIVE", "IDLE")
    print(f"   {len(kept)} made, {len(gone)} deleted")


def draining(server):
    idle, busy = server.connect(), server.connect()
    busy.execute("CREATE TABLE IF NOT EXISTS drained (n int PRIMARY KEY)")
    busy.autocommit = False
    busy.execute("INSERT INTO drained VALUES (1)")
    server.process.terminate()
    try:
        while True:
            idle.execute("SELECT 1")
    except psycopg.Error as error:
        assert error.sqlstate in ("57P01", None), error
    busy.execute("INSERT INTO drained VALUES (2)")
    busy.commit()
    assert server.process.wait(timeout=20) == 0
    server.start()
    with server.connect() as connection:
        assert value(connection, "SELECT count(*) FROM drained") == 2


def second_signal(server):
    held = server.connect()
    held.autocommit = False
    held.execute("SELECT 1")
    server.process.terminate()
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except OSError:
            break  # it has heard the first one
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=5) == 1
    server.start()


with tempfile.TemporaryDirectory(prefix="borealis-fleet-") as folder:
    server = Server(folder, "--idle-after", "1").start()
    try:
        print("routing by option and by name", flush=True)
        cluster = routing(server)
        print("a cluster rests and comes back", flush=True)
        resting(server, cluster)
        print("deletion under load", flush=True)
        deletion_under_load(server)
        print("fifty clusters over a restart", flush=True)
        fifty_over_a_restart(server)
        print("kill -9 while clusters are made and deleted", flush=True)
        killed_in_between(server)
        print("a server that drains", flush=True)
        draining(server)
        print("a second signal", flush=True)
        second_signal(server)
        server.stop()
    finally:
        server.process.kill()
print("fleet: all as it should be")
