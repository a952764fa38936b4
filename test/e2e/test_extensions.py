"""AppConfig's extensions with real functions in their sandboxes and a real webhook on loopback."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import threading

import pytest
from conftest import ROLE, Clients, error_of, strategy_of, zipped
from server import Server, wait_for

SECRET = "correct-horse-battery"

# What it does stands in its parameters; what it was told goes into a bucket, one object a call.
ACTOR = """
import base64, json, os
import boto3

def handler(event, context):
    boto3.client('s3').put_object(Bucket=os.environ['SEEN'], Key=event['InvocationId'], Body=json.dumps(event))
    mode = event['Parameters'].get('mode')
    if mode == 'refuse':
        return {'Error': 'BadRequestError', 'Message': 'not like this', 'Details': [
            {'Type': 'Malformed', 'Name': 'rate', 'Reason': 'is too high'}]}
    if mode == 'throw':
        raise ValueError('not at all')
    if mode == 'roll back':
        return {'Directive': 'ROLL_BACK', 'Description': 'errors rise'}
    if mode == 'rewrite':
        content = json.loads(base64.b64decode(event['Content']))
        content['seen'] = event['Type']
        return {'Content': base64.b64encode(json.dumps(content).encode()).decode()}
"""


class Hook:
    """A webhook that answers what a test says and checks every signature."""

    def __init__(self):
        self.answer, self.status, self.calls = {}, 200, []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = self.headers["Tidegate-Webhook-Timestamp"].encode() + b"." + body
                expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
                assert hmac.compare_digest(expected, self.headers["Tidegate-Webhook-Signature"])
                hook.calls.append((self.headers["Tidegate-Webhook-Id"], json.loads(body)))
                self.send_response(hook.status)
                self.end_headers()
                self.wfile.write(json.dumps(hook.answer).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def hook():
    hook = Hook()
    yield hook
    hook.server.shutdown()


@pytest.fixture(scope="module")
def server(hook):
    started = Server(environment={"TIDEGATE_WEBHOOK_TARGETS": f"hook={hook.url}",
                                  "TIDEGATE_WEBHOOK_SECRETS": f"hook={SECRET}",
                                  "TIDEGATE_WEBHOOK_ALLOW": "127.0.0.1:*"}).start()
    yield started
    assert started.stop() == 0, started.log[-4000:]


@pytest.fixture(scope="module")
def clients(server):
    return Clients(server.endpoint)


@pytest.fixture(scope="module")
def appconfig(clients):
    return clients("appconfig")


@pytest.fixture(scope="module")
def actor(clients):
    """The function's ARN, and what it was told, as a function of no arguments."""
    clients.s3.create_bucket(Bucket="seen")
    function = clients("lambda")
    made = function.create_function(
        FunctionName="actor", Runtime="python3.11", Handler="index.handler", Role=ROLE, Timeout=20,
        Code={"ZipFile": zipped(ACTOR)}, Environment={"Variables": {"SEEN": "seen"}})["FunctionArn"]
    function.add_permission(FunctionName="actor", StatementId="a", Action="lambda:InvokeFunction",
                            Principal="appconfig.amazonaws.com")
    s3 = clients("s3")

    def told():
        keys = [o["Key"] for o in s3.list_objects_v2(Bucket="seen").get("Contents", [])]
        return [json.loads(s3.get_object(Bucket="seen", Key=k)["Body"].read()) for k in keys]
    return made, told


@contextlib.contextmanager
def more_members(client, operation, **members):
    """Members of a call that Debian's boto3 does not know yet."""
    def add(params, **_):
        params["body"] = json.dumps({**json.loads(params["body"]), **members}).encode()
    event = f"before-call.appconfig.{operation}"
    client.meta.events.register(event, add)
    try:
        yield
    finally:
        client.meta.events.unregister(event, add)


