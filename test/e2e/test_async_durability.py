"""Asynchronous invocations across kill -9: none that was acknowledged is lost, and only what was running repeats."""

import concurrent.futures
import json
import time

from botocore.exceptions import BotoCoreError, ClientError

from conftest import ROLE, Clients, send, zipped
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


ENDS = """
import json
def handler(event, context):
    if event['n'] % 2: raise ValueError('odd %d' % event['n'])
    return event['n']
"""
TOLD = """
import boto3, uuid
s3 = boto3.client('s3')
def handler(record, context):
    s3.put_object(Bucket='done', Key='%d/%s' % (record['responsePayload'], uuid.uuid4().hex), Body=b'')
"""


def failures_of(server):
    """The request payloads of the records that the bucket was told."""
    s3, found = Clients(server.endpoint)("s3"), []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="failed"):
        for item in page.get("Contents", []):
            record = json.loads(s3.get_object(Bucket="failed", Key=item["Key"])["Body"].read())
            assert record["requestContext"]["condition"] == "RetriesExhausted"
            assert record["responsePayload"]["errorMessage"] == f"odd {record['requestPayload']['n']}"
            found.append(record["requestPayload"]["n"])
    return found


def test_destinations_and_the_dead_list_across_kills():
    """Whatever ended has told its destination, and what failed stands in the dead list and can be sent again."""
    events, kills = 120, 5
    server = Server().start()
    clients = Clients(server.endpoint)
    for bucket in ("done", "failed"):
        clients.s3.create_bucket(Bucket=bucket)
    functions = clients("lambda")
    for name, source in (("ends", ENDS), ("told", TOLD)):
        functions.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE,
                                  Code={"ZipFile": zipped(source)}, Timeout=120, MemorySize=256)
    told = functions.get_function(FunctionName="told")["Configuration"]["FunctionArn"]
    functions.put_function_event_invoke_config(
        FunctionName="ends", MaximumRetryAttempts=0, DestinationConfig={
            "OnSuccess": {"Destination": told}, "OnFailure": {"Destination": "arn:aws:s3:::failed"}})
    for n in range(events):
        functions.invoke(FunctionName="ends", InvocationType="Event", Payload=json.dumps({"n": n}))

    def dead():
        return server.own("GET", "/_tidegate/deliveries")["Dead"]

    def progress():
        return len(set(runs_of(server))) + len(set(failures_of(server)))
    for _ in range(kills):
        before = progress()
        wait_for("progress", lambda before=before: progress() >= min(before + 8, events), 60)
        server.kill()
        server.start()

    def all_told():
        server.advance(seconds=30)
        return progress() == events
    wait_for("the rest", all_told, 120)
    assert set(runs_of(server)) == set(range(0, events, 2))
    failed = failures_of(server)
    assert set(failed) == set(range(1, events, 2)) and len(failed) <= events // 2 + kills * AT_ONCE
    wait_for("an empty queue", lambda: server.own("GET", "/_tidegate/deliveries")["Pending"] == 0, 60)
    given_up = dead()
    assert len(given_up) == events // 2, "each of them once"
    # Sent again, they succeed with new code; a kill among them loses none.
    functions.update_function_code(FunctionName="ends", ZipFile=zipped("def handler(e, c): return e['n']"))
    for number, delivery in enumerate(given_up):
        assert send(server, "POST", f"/_tidegate/deliveries/async-invokes/{delivery['Id']}/redrive")[0] == 204
        if number % 20 == 10:
            server.kill()
            server.start()

    def all_again():
        server.advance(seconds=30)
        return set(runs_of(server)) == set(range(events))
    wait_for("those that were sent again", all_again, 120)
    assert dead() == []
    assert server.stop() == 0
