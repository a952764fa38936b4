"""S3 to the letter: what the bytes of an answer are, where clients and suites compare them."""

import base64
import concurrent.futures
import hashlib
import http.client
import re
import urllib.parse
import zlib

import pytest
from server import ACCOUNT

AUTHORIZATION = (f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/us-east-1/s3/aws4_request, "
                 f"SignedHeaders=host, Signature={'0' * 64}")


class Answer:
    def __init__(self, raw):
        self.status, self.headers, self.body = raw.status, raw.headers, raw.read()

    @property
    def text(self):
        return self.body.decode()

    def element(self, name):
        found = re.search(f"<{name}(?: [^>]*)?>(.*?)</{name}>", self.text, re.S)
        return found and found[1]

    @property
    def error(self):
        return self.status, self.element("Code")


class Raw:
    """Requests as no SDK would send them. The --dev server reads the signature's scope only."""

    def __init__(self, server):
        self.server = server

    def __call__(self, method, target, body=b"", headers=None, length=True):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.putrequest(method, target, skip_accept_encoding=True)
        if isinstance(body, str):
            body = body.encode()
        given = {"Authorization": AUTHORIZATION, "x-amz-date": "20260101T000000Z",
                 "x-amz-content-sha256": "UNSIGNED-PAYLOAD", **(headers or {})}
        if length and (body or method in ("PUT", "POST")):
            given.setdefault("Content-Length", str(len(body)))
        for name, value in given.items():
            connection.putheader(name, value)
        connection.endheaders()
        if body:
            connection.send(body)
        return Answer(connection.getresponse())


@pytest.fixture(scope="module")
def raw(server):
    return Raw(server)


def md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def crc32(body):
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def test_of_racing_creators_exactly_one_wins(raw, bucket):
    for turn in range(8):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(
                lambda i: raw("PUT", f"/{bucket}/key{turn}", f"writer {i}", {"If-None-Match": "*"}), range(16)))
        won = [i for i, a in enumerate(answers) if a.status == 200]
        assert len(won) == 1, [a.status for a in answers]
        assert {a.error for i, a in enumerate(answers) if i not in won} == {(412, "PreconditionFailed")}
        assert raw("GET", f"/{bucket}/key{turn}").text == f"writer {won[0]}"


def test_of_racing_updaters_exactly_one_wins(raw, bucket):
    etag = raw("PUT", f"/{bucket}/key", "0").headers["ETag"]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(
            lambda i: raw("PUT", f"/{bucket}/key", f"writer {i}", {"If-Match": etag}), range(16)))
    assert sorted(a.status for a in answers) == [200] + [412] * 15


def test_every_answer_has_its_ids_and_every_error_its_message(raw, bucket):
    for answer in (raw("GET", f"/{bucket}"), raw("GET", f"/{bucket}/none"), raw("GET", "/no-such-bucket-x")):
        assert re.fullmatch("[0-9A-Z]{16}", answer.headers["x-amz-request-id"])
        assert answer.headers["x-amz-id-2"] and answer.headers["Date"] and answer.headers["Server"]
        if answer.status >= 400:
            assert answer.element("RequestId") == answer.headers["x-amz-request-id"]
            assert answer.element("HostId") == answer.headers["x-amz-id-2"]
            assert answer.element("Message")
            assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?>') and "xmlns" not in answer.text


WHOLE = "The {} you specified did not match the calculated checksum."


