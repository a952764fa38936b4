"""CloudWatch Logs: what functions print, read by boto3 and the AWS CLI."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Clients, error_of, zipped
from server import ACCOUNT, REGION, Server, wait_for
from test_runtimes import run  # noqa: F401  (a fixture)

PRINTS = """
import os
def handler(event, context):
    print('hello', event['n'])
    return [os.environ['AWS_LAMBDA_LOG_GROUP_NAME'], os.environ['AWS_LAMBDA_LOG_STREAM_NAME']]
"""


@pytest.fixture(scope="session")
def logs(clients):
    return clients("logs")


def test_a_function_has_a_group_and_each_environment_a_stream(lambda_, logs, name, make_function):
    make_function(name, PRINTS)
    answer = lambda_.invoke(FunctionName=name, Payload=b'{"n": 1}')
    group, stream = json.loads(answer["Payload"].read())
    lambda_.invoke(FunctionName=name, Payload=b'{"n": 2}')
    assert group == f"/aws/lambda/{name}"
    shown = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert [s["logStreamName"] for s in shown] == [stream]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    lines = [e["message"] for e in events["events"]]
    assert lines[0].startswith("INIT_START") and "hello 1\n" in lines and "hello 2\n" in lines
    request_id = answer["ResponseMetadata"]["RequestId"]
    found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{request_id}"')["events"]
    assert [e["message"].split()[0] for e in found] == ["START", "END", "REPORT"]
    assert len({e["eventId"] for e in found}) == 3
    again = logs.get_log_events(logGroupName=group, logStreamName=stream,
                                nextToken=events["nextForwardToken"])
    assert again["events"] == [] and again["nextForwardToken"] == events["nextForwardToken"]


@pytest.mark.parametrize("say", ["print('x' * n + 'end')", "logging.error('x' * n + 'end')",
                                 "print(json.dumps({'level': 'ERROR', 'message': 'x' * n + 'end'}))",
                                 "print('x' * (n // 2) + '\\r' + 'x' * (n // 2) + 'end')"])
@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_a_record_of_up_to_256_kib_is_one_event(run, server, logs, name, say, log_format):  # noqa: F811
    source = f"import json, logging\ndef handler(n, context):\n    {say}\n    print('after')"
    invoke = run("python3.11", {"index.py": source})
    update_logging(server, f"{name}-0", {"LogFormat": log_format})
    group = f"/aws/lambda/{name}-0"

    def long_ones():
        events = [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]]
        return [m for m in events if "xxx" in m], events
    invoke(261_000)
    found, events = long_ones()
    assert [m.count("x") // 1000 for m in found] == [261] and "end" in found[0][-200:], [len(m) for m in found]
    assert events.index(found[0]) == events.index("after\n") - 1
    invoke(600_000)
    sizes = [len(m) for m in long_ones()[0]]
    assert len(sizes) == 4 and max(sizes) == 262_144, sizes


def update_logging(server, name, config):
    """Debian's model does not know LoggingConfig yet."""
    url = f"{server.endpoint}/2015-03-31/functions/{name}/configuration"
    request = AWSRequest("PUT", url, data=json.dumps({"LoggingConfig": config}),
                         headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(ACCOUNT, "x"), "lambda", REGION).add_auth(request)
    call = urllib.request.Request(url, data=request.data.encode(), headers=dict(request.headers), method="PUT")
    return json.loads(urllib.request.urlopen(call, timeout=60).read())["LoggingConfig"]


def test_a_group_of_ones_own(server, lambda_, logs, name, make_function):
    make_function(name, PRINTS)
    group = name + "/mine"
    assert update_logging(server, name, {"LogGroup": group}) == {"LogFormat": "Text", "LogGroup": group}
    lambda_.invoke(FunctionName=name, Payload=b'{"n": 1}')
    found = logs.filter_log_events(logGroupName=group, filterPattern="hello")["events"]
    assert [e["message"] for e in found] == ["hello 1\n"]
    assert "hello 1" in server.own("GET", f"/_tidegate/functions/{name}/log")["Log"]
    assert update_logging(server, name, {"LogFormat": "JSON"}) == {
        "LogFormat": "JSON", "LogGroup": group, "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


def test_what_callers_put(logs, name):
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=[
        {"timestamp": now, "message": "ERROR one"}, {"timestamp": now + 1, "message": "fine"}])
    found = logs.filter_log_events(logGroupName=name, filterPattern="?ERROR ?none", interleaved=True)
    assert [e["message"] for e in found["events"]] == ["ERROR one"]
    code, message = error_of(logs.filter_log_events, logGroupName=name, filterPattern="{ $.a = }")
    assert code == "InvalidParameterException" and message.startswith("Invalid filter pattern: an operator must")
    assert error_of(logs.create_log_group, logGroupName=name) == (
        "ResourceAlreadyExistsException", "The specified log group already exists")
    assert error_of(logs.get_log_events, logGroupName=name, logStreamName="none") == (
        "ResourceNotFoundException", "The specified log stream does not exist.")
    assert error_of(logs.filter_log_events, logGroupName=name, logStreamNames=["s", "none"])[0] == (
        "ResourceNotFoundException")
    assert error_of(logs.create_log_group, logGroupName="aws/x") == (
        "InvalidParameterException", "Log groups starting with AWS/ are reserved for AWS.")
    for events, why in (([(0, "x" * 600_000)] * 2, "Upload too large: 1200052 bytes exceeds limit of 1048576"),
                        ([(1, "x"), (0, "x")], "must be in chronological order"),
                        ([(-86_400_001, "x"), (0, "x")], "cannot span more than 24 hours")):
        assert why in error_of(logs.put_log_events, logGroupName=name, logStreamName="s", logEvents=[
            {"timestamp": now + after, "message": message} for after, message in events])[1]
    assert error_of(logs.put_log_events, logGroupName=name, logStreamName="none",
                    logEvents=[{"timestamp": 0, "message": "too old"}])[0] == "ResourceNotFoundException"
    assert error_of(logs.put_log_events, logGroupName="none" + name, logStreamName="s",
                    logEvents=[{"timestamp": now, "message": "x"}])[0] == "ResourceNotFoundException"
    assert error_of(logs.put_retention_policy, logGroupName=name, retentionInDays=2)[0] == (
        "InvalidParameterException")
    assert error_of(logs.start_query, logGroupName=name, startTime=1, endTime=2, queryString="x")[0] == (
        "NotImplementedException")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=name, PaginationConfig={"PageSize": 1})
    assert [e["message"] for page in pages for e in page["events"]] == ["ERROR one", "fine"]


