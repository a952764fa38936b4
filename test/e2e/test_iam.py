"""Identities: who may do what, judged on servers that enforce it, with least-privilege roles and each right removed
in turn. The refusal must name what is missing."""

import json
import subprocess

from conftest import Clients, error_of, poll, zipped
from identities import (APPCONFIG, LAMBDA, allow, assume, document, make_role, make_user, restart, root, strict, trust,
                        with_session)
from server import ACCOUNT, BINARY, REGION, Server, wait_for

__all__ = ["make_user", "root", "strict"]

DEPLOY = """
import os
import boto3

appconfig = boto3.client('appconfig')

def handler(event, context):
    e = os.environ
    return appconfig.start_deployment(
        ApplicationId=e['APP'], EnvironmentId=e['ENV'], ConfigurationProfileId=e['PROFILE'],
        DeploymentStrategyId=e['STRATEGY'],
        ConfigurationVersion=event['Records'][0]['s3']['object']['versionId'])['DeploymentNumber']
"""
VALIDATOR = "def handler(event, context):\n    return True\n"


class Road:
    """The seed's workflow, with no right more than it needs."""

    def __init__(self, root, name):
        self.root, self.name = root, name
        root.s3.create_bucket(Bucket=name)
        root.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.reader = make_role(root, name + "-reader", APPCONFIG,
                                allow(["s3:GetObject", "s3:GetObjectVersion"], f"arn:aws:s3:::{name}/configs/*"))
        self.deployer = make_role(root, name + "-deployer", LAMBDA, allow("appconfig:StartDeployment"))
        nothing = make_role(root, name + "-nothing", LAMBDA)
        self.validator = self.function("validate", VALIDATOR, nothing)
        root("lambda").add_permission(FunctionName=f"{name}-validate", StatementId="ac",
                                    Action="lambda:InvokeFunction", Principal=APPCONFIG)
        ac = root.appconfig
        self.app = ac.create_application(Name=name)["Id"]
        self.env = ac.create_environment(ApplicationId=self.app, Name="e")["Id"]
        self.profile = ac.create_configuration_profile(
            ApplicationId=self.app, Name="p", LocationUri=f"s3://{name}/configs/c.json", RetrievalRoleArn=self.reader,
            Validators=[{"Type": "LAMBDA", "Content": self.validator}])["Id"]
        self.strategy = ac.create_deployment_strategy(Name=name, DeploymentDurationInMinutes=0, GrowthFactor=100,
                                                      FinalBakeTimeInMinutes=0, ReplicateTo="NONE")["Id"]
        arn = self.function("deploy", DEPLOY, self.deployer, APP=self.app, ENV=self.env, PROFILE=self.profile,
                            STRATEGY=self.strategy)
        root("lambda").add_permission(FunctionName=f"{name}-deploy", StatementId="s3", Action="lambda:InvokeFunction",
                                    Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{name}")
        root.s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]})

    def function(self, what, source, role, **env):
        return self.root("lambda").create_function(
            FunctionName=f"{self.name}-{what}", Runtime="python3.11", Handler="index.handler", Role=role, Timeout=20,
            Code={"ZipFile": zipped(source)}, Environment={"Variables": env})["FunctionArn"]

    def upload(self, text):
        return self.root.s3.put_object(Bucket=self.name, Key="configs/c.json", Body=text)["VersionId"]

    def deployments(self):
        return self.root.appconfig.list_deployments(ApplicationId=self.app, EnvironmentId=self.env)["Items"]

    def wait_idle(self):
        wait_for("the deployments' end", lambda: all(d["State"] == "COMPLETE" for d in self.deployments()))

    def refusal_of(self, version):
        """What StartDeployment says to the account's own root."""
        self.wait_idle()
        return error_of(self.root.appconfig.start_deployment, ApplicationId=self.app, EnvironmentId=self.env,
                        ConfigurationProfileId=self.profile, DeploymentStrategyId=self.strategy,
                        ConfigurationVersion=version)

    def function_says(self, version):
        """How the deployer function ends, called as the event calls it."""
        event = {"Records": [{"s3": {"object": {"versionId": version}}}]}
        answer = self.root("lambda").invoke(FunctionName=f"{self.name}-deploy", Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())


