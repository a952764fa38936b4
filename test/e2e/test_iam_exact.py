"""What of IAM and STS is easily taken for done: whom a trust policy means, what is refused by name, and that the
simulator says what the server does."""

import random
import time
import urllib.error
import urllib.request

import boto3
import botocore
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import error_of
from identities import allow, document, make_user, restart, root, strict, trust
from server import ACCOUNT, REGION

__all__ = ["make_user", "root", "strict"]


def test_a_role_trusts_who_bore_the_name(strict, root, make_user, name):
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}-ann"
    for unknown in (arn, f"arn:aws:iam::999999999999:role/{name}"):
        assert error_of(root.iam.create_role, RoleName=name, AssumeRolePolicyDocument=trust(AWS=unknown)) == (
            "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{unknown}"')
    ann = make_user(user=f"{name}-ann")
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(AWS=arn))["Role"]
    call = dict(RoleArn=role["Arn"], RoleSessionName="ss")
    ann.sts.assume_role(**call)

    def trusted():
        return root.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted() == {"AWS": arn}
    old = root.iam.get_user(UserName=ann.name)["User"]["UserId"]
    root.iam.delete_access_key(UserName=ann.name, AccessKeyId=ann.key)
    root.iam.delete_user(UserName=ann.name)
    assert trusted() == {"AWS": old}
    again = make_user(user=ann.name)
    assert trusted() == {"AWS": old}
    assert error_of(again.sts.assume_role, **call)[0] == "AccessDenied", "it is somebody else"
    restart(strict)
    assert error_of(again.sts.assume_role, **call)[0] == "AccessDenied"
    root.iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust(AWS=[arn]))
    again.sts.assume_role(**call)
    assert error_of(root.iam.update_assume_role_policy, RoleName=name, PolicyDocument=trust(AWS=old)) == (
        "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{old}"')


def test_what_is_not_implemented_is_said_so(root):
    refused = {"iam": ("CreateVirtualMFADevice", "UploadServerCertificate", "ListSAMLProviders"),
               "sts": ("GetFederationToken", "DecodeAuthorizationMessage"),
               "logs": ("DescribeQueries", "PutDestination"), "cloudtrail": ("GetTrail", "ListTrails")}
    for service, operations in refused.items():
        client = root(service)
        for operation in operations:
            with pytest.raises(ClientError) as e:
                getattr(client, botocore.xform_name(operation))()
            error = e.value.response
            assert error["Error"]["Code"] in ("NotImplemented", "NotImplementedException"), error
            assert error["ResponseMetadata"]["HTTPStatusCode"] == 501, error
            assert operation in error["Error"]["Message"]


def test_federated_callers_need_no_signature_to_be_refused(strict):
    unsigned = boto3.client("sts", endpoint_url=strict.endpoint, region_name=REGION,
                            config=Config(signature_version=UNSIGNED))
    arn = f"arn:aws:iam::{ACCOUNT}:role/r"
    for call in (lambda: unsigned.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="ss",
                                                                WebIdentityToken="x" * 20),
                 lambda: unsigned.assume_role_with_saml(RoleArn=arn, PrincipalArn=arn, SAMLAssertion="x" * 20)):
        assert error_of(call)[0] == "NotImplemented"
    assert error_of(unsigned.get_caller_identity)[0] == "MissingAuthenticationToken"
    assert error_of(unsigned.assume_role, RoleArn=arn, RoleSessionName="ss")[0] == "MissingAuthenticationToken"


