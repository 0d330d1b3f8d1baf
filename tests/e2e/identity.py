"""Who gets in, and who no longer does.

Scoped roles over tokens of three principals, keys and rights that go while sessions are open, and passwords for tools that cannot make tokens. AWS's
own SDK makes the tokens.
"""

import asyncio
import json
import os
import pathlib
import pty
import socket
import ssl
import subprocess
import sys
import tempfile

import asyncpg
import boto3
import pg8000.native
import psycopg

from served import BINARY, Served, step, steps

REGION = "us-east-1"
DENIED = "unable to accept connection, access denied"
PASSWORD = "correct horse battery"


class Server(Served):
    def __init__(self, folder, listen="127.0.0.1", *arguments):
        self.folder, self.listen, self.arguments = folder, listen, arguments

    def start(self, **options):
        arguments = ["--data", self.folder, "--listen", f"{self.listen}:0", "--control", "127.0.0.1:0", *self.arguments]
        ready = self.serve(*arguments, **options)
        self.port, self.cluster = ready.port, ready.cluster
        self.host = f"{self.cluster}.dsql.{REGION}.on.aws"
        self.ca = f"{self.folder}/tls/ca.pem"
        return self

    def borealis(self, *arguments, **options):
        """What a command prints."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PG", "BOREALIS_"))}
        done = subprocess.run([BINARY, *arguments], env=environment | {"BOREALIS_DATA": self.folder}, capture_output=True, text=True, **options)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout.strip()

    def user(self, name, *arguments):
        """A new user's key and ARN."""
        key = json.loads(self.borealis("key", "create", name, "--json", *arguments))["AccessKey"]
        return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION), f"arn:aws:iam::000000000000:user/{name}"

    def role(self, name, *arguments):
        """Temporary credentials of a new role and its ARN."""
        arn = self.borealis("role", "create", name, *arguments)
        key = json.loads(self.borealis("role", "assume", name, "--json"))
        return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], region_name=REGION), arn

    def token(self, session, admin):
        dsql = session.client("dsql")
        return (dsql.generate_db_connect_admin_auth_token if admin else dsql.generate_db_connect_auth_token)(self.host, REGION)

    def connect(self, user, password, **changes):
        options = dict(host=self.host, hostaddr="127.0.0.1", port=self.port, user=user, password=password, dbname="postgres",
                       sslmode="verify-full", sslrootcert=self.ca, autocommit=True)
        return psycopg.connect(**options | changes)

    def admin(self):
        return self.connect("admin", self.borealis("token", "--admin"))


def turned_away(hint, server, user, password, message=DENIED, **changes):
    """Connecting fails with the message and the hint."""
    try:
        server.connect(user, password, **changes).close()
    except psycopg.OperationalError as error:
        assert message in str(error) and hint in str(error), error
    else:
        raise AssertionError(f"{user} is connected; expected {hint!r}")


