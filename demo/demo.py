#!/usr/bin/env python3
"""The whole workflow against a fresh server, with the real AWS CLI, narrated.

upload -> event -> function -> deployment -> validators -> gradual rollout -> polling clients; then a
broken file that nobody ever sees; then the time from upload to client. --keep leaves the server up.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
ACCOUNT, REGION, BUCKET = "000000000000", "us-east-1", "shop-config"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"
STYLE = sys.stdout.isatty()


def bold(text):
    return f"\033[1m{text}\033[0m" if STYLE else text


def faint(text):
    return f"\033[2m{text}\033[0m" if STYLE else text


class Demo:
    def __init__(self, keep):
        self.keep = keep
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="tidegate-demo-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.step_number = 0
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
            "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": "", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
        self.server = None

    # --- the server ---------------------------------------------------------------------------
    def start_server(self):
        binary = ROOT / "build" / "release" / "tidegate"
        log = open(self.work / "server.log", "wb")
        begun = time.monotonic()
        self.server = subprocess.Popen(
            [binary, "serve", "--dev", "--data", self.work / "data",
             "--listen", f"127.0.0.1:{self.port}", "--account", ACCOUNT, "--region", REGION],
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        while True:
            if self.server.poll() is not None:
                sys.exit(f"the server ended at once:\n{(self.work / 'server.log').read_text()}")
            try:
                ready = urllib.request.urlopen(self.endpoint + "/readyz", timeout=1).read().decode()
                break
            except OSError:
                if time.monotonic() - begun > 20:
                    sys.exit("the server did not get ready in 20 s")
                time.sleep(0.005)
        if "functions: off" in ready:
            sys.exit(f"This machine does not let the server run functions.\n{ready}")
        print(f"A fresh server is ready after {(time.monotonic() - begun) * 1000:.0f} ms at "
              f"{self.endpoint} (data in {self.work / 'data'}).")

    def stop_server(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            try:
                status = self.server.wait(15)
                print(f"The server stopped with status {status}.")
            except subprocess.TimeoutExpired:
                self.server.kill()
                sys.exit("the server did not stop within 15 s")

    # --- talking to it ------------------------------------------------------------------------
    def step(self, text):
        self.step_number += 1
        print(f"\n{bold(f'{self.step_number}. {text}')}")

    def aws(self, *arguments, query=None, quiet=False):
        """Runs the real CLI; shows the command as one would type it."""
        shown = ["aws", *(a if len(a) < 90 and "\n" not in a else a[:60] + "…" for a in arguments)]
        if not quiet:
            print(faint("   $ " + " ".join(f"'{a}'" if " " in a or "{" in a else a for a in shown)))
        command = ["/usr/bin/aws", "--endpoint-url", self.endpoint, *arguments]
        if query:
            command += ["--query", query, "--output", "text"]
        done = subprocess.run(command, env=self.environment, cwd=self.work, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"that failed ({done.returncode}): {done.stderr.strip()}\n"
                     f"the server's log: {self.work / 'server.log'}")
        return done.stdout.strip()

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=ACCOUNT,
            aws_secret_access_key="anything",
            config=Config(retries={"max_attempts": 0}, max_pool_connections=64))

    def own(self, method, path):
        request = urllib.request.Request(self.endpoint + path, method=method)
        return json.loads(urllib.request.urlopen(request, timeout=30).read())

    def turn_clock(self, minutes):
        print(faint(f"   $ curl -X POST {self.endpoint}/_tidegate/clock/advance?ms={minutes * 60000}"))
        self.own("POST", f"/_tidegate/clock/advance?ms={minutes * 60000}")

    def zip_function(self, name):
        path = self.work / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(HERE / "functions" / name / "index.py", "index.py")
        return f"fileb://{path}"

    def wait_for(self, what, condition, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.01)
        sys.exit(f"waited {seconds} s for {what}; the server's log: {self.work / 'server.log'}")


class Fleet:
    """Clients that poll for their configuration as an application would."""

    def __init__(self, demo, application, environment, profile, size):
        self.data = demo.client("appconfigdata")
        self.names = dict(ApplicationIdentifier=application, EnvironmentIdentifier=environment,
                          ConfigurationProfileIdentifier=profile)
        self.size, self.tokens, self.seen = size, [], []

    def join(self):
        for _ in range(self.size):
            session = self.data.start_configuration_session(**self.names)
            self.tokens.append(session["InitialConfigurationToken"])
            self.seen.append(None)

    def poll(self):
        for i, token in enumerate(self.tokens):
            answer = self.data.get_latest_configuration(ConfigurationToken=token)
            self.tokens[i] = answer["NextPollConfigurationToken"]
            body = answer["Configuration"].read()
            if body:
                self.seen[i] = body.decode()

    def count(self, word):
        return sum(1 for text in self.seen if text and word in text)


def build_house(demo):
    demo.step("A versioned bucket.")
    demo.aws("s3", "mb", f"s3://{BUCKET}")
    demo.aws("s3api", "put-bucket-versioning", "--bucket", BUCKET,
             "--versioning-configuration", "Status=Enabled")

    demo.step("An application with an environment, a profile on the bucket, and two validators.")
    ids = {"app": demo.aws("appconfig", "create-application", "--name", "shop", query="Id")}
    ids["env"] = demo.aws("appconfig", "create-environment", "--application-id", ids["app"],
                          "--name", "production", query="Id")
    ids["slow"] = demo.aws(
        "appconfig", "create-deployment-strategy", "--name", "TwentyPercentEveryMinute",
        "--deployment-duration-in-minutes", "5", "--growth-factor", "20", "--growth-type", "LINEAR",
        "--final-bake-time-in-minutes", "2", "--replicate-to", "NONE", query="Id")
    demo.aws("lambda", "create-function", "--function-name", "validate", "--runtime", "python3.11",
             "--handler", "index.lambda_handler", "--role", ROLE, "--timeout", "10",
             "--zip-file", demo.zip_function("validate"), query="FunctionArn")
    demo.aws("lambda", "add-permission", "--function-name", "validate", "--statement-id", "appconfig",
             "--action", "lambda:InvokeFunction", "--principal", "appconfig.amazonaws.com")
    validators = json.dumps([
        {"Type": "JSON_SCHEMA", "Content": (HERE / "files" / "schema.json").read_text()},
        {"Type": "LAMBDA", "Content": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:validate"}])
    ids["profile"] = demo.aws(
        "appconfig", "create-configuration-profile", "--application-id", ids["app"], "--name", "features",
        "--location-uri", f"s3://{BUCKET}/shop/feature-file.yml", "--retrieval-role-arn", ROLE,
        "--validators", validators, query="Id")

    demo.step("A function that deploys what was uploaded, and the event that starts it.")
    variables = {"APPLICATION_ID": ids["app"], "ENVIRONMENT_ID": ids["env"],
                 "CONFIGURATION_PROFILE_ID": ids["profile"], "DEPLOYMENT_STRATEGY_ID": ids["slow"]}
    demo.aws("lambda", "create-function", "--function-name", "deploy", "--runtime", "python3.11",
             "--handler", "index.lambda_handler", "--role", ROLE, "--timeout", "30",
             "--environment", json.dumps({"Variables": variables}),
             "--zip-file", demo.zip_function("deploy"), query="FunctionArn")
    demo.aws("lambda", "add-permission", "--function-name", "deploy", "--statement-id", "s3",
             "--action", "lambda:InvokeFunction", "--principal", "s3.amazonaws.com",
             "--source-arn", f"arn:aws:s3:::{BUCKET}", "--source-account", ACCOUNT)
    rule = {"LambdaFunctionConfigurations": [{
        "LambdaFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:deploy",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "shop/"},
                                           {"Name": "suffix", "Value": "feature-file.yml"}]}}}]}
    demo.aws("s3api", "put-bucket-notification-configuration", "--bucket", BUCKET,
             "--notification-configuration", json.dumps(rule))
    return ids


def upload(demo, name):
    shutil.copy(HERE / "files" / name, demo.work / name)
    demo.aws("s3", "cp", name, f"s3://{BUCKET}/shop/feature-file.yml")


def deployments(demo, ids):
    answer = demo.appconfig.list_deployments(ApplicationId=ids["app"], EnvironmentId=ids["env"])
    return answer["Items"]


def first_version(demo, ids, fleet):
    demo.step("The first file. Nobody has anything yet; the rollout takes 5 minutes and 2 of bake.")
    upload(demo, "good.yml")
    demo.wait_for("the deployment", lambda: deployments(demo, ids))
    demo.turn_clock(8)
    demo.wait_for("its end", lambda: deployments(demo, ids)[0]["State"] == "COMPLETE")
    fleet.join()
    fleet.poll()
    print(f"   {fleet.count('classic')} of {fleet.size} clients have version 1.")


def gradual_rollout(demo, ids, fleet):
    demo.step("A better file, released gradually: 20 % of the clients a minute.")
    upload(demo, "better.yml")
    demo.wait_for("the deployment", lambda: len(deployments(demo, ids)) == 2)
    for minute in range(1, 6):
        demo.turn_clock(1)
        now = demo.wait_for("the step", lambda m=minute: next(
            (d for d in deployments(demo, ids)[:1] if d["PercentageComplete"] >= 20 * m), None))
        fleet.poll()
        print(f"   minute {minute}: {now['State']:<9} {now['PercentageComplete']:5.1f} %   "
              f"{fleet.count('semantic'):2d} of {fleet.size} clients have version 2")
    demo.turn_clock(3)
    demo.wait_for("the end", lambda: deployments(demo, ids)[0]["State"] == "COMPLETE")
    print("   baked and complete.")


def broken_file(demo, ids, fleet):
    demo.step("A broken file: it fits the schema, but the validator function refuses it.")
    upload(demo, "broken.yml")
    demo.wait_for("the refusal", lambda: "refused" in demo.own(
        "GET", "/_tidegate/functions/deploy/log")["Log"])
    said = [line for line in demo.own("GET", "/_tidegate/functions/deploy/log")["Log"].splitlines()
            if "refused" in line][-1]
    print(f"   the deploying function printed: {said}")
    fleet.poll()
    if fleet.count("2500") or fleet.count("semantic") != fleet.size or len(deployments(demo, ids)) != 2:
        sys.exit("a broken configuration got through")
    print(f"   no deployment was made; {fleet.count('semantic')} of {fleet.size} clients go on with version 2.")


def measure(demo, ids, rounds):
    demo.step(f"From upload to client: all at once, no bake, a client that polls every 2 ms, {rounds} times.")
    quick = demo.aws("appconfig", "create-deployment-strategy", "--name", "AtOnce",
                     "--deployment-duration-in-minutes", "0", "--growth-factor", "100",
                     "--final-bake-time-in-minutes", "0", "--replicate-to", "NONE", query="Id")
    variables = {"APPLICATION_ID": ids["app"], "ENVIRONMENT_ID": ids["env"],
                 "CONFIGURATION_PROFILE_ID": ids["profile"], "DEPLOYMENT_STRATEGY_ID": quick}
    demo.aws("lambda", "update-function-configuration", "--function-name", "deploy",
             "--environment", json.dumps({"Variables": variables}), query="LastUpdateStatus")
    s3, fleet = demo.client("s3"), Fleet(demo, ids["app"], ids["env"], ids["profile"], 1)
    fleet.join()
    fleet.poll()
    arrived = {}
    stop = threading.Event()

    def watch():
        while not stop.is_set():
            fleet.poll()
            number = (fleet.seen[0] or "").partition("# round ")[2].split("\n")[0]
            if number and number not in arrived:
                arrived[number] = time.perf_counter()
            time.sleep(0.002)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    took = []
    for i in range(rounds + 2):  # the first two warm the functions up
        body = f"# round {i}\nsearch: semantic\nupload_limit_mb: {10 + i}\n"
        begun = time.perf_counter()
        s3.put_object(Bucket=BUCKET, Key="shop/feature-file.yml", Body=body.encode())
        demo.wait_for(f"round {i}", lambda n=str(i): n in arrived)
        if i >= 2:
            took.append((arrived[str(i)] - begun) * 1000)
    stop.set()
    watcher.join()
    took.sort()
    print(f"   median {bold(f'{statistics.median(took):.1f} ms')}, fastest {took[0]:.1f} ms, "
          f"slowest {took[-1]:.1f} ms")


def main():
    parser = argparse.ArgumentParser(prog="./x demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the server running at the end")
    parser.add_argument("--rounds", type=int, default=20, help="uploads that are timed")
    options = parser.parse_args()
    demo = Demo(options.keep)
    finished = False
    try:
        demo.start_server()
        demo.appconfig = demo.client("appconfig")
        ids = build_house(demo)
        fleet = Fleet(demo, ids["app"], ids["env"], ids["profile"], 20)
        first_version(demo, ids, fleet)
        gradual_rollout(demo, ids, fleet)
        broken_file(demo, ids, fleet)
        measure(demo, ids, options.rounds)
        finished = True
    finally:
        if not (finished and demo.keep):
            demo.stop_server()
            if finished:
                shutil.rmtree(demo.work)
    if not demo.keep:
        print("\nEverything it made is gone again. Try ./x demo --keep to go on from here yourself.")
        return
    print(f"""
The server goes on (process {demo.server.pid}; kill it when you are done). Try next:

   export AWS_ACCESS_KEY_ID={ACCOUNT} AWS_SECRET_ACCESS_KEY=anything AWS_DEFAULT_REGION={REGION}
   aws --endpoint-url {demo.endpoint} s3 cp {HERE / 'files' / 'good.yml'} s3://{BUCKET}/shop/feature-file.yml
   aws --endpoint-url {demo.endpoint} appconfig list-deployments \\
     --application-id {ids['app']} --environment-id {ids['env']}
   aws --endpoint-url {demo.endpoint} logs tail /aws/lambda/deploy
""")


if __name__ == "__main__":
    main()
