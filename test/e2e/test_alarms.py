"""CloudWatch's alarms, and the monitors of environments that roll deployments back."""

import datetime
import json
import pathlib
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import Clients, ROLE, error_of, send, strategy_of
from server import ACCOUNT, REGION, Server, wait_for
from test_s3_clients_aws import DEBIAN_AWS, DEBIAN_PYTHON, environment, other


@pytest.fixture(scope="module")
def cloudwatch(clients):
    return clients("cloudwatch")


@pytest.fixture
def alarm(cloudwatch, name):
    class Alarm:
        def __init__(self):
            self.name = f"{name}/5xx errors"
            self.put()
            self.arn = self.described()["AlarmArn"]

        def put(self, **more):
            cloudwatch.put_metric_alarm(**{**dict(
                AlarmName=self.name, MetricName="Errors", Namespace="Shop", Statistic="Sum", Period=60,
                EvaluationPeriods=1, Threshold=0.5, ComparisonOperator="GreaterThanThreshold"), **more})

        def set(self, state):
            cloudwatch.set_alarm_state(AlarmName=self.name, StateValue=state, StateReason=f"it is {state} & so on")

        def described(self):
            return cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]
    return Alarm()


def test_alarms_are_kept(cloudwatch, alarm, name):
    first = alarm.described()
    assert first["AlarmArn"] == f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{alarm.name}"
    assert first["StateValue"] == "INSUFFICIENT_DATA" and first["ActionsEnabled"] is True
    assert (first["Threshold"], first["Period"], first["Statistic"]) == (0.5, 60, "Sum")
    alarm.set("ALARM")
    alarm.put(Dimensions=[{"Name": "Host", "Value": "a"}, {"Name": "Zone", "Value": "b"}], ActionsEnabled=False,
              AlarmDescription="<text>", AlarmActions=["arn:aws:sns:us-east-1:000000000000:pager"])
    second = alarm.described()
    assert second["StateValue"] == "ALARM" and second["StateReason"] == "it is ALARM & so on"
    assert [d["Value"] for d in second["Dimensions"]] == ["a", "b"]
    assert second["ActionsEnabled"] is False and second["AlarmDescription"] == "<text>"
    assert second["AlarmActions"] == ["arn:aws:sns:us-east-1:000000000000:pager"]
    assert second["AlarmConfigurationUpdatedTimestamp"] >= first["AlarmConfigurationUpdatedTimestamp"]
    cloudwatch.delete_alarms(AlarmNames=[alarm.name])
    assert cloudwatch.describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"] == []


def test_alarms_are_listed(cloudwatch, name):
    names = [f"{name}-{n}" for n in range(5)]
    for n in names:
        cloudwatch.put_metric_alarm(AlarmName=n, MetricName="m", Namespace="n", Statistic="Sum", Period=60,
                                    EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold")
    pages = list(cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=name + "-", PaginationConfig={"PageSize": 2}))
    assert [a["AlarmName"] for p in pages for a in p["MetricAlarms"]] == names and len(pages) == 3
    cloudwatch.set_alarm_state(AlarmName=names[3], StateValue="OK", StateReason="")
    found = cloudwatch.describe_alarms(AlarmNamePrefix=name + "-", StateValue="OK")["MetricAlarms"]
    assert [a["AlarmName"] for a in found] == [names[3]]
    cloudwatch.delete_alarms(AlarmNames=names)


def test_refusals(cloudwatch, alarm):
    assert error_of(cloudwatch.set_alarm_state, AlarmName="nobody", StateValue="OK", StateReason="x")[0] \
        == "ResourceNotFound"
    assert error_of(cloudwatch.set_alarm_state, AlarmName=alarm.name, StateValue="FINE", StateReason="x")[0] \
        == "ValidationError"
    assert error_of(cloudwatch.delete_alarms, AlarmNames=[alarm.name, "nobody"])[0] == "ResourceNotFound"
    assert alarm.described()
    assert error_of(cloudwatch.describe_alarms, NextToken="*")[0] == "InvalidNextToken"
    assert error_of(alarm.put, Metrics=[{"Id": "m1", "Expression": "1"}])[0] == "ValidationError"
    assert error_of(cloudwatch.list_metrics)[0] == "NotImplemented"


