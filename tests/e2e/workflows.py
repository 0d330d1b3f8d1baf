"""The workflows of the agent skill, run from the skill's own text.

    workflows.py BOREALIS

The skill is installed into a folder; an MCP client starts the server as the skill's configuration says and does what `references/workflows.md` writes, call by
call, and compares the answers with those written there. Two sessions that meet at one row are two connections: a call of `transact` is over before another begins.
"""

import asyncio
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import psycopg
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from served import BINARY, Served

ANYTHING = "…"


def statements(block):
    """The statements of a block of SQL: (session, statement, the lines that answer it)."""
    session, text, found = "A", [], []
    for line in block.splitlines():
        if named := re.fullmatch(r"-- session (\w+)", line.strip()):
            session = named[1]
        elif line.startswith("--> "):
            found[-1][2].append(line.removeprefix("--> "))
        elif line.strip():
            text.append(line)
            if line.rstrip().endswith(";"):
                found.append((session, "\n".join(text).rstrip().rstrip(";"), []))
                text = []
    assert not text, f"a statement without its end: {text}"
    return found


def workflows(page):
    """Title and blocks of SQL of each workflow."""
    for section in re.split(r"^## ", page, flags=re.M)[1:]:
        title, _, body = section.partition("\n")
        blocks = re.findall(r"^```sql\n(.*?)^```", body, flags=re.M | re.S)
        if title.startswith("Workflow") and blocks:
            yield title, blocks


def compare(statement, answered, written):
    """Lines as they were answered and as they are written, where an ellipsis is any line."""
    assert len(answered) == len(written), (statement, answered, written)
    for one, other in zip(answered, written):
        assert other == ANYTHING or one == other, (statement, answered, written)


def table(rows):
    """Rows as the page writes them: names, then values."""
    return [" | ".join(rows[0])] + [" | ".join(str(value) for value in row.values()) for row in rows] if rows else []


class Agent:
    """Does what the page says, by the tools it names."""

    def __init__(self, session):
        self.session, self.job = session, None

    async def call(self, tool, **arguments):
        result = await self.session.call_tool(tool, arguments)
        answer = result.structuredContent
        if result.isError and "confirmation" in answer["error"]:
            # The user is asked, and agrees to exactly these statements.
            result = await self.session.call_tool(tool, {**arguments, "confirmation_token": answer["error"]["confirmation"]["token"]})
            answer = result.structuredContent
        assert not result.isError, (arguments, answer)
        return answer

    async def run(self, statement, written):
        if statement.startswith("CALL sys.wait_for_job"):
            assert (await self.call("wait_for_job", job_id=self.job))["succeeded"]
        elif re.match(r"SELECT|WITH", statement):
            answer = await self.call("readonly_query", sql=statement)
            if written:
                compare(statement, table(answer["result"]), written)
        else:
            answer = await self.call("transact", sql_list=[statement])
            if answer["result"]:
                self.job = answer["result"][0].get("job_id", self.job)
            if written:
                compare(statement, table(answer["result"]) or answer["commands"], written)


class Sessions:
    """Sessions that are open at the same time."""

    def __init__(self, dsn):
        self.dsn, self.connections = dsn, {}

    def run(self, session, statement, written):
        if session not in self.connections:
            self.connections[session] = psycopg.connect(**self.dsn, autocommit=True)
        try:
            cursor = self.connections[session].execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            lines = table([dict(zip([column.name for column in cursor.description], row)) for row in rows]) if rows else [cursor.statusmessage]
        except psycopg.Error as error:
            lines = [f"ERROR {error.sqlstate}: {error.diag.message_primary}"]
        if written or lines[0].startswith("ERROR"):
            compare(statement, lines, written)

    def close(self):
        for connection in self.connections.values():
            connection.close()


async def follow(skill, arguments, dsn):
    page = (skill / "references" / "workflows.md").read_text()
    parameters = StdioServerParameters(command=BINARY, args=arguments, env=dict(os.environ))
    done = []
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        agent = Agent(session)
        for title, blocks in workflows(page):
            for block in blocks:
                found = statements(block)
                if len({session for session, _, _ in found}) > 1:
                    sessions = Sessions(dsn)
                    for session_name, statement, written in found:
                        sessions.run(session_name, statement, written)
                    sessions.close()
                else:
                    for _, statement, written in found:
                        await agent.run(statement, written)
            done.append(title)
            print(f"    {title}")
    return done


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="borealis-workflows-"))
    skill, data = folder / "skill", folder / "data"
    subprocess.run([BINARY, "skill", "install", "--dir", skill], check=True, capture_output=True)
    configured = json.loads((skill / "mcp" / "database.json").read_text())["mcpServers"]["borealis"]
    server = Served()
    ready = server.serve("--data", data, "--listen", "127.0.0.1:0")
    try:
        token = subprocess.run([BINARY, "token", "--admin", "--data", data], check=True, capture_output=True, text=True).stdout.strip()
        dsn = {"host": "localhost", "hostaddr": ready.host, "port": ready.port, "user": "admin", "dbname": "postgres", "password": token,
               "sslmode": "verify-full", "sslrootcert": str(data / "tls" / "ca.pem")}
        done = asyncio.run(follow(skill, [*configured["args"], "--data", str(data)], dsn))
        assert [title.split(":")[0] for title in done[:5]] == [f"Workflow {number}" for number in range(1, 6)], done
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"workflows: {len(done)} run from the skill's text")


if __name__ == "__main__":
    main()
