"""What Terraform's AWS provider asks around each resource of the workflow: it reads all of a resource's facets after it
made it, at each plan, and until it is gone; and it tells "not there" from failure by the error codes tested here.
The CDK's own deployments go through CloudFormation, which this server has not."""

import json

import pytest
from conftest import error_of, zipped
from server import ACCOUNT, REGION

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "appconfig:StartDeployment", "Resource": "*"}]})
CODE = "def handler(event, context):\n    return 1\n"


def test_a_bucket(clients, name):
    s3 = clients.s3
    assert error_of(s3.head_bucket, Bucket=name)[0] == "404"
    s3.create_bucket(Bucket=name)
    s3.head_bucket(Bucket=name)
    # aws_s3_bucket reads every facet; these codes mean "not configured".
    for call, code in ((s3.get_bucket_policy, "NoSuchBucketPolicy"),
                       (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
                       (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
                       (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
                       (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
                       (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
                       (s3.get_bucket_tagging, "NoSuchTagSet")):
        assert error_of(call, Bucket=name)[0] == code
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=name)
    assert s3.get_bucket_request_payment(Bucket=name)["Payer"] == "BucketOwner"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    assert s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert s3.get_bucket_acl(Bucket=name)["Owner"]["ID"]
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    # The resources beside it.
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "k", "Value": "v"}]
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == block
    s3.delete_public_access_block(Bucket=name)
    assert error_of(s3.get_public_access_block, Bucket=name)[0] == "NoSuchPublicAccessBlockConfiguration"
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [
        {"ObjectOwnership": "BucketOwnerEnforced"}]})
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    s3.delete_bucket_ownership_controls(Bucket=name)
    assert error_of(s3.get_bucket_ownership_controls, Bucket=name)[0] == "OwnershipControlsNotFoundError"
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]["ID"] == "r"
    s3.delete_bucket_lifecycle(Bucket=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": f"arn:aws:s3:::{name}",
         "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]})
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) == json.loads(policy)
    s3.delete_bucket_policy(Bucket=name)
    answer = s3.get_bucket_notification_configuration(Bucket=name)
    assert not set(answer) & {"LambdaFunctionConfigurations", "QueueConfigurations", "TopicConfigurations"}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})
    # force_destroy: every version and marker, then the bucket; then every read says that it is gone.
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    s3.delete_object(Bucket=name, Key="k")
    assert error_of(s3.delete_bucket, Bucket=name)[0] == "BucketNotEmpty"
    listed = s3.list_object_versions(Bucket=name)
    s3.delete_objects(Bucket=name, Delete={"Objects": [
        {"Key": v["Key"], "VersionId": v["VersionId"]} for v in listed["Versions"] + listed["DeleteMarkers"]]})
    s3.delete_bucket(Bucket=name)
    assert error_of(s3.head_bucket, Bucket=name)[0] == "404"
    for call in (s3.get_bucket_policy, s3.get_bucket_versioning, s3.get_bucket_notification_configuration,
                 s3.get_public_access_block, s3.get_bucket_ownership_controls, s3.delete_bucket):
        assert error_of(call, Bucket=name)[0] == "NoSuchBucket"


