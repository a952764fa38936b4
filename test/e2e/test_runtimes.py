"""Node.js and custom runtimes: what a handler may look like, and what comes back when it fails."""

import base64
import io
import json
import pathlib
import re
import shutil
import subprocess
import zipfile

import pytest
from conftest import ROLE

HERE = pathlib.Path(__file__).resolve().parent
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")


def package(files):
    """A zip of {name: text or bytes}; a name that begins with + is executable."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name.lstrip("+"))
            entry.external_attr = (0o755 if name.startswith("+") else 0o644) << 16
            archive.writestr(entry, content)
    return memory.getvalue()


@pytest.fixture
def run(lambda_, name):
    """run(runtime, files, handler)(event): (FunctionError, payload bytes, log tail) of a function."""
    made = []

    def make(runtime, files, handler="index.handler", *, env=None, timeout=20, memory=256):
        function = f"{name}-{len(made)}"
        lambda_.create_function(FunctionName=function, Runtime=runtime, Handler=handler, Role=ROLE, Timeout=timeout,
                                MemorySize=memory, Environment={"Variables": env or {}},
                                Code={"ZipFile": package(files)})
        made.append(function)

        def invoke(event=None, **options):
            answer = lambda_.invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail", **options)
            return (answer.get("FunctionError"), answer["Payload"].read(),
                    base64.b64decode(answer["LogResult"]).decode())
        return invoke
    yield make
    for function in made:
        lambda_.delete_function(FunctionName=function)


HANDLERS = [
    ("async", {"index.js": "exports.handler = async (event) => ({got: event})"}, "index.handler", {"got": 7}),
    ("promise", {"index.js": "exports.handler = (e) => new Promise(r => setTimeout(() => r(e + 1), 5))"},
     "index.handler", 8),
    ("callback", {"index.js": "exports.handler = (e, c, done) => done(null, 'called')"}, "index.handler", "called"),
    ("no answer", {"index.js": "exports.handler = (e) => { setTimeout(() => {}, 10) }"}, "index.handler", None),
    ("undefined", {"index.js": "exports.handler = async () => {}"}, "index.handler", None),
    ("nested export", {"app/main.js": "exports.a = {b: async () => 'nested'}"}, "app/main.a.b", "nested"),
    ("mjs", {"index.mjs": "const v = await Promise.resolve('esm'); export const handler = async () => v"},
     "index.handler", "esm"),
    ("cjs", {"index.cjs": "exports.handler = async () => require('os').type()"}, "index.handler", "Linux"),
    ("type module", {"package.json": '{"type": "module"}', "index.js": "export async function handler() {return 1}"},
     "index.handler", 1),
    ("own modules", {"index.js": "const m = require('mine'); exports.handler = async () => m.v",
                     "node_modules/mine/index.js": "exports.v = 'mine'"}, "index.handler", "mine"),
    ("succeed", {"index.js": "exports.handler = (e, context) => context.succeed('old')"}, "index.handler", "old"),
    ("no waiting", {"index.js": """exports.handler = (e, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000); callback(null, 'at once') }"""},
     "index.handler", "at once"),
    ("waiting", {"index.js": """let done = false; exports.handler = (e, context, callback) => {
        const result = {}; setTimeout(() => { result.late = true }, 20); callback(null, result) }"""},
     "index.handler", {"late": True}),
]


@needs_node
@pytest.mark.parametrize("files, handler, expected", [h[1:] for h in HANDLERS], ids=[h[0] for h in HANDLERS])
def test_node_handlers(run, files, handler, expected):
    invoke = run("nodejs20.x", files, handler)
    for _ in range(2):  # cold and warm
        error, payload, log = invoke(7)
        assert (error, json.loads(payload)) == (None, expected), log


STREAMED = [
    ("writes", "async (e, s) => { s.write('a'); s.write(Buffer.from([0, 255])); s.write({b: 1}); s.end('z') }",
     b'a\x00\xff{"b":1}z'),
    ("nothing", "async (e, s) => { s.end() }", b""),
    ("pipeline", "async (e, s) => { await require('stream/promises').pipeline(['x', 'y'.repeat(100000)], s) }",
     b"x" + b"y" * 100000),
    ("late", "async (e, s) => new Promise(ok => setTimeout(() => { s.end('late'); ok() }, 20))", b"late"),
    ("prelude", "async (e, s) => { s = awslambda.HttpResponseStream.from(s, {statusCode: 201}); s.end('b') }",
     b'{"statusCode":201}' + bytes(8) + b"b"),
    ("the context", "async (e, s, c) => { s.end(c.functionName.slice(0, 1) + e) }", b"t7"),
    ("no end", "async (e, s) => { s.write('a') }", ("string", "Response stream is not finished.")),
    ("not async", "(e, s) => { s.end() }", ("string", "Streaming does not support non-async handlers.")),
    ("throws", "async (e, s) => { s.write('a'); throw new TypeError('mid') }", ("TypeError", "mid")),
    ("written after the end", "async (e, s) => { s.end(); s.write('a') }", ("Error", "write after end")),
    ("too late a type", "async (e, s) => { s.write('a'); s.setContentType('b') }",
     ("Error", "Cannot set content-type, too late.")),
    ("the context's names", "async (e, s, c) => { s.end(Object.keys(c).join()) }",
     b"callbackWaitsForEmptyEventLoop,functionVersion,functionName,memoryLimitInMB,logGroupName,logStreamName,"
     b"clientContext,identity,invokedFunctionArn,awsRequestId,tenantId,getRemainingTimeInMillis"),
    ("never settles", "async (e, s) => new Promise(() => {})", ("Runtime.NodeJsExit", None)),
    ("too much", "async (e, s) => { s.end('x'.repeat(6291557)) }", ("Function.ResponseSizeTooLarge", None)),
]


@needs_node
@pytest.mark.parametrize("handler, answer", [s[1:] for s in STREAMED], ids=[s[0] for s in STREAMED])
def test_node_handlers_that_stream(run, handler, answer):
    """Whoever invokes them gets all of it at the end, as on AWS."""
    invoke = run("nodejs20.x", {"index.js": f"exports.handler = awslambda.streamifyResponse({handler})"})
    for _ in range(2):
        error, payload, log = invoke(7)
        if isinstance(answer, bytes):
            assert (error, payload) == (None, answer), log
        else:
            document = json.loads(payload)
            assert (error, document["errorType"]) == ("Unhandled", answer[0]), log
            assert document["errorMessage"] == (answer[1] or document["errorMessage"])


FAILURES = [
    ("throw", "exports.handler = () => { throw new TypeError('bad') }", "TypeError", "bad"),
    ("reject", "exports.handler = async () => { throw new RangeError('far') }", "RangeError", "far"),
    ("string", "exports.handler = (e, c, callback) => callback('text')", "string", "text"),
    ("context.fail", "exports.handler = (e, c) => c.fail(new Error('failed'))", "Error", "failed"),
    ("no JSON", "exports.handler = async () => { const a = {}; a.a = a; return a }", "Error",
     "Unable to stringify response body"),
    ("BigInt", "exports.handler = async () => 1n", "Error", "Unable to stringify response body"),
    ("never settles", "exports.handler = async () => new Promise(() => {})", "Runtime.NodeJsExit",
     "The Lambda runtime client detected an unexpected Node.js exit code."),
    ("uncaught", "exports.handler = (e, c, cb) => { setTimeout(() => { throw new Error('late') }, 5) }", "Error",
     "late"),
    ("unhandled", "exports.handler = (e, c, cb) => { Promise.reject(new Error('lost')) ; setTimeout(cb, 50) }",
     "Runtime.UnhandledPromiseRejection", "Error: lost"),
    ("exit", "exports.handler = async () => process.exit(0)", "Runtime.ExitError",
     "Runtime exited without providing a reason"),
    ("exit 7", "exports.handler = async () => process.exit(7)", "Runtime.ExitError", "exit status 7"),
    ("abort", "exports.handler = async () => process.abort()", "Runtime.ExitError", "signal: aborted"),
    ("init throws", "throw new Error('at load')", "Error", "at load"),
    ("init exits", "process.exit(3)", "Runtime.ExitError", "exit status 3"),
    ("no export", "exports.other = 1", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
    ("no function", "exports.handler = 1", "Runtime.HandlerNotFound", "index.handler is not a function"),
    ("missing module", "require('nope')", "Runtime.ImportModuleError", "Error: Cannot find module 'nope'"),
    ("syntax", "exports.handler = (", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
]


@needs_node
@pytest.mark.parametrize("source, kind, text", [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES])
def test_node_failures(run, source, kind, text):
    invoke = run("nodejs20.x", {"index.js": source})
    error, payload, log = invoke()
    document = json.loads(payload)
    assert error == "Unhandled" and document["errorType"] == kind and text in document["errorMessage"], log
    if not kind.startswith("Runtime.Exit"):
        assert list(document) == ["errorType", "errorMessage", "trace"]
    assert re.search(r"START RequestId: .*END RequestId: .*REPORT RequestId: ", log, re.S)


@needs_node
@pytest.mark.parametrize("handler, kind, text", [
    ("index", "Runtime.MalformedHandlerName", "Bad handler"),
    ("../x.handler", "Runtime.MalformedHandlerName", "'../x.handler' is not a valid handler name."),
    ("nothing.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nothing'")])
def test_node_handler_names(run, handler, kind, text):
    _, payload, _ = run("nodejs18.x", {"index.js": "exports.handler = async () => 1"}, handler)()
    assert json.loads(payload)["errorType"] == kind and text in json.loads(payload)["errorMessage"]


@needs_node
def test_node_context_and_environment(run):
    invoke = run("nodejs22.x", {"index.js": """
