"""A Tidegate server for tests: started on a free loopback port with a fresh folder, ended for sure."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TIDEGATE_BINARY", ROOT / "build" / "release" / "tidegate"))
ACCOUNT, REGION = "000000000000", "us-east-1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, *options, dev=True, data=None, environment=None):
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="tidegate-e2e-"))
        self.options = [*(["--dev"] if dev else []), *options]
        self.environment = environment or {}
        self.port = free_port()
        self.process = None

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        return (self.data / "server.log").read_text(errors="replace")

    def start(self, binary=BINARY, user=None):
        self.user = user
        self.data.mkdir(parents=True, exist_ok=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TIDEGATE_"))}
        with open(self.data / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [binary, "serve", "--data", self.data / "data", "--listen", f"127.0.0.1:{self.port}",
                 *self.options],
                stdout=log, stderr=subprocess.STDOUT, env={**clean, **self.environment}, cwd="/",
                **({"user": user, "group": "nogroup", "extra_groups": []} if user else {}))
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log}")
            try:
                urllib.request.urlopen(self.endpoint + "/readyz", timeout=2).read()
                return self
            except OSError:
                time.sleep(0.005)
        self.kill()
        raise RuntimeError(f"the server did not get ready:\n{self.log}")

    def kill(self):
        """kill -9, as a power cut for the process."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def own(self, method, path):
        request = urllib.request.Request(self.endpoint + path, method=method)
        return json.loads(urllib.request.urlopen(request, timeout=60).read())

    def advance(self, seconds=0, minutes=0):
        return self.own("POST", f"/_tidegate/clock/advance?ms={int((seconds + 60 * minutes) * 1000)}")


def wait_for(what, condition, seconds=30):
    """Asks until the answer is true; the time bound is for a broken server only."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {what}")
