"""Functions that misbehave in every way we could think of: what the caller is told, and that the next call works."""

import base64
import json
import re
import shutil

import pytest
from conftest import ROLE
from test_runtimes import native, package, run  # noqa: F401  (fixtures)

PYTHON = """
import ctypes, os, signal, subprocess, sys, threading, time, urllib.request, urllib.error

def api(path, body=b'{}'):
    request = urllib.request.Request('http://127.0.0.1:9001/2018-06-01/runtime/' + path, data=body)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as e:
        return e.code

def next_event(me):
    with urllib.request.urlopen('http://127.0.0.1:9001/2018-06-01/runtime/invocation/next') as answer:
        return answer.headers['Lambda-Runtime-Aws-Request-Id'] == me, answer.read().decode()

def endless():
    while True:
        time.sleep(0.001)

def handler(event, context):
    me = context.aws_request_id
    if event == 'exit 0': os._exit(0)
    if event == 'exit 1': os._exit(1)
    if event == 'sys.exit': sys.exit(4)
    if event == 'killed': os.kill(os.getpid(), signal.SIGKILL)
    if event == 'segfault': ctypes.string_at(0)
    if event == 'abort': os.abort()
    if event == 'memory': return len(b'x' * (1 << 30))
    if event == 'loop':
        while True: pass
    if event == 'sleep': time.sleep(100)
    if event == 'endless output':
        while True: print('x' * 200)
    if event == 'no JSON': return {1, 2}
    if event == 'recursion': return handler(event, context)
    if event == 'too large': return 'x' * 6291556
    if event == 'raise BaseException': raise BaseException('base')
    if event == 'no message': raise ValueError()
    if event == 'odd error':
        class Odd(Exception):
            def __str__(self): raise RuntimeError('in str')
        raise Odd()
    if event == 'children':
        for _ in range(5): subprocess.Popen(['sleep', '1000'])
        return 'left'
    if event == 'threads':
        for _ in range(5): threading.Thread(target=endless, daemon=True).start()
        return 'left'
    if event == 'orphans':
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
        return 'left'
    if event == 'both return': return ['both', os.fork() and 0]
    if event == 'the child raises':
        if os.fork() == 0:
            time.sleep(0.1)
            raise ValueError('child')
        return 'left'
    if event == 'asks as well': return list(next_event(me))
    if event == 'a child asks':  # for the event after this one, as the runtime itself
        if os.fork() == 0:
            time.sleep(0.1)
            next_event(me)
            os._exit(0)
        return 'left'
    if event == 'a thread answers':
        threading.Thread(target=lambda: api(f'invocation/{me}/response', b'"thread"')).start()
        time.sleep(0.2)
        return 'too late'
    if event == 'another program': os.execv('/usr/bin/true', ['true'])
    if event == 'close all':
        os.closerange(0, 1024)
        return 'closed'
    if event == 'close output':
        os.closerange(1, 3)
        return 'closed'
    if event == 'answers itself':
        return [api(f'invocation/{me}/response', b'"mine"'), api(f'invocation/{me}/response', b'"twice"')]
    if event == 'wrong id': return api('invocation/none/response')
    if event == 'init error late': return api('init/error')
    if event == 'stops itself': os.kill(os.getpid(), signal.SIGSTOP)
    if event == 'ignores signals':
        for n in range(1, 32):
            try: signal.signal(n, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
    if event == 'fills tmp':
        with open('/tmp/full', 'wb') as file:
            while True: file.write(bytes(1 << 20))
    if event == 'clean': os.unlink('/tmp/full')
    return event
"""

