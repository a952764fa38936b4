"""The Runtime API as a custom runtime meets it inside its sandbox: a runtime that sends what the event tells it to, one
request after the other, and reports what it was answered. The states and texts are those of AWS's own emulator."""

import base64
import json
import re

import pytest
from conftest import ROLE
from test_runtimes import package, run  # noqa: F401  (run: a fixture)

# Sends the calls of AT_INIT before it asks for its first event, then those of each event. ID stands for the event's id.
RUNTIME = """#!/usr/bin/python3
import http.client, json, os, socket
api = http.client.HTTPConnection('127.0.0.1', 9001)
seen, me = [], ''

def send(method, path, body='', headers={}):
    api.request(method, path.replace('ID', me), body.encode('latin-1'), headers)
    answer = api.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()

def raw(text):
    with socket.create_connection(('127.0.0.1', 9001)) as own:
        own.sendall(text.replace('ID', me).encode('latin-1'))
        if text.endswith('...'):  # and no more of it
            return 0, {}, ''
        whole = own.makefile('rb').read()
    head, _, body = whole.decode().partition('\\r\\n\\r\\n')
    return int(head.split()[1]), {}, body

def perform(calls):
    for call in calls:
        status, headers, body = raw(call) if isinstance(call, str) else send(*call)
        seen.append([status, body, headers.get('Content-Type') or headers.get('content-type')])

perform(json.loads(os.environ.get('AT_INIT', '[]')))
while True:
    status, headers, event = send('GET', '/2018-06-01/runtime/invocation/next')
    me = {k.lower(): v for k, v in headers.items()}['lambda-runtime-aws-request-id']
    asked = json.loads(event)
    if asked == 'tell':
        told, seen = seen, []
        send('POST', '/2018-06-01/runtime/invocation/ID/response', json.dumps(told))
    elif asked == 'headers':
        send('POST', '/2018-06-01/runtime/invocation/ID/response', json.dumps(headers))
    else:
        perform(asked)
"""

