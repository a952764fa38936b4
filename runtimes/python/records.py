"""Records of the log as JSON objects. Imported only where AWS_LAMBDA_LOG_FORMAT asks for them."""

import json
import logging
import time
import traceback

PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id"}


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