class Shop:
    def __init__(self, appconfig, name):
        self.appconfig, self.name = appconfig, name
        self.app = appconfig.create_application(Name=name)["Id"]
        self.env = appconfig.create_environment(ApplicationId=self.app, Name="prod")["Id"]
        self.profile = appconfig.create_configuration_profile(
            ApplicationId=self.app, Name="limits", LocationUri="hosted")["Id"]
        self.arn = f"arn:aws:appconfig:us-east-1:000000000000:application/{self.app}"
        self.made = 0

    def act(self, uri, *points, **parameters):
        """An extension of the application that acts at these points."""
        self.made += 1
        extension = self.appconfig.create_extension(
            Name=f"{self.name}-{self.made}", Actions={p: [{"Name": "act", "Uri": uri}] for p in points},
            **({"Parameters": {p: {"Required": False} for p in parameters}} if parameters else {}))
        self.association = self.appconfig.create_extension_association(
            ExtensionIdentifier=extension["Id"], ResourceIdentifier=self.arn, Parameters=parameters)["Id"]
        return extension

    def upload(self, content=b'{"rate": 1}'):
        return self.appconfig.create_hosted_configuration_version(
            ApplicationId=self.app, ConfigurationProfileId=self.profile, Content=content,
            ContentType="application/json")

    def deploy(self, version=1, **strategy):
        return self.appconfig.start_deployment(
            ApplicationId=self.app, EnvironmentId=self.env, ConfigurationProfileId=self.profile,
            DeploymentStrategyId=strategy_of(self.appconfig, **strategy), ConfigurationVersion=str(version))

    def deployment(self, number=1):
        return self.appconfig.get_deployment(ApplicationId=self.app, EnvironmentId=self.env, DeploymentNumber=number)

    def state(self, number=1):
        return self.deployment(number)["State"]

    def served(self, client="c"):
        return self.appconfig.get_configuration(Application=self.app, Environment=self.env, ClientId=client,
                                                Configuration=self.profile)["Content"].read()


@pytest.fixture
def shop(appconfig, name):
    return Shop(appconfig, name)


def details_of(caught):
    return caught.value.response["Details"]["InvalidConfiguration"]


def test_extensions_have_versions(appconfig, actor, name):
    actions = {"PRE_START_DEPLOYMENT": [{"Name": "a", "Uri": actor[0], "RoleArn": ROLE, "Description": "d"}]}
    one = appconfig.create_extension(Name=name, Description="first", Actions=actions, Tags={"team": "a"},
                                     Parameters={"to": {"Description": "whom", "Required": True}})
    assert one["VersionNumber"] == 1 and one["Actions"] == actions
    assert one["Arn"] == f"arn:aws:appconfig:us-east-1:000000000000:extension/{one['Id']}/1"
    assert one["Parameters"]["to"]["Required"] is True
    assert appconfig.list_tags_for_resource(ResourceArn=one["Arn"])["Tags"] == {"team": "a"}
    assert error_of(appconfig.create_extension, Name=name, Actions=actions)[0] == "ConflictException"
    two = appconfig.create_extension(Name=name, Actions=actions, LatestVersionNumber=1)
    assert (two["Id"], two["VersionNumber"]) == (one["Id"], 2)
    assert appconfig.get_extension(ExtensionIdentifier=one["Arn"])["Description"] == "first"
    assert appconfig.get_extension(ExtensionIdentifier=name)["VersionNumber"] == 2
    assert appconfig.get_extension(ExtensionIdentifier=one["Id"], VersionNumber=1)["Description"] == "first"
    changed = appconfig.update_extension(ExtensionIdentifier=name, Description="other", VersionNumber=1)
    assert (changed["Description"], changed["VersionNumber"]) == ("other", 1)
    listed = appconfig.list_extensions(Name=name)["Items"]
    assert [(e["VersionNumber"], e["Arn"]) for e in listed] == [(1, one["Arn"]), (2, two["Arn"])]
    assert not [e for e in appconfig.list_extensions(MaxResults=50)["Items"] if e["Id"].startswith("AWS.")]
    appconfig.delete_extension(ExtensionIdentifier=name)
    appconfig.delete_extension(ExtensionIdentifier=name, VersionNumber=1)
    assert error_of(appconfig.get_extension, ExtensionIdentifier=name)[0] == "ResourceNotFoundException"


