"""Who may do what on S3: two accounts with declared keys, lists, policies, the block of public
access, web pages. Signatures are checked; what is anonymous is sent without any."""

import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError
from conftest import Clients, post_form, send
from server import BINARY, Server

MAIN, OTHER = "111111111111", "222222222222"
KEYS = f"""
[AKIAMAIN]
secret = main-secret
account = {MAIN}
canonical-id = main-id
display-name = Main
email = main@example.com

[AKIAOTHER]
secret = other-secret
account = {OTHER}
display-name = Other

[AKIAALICE]
secret = alice-secret
account = {MAIN}
user = alice
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "credentials"
    path.write_text(KEYS)
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def gate(keys):
    server = Server("--credentials", str(keys), dev=False).start()
    yield server
    assert server.stop() == 0, server.log[-4000:]


def refusal(call):
    """Status and code that a call of boto3 ends in; (200, "") when it is not refused."""
    try:
        call()
    except ClientError as e:
        return e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"]
    return 200, ""


def client(server, key, secret):
    return Clients(server.endpoint, key, secret).s3


@pytest.fixture(scope="module")
def main(gate):
    return client(gate, "AKIAMAIN", "main-secret")


@pytest.fixture(scope="module")
def other(gate):
    return client(gate, "AKIAOTHER", "other-secret")


@pytest.fixture(scope="module")
def alice(gate):
    return client(gate, "AKIAALICE", "alice-secret")


def open_bucket(s3, name):
    """A bucket with lists in use and nothing blocked."""
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)


def put_policy(s3, bucket, *statements):
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action, *resources, principal="*", effect="Allow", **condition):
    statement = {"Effect": effect, "Principal": principal, "Action": action,
                 "Resource": [f"arn:aws:s3:::{r}" for r in resources]}
    return {**statement, "Condition": condition} if condition else statement


def test_names_are_global_and_belong_to_an_account(main, other, name):
    main.create_bucket(Bucket=name)
    main.put_object(Bucket=name, Key="k", Body=b"x")
    assert refusal(lambda: other.create_bucket(Bucket=name)) == (409, "BucketAlreadyExists")
    assert refusal(lambda: other.list_objects_v2(Bucket=name)) == (403, "AccessDenied")
    assert refusal(lambda: other.put_object(Bucket=name, Key="k", Body=b"y")) == (403, "AccessDenied")
    assert refusal(lambda: other.get_object(Bucket=name, Key="k")) == (403, "AccessDenied")
    refused = other.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k"}]})["Errors"]
    assert [e["Code"] for e in refused] == ["AccessDenied"]
    assert refusal(lambda: other.delete_bucket(Bucket=name)) == (403, "AccessDenied")
    assert name not in [b["Name"] for b in other.list_buckets()["Buckets"]]
    owner = main.list_buckets()["Owner"]
    assert (owner["ID"], owner["DisplayName"]) == ("main-id", "Main")
    assert main.get_object(Bucket=name, Key="k")["Body"].read() == b"x"
    main.head_bucket(Bucket=name, ExpectedBucketOwner=MAIN)
    assert refusal(lambda: main.head_bucket(Bucket=name, ExpectedBucketOwner=OTHER)) == (403, "403")


def test_new_buckets_are_private_as_on_aws(main, name):
    main.create_bucket(Bucket=name)
    block = main.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4
    rules = main.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    refused = (400, "AccessControlListNotSupported")
    assert refusal(lambda: main.put_object(Bucket=name, Key="k", Body=b"", ACL="public-read")) == refused
    assert refusal(lambda: main.put_bucket_acl(Bucket=name, ACL="public-read")) == refused
    main.put_object(Bucket=name, Key="k", Body=b"", ACL="bucket-owner-full-control")
    main.put_object(Bucket=name, Key="k", Body=b"", ACL="private")
    put = lambda: put_policy(main, name, allow("s3:GetObject", f"{name}/*"))  # noqa: E731
    assert refusal(put) == (403, "AccessDenied")
    assert refusal(lambda: main.create_bucket(Bucket=name + "-open", ACL="public-read")) == \
        (400, "InvalidBucketAclWithObjectOwnership")
    assert refusal(lambda: main.create_bucket(Bucket=name + "-open", ACL="public-read",
                                               ObjectOwnership="ObjectWriter")) == \
        (400, "InvalidBucketAclWithBlockPublicAccessError")


def test_lists_let_accounts_and_everybody_in(gate, main, other, name):
    open_bucket(main, name)
    main.put_object(Bucket=name, Key="open", Body=b"x", ACL="public-read")
    main.put_object(Bucket=name, Key="shut", Body=b"x")
    assert send(gate, "GET", f"/{name}/open")[0::2] == (200, "x")
    assert send(gate, "GET", f"/{name}/shut")[0] == 403
    assert send(gate, "GET", f"/{name}/missing")[0] == 403  # who may not list learns nothing
    grants = main.get_object_acl(Bucket=name, Key="open")["Grants"]
    assert [g["Permission"] for g in grants] == ["READ", "FULL_CONTROL"]
    other_id = other.list_buckets()["Owner"]["ID"]
    main.put_object_acl(Bucket=name, Key="shut", GrantRead=f'id="{other_id}"', GrantFullControl='id="main-id"')
    assert other.get_object(Bucket=name, Key="shut")["Body"].read() == b"x"
    assert refusal(lambda: main.put_object_acl(Bucket=name, Key="shut", GrantRead='id="nobody"')) == \
        (400, "InvalidArgument")
    # An object in another's bucket is its writer's.
    main.put_bucket_acl(Bucket=name, ACL="public-read-write")
    other.put_object(Bucket=name, Key="theirs", Body=b"z")
    assert refusal(lambda: main.get_object(Bucket=name, Key="theirs")) == (403, "AccessDenied")
    listed = {o["Key"]: o["Owner"]["ID"] for o in main.list_objects(Bucket=name)["Contents"]}
    assert listed == {"open": "main-id", "shut": "main-id", "theirs": other_id}
    assert send(gate, "GET", f"/{name}/missing")[0] == 404
    main.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert send(gate, "GET", f"/{name}/open")[0] == 403
    assert refusal(lambda: main.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})) == \
        (400, "InvalidBucketAclWithObjectOwnership")


def test_policies_decide(gate, main, other, alice, name):
    main.create_bucket(Bucket=name)
    for key in ("a/1", "b/1"):
        main.put_object(Bucket=name, Key=key, Body=key.encode(), Tagging="team=x")
    assert refusal(lambda: other.get_object(Bucket=name, Key="a/1")) == (403, "AccessDenied")
    assert refusal(lambda: alice.get_object(Bucket=name, Key="a/1")) == (403, "AccessDenied")
    put_policy(main, name,
               allow("s3:GetObject", f"{name}/a/*", principal={"AWS": OTHER}),
               allow(["s3:ListBucket"], name, principal={"AWS": f"arn:aws:iam::{MAIN}:user/alice"},
                     StringLike={"s3:prefix": "a/*"}))
    assert other.get_object(Bucket=name, Key="a/1")["Body"].read() == b"a/1"
    assert refusal(lambda: other.get_object(Bucket=name, Key="b/1")) == (403, "AccessDenied")
    assert len(alice.list_objects_v2(Bucket=name, Prefix="a/")["Contents"]) == 1
    assert refusal(lambda: alice.list_objects_v2(Bucket=name)) == (403, "AccessDenied")
    # Reading the source of a copy is asked too, and its tags, which go along.
    other.create_bucket(Bucket=name + "-to")
    assert refusal(lambda: other.copy_object(Bucket=name + "-to", Key="k", CopySource=f"{name}/a/1")) == \
        (403, "AccessDenied")
    put_policy(main, name, allow(["s3:GetObject", "s3:GetObjectTagging"], f"{name}/a/*", principal={"AWS": OTHER}))
    other.copy_object(Bucket=name + "-to", Key="k", CopySource=f"{name}/a/1")
    assert refusal(lambda: other.copy_object(Bucket=name + "-to", Key="k", CopySource=f"{name}/b/1")) == \
        (403, "AccessDenied")
    # An explicit deny binds the owner as well.
    put_policy(main, name, allow("s3:GetObject", f"{name}/b/*", effect="Deny", principal="*"),
               allow("s3:DeleteObject", f"{name}/a/*", principal={"AWS": OTHER}))
    assert refusal(lambda: main.get_object(Bucket=name, Key="b/1")) == (403, "AccessDenied")
    gone = other.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a/1"}, {"Key": "b/1"}]})
    assert [d["Key"] for d in gone["Deleted"]] == ["a/1"]
    assert [(e["Key"], e["Code"]) for e in gone["Errors"]] == [("b/1", "AccessDenied")]
    main.delete_bucket_policy(Bucket=name)
    assert main.get_object(Bucket=name, Key="b/1")["Body"].read() == b"b/1"
    assert refusal(lambda: main.get_bucket_policy(Bucket=name)) == (404, "NoSuchBucketPolicy")


def test_tags_and_lists_of_a_write_are_rights_of_their_own(gate, main, alice, name):
    main.create_bucket(Bucket=name)
    who = {"AWS": f"arn:aws:iam::{MAIN}:user/alice"}
    put_policy(main, name, allow(["s3:PutObject", "s3:GetObject"], f"{name}/*", principal=who))
    denied = (403, "AccessDenied")
    tagged = {"Bucket": name, "Key": "k", "Body": b"x", "Tagging": "kind=public"}
    assert refusal(lambda: alice.put_object(Bucket=name, Key="k", Body=b"x")) == (200, "")
    assert refusal(lambda: alice.put_object(**tagged)) == denied
    assert refusal(lambda: alice.create_multipart_upload(Bucket=name, Key="m", Tagging="a=b")) == denied
    assert refusal(lambda: alice.put_object(Bucket=name, Key="k", Body=b"x", ACL="private")) == denied
    put_policy(main, name, allow(["s3:PutObject*", "s3:GetObject"], f"{name}/*", principal=who,
                                 StringEquals={"s3:RequestObjectTag/kind": "public"}))
    assert refusal(lambda: alice.put_object(Bucket=name, Key="k", Body=b"x")) == denied
    assert refusal(lambda: alice.put_object(**tagged)) == (200, "")

    def tags(value):
        return alice.put_object_tagging(Bucket=name, Key="k", Tagging={"TagSet": [{"Key": "kind", "Value": value}]})
    assert refusal(lambda: tags("public")) == (200, "")
    assert refusal(lambda: tags("private")) == denied
    for owner, expected in (("me", (400, "InvalidBucketOwnerAWSAccountID")), (OTHER, denied), (MAIN, (200, ""))):
        assert refusal(lambda: main.list_objects_v2(Bucket=name, ExpectedBucketOwner=owner)) == expected
        assert refusal(lambda: main.copy_object(Bucket=name, Key="copy", CopySource=f"{name}/k",
                                                ExpectedSourceBucketOwner=owner)) == expected


def test_public_policies_and_their_block(gate, main, name):
    main.create_bucket(Bucket=name)
    main.put_object(Bucket=name, Key="k", Body=b"x", Tagging="open=yes")
    main.put_object(Bucket=name, Key="shut", Body=b"x")
    main.delete_public_access_block(Bucket=name)
    put_policy(main, name, allow("s3:GetObject", f"{name}/*", StringEquals={"s3:ExistingObjectTag/open": "yes"}))
    assert main.get_bucket_policy_status(Bucket=name)["PolicyStatus"] == {"IsPublic": True}
    assert send(gate, "GET", f"/{name}/k")[0] == 200
    assert send(gate, "GET", f"/{name}/shut")[0] == 403
    assert send(gate, "PUT", f"/{name}/k", body=b"y")[0] == 403
    main.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert send(gate, "GET", f"/{name}/k")[0] == 403
    for text in ("", "no", "[]", json.dumps({"Version": "2012-10-17"}),
                 json.dumps({"Statement": [allow("s3:GetObject", "elsewhere/*")]})):
        assert refusal(lambda: main.put_bucket_policy(Bucket=name, Policy=text)) == (400, "MalformedPolicy"), text


def test_web_pages(gate, main, name):
    main.create_bucket(Bucket=name)
    page = {"Origin": "http://page.example"}
    asks = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    assert send(gate, "OPTIONS", f"/{name}/k", asks)[0] == 403
    main.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [
        {"ID": "r", "AllowedMethods": ["PUT", "GET"], "AllowedOrigins": ["http://*.example"],
         "AllowedHeaders": ["Content-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}]})
    assert main.get_bucket_cors(Bucket=name)["CORSRules"][0]["ID"] == "r"
    status, headers, _ = send(gate, "OPTIONS", f"/{name}/k", asks)
    assert status == 200
    assert headers["access-control-allow-origin"] == "http://page.example"
    assert headers["access-control-allow-methods"] == "PUT, GET"
    assert headers["access-control-allow-headers"] == "content-type"
    assert headers["access-control-max-age"] == "60"
    assert send(gate, "OPTIONS", f"/{name}/k", {**asks, "Access-Control-Request-Headers": "x-a"})[0] == 403
    assert send(gate, "OPTIONS", f"/{name}/k", {**asks, "Origin": "http://page.other"})[0] == 403
    assert send(gate, "OPTIONS", f"/{name}/k", page)[0] == 400
    status, headers, _ = send(gate, "GET", f"/{name}/k", page)  # refused, and told so
    assert (status, headers["access-control-expose-headers"]) == (403, "ETag")
    assert "access-control-allow-origin" not in send(gate, "GET", f"/{name}/k")[1]
    assert refusal(lambda: main.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [
        {"AllowedMethods": ["BREW"], "AllowedOrigins": ["*"]}]})) == (400, "InvalidRequest")
    main.delete_bucket_cors(Bucket=name)
    assert refusal(lambda: main.get_bucket_cors(Bucket=name)) == (404, "NoSuchCORSConfiguration")


def test_browsers_upload_by_forms(gate, main, name):
    main.create_bucket(Bucket=name)
    for version in ("s3v4", "s3"):
        browsers_upload(gate, main, Clients(gate.endpoint, "AKIAMAIN", "main-secret")("s3", signature_version=version),
                        name)


def browsers_upload(gate, main, signer, name):
    large = os.urandom(300_000)
    form = signer.generate_presigned_post(name, "up/${filename}", Fields={"success_action_status": "201"}, Conditions=[
        {"success_action_status": "201"}, ["content-length-range", 1, 400_000]])
    status, headers, body = post_form(gate, name, form["fields"], large)
    assert (status, headers["etag"] in body.replace("&quot;", '"')) == (201, True), body
    assert "<Key>up/f.txt</Key>" in body
    assert main.get_object(Bucket=name, Key="up/f.txt")["Body"].read() == large
    assert post_form(gate, name, form["fields"], b"")[0] == 400
    assert post_form(gate, name, form["fields"], b"x" * 400_001)[0] == 400
    assert post_form(gate, name, {**form["fields"], "acl": "private"}, b"x")[0] == 403
    assert post_form(gate, name, {**form["fields"], "key": "elsewhere"}, b"x")[0] == 403
    field = "signature" if "signature" in form["fields"] else "x-amz-signature"
    status, _, body = post_form(gate, name, {**form["fields"], field: "0" * 64}, b"x")
    assert (status, "SignatureDoesNotMatch" in body) == (403, True), body
    expired = signer.generate_presigned_post(name, "k", ExpiresIn=-10)
    assert post_form(gate, name, expired["fields"], b"x")[0] == 403
    assert post_form(gate, name, {"key": "k"}, b"x")[0] == 403  # nobody may
    form = signer.generate_presigned_post(name, "k", Fields={
        "success_action_redirect": "http://page.example/done", "x-amz-meta-a": "b", "Content-Type": "text/css"},
        Conditions=[["starts-with", "$success_action_redirect", "http://page.example/"], {"x-amz-meta-a": "b"},
                    ["starts-with", "$Content-Type", ""]])
    status, headers, _ = post_form(gate, name, form["fields"], b"css")
    assert status == 303 and headers["location"].startswith(f"http://page.example/done?bucket={name}&key=k&etag=%22")
    got = main.head_object(Bucket=name, Key="k")
    assert (got["ContentType"], got["Metadata"]) == ("text/css", {"a": "b"})


def test_a_development_server_knows_declared_keys_and_keeps_pages_out(keys, name):
    server = Server("--credentials", str(keys)).start()
    try:
        main = client(server, "AKIAMAIN", "whatever")
        main.create_bucket(Bucket=name)
        assert main.list_buckets()["Owner"]["ID"] == "main-id"
        digits = client(server, OTHER, "whatever")
        assert refusal(lambda: digits.list_objects_v2(Bucket=name)) == (403, "AccessDenied")
        page = {"Origin": "http://page.example", "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAMAIN/20260101/"
                "us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + "0" * 64,
                "x-amz-date": "20260101T000000Z"}
        assert send(server, "PUT", f"/{name}/k", page, b"x")[0] == 403
        main.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [
            {"AllowedMethods": ["PUT"], "AllowedOrigins": ["http://page.example"]}]})
        assert send(server, "PUT", f"/{name}/k", page, b"x")[0] == 200
    finally:
        assert server.stop() == 0


def test_a_file_of_keys_is_for_its_owner(keys, tmp_path):
    copy = tmp_path / "keys"
    copy.write_text(KEYS)
    copy.chmod(0o644)
    ended = subprocess.run([BINARY, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0",
                            "--credentials", copy], capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert "can be read by others" in ended.stdout + ended.stderr
    assert os.access(copy, os.R_OK)
