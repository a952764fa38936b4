"""The bootstrap against a Runtime API of the test's own, and its parts by themselves."""

import decimal
import http.server
import io
import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from contextlib import redirect_stdout

import bootstrap

HERE = pathlib.Path(__file__).resolve().parent
GONE = object()


class FakeApi:
    """Hands out `events` (bytes), collects what is posted, then answers 410 to end the program."""

    def __init__(self, events, headers=None):
        self.events, self.posts, self.headers = list(events), [], headers or {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, status, body, headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if not outer.events:
                    return self.reply(410, b"{}")
                number = len(outer.posts) + 1
                self.reply(200, outer.events.pop(0), [
                    ("Lambda-Runtime-Aws-Request-Id", f"id-{number}"),
                    ("Lambda-Runtime-Deadline-Ms", "99999999999999"),
                    ("Lambda-Runtime-Invoked-Function-Arn", "arn:f"),
                    ("Lambda-Runtime-Trace-Id", f"Root=1;Tg-Depth={number}"),
                    *outer.headers.items()])

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((self.path.replace(bootstrap.API, ""), dict(self.headers), body))
                self.reply(202, b'{"status":"OK"}')

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class RunsProgram(unittest.TestCase):
    """Runs bootstrap.py as a process, as the sandbox does."""

    def run_function(self, code, events=(b"{}",), handler="index.handler", files=(), env=None,
                     headers=None):
        api = FakeApi(events, headers)
        self.addCleanup(api.close)
        with tempfile.TemporaryDirectory() as task:
            (pathlib.Path(task) / "index.py").write_text(textwrap.dedent(code))
            for name, text in files:
                path = pathlib.Path(task) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text))
            ran = subprocess.run(
                [sys.executable, str(HERE / "bootstrap.py")], cwd=task, capture_output=True,
                timeout=60, text=True, encoding="utf-8",
                env={"AWS_LAMBDA_RUNTIME_API": api.address, "_HANDLER": handler,
                     "LAMBDA_TASK_ROOT": task, "PYTHONPATH": str(HERE), "PATH": "/usr/bin:/bin",
                     "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                     "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11", **(env or {})})
            self.task = task
        self.output, self.status = ran.stdout, ran.returncode
        return api.posts


class Program(RunsProgram):
    def test_events_are_answered_in_turn(self):
        posts = self.run_function(
            """
            import os
            count = 0
            def handler(event, context):
                global count
                count += 1
                return [event, count, context.aws_request_id, os.environ['_X_AMZN_TRACE_ID'],
                        context.memory_limit_in_mb, context.get_remaining_time_in_millis() > 0]
            """, [b'{"a":1}', b'"two"'])
        self.assertEqual([p[0] for p in posts], ["invocation/id-1/response",
                                                 "invocation/id-2/response"])
        self.assertEqual(json.loads(posts[0][2]),
                         [{"a": 1}, 1, "id-1", "Root=1;Tg-Depth=1", "128", True])
        self.assertEqual(json.loads(posts[1][2])[:3], ["two", 2, "id-2"])

    def test_large_payloads_both_ways(self):
        event = json.dumps("x" * 3_000_000).encode()
        posts = self.run_function("def handler(e, c): return e + 'y'", [event])
        self.assertEqual(len(posts[0][2]), 3_000_003)

    def test_an_exception(self):
        posts = self.run_function("def handler(e, c):\n    raise ValueError('bad config')",
                                  [b"{}", b"{}"])
        path, headers, body = posts[0]
        self.assertEqual(path, "invocation/id-1/error")
        self.assertNotIn("Lambda-Runtime-Function-Error-Type", headers)
        self.assertEqual(json.loads(body), {
            "errorMessage": "bad config", "errorType": "ValueError", "requestId": "id-1",
            "stackTrace": [f'  File "{self.task}/index.py", line 2, in handler\n'
                           "    raise ValueError('bad config')\n"]})
        self.assertEqual(len(posts), 2, "the process goes on")
        self.assertIn("[ERROR] ValueError: bad config\nTraceback (most recent call last):\n",
                      self.output)

    def test_init_errors(self):
        cases = [
            ("import nope", "index.handler", "Runtime.ImportModuleError",
             "Unable to import module 'index': No module named 'nope'"),
            ("x = 1", "index.handler", "Runtime.HandlerNotFound",
             "Handler 'handler' missing on module 'index'"),
            ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
            ("x = 1", "sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module"),
            ("def (", "index.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module"),
            ("x = 1", "nowhere.f", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ]
        for code, handler, kind, text in cases:
            with self.subTest(kind):
                (path, headers, body), = self.run_function(code, handler=handler)
                document = json.loads(body)
                self.assertEqual(path, "init/error")
                self.assertEqual(headers["Lambda-Runtime-Function-Error-Type"], kind)
                self.assertEqual((document["errorType"], document["requestId"]), (kind, ""))
                self.assertIn(text, document["errorMessage"])
                self.assertEqual(self.status, 1)

    def test_an_exception_at_import_shows_only_the_users_frames(self):
        (path, headers, body), = self.run_function("1 / 0")
        document = json.loads(body)
        self.assertEqual((path, document["errorType"]), ("init/error", "ZeroDivisionError"))
        self.assertEqual(len(document["stackTrace"]), 1)
        self.assertIn("index.py", document["stackTrace"][0])

    def test_exit_leaves_without_an_answer(self):
        self.assertEqual(self.run_function("import sys\ndef handler(e, c): sys.exit(3)"), [])
        self.assertEqual(self.status, 3)

    def test_results_that_are_no_json(self):
        posts = self.run_function("def handler(e, c): return {1, 2} if e else b'\\x00raw'",
                                  [b"1", b"0"])
        self.assertEqual(json.loads(posts[0][2])["errorType"], "Runtime.MarshalError")
        self.assertEqual(json.loads(posts[0][2])["errorMessage"],
                         "Unable to marshal response: Object of type set is not JSON serializable")
        self.assertEqual(posts[1][1]["Content-Type"], "application/unknown")
        self.assertEqual(posts[1][2], b"\x00raw")

    def test_an_event_that_is_no_json(self):
        posts = self.run_function("def handler(e, c): return 1", [b"{"])
        self.assertEqual(json.loads(posts[0][2])["errorType"], "Runtime.UnmarshalError")

    def test_non_ascii_follows_the_runtime_asked_for(self):
        code = "def handler(e, c): return 'ü'"
        self.assertEqual(self.run_function(code)[0][2], b'"\\u00fc"')
        newer = {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.12"}
        self.assertEqual(self.run_function(code, env=newer)[0][2], '"ü"'.encode())

    def test_logging_and_print(self):
        self.run_function(
            """
            import logging
            def handler(event, context):
                print('plain ü')
                logging.getLogger().warning('careful %s', 7)
                logging.getLogger('x').info('not shown')
                context.log('raw')
            """)
        self.assertIn("plain ü\n", self.output)
        self.assertRegex(self.output,
                         r"\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tid-1\tcareful 7\n")
        self.assertNotIn("not shown", self.output)
        self.assertTrue(self.output.endswith("raw"))

    def test_client_context_and_identity(self):
        posts = self.run_function(
            """
            def handler(event, context):
                return [context.client_context.custom, context.client_context.client.app_title,
                        context.client_context.env, context.identity.cognito_identity_id]
            """,
            headers={"Lambda-Runtime-Client-Context":
                     '{"custom":{"k":"v"},"client":{"app_title":"t"}}',
                     "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"who"}'})
        self.assertEqual(json.loads(posts[0][2]), [{"k": "v"}, "t", None, "who"])

    def test_packages_and_paths(self):
        posts = self.run_function(
            "", handler="pkg/sub/mod.entry",
            files=[("pkg/sub/mod.py", """
                import sys
                def entry(event, context):
                    return sys.path
                """)])
        path = json.loads(posts[0][2])
        self.assertEqual(path[0], self.task)
        self.assertLess(path.index("/opt/python"), path.index(str(HERE)))
        self.assertLess(path.index(str(HERE)), path.index("/usr/lib/python3/dist-packages"))

    def test_boto3_is_not_imported_unasked(self):
        posts = self.run_function("import sys\ndef handler(e, c):\n"
                                  "    return [m for m in sys.modules if 'boto' in m]")
        self.assertEqual(json.loads(posts[0][2]), [])


class Backport(RunsProgram):
    """Clients made without endpoint_url, as handlers make them."""

    ENV = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_DEFAULT_REGION": "eu-west-1",
           "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}

    def setUp(self):
        try:
            import botocore
        except ImportError:
            self.skipTest("botocore is not installed")
        self.version = bootstrap.version_of(botocore.__version__)

    def answers(self, code, env=None, files=()):
        posts = self.run_function(code, env={**self.ENV, **(env or {})}, files=files)
        self.assertIn("/response", posts[0][0], self.output)
        return json.loads(posts[0][2])

    def test_clients_go_to_the_endpoint(self):
        self.assertEqual(self.answers(
            """
            import boto3
            appconfig = boto3.client('appconfig')
            s3 = boto3.client('s3')
            own = boto3.client('s3', endpoint_url='http://10.0.0.1:1')
            def handler(event, context):
                url = s3.generate_presigned_url('get_object', {'Bucket': 'b', 'Key': 'k'})
                return [appconfig.meta.endpoint_url, s3.meta.endpoint_url, url.split('?')[0],
                        own.meta.endpoint_url, appconfig.meta.region_name]
            """), ["http://127.0.0.1:4566", "http://127.0.0.1:4566", "http://127.0.0.1:4566/b/k",
                   "http://10.0.0.1:1", "eu-west-1"])

    def test_the_other_variables(self):
        code = """
            import boto3
            def handler(event, context):
                return [boto3.client(n).meta.endpoint_url for n in ('appconfig', 'logs')]
            """
        self.assertEqual(self.answers(code, {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://10.1.1.1"}),
                         ["http://127.0.0.1:4566", "http://10.1.1.1"])
        ignored = self.answers(code, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
        self.assertIn("amazonaws.com", ignored[0])

    def test_a_newer_botocore_in_the_package_is_left_alone(self):
        self.assertEqual(self.answers(
            """
            import botocore.session
            def handler(event, context):
                return [botocore.__version__, botocore.session.Session().create_client('s3')]
            """, files=[("botocore/__init__.py", "__version__ = '1.31.0'"),
                        ("botocore/session.py", """
                         class Session:
                             def create_client(self, service_name, endpoint_url=None):
                                 return endpoint_url
                         """)]), ["1.31.0", None])


class Parts(unittest.TestCase):
    def test_decimals_are_numbers(self):
        value = {"a": decimal.Decimal("1.5"), "b": decimal.Decimal("7"), "c": float("nan")}
        self.assertEqual(bootstrap.encode_result(value)[0], b'{"a": 1.5, "b": 7, "c": NaN}')

    def test_versions(self):
        for text, expected in (("1.29.27", (1, 29)), ("1.31.0", (1, 31)), ("2.0.0dev1", (2, 0))):
            self.assertEqual(bootstrap.version_of(text), expected)

    def test_context_without_headers(self):
        context = bootstrap.LambdaContext({}, {})
        self.assertIsNone(context.client_context)
        self.assertIsNone(context.identity.cognito_identity_id)
        self.assertEqual(context.get_remaining_time_in_millis(), 0)
        self.assertIsNone(context.tenant_id)

    def test_the_log_format(self):
        out = io.StringIO()
        logger, before = logging.getLogger(), list(logging.getLogger().handlers)
        request = bootstrap.set_up_logging({})
        request.request_id = "r"
        try:
            with redirect_stdout(out):
                logger.error("no")
        finally:
            logger.handlers[:] = before
        self.assertTrue(re.fullmatch(r"\[ERROR\]\t[-0-9T:.]+Z\tr\tno\n", out.getvalue()))


if __name__ == "__main__":
    os.chdir(HERE)
    unittest.main()
