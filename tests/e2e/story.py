"""The story end to end.

A server starts on an empty folder; psql with a token creates a multi-tenant schema, loads data, sees a conflict at COMMIT, builds an index; the
server is killed with -9 and started again, and everything is there; then an agent does the same over MCP. Each step asserts what it saw.
"""

import asyncio
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

BINARY = sys.argv[1]
CONFLICT = "change conflicts with another transaction (OC000)"
steps = 0


def step(name):
    global steps
    steps += 1
    print(f"{steps:2}. {name}", flush=True)


class Server:
    """A `borealis serve` on a folder, started again where it was."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", self.folder, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        ready = re.fullmatch(r"ready postgres=127\.0\.0\.1:(\d+) control=\S+ cluster=([a-z2-7]{26})\n", line)
        assert ready, f"no ready line, but {line!r}"
        self.port = int(ready[1])
        self.cluster = ready[2]
        return time.monotonic() - began

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0, "an orderly stop exits with 0"

    def environment(self):
        """What `eval "$(borealis env)"` and a token give a shell."""
        lines = subprocess.run([BINARY, "env", "--data", self.folder], check=True, capture_output=True, text=True).stdout
        environment = dict(os.environ)
        for line in lines.splitlines():
            name, value = re.fullmatch(r"export (\w+)=(.*)", line).groups()
            environment[name] = value.strip("'")
        environment["PGPASSWORD"] = self.token()
        return environment

    def token(self, *arguments):
        command = [BINARY, "token", "--admin", "--data", self.folder, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def psql(server, sql, check=True, **changes):
    """Runs SQL in one psql and gives what it printed, unaligned."""
    environment = server.environment() | changes
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if check:
        assert done.returncode == 0, f"{sql}\n{done.stderr}"
        return done.stdout.strip()
    assert done.returncode != 0, f"{sql} should have failed, but printed {done.stdout}"
    return done.stderr.strip()


class Interactive:
    """A psql that is spoken to line by line."""

    def __init__(self, server):
        self.process = subprocess.Popen(
            ["psql", "-X", "-A", "-t"],
            env=server.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def say(self, sql):
        """Runs one statement; everything printed up to the echo that follows is its answer."""
        self.process.stdin.write(f"{sql}\n\\echo --done--\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.strip() == "--done--":
                return "\n".join(lines)
            lines.append(line.rstrip())
        raise AssertionError(f"psql ended after {sql}: {lines}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def schema_and_data(server):
    step("a multi-tenant schema, one DDL statement per transaction")
    psql(server, "CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE)")
    psql(
        server,
        """CREATE TABLE orders (tenant_id uuid NOT NULL, id int NOT NULL, item varchar(40) NOT NULL,
           amount numeric(10,2) NOT NULL DEFAULT 0 CHECK (amount >= 0), placed timestamptz NOT NULL DEFAULT now(),
           PRIMARY KEY (tenant_id, id))""",
    )
    error = psql(server, "CREATE TABLE a (id int); CREATE TABLE b (id int)", check=False)
    assert "multiple ddl statements not supported in a transaction" in error, error

    step("data by INSERT and by COPY")
    psql(server, "INSERT INTO tenants (name) VALUES ('acme'), ('zenith')")
    psql(server, "INSERT INTO orders (tenant_id, id, item, amount) SELECT t.id, g, 'item ' || g, g * 1.5 FROM tenants t, generate_series(1, 1000) g")
    rows = "".join(f"{number},copied {number},{number}.25\n" for number in range(2001, 2501))
    tenant = psql(server, "SELECT id FROM tenants WHERE name = 'acme'")
    environment = server.environment()
    csv = "".join(f"{tenant},{line}\n" for line in rows.splitlines())
    copied = subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", "COPY orders (tenant_id, id, item, amount) FROM STDIN (FORMAT csv)"],
        env=environment, input=csv, capture_output=True, text=True,
    )
    assert copied.stdout.strip() == "COPY 500", copied
    assert psql(server, "SELECT count(*), sum(amount) FROM orders") == "2500|2626875.00", psql(server, "SELECT count(*), sum(amount) FROM orders")

    step("limits and constraints")
    error = psql(server, "INSERT INTO orders (tenant_id, id, item) SELECT gen_random_uuid(), g, 'x' FROM generate_series(1, 3001) g", check=False)
    assert "transaction row limit exceeded" in error, error
    error = psql(server, "UPDATE orders SET amount = -1 WHERE id = 1", check=False)
    assert 'new row for relation "orders" violates check constraint "orders_amount_check"' in error, error
    error = psql(server, "INSERT INTO tenants (name) VALUES ('acme')", check=False)
    assert 'duplicate key value violates unique constraint "tenants_name_key"' in error, error


def conflict(server):
    step("an optimistic conflict at COMMIT, and nobody waits")
    first, second = Interactive(server), Interactive(server)
    for session in (first, second):
        assert session.say("BEGIN;") == "BEGIN"
        assert session.say("UPDATE orders SET amount = amount + 1 WHERE id = 7;") == "UPDATE 2"
    assert first.say("COMMIT;") == "COMMIT"
    answer = second.say("COMMIT;")
    assert CONFLICT in answer, answer
    first.close()
    second.close()
    assert psql(server, "SELECT DISTINCT amount FROM orders WHERE id = 7") == "11.50"


def asynchronous_index(server):
    step("an index built asynchronously")
    error = psql(server, "CREATE INDEX orders_item ON orders (item)", check=False)
    assert "unsupported mode. please use CREATE INDEX ASYNC." in error, error
    job = psql(server, "CREATE INDEX ASYNC orders_item ON orders (item)")
    assert re.fullmatch("[a-z2-7]{26}", job), job
    assert psql(server, f"CALL sys.wait_for_job('{job}')") == "t"
    assert psql(server, f"SELECT status, job_type, object_name FROM sys.jobs WHERE job_id = '{job}'") == "completed|INDEX_BUILD|public.orders_item"
    assert psql(server, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_item'::regclass") == "t"
    plan = psql(server, "EXPLAIN SELECT id FROM orders WHERE item = 'copied 2002'")
    assert "orders_item" in plan, plan
    assert psql(server, "SELECT id FROM orders WHERE item = 'copied 2002'") == "2002"


def killed_and_restarted(server):
    step("kill -9 between a durable commit and an open transaction, and a new start")
    open_session = Interactive(server)
    open_session.say("BEGIN;")
    open_session.say("DELETE FROM orders WHERE id <= 500;")
    psql(server, "INSERT INTO tenants (name) VALUES ('the last one')")
    before = psql(server, "SELECT count(*), sum(amount), md5(string_agg(item, ',' ORDER BY tenant_id, id)) FROM orders")
    server.kill()
    open_session.close()
    server.start()
    after = psql(server, "SELECT count(*), sum(amount), md5(string_agg(item, ',' ORDER BY tenant_id, id)) FROM orders")
    assert before == after, (before, after)
    assert psql(server, "SELECT count(*) FROM tenants WHERE name = 'the last one'") == "1"
    assert psql(server, "SELECT id FROM orders WHERE item = 'copied 2400'") == "2400"


def refusals(server):
    step("nobody gets in unasked")
    error = psql(server, "SELECT 1", check=False, PGPASSWORD="no-token")
    assert "unable to accept connection, access denied" in error, error
    old = server.token("--expires-in", "1")
    time.sleep(2.1)  # the token's own life is what is tested
    error = psql(server, "SELECT 1", check=False, PGPASSWORD=old)
    assert "Signature expired" in error, error
    error = psql(server, "SELECT 1", check=False, PGSSLMODE="disable")
    assert "SSL is mandatory" in error, error
    second = subprocess.run([BINARY, "serve", "--data", server.folder, "--listen", "127.0.0.1:0"], capture_output=True, text=True)
    assert second.returncode == 1 and "in use" in second.stderr, second


def damaged_journal(server):
    step("a damaged journal is refused by name, nothing is dropped silently")
    # Two commits in two frames: what is damaged is not the torn end of the last append.
    psql(server, "INSERT INTO tenants (name) VALUES ('before the damage')")
    psql(server, "INSERT INTO tenants (name) VALUES ('behind the damage')")
    server.kill()
    journal = max(pathlib.Path(server.folder).glob("clusters/*/journal/*.journal"), key=lambda path: path.read_bytes().rstrip(b"\0") != b"" and path.name)
    whole = journal.read_bytes()
    at = whole.index(b"before the damage")
    journal.write_bytes(whole[:at] + b"B" + whole[at + 1 :])
    refused = subprocess.run([BINARY, "serve", "--data", server.folder, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1 and journal.name in refused.stderr and "damaged" in refused.stderr, refused
    journal.write_bytes(whole)
    server.start()
    assert psql(server, "SELECT count(*) FROM tenants WHERE name LIKE '%the damage'") == "2"


def full_disk():
    step("a full disk: refused with 53100, reads go on, nothing acknowledged is lost")
    disk = tempfile.mkdtemp(prefix="borealis-small-")
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk]).returncode != 0:
        print("    left out: a small file system can only be mounted by root")
        os.rmdir(disk)
        return
    server = Server(f"{disk}/data")
    try:
        server.start()
        psql(server, "CREATE TABLE fills (id int PRIMARY KEY, v text)")
        acknowledged, error = 0, ""
        while not error:
            first = acknowledged * 1000 + 1
            rows = f"INSERT INTO fills SELECT g, md5(g::text) || repeat(md5(g::text), 9) FROM generate_series({first}, {first + 999}) g"
            done = subprocess.run(["psql", "-X", "-q", "-v", "VERBOSITY=verbose", "-c", rows], env=server.environment(), capture_output=True, text=True)
            acknowledged += done.returncode == 0
            error = done.stderr
        assert "53100: could not write to the journal: no space left on device" in error, error
        assert psql(server, "SELECT count(*) FROM fills") == str(acknowledged * 1000)
        server.kill()
        refused = subprocess.run([BINARY, "serve", "--data", server.folder, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
        assert refused.returncode == 1 and "No space left on device" in refused.stderr and disk in refused.stderr, refused
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        server.start()
        assert psql(server, "SELECT count(*) FROM fills") == str(acknowledged * 1000)
        psql(server, "INSERT INTO fills VALUES (0, 'there is room again')")
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
        subprocess.run(["umount", disk], check=True)
        os.rmdir(disk)


async def agent(server):
    step("an agent does the same over MCP")
    parameters = StdioServerParameters(command=BINARY, args=["mcp", "--allow-writes", "--data", server.folder], env=dict(os.environ))
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        names = sorted(tool.name for tool in (await session.list_tools()).tools)
        assert {"get_schema", "readonly_query", "transact"} <= set(names), names

        async def call(tool, **arguments):
            result = await session.call_tool(tool, arguments)
            text = "".join(part.text for part in result.content)
            return result.isError, text

        failed, text = await call("transact", sql_list=["CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL)"])
        assert not failed, text
        failed, text = await call(
            "transact",
            sql_list=["INSERT INTO notes VALUES ($1, $2)", "INSERT INTO notes VALUES (2, 'two')", "SELECT count(*) AS n FROM notes"],
            params_list=[[1, "one; DROP TABLE notes"], None, None],
        )
        assert not failed and '"n":2' in text.replace(" ", ""), text
        failed, text = await call("readonly_query", sql="SELECT body FROM notes WHERE id = $1", params=[1])
        assert not failed and "one; DROP TABLE notes" in text, text
        failed, text = await call("readonly_query", sql="DELETE FROM notes")
        assert failed and "readonly_query does not support write operations" in text, text
        failed, text = await call("get_schema", table_name="notes")
        assert not failed and "body" in text, text
        failed, text = await call("transact", sql_list=["CREATE INDEX ASYNC notes_body ON notes (body)"])
        assert not failed and "job_id" in text, text

        server.kill()
        server.start()
        failed, text = await call("readonly_query", sql="SELECT count(*) AS n FROM notes")
        assert not failed and '"n":2' in text.replace(" ", ""), text


def main():
    folder = tempfile.mkdtemp(prefix="borealis-e2e-")
    server = Server(folder)
    try:
        step("a server on an empty folder")
        took = server.start()
        print(f"    ready after {took * 1000:.0f} ms")
        schema_and_data(server)
        conflict(server)
        asynchronous_index(server)
        killed_and_restarted(server)
        refusals(server)
        damaged_journal(server)
        asyncio.run(agent(server))
        step("an orderly stop, and once more everything is there")
        server.stop()
        server.start()
        assert psql(server, "SELECT count(*) FROM orders") == "2500"
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    full_disk()
    print(f"{steps} passed, 0 failed")


if __name__ == "__main__":
    main()
