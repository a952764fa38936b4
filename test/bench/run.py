#!/usr/bin/env python3
"""A signed GetLatestConfiguration beside nginx serving a static 1 KB file, in one run.

Both servers have two threads and get the same load (wrk, 64 keep-alive connections), in turns. What is
printed are ratios (ours by nginx's), because absolute figures say more about the machine than about us.
Every signature is verified: the server runs without --dev. Options: --seconds N --rounds N
"""

import argparse
import datetime
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY, SECRET, REGION = "AKIATIDEGATEBENCH000", "bench-secret", "us-east-1"
CONNECTIONS, CLIENTS = 64, 64
CONTENT = json.dumps({f"feature-{i:03}": {"enabled": i % 2 == 0} for i in range(27)}).encode().ljust(1024)[:1024]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    sys.exit(f"nothing listens on port {port}")


class Measured:
    """A server process (with its children) whose processor time and memory can be read."""

    def __init__(self, command, port, **options):
        self.port = port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        wait_until_open(port)

    def pids(self):
        found = [self.process.pid]
        for pid in found:
            try:
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            except OSError:
                continue
            found += [int(c) for c in children]
        return found

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def private_kb(self, pid=None):
        text = pathlib.Path(f"/proc/{pid or self.process.pid}/smaps_rollup").read_text()
        return sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+)", text, re.M))

    def resident_kb(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)


def start_tidegate(work):
    port = free_port()
    environment = {**os.environ, "TIDEGATE_ROOT_ACCESS_KEY_ID": KEY, "TIDEGATE_ROOT_SECRET_ACCESS_KEY": SECRET}
    return Measured([ROOT / "build/release/tidegate", "serve", "--data", work / "data", "--threads", "2",
                     "--listen", f"127.0.0.1:{port}", "--log-level", "warn"], port, env=environment)


def start_nginx(work):
    port = free_port()
    (work / "www").mkdir()
    (work / "www/file").write_bytes(CONTENT)
    os.chmod(work, 0o755)
    conf = work / "nginx.conf"
    conf.write_text(f"""
daemon off; worker_processes 2; pid {work}/nginx.pid; error_log {work}/nginx.log;
events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000;
  open_file_cache max=100; default_type application/json;
  server {{ listen 127.0.0.1:{port} reuseport; root {work}/www; }} }}
""")
    return Measured(["/usr/sbin/nginx", "-c", conf, "-p", work], port)


def deploy(port):
    """An application whose configuration is deployed to all; the names of a session."""
    client = boto3.client("appconfig", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION,
                          aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                          config=Config(retries={"max_attempts": 0}))
    app = client.create_application(Name="bench")["Id"]
    env = client.create_environment(ApplicationId=app, Name="e")["Id"]
    profile = client.create_configuration_profile(ApplicationId=app, Name="p", LocationUri="hosted")["Id"]
    strategy = client.create_deployment_strategy(Name="s", DeploymentDurationInMinutes=0, GrowthFactor=100,
                                                 FinalBakeTimeInMinutes=0, ReplicateTo="NONE")["Id"]
    client.create_hosted_configuration_version(ApplicationId=app, ConfigurationProfileId=profile, Content=CONTENT,
                                               ContentType="application/json")
    client.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profile,
                            DeploymentStrategyId=strategy, ConfigurationVersion="1")
    return {"ApplicationIdentifier": app, "EnvironmentIdentifier": env, "ConfigurationProfileIdentifier": profile}


def signed(port, method, path, query="", body=b"", headers=()):
    request = AWSRequest(method=method, url=f"http://127.0.0.1:{port}{path}" + (f"?{query}" if query else ""),
                         data=body, headers=dict(headers))
    SigV4Auth(Credentials(KEY, SECRET), "appconfig", REGION).add_auth(request)
    return dict(request.headers)


def call(port, method, path, query="", body=b"", headers=()):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    target = path + (f"?{query}" if query else "")
    connection.request(method, target, body=body, headers=signed(port, method, path, query, body, headers))
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status in (200, 201), (answer.status, content)
    return answer, content


def poll_query(token):
    return "configuration_token=" + urllib.parse.quote(token, safe="")