def test_the_workflow_with_least_privilege_and_each_right_removed(strict, root, name):
    road = Road(root, name)
    version = road.upload('{"limit": 1}')
    wait_for("the deployment", lambda: len(road.deployments()) == 1)
    iam = root.iam

    # The deployer's one right.
    iam.delete_role_policy(RoleName=name + "-deployer", PolicyName="rights")
    said = road.function_says(version)["errorMessage"]
    assert "AccessDeniedException" in said
    assert f":assumed-role/{name}-deployer/" in said
    assert (f"is not authorized to perform: appconfig:StartDeployment on resource: arn:aws:appconfig:{REGION}:"
            f"{ACCOUNT}:application/{road.app} because no identity-based policy allows the "
            "appconfig:StartDeployment action") in said
    iam.put_role_policy(RoleName=name + "-deployer", PolicyName="rights",
                        PolicyDocument=document(allow("appconfig:StartDeployment")))
    road.wait_idle()
    assert road.function_says(version) == 2, "the right counts from the next call on"

    # The retrieval role's rights, its prefix and its trust.
    prefix = f"arn:aws:s3:::{name}/configs/*"
    for missing, kept in (("s3:GetObjectVersion", "s3:GetObject"), ("s3:GetObject", "s3:GetObjectVersion")):
        iam.put_role_policy(RoleName=name + "-reader", PolicyName="rights",
                            PolicyDocument=document(allow(kept, prefix)))
        code, said = road.refusal_of(version)
        assert code == "BadRequestException"
        assert f"not authorized to perform: {missing} on resource: \"arn:aws:s3:::{name}/configs/c.json\"" in said
    iam.put_role_policy(RoleName=name + "-reader", PolicyName="rights", PolicyDocument=document(
        allow(["s3:GetObject", "s3:GetObjectVersion"], f"arn:aws:s3:::{name}/other/*")))
    assert "not authorized to perform: s3:GetObject " in road.refusal_of(version)[1]
    iam.put_role_policy(RoleName=name + "-reader", PolicyName="rights", PolicyDocument=document(
        allow(["s3:GetObject", "s3:GetObjectVersion"], prefix)))
    iam.update_assume_role_policy(RoleName=name + "-reader", PolicyDocument=trust(Service=LAMBDA))
    assert f"{APPCONFIG} is not authorized to perform: sts:AssumeRole" in road.refusal_of(version)[1]
    iam.update_assume_role_policy(RoleName=name + "-reader", PolicyDocument=trust(Service=APPCONFIG))
    # What the bucket denies, it denies to the role too.
    deny = {"Effect": "Deny", "Principal": {"AWS": road.reader}, "Action": "s3:GetObjectVersion", "Resource": prefix}
    root.s3.put_bucket_policy(Bucket=name, Policy=document(deny))
    code, said = road.refusal_of(version)
    assert code == "BadRequestException"
    assert "s3:GetObjectVersion on resource" in said and "explicit deny in a resource-based policy" in said
    root.s3.delete_bucket_policy(Bucket=name)

    # The validator's permission for AppConfig.
    root("lambda").remove_permission(FunctionName=f"{name}-validate", StatementId="ac")
    assert "not authorized to invoke" in road.refusal_of(version)[1]
    root("lambda").add_permission(FunctionName=f"{name}-validate", StatementId="ac", Action="lambda:InvokeFunction",
                                Principal=APPCONFIG)
    # A function whose role no longer trusts Lambda may nothing.
    iam.update_assume_role_policy(RoleName=name + "-deployer", PolicyDocument=trust(Service=APPCONFIG))
    assert "appconfig:StartDeployment" in road.function_says(version)["errorMessage"]
    iam.update_assume_role_policy(RoleName=name + "-deployer", PolicyDocument=trust(Service=LAMBDA))
    road.wait_idle()
    assert road.function_says(version) == 3


