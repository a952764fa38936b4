#!/usr/bin/env python3
"""S3 beside nginx in one run, and how long a page of a bucket with a million keys takes wherever it lies.

GET is compared with nginx serving the same bytes as a static file, PUT with nginx's WebDAV module, which syncs
nothing. Every request of ours is presigned and verified. What counts are the ratios. Options: --seconds N --rounds N
--keys N
"""

import argparse
import os
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.config import Config

from run import KEY, REGION, SECRET, Measured, free_port, load, start_tidegate, wrk_script

SIZES = {"1 KB": 1000, "1 MB": 1_000_000}
WRITERS = 64


def client(port):
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION, aws_access_key_id=KEY,
                        aws_secret_access_key=SECRET,
                        config=Config(signature_version="s3v4", retries={"max_attempts": 0}, read_timeout=120))


def start_nginx(work):
    port = free_port()
    (work / "www").mkdir()
    (work / "spool").mkdir()
    os.chmod(work, 0o755)
    os.chmod(work / "www", 0o777)
    os.chmod(work / "spool", 0o777)
    for name, size in SIZES.items():
        (work / "www" / name.replace(" ", "")).write_bytes(b"x" * size)
    conf = work / "nginx.conf"
    conf.write_text(f"""
daemon off; worker_processes 2; pid {work}/nginx.pid; error_log {work}/nginx.log;
events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000;
  client_max_body_size 10m; client_body_temp_path {work}/spool;
  open_file_cache max=100;
  server {{ listen 127.0.0.1:{port} reuseport; root {work}/www; location /put/ {{ dav_methods PUT; }} }} }}
""")
    (work / "www" / "put").mkdir()
    os.chmod(work / "www" / "put", 0o777)
    return Measured(["/usr/sbin/nginx", "-c", conf, "-p", work], port)


def text(method, port, target, body=""):
    length = f"Content-Length: {len(body)}\r\n" if method == "PUT" else ""
    return f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{length}\r\n{body}"


def ours(s3, port, method, key, body=""):
    url = s3.generate_presigned_url("put_object" if method == "PUT" else "get_object",
                                    Params={"Bucket": "bench", "Key": key}, ExpiresIn=3600)
    return text(method, port, url.split(str(port), 1)[1], body)


def transfers(work, given):
    tidegate, nginx = start_tidegate(work), start_nginx(work)
    try:
        s3 = client(tidegate.port)
        s3.create_bucket(Bucket="bench")
        cases = {}
        for name, size in SIZES.items():
            file, body = name.replace(" ", ""), "x" * size
            s3.put_object(Bucket="bench", Key=file, Body=body.encode())
            cases[f"GET {name}"] = ([ours(s3, tidegate.port, "GET", file)], [text("GET", nginx.port, "/" + file)])
            cases[f"PUT {name}"] = ([ours(s3, tidegate.port, "PUT", f"w{i}", body) for i in range(WRITERS)],
                                    [text("PUT", nginx.port, f"/put/w{i}", body) for i in range(WRITERS)])
        print(f"{'':12}{'ours/s':>10}{'nginx/s':>10}{'rate ratio':>12}{'CPU ratio':>12}")
        for name, pair in cases.items():
            label = name.replace(" ", "")
            scripts = [wrk_script(work, f"{label}{i}", texts) for i, texts in enumerate(pair)]
            rounds = [[load(server, script, given.seconds) for server, script in zip((tidegate, nginx), scripts)]
                      for _ in range(given.rounds)]
            rate = [statistics.median(r[side][0] for r in rounds) for side in (0, 1)]
            print(f"{name:12}{rate[0]:10.0f}{rate[1]:10.0f}"
                  f"{statistics.median(a[0] / b[0] for a, b in rounds):12.2f}"
                  f"{statistics.median(a[1] / b[1] for a, b in rounds):12.2f}", flush=True)
    finally:
        tidegate.stop()
        nginx.stop()


def fill(database, count):
    """Puts rows for `count` keys beside the one that was written by the server, as it would have."""
    db = sqlite3.connect(database)
    head, value = db.execute("SELECT key, value FROM kv WHERE instr(key, CAST('/s3/h/many/' AS BLOB)) > 0").fetchone()
    front, revision = bytes(head)[:-len("seed")], db.execute("SELECT value FROM meta WHERE name = 'revision'")
    revision = revision.fetchone()[0]
    rows = ((front + key, value, revision, revision)
            for key in (f"f{i // 1000:04}/{i % 1000:04}".encode() for i in range(count)))
    db.executemany("INSERT INTO kv(key, value, create_rev, mod_rev) VALUES(?, ?, ?, ?)", rows)
    db.commit()
    db.close()


def timed(call, rounds=9):
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def listings(work, given):
    tidegate = start_tidegate(work)
    s3 = client(tidegate.port)
    s3.create_bucket(Bucket="many")
    s3.put_object(Bucket="many", Key="seed", Body=b"x")
    tidegate.stop()
    print(f"\nfilling a bucket with {given.keys} keys", flush=True)
    fill(work / "data" / "tidegate.db", given.keys)
    tidegate = start_tidegate(work)
    try:
        s3 = client(tidegate.port)

        def page(**query):
            # The bytes of the page only: parsing in Python takes longer than the answer.
            operation = "list_object_versions" if query.pop("versions", False) else "list_objects_v2"
            url = s3.generate_presigned_url(operation, Params={"Bucket": "many", **query})
            return lambda: urllib.request.urlopen(url, timeout=60).read()
        last = f"f{given.keys // 1000 - 2:04}/0500"
        cases = [
            ("1000 keys", page(StartAfter="a"), page(StartAfter=last)),
            ("1000 keys, deep prefix", page(Prefix="f0000/"), page(Prefix=last[:6])),
            ("common prefixes of 1000 keys each", page(Delimiter="/", MaxKeys=100),
             page(Delimiter="/", MaxKeys=100, StartAfter=f"f{max(0, given.keys // 1000 - 102):04}/")),
            ("1000 versions, one each", page(versions=True, MaxKeys=1000),
             page(versions=True, KeyMarker=last, MaxKeys=1000)),
        ]
        print(f"{'a page of':36}{'first, ms':>11}{'last, ms':>11}{'ratio':>8}")
        for name, first, late in cases:
            if b"<Key>" not in late() and b"<Prefix>f" not in late():
                sys.exit(f"{name}: the late page is empty")
            a, b = timed(first), timed(late)
            print(f"{name:36}{a:11.1f}{b:11.1f}{b / a:8.2f}", flush=True)
        print(f"resident memory after it {tidegate.resident_kb() // 1024} MB")
    finally:
        tidegate.stop()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=3)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--keys", type=int, default=1_000_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        transfers(pathlib.Path(folder), given)
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        listings(pathlib.Path(folder), given)


if __name__ == "__main__":
    main()
