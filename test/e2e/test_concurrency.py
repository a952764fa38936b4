"""As many calls at once as the limits allow, with real sandboxes: who is refused and why, what is used again, what is
ended, and that neither the server nor its launcher grows with the calls."""

import concurrent.futures
import json
import os
import pathlib
import urllib.request

import pytest
from botocore.exceptions import ClientError
from conftest import ROLE, Clients, zipped
from server import Server, wait_for

# Says that it is there, and stays until it is let go.
WAITS = """
import boto3, time, uuid
me = uuid.uuid4().hex
s3 = boto3.client('s3')
def handler(event, context):
    if event:
        s3.put_object(Bucket='gate', Key='here/' + context.aws_request_id)
        while 'Contents' not in s3.list_objects_v2(Bucket='gate', Prefix=event):
            time.sleep(0.02)
    return me
"""


class World:
    def __init__(self, *options):
        self.server = Server(*options).start()
        clients = Clients(self.server.endpoint)
        self.lambda_, self.s3 = clients("lambda"), clients("s3")
        self.s3.create_bucket(Bucket="gate")

    def create(self, name, source=WAITS):
        self.lambda_.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE,
                                     Timeout=120, MemorySize=256, Code={"ZipFile": zipped(source)})

    def call(self, name, event=None):
        """(the environment, None) or (None, why it was refused)."""
        client = Clients(self.server.endpoint)("lambda")
        try:
            answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
        except client.exceptions.TooManyRequestsException as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429
            assert error.response["Error"]["Message"] == "Rate Exceeded."
            return None, error.response["Reason"]
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload, None

    def here(self):
        return self.s3.list_objects_v2(Bucket="gate", Prefix="here/")["KeyCount"]

    def let_go(self, event):
        self.s3.put_object(Bucket="gate", Key=event)

    def environments(self, state):
        text = urllib.request.urlopen(self.server.endpoint + "/metrics").read().decode()
        line = f'tidegate_function_environments{{state="{state}"}} '
        return next(int(rest[len(line):]) for rest in text.splitlines() if rest.startswith(line))

    def processes(self):
        """The server and its launcher."""
        pid = self.server.process.pid
        found = [pid]
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
        return found


@pytest.fixture()
def world(request):
    made = World("--log-level", "warn", *request.param)
    yield made
    assert made.server.stop() == 0


def sandboxes_below(launcher):
    """The children that have a pid namespace of their own."""
    pids = pathlib.Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    own = os.readlink(f"/proc/{launcher}/ns/pid")
    return [pid for pid in pids if pathlib.Path(f"/proc/{pid}").exists() and os.readlink(f"/proc/{pid}/ns/pid") != own]


def resident_kb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


@pytest.mark.parametrize("world", [()], indirect=True)
def test_a_reservation_is_all_a_function_gets_and_no_other_takes_it(world):
    world.create("few")
    world.create("other")
    world.lambda_.put_function_concurrency(FunctionName="few", ReservedConcurrentExecutions=3)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        running = [pool.submit(world.call, "few", "go") for _ in range(3)]
        wait_for("three to run", lambda: world.here() == 3, 120)
        assert world.call("few") == (None, "ReservedFunctionConcurrentInvocationLimitExceeded")
        assert world.environments("busy") == 3
        other, _ = world.call("other")
        world.let_go("go")
        ended = {call.result(120)[0] for call in running}
    assert len(ended) == 3 and other not in ended
    # What has run is used again, the one that ended last first; never another function's.
    wait_for("all to be idle", lambda: (world.environments("busy"), world.environments("idle")) == (0, 4))
    again = {world.call("few")[0] for _ in range(5)}
    assert len(again) == 1 and again < ended
    assert world.call("other")[0] == other


@pytest.mark.parametrize("world", [("--function-concurrency", "4")], indirect=True)
def test_the_accounts_limit_is_shared(world):
    settings = world.lambda_.get_account_settings()["AccountLimit"]
    assert (settings["ConcurrentExecutions"], settings["UnreservedConcurrentExecutions"]) == (4, 4)
    for name in ("one", "two"):
        world.create(name)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        running = [pool.submit(world.call, name, "go") for name in ("one", "two") for _ in range(2)]
        wait_for("four to run", lambda: world.here() == 4, 120)
        for name in ("one", "two"):
            assert world.call(name) == (None, "ConcurrentInvocationLimitExceeded")
        # An event waits instead, and is not lost.
        world.lambda_.invoke(FunctionName="one", InvocationType="Event", Payload=b'"go"')
        world.let_go("go")
        assert len({call.result(120)[0] for call in running}) == 4

    def the_event_ran():
        world.server.advance(minutes=5)
        return world.here() == 5
    wait_for("the event that waited", the_event_ran, 120)


@pytest.mark.parametrize("world", [("--function-idle", "1")], indirect=True)
def test_what_is_idle_for_long_ends(world):
    world.create("idle", "import uuid\nme = uuid.uuid4().hex\ndef handler(event, context): return me")
    first, _ = world.call("idle")
    assert world.call("idle")[0] == first
    launcher = world.processes()[1]
    wait_for("the environment to end", lambda: world.environments("idle") == 0)
    wait_for("its processes to be gone", lambda: not sandboxes_below(launcher))
    assert world.call("idle")[0] != first


@pytest.mark.parametrize("world", [("--function-environments", "4")], indirect=True)
def test_more_functions_than_environments_and_no_growth(world):
    """The longest idle makes room. Refusals, cold and warm calls cost nothing that stays."""
    names = [f"f{i}" for i in range(7)]
    for name in names:
        world.create(name, "import uuid\nme = uuid.uuid4().hex\ndef handler(event, context): return me")
    world.lambda_.put_function_concurrency(FunctionName="f6", ReservedConcurrentExecutions=0)

    def round_of_calls():
        for name in names[:6]:
            first, _ = world.call(name)
            assert world.call(name)[0] == first
            assert world.environments("idle") <= 4
        client = world.lambda_
        for _ in range(100):
            with pytest.raises(client.exceptions.TooManyRequestsException):
                client.invoke(FunctionName="f6")
        for _ in range(100):
            client.invoke(FunctionName="f5", Payload=json.dumps("x" * 100_000))

    for _ in range(2):  # what is loaded once and kept
        round_of_calls()
    processes = world.processes()
    before = [resident_kb(pid) for pid in processes]
    for _ in range(5):
        round_of_calls()
    grown = [resident_kb(pid) - was for pid, was in zip(processes, before)]
    assert len(processes) >= 2 and max(grown) < 16 * 1024, grown


@pytest.mark.parametrize("world", [()], indirect=True)
def test_a_burst_of_large_calls_is_answered_and_its_memory_returned(world):
    world.create("large", "def handler(event, context): return len(event)")
    world.call("large", "x")
    body = json.dumps("x" * 6_000_000)

    def call(_):
        try:
            answer = Clients(world.server.endpoint)("lambda").invoke(FunctionName="large", Payload=body)
            return json.loads(answer["Payload"].read())
        except ClientError as error:  # no environment left, or no room for one more body
            return error.response["Error"]["Code"]
    with concurrent.futures.ThreadPoolExecutor(120) as pool:
        answers = set(pool.map(call, range(240)))
    assert 6_000_000 in answers
    assert answers <= {6_000_000, "TooManyRequestsException", "ServiceUnavailableException"}, answers
    for _ in range(20):  # what the threads kept for their next large body
        world.call("large", "x" * 2_000_000)
    assert resident_kb(world.server.process.pid) < 400 * 1024
