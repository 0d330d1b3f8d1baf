"""Rows a second of `borealis load` into a local, durable cluster: pgbench_accounts' shape, from a CSV file.

`bench_load.py BINARY [--rows N] [--jobs N] [--folder DIR]`; BINARY is the built `borealis`. The server runs with a data folder below DIR, so
every transaction is on disk before it is acknowledged. Prints one line a run, and fails when a row is missing.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile


def write_accounts(path, rows):
    filler = " " * 84
    with open(path, "w", buffering=1 << 20) as out:
        for aid in range(1, rows + 1):
            out.write(f"{aid},{(aid - 1) // 100_000 + 1},0,{filler}\n")


def borealis(binary, *arguments):
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        file, data = pathlib.Path(folder) / "accounts.csv", pathlib.Path(folder) / "data"
        write_accounts(file, arguments.rows)
        server = subprocess.Popen(
            [arguments.binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--no-control"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        try:
            assert server.stdout.readline().startswith("ready "), "the server did not start"
            for run in range(arguments.runs):
                table = f"accounts_{run}"
                columns = "aid int PRIMARY KEY, bid int, abalance int, filler char(84)"
                borealis(arguments.binary, "sql", "--data", data, "-c", f"CREATE TABLE {table} ({columns})")
                load = ("load", file, "--table", table, "--data", data, "--jobs", str(arguments.jobs), "--json")
                report = json.loads(borealis(arguments.binary, *load))
                assert report["counts"]["inserted"] == arguments.rows, report
                print(f"{arguments.rows / report['seconds']:,.0f} rows/s ({report['seconds']:.2f} s, {report['retries']} retries)")
        finally:
            server.terminate()
            server.wait()


main()
