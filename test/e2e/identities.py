"""Servers that enforce who may do what, and the users and roles of their tests."""

import json

import boto3
import pytest
from conftest import Clients
from server import ACCOUNT, REGION, Server

KEY, SECRET = "AKIATIDEGATETESTS000", "secret-secret-secret"
LAMBDA, APPCONFIG = "lambda.amazonaws.com", "appconfig.amazonaws.com"


@pytest.fixture(scope="module", params=["production", "dev"])
def strict(request):
    if request.param == "dev":
        server, key = Server("--dev-enforce-iam").start(), ACCOUNT
    else:
        server, key = Server(dev=False, environment={"TIDEGATE_ROOT_ACCESS_KEY_ID": KEY,
                                                     "TIDEGATE_ROOT_SECRET_ACCESS_KEY": SECRET}).start(), KEY
    server.root = Clients(server.endpoint, key, SECRET)
    yield server
    assert server.stop() == 0, server.log[-4000:]


@pytest.fixture
def root(strict):
    return strict.root


def restart(server):
    assert server.stop() == 0
    server.start()


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def trust(**principal):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def make_role(root, name, service, *statements):
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(Service=service))["Role"]
    if statements:
        root.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*statements))
    return role["Arn"]


@pytest.fixture
def make_user(strict, root, name):
    made = []

    def make(*statements, user=None):
        user = user or f"{name}-{len(made)}"
        made.append(user)
        root.iam.create_user(UserName=user)
        if statements:
            root.iam.put_user_policy(UserName=user, PolicyName="rights", PolicyDocument=document(*statements))
        key = root.iam.create_access_key(UserName=user)["AccessKey"]
        clients = Clients(strict.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
        clients.name = user
        return clients

    return make


def with_session(strict, credentials):
    def client(service):
        return boto3.client(service, endpoint_url=strict.endpoint, region_name=REGION,
                            aws_access_key_id=credentials["AccessKeyId"],
                            aws_secret_access_key=credentials["SecretAccessKey"],
                            aws_session_token=credentials["SessionToken"])
    return client


def assume(strict, root, name, *statements, **more):
    """A role that the account's root may take on, and a session of it."""
    arn = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(AWS=ACCOUNT), **more)["Role"]["Arn"]
    root.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*statements))
    return with_session(strict, root.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"])
