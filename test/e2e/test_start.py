"""A server that cannot start says which setting or file is in the way, and root at the keyboard locks nobody out."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest
from conftest import Clients, error_of
from server import BINARY, Server


def refused(*arguments, data=None, **variables):
    """Standard error of a start that fails."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIDEGATE_")}
    at = ["--data", str(data)] if data else []
    done = subprocess.run([BINARY, "serve", "--functions", "off", *at, *arguments], text=True, capture_output=True,
                          timeout=60, env={**clean, **variables}, cwd="/")
    assert done.returncode in (1, 2), done
    return done.stderr


def test_what_is_in_the_way_is_named(server, tmp_path):
    taken = f"127.0.0.1:{server.port}"
    assert f"--listen: cannot listen on {taken}: Address already in use" in refused(
        "--listen", taken, data=tmp_path / "a")
    assert f"--agent-listen: cannot listen on {taken}" in refused(
        "--listen", "127.0.0.1:0", "--agent-listen", taken, data=tmp_path / "a")
    running = server.data / "data"
    assert f"another server is using {running} (process {server.process.pid})" in refused(data=running)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    (tmp_path / "home").chmod(0o755)
    assert f"{tmp_path}/home holds other files" in refused(data=tmp_path / "home")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o755
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["letter.txt"]
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "tidegate.db").write_bytes(b"x" * 5000)
    assert f"cannot use {tmp_path}/torn/tidegate.db: file is not a database" in refused(data=tmp_path / "torn")
    assert "Not a directory" in refused(data=tmp_path / "home" / "letter.txt")
    told = refused("--listen", taken, data=tmp_path / "a", TIDEGATE_REGOIN="eu-west-1")
    assert "TIDEGATE_REGOIN is no setting" in told


def test_a_volumes_own_files_are_no_hindrance(tmp_path):
    (tmp_path / "data" / "lost+found").mkdir(parents=True)
    (tmp_path / "data" / ".keep").touch()
    fresh = Server("--functions", "off", data=tmp_path).start()
    assert fresh.stop() == 0


def command(*arguments):
    return subprocess.run([BINARY, *arguments], text=True, capture_output=True, timeout=60)


def test_commands_on_no_servers_folder(tmp_path):
    for arguments in (("credentials", "rotate"), ("audit", "verify")):
        done = command(*arguments, "--data", str(tmp_path))
        assert done.returncode == 2 and f"{tmp_path} holds no server's data" in done.stderr
    assert list(tmp_path.iterdir()) == []
    done = command("srve")
    assert done.returncode == 2 and done.stderr.startswith("tidegate: there is no command 'srve'\n")
    for verb in ("audit", "credentials", "model", "version"):
        assert command(verb, "--help").returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root and another user")
def test_root_rotates_the_key_of_another_users_server():
    home = pathlib.Path(tempfile.mkdtemp(prefix="tidegate-e2e-"))
    home.chmod(0o755)
    shutil.copy(BINARY, home / "tidegate")
    nobody = pwd.getpwnam("nobody").pw_uid
    (home / "data").mkdir()
    os.chown(home / "data", nobody, -1)
    theirs = Server("--functions", "off", dev=False, data=home).start(binary=home / "tidegate", user="nobody")
    before = (home / "data" / "root-credentials").read_text()
    rotated = command("credentials", "rotate", "--data", str(home / "data"))
    assert rotated.returncode == 0, rotated.stderr
    assert (home / "data" / "root-credentials").stat().st_uid == nobody
    assert theirs.stop() == 0
    theirs.start(binary=home / "tidegate", user="nobody")
    old = [line.split(" = ")[1] for line in before.splitlines()[1:]]
    assert error_of(Clients(theirs.endpoint, *old).s3.list_buckets)[0] == "InvalidAccessKeyId"
    assert theirs.stop() == 0
    shutil.rmtree(home)