def test_a_function_with_alias_permission_and_layer(clients, name):
    lam = clients("lambda")
    assert error_of(lam.get_function, FunctionName=name)[0] == "ResourceNotFoundException"
    layer = lam.publish_layer_version(LayerName=name, Content={"ZipFile": zipped("x = 1\n")})
    lam.get_layer_version(LayerName=name, VersionNumber=layer["Version"])
    arn = lam.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Publish=True,
                              Role=f"arn:aws:iam::{ACCOUNT}:role/r", Code={"ZipFile": zipped(CODE)},
                              Layers=[layer["LayerVersionArn"]], Tags={"k": "v"})["FunctionArn"]
    unqualified = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    assert arn.startswith(unqualified)
    lam.get_waiter("function_active_v2").wait(FunctionName=name)
    got = lam.get_function(FunctionName=name)
    assert got["Tags"] == {"k": "v"} and got["Configuration"]["LastUpdateStatus"] == "Successful"
    # What the provider reads beside it.
    assert "CodeSigningConfigArn" not in lam.get_function_code_signing_config(FunctionName=name)
    assert [v["Version"] for v in lam.list_versions_by_function(FunctionName=name)["Versions"]] == ["$LATEST", "1"]
    assert error_of(lam.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"
    assert error_of(lam.get_function_event_invoke_config, FunctionName=name)[0] == "ResourceNotFoundException"
    assert "ReservedConcurrentExecutions" not in lam.get_function_concurrency(FunctionName=name)
    assert error_of(lam.get_function_url_config, FunctionName=name)[0] == "ResourceNotFoundException"
    assert lam.list_tags(Resource=unqualified)["Tags"] == {"k": "v"}
    lam.tag_resource(Resource=unqualified, Tags={"k2": "v2"})
    lam.untag_resource(Resource=unqualified, TagKeys=["k"])
    lam.update_function_configuration(FunctionName=name, Environment={"Variables": {"KEY": "b"}})
    lam.get_waiter("function_updated_v2").wait(FunctionName=name)
    lam.update_function_code(FunctionName=name, ZipFile=zipped(CODE + "\n"))
    lam.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert lam.publish_version(FunctionName=name)["Version"] == "2"
    lam.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert lam.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "1"
    lam.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    lam.add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction",
                       Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b")
    statements = json.loads(lam.get_policy(FunctionName=name)["Policy"])["Statement"]
    assert [s["Sid"] for s in statements] == ["s3"]
    lam.remove_permission(FunctionName=name, StatementId="s3")
    assert error_of(lam.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"
    assert error_of(lam.remove_permission, FunctionName=name, StatementId="s3")[0] == "ResourceNotFoundException"
    lam.delete_alias(FunctionName=name, Name="live")
    assert error_of(lam.get_alias, FunctionName=name, Name="live")[0] == "ResourceNotFoundException"
    lam.delete_function(FunctionName=name)
    for call in (lam.get_function, lam.delete_function, lam.list_versions_by_function, lam.get_policy):
        assert error_of(call, FunctionName=name)[0] == "ResourceNotFoundException"
    lam.delete_layer_version(LayerName=name, VersionNumber=layer["Version"])
    assert error_of(lam.get_layer_version, LayerName=name, VersionNumber=layer["Version"])[
        0] == "ResourceNotFoundException"


def test_a_role_with_policies(clients, name):
    iam = clients.iam
    assert error_of(iam.get_role, RoleName=name)[0] == "NoSuchEntity"
    iam.create_role(RoleName=name, Path="/", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=3600)
    policy = iam.create_policy(PolicyName=name, Path="/", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=ALLOW)
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    # Each plan.
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["inline"]
    assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == json.loads(ALLOW)
    assert [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]] == [policy]
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    assert iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]["Document"] == json.loads(ALLOW)
    # An update: the provider prunes the oldest version before it makes the sixth.
    for i in range(2, 8):
        versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
        if len(versions) >= 5:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
            iam.delete_policy_version(PolicyArn=policy, VersionId=oldest["VersionId"])
        assert iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW, SetAsDefault=True)[
            "PolicyVersion"]["VersionId"] == f"v{i}"
    iam.update_role_description(RoleName=name, Description="d")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=TRUST)
    # Destroyed in the provider's order; what is gone already is no error to it by this code.
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    assert error_of(iam.get_role_policy, RoleName=name, PolicyName="inline")[0] == "NoSuchEntity"
    assert error_of(iam.detach_role_policy, RoleName=name, PolicyArn=policy)[0] == "NoSuchEntity"
    iam.delete_role(RoleName=name)
    for v in iam.list_policy_versions(PolicyArn=policy)["Versions"]:
        if not v["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy, VersionId=v["VersionId"])
    iam.delete_policy(PolicyArn=policy)
    for call, arguments in ((iam.get_policy, {"PolicyArn": policy}), (iam.delete_role, {"RoleName": name}),
                            (iam.list_attached_role_policies, {"RoleName": name})):
        assert error_of(call, **arguments)[0] == "NoSuchEntity"


def test_a_user_is_destroyed_by_force(clients, name):
    """aws_iam_user with force_destroy: whatever a user may have is listed and taken away before the user is."""
    iam = clients.iam
    boundary = iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)["Policy"]["Arn"]
    made = iam.create_user(UserName=name, Path="/", PermissionsBoundary=boundary)["User"]
    assert "Tags" not in made and "Tags" not in iam.get_user(UserName=name)["User"]
    iam.tag_user(UserName=name, Tags=[{"Key": "k", "Value": "v"}])
    assert iam.get_user(UserName=name)["User"]["Tags"] == [{"Key": "k", "Value": "v"}]
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    assert error_of(iam.tag_user, UserName=name, Tags=twice) == (
        "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    iam.delete_user_permissions_boundary(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=name)
    for group in iam.list_groups_for_user(UserName=name)["Groups"]:
        iam.remove_user_from_group(GroupName=group["GroupName"], UserName=name)
    assert [k["AccessKeyId"] for k in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]] == [key]
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    lists = ((iam.list_ssh_public_keys, "SSHPublicKeys"), (iam.list_mfa_devices, "MFADevices"),
             (iam.list_signing_certificates, "Certificates"),
             (iam.list_service_specific_credentials, "ServiceSpecificCredentials"))
    for call, member in lists:
        assert call(UserName=name)[member] == []
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"] == []
    for call in (iam.get_login_profile, iam.delete_login_profile):
        assert error_of(call, UserName=name) == ("NoSuchEntity", f"Login Profile for User {name} cannot be found.")
    iam.delete_user(UserName=name)
    iam.delete_group(GroupName=name)
    iam.delete_policy(PolicyArn=boundary)
    for call in (iam.get_user, iam.delete_user, iam.delete_login_profile, *(call for call, _ in lists)):
        assert error_of(call, UserName=name)[0] == "NoSuchEntity"