def test_the_rights_of_the_roads_ends(root, make_user, name):
    """Who uploads, S3 that calls the function, who reads: each with its one right, and without."""
    road = Road(root, name)
    uploader = make_user(allow("s3:PutObject", f"arn:aws:s3:::{name}/configs/*"), user=name + "-up")
    put = dict(Bucket=name, Key="configs/c.json", Body=b'{"limit": 2}')
    uploader.s3.put_object(**put)
    wait_for("the deployment", lambda: len(road.deployments()) == 1)
    road.wait_idle()
    reader = make_user(allow(["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"]),
                       user=name + "-read")
    session = dict(ApplicationIdentifier=road.app, EnvironmentIdentifier=road.env,
                   ConfigurationProfileIdentifier=road.profile)
    token = reader.appconfigdata.start_configuration_session(**session)["InitialConfigurationToken"]
    token, body = poll(reader.appconfigdata, token)
    assert json.loads(body) == {"limit": 2}

    def rights(user, *statements):
        root.iam.put_user_policy(UserName=user.name, PolicyName="rights", PolicyDocument=document(*statements))

    rights(uploader, allow("s3:PutObject", f"arn:aws:s3:::{name}/other/*"))
    assert "perform: s3:PutObject on resource" in error_of(uploader.s3.put_object, **put)[1]
    rights(reader, allow("appconfig:GetLatestConfiguration"))
    code, said = error_of(reader.appconfigdata.start_configuration_session, **session)
    assert code == "AccessDeniedException" and "perform: appconfig:StartConfigurationSession on resource" in said
    rights(reader, allow("appconfig:StartConfigurationSession"))
    code, said = error_of(reader.appconfigdata.get_latest_configuration, ConfigurationToken=token)
    assert code == "AccessDeniedException" and "perform: appconfig:GetLatestConfiguration on resource" in said

    # S3 calls the function by the function's policy alone, from the bucket and the account it names.
    lam, function = root("lambda"), f"{name}-deploy"
    arn = lam.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    notify = dict(Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [
        {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    for scope in ({"SourceArn": "arn:aws:s3:::another"}, {"SourceAccount": "999999999999"}, None):
        lam.remove_permission(FunctionName=function, StatementId="s3")
        if scope:
            lam.add_permission(FunctionName=function, StatementId="s3", Action="lambda:InvokeFunction",
                               Principal="s3.amazonaws.com", **scope)
        code, said = error_of(root.s3.put_bucket_notification_configuration, **notify)
        assert code == "InvalidArgument" and "Unable to validate the following destination configurations" in said
    lam.add_permission(FunctionName=function, StatementId="s3", Action="lambda:InvokeFunction",
                       Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{name}", SourceAccount=ACCOUNT)
    root.s3.put_bucket_notification_configuration(**notify)

    # Whoever builds the road needs each step's own right.
    builder = make_user(user=name + "-builder")
    start = dict(ApplicationId=road.app, EnvironmentId=road.env, ConfigurationProfileId=road.profile,
                 DeploymentStrategyId=road.strategy, ConfigurationVersion="x")
    steps = (
        ("s3:PutBucketNotification", builder.s3.put_bucket_notification_configuration, notify),
        ("s3:PutBucketVersioning", builder.s3.put_bucket_versioning,
         dict(Bucket=name, VersioningConfiguration={"Status": "Enabled"})),
        ("lambda:AddPermission", builder("lambda").add_permission,
         dict(FunctionName=function, StatementId="x", Action="lambda:InvokeFunction", Principal=APPCONFIG)),
        ("lambda:InvokeFunction", builder("lambda").invoke, dict(FunctionName=function)),
        ("appconfig:StartDeployment", builder.appconfig.start_deployment, start),
        ("appconfig:GetDeployment", builder.appconfig.get_deployment,
         dict(ApplicationId=road.app, EnvironmentId=road.env, DeploymentNumber=1)),
        ("appconfig:ValidateConfiguration", builder.appconfig.validate_configuration,
         dict(ApplicationId=road.app, ConfigurationProfileId=road.profile, ConfigurationVersion="x")),
        ("logs:FilterLogEvents", builder("logs").filter_log_events, dict(logGroupName=f"/aws/lambda/{function}")),
        ("logs:DescribeLogGroups", builder("logs").describe_log_groups, {}),
        ("iam:PutRolePolicy", builder.iam.put_role_policy,
         dict(RoleName=name + "-deployer", PolicyName="p", PolicyDocument=document(allow("*")))),
    )
    for action, call, arguments in steps:
        code, said = error_of(call, **arguments)
        assert code in ("AccessDenied", "AccessDeniedException"), action
        assert f"{builder.name} is not authorized to perform: {action} on resource: " in said, said


def test_reading_configurations_needs_its_own_right(root, make_user, name):
    ac = root.appconfig
    app = ac.create_application(Name=name)["Id"]
    env = ac.create_environment(ApplicationId=app, Name="e")["Id"]
    profile = ac.create_configuration_profile(ApplicationId=app, Name="p", LocationUri="hosted")["Id"]
    number = ac.create_hosted_configuration_version(ApplicationId=app, ConfigurationProfileId=profile, Content=b"{}",
                                                    ContentType="application/json")["VersionNumber"]
    strategy = ac.create_deployment_strategy(Name=name, DeploymentDurationInMinutes=0, GrowthFactor=100,
                                             FinalBakeTimeInMinutes=0, ReplicateTo="NONE")["Id"]
    ac.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profile,
                        DeploymentStrategyId=strategy, ConfigurationVersion=str(number))
    wait_for("the deployment's end", lambda: ac.list_deployments(
        ApplicationId=app, EnvironmentId=env)["Items"][0]["State"] == "COMPLETE")
    arn = f"arn:aws:appconfig:{REGION}:{ACCOUNT}:application/{app}/environment/{env}/configuration/{profile}"
    reader = make_user(allow(["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"], arn))
    session = dict(ApplicationIdentifier=name, EnvironmentIdentifier="e", ConfigurationProfileIdentifier="p")
    token = reader.appconfigdata.start_configuration_session(**session)["InitialConfigurationToken"]
    token, body = poll(reader.appconfigdata, token)
    assert body == b"{}"
    for _ in range(5):
        token, body = poll(reader.appconfigdata, token)  # the fast path
    root.iam.put_user_policy(UserName=reader.name, PolicyName="rights",
                             PolicyDocument=document(allow("appconfig:StartConfigurationSession", arn)))
    code, said = error_of(reader.appconfigdata.get_latest_configuration, ConfigurationToken=token)
    assert code == "AccessDeniedException"
    assert f"not authorized to perform: appconfig:GetLatestConfiguration on resource: {arn} because" in said
    code, said = error_of(reader.appconfig.get_application, ApplicationId=app)
    assert code == "AccessDeniedException" and "appconfig:GetApplication" in said


def test_objects_by_prefix_variable_and_condition(root, make_user, name):
    bucket = name
    root.s3.create_bucket(Bucket=bucket)
    user = make_user(allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                           f"arn:aws:s3:::{bucket}/${{aws:username}}/*"),
                     allow("s3:ListBucket", f"arn:aws:s3:::{bucket}",
                           Condition={"StringLike": {"s3:prefix": ["${aws:username}/*"]}}))
    mine, other = f"{user.name}/a", "somebody/a"
    user.s3.put_object(Bucket=bucket, Key=mine, Body=b"x" * 100_000)
    assert user.s3.get_object(Bucket=bucket, Key=mine)["Body"].read() == b"x" * 100_000
    code, said = error_of(user.s3.put_object, Bucket=bucket, Key=other, Body=b"x" * 100_000)
    assert code == "AccessDenied"
    assert said == (f"User: arn:aws:iam::{ACCOUNT}:user/{user.name} is not authorized to perform: s3:PutObject on "
                    f"resource: \"arn:aws:s3:::{bucket}/{other}\" because no identity-based policy allows the "
                    "s3:PutObject action")
    assert user.s3.list_objects_v2(Bucket=bucket, Prefix=f"{user.name}/")["KeyCount"] == 1
    assert error_of(user.s3.list_objects_v2, Bucket=bucket, Prefix="")[0] == "AccessDenied"
    assert error_of(user.s3.get_object, Bucket=bucket, Key=mine, VersionId="null")[1].count("s3:GetObjectVersion") == 2
    assert "s3:GetObject " in error_of(user.s3.copy_object, Bucket=bucket, Key=mine,
                                       CopySource={"Bucket": bucket, "Key": other})[1]
    # Who may not list is not told what there is not.
    assert error_of(user.s3.get_object, Bucket=bucket, Key=f"{user.name}/none")[0] == "NoSuchKey"
    reader = make_user(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    code, said = error_of(reader.s3.get_object, Bucket=bucket, Key="none")
    assert (code, "s3:ListBucket" in said) == ("AccessDenied", True)
    root.s3.put_object(Bucket=bucket, Key=other, Body=b"y")
    answer = user.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": mine}, {"Key": other}]})
    assert [d["Key"] for d in answer["Deleted"]] == [mine]
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [(other, "AccessDenied")]
    assert root.s3.get_object(Bucket=bucket, Key=other)["Body"].read() == b"y"


def test_handing_a_role_on_needs_the_right_to(root, make_user, name):
    role = make_role(root, name, LAMBDA)
    user = make_user(allow("lambda:*"))
    arguments = dict(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=role,
                     Code={"ZipFile": zipped(VALIDATOR)})
    code, said = error_of(user("lambda").create_function, **arguments)
    assert code == "AccessDeniedException" and f"perform: iam:PassRole on resource: {role}" in said
    root.iam.put_user_policy(UserName=user.name, PolicyName="pass", PolicyDocument=document(
        allow("iam:PassRole", role, Condition={"StringEquals": {"iam:PassedToService": LAMBDA}})))
    user("lambda").create_function(**arguments)
    wrong = make_role(root, name + "-wrong", APPCONFIG)
    assert error_of(root("lambda").create_function, **{**arguments, "FunctionName": name + "2", "Role": wrong}) == (
        "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
    user("lambda").update_function_configuration(FunctionName=name, Description="no role")
    root("lambda").get_waiter("function_updated").wait(FunctionName=name)
    other = make_role(root, name + "-other", LAMBDA)
    assert f"perform: iam:PassRole on resource: {other}" in error_of(
        user("lambda").update_function_configuration, FunctionName=name, Role=other)[1]
    denied = make_user(allow("*"), {"Effect": "Deny", "Action": "lambda:Delete*", "Resource": "*"})
    assert "with an explicit deny in an identity-based policy" in error_of(
        denied("lambda").delete_function, FunctionName=name)[1]


def test_handing_roles_to_appconfig_needs_the_right_to(root, make_user, name):
    role = make_role(root, name, APPCONFIG)
    user = make_user(allow("appconfig:*"))
    refused = ("AccessDeniedException",
               f"User: arn:aws:iam::{ACCOUNT}:user/{user.name} is not authorized to perform: iam:PassRole on "
               f"resource: {role} because no identity-based policy allows the iam:PassRole action")
    ac = user.appconfig
    app = ac.create_application(Name=name)["Id"]
    profile = ac.create_configuration_profile(ApplicationId=app, Name="hosted", LocationUri="hosted")["Id"]
    environment = ac.create_environment(ApplicationId=app, Name="plain")["Id"]
    monitors = [{"AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a", "AlarmRoleArn": role}]
    action = {"Name": "n", "Uri": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", "RoleArn": role}
    calls = (
        (ac.create_configuration_profile, dict(ApplicationId=app, Name="s3", LocationUri=f"s3://{name}/k",
                                               RetrievalRoleArn=role)),
        (ac.update_configuration_profile, dict(ApplicationId=app, ConfigurationProfileId=profile,
                                               RetrievalRoleArn=role)),
        (ac.create_environment, dict(ApplicationId=app, Name="watched", Monitors=monitors)),
        (ac.update_environment, dict(ApplicationId=app, EnvironmentId=environment, Monitors=monitors)),
        (ac.create_extension, dict(Name=name, Actions={"ON_DEPLOYMENT_COMPLETE": [action]})),
    )
    for call, arguments in calls:
        assert error_of(call, **arguments) == refused, call
    root.iam.put_user_policy(UserName=user.name, PolicyName="pass", PolicyDocument=document(
        allow("iam:PassRole", role, Condition={"StringEquals": {"iam:PassedToService": APPCONFIG}})))
    ac.create_environment(ApplicationId=app, Name="watched", Monitors=monitors)
    ac.update_environment(ApplicationId=app, EnvironmentId=environment, Monitors=monitors)


def test_a_functions_package_is_read_with_the_callers_right(root, make_user, name):
    root.s3.create_bucket(Bucket=name)
    root.s3.put_object(Bucket=name, Key="code.zip", Body=zipped(VALIDATOR))
    user = make_user(allow("lambda:*"), allow("iam:PassRole"))
    role = make_role(root, name, LAMBDA)
    code = {"S3Bucket": name, "S3Key": "code.zip"}
    create = dict(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=role)
    missing = f"perform: s3:GetObject on resource: \"arn:aws:s3:::{name}/code.zip\""
    for call, arguments in ((user("lambda").create_function, {**create, "Code": code}),
                            (user("lambda").publish_layer_version, {"LayerName": name, "Content": code})):
        error, said = error_of(call, **arguments)
        assert error == "AccessDeniedException" and missing in said
    user("lambda").create_function(**create, Code={"ZipFile": zipped(VALIDATOR)})
    root("lambda").get_waiter("function_active").wait(FunctionName=name)
    assert missing in error_of(user("lambda").update_function_code, FunctionName=name, **code)[1]
    root.iam.put_user_policy(UserName=user.name, PolicyName="read", PolicyDocument=document(
        allow("s3:GetObject", f"arn:aws:s3:::{name}/*")))
    user("lambda").update_function_code(FunctionName=name, **code)
    root("lambda").get_waiter("function_updated").wait(FunctionName=name)
    layer = user("lambda").publish_layer_version(LayerName=name, Content=code)["LayerVersionArn"]
    root.iam.put_user_policy(UserName=user.name, PolicyName="no-layers", PolicyDocument=document(
        {"Effect": "Deny", "Action": "lambda:GetLayerVersion", "Resource": "*"}))
    assert f"perform: lambda:GetLayerVersion on resource: {layer}" in error_of(
        user("lambda").update_function_configuration, FunctionName=name, Layers=[layer])[1]


def test_destinations_are_told_with_the_functions_role(root, name):
    """Each right in turn; the first invocation of each kind has none, and its record is lost, as on AWS."""
    lambda_, role = root("lambda"), make_role(root, name, LAMBDA)
    root.s3.create_bucket(Bucket=name)
    create = dict(Runtime="python3.11", Handler="index.handler", Role=role)
    ear = lambda_.create_function(FunctionName=name + "-ear", Code={"ZipFile": zipped(
        "def handler(e, c): print('TOLD', e['requestPayload'])")}, **create)["FunctionArn"]
    lambda_.create_function(FunctionName=name, Code={"ZipFile": zipped(
        "def handler(e, c): assert e['good']")}, **create)
    lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={
            "OnSuccess": {"Destination": ear}, "OnFailure": {"Destination": f"arn:aws:s3:::{name}"}})

    def ends(n, good):
        lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"n": n, "good": good}))

    def said(function, word):
        group = f"/aws/lambda/{function}"
        groups = root.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if group not in [one["logGroupName"] for one in groups]:
            return []
        events = root.logs.filter_log_events(logGroupName=group, filterPattern=word)["events"]
        return [event["message"] for event in events]

    def heard():
        return [line.split("'n': ")[1][0] for line in said(name + "-ear", "TOLD")]

    def stored():
        objects = root.s3.list_objects_v2(Bucket=name).get("Contents", [])
        bodies = (root.s3.get_object(Bucket=name, Key=one["Key"])["Body"].read() for one in objects)
        return [json.loads(body)["requestPayload"]["n"] for body in bodies]

    ends(1, True)
    ends(2, False)
    wait_for("both to end", lambda: len(said(name, "END")) == 2)
    root.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(
        allow("lambda:InvokeFunction", ear), allow("s3:PutObject", f"arn:aws:s3:::{name}/aws/lambda/async/*")))
    ends(3, True)
    ends(4, False)
    wait_for("the listener", heard)
    wait_for("the record", stored)
    assert (heard(), stored()) == (["3"], [4])


