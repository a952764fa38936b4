"""kill -9 in the middle of anything: what was acknowledged is there after the restart."""

import threading

import boto3
import pytest
from botocore.config import Config
from conftest import ROLE, zipped
from server import ACCOUNT, REGION, Server, wait_for


@pytest.fixture
def lonely():
    server = Server().start()
    yield server
    if server.process.poll() is None:
        server.stop()


def client(server, service):
    return boto3.client(service, endpoint_url=server.endpoint, region_name=REGION, aws_access_key_id=ACCOUNT,
                        aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}))


def test_acknowledged_objects_survive(lonely):
    s3 = client(lonely, "s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    acknowledged, stop = {}, threading.Event()

    def write(worker):
        mine, i = client(lonely, "s3"), 0
        while not stop.is_set():
            key, body = f"{worker}/{i}", (f"{worker}-{i}-" * (1 + i % 3 * 9000)).encode()
            try:
                acknowledged[key] = (mine.put_object(Bucket="kept", Key=key, Body=body)["VersionId"], body)
            except Exception:
                return  # the server was killed under this one: not acknowledged
            i += 1
    workers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for round_ in range(3):
        stop.clear()
        workers = [threading.Thread(target=write, args=(f"{round_}-{n}",)) for n in range(4)]
        for w in workers:
            w.start()
        wait_for("some writes", lambda r=round_: sum(k.startswith(f"{r}-") for k in list(acknowledged)) > 60)
        lonely.kill()
        for w in workers:
            w.join()
        lonely.start()
    s3 = client(lonely, "s3")
    for key, (version, body) in acknowledged.items():
        got = s3.get_object(Bucket="kept", Key=key, VersionId=version)
        assert got["Body"].read() == body, key


def test_a_deployment_goes_on_where_time_stands(lonely):
    appconfig, data = client(lonely, "appconfig"), client(lonely, "appconfigdata")
    app = appconfig.create_application(Name="a")["Id"]
    env = appconfig.create_environment(ApplicationId=app, Name="e")["Id"]
    profile = appconfig.create_configuration_profile(ApplicationId=app, Name="p", LocationUri="hosted")["Id"]
    strategy = appconfig.create_deployment_strategy(
        Name="s", DeploymentDurationInMinutes=10, GrowthFactor=50, FinalBakeTimeInMinutes=0,
        ReplicateTo="NONE")["Id"]
    appconfig.create_hosted_configuration_version(
        ApplicationId=app, ConfigurationProfileId=profile, Content=b"one", ContentType="text/plain")
    appconfig.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profile,
                               DeploymentStrategyId=strategy, ConfigurationVersion="1")
    lonely.kill()
    lonely.start()

    def deployment():
        return appconfig.get_deployment(ApplicationId=app, EnvironmentId=env, DeploymentNumber=1)
    assert deployment()["State"] == "DEPLOYING"
    lonely.advance(minutes=11)
    wait_for("its end", lambda: deployment()["State"] == "COMPLETE")
    token = data.start_configuration_session(ApplicationIdentifier=app, EnvironmentIdentifier=env,
                                             ConfigurationProfileIdentifier=profile)["InitialConfigurationToken"]
    lonely.kill()
    lonely.start()
    # The sealed token and the served version outlive the process.
    assert data.get_latest_configuration(ConfigurationToken=token)["Configuration"].read() == b"one"


def test_events_survive(lonely):
    """Uploads are acknowledged, the process is killed before its function could finish."""
    s3, functions = client(lonely, "s3"), client(lonely, "lambda")
    s3.create_bucket(Bucket="events")
    s3.put_bucket_versioning(Bucket="events", VersioningConfiguration={"Status": "Enabled"})
    source = ("import boto3\ns3 = boto3.client('s3')\ndef handler(e, c):\n"
              "  o = e['Records'][0]['s3']['object']\n"
              "  s3.put_object(Bucket='events', Key='done/' + o['versionId'], Body=b'')\n")
    arn = functions.create_function(FunctionName="f", Runtime="python3.11", Handler="index.handler", Role=ROLE,
                                    Code={"ZipFile": zipped(source)}, Timeout=60)["FunctionArn"]
    functions.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction",
                             Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::events")
    s3.put_bucket_notification_configuration(Bucket="events", NotificationConfiguration={
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {
            "Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}]})
    versions = [s3.put_object(Bucket="events", Key=f"in/{i}", Body=b"x")["VersionId"] for i in range(10)]
    lonely.kill()
    lonely.start()

    def arrived():
        lonely.advance(seconds=60)
        listed = client(lonely, "s3").list_objects_v2(Bucket="events", Prefix="done/")
        return {o["Key"][5:] for o in listed.get("Contents", [])} >= set(versions)
    wait_for("all events", arrived, seconds=60)


def test_sigterm_drains_and_exits_zero(lonely):
    s3 = client(lonely, "s3")
    s3.create_bucket(Bucket="drain")
    results = []

    def put():
        try:
            results.append(client(lonely, "s3").put_object(Bucket="drain", Key="big", Body=b"x" * 30_000_000))
        except Exception as error:
            results.append(error)
    worker = threading.Thread(target=put)
    worker.start()
    assert lonely.stop() == 0
    worker.join()
    lonely.start()
    listed = client(lonely, "s3").list_objects_v2(Bucket="drain").get("Contents", [])
    assert bool(listed) == isinstance(results[0], dict), results[0]
