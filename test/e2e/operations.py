#!/usr/bin/env python3
"""Calls every operation of AppConfig's two planes once, on a fresh account, and checks status, headers and members.

The installed boto3 decides which members are known: test_appconfig_operations.py runs this with Debian's, and as a
program (ENDPOINT as its argument) with a newer one where there is one. Ends with 1 on a difference.
"""

import io
import json
import random
import re
import sys
import zipfile

import boto3
from botocore.config import Config

REGION = "us-east-1"
ID = re.compile(r"[a-z0-9]{4,7}$")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


class Exercise:
    def __init__(self, endpoint):
        self.account = f"{random.randrange(10 ** 12):012d}"
        self.called, self.wrong = [], []
        self.clients = {name: self.client(endpoint, name) for name in ("appconfig", "appconfigdata", "lambda")}
        self.model = self.clients["appconfig"].meta.service_model
        self.newer = "GetAccountSettings" in self.model.operation_names

    def client(self, endpoint, name):
        client = boto3.client(name, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=self.account,
                              aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}))
        client.meta.events.register(f"after-call.{name}", self.keep)
        return client

    def keep(self, http_response, **_):
        self.answer = http_response

    def expect(self, true, what):
        if not true:
            self.wrong.append(f"{self.called[-1]}: {what}")

    def __call__(self, operation, status, members="", service="appconfig", optional="", **arguments):
        """One call. `members`: all that the answer must have; `optional`: what it may have besides."""
        client = self.clients[service]
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        self.called.append(operation)
        answer = getattr(client, method)(**arguments)
        meta = answer.pop("ResponseMetadata")
        self.expect(meta["HTTPStatusCode"] == status, f"status {meta['HTTPStatusCode']}, not {status}")
        self.expect(re.fullmatch(r"[0-9a-f-]{36}", meta["HTTPHeaders"].get("x-amzn-requestid", "")), "no request id")
        known = set(client.meta.service_model.operation_model(operation).output_shape.members) \
            if client.meta.service_model.operation_model(operation).output_shape else set()
        wanted, allowed = set(members.split()) & known, set(optional.split())
        missing, more = wanted - set(answer), set(answer) - wanted - allowed
        self.expect(not missing and not more, f"missing {sorted(missing)}, unexpected {sorted(more)}")
        return answer

    def refused(self, operation, code, status, service="appconfig", **arguments):
        client = self.clients[service]
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            getattr(client, method)(**arguments)
        except client.exceptions.ClientError as e:
            answer = e.response
            found = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
            self.expect(found == (code, status), f"refused with {found}, not {(code, status)}")
            self.expect(self.answer.headers.get("x-amzn-ErrorType") == code, "no x-amzn-ErrorType")
            self.expect(answer.get("Message") or answer["Error"]["Message"], "no Message")
            return answer
        self.expect(False, f"was not refused with {code}")
        return {}

    # --- groups of operations, in the order in which they need each other

    def applications(self):
        a = self("CreateApplication", 201, "Id Name Description", Name="shop", Description="d", Tags={"k": "v"})
        self.app = a["Id"]
        self.expect(ID.match(self.app), f"the id {self.app}")
        bare = self("CreateApplication", 201, "Id Name", Name="bare")
        self("GetApplication", 200, "Id Name Description", ApplicationId=self.app)
        u = self("UpdateApplication", 200, "Id Name Description", ApplicationId=self.app, Name="shop2")
        self.expect(u["Name"] == "shop2" and u["Description"] == "d", u)
        page = self("ListApplications", 200, "Items NextToken", MaxResults=1)
        rest = self("ListApplications", 200, "Items", MaxResults=50, NextToken=page["NextToken"])
        self.expect({i["Id"] for i in page["Items"] + rest["Items"]} == {self.app, bare["Id"]}, "both are listed")
        self("DeleteApplication", 204, ApplicationId=bare["Id"])
        self.refused("GetApplication", "ResourceNotFoundException", 404, ApplicationId=bare["Id"])

    def environments(self):
        members = "ApplicationId Id Name Description State Monitors"
        alarm = {"AlarmArn": f"arn:aws:cloudwatch:{REGION}:{self.account}:alarm:a"}
        e = self("CreateEnvironment", 201, members, ApplicationId=self.app, Name="prod", Description="d",
                 Monitors=[alarm])
        self.env = e["Id"]
        self.expect(e["State"] == "ReadyForDeployment" and e["Monitors"] == [alarm], e)
        self("GetEnvironment", 200, members, ApplicationId=self.app, EnvironmentId="prod")
        u = self("UpdateEnvironment", 200, members, ApplicationId=self.app, EnvironmentId=self.env, Monitors=[])
        self.expect(u["Monitors"] == [], u)
        listed = self("ListEnvironments", 200, "Items", ApplicationId=self.app)
        self.expect([i["Id"] for i in listed["Items"]] == [self.env], listed)

    def profiles(self):
        members = "ApplicationId Id Name Description LocationUri Type Validators"
        schema = {"Type": "JSON_SCHEMA", "Content": '{"type":"object"}'}
        p = self("CreateConfigurationProfile", 201, members, ApplicationId=self.app, Name="limits", Description="d",
                 LocationUri="hosted", Validators=[schema])
        self.profile = p["Id"]
        self.expect(p["Type"] == "AWS.Freeform" and p["Validators"] == [schema], p)
        self("GetConfigurationProfile", 200, members, ApplicationId=self.app, ConfigurationProfileId=self.profile)
        self("UpdateConfigurationProfile", 200, members, ApplicationId=self.app, ConfigurationProfileId=self.profile,
             Description="e")
        listed = self("ListConfigurationProfiles", 200, "Items", ApplicationId=self.app, Type="AWS.Freeform")["Items"]
        self.expect(len(listed) == 1 and set(listed[0]) == {"ApplicationId", "Id", "Name", "LocationUri",
                                                            "ValidatorTypes", "Type"}, listed)

    def versions(self):
        members = "ApplicationId ConfigurationProfileId VersionNumber Description Content ContentType"
        names = dict(ApplicationId=self.app, ConfigurationProfileId=self.profile)
        label = {"VersionLabel": "first"} if self.newer else {}
        v = self("CreateHostedConfigurationVersion", 201, members + " VersionLabel" * self.newer, **names,
                 Content=b'{"a": 1}', ContentType="application/json", Description="d", **label)
        self.expect(v["VersionNumber"] == 1 and v["Content"].read() == b'{"a": 1}', v)
        self.expect(self.answer.headers.get("Version-Number") == "1"
                    and self.answer.headers.get("Application-Id") == self.app, dict(self.answer.headers))
        self("CreateHostedConfigurationVersion", 201, members, **names, Content=b"[]", Description="bad",
             ContentType="application/json", LatestVersionNumber=1)
        self.refused("CreateHostedConfigurationVersion", "ConflictException", 409, **names, Content=b"{}",
                     ContentType="application/json", LatestVersionNumber=1)
        big = self.refused("CreateHostedConfigurationVersion", "PayloadTooLargeException", 413, **names,
                           Content=b" " * (2 * 1024 * 1024 + 1), ContentType="application/json")
        self.expect(big.get("Measure") == "KILOBYTES" and big.get("Limit") == 2048.0
                    and 2048 < big.get("Size", 0) < 2049, big)
        got = self("GetHostedConfigurationVersion", 200, members, optional="VersionLabel", **names, VersionNumber=1)
        self.expect(got["ContentType"] == "application/json" and got["Content"].read() == b'{"a": 1}', got)
        listed = self("ListHostedConfigurationVersions", 200, "Items", **names)["Items"]
        self.expect([i["VersionNumber"] for i in listed] == [2, 1], listed)
        self("ValidateConfiguration", 204, **names, ConfigurationVersion="1")
        refusal = self.refused("ValidateConfiguration", "BadRequestException", 400, **names, ConfigurationVersion="2")
        detail = refusal["Details"]["InvalidConfiguration"][0]
        self.expect(refusal["Reason"] == "InvalidConfiguration" and detail["Constraint"] == "type"
                    and detail["Location"] == "#" and detail["Value"] == "[]", refusal)
        self("DeleteHostedConfigurationVersion", 204, **names, VersionNumber=2)

    def strategies(self):
        members = ("Id Name Description DeploymentDurationInMinutes GrowthType GrowthFactor FinalBakeTimeInMinutes "
                   "ReplicateTo")
        s = self("CreateDeploymentStrategy", 201, members, Name="slow", Description="d",
                 DeploymentDurationInMinutes=30, GrowthFactor=20, FinalBakeTimeInMinutes=1, ReplicateTo="NONE")
        self.strategy = s["Id"]
        self.expect(s["GrowthType"] == "LINEAR" and isinstance(s["GrowthFactor"], float), s)
        self("GetDeploymentStrategy", 200, members, DeploymentStrategyId=self.strategy)
        u = self("UpdateDeploymentStrategy", 200, members, DeploymentStrategyId=self.strategy, GrowthFactor=25.5,
                 GrowthType="EXPONENTIAL")
        self.expect((u["GrowthFactor"], u["GrowthType"]) == (25.5, "EXPONENTIAL"), u)
        listed = self("ListDeploymentStrategies", 200, "Items")["Items"]
        self.expect(sum(i["Id"].startswith("AppConfig.") for i in listed) == 4 and len(listed) == 5, listed)
        gone = self("CreateDeploymentStrategy", 201, members, Name="gone", Description="d", ReplicateTo="NONE",
                    DeploymentDurationInMinutes=0, GrowthFactor=100)
        self("DeleteDeploymentStrategy", 204, DeploymentStrategyId=gone["Id"])

    def deployments(self):
        members = ("ApplicationId EnvironmentId DeploymentStrategyId ConfigurationProfileId DeploymentNumber "
                   "ConfigurationName ConfigurationLocationUri ConfigurationVersion Description "
                   "DeploymentDurationInMinutes GrowthType GrowthFactor FinalBakeTimeInMinutes State EventLog "
                   "PercentageComplete StartedAt AppliedExtensions")
        where = dict(ApplicationId=self.app, EnvironmentId=self.env)
        what = dict(where, ConfigurationProfileId=self.profile, ConfigurationVersion="1")
        d = self("StartDeployment", 201, members, optional="VersionLabel", **what, Description="d",
                 DeploymentStrategyId=self.strategy)
        raw = json.loads(self.answer.content)
        self.expect(d["State"] == "DEPLOYING" and b'"PercentageComplete":0.0' in self.answer.content, d)
        self.expect(STAMP.match(raw["StartedAt"]) and raw["AppliedExtensions"] == [], raw)
        event = d["EventLog"][0]
        self.expect((event["EventType"], event["TriggeredBy"]) == ("DEPLOYMENT_STARTED", "USER"), event)
        self.refused("StartDeployment", "ConflictException", 409, **what, DeploymentStrategyId=self.strategy)
        self("GetDeployment", 200, members, optional="VersionLabel", **where, DeploymentNumber=1)
        stopped = self("StopDeployment", 202, members, optional="VersionLabel CompletedAt", **where,
                       DeploymentNumber=1)
        self.expect(stopped["State"] == "ROLLED_BACK", stopped)
        self("StartDeployment", 201, members.replace("Description ", ""), optional="VersionLabel", **what,
             DeploymentStrategyId="AppConfig.AllAtOnce")
        listed = self("ListDeployments", 200, "Items", **where)["Items"]
        self.expect([i["DeploymentNumber"] for i in listed] == [2, 1] and "EventLog" not in listed[0], listed)

    def reading(self):
        session = self("StartConfigurationSession", 201, "InitialConfigurationToken", service="appconfigdata",
                       ApplicationIdentifier=self.app, EnvironmentIdentifier="prod",
                       ConfigurationProfileIdentifier="limits", RequiredMinimumPollIntervalInSeconds=15)
        members = "NextPollConfigurationToken NextPollIntervalInSeconds ContentType Configuration"
        token = session["InitialConfigurationToken"]
        first = self("GetLatestConfiguration", 200, members, optional="VersionLabel", service="appconfigdata",
                     ConfigurationToken=token)
        self.expect(first["Configuration"].read() == b'{"a": 1}' and first["NextPollIntervalInSeconds"] == 15, first)
        early = self.refused("GetLatestConfiguration", "BadRequestException", 400, service="appconfigdata",
                             ConfigurationToken=first["NextPollConfigurationToken"])
        self.expect(early.get("Reason") == "InvalidParameters" and early["Details"]["InvalidParameters"] ==
                    {"ConfigurationToken": {"Problem": "PollIntervalNotSatisfied"}}, early)
        names = dict(Application=self.app, Environment=self.env, Configuration=self.profile, ClientId="c")
        got = self("GetConfiguration", 200, "Content ConfigurationVersion ContentType", **names)
        self.expect(got["Content"].read() == b'{"a": 1}' and got["ConfigurationVersion"] == "1", got)
        same = self("GetConfiguration", 204, "Content ConfigurationVersion", optional="ContentType", **names,
                    ClientConfigurationVersion="1")
        self.expect(same["Content"].read() == b"" and same["ConfigurationVersion"] == "1", same)

    def tags(self):
        arn = f"arn:aws:appconfig:{REGION}:{self.account}:application/{self.app}"
        self("TagResource", 204, ResourceArn=arn, Tags={"a": "b", "c": "d"})
        self("UntagResource", 204, ResourceArn=arn, TagKeys=["a", "k"])
        listed = self("ListTagsForResource", 200, "Tags", ResourceArn=arn)
        self.expect(listed["Tags"] == {"c": "d"}, listed)
        empty = self("ListTagsForResource", 200, "Tags", ResourceArn=f"{arn}/environment/{self.env}")
        self.expect(empty["Tags"] == {}, empty)
        self.refused("ListTagsForResource", "ResourceNotFoundException", 404, ResourceArn=arn[:-7] + "zzzzzzz")

    def extensions(self):
        function = self.clients["lambda"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): return {}")
        role = f"arn:aws:iam::{self.account}:role/r"
        arn = function.create_function(FunctionName="ext", Runtime="python3.11", Handler="index.handler", Role=role,
                                       Code={"ZipFile": code.getvalue()})["FunctionArn"]
        actions = {"ON_DEPLOYMENT_COMPLETE": [{"Name": "tell", "Uri": arn, "RoleArn": role}]}
        members = "Id Name VersionNumber Arn Description Actions Parameters"
        e = self("CreateExtension", 201, members, Name="tell", Description="d", Actions=actions,
                 Parameters={"p": {"Required": False, "Description": "x"}})
        self.expect(e["VersionNumber"] == 1 and e["Arn"].endswith(f":extension/{e['Id']}/1"), e)
        self("GetExtension", 200, members, ExtensionIdentifier="tell")
        self("UpdateExtension", 200, members, ExtensionIdentifier=e["Id"], Description="e", VersionNumber=1)
        listed = self("ListExtensions", 200, "Items", Name="tell")["Items"]
        self.expect([i["Name"] for i in listed] == ["tell"], listed)
        resource = f"arn:aws:appconfig:{REGION}:{self.account}:application/{self.app}"
        members = "Id ExtensionArn ResourceArn Arn Parameters ExtensionVersionNumber"
        a = self("CreateExtensionAssociation", 201, members, ExtensionIdentifier="tell", ResourceIdentifier=resource,
                 Parameters={"p": "1"})
        self("GetExtensionAssociation", 200, members, ExtensionAssociationId=a["Id"])
        u = self("UpdateExtensionAssociation", 200, members, ExtensionAssociationId=a["Id"], Parameters={"p": "2"})
        self.expect(u["Parameters"] == {"p": "2"}, u)
        listed = self("ListExtensionAssociations", 200, "Items", ResourceIdentifier=resource)["Items"]
        self.expect([set(i) for i in listed] == [{"Id", "ExtensionArn", "ResourceArn"}], listed)
        self("DeleteExtensionAssociation", 204, ExtensionAssociationId=a["Id"])
        self("DeleteExtension", 204, ExtensionIdentifier=e["Id"])

    def settings(self):
        if not self.newer:
            return
        set_to = {"Enabled": True, "ProtectionPeriodInMinutes": 15}
        u = self("UpdateAccountSettings", 200, "DeletionProtection", optional="VendedMetrics",
                 DeletionProtection=set_to)
        self.expect(u["DeletionProtection"] == set_to, u)
        self("GetAccountSettings", 200, "DeletionProtection", optional="VendedMetrics")
        self.refused("DeleteConfigurationProfile", "BadRequestException", 400, ApplicationId=self.app,
                     ConfigurationProfileId=self.profile, DeletionProtectionCheck="APPLY")

    def endings(self):
        self.refused("DeleteApplication", "BadRequestException", 400, ApplicationId=self.app)
        self.refused("DeleteConfigurationProfile", "BadRequestException", 400, ApplicationId=self.app,
                     ConfigurationProfileId=self.profile)
        self("DeleteHostedConfigurationVersion", 204, ApplicationId=self.app, ConfigurationProfileId=self.profile,
             VersionNumber=1)
        bypass = {"DeletionProtectionCheck": "BYPASS"} if self.newer else {}
        self("StopDeployment", 202, optional=" ".join(
            self.model.operation_model("StopDeployment").output_shape.members), ApplicationId=self.app,
            EnvironmentId=self.env, DeploymentNumber=2)
        self("DeleteConfigurationProfile", 204, ApplicationId=self.app, ConfigurationProfileId=self.profile, **bypass)
        self("DeleteEnvironment", 204, ApplicationId=self.app, EnvironmentId=self.env, **bypass)
        self("DeleteApplication", 204, ApplicationId=self.app)

    def run(self):
        for group in (self.applications, self.environments, self.profiles, self.versions, self.strategies,
                      self.deployments, self.reading, self.tags, self.extensions, self.settings, self.endings):
            group()
        names = [n for n in self.model.operation_names if "Experiment" not in n]
        names += self.clients["appconfigdata"].meta.service_model.operation_names
        for name in sorted(set(names) - set(self.called)):
            self.wrong.append(f"{name}: not called")
        return len(names), self.wrong


def main():
    count, wrong = Exercise(sys.argv[1]).run()
    print(json.dumps({"boto3": boto3.__version__, "operations": count, "wrong": wrong}, default=str))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
