"""No secret is written down where it does not belong.

Everything runs at the most talkative log level, and everything goes wrong once: what is printed and logged by the server and by the commands, and every
file of the data folder but those that keep secrets, is searched for each secret that went around.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.parse

import boto3
import psycopg
import psycopg.sql
from identity import BINARY, PASSWORD, REGION, Server, refused, turned_away

LOUD = {"BOREALIS_LOG": "trace", "RUST_LOG": "trace", "RUST_BACKTRACE": "full"}
# What keeps secrets, and who may read it: the owner.
KEEPERS = ("credentials", "passwords.json", "tls/ca.key")


class Secrets:
    """What must not be found, by what it is."""

    def __init__(self):
        self.known = {}

    def plant(self, what, secret):
        assert len(secret) >= 12, what
        self.known[what] = secret
        return secret

    def token(self, what, token):
        """A token is good for whoever finds it; its signature is what makes it one."""
        self.plant(f"the signature of {what}", re.search(r"X-Amz-Signature=(\w+)", token)[1])
        return token

    def search(self, where, text):
        for what, secret in self.known.items():
            for form in (secret, urllib.parse.quote(secret, safe="")):
                assert form.encode() not in text, f"{what} is in {where}"


def command(server, outputs, *arguments, **changes):
    """A command at the same level, whatever it ends in; what it says is kept but for what it is asked to print."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PG", "BOREALIS_"))}
    environment |= LOUD | {"BOREALIS_DATA": server.folder} | changes.pop("env", {})
    done = subprocess.run([BINARY, *arguments], env=environment, capture_output=True, **changes)
    outputs[" ".join(["stderr of", *arguments[:2]])] = done.stderr
    return done


def statements(server, secrets, admin):
    """Passwords in statements, which fail on their way at different places."""
    for number, sql in enumerate((
        "CREATE ROLE app_user WITH LOGIN PASSWORD '{}'",
        "ALTER ROLE app_user PASSWORD '{}'",
        "ALTER USER admin WITH ENCRYPTED PASSWORD '{}'",
        "ALTER ROLE app_user PASSWORD '{}' SYNTAX ERROR",
        "SELECT * FROM nowhere WHERE password = '{}'",
        "SELECT '{}'::int",
        "CREATE USER MAPPING FOR admin SERVER s OPTIONS (password '{}')",
    )):
        try:
            admin.execute(sql.format(secrets.plant(f"the password of statement {number}", f"Plant{number}InAStatement")))
            raise AssertionError(f"{sql} was taken")
        except psycopg.Error:
            pass
    text = secrets.plant("the password of a parameter", "PlantedInAParameter")
    refused("22P02", "invalid input syntax", admin, psycopg.sql.SQL("SELECT {}::int").format(text))
    try:
        admin.execute("SELECT %s::text::int", (secrets.plant("a bound parameter", "PlantedInABoundValue"),))
    except psycopg.Error:
        pass


