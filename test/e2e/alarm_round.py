"""A round of CloudWatch's alarms by whichever boto3 runs this file; prints what it saw as JSON.

python3 alarm_round.py ENDPOINT ACCOUNT REGION PREFIX [PROTOCOL]

botocore takes the first protocol of its own list that a service has; PROTOCOL stands there alone.
"""

import json
import sys

import boto3
import botocore.model
from botocore.config import Config
from botocore.exceptions import ClientError


def main(endpoint, account, region, prefix, protocol=None):
    if protocol:
        botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = (protocol,)
    client = boto3.client("cloudwatch", endpoint_url=endpoint, region_name=region, aws_access_key_id=account,
                          aws_secret_access_key="anything",
                          config=Config(retries={"max_attempts": 0}, parameter_validation=False))
    sent = set()
    client.meta.events.register("before-send.cloudwatch", lambda request, **_: sent.add(
        request.headers["Content-Type"].decode().split(";")[0]))

    def error(call, **arguments):
        try:
            call(**arguments)
        except ClientError as e:
            known = e.response["Error"]
            return [known["Code"], known["Message"], e.response["ResponseMetadata"]["HTTPStatusCode"],
                    type(e).__name__]
        return None

    def put(name, **more):
        return client.put_metric_alarm(**{**dict(
            AlarmName=name, MetricName="Errors", Namespace="Shop", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=0.1, ComparisonOperator="GreaterThanThreshold", ActionsEnabled=False,
            AlarmDescription="ä <&> " + "x" * 300, Dimensions=[{"Name": "Host", "Value": "a"}],
            Tags=[{"Key": "team", "Value": "shop"}]), **more})

    first, second = f"{prefix}-1", f"{prefix}-2"
    answer = put(first)
    put(second, Threshold=-1e300, Period=3600)
    client.set_alarm_state(AlarmName=first, StateValue="ALARM", StateReason="it is", StateReasonData='{"a":1}')
    pages = client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, PaginationConfig={"PageSize": 1})
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    arn = alarms[0]["AlarmArn"]
    client.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
    client.untag_resource(ResourceARN=arn, TagKeys=["team"])
    tags = client.list_tags_for_resource(ResourceARN=arn)["Tags"]
    errors = [
        error(client.set_alarm_state, AlarmName="nobody", StateValue="OK", StateReason="x"),
        error(client.set_alarm_state, AlarmName=first, StateValue="FINE", StateReason="x"),
        error(client.set_alarm_state, AlarmName=first),
        error(client.describe_alarms, NextToken="*"),
        error(client.delete_alarms, AlarmNames=[first, "nobody"]),
        error(put, name=first, Metrics=[{"Id": "m1", "Expression": "1"}]),
        error(client.list_metrics),
    ]
    client.delete_alarms(AlarmNames=[first, second])
    left = client.describe_alarms(AlarmNames=[first, second])["MetricAlarms"]
    times = [alarm.pop(key).isoformat() for alarm in alarms for key in sorted(alarm) if key.endswith("Timestamp")]
    no_number = error(put, name=first, Threshold=float("nan"))[0]
    print(json.dumps({"sent": sorted(sent), "answer": sorted(answer), "alarms": alarms, "tags": tags,
                      "errors": errors, "no_number": no_number, "left": left, "times": times}))


main(*sys.argv[1:])