def test_associations(appconfig, shop, actor):
    extension = shop.act(actor[0], "ON_DEPLOYMENT_START", to="x")
    found = appconfig.get_extension_association(ExtensionAssociationId=shop.association)
    assert found["ExtensionArn"] == extension["Arn"] and found["ResourceArn"] == shop.arn
    assert found["Arn"].endswith(f":extensionassociation/{shop.association}")
    assert (found["Parameters"], found["ExtensionVersionNumber"]) == ({"to": "x"}, 1)
    environment = f"{shop.arn}/environment/{shop.env}"
    other = appconfig.create_extension_association(ExtensionIdentifier=extension["Arn"],
                                                   ResourceIdentifier=environment)["Id"]

    def ids(**filters):
        return {a["Id"] for a in appconfig.list_extension_associations(**filters)["Items"]}
    assert ids(ExtensionIdentifier=extension["Name"]) == {shop.association, other}
    assert ids(ResourceIdentifier=environment) == {other}
    assert ids(ExtensionIdentifier=extension["Id"], ExtensionVersionNumber=2) == set()
    changed = appconfig.update_extension_association(ExtensionAssociationId=other, Parameters={"to": "y"})
    assert changed["Parameters"] == {"to": "y"}
    assert error_of(appconfig.delete_extension, ExtensionIdentifier=extension["Id"])[0] == "BadRequestException"
    appconfig.delete_environment(ApplicationId=shop.app, EnvironmentId=shop.env)
    assert error_of(appconfig.get_extension_association, ExtensionAssociationId=other)[0] \
        == "ResourceNotFoundException"
    appconfig.delete_extension_association(ExtensionAssociationId=shop.association)
    appconfig.delete_extension(ExtensionIdentifier=extension["Id"])


def test_targets_that_cannot_be_reached_are_refused(appconfig, name):
    for uri, word in (("arn:aws:sqs:us-east-1:000000000000:q", "SQS"), ("arn:aws:sns:us-east-1:000000000000:t", "SNS"),
                      ("arn:aws:events:us-east-1:000000000000:event-bus/default", "EventBridge"),
                      ("https://169.254.169.254/latest", "webhook-targets")):
        code, message = error_of(appconfig.create_extension, Name=name,
                                 Actions={"ON_DEPLOYMENT_START": [{"Name": "a", "Uri": uri}]})
        assert code == "BadRequestException" and word in message
    code, message = error_of(appconfig.create_extension, Name=name,
                             Actions={"ON_NOTHING": [{"Name": "a", "Uri": uri}]})
    assert code == "BadRequestException" and "ON_DEPLOYMENT_START" in message


def test_what_is_uploaded_is_rewritten_or_refused(appconfig, shop, actor):
    extension = shop.act(actor[0], "PRE_CREATE_HOSTED_CONFIGURATION_VERSION", mode="rewrite")
    stored = json.loads(shop.upload()["Content"].read())
    assert stored == {"rate": 1, "seen": "PreCreateHostedConfigurationVersion"}
    appconfig.update_extension_association(ExtensionAssociationId=shop.association, Parameters={"mode": "refuse"})
    with pytest.raises(appconfig.exceptions.BadRequestException) as caught:
        shop.upload()
    assert caught.value.response["Reason"] == "InvalidConfiguration"
    detail = details_of(caught)[0]
    assert (detail["Value"], detail["Location"], detail["Reason"]) == ("not like this", "rate", "is too high")
    appconfig.update_extension_association(ExtensionAssociationId=shop.association, Parameters={"mode": "throw"})
    with pytest.raises(appconfig.exceptions.BadRequestException) as caught:
        shop.upload()
    assert details_of(caught)[0]["Value"] == "not at all"
    assert extension["Id"] in caught.value.response["Message"]


def test_what_is_deployed_is_rewritten(server, shop, actor):
    extension = shop.act(actor[0], "PRE_START_DEPLOYMENT", "ON_DEPLOYMENT_START", mode="rewrite")
    shop.upload()
    started = shop.deploy()
    assert started["AppliedExtensions"] == [{
        "ExtensionId": extension["Id"], "ExtensionAssociationId": shop.association, "VersionNumber": 1,
        "Parameters": {"mode": "rewrite"}}]
    assert [i["ActionName"] for i in started["EventLog"][0]["ActionInvocations"]] == ["act"]
    assert json.loads(shop.served()) == {"rate": 1, "seen": "PreStartDeployment"}


