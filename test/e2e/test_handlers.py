"""What handlers return and throw, however odd: the answers are those of AWS's own runtime clients on the same handlers.
One function for each table: whatever a handler did, the next event is served."""

import base64
import json
import shutil

import pytest
from conftest import ROLE
from test_runtimes import package, run  # noqa: F401  (run: a fixture)

EXIT, CLEAN_EXIT = "Runtime.ExitError", "Runtime exited without providing a reason"
MARSHAL, NO_JSON = "Runtime.MarshalError", "Unable to stringify response body"
NO_TEXT = "callback called with Error argument, but there was a problem while retrieving one or more of its message, " \
          "name, and stack"


def rows_of(table):
    return pytest.mark.parametrize("source, answer", [row[1:] for row in table], ids=[row[0] for row in table])


def caller(lambda_, name, runtime, files):
    lambda_.create_function(FunctionName=name, Runtime=runtime, Handler="index.handler", Role=ROLE, Timeout=3,
                            MemorySize=256, Code={"ZipFile": package(files)})

    def call(source):
        answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(source))
        payload = answer["Payload"].read()
        if "FunctionError" not in answer:
            return payload
        document = json.loads(payload)
        return document["errorType"], document["errorMessage"].partition(" Error: ")[2] or document["errorMessage"]
    return call


def check(call, source, answer):
    for _ in range(2):
        assert call(source) == answer
    assert call(call.fine) == b'"fine"'
    if any(spoilt in source for spoilt in ("sys.std", "json", "getLogger", "console", "JSON")):
        assert call(call.leave)[0] == EXIT


# --- Python: a body of a function with event, context ---------------------------------------------

PYTHON = """
import asyncio, collections, dataclasses, datetime, decimal, enum, logging, os, signal, sys, threading, time, json
D = decimal.Decimal
class Mine(Exception): pass
class Odd(Exception):
    def __str__(self): raise RuntimeError('in str')
class Number(enum.IntEnum): ONE = 1
class Plain(enum.Enum): ONE = 1
@dataclasses.dataclass
class Data: a: int
Pair = collections.namedtuple('Pair', 'a b')
def handler(event, context):
    scope = dict(globals(), context=context)
    exec('def act():\\n  ' + event.replace('\\n', '\\n  '), scope)
    return scope['act']()
"""


def unmarshalled(text):
    return MARSHAL, "Unable to marshal response: " + text


def no_json(kind):
    return unmarshalled(f"Object of type {kind} is not JSON serializable")


