"""Fixtures: one --dev server for the whole run, clients of Debian's boto3, names nobody else uses."""

import http.client
import io
import itertools
import json
import os
import subprocess
import zipfile

import boto3
import pytest
from botocore.config import Config

from server import ACCOUNT, REGION, Server

_names = itertools.count(1)


def pytest_addoption(parser):
    parser.addoption("--endpoint", help="test a server that runs already (it must be a --dev server)")


@pytest.fixture(scope="session")
def server(request):
    given = request.config.getoption("--endpoint")
    if given:
        running = Server()
        running.port = int(given.rsplit(":", 1)[1])
        yield running
        return
    started = Server().start()
    yield started
    assert started.stop() == 0, started.log[-4000:]


@pytest.fixture
def name():
    """A name that no other test uses, fit for buckets and functions."""
    return f"t{os.getpid()}-{next(_names)}"


class Clients:
    def __init__(self, endpoint, key=ACCOUNT, secret="anything"):
        self.endpoint, self.key, self.secret = endpoint, key, secret

    def __call__(self, service, **options):
        config = Config(retries={"max_attempts": 0}, parameter_validation=False,
                        read_timeout=120, **options)
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, config=config,
                            aws_access_key_id=self.key, aws_secret_access_key=self.secret)

    def __getattr__(self, service):
        return self(service)