def test_everything_is_told(server, shop, actor):
    uri, told = actor
    shop.upload()
    shop.act(uri, "ON_DEPLOYMENT_START", "ON_DEPLOYMENT_STEP", "ON_DEPLOYMENT_BAKING", "ON_DEPLOYMENT_COMPLETE",
             "ON_DEPLOYMENT_ROLLED_BACK")
    shop.deploy(duration=10, growth=50, bake=5)
    server.advance(minutes=60)
    wanted = ["OnDeploymentBaking", "OnDeploymentComplete", "OnDeploymentStart", "OnDeploymentStep",
              "OnDeploymentStep"]

    def seen():
        return [e for e in told() if e["Application"]["Id"] == shop.app]
    wait_for("the function's calls", lambda: sorted(e["Type"] for e in seen()) == wanted)
    event = next(e for e in seen() if e["Type"] == "OnDeploymentComplete")
    assert event["Environment"] == {"Id": shop.env, "Name": "prod"} and event["DeploymentNumber"] == 1
    assert event["ConfigurationProfile"] == {"Id": shop.profile, "Name": "limits"}
    assert event["ConfigurationVersion"] == "1"
    log = shop.deployment()["EventLog"]
    invocations = [i["InvocationId"] for e in log for i in e["ActionInvocations"]]
    assert sorted(invocations) == sorted(e["InvocationId"] for e in seen())


def test_a_tick_rolls_back(server, appconfig, shop, actor):
    shop.upload(b'{"rate": 1}')
    shop.deploy()
    shop.act(actor[0], "AT_DEPLOYMENT_TICK", mode="none")
    shop.upload(b'{"rate": 2}')
    shop.deploy(2, duration=10, growth=50, bake=5)
    server.advance(minutes=5)
    wait_for("the first step", lambda: shop.deployment(2)["PercentageComplete"] == 50)
    log = shop.deployment(2)["EventLog"]
    assert log[0]["EventType"] == "PERCENTAGE_UPDATED" and len(log[0]["ActionInvocations"]) == 1
    # What acts is what stood at the start.
    appconfig.update_extension_association(ExtensionAssociationId=shop.association,
                                           Parameters={"mode": "roll back"})
    server.advance(minutes=15)
    wait_for("the end", lambda: shop.state(2) == "COMPLETE")
    shop.deploy(1, duration=10, growth=50, bake=5)
    server.advance(minutes=5)
    wait_for("the rollback", lambda: shop.state(3) == "ROLLED_BACK")
    started = shop.deployment(3)["EventLog"][1]
    assert (started["EventType"], started["TriggeredBy"]) == ("ROLLBACK_STARTED", "APPCONFIG")
    assert "errors rise" in started["Description"] and len(started["ActionInvocations"]) == 1
    assert json.loads(shop.served()) == {"rate": 2}


def test_dynamic_parameters(appconfig, shop, actor, name):
    with more_members(appconfig, "CreateExtension", Parameters={"mode": {"Dynamic": True}}):
        extension = appconfig.create_extension(
            Name=name, Actions={"PRE_START_DEPLOYMENT": [{"Name": "a", "Uri": actor[0]}]})
    appconfig.create_extension_association(ExtensionIdentifier=name, ResourceIdentifier=shop.arn)
    shop.upload()
    with more_members(appconfig, "StartDeployment", DynamicExtensionParameters={f"{name}#other": "x"}):
        assert error_of(shop.deploy)[0] == "BadRequestException"
    with more_members(appconfig, "StartDeployment", DynamicExtensionParameters={f"{extension['Id']}#mode": "refuse"}):
        assert "not like this" in error_of(shop.deploy)[1]
    with more_members(appconfig, "StartDeployment", DynamicExtensionParameters={f"{name}#mode": "rewrite"}):
        assert shop.deploy()["AppliedExtensions"][0]["Parameters"] == {"mode": "rewrite"}


