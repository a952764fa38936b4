"""Refusals word by word, sessions that hand on, users of a file, and the simulator's answers."""

import pytest
from conftest import Clients, error_of, tagged_at_creation
from identities import APPCONFIG, allow, document, make_user, restart, root, strict, trust, with_session  # noqa: F401
from server import ACCOUNT, REGION, Server

DENY = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
ALL, READ_ONLY = allow("*"), "arn:aws:iam::aws:policy/ReadOnlyAccess"

# What speaks for and against who asks to put an object into his own account's bucket, and the end of the refusal.
REFUSALS = [
    (dict(identity=[]), "because no identity-based policy allows the s3:PutObject action"),
    (dict(identity=[allow("s3:Get*")]), "because no identity-based policy allows the s3:PutObject action"),
    (dict(identity=[ALL, DENY]), "with an explicit deny in an identity-based policy"),
    (dict(group=[DENY], identity=[ALL]), "with an explicit deny in an identity-based policy"),
    (dict(identity=[ALL], boundary=[allow("s3:Get*")]),
     "because no permissions boundary allows the s3:PutObject action"),
    (dict(identity=[ALL], boundary=[ALL, DENY]), "with an explicit deny in a permissions boundary"),
    (dict(identity=[ALL], bucket=DENY), "with an explicit deny in a resource-based policy"),
    (dict(identity=[], bucket=DENY), "with an explicit deny in a resource-based policy"),
    (dict(identity=[ALL], session=[allow("s3:Get*")]), "because no session policy allows the s3:PutObject action"),
    (dict(identity=[ALL], session=[ALL, DENY]), "with an explicit deny in a session policy"),
    (dict(identity=[DENY], session=[ALL]), "with an explicit deny in an identity-based policy"),
]


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_refusals_are_in_awss_words(strict, root, name, number):
    rights, words = REFUSALS[number]
    iam = root.iam
    root.s3.create_bucket(Bucket=name)
    if "session" in rights:
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(AWS=ACCOUNT))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*rights["identity"]))
        s3 = with_session(strict, root.sts.assume_role(RoleArn=role, RoleSessionName="me", Policy=document(
            *rights["session"]))["Credentials"])("s3")
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/me"
    else:
        iam.create_user(UserName=name)
        if rights["identity"]:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*rights["identity"]))
        if "boundary" in rights:
            boundary = iam.create_policy(PolicyName=name, PolicyDocument=document(*rights["boundary"]))["Policy"]
            iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary["Arn"])
        if "group" in rights:
            iam.create_group(GroupName=name)
            iam.put_group_policy(GroupName=name, PolicyName="p", PolicyDocument=document(*rights["group"]))
            iam.add_user_to_group(GroupName=name, UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        s3 = Clients(strict.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).s3
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    if "bucket" in rights:
        root.s3.put_bucket_policy(Bucket=name, Policy=document(
            {**rights["bucket"], "Principal": "*", "Resource": f"arn:aws:s3:::{name}/*"}))
    assert error_of(s3.put_object, Bucket=name, Key="k", Body=b"") == (
        "AccessDenied", f'User: {arn} is not authorized to perform: s3:PutObject on resource: '
                        f'"arn:aws:s3:::{name}/k" {words}')


def test_a_roles_trust_is_refused_in_awss_words(root, make_user, name):
    user = make_user(allow("sts:AssumeRole"))
    me = f"arn:aws:iam::{ACCOUNT}:user/{user.name}"
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(Service=APPCONFIG))["Role"]["Arn"]
    head = f"User: {me} is not authorized to perform: sts:AssumeRole on resource: {role} "

    def said():
        return error_of(user.sts.assume_role, RoleArn=role, RoleSessionName="me")
    assert said() == ("AccessDenied", head + "because no role trust policy allows the sts:AssumeRole action")
    trusts = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    root.iam.update_assume_role_policy(RoleName=name, PolicyDocument=document(
        trusts, {"Effect": "Deny", "Principal": {"AWS": me}, "Action": "sts:*"}))
    assert said() == ("AccessDenied", head + "with an explicit deny in a role trust policy")
    root.iam.update_assume_role_policy(RoleName=name, PolicyDocument=document(trusts))
    user.sts.assume_role(RoleArn=role, RoleSessionName="me")
    root.iam.delete_user_policy(UserName=user.name, PolicyName="rights")
    assert said() == ("AccessDenied", head + "because no identity-based policy allows the sts:AssumeRole action")
    # Tags and a source identity are rights of their own.
    root.iam.put_user_policy(UserName=user.name, PolicyName="rights", PolicyDocument=document(allow("sts:*")))
    for action, more in (("sts:TagSession", {"Tags": [{"Key": "k", "Value": "v"}]}),
                         ("sts:SetSourceIdentity", {"SourceIdentity": "ann"})):
        assert error_of(user.sts.assume_role, RoleArn=role, RoleSessionName="me", **more)[1] == head.replace(
            "sts:AssumeRole", action) + f"because no role trust policy allows the {action} action"