exports.handler = async (event, context) => ({
  context: JSON.stringify(context), left: context.getRemainingTimeInMillis(), env: process.env.AWS_EXECUTION_ENV,
  client: context.clientContext, trace: process.env._X_AMZN_TRACE_ID.slice(0, 7), cwd: process.cwd() })
"""})
    client = {"custom": {"k": "ü"}}
    _, payload, _ = invoke(ClientContext=base64.b64encode(json.dumps(client, ensure_ascii=False).encode()).decode())
    seen = json.loads(payload)
    assert list(json.loads(seen["context"])) == [
        "callbackWaitsForEmptyEventLoop", "functionVersion", "functionName", "memoryLimitInMB", "logGroupName",
        "logStreamName", "clientContext", "invokedFunctionArn", "awsRequestId"]
    assert json.loads(seen["context"])["memoryLimitInMB"] == "256" and seen["client"] == client
    assert 0 < seen["left"] <= 20000 and seen["env"] == "AWS_Lambda_nodejs22.x"
    assert seen["trace"] == "Root=1-" and seen["cwd"] == "/var/task"


@needs_node
def test_node_log(run):
    invoke = run("nodejs20.x", {"index.js": """
exports.handler = async () => {
  console.log('one', {a: 1}); console.log(); console.warn('two\\nlines'); throw new Error('bad') }