def sessions(port, names):
    """For each client the token it starts with (a poll gives content) and the one it goes on with (none)."""
    fresh, settled = [], []
    for _ in range(CLIENTS):
        _, body = call(port, "POST", "/configurationsessions", body=json.dumps(names).encode(),
                       headers={"Content-Type": "application/json"})
        fresh.append(json.loads(body)["InitialConfigurationToken"])
        answer, content = call(port, "GET", "/configuration", poll_query(fresh[-1]))
        assert content == CONTENT
        settled.append(answer.headers["Next-Poll-Configuration-Token"])
        assert call(port, "GET", "/configuration", poll_query(settled[-1]))[1] == b""
    return fresh, settled


def request_text(port, path, headers):
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n"


def poll_requests(port, tokens):
    texts = []
    for token in tokens:
        query = poll_query(token)
        texts.append(request_text(port, "/configuration?" + query, signed(port, "GET", "/configuration", query)))
    return texts


def wrk_script(work, name, texts):
    path = work / f"{name}.lua"
    path.write_text("local requests = {\n" + ",\n".join(json.dumps(t) for t in texts) + "}\nlocal next = 0\n"
                    "function request()\n  next = next % #requests + 1\n  return requests[next]\nend\n")
    return path


def load(server, script, seconds):
    before = server.cpu_seconds()
    done = subprocess.run(["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency", "-s", script,
                           f"http://127.0.0.1:{server.port}"], text=True, capture_output=True, check=True)
    cpu = server.cpu_seconds() - before
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        sys.exit(f"the load met errors:\n{done.stdout}")
    count = int(re.search(r"(\d+) requests in", done.stdout)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    return rate, cpu / count * 1e6, re.search(r"99%\s+(\S+)", done.stdout)[1]


def idle_clients(server, text, count=2000):
    """Private memory of the server for each connection that has polled once and now waits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 500), hard))
    held, before = [], server.private_kb()
    for _ in range(count):
        c = socket.create_connection(("127.0.0.1", server.port))
        c.sendall(text.encode())
        assert c.recv(4096).startswith(b"HTTP/1.1 200")
        held.append(c)
    time.sleep(0.3)
    grown = (server.private_kb() - before) * 1024 / count
    for c in held:
        c.close()
    return grown


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        work = pathlib.Path(folder)
        ours, nginx = start_tidegate(work), start_nginx(work)
        try:
            idle = ours.resident_kb()
            fresh, settled = sessions(ours.port, deploy(ours.port))
            unchanged, changed = poll_requests(ours.port, settled), poll_requests(ours.port, fresh)
            cases = {"nginx": (nginx, [request_text(nginx.port, "/file", {})]),
                     "unchanged": (ours, unchanged), "changed": (ours, changed)}
            scripts = {name: wrk_script(work, name, texts) for name, (_, texts) in cases.items()}
            results = {name: [] for name in cases}
            print(f"{CONNECTIONS} connections, {given.rounds} rounds of {given.seconds} s each, in turns", flush=True)
            for number in range(given.rounds):
                for name, (server, _) in cases.items():
                    results[name].append(load(server, scripts[name], given.seconds))
                print(f"   round {number + 1}: " + ", ".join(
                    f"{name} {r[-1][0]:.0f}/s {r[-1][1]:.1f} µs" for name, r in results.items()), flush=True)
            report(results, idle, ours.resident_kb(), idle_clients(ours, unchanged[0]))
        finally:
            ours.stop()
            nginx.stop()


def report(results, idle, after, per_client):
    print(f"\n{'':24}{'requests/s':>12}{'CPU/request':>14}{'p99':>10}{'rate ratio':>13}{'CPU ratio':>12}")
    base_rate = statistics.median(r[0] for r in results["nginx"])
    base_cpu = statistics.median(r[1] for r in results["nginx"])
    for name, label in (("nginx", "nginx, static 1 KB"), ("unchanged", "poll, unchanged"),
                        ("changed", "poll, 1 KB changed")):
        rate = statistics.median(r[0] for r in results[name])
        cpu = statistics.median(r[1] for r in results[name])
        print(f"{label:24}{rate:12.0f}{cpu:11.1f} µs{results[name][-1][2]:>10}"
              f"{rate / base_rate:13.2f}{cpu / base_cpu:12.2f}")
    print(f"\nidle memory {idle / 1024:.1f} MB; after the load {after / 1024:.1f} MB; "
          f"{per_client / 1024:.1f} KB for each idle client")
    print(f"measured {datetime.date.today()}; aims: rate ratio 1.0, idle 20 MB, 2 KB for each idle client")


if __name__ == "__main__":
    main()
