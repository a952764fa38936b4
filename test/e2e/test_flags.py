"""Feature flags through boto3: what is refused, what is stored, what clients are served."""

import json

import pytest
from conftest import error_of, poll, strategy_of

DEFINED = {"ui": {"name": "New UI", "attributes": {
    "color": {"constraints": {"type": "string", "enum": ["red", "blue"]}}}}, "plain": {"name": "Plain"}}
VARIANTS = [
    {"name": "qa", "rule": '(ends_with $email "@qa.example.com")', "enabled": True,
     "attributeValues": {"color": "red"}},
    {"name": "some", "rule": "(split pct::10 by::$id)", "enabled": False},
    {"name": "default", "enabled": True, "attributeValues": {"color": "blue"}}]


def document(values, flags=None):
    return {"version": "1", "flags": DEFINED if flags is None else flags, "values": values}


@pytest.fixture
def flags(appconfig, name):
    class Flags:
        def __init__(self):
            self.app = appconfig.create_application(Name=name)["Id"]
            self.env = appconfig.create_environment(ApplicationId=self.app, Name="e")["Id"]
            self.made = self.profile_of()
            self.profile = self.made["Id"]
            self.strategy = strategy_of(appconfig)

        def profile_of(self, **more):
            return appconfig.create_configuration_profile(**{**dict(
                ApplicationId=self.app, Name="flags", LocationUri="hosted",
                Type="AWS.AppConfig.FeatureFlags"), **more})

        def create(self, content, content_type="application/json", **more):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            return appconfig.create_hosted_configuration_version(
                ApplicationId=self.app, ConfigurationProfileId=self.profile, Content=body,
                ContentType=content_type, **more)

        def read(self, version):
            return json.loads(appconfig.get_hosted_configuration_version(
                ApplicationId=self.app, ConfigurationProfileId=self.profile,
                VersionNumber=version)["Content"].read())

        def deploy(self, version, **more):
            return appconfig.start_deployment(
                ApplicationId=self.app, EnvironmentId=self.env, ConfigurationProfileId=self.profile,
                DeploymentStrategyId=self.strategy, ConfigurationVersion=str(version), **more)
    return Flags()


def refusal(appconfig, call, **arguments):
    with pytest.raises(appconfig.exceptions.BadRequestException) as caught:
        call(**arguments)
    return caught.value.response


def test_the_profile(appconfig, flags):
    assert flags.made["Type"] == "AWS.AppConfig.FeatureFlags"
    listed = appconfig.list_configuration_profiles(
        ApplicationId=flags.app, Type="AWS.AppConfig.FeatureFlags")["Items"]
    assert [p["Id"] for p in listed] == [flags.profile]
    schema = [{"Type": "JSON_SCHEMA", "Content": "{}"}]
    for more in (dict(LocationUri="s3://b/k", RetrievalRoleArn="arn:aws:iam::123456789012:role/r"),
                 dict(Validators=schema)):
        assert error_of(flags.profile_of, **more)[0] == "BadRequestException"
    function = [{"Type": "LAMBDA", "Content": "arn:aws:lambda:us-east-1:123456789012:function:f"}]
    assert flags.profile_of(Name="other", Validators=function)["Validators"] == function
    assert error_of(appconfig.update_configuration_profile, ApplicationId=flags.app,
                    ConfigurationProfileId=flags.profile, Validators=schema)[0] == "BadRequestException"


def test_what_is_wrong_is_told_when_a_version_is_created(appconfig, flags):
    answer = refusal(appconfig, flags.create, content=document(
        {"ui": {"enabled": True, "color": "green"}, "none": {"enabled": True}}))
    assert answer["Reason"] == "InvalidConfiguration"
    found = [(d["Constraint"], d["Location"]) for d in answer["Details"]["InvalidConfiguration"]]
    assert found == [("enum", "#/values/ui/color"), ("flags", "#/values/none")]
    wrong_rule = [{**VARIANTS[0], "rule": "(ends_with $email)"}, VARIANTS[2]]
    answer = refusal(appconfig, flags.create, content=document({"ui": {"_variants": wrong_rule}}))
    detail = answer["Details"]["InvalidConfiguration"][0]
    assert detail["Location"] == "#/values/ui/_variants/0/rule" and "exactly 2" in detail["Reason"]
    for content, content_type in ((b"{", "application/json"), (b'{"version":"1"}', "application/x-yaml")):
        assert error_of(flags.create, content=content, content_type=content_type)[0] == "BadRequestException"
    assert appconfig.list_hosted_configuration_versions(
        ApplicationId=flags.app, ConfigurationProfileId=flags.profile)["Items"] == []