def test_keys_are_shown_once_rotate_and_end(strict, root, make_user, tmp_path):
    user = make_user(allow("s3:ListAllMyBuckets"))
    assert user.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{user.name}"
    user.s3.list_buckets()
    first = root.iam.list_access_keys(UserName=user.name)["AccessKeyMetadata"]
    assert [set(k) for k in first] == [{"UserName", "AccessKeyId", "Status", "CreateDate"}]
    root.iam.create_access_key(UserName=user.name)
    assert error_of(root.iam.create_access_key, UserName=user.name) == (
        "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    secret = user.secret.encode()
    for path in (strict.data / "data").rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), f"{path} holds a secret in the clear"
    assert (strict.data / "data" / "identity-key").stat().st_mode & 0o777 == 0o600
    restart(strict)
    user.s3.list_buckets()
    if "--dev" not in strict.options:
        root.iam.update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Inactive")
        assert error_of(user.s3.list_buckets)[0] == "InvalidAccessKeyId"
        root.iam.update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Active")
        user.s3.list_buckets()
        root.iam.delete_access_key(UserName=user.name, AccessKeyId=user.key)
        assert error_of(user.s3.list_buckets)[0] == "InvalidAccessKeyId"
    assert secret.decode() not in strict.log


def test_taking_on_a_role(strict, root, make_user, name):
    user, other = make_user(), make_user()
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{user.name}"},
         "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "secret"}}}))["Role"]["Arn"]
    root.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(allow("s3:*")))
    call = dict(RoleArn=role, RoleSessionName="session", ExternalId="secret")
    refusal = f"is not authorized to perform: sts:AssumeRole on resource: {role}"
    for clients, change in ((other, {}), (user, {"ExternalId": "guess"}), (user, {"RoleArn": role + "x"})):
        code, said = error_of(clients.sts.assume_role, **{**call, **change})
        assert code == "AccessDenied" and refusal in said, "and no word of which roles exist"
    got = user.sts.assume_role(**call, DurationSeconds=900)
    session = with_session(strict, got["Credentials"])
    assert session("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"
    session("s3").create_bucket(Bucket=name)
    bound = user.sts.assume_role(**call, Policy=document(allow("s3:ListBucket")))
    narrow = with_session(strict, bound["Credentials"])
    narrow("s3").list_objects_v2(Bucket=name)
    assert "because no session policy allows the s3:PutObject action" in error_of(
        narrow("s3").put_object, Bucket=name, Key="k", Body=b"")[1]
    restart(strict)
    session("s3").list_objects_v2(Bucket=name)  # the token says all
    root.iam.delete_role_policy(RoleName=name, PolicyName="p")
    assert error_of(session("s3").list_objects_v2, Bucket=name)[0] == "AccessDenied"
    assert error_of(user.sts.assume_role, **call, DurationSeconds=7200)[0] == "ValidationError"
    token = user.sts.get_session_token()["Credentials"]
    assert with_session(strict, token)("sts").get_caller_identity()["Arn"].endswith(f":user/{user.name}")


def test_revoked_sessions_may_nothing_anywhere(strict, root, name):
    session = assume(strict, root, name, allow("*"))
    session("s3").create_bucket(Bucket=name)
    session("s3").put_object(Bucket=name, Key="k", Body=b"")
    session("lambda").list_functions()
    # What the console's "Revoke active sessions" attaches.
    root.iam.put_role_policy(RoleName=name, PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(
        {"Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}}))
    refused = "with an explicit deny in an identity-based policy"
    assert refused in error_of(session("s3").put_object, Bucket=name, Key="k", Body=b"")[1]
    assert refused in error_of(session("s3").get_object, Bucket=name, Key="k")[1]
    assert error_of(session("s3").list_buckets)[0] == "AccessDenied"
    assert refused in error_of(session("lambda").list_functions)[1]
    root.s3.put_object(Bucket=name, Key="k", Body=b"")


def test_a_buckets_policy_sees_the_callers_tags(strict, root, name):
    root.s3.create_bucket(Bucket=name)
    session = assume(strict, root, name, allow("s3:*"), Tags=[{"Key": "team", "Value": "red"}])
    session("s3").put_object(Bucket=name, Key="k", Body=b"")
    root.s3.put_bucket_policy(Bucket=name, Policy=document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}))
    code, said = error_of(session("s3").put_object, Bucket=name, Key="k", Body=b"")
    assert code == "AccessDenied" and "s3:PutObject" in said
    assert "s3:GetObject " in error_of(session("s3").get_object, Bucket=name, Key="k")[1], "and not s3:ListBucket"
    root.s3.put_object(Bucket=name, Key="k", Body=b"")


def test_boundaries_and_managed_policies(root, make_user, name):
    user = make_user()
    arn = root.iam.create_policy(PolicyName=name, PolicyDocument=document(allow("s3:ListAllMyBuckets")),
                                 Tags=[{"Key": "team", "Value": "a"}])["Policy"]["Arn"]
    root.iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    user.s3.list_buckets()
    root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:Nothing")), SetAsDefault=True)
    assert error_of(user.s3.list_buckets)[0] == "AccessDenied"
    root.iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    user.s3.list_buckets()
    root.iam.put_user_permissions_boundary(UserName=user.name,
                                           PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert "because no permissions boundary allows the s3:ListAllMyBuckets action" in error_of(
        user.s3.list_buckets)[1]
    root.iam.delete_user_permissions_boundary(UserName=user.name)
    assert error_of(root.iam.delete_policy, PolicyArn=arn) == (
        "DeleteConflict", "Cannot delete a policy attached to entities.")
    assert [u["UserName"] for u in root.iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"]] == [user.name]
    root.iam.detach_user_policy(UserName=user.name, PolicyArn=arn)
    assert [v["VersionId"] for v in root.iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
    root.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    root.iam.delete_policy(PolicyArn=arn)
    assert error_of(root.iam.get_policy, PolicyArn=arn)[0] == "NoSuchEntity"


def test_what_terraform_and_cdk_ask_of_a_role(root, name):
    iam = root.iam
    made = iam.create_role(RoleName=name, Path="/app/", AssumeRolePolicyDocument=trust(Service=LAMBDA),
                           Description="d", MaxSessionDuration=7200, Tags=[{"Key": "k", "Value": "v"}])["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/app/{name}" and made["RoleId"].startswith("AROA")
    got = iam.get_role(RoleName=name)["Role"]
    assert got["AssumeRolePolicyDocument"] == json.loads(trust(Service=LAMBDA))
    assert (got["Tags"], got["MaxSessionDuration"]) == ([{"Key": "k", "Value": "v"}], 7200)
    assert error_of(iam.create_role, RoleName=name, AssumeRolePolicyDocument=trust(Service=LAMBDA)) == (
        "EntityAlreadyExists", f"Role with name {name} already exists.")
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=name, PolicyArn=basic)
    iam.attach_role_policy(RoleName=name, PolicyArn=basic)
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": basic}]
    assert iam.get_policy_version(PolicyArn=basic, VersionId=iam.get_policy(PolicyArn=basic)["Policy"][
        "DefaultVersionId"])["PolicyVersion"]["Document"]["Statement"][0]["Action"][0] == "logs:CreateLogGroup"
    assert error_of(iam.attach_role_policy, RoleName=name, PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy")[
        0] == "NoSuchEntity"
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(allow("s3:*")))
    assert iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]["Statement"][0]["Action"] == "s3:*"
    assert error_of(iam.put_role_policy, RoleName=name, PolicyName="q", PolicyDocument="{}")[
        0] == "MalformedPolicyDocument"
    iam.tag_role(RoleName=name, Tags=[{"Key": "k2", "Value": "v2"}])
    iam.untag_role(RoleName=name, TagKeys=["k"])
    assert iam.list_role_tags(RoleName=name)["Tags"] == [{"Key": "k2", "Value": "v2"}]
    iam.update_role(RoleName=name, Description="new", MaxSessionDuration=3600)
    assert iam.get_role(RoleName=name)["Role"]["Description"] == "new"
    assert error_of(iam.delete_role, RoleName=name) == (
        "DeleteConflict", "Cannot delete entity, must detach all policies first.")
    iam.detach_role_policy(RoleName=name, PolicyArn=basic)
    assert error_of(iam.delete_role, RoleName=name)[0] == "DeleteConflict"
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)
    assert error_of(iam.get_role, RoleName=name) == ("NoSuchEntity",
                                                     f"The role with name {name} cannot be found.")
    assert error_of(iam.create_instance_profile, InstanceProfileName=name)[0] == "NotImplemented"


def test_lists_come_in_pages(root, name):
    for i in range(5):
        root.iam.create_user(UserName=f"{name}-{i}", Path=f"/{name}/")
    pages = root.iam.get_paginator("list_users").paginate(PathPrefix=f"/{name}/",
                                                          PaginationConfig={"PageSize": 2})
    sizes = [[u["UserName"][-1] for u in page["Users"]] for page in pages]
    assert sizes == [["0", "1"], ["2", "3"], ["4"]]


def test_the_simulator_explains(root, make_user):
    user = make_user(allow("s3:Get*", "arn:aws:s3:::b/*",
                           Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}),
                     {"Effect": "Deny", "Action": "s3:GetObjectAcl", "Resource": "*"})
    arn = f"arn:aws:iam::{ACCOUNT}:user/{user.name}"

    def ask(action, **more):
        return root.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action],
                                                  ResourceArns=["arn:aws:s3:::b/k"], **more)["EvaluationResults"][0]
    tag = [{"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyValues": ["a"], "ContextKeyType": "string"}]
    answer = ask("s3:GetObject")
    assert (answer["EvalDecision"], answer["MissingContextValues"]) == ("implicitDeny", ["aws:PrincipalTag/team"])
    answer = ask("s3:GetObject", ContextEntries=tag)
    assert answer["EvalDecision"] == "allowed"
    assert answer["MatchedStatements"][0]["SourcePolicyId"] == "rights"
    assert ask("s3:GetObjectAcl", ContextEntries=tag)["EvalDecision"] == "explicitDeny"
    assert ask("s3:PutObject")["EvalDecision"] == "implicitDeny"
    custom = root.iam.simulate_custom_policy(PolicyInputList=[document(allow("s3:*"))],
                                             ActionNames=["s3:PutObject", "iam:GetUser"])
    assert [r["EvalDecision"] for r in custom["EvaluationResults"]] == ["allowed", "implicitDeny"]


