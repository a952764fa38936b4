"""A server without --dev: a valid signature or a refusal in the API's own shape, nothing between."""

import datetime
import http.client
import json
import os
import stat

import boto3
import pytest
from botocore.auth import SigV4Auth, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import Clients, error_of
from server import Server

KEY, SECRET = "AKIATIDEGATETESTS000", "secret-secret-secret"


@pytest.fixture(scope="module")
def locked():
    server = Server(dev=False, environment={"TIDEGATE_ROOT_ACCESS_KEY_ID": KEY,
                                            "TIDEGATE_ROOT_SECRET_ACCESS_KEY": SECRET}).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def root(locked):
    return Clients(locked.endpoint, KEY, SECRET)


def send(server, method, path, headers=None, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def signed(server, service, method, path, body=b"", change=None, when=None, secret=SECRET):
    request = AWSRequest(method=method, url=server.endpoint + path, data=body)
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(Credentials(KEY, secret), service, "us-east-1")
    if when:
        import botocore.auth
        real = botocore.auth.datetime
        botocore.auth.datetime = type("D", (), {"datetime": type("T", (), {"utcnow": staticmethod(lambda: when)})})
        try:
            signer.add_auth(request)
        finally:
            botocore.auth.datetime = real
    else:
        signer.add_auth(request)
    headers = dict(request.headers)
    if change:
        change(headers)
    return send(server, method, path, headers, body)


def test_signed_requests_work(root):
    root.s3.create_bucket(Bucket="signed-bucket")
    root.s3.put_object(Bucket="signed-bucket", Key="a b+c/ü~", Body=b"x" * 100_000)
    assert root.s3.get_object(Bucket="signed-bucket", Key="a b+c/ü~")["Body"].read() == b"x" * 100_000
    assert root.sts.get_caller_identity()["Account"] == "000000000000"
    app = root.appconfig.create_application(Name="signed app")["Id"]
    assert root.appconfig.get_application(ApplicationId=app)["Name"] == "signed app"
    assert root("lambda").list_functions()["Functions"] == []
    assert root.appconfig.list_tags_for_resource(
        ResourceArn=f"arn:aws:appconfig:us-east-1:000000000000:application/{app}")["Tags"] == {}


@pytest.mark.parametrize("service", ["s3", "lambda", "appconfig", "sts", "cloudwatch"])
def test_wrong_secret_and_unknown_key(locked, service):
    call = {"s3": "list_buckets", "lambda": "list_functions", "appconfig": "list_applications",
            "sts": "get_caller_identity", "cloudwatch": "describe_alarms"}[service]
    wrong = Clients(locked.endpoint, KEY, "wrong")(service)
    code, _ = error_of(getattr(wrong, call))
    assert code in ("SignatureDoesNotMatch", "InvalidSignatureException")
    unknown = Clients(locked.endpoint, "AKIANOBODY0000000000", "x")(service)
    code, _ = error_of(getattr(unknown, call))
    assert code in ("InvalidAccessKeyId", "UnrecognizedClientException", "InvalidClientTokenId")


@pytest.mark.parametrize("path", ["/", "/bucket", "/bucket/key", "/applications", "/2015-03-31/functions/",
                                  "/configuration?configuration_token=x", "/_tidegate/clock",
                                  "/_tidegate/deliveries"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_nothing_is_answered_without_a_signature(locked, method, path):
    status, body = send(locked, method, path)
    assert status in (400, 403, 404), (status, body)
    if not path.startswith("/_tidegate"):
        assert status == 403, (status, body)


def test_health_needs_none(locked):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert send(locked, "GET", path)[0] == 200


def test_time_window(locked):
    now = datetime.datetime.utcnow()
    for minutes, status in ((0, 200), (14, 200), (-14, 200), (16, 403), (-16, 403)):
        answer = signed(locked, "s3", "GET", "/", when=now + datetime.timedelta(minutes=minutes))
        assert answer[0] == status, (minutes, answer)
    assert "RequestTimeTooSkewed" in signed(locked, "s3", "GET", "/", when=now - datetime.timedelta(hours=1))[1]


def test_a_changed_request_is_refused(locked):
    assert signed(locked, "s3", "GET", "/")[0] == 200

    def unsigned_header(headers):
        headers["x-amz-extra"] = "1"
    assert signed(locked, "s3", "GET", "/", change=unsigned_header)[0] == 403

    def other_date(headers):
        headers["X-Amz-Date"] = headers["X-Amz-Date"][:-3] + "59Z"
    assert signed(locked, "s3", "GET", "/", change=other_date)[0] == 403

    def garbage(headers):
        headers["Authorization"] = "AWS4-HMAC-SHA256 nonsense"
    assert signed(locked, "s3", "GET", "/", change=garbage)[0] in (400, 403)

    def version_two(headers):
        headers["Authorization"] = f"AWS {KEY}:c2ln"
    assert signed(locked, "s3", "GET", "/", change=version_two)[0] in (400, 403)


def test_a_changed_body_is_refused_and_not_stored(locked, root):
    root.s3.create_bucket(Bucket="body-bucket")
    request = AWSRequest(method="PUT", url=locked.endpoint + "/body-bucket/k", data=b"good")
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(request)
    headers = dict(request.headers)
    status, text = send(locked, "PUT", "/body-bucket/k", headers, b"evil")
    assert status == 400 and "XAmzContentSHA256Mismatch" in text
    assert "Contents" not in root.s3.list_objects_v2(Bucket="body-bucket")
    request = AWSRequest(method="POST", url=locked.endpoint + "/applications", data=b'{"Name":"a"}')
    SigV4Auth(Credentials(KEY, SECRET), "appconfig", "us-east-1").add_auth(request)
    status, text = send(locked, "POST", "/applications", dict(request.headers), b'{"Name":"b"}')
    assert status == 403


def test_expired_presigned_url(locked, root):
    import urllib.error
    import urllib.request
    url = root("s3", signature_version="s3v4").generate_presigned_url("list_buckets", ExpiresIn=600)
    assert urllib.request.urlopen(url).status == 200
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("X-Amz-Expires=600", "X-Amz-Expires=601"))
    assert refused.value.code == 403


def test_the_root_key_is_made_once(tmp_path):
    server = Server(dev=False, data=tmp_path / "server").start()
    file = server.data / "data" / "root-credentials"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    text = file.read_text()
    pairs = dict(line.split(" = ") for line in text.splitlines() if " = " in line)
    client = boto3.client("sts", endpoint_url=server.endpoint, region_name="us-east-1",
                          aws_access_key_id=pairs["aws_access_key_id"],
                          aws_secret_access_key=pairs["aws_secret_access_key"])
    assert client.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    assert str(file) in server.log and pairs["aws_secret_access_key"] not in server.log
    assert server.stop() == 0
    server.start()
    assert file.read_text() == text
    assert server.stop() == 0


def test_errors_are_in_each_apis_shape(locked):
    status, text = signed(locked, "appconfig", "GET", "/applications/abcdefg", secret="wrong")
    assert status == 403 and "Message" in json.loads(text) or "message" in json.loads(text)
    status, text = signed(locked, "s3", "GET", "/nobucket", secret="wrong")
    assert text.startswith("<?xml") and "<Code>SignatureDoesNotMatch</Code>" in text


def test_urls_presigned_by_default(locked, root):
    """Left to itself, boto3 presigns for us-east-1 with Signature Version 2."""
    s3 = root("s3")
    bucket, key = "presigned-by-default", "a b+é.txt"
    s3.create_bucket(Bucket=bucket)
    place = {"Bucket": bucket, "Key": key}

    def answer(url, method="GET", body=b"", headers=None):
        return send(locked, method, url[len(locked.endpoint):], headers, body)
    put = s3.generate_presigned_url("put_object", Params={**place, "ContentType": "text/x", "Metadata": {"m": "1"}})
    assert "AWSAccessKeyId=" in put and "X-Amz" not in put
    assert answer(put, "PUT", b"by url", {"Content-Type": "text/y"})[0] in (200, 403)
    assert answer(put, "PUT", b"by url", {"Content-Type": "text/x", "x-amz-meta-m": "1"})[0] == 200
    get = s3.generate_presigned_url("get_object", Params={**place, "ResponseContentType": "a/b"})
    assert answer(get) == (200, "by url")
    for wrong in (get.replace("Signature=", "Signature=A"), get.replace("AWSAccessKeyId=", "AWSAccessKeyId=X"),
                  get.replace(bucket, bucket + "x"), get.replace("Expires=", "Expires=1"),
                  get.replace("a%2Fb", "a%2Fc"), get + "&uploadId=1", get + "&x-amz-meta-x=1"):
        assert wrong != get and answer(wrong)[0] == 403, wrong
    assert answer(get, headers={"x-amz-meta-x": "1"})[0] == 403
    assert answer(get, "DELETE")[0] == 403
    status, text = answer(s3.generate_presigned_url("get_object", Params=place, ExpiresIn=-5))
    assert status == 403 and "Request has expired" in text
    listed = answer(s3.generate_presigned_url("list_objects", Params={"Bucket": bucket}))
    assert listed[0] == 200 and listed[1].count("<Contents>") == 1
