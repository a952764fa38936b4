"""The AWS CLI's everyday commands, as people type them."""

import json
import os


def test_s3_everyday(aws, name, tmp_path):
    aws("s3", "mb", f"s3://{name}")
    (tmp_path / "a.txt").write_text("alpha")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "b.txt").write_text("beta")
    (tmp_path / "dir" / "big").write_bytes(os.urandom(9 << 20))  # two parts
    aws("s3", "cp", "a.txt", f"s3://{name}/a.txt", cwd=tmp_path)
    assert "a.txt" in aws("s3", "ls", f"s3://{name}/")
    aws("s3", "sync", "dir", f"s3://{name}/dir", cwd=tmp_path)
    assert "b.txt" in aws("s3", "ls", "--recursive", f"s3://{name}/")
    assert aws("s3", "sync", "--no-progress", "dir", f"s3://{name}/dir", cwd=tmp_path) == ""  # nothing left to do
    aws("s3", "sync", f"s3://{name}/dir", "back", cwd=tmp_path)
    assert (tmp_path / "back" / "big").read_bytes() == (tmp_path / "dir" / "big").read_bytes()
    aws("s3", "cp", f"s3://{name}/a.txt", f"s3://{name}/copy.txt")
    assert aws("s3", "cp", f"s3://{name}/copy.txt", "-") == "alpha"
    aws("s3", "mv", f"s3://{name}/copy.txt", f"s3://{name}/moved.txt")
    aws("s3", "rm", "--recursive", f"s3://{name}/")
    assert aws("s3", "ls", f"s3://{name}/") == ""
    aws("s3", "rb", f"s3://{name}")
    assert name not in aws("s3", "ls")


def test_s3api_versions(aws, name, tmp_path):
    aws("s3api", "create-bucket", "--bucket", name)
    aws("s3api", "put-bucket-versioning", "--bucket", name, "--versioning-configuration", "Status=Enabled")
    assert json.loads(aws("s3api", "get-bucket-versioning", "--bucket", name))["Status"] == "Enabled"
    (tmp_path / "f").write_text("1")
    put = json.loads(aws("s3api", "put-object", "--bucket", name, "--key", "k", "--body", "f", cwd=tmp_path))
    got = json.loads(aws("s3api", "get-object", "--bucket", name, "--key", "k", "--version-id",
                         put["VersionId"], "out", cwd=tmp_path))
    assert got["ETag"] == put["ETag"] and (tmp_path / "out").read_text() == "1"
    assert json.loads(aws("s3api", "head-object", "--bucket", name, "--key", "k"))["ContentLength"] == 1
    aws("s3api", "delete-object", "--bucket", name, "--key", "k")
    listed = json.loads(aws("s3api", "list-object-versions", "--bucket", name))
    assert len(listed["Versions"]) == 1 and len(listed["DeleteMarkers"]) == 1


def test_errors_are_printed_not_swallowed(aws):
    done = aws("s3api", "get-object", "--bucket", "no-such-bucket-here", "--key", "k", "/dev/null", check=False)
    assert done.returncode != 0 and "NoSuchBucket" in done.stderr
    done = aws("appconfig", "get-application", "--application-id", "zzzzzzz", check=False)
    assert "ResourceNotFoundException" in done.stderr
    done = aws("lambda", "invoke", "--function-name", "nowhere", "/dev/null", check=False)
    assert "ResourceNotFoundException" in done.stderr


def test_identity_and_accounts(aws):
    assert json.loads(aws("sts", "get-caller-identity"))["Account"] == "000000000000"
    other = json.loads(aws("sts", "get-caller-identity", key="123456789012"))
    assert other["Account"] == "123456789012"


def test_hosted_configuration(aws, name, tmp_path):
    (tmp_path / "c.json").write_text('{"a": 1}')
    app = json.loads(aws("appconfig", "create-application", "--name", name))["Id"]
    env = json.loads(aws("appconfig", "create-environment", "--application-id", app, "--name", "e"))["Id"]
    profile = json.loads(aws("appconfig", "create-configuration-profile", "--application-id", app, "--name", "p",
                             "--location-uri", "hosted"))["Id"]
    aws("appconfig", "create-hosted-configuration-version", "--application-id", app,
        "--configuration-profile-id", profile, "--content", "fileb://c.json", "--content-type",
        "application/json", "out", cwd=tmp_path)
    assert (tmp_path / "out").read_text() == '{"a": 1}'
    started = json.loads(aws(
        "appconfig", "start-deployment", "--application-id", app, "--environment-id", env,
        "--configuration-profile-id", profile, "--configuration-version", "1",
        "--deployment-strategy-id", "AppConfig.AllAtOnce"))
    assert started["GrowthFactor"] == 100.0
    token = json.loads(aws("appconfigdata", "start-configuration-session", "--application-identifier", app,
                           "--environment-identifier", env, "--configuration-profile-identifier",
                           profile))["InitialConfigurationToken"]
    aws("appconfigdata", "get-latest-configuration", "--configuration-token", token, "got", cwd=tmp_path)
    assert (tmp_path / "got").read_text() == '{"a": 1}'