"""})
    _, _, log = invoke()
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\t"
    assert re.search(f"^{stamp}INFO\tone {{ a: 1 }}$", log, re.M), log
    assert re.search(f"^{stamp}INFO\tundefined$", log, re.M), log
    assert re.search(f"^{stamp}WARN\ttwo\nlines$", log, re.M), log
    error = '{"errorType":"Error","errorMessage":"bad","stack":'
    assert re.search(f"^{stamp}ERROR\tInvoke Error \t{re.escape(error)}", log, re.M), log


@needs_node
@pytest.mark.parametrize("file, load", [
    ("index.js", "const { S3Client, ListBucketsCommand } = require('@aws-sdk/client-s3'); exports.handler ="),
    ("index.mjs", "import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3'; export const handler =")])
def test_the_sdk_is_there_and_finds_this_server(run, s3, bucket, file, load):
    invoke = run("nodejs20.x", {file: load + """
  async () => (await new S3Client().send(new ListBucketsCommand())).Buckets.map(b => b.Name)"""}, timeout=60)
    error, payload, log = invoke()
    assert error is None and bucket in json.loads(payload), log


# --- custom runtimes ------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def native(tmp_path_factory):
    program = tmp_path_factory.mktemp("native") / "bootstrap"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-O1", "-static", "-o", program, HERE / "native/bootstrap.c"], check=True)
    return program.read_bytes()


@pytest.mark.parametrize("runtime", ["provided", "provided.al2", "provided.al2023"])
def test_a_native_runtime(run, native, runtime):
    invoke = run(runtime, {"+bootstrap": native}, "anything at all".replace(" ", "-"))
    error, payload, log = invoke("hello")
    assert (error, payload) == (None, b'"hello"') and 'echo "hello"\n' in log
    assert invoke("environment")[1] == b"unset"
    assert invoke("binary")[1] == b"\x89PNG\r\n\x1a\n\0\xff", "the bytes come back untouched"
    assert invoke("fail")[:2] == ("Unhandled", b'{"errorMessage":"no","errorType":"Bad","stackTrace":[]}')
    assert "signal: segmentation fault" in json.loads(invoke("crash")[1])["errorMessage"]
    assert "exit status 3" in json.loads(invoke("exit")[1])["errorMessage"]
    assert invoke("again")[1] == b'"again"'


def test_a_bootstrap_for_sh_finds_bash_as_on_aws(run):
    """Amazon's sh is bash, and the bootstraps of its tutorials, which set pipefail and source their handlers, rely on
    it. This one speaks to the Runtime API by the shell's own means."""
    bootstrap = """#!/bin/sh
set -euo pipefail
source $LAMBDA_TASK_ROOT/"$(echo $_HANDLER | cut -d. -f1).sh"
address=/dev/tcp/${AWS_LAMBDA_RUNTIME_API/://}
while true; do
  exec 3<>$address
  printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n' >&3
  while read -r line <&3 && line=${line%$'\r'} && [[ -n $line ]]; do
    case ${line,,} in
      lambda-runtime-aws-request-id:*) id=${line#*: } ;;
      content-length:*) size=${line#*: } ;;
    esac
  done
  read -r -N $size event <&3
  answer=$($(echo "$_HANDLER" | cut -d. -f2) "$event")
  printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: r\r\nContent-Length: %s\r\n\r\n%s' \
    "$id" "${#answer}" "$answer" >&3
  read -r line <&3
done
"""
    handler = "function handler () {\n  echo \"[$1, \\\"$0\\\"]\"\n}\n"
    invoke = run("provided.al2023", {"+bootstrap": bootstrap, "function.sh": handler}, "function.handler")
    assert invoke({"a": 1})[:2] == (None, b'[{"a": 1}, "/var/task/bootstrap"]')