TIMEOUT = ("Sandbox.Timedout", "Task timed out after 2.00 seconds")
EXIT = "Runtime.ExitError"
FAILURES = [
    ("exit 0", EXIT, "Runtime exited without providing a reason"), ("exit 1", EXIT, "exit status 1"),
    ("sys.exit", EXIT, "exit status 4"), ("killed", EXIT, "signal: killed"),
    ("segfault", EXIT, "signal: segmentation fault"), ("abort", EXIT, "signal: aborted"), ("memory", "MemoryError", ""),
    ("another program", EXIT, "Runtime exited without providing a reason"), ("loop", *TIMEOUT), ("sleep", *TIMEOUT),
    ("endless output", *TIMEOUT), ("stops itself", *TIMEOUT), ("ignores signals", *TIMEOUT),
    ("no JSON", "Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable"),
    ("recursion", "RecursionError", "maximum recursion depth exceeded"),
    ("too large", "Function.ResponseSizeTooLarge",
     "Response payload size exceeded maximum allowed payload size (6291556 bytes)."),
    ("raise BaseException", EXIT, "exit status 1"), ("no message", "ValueError", ""),
    ("odd error", None, ""), ("fills tmp", "OSError", "No space left on device"),
]
STRANGE = [("children", "left"), ("threads", "left"), ("orphans", "left"), ("close output", "closed"),
           ("wrong id", 400), ("init error late", 403), ("the child raises", "left"), ("a child asks", "left"),
           ("asks as well", [True, '"asks as well"']), ("a thread answers", "thread"), ("both return", ["both", 0])]


@pytest.mark.parametrize("event, kind, text", FAILURES, ids=[f[0] for f in FAILURES])
def test_python_fails(run, event, kind, text):  # noqa: F811
    invoke = run("python3.11", {"index.py": PYTHON}, timeout=2 if kind == TIMEOUT[0] else 20)
    for _ in range(2):
        error, payload, log = invoke(event)
        document = json.loads(payload)
        assert error == "Unhandled" and (kind is None or document["errorType"] == kind), log
        assert text in document["errorMessage"]
        assert log.count("END RequestId: ") == 1 and log.endswith("\n") and "REPORT RequestId: " in log
    assert invoke("fine")[:2] == (None, b'"fine"')


@pytest.mark.parametrize("event, answer", STRANGE, ids=[s[0] for s in STRANGE])
def test_python_is_strange(run, event, answer):  # noqa: F811
    invoke = run("python3.11", {"index.py": PYTHON}, timeout=20)
    for _ in range(2):
        error, payload, log = invoke(event)
        assert (error, json.loads(payload)) == (None, answer), log
    assert invoke("fine")[:2] == (None, b'"fine"')


def test_python_answers_itself(run):  # noqa: F811
    """Its first answer counts; the runtime's own comes too late and changes nothing."""
    invoke = run("python3.11", {"index.py": PYTHON}, timeout=2)
    for _ in range(3):
        assert invoke("answers itself")[:2] == (None, b'"mine"')
    assert invoke("fine")[:2] == (None, b'"fine"')


def test_python_closes_everything(run):  # noqa: F811
    invoke = run("python3.11", {"index.py": PYTHON}, timeout=2)
    invoke("close all")  # its connection to the Runtime API is gone as well: any outcome but a hang
    assert invoke("fine")[:2] == (None, b'"fine"')


@pytest.mark.parametrize("source, kind, text", [
    ("raise ValueError('at import')", "ValueError", "at import"), ("import sys; sys.exit(3)", EXIT, "exit status 3"),
    ("import os; os.abort()", EXIT, "signal: aborted"),
    ("def handler(e, c): pass\nx = 1 +", "Runtime.UserCodeSyntaxError", "")])
def test_init_fails(run, source, kind, text):  # noqa: F811
    invoke = run("python3.11", {"index.py": source})
    for _ in range(2):
        error, payload, log = invoke()
        document = json.loads(payload)
        assert (error, document["errorType"]) == ("Unhandled", kind) and text in document["errorMessage"], log
        assert "INIT_REPORT" in log and "Phase: init\tStatus: error" in log


