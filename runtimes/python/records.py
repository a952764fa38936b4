"""Records of the log in the two forms that are not plain lines: JSON objects (AWS_LAMBDA_LOG_FORMAT=JSON) and frames
into the pipe that _LAMBDA_TELEMETRY_LOG_FD names, which keep a record of several lines whole. Imported only when one
of the two is asked for."""

import json
import logging
import os
import time
import traceback

JSON_FRAME, TEXT_FRAME = 0xA55A0002, 0xA55A0003
PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id"}


def frame_type(base, level):
    """DEBUG to CRITICAL follow each other from 2 on, in steps of four; what has no level is the base itself."""
    rank = min(50, max(0, level)) // 10
    return base | (rank + 1) << 2 if rank else base


class Frames:
    """Where records go as frames: type, length, microseconds, all big endian, then the text."""

    def __init__(self, fd, as_json):
        self.fd, self.base = fd, JSON_FRAME if as_json else TEXT_FRAME

    def write(self, text, level):
        body = text.encode("utf-8", "backslashreplace")
        head = (frame_type(self.base, level).to_bytes(4, "big") + len(body).to_bytes(4, "big")
                + (time.time_ns() // 1000).to_bytes(8, "big"))
        os.write(self.fd, head + body)


def frames_of(environ, as_json):
    """The frames that the environment asks for, None for lines. A program started by the function gets none."""
    fd = environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
    return Frames(int(fd), as_json) if fd is not None else None


def timestamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class JsonFormatter(logging.Formatter):
    def format(self, record):
        fields = {"timestamp": timestamp(), "level": record.levelname, "message": record.getMessage(),
                  "logger": record.name}
        if record.exc_info:
            kind, error, trace = record.exc_info
            fields.update(stackTrace=traceback.format_tb(trace), errorType=kind.__name__, errorMessage=str(error))
        fields["requestId"] = record.aws_request_id
        if record.exc_info:
            fields["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        fields.update((k, v) for k, v in vars(record).items() if k not in PLAIN and k not in fields)
        return json.dumps({k: v for k, v in fields.items() if v is not None}, ensure_ascii=False, default=str) + "\n"


def error_record(document):
    """An uncaught error, as the log has it in JSON."""
    return json.dumps({"timestamp": timestamp(), "log_level": "ERROR", **document}, ensure_ascii=False)


def level_of(environ):
    name = environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    return {"TRACE": "DEBUG", "FATAL": "CRITICAL", "WARN": "WARNING"}.get(name, name) or None
