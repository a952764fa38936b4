"""rclone, s3cmd and s3fs, unmodified: everyday work, and a tree of odd names there and back byte for byte."""

import os
import pathlib
import shutil
import subprocess
import time

import odd_tree
import pytest
from conftest import ACCOUNT
from test_tools import own_environment


@pytest.fixture
def run(tmp_path):
    def call(*command, env=None, check=True):
        done = subprocess.run([str(c) for c in command], cwd=tmp_path, env=env or own_environment(), text=True,
                              capture_output=True, timeout=180)
        if check:
            assert done.returncode == 0, f"{command}: {done.stdout[-1000:]} {done.stderr[-2000:]}"
        return done
    return call


@pytest.mark.skipif(not shutil.which("rclone"), reason="rclone is not installed")
def test_rclone(server, run, name, tmp_path):
    tree = odd_tree.make(tmp_path / "tree")
    env = {**own_environment(), "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_T_TYPE": "s3",
           "RCLONE_CONFIG_T_PROVIDER": "Other", "RCLONE_CONFIG_T_ACCESS_KEY_ID": ACCOUNT,
           "RCLONE_CONFIG_T_SECRET_ACCESS_KEY": "x", "RCLONE_CONFIG_T_ENDPOINT": server.endpoint,
           "RCLONE_CONFIG_T_UPLOAD_CUTOFF": "6M", "RCLONE_CONFIG_T_CHUNK_SIZE": "5M",
           "RCLONE_CONFIG_T_COPY_CUTOFF": "6M"}

    def rclone(*arguments):
        return run("rclone", "--retries", "1", *arguments, env=env).stdout
    rclone("mkdir", f"t:{name}")
    rclone("sync", tree, f"t:{name}/a")
    rclone("check", tree, f"t:{name}/a")
    assert "big.bin" in rclone("lsf", "-R", f"t:{name}/a")
    rclone("copy", f"t:{name}/a", f"t:{name}/b")  # by the server; the large one in parts
    rclone("check", "--download", tree, f"t:{name}/b")
    rclone("move", f"t:{name}/b/plain.txt", f"t:{name}/c")
    assert rclone("cat", f"t:{name}/c/plain.txt", "--count", "1") is not None
    rclone("copy", f"t:{name}/a", "back")
    assert odd_tree.digests(tmp_path / "back") == odd_tree.digests(tree)
    # Times are kept in metadata, so that a second sync has nothing to do.
    again = run("rclone", "-v", "sync", tree, f"t:{name}/a", env=env).stderr
    assert "Copied" not in again
    (tree / "plain.txt").unlink()
    rclone("sync", tree, f"t:{name}/a")
    assert "plain.txt" not in rclone("lsf", f"t:{name}/a")
    rclone("purge", f"t:{name}")


@pytest.mark.skipif(not shutil.which("s3cmd"), reason="s3cmd is not installed")
def test_s3cmd(server, run, name, tmp_path):
    tree = odd_tree.make(tmp_path / "tree")
    (tmp_path / "config").write_text(
        f"[default]\naccess_key = {ACCOUNT}\nsecret_key = x\nhost_base = 127.0.0.1:{server.port}\n"
        f"host_bucket = 127.0.0.1:{server.port}\nuse_https = False\nbucket_location = us-east-1\n"
        "multipart_chunk_size_mb = 5\n")
    env = {**own_environment(), "LC_ALL": "C.UTF-8"}

    def s3cmd(*arguments):
        return run("s3cmd", "-c", tmp_path / "config", *arguments, env=env).stdout
    s3cmd("mb", f"s3://{name}")
    s3cmd("sync", "tree/", f"s3://{name}/t/")
    assert "upload" not in s3cmd("sync", "tree/", f"s3://{name}/t/")
    (tmp_path / "back").mkdir()
    s3cmd("sync", f"s3://{name}/t/", "back/")
    assert odd_tree.digests(tmp_path / "back") == odd_tree.digests(tree)
    info = s3cmd("info", f"s3://{name}/t/plain.txt")
    assert "MD5 sum" in info and "FULL_CONTROL" in info
    assert "Location:  us-east-1" in s3cmd("info", f"s3://{name}")
    s3cmd("cp", f"s3://{name}/t/big.bin", f"s3://{name}/copied")
    s3cmd("mv", f"s3://{name}/copied", f"s3://{name}/moved")
    s3cmd("get", f"s3://{name}/moved", "moved")
    assert (tmp_path / "moved").read_bytes() == (tree / "big.bin").read_bytes()
    s3cmd("del", f"s3://{name}/moved")
    s3cmd("rb", "--force", "--recursive", f"s3://{name}")


def s3fs_missing():
    if not shutil.which("s3fs"):
        return "s3fs is not installed"
    return "" if os.path.exists("/dev/fuse") else "there is no /dev/fuse here"


@pytest.fixture
def mounted(server, run, name, s3, tmp_path):
    s3.create_bucket(Bucket=name)
    (tmp_path / "key").write_text(f"{ACCOUNT}:x")
    (tmp_path / "key").chmod(0o600)
    place = tmp_path / "mnt"
    place.mkdir()
    done = run("s3fs", name, place, "-o", f"url={server.endpoint}", "-o", "use_path_request_style", "-o",
               f"passwd_file={tmp_path / 'key'}", "-o", "endpoint=us-east-1", "-o", "multipart_size=5",
               check=False)
    if done.returncode != 0 and "fuse" in done.stderr and "not permitted" in done.stderr:
        pytest.skip("this machine does not allow mounting")
    assert done.returncode == 0, done.stderr
    end = time.monotonic() + 20
    while not os.path.ismount(place) and time.monotonic() < end:
        time.sleep(0.02)  # of the mount, which s3fs makes in the background
    assert os.path.ismount(place), "s3fs did not mount"
    yield place
    run("fusermount" if shutil.which("fusermount") else "umount", *(["-u"] if shutil.which("fusermount") else []),
        place)


@pytest.mark.skipif(bool(s3fs_missing()), reason=s3fs_missing())
def test_s3fs(mounted, run, tmp_path):
    tree = odd_tree.make(tmp_path / "tree")
    run("cp", "-r", tree, mounted / "t")
    assert odd_tree.digests(mounted / "t") == odd_tree.digests(tree)
    run("mv", mounted / "t" / "plain.txt", mounted / "t" / "renamed.txt")
    assert (mounted / "t" / "renamed.txt").read_bytes() == (tree / "plain.txt").read_bytes()
    with open(mounted / "t" / "big.bin", "r+b") as big:  # a piece in the middle of 20 MB
        big.seek(7_000_000)
        big.write(b"changed")
    want = bytearray((tree / "big.bin").read_bytes())
    want[7_000_000:7_000_007] = b"changed"
    assert (mounted / "t" / "big.bin").read_bytes() == bytes(want)
    run("rm", "-r", mounted / "t")
    assert list(pathlib.Path(mounted).iterdir()) == []