def test_sessions_hand_on_tags_and_who_is_behind_them(strict, root, make_user, name):
    user = make_user(allow("sts:*"))
    first, second = [root.iam.create_role(RoleName=f"{name}-{n}", AssumeRolePolicyDocument=document(
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT},
         "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}), MaxSessionDuration=7200)[
             "Role"]["Arn"] for n in (1, 2)]
    root.iam.put_role_policy(RoleName=f"{name}-1", PolicyName="p", PolicyDocument=document(allow("sts:*")))
    root.iam.put_role_policy(RoleName=f"{name}-2", PolicyName="p", PolicyDocument=document(
        allow("s3:ListAllMyBuckets", Condition={"StringEquals": {
            "aws:PrincipalTag/team": "red", "aws:SourceIdentity": "ann"}})))
    tags = [{"Key": "team", "Value": "red"}, {"Key": "shift", "Value": "late"}]

    def refusal(client, **more):
        return error_of(client.assume_role, RoleArn=first, RoleSessionName="me", **more)
    assert refusal(user.sts, Tags=tags + [{"Key": "TEAM", "Value": "x"}]) == (
        "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    assert refusal(user.sts, Tags=tags, TransitiveTagKeys=["none"]) == (
        "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
    got = user.sts.assume_role(RoleArn=first, RoleSessionName="me", Tags=tags, TransitiveTagKeys=["Team"],
                               SourceIdentity="ann")
    assert got["SourceIdentity"] == "ann"
    session = with_session(strict, got["Credentials"])("sts")
    assert refusal(session, Tags=[{"Key": "team", "Value": "blue"}]) == (
        "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a "
        "transitive tag key from the calling session.")
    assert error_of(session.assume_role, RoleArn=second, RoleSessionName="me", SourceIdentity="bob")[0] == \
        "AccessDenied"
    assert error_of(session.assume_role, RoleArn=second, RoleSessionName="me", DurationSeconds=3601) == (
        "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining.")
    chained = session.assume_role(RoleArn=second, RoleSessionName="me")
    assert chained["SourceIdentity"] == "ann"
    with_session(strict, chained["Credentials"])("s3").list_buckets()
    # Without the tag that is handed on, and who is behind it, the right is not there.
    plain = user.sts.assume_role(RoleArn=second, RoleSessionName="me")
    assert error_of(with_session(strict, plain["Credentials"])("s3").list_buckets)[0] == "AccessDenied"
    # A role that is gone, or another of its name, is nobody's session.
    root.iam.delete_role_policy(RoleName=f"{name}-1", PolicyName="p")
    root.iam.delete_role(RoleName=f"{name}-1")
    root.iam.create_role(RoleName=f"{name}-1", AssumeRolePolicyDocument=trust(AWS=ACCOUNT))
    root.iam.attach_role_policy(RoleName=f"{name}-1", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert error_of(session.assume_role, RoleArn=second, RoleSessionName="me")[0] == "AccessDenied"


def test_durations_and_names_of_sessions(root, make_user, name):
    user = make_user(allow("sts:*"))
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(AWS=ACCOUNT), MaxSessionDuration=7200)
    call = dict(RoleArn=role["Role"]["Arn"], RoleSessionName="me")
    for seconds in (900, 3600, 7200):
        got = user.sts.assume_role(**call, DurationSeconds=seconds)["Credentials"]
        assert len(got["AccessKeyId"]) == 20 and got["AccessKeyId"].startswith("ASIA")
    assert error_of(user.sts.assume_role, **call, DurationSeconds=7201) == (
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    for wrong in ({"DurationSeconds": 899}, {"DurationSeconds": 43201}, {"RoleSessionName": "m"},
                  {"RoleSessionName": "m" * 65}, {"RoleSessionName": "a b"}, {"RoleArn": "nonsense-nonsense-nonsense"},
                  {"Policy": "{"}, {"PolicyArns": [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}]}):
        code, said = error_of(user.sts.assume_role, **{**call, **wrong})
        assert code in ("ValidationError", "MalformedPolicyDocument") and said, (wrong, code, said)
    for operation, more in (("get_federation_token", {"Name": "me"}),
                            ("decode_authorization_message", {"EncodedMessage": "x"})):
        assert error_of(getattr(user.sts, operation), **more)[0] == "NotImplemented"


def test_users_of_a_file_are_iams(tmp_path, name):
    keys = tmp_path / "keys"
    keys.write_text(f"""
[AKIAFILEROOT]
secret = root-secret
account = {ACCOUNT}

[AKIAFILEANN]
secret = ann-secret
account = {ACCOUNT}
user = ann

[AKIAFILEBOB]
secret = bob-secret
account = {ACCOUNT}
user = bob
policies = AmazonS3FullAccess
""")
    keys.chmod(0o600)
    server = Server("--credentials", str(keys), dev=False, data=tmp_path / "server").start()
    root, ann, bob = [Clients(server.endpoint, f"AKIAFILE{n.upper()}", f"{n}-secret") for n in ("root", "ann", "bob")]
    assert sorted(u["UserName"] for u in root.iam.list_users()["Users"]) == ["ann", "bob"]
    assert ann.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    bob.s3.create_bucket(Bucket=name)
    assert "because no identity-based policy allows the s3:PutObject action" in error_of(
        ann.s3.put_object, Bucket=name, Key="k", Body=b"")[1]
    root.iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document(
        allow("s3:PutObject", f"arn:aws:s3:::{name}/${{aws:username}}/*")))
    ann.s3.put_object(Bucket=name, Key="ann/k", Body=b"")
    assert error_of(ann.s3.put_object, Bucket=name, Key="bob/k", Body=b"")[0] == "AccessDenied"
    root.iam.create_group(GroupName="readers")
    root.iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=document(allow("s3:GetObject")))
    root.iam.add_user_to_group(GroupName="readers", UserName="ann")
    ann.s3.get_object(Bucket=name, Key="ann/k")
    assert server.stop() == 0
    server.start()
    ann.s3.get_object(Bucket=name, Key="ann/k")
    bob.s3.list_buckets()
    assert server.stop() == 0
    keys.write_text(keys.read_text().replace("AmazonS3FullAccess", "AmazonS3FullAcces"))
    with pytest.raises(RuntimeError, match="policy arn:aws:iam::aws:policy/AmazonS3FullAcces does not exist"):
        server.start()


