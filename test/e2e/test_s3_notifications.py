"""Every event that this server emits, as a webhook receives it: the record to the letter, signed, at least once."""

import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest
from conftest import Clients, error_of, post_form
from server import ACCOUNT, REGION, Server, free_port, wait_for

SECRET = "a-secret-of-some-length"
HOOK = "arn:tidegate:webhook:::hook"
AS_SQS = f"arn:aws:sqs:{REGION}:{ACCOUNT}:hook"


class Receiver:
    """Takes what the server posts; answers with `status`."""

    def __init__(self, port):
        self.got, self.status, receiver = [], 200, self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def documents(self):
        return [json.loads(body) for _, body in self.got]

    def records(self):
        return [r for d in self.documents() for r in d.get("Records", [])]


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def hooked(port):
    server = Server("--webhook-targets", f"hook=http://127.0.0.1:{port}/in", "--webhook-secrets", f"hook={SECRET}",
                    "--webhook-allow", "127.0.0.1:*").start()
    yield server
    if server.process.poll() is None:
        assert server.stop() == 0


@pytest.fixture
def receiver(port):
    made = Receiver(port)
    yield made
    made.close()


def client(server):
    return Clients(server.endpoint)("s3")


ALL = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"]


def listen(s3, bucket, arn=HOOK, **options):
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "QueueConfigurations": [{"Id": "all", "QueueArn": arn, "Events": ALL}]}, **options)


def test_every_event_to_the_letter(hooked, receiver):
    s3 = client(hooked)
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    listen(s3, "bucket")
    wait_for("the test event", lambda: receiver.got)
    test = receiver.documents()[0]
    assert list(test) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]
    assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", "bucket")
    key = "dir/a b+é@.txt"
    put = s3.put_object(Bucket="bucket", Key=key, Body=b"12345")
    s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": key})
    upload = s3.create_multipart_upload(Bucket="bucket", Key="multi")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="multi", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    s3.complete_multipart_upload(Bucket="bucket", Key="multi", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    s3.put_object_tagging(Bucket="bucket", Key=key, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    s3.delete_object_tagging(Bucket="bucket", Key=key)
    marker = s3.delete_object(Bucket="bucket", Key=key)
    s3.delete_object(Bucket="bucket", Key=key, VersionId=put["VersionId"])
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "copy"}, {"Key": "multi"}]})
    wait_for("nine records", lambda: len(receiver.records()) >= 9)
    by_name = {}
    for record in sorted(receiver.records(), key=lambda r: r["eventTime"]):
        by_name.setdefault(record["eventName"], []).append(record)
    assert {n: len(r) for n, r in by_name.items()} == {
        "ObjectCreated:Put": 1, "ObjectCreated:Copy": 1, "ObjectCreated:CompleteMultipartUpload": 1,
        "ObjectTagging:Put": 1, "ObjectTagging:Delete": 1, "ObjectRemoved:DeleteMarkerCreated": 3,
        "ObjectRemoved:Delete": 1}
    created = by_name["ObjectCreated:Put"][0]
    assert list(created) == ["eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity",
                             "requestParameters", "responseElements", "s3"]
    assert created["eventVersion"] == "2.1" and created["awsRegion"] == REGION
    assert created["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    assert created["responseElements"] == {
        "x-amz-request-id": put["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"],
        "x-amz-id-2": put["ResponseMetadata"]["HTTPHeaders"]["x-amz-id-2"]}
    assert created["s3"]["configurationId"] == "all" and created["s3"]["s3SchemaVersion"] == "1.0"
    assert created["s3"]["bucket"]["arn"] == "arn:aws:s3:::bucket"
    thing = created["s3"]["object"]
    assert list(thing) == ["key", "size", "eTag", "versionId", "sequencer"]
    assert thing["key"] == "dir/a+b%2B%C3%A9%40.txt" and thing["size"] == 5
    assert thing["eTag"] == hashlib.md5(b"12345").hexdigest() and thing["versionId"] == put["VersionId"]
    tagging = by_name["ObjectTagging:Put"][0]
    assert tagging["eventVersion"] == "2.3" and list(tagging["s3"]["object"]) == ["key", "eTag", "versionId"]
    made = by_name["ObjectRemoved:DeleteMarkerCreated"][0]["s3"]["object"]
    assert made["versionId"] == marker["VersionId"] and made["eTag"] == hashlib.md5(b"").hexdigest()
    assert list(by_name["ObjectRemoved:Delete"][0]["s3"]["object"]) == ["key", "versionId", "sequencer"]
    of_key = [r["s3"]["object"]["sequencer"] for r in receiver.records()
              if r["s3"]["object"]["key"] == thing["key"] and "sequencer" in r["s3"]["object"]]
    assert sorted(of_key) == of_key and len(set(of_key)) == 3
    multi = by_name["ObjectCreated:CompleteMultipartUpload"][0]["s3"]["object"]
    assert multi["eTag"].endswith("-1") and multi["size"] == 4


