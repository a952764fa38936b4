"""AWS's own runtime clients, unmodified, against our Runtime API. Optional: their builds take minutes, so each test
runs only where an environment variable names a copy that was built outside the project:

  TIDEGATE_RIC_NODE    a folder that holds node_modules/aws-lambda-ric (npm i aws-lambda-ric)
  TIDEGATE_RIC_CPP     a static program on aws-lambda-cpp that switches on _HANDLER: echo_success, echo_failure,
                       binary_response, crash_backtrace
  TIDEGATE_RIC_PYTHON  a folder that holds the package awslambdaric and its module runtime_client
"""

import json
import os
import pathlib

import pytest
from test_runtimes import run  # noqa: F401  (a fixture)


def place(variable):
    if not os.environ.get(variable):
        pytest.skip(f"{variable} is not set")
    return pathlib.Path(os.environ[variable])


def files_of(folder, within=""):
    return {str(path.relative_to(folder)): path.read_bytes() for path in (folder / within).rglob("*")
            if path.is_file() and "aws-lambda-ric/deps" not in str(path)}


NODE = "#!/bin/sh\nexec /usr/bin/env node node_modules/aws-lambda-ric/bin/index.mjs \"$_HANDLER\"\n"


@pytest.mark.parametrize("source, error, check", [
    ("exports.handler = async (event, context) => ({event, memory: context.memoryLimitInMB})", None,
     lambda d: d == {"event": {"k": "ü"}, "memory": "512"}),
    ("exports.handler = () => { throw new TypeError('bad') }", "Unhandled",
     lambda d: (d["errorType"], d["errorMessage"]) == ("TypeError", "bad") and d["trace"]),
    ("exports.handler = (e, c, callback) => callback('text')", "Unhandled",
     lambda d: d == {"errorType": "string", "errorMessage": "text", "trace": []}),
    ("exports.handler = async () => { throw new RangeError('far') }", "Unhandled",
     lambda d: d["errorType"] == "RangeError"),
    ("exports.handler = async () => process.exit(1)", "Unhandled",
     lambda d: "Runtime exited with error: exit status 1" in d["errorMessage"]),
    ("require('nope')", "Unhandled", lambda d: d["errorType"] == "Runtime.ImportModuleError")])
def test_node(run, source, error, check):  # noqa: F811
    ric = files_of(place("TIDEGATE_RIC_NODE"), "node_modules/aws-lambda-ric")
    invoke = run("provided.al2023", {"+bootstrap": NODE, "index.js": source, **ric}, memory=512)
    for _ in range(2):
        found, payload, log = invoke({"k": "ü"})
        assert found == error and check(json.loads(payload)), (payload, log)


@pytest.mark.parametrize("handler, error, expected", [
    ("echo_success", None, b'{"a": 1}'), ("binary_response", None, b"\x89PNG"),
    ("echo_failure", "Unhandled", b"errorType"),
    ("crash_backtrace", "Unhandled", b"Runtime.ExitError")])
def test_cpp(run, handler, error, expected):  # noqa: F811
    program = place("TIDEGATE_RIC_CPP").read_bytes()
    invoke = run("provided.al2023", {"+bootstrap": program}, handler)
    for _ in range(2):
        found, payload, log = invoke({"a": 1})
        assert found == error and expected in payload, (payload, log)


@pytest.mark.parametrize("source, error, expected", [
    ("def handler(e, c): return {'got': e, 'name': c.function_name[:1]}", None, '{"got": {"a": 1}, "name": "t"}'),
    ("def handler(e, c): raise ValueError('bad')", "Unhandled", '"errorMessage": "bad", "errorType": "ValueError"'),
    ("def handler(e, c): raise ValueError('x' * 300000)", "Unhandled", "xxxxxx"),  # with a header as long
    ("import nope", "Unhandled", "Unable to import module 'index': No module named 'nope'")])
def test_python(run, source, error, expected):  # noqa: F811
    start = "#!/bin/sh\nexec /usr/bin/python3 -m awslambdaric \"$_HANDLER\"\n"
    client = files_of(place("TIDEGATE_RIC_PYTHON"))
    invoke = run("provided.al2023", {"+bootstrap": start, "index.py": source, **client})
    for _ in range(2):
        found, payload, log = invoke({"a": 1})
        assert found == error and expected in payload.decode(), (payload, log)