def test_stamps_stay_with_what_did_not_change(appconfig, flags):
    values = {"ui": {"enabled": True, "color": "red"}, "plain": {"enabled": False}}
    made = flags.create(document(values), content_type="application/json; charset=utf-8")
    first = flags.read(1)
    assert json.loads(made["Content"].read()) == first
    assert first["values"]["ui"]["color"] == "red" and first["values"]["ui"]["_createdAt"].endswith("Z")
    again = json.loads(json.dumps(first))
    again["values"]["plain"]["enabled"] = True
    flags.create(again)
    second = flags.read(2)
    assert second["values"]["ui"] == first["values"]["ui"] and second["flags"] == first["flags"]
    old, new = first["values"]["plain"], second["values"]["plain"]
    assert new["enabled"] and new["_createdAt"] == old["_createdAt"] and new["_updatedAt"] >= old["_updatedAt"]
    assert error_of(flags.create, content=again, LatestVersionNumber=1)[0] == "ConflictException"


def test_clients_are_served_values_only(appconfig, data, flags):
    flags.create(document({"ui": {"_variants": VARIANTS}, "plain": {"enabled": True}}))
    flags.deploy(1)
    token = data.start_configuration_session(
        ApplicationIdentifier=flags.app, EnvironmentIdentifier="e",
        ConfigurationProfileIdentifier="flags")["InitialConfigurationToken"]
    answer = data.get_latest_configuration(ConfigurationToken=token)
    assert answer["ContentType"] == "application/json"
    assert json.loads(answer["Configuration"].read()) == {
        "ui": {"enabled": True, "color": "blue"}, "plain": {"enabled": True}}
    flags.create(document({"ui": {"enabled": False, "color": "red"}}))
    flags.deploy(2)
    _, body = poll(data, answer["NextPollConfigurationToken"])
    assert json.loads(body) == {"ui": {"enabled": False}}
    code, text = error_of(appconfig.get_configuration, Application=flags.app, Environment="e",
                          Configuration="flags", ClientId="c")
    assert code == "BadRequestException" and "GetLatestConfiguration" in str(text)


def test_the_agent_of_aws_is_served_rules_as_ion(clients, data, flags):
    """It asks for Ion; everybody else has JSON. test/e2e/js reads the Ion with Amazon's own parser."""
    flags.create(document({"ui": {"_variants": VARIANTS}, "plain": {"enabled": True}}))
    flags.deploy(1)
    agent = clients("appconfigdata")
    agent.meta.events.register("before-sign.appconfigdata", lambda request, **_: request.headers.add_header(
        "Accept", "application/ion;type=AWS.AppConfig.FeatureFlags;q=1.0,*/*;q=0.1"))
    token = data.start_configuration_session(
        ApplicationIdentifier=flags.app, EnvironmentIdentifier="e",
        ConfigurationProfileIdentifier="flags")["InitialConfigurationToken"]
    answer = agent.get_latest_configuration(ConfigurationToken=token)
    assert answer["ContentType"] == "application/ion;type=AWS.AppConfig.FeatureFlags"
    assert answer["Configuration"].read().decode().splitlines() == [
        """'plain'::'''{"enabled":true}'''""",
        """'ui'::['qa'::[(ends_with $email "@qa.example.com"), """
        """'''{"_variant":"qa","enabled":true,"color":"red"}'''], """
        """'some'::[(split pct::10 by::$id), '''{"_variant":"some","enabled":false}'''], """
        """'''{"_variant":"default","enabled":true,"color":"blue"}''']"""]
    assert agent.get_latest_configuration(  # unchanged
        ConfigurationToken=answer["NextPollConfigurationToken"])["Configuration"].read() == b""
    again = data.get_latest_configuration(ConfigurationToken=token)
    assert again["ContentType"] == "application/json"
    flags.create(document({"plain": {"enabled": True}}))
    flags.deploy(2)
    assert agent.get_latest_configuration(ConfigurationToken=token)["ContentType"] == "application/json"


def test_a_validator_function_sees_the_stored_document(appconfig, lambda_, flags, name, make_function):
    arn = make_function(name, """
import base64, json
def handler(event, context):
    flags = json.loads(base64.b64decode(event["content"]))
    raise Exception("SEEN %s %s" % (sorted(flags), flags["values"]["ui"]["_variants"][0]["name"]))
""")
    lambda_.add_permission(FunctionName=name, StatementId="a", Action="lambda:InvokeFunction",
                           Principal="appconfig.amazonaws.com")
    appconfig.update_configuration_profile(
        ApplicationId=flags.app, ConfigurationProfileId=flags.profile,
        Validators=[{"Type": "LAMBDA", "Content": arn}])
    flags.create(document({"ui": {"_variants": VARIANTS}}))
    answer = refusal(appconfig, flags.deploy, version=1)
    assert "SEEN ['flags', 'values', 'version'] qa" in answer["Details"]["InvalidConfiguration"][0]["Value"]
