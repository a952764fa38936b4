"""Hostile functions: each probe tries one way out of its sandbox, or to hurt the machine. After each the server is
asked for its health and another function for an answer. As root and as an ordinary user."""

import ctypes
import itertools
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
import zipfile

import identities
import pytest
from conftest import ROLE, Clients, zipped
from server import BINARY, ROOT, Server, wait_for
from test_runtimes import package

HERE = pathlib.Path(__file__).resolve().parent / "escape"
sys.path.insert(0, str(HERE))
import deep  # noqa: E402
import probes  # noqa: E402

PROBES = probes.PROBES + deep.PROBES
INDEX = """
import deep, probes
def handler(event, context):
    return (vars(probes).get(event["probe"]) or vars(deep)[event["probe"]])(event)
"""

LIBC = ctypes.CDLL(None)
MEMORY = 128
# Of one process: MemorySize and the slack of its interpreter. Of a whole sandbox: /tmp, too.
ALLOWED_MB = MEMORY + 64 + 512


class OrdinaryServer(Server):
    """A server that runs as nobody, from a copy that nobody can read."""

    def __init__(self, *options):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="tidegate-nobody-"))
        for name in ("tidegate", "tidegate-launcher", "tidegate-zygote.so"):
            shutil.copy(BINARY.parent / name, self.home)
        shutil.copytree(ROOT / "runtimes", self.home / "runtimes", ignore=shutil.ignore_patterns("node_modules"))
        (self.home / "state").mkdir()
        super().__init__(*options, data=self.home / "state")
        shutil.chown(self.home / "state", "nobody")
        for folder in (self.home, self.home / "state"):
            folder.chmod(0o755)

    def start(self):
        return super().start(binary=self.home / "tidegate", user="nobody")


