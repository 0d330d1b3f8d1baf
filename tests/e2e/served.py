"""A server of the binary under test: started, stopped, killed. Each script adds what it asks of one."""

import re
import subprocess
import sys
from typing import NamedTuple

BINARY = sys.argv[1]
_steps = 0


def step(name):
    global _steps
    _steps += 1
    print(f"{_steps:2}. {name}", flush=True)


def steps():
    return _steps


class Ready(NamedTuple):
    """What the ready line says."""

    host: str
    port: int
    control: str
    cluster: str


class Served:
    def serve(self, *arguments, **options):
        """`borealis serve` with these arguments, once it can be connected to."""
        self.process = subprocess.Popen([BINARY, "serve", *arguments], stdout=subprocess.PIPE, text=True, **options)
        line = self.process.stdout.readline()
        ready = re.fullmatch(r"ready postgres=([0-9.]+):(\d+) control=(\S+) cluster=([a-z2-7]{26})\n", line)
        assert ready, f"no ready line, but {line!r}"
        return Ready(ready[1], int(ready[2]), ready[3], ready[4])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0
