"""Functions and layers of another account: reached by whoever their policies let in, as on AWS."""

import json

import pytest
from conftest import Clients, error_of, zipped
from identities import allow, document
from server import Server

OWNER, GUEST = "111111111111", "222222222222"
KEYS = [("AKIAOWNER", "owner-secret"), ("AKIAGUEST", "guest-secret")]


@pytest.fixture(scope="module", params=["production", "dev"])
def two(request, tmp_path_factory):
    if request.param == "dev":
        server, keys = Server("--dev-enforce-iam").start(), [(OWNER, "x"), (GUEST, "x")]
    else:
        file, keys = tmp_path_factory.mktemp("two") / "keys", KEYS
        file.write_text("".join(f"[{key}]\nsecret = {secret}\naccount = {account}\n"
                                for (key, secret), account in zip(KEYS, (OWNER, GUEST))))
        file.chmod(0o600)
        server = Server("--credentials", str(file), dev=False).start()
    yield [Clients(server.endpoint, *key) for key in keys]
    assert server.stop() == 0, server.log[-4000:]


@pytest.fixture
def function(two, name):
    owner, _ = two
    role = owner.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}))["Role"]
    return owner("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=role["Arn"],
        Code={"ZipFile": zipped("def handler(e, c): return c.invoked_function_arn")})["FunctionArn"]


def refusal(who, action, arn, why):
    return ("AccessDeniedException", f"User: {who} is not authorized to perform: lambda:{action} on resource: {arn} "
                                     f"because no {why} policy allows the lambda:{action} action")


def test_an_account_that_the_policy_names_may_manage_the_function(two, name, function):
    owner, guest = (clients("lambda") for clients in two)
    root = f"arn:aws:iam::{GUEST}:root"
    for call, action in ((guest.get_function, "GetFunction"), (guest.invoke, "InvokeFunction"),
                         (guest.get_policy, "GetPolicy"), (guest.delete_function, "DeleteFunction")):
        assert error_of(call, FunctionName=function) == refusal(root, action, function, "resource-based")
    # What is not there is refused alike: nobody learns of names.
    assert error_of(guest.invoke, FunctionName=function + "-none")[0] == "AccessDeniedException"
    owner.add_permission(FunctionName=name, StatementId="guest", Action="lambda:*", Principal=GUEST)
    partial = f"{OWNER}:function:{name}"
    for written in (function, partial):
        answer = guest.invoke(FunctionName=written, Payload=b"{}")
        assert json.loads(answer["Payload"].read()) == function
    assert guest.get_function(FunctionName=partial)["Configuration"]["FunctionArn"] == function
    assert guest.get_function_configuration(FunctionName=function)["FunctionArn"] == function
    assert guest.publish_version(FunctionName=function)["FunctionArn"] == function + ":1"
    assert len(guest.list_versions_by_function(FunctionName=function)["Versions"]) == 2
    assert guest.create_alias(FunctionName=function, Name="live", FunctionVersion="1")["AliasArn"] == function + ":live"
    guest.update_alias(FunctionName=function, Name="live", Description="theirs")
    assert owner.get_alias(FunctionName=name, Name="live")["Description"] == "theirs"
    assert [a["Name"] for a in guest.list_aliases(FunctionName=function)["Aliases"]] == ["live"]
    # A policy is of one name: the alias has none.
    assert error_of(guest.invoke, FunctionName=function + ":live") == refusal(
        root, "InvokeFunction", function + ":live", "resource-based")
    guest.delete_alias(FunctionName=function, Name="live")
    guest.tag_resource(Resource=function, Tags={"a": "b"})
    assert guest.list_tags(Resource=function)["Tags"] == {"a": "b"} == owner.list_tags(Resource=function)["Tags"]
    guest.untag_resource(Resource=function, TagKeys=["a"])
    guest.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    guest.delete_function_concurrency(FunctionName=function)
    guest.update_function_code(FunctionName=function, ZipFile=zipped("def handler(e, c): return 'new'"))
    assert json.loads(owner.invoke(FunctionName=name)["Payload"].read()) == "new"
    assert guest.list_functions()["Functions"] == []
    # What is for the owner alone, whatever the policy says.
    for call, more in ((guest.add_permission, dict(StatementId="s", Action="lambda:*", Principal="*")),
                       (guest.update_function_configuration, dict(Timeout=9))):
        assert error_of(call, FunctionName=function, **more)[0] == "AccessDeniedException"
    guest.delete_function(FunctionName=function)
    assert error_of(owner.get_function, FunctionName=name)[0] == "ResourceNotFoundException"


def test_a_user_needs_the_right_on_both_sides(two, name, function):
    (owner, guest) = two
    guest.iam.create_user(UserName=name)
    key = guest.iam.create_access_key(UserName=name)["AccessKey"]
    user = Clients(guest.endpoint, key["AccessKeyId"], key["SecretAccessKey"])("lambda")
    me = f"arn:aws:iam::{GUEST}:user/{name}"
    owner("lambda").add_permission(FunctionName=name, StatementId="u", Action="lambda:InvokeFunction", Principal=me)
    assert error_of(user.invoke, FunctionName=function) == refusal(me, "InvokeFunction", function, "identity-based")
    guest.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(allow("lambda:*", function)))
    assert json.loads(user.invoke(FunctionName=function)["Payload"].read()) == function
    assert error_of(user.get_function, FunctionName=function) == refusal(me, "GetFunction", function, "resource-based")
    owner("lambda").remove_permission(FunctionName=name, StatementId="u")
    assert error_of(user.invoke, FunctionName=function) == refusal(me, "InvokeFunction", function, "resource-based")


def test_a_layer_is_read_by_whom_its_policy_names(two, name):
    owner, guest = (clients("lambda") for clients in two)
    layer = owner.publish_layer_version(LayerName=name, Content={"ZipFile": zipped("x")})
    arn, version = layer["LayerArn"], layer["LayerVersionArn"]
    root = f"arn:aws:iam::{GUEST}:root"
    assert error_of(guest.get_layer_version_by_arn, Arn=version) == refusal(
        root, "GetLayerVersion", version, "resource-based")
    owner.add_layer_version_permission(LayerName=name, VersionNumber=1, StatementId="s", Principal=GUEST,
                                       Action="lambda:GetLayerVersion")
    assert guest.get_layer_version(LayerName=arn, VersionNumber=1)["LayerVersionArn"] == version
    assert guest.get_layer_version_by_arn(Arn=version)["LayerArn"] == arn
    assert error_of(guest.delete_layer_version, LayerName=arn, VersionNumber=1)[0] == "AccessDeniedException"
    assert owner.get_layer_version(LayerName=name, VersionNumber=1)["Version"] == 1


def test_a_role_is_of_the_functions_account(two, name, function):
    owner, guest = (clients("lambda") for clients in two)
    role = owner.get_function_configuration(FunctionName=name)["Role"]
    wanted = dict(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=role,
                  Code={"ZipFile": zipped("def handler(e, c): pass")})
    assert error_of(guest.create_function, **wanted) == (
        "AccessDeniedException", "Cross-account pass role is not allowed.")
    assert error_of(guest.create_function, **{**wanted, "Role": "arn:aws:iam::12:role/r"})[0] == "ValidationException"
    assert error_of(guest.create_function, **{**wanted, "FunctionName": function})[0] == "AccessDeniedException"
    assert guest.list_functions()["Functions"] == []
