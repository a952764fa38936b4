"""Groups: users who share policies; their lists, quotas and conflicts in IAM's words."""

import json

from conftest import error_of
from identities import allow, document, make_user, root, strict
from server import ACCOUNT

__all__ = ["make_user", "root", "strict"]


def test_a_groups_policies_are_its_members(root, make_user, name):
    iam, user = root.iam, make_user()
    group = iam.create_group(GroupName=name, Path="/team/")["Group"]
    assert group["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/team/{name}" and group["GroupId"].startswith("AGPA")
    assert error_of(user.s3.list_buckets)[0] == "AccessDenied"
    iam.add_user_to_group(GroupName=name, UserName=user.name)
    iam.add_user_to_group(GroupName=name, UserName=user.name)
    iam.put_group_policy(GroupName=name, PolicyName="p", PolicyDocument=document(allow("s3:ListAllMyBuckets")))
    user.s3.list_buckets()
    assert iam.get_group_policy(GroupName=name, PolicyName="p")["PolicyDocument"] == json.loads(
        document(allow("s3:ListAllMyBuckets")))
    iam.update_group(GroupName=name, NewGroupName=name + "-renamed", NewPath="/")
    user.s3.list_buckets()
    name += "-renamed"
    simulated = iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/{user.name}",
                                              ActionNames=["s3:ListAllMyBuckets"])["EvaluationResults"][0]
    assert (simulated["EvalDecision"], simulated["MatchedStatements"][0]["SourcePolicyType"]) == ("allowed", "group")
    simulated = iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:group/{name}",
                                              ActionNames=["s3:ListAllMyBuckets"])["EvaluationResults"][0]
    assert simulated["EvalDecision"] == "allowed"
    arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    user.iam.get_group(GroupName=name)
    assert [g["GroupName"] for g in iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Group")[
        "PolicyGroups"]] == [name]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] >= 1
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    iam.put_group_policy(GroupName=name, PolicyName="none", PolicyDocument=document(deny))
    assert "explicit deny in an identity-based policy" in error_of(user.s3.list_buckets)[1]
    iam.delete_group_policy(GroupName=name, PolicyName="none")
    iam.remove_user_from_group(GroupName=name, UserName=user.name)
    assert error_of(user.s3.list_buckets)[0] == "AccessDenied"
    assert error_of(iam.remove_user_from_group, GroupName=name, UserName=user.name)[0] == "NoSuchEntity"


def test_groups_are_listed_and_end_empty(root, make_user, name):
    iam, user = root.iam, make_user()
    names = [f"{name}-{i}" for i in range(11)]
    for one in names:
        iam.create_group(GroupName=one, Path=f"/{name}/")
    for one in names[:10]:
        iam.add_user_to_group(GroupName=one, UserName=user.name)
    assert error_of(iam.add_user_to_group, GroupName=names[10], UserName=user.name) == (
        "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
    pages = iam.get_paginator("list_groups").paginate(PathPrefix=f"/{name}/", PaginationConfig={"PageSize": 4})
    assert sorted(g["GroupName"] for page in pages for g in page["Groups"]) == sorted(names)
    pages = iam.get_paginator("list_groups_for_user").paginate(UserName=user.name, PaginationConfig={"PageSize": 3})
    assert len([g for page in pages for g in page["Groups"]]) == 10
    one = names[0]
    got = iam.get_group(GroupName=one)
    assert (got["Group"]["Path"], [u["UserName"] for u in got["Users"]]) == (f"/{name}/", [user.name])
    assert error_of(iam.create_group, GroupName=one.upper()) == (
        "EntityAlreadyExists", f"Group with name {one.upper()} already exists.")
    assert error_of(iam.get_group, GroupName="none") == (
        "NoSuchEntity", "The group with name none cannot be found.")
    assert error_of(iam.get_group_policy, GroupName=one, PolicyName="none") == (
        "NoSuchEntity", "The group policy with name none cannot be found.")
    assert error_of(iam.put_group_policy, GroupName=one, PolicyName="p", PolicyDocument="{}")[
        0] == "MalformedPolicyDocument"
    assert error_of(iam.delete_group, GroupName=one)[0] == "DeleteConflict"
    iam.delete_access_key(UserName=user.name, AccessKeyId=user.key)
    assert error_of(iam.delete_user, UserName=user.name) == (
        "DeleteConflict", "Cannot delete entity, must remove users from group first.")
    for g in names[:10]:
        iam.remove_user_from_group(GroupName=g, UserName=user.name)
    iam.delete_user(UserName=user.name)
    iam.attach_group_policy(GroupName=one, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert error_of(iam.delete_group, GroupName=one) == (
        "DeleteConflict", "Cannot delete entity, must detach all policies first.")
    iam.detach_group_policy(GroupName=one, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.delete_group(GroupName=one)
    assert error_of(iam.delete_group, GroupName=one)[0] == "NoSuchEntity"


def test_who_may_join_a_group(root, make_user, name):
    root.iam.create_group(GroupName=name)
    user = make_user()
    code, said = error_of(user.iam.add_user_to_group, GroupName=name, UserName=user.name)
    assert code == "AccessDenied"
    assert f"perform: iam:AddUserToGroup on resource: arn:aws:iam::{ACCOUNT}:group/{name} because" in said