# From the examples of AWS's command line.
DATED = ('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":'
         '{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}')


def test_the_simulator_answers_as_awss(root, name):
    iam = root.iam

    def custom(**more):
        answer = iam.simulate_custom_policy(**{"PolicyInputList": [DATED], "ActionNames": ["dynamodb:CreateBackup"],
                                               **more})
        answer.pop("ResponseMetadata")
        return answer

    def at(date):
        return [{"ContextKeyName": "aws:CurrentTime", "ContextKeyValues": [date], "ContextKeyType": "date"}]
    assert custom(ContextEntries=at("2019-04-25T11:00:00Z")) == {"IsTruncated": False, "EvaluationResults": [{
        "EvalActionName": "dynamodb:CreateBackup", "EvalResourceName": "*", "EvalDecision": "allowed",
        "MatchedStatements": [{"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "none",
                               "StartPosition": {"Line": 1, "Column": 38}, "EndPosition": {"Line": 1, "Column": 167}}],
        "MissingContextValues": []}]}
    assert custom(ContextEntries=at("2014-04-25T11:00:00Z"))["EvaluationResults"] == [{
        "EvalActionName": "dynamodb:CreateBackup", "EvalResourceName": "*", "EvalDecision": "implicitDeny",
        "MatchedStatements": [], "MissingContextValues": []}]
    # Resources by name have a result each; a boundary says what it allows.
    bounded = custom(PolicyInputList=[document(allow("s3:*"))], ActionNames=["s3:GetObject", "s3:PutObject"],
                     ResourceArns=["arn:aws:s3:::a/k", "arn:aws:s3:::b/k"],
                     PermissionsBoundaryPolicyInputList=[document(allow("s3:Get*", "arn:aws:s3:::a/*"))])
    results = bounded["EvaluationResults"]
    assert [(r["EvalActionName"], r["EvalResourceName"], r["EvalDecision"]) for r in results] == [
        ("s3:GetObject", "arn:aws:s3:::a/k", "allowed"), ("s3:GetObject", "arn:aws:s3:::b/k", "implicitDeny"),
        ("s3:PutObject", "arn:aws:s3:::a/k", "implicitDeny"), ("s3:PutObject", "arn:aws:s3:::b/k", "implicitDeny")]
    assert [r["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for r in results] == [
        True, False, False, False]
    assert all(r["ResourceSpecificResults"][0]["EvalResourceDecision"] == r["EvalDecision"] for r in results)
    assert not any("OrganizationsDecisionDetail" in r for r in results)
    # A resource of another account is allowed by both or not at all.
    call = dict(PolicyInputList=[document(allow("s3:*"))], ActionNames=["s3:GetObject"],
                ResourceArns=["arn:aws:s3:::a/k"], CallerArn=f"arn:aws:iam::{ACCOUNT}:user/ann")
    shares = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"},
                       "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"})
    other = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"},
                      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"})
    for policy, owner, mine, decision in ((shares, "999999999999", allow("s3:*"), "allowed"),
                                          (other, "999999999999", allow("s3:*"), "implicitDeny"),
                                          (shares, "999999999999", allow("iam:*"), "implicitDeny"),
                                          (shares, ACCOUNT, allow("iam:*"), "allowed"),
                                          (other, ACCOUNT, allow("s3:*"), "allowed")):
        got = custom(**{**call, "PolicyInputList": [document(mine)]}, ResourcePolicy=policy,
                     ResourceOwner=f"arn:aws:iam::{owner}:root")["EvaluationResults"][0]
        assert got["EvalDecision"] == decision, (policy, owner, mine)
        assert ("EvalDecisionDetails" in got) == (owner != ACCOUNT)
    # In pages.
    many = dict(PolicyInputList=[document(allow("s3:*"))], ActionNames=[f"s3:Action{n}" for n in range(5)])
    first = custom(**many, MaxItems=2)
    assert first["IsTruncated"] and len(first["EvaluationResults"]) == 2
    rest = custom(**many, Marker=first["Marker"])
    assert not rest["IsTruncated"] and [r["EvalActionName"][-1] for r in rest["EvaluationResults"]] == ["2", "3", "4"]
    for wrong in (dict(ActionNames=["nocolon"]), dict(PolicyInputList=["{"]), dict(Marker="x"), dict(Marker="9"),
                  dict(ResourceArns=["bucket"]), dict(CallerArn="ann"), dict(ResourceOwner="somebody"),
                  dict(ResourcePolicy=shares), dict(ContextEntries=at("soon")),
                  dict(PermissionsBoundaryPolicyInputList=[DATED, DATED]),
                  dict(ContextEntries=[{"ContextKeyName": "aws:a", "ContextKeyValues": ["1", "2"],
                                        "ContextKeyType": "numeric"}])):
        code, said = error_of(custom, **wrong)
        assert code == "InvalidInput" and said, wrong
    assert error_of(iam.simulate_principal_policy, PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/{name}",
                    ActionNames=["s3:GetObject"])[0] == "NoSuchEntity"
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[DATED])["ContextKeyNames"] == ["aws:CurrentTime"]