def refused(state, text, connection, sql):
    """A statement fails with SQLSTATE and text, and the session goes on."""
    try:
        connection.execute(sql)
    except psycopg.Error as error:
        assert error.sqlstate == state and text in str(error), (sql, error.sqlstate, error)
    else:
        raise AssertionError(f"{sql} was not refused")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def scoped_roles(server):
    step("scoped roles: a database role for each of two IAM roles")
    writing, writer_arn = server.role("writer")
    reading, reader_arn = server.role("reading")
    admin = server.admin()
    admin.execute("CREATE ROLE app_user WITH LOGIN")
    admin.execute("CREATE ROLE reader WITH LOGIN")
    refused("42710", 'role "reader" already exists', admin, "CREATE ROLE reader WITH LOGIN")
    turned_away(f"User: {writer_arn} is not authorized to access this resource", server, "app_user", server.token(writing, admin=False))
    admin.execute(f"AWS IAM GRANT app_user TO '{writer_arn}'")
    admin.execute(f"AWS IAM GRANT reader TO '{reader_arn}'")
    mapped = admin.execute("SELECT pg_role_name, arn FROM sys.iam_pg_role_mappings ORDER BY 1").fetchall()
    assert mapped == [("app_user", writer_arn), ("reader", reader_arn)], mapped
    for again in (f"AWS IAM GRANT reader TO '{reader_arn}'", f"AWS IAM REVOKE reader FROM '{writer_arn}'"):
        try:
            admin.execute(again)
            raise AssertionError(f"{again} was taken")
        except psycopg.Error:
            pass

    step("sensitive data in a schema of its own, rights one by one; those of public are the system's")
    admin.execute("CREATE SCHEMA users_schema")
    admin.execute("CREATE TABLE users_schema.customers (id int PRIMARY KEY, email text NOT NULL)")
    for right in ("USAGE", "CREATE"):
        refused("0A000", "feature not supported on system entity", admin, f"GRANT {right} ON SCHEMA public TO app_user")
    refused("0A000", "multiple ddl statements not supported in a transaction", admin,
            "GRANT USAGE ON SCHEMA users_schema TO app_user; GRANT USAGE ON SCHEMA users_schema TO reader")
    for grant in ("USAGE ON SCHEMA users_schema TO app_user", "SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA users_schema TO app_user",
                  "CREATE ON SCHEMA users_schema TO app_user", "USAGE ON SCHEMA users_schema TO reader", "SELECT ON users_schema.customers TO reader"):
        admin.execute(f"GRANT {grant}")

    step("each connects with its own token and does what it may")
    app = server.connect("app_user", server.token(writing, admin=False))
    app.execute("INSERT INTO users_schema.customers VALUES (1, 'a@example.com')")
    assert app.execute("UPDATE users_schema.customers SET email = 'b@example.com' WHERE id = 1").rowcount == 1
    refused("42501", "permission denied for table customers", app, "DELETE FROM users_schema.customers")
    app.execute("CREATE TABLE users_schema.sessions (id int PRIMARY KEY)")
    refused("42501", "permission denied for schema public", app, "CREATE TABLE public.mine (id int PRIMARY KEY)")
    refused("42501", "permission denied to grant IAM trust with role app_user", app, f"AWS IAM GRANT app_user TO '{reader_arn}'")
    refused("42501", "permission denied", app, "CREATE ROLE another WITH LOGIN")
    reads = server.connect("reader", server.token(reading, admin=False))
    assert reads.execute("SELECT email FROM users_schema.customers").fetchall() == [("b@example.com",)]
    for sql in ("INSERT INTO users_schema.customers VALUES (2, 'x')", "UPDATE users_schema.customers SET id = 2", "DELETE FROM users_schema.customers"):
        refused("42501", "permission denied for table customers", reads, sql)
    refused("42501", "permission denied for table sessions", reads, "SELECT * FROM users_schema.sessions")

    step("the wrong token for the user, the wrong principal for the role, the wrong action for the principal")
    turned_away("Wrong user to action mapping. user: app_user, action: DbConnectAdmin", server, "app_user", server.token(writing, admin=True))
    turned_away("Wrong user to action mapping. user: admin, action: DbConnect", server, "admin", server.token(writing, admin=False))
    turned_away(f"User: {reader_arn} is not authorized to access this resource", server, "app_user", server.token(reading, admin=False))
    turned_away("is not authorized to perform: dsql:DbConnectAdmin", server, "admin", server.token(writing, admin=True))

    step("rights are taken back in their order; open sessions see it, and live on")
    refused("2BP01", "some objects depend on it", admin, "DROP ROLE reader")
    admin.execute("REVOKE SELECT ON users_schema.customers FROM reader")
    refused("42501", "permission denied for table customers", reads, "SELECT email FROM users_schema.customers")
    admin.execute("REVOKE USAGE ON SCHEMA users_schema FROM reader")
    refused("42501", "permission denied for schema users_schema", reads, "SELECT email FROM users_schema.customers")
    refused("2BP01", "some objects depend on it", admin, "DROP ROLE reader")
    admin.execute(f"AWS IAM REVOKE reader FROM '{reader_arn}'")
    assert reads.execute("SELECT current_user").fetchone() == ("reader",)
    turned_away(f"User: {reader_arn} is not authorized to access this resource", server, "reader", server.token(reading, admin=False))
    reads.close()
    admin.execute("DROP ROLE reader")
    turned_away("is not authorized to access this resource", server, "reader", server.token(reading, admin=False))
    app.close()
    return admin


