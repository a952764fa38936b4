"""AppConfig through boto3: resources, hosted content, deployments, sessions and their refusals."""

import json

import pytest
from conftest import ROLE, error_of, poll, strategy_of
from server import wait_for


@pytest.fixture
def app(appconfig, name):
    return appconfig.create_application(Name=name)["Id"]


@pytest.fixture
def hosted(appconfig, app, name):
    class Hosted:
        def __init__(self):
            self.app = app
            self.env = appconfig.create_environment(ApplicationId=app, Name="e")["Id"]
            self.profile = appconfig.create_configuration_profile(
                ApplicationId=app, Name="p", LocationUri="hosted")["Id"]
            self.strategy = strategy_of(appconfig)

        def version(self, content, content_type="application/json", **more):
            return appconfig.create_hosted_configuration_version(
                ApplicationId=app, ConfigurationProfileId=self.profile, Content=content,
                ContentType=content_type, **more)["VersionNumber"]

        def deploy(self, version, **more):
            return appconfig.start_deployment(**{**dict(
                ApplicationId=app, EnvironmentId=self.env, ConfigurationProfileId=self.profile,
                DeploymentStrategyId=self.strategy, ConfigurationVersion=str(version)), **more})
    return Hosted()


def test_applications(appconfig, name):
    made = appconfig.create_application(Name=name, Description="d", Tags={"a": "b"})
    assert made["Name"] == name and len(made["Id"]) == 7
    assert appconfig.get_application(ApplicationId=made["Id"])["Description"] == "d"
    assert appconfig.update_application(ApplicationId=made["Id"], Name=name + "2")["Name"] == name + "2"
    items = [i["Id"] for p in appconfig.get_paginator("list_applications").paginate() for i in p["Items"]] \
        if appconfig.can_paginate("list_applications") else \
        [i["Id"] for i in appconfig.list_applications()["Items"]]
    assert made["Id"] in items
    appconfig.delete_application(ApplicationId=made["Id"])
    code, _ = error_of(appconfig.get_application, ApplicationId=made["Id"])
    assert code == "ResourceNotFoundException"


def test_environment_state_is_what_the_waiter_reads(appconfig, hosted):
    assert appconfig.get_environment(ApplicationId=hosted.app, EnvironmentId=hosted.env)["State"] \
        == "ReadyForDeployment"


def test_predefined_strategies(appconfig):
    found = {s["Id"]: s for s in appconfig.list_deployment_strategies(MaxResults=50)["Items"]}
    canary = found["AppConfig.Canary10Percent20Minutes"]
    assert (canary["GrowthType"], canary["GrowthFactor"], canary["DeploymentDurationInMinutes"]) \
        == ("EXPONENTIAL", 10.0, 20)
    assert found["AppConfig.AllAtOnce"]["FinalBakeTimeInMinutes"] == 10
    assert error_of(appconfig.delete_deployment_strategy, DeploymentStrategyId="AppConfig.AllAtOnce")[0] \
        == "BadRequestException"


def test_own_strategy_is_deleted_by_the_misspelt_path(appconfig, name):
    made = appconfig.create_deployment_strategy(
        Name=name, DeploymentDurationInMinutes=1, GrowthFactor=10, ReplicateTo="NONE")
    assert made["GrowthType"] == "LINEAR" and made["FinalBakeTimeInMinutes"] == 0
    appconfig.delete_deployment_strategy(DeploymentStrategyId=made["Id"])
    assert error_of(appconfig.get_deployment_strategy, DeploymentStrategyId=made["Id"])[0] \
        == "ResourceNotFoundException"


def test_hosted_versions(appconfig, hosted):
    body = bytes(range(256)) * 300
    assert hosted.version(b"{}") == 1
    assert hosted.version(body, "application/octet-stream", Description="second") == 2
    got = appconfig.get_hosted_configuration_version(
        ApplicationId=hosted.app, ConfigurationProfileId=hosted.profile, VersionNumber=2)
    assert got["Content"].read() == body and got["ContentType"] == "application/octet-stream"
    assert got["Description"] == "second" and got["VersionNumber"] == 2
    assert error_of(hosted.version, content=b"{}", LatestVersionNumber=1)[0] == "ConflictException"
    listed = appconfig.list_hosted_configuration_versions(
        ApplicationId=hosted.app, ConfigurationProfileId=hosted.profile)["Items"]
    assert [i["VersionNumber"] for i in listed] == [2, 1]
    assert error_of(appconfig.delete_configuration_profile, ApplicationId=hosted.app,
                    ConfigurationProfileId=hosted.profile)[0] == "BadRequestException"
    code, _ = error_of(hosted.version, content=b"x" * (5 << 20))
    assert code in ("PayloadTooLargeException", "413")