PYTHON_ROWS = [
    ("None", "pass", b"null"), ("NaN", "return float('nan')", b"NaN"),
    ("infinite", "return [float('inf'), -float('inf')]", b"[Infinity, -Infinity]"),
    ("Decimal", "return [D('1.50'), D('3'), D('1E+2'), D('0.1'), D('NaN'), D(10 ** 30)]",
     b"[1.50, 3, 1E+2, 0.1, NaN, 1000000000000000000000000000000]"),
    ("Decimal in a dict", "return {'a': D('0.10'), 'b': {'c': D('2')}}", b'{"a": 0.10, "b": {"c": 2}}'),
    ("bytes", "return b'\\x00\\xff'", b"\x00\xff"), ("bytes inside", "return {'a': b'x'}", b'{"a": "x"}'),
    ("surrogate", "return '\\ud800'", b'"\\ud800"'), ("letters", "return 'ü€'", b'"\\u00fc\\u20ac"'),
    ("named tuple", "return [Pair(1, Pair(2, [3]))]", b'[{"a": 1, "b": {"a": 2, "b": [3]}}]'),
    ("as a dict", "class A:\n  def _asdict(self): return {'x': Pair(1, 2)}\nreturn A()", b'{"x": {"a": 1, "b": 2}}'),
    ("as no dict", "class A:\n  def _asdict(self): return 5\nreturn A()",
     unmarshalled("_asdict() must return a dict, not int")),
    ("ordered", "return collections.OrderedDict(b=1, a=(1,))", b'{"b": 1, "a": [1]}'),
    ("bytes as keys", "return {b'k': D('1.0')}", b'{"k": 1.0}'),
    ("keys", "return {1: 2, None: 3, 1.5: 6}", b'{"1": 2, "null": 3, "1.5": 6}'),
    ("a large int", "return 2 ** 70", b"1180591620717411303424"), ("tuple", "return (1, 'a')", b'[1, "a"]'),
    ("IntEnum", "return [Number.ONE]", b"[1]"), ("generator", "yield 1", no_json("generator")),
    ("coroutine", "async def f(): pass\nreturn f()", no_json("coroutine")),
    ("set", "return {1, 2}", no_json("set")), ("date", "return datetime.date(2020, 1, 1)", no_json("date")),
    ("an error as result", "return ValueError('x')", no_json("ValueError")),
    ("Enum", "return Plain.ONE", no_json("Plain")), ("dataclass", "return Data(1)", no_json("Data")),
    ("bytes that are no text", "return [b'\\xff']",
     unmarshalled("'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")),
    ("tuple as key", "return {(1, 2): 3}", unmarshalled("keys must be str, int, float, bool or None, not tuple")),
    ("circular", "a = []; a.append(a); return a", unmarshalled("Circular reference detected")),
    ("deep", "a = 1\nfor _ in range(100000): a = [a]\nreturn a",
     unmarshalled("maximum recursion depth exceeded while encoding a JSON object")),
    ("raise text", "raise 'x'", ("TypeError", "exceptions must derive from BaseException")),
    ("raise one's own", "raise Mine('m')", ("Mine", "m")), ("raise group", "raise ExceptionGroup('g', [ValueError()])",
                                                            ("ExceptionGroup", "g (1 sub-exception)")),
    ("raise StopIteration", "raise StopIteration('s')", ("StopIteration", "s")),
    ("raise from", "try: 1 / 0\nexcept Exception as e: raise ValueError('outer') from e", ("ValueError", "outer")),
    ("two arguments", "raise ValueError({'a': 1}, 2)", ("ValueError", "({'a': 1}, 2)")),
    ("lines in a message", "raise ValueError('ü\\n€')", ("ValueError", "ü\n€")),
    ("str that raises", "raise Odd()", (EXIT, "Runtime exited with error: exit status 1")),
    ("KeyboardInterrupt", "raise KeyboardInterrupt()", (EXIT, "Runtime exited with error: signal: interrupt")),
    ("exit with a text", "sys.exit('bye')", (EXIT, "Runtime exited with error: exit status 1")),
    ("exit", "sys.exit()", (EXIT, CLEAN_EXIT)),
    ("exit in a thread", "threading.Thread(target=lambda: os._exit(5)).start(); time.sleep(9)",
     (EXIT, "Runtime exited with error: exit status 5")),
    ("many threads", "e = threading.Event(); ts = [threading.Thread(target=e.wait) for _ in range(150)]\n"
     "for t in ts: t.start()\ne.set()\nfor t in ts: t.join()\nreturn len(ts)", b"150"),
    ("thread raises", "t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join(); return 'on'", b'"on"'),
    ("threads go on", "for _ in range(3): threading.Thread(target=time.sleep, args=[9]).start()\nreturn 'on'", b'"on"'),
    ("alarm", "signal.alarm(1); time.sleep(9)", (EXIT, "Runtime exited with error: signal: alarm clock")),
    ("stdout is None", "sys.stdout = None; return 'on'", b'"on"'),
    ("stdout is None, raises", "sys.stdout = sys.stderr = None; raise ValueError('v')", ("ValueError", "v")),
    ("stdout is odd", "sys.stdout = 7; return 'on'", b'"on"'),
    ("stdout closed", "sys.stdout.close(); sys.stderr.close(); return 'on'", b'"on"'),
    ("json is gone", "json.dumps = json.loads = None; return 'on'", b'"on"'),
    ("no handlers of logs", "logging.getLogger().handlers.clear(); logging.error('x'); raise ValueError('v')",
     ("ValueError", "v")),
    ("elsewhere", "os.chdir('/tmp'); return os.getcwd()", b'"/tmp"'),
    ("descriptors", "global kept\ntry: kept = [open('/dev/null') for _ in range(2000)]\nexcept OSError as e: return "
     "e.strerror", b'"Too many open files"'),
    ("itself", "try: os.unlink('/var/task/index.py')\nexcept OSError: return 'refused'", b'"refused"'),
    ("zombies", "for _ in range(50):\n  if os.fork() == 0: os._exit(0)\nreturn 'on'", b'"on"'),
    ("deep in C", "sys.setrecursionlimit(10 ** 9)\ndef f(_): return list(map(f, [1]))\nreturn f(1)",
     (EXIT, "Runtime exited with error: signal: segmentation fault")),
]