def gone_while_connected(server, admin):
    step("keys, roles and permissions that go while a session is open: it lives on, and nobody new gets in")
    user, user_arn = server.user("leaving")
    confined, confined_arn = server.user("confined")
    assumed, assumed_arn = server.role("assumed")
    for arn in (user_arn, confined_arn, assumed_arn):
        admin.execute(f"AWS IAM GRANT app_user TO '{arn}'")
    principals = (user, confined, assumed)
    tokens = [server.token(session, admin=False) for session in principals]
    sessions = [server.connect("app_user", token) for token in tokens]
    server.borealis("key", "delete", "leaving")
    server.borealis("key", "revoke", "confined", "dsql:DbConnect")
    server.borealis("role", "delete", "assumed")
    for session in sessions:
        assert session.execute("UPDATE users_schema.customers SET email = 'still here' WHERE id = 1").rowcount == 1
    # The tokens were good when they were made, and those of now are no better.
    for made in (tokens, [server.token(session, admin=False) for session in principals]):
        turned_away("The security token included in the request is invalid", server, "app_user", made[0])
        turned_away(f"User: {confined_arn} is not authorized to perform: dsql:DbConnect", server, "app_user", made[1])
        turned_away("The security token included in the request is invalid", server, "app_user", made[2])
    server.borealis("key", "grant", "confined", "dsql:DbConnect")
    server.connect("app_user", tokens[1]).close()
    server.borealis("key", "rotate", "confined")
    turned_away("The security token included in the request is invalid", server, "app_user", tokens[1])
    for session in sessions:
        session.close()


async def with_asyncpg(server, password):
    # It has no way of its own to give address and name apart.
    context = ssl.create_default_context(cafile=server.ca)
    connection = await asyncpg.connect(host="localhost", port=server.port, user="app_user", database="postgres", password=password, ssl=context)
    try:
        return await connection.fetchval("SELECT current_user")
    finally:
        await connection.close()


def with_pg8000(server, password):
    context = ssl.create_default_context(cafile=server.ca)
    connection = pg8000.native.Connection("app_user", host="localhost", port=server.port, database="postgres", password=password, ssl_context=context)
    try:
        return connection.run("SELECT current_user")[0][0]
    finally:
        connection.close()


