"""The agent's HTTP API, as applications ask it, with its flags evaluated for their context."""

import json
import urllib.error
import urllib.request

import pytest
from conftest import Clients
from server import Server, free_port

FLAGS = {"version": "1", "flags": {"ui": {"attributes": {"dark": {}}}, "plain": {}}, "values": {
    "ui": {"_variants": [
        {"name": "QA", "rule": '(ends_with $email "@qa.example.com")', "enabled": True,
         "attributeValues": {"dark": True}},
        {"name": "default", "enabled": False}]},
    "plain": {"enabled": True}}}


class Agent:
    """A server with an agent's listener, and something deployed in two profiles."""

    def __init__(self, *options):
        self.port = free_port()
        self.server = Server("--agent-listen", f"127.0.0.1:{self.port}", *options).start()
        self.appconfig = Clients(self.server.endpoint).appconfig
        self.app = self.appconfig.create_application(Name="my app")["Id"]
        self.env = self.appconfig.create_environment(ApplicationId=self.app, Name="prod")["Id"]
        self.deploy("flags", json.dumps(FLAGS), Type="AWS.AppConfig.FeatureFlags")
        self.deploy("text", "a: 1\n", content_type="application/x-yaml")

    def deploy(self, name, content, content_type="application/json", strategy=None, **profile):
        found = [p["Id"] for p in self.appconfig.list_configuration_profiles(
            ApplicationId=self.app)["Items"] if p["Name"] == name]
        profile_id = found[0] if found else self.appconfig.create_configuration_profile(
            ApplicationId=self.app, Name=name, LocationUri="hosted", **profile)["Id"]
        made = self.appconfig.create_hosted_configuration_version(
            ApplicationId=self.app, ConfigurationProfileId=profile_id, Content=content.encode(),
            ContentType=content_type)
        strategy = strategy or self.appconfig.create_deployment_strategy(
            Name="now", DeploymentDurationInMinutes=0, GrowthFactor=100, FinalBakeTimeInMinutes=0,
            ReplicateTo="NONE")["Id"]
        self.appconfig.start_deployment(
            ApplicationId=self.app, EnvironmentId=self.env, ConfigurationProfileId=profile_id,
            DeploymentStrategyId=strategy, ConfigurationVersion=str(made["VersionNumber"]))

    def raw(self, path, headers=None, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers or {},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def get(self, profile, query="", **headers):
        return self.raw(f"/applications/my%20app/environments/prod/configurations/{profile}{query}",
                        {k.replace("_", "-"): v for k, v in headers.items()})

    def flags(self, query="", **headers):
        status, _, body = self.get("flags", query, **headers)
        assert status == 200, body
        return json.loads(body)


@pytest.fixture(scope="module")
def agent():
    made = Agent()
    yield made
    assert made.server.stop() == 0, made.server.log[-4000:]


def test_flags_are_evaluated_for_the_context(agent):
    off = {"_variant": "default", "enabled": False}
    on = {"_variant": "QA", "enabled": True, "dark": True}
    assert agent.flags() == {"ui": off, "plain": {"enabled": True}}
    assert agent.flags(Context="email=ann@qa.example.com") == {"ui": on, "plain": {"enabled": True}}
    assert agent.flags("?flag=ui", Context="country=US,email=ann@qa.example.com") == on
    assert agent.flags("?flag=ui&flag=plain") == {"ui": off, "plain": {"enabled": True}}
    status, headers, _ = agent.get("flags")
    assert headers["Configuration-Version"] == headers["ConfigurationVersion"] == "1"
    assert headers["Content-Type"] == "application/json"


def test_freeform_content_is_passed_through(agent):
    status, headers, body = agent.get("text")
    assert (status, headers["Content-Type"], body) == (200, "application/x-yaml", b"a: 1\n")


def test_refusals(agent):
    assert agent.get("none")[0] == 404
    assert agent.get("flags", "?flag=none")[0] == 404
    assert agent.get("text", "?flag=ui")[0] == 400
    assert agent.get("flags", Context="nothing")[0] == 400
    assert agent.get("flags", Entity_Id="x" * 2049)[0] == 400
    assert agent.get("flags", Origin="http://evil.example")[0] == 403
    assert agent.raw("/")[0] == 404 and agent.raw("/ping")[0] == 200
    assert agent.raw("/applications/a/environments/e/configurations/p", method="POST")[0] == 405


def test_a_rollout_reaches_entities_one_by_one_and_survives_a_restart(agent):
    slow = agent.appconfig.create_deployment_strategy(
        Name="slow", DeploymentDurationInMinutes=10, GrowthFactor=50, FinalBakeTimeInMinutes=0,
        ReplicateTo="NONE")["Id"]
    agent.deploy("text", "a: 2\n", content_type="application/x-yaml", strategy=slow)

    def reached():
        answers = [agent.get("text", Entity_Id=f"user-{i}")[2] for i in range(60)]
        assert answers == [agent.get("text", Entity_Id=f"user-{i}")[2] for i in range(60)]
        return answers.count(b"a: 2\n")

    assert reached() == 0
    agent.server.advance(minutes=5)
    assert 10 < reached() < 50
    agent.server.advance(minutes=5)
    assert reached() == 60
    assert agent.server.stop() == 0
    agent.server.start()
    assert agent.get("text")[2] == b"a: 2\n"
    assert agent.flags("?flag=ui", Context="email=ann@qa.example.com")["_variant"] == "QA"


def test_an_access_token_is_asked_for():
    agent = Agent("--agent-access-token", "secret")
    assert agent.get("text")[0] == 401
    assert agent.get("text", Authorization="Bearer wrong")[0] == 401
    assert agent.get("text", Authorization="Bearer secret", Origin="http://a.example")[0] == 200
    assert agent.server.stop() == 0
