"""Records as JSON and as frames."""

import io
import json
import logging
import os
import unittest
from contextlib import redirect_stdout

import bootstrap


class Records(unittest.TestCase):
    def setUp(self):
        self.root = logging.getLogger()
        self.level = self.root.level

    def printed(self, environ, write):
        log = bootstrap.set_up_logging(environ)
        log.request_id = "id"
        out = io.StringIO()
        try:
            with redirect_stdout(out):
                write(log)
        finally:
            self.root.removeHandler(log)
            self.root.setLevel(self.level)
        return out.getvalue()

    def test_json(self):
        def write(log):
            logging.info("not asked for")
            logging.getLogger("mine").warning("ü %d", 1, extra={"order": 7})
            try:
                raise ValueError("bad")
            except ValueError:
                logging.exception("caught")
            bootstrap.print_error({"errorMessage": "e", "errorType": "T", "requestId": "id", "stackTrace": []}, log)
        lines = self.printed({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "WARN"}, write).splitlines()
        warning, error, last = map(json.loads, lines)
        self.assertEqual([warning[k] for k in ("level", "message", "logger", "requestId", "order")],
                         ["WARNING", "ü 1", "mine", "id", 7])
        self.assertIn("ü", lines[0])
        self.assertEqual([error["errorType"], error["errorMessage"]], ["ValueError", "bad"])
        self.assertIn("in write", error["stackTrace"][0])
        self.assertEqual([last["log_level"], last["errorType"]], ["ERROR", "T"])

    def test_frames(self):
        reading, writing = os.pipe()
        environ = {"_LAMBDA_TELEMETRY_LOG_FD": str(writing)}
        printed = self.printed(environ, lambda log: logging.error("two\nlines"))
        os.close(writing)
        with open(reading, "rb") as pipe:
            frame = pipe.read()
        self.assertEqual((printed, environ), ("", {}))
        self.assertEqual(int.from_bytes(frame[:4], "big"), 0xA55A0017)
        self.assertEqual(int.from_bytes(frame[4:8], "big"), len(frame) - 16)
        self.assertTrue(frame[16:].startswith(b"[ERROR]\t") and frame.endswith(b"\tid\ttwo\nlines\n"))

    def test_frame_types(self):
        for base, level, expected in ((bootstrap.JSON_FRAME, logging.DEBUG, 0xA55A000A),
                                      (bootstrap.JSON_FRAME, 0, 0xA55A0002),
                                      (bootstrap.TEXT_FRAME, logging.CRITICAL, 0xA55A001B),
                                      (bootstrap.TEXT_FRAME, 25, 0xA55A000F)):
            self.assertEqual(bootstrap.frame_type(base, level), expected)


if __name__ == "__main__":
    unittest.main()
