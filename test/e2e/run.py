#!/usr/bin/env python3
"""Runs the end-to-end tests: Debian's Python clients through pytest, then the AWS SDK for JavaScript.

Closes with "N passed, N failed". Arguments go to pytest (a file, -k …); with any, JavaScript is left out.
"""

import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from server import Server  # noqa: E402


def python_tests(arguments):
    done = subprocess.Popen(
        ["/usr/bin/python3", "-m", "pytest", "-q", "-x" if "-x" in arguments else "--maxfail=50",
         "-p", "no:cacheprovider", "--durations=5", *([a for a in arguments if a != "-x"] or [str(HERE)])],
        cwd=HERE, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    last = ""
    for line in done.stdout:
        print(line, end="", flush=True)
        if re.search(r"\d+ (passed|failed|error)", line):
            last = line
    done.wait()
    passed = sum(int(n) for n in re.findall(r"(\d+) passed", last))
    failed = sum(int(n) for n in re.findall(r"(\d+) (?:failed|error)", last))
    return passed, failed or (1 if done.returncode not in (0, 5) else 0)


def javascript_tests():
    folder = HERE / "js"
    if not shutil.which("npm"):
        print("npm is not installed: the JavaScript SDK is not tested")
        return 0, 0
    wanted, installed = (folder / "package.json").read_text(), folder / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text() != wanted:
        print("installing the clients for JavaScript from npm", flush=True)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"],
                              cwd=folder, timeout=600)
        if done.returncode != 0:
            print("npm could not install them")
            return 0, 1
        installed.write_text(wanted)
    server = Server().start()
    try:
        done = subprocess.run(["node", "--test", "."], cwd=folder, text=True, timeout=300, capture_output=True,
                              env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TIDEGATE_ENDPOINT": server.endpoint})
    finally:
        server.stop()
    text = done.stdout + done.stderr
    passed, failed = (int((re.findall(rf"^(?:# |ℹ ){word} (\d+)", text, re.M) or ["0"])[-1])
                      for word in ("pass", "fail"))
    if failed or done.returncode:
        print(text)
    return passed, failed or (1 if done.returncode else 0)


def main():
    arguments = sys.argv[1:]
    passed, failed = python_tests(arguments)
    if not arguments:
        more, worse = javascript_tests()
        passed, failed = passed + more, failed + worse
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
