"""Functions through boto3: what a function returns, prints, raises, and how it may misbehave."""

import base64
import hashlib
import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError
from conftest import ROLE, error_of, zipped


def invoke(lambda_, name, event=None, **options):
    answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event).encode(), **options)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read() or b"null"), answer


def test_life_of_a_function(lambda_, name, make_function):
    make_function(name, "def handler(e, c):\n  return {'got': e}")
    config = lambda_.get_function_configuration(FunctionName=name)
    assert config["State"] == "Active" and config["LastUpdateStatus"] == "Successful"
    assert config["Runtime"] == "python3.11" and config["Timeout"] == 20 and config["Version"] == "$LATEST"
    assert invoke(lambda_, name, {"a": 1})[:2] == (None, {"got": {"a": 1}})
    lambda_.update_function_code(FunctionName=name, ZipFile=zipped("def handler(e, c):\n  return 'new'"))
    lambda_.get_waiter("function_updated").wait(FunctionName=name)
    assert invoke(lambda_, name)[1] == "new"
    lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {"KEY": "value"}})
    assert lambda_.get_function(FunctionName=name)["Configuration"]["Environment"]["Variables"] == {"KEY": "value"}
    assert name in [f["FunctionName"] for p in lambda_.get_paginator("list_functions").paginate()
                    for f in p["Functions"]]
    code, text = error_of(lambda_.create_function, FunctionName=name, Runtime="python3.11", Role=ROLE,
                          Handler="index.handler", Code={"ZipFile": zipped("")})
    assert code == "ResourceConflictException" and text == f"Function already exist: {name}"
    lambda_.delete_function(FunctionName=name)
    code, text = error_of(lambda_.get_function, FunctionName=name)
    assert code == "ResourceNotFoundException" and text.startswith("Function not found: arn:aws:lambda:")


def test_context_and_environment(lambda_, name, make_function):
    make_function(name, """
import os
def handler(e, c):
    return {'name': c.function_name, 'memory': c.memory_limit_in_mb, 'arn': c.invoked_function_arn,
            'left': 0 < c.get_remaining_time_in_millis() <= 20000, 'id': c.aws_request_id,
            'mine': os.environ['MINE'], 'region': os.environ['AWS_REGION'],
            'all': sorted(k for k in os.environ if k.startswith('CUDA') or k.startswith('PIP'))}
""", env={"MINE": "yes"})
    error, value, answer = invoke(lambda_, name)
    assert error is None
    assert value == {"name": name, "memory": "256", "left": True, "mine": "yes", "region": "us-east-1", "all": [],
                     "arn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
                     "id": answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]}