def test_what_stands_beside_a_function(clients, name, bucket):
    """The function's smaller resources, each with its reads until it is gone; what is not here is so in AWS's words."""
    lam = clients("lambda")
    clients.s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped(CODE))
    arn = lam.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Publish=True,
                              Role=f"arn:aws:iam::{ACCOUNT}:role/r", PackageType="Zip",
                              Code={"S3Bucket": bucket, "S3Key": "code.zip"})["FunctionArn"].removesuffix(":1")
    # aws_lambda_function_event_invoke_config
    lam.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    lam.update_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60)
    config = lam.get_function_event_invoke_config(FunctionName=name)
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 60)
    lam.delete_function_event_invoke_config(FunctionName=name)
    assert error_of(lam.get_function_event_invoke_config, FunctionName=name)[0] == "ResourceNotFoundException"
    # reserved_concurrent_executions; with a qualifier the provider asks for it apart
    lam.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    assert lam.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 3
    lam.delete_function_concurrency(FunctionName=name)
    # aws_lambda_permission of a version
    lam.add_permission(FunctionName=name, Qualifier="1", StatementId="s", Action="lambda:InvokeFunction",
                       Principal="events.amazonaws.com")
    statement = json.loads(lam.get_policy(FunctionName=name, Qualifier="1")["Policy"])["Statement"][0]
    assert (statement["Resource"], statement["Principal"]) == (arn + ":1", {"Service": "events.amazonaws.com"})
    assert error_of(lam.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"
    lam.remove_permission(FunctionName=name, Qualifier="1", StatementId="s")
    # aws_lambda_provisioned_concurrency_config and aws_lambda_function_url: none, and none can be made
    there = dict(FunctionName=name, Qualifier="1")
    assert error_of(lam.get_provisioned_concurrency_config, **there)[0] == (
        "ProvisionedConcurrencyConfigNotFoundException")
    lam.delete_provisioned_concurrency_config(**there)
    assert lam.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []
    assert error_of(lam.delete_provisioned_concurrency_config, FunctionName=name, Qualifier="no")[1] == (
        f"Cannot find alias arn: {arn}:no")
    assert lam.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == []
    assert lam.list_code_signing_configs()["CodeSigningConfigs"] == []
    nothing = "The resource you requested does not exist."
    signing = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-{'0' * 17}"
    uuid = "00000000-0000-4000-8000-000000000000"
    for call, arguments, text in (
            (lam.get_function_url_config, {"FunctionName": name}, nothing),
            (lam.delete_function_url_config, {"FunctionName": name}, nothing),
            (lam.list_function_url_configs, {"FunctionName": name + "-no"}, "Function does not exist"),
            (lam.get_event_source_mapping, {"UUID": uuid}, nothing),
            (lam.delete_event_source_mapping, {"UUID": uuid}, nothing),
            (lam.list_tags, {"Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{uuid}"},
             f"Event source mapping not found: arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{uuid}"),
            (lam.get_code_signing_config, {"CodeSigningConfigArn": signing},
             f"The Lambda code signing configuration {signing} can not be found."),
            (lam.delete_code_signing_config, {"CodeSigningConfigArn": signing},
             f"The Lambda code signing configuration {signing} can not be found.")):
        assert error_of(call, **arguments) == ("ResourceNotFoundException", text)
    for call, arguments in ((lam.put_provisioned_concurrency_config, {**there, "ProvisionedConcurrentExecutions": 1}),
                            (lam.create_function_url_config, {"FunctionName": name, "AuthType": "NONE"}),
                            (lam.update_function_url_config, {"FunctionName": name, "AuthType": "NONE"}),
                            (lam.create_event_source_mapping, {"FunctionName": name, "EventSourceArn": "arn:x"})):
        code, text = error_of(call, **arguments)
        assert code == "NotImplementedException" and text.endswith("is not implemented by this server.")
    lam.delete_function(FunctionName=name)


def test_an_object(clients, bucket, name):
    """aws_s3_object: HEAD with its checksums, the tags, and at the end every version."""
    s3 = clients.s3
    assert error_of(s3.head_object, Bucket=bucket, Key=name, ChecksumMode="ENABLED")[0] == "404"
    s3.put_object(Bucket=bucket, Key=name, Body=b"1", Tagging="k=v", ContentType="text/plain",
                  ChecksumAlgorithm="SHA256")
    head = s3.head_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")
    assert head["ContentType"] == "text/plain" and head["ChecksumSHA256"] and head["ETag"]
    assert s3.get_object_tagging(Bucket=bucket, Key=name)["TagSet"] == [{"Key": "k", "Value": "v"}]
    s3.put_object_tagging(Bucket=bucket, Key=name, Tagging={"TagSet": [{"Key": "k", "Value": "w"}]})
    s3.delete_object_tagging(Bucket=bucket, Key=name)
    s3.delete_object(Bucket=bucket, Key=name)
    assert error_of(s3.head_object, Bucket=bucket, Key=name)[0] == "404"


def test_appconfigs_resources(clients, name):
    ac = clients.appconfig
    app = ac.create_application(Name=name, Tags={"k": "v"})["Id"]
    arn = f"arn:aws:appconfig:{REGION}:{ACCOUNT}:application/{app}"
    assert ac.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"k": "v"}
    env = ac.create_environment(ApplicationId=app, Name="e")["Id"]
    profile = ac.create_configuration_profile(ApplicationId=app, Name="p", LocationUri="hosted")["Id"]
    number = ac.create_hosted_configuration_version(ApplicationId=app, ConfigurationProfileId=profile, Content=b"{}",
                                                    ContentType="application/json")["VersionNumber"]
    strategy = ac.create_deployment_strategy(Name=name, DeploymentDurationInMinutes=0, GrowthFactor=100,
                                             FinalBakeTimeInMinutes=0, ReplicateTo="NONE")["Id"]
    names = dict(ApplicationId=app, ConfigurationProfileId=profile)
    ac.get_application(ApplicationId=app)
    ac.get_environment(ApplicationId=app, EnvironmentId=env)
    ac.get_configuration_profile(**names)
    ac.get_hosted_configuration_version(**names, VersionNumber=number)
    ac.get_deployment_strategy(DeploymentStrategyId=strategy)
    for path in (f"/environment/{env}", f"/configurationprofile/{profile}"):
        assert ac.list_tags_for_resource(ResourceArn=arn + path)["Tags"] == {}
    ac.tag_resource(ResourceArn=arn, Tags={"k2": "v2"})
    ac.untag_resource(ResourceArn=arn, TagKeys=["k"])
    ac.update_application(ApplicationId=app, Description="d")
    ac.delete_hosted_configuration_version(**names, VersionNumber=number)
    ac.delete_configuration_profile(**names)
    ac.delete_environment(ApplicationId=app, EnvironmentId=env)
    ac.delete_deployment_strategy(DeploymentStrategyId=strategy)
    ac.delete_application(ApplicationId=app)
    for call, arguments in ((ac.get_application, {"ApplicationId": app}),
                            (ac.delete_application, {"ApplicationId": app}),
                            (ac.get_environment, {"ApplicationId": app, "EnvironmentId": env}),
                            (ac.get_configuration_profile, names),
                            (ac.get_hosted_configuration_version, {**names, "VersionNumber": number}),
                            (ac.get_deployment_strategy, {"DeploymentStrategyId": strategy})):
        assert error_of(call, **arguments)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("days", [7, 30])
