#!/usr/bin/env python3
"""What a function costs: its cold start with and without the zygote, and a warm call through the HTTP front beside the
Runtime API alone. All in one run, in turns; what counts are the ratios. Options: --rounds N

What a warm call is held against: the two exchanges over the Runtime API that every event costs (it is fetched, its
response is posted), timed in the sandbox by the same runtime's own client.
"""

import argparse
import base64
import io
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "e2e"))
from server import ACCOUNT, REGION, Server  # noqa: E402

ROLE = f"arn:aws:iam::{ACCOUNT}:role/bench"
HANDLER = """
import time, boto3
client = boto3.client('appconfig')
cpu = time.process_time()
def handler(event, context):
    return cpu
"""
# Answers with its event, or with the microseconds of each of 200 exchanges.
PYTHON = """
import bootstrap, os, time
api = bootstrap.Api(os.environ['AWS_LAMBDA_RUNTIME_API'])
def exchange():
    begun = time.perf_counter()
    api.call('POST', 'invocation/none/response', b'1', [('Content-Type', 'text/plain')])
    return (time.perf_counter() - begun) * 1e6
def handler(event, context):
    return event if event != 'exchanges' else [exchange() for _ in range(200)]
"""
NODE = """
const { Client } = require('/var/runtime/client.js');
const api = new Client(process.env.AWS_LAMBDA_RUNTIME_API);
exports.handler = async (event) => {
  if (event !== 'exchanges') return event;
  const taken = [];
  while (taken.length < 200) {
    const begun = process.hrtime.bigint();
    await api.post('invocation/none/response', '1');
    taken.push(Number(process.hrtime.bigint() - begun) / 1e3);
  }
  return taken;
};
"""
# Variables that an interpreter reads at its start: such a function gets one of its own.
FRESH = {"PYTHONUNBUFFERED": "1"}


def zipped(files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, content)
    return memory.getvalue()


class Functions:
    def __init__(self, server):
        self.server = server
        self.client = boto3.client("lambda", endpoint_url=server.endpoint, region_name=REGION,
                                   aws_access_key_id=ACCOUNT, aws_secret_access_key="anything")
        self.made = 0

    def create(self, files, runtime="python3.11", variables=None):
        self.made += 1
        name = f"bench-{self.made}"
        self.client.create_function(FunctionName=name, Runtime=runtime, Handler="index.handler", Role=ROLE, Timeout=60,
                                    MemorySize=256, Code={"ZipFile": zipped(files)},
                                    Environment={"Variables": variables or {}})
        return name

    def invoke(self, name, event=None):
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
        text = answer["Payload"].read()
        if "FunctionError" in answer:
            sys.exit(text.decode() + base64.b64decode(answer["LogResult"]).decode())
        return json.loads(text)


def cold_starts(functions, rounds):
    """(fresh, forked): seconds of processor time and of waiting, until the handler's module is loaded."""
    found = {"fresh": ([], []), "forked": ([], [])}
    functions.invoke(functions.create({"index.py": HANDLER}))  # the zygote starts with the first
    time.sleep(3)
    for _ in range(rounds):
        for kind, variables in (("fresh", FRESH), ("forked", {})):
            name = functions.create({"index.py": HANDLER}, variables=variables)
            begun = time.perf_counter()
            found[kind][0].append(functions.invoke(name))
            found[kind][1].append(time.perf_counter() - begun)
            functions.client.delete_function(FunctionName=name)
    return found


def native_program():
    program = pathlib.Path(tempfile.mkdtemp()) / "bootstrap"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-O2", "-static", "-o", program, ROOT / "test/e2e/native/bootstrap.c"],
                   check=True)
    return program.read_bytes()


def front(server, name, calls):
    """Seconds for each call over one connection, with a signature made once."""
    url = f"{server.endpoint}/2015-03-31/functions/{name}/invocations"
    request = AWSRequest("POST", url, data=b'"x"', headers={"Host": f"127.0.0.1:{server.port}"})
    SigV4Auth(Credentials(ACCOUNT, "anything"), "lambda", REGION).add_auth(request)
    lines = [f"POST /2015-03-31/functions/{name}/invocations HTTP/1.1", "Content-Length: 3"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    text = ("\r\n".join(lines) + "\r\n\r\n").encode() + b'"x"'
    taken = []
    with socket.create_connection(("127.0.0.1", server.port)) as connection:  # http.client would be half of it
        for _ in range(calls):
            begun = time.perf_counter()
            connection.sendall(text)
            answer = connection.recv(65536)
            taken.append(time.perf_counter() - begun)
            if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(b'"x"'):
                sys.exit(answer.decode())
    return taken


def tenth(values):
    return sorted(values)[len(values) // 10]


def line(what, value, unit, ratio=""):
    print(f"  {what:<58} {value:10.1f} {unit} {ratio}")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=10)
    rounds = options.parse_args().rounds
    server = Server("--log-level", "warn").start()
    try:
        functions = Functions(server)
        colds = cold_starts(functions, rounds)
        cpu = {kind: statistics.median(values[0]) * 1000 for kind, values in colds.items()}
        wall = {kind: statistics.median(values[1]) * 1000 for kind, values in colds.items()}
        print("cold start of a handler with boto3.client at import, medians")
        line("fresh interpreter, processor time", cpu["fresh"], "ms")
        less = f"({cpu['fresh'] / cpu['forked']:.1f} times less)"
        line("forked from the zygote, processor time", cpu["forked"], "ms", less)
        line("fresh interpreter, the caller waits", wall["fresh"], "ms")
        line("forked from the zygote, the caller waits", wall["forked"], "ms")
        names = {"native": functions.create({"bootstrap": native_program()}, "provided.al2023"),
                 "Python": functions.create({"index.py": PYTHON}),
                 "Node.js": functions.create({"index.js": NODE}, "nodejs20.x")}
        for name in names.values():
            front(server, name, 300)
        taken, exchanges = {kind: [] for kind in names}, {kind: [] for kind in names}
        for _ in range(rounds):
            for kind, name in names.items():
                exchanges[kind] += functions.invoke(name, "exchanges")
                taken[kind] += front(server, name, 200)
        for what, pick in (("medians", statistics.median), ("10th percentiles (a busy machine disturbs these less)",
                                                            tenth)):
            print(f"warm call, {what}")
            for kind, values in taken.items():
                pair, called = 2 * pick(exchanges[kind]), pick(values) * 1e6
                line(f"{kind}: Runtime API alone, event and response", pair, "µs")
                line(f"{kind}: through the HTTP front", called, "µs", f"({called / pair:.2f} times the Runtime API)")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
