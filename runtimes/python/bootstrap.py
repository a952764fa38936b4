"""The first program inside a Python function's sandbox: loads the handler, then asks for one event
after the other over the Runtime API and answers with what the handler made of it.

Nothing heavy is imported here: a cold start pays for every module. boto3 comes in only when the
user's code asks for it, and then finds its way to this server (see EndpointBackport).
"""

import _thread
import functools
import importlib
import importlib.machinery
import json
import logging
import marshal
import os
import socket
import sys
import time
import traceback

API = "/2018-06-01/runtime/"
HANDLED_IN_BOOTSTRAP = (__file__, "<frozen importlib", importlib.__file__)


dumps, loads = json.dumps, json.loads  # whatever a function makes of the module


class Fault(Exception):
    """A failure that we put into words ourselves: its type, its text, its trace."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)


class EnvironmentGone(Exception):
    """The server has no more events for this process."""


# --- the Runtime API ------------------------------------------------------------------------------

class Api:
    """One keep-alive connection, read and written by hand: http.client costs four times as much."""

    # What a heap gives without asking the kernel; what is longer comes in larger pieces.
    PIECE, LARGE_PIECE = 16384, 262144

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.host = address
        self.socket = None
        self.buffer = b""

    def connect(self):
        self.close()
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket, self.buffer = None, b""

    def call(self, method, path, body=b"", headers=()):
        """(status, {lower-case header: value}, body). Tries a second connection if the first broke
        before anything of the answer was read."""
        lines = [f"{method} {API}{path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        request = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body
        for attempt in (1, 2):
            try:
                if self.socket is None:
                    self.connect()
                self.socket.sendall(request)
                return self.answer()
            except ConnectionError:
                begun = bool(self.buffer)
                self.close()
                if begun or attempt == 2:
                    raise

    def more(self, missing=0):
        piece = self.socket.recv(self.LARGE_PIECE if missing > self.PIECE else self.PIECE)
        if not piece:
            raise ConnectionResetError("the Runtime API closed the connection")
        return piece

    def answer(self):
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            self.buffer += self.more()
        first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1])
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        size = int(headers.get("content-length", 0))
        pieces, have = [self.buffer[end + 4:]], len(self.buffer) - end - 4
        while have < size:
            pieces.append(self.more(size - have))
            have += len(pieces[-1])
        body = b"".join(pieces)
        self.buffer = body[size:]
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body[:size]

    def next(self):
        status, headers, body = self.call("GET", "invocation/next")
        if status != 200:
            raise EnvironmentGone(f"no event: status {status}")
        return headers, body

    def respond(self, request_id, body, content_type):
        self.call("POST", f"invocation/{request_id}/response", body,
                  [("Content-Type", content_type)])

    def fail(self, request_id, document):
        self.call("POST", f"invocation/{request_id}/error", encode_document(document),
                  [("Content-Type", "application/json")])

    def fail_init(self, document):
        headers = [("Content-Type", "application/json")]
        if document["errorType"].startswith("Runtime."):
            headers.append(("Lambda-Runtime-Function-Error-Type", document["errorType"]))
        self.call("POST", "init/error", encode_document(document), headers)


# --- JSON -----------------------------------------------------------------------------------------

class Odd:
    """What json does not know and AWS's encoder does: Decimal, printed as the number it is written as (a float would
    lose digits), and bytes, taken for text."""

    def __init__(self):
        self.numbers, self.mark = [], ""

    def __call__(self, value):
        if isinstance(value, bytes):
            return value.decode("utf-8")
        if "decimal" in sys.modules and isinstance(value, sys.modules["decimal"].Decimal):
            self.mark = self.mark or os.urandom(16).hex()
            self.numbers.append("NaN" if value.is_nan() else str(value))
            return self.mark  # stands for the next number
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    def restore(self, text):
        if not self.numbers:
            return text
        pieces = text.split(f'"{self.mark}"')
        return "".join(piece + number for piece, number in zip(pieces, [*self.numbers, ""]))


def is_plain(value):
    """Whether there is nothing but the plain types in it, by far the fastest way to know."""
    try:
        marshal.dumps(value, 2)
        return True
    except ValueError:
        return False


def as_plain(value):
    """What AWS's encoder makes of it before it writes: whatever has _asdict(), as named tuples do, becomes an object,
    and keys may be bytes."""
    if hasattr(type(value), "_asdict"):
        value = value._asdict()
        if not isinstance(value, dict):
            raise TypeError(f"_asdict() must return a dict, not {type(value).__name__}")
    if isinstance(value, dict):
        return {k.decode("utf-8") if isinstance(k, bytes) else k: as_plain(v) for k, v in value.items()}
    return [as_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def encode_text(value, ascii_only):
    odd = Odd()
    return odd.restore(dumps(value, default=odd, ensure_ascii=ascii_only))


def escapes_non_ascii(execution_env):
    """AWS's runtimes before python3.12 wrote \\uXXXX; the later ones write the characters."""
    version = execution_env.rpartition("python3.")[2]
    return not version.isdigit() or int(version) < 12