class Victim:
    def __init__(self, server, counted):
        self.server, self.counted = server, counted
        self.changes = itertools.count()
        self.lambda_ = Clients(server.endpoint)("lambda")
        self.create("canary", "python3.11", zipped("def handler(e, c): return e"))
        self.create("probe", "python3.11", package({"index.py": INDEX, "probes.py": (HERE / "probes.py").read_text(),
                                                     "deep.py": (HERE / "deep.py").read_text()}))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.abstract = socket.socket(socket.AF_UNIX)
        self.name = f"tidegate-{os.getpid()}-{server.port}"
        self.abstract.bind("\0" + self.name)
        self.abstract.listen()

    def create(self, name, runtime, package_bytes, **variables):
        self.lambda_.create_function(FunctionName=name, Runtime=runtime, Handler="index.handler", Role=ROLE, Timeout=20,
                                     MemorySize=MEMORY, Code={"ZipFile": package_bytes},
                                     Environment={"Variables": variables})

    def forked(self, name):
        """The answer of a function in an interpreter forked from the zygote; it says itself whether it is."""
        def once():
            self.lambda_.update_function_configuration(FunctionName=name, Description=str(next(self.changes)))
            error, payload = self.invoke(name, {})
            assert error is None, payload
            answer = json.loads(payload)
            return answer if answer["forked"] else None
        return wait_for("the zygote", once)

    def invoke(self, name, event):
        answer = self.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
        return answer.get("FunctionError"), answer["Payload"].read()

    def run(self, probe):
        addresses = {a[4][0] for a in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
        return self.invoke("probe", {
            "probe": probe, "data": str(self.server.data), "pids": [os.getpid(), self.server.process.pid],
            "ports": [self.server.port, self.listener.getsockname()[1]], "addresses": sorted(addresses),
            "abstract": self.name, "allowed_mb": ALLOWED_MB, "counted": self.counted,
            "own_users": self.server.user is None and os.getuid() == 0,
            "may_protect": bool(int(re.search(r"CapEff:\s+(\w+)", pathlib.Path(
                f"/proc/{self.server.process.pid}/status").read_text())[1], 16) >> 24 & 1)})  # CAP_SYS_RESOURCE

    def host(self):
        """What of the server, its launcher and the machine a function has no business with."""
        pid = self.server.process.pid
        found = [pathlib.Path(p).read_text() for p in ("/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern")]
        for process in [pid, *children(pid)]:
            of = pathlib.Path(f"/proc/{process}")
            found += [(of / "limits").read_text(), (of / "oom_score_adj").read_text(), os.getpriority(0, process),
                      sorted(os.sched_getaffinity(process)), os.sched_getscheduler(process),
                      LIBC.syscall(252, 1, process)]
        return found

    def healthy(self):
        assert self.invoke("canary", "alive") == (None, b'"alive"')
        assert urllib.request.urlopen(self.server.endpoint + "/healthz", timeout=5).read() == b"ok\n"


def children(pid):
    return [int(child) for thread in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()]


def victims():
    yield "server"
    if os.getuid() == 0:
        yield "ordinary"


@pytest.fixture(scope="module", params=list(victims()))
def victim(request):
    started = (OrdinaryServer() if request.param == "ordinary" else Server()).start()
    level = urllib.request.urlopen(started.endpoint + "/readyz").read().decode()
    if "functions: off" in level:
        pytest.skip(level)
    made = Victim(started, counted="functions: full" in level)
    yield made
    assert started.stop() == 0, started.log[-4000:]


# Refused by ending the process: an error is containment, too.
MAY_FAIL = {"memory", "memory_of_many_processes", "shared_memory", "memory_files", "giant_response", "orphans", "disk",
            "kernel_memory", "adopt_orphans", "harm_the_first_process", "watched_descriptors"}


@pytest.mark.parametrize("probe", PROBES)
def test_probe(victim, probe):
    if probe == "memory_of_many_processes" and not victim.counted:
        pytest.skip("without control groups memory is limited for each process only; /readyz says so")
    before = victim.host()
    error, payload = victim.run(probe)
    if error is None:
        assert not json.loads(payload), f"{probe}: {payload[:500]}"
    else:
        assert probe in MAY_FAIL, f"{probe}: {payload[:2000]}"
    victim.healthy()
    assert victim.host() == before
    # Whoever spoilt its own sandbox may find it gone with the next event, and has another one then.
    assert error is None or victim.run("raise_limits")[0] is None or victim.run("raise_limits")[0] is None


def test_a_sandbox_is_made_while_descriptors_are_on_their_way(victim):
    assert victim.run("sockets_on_their_way") == (None, b"null")
    victim.lambda_.update_function_configuration(FunctionName="canary", Description=str(next(victim.changes)))
    victim.healthy()


def test_native_probes(victim, tmp_path):
    program = tmp_path / "bootstrap"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-O1", "-w", "-static", "-o", program, HERE / "native.c"], check=True)
    victim.create("native", "provided.al2023", package({"+bootstrap": program.read_bytes()}))
    error, payload = victim.invoke("native", {})
    assert error is None, payload
    results = json.loads(payload)
    assert len(results) >= 30
    assert [name for name, escaped in results if escaped] == []
    victim.healthy()


def descendants(pid):
    return [one for child in children(pid) for one in (child, *descendants(child))]


def test_nothing_is_left_behind(victim):
    """The orphans of a probe are gone with its process; what there is: launcher, a first process and a runtime for
    each sandbox."""
    for probe in ("orphans", "adopt_orphans"):
        assert victim.run(probe)[0] == "Unhandled"
    assert victim.run("raise_limits") == (None, b"[]")
    commands = []
    for pid in descendants(victim.server.process.pid):
        try:
            commands.append(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
        except OSError:
            pass  # it just ended
    metrics = urllib.request.urlopen(victim.server.endpoint + "/metrics").read().decode()
    sandboxes = sum(map(int, re.findall(r'tidegate_function_environments\{state="\w+"\} (\d+)', metrics)))
    assert 4 <= len(commands) <= 2 + 2 * sandboxes, commands  # and the zygote


def test_a_fork_is_confined_as_a_fresh_interpreter(victim):
    source = zipped((HERE / "confinement.py").read_text())
    victim.create("fresh", "python3.11", source, PYTHONUNBUFFERED="1")
    victim.create("forked", "python3.11", source)
    fresh, forked = json.loads(victim.invoke("fresh", {})[1]), victim.forked("forked")
    assert not fresh["forked"] and forked["same"] == fresh["same"]
    ours = {n: os.readlink(f"/proc/self/ns/{n}") for n in os.listdir("/proc/self/ns")}
    assert forked["namespaces"].keys() == fresh["namespaces"].keys() == ours.keys()
    shared = {n for n in ours if len({ours[n], fresh["namespaces"][n], forked["namespaces"][n]}) != 3}
    assert shared == {"time", "time_for_children"}
    assert forked["same"]["landlock"] in (None, 15)
    outside = [int(one[1]) for seen in (fresh, forked) for one in seen["uid_map"]]
    if victim.server.user is None and os.getuid() == 0:
        assert len(set(outside)) == 2 and min(outside) > 100_000, "each sandbox has a user of its own"
    else:
        assert 0 not in outside


def test_a_fork_remembers_no_other_function(victim):
    """Functions are forked from one process: nothing that was said to it about one may be left for the next."""
    say = "def handler(e, c): return {'forked': 'zygote' in open('/proc/self/cmdline').read()}"
    secrets = {f"V{i}": "-" * 20 * i + "secret" + "x" * i for i in range(16)}
    victim.create("confided", "python3.11", zipped(say), **secrets)
    victim.create("spy", "python3.11", zipped((HERE / "spy.py").read_text()))
    victim.forked("spy")
    victim.forked("confided")
    assert victim.forked("spy")["found"] == []


PAGES = """
import http.client
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

def handler(event, context):
    seen = []
    for method, path in event:
        for signed in (False, True):
            request = AWSRequest(method, 'http://127.0.0.1:4566' + path)
            if signed:
                SigV4Auth(Session().get_credentials(), 'tidegate', 'us-east-1').add_auth(request)
            api = http.client.HTTPConnection('127.0.0.1', 4566, timeout=9)
            api.request(method, path, headers=dict(request.headers))
            seen.append(api.getresponse().status)
    return seen
"""


def test_the_servers_own_pages_are_not_for_functions():
    """Neither as they are nor signed with the function's own credentials."""
    server = Server(dev=False, environment={"TIDEGATE_ROOT_ACCESS_KEY_ID": identities.KEY,
                                            "TIDEGATE_ROOT_SECRET_ACCESS_KEY": identities.SECRET}).start()
    root = Clients(server.endpoint, identities.KEY, identities.SECRET)
    role = identities.make_role(root, "curious", identities.LAMBDA, identities.allow(["s3:*", "lambda:*"]))
    functions = root("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.11", Handler="index.handler", Role=role, Timeout=30,
                              Code={"ZipFile": zipped(PAGES)})
    asked = [("POST", "/_tidegate/clock/advance?ms=9"), ("GET", "/_tidegate/clock"), ("GET", "/_tidegate/deliveries"),
             ("GET", "/_tidegate/functions/f/log"), ("DELETE", "/_tidegate/deliveries/async-invokes/x")]
    answer = functions.invoke(FunctionName="f", Payload=json.dumps(asked))
    statuses = json.loads(answer["Payload"].read())
    assert len(statuses) == 10 and set(statuses) <= {403, 404}, statuses
    assert server.stop() == 0


def test_two_functions_share_nothing(victim):
    victim.create("writer", "python3.11", zipped(
        "import os\ndef handler(e, c):\n  open('/tmp/secret', 'w').write('s'); return os.environ['AWS_ACCESS_KEY_ID']"))
    victim.create("reader", "python3.11", zipped(
        "import os\ndef handler(e, c): return [os.listdir('/tmp'), os.environ['AWS_ACCESS_KEY_ID']]"))
    _, key = victim.invoke("writer", {})
    _, seen = victim.invoke("reader", {})
    assert json.loads(seen)[0] == [] and json.loads(seen)[1] != json.loads(key)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../etc/passwd", "/proc/self/environ", "index.py"])
def test_links_in_a_package(victim, target, tmp_path):
    """A link that leads outside is refused when the package comes in; a harmless one works."""
    path = tmp_path / "linked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.py", "def handler(e, c): return open('/var/task/link').read(8)")
        entry = zipfile.ZipInfo("link")
        entry.create_system = 3
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, target)
    name = "linked" + str(abs(hash(target)))
    try:
        victim.create(name, "python3.11", path.read_bytes())
    except victim.lambda_.exceptions.InvalidParameterValueException:
        assert target != "index.py"
        return
    assert target == "index.py"
    assert victim.invoke(name, {}) == (None, b'"def hand"')


assert len(PROBES) >= 100
