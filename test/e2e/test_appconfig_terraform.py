"""What Terraform's provider asks AppConfig for: each resource is created, read back and compared, changed,
tagged, torn down at once, and must then be not found."""

import json

import pytest
from botocore.exceptions import ClientError
from server import ACCOUNT, REGION

TAGS = {"key1": "value1"}


def arn(resource):
    return f"arn:aws:appconfig:{REGION}:{ACCOUNT}:{resource}"


def gone(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def members(answer):
    return {k: v for k, v in answer.items() if k != "ResponseMetadata"}


class Stack:
    """The provider's own configuration of a deployment: what it needs, in the order that it is made in."""

    def __init__(self, appconfig, name):
        self.client, self.name = appconfig, name
        self.app = appconfig.create_application(Name=name, Tags={})["Id"]
        self.environment = appconfig.create_environment(ApplicationId=self.app, Name=name, Description="")["Id"]
        self.profile = appconfig.create_configuration_profile(
            ApplicationId=self.app, Name=name, LocationUri="hosted", Type="AWS.Freeform")["Id"]
        self.strategy = appconfig.create_deployment_strategy(
            Name=name, DeploymentDurationInMinutes=3, GrowthFactor=10, ReplicateTo="NONE")["Id"]
        self.version = appconfig.create_hosted_configuration_version(
            ApplicationId=self.app, ConfigurationProfileId=self.profile, ContentType="application/json",
            Content=json.dumps({"foo": "bar"}).encode(), Description=name)["VersionNumber"]
        self.of_environment = {"ApplicationId": self.app, "EnvironmentId": self.environment}
        self.of_profile = {"ApplicationId": self.app, "ConfigurationProfileId": self.profile}

    def destroy(self):
        """In the reverse order, without waiting for the deployment."""
        self.client.delete_environment(**self.of_environment)
        self.client.delete_hosted_configuration_version(**self.of_profile, VersionNumber=self.version)
        self.client.delete_configuration_profile(**self.of_profile)
        self.client.delete_deployment_strategy(DeploymentStrategyId=self.strategy)
        self.client.delete_application(ApplicationId=self.app)


@pytest.fixture
def stack(appconfig, name):
    return Stack(appconfig, name)


def test_a_stack_is_put_up_and_torn_down_at_once(appconfig, stack):
    started = appconfig.start_deployment(
        **stack.of_environment, ConfigurationProfileId=stack.profile, ConfigurationVersion=str(stack.version),
        DeploymentStrategyId=stack.strategy, Description=stack.name, Tags=TAGS)
    read = appconfig.get_deployment(**stack.of_environment, DeploymentNumber=started["DeploymentNumber"])
    assert (read["DeploymentNumber"], read["ConfigurationVersion"], read["Description"]) == (1, "1", stack.name)
    assert (read["DeploymentStrategyId"], read["State"]) == (stack.strategy, "DEPLOYING")
    assert "KmsKeyArn" not in read and "KmsKeyIdentifier" not in read
    deployment = arn(f"application/{stack.app}/environment/{stack.environment}/deployment/1")
    assert appconfig.list_tags_for_resource(ResourceArn=deployment)["Tags"] == TAGS
    stack.destroy()
    gone(appconfig.get_application, ApplicationId=stack.app)
    gone(appconfig.get_environment, **stack.of_environment)
    gone(appconfig.get_configuration_profile, **stack.of_profile)
    gone(appconfig.get_hosted_configuration_version, **stack.of_profile, VersionNumber=1)
    gone(appconfig.get_deployment_strategy, DeploymentStrategyId=stack.strategy)
    gone(appconfig.get_deployment, **stack.of_environment, DeploymentNumber=1)
    gone(appconfig.list_tags_for_resource, ResourceArn=deployment)
    gone(appconfig.delete_application, ApplicationId=stack.app)
    gone(appconfig.delete_environment, **stack.of_environment)
    gone(appconfig.delete_configuration_profile, **stack.of_profile)


def test_what_is_changed_reads_back(appconfig, stack):
    of_app = {"ApplicationId": stack.app}
    assert members(appconfig.update_application(**of_app, Name="renamed", Description="d")) == \
        {"Id": stack.app, "Name": "renamed", "Description": "d"}
    appconfig.update_application(**of_app, Description="")
    assert appconfig.get_application(**of_app).get("Description", "") == ""
    monitor = {"AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a",
               "AlarmRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}
    appconfig.update_environment(**stack.of_environment, Description="d", Monitors=[monitor])
    read = appconfig.get_environment(**stack.of_environment)
    assert (read["State"], read["Monitors"], read["Description"]) == ("ReadyForDeployment", [monitor], "d")
    appconfig.update_environment(**stack.of_environment, Monitors=[])
    assert appconfig.get_environment(**stack.of_environment).get("Monitors", []) == []
    schema = json.dumps({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"})
    validators = [{"Type": "JSON_SCHEMA", "Content": schema},
                  {"Type": "LAMBDA", "Content": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"}]
    appconfig.update_configuration_profile(**stack.of_profile, Validators=validators, Name="p" * 128)
    read = appconfig.get_configuration_profile(**stack.of_profile)
    assert read["Validators"] == validators and read["Name"] == "p" * 128
    listed, = appconfig.list_configuration_profiles(**of_app)["Items"]
    assert listed["ValidatorTypes"] == ["JSON_SCHEMA", "LAMBDA"] and listed["Type"] == "AWS.Freeform"
    appconfig.update_configuration_profile(**stack.of_profile, Validators=[])
    assert appconfig.get_configuration_profile(**stack.of_profile).get("Validators", []) == []
    of_strategy = {"DeploymentStrategyId": stack.strategy}
    appconfig.update_deployment_strategy(**of_strategy, FinalBakeTimeInMinutes=60, Description="d")
    read = appconfig.get_deployment_strategy(**of_strategy)
    assert (read["FinalBakeTimeInMinutes"], read["GrowthType"], read["GrowthFactor"]) == (60, "LINEAR", 10.0)
    version = appconfig.get_hosted_configuration_version(**stack.of_profile, VersionNumber=stack.version)
    assert json.loads(version["Content"].read()) == {"foo": "bar"} and version["Description"] == stack.name
    stack.destroy()


def test_tags_of_each_kind(appconfig, stack):
    for resource in (f"application/{stack.app}", f"application/{stack.app}/environment/{stack.environment}",
                     f"application/{stack.app}/configurationprofile/{stack.profile}",
                     f"deploymentstrategy/{stack.strategy}"):
        of = {"ResourceArn": arn(resource)}
        assert appconfig.list_tags_for_resource(**of)["Tags"] == {}
        appconfig.tag_resource(**of, Tags={"key1": "", "key2": "value2"})
        appconfig.tag_resource(**of, Tags={"key1": "updated"})
        appconfig.untag_resource(**of, TagKeys=["key2"])
        assert appconfig.list_tags_for_resource(**of)["Tags"] == {"key1": "updated"}
    stack.destroy()


def test_extensions_and_their_associations(appconfig, stack):
    role, function = f"arn:aws:iam::{ACCOUNT}:role/r", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    action = {"Name": "act", "Description": "", "Uri": function, "RoleArn": role}
    made = appconfig.create_extension(
        Name=stack.name, Actions={"ON_DEPLOYMENT_COMPLETE": [action]}, Tags=TAGS,
        Parameters={"p": {"Description": "", "Required": True}})
    of = {"ExtensionIdentifier": made["Id"]}
    read = appconfig.get_extension(**of)
    assert read["Arn"] == arn(f"extension/{made['Id']}/1") and read["VersionNumber"] == 1
    assert read["Actions"] == {"ON_DEPLOYMENT_COMPLETE": [action]} and read["Parameters"]["p"]["Required"] is True
    assert appconfig.list_tags_for_resource(ResourceArn=read["Arn"])["Tags"] == TAGS
    changed = appconfig.update_extension(**of, Description="d", Actions={"ON_DEPLOYMENT_START": [action]})
    assert changed["VersionNumber"] == 1 and list(changed["Actions"]) == ["ON_DEPLOYMENT_START"]
    on = arn(f"application/{stack.app}")
    association = appconfig.create_extension_association(
        ExtensionIdentifier=read["Arn"], ResourceIdentifier=on, Parameters={"p": "1"})
    of_association = {"ExtensionAssociationId": association["Id"]}
    appconfig.update_extension_association(**of_association, Parameters={"p": "2"})
    shown = appconfig.get_extension_association(**of_association)
    assert (shown["ExtensionArn"], shown["ResourceArn"], shown["Parameters"]) == (read["Arn"], on, {"p": "2"})
    assert shown["Arn"] == arn(f"extensionassociation/{association['Id']}") and shown["ExtensionVersionNumber"] == 1
    appconfig.delete_extension_association(**of_association)
    gone(appconfig.get_extension_association, **of_association)
    gone(appconfig.delete_extension_association, **of_association)
    appconfig.delete_extension(**of)
    gone(appconfig.get_extension, **of)
    gone(appconfig.delete_extension, **of)
    stack.destroy()