def connections(server, secrets):
    made = json.loads(server.borealis("key", "create", "planted", "--json", "--allow", "dsql:*"))["AccessKey"]
    secrets.plant("a user's secret key", made["SecretAccessKey"])
    server.borealis("role", "create", "planted", "--allow", "dsql:*")
    assumed = json.loads(server.borealis("role", "assume", "planted", "--json"))
    secrets.plant("a role's secret key", assumed["SecretAccessKey"])
    secrets.plant("a role's session token", assumed["SessionToken"])
    user = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], region_name=REGION)
    role = boto3.Session(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"], region_name=REGION)
    for what, session in (("a user", user), ("a role", role)):
        token = secrets.token(f"the token of {what}", server.token(session, admin=True))
        admin = server.connect("admin", token)
        statements(server, secrets, admin)
        turned_away("Wrong user to action mapping", server, "nobody", token)
        turned_away("The request signature we calculated does not match", server, "admin", token[:-1] + ("0" if token[-1] != "0" else "1"))
        turned_away("The password is not a valid authentication token", server, "admin", token[: len(token) // 2])
        admin.close()
        # The API of clusters, and a request that it refuses.
        api = session.client("dsql", endpoint_url=server.control, verify=server.ca)
        assert api.get_cluster(identifier=server.cluster)["identifier"] == server.cluster
        try:
            api.get_cluster(identifier="a" * 26)
        except api.exceptions.ResourceNotFoundException:
            pass
    return made


def passwords(server, secrets, outputs):
    server.connect("admin", server.borealis("token", "--admin")).execute("CREATE ROLE app_user WITH LOGIN")
    password = secrets.plant("a role's password", PASSWORD)
    command(server, outputs, "role", "password", "set", "app_user", input=password.encode())
    command(server, outputs, "role", "password", "set", "app_user", input=secrets.plant("a password too long", "x1y2" * 300).encode())
    verifier = json.loads(pathlib.Path(server.folder, "passwords.json").read_text())["passwords"][0]["verifier"]
    for part in verifier.split("$")[2].split(":"):
        secrets.plant("a part of a verifier", part)
    server.connect("app_user", password).close()
    turned_away("", server, "app_user", secrets.plant("a wrong password", "NotThePassword"), message="password authentication failed")
    turned_away("The password is not a valid authentication token", server, "admin", password)


def commands(server, secrets, outputs, made):
    """The commands sign for themselves; those that fail say why."""
    env = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    done = command(server, outputs, "token", "--admin", env=env)
    secrets.token("the token of a command", done.stdout.decode())
    for arguments in (
        ("cluster", "list", "--json"), ("cluster", "info", "a" * 26), ("sql", "-c", "SELECT 1"), ("sql", "--builtin", "-c", "SELECT 1/0"),
        ("doctor",), ("key", "list"), ("role", "list", "--json"), ("role", "password", "list"), ("env",), ("key", "rotate", "planted"),
        ("key", "delete", "planted"), ("cluster", "list"), ("sql", "--builtin", "-c", "SELECT 1"),
    ):
        done = command(server, outputs, *arguments, env=env)
        outputs["stdout of " + " ".join(arguments)] = done.stdout
    wrong = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": secrets.plant("a wrong secret key", "WrongWrongWrongWrong")}
    for arguments in (("cluster", "list", "--endpoint-url", server.control, "--region", REGION), ("sql", "-c", "SELECT 1")):
        done = command(server, outputs, *arguments, env=wrong)
        outputs["stdout of " + " ".join(arguments)] = done.stdout
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize",
                          "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "e2e", "version": "1"}}})
    sql = "ALTER ROLE app_user PASSWORD '{}'".format(secrets.plant("a password told by an agent", "PlantedByAnAgent"))
    call = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "transact", "arguments": {"sql_list": [sql]}}})
    initialized = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
    done = command(server, outputs, "mcp", "--allow-writes", input=f"{request}\n{initialized}\n{call}\n".encode(), timeout=60)
    outputs["stdout of mcp"] = done.stdout


def files(folder):
    for path in pathlib.Path(folder).rglob("*"):
        name = str(path.relative_to(folder))
        if name in KEEPERS:
            assert path.stat().st_mode & 0o077 == 0, f"others may read {name}"
        elif path.is_file():
            yield name, path.read_bytes()


def main():
    secrets, outputs = Secrets(), {}
    with tempfile.TemporaryDirectory() as folder:
        said = pathlib.Path(folder, "said")
        data = pathlib.Path(folder, "data")
        with said.open("wb") as stderr:
            server = Server(str(data)).start(stderr=stderr, env=os.environ | LOUD)
            server.control = json.loads((data / "server.json").read_text())["control"]
            try:
                passwords(server, secrets, outputs)
                made = connections(server, secrets)
                commands(server, secrets, outputs, made)
                second = subprocess.run([BINARY, "serve", "--data", server.folder], env=os.environ | LOUD, capture_output=True)
                assert second.returncode == 1
                outputs["a second server"] = second.stdout + second.stderr
                server.stop()
            finally:
                server.process.kill()
            outputs["the rest of the server's stdout"] = server.process.stdout.read().encode()
        outputs["the server's log"] = said.read_bytes()
        assert b" DEBUG " in outputs["the server's log"]
        searched = list(outputs.items()) + list(files(data))
        for where, text in searched:
            secrets.search(where, text)
    print(f"secrets: {len(secrets.known)} secrets, {len(searched)} outputs and files, {sum(len(text) for _, text in searched):,} bytes")


main()