def test_changes_and_refusals_leave_records(root, make_user, name):
    user = make_user()
    root.s3.create_bucket(Bucket=name)
    for _ in range(60):
        assert error_of(user.s3.create_bucket, Bucket=name + "x")[0] == "AccessDenied"
    trail = root.cloudtrail

    def events(key, value):
        return trail.lookup_events(LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}])["Events"]
    made = [e for e in events("EventName", "CreateBucket") if e["Resources"][0]["ResourceName"] == name]
    assert len(made) == 1
    record = json.loads(made[0]["CloudTrailEvent"])
    assert record["userIdentity"]["accountId"] == ACCOUNT and record["eventSource"] == "s3.amazonaws.com"
    wait_for("the refusal's record", lambda: events("Username", user.name))
    refused = events("Username", user.name)
    assert 20 <= len(refused) <= 40, "of a minute the first twenty, the others share a record of the next"
    record = json.loads(refused[0]["CloudTrailEvent"])
    assert record["errorCode"] == "AccessDenied" and "s3:CreateBucket" in record["errorMessage"]
    created = [json.loads(e["CloudTrailEvent"]) for e in events("EventName", "CreateUser")]
    assert any(r["resource"] == user.name for r in created)
    assert error_of(user.cloudtrail.lookup_events)[0] == "AccessDeniedException"
    assert "secret" not in json.dumps(created).lower()


