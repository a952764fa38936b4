"""The account's settings and deletion protection. Debian's boto3 has neither, so requests are signed by hand."""

import http.client
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import Clients, poll
from server import ACCOUNT, REGION, Server


@pytest.fixture(scope="module")
def own():
    """A server of its own: settings are the account's, and the clock is turned."""
    server = Server().start()
    yield server
    assert server.stop() == 0


def call(server, method, path, body=None, headers=None):
    data = b"" if body is None else json.dumps(body).encode()
    request = AWSRequest(method=method, url=server.endpoint + path, data=data, headers=headers or {})
    SigV4Auth(Credentials(ACCOUNT, "anything"), "appconfig", REGION).add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body=data, headers=dict(request.headers))
    answer = connection.getresponse()
    text = answer.read().decode()
    return answer.status, json.loads(text) if text else None


def settings(server, **change):
    status, body = call(server, "PATCH" if change else "GET", "/settings", change or None)
    assert status == 200, body
    return body


def test_settings(own):
    assert settings(own) == {"DeletionProtection": {"Enabled": False, "ProtectionPeriodInMinutes": 60},
                             "VendedMetrics": {"Enabled": False}}
    changed = settings(own, DeletionProtection={"ProtectionPeriodInMinutes": 15})
    assert changed["DeletionProtection"] == {"Enabled": False, "ProtectionPeriodInMinutes": 15}
    assert settings(own, VendedMetrics={"Enabled": True})["VendedMetrics"] == {"Enabled": True}
    assert settings(own)["DeletionProtection"]["ProtectionPeriodInMinutes"] == 15
    for minutes in (14, 1441):
        status, body = call(own, "PATCH", "/settings", {"DeletionProtection": {"ProtectionPeriodInMinutes": minutes}})
        assert status == 400 and "rotectionPeriodInMinutes" in body["Message"]
    settings(own, DeletionProtection={"Enabled": False, "ProtectionPeriodInMinutes": 60})


class Deployed:
    def __init__(self, server):
        clients = Clients(server.endpoint)
        self.appconfig, self.data = clients("appconfig"), clients("appconfigdata")
        self.app = self.appconfig.create_application(Name="protected")["Id"]
        self.env = self.appconfig.create_environment(ApplicationId=self.app, Name="e")["Id"]
        self.profile = self.appconfig.create_configuration_profile(
            ApplicationId=self.app, Name="p", LocationUri="hosted")["Id"]
        self.version = self.appconfig.create_hosted_configuration_version(
            ApplicationId=self.app, ConfigurationProfileId=self.profile, Content=b"{}",
            ContentType="application/json")["VersionNumber"]
        self.appconfig.start_deployment(
            ApplicationId=self.app, EnvironmentId=self.env, ConfigurationProfileId=self.profile,
            DeploymentStrategyId="AppConfig.AllAtOnce", ConfigurationVersion=str(self.version))

    def read(self):
        token = self.data.start_configuration_session(
            ApplicationIdentifier=self.app, EnvironmentIdentifier=self.env,
            ConfigurationProfileIdentifier=self.profile)["InitialConfigurationToken"]
        assert poll(self.data, token)[1] == b"{}"


def test_deletion_protection(own):
    d = Deployed(own)
    environment = f"/applications/{d.app}/environments/{d.env}"
    profile = f"/applications/{d.app}/configurationprofiles/{d.profile}"
    own.advance(minutes=11)
    d.appconfig.delete_hosted_configuration_version(
        ApplicationId=d.app, ConfigurationProfileId=d.profile, VersionNumber=d.version)
    d.read()
    settings(own, DeletionProtection={"Enabled": True, "ProtectionPeriodInMinutes": 20})

    def delete(path, check=None):
        return call(own, "DELETE", path,
                    headers={"x-amzn-deletion-protection-check": check} if check else {})

    status, body = delete(environment, "SOMETIMES")
    assert status == 400, body
    for path in (environment, profile):
        status, body = delete(path, "APPLY")  # also what is young
        assert status == 400 and "deletion protection" in body["Message"], body
    own.advance(minutes=60)
    d.read()
    for check in (None, "ACCOUNT_DEFAULT", "APPLY"):
        for path in (environment, profile):
            status, body = delete(path, check)
            assert status == 400 and "20 minutes" in body["Message"], (check, body)
    assert delete(profile, "BYPASS") == (204, None)
    assert delete(environment) == (204, None)  # what was read of it is gone
    assert delete(environment)[0] == 404


def test_a_young_environment_may_go(own):
    d = Deployed(own)
    d.read()
    settings(own, DeletionProtection={"Enabled": True})
    d.appconfig.stop_deployment(ApplicationId=d.app, EnvironmentId=d.env, DeploymentNumber=1)
    assert call(own, "DELETE", f"/applications/{d.app}/environments/{d.env}") == (204, None)