def encode_result(result, ascii_only=True):
    """(bytes, content type) of what a handler returned."""
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        if not is_plain(result):
            try:
                result = as_plain(result)
            except RecursionError:
                pass  # a circle, or too deep: the encoder has words for each
        try:
            text = encode_text(result, ascii_only)
        except TypeError as error:
            if not str(error).startswith("keys must be"):
                raise
            text = encode_text(as_plain(result), ascii_only)  # bytes as keys are plain, too
        return text.encode("utf-8"), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def encode_document(document):
    return dumps(document).encode("utf-8")


def decode_event(body):
    try:
        return loads(body.decode("utf-8"))
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


# --- errors ---------------------------------------------------------------------------------------

def user_frames(trace):
    """The frames from the user's code on; those of this file and of the importer are noise."""
    frames = traceback.extract_tb(trace)
    while frames and frames[0].filename.startswith(HANDLED_IN_BOOTSTRAP):
        frames.pop(0)
    # As tuples they are printed without marks below the line.
    return traceback.format_list([(f.filename, f.lineno, f.name, f.line) for f in frames])


def error_document(error, request_id=""):
    if isinstance(error, Fault):
        kind, message, trace = error.kind, error.message, error.trace
    else:
        kind, message = type(error).__name__, str(error)
        trace = user_frames(error.__traceback__)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id,
            "stackTrace": trace}


def text_of_error(document):
    lines = [f"[ERROR] {document['errorType']}"]
    if document["errorMessage"]:
        lines[0] += f": {document['errorMessage']}"
    lines.append("Traceback (most recent call last):")
    lines += [frame.rstrip("\n") for frame in document["stackTrace"]]
    return "\n".join(lines)


def print_error(document, log):
    try:
        log.write((log.records.error_record if log.as_json else text_of_error)(document) + "\n", logging.ERROR)
    except Exception:
        pass  # the function closed it, or put something else in its place
    flush_output()


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # likewise


# --- the handler ----------------------------------------------------------------------------------

def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName",
                    f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict",
                    f"Cannot use built-in module {module_name} as a handler module")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError",
                    f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        line = (error.text or "").rstrip("\n")
        raise Fault("Runtime.UserCodeSyntaxError",
                    f"Syntax error in module '{module_name}': {error}",
                    [f'  File "{error.filename}" Line {error.lineno}\n    {line}']) from None
    handler = getattr(module, function_name, None)
    if handler is None:
        raise Fault("Runtime.HandlerNotFound",
                    f"Handler '{function_name}' missing on module '{module_name}'")
    return handler


# --- the context object ---------------------------------------------------------------------------

class CognitoIdentity:
    def __init__(self, fields):
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, fields):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code",
                     "app_package_name"):
            setattr(self, name, fields.get(name))


class ClientContext:
    def __init__(self, fields):
        self.custom = fields.get("custom")
        self.env = fields.get("env")
        self.client = None if fields.get("client") is None else Client(fields["client"])


def object_of(text):
    fields = loads(text) if text else {}
    return fields if isinstance(fields, dict) else {}


class LambdaContext:
    def __init__(self, headers, environ):
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id", "")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn", "")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = CognitoIdentity(
            object_of(headers.get("lambda-runtime-cognito-identity")))
        context = headers.get("lambda-runtime-client-context")
        if context:  # JSON is UTF-8, headers are read byte by byte
            context = context.encode("latin-1").decode("utf-8", "replace")
        context = loads(context) if context else None
        self.client_context = None if context is None else ClientContext(context)
        self.tenant_id = None
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms", 0))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = ",".join(f"{k}={v}" for k, v in vars(self).items() if not k.startswith("_"))
        return f"LambdaContext([{fields}])"


# --- logging --------------------------------------------------------------------------------------

JSON_FRAME, TEXT_FRAME = 0xA55A0002, 0xA55A0003


def frame_type(base, level):
    """DEBUG to CRITICAL follow each other from 2 on, in steps of four; what has no level is the base itself."""
    rank = min(50, max(0, level)) // 10
    return base | (rank + 1) << 2 if rank else base


