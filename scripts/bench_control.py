"""GetCluster and ListClusters over kept connections: requests a second and latencies of the control endpoint.

`bench_control.py CONTROL_PLANE [--clusters N] [--connections C] [--seconds S]`, where CONTROL_PLANE is the built example of crates/control. The
requests are signed once by botocore and sent again as they are: the server checks the signature of every one.
"""

import argparse
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest


def request(url, credentials, path):
    signed = AWSRequest("GET", url + path)
    SigV4Auth(boto3.Session(*credentials).get_credentials(), "dsql", "us-east-1").add_auth(signed)
    host = urllib.parse.urlsplit(url).netloc
    headers = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items())
    return f"GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n".encode()


def exchange(connection, message):
    connection.sendall(message)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 200"), answer
    return body


def measure(url, message, connections, seconds):
    address = urllib.parse.urlsplit(url)
    times = [[] for _ in range(connections)]
    end = time.monotonic() + seconds

    def run(mine):
        with socket.create_connection((address.hostname, address.port)) as connection:
            while (began := time.monotonic()) < end:
                exchange(connection, message)
                mine.append(time.monotonic() - began)

    threads = [threading.Thread(target=run, args=(mine,)) for mine in times]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    flat = sorted(t for mine in times for t in mine)
    return len(flat) / seconds, flat[len(flat) // 2] * 1000, flat[len(flat) * 99 // 100] * 1000


parser = argparse.ArgumentParser()
parser.add_argument("binary")
parser.add_argument("--clusters", type=int, default=1000)
parser.add_argument("--connections", type=int, default=4)
parser.add_argument("--seconds", type=int, default=5)
arguments = parser.parse_args()
with tempfile.TemporaryDirectory() as folder:
    # Twice: the second start finds all clusters on disk.
    for _ in range(2):
        began = time.monotonic()
        process = subprocess.Popen([arguments.binary, folder, str(arguments.clusters)], stdout=subprocess.PIPE, text=True)
        ready = dict(word.split("=", 1) for word in process.stdout.readline().split()[1:])
        started = time.monotonic() - began
        if _ == 0:
            process.kill()
            process.wait()
    try:
        keys = dict(line.split(" = ") for line in open(ready["credentials"]).read().splitlines() if " = " in line)
        credentials = (keys["aws_access_key_id"], keys["aws_secret_access_key"])
        url = ready["control"]
        address = urllib.parse.urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            listed = exchange(connection, request(url, credentials, "/cluster?max-results=100"))
        identifier = listed.split(b'"identifier":"')[1][:26].decode()
        resident = next(line for line in open(f"/proc/{process.pid}/status") if line.startswith("VmRSS")).split()[1]
        print(f"{arguments.clusters} clusters: started in {started * 1000:.0f} ms, {int(resident) // 1024} MiB resident")
        for name, path in (("GetCluster", f"/cluster/{identifier}"), ("ListClusters of 100", "/cluster?max-results=100")):
            rate, median, p99 = measure(url, request(url, credentials, path), arguments.connections, arguments.seconds)
            print(f"{name}: {rate:.0f} requests/s, median {median:.2f} ms, p99 {p99:.2f} ms ({arguments.connections} connections)")
    finally:
        process.kill()
        process.wait()
