"""What the machine lends the sandboxes: control groups, their limits on processors, and that none of them stays."""

import json
import os
import pathlib
import urllib.request

import pytest
from conftest import ROLE, Clients, zipped
from server import Server, wait_for
from test_escape import OrdinaryServer

# Processor time over time, of three processes that want all they can get.
BUSY = """
import os, time
def handler(event, context):
    began, used = time.perf_counter(), sum(os.times()[:4])
    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            while time.perf_counter() - began < 2: pass
            os._exit(0)
        children.append(pid)
    for pid in children: os.waitpid(pid, 0)
    return (sum(os.times()[:4]) - used) / (time.perf_counter() - began)
"""


def functions(server):
    """The line of /readyz."""
    text = urllib.request.urlopen(server.endpoint + "/readyz?verbose").read().decode()
    return next(line for line in text.splitlines() if line.startswith("functions: "))


def run(server, name="busy", memory=128, source="def handler(e, c): return 1"):
    lambda_ = Clients(server.endpoint)("lambda")
    lambda_.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE, Timeout=60,
                            MemorySize=memory, Code={"ZipFile": zipped(source)})
    answer = lambda_.invoke(FunctionName=name)
    payload = answer["Payload"].read()
    assert "FunctionError" not in answer, payload
    return json.loads(payload)


def groups_of(launcher):
    return [str(p) for p in pathlib.Path("/sys/fs/cgroup").rglob(f"tidegate-{launcher}*")]


def launcher_of(server):
    task = pathlib.Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return int(task.read_text().split()[0])


def test_processors_by_memory():
    server = Server("--function-cpu-limits").start()
    try:
        if "processor time by MemorySize, 1769 MB for one processor" not in functions(server):
            assert "processor time is NOT limited" in functions(server)
            pytest.skip(functions(server))
        # Never more than its share, however busy the machine is: 128 of 1769 are 7 in a hundred.
        assert run(server, "small", 128, BUSY) < 0.15
        assert run(server, "half", 885, BUSY) < 0.7
    finally:
        assert server.stop() == 0


@pytest.mark.skipif(os.getuid() != 0, reason="starts servers as another user")
def test_processors_where_nobody_can_limit_them():
    server = OrdinaryServer("--function-cpu-limits").start()
    try:
        assert "processor time is NOT limited" in functions(server)
        assert run(server) == 1
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_group_stays(end):
    server = Server().start()
    launcher = launcher_of(server)
    try:
        if not functions(server).startswith("functions: full"):
            pytest.skip(functions(server))
        run(server)
        assert groups_of(launcher)
    finally:
        getattr(server, end)()
    wait_for("the launcher to leave", lambda: not pathlib.Path(f"/proc/{launcher}").exists())
    assert groups_of(launcher) == []
