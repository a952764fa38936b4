"""Versions, aliases, layers, concurrency, destinations: through real clients, and by what functions see."""

import io
import json
import zipfile

import pytest

from conftest import ROLE, error_of, zipped
from server import ACCOUNT, REGION, wait_for

VERSIONED = """
def handler(event, context):
    return {"text": %r, "version": context.function_version, "arn": context.invoked_function_arn}
"""


def invoke(lambda_, name, payload=None, **options):
    answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(payload or {}), **options)
    return json.loads(answer["Payload"].read() or b"null"), answer


def test_versions_and_aliases(lambda_, name, make_function):
    arn = make_function(name, VERSIONED % "one")
    one = lambda_.publish_version(FunctionName=name, Description="first")
    assert (one["Version"], one["FunctionArn"], one["State"]) == ("1", arn + ":1", "Active")
    assert lambda_.publish_version(FunctionName=name)["RevisionId"] == one["RevisionId"]
    two = lambda_.update_function_code(FunctionName=name, ZipFile=zipped(VERSIONED % "two"), Publish=True)
    assert (two["Version"], two["State"], two["FunctionArn"]) == ("2", "Pending", arn + ":2")
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name, Qualifier="2")
    assert [v["Version"] for v in lambda_.list_versions_by_function(FunctionName=name)["Versions"]] == [
        "$LATEST", "1", "2"]
    answer, call = invoke(lambda_, name, Qualifier="1")
    assert answer == {"text": "one", "version": "1", "arn": arn + ":1"}
    assert call["ExecutedVersion"] == "1"
    alias = lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1",
                                 RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    assert alias["AliasArn"] == arn + ":live"
    seen = set()
    for _ in range(40):
        answer, call = invoke(lambda_, f"{name}:live")
        assert answer["arn"] == arn + ":live"
        assert answer["version"] == call["ExecutedVersion"]
        seen.add(answer["text"])
    assert seen == {"one", "two"}
    assert error_of(lambda_.delete_function, FunctionName=name, Qualifier="2")[0] == "ResourceConflictException"
    lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion="2",
                         RoutingConfig={"AdditionalVersionWeights": {}})
    assert invoke(lambda_, name, Qualifier="live")[0]["version"] == "2"
    lambda_.delete_function(FunctionName=name, Qualifier="1")
    assert error_of(lambda_.get_function, FunctionName=name, Qualifier="1") == (
        "ResourceNotFoundException", f"Function not found: {arn}:1")
    everything = [f["FunctionArn"] for page in lambda_.get_paginator("list_functions").paginate(FunctionVersion="ALL")
                  for f in page["Functions"] if f["FunctionName"] == name]
    assert everything == [arn + ":$LATEST", arn + ":2"]


def test_reserved_concurrency(lambda_, name, make_function):
    make_function(name, "def handler(e, c): return 1")
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(lambda_.exceptions.TooManyRequestsException) as caught:
        invoke(lambda_, name)
    response = caught.value.response
    assert response["Error"]["Message"] == "Rate Exceeded."
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert lambda_.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    lambda_.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName=name)
    assert invoke(lambda_, name)[0] == 1
    limits = lambda_.get_account_settings()["AccountLimit"]
    assert limits["ConcurrentExecutions"] == 1000