def test_an_init_that_takes_too_long_is_tried_again_in_the_events_time(run):  # noqa: F811
    invoke = run("python3.11", {"index.py": "import time\ntime.sleep(60)\ndef handler(e, c): pass"}, timeout=1)
    error, payload, log = invoke()
    assert json.loads(payload)["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert re.search(r"INIT_REPORT Init Duration: 10\d\d\d\.\d\d ms\tPhase: init\tStatus: timeout\n", log)


def test_tmp_survives_a_timeout_and_a_crash(run):  # noqa: F811
    invoke = run("python3.11", {"index.py": """
import os
def handler(event, context):
    if event == 'write': open('/tmp/kept', 'w').write('kept')
    if event == 'loop':
        while True: pass
    if event == 'crash': os.abort()
    return open('/tmp/kept').read()
"""}, timeout=1)
    assert invoke("write")[1] == b'"kept"'
    for event in ("loop", "crash"):
        assert invoke(event)[0] == "Unhandled"
        assert invoke("read")[1] == b'"kept"'


@pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")
@pytest.mark.parametrize("source, kind, text", [
    ("while (true) {}", *TIMEOUT), ("await new Promise(r => setTimeout(r, 60000))", *TIMEOUT),
    ("while (true) console.log('x'.repeat(200))", *TIMEOUT),
    ("const held = []; while (true) held.push(new Array(1e6).fill(1))", None, "signal: aborted"),
    ("process.kill(process.pid, 'SIGKILL')", EXIT, "signal: killed"),
    ("return 'x'.repeat(6291556)", "Function.ResponseSizeTooLarge", "maximum allowed payload size"),
    ("(function f() { f() })()", "RangeError", "Maximum call stack size exceeded")])
def test_node(run, source, kind, text):  # noqa: F811
    code = "exports.handler = async (event) => { if (event === 'fine') return 'fine'; " + source + " }"
    invoke = run("nodejs20.x", {"index.js": code}, timeout=2 if kind == TIMEOUT[0] else 20)
    error, payload, log = invoke("bad")
    document = json.loads(payload)
    assert error == "Unhandled" and (kind is None or document["errorType"] == kind), log
    assert text in document["errorMessage"]
    assert invoke("fine")[:2] == (None, b'"fine"')


# --- custom runtimes: test/e2e/native/misdeeds.h says what each does -------------------------------

SHORT = ("Sandbox.Timedout", "Task timed out after 1.00 seconds")
SIGNALS = {1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 5: "trace/breakpoint trap", 6: "aborted",
           7: "bus error", 8: "floating point exception", 9: "killed", 10: "user defined signal 1",
           12: "user defined signal 2", 13: "broken pipe", 14: "alarm clock", 15: "terminated", 24: "signal 24",
           25: "signal 25", 31: "signal 31", 64: "signal 64"}
NATIVE_FAILURES = [
    ("exit", EXIT, "Runtime exited with error: exit status 3"), ("leave", EXIT, "without providing a reason"),
    ("crash", EXIT, "signal: segmentation fault"), ("stack", EXIT, "signal: segmentation fault"),
    ("other program", EXIT, "exit status 1"), ("half and exit", EXIT, "exit status 3"),
    ("prints and dies", EXIT, "signal: segmentation fault"),
    *((f"signal {number}", EXIT, f"Runtime exited with error: signal: {text}") for number, text in SIGNALS.items()),
    *((event, *SHORT) for event in ("loop", "hang", "stop", "deaf", "sleeper", "half and hang", "fork bomb",
                                    "endless flood")),
    ("too large", "Function.ResponseSizeTooLarge", "maximum allowed payload size (6291556 bytes)."),
    ("an error too large", "Function.ResponseSizeTooLarge", "maximum allowed payload size (6291556 bytes)."),
    ("endless chunks", "Function.ResponseSizeTooLarge", "maximum allowed payload size (6291556 bytes)."),
]
NATIVE_ANSWERS = [
    ("twice", "one"), ("wrong id", "refused"), ("half an answer", "half an answer"), ("half a head", "half a head"),
    ("slow", "s" * 18), ("chunks", [1, 2]), ("endless head", "endless head"), ("child that stays", "child that stays"),
    ("child that answers", "child"), ("child that prints", "child that prints"), ("zombies", "zombies"),
    ("unkind", "unkind"), ("close output", "close output"), ("flood", "flood"), ("bytes", "bytes"),
    ("no newline", "no newline"), ("descriptors", "Too many open files"), ("leave afterwards", "said"),
]


@pytest.fixture(scope="module")
def native_call(lambda_, native):  # noqa: F811
    """One function for all: whatever it did, it is there for the next event."""
    name = "misbehaves-natively"
    lambda_.create_function(FunctionName=name, Runtime="provided.al2023", Handler="h", Role=ROLE, Timeout=1,
                            Code={"ZipFile": package({"+bootstrap": native})})

    def invoke(event):
        answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
        log = base64.b64decode(answer["LogResult"]).decode(errors="replace")
        assert log.count("\nREPORT RequestId: ") == 1 and re.search(r"(^|\n)END RequestId: [^\n]*\nREPORT ", log), log
        return answer.get("FunctionError"), json.loads(answer["Payload"].read()), log
    yield invoke
    lambda_.delete_function(FunctionName=name)


@pytest.mark.parametrize("event, kind, text", NATIVE_FAILURES, ids=[f[0] for f in NATIVE_FAILURES])
def test_native_fails(native_call, event, kind, text):
    error, document, log = native_call(event)
    assert (error, document["errorType"]) == ("Unhandled", kind) and document["errorMessage"].endswith(text), log
    status = "Status: timeout" if kind == SHORT[0] else f"Status: error\tError Type: {kind}"
    assert log.endswith(f"\t{status}\n"), log
    assert native_call("fine")[:2] == (None, "fine")


@pytest.mark.parametrize("event, answer", NATIVE_ANSWERS, ids=[a[0] for a in NATIVE_ANSWERS])
def test_native_is_strange(native_call, event, answer):
    assert native_call(event)[:2] == (None, answer)
    assert native_call("fine")[:2] == (None, "fine")


def test_native_wants_more_memory(native_call):
    """It is refused or killed, by what the machine has to hold it."""
    error, answer, _ = native_call("memory")
    assert (error, answer) == (None, "no more") or answer["errorType"] in ("Runtime.OutOfMemory", EXIT)
    assert native_call("fine")[:2] == (None, "fine")


@pytest.mark.parametrize("event, answers", [("itself", ("Permission denied", "Text file busy")),
                                            ("daemon", ("daemon", None))])
def test_native_in_one_of_two_ways(native_call, event, answers):
    """What refuses it depends on whose files they are; which end is seen first, on the machine."""
    error, answer, _ = native_call(event)
    assert (None if error else answer) in answers, answer
    # A process that was seen to leave after its answer takes the next event along.
    assert any(native_call("fine")[:2] == (None, "fine") for _ in range(2))


def test_native_fills_its_disk(run, native):  # noqa: F811
    invoke = run("provided.al2023", {"+bootstrap": native})
    for _ in range(2):
        assert invoke("full tmp")[:2] == (None, b'"No space left on device"')


def test_native_answers_and_asks_for_no_more(native_call):
    assert native_call("dawdle")[:2] == (None, "said")
    error, document, _ = native_call("fine")
    assert (error, document["errorType"]) == ("Unhandled", SHORT[0])
    assert native_call("fine")[:2] == (None, "fine")


NATIVE_STARTS = [
    ("exit", EXIT, "Runtime exited with error: exit status 3"), ("leave", EXIT, "without providing a reason"),
    ("crash", EXIT, "signal: segmentation fault"), ("prints and dies", EXIT, "signal: segmentation fault"),
    ("signal 15", EXIT, "signal: terminated"),
    ("init error and leave", "Native.Bad", "cannot start"), ("init error and stay", "Native.Bad", "cannot start")]


@pytest.mark.parametrize("handler, kind, text", NATIVE_STARTS, ids=[s[0] for s in NATIVE_STARTS])
def test_native_does_not_start(run, native, handler, kind, text):  # noqa: F811
    invoke = run("provided.al2023", {"+bootstrap": native}, handler.replace(" ", "_"), timeout=2)
    for _ in range(2):
        error, payload, log = invoke("fine")
        document = json.loads(payload)
        assert (error, document["errorType"]) == ("Unhandled", kind) and document["errorMessage"].endswith(text), log
        assert "INIT_REPORT Init Duration: " in log and "\tPhase: init\tStatus: error" in log
        assert ("unfinished\n" in log) == (handler == "prints and dies")


@pytest.mark.parametrize("handler", ["slow start", "child that stays", "zombies", "flood"])
def test_native_starts_strangely(run, native, handler):  # noqa: F811
    invoke = run("provided.al2023", {"+bootstrap": native}, handler.replace(" ", "_"), timeout=1)
    for _ in range(2):
        assert invoke("fine")[:2] == (None, b'"fine"'), "the start is not the event's time"