@pytest.mark.parametrize("files, text", [
    ({"index.sh": "#!/bin/sh\n"}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
    ({"bootstrap": "#!/bin/sh\n"}, "fork/exec /var/task/bootstrap: permission denied"),
    ({"+bootstrap": "no program"}, "fork/exec /var/task/bootstrap: exec format error"),
    ({"+bootstrap": "#!/nowhere/sh\n"}, "fork/exec /var/task/bootstrap: no such file or directory")])
def test_what_cannot_be_executed(run, files, text):
    error, payload, log = run("provided.al2023", files)()
    document = json.loads(payload)
    assert (error, document["errorType"]) == ("Unhandled", "Runtime.InvalidEntrypoint")
    assert re.fullmatch(r"RequestId: [0-9a-f-]{36} Error: " + re.escape(text), document["errorMessage"])
    assert text + "\nRuntime.InvalidEntrypoint\n" in log


def test_exec_wrapper(run):
    files = {"index.py": "import os\ndef handler(e, c): return os.environ['WRAPPED']",
             "+wrap": "#!/bin/sh\nexport WRAPPED=\"$1\"\nexec \"$@\"\n"}
    assert run("python3.11", files, env={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"})()[1] == b'"/usr/bin/python3"'
    _, payload, _ = run("python3.11", files, env={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/none"})()
    assert json.loads(payload)["errorMessage"].endswith("Runtime exited with error: exit status 127")


# --- Python: forked from the zygote or started anew -----------------------------------------------

WHO_AM_I = """
import boto3, os, signal, sys, time
client = boto3.client('appconfig')
cpu = time.process_time()
def handler(event, context):
    if event == 'crash': os.abort()
    return {'cpu': cpu, 'seen': [sys.argv, sys.path, sys.executable, os.getcwd(), sorted(set(os.environ) - {'MINE'}),
            sorted(k for k in vars(sys.modules['__main__']) if not k.startswith('_')), client.meta.endpoint_url,
            str(signal.getsignal(signal.SIGPIPE)), sys.stdout.encoding, sys.stdout.seekable(), oct(os.umask(0o22)),
            os.readlink('/proc/self/fd/1')[:5], os.environ['TZ'], sys.dont_write_bytecode]}
"""


def test_a_forked_interpreter_is_as_a_fresh_one(run):
    """The zygote starts with the first function; from then on a start takes a fraction, and nobody can tell."""
    from server import wait_for
    fresh = json.loads(run("python3.11", {"index.py": WHO_AM_I}, env={"PYTHONUNBUFFERED": "1"})()[1])
    fresh["seen"][4].remove("PYTHONUNBUFFERED")

    def forked():
        invoke = run("python3.11", {"index.py": WHO_AM_I}, env={"MINE": "1"})
        return invoke if json.loads(invoke()[1])["cpu"] < fresh["cpu"] / 3 else None
    invoke = wait_for("the zygote", forked)
    first = json.loads(invoke()[1])
    assert first["seen"] == fresh["seen"]
    assert invoke("crash")[0] == "Unhandled"
    again = json.loads(invoke()[1])
    assert again["seen"] == fresh["seen"] and again["cpu"] < fresh["cpu"] / 3, "a restart is a fork, too"


def test_records_as_json(run):
    """The variable that AWS sets for functions with LogFormat JSON."""
    invoke = run("python3.11", {"index.py": "import logging\ndef handler(e, c): logging.error('bad %d', 1)"},
                 env={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    for _ in range(2):
        line = next(line for line in invoke()[2].splitlines() if line.startswith("{"))
        assert json.loads(line)["message"] == "bad 1" and json.loads(line)["level"] == "ERROR"


def test_modules_of_its_own_win_over_the_zygotes(run):
    files = {"index.py": "import boto3\ndef handler(e, c): return boto3.mine", "boto3/__init__.py": "mine = 'own'"}
    assert run("python3.11", files)()[1] == b'"own"'
    files = {"index.py": "import queue\ndef handler(e, c): return queue.mine", "queue.py": "mine = 'own'"}
    assert run("python3.11", files)()[1] == b'"own"'