def test_layers_lie_over_each_other(lambda_, name, make_function):
    def layer(suffix, files):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        return lambda_.publish_layer_version(
            LayerName=name + suffix, Content={"ZipFile": buffer.getvalue()},
            CompatibleRuntimes=["python3.11"])["LayerVersionArn"]

    first = layer("-a", {"python/shared.py": "VALUE = 1\nONLY = 'a'\n", "data/x": "from a"})
    second = layer("-b", {"python/shared.py": "VALUE = 2\n", "data/y": "from b"})
    source = """
import os, shared
def handler(event, context):
    return [shared.VALUE, sorted(os.listdir('/opt/data')), open('/opt/data/x').read()]
"""
    make_function(name, source, Layers=[first, second])
    assert invoke(lambda_, name)[0] == [2, ["x", "y"], "from a"]
    config = lambda_.update_function_configuration(FunctionName=name, Layers=[second, first])
    assert [entry["Arn"] for entry in config["Layers"]] == [second, first]
    assert invoke(lambda_, name)[0] == [1, ["x", "y"], "from a"]
    for arn in (first, second):
        layer_name, version = arn.split(":")[-2:]
        lambda_.delete_layer_version(LayerName=layer_name, VersionNumber=int(version))
    assert error_of(lambda_.get_layer_version_by_arn, Arn=first)[0] == "ResourceNotFoundException"
    lambda_.update_function_code(FunctionName=name, ZipFile=zipped(source + "\n"))
    assert invoke(lambda_, name)[0][0] == 1  # a function keeps what it uses
    lambda_.update_function_configuration(FunctionName=name, Layers=[])
    answer, call = invoke(lambda_, name)
    assert answer["errorType"] == "Runtime.ImportModuleError", answer


