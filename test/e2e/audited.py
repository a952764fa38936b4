"""Every operation that changes something, called once in an order in which each of them succeeds."""

import time

import botocore
from botocore.exceptions import ClientError
from conftest import post_form, zipped
from identities import LAMBDA, allow, document, trust
from server import ACCOUNT, REGION

ASSUMED = trust(AWS=ACCOUNT)


class Caller:
    """Calls operations by their names and keeps the request's id and the error's code of the last one."""

    def __init__(self, clients):
        self.clients, self.made = clients, {}

    def client(self, service):
        if service not in self.made:
            self.made[service] = self.clients(service)
        return self.made[service]

    def knows(self, service, operation):
        return operation in self.client(service).meta.service_model.operation_names

    def __call__(self, service, operation, **arguments):
        try:
            answer = getattr(self.client(service), botocore.xform_name(operation))(**arguments)
            self.code = None
        except ClientError as e:
            answer = e.response
            self.code = answer["Error"]["Code"]
        meta = answer["ResponseMetadata"]
        self.request_id = meta.get("RequestId") or meta["HTTPHeaders"]["x-amzn-requestid"]
        return answer


class Story:
    """`told`: (service, operation) → the ids of its requests, all of which succeeded."""

    def __init__(self, server, root, name):
        self.server, self.call, self.name, self.told = server, Caller(root), name, {}
        self.bucket = name

    def __call__(self, service, operation, **arguments):
        if not self.call.knows(service, operation):
            return {}  # the installed model is older than the operation
        answer = self.call(service, operation, **arguments)
        assert self.call.code is None, (operation, answer)
        self.told.setdefault((service, operation), []).append(self.call.request_id)
        return answer

    def s3(self, operation, **arguments):
        return self("s3", operation, Bucket=self.bucket, **arguments)

    def tell(self):
        for chapter in (self.users, self.groups, self.roles, self.policies, self.sessions, self.functions,
                        self.configurations, self.alarms, self.logs, self.buckets, self.objects, self.uploads,
                        self.endings):
            chapter()
        return self.told

    def users(self):
        user = dict(UserName=self.name)
        self("iam", "CreateUser", **user)
        self("iam", "UpdateUser", **user, NewPath="/p/")
        self("iam", "TagUser", **user, Tags=[{"Key": "k", "Value": "v"}])
        self("iam", "UntagUser", **user, TagKeys=["k"])
        self("iam", "PutUserPolicy", **user, PolicyName="p", PolicyDocument=document(allow("s3:*")))
        self("iam", "DeleteUserPolicy", **user, PolicyName="p")
        managed = dict(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        self("iam", "AttachUserPolicy", **user, **managed)
        self("iam", "DetachUserPolicy", **user, **managed)
        self("iam", "PutUserPermissionsBoundary", **user, PermissionsBoundary=managed["PolicyArn"])
        self("iam", "DeleteUserPermissionsBoundary", **user)
        key = dict(AccessKeyId=self("iam", "CreateAccessKey", **user)["AccessKey"]["AccessKeyId"])
        self("iam", "UpdateAccessKey", **user, **key, Status="Inactive")
        self("iam", "DeleteAccessKey", **user, **key)

    def groups(self):
        group, user = dict(GroupName=self.name), dict(UserName=self.name)
        self("iam", "CreateGroup", **group)
        self("iam", "UpdateGroup", **group, NewPath="/g/")
        self("iam", "AddUserToGroup", **group, **user)
        self("iam", "RemoveUserFromGroup", **group, **user)
        self("iam", "PutGroupPolicy", **group, PolicyName="p", PolicyDocument=document(allow("s3:*")))
        self("iam", "DeleteGroupPolicy", **group, PolicyName="p")
        managed = dict(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        self("iam", "AttachGroupPolicy", **group, **managed)
        self("iam", "DetachGroupPolicy", **group, **managed)
        self("iam", "DeleteGroup", **group)
        self("iam", "DeleteUser", **user)

    def roles(self):
        role = dict(RoleName=self.name)
        self("iam", "CreateRole", **role, AssumeRolePolicyDocument=ASSUMED)
        self("iam", "UpdateRole", **role, MaxSessionDuration=7200)
        self("iam", "UpdateRoleDescription", **role, Description="d")
        self("iam", "TagRole", **role, Tags=[{"Key": "k", "Value": "v"}])
        self("iam", "UntagRole", **role, TagKeys=["k"])
        self("iam", "PutRolePolicy", **role, PolicyName="p", PolicyDocument=document(allow("s3:*")))
        self("iam", "DeleteRolePolicy", **role, PolicyName="p")
        managed = dict(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        self("iam", "AttachRolePolicy", **role, **managed)
        self("iam", "DetachRolePolicy", **role, **managed)
        self("iam", "PutRolePermissionsBoundary", **role, PermissionsBoundary=managed["PolicyArn"])
        self("iam", "DeleteRolePermissionsBoundary", **role)

    def policies(self):
        text = document(allow("s3:*"))
        policy = self("iam", "CreatePolicy", PolicyName=self.name, PolicyDocument=text)["Policy"]
        policy = dict(PolicyArn=policy["Arn"])
        self("iam", "CreatePolicyVersion", **policy, PolicyDocument=text)
        self("iam", "SetDefaultPolicyVersion", **policy, VersionId="v2")
        self("iam", "DeletePolicyVersion", **policy, VersionId="v1")
        self("iam", "TagPolicy", **policy, Tags=[{"Key": "k", "Value": "v"}])
        self("iam", "UntagPolicy", **policy, TagKeys=["k"])
        self("iam", "DeletePolicy", **policy)

    def sessions(self):
        self.role = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"
        self("iam", "UpdateAssumeRolePolicy", RoleName=self.name, PolicyDocument=ASSUMED)
        # Nobody takes on a role with root's own key, nor without.
        self("sts", "GetSessionToken")
        user = dict(UserName=self.name + "-u")
        self("iam", "CreateUser", **user)
        self("iam", "PutUserPolicy", **user, PolicyName="p", PolicyDocument=document(allow("sts:*")))
        key = self("iam", "CreateAccessKey", **user)["AccessKey"]
        mine = Caller(type(self.call.clients)(self.server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
        answer = mine("sts", "AssumeRole", RoleArn=self.role, RoleSessionName="session")
        assert mine.code is None, answer
        self.told["sts", "AssumeRole"] = [mine.request_id]
        self("iam", "DeleteAccessKey", **user, AccessKeyId=key["AccessKeyId"])
        self("iam", "DeleteUserPolicy", **user, PolicyName="p")
        self("iam", "DeleteUser", **user)
        self("iam", "UpdateAssumeRolePolicy", RoleName=self.name, PolicyDocument=trust(Service=LAMBDA))

    def functions(self):
        function, code = dict(FunctionName=self.name), zipped("def handler(e, c):\n    return e\n")
        made = self("lambda", "CreateFunction", **function, Runtime="python3.11", Handler="index.handler",
                    Role=self.role, Code={"ZipFile": code})
        self("lambda", "UpdateFunctionCode", **function, ZipFile=code)
        self("lambda", "UpdateFunctionConfiguration", **function, Timeout=5)
        version = self("lambda", "PublishVersion", **function)["Version"]
        alias = dict(function, Name="live")
        self("lambda", "CreateAlias", **alias, FunctionVersion=version)
        self("lambda", "UpdateAlias", **alias, Description="d")
        self("lambda", "DeleteAlias", **alias)
        self("lambda", "AddPermission", **function, StatementId="s", Action="lambda:InvokeFunction",
             Principal="s3.amazonaws.com")
        self("lambda", "PutFunctionEventInvokeConfig", **function, MaximumRetryAttempts=0)
        self("lambda", "UpdateFunctionEventInvokeConfig", **function, MaximumRetryAttempts=1)
        self("lambda", "DeleteFunctionEventInvokeConfig", **function)
        self("lambda", "PutFunctionConcurrency", **function, ReservedConcurrentExecutions=1)
        self("lambda", "DeleteFunctionConcurrency", **function)
        self("lambda", "TagResource", Resource=made["FunctionArn"], Tags={"k": "v"})
        self("lambda", "UntagResource", Resource=made["FunctionArn"], TagKeys=["k"])
        self("lambda", "DeleteFunctionCodeSigningConfig", **function)
        self("lambda", "PutRuntimeManagementConfig", **function, UpdateRuntimeOn="Auto")
        self("lambda", "PutFunctionRecursionConfig", **function, RecursiveLoop="Terminate")
        layer = dict(LayerName=self.name)
        self("lambda", "PublishLayerVersion", **layer, Content={"ZipFile": code})
        layer["VersionNumber"] = 1
        self("lambda", "AddLayerVersionPermission", **layer, StatementId="s", Action="lambda:GetLayerVersion",
             Principal="*")
        self("lambda", "RemoveLayerVersionPermission", **layer, StatementId="s")
        self("lambda", "DeleteLayerVersion", **layer)
        self.function_arn = made["FunctionArn"]

    def configurations(self):
        def ac(operation, **arguments):
            return self("appconfig", operation, **arguments)
        app = dict(ApplicationId=ac("CreateApplication", Name=self.name)["Id"])
        ac("UpdateApplication", **app, Description="d")
        arn = f"arn:aws:appconfig:{REGION}:{ACCOUNT}:application/{app['ApplicationId']}"
        ac("TagResource", ResourceArn=arn, Tags={"k": "v"})
        ac("UntagResource", ResourceArn=arn, TagKeys=["k"])
        env = dict(app, EnvironmentId=ac("CreateEnvironment", **app, Name="e")["Id"])
        ac("UpdateEnvironment", **env, Description="d")
        profile = dict(app, ConfigurationProfileId=ac("CreateConfigurationProfile", **app, Name="p",
                                                      LocationUri="hosted")["Id"])
        ac("UpdateConfigurationProfile", **profile, Description="d")
        ac("CreateHostedConfigurationVersion", **profile, Content=b"{}", ContentType="application/json")
        strategy = dict(DeploymentStrategyId=ac(
            "CreateDeploymentStrategy", Name=self.name, DeploymentDurationInMinutes=10, GrowthFactor=10,
            ReplicateTo="NONE")["Id"])
        ac("UpdateDeploymentStrategy", **strategy, Description="d")
        ac("StartDeployment", **{**env, **profile, **strategy}, ConfigurationVersion="1")
        ac("StopDeployment", **env, DeploymentNumber=1)
        extension = ac("CreateExtension", Name=self.name, Actions={"ON_DEPLOYMENT_COMPLETE": [
            {"Name": "a", "Uri": self.function_arn, "RoleArn": self.role}]})
        identifier = dict(ExtensionIdentifier=extension["Id"])
        ac("UpdateExtension", **identifier, Description="d")
        association = dict(ExtensionAssociationId=ac("CreateExtensionAssociation", **identifier,
                                                     ResourceIdentifier=arn)["Id"])
        ac("UpdateExtensionAssociation", **association, Parameters={})
        ac("DeleteExtensionAssociation", **association)
        ac("DeleteExtension", **identifier)
        ac("UpdateAccountSettings", DeletionProtection={"Enabled": False})
        ac("DeleteHostedConfigurationVersion", **profile, VersionNumber=1)
        ac("DeleteConfigurationProfile", **profile)
        ac("DeleteEnvironment", **env)
        ac("DeleteApplication", **app)
        ac("DeleteDeploymentStrategy", **strategy)

    def alarms(self):
        alarm = dict(AlarmName=self.name)
        self("cloudwatch", "PutMetricAlarm", **alarm, MetricName="m", Namespace="n", Statistic="Sum", Period=60,
             EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
        self("cloudwatch", "SetAlarmState", **alarm, StateValue="OK", StateReason="r")
        arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{self.name}"
        self("cloudwatch", "TagResource", ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
        self("cloudwatch", "UntagResource", ResourceARN=arn, TagKeys=["k"])
        self("cloudwatch", "DeleteAlarms", AlarmNames=[self.name])

    def logs(self):
        group = dict(logGroupName=self.name)
        self("logs", "CreateLogGroup", **group)
        self("logs", "PutRetentionPolicy", **group, retentionInDays=1)
        self("logs", "DeleteRetentionPolicy", **group)
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{self.name}"
        self("logs", "TagResource", resourceArn=arn, tags={"k": "v"})
        self("logs", "UntagResource", resourceArn=arn, tagKeys=["k"])
        self("logs", "TagLogGroup", **group, tags={"k": "v"})
        self("logs", "UntagLogGroup", **group, tags=["k"])
        stream = dict(group, logStreamName="s")
        self("logs", "CreateLogStream", **stream)
        self("logs", "PutLogEvents", **stream, logEvents=[{"timestamp": int(time.time() * 1000), "message": "m"}])
        self("logs", "DeleteLogStream", **stream)
        self("logs", "DeleteLogGroup", **group)

    def buckets(self):
        s3 = self.s3
        s3("CreateBucket")
        s3("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
        s3("PutBucketNotificationConfiguration", NotificationConfiguration={"LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": self.function_arn, "Events": ["s3:ObjectRemoved:*"]}]})
        s3("PutBucketNotificationConfiguration", NotificationConfiguration={})
        tags = {"TagSet": [{"Key": "k", "Value": "v"}]}
        s3("PutBucketTagging", Tagging=tags)
        s3("DeleteBucketTagging")
        s3("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": [
            {"Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 9}}]})
        s3("DeleteBucketLifecycle")
        s3("PutBucketEncryption", ServerSideEncryptionConfiguration={"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
        s3("DeleteBucketEncryption")
        s3("PutBucketOwnershipControls", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
        s3("PutPublicAccessBlock", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        s3("DeletePublicAccessBlock")
        s3("PutBucketAcl", ACL="private")
        s3("PutBucketCors", CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]})
        s3("DeleteBucketCors")
        s3("PutBucketPolicy", Policy=document({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
                                               "Resource": f"arn:aws:s3:::{self.bucket}/secret"}))
        s3("DeleteBucketPolicy")
        s3("DeleteBucketWebsite")
        s3("DeleteBucketReplication")
        s3("PutBucketRequestPayment", RequestPaymentConfiguration={"Payer": "BucketOwner"})
        s3("PutBucketLogging", BucketLoggingStatus={})

    def objects(self):
        s3 = self.s3
        s3("PutObject", Key="k", Body=b"x")
        self.post()
        s3("CopyObject", Key="c", CopySource=f"{self.bucket}/k")
        s3("PutObjectTagging", Key="k", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
        s3("DeleteObjectTagging", Key="k")
        s3("PutObjectAcl", Key="k", ACL="private")
        s3("DeleteBucketOwnershipControls")

    def post(self):
        form = self.call.client("s3").generate_presigned_post(self.bucket, "posted")
        status, headers, text = post_form(self.server, self.bucket, form["fields"], b"x")
        assert status == 204, text
        self.told["s3", "PostObject"] = [headers["x-amz-request-id"]]

    def uploads(self):
        s3 = self.s3
        upload = dict(Key="m", UploadId=s3("CreateMultipartUpload", Key="m")["UploadId"])
        part = s3("UploadPart", **upload, PartNumber=1, Body=b"x")
        s3("UploadPartCopy", **upload, PartNumber=2, CopySource=f"{self.bucket}/k")
        s3("CompleteMultipartUpload", **upload, MultipartUpload={"Parts": [
            {"PartNumber": 1, "ETag": part["ETag"]}]})
        other = s3("CreateMultipartUpload", Key="n")["UploadId"]
        s3("AbortMultipartUpload", Key="n", UploadId=other)

    def endings(self):
        s3 = self.s3
        s3("DeleteObject", Key="k")
        listed = self.call.client("s3").list_object_versions(Bucket=self.bucket)
        s3("DeleteObjects", Delete={"Objects": [{"Key": v["Key"], "VersionId": v["VersionId"]}
                                                for v in listed["Versions"] + listed["DeleteMarkers"]]})
        s3("DeleteBucket")
        self("lambda", "RemovePermission", FunctionName=self.name, StatementId="s")
        self("lambda", "DeleteFunction", FunctionName=self.name)
        self("iam", "DeleteRole", RoleName=self.name)
