"""Asynchronous invocations across kill -9: none that was acknowledged is lost, and only what was running repeats."""

import concurrent.futures
import json
import time

from botocore.exceptions import BotoCoreError, ClientError

from conftest import ROLE, Clients, zipped
from server import Server, wait_for

EVENTS, KILLS, AT_ONCE = 2000, 10, 8  # the server runs eight events of one function at once

SOURCE = """
import boto3, uuid
s3 = boto3.client('s3')
def handler(event, context):
    s3.put_object(Bucket='done', Key='%d/%s' % (event['n'], context.aws_request_id + uuid.uuid4().hex), Body=b'')
"""


def runs_of(server):
    """How often each event ran, by what its function left behind."""
    runs = {}
    pages = Clients(server.endpoint)("s3").get_paginator("list_objects_v2").paginate(Bucket="done")
    for page in pages:
        for item in page.get("Contents", []):
            number = int(item["Key"].split("/")[0])
            runs[number] = runs.get(number, 0) + 1
    return runs


def test_two_thousand_events_and_ten_kills():
    server = Server().start()
    clients = Clients(server.endpoint)
    clients("s3").create_bucket(Bucket="done")
    functions = clients("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.11", Handler="index.handler", Role=ROLE,
                              Code={"ZipFile": zipped(SOURCE)}, Timeout=120, MemorySize=256)
    acknowledged = set()

    def queue(n):
        try:
            answer = functions.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"n": n}))
            if answer["StatusCode"] == 202:
                acknowledged.add(n)
        except (BotoCoreError, ClientError):
            pass  # killed under the call: it may have been queued or not

    def kill():
        server.kill()
        server.start()

    step = EVENTS // (KILLS // 2)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for start in range(0, EVENTS, step):
            calls = [pool.submit(queue, n) for n in range(start, start + step)]
            wait_for("half of them", lambda calls=calls: sum(c.done() for c in calls) > step // 2, 120)
            kill()
            concurrent.futures.wait(calls)
    assert len(acknowledged) > EVENTS // 2
    for _ in range(KILLS - KILLS // 2):
        before = len(runs_of(server))
        try:
            wait_for("some progress", lambda before=before: len(runs_of(server)) >= min(
                before + 60, len(acknowledged)), 120)
        finally:
            kill()
    end = time.monotonic() + 300
    while not acknowledged <= set(runs := runs_of(server)) and time.monotonic() < end:
        server.advance(seconds=30)  # what was put off for a shortage comes again
        time.sleep(0.5)
    lost = acknowledged - set(runs)
    assert not lost, f"{len(lost)} of {len(acknowledged)} are lost: {sorted(lost)[:10]}"
    repeated = sum(count - 1 for count in runs.values())
    assert repeated <= KILLS * AT_ONCE, f"{repeated} repeated"
    wait_for("an empty queue", lambda: server.own("GET", "/_tidegate/deliveries").get("Pending", 0) == 0, 60)
    assert server.stop() == 0
