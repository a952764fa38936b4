"""S3 through Debian's boto3: what the workflow and everyday scripts use."""

import hashlib

import pytest
from botocore.exceptions import ClientError
from conftest import error_of


def test_bucket_life(s3, name):
    assert error_of(s3.head_bucket, Bucket=name)[0] == "404"
    assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
    s3.create_bucket(Bucket=name)  # idempotent in us-east-1
    assert name in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    assert error_of(s3.delete_bucket, Bucket=name)[0] == "BucketNotEmpty"
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    assert error_of(s3.list_objects_v2, Bucket=name)[0] == "NoSuchBucket"


@pytest.mark.parametrize("bad", ["AB", "a", "1.2.3.4", "a..b", "-abc", "a" * 64])
def test_bucket_names(s3, bad):
    s3.meta.events.unregister("before-parameter-build.s3", None) if False else None
    with pytest.raises((ClientError, ValueError, Exception)) as caught:
        s3.create_bucket(Bucket=bad)
    assert "InvalidBucketName" in str(caught.value) or "Invalid bucket name" in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 1000, 40_000, 70_000, 3_000_000])
def test_objects_of_all_sizes_come_back_whole(s3, bucket, size):
    body = hashlib.sha256(str(size).encode()).digest() * (size // 32 + 1)
    body = body[:size]
    put = s3.put_object(Bucket=bucket, Key="dir/object", Body=body, ContentType="text/x-test",
                        Metadata={"Colour": "blue"}, CacheControl="no-cache")
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="dir/object")
    assert got["Body"].read() == body
    assert got["ContentType"] == "text/x-test" and got["Metadata"] == {"colour": "blue"}
    assert got["CacheControl"] == "no-cache" and got["ContentLength"] == size
    head = s3.head_object(Bucket=bucket, Key="dir/object")
    assert head["ContentLength"] == size and head["ETag"] == put["ETag"]
    if size > 10:
        part = s3.get_object(Bucket=bucket, Key="dir/object", Range="bytes=3-8")
        assert part["Body"].read() == body[3:9]
        assert part["ContentRange"] == f"bytes 3-8/{size}"
        assert s3.get_object(Bucket=bucket, Key="dir/object", Range="bytes=-4")["Body"].read() == body[-4:]
    assert error_of(s3.get_object, Bucket=bucket, Key="dir/object", Range=f"bytes={size + 1}-")[0] \
        == "InvalidRange"


@pytest.mark.parametrize("key", ["a//b", "./a", "a/../b", "trailing/", "ü+ &?#%.txt", "x" * 1024, "a b"])
def test_keys_are_kept_as_they_are(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"1"
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_versions_and_markers(s3, versioned):
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"one")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"two")["VersionId"]
    assert first != second
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"two"
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=first)["Body"].read() == b"one"
    gone = s3.delete_object(Bucket=versioned, Key="k")
    assert gone["DeleteMarker"] is True
    assert error_of(s3.get_object, Bucket=versioned, Key="k")[0] == "NoSuchKey"
    assert error_of(s3.get_object, Bucket=versioned, Key="k", VersionId=gone["VersionId"])[0] == "MethodNotAllowed"
    listed = s3.list_object_versions(Bucket=versioned)
    assert [v["VersionId"] for v in listed["Versions"]] == [second, first]
    assert [v["IsLatest"] for v in listed["Versions"]] == [False, False]
    assert listed["DeleteMarkers"][0]["VersionId"] == gone["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=gone["VersionId"])
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"two"
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == first
    assert error_of(s3.get_object, Bucket=versioned, Key="k", VersionId=second)[0] == "NoSuchVersion"
    assert error_of(s3.get_object, Bucket=versioned, Key="k", VersionId="not-a-version")[0] == "InvalidArgument"


def test_listing_pages_and_prefixes(s3, bucket):
    keys = sorted([f"a/{i:03}" for i in range(30)] + [f"b/{i}/x" for i in range(5)] + ["c"])
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
    assert [o["Key"] for page in pages for o in page.get("Contents", [])] == keys
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in top["CommonPrefixes"]] == ["a/", "b/"]
    assert [o["Key"] for o in top["Contents"]] == ["c"]
    assert top["KeyCount"] == 3
    sub = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/", MaxKeys=2)
    assert [p["Prefix"] for p in sub["CommonPrefixes"]] == ["b/0/", "b/1/"] and sub["IsTruncated"]
    rest = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/",
                              ContinuationToken=sub["NextContinuationToken"])
    assert [p["Prefix"] for p in rest["CommonPrefixes"]] == ["b/2/", "b/3/", "b/4/"]
    after = s3.list_objects_v2(Bucket=bucket, StartAfter="a/027")
    assert after["Contents"][0]["Key"] == "a/028"
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=0)["KeyCount"] == 0