@pytest.mark.parametrize("headers, code, more", [
    ({"Content-MD5": ""}, "InvalidDigest", {}),
    ({"Content-MD5": "AAAA"}, "InvalidDigest", {"Content-MD5": "AAAA"}),
    ({"Content-MD5": md5(b"other")}, "BadDigest", {"ExpectedDigest": md5(b"other"), "CalculatedDigest": md5(b"body")}),
    ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest", {"Message": WHOLE.format("CRC32")}),
    ({"x-amz-checksum-crc32c": "AAAAAA=="}, "BadDigest", {"Message": WHOLE.format("CRC32C")}),
    ({"x-amz-checksum-crc64nvme": "AAAAAAAAAAA="}, "BadDigest", {"Message": WHOLE.format("CRC64NVME")}),
    ({"x-amz-checksum-sha1": base64.b64encode(bytes(20)).decode()}, "BadDigest", {"Message": WHOLE.format("SHA1")}),
    ({"x-amz-checksum-sha256": base64.b64encode(bytes(32)).decode()}, "BadDigest",
     {"Message": WHOLE.format("SHA256")}),
    ({"x-amz-checksum-crc32": "bad"}, "InvalidRequest",
     {"Message": "Value for x-amz-checksum-crc32 header is invalid."}),
    ({"x-amz-checksum-crc32": crc32(b"body"), "x-amz-checksum-crc32c": "AAAAAA=="}, "InvalidRequest",
     {"Message": "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."}),
    ({"x-amz-sdk-checksum-algorithm": "CRC32"}, "InvalidRequest",
     {"Message": "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
                 "x-amz-trailer headers were found."}),
    ({"x-amz-content-sha256": hashlib.sha256(b"other").hexdigest()}, "XAmzContentSHA256Mismatch",
     {"S3ComputedContentSHA256": hashlib.sha256(b"body").hexdigest()}),
    ({"x-amz-content-sha256": "nonsense"}, "InvalidArgument", {"ArgumentName": "x-amz-content-sha256"}),
])
def test_digests(raw, bucket, headers, code, more):
    answer = raw("PUT", f"/{bucket}/key", "body", headers)
    assert answer.error == (400, code), answer.text
    for name, value in more.items():
        assert answer.element(name) == value
    assert raw("GET", f"/{bucket}/key").error == (404, "NoSuchKey")


@pytest.mark.parametrize("document", [
    '<!DOCTYPE a [<!ENTITY x "y">]><Delete><Object><Key>&x;</Key></Object></Delete>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><Delete><Object><Key>k</Key></Object></Delete>',
    "<Delete>" + "<a>" * 100 + "</a>" * 100 + "</Delete>", "<Delete>", "", "{}", "<Delete/>",
    "<Delete><Object><Key>k</Key></Object><Odd/></Delete>", "<Other><Object><Key>k</Key></Object></Other>",
    "<Delete>" + "<Object><Key>k</Key></Object>" * 1001 + "</Delete>"])
def test_documents_that_are_none(raw, bucket, document):
    raw("PUT", f"/{bucket}/k", "kept")
    answer = raw("POST", f"/{bucket}?delete", document, {"Content-MD5": md5(document.encode())})
    assert answer.error == (400, "MalformedXML"), answer.text
    assert answer.element("Message") == ("The XML you provided was not well-formed or did not validate against "
                                         "our published schema")
    assert raw("GET", f"/{bucket}/k").text == "kept"


def test_documents_need_a_digest(raw, bucket):
    for target in ("?delete", "?tagging", "?lifecycle", "?encryption", "?requestPayment"):
        answer = raw("POST" if target == "?delete" else "PUT", f"/{bucket}{target}",
                     {"?delete": "<Delete><Object><Key>k</Key></Object></Delete>",
                      "?tagging": "<Tagging><TagSet/></Tagging>",
                      "?lifecycle": "<LifecycleConfiguration><Rule><Status>Enabled</Status></Rule>"
                                    "</LifecycleConfiguration>",
                      "?encryption": "<ServerSideEncryptionConfiguration><Rule/></ServerSideEncryptionConfiguration>",
                      "?requestPayment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer>"
                                         "</RequestPaymentConfiguration>"}[target])
        assert answer.error == (400, "InvalidRequest"), (target, answer.text)
        assert "Content-MD5 OR x-amz-checksum-" in answer.element("Message")


@pytest.mark.parametrize("source", [
    "", "/", "bucket", "/bucket", "bucket/", "%", "%2", "%zz/x", "b/%00", "b/%ff%fe", "b/k?versionId=",
    "b/k?versionId=%zz", "?versionId=x", "b/" + "x" * 1025, "b/" + "%2F" * 600, "é/ü", "b/k?other=1", "..//..", "a//b"])
