"""Other people's S3 tools, unmodified, and a large object within little memory."""

import os
import shutil
import subprocess

import pytest
from conftest import ACCOUNT


def own_environment():
    """Without what this machine says about clouds and certificates."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_"))}


@pytest.mark.skipif(not shutil.which("rclone"), reason="rclone is not installed")
def test_rclone(server, name, tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(5):
        (tmp_path / "in" / f"file {i}.txt").write_text(f"content {i}")
    environment = {**own_environment(), "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_T_TYPE": "s3",
                   "RCLONE_CONFIG_T_PROVIDER": "Other", "RCLONE_CONFIG_T_ACCESS_KEY_ID": ACCOUNT,
                   "RCLONE_CONFIG_T_SECRET_ACCESS_KEY": "x", "RCLONE_CONFIG_T_ENDPOINT": server.endpoint,
                   "RCLONE_CONFIG_T_REGION": "us-east-1"}

    def rclone(*arguments):
        done = subprocess.run(["rclone", "--retries", "1", *arguments], env=environment, cwd=tmp_path, text=True,
                              capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout
    rclone("mkdir", f"t:{name}")
    rclone("copy", "in", f"t:{name}/x")
    assert rclone("lsf", f"t:{name}/x").split("\n")[0] == "file 0.txt"
    rclone("check", "in", f"t:{name}/x")
    rclone("copy", f"t:{name}/x", "out")
    assert (tmp_path / "out" / "file 3.txt").read_text() == "content 3"
    rclone("purge", f"t:{name}")


@pytest.mark.skipif(not shutil.which("s3cmd"), reason="s3cmd is not installed")
@pytest.mark.parametrize("virtual", [False, True])
def test_s3cmd(server, name, tmp_path, virtual):
    host = f"localhost:{server.port}"
    (tmp_path / "config").write_text(
        f"[default]\naccess_key = {ACCOUNT}\nsecret_key = x\nhost_base = {host}\n"
        f"host_bucket = {'%(bucket)s.' if virtual else ''}{host}\nuse_https = False\nbucket_location = us-east-1\n")
    (tmp_path / "f").write_text("hello s3cmd")
    if virtual:
        import socket
        try:
            socket.getaddrinfo(f"{name}.localhost", server.port)
        except OSError:
            pytest.skip("this machine does not resolve *.localhost")

    def s3cmd(*arguments):
        done = subprocess.run(["s3cmd", "-c", str(tmp_path / "config"), *arguments], cwd=tmp_path, text=True,
                              capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout
    s3cmd("mb", f"s3://{name}")
    s3cmd("put", "f", f"s3://{name}/dir/f")
    assert f"s3://{name}/dir/f" in s3cmd("ls", "-r", f"s3://{name}")
    s3cmd("get", f"s3://{name}/dir/f", "back")
    assert (tmp_path / "back").read_text() == "hello s3cmd"
    s3cmd("del", f"s3://{name}/dir/f")
    s3cmd("rb", f"s3://{name}")


def test_a_gigabyte_streams_within_64_mib(server, s3, bucket):
    """Up in one PUT and down in one GET; the server's peak memory may grow by 64 MiB at most."""

    def peak():
        with open(f"/proc/{server.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    class Zeroes:
        def __init__(self, size):
            self.size, self.position = size, 0

        def read(self, count=-1):
            count = self.size - self.position if count < 0 else min(count, self.size - self.position)
            self.position += count
            return b"\0" * count

        def seek(self, offset, whence=0):
            self.position = offset if whence == 0 else self.size + offset if whence == 2 else self.position + offset
            return self.position

        def tell(self):
            return self.position
    size = 1 << 30
    with open(f"/proc/{server.process.pid}/clear_refs", "w") as reset:
        reset.write("5")
    before = peak()
    s3.put_object(Bucket=bucket, Key="large", Body=Zeroes(size), ContentLength=size)
    total = 0
    body = s3.get_object(Bucket=bucket, Key="large")["Body"]
    while piece := body.read(1 << 20):
        total += len(piece)
    assert total == size
    assert peak() - before < 64 * 1024, f"{before} -> {peak()} KiB"
    s3.delete_object(Bucket=bucket, Key="large")