def test_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag)[0] == "304"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfMatch='"0"')[0] == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["ETag"] == etag


def test_a_wrong_digest_is_refused_and_nothing_is_stored(s3, bucket):
    wrong = "1B2M2Y8AsgTpgAmY7PhCfg=="  # of nothing
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ContentMD5=wrong)[0] == "BadDigest"
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ContentMD5="?")[0] == "InvalidDigest"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_multi_delete(s3, bucket):
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "nothing"}]})
    assert {d["Key"] for d in answer["Deleted"]} == {"a", "nothing"}
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["b", "c"]


def test_multipart(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    parts, bodies = [], [b"a" * (5 << 20), b"b" * (5 << 20), b"c" * 10]
    for number, body in enumerate(bodies, 1):
        etag = s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    done = s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload,
                                        MultipartUpload={"Parts": parts})
    digest = hashlib.md5(b"".join(hashlib.md5(b).digest() for b in bodies)).hexdigest()
    assert done["ETag"] == f'"{digest}-3"'
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"".join(bodies)


def test_copy(s3, bucket):
    s3.put_object(Bucket=bucket, Key="from", Body=b"x" * 100_000, Metadata={"a": "1"})
    s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from"})
    got = s3.get_object(Bucket=bucket, Key="to")
    assert got["Body"].read() == b"x" * 100_000 and got["Metadata"] == {"a": "1"}


def test_presigned(clients, bucket):
    import urllib.request
    s3 = clients("s3", signature_version="s3v4")  # Debian's boto3 would presign with version 2
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    request = urllib.request.Request(put, data=b"hello", method="PUT")
    assert urllib.request.urlopen(request).status == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert urllib.request.urlopen(get).read() == b"hello"


def test_notification_configuration_is_checked(s3, bucket, lambda_, name, make_function):
    def put(*rules):
        return s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": list(rules)})

    def rule(arn, suffix="", events=("s3:ObjectCreated:*",)):
        return {"LambdaFunctionArn": arn, "Events": list(events),
                "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": suffix}]}}}
    unknown = "arn:aws:lambda:us-east-1:000000000000:function:nowhere"
    code, text = error_of(lambda: put(rule(unknown)))
    assert code == "InvalidArgument" and "Unable to validate" in text
    arn = make_function(name, "def handler(e, c): pass")
    assert error_of(lambda: put(rule(arn)))[0] == "InvalidArgument"  # no permission yet
    lambda_.add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction",
                           Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}")
    assert error_of(lambda: put(rule("nonsense")))[0] == "InvalidArgument"
    code, text = error_of(lambda: put(rule(arn, ".yml"), rule(arn, "l")))
    assert code == "InvalidArgument" and "ambiguously defined" in text
    assert error_of(lambda: put(rule(arn, events=["s3:Nothing"])))[0] == "InvalidArgument"
    put(rule(arn, ".yml"), rule(arn, ".json"))
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert [r["Filter"]["Key"]["FilterRules"] for r in kept] == [
        [{"Name": "Suffix", "Value": ".yml"}], [{"Name": "Suffix", "Value": ".json"}]]
    assert all(r["Id"] for r in kept)


def test_unknown_sub_resources_never_fall_through(server, s3, clients, bucket):
    """DELETE /bucket?website must not delete the bucket."""
    s3.delete_bucket_website(Bucket=bucket)
    s3.head_bucket(Bucket=bucket)
    assert error_of(s3.put_bucket_metrics_configuration, Bucket=bucket, Id="x",
                    MetricsConfiguration={"Id": "x"})[0] == "NotImplemented"