def test_deploy_and_poll(appconfig, data, hosted):
    names = dict(ApplicationIdentifier=hosted.app, EnvironmentIdentifier="e", ConfigurationProfileIdentifier="p")
    first = hosted.deploy(hosted.version(b'{"a": 1}'))
    assert first["DeploymentNumber"] == 1 and first["State"] in ("DEPLOYING", "COMPLETE")
    session = data.start_configuration_session(**names)
    answer = data.get_latest_configuration(ConfigurationToken=session["InitialConfigurationToken"])
    assert answer["Configuration"].read() == b'{"a": 1}' and answer["ContentType"] == "application/json"
    assert answer["NextPollIntervalInSeconds"] == 60
    token, body = poll(data, answer["NextPollConfigurationToken"])
    assert body == b""
    assert poll(data, session["InitialConfigurationToken"])[1] == b'{"a": 1}'  # a replay is answered again
    hosted.deploy(hosted.version(b'{"a": 2}'))
    token, body = poll(data, token)
    assert body == b'{"a": 2}'
    got = appconfig.get_deployment(ApplicationId=hosted.app, EnvironmentId=hosted.env, DeploymentNumber=2)
    assert got["State"] == "COMPLETE" and got["PercentageComplete"] == 100.0
    assert [e["EventType"] for e in got["EventLog"]][0] == "DEPLOYMENT_COMPLETED"
    reverted = appconfig.get_configuration(Application=hosted.app, Environment="e", Configuration="p",
                                           ClientId="c")
    assert reverted["Content"].read() == b'{"a": 2}' and reverted["ConfigurationVersion"] == "2"
    again = appconfig.get_configuration(Application=hosted.app, Environment="e", Configuration="p",
                                        ClientId="c", ClientConfigurationVersion="2")
    assert again["Content"].read() == b""
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_one_deployment_per_environment(server, appconfig, hosted, name):
    slow = appconfig.create_deployment_strategy(
        Name=name + "slow", DeploymentDurationInMinutes=10, GrowthFactor=50, ReplicateTo="NONE")["Id"]
    version = hosted.version(b"{}")
    hosted.deploy(version, DeploymentStrategyId=slow)
    code, text = error_of(hosted.deploy, version=version)
    assert code == "ConflictException"
    assert text == (f"Environment {hosted.env} currently has a state of DEPLOYING. The current deployment "
                    "must finish before a new deployment can be started.")
    server.advance(minutes=10)
    wait_for("the end", lambda: appconfig.get_deployment(
        ApplicationId=hosted.app, EnvironmentId=hosted.env, DeploymentNumber=1)["State"] == "COMPLETE")


def test_refusals_of_the_data_plane(data, hosted, name):
    names = dict(ApplicationIdentifier=hosted.app, EnvironmentIdentifier="e", ConfigurationProfileIdentifier="p")
    code, text = error_of(data.get_latest_configuration, ConfigurationToken="nonsense")
    assert code == "BadRequestException"
    token = data.start_configuration_session(**names)["InitialConfigurationToken"]
    assert error_of(data.get_latest_configuration, ConfigurationToken=token)[0] == "ResourceNotFoundException"
    assert error_of(data.start_configuration_session, **{**names, "ApplicationIdentifier": name + "x"})[0] \
        == "ResourceNotFoundException"
    hosted.deploy(hosted.version(b"{}"))
    quick = data.start_configuration_session(**names, RequiredMinimumPollIntervalInSeconds=15)
    token, body = poll(data, quick["InitialConfigurationToken"])
    assert body == b"{}"
    code, text = error_of(data.get_latest_configuration, ConfigurationToken=token)
    assert code == "BadRequestException" and "too early" in text


SCHEMA = json.dumps({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
                     "properties": {"n": {"type": "integer", "maximum": 5}}, "required": ["n"]})


def test_schema_validators(appconfig, app, hosted):
    profile = appconfig.create_configuration_profile(
        ApplicationId=app, Name="v", LocationUri="hosted",
        Validators=[{"Type": "JSON_SCHEMA", "Content": SCHEMA}])["Id"]
    hosted.profile = profile
    bad, good, yaml = hosted.version(b'{"n": 9}'), hosted.version(b'{"n": 5}'), \
        hosted.version(b"n: 6\n", "application/x-yaml")
    code, text = error_of(hosted.deploy, version=bad)
    assert code == "BadRequestException"
    assert error_of(appconfig.validate_configuration, ApplicationId=app, ConfigurationProfileId=profile,
                    ConfigurationVersion=str(yaml))[0] == "BadRequestException"
    appconfig.validate_configuration(ApplicationId=app, ConfigurationProfileId=profile,
                                     ConfigurationVersion=str(good))
    assert hosted.deploy(good)["DeploymentNumber"] == 1  # the refused one took no number
    assert error_of(appconfig.create_configuration_profile, ApplicationId=app, Name="w", LocationUri="hosted",
                    Validators=[{"Type": "JSON_SCHEMA", "Content": "{"}])[0] == "BadRequestException"


def test_names_and_unknown_ids(appconfig, hosted):
    assert appconfig.get_environment(ApplicationId=hosted.app, EnvironmentId="e")["Id"] == hosted.env
    for call, arguments in (
            (appconfig.get_environment, dict(ApplicationId=hosted.app, EnvironmentId="zzzzzzz")),
            (appconfig.get_deployment, dict(ApplicationId=hosted.app, EnvironmentId="e", DeploymentNumber=9)),
            (hosted.deploy, dict(version=99))):
        assert error_of(call, **arguments)[0] in ("ResourceNotFoundException", "BadRequestException")
    code, text = error_of(appconfig.create_application, Name="")
    assert code == "BadRequestException" and "name" in text.lower()
    assert error_of(appconfig.create_configuration_profile, ApplicationId=hosted.app, Name="x",
                    LocationUri="s3://b/k")[0] == "BadRequestException"  # no role
    assert appconfig.create_configuration_profile(
        ApplicationId=hosted.app, Name="x", LocationUri="s3://b/k", RetrievalRoleArn=ROLE)["Type"] \
        == "AWS.Freeform"
