"""The audit trail as its readers see it: every operation of the server's own model, done, failed and denied."""

import datetime
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request

import boto3
import pytest
from audited import Caller, Story
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from conftest import Clients, error_of, zipped
from identities import KEY, LAMBDA, SECRET, allow, document, trust
from server import ACCOUNT, BINARY, REGION, Server

# What changes nothing and hands out no key, by the first words of its name.
READS = ("Get", "List", "Head", "Describe", "Lookup", "Simulate", "Validate", "Filter", "Invoke",
         "StartConfigurationSession")
# Nothing makes these succeed: there is no object lock, and nothing to delete of what is not made.
NEVER_DONE = {("s3", "PutObjectRetention"), ("s3", "PutObjectLegalHold"), ("iam", "DeleteLoginProfile"),
              *(("lambda", "Delete" + what) for what in ("CodeSigningConfig", "EventSourceMapping",
                                                         "FunctionUrlConfig", "ProvisionedConcurrencyConfig")),
              ("lambda", "UpdateCodeSigningConfig"), ("lambda", "UpdateEventSourceMapping")}
# Who is asked for himself, or for what anybody may know, is never refused for want of rights.
OPEN = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken"), ("sts", "GetAccessKeyInfo")}
# Says for each object by itself that it is denied; has no resource but for the token it shows.
OPEN |= {("s3", "DeleteObjects"), ("appconfigdata", "GetLatestConfiguration")}


def reads(operation):
    return operation.startswith(READS) and operation != "GetSessionToken"


def rows():
    model = json.loads(subprocess.run([BINARY, "model"], capture_output=True, check=True).stdout)
    return [(s["service"], o["name"]) for s in model["services"] for o in s["operations"]
            if not o["refused"] and s["service"] != "tidegate"]


def tidegate(server, *arguments):
    return subprocess.run([BINARY, *arguments, "--data", server.data / "data"], text=True, capture_output=True,
                          timeout=60)


def production(tmp_path):
    return Server(dev=False, data=tmp_path / "server", environment={
        "TIDEGATE_ROOT_ACCESS_KEY_ID": KEY, "TIDEGATE_ROOT_SECRET_ACCESS_KEY": SECRET}).start()


def exported(server):
    """The records of a stopped server by request, once its chain has been verified."""
    verified = tidegate(server, "audit", "verify")
    assert verified.returncode == 0, verified
    found = {}
    for line in tidegate(server, "audit", "export").stdout.splitlines():
        record = json.loads(line)
        found.setdefault(record["requestID"], []).append(record)
    return found


class Made:
    """Arguments for any operation, from botocore's model: `names` gives what is to be named."""

    def __init__(self, client, names):
        self.model, self.names = client.meta.service_model, names

    def __call__(self, operation):
        shape = self.model.operation_model(operation).input_shape
        return self.structure(shape) if shape else {}

    def structure(self, shape):
        return {name: self.value(shape.members[name], name) for name in shape.required_members}

    def value(self, shape, name):
        kind = shape.type_name
        if kind == "string":
            return self.names.get(name) or (shape.enum[0] if shape.enum else self.names["*"])
        if kind == "structure":
            return self.structure(shape)
        if kind == "list":
            return [self.value(shape.member, name)]
        if kind == "map":
            return {"k": self.value(shape.value, name)}
        return {"boolean": True, "blob": b"x", "timestamp": 0}.get(kind, 1)


