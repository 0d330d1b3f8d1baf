#!/usr/bin/env python3
"""What many clusters cost: resident memory with CLUSTERS defined and USED of them in use, and the first query on a cluster at rest that holds SIZE.

    scripts/bench_fleet.py PATH-TO-BOREALIS [--clusters 1000] [--used 10] [--mib 1024]

Needs psql. Prints one line a figure; the folder it works in is removed at the end.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

ROW = "x" * 1000


class Server:
    def __init__(self, binary, folder, clusters):
        command = [binary, "serve", "--data", folder, "--listen", "127.0.0.1:0", "--auth", "trust", "--allow-plaintext", "--idle-after", "2"]
        self.process = subprocess.Popen([*command, "--cluster-quota", str(clusters + 1)], stdout=subprocess.PIPE, text=True)
        ready = re.match(r"ready postgres=127\.0\.0\.1:(\d+) control=http://127\.0\.0\.1:(\d+) cluster=(\S+)", self.process.stdout.readline())
        self.port, self.control, self.cluster = int(ready[1]), int(ready[2]), ready[3]

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.control)
        connection.request(method, path, body and json.dumps(body), {"content-type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    def psql(self, cluster, *arguments, **more):
        environment = os.environ | {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "admin", "PGDATABASE": "postgres",
                                    "PGSSLMODE": "disable", "PGOPTIONS": f"-c amzn-cluster-id={cluster}"}
        return subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *arguments], env=environment, check=True, **more)

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def rests(self, cluster):
        for descriptor in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                if f"/clusters/{cluster}/" in os.readlink(descriptor):
                    return False
            except OSError:
                pass  # closed meanwhile
        return True

    def wait_for_rest(self, cluster):
        while not self.rests(cluster):
            time.sleep(0.1)  # what it waits for is the idle time itself

    def timed(self, cluster, sql):
        began = time.monotonic()
        self.psql(cluster, "-c", sql, stdout=subprocess.DEVNULL)
        return (time.monotonic() - began) * 1000


def many(server, clusters, used):
    began = time.monotonic()
    ids = [server.request("POST", "/cluster", {"deletionProtectionEnabled": False})["identifier"] for _ in range(clusters)]
    for cluster in ids:
        while server.request("GET", f"/cluster/{cluster}")["status"] == "CREATING":
            time.sleep(0.05)  # the API has no way of waiting but asking again
    print(f"{clusters} clusters made through the API in {time.monotonic() - began:.1f} s; resident {server.resident_mib():.0f} MiB", flush=True)
    held = []
    for cluster in ids[:used]:
        server.psql(cluster, "-c", "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "-c", "INSERT INTO t SELECT g, repeat('x', 100) FROM generate_series(1, 2000) g")
        environment = os.environ | {"PGOPTIONS": f"-c amzn-cluster-id={cluster}"}
        held.append(subprocess.Popen(["psql", "-XqAt", f"host=127.0.0.1 port={server.port} user=admin dbname=postgres sslmode=disable"],
                                     env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        held[-1].stdin.write("SELECT count(*) FROM t;\n")
        held[-1].stdin.flush()
        assert held[-1].stdout.readline() == "2000\n"
    print(f"{clusters} clusters defined, {used} in use: resident {server.resident_mib():.0f} MiB", flush=True)
    for session in held:
        session.stdin.close()
        session.wait()
    return ids


def cold(server, cluster, mib):
    server.psql(cluster, "-c", "CREATE TABLE big (id int PRIMARY KEY, v text)")
    batch = 2500  # rows, within the limit of a transaction
    for begin in range(0, mib * 1024, batch):
        rows = "".join(f"{row}\t{ROW}\n" for row in range(begin, min(begin + batch, mib * 1024)))
        server.psql(cluster, "-c", "COPY big FROM STDIN", input=rows, text=True)
    server.wait_for_rest(cluster)
    folder = pathlib.Path(server.folder) / "clusters" / cluster
    size = sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()) >> 20
    first = []
    for _ in range(5):
        server.wait_for_rest(cluster)
        first.append(server.timed(cluster, f"SELECT v FROM big WHERE id = {mib * 512}"))
    with_open = [server.timed(cluster, f"SELECT v FROM big WHERE id = {mib * 512}") for _ in range(5)]
    print(f"first query on a cluster at rest of {size} MiB, psql's start included: {min(first):.0f} to {max(first):.0f} ms; "
          f"open: {min(with_open):.0f} to {max(with_open):.0f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--used", type=int, default=10)
    parser.add_argument("--mib", type=int, default=1024)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="borealis-bench-fleet-") as folder:
        server = Server(arguments.binary, folder, arguments.clusters)
        server.folder = folder
        try:
            ids = many(server, arguments.clusters, arguments.used)
            cold(server, ids[-1], arguments.mib)
        finally:
            server.process.terminate()
            server.process.wait()


main()