def with_psql(server, password):
    environment = dict(os.environ, PGHOST=server.host, PGHOSTADDR="127.0.0.1", PGPORT=str(server.port), PGUSER="app_user", PGPASSWORD=password,
                       PGDATABASE="postgres", PGSSLMODE="verify-full", PGSSLROOTCERT=server.ca)
    done = subprocess.run(["psql", "-XAt", "-c", "SELECT current_user"], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


DRIVERS = (
    with_psql,
    with_pg8000,
    lambda server, password: asyncio.run(with_asyncpg(server, password)),
    lambda server, password: server.connect("app_user", password).execute("SELECT current_user").fetchone()[0],
)


def passwords(server, admin):
    step("a password lets psql, pg8000, asyncpg and psycopg in, and a wrong one is told as PostgreSQL tells it")
    server.borealis("role", "password", "set", "app_user", input=PASSWORD + "\n")
    wrong = 'password authentication failed for user "app_user"'
    for driver in DRIVERS:
        assert driver(server, PASSWORD) == "app_user"
        try:
            driver(server, PASSWORD + "!")
        except Exception as error:  # each driver has its own
            assert wrong in str(error), error
        else:
            raise AssertionError("a wrong password got in")
    try:
        with_pg8000(server, "x" * 12)
    except pg8000.native.DatabaseError as error:
        assert error.args[0]["C"] == "28P01" and error.args[0]["S"] == "FATAL", error
    turned_away("", server, "app_user", server.borealis("token"), message=wrong)

    step("the password is only the role's: others are asked for tokens, and a policy of the cluster holds for it too")
    turned_away("The password is not a valid authentication token", server, "admin", PASSWORD)
    turned_away("The password is not a valid authentication token", server, "nobody", PASSWORD)
    session = server.connect("app_user", PASSWORD)
    refused("42501", "permission denied for table customers", session, "DELETE FROM users_schema.customers")
    policy = pathlib.Path(server.folder, "policy.json")
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "dsql:DbConnect", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.1"}}}]}))
    server.borealis("cluster", "policy", "put", server.cluster, str(policy))
    turned_away("is not authorized to access this resource", server, "app_user", PASSWORD)
    assert session.execute("SELECT 1").fetchone() == (1,)
    server.borealis("cluster", "policy", "delete", server.cluster)
    session.close()

    step("a password typed at a terminal is not shown, and asked for twice")
    for again, status in ((PASSWORD + " 2", 0), ("another one of them", 1), ("\x03", 1)):
        typed, left = type_password(server, PASSWORD + " 2", again)
        assert typed.returncode == status and PASSWORD not in left, (typed, left)
    assert with_psql(server, PASSWORD + " 2") == "app_user"

    step("without its password the role connects with tokens again")
    server.borealis("role", "password", "clear", "app_user")
    turned_away("The password is not a valid authentication token", server, "app_user", PASSWORD + " 2")
    session, arn = server.user("tokens")
    admin.execute(f"AWS IAM GRANT app_user TO '{arn}'")
    server.connect("app_user", server.token(session, admin=False)).close()

    step("admin's password is good on the machine itself only")
    server.borealis("role", "password", "set", "admin", input=PASSWORD)
    server.connect("admin", PASSWORD).close()
    address = outside_address()
    if address is None:
        print("    left out: this machine has no address but its own")
    else:
        turned_away("The password is not a valid authentication token", server, "admin", PASSWORD, hostaddr=address)
        server.connect("admin", server.borealis("token", "--admin"), hostaddr=address).close()
    server.borealis("role", "password", "clear", "admin")


def type_password(server, first, second):
    """The command at a terminal of its own, and what the terminal has shown."""
    master, slave = pty.openpty()
    command = subprocess.Popen([BINARY, "role", "password", "set", "app_user", "--data", server.folder],
                               stdin=slave, stdout=slave, stderr=subprocess.PIPE, text=True, start_new_session=True)
    for prompt, line in (("Password: ", first), ("Again: ", second)):
        told = command.stderr.read(len(prompt))
        assert told == prompt, told
        os.write(master, line.encode() + (b"" if line == "\x03" else b"\n"))
        assert command.stderr.read(1) == "\n"
    command.stderr.read()
    command.wait(timeout=30)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 1024):
            shown += chunk
    except OSError:
        pass  # the end of a terminal whose other side is closed
    os.close(master)
    return command, shown.decode()


def outside_address():
    """An address of this machine that is not its own alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def in_plaintext():
    step("a password without TLS, where a server on a loopback address allows that")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, "127.0.0.1", "--allow-plaintext").start()
        server.admin().execute("CREATE ROLE app_user WITH LOGIN")
        server.borealis("role", "password", "set", "app_user", input=PASSWORD)
        server.connect("app_user", PASSWORD, sslmode="disable").close()
        turned_away("", server, "app_user", PASSWORD + "!", message="password authentication failed", sslmode="disable")
        server.stop()


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, "0.0.0.0").start()
        try:
            admin = scoped_roles(server)
            gone_while_connected(server, admin)
            passwords(server, admin)
            admin.close()
            server.stop()
        finally:
            server.process.kill()
    in_plaintext()
    print(f"identity: {steps()} steps")


if __name__ == "__main__":
    main()