@pytest.fixture(scope="module")
def python(lambda_):
    call = caller(lambda_, "odd-python", "python3.11", {"index.py": PYTHON})
    call.fine, call.leave = "return 'fine'", "os._exit(0)"
    yield call
    lambda_.delete_function(FunctionName="odd-python")


@rows_of(PYTHON_ROWS)
def test_python(python, source, answer):
    check(python, source, answer)


def test_later_pythons_write_letters(run):  # noqa: F811
    invoke = run("python3.12", {"index.py": "def handler(e, c): return chr(0xd800) if e else 'ü€'"})
    assert invoke(0)[1] == '"ü€"'.encode()
    error, payload, _ = invoke(1)
    assert json.loads(payload)["errorType"] == MARSHAL and "surrogates not allowed" in payload.decode()


@pytest.mark.parametrize("source, kind, message", [
    ("handler = 5", "TypeError", "'int' object is not callable"),
    ("def handler(): return 1", "TypeError", "handler() takes 0 positional arguments but 2 were given"),
    ("def other(e, c): pass", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
    ("import nope", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'nope'"),
    ("from . import x", "Runtime.ImportModuleError",
     "Unable to import module 'index': attempted relative import with no known parent package"),
    ("def handler(e, c):\nreturn 1", "Runtime.UserCodeSyntaxError",
     "Syntax error in module 'index': expected an indented block after function definition on line 1 (index.py, line "
     "2)")])
def test_python_modules(run, source, kind, message):  # noqa: F811
    error, payload, log = run("python3.11", {"index.py": source})()
    document = json.loads(payload)
    assert (error, document["errorType"], document["errorMessage"]) == ("Unhandled", kind, message)
    assert f"[ERROR] {kind}: {message}\nTraceback (most recent call last):\n" in log


def test_pythons_trace_is_awss(run):  # noqa: F811
    error, payload, log = run("python3.11", {"index.py": "def handler(e, c):\n    x = [1 / 0]\n"})()
    assert json.loads(payload)["stackTrace"] == ['  File "/var/task/index.py", line 2, in handler\n    x = [1 / 0]\n']
    assert log.splitlines()[-6:-2] == [
        "[ERROR] ZeroDivisionError: division by zero", "Traceback (most recent call last):",
        '  File "/var/task/index.py", line 2, in handler', "    x = [1 / 0]"]


@pytest.mark.parametrize("given, answer", [
    ({"client": {"app_title": "t"}, "env": {"a": 1}}, [None, {"a": 1}, "t"]), ({"client": {}}, [None, None, None]),
    ({"custom": [1]}, [[1], None]), (None, "none"), ([1], "'list' object has no attribute 'get'"),
    ({"client": 5}, "'int' object has no attribute 'get'"), ("s", "'str' object has no attribute 'get'")])
def test_pythons_client_context(run, given, answer):  # noqa: F811
    """Any JSON may be sent; what is no object fails this event, not the process."""
    invoke = run("python3.11", {"index.py": """
def handler(event, context):
    c = context.client_context
    return 'none' if c is None else [c.custom, c.env] + ([c.client.app_title] if c.client else [])
"""})
    for _ in range(2):
        error, payload, log = invoke(ClientContext=base64.b64encode(json.dumps(given).encode()).decode())
        said = json.loads(payload)
        if error:
            assert said["errorType"] == "AttributeError", log
        assert answer == (said["errorMessage"] if error else said), log


# --- Node.js: a body of a function with context, callback -----------------------------------------

NODE = """
exports.handler = (event, context, callback) => eval('(context, callback) => {' + event + '}')(context, callback)
"""


def unsettled(text):
    return "Runtime.UnhandledPromiseRejection", text


NODE_ROWS = [
    ("throw undefined", "throw undefined", b"null"), ("throw null", "throw null", b"null"),
    ("throw 5", "throw 5", ("number", "5")), ("throw object", "throw {a: 1}", ("object", "[object Object]")),
    ("reject undefined", "return Promise.reject()", ("string", "handled")),
    ("reject text", "return Promise.reject('t')", ("string", "t")),
    ("reject false", "return Promise.reject(false)", ("boolean", "false")),
    ("reject as an error", "return Promise.reject({message: 'm', name: 'N', stack: 's'})", ("N", "m")),
    ("callback object", "callback({code: 7})", ("object", "[object Object]")),
    ("callback 0", "callback(0)", ("number", "0")), ("callback twice", "callback(null, 1); callback(null, 2)", b"1"),
    ("callback, throw", "callback(null, 1); throw new Error('after')", b"1"), ("a value", "return 'ignored'", b"null"),
    ("thenable", "return {then(ok) { ok('t') }}", b'"t"'),
    ("thenable throws", "return {then() { throw new Error('t') }}", ("Error", "t")),
    ("symbol", "context.succeed(Symbol('x'))", ("TypeError", "Wrong arguments")),
    ("function", "context.succeed(() => 1)", ("TypeError", "Wrong arguments")),
    ("toJSON throws", "context.succeed({toJSON() { throw 1 }})", ("Error", NO_JSON)),
    ("BigInt", "context.succeed(1n)", ("Error", NO_JSON)),
    ("circular", "const a = {}; a.a = a; context.succeed(a)", ("Error", NO_JSON)),
    ("deep", "let a = 1; for (let i = 0; i < 20000; ++i) a = [a]; context.succeed(a)", ("Error", NO_JSON)),
    ("NaN", "context.succeed([NaN, undefined, new Date(0), new Map([[1, 2]])])",
     b'[null,null,"1970-01-01T00:00:00.000Z",{}]'),
    ("surrogate", "context.succeed('\\ud800x')", b'"\\ud800x"'), ("an error as result", "context.succeed(new Error(1))",
                                                                 b"{}"),
    ("own error", "class E extends Error { name = 'Own' } throw new E('mine')", ("Own", "mine")),
    ("no message", "throw new Error()", ("Error", "")),
    ("no stack", "const e = new Error('x'); e.stack = undefined; throw e", ("handled", NO_TEXT)),
    ("odd message", "const e = new Error(); Object.defineProperty(e, 'message', {get() { throw 1 }}); throw e",
     ("handled", NO_TEXT)),
    ("DEL", "throw new Error('a\\x7fb')", ("Error", "a%7Fb")),
    ("unhandled", "Promise.reject(new Error('lost')); setTimeout(callback, 50)", unsettled("Error: lost")),
    ("unhandled undefined", "Promise.reject(); setTimeout(callback, 50)", unsettled("")),
    ("tick", "process.nextTick(() => { throw new Error('tick') })", ("Error", "tick")),
    ("event", "new (require('events'))().emit('error', new Error('ee'))", ("Error", "ee")),
    ("exit", "process.exit()", (EXIT, CLEAN_EXIT)), ("exit code", "process.exitCode = 3; callback(null, 'x')", b'"x"'),
    ("abort", "process.abort()", (EXIT, "Runtime exited with error: signal: aborted")),
    ("SIGTERM", "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9000)",
     (EXIT, "Runtime exited with error: signal: terminated")),
    ("done", "context.done('text')", ("string", "text")), ("fail", "context.fail()", ("string", "handled")),
    ("no console", "console = null; throw new Error('x')", ("Error", "x")),
    ("no console.error", "console.error = null; throw new Error('x')", ("Error", "x")),
    ("no JSON", "JSON.stringify = JSON.parse = null; callback(null, 'x')", b'"x"'),
    ("closed output", "try { for (const fd of [1, 2]) require('fs').closeSync(fd) } catch {} console.log('x'); "
     "callback(null, 'x')",
     b'"x"'),
]
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")


@pytest.fixture(scope="module")
def node(lambda_):
    call = caller(lambda_, "odd-node", "nodejs20.x", {"index.js": NODE})
    call.fine, call.leave = "callback(null, 'fine')", "process.exit()"
    yield call
    lambda_.delete_function(FunctionName="odd-node")


@needs_node
@rows_of(NODE_ROWS)
def test_node(node, source, answer):
    check(node, source, answer)


@needs_node
@pytest.mark.parametrize("source, answer", [
    ("Promise.reject(new Error('init')); exports.handler = async () => 1", unsettled("Error: init")),
    ("throw 'text'", ("string", "text")), ("process.exit(0)", (EXIT, CLEAN_EXIT)),
    ("const one = 1; // mjs\nawait new Promise(() => {})", (EXIT, "Runtime exited with error: exit status 13")),
    ("exports.handler = class A {}", ("TypeError", "Class constructor A cannot be invoked without 'new'"))])
def test_node_modules(run, source, answer):  # noqa: F811
    invoke = run("nodejs20.x", {"index.mjs" if "// mjs" in source else "index.js": source})
    for _ in range(2):
        error, payload, log = invoke()
        document = json.loads(payload)
        message = document["errorMessage"].partition(" Error: ")[2] or document["errorMessage"]
        assert (error, document["errorType"], message) == ("Unhandled", *answer), log