def test_odd_copy_sources_are_refused(raw, bucket, source):
    upload = raw("POST", f"/{bucket}/part?uploads").element("UploadId")
    for target in (f"/{bucket}/copy", f"/{bucket}/part?partNumber=1&uploadId={upload}"):
        answer = raw("PUT", target, b"", {"x-amz-copy-source": source.encode() if source else source})
        assert 400 <= answer.status < 500 and answer.element("Message"), (target, answer.status, answer.text)
    assert raw("GET", f"/{bucket}/copy").status == 404
    assert "<Part>" not in raw("GET", f"/{bucket}/part?uploadId={upload}").text


def test_a_part_is_copied_from_an_encoded_key(raw, bucket):
    raw("PUT", f"/{bucket}/dir/a%20b%2Bc%C3%A9", "0123456789")
    upload = raw("POST", f"/{bucket}/part?uploads").element("UploadId")
    target = f"/{bucket}/part?partNumber=1&uploadId={upload}"
    source = {"x-amz-copy-source": f"{bucket}/dir%2Fa%20b%2Bc%C3%A9"}
    copied = raw("PUT", target, b"", {**source, "x-amz-copy-source-range": "bytes=2-4"})
    assert copied.status == 200 and hashlib.md5(b"234").hexdigest() in copied.element("ETag")
    for text, error in (("bytes=2-", (400, "InvalidArgument")), ("2-4", (400, "InvalidArgument")),
                        ("bytes=4-2", (400, "InvalidArgument")), ("bytes=5-10", (416, "InvalidRange"))):
        assert raw("PUT", target, b"", {**source, "x-amz-copy-source-range": text}).error == error, text


def test_multipart_says_what_is_wrong(raw, bucket):
    upload = raw("POST", f"/{bucket}/big?uploads").element("UploadId")
    where = f"/{bucket}/big?uploadId={upload}"
    for number in ("0", "10001", "-1"):
        answer = raw("PUT", f"{where}&partNumber={number}", "x")
        assert answer.error == (400, "InvalidArgument")
        assert answer.element("Message") == "Part number must be an integer between 1 and 10000, inclusive"
    tags = [raw("PUT", f"{where}&partNumber={n}", "small").headers["ETag"] for n in (1, 2)]

    def complete(*parts):
        inside = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in parts)
        return raw("POST", where, f"<CompleteMultipartUpload>{inside}</CompleteMultipartUpload>")
    small = complete((1, tags[0]), (2, tags[1]))
    assert small.error == (400, "EntityTooSmall")
    assert [small.element(n) for n in ("ProposedSize", "MinSizeAllowed", "PartNumber")] == ["5", "5242880", "1"]
    assert complete((2, tags[1]), (1, tags[0])).error == (400, "InvalidPartOrder")
    missing = complete((1, tags[0]), (3, tags[0]))
    assert missing.error == (400, "InvalidPart") and missing.element("PartNumber") == "3"
    assert missing.element("UploadId") == upload
    assert complete((1, '"0123"')).error == (400, "InvalidPart")
    none = complete()
    assert none.status == 400 and none.element("Message") == "You must specify at least one part"
    done = complete((1, tags[0].strip('"')))
    assert done.status == 200 and done.element("ETag").endswith("-1&quot;")
    assert complete((1, tags[0])).element("ETag") == done.element("ETag")  # told again
    gone = raw("PUT", f"{where}&partNumber=1", "x")
    assert gone.error == (404, "NoSuchUpload") and gone.element("UploadId") == upload
    assert raw("DELETE", where).error == (404, "NoSuchUpload")