def send(server, method, path, headers=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()


def post_form(server, bucket, fields, content, filename="f.txt"):
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    parts.append(f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
                 "Content-Type: text/plain\r\n\r\n")
    body = "".join(parts).encode() + content + b"\r\n--edge--\r\n"
    return send(server, "POST", f"/{bucket}", {"Content-Type": "multipart/form-data; boundary=edge"}, body)


@pytest.fixture(scope="session")
def clients(server):
    return Clients(server.endpoint)


@pytest.fixture(scope="session")
def s3(clients):
    return clients("s3")


@pytest.fixture(scope="session")
def lambda_(clients):
    return clients("lambda")


@pytest.fixture(scope="session")
def appconfig(clients):
    return clients("appconfig")


@pytest.fixture(scope="session")
def data(clients):
    return clients("appconfigdata")


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def zipped(source, name="index.py", **more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, text in {name: source, **more}.items():
            archive.writestr(file, text)
    return buffer.getvalue()


ROLE = f"arn:aws:iam::{ACCOUNT}:role/test"


@pytest.fixture
def make_function(lambda_):
    made = []

    def make(name, source, *, env=None, timeout=20, memory=256, **more):
        made.append(name)
        return lambda_.create_function(
            FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE,
            Code={"ZipFile": zipped(source)}, Timeout=timeout, MemorySize=memory,
            Environment={"Variables": env or {}}, **more)["FunctionArn"]

    yield make
    for name in made:
        try:
            lambda_.delete_function(FunctionName=name)
        except lambda_.exceptions.ResourceNotFoundException:
            pass  # the test deleted it itself


@pytest.fixture
def aws(server):
    """Runs Debian's AWS CLI; returns its standard output, raises with its standard error."""

    def run(*arguments, check=True, cwd=None, key=ACCOUNT, secret="anything"):
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_DEFAULT_REGION=REGION,
                   AWS_PAGER="", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", server.endpoint, *arguments], env=env,
                              cwd=cwd, text=True, capture_output=True, timeout=120)
        if check:
            assert done.returncode == 0, f"{arguments}: {done.stderr}"
            return done.stdout
        return done

    return run


def error_of(call, **arguments):
    """The error code and message that a boto3 call ends in."""
    from botocore.exceptions import ClientError
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def tagged_at_creation(s3, name, **tags):
    """CreateBucket as today's clients send it; Debian's does not know the tags."""
    body = "".join(f"<Tag><Key>{k}</Key><Value>{v}</Value></Tag>" for k, v in tags.items())

    def put(params, **_):
        params["body"] = ("<CreateBucketConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
                          f"<Tags>{body}</Tags></CreateBucketConfiguration>").encode()
    s3.meta.events.register("before-call.s3.CreateBucket", put)
    return s3.create_bucket(Bucket=name)


def poll(data, token):
    answer = data.get_latest_configuration(ConfigurationToken=token)
    return answer["NextPollConfigurationToken"], answer["Configuration"].read()


def strategy_of(appconfig, duration=0, growth=100, bake=0):
    """The strategy of these figures, made once for the whole run: an account has twenty of its own."""
    name = f"e2e-{duration}-{growth}-{bake}"
    for strategy in appconfig.list_deployment_strategies(MaxResults=50)["Items"]:
        if strategy["Name"] == name:
            return strategy["Id"]
    return appconfig.create_deployment_strategy(
        Name=name, DeploymentDurationInMinutes=duration, GrowthFactor=growth, FinalBakeTimeInMinutes=bake,
        ReplicateTo="NONE")["Id"]


class House:
    """An application with one environment, one strategy and one profile on an S3 object."""

    DEPLOY = """
import os
import boto3

appconfig = boto3.client('appconfig')

def handler(event, context):
    version = event['Records'][0]['s3']['object']['versionId']
    try:
        return appconfig.start_deployment(
            ApplicationId=os.environ['APPLICATION_ID'],
            EnvironmentId=os.environ['ENVIRONMENT_ID'],
            ConfigurationProfileId=os.environ['CONFIGURATION_PROFILE_ID'],
            DeploymentStrategyId=os.environ['DEPLOYMENT_STRATEGY_ID'],
            ConfigurationVersion=version)['DeploymentNumber']
    except Exception as e:
        print('Error starting deployment', version, e)
        raise e
"""

    def __init__(self, appconfig, lambda_, s3, data, bucket, name, make_function, *, validators=(),
                 duration=0, bake=0, growth=100):
        self.appconfig, self.s3, self.data, self.lambda_ = appconfig, s3, data, lambda_
        self.bucket, self.key, self.name = bucket, f"{name}/feature-file.yml", name
        self.app = appconfig.create_application(Name=name)["Id"]
        self.env = appconfig.create_environment(ApplicationId=self.app, Name="prod")["Id"]
        self.strategy = strategy_of(appconfig, duration, growth, bake)
        self.profile = appconfig.create_configuration_profile(
            ApplicationId=self.app, Name="file", LocationUri=f"s3://{bucket}/{self.key}",
            RetrievalRoleArn=ROLE, Validators=list(validators))["Id"]
        self.function = make_function(name + "-deploy", self.DEPLOY, env={
            "APPLICATION_ID": self.app, "ENVIRONMENT_ID": self.env,
            "CONFIGURATION_PROFILE_ID": self.profile, "DEPLOYMENT_STRATEGY_ID": self.strategy})
        lambda_.add_permission(
            FunctionName=name + "-deploy", StatementId="s3", Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}", SourceAccount=ACCOUNT)
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
            "LambdaFunctionConfigurations": [{
                "LambdaFunctionArn": self.function, "Events": ["s3:ObjectCreated:Put"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": name + "/"},
                                                   {"Name": "suffix", "Value": "feature-file.yml"}]}}}]})

    def upload(self, text):
        return self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=text.encode())["VersionId"]

    def deployments(self):
        return self.appconfig.list_deployments(ApplicationId=self.app, EnvironmentId=self.env)["Items"]

    def session(self):
        return self.data.start_configuration_session(
            ApplicationIdentifier=self.app, EnvironmentIdentifier=self.env,
            ConfigurationProfileIdentifier=self.profile)["InitialConfigurationToken"]

    def served(self):
        """What a client that starts now is given; None while nothing is deployed."""
        try:
            return poll(self.data, self.session())[1].decode()
        except self.data.exceptions.ResourceNotFoundException:
            return None


@pytest.fixture
def house(appconfig, lambda_, s3, data, versioned, name, make_function):
    def build(**options):
        return House(appconfig, lambda_, s3, data, versioned, name, make_function, **options)
    return build


def pretty(value):
    return json.dumps(value, indent=1, default=str)