def test_the_trail_is_verified_and_the_root_key_rotated(tmp_path):
    server = Server(dev=False, data=tmp_path / "server").start()
    data = server.data / "data"

    def credentials():
        lines = (data / "root-credentials").read_text().splitlines()
        return [line.split(" = ")[1] for line in lines[1:]]

    def tidegate(*arguments):
        return subprocess.run([BINARY, *arguments, "--data", data], text=True, capture_output=True, timeout=60)
    first = credentials()
    for i in range(3):
        Clients(server.endpoint, *first).s3.create_bucket(Bucket=f"audited-{i}")
    assert "another server is using" in tidegate("audit", "verify").stderr
    assert server.stop() == 0
    verified = tidegate("audit", "verify")
    assert verified.returncode == 0 and verified.stdout.startswith("3 records, 1 to 3: the chain holds"), verified
    exported = [json.loads(line) for line in tidegate("audit", "export").stdout.splitlines()]
    assert [r["resource"] for r in exported] == ["audited-0", "audited-1", "audited-2"]
    rotated = tidegate("credentials", "rotate")
    assert rotated.returncode == 0 and first[1] not in rotated.stdout
    second = credentials()
    assert second[0] != first[0] and (data / "root-credentials").stat().st_mode & 0o777 == 0o600
    server.start()
    assert error_of(Clients(server.endpoint, *first).s3.list_buckets)[0] == "InvalidAccessKeyId"
    assert len(Clients(server.endpoint, *second).s3.list_buckets()["Buckets"]) == 3
    assert server.stop() == 0


def test_without_enforcement_roles_need_not_exist(clients, make_function, name):
    assert make_function(name, VALIDATOR)
    got = clients.sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/nobody", RoleSessionName="one")
    assert got["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/one"