BASE = "/2018-06-01/runtime/"
OK = (202, {"status": "OK"})
WRONG_ID = (400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"})
BAD_MODE = (400, {"errorMessage": "Invalid function response mode", "errorType": "InvalidFunctionResponseMode"})
NOT_FOUND, NOT_ALLOWED = (404, "404 page not found\n"), (405, "")
MODE = {"Lambda-Runtime-Function-Response-Mode": "streaming"}


def refused(wanted, now="RuntimeResponseSentState"):
    return 403, {"errorMessage": f"State transition from {now} to {wanted} failed for runtime. "
                                 "Error: State transition is not allowed", "errorType": "InvalidStateTransition"}


def response(body='"done"', headers=None):
    return ["POST", BASE + "invocation/ID/response", body, headers or {}]


def error(body='{"errorMessage":"m","errorType":"T"}', headers=None):
    return ["POST", BASE + "invocation/ID/error", body, headers or {}]


def post(path, body="{}"):
    return ["POST", path if path.startswith("/") else BASE + path, body]


def get(path, method="GET"):
    return [method, path if path.startswith("/") else BASE + path]


NEXT, INIT_ERROR, WRONG_RESPONSE, WRONG_ERROR = (
    get("invocation/next"), post("init/error"), post("invocation/none/response"), post("invocation/none/error"))
DONE, FAILED = (None, '"done"'), ("Unhandled", '{"errorMessage":"m","errorType":"T"}')

# name, what the runtime sends with an event, what it is answered, what the caller gets
ROWS = [
    ("response", [response()], [OK], DONE),
    ("error", [error()], [OK], FAILED),
    ("next twice", [NEXT, response()], [200, OK], DONE),
    ("init error late", [INIT_ERROR, response()], [refused("InitError", "Running"), OK], DONE),
    ("init error after a response", [response(), INIT_ERROR], [OK, refused("InitError")], DONE),
    ("wrong ids", [WRONG_RESPONSE, WRONG_ERROR, response()], [WRONG_ID, WRONG_ID, OK], DONE),
    ("wrong ids after a response", [response(), WRONG_RESPONSE, WRONG_ERROR], [OK, WRONG_ID, WRONG_ID], DONE),
    ("response twice", [response(), response('"two"')], [OK, refused("InvocationResponse")], DONE),
    ("error twice", [error(), error()], [OK, refused("InvocationErrorResponse")], FAILED),
    ("response after error", [error(), response()], [OK, refused("InvocationResponse")], FAILED),
    ("error after response", [response(), error()], [OK, refused("InvocationErrorResponse")], DONE),
    ("three in a row", [response("1"), response("2"), response("3")],
     [OK, refused("InvocationResponse"), refused("InvocationResponse")], (None, "1")),
    ("no such path", [post("unsupported"), get("/"), get("/2018-06-01/runtime"), get("invocation"),
                      post("invocation//response"), post("invocation/a/b/response"), response()],
     [NOT_FOUND] * 6 + [OK], DONE),
    ("other APIs", [get("restore/next"), post("restore/error"), get("/credentials"),
                    post("/2020-01-01/extension/register"), get("/2020-01-01/extension/event/next"),
                    get("/2022-07-01/telemetry", "PUT"), response()], [NOT_FOUND] * 6 + [OK], DONE),
    ("wrong methods", [get("invocation/ABC/error", "DELETE"), post("invocation/next"), get("init/error"),
                       get("invocation/ID/response"), get("invocation/ID/response", "PUT"), response()],
     [NOT_ALLOWED] * 5 + [OK], DONE),
    ("rarer methods", [get("invocation/next", "HEAD"), get("invocation/next", "OPTIONS"), get("init/error", "PATCH"),
                       get("/2018-06-01/ping", "DELETE"), response()], [405] * 4 + [OK], DONE),
    ("ping", [get("/ping"), get("/2018-06-01/ping"), response()], [(200, "pong"), (200, "pong"), OK], DONE),
    ("streaming", [response(headers=MODE)], [OK], DONE),
    ("another mode", [response(headers={**MODE, "Lambda-Runtime-Function-Response-Mode": "invalid-mode"}), response()],
     [BAD_MODE, refused("InvocationResponse")],
     ("Unhandled",
      '{"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":"Invalid function response mode"}')),
    ("asks for XML", [["POST", BASE + "invocation/none/error", "", {"Accept": "application/xml"}], response()],
     [WRONG_ID, OK], DONE),
    ("an empty response", [response("")], [OK], (None, "")),
    ("an empty error", [error("")], [OK], ("Unhandled", "")),
    ("an error that is no JSON", [error("no JSON \xff")], [OK], ("Unhandled", "no JSON \xff")),
    ("types of errors", [error(headers={"Lambda-Runtime-Function-Error-Type": "Function.Mine"})], [OK], FAILED),
    ("a cause of nearly a megabyte", [error(headers={"Lambda-Runtime-Function-XRay-Error-Cause": "c" * 1_048_575})],
     [OK], FAILED),
    ("a larger one", [f"POST {BASE}invocation/ID/error HTTP/1.1\r\nHost: x\r\nX-Cause: {'c' * 1_200_000}\r\n\r\n",
                      response()], [431, OK], DONE),
    ("an error with its cause", [error('{"errorMessage":"m","errorType":"T","stackTrace":["a"],"errorCause":{"x":1}}',
                                       {"Content-Type": "application/vnd.aws.lambda.error.cause+json"})], [OK],
     ("Unhandled", '{"errorMessage":"m","errorType":"T","stackTrace":["a"]}')),
    ("an error with no cause", [error("nonsense", {"Content-Type": "application/vnd.aws.lambda.error.cause+json"})],
     [OK], ("Unhandled", '"Invalid error body"')),
    ("names in any case", [error(headers={"lambda-RUNTIME-function-error-TYPE": "Function.Mine"})], [OK], FAILED),
    ("chunks", [f"POST {BASE}invocation/ID/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                "Connection: close\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"], [OK], (None, "[1,2]")),
    ("chunks with trailers", [
        f"POST {BASE}invocation/ID/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
        "Lambda-Runtime-Function-Response-Mode: streaming\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n\r\n"
        "2\r\n{}\r\n0\r\nX-Other: a\r\n\r\n"], [OK], (None, "{}")),
    ("a response that stops half way", [f"POST {BASE}invocation/ID/response HTTP/1.1\r\nHost: x\r\nContent-Length: 9"
                                        "\r\n\r\n{...", response()], [0, OK], DONE),
    ("no HTTP", ["GARBAGE\r\n\r\n", response()], [400, OK], DONE),
    ("HTTP/1.0", [f"GET {BASE}none HTTP/1.0\r\n\r\n", response()], [404, OK], DONE),
    ("two lengths", [f"POST {BASE}invocation/ID/response HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2"
                     "\r\n\r\n{}", response()], [400, OK], DONE),
]


def agrees(told, expected):
    status, body, _ = told
    if isinstance(expected, int):
        return status == expected
    return (status, body if isinstance(expected[1], str) else json.loads(body)) == expected


@pytest.fixture(scope="module")
def runtime(lambda_):
    """One function for all rows: an environment must be usable after each of them."""
    name = "runtime-api"
    lambda_.create_function(FunctionName=name, Runtime="provided.al2023", Handler="h", Role=ROLE, Timeout=20,
                            Code={"ZipFile": package({"+bootstrap": RUNTIME})})

    def invoke(event, **options):
        answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event), **options)
        return answer.get("FunctionError"), answer["Payload"].read().decode("latin-1")
    yield invoke
    lambda_.delete_function(FunctionName=name)


@pytest.mark.parametrize("calls, expected, outcome", [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_what_a_runtime_sends(runtime, calls, expected, outcome):
    assert runtime(calls) == outcome
    told = json.loads(runtime("tell")[1])
    assert len(told) == len(expected)
    for one, answer in zip(told, expected):
        assert agrees(one, answer), (one, answer)
        assert one[0] in (0, 200, 404, 405) or one[2] in (None, "application/json"), "whatever it accepts"


@pytest.mark.parametrize("size, status, expected", [
    (6291556, 202, None),
    (6291557, 413, {"errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                    "errorType": "Function.ResponseSizeTooLarge"})])
def test_a_response_up_to_the_limit(run, size, status, expected):  # noqa: F811
    source = RUNTIME.replace("    else:\n        perform", f"""    elif asked == 'large':
        perform([['POST', '/2018-06-01/runtime/invocation/ID/response', 'x' * {size}]])
    else:\n        perform""")
    invoke = run("provided.al2023", {"+bootstrap": source})
    found, payload, _ = invoke("large")
    assert (found, payload == b"x" * size) == (None, True) if expected is None else json.loads(payload) == expected
    told = json.loads(invoke("tell")[1])[0]
    assert told[0] == status
    if status == 413:
        assert json.loads(told[1]) == {"errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
                                       "errorType": "RequestEntityTooLarge"}


def test_the_events_headers(runtime):
    context = base64.b64encode(b'{"custom":{"foo":"bar","baz":123}}').decode()
    headers = {k.lower(): v for k, v in json.loads(runtime("headers", ClientContext=context)[1]).items()}
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["lambda-runtime-aws-request-id"])
    assert re.fullmatch(r"\d{13}", headers["lambda-runtime-deadline-ms"])
    assert headers["lambda-runtime-invoked-function-arn"].endswith(":function:runtime-api")
    assert re.match("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]",
                    headers["lambda-runtime-trace-id"])
    assert json.loads(headers["lambda-runtime-client-context"]) == {"custom": {"foo": "bar", "baz": 123}}
    assert headers["content-type"] == "application/json" and "content-length" in headers
    bare = {k.lower() for k in json.loads(runtime("headers")[1])}
    assert not bare & {"lambda-runtime-client-context", "lambda-runtime-cognito-identity", "transfer-encoding"}


# What is sent before the first event is asked for; what it is answered (when it gets so far), what the caller gets.
AT_INIT = [
    ("responses to nothing", [WRONG_RESPONSE, WRONG_ERROR, NEXT], [WRONG_ID, WRONG_ID, 200], None),
    ("an init error", [["POST", BASE + "init/error", '{"errorMessage":"m","errorType":"T"}',
                        {"Lambda-Runtime-Function-Error-Type": "Runtime.Mine"}]], None,
     '{"errorMessage":"m","errorType":"T"}'),
    ("an init error without its type", [INIT_ERROR, NEXT], None, "{}"),
    ("an init error of no bytes", [post("init/error", "")], None, ""),
    ("an init error that is no JSON", [post("init/error", "text")], None, "text"),
]


@pytest.mark.parametrize("calls, expected, failure", [r[1:] for r in AT_INIT], ids=[r[0] for r in AT_INIT])
def test_what_a_runtime_sends_at_its_start(run, calls, expected, failure):  # noqa: F811
    invoke = run("provided.al2023", {"+bootstrap": RUNTIME}, env={"AT_INIT": json.dumps(calls)})
    if failure is None:
        told = json.loads(invoke("tell")[1])
        assert [agrees(*pair) for pair in zip(told, expected)] == [True] * len(expected), told
        return
    for _ in range(2):  # each event starts anew
        found, payload, log = invoke("tell")
        assert (found, payload.decode()) == ("Unhandled", failure), log
        assert "INIT_REPORT" in log and "Phase: init\tStatus: error" in log
