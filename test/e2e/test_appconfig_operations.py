"""Every operation of AppConfig's two planes, by the oldest and the newest boto3 at hand."""

import json
import pathlib
import shutil
import subprocess

import pytest
from operations import Exercise

HERE = pathlib.Path(__file__).resolve().parent


def test_every_operation(server):
    count, wrong = Exercise(server.endpoint).run()
    assert wrong == [] and count >= 35


def test_every_operation_of_a_newer_boto3(server):
    python = shutil.which("python3")
    probe = [python, "-c", "import boto3; print('get_account_settings' in dir(boto3.client('appconfig', 'us-east-1')))"]
    if subprocess.run(probe, text=True, capture_output=True, timeout=120).stdout.strip() != "True":
        pytest.skip("the first python3 on the path has no newer boto3")
    done = subprocess.run([python, HERE / "operations.py", server.endpoint], text=True, capture_output=True,
                          timeout=300)
    assert done.stdout, done.stderr
    answer = json.loads(done.stdout)
    assert answer["wrong"] == [] and answer["operations"] >= 37
