"""The AWS CLI and boto3, of Debian and (when this machine has them) the newest: a round of everyday work each."""

import json
import os
import shutil
import subprocess
import urllib.request

import odd_tree
import pytest
from conftest import ACCOUNT
from server import REGION

DEBIAN_AWS, DEBIAN_PYTHON = "/usr/bin/aws", "/usr/bin/python3"


def other(name, debian):
    """The first program of that name on the PATH that is not Debian's, or None."""
    path = os.pathsep.join(p for p in os.environ.get("PATH", "").split(os.pathsep) if p not in ("/usr/bin", "/bin"))
    found = shutil.which(name, path=path)
    return found if found and os.path.realpath(found) != os.path.realpath(debian) else None


def environment():
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {**clean, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": "", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "LC_ALL": "C.UTF-8"}


@pytest.fixture(params=["debian", "newest"])
def cli(request, server, tmp_path):
    program = DEBIAN_AWS if request.param == "debian" else other("aws", DEBIAN_AWS)
    if not program:
        pytest.skip("no other AWS CLI than Debian's is installed")

    def run(*arguments, check=True):
        done = subprocess.run([program, "--endpoint-url", server.endpoint, *arguments], env=environment(),
                              cwd=tmp_path, text=True, capture_output=True, timeout=180)
        if check:
            assert done.returncode == 0, f"{arguments}: {done.stderr}"
            return done.stdout
        return done
    return run


def test_a_tree_there_and_back(cli, name, tmp_path):
    tree = odd_tree.make(tmp_path / "tree")
    cli("s3", "mb", f"s3://{name}")
    cli("s3", "sync", "tree", f"s3://{name}/t")
    assert cli("s3", "sync", "--no-progress", "tree", f"s3://{name}/t") == ""  # nothing left to do
    cli("s3", "sync", f"s3://{name}/t", "back")
    assert odd_tree.digests(tmp_path / "back") == odd_tree.digests(tree)
    cli("s3", "sync", f"s3://{name}/t", f"s3://{name}/copy")  # copied by the server, multipart among them
    cli("s3", "cp", "--recursive", f"s3://{name}/copy", "again")
    assert odd_tree.digests(tmp_path / "again") == odd_tree.digests(tree)
    (tree / "plain.txt").unlink()
    deleted = cli("s3", "sync", "--no-progress", "--delete", "tree", f"s3://{name}/t")
    assert deleted.strip() == f"delete: s3://{name}/t/plain.txt"
    cli("s3", "rb", "--force", f"s3://{name}")
    assert name not in cli("s3", "ls")


def test_everyday(cli, name, tmp_path):
    cli("s3", "mb", f"s3://{name}")
    (tmp_path / "big").write_bytes(os.urandom(9 << 20))  # two parts
    cli("s3", "cp", "big", f"s3://{name}/a b/big", "--metadata", "colour=blue", "--storage-class", "STANDARD_IA")
    head = json.loads(cli("s3api", "head-object", "--bucket", name, "--key", "a b/big"))
    assert head["ContentLength"] == 9 << 20 and head["ETag"].endswith('-2"')
    assert head["Metadata"] == {"colour": "blue"} and head["StorageClass"] == "STANDARD_IA"
    cli("s3", "mv", f"s3://{name}/a b/big", f"s3://{name}/moved")
    assert "a b" not in cli("s3", "ls", "--recursive", f"s3://{name}")
    assert "9.0 MiB" in cli("s3", "ls", "--human-readable", "--summarize", f"s3://{name}")
    cli("s3", "mv", f"s3://{name}/moved", "home")
    assert (tmp_path / "home").read_bytes() == (tmp_path / "big").read_bytes()
    (tmp_path / "f").write_text("presigned")
    cli("s3", "cp", "f", f"s3://{name}/f")
    url = cli("s3", "presign", f"s3://{name}/f", "--expires-in", "60").strip()
    assert urllib.request.urlopen(url, timeout=20).read() == b"presigned"


def test_s3api_multipart_by_hand(cli, name, tmp_path):
    cli("s3api", "create-bucket", "--bucket", name)
    (tmp_path / "p1").write_bytes(os.urandom(5 << 20))
    (tmp_path / "p2").write_bytes(b"tail")
    place = ["--bucket", name, "--key", "k"]
    upload = json.loads(cli("s3api", "create-multipart-upload", *place))["UploadId"]
    parts = [{"PartNumber": n, "ETag": json.loads(cli(
        "s3api", "upload-part", *place, "--upload-id", upload, "--part-number", str(n), "--body", f"p{n}"))["ETag"]}
        for n in (1, 2)]
    listed = json.loads(cli("s3api", "list-parts", *place, "--upload-id", upload))
    assert [p["Size"] for p in listed["Parts"]] == [5 << 20, 4]
    cli("s3api", "complete-multipart-upload", *place, "--upload-id", upload, "--multipart-upload",
        json.dumps({"Parts": parts}))
    cli("s3api", "get-object", *place, "out")
    assert (tmp_path / "out").read_bytes() == (tmp_path / "p1").read_bytes() + b"tail"
    part = json.loads(cli("s3api", "get-object", *place, "--part-number", "2", "out2"))
    assert part["PartsCount"] == 2 and (tmp_path / "out2").read_bytes() == b"tail"
    other_upload = json.loads(cli("s3api", "create-multipart-upload", *place))["UploadId"]
    assert other_upload in cli("s3api", "list-multipart-uploads", "--bucket", name)
    cli("s3api", "abort-multipart-upload", *place, "--upload-id", other_upload)
    assert other_upload not in cli("s3api", "list-multipart-uploads", "--bucket", name)


BOTO = r'''
import io, os, sys, urllib.request, boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
sys.path.insert(0, os.environ["E2E"])
import odd_tree, pathlib
style, bucket, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
options = dict(endpoint_url=os.environ["ENDPOINT"], config=Config(s3={"addressing_style": style}))
s3 = boto3.client("s3", **options)
s3.create_bucket(Bucket=bucket)
tree = odd_tree.make(folder / "tree")
want = odd_tree.digests(tree)
small = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=5 << 20, max_concurrency=4)
for name in want:
    s3.upload_file(str(tree / name), bucket, "t/" + name, ExtraArgs={"Metadata": {"n": "1"}}, Config=small)
keys = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(
    Bucket=bucket, Prefix="t/", PaginationConfig={"PageSize": 4}) for o in page["Contents"]]
assert keys == sorted(("t/" + n for n in want), key=str.encode), keys
for name in want:
    target = folder / "back" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    s3.download_file(bucket, "t/" + name, str(target), Config=small)
assert odd_tree.digests(folder / "back") == want

resource = boto3.resource("s3", **options)
thing = resource.Object(bucket, "t/big.bin")
assert thing.content_length == 20 << 20 and thing.metadata == {"n": "1"}
resource.Object(bucket, "copy").copy({"Bucket": bucket, "Key": "t/big.bin"}, Config=small)
body = io.BytesIO()
resource.Bucket(bucket).download_fileobj("copy", body)
assert body.getvalue() == (tree / "big.bin").read_bytes()
part = thing.get(Range="bytes=1000000-1000099")["Body"].read()
assert part == (tree / "big.bin").read_bytes()[1000000:1000100]
resource.Bucket(bucket).upload_fileobj(io.BytesIO(b"x" * 7_000_000), "stream", Config=small)
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "t/plain.txt"}, ExpiresIn=60)
if style == "path":
    assert urllib.request.urlopen(url, timeout=20).read() == (tree / "plain.txt").read_bytes()
s3.get_waiter("object_exists").wait(Bucket=bucket, Key="copy")
resource.Bucket(bucket).objects.filter(Prefix="t/").delete()
assert [o.key for o in resource.Bucket(bucket).objects.all()][:1] == ["copy"]
resource.Bucket(bucket).objects.all().delete()
resource.Bucket(bucket).delete()
'''


def resolves_below_localhost():
    import socket
    try:
        socket.getaddrinfo("bucket.localhost", 80)
        return True
    except OSError:
        return False


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("which", ["debian", "newest"])
def test_boto3(server, name, tmp_path, which, style):
    python = DEBIAN_PYTHON if which == "debian" else other("python3", DEBIAN_PYTHON)
    if not python or subprocess.run([python, "-c", "import boto3"], capture_output=True).returncode != 0:
        pytest.skip("no other Python with boto3 is installed")
    host = "127.0.0.1"
    if style == "virtual":
        if not resolves_below_localhost():
            pytest.skip("this machine does not resolve *.localhost")
        host = "localhost"
    where = {**environment(), "ENDPOINT": f"http://{host}:{server.port}", "E2E": os.path.dirname(__file__)}
    done = subprocess.run([python, "-c", BOTO, style, name, str(tmp_path)], env=where, text=True,
                          capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr[-3000:]
