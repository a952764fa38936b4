"""Lifecycle rules carried out, with the clock turned."""

import pytest
from conftest import Clients, error_of
from server import Server, wait_for


@pytest.fixture(scope="module")
def world():
    server = Server().start()
    yield server
    assert server.stop() == 0, server.log[-4000:]


def test_rules_end_objects_versions_and_uploads(world):
    s3 = Clients(world.endpoint).s3
    s3.create_bucket(Bucket="life")
    s3.put_bucket_versioning(Bucket="life", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket="life", LifecycleConfiguration={"Rules": [
        {"ID": "log files", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {"ID": "markers", "Status": "Enabled", "Filter": {"Prefix": ""},
         "Expiration": {"ExpiredObjectDeleteMarker": True}}]})
    put = s3.put_object(Bucket="life", Key="logs/a", Body=b"x")
    assert put["Expiration"].startswith('expiry-date="') and put["Expiration"].endswith('GMT", rule-id="log%20files"')
    assert s3.head_object(Bucket="life", Key="logs/a")["Expiration"] == put["Expiration"]
    assert s3.get_object(Bucket="life", Key="logs/a")["Expiration"] == put["Expiration"]
    copied = s3.copy_object(Bucket="life", Key="logs/b", CopySource="life/logs/a")
    assert copied["Expiration"] == put["Expiration"]
    assert "Expiration" not in s3.put_object(Bucket="life", Key="kept", Body=b"x")
    upload = s3.create_multipart_upload(Bucket="life", Key="logs/big")
    assert upload["AbortRuleId"] == "log%20files" and upload["AbortDate"].hour == 0
    parts = s3.list_parts(Bucket="life", Key="logs/big", UploadId=upload["UploadId"])
    assert parts["AbortDate"] == upload["AbortDate"]

    world.advance(minutes=2 * 24 * 60)
    wait_for("the upload's end", lambda: "Uploads" not in s3.list_multipart_uploads(Bucket="life"))
    assert error_of(s3.head_object, Bucket="life", Key="logs/a")[0] == "404"
    wait_for("the objects' end", lambda: [o["Key"] for o in s3.list_objects_v2(Bucket="life")["Contents"]] == ["kept"])
    listed = s3.list_object_versions(Bucket="life", Prefix="logs/")
    assert len(listed["Versions"]) == 2 and len(listed["DeleteMarkers"]) == 2

    world.advance(minutes=3 * 24 * 60)
    wait_for("the versions' end", lambda: "Versions" not in s3.list_object_versions(Bucket="life", Prefix="logs/"))
    wait_for("the markers' end", lambda: "DeleteMarkers" not in s3.list_object_versions(Bucket="life"))
    assert s3.get_object(Bucket="life", Key="kept")["Body"].read() == b"x"


def test_what_came_due_while_the_server_was_down_is_made_good():
    server = Server().start()
    s3 = Clients(server.endpoint).s3
    s3.create_bucket(Bucket="down")
    s3.put_object(Bucket="down", Key="k", Body=b"x")
    rule = {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    server.advance(minutes=3 * 24 * 60)
    s3.put_bucket_lifecycle_configuration(Bucket="down", LifecycleConfiguration={"Rules": [rule]})
    assert s3.head_object(Bucket="down", Key="k")["ContentLength"] == 1
    server.kill()
    server.start()
    s3 = Clients(server.endpoint).s3
    wait_for("what came due meanwhile", lambda: "Contents" not in s3.list_objects_v2(Bucket="down"))
    assert server.stop() == 0, server.log[-4000:]