def test_every_change_that_is_done_leaves_one_record(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    story = Story(server, root, "audited")
    told = story.tell()
    assert server.stop() == 0
    changing = {row for row in rows() if not reads(row[1])}
    missing = {row for row in changing - set(told) - NEVER_DONE
               if row == ("s3", "PostObject") or story.call.knows(*row)}
    assert not missing, "an operation is new: tell of it in audited.py"
    records = exported(server)
    for (service, operation), requests in told.items():
        for request in requests:
            found = records.pop(request, [])
            assert len(found) == 1, (operation, found)
            record = found[0]
            assert record["eventName"] == operation and "errorCode" not in record, record
            assert record["eventSource"] == {"cloudwatch": "monitoring"}.get(service, service) + ".amazonaws.com"
            assert record["sourceIPAddress"] == "127.0.0.1" and "Boto" in record["userAgent"] \
                or operation == "PostObject", record
            who = record["userIdentity"]
            assert who["arn"].endswith(":user/audited-u" if operation == "AssumeRole" else ":root"), record
            assert record["resource"] or operation in ("GetSessionToken", "UpdateAccountSettings"), record
    assert all(r["eventName"] in ("DeleteObject", "AssumeRole") for left in records.values() for r in left), \
        "reads leave none"


def called(names, clients, **special):
    """Every operation, called with what `names` says: its error's code and its request's id. `special`: arguments."""
    caller, seen = Caller(clients), {}
    for service, operation in rows():
        if not caller.knows(service, operation):
            continue
        caller(service, operation, **special.get(operation, Made(caller.client(service), names)(operation)))
        seen[service, operation] = (caller.code, caller.request_id)
    return seen


def test_every_change_that_fails_leaves_one_record(tmp_path):
    server = production(tmp_path)
    nothing = {"*": "!" * 2000, "Bucket": "no-such-bucket-anywhere", "Key": "k", "UserName": "!", "GroupName": "!",
               "RoleName": "!", "PolicyName": "!", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none",
               "CopySource": "no-such-bucket-anywhere/k", "VersionId": "v1"}
    seen = called(nothing, Clients(server.endpoint, KEY, SECRET), CreateBucket={"Bucket": "a_"})
    assert server.stop() == 0
    records = exported(server)
    done = {row for row, (code, _) in seen.items() if code is None}
    assert {row for row in done if not reads(row[1])} <= MAY_BE_EMPTY, "calls that were to fail"
    for row, (code, request) in seen.items():
        found = records.get(request, [])
        assert len(found) == (not reads(row[1])), (row, code, found)
        if found and code:
            assert found[0]["errorCode"] == code and found[0]["errorMessage"], (row, found)


# Which need no argument at all, so that none can be wrong.
MAY_BE_EMPTY = {("sts", "GetSessionToken"), ("appconfig", "UpdateAccountSettings")}


def test_every_call_that_is_denied_leaves_one_record(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    root.iam.create_user(UserName="nobody")
    key = root.iam.create_access_key(UserName="nobody")["AccessKey"]
    root.iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust(Service=LAMBDA))
    root.s3.create_bucket(Bucket="denied-bucket")
    root.s3.put_object(Bucket="denied-bucket", Key="k", Body=b"x")
    function = root("lambda").create_function(
        FunctionName="f", Runtime="python3.11", Handler="i.h", Role=f"arn:aws:iam::{ACCOUNT}:role/role",
        Code={"ZipFile": zipped("")})["FunctionArn"]
    names = {"*": "aaaaaaa", "Bucket": "denied-bucket", "Key": "k", "CopySource": "denied-bucket/k",
             "FunctionName": "f", "UserName": "nobody", "RoleName": "role", "GroupName": "g",
             "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/role", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
             "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:user/nobody", "Resource": function,
             "ResourceArn": f"arn:aws:appconfig:{REGION}:{ACCOUNT}:application/aaaaaaa",
             "ResourceARN": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a",
             "resourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g", "logGroupName": "g",
             "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess", "VersionId": "v1",
             "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:l:1", "AccessKeyId": key["AccessKeyId"],
             "NextToken": None}
    seen = called(names, Clients(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
    assert server.stop() == 0
    records = exported(server)
    for row, (code, request) in seen.items():
        if row in OPEN:
            continue
        assert code in ("AccessDenied", "AccessDeniedException", "403"), (row, code)
        found = records.get(request, [])
        assert len(found) == 1, (row, found)
        record = found[0]
        assert record["errorCode"] == "AccessDenied" and record["eventName"] == row[1], record
        why = r"because no role trust policy allows the \1 action" if row[1] == "AssumeRole" else \
            r"because no identity-based policy allows the \1 action"
        assert re.fullmatch(rf"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: (\S+) on "
                            rf"resource: \S+ {why}", record["errorMessage"]), record
        assert record["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/nobody", record


def test_a_deployment_that_a_function_made_names_its_session(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    role = root.iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust(Service=LAMBDA))["Role"]["Arn"]
    root.iam.put_role_policy(RoleName="deployer", PolicyName="p",
                             PolicyDocument=document(allow("appconfig:StartDeployment")))
    app = root.appconfig.create_application(Name="a")["Id"]
    env = root.appconfig.create_environment(ApplicationId=app, Name="e")["Id"]
    profile = root.appconfig.create_configuration_profile(ApplicationId=app, Name="p", LocationUri="hosted")["Id"]
    root.appconfig.create_hosted_configuration_version(ApplicationId=app, ConfigurationProfileId=profile,
                                                       Content=b"{}", ContentType="application/json")
    call = dict(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profile, ConfigurationVersion="1",
                DeploymentStrategyId="AppConfig.AllAtOnce")
    root("lambda").create_function(
        FunctionName="deploy", Runtime="python3.11", Handler="index.handler", Role=role, Timeout=20,
        Code={"ZipFile": zipped("import boto3\ndef handler(e, c):\n"
                                "    return boto3.client('appconfig').start_deployment(**e)['DeploymentNumber']\n")})
    answer = root("lambda").invoke(FunctionName="deploy", Payload=json.dumps(call))
    assert json.loads(answer["Payload"].read()) == 1
    events = root.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "StartDeployment"}])["Events"]
    assert len(events) == 1, "the invocation itself is data, and leaves none"
    who = json.loads(events[0]["CloudTrailEvent"])["userIdentity"]
    assert who["type"] == "AssumedRole"
    assert who["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/deploy"
    assert who["invokedByFunction"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:deploy"
    names = {e["EventName"] for e in root.cloudtrail.lookup_events()["Events"]}
    assert "Invoke" not in names
    assert server.stop() == 0


def test_whoever_writes_into_the_file_is_found_out(tmp_path):
    server = production(tmp_path)
    for n in range(4):
        Clients(server.endpoint, KEY, SECRET).s3.create_bucket(Bucket=f"kept-{n}")
    assert server.stop() == 0
    file = server.data / "data" / "tidegate.db"
    whole = file.read_bytes()

    def told_after(*statements):
        file.write_bytes(whole)
        for beside in ("-wal", "-shm"):
            pathlib.Path(f"{file}{beside}").unlink(missing_ok=True)
        with sqlite3.connect(file) as db:
            rows = [key for key, in db.execute(
                "SELECT key FROM kv WHERE key >= CAST('g/audit/r/' AS BLOB) AND key < CAST('g/audit/r0' AS BLOB) "
                "ORDER BY key")]
            assert len(rows) == 4
            for statement in statements:
                db.execute(statement, {f"r{n}": row for n, row in enumerate(rows, 1)})
        db.close()
        done = tidegate(server, "audit", "verify")
        return done.returncode, done.stdout.strip()
    assert told_after()[0] == 0
    assert told_after("DELETE FROM kv WHERE key = :r2") == (1, "BROKEN: record 2 is missing")
    assert told_after("DELETE FROM kv WHERE key = :r4") == (1, "BROKEN: records 4 to 4 are missing")
    assert told_after("DELETE FROM kv WHERE key = :r1") == (1, "BROKEN: record 1 is missing")
    assert told_after("DELETE FROM kv WHERE key = CAST('g/audit/head' AS BLOB)")[0] == 1
    for change in (["UPDATE kv SET value = value || x'00' WHERE key = :r3"],
                   ["UPDATE kv SET value = (SELECT value FROM kv WHERE key = :r2), "
                    "sum = (SELECT sum FROM kv WHERE key = :r2) WHERE key = :r3"],
                   ["UPDATE kv SET key = x'00' WHERE key = :r2", "UPDATE kv SET key = :r2 WHERE key = :r3",
                    "UPDATE kv SET key = :r3 WHERE key = x'00'"]):
        code, said = told_after(*change)
        assert code == 1 and said.startswith("BROKEN: records from "), said
    assert told_after()[0] == 0


def test_a_crash_leaves_the_record_of_every_upload(tmp_path):
    server = production(tmp_path)
    s3 = Clients(server.endpoint, KEY, SECRET).s3
    s3.create_bucket(Bucket="kept")
    done = []
    for n in range(300):
        s3.put_object(Bucket="kept", Key=f"{n}", Body=b"x")
        done.append(f"{n}")
    server.kill()  # right after the answer: the last records may have no place in the chain yet
    lines = [json.loads(line) for line in tidegate(server, "audit", "export").stdout.splitlines()]
    assert [r["resource"].rsplit("/", 1)[-1] for r in lines if r["eventName"] == "PutObject"] == done
    verdict = tidegate(server, "audit", "verify")
    assert verdict.returncode == 0 and "the chain holds" in verdict.stdout
    server.start()
    assert server.stop() == 0
    verdict = tidegate(server, "audit", "verify")
    assert verdict.stdout.startswith("301 records, 1 to 301: the chain holds")


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of its own, of 32 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tidegate-test", folder],
                      capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_acknowledges_nothing_without_its_record(small_disk):
    server = production(small_disk)
    root = Clients(server.endpoint, KEY, SECRET)
    ballast, acknowledged, refused = small_disk / "ballast", set(), 0
    buckets = root.s3
    try:
        for round_ in range(40):
            # A little less or more space each time, so that it ends at every step of a call.
            free = os.statvfs(small_disk)
            with open(ballast, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(4096, free.f_bavail * free.f_bsize - 4096 * (round_ % 24)))
            for n in range(30):
                name = f"full-{round_}-{n}"
                try:
                    buckets.create_bucket(Bucket=name)
                    acknowledged.add(name)
                except ClientError as e:
                    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 503, e
                    assert "full" in str(e), e
                    refused += 1
                    break
            buckets.list_buckets()  # reads go on
            ballast.unlink()
            # It has space again, and needs no restart.
            buckets.create_bucket(Bucket=f"after-{round_}")
            acknowledged.add(f"after-{round_}")
        assert refused >= 20, "the disk was full"
        there = {b["Name"] for b in buckets.list_buckets()["Buckets"]}
        assert acknowledged <= there
    finally:
        assert server.stop() == 0, server.log[-4000:]
    made = [r["resource"] for found in exported(server).values() for r in found
            if r["eventName"] == "CreateBucket" and "errorCode" not in r]
    assert sorted(made) == sorted(there), "a record for what is there, also where nobody was told that it is"


def test_the_root_key_changes_under_a_running_server(tmp_path):
    server = Server(dev=False, data=tmp_path / "server").start()

    def clients():
        lines = (server.data / "data" / "root-credentials").read_text().splitlines()
        return Clients(server.endpoint, *[line.split(" = ")[1] for line in lines[1:]])
    first = clients()
    first.s3.create_bucket(Bucket="kept")
    session = first.sts.get_session_token()["Credentials"]
    of_session = boto3.client("s3", endpoint_url=server.endpoint, region_name=REGION,
                              aws_access_key_id=session["AccessKeyId"],
                              aws_secret_access_key=session["SecretAccessKey"],
                              aws_session_token=session["SessionToken"])
    of_session.list_buckets()
    # A request that was let in goes on.
    body = b"x" * 200_000
    request = AWSRequest(method="PUT", url=server.endpoint + "/kept/slow", data=body)
    S3SigV4Auth(Credentials(first.key, first.secret), "s3", REGION).add_auth(request)
    headers = {**dict(request.headers), "Host": f"127.0.0.1:{server.port}", "Content-Length": str(len(body)),
               "Expect": "100-continue", "Connection": "close"}
    slow = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    slow.sendall("".join(["PUT /kept/slow HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in headers.items()),
                          "\r\n"]).encode())
    assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
    rotated = tidegate(server, "credentials", "rotate")
    assert rotated.returncode == 0, rotated
    second = clients()
    assert second.key != first.key and second.key in rotated.stdout and second.secret not in rotated.stdout
    assert error_of(first.s3.list_buckets)[0] == "InvalidAccessKeyId"
    assert error_of(of_session.list_buckets)[0] == "InvalidAccessKeyId", "and what was made with it"
    slow.sendall(body)
    assert slow.recv(100).startswith(b"HTTP/1.1 200 ")
    told = [e for e in second.cloudtrail.lookup_events()["Events"] if e["EventName"] == "RotateRootAccessKey"]
    assert [e["Resources"][0]["ResourceName"] for e in told] == [second.key]
    assert second.s3.head_object(Bucket="kept", Key="slow")["ContentLength"] == len(body)
    assert server.stop() == 0
    server.start()
    assert clients().s3.list_buckets()["Buckets"][0]["Name"] == "kept"
    assert server.stop() == 0


def test_a_root_key_from_elsewhere_is_not_rotated(tmp_path):
    server = production(tmp_path)
    said = tidegate(server, "credentials", "rotate")
    assert said.returncode == 2 and "root key from elsewhere" in said.stderr
    assert server.stop() == 0


def test_calls_of_the_servers_own_api_leave_records(tmp_path):
    server = Server(data=tmp_path / "server").start()
    server.advance(minutes=1)
    server.own("GET", "/_tidegate/clock")
    with pytest.raises(urllib.error.HTTPError):
        server.own("DELETE", "/_tidegate/deliveries/s3-events/nothing")
    assert server.stop() == 0
    found = sorted((r["eventName"], r.get("errorCode")) for records in exported(server).values() for r in records)
    assert found == [("AdvanceClock", None), ("DiscardDelivery", "ResourceNotFoundException")]


def test_events_are_looked_up_by_each_attribute(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    trail = root.cloudtrail
    root.iam.create_user(UserName="ann")
    key = root.iam.create_access_key(UserName="ann")["AccessKey"]
    root.iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document(allow("s3:*")))
    ann = Clients(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
    for n in range(7):
        ann.s3.create_bucket(Bucket=f"of-ann-{n}")
    error_of(ann.iam.list_users)

    def look(attribute, value, **more):
        return trail.lookup_events(LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}],
                                   **more)["Events"]
    everything = trail.lookup_events()["Events"]
    assert [e["EventName"] for e in everything] == ["ListUsers"] + ["CreateBucket"] * 7 + \
        ["PutUserPolicy", "CreateAccessKey", "CreateUser"], "newest first"
    one = everything[3]
    assert set(one) == {"EventId", "EventName", "ReadOnly", "AccessKeyId", "EventTime", "EventSource", "Username",
                        "Resources", "CloudTrailEvent"}
    assert look("EventId", one["EventId"]) == [one]
    assert len(look("EventName", "CreateBucket")) == 7
    assert len(look("Username", "ann")) == 8 and len(look("Username", "root")) == 3
    assert [e["EventId"] for e in look("ResourceName", "of-ann-4")] == [everything[3]["EventId"]]
    assert len(look("EventSource", "iam.amazonaws.com")) == 4
    assert len(look("AccessKeyId", key["AccessKeyId"])) == 8
    assert [e["EventName"] for e in look("ReadOnly", "true")] == ["ListUsers"]
    assert len(look("ReadOnly", "false")) == 10
    assert error_of(look, attribute="ResourceType", value="AWS::S3::Bucket")[0] == "NotImplementedException"
    assert error_of(look, attribute="Colour", value="red")[0] == "InvalidLookupAttributesException"
    # In pages, and between two moments.
    pages, token = [], {}
    while True:
        page = trail.lookup_events(MaxResults=4, **token)
        pages.append([e["EventId"] for e in page["Events"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [len(p) for p in pages] == [4, 4, 3] and sum(pages, []) == [e["EventId"] for e in everything]
    now = datetime.datetime.now(datetime.timezone.utc)
    assert trail.lookup_events(StartTime=now + datetime.timedelta(minutes=1))["Events"] == []
    minutes = datetime.timedelta(minutes=5)
    assert len(trail.lookup_events(StartTime=now - minutes, EndTime=now + minutes)["Events"]) == 11
    assert error_of(trail.lookup_events, StartTime=now, EndTime=now - datetime.timedelta(hours=1))[0] == \
        "InvalidTimeRangeException"
    assert error_of(trail.lookup_events, MaxResults=51)[0] == "InvalidMaxResultsException"
    assert error_of(trail.lookup_events, NextToken="x")[0] == "InvalidNextTokenException"
    assert server.stop() == 0


def test_what_is_denied_within_a_batch_shows(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    root.s3.create_bucket(Bucket="batch")
    for key in ("mine", "theirs"):
        root.s3.put_object(Bucket="batch", Key=key, Body=b"x")
    root.iam.create_user(UserName="ann")
    key = root.iam.create_access_key(UserName="ann")["AccessKey"]
    root.iam.put_user_policy(UserName="ann", PolicyName="p",
                             PolicyDocument=document(allow("s3:DeleteObject", "arn:aws:s3:::batch/mine")))
    ann = Clients(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
    answer = ann.s3.delete_objects(Bucket="batch", Delete={"Objects": [{"Key": "mine"}, {"Key": "theirs"}],
                                                           "Quiet": True})
    assert [e["Key"] for e in answer["Errors"]] == ["theirs"]
    event, = root.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DeleteObjects"}])["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["errorCode"] == "AccessDenied" and "batch/theirs" in record["errorMessage"], record
    assert server.stop() == 0


def test_a_copy_names_both_objects(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    for bucket in ("from", "to-bucket"):
        root.s3.create_bucket(Bucket=bucket + "-it")
    root.s3.put_object(Bucket="from-it", Key="a b", Body=b"x")
    root.s3.copy_object(Bucket="to-bucket-it", Key="k", CopySource={"Bucket": "from-it", "Key": "a b"})
    event, = root.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": "from-it/a b"}],
        MaxResults=1)["Events"]
    assert event["EventName"] == "CopyObject"
    assert [r["ResourceName"] for r in event["Resources"]] == ["to-bucket-it/k", "from-it/a b"]
    assert server.stop() == 0


def test_the_owner_sees_what_nobody_was_denied(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    root.s3.create_bucket(Bucket="closed")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(server.endpoint + "/closed/k")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(server.endpoint + "/no-such-bucket-here/k")
    event, = root.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetObject"}])["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["userIdentity"] == {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    assert record["errorCode"] == "AccessDenied" and record["resource"] == "closed/k", record
    assert server.stop() == 0


def test_the_first_refusals_of_a_minute_leave_a_record_each(tmp_path):
    server = production(tmp_path)
    root = Clients(server.endpoint, KEY, SECRET)
    root.s3.create_bucket(Bucket="closed")
    root.iam.create_user(UserName="ann")
    key = root.iam.create_access_key(UserName="ann")["AccessKey"]
    ann = Clients(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
    for n in range(5):
        error_of(ann.s3.get_object, Bucket="closed", Key=f"k{n}")
    events = root.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "ann"}])["Events"]
    assert [e["Resources"][0]["ResourceName"] for e in events] == [f"closed/k{n}" for n in (4, 3, 2, 1, 0)]
    assert server.stop() == 0