def test_when_a_key_was_used_last(strict, root, make_user, name):
    user = make_user(allow("s3:ListAllMyBuckets"))

    def used():
        answer = root.iam.get_access_key_last_used(AccessKeyId=user.key)
        assert answer["UserName"] == user.name
        return answer["AccessKeyLastUsed"]
    assert used() == {"ServiceName": "N/A", "Region": "N/A"}
    user.s3.list_buckets()
    first = used()
    assert (first["ServiceName"], first["Region"]) == ("s3", REGION) and first["LastUsedDate"]
    error_of(user("lambda").list_functions)
    assert used()["ServiceName"] == "lambda", "also by a call that was refused"
    before = used()
    restart(strict)
    assert used() == before
    assert error_of(root.iam.get_access_key_last_used, AccessKeyId="AKIANOBODYSKEY000000")[0] == "NoSuchEntity"


def test_tags_at_creation_need_their_right(make_user, name):  # noqa: F811
    one = make_user(allow("s3:CreateBucket"), user=name)
    assert error_of(lambda: tagged_at_creation(one.s3, name, team="blue"))[0] == "AccessDenied"
    both = make_user(allow(["s3:CreateBucket", "s3:TagResource"]), user=name + "-both")
    tagged_at_creation(both.s3, name, team="blue")
