"""What a function left running when it answered stands still until its next event, as on AWS."""

import json
import shutil
import time

import pytest
from test_runtimes import package, run  # noqa: F401  (run: a fixture)

PYTHON = """
import os, signal, subprocess, threading, time
count = 0
def beat():
    global count
    while True:
        time.sleep(0.01)
        count += 1
def handler(event, context):
    if event == 'start':
        threading.Thread(target=beat, daemon=True).start()
        subprocess.Popen('while sleep 0.01; do echo >> /tmp/beats; done', shell=True, start_new_session=True)
    if event == 'wait':
        time.sleep(0.5)
    if event == 'leave': os._exit(3)
    return [count, os.path.exists('/tmp/beats') and len(open('/tmp/beats').read())]
"""
NODE = """
let count = 0
exports.handler = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false
  if (event === 'start') setInterval(() => { ++count }, 10)
  if (event === 'wait') return setTimeout(() => callback(null, [count]), 500)
  callback(null, [count])
}
"""


def beats(invoke, event):
    error, payload, log = invoke(event)
    assert error is None, log
    return json.loads(payload)


@pytest.mark.parametrize("runtime, files", [
    ("python3.11", {"index.py": PYTHON}), pytest.param("nodejs20.x", {"index.js": NODE}, marks=pytest.mark.skipif(
        not shutil.which("node"), reason="no Node.js on this machine"))])
def test_threads_processes_and_timers(run, runtime, files):  # noqa: F811
    invoke = run(runtime, files)
    beats(invoke, "start")
    last = beats(invoke, "read")
    for _ in range(2):
        time.sleep(1.5)  # what is looked for is what does not happen in some time
        before = beats(invoke, "read")
        assert all(now < was + 75 for was, now in zip(last, before)), "half of what they would make if they went on"
        last = beats(invoke, "wait")
        assert all(now > was + 15 for was, now in zip(before, last)), "they go on with the next event"


def test_an_environment_that_stood_still_ends_and_starts_as_any(run):  # noqa: F811
    invoke = run("python3.11", {"index.py": PYTHON}, timeout=1)
    beats(invoke, "start")
    time.sleep(0.3)
    assert invoke("leave")[0] == "Unhandled"
    assert beats(invoke, "read")[0] == 0
    time.sleep(0.3)
    assert invoke("wait")[0] is None
