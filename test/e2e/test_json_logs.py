"""Functions whose LogFormat is JSON: what the service writes, what the runtimes write, and what the levels let pass."""

import json
import shutil

import pytest
from test_logs import update_logging
from test_runtimes import native, run  # noqa: F401  (fixtures)

PYTHON = """
import json, logging, os, time
print('plain at start')
def handler(event, context):
    for level in ('DEBUG', 'INFO', 'WARNING', 'ERROR'): logging.getLogger('mine').log(getattr(logging, level), level)
    print(json.dumps({'level': 'debug', 'message': 'printed debug'}))
    print(json.dumps({'level': 'warn', 'message': 'printed warn'}))
    print(json.dumps({'message': 'printed'}))
    print('plain')
    if event == 'raise': raise ValueError('bad')
    if event == 'sleep': time.sleep(100)
    if event == 'exit': os._exit(7)
"""
NODE = """
console.debug('DEBUG at start')
exports.handler = async (event) => {
  console.trace('TRACE'); console.debug('DEBUG'); console.info('INFO'); console.warn('WARN'); console.error('ERROR')
  process.stdout.write('{"level":"debug","message":"printed debug"}\\n{"level":"ERROR","message":"printed error"}\\n')
  if (event === 'raise') throw new TypeError('bad')
  if (event === 'exit') process.exit(7)
}
"""
START = ["platform.initStart", "platform.initRuntimeDone success", "platform.initReport success"]
END = ["platform.runtimeDone success", "platform.report success"]
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")


def what(message):
    """The type and status of an object of the service's, else the message of a record, else the text."""
    if not message.startswith("{"):
        return message.rstrip("\n")
    record = json.loads(message)
    if "type" not in record:
        said = record.get("message", record)
        return said["errorMessage"] if isinstance(said, dict) else said
    inner = record["record"]
    kind = " ".join(filter(None, [record["type"], inner.get("status"), inner.get("errorType")]))
    assert list(record) == ["time", "type", "record"] and (
        "requestId" in inner or inner["initializationType"] == "on-demand")
    return kind


@pytest.fixture
def logged(run, server, clients, name):  # noqa: F811
    """logged(runtime, files, event, application, system): what the log holds after the event."""
    def invoke(runtime, files, event, application, system, **options):
        call = run(runtime, files, **options)
        update_logging(server, f"{name}-0", {"LogFormat": "JSON", "ApplicationLogLevel": application,
                                             "SystemLogLevel": system})
        _, _, tail = call(event)
        events = clients.logs.filter_log_events(logGroupName=f"/aws/lambda/{name}-0")["events"]
        lines = [e["message"] for e in events]
        assert "".join(lines).endswith(tail), "the tail is the log's end"
        return [what(line) for line in lines]
    return invoke


@pytest.mark.parametrize("event, application, system, expected", [
    ("fine", "DEBUG", "DEBUG", [
        START[0], "plain at start", *START[1:], "platform.start", "DEBUG", "INFO", "WARNING", "ERROR", "printed debug",
        "printed warn", "printed", "plain", *END]),
    ("fine", "INFO", "INFO", [
        START[0], "plain at start", "platform.start", "INFO", "WARNING", "ERROR", "printed warn", "printed", "plain",
        END[1]]),
    ("fine", "WARN", "WARN", ["plain at start", "WARNING", "ERROR", "printed warn", "plain"]),
    ("fine", "FATAL", "INFO", [START[0], "plain at start", "platform.start", "plain", END[1]]),
    ("raise", "ERROR", "WARN", [
        "plain at start", "ERROR", "plain", "bad", "platform.runtimeDone error ValueError",
        "platform.report error ValueError"]),
    ("sleep", "ERROR", "WARN", [
        "plain at start", "ERROR", "plain", "Task timed out after 1.00 seconds", "platform.runtimeDone timeout",
        "platform.report timeout"]),
    ("exit", "FATAL", "WARN", [
        "plain at start", "plain", "Runtime exited with error: exit status 7",
        "platform.runtimeDone failure Runtime.ExitError", "platform.report failure Runtime.ExitError"])])
def test_python(logged, event, application, system, expected):
    assert logged("python3.11", {"index.py": PYTHON}, event, application, system, timeout=1) == expected


@needs_node
@pytest.mark.parametrize("event, application, system, expected", [
    ("fine", "TRACE", "DEBUG", [
        START[0], "DEBUG at start", *START[1:], "platform.start", "TRACE", "DEBUG", "INFO", "WARN", "ERROR",
        "printed debug", "printed error", *END]),
    ("fine", "WARN", "INFO", [START[0], "platform.start", "WARN", "ERROR", "printed error", END[1]]),
    ("raise", "ERROR", "WARN", ["ERROR", "printed error", "bad", "platform.runtimeDone error TypeError",
                                "platform.report error TypeError"]),
    ("exit", "FATAL", "WARN", ["Runtime exited with error: exit status 7",
                               "platform.runtimeDone failure Runtime.ExitError",
                               "platform.report failure Runtime.ExitError"])])
def test_node(logged, event, application, system, expected):
    assert logged("nodejs20.x", {"index.js": NODE}, event, application, system) == expected


@pytest.mark.parametrize("event, expected", [
    ("bytes", [START[0], "platform.start",
               "a\0b\ufffd\ufffd\ufffd(\ufffd\ufffd\ufffd\x1b[31mz", 'echo "bytes"', END[1]]),
    ("crash", [START[0], "platform.start", "Runtime exited with error: signal: segmentation fault",
               "platform.runtimeDone failure Runtime.ExitError", "platform.report failure Runtime.ExitError"])])
def test_a_custom_runtime(logged, native, event, expected):  # noqa: F811
    assert logged("provided.al2023", {"+bootstrap": native}, event, "INFO", "INFO") == expected


@pytest.mark.parametrize("source, kind, text", [
    ("raise ValueError('at import')", "ValueError", "at import"),
    ("import os; os._exit(3)", "Runtime.ExitError", "Runtime exited with error: exit status 3")])
def test_an_init_that_fails(logged, source, kind, text):
    assert logged("python3.11", {"index.py": source}, "x", "INFO", "INFO") == [
        START[0], text,
        f"platform.initRuntimeDone error {kind}", f"platform.initReport error {kind}", "platform.start",
        f"platform.runtimeDone {'error' if kind == 'ValueError' else 'failure'} {kind}",
        f"platform.report {'error' if kind == 'ValueError' else 'failure'} {kind}"]