def test_parts_of_another_checksum_are_refused(raw, bucket):
    start = raw("POST", f"/{bucket}/sums?uploads", b"", {"x-amz-checksum-algorithm": "SHA256"})
    assert start.headers["x-amz-checksum-type"] == "COMPOSITE"
    where = f"/{bucket}/sums?uploadId={start.element('UploadId')}"
    wrong = raw("PUT", f"{where}&partNumber=1", "body", {"x-amz-checksum-crc32": crc32(b"body")})
    assert wrong.error == (400, "InvalidRequest")
    assert wrong.element("Message") == ("Checksum Type mismatch occurred, expected checksum Type: sha256, actual "
                                        "checksum Type: crc32")
    sha = base64.b64encode(hashlib.sha256(b"body").digest())
    part = raw("PUT", f"{where}&partNumber=1", "body", {"x-amz-checksum-sha256": sha.decode()})
    assert part.headers["x-amz-checksum-sha256"] == sha.decode()
    done = raw("POST", where, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
                              f"<ETag>{part.headers['ETag']}</ETag><ChecksumSHA256>{sha.decode()}</ChecksumSHA256>"
                              "</Part></CompleteMultipartUpload>")
    whole = base64.b64encode(hashlib.sha256(base64.b64decode(sha)).digest()).decode()
    assert done.element("ChecksumSHA256") == f"{whole}-1" and done.element("ChecksumType") == "COMPOSITE"
    shown = raw("HEAD", f"/{bucket}/sums", headers={"x-amz-checksum-mode": "ENABLED"}).headers
    assert shown["x-amz-checksum-sha256"] == f"{whole}-1"
    part = raw("GET", f"/{bucket}/sums?partNumber=1", headers={"x-amz-checksum-mode": "ENABLED"}).headers
    assert part["x-amz-checksum-sha256"] == sha.decode() and part["x-amz-mp-parts-count"] == "1"
    for algorithm, kind in (("SHA1", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE"), (None, "COMPOSITE")):
        headers = {"x-amz-checksum-type": kind, **({"x-amz-checksum-algorithm": algorithm} if algorithm else {})}
        assert raw("POST", f"/{bucket}/no?uploads", b"", headers).error == (400, "InvalidRequest")


def test_the_checksum_of_a_completion_is_its_objects(raw, bucket):
    start = raw("POST", f"/{bucket}/sum?uploads", b"", {
        "x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT"})
    where = f"/{bucket}/sum?uploadId={start.element('UploadId')}"
    tag = raw("PUT", f"{where}&partNumber=1", "body", {"x-amz-checksum-crc32": crc32(b"body")}).headers["ETag"]
    document = ("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
                f"<ETag>{tag}</ETag></Part></CompleteMultipartUpload>")
    for value, error in (("AAAAAA==", (400, "BadDigest")), (crc32(b"body"), (200, None))):
        answer = raw("POST", where, document, {"x-amz-checksum-crc32": value, "x-amz-checksum-type": "FULL_OBJECT"})
        assert answer.error == error, answer.text
    assert answer.element("ChecksumCRC32") == crc32(b"body")


def test_ranges(raw, bucket):
    raw("PUT", f"/{bucket}/ten", "0123456789")
    raw("PUT", f"/{bucket}/empty", "")
    for text, status, body, shown in (
            ("bytes=2-4", 206, "234", "bytes 2-4/10"), ("bytes=7-", 206, "789", "bytes 7-9/10"),
            ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=-30", 206, "0123456789", "bytes 0-9/10"),
            ("bytes=5-99", 206, "56789", "bytes 5-9/10"), ("bytes=1-0", 200, "0123456789", None),
            ("bytes=0-1,3-4", 200, "0123456789", None), ("lines=0-1", 200, "0123456789", None)):
        answer = raw("GET", f"/{bucket}/ten", headers={"Range": text})
        assert (answer.status, answer.text, answer.headers["Content-Range"]) == (status, body, shown), text
        assert answer.headers["Accept-Ranges"] == "bytes"
    for key, text in (("ten", "bytes=10-"), ("ten", "bytes=-0"), ("empty", "bytes=0-0"), ("empty", "bytes=-1")):
        answer = raw("GET", f"/{bucket}/{key}", headers={"Range": text})
        assert answer.error == (416, "InvalidRange") and answer.element("RangeRequested") == text
        assert answer.element("ActualObjectSize") == ("10" if key == "ten" else "0")
    part = raw("GET", f"/{bucket}/ten?partNumber=2")
    assert part.error == (416, "InvalidPartNumber") and part.element("ActualPartCount") == "1"
    assert raw("GET", f"/{bucket}/ten?partNumber=1", headers={"Range": "bytes=0-1"}).error == (400, "InvalidRequest")


def test_versions_of_a_suspended_bucket(s3, raw, bucket):
    raw("PUT", f"/{bucket}/k", "null version")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = raw("PUT", f"/{bucket}/k", "first").headers["x-amz-version-id"]
    assert re.fullmatch("[A-Za-z0-9._]{32}", first)
    assert raw("GET", f"/{bucket}/k?versionId=null").text == "null version"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert raw("PUT", f"/{bucket}/k", "again null").headers["x-amz-version-id"] is None
    assert raw("GET", f"/{bucket}/k?versionId=null").text == "again null"
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [(v["VersionId"], v["IsLatest"]) for v in listed] == [("null", True), (first, False)]
    marker = raw("DELETE", f"/{bucket}/k")
    assert (marker.status, marker.headers["x-amz-delete-marker"], marker.headers["x-amz-version-id"]) == (
        204, "true", "null")
    hidden = raw("GET", f"/{bucket}/k")
    assert hidden.error == (404, "NoSuchKey") and hidden.headers["x-amz-delete-marker"] == "true"
    direct = raw("GET", f"/{bucket}/k?versionId=null")
    assert direct.error == (405, "MethodNotAllowed") and direct.element("ResourceType") == "DeleteMarker"
    assert direct.headers["Allow"] == "DELETE" and direct.headers["Last-Modified"]
    assert raw("DELETE", f"/{bucket}/k?versionId={first}").status == 204
    assert raw("DELETE", f"/{bucket}/k?versionId={first}").status == 204  # gone before
    assert raw("GET", f"/{bucket}/k?versionId={first}").error == (404, "NoSuchVersion")
    never = raw("DELETE", f"/{bucket}/k?versionId=never-issued")
    assert never.error == (400, "InvalidArgument") and never.element("ArgumentName") == "versionId"
    assert raw("GET", f"/{bucket}/k?versionId=").error == (400, "InvalidArgument")


def test_versioning_documents(raw, bucket):
    def put(inside):  # needs no digest: MinIO's clients send none
        return raw("PUT", f"/{bucket}?versioning", f"<VersioningConfiguration>{inside}</VersioningConfiguration>")
    none = put("")
    assert none.error == (400, "IllegalVersioningConfigurationException")
    assert none.element("Message") == "The Versioning element must be specified"
    for status in ("enabled", "Disabled", ""):
        assert put(f"<Status>{status}</Status>").error == (400, "MalformedXML")
    assert "<Status>" not in raw("GET", f"/{bucket}?versioning").text
    assert put("<Status>Suspended</Status>").status == 200


@pytest.mark.parametrize("target, error", [
    ("?list-type=2&max-keys=-1", (400, "InvalidArgument")), ("?max-keys=x", (400, "InvalidArgument")),
    ("?list-type=2&continuation-token=", (400, "InvalidArgument")),
    ("?encoding-type=base64", (400, "InvalidArgument")),
    ("?versions&version-id-marker=x", (400, "InvalidArgument"))])
def test_listings_refuse(raw, bucket, target, error):
    assert raw("GET", f"/{bucket}{target}").error == error


def test_listings_encode_what_they_are_asked_to(raw, bucket):
    key = "dir/a b+é&<\u0001"
    raw("PUT", f"/{bucket}/{urllib.parse.quote(key)}", "")
    listed = raw("GET", f"/{bucket}?list-type=2&encoding-type=url")
    assert urllib.parse.unquote_plus(listed.element("Key")) == key
    assert listed.element("EncodingType") == "url" and listed.headers["x-amz-bucket-region"] == "us-east-1"
    plain = raw("GET", f"/{bucket}?list-type=2")
    assert plain.element("Key") == "dir/a b+é&amp;&lt;&#x1;"
    grouped = raw("GET", f"/{bucket}?delimiter=/&prefix=")
    assert grouped.element("CommonPrefixes") == "<Prefix>dir/</Prefix>" and grouped.element("Marker") == ""
    versions = raw("GET", f"/{bucket}?versions")
    assert [versions.element(n) for n in ("Prefix", "KeyMarker", "VersionIdMarker", "VersionId")] == [
        "", "", "", "null"]


def test_buckets_are_listed_by_prefix_and_pages(raw, s3, name):
    names = [f"{name}-{i}" for i in range(3)]
    for each in names:
        s3.create_bucket(Bucket=each)
    one = raw("GET", f"/?prefix={name}-&max-buckets=2")
    assert re.findall("<Name>(.*?)</Name>", one.text) == names[:2] and one.element("Prefix") == f"{name}-"
    two = raw("GET", f"/?prefix={name}-&max-buckets=2&continuation-token={one.element('ContinuationToken')}")
    assert re.findall("<Name>(.*?)</Name>", two.text) == names[2:] and not two.element("ContinuationToken")


def test_conditional_writes_say_what_they_do_not_take(raw, bucket):
    for headers in ({"If-None-Match": '"etag"'}, {"If-Match": "*"}, {"If-Match": '"a"', "If-None-Match": "*"}):
        answer = raw("PUT", f"/{bucket}/k", "x", headers)
        assert answer.error == (501, "NotImplemented") and answer.element("Header")
    assert raw("PUT", f"/{bucket}/k", "x", {"If-Match": '"a"'}).error == (404, "NoSuchKey")
    raw("PUT", f"/{bucket}/k", "x")
    failed = raw("PUT", f"/{bucket}/k", "x", {"If-Match": '"a"'})
    assert failed.error == (412, "PreconditionFailed") and failed.element("Condition") == "If-Match"


def test_a_condition_that_is_no_date_is_ignored(raw, bucket):
    raw("PUT", f"/{bucket}/k", "x")
    assert raw("GET", f"/{bucket}/k", headers={"If-Modified-Since": "yesterday"}).status == 200
    copy = {"x-amz-copy-source": f"{bucket}/k", "x-amz-copy-source-if-unmodified-since": "undefined"}
    assert raw("PUT", f"/{bucket}/copy", b"", copy).status == 200


def test_no_length_is_no_upload(raw, bucket):
    assert raw("PUT", f"/{bucket}/k", b"", length=False).error == (411, "MissingContentLength")


def test_attributes(raw, bucket):
    raw("PUT", f"/{bucket}/k", "body")
    got = raw("GET", f"/{bucket}/k?attributes", headers={"x-amz-object-attributes": "ETag,ObjectSize,Checksum"})
    assert got.element("ETag") == hashlib.md5(b"body").hexdigest() and got.element("ObjectSize") == "4"
    assert got.element("ChecksumType") == "FULL_OBJECT" and got.element("ChecksumCRC64NVME")
    for headers in ({}, {"x-amz-object-attributes": "Colour"}):
        assert raw("GET", f"/{bucket}/k?attributes", headers=headers).status == 400


def test_no_operation_of_the_model_falls_through_to_another(raw, s3, name):
    """Every write that the installed model knows, without a body: what it is not, it must not do."""
    plain = {"PutObject", "DeleteObject", "CreateBucket", "DeleteBucket", "WriteGetObjectResponse"}
    model = s3.meta.service_model
    refused = set()
    for number, operation in enumerate(sorted(set(model.operation_names) - plain)):
        shape = model.operation_model(operation)
        method, uri = shape.http["method"], shape.http["requestUri"]
        if method in ("GET", "HEAD"):
            continue
        bucket = f"{name}-{number}"
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="k", Body=b"kept")
        uri = uri if uri.startswith("/{Bucket}") else "/{Bucket}" + uri
        query, headers = [], {}
        for member in shape.input_shape.required_members:
            place = shape.input_shape.members[member].serialization
            if place.get("location") == "querystring":
                query.append(place["name"] + "=1")
            if place.get("location") == "header":
                headers[place["name"]] = "x"
        path = uri.replace("{Bucket}", bucket).replace("{Key+}", "k")
        path += ("&" if "?" in path else "?") + "&".join(query) if query else ""
        answer = raw(method, path, b"", headers)
        if answer.status == 501:
            refused.add(operation)
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"kept", (operation, answer.status)
        assert s3.get_bucket_versioning(Bucket=bucket).get("Status") is None, operation
    assert {"PutBucketWebsite", "RestoreObject", "SelectObjectContent", "PutBucketReplication",
            "DeleteBucketMetricsConfiguration", "PutBucketInventoryConfiguration"} <= refused
    for method in ("PUT", "DELETE", "POST"):
        assert raw(method, f"/{name}-0?nextYearsFeature").error == (501, "NotImplemented")
