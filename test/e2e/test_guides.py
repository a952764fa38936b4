"""docs/guide/ci.md and workflow.md, as they are written: their commands are run, each as a user would."""

import os
import re
import shutil
import subprocess

import pytest
from server import BINARY, ROOT, Server, free_port

GUIDES = ROOT / "docs" / "guide"
NODE_MODULES = ROOT / "test" / "e2e" / "js" / "node_modules"


def snippets(guide, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (GUIDES / guide).read_text(), re.M | re.S)


def snippet(language):
    found, = snippets("ci.md", language)
    return found


def run(command, folder, listen):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TIDEGATE_"))}
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
                          env={**clean, "TIDEGATE_LISTEN": listen, "PATH": f"{BINARY.parent}:/usr/bin:{clean['PATH']}"})
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def listen():
    own = Server().start()  # the guide turns the clock by hours
    yield own.endpoint.removeprefix("http://")
    assert own.stop() == 0


def test_the_command_line(tmp_path):
    (tmp_path / "rollout.sh").write_text(snippet("bash"))
    run(["bash", "rollout.sh"], tmp_path, f"127.0.0.1:{free_port()}")


def test_pytest(tmp_path, listen):
    (tmp_path / "test_rollout.py").write_text(snippet("python"))
    run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_rollout.py"], tmp_path, listen)


def test_node(tmp_path, listen):
    if not NODE_MODULES.exists() or not shutil.which("node"):
        pytest.skip("the AWS SDK for JavaScript is not installed")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "rollout.test.mjs").write_text(snippet("js"))
    run(["node", "--test", "."], tmp_path, listen)


def test_thirty_minutes_take_well_under_a_second(tmp_path, listen):
    """The test of the guide itself, without the start of the interpreter."""
    source = snippet("python").replace("000000000002", "000000000004")
    (tmp_path / "guide_rollout.py").write_text(source)
    timed = ("import time, guide_rollout as g; deploy = g.deploy.__pytest_wrapped__.obj(); "
             "began = time.perf_counter(); g.test_a_rollout_of_thirty_minutes(deploy); "
             "took = time.perf_counter() - began; assert took < 1, took")
    run(["/usr/bin/python3", "-c", timed], tmp_path, listen)


def test_the_workflow_with_least_rights(tmp_path):
    own = Server(dev=False).start()
    (tmp_path / "tidegate-data").mkdir()
    shutil.copy(own.data / "data" / "root-credentials", tmp_path / "tidegate-data")
    (tmp_path / "workflow.sh").write_text("\n".join(snippets("workflow.md", "bash")).replace(
        "127.0.0.1:4566", own.endpoint.removeprefix("http://")))
    said = run(["bash", "-euo", "pipefail", "workflow.sh"], tmp_path, "")
    assert own.stop() == 0
    served = [line for line in said.splitlines() if line.startswith('{"max"')]
    assert served == ['{"max": 50}', '{"max": 50}', '{"max": 60}', '{"max": 50}'], said
    assert "max is 5000, over 100" in said and "ROLLED_BACK" in said