class Lottery:
    """Policies that nobody would write, over calls that can be made."""

    ACTIONS = ["s3:*", "s3:Get*", "S3:getobject", "s3:*Object", "s3:?etObject", "s3:PutObject", "s3:ListBucket", "*",
               "appconfig:List*", "appconfig:ListApplications", "iam:*User*", "iam:GetUser", "logs:*LogGroups"]

    def __init__(self, seed, bucket, user):
        self.draw, self.bucket, self.user = random.Random(seed), bucket, user

    def resources(self):
        b = f"arn:aws:s3:::{self.bucket}"
        return self.draw.choice([
            "*", f"{b}/*", b, f"{b}/${{aws:username}}/*", f"{b}/a*", f"{b}/?/k", "arn:aws:s3:::*/k",
            [b, f"{b}/b/*"], f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}", f"arn:aws:iam::*:user/*"])

    def condition(self):
        return self.draw.choice([
            None, None, None, {"StringEquals": {"aws:username": self.user}},
            {"StringNotLike": {"aws:username": "zz*"}}, {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
            {"NotIpAddress": {"aws:SourceIp": ["127.0.0.1", "10.0.0.0/8"]}},
            {"Bool": {"aws:SecureTransport": "true"}}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
            {"DateLessThan": {"aws:CurrentTime": "2012-01-01T00:00:00Z"}},
            {"DateGreaterThan": {"aws:CurrentTime": "2012-01-01T00:00:00Z"}},
            {"Null": {"aws:TokenIssueTime": "true"}}, {"StringEqualsIfExists": {"aws:PrincipalTag/team": "blue"}},
            {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
            {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:user/{self.user[:-2]}*"}},
            {"NumericLessThan": {"s3:max-keys": "10"}}])

    def statement(self, denies=0.25):
        out = {"Effect": "Deny" if self.draw.random() < denies else "Allow"}
        actions = self.draw.sample(self.ACTIONS, self.draw.randint(1, 3))
        out["NotAction" if self.draw.random() < 0.15 else "Action"] = actions
        out["NotResource" if self.draw.random() < 0.15 else "Resource"] = self.resources()
        condition = self.condition()
        return {**out, "Condition": condition} if condition else out

    def policy(self, most=3, **more):
        return document(*[self.statement(**more) for _ in range(self.draw.randint(1, most))])


@pytest.mark.parametrize("tagged", [False, True])
def test_the_simulator_says_what_the_server_does(root, make_user, name, tagged):
    user = make_user()
    root.s3.create_bucket(Bucket=name)
    root.iam.create_group(GroupName=name)
    root.iam.add_user_to_group(GroupName=name, UserName=user.name)
    bound = root.iam.create_policy(PolicyName=name, PolicyDocument=document(allow("*")))["Policy"]["Arn"]
    for key in ("a/k", "b/k", f"{user.name}/k"):
        root.s3.put_object(Bucket=name, Key=key, Body=b"x")
    root.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=bound)
    known = {"aws:username": user.name, "aws:SourceIp": "127.0.0.1", "aws:SecureTransport": "false",
             "aws:CurrentTime": "2026-01-01T00:00:00Z", "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/{user.name}"}
    if tagged:
        root.iam.tag_user(UserName=user.name, Tags=[{"Key": "team", "Value": "blue"}])
        known["aws:PrincipalTag/team"] = "blue"
    entries = [{"ContextKeyName": k, "ContextKeyType": "string", "ContextKeyValues": [v]} for k, v in known.items()]
    arn = f"arn:aws:s3:::{name}"
    calls = [("s3:GetObject", f"{arn}/{key}", lambda key=key: user.s3.get_object(Bucket=name, Key=key))
             for key in ("a/k", "b/k", f"{user.name}/k")]
    calls += [("s3:PutObject", f"{arn}/a/k", lambda: user.s3.put_object(Bucket=name, Key="a/k", Body=b"y")),
              ("s3:ListBucket", arn, lambda: user.s3.list_objects_v2(Bucket=name)),
              ("appconfig:ListApplications", "*", lambda: user.appconfig.list_applications()),
              ("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/{user.name}", lambda: user.iam.get_user()),
              ("logs:DescribeLogGroups", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group::log-stream:",
               lambda: user.logs.describe_log_groups())]
    decisions = {"allowed": 0, "explicitDeny": 0, "implicitDeny": 0}
    for seed in range(14):
        lottery = Lottery(seed, name, user.name)
        root.iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=lottery.policy())
        root.iam.put_group_policy(GroupName=name, PolicyName="p", PolicyDocument=lottery.policy())
        if lottery.draw.random() < 0.4:
            version = root.iam.create_policy_version(PolicyArn=bound, PolicyDocument=lottery.policy(5, denies=0.1),
                                                     SetAsDefault=True)["PolicyVersion"]["VersionId"]
        else:
            version = None
        for action, resource, call in calls:
            said = root.iam.simulate_principal_policy(
                PolicySourceArn=known["aws:PrincipalArn"], ActionNames=[action], ResourceArns=[resource],
                ContextEntries=entries)["EvaluationResults"][0]["EvalDecision"]
            decisions[said] += 1
            try:
                call()
                assert said == "allowed", (seed, action, said)
            except ClientError as e:
                error = e.response["Error"]
                assert error["Code"].startswith("AccessDenied"), (seed, action, error)
                assert said == ("explicitDeny" if "with an explicit deny" in error["Message"] else "implicitDeny"), (
                    seed, action, error)
                assert action in error["Message"]
        if version:
            root.iam.set_default_policy_version(PolicyArn=bound, VersionId="v1")
            root.iam.delete_policy_version(PolicyArn=bound, VersionId=version)
    assert min(decisions.values()) >= 5, decisions


def test_a_group_of_logs_is_named_with_a_star(root, make_user, name):
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/mine/{name}"
    writer = make_user(allow("logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:*"),
                       allow(["logs:CreateLogStream", "logs:PutLogEvents", "logs:FilterLogEvents"], group + ":*"))
    logs = writer.logs
    logs.create_log_group(logGroupName="/mine/" + name)
    logs.create_log_stream(logGroupName="/mine/" + name, logStreamName="s")
    logs.put_log_events(logGroupName="/mine/" + name, logStreamName="s",
                        logEvents=[{"timestamp": int(time.time() * 1000), "message": "x"}])
    assert logs.filter_log_events(logGroupName="/mine/" + name)["events"]
    assert f"logs:GetLogEvents on resource: {group}:log-stream:s " in error_of(
        logs.get_log_events, logGroupName="/mine/" + name, logStreamName="s")[1]
    assert f"on resource: {group}x:log-stream: " in error_of(
        logs.filter_log_events, logGroupName=f"/mine/{name}x")[1]
    assert f":{ACCOUNT}:log-group::log-stream: " in error_of(logs.describe_log_groups)[1]


def test_who_lists_is_told_of_what(make_user):
    user = make_user()
    for kind in ("user", "role", "group"):
        assert f"on resource: arn:aws:iam::{ACCOUNT}:{kind}/ because" in error_of(
            getattr(user.iam, f"list_{kind}s"))[1]
    assert f"on resource: arn:aws:iam::{ACCOUNT}:user/team/ because" in error_of(
        user.iam.list_users, PathPrefix="/team/")[1]


def test_a_bucket_policy_locks_nobody_out_of_itself(root, make_user, name):
    root.s3.create_bucket(Bucket=name)
    lock = document({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}"})
    root.s3.put_bucket_policy(Bucket=name, Policy=lock)
    assert error_of(root.s3.list_objects_v2, Bucket=name)[0] == "AccessDenied"
    assert error_of(make_user(allow("s3:*")).s3.delete_bucket_policy, Bucket=name)[0] == "AccessDenied"
    assert root.s3.get_bucket_policy(Bucket=name)["Policy"] == lock
    root.s3.put_bucket_policy(Bucket=name, Policy=lock)
    root.s3.delete_bucket_policy(Bucket=name)
    root.s3.list_objects_v2(Bucket=name)


def test_lists_show_neither_tags_nor_boundaries(root, name):
    root.iam.create_user(UserName=name, Tags=[{"Key": "k", "Value": "v"}],
                         PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    listed, = [u for u in root.iam.list_users()["Users"] if u["UserName"] == name]
    assert not {"Tags", "PermissionsBoundary"} & set(listed)
    assert {"Tags", "PermissionsBoundary"} <= set(root.iam.get_user(UserName=name)["User"])
    code, message = error_of(root.iam.tag_user, UserName=name, Tags=[{"Key": "k" * 129, "Value": "v"}])
    assert code == "ValidationError" and "at 'tags.1.member.key' failed" in message


def test_a_link_tells_who_signed_it(strict, root, make_user):
    user = make_user()
    link = user.sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    told = urllib.request.urlopen(link).read().decode()
    assert f"<Arn>arn:aws:iam::{ACCOUNT}:user/{user.name}</Arn>" in told
    if "--dev" not in strict.options:  # where a signature proves nothing
        with pytest.raises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(link.replace("GetCallerIdentity", "GetSessionToken"))
        assert e.value.code == 403
    with pytest.raises(urllib.error.HTTPError) as e:
        urllib.request.urlopen(user.iam.generate_presigned_url("list_users", Params={"MaxItems": 1},
                                                               HttpMethod="GET"))
    assert "iam:ListUsers" in e.value.read().decode()
