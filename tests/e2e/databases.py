"""Databases of the machine's, to convert and to load from: Debian's MariaDB and PostgreSQL. Each is one of its own, in a folder, gone afterwards.

    databases.py COMMAND…

runs a command beside such a PostgreSQL, whose HOST:PORT is in BOREALIS_POSTGRES.
"""

import getpass
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(is_true, what):
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class MariaDb:
    """Takes connections on a socket and on a port of 127.0.0.1; `options` are the server's."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.socket, self.port = f"{self.folder.name}/socket", free_port()
        self.basic = [f"--user={getpass.getuser()}", f"--datadir={self.folder.name}/data"]
        install = ["mariadb-install-db", "--no-defaults", *self.basic, "--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, **QUIET)
        self.start()
        return self

    def start(self):
        daemon = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        assert daemon, "install mariadb-server (scripts/deps.sh test)"
        where = [f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1"]
        self.process = subprocess.Popen([daemon, "--no-defaults", *self.basic, *where, *self.options], **QUIET)

        def is_ready():
            assert self.process.poll() is None, f"MariaDB ended with {self.process.returncode}"
            return subprocess.run([*self.client(), "-e", "SELECT 1"], **QUIET).returncode == 0

        until(is_ready, "MariaDB does not start")

    def url(self, database):
        return f"mysql://root@127.0.0.1:{self.port}/{database}"

    def client(self, *arguments):
        return ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "--default-character-set=utf8mb4", *arguments]

    def run(self, sql, *arguments):
        """The rows of the last statement, as lists of strings; NULL is the text."""
        done = subprocess.run([*self.client(*arguments), "--batch", "--raw", "--skip-column-names"], input=sql.encode(), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    def dump(self, *arguments):
        command = ["mysqldump", "--no-defaults", f"--socket={self.socket}", "-uroot", "--default-character-set=utf8mb4", *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.folder.cleanup()


class Postgres:
    """The newest PostgreSQL of the machine's, which refuses to be root."""

    def __enter__(self):
        binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        assert binaries, "install postgresql (scripts/deps.sh test)"
        self.bin, self.port = binaries[-1].parent, free_port()
        self.folder = tempfile.mkdtemp(prefix="borealis-postgres-")
        if os.geteuid() == 0:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        self.run("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options, "-w", "start")
        return self

    def run(self, program, *arguments):
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        subprocess.run([*user, self.bin / program, *arguments], check=True, cwd=self.folder, **QUIET)

    def require_passwords(self):
        pathlib.Path(f"{self.folder}/data/pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        self.run("pg_ctl", "-D", f"{self.folder}/data", "reload")

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)


if __name__ == "__main__":
    with Postgres() as server:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "BOREALIS_POSTGRES": f"127.0.0.1:{server.port}"}).returncode)
