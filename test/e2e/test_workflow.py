"""The road of a configuration: upload, event, function, deployment, validators, rollout, client."""

import json

import pytest
from conftest import poll
from server import wait_for

VALIDATOR = """
import base64, json
def handler(event, context):
    assert set(event) == {'applicationId', 'configurationProfileId', 'configurationVersion', 'content', 'uri'}
    value = json.loads(base64.b64decode(event['content']))
    if value['limit'] > 100:
        raise ValueError('limit %d is above 100' % value['limit'])
    return {'valid': False}   # AWS ignores what a validator returns
"""
SCHEMA = json.dumps({"type": "object", "required": ["limit"], "properties": {"limit": {"type": "integer"}}})


@pytest.fixture
def validated(house, make_function, lambda_, name):
    arn = make_function(name + "-validate", VALIDATOR)
    lambda_.add_permission(FunctionName=name + "-validate", StatementId="ac",
                           Action="lambda:InvokeFunction", Principal="appconfig.amazonaws.com")

    def build(**options):
        return house(validators=[{"Type": "JSON_SCHEMA", "Content": SCHEMA},
                                 {"Type": "LAMBDA", "Content": arn}], **options)
    return build


def test_a_good_file_reaches_clients_and_a_bad_one_nobody(server, validated, lambda_):
    h = validated()
    assert h.served() is None
    h.upload('{"limit": 7}')
    wait_for("the first version", lambda: h.served() == '{"limit": 7}')
    for bad, why in (('{"limit": 700}', "limit 700 is above 100"), ('{"limit": "x"}', "integer"),
                     ("{", "not valid YAML")):
        h.upload(bad)
        wait_for("the refusal of " + bad, lambda w=why: w in server.own(
            "GET", f"/_tidegate/functions/{h.name}-deploy/log")["Log"])
    assert h.served() == '{"limit": 7}'
    assert [d["DeploymentNumber"] for d in h.deployments()] == [1]
    h.upload('{"limit": 8}')
    wait_for("the next good one", lambda: h.served() == '{"limit": 8}')


def test_a_gradual_rollout_in_virtual_time(server, house, data):
    h = house(duration=10, growth=25, bake=5)
    h.upload("v: 1")
    wait_for("the first deployment", lambda: h.deployments())
    server.advance(minutes=16)
    wait_for("its end", lambda: h.deployments()[0]["State"] == "COMPLETE")
    tokens, seen = [], []
    for _ in range(40):
        token, body = poll(data, h.session())
        tokens.append(token)
        seen.append(body)
    assert set(seen) == {b"v: 1"}
    h.upload("v: 2")
    wait_for("the second deployment", lambda: len(h.deployments()) == 2)
    shares = [0]
    for minute in range(11):
        percent = h.deployments()[0]["PercentageComplete"]
        for i, token in enumerate(tokens):
            tokens[i], body = poll(data, token)
            assert not (seen[i] == b"v: 2" and body), "a client flipped"
            seen[i] = body or seen[i]
        share = sum(1 for s in seen if s == b"v: 2")
        assert share >= shares[-1]
        assert (percent == 0) <= (share == 0) and (percent < 100 or share == 40)
        shares.append(share)
        server.advance(minutes=1)
    assert 0 < shares[4] < 40
    server.advance(minutes=6)
    wait_for("the end", lambda: h.deployments()[0]["State"] == "COMPLETE")


def test_two_uploads_at_once_end_on_the_newest(server, house):
    """The second meets 409; its asynchronous retry brings the newest version out in the end."""
    h = house(duration=0, bake=1)
    h.upload("v: 1")
    wait_for("the first", lambda: h.served() == "v: 1")
    h.upload("v: 2")
    wait_for("the conflict", lambda: "currently has a state of" in server.own(
        "GET", f"/_tidegate/functions/{h.name}-deploy/log")["Log"])
    # The bake ends after 60 s, and the retry comes 60 s after the failure, which the server may note
    # a moment after the function printed it.
    wait_for("the retry", lambda: server.advance(seconds=61) and h.served() == "v: 2", seconds=20)