def test_a_log_group_and_an_alarm(clients, name, days):
    logs, watch = clients("logs"), clients("cloudwatch")
    name = f"/aws/lambda/{name}-{days}"
    logs.create_log_group(logGroupName=name, tags={"k": "v"})
    assert error_of(logs.create_log_group, logGroupName=name)[0] == "ResourceAlreadyExistsException"
    logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    group = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    assert (group["logGroupName"], group["retentionInDays"]) == (name, days)
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"k": "v"}
    logs.delete_retention_policy(logGroupName=name)
    logs.delete_log_group(logGroupName=name)
    assert error_of(logs.delete_log_group, logGroupName=name)[0] == "ResourceNotFoundException"
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []
    alarm = name.strip("/").replace("/", "-")
    watch.put_metric_alarm(AlarmName=alarm, MetricName="Errors", Namespace="AWS/Lambda", Statistic="Sum", Period=60,
                           EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
                           Tags=[{"Key": "k", "Value": "v"}])
    found = watch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert [(a["AlarmName"], a["Threshold"]) for a in found] == [(alarm, 1.0)]
    arn = {"ResourceARN": found[0]["AlarmArn"]}
    assert watch.list_tags_for_resource(**arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    watch.tag_resource(**arn, Tags=[{"Key": "k2", "Value": "v2"}])
    watch.untag_resource(**arn, TagKeys=["k"])
    assert watch.list_tags_for_resource(**arn)["Tags"] == [{"Key": "k2", "Value": "v2"}]
    watch.delete_alarms(AlarmNames=[alarm])
    assert error_of(watch.list_tags_for_resource, **arn)[0] == "ResourceNotFound"
    assert watch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"] == []


def test_the_provider_asks_who_it_is(clients):
    assert clients.sts.get_caller_identity()["Account"] == ACCOUNT
