"""Tags of buckets by way of S3 Control, as Terraform's AWS provider reads and writes them since 6.23."""

import http.client
import urllib.parse
import xml.etree.ElementTree as ET

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from identities import KEY, SECRET, allow, make_user, root, strict  # noqa: F401
from server import ACCOUNT, REGION

SPACE = "{http://awss3control.amazonaws.com/doc/2018-08-20/}"


def call(server, method, arn, tags=None, keys=(), account=ACCOUNT, host="127.0.0.1", key=ACCOUNT, secret="anything"):
    body = b"" if tags is None else (
        f"<TagResourceRequest xmlns='{SPACE[1:-1]}'><Tags>" + "".join(
            f"<Tag><Key>{k}</Key><Value>{v}</Value></Tag>" for k, v in tags.items())
        + "</Tags></TagResourceRequest>").encode()
    query = "?" + "&".join(f"tagKeys={k}" for k in keys) if keys else ""
    path = "/v20180820/tags/" + urllib.parse.quote(arn, safe="") + query
    request = AWSRequest(method=method, url=f"http://{host}:{server.port}{path}", data=body,
                         headers={"x-amz-account-id": account, "Host": f"{host}:{server.port}"})
    request.context["client_config"] = None
    S3SigV4Auth(Credentials(key, secret), "s3", REGION).add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body=body, headers=dict(request.headers))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def listed(*arguments, **options):
    status, text = call(*arguments, **options)
    assert status == 200, text
    document = ET.fromstring(text)
    assert document.tag == SPACE + "ListTagsForResourceResult"
    return {tag.findtext(SPACE + "Key"): tag.findtext(SPACE + "Value")
            for tag in document.findall(f"{SPACE}Tags/{SPACE}Tag")}


@pytest.mark.parametrize("host", ["127.0.0.1", ACCOUNT + ".localhost"])
def test_a_buckets_tags(server, s3, bucket, host):
    arn = f"arn:aws:s3:::{bucket}"
    assert listed(server, "GET", arn, host=host) == {}
    assert call(server, "POST", arn, {"a": "1", "b": "2"}, host=host) == (204, "")
    assert call(server, "POST", arn, {"b": "3"}, host=host) == (204, "")
    assert listed(server, "GET", arn, host=host) == {"a": "1", "b": "3"}
    assert {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]} == {"a": "1", "b": "3"}
    assert call(server, "DELETE", arn, keys=["a", "c"], host=host) == (204, "")
    assert listed(server, "GET", arn, host=host) == {"b": "3"}
    assert call(server, "DELETE", arn, keys=["b"], host=host) == (204, "")
    assert listed(server, "GET", arn, host=host) == {}


def test_what_is_refused(server, bucket, name):
    def refusal(*arguments, **options):
        status, text = call(server, *arguments, **options)
        return status, ET.fromstring(text).findtext("Error/Code")
    assert refusal("GET", f"arn:aws:s3:::{name}-none") == (404, "NoSuchBucket")
    assert refusal("GET", f"arn:aws:s3:::{bucket}", account="111111111111") == (403, "AccessDenied")
    assert refusal("POST", f"arn:aws:s3:::{bucket}", {"aws:x": "1"}) == (400, "InvalidTag")
    assert refusal("GET", f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/x") == (501, "NotImplemented")


def test_a_bucket_of_that_name_is_a_bucket(s3):
    s3.create_bucket(Bucket="v20180820")
    s3.put_object(Bucket="v20180820", Key="tags/x", Body=b"1")
    assert s3.get_object(Bucket="v20180820", Key="tags/x")["Body"].read() == b"1"


def test_each_has_its_right(strict, root, make_user, name):  # noqa: F811
    root.s3.create_bucket(Bucket=name)
    arn = f"arn:aws:s3:::{name}"
    reader = make_user(allow("s3:ListTagsForResource", arn), user=name + "-reads")
    asked = {"key": reader.key, "secret": reader.secret}
    assert listed(strict, "GET", arn, **asked) == {}
    for method, more in (("POST", {"tags": {"a": "1"}}), ("DELETE", {"keys": ["a"]})):
        status, text = call(strict, method, arn, **more, **asked)
        action = "s3:TagResource" if method == "POST" else "s3:UntagResource"
        assert status == 403 and action in text