def test_a_burst_of_uploads_ends_on_the_last(server, house):
    """No upload is lost to a running deployment, however long it takes, and none comes back later."""
    h = house(duration=0, bake=30)
    h.upload("v: 0")
    wait_for("the first", lambda: h.served() == "v: 0")
    for number in range(1, 21):
        h.upload(f"v: {number}")
    wait_for("the newest", lambda: server.advance(seconds=61) and h.served() == "v: 20", seconds=60)
    wait_for("the queues", lambda: server.own("GET", "/_tidegate/deliveries")["Pending"] == 0)
    server.advance(minutes=120)
    assert h.served() == "v: 20"
    assert h.deployments()[0]["DeploymentNumber"] < 6


def test_stop_rolls_back(server, house):
    h = house(duration=10, growth=50, bake=0)
    h.upload("v: 1")
    wait_for("the first", lambda: h.deployments())
    server.advance(minutes=11)
    wait_for("it everywhere", lambda: h.served() == "v: 1")
    h.upload("v: 2")
    wait_for("the second", lambda: len(h.deployments()) == 2)
    h.appconfig.stop_deployment(ApplicationId=h.app, EnvironmentId=h.env, DeploymentNumber=2)
    wait_for("the roll-back", lambda: h.deployments()[0]["State"] == "ROLLED_BACK")
    assert h.served() == "v: 1"
    events = h.appconfig.get_deployment(ApplicationId=h.app, EnvironmentId=h.env,
                                        DeploymentNumber=2)["EventLog"]
    assert events[0]["EventType"] == "ROLLBACK_COMPLETED"
    assert events[-1]["EventType"] == "DEPLOYMENT_STARTED"


def test_an_object_deleted_between_event_and_fetch(server, house, s3):
    """The version the event names is gone when the function starts the deployment: a clear 400."""
    h = house()
    version = h.upload("v: 1")
    s3.delete_object(Bucket=h.bucket, Key=h.key, VersionId=version)
    log = wait_for("the run", lambda: server.own(
        "GET", f"/_tidegate/functions/{h.name}-deploy/log")["Log"])
    assert "REPORT" in log or log  # either order is fine: deployed before, or refused after
    assert h.served() in (None, "v: 1")


def test_the_event_record_is_s3s(server, s3, lambda_, versioned, name, make_function):
    arn = make_function(name, "import json\ndef handler(event, context):\n    print('GOT', json.dumps(event))\n")
    lambda_.add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction",
                           Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{versioned}")
    s3.put_bucket_notification_configuration(Bucket=versioned, NotificationConfiguration={
        "LambdaFunctionConfigurations": [
            {"Id": "all", "LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    put = s3.put_object(Bucket=versioned, Key="conf x/a+b é.yml", Body=b"hello")
    line = wait_for("the event", lambda: next((
        x for x in server.own("GET", f"/_tidegate/functions/{name}/log")["Log"].splitlines()
        if x.startswith("GOT ")), None))
    record = json.loads(line[4:])["Records"][0]
    assert record["eventVersion"] == "2.1" and record["eventSource"] == "aws:s3"
    assert record["eventName"] == "ObjectCreated:Put" and record["awsRegion"] == "us-east-1"
    assert record["responseElements"]["x-amz-request-id"] == put["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"]
    body = record["s3"]
    assert body["configurationId"] == "all" and body["s3SchemaVersion"] == "1.0"
    assert body["bucket"] == {"name": versioned, "ownerIdentity": body["bucket"]["ownerIdentity"],
                              "arn": f"arn:aws:s3:::{versioned}"}
    assert body["object"]["key"] == "conf+x/a%2Bb+%C3%A9.yml"
    assert body["object"]["size"] == 5 and body["object"]["eTag"] == "5d41402abc4b2a76b9719d911017c592"
    assert body["object"]["versionId"] == put["VersionId"]
    assert len(body["object"]["sequencer"]) >= 16