def test_destinations(server, lambda_, s3, bucket, name, make_function):
    make_function(name + "-ear", "def handler(e, c): print('TOLD', __import__('json').dumps(e))")
    arn = make_function(name, """
def handler(event, context):
    if event.get('fail'):
        raise ValueError('as asked')
    return {'ok': 1}
""")
    lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={
            "OnSuccess": {"Destination": arn + "-ear"}, "OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}})
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 7}')

    def told():
        log = server.own("GET", f"/_tidegate/functions/{name}-ear/log")["Log"]
        return [json.loads(line[5:]) for line in log.splitlines() if line.startswith("TOLD ")]

    record = wait_for("the record", told)[0]
    assert record["requestPayload"] == {"n": 7} and record["responsePayload"] == {"ok": 1}
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"] == arn + ":$LATEST"
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"fail": true}')
    stored = wait_for("the object", lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    assert stored[0]["Key"].startswith(f"aws/lambda/async/{name}/20")
    failure = json.loads(s3.get_object(Bucket=bucket, Key=stored[0]["Key"])["Body"].read())
    assert failure["requestContext"]["condition"] == "RetriesExhausted"
    assert failure["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST",
                                          "functionError": "Unhandled"}
    assert failure["responsePayload"]["errorMessage"] == "as asked"
    code, message = error_of(lambda_.put_function_event_invoke_config, FunctionName=name, DestinationConfig={
        "OnFailure": {"Destination": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"}})
    assert code == "InvalidParameterValueException" and "no SQS" in message


def test_listings_leave_out_what_changes_and_the_account_counts_every_package(lambda_, name, make_function):
    def used():
        return lambda_.get_account_settings()["AccountUsage"]["TotalCodeSize"]
    before = used()
    arn = make_function(name, VERSIONED % "one")
    size = lambda_.get_function_configuration(FunctionName=name)["CodeSize"]
    assert used() == before + size
    lambda_.publish_version(FunctionName=name)
    assert used() == before + 2 * size  # a version counts, though its package is the same
    layer = lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": zipped("x = 1")})
    assert used() == before + 2 * size + layer["Content"]["CodeSize"]
    lambda_.delete_layer_version(LayerName=name, VersionNumber=1)
    assert used() == before + 2 * size
    listed = [f for page in lambda_.get_paginator("list_functions").paginate() for f in page["Functions"]]
    for one in [*lambda_.list_versions_by_function(FunctionName=name)["Versions"],
                *(f for f in listed if f["FunctionArn"] == arn)]:
        assert not {"State", "LastUpdateStatus"} & set(one)


@pytest.mark.parametrize("operation, arguments, code, text", [
    ("delete_function", {"FunctionName": "nowhere", "Qualifier": "$LATEST"}, "InvalidParameterValueException",
     "$LATEST version cannot be deleted without deleting the function."),
    ("get_function", {"FunctionName": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"}, "ResourceNotFoundException",
     f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:function"),
    ("get_function", {"FunctionName": f"arn:aws:lambda:nowhere:{ACCOUNT}:function:f"}, "ValidationException",
     "1 validation error detected: Value 'arn:aws:lambda:nowhere:"),
    ("get_function_url_config", {"FunctionName": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"},
     "ResourceNotFoundException", "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"),
    ("create_function", {"Runtime": "python3.7"}, "InvalidParameterValueException",
     "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions."),
    ("create_function", {"SnapStart": {"ApplyOn": "Sometimes"}}, "ValidationException",
     "1 validation error detected: Value 'Sometimes' at 'snapStart.applyOn' failed to satisfy constraint: Member must "
     "satisfy enum value set: [PublishedVersions, None]"),
    ("create_function", {"Architectures": ["x86_64", "arm64"]}, "ValidationException",
     "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member "
     "must have length less than or equal to 1"),
    ("create_function", {"Code": {"ZipFile": bytes(60_000_000)}}, "RequestEntityTooLargeException",
     "Request must be smaller than 70167211 bytes for the CreateFunction operation"),
    ("publish_layer_version", {"LayerName": "l", "Content": {"ZipFile": b""}, "CompatibleRuntimes": ["cobol85"]},
     "ValidationException", "1 validation error detected: Value '[cobol85]' at 'compatibleRuntimes' failed to satisfy "
     "constraint: Member must satisfy enum value set: [nodejs, "),
])
def test_refusals_have_awss_words(lambda_, operation, arguments, code, text):
    if operation == "create_function":
        arguments = {"FunctionName": "f", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE,
                     "Code": {"ZipFile": zipped("")}, **arguments}
    refused, said = error_of(getattr(lambda_, operation), **arguments)
    assert refused == code and said.startswith(text), said


def invalid(value, member, rule):
    return "ValidationException", f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy " \
                                  f"constraint: Member must {rule}"


PATTERN = "satisfy regular expression pattern: "
ENUM = "satisfy enum value set: "
LONG = f"arn:aws:lambda:invalid-region:{ACCOUNT}:function:{'f' * 170}"
WRONG = [
    ("get_function", {"FunctionName": LONG}, invalid(LONG, "functionName", PATTERN)),
    ("create_function", {"PackageType": "Tar"}, invalid("Tar", "packageType", ENUM + "[Image, Zip]")),
    ("create_function", {"DeadLetterConfig": {"TargetArn": "queue"}}, invalid(
        "queue", "deadLetterConfig.targetArn", PATTERN + "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()")),
    ("create_function", {"Tags": {"k" * 129: ""}}, invalid("k" * 129, "tags", "have length between 1 and 128")),
    ("create_function", {"Tags": {"k": "é" * 257}}, invalid(
        "é" * 128, "tags", "have length less than or equal to 256")),
    ("create_function", {"Tags": {"aws:k": "v"}}, (
        "InvalidParameterValueException", "aws: prefixed tag key names are not allowed for external use.")),
    ("create_function", {"Runtime": "java21"}, ("NotImplementedException", "Runtime java21 is not implemented")),
    ("create_function", {"FunctionName": f"arn:aws:lambda:{REGION}:999999999999:function:f"}, (
        "AccessDeniedException", "This operation is not available to account 000000000000 on resource: ")),
    ("invoke", {"LogType": "Head"}, invalid("Head", "logType", ENUM + "[None, Tail]")),
    ("add_permission", {"SourceArn": "bucket"}, invalid("bucket", "sourceArn", PATTERN + "arn:")),
    ("add_permission", {"SourceAccount": "12"}, invalid("12", "sourceAccount", PATTERN + r"\d{12}")),
    ("add_permission", {"EventSourceToken": "a b"}, invalid(
        "a b", "eventSourceToken", PATTERN + r"[a-zA-Z0-9._\-]+")),
    ("add_permission", {"PrincipalOrgID": "o-A234567890"}, invalid(
        "o-A234567890", "principalOrgID", PATTERN + "o-[a-z0-9]{10,32}")),
    ("add_permission", {"FunctionUrlAuthType": "ALL"}, invalid("ALL", "functionUrlAuthType", ENUM + "[NONE, AWS_IAM]")),
    ("add_permission", {"FunctionUrlAuthType": "NONE"}, (
        "InvalidParameterValueException",
        "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")),
    ("add_permission", {"Principal": "arn:aws:s3:::bucket"}, (
        "InvalidParameterValueException", "The provided principal was invalid.")),
    ("remove_permission", {"StatementId": "a b"}, invalid("a b", "statementId", PATTERN + "([a-zA-Z0-9-_.]+)")),
    *((f"{call}_alias", {"Name": "a b"}, invalid("a b", "name", PATTERN + "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"))
      for call in ("create", "get", "update", "delete")),
    ("list_aliases", {"FunctionVersion": "live"}, invalid(
        "live", "functionVersion", PATTERN + r"(\$LATEST|[0-9]+)")),
    *((call, {"Marker": "abc"}, ("InvalidParameterValueException", "The value of Marker is not valid."))
      for call in ("list_functions", "list_versions_by_function", "list_aliases", "list_layers",
                   "list_function_event_invoke_configs")),
    *((call, {"MaxItems": 51}, invalid("51", "maxItems", "have value less than or equal to 50"))
      for call in ("list_function_event_invoke_configs", "list_function_url_configs",
                   "list_provisioned_concurrency_configs")),
    ("publish_layer_version", {"LayerName": f"arn:aws:lambda:{REGION}:999999999999:layer:l"}, (
        "AccessDeniedException", "This operation is not available to account 000000000000 on resource: ")),
    ("update_event_source_mapping", {"UUID": "12345678-1234-1234-1234-123456789012"}, (
        "ResourceNotFoundException", "The resource you requested does not exist.")),
    *((call, {"CodeSigningConfigArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-0123456789abcdef0"}, (
        "ResourceNotFoundException", "The Lambda code signing configuration arn:aws:lambda:"))
      for call in ("update_code_signing_config", "list_functions_by_code_signing_config")),
    ("list_tags", {"Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:l"}, (
        "NotImplementedException", "Tagging of layers is not implemented by this server.")),
    ("list_tags", {"Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-0123456789abcdef0"}, (
        "ResourceNotFoundException", "Code signing config not found: ")),
]


@pytest.fixture(scope="module")
def function(lambda_):
    lambda_.create_function(FunctionName="wrong", Runtime="python3.11", Handler="index.handler", Role=ROLE,
                            Code={"ZipFile": zipped("def handler(e, c): pass")})
    yield "wrong"
    lambda_.delete_function(FunctionName="wrong")


@pytest.mark.parametrize("operation, arguments, expected", WRONG)
def test_what_is_wrong_is_named(lambda_, function, operation, arguments, expected):
    rest = {
        "create_function": {"FunctionName": "f", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE,
                            "Code": {"ZipFile": zipped("")}},
        "add_permission": {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"},
        "create_alias": {"FunctionVersion": "$LATEST"},
        "publish_layer_version": {"Content": {"ZipFile": zipped("")}},
    }.get(operation, {})
    takes = lambda_.meta.service_model.operation_model(
        "".join(part.capitalize() for part in operation.split("_"))).input_shape.members
    name = {"FunctionName": function} if "FunctionName" in takes else {}
    code, said = error_of(getattr(lambda_, operation), **{**name, **rest, **arguments})
    assert code == expected[0] and said.startswith(expected[1]), said


def test_a_page_after_latest_goes_on(lambda_, function):
    lambda_.publish_version(FunctionName=function)
    for qualifier in ("$LATEST", "1"):
        lambda_.put_function_event_invoke_config(FunctionName=function, Qualifier=qualifier, MaximumRetryAttempts=0)
    pages = lambda_.get_paginator("list_function_event_invoke_configs").paginate(
        FunctionName=function, PaginationConfig={"PageSize": 1})
    assert [c["FunctionArn"].rsplit(":", 1)[1] for page in pages for c in page["FunctionEventInvokeConfigs"]] == [
        "$LATEST", "1"]


def test_latest_has_the_functions_policy(lambda_, name, make_function):
    arn = make_function(name, "def handler(e, c): pass")
    lambda_.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="*")
    policy = json.loads(lambda_.get_policy(FunctionName=name, Qualifier="$LATEST")["Policy"])
    assert [s["Resource"] for s in policy["Statement"]] == [arn]


def test_a_destination_must_be_a_service_that_takes_events(lambda_, name, make_function):
    arn = make_function(name, "def handler(e, c): pass").replace(":lambda:", ":iam:")
    for member, shown in (("OnSuccess", f"onSuccess=OnSuccess(destination={arn}), onFailure=null"),
                          ("OnFailure", f"onSuccess=null, onFailure=OnFailure(destination={arn})")):
        assert error_of(lambda_.put_function_event_invoke_config, FunctionName=name,
                        DestinationConfig={member: {"Destination": arn}}) == (
            "InvalidParameterValueException",
            f"The provided destination config DestinationConfig({shown}) is invalid.")


def test_a_functions_session_has_its_name(lambda_, name, make_function):
    for function, session in ((name, name), ("o", "o@lambda_function")):  # a session's has two characters
        make_function(function, """
import boto3
def handler(e, c): return boto3.client('sts').get_caller_identity()['Arn']
""")
        assert invoke(lambda_, function)[0] == f"arn:aws:sts::{ACCOUNT}:assumed-role/test/{session}"


def test_tags_of_functions(lambda_, name, make_function):
    arn = make_function(name, "def handler(e, c): pass", Tags={"a": "1"})
    lambda_.tag_resource(Resource=arn, Tags={"b": "2"})
    lambda_.untag_resource(Resource=arn, TagKeys=["a"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"b": "2"}
    assert lambda_.get_function(FunctionName=name)["Tags"] == {"b": "2"}
    assert error_of(lambda_.list_tags, Resource=arn + ":1")[0] == "InvalidParameterValueException"


def test_the_calls_that_terraform_makes(lambda_, clients, name, make_function):
    """What hashicorp/aws reads around a function after it made it, in its order: nothing may be a 501."""
    arn = make_function(name, "def handler(e, c): pass", Publish=True)
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    got = lambda_.get_function(FunctionName=name)
    assert got["Configuration"]["State"] == "Active" and got["Code"]["RepositoryType"] == "S3"
    versions = lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    assert [v["Version"] for page in versions for v in page["Versions"]] == ["$LATEST", "1"]
    signing = lambda_.get_function_code_signing_config(FunctionName=name)
    assert "CodeSigningConfigArn" not in signing
    assert lambda_.list_tags(Resource=arn)["Tags"] == {}
    # aws_lambda_permission
    lambda_.add_permission(FunctionName=name, StatementId="AllowS3", Action="lambda:InvokeFunction",
                           Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b")
    assert "AllowS3" in lambda_.get_policy(FunctionName=name)["Policy"]
    lambda_.remove_permission(FunctionName=name, StatementId="AllowS3")
    assert error_of(lambda_.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"
    # aws_lambda_alias
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert lambda_.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "1"
    # the function event invoke config, provisioned concurrency and URL data sources
    assert error_of(lambda_.get_function_event_invoke_config, FunctionName=name)[0] == "ResourceNotFoundException"
    assert error_of(lambda_.get_provisioned_concurrency_config, FunctionName=name, Qualifier="1")[0] == (
        "ProvisionedConcurrencyConfigNotFoundException")
    assert error_of(lambda_.get_function_url_config, FunctionName=name)[0] == "ResourceNotFoundException"
    assert lambda_.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions") is None
    assert lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"] == []
    # aws_cloudwatch_log_group
    logs = clients.logs
    group = f"/aws/lambda/{name}"
    logs.create_log_group(logGroupName=group, tags={"owner": "tf"})
    logs.put_retention_policy(logGroupName=group, retentionInDays=14)
    shown = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [g["retentionInDays"] for g in shown] == [14]
    resource = shown[0]["arn"].removesuffix(":*")
    assert logs.list_tags_for_resource(resourceArn=resource)["tags"] == {"owner": "tf"}
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"owner": "tf"}
    logs.delete_retention_policy(logGroupName=group)
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    # destroy
    lambda_.delete_alias(FunctionName=name, Name="live")
    lambda_.delete_function(FunctionName=name)
    assert error_of(lambda_.get_function, FunctionName=name)[0] == "ResourceNotFoundException"
    assert error_of(lambda_.list_versions_by_function, FunctionName=name)[0] == "ResourceNotFoundException"