def test_a_function_that_does_not_let_appconfig_in(clients, appconfig, shop):
    function = clients("lambda").create_function(
        FunctionName="closed", Runtime="python3.11", Handler="index.handler", Role=ROLE,
        Code={"ZipFile": zipped("def handler(e, c): return None")})["FunctionArn"]
    extension = shop.act(function, "PRE_START_DEPLOYMENT", "ON_DEPLOYMENT_START")
    shop.upload()
    assert error_of(shop.deploy)[0] == "BadRequestException"
    appconfig.update_extension(ExtensionIdentifier=extension["Id"], Actions={
        "ON_DEPLOYMENT_START": [{"Name": "act", "Uri": function}]})
    shop.deploy(bake=10)
    # It is put aside and noted; the deployment goes on.
    wait_for("the note", lambda: [
        i for i in shop.deployment()["EventLog"][-1]["ActionInvocations"] if "ErrorCode" in i])
    # A role of the account does instead of the policy.
    appconfig.update_extension(ExtensionIdentifier=extension["Id"], Actions={
        "PRE_START_DEPLOYMENT": [{"Name": "act", "Uri": function, "RoleArn": ROLE}]})
    appconfig.stop_deployment(ApplicationId=shop.app, EnvironmentId=shop.env, DeploymentNumber=1)
    assert shop.deploy()["DeploymentNumber"] == 2


def test_webhooks(server, appconfig, shop, hook):
    hook.calls.clear()
    hook.answer = {"Content": base64.b64encode(b'{"rate": 3}').decode()}
    shop.act(hook.url, "PRE_CREATE_HOSTED_CONFIGURATION_VERSION")
    assert shop.upload()["Content"].read() == b'{"rate": 3}'
    hook.answer = {}
    shop.act("arn:tidegate:webhook:::hook", "ON_DEPLOYMENT_START", "AT_DEPLOYMENT_TICK")
    hook.status = 503
    hook.calls.clear()
    shop.deploy(bake=1)
    # The tick is refused, and what is told is tried again.
    wait_for("the rollback", lambda: shop.state() == "ROLLED_BACK")
    wait_for("a first try", lambda: [e for _, e in hook.calls if e["Type"] == "OnDeploymentStart"])
    invocation = wait_for("the note", lambda: [
        i for i in shop.deployment()["EventLog"][-1]["ActionInvocations"] if "ErrorMessage" in i])[0]
    assert "503" in invocation["ErrorMessage"]
    hook.status = 200
    server.advance(minutes=30)
    wait_for("the message", lambda: not [
        i for i in shop.deployment()["EventLog"][-1]["ActionInvocations"] if "ErrorMessage" in i])
    ids = {i for i, e in hook.calls if e["Type"] == "OnDeploymentStart"}
    assert ids == {invocation["InvocationId"]}


def test_what_was_due_survives_kill_nine(hook):
    options = {"TIDEGATE_WEBHOOK_TARGETS": f"hook={hook.url}", "TIDEGATE_WEBHOOK_SECRETS": f"hook={SECRET}",
               "TIDEGATE_WEBHOOK_ALLOW": "127.0.0.1:*"}
    hook.status, hook.answer = 503, {}
    hook.calls.clear()
    server = Server(environment=options).start()
    shop = Shop(Clients(server.endpoint).appconfig, "lonely")
    shop.upload()
    shop.act(hook.url, "ON_DEPLOYMENT_START", "ON_DEPLOYMENT_STEP", "ON_DEPLOYMENT_COMPLETE")
    shop.deploy(duration=10, growth=50)
    server.kill()
    server.start()
    server.advance(minutes=7)
    server.kill()
    hook.status = 200
    hook.calls.clear()
    server.start()
    server.advance(minutes=120)
    wanted = {"OnDeploymentStart": 1, "OnDeploymentStep": 2, "OnDeploymentComplete": 1}

    def distinct():
        seen = {(i, e["Type"]) for i, e in hook.calls}
        return {t: sum(kind == t for _, kind in seen) for t in wanted}
    wait_for("every message", lambda: distinct() == wanted)
    assert server.stop() == 0