def round_of(python, server, name, *protocol):
    done = subprocess.run([python, pathlib.Path(__file__).parent / "alarm_round.py", server.endpoint, ACCOUNT, REGION,
                           name, *protocol], env=environment(), text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    times = [datetime.datetime.fromisoformat(t) for t in seen.pop("times")]
    assert len(times) == 4 and max(times) - min(times) < datetime.timedelta(minutes=1)
    return seen.pop("sent"), seen


@pytest.mark.parametrize("protocol, content", [([], "application/x-amz-json-1.0"),
                                               (["smithy-rpc-v2-cbor"], "application/cbor")])
def test_the_newest_boto3_sees_what_the_oldest_sees(server, name, protocol, content):
    """One speaks forms, the other JSON, or CBOR when it is told to: the same answers and errors."""
    python = other("python3", DEBIAN_PYTHON)
    probe = "import botocore.model as m; m.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS.index('smithy-rpc-v2-cbor')"
    if not python or subprocess.run([python, "-c", probe], capture_output=True, timeout=120).returncode:
        pytest.skip("no boto3 that knows JSON and CBOR for CloudWatch is installed")
    sent, new = round_of(python, server, name, *protocol)
    assert sent == [content]
    sent, old = round_of(DEBIAN_PYTHON, server, name)
    assert sent == ["application/x-www-form-urlencoded"]
    assert [e[0] for e in new["errors"]] == [
        "ResourceNotFound", "ValidationError", "ValidationError", "InvalidNextToken", "ResourceNotFound",
        "ValidationError", "NotImplemented"]
    assert new == old
    assert new["alarms"][0]["Threshold"] == 0.1 and new["left"] == [] and new["no_number"] == "ValidationError"


def test_the_newest_command_line(server, name):
    program = other("aws", DEBIAN_AWS)
    if not program:
        pytest.skip("no other AWS CLI than Debian's is installed")

    def run(*arguments):
        done = subprocess.run([program, "--endpoint-url", server.endpoint, "cloudwatch", *arguments],
                              env=environment(), text=True, capture_output=True, timeout=120)
        return done.returncode, done.stdout, done.stderr
    assert run("put-metric-alarm", "--alarm-name", name, "--metric-name", "Errors", "--namespace", "Shop",
               "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1", "--threshold", "1",
               "--comparison-operator", "GreaterThanOrEqualToThreshold") == (0, "", "")
    assert run("set-alarm-state", "--alarm-name", name, "--state-value", "ALARM", "--state-reason", "x")[0] == 0
    assert json.loads(run("describe-alarms", "--alarm-names", name)[1])["MetricAlarms"][0]["StateValue"] == "ALARM"
    assert run("delete-alarms", "--alarm-names", name)[0] == 0
    assert "(ResourceNotFound)" in run("delete-alarms", "--alarm-names", name)[2]


def test_json_as_the_newest_sdk_for_javascript_speaks_it(server, alarm):
    def call(operation, **arguments):
        status, headers, body = send(server, "POST", "/", {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}",
            "x-amzn-query-mode": "true", "X-Amz-Date": "20260102T030405Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260102/{REGION}/monitoring/aws4_request, "
                             f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"}, json.dumps(arguments))
        assert headers.get("content-type") == "application/x-amz-json-1.0"
        return status, headers.get("x-amzn-query-error"), json.loads(body) if body else None
    assert call("SetAlarmState", AlarmName=alarm.name, StateValue="OK", StateReason="x") == (200, None, None)
    status, _, answer = call("DescribeAlarms", AlarmNames=[alarm.name])
    found, = answer["MetricAlarms"]
    assert (status, found["StateValue"], found["Threshold"]) == (200, "OK", 0.5)
    assert found["StateUpdatedTimestamp"] == pytest.approx(alarm.described()["StateUpdatedTimestamp"].timestamp())
    assert call("DescribeAlarms", NextToken="*")[:2] == (400, "InvalidNextToken;Sender")
    status, code, answer = call("DeleteAlarms", AlarmNames=["nobody"])
    assert (status, code) == (404, "ResourceNotFound;Sender")
    assert answer["__type"] == "com.amazonaws.cloudwatch#ResourceNotFound" and "nobody" in answer["message"]


def test_the_command_line(aws, alarm):
    aws("cloudwatch", "set-alarm-state", "--alarm-name", alarm.name, "--state-value", "OK", "--state-reason", "x")
    found = json.loads(aws("cloudwatch", "describe-alarms", "--alarm-names", alarm.name))["MetricAlarms"]
    assert found[0]["StateValue"] == "OK"


@pytest.fixture
def monitored(appconfig, alarm, name):
    class Monitored:
        def __init__(self):
            self.app = appconfig.create_application(Name=name)["Id"]
            made = appconfig.create_environment(ApplicationId=self.app, Name="e", Monitors=[
                {"AlarmArn": alarm.arn, "AlarmRoleArn": ROLE}])
            assert made["Monitors"] == [{"AlarmArn": alarm.arn, "AlarmRoleArn": ROLE}]
            self.env = made["Id"]
            self.profile = appconfig.create_configuration_profile(
                ApplicationId=self.app, Name="p", LocationUri="hosted")["Id"]
            self.strategy = strategy_of(appconfig, bake=10)

        def deploy(self, content):
            version = appconfig.create_hosted_configuration_version(
                ApplicationId=self.app, ConfigurationProfileId=self.profile, Content=content,
                ContentType="application/json")["VersionNumber"]
            return appconfig.start_deployment(
                ApplicationId=self.app, EnvironmentId=self.env, ConfigurationProfileId=self.profile,
                DeploymentStrategyId=self.strategy, ConfigurationVersion=str(version))

        def deployment(self, number):
            return appconfig.get_deployment(ApplicationId=self.app, EnvironmentId=self.env, DeploymentNumber=number)

        def state(self, number):
            return self.deployment(number)["State"]

        def served(self):
            return appconfig.get_configuration(Application=self.app, Environment=self.env, Configuration=self.profile,
                                               ClientId="c")["Content"].read()
    return Monitored()


def test_an_alarm_rolls_back(appconfig, server, monitored, alarm):
    monitored.deploy(b'"old"')
    server.advance(minutes=10)
    assert monitored.state(1) == "COMPLETE"
    monitored.deploy(b'"new"')
    assert monitored.served() == b'"new"'
    alarm.set("OK")
    alarm.set("INSUFFICIENT_DATA")
    assert monitored.state(2) == "BAKING"
    alarm.set("ALARM")
    wait_for("the rollback", lambda: monitored.state(2) == "ROLLED_BACK", seconds=1)
    assert monitored.served() == b'"old"'
    log = monitored.deployment(2)["EventLog"]
    assert [e["EventType"] for e in log[:2]] == ["ROLLBACK_COMPLETED", "ROLLBACK_STARTED"]
    assert log[1]["TriggeredBy"] == "CLOUDWATCH_ALARM" and alarm.arn in log[1]["Description"]
    assert appconfig.get_environment(ApplicationId=monitored.app, EnvironmentId=monitored.env)["State"] == "RolledBack"


def test_a_deployment_under_an_alarm_is_rolled_back_at_once(monitored, alarm):
    alarm.set("ALARM")
    assert monitored.deploy(b"1")["State"] == "DEPLOYING"
    wait_for("the rollback", lambda: monitored.state(1) == "ROLLED_BACK", seconds=1)


def test_an_alarm_without_actions_does_nothing(monitored, alarm):
    alarm.put(ActionsEnabled=False)
    alarm.set("ALARM")
    monitored.deploy(b"1")
    assert monitored.state(1) == "BAKING"
    alarm.put(ActionsEnabled=True)  # and now it has
    wait_for("the rollback", lambda: monitored.state(1) == "ROLLED_BACK", seconds=1)


def test_monitors_that_are_given_later(appconfig, monitored, alarm):
    appconfig.update_environment(ApplicationId=monitored.app, EnvironmentId=monitored.env, Monitors=[])
    alarm.set("ALARM")
    monitored.deploy(b"1")
    assert monitored.state(1) == "BAKING"
    appconfig.update_environment(ApplicationId=monitored.app, EnvironmentId=monitored.env,
                                 Monitors=[{"AlarmArn": alarm.arn}])
    wait_for("the rollback", lambda: monitored.state(1) == "ROLLED_BACK", seconds=1)


def test_alarms_survive_a_restart():
    server = Server().start()
    clients = Clients(server.endpoint)
    clients.cloudwatch.put_metric_alarm(AlarmName="a", MetricName="m", Namespace="n", Statistic="Sum", Period=60,
                                        EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold")
    clients.cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="x")
    server.kill()
    server.start()
    assert clients.cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
    assert server.stop() == 0


def alerts(*of):
    """A notification as Alertmanager sends it: (status, labels) of each alert."""
    return {"version": "4", "groupKey": '{}:{alarm="x"}', "truncatedAlerts": 0, "status": of[0][0],
            "receiver": "tidegate", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
            "externalURL": "http://alertmanager:9093",
            "alerts": [{"status": status, "labels": {"alertname": "HighErrors", **labels},
                        "annotations": {"summary": "5 % of requests fail"}, "startsAt": "2026-01-02T03:04:05.678Z",
                        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus/graph",
                        "fingerprint": "c6eadffa33fcdf37"} for status, labels in of]}


def notify(server, notification, **headers):
    """Status and answer of POST /_tidegate/alertmanager."""
    body = notification if isinstance(notification, bytes) else json.dumps(notification).encode()
    request = urllib.request.Request(server.endpoint + "/_tidegate/alertmanager", body,
                                     {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


def test_alertmanager_rolls_a_deployment_back(server, monitored, alarm):
    monitored.deploy(b'"old"')
    server.advance(minutes=10)
    monitored.deploy(b'"new"')
    assert notify(server, alerts(("resolved", {"alarm": alarm.name})))[0] == 200
    assert monitored.state(2) == "BAKING"
    assert notify(server, alerts(("firing", {"alarm": alarm.name}))) == (
        200, {"Set": [{"Alarm": alarm.name, "State": "ALARM"}], "Unknown": [], "WithoutLabel": 0})
    wait_for("the rollback", lambda: monitored.state(2) == "ROLLED_BACK", seconds=1)
    assert monitored.served() == b'"old"'
    described = alarm.described()
    assert described["StateValue"] == "ALARM"
    assert described["StateReason"] == "Alertmanager: HighErrors is firing: 5 % of requests fail"


def test_set_alarm_state_of_the_command_line_rolls_a_deployment_back(aws, monitored, alarm):
    monitored.deploy(b"1")
    aws("cloudwatch", "set-alarm-state", "--alarm-name", alarm.name, "--state-value", "ALARM", "--state-reason", "x")
    wait_for("the rollback", lambda: monitored.state(1) == "ROLLED_BACK", seconds=1)


def test_alarms_that_are_not_there_are_named(server, alarm):
    status, answer = notify(server, alerts(("firing", {"alarm": "nobody"}), ("firing", {"alarm": alarm.arn}),
                                           ("firing", {})))
    assert (status, answer) == (404, {"Set": [{"Alarm": alarm.name, "State": "ALARM"}], "Unknown": ["nobody"],
                                      "WithoutLabel": 1})
    assert alarm.described()["StateValue"] == "ALARM"
    assert notify(server, alerts(("firing", {})))[0] == 400
    assert notify(server, b"{")[0] == 400
    assert notify(server, b" " * (1 << 20) + b"{}")[0] == 413


def test_alertmanager_needs_the_token(server):
    guarded = Server("--alertmanager-token", "a-long-secret", "--alertmanager-label", "tidegate").start()
    Clients(guarded.endpoint).cloudwatch.put_metric_alarm(
        AlarmName="a", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="LessThanThreshold")
    firing = alerts(("firing", {"tidegate": "a"}))
    assert notify(guarded, firing)[0] == 401
    assert notify(guarded, firing, Authorization="Bearer a-long-secre")[0] == 401
    assert notify(guarded, firing, Authorization="Bearer a-long-secret")[0] == 200
    record, = Clients(guarded.endpoint).cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "SetAlarmState"}])["Events"]
    assert (record["Username"], record["Resources"][0]["ResourceName"]) == ("alertmanager", "a")
    assert guarded.stop() == 0
    closed = Server(dev=False).start()
    assert notify(closed, firing)[0] == 403
    assert closed.stop() == 0
    assert notify(server, firing, Origin="http://evil.example")[0] == 403  # a page in a developer's browser