def test_aws_logs_tail_follows(server, lambda_, name, make_function):
    make_function(name, PRINTS)
    lambda_.invoke(FunctionName=name, Payload=b'{"n": 1}')
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    env.update(AWS_ACCESS_KEY_ID=ACCOUNT, AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION=REGION,
               AWS_CONFIG_FILE="/dev/null", PYTHONUNBUFFERED="1")
    tail = subprocess.Popen(
        ["/usr/bin/aws", "--endpoint-url", server.endpoint, "logs", "tail", f"/aws/lambda/{name}", "--follow",
         "--since", "365d"], env=env, stdout=subprocess.PIPE)
    seen = ""
    try:
        os.set_blocking(tail.stdout.fileno(), False)

        def has(text):
            nonlocal seen
            seen += (tail.stdout.read() or b"").decode()
            return text in seen

        wait_for("the first line", lambda: has("hello 1"), 60)
        lambda_.invoke(FunctionName=name, Payload=b'{"n": 2}')
        wait_for("the next line", lambda: has("hello 2"), 60)
        assert seen.count("hello 1") == 1
    finally:
        tail.terminate()
        tail.wait(30)


FRAMES = """#!/usr/bin/python3
import http.client, os, sys
fd = int(os.environ.pop('_LAMBDA_TELEMETRY_LOG_FD'))
api = http.client.HTTPConnection('127.0.0.1', 9001)
while True:
    api.request('GET', '/2018-06-01/runtime/invocation/next')
    event = api.getresponse()
    event.read()
    for text in (b'first\\nsecond\\n', 'ü'.encode()):
        os.write(1, b'unfinished')
        os.write(fd, b'\\xa5\\x5a\\x00\\x1b' + len(text).to_bytes(4, 'big') + bytes(8) + text)
    os.write(2, b'\\xa5 is no frame\\n')
    me = event.headers['Lambda-Runtime-Aws-Request-Id']
    api.request('POST', f'/2018-06-01/runtime/invocation/{me}/response', b'1')
    api.getresponse().read()
"""
SEVERAL = [
    ("python3.11", {"index.py": """
import logging
def handler(event, context):
    print('before')
    logging.error('one\\ntwo')
    raise ValueError('bad\\nthing')
"""}, ["before", r"\[ERROR\]\t\S+Z\t\S+\tone\ntwo",
       r'\[ERROR\] ValueError: bad\nthing\nTraceback \(most recent call last\):\n'
       r'  File "/var/task/index.py", line 6, in '
       r"handler\n    raise ValueError\('bad\\nthing'\)"]),
    pytest.param("nodejs20.x", {"index.js": """
exports.handler = async () => { process.stdout.write('before\\n'); console.warn('one\\ntwo'); return 1 }
"""}, ["before", r"\S+Z\t\S+\tWARN\tone\ntwo"],
                 marks=pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")),
    ("provided.al2023", {"+bootstrap": FRAMES}, ["unfinished", "first\nsecond", "unfinished", "ü",
                                                 "\ufffd is no frame"]),
]


@pytest.mark.parametrize("runtime, files, expected", SEVERAL)
def test_a_record_of_several_lines_is_one_event(run, logs, name, runtime, files, expected):  # noqa: F811
    run(runtime, files)(1)
    events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}-0")["events"]
    messages = [e["message"] for e in events]
    own = messages[messages.index(next(m for m in messages if m.startswith("START "))) + 1:-2]
    assert len(own) == len(expected), own
    for message, pattern in zip(own, expected):
        assert re.fullmatch(pattern + "\n", message), (message, pattern)


def test_logs_survive_a_restart():
    server = Server().start()
    clients = Clients(server.endpoint)
    clients("lambda").create_function(
        FunctionName="f", Runtime="python3.11", Handler="index.handler", Timeout=20,
        Role=f"arn:aws:iam::{ACCOUNT}:role/r", Code={"ZipFile": zipped(PRINTS)})
    clients("lambda").invoke(FunctionName="f", Payload=b'{"n": 3}')
    found = clients("logs").filter_log_events(logGroupName="/aws/lambda/f", filterPattern="hello")["events"]
    server.kill()  # what was read was written
    again = Server(data=server.data)
    again.start()
    kept = Clients(again.endpoint)("logs").filter_log_events(
        logGroupName="/aws/lambda/f", filterPattern="hello")["events"]
    assert kept == found and len(kept) == 1
    assert again.stop() == 0