def frame_of(text, base, level):
    """Type, length, microseconds, all big endian, then the text: a record of several lines stays whole."""
    body = text.encode("utf-8", "backslashreplace")
    return (frame_type(base, level).to_bytes(4, "big") + len(body).to_bytes(4, "big")
            + (time.time_ns() // 1000).to_bytes(8, "big") + body)


class Log(logging.Handler):
    """The root logger's handler: gives every record the id of the event in work, and writes frames to the descriptor
    that _LAMBDA_TELEMETRY_LOG_FD names, or lines to whatever sys.stdout is at that moment."""

    def __init__(self, environ):
        super().__init__()
        self.request_id, self.records = "", None
        fd = environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)  # a program that the function starts writes none
        self.fd = int(fd) if fd is not None else None
        self.as_json = environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        if self.as_json:
            import records
            self.records = records
            self.setFormatter(records.JsonFormatter())
            return
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def write(self, text, level):
        if self.fd is None:
            sys.stdout.write(text)
            return
        flush_output()  # what was printed before stands before it
        frame = frame_of(text, JSON_FRAME if self.as_json else TEXT_FRAME, level)
        while frame:
            frame = frame[os.write(self.fd, frame):]

    def emit(self, record):
        record.aws_request_id = self.request_id
        try:
            self.write(self.format(record), record.levelno)
        except Exception:
            self.handleError(record)


def set_up_logging(environ=os.environ):
    log = Log(environ)
    logging.getLogger().addHandler(log)
    if log.as_json and log.records.level_of(environ):
        logging.getLogger().setLevel(log.records.level_of(environ))
    return log


# --- AWS_ENDPOINT_URL for old botocore ------------------------------------------------------------

def version_of(text):
    parts = []
    for part in text.split(".")[:2]:
        parts.append(int("".join(c for c in part if c.isdigit()) or 0))
    return tuple(parts)


def configured_endpoint(session, service_name, environ=os.environ):
    if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    if any(name.startswith("AWS_ENDPOINT_URL_") for name in environ):
        identity = session.get_service_model(service_name).service_id
        name = "AWS_ENDPOINT_URL_" + str(identity).replace(" ", "_").upper()
        if environ.get(name):
            return environ[name]
    return environ.get("AWS_ENDPOINT_URL") or None


def with_path_style(config):
    from botocore.config import Config
    chosen = dict(getattr(config, "s3", None) or {})
    if "addressing_style" in chosen:
        return config
    ours = Config(s3={**chosen, "addressing_style": "path"})
    return config.merge(ours) if config is not None else ours


def patch_session_module(module):
    """botocore reads AWS_ENDPOINT_URL since 1.31; before, this gives create_client that meaning."""
    if version_of(importlib.import_module("botocore").__version__) >= (1, 31):
        return
    import inspect
    original = module.Session.create_client
    signature = inspect.signature(original)

    @functools.wraps(original)
    def create_client(self, *args, **kwargs):
        bound = signature.bind(self, *args, **kwargs)
        given = bound.arguments
        if given.get("endpoint_url") is None:
            url = configured_endpoint(self, given.get("service_name"))
            if url is not None:
                given["endpoint_url"] = url
                if given.get("service_name") == "s3":
                    given["config"] = with_path_style(given.get("config"))
        return original(*bound.args, **bound.kwargs)

    module.Session.create_client = create_client


class EndpointBackport:
    """An import hook: waits for botocore.session, from wherever it comes, and patches it."""

    name = "botocore.session"

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            patch_session_module(module)

        spec.loader.exec_module = exec_module
        return spec


# --- the program ----------------------------------------------------------------------------------

def order_paths(paths, task_root, runtime_dir):
    """The user's code, then layers, then what the runtime and the distribution bring."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    first = [task_root, f"/opt/python/lib/{version}/site-packages", "/opt/python"]
    rest = [p for p in paths if p not in first and p != runtime_dir]
    # Ours goes behind PYTHONPATH's other members but before the standard library.
    library = next((i for i, p in enumerate(rest) if p.startswith(sys.base_prefix)), len(rest))
    return first + rest[:library] + [runtime_dir] + rest[library:]


def serve_one(api, handler, log, ascii_only, environ):
    headers, body = api.next()
    request_id = log.request_id = headers.get("lambda-runtime-aws-request-id", "")
    trace = headers.get("lambda-runtime-trace-id")
    if trace:
        os.environ["_X_AMZN_TRACE_ID"] = trace
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        context = LambdaContext(headers, environ)
        result, content_type = encode_result(handler(decode_event(body), context), ascii_only)
    except Exception as error:
        document = error_document(error, request_id)
        del error
        print_error(document, log)
        api.fail(request_id, document)
        return
    flush_output()
    api.respond(request_id, result, content_type)


def set_up_threads():
    """Stacks of threads count as memory here, and the usual eight megabytes each would leave a small function few
    threads; as on AWS it may have hundreds."""
    if int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or 0) < 2048:
        _thread.stack_size(1 << 20)


def set_up_streams():
    # A line is in the log when it is printed, even if the process dies after it.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def main():
    set_up_streams()
    set_up_threads()
    task_root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    runtime_dir = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = order_paths(sys.path, task_root, runtime_dir)
    log = set_up_logging()
    sys.meta_path.insert(0, EndpointBackport())
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        document = error_document(error)
        print_error(document, log)
        api.fail_init(document)
        sys.exit(1)
    ascii_only = escapes_non_ascii(os.environ.get("AWS_EXECUTION_ENV", ""))
    environ = dict(os.environ)  # os.environ encodes and decodes whatever is asked of it
    try:
        while True:
            serve_one(api, handler, log, ascii_only, environ)
    except EnvironmentGone:
        sys.exit(1)


if __name__ == "__main__":
    main()