def test_errors_have_awss_shape(lambda_, name, make_function):
    make_function(name, """
import os, sys
def handler(e, c):
    if e == 'raise': raise ValueError('bad config')
    if e == 'exit': os._exit(3)
    if e == 'leave': sys.exit(0)
    if e == 'set': return {1, 2}
    if e == 'loop':
        while True: pass
""", timeout=2)
    error, value, _ = invoke(lambda_, name, "raise")
    assert error == "Unhandled"
    assert value["errorType"] == "ValueError" and value["errorMessage"] == "bad config"
    assert "index.py" in value["stackTrace"][0] and value["requestId"]
    error, value, _ = invoke(lambda_, name, "exit")
    assert (error, value["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "exit status 3" in value["errorMessage"]
    assert invoke(lambda_, name, "leave")[1]["errorType"] == "Runtime.ExitError"
    assert invoke(lambda_, name, "set")[1]["errorType"] == "Runtime.MarshalError"
    error, value, _ = invoke(lambda_, name, "loop")
    assert error == "Unhandled" and "Task timed out after 2.00 seconds" in value["errorMessage"]
    assert invoke(lambda_, name, "fine")[:2] == (None, None)


def test_log_tail(lambda_, name, make_function):
    make_function(name, "def handler(e, c):\n  print('hello from inside')")
    _, _, answer = invoke(lambda_, name, LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert "hello from inside" in log and "START RequestId" in log and "REPORT RequestId" in log


def test_bad_import_and_bad_handler(lambda_, name):
    for handler, code, kind in (("index.nothing", "x = 1", "Runtime.HandlerNotFound"),
                                ("index.handler", "import nope", "Runtime.ImportModuleError"),
                                ("index.handler", "def (", "Runtime.UserCodeSyntaxError")):
        lambda_.create_function(FunctionName=name, Runtime="python3.11", Handler=handler, Role=ROLE,
                                Code={"ZipFile": zipped(code)})
        error, value, _ = invoke(lambda_, name)
        assert (error, value["errorType"]) == ("Unhandled", kind)
        lambda_.delete_function(FunctionName=name)


def test_invocation_types(server, lambda_, name, make_function):
    from server import wait_for
    make_function(name, "def handler(e, c):\n  print('event', e)")
    assert lambda_.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    assert lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'"one"')["StatusCode"] == 202
    wait_for("the event", lambda: "event one" in server.own("GET", f"/_tidegate/functions/{name}/log")["Log"])
    code, text = error_of(lambda_.invoke, FunctionName=name, Payload=b"{")
    assert code == "InvalidRequestContentException" and text.startswith("Could not parse request body into json")
    assert error_of(lambda_.invoke, FunctionName="nowhere")[0] == "ResourceNotFoundException"


def test_an_event_that_fails_is_retried_and_ends_in_the_dead_list(server, lambda_, name, make_function):
    from server import wait_for
    make_function(name, "def handler(e, c):\n  print('try'); raise ValueError('never')")

    def tries():
        return server.own("GET", f"/_tidegate/functions/{name}/log")["Log"].count("try\n")
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    wait_for("the first try", lambda: tries() == 1)
    # The line is in the log before the failure is recorded and its retry is due: turn the clock until it was.
    wait_for("the second", lambda: server.advance(seconds=61) and tries() >= 2)
    wait_for("the third", lambda: server.advance(seconds=121) and tries() == 3)
    dead = wait_for("the dead list", lambda: [
        d for d in server.own("GET", "/_tidegate/deliveries")["Dead"] if name in d["Lane"]])
    assert dead[0]["Attempts"] == 3 and "never" in dead[0]["LastError"]


def test_policy(lambda_, name, make_function):
    make_function(name, "def handler(e, c): pass")
    assert error_of(lambda_.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"
    statement = json.loads(lambda_.add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::b", SourceAccount="000000000000")["Statement"])
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceAccount": "000000000000"},
                                      "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}
    policy = json.loads(lambda_.get_policy(FunctionName=name)["Policy"])
    assert policy["Version"] == "2012-10-17" and policy["Statement"] == [statement]
    code, text = error_of(lambda_.add_permission, FunctionName=name, StatementId="s",
                          Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
    assert code == "ResourceConflictException" and "already exists" in text
    lambda_.remove_permission(FunctionName=name, StatementId="s")
    assert error_of(lambda_.get_policy, FunctionName=name)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("change, code", [
    ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException"),
    ({"Runtime": "cobol85"}, "InvalidParameterValueException"),
    ({"Timeout": 901}, "ValidationException"),
    ({"MemorySize": 1}, "ValidationException"),
    ({"Role": "nobody"}, "ValidationException"),
    ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException"),
    ({"Environment": {"Variables": {"BIG": "x" * 5000}}}, "InvalidParameterValueException"),
    ({"Code": {"S3Bucket": "no-such-bucket-here", "S3Key": "k"}}, "InvalidParameterValueException"),
])
def test_bad_input_names_the_member(lambda_, name, change, code):
    request = dict(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE,
                   Code={"ZipFile": zipped("")})
    assert error_of(lambda_.create_function, **{**request, **change})[0] == code


def test_code_from_a_bucket(lambda_, s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped("def handler(e, c): return 'from s3'"))
    lambda_.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE,
                            Code={"S3Bucket": bucket, "S3Key": "code.zip"})
    assert invoke(lambda_, name)[1] == "from s3"
    lambda_.delete_function(FunctionName=name)


def test_the_package_can_be_downloaded(lambda_, name, make_function):
    import urllib.error
    import urllib.request
    make_function(name, "def handler(e, c): return 'v1'")
    code = lambda_.get_function(FunctionName=name)["Code"]
    assert code["RepositoryType"] == "S3"
    with urllib.request.urlopen(code["Location"]) as answer:
        package = answer.read()
        assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(package)) as z:
        assert z.namelist() == ["index.py"] and "v1" in z.read("index.py").decode()
    sha = base64.b64encode(hashlib.sha256(package).digest()).decode()
    assert lambda_.get_function_configuration(FunctionName=name)["CodeSha256"] == sha

    def refusal(url):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url)
        return caught.value.code
    assert refusal(code["Location"][:-4] + "AAAA") == 403
    assert refusal(code["Location"].split("?")[0]) == 403
    lambda_.update_function_code(FunctionName=name, ZipFile=zipped("def handler(e, c): return 'v2'"))
    assert refusal(code["Location"]) == 404


def test_a_package_that_leaves_its_folder_is_refused(lambda_, name):
    for entry in ("../outside.py", "/etc/outside.py"):
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as z:
            z.writestr(entry, "x = 1")
        code, text = error_of(lambda_.create_function, FunctionName=name, Runtime="python3.11", Role=ROLE,
                              Handler="index.handler", Code={"ZipFile": memory.getvalue()})
        assert code == "InvalidParameterValueException" and text.startswith("Could not unzip uploaded file.")


def test_hostile_functions_stay_inside(lambda_, name, make_function):
    make_function(name, """
import os, socket, subprocess
def handler(e, c):
    found = []
    for path in ('/root', '/home', '/etc/shadow', '/work', '/var/lib', '/sys/kernel'):
        try:
            os.listdir(path) if os.path.isdir(path) else open(path).read()
            found.append(path)
        except OSError: pass
    for host, port in (('127.0.0.1', int(e['port'])), ('10.255.255.1', 80)):
        s = socket.socket(); s.settimeout(1)
        try:
            s.connect((host, port)); found.append(host + str(port))
        except OSError: pass
    if os.getuid() == 0: found.append('root')
    if subprocess.run(['mount', '-t', 'tmpfs', 'x', '/tmp'], capture_output=True).returncode == 0:
        found.append('mount')
    return found
""")
    port = int(lambda_.meta.endpoint_url.rsplit(":", 1)[1])
    assert invoke(lambda_, name, {"port": port})[:2] == (None, [])


def test_memory_eater_and_log_flood(lambda_, name, make_function):
    make_function(name, """
def handler(e, c):
    if e == 'eat':
        x = []
        while True: x.append(bytearray(1 << 22))
    for _ in range(200000): print('x' * 100)
    return 'done'
""", memory=128, timeout=20)
    error, value, _ = invoke(lambda_, name, "eat")
    assert error == "Unhandled"
    assert value["errorType"] in ("MemoryError", "Runtime.ExitError", "Runtime.OutOfMemory")
    assert invoke(lambda_, name, "flood")[:2] == (None, "done")


def test_request_too_large(lambda_, name, make_function):
    make_function(name, "def handler(e, c):\n  return 'x' * e")
    with pytest.raises(ClientError) as caught:
        lambda_.invoke(FunctionName=name, Payload=b'"' + b"x" * (6 * 1024 * 1024 + 1) + b'"')
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    error, value, _ = invoke(lambda_, name, 6 * 1024 * 1024 + 200)
    assert (error, value["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