def test_forms_access_lists_and_lifecycle_rules_tell_too(hooked, receiver):
    """Those under the filter's prefix only."""
    s3 = client(hooked)
    s3.create_bucket(Bucket="bucket", ObjectOwnership="ObjectWriter")
    wanted = ["s3:ObjectCreated:Post", "s3:ObjectAcl:Put", "s3:LifecycleExpiration:*"]
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration={"QueueConfigurations": [
        {"Id": "rest", "QueueArn": HOOK, "Events": wanted,
         "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}]})
    form = s3.generate_presigned_post("bucket", "in/form")["fields"]
    assert post_form(hooked, "bucket", form, b"12345")[0] == 204
    for key in ("in/form", "out"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"123456")  # no event that was asked for
        s3.put_object_acl(Bucket="bucket", Key=key, ACL="bucket-owner-read")

    def told(name):
        return [r for r in receiver.records() if r["eventName"] == name]
    wait_for("the first two", lambda: len(receiver.records()) == 2)
    assert told("ObjectCreated:Post")[0]["s3"]["object"]["size"] == 5
    assert told("ObjectAcl:Put")[0]["s3"]["object"]["key"] == "in/form"
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [
        {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]})
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    hooked.advance(minutes=3 * 24 * 60)
    wait_for("the marker", lambda: told("LifecycleExpiration:DeleteMarkerCreated"))
    hooked.advance(minutes=3 * 24 * 60)
    wait_for("the version's end, and the marker's", lambda: len(told("LifecycleExpiration:Delete")) == 2)
    assert {r["s3"]["object"]["key"] for r in receiver.records()} == {"in/form"} and len(receiver.records()) == 5


def test_the_body_is_signed(hooked, receiver):
    s3 = client(hooked)
    s3.create_bucket(Bucket="bucket")
    listen(s3, "bucket", AS_SQS)  # what tools take for a queue of SQS
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    wait_for("the event", lambda: receiver.records())
    ids = set()
    for headers, body in receiver.got:
        stamp = headers["Tidegate-Webhook-Timestamp"]
        want = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["Tidegate-Webhook-Signature"] == f"v1={want}"
        assert abs(time.time() - int(stamp)) < 60
        ids.add(headers["Tidegate-Webhook-Id"])
    assert len(ids) == len(receiver.got)
    assert "versionId" not in receiver.records()[0]["s3"]["object"]  # the bucket has no versions


def test_a_receiver_that_is_down_or_refuses_gets_it_later(hooked, port):
    s3 = client(hooked)
    s3.create_bucket(Bucket="bucket")
    listen(s3, "bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")  # nobody listens
    hooked.kill()
    hooked.start()
    receiver = Receiver(port)
    try:
        receiver.status = 500

        def refused():
            hooked.advance(seconds=2)
            return receiver.records()
        wait_for("an attempt", refused)
        receiver.status = 204
        seen = len(receiver.got)

        def taken():
            hooked.advance(minutes=6)
            return len(receiver.got) > seen + 1
        wait_for("another", taken)
        first = receiver.records()[0]
        assert all(r == first for r in receiver.records())  # the same event each time, to the letter
        assert first["s3"]["object"]["key"] == "k"
    finally:
        receiver.close()


def test_what_is_never_taken_ends_in_the_dead_list(hooked, receiver):
    s3 = client(hooked)
    s3.create_bucket(Bucket="bucket")
    receiver.status = 404
    listen(s3, "bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")

    def dead():
        hooked.advance(minutes=6)
        return "gave up delivery" in hooked.log
    wait_for("the dead list", dead, seconds=60)


def test_destinations_are_checked_as_on_aws(hooked, receiver):
    s3 = client(hooked)
    s3.create_bucket(Bucket="bucket")
    for kind, arn, reason in (("Queue", f"arn:aws:sqs:{REGION}:{ACCOUNT}:none", "The destination queue does not exist"),
                              ("Topic", f"arn:aws:sns:{REGION}:{ACCOUNT}:hook", "The destination topic does not exist"),
                              ("Queue", "arn:tidegate:webhook:::none", "The destination queue does not exist")):
        configuration = {f"{kind}Configurations": [{f"{kind}Arn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        with pytest.raises(s3.exceptions.ClientError) as caught:
            s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
        error = caught.value.response["Error"]
        assert error["Message"] == "Unable to validate the following destination configurations"
        assert (error["ArgumentName1"], error["ArgumentValue1"]) == (arn, reason)
        s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration,
                                                 SkipDestinationValidation=True)
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    assert error_of(s3.put_bucket_notification_configuration, Bucket="bucket", NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": HOOK.replace("webhook", "web"), "Events": ["s3:ObjectCreated:*"]}]})[1] \
        == "The ARN could not be parsed"
    assert error_of(s3.put_bucket_notification_configuration, Bucket="bucket", NotificationConfiguration={
        "EventBridgeConfiguration": {}})[0] == "NotImplemented"
    assert receiver.got == []
