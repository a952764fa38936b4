#!/usr/bin/env python3
"""Reads the sources and holds them to the house rules; a test like any other.

Rules: dependency direction between folders of src/ (from the include lines), file and function
length, line width, banned calls, headers that begin by saying what they are, nothing left to do.
Exceptions stand in tools/tidy.exceptions, one a line: RULE PATH: reason.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder of src/ -> folders it may include. The arrow of ARCHITECTURE.md, in code.
ALLOWED = {
    "base": set(),
    "document": {"base"},
    "policy": {"base", "document"},
    "http": {"base"},
    "store": {"base"},
    "blob": {"base", "store"},
    "net": {"base", "http"},
    "webhook": {"base", "http"},
    "wire": {"base", "document", "http", "identity"},
    "identity": {"base", "store", "http", "wire", "policy", "document"},
    "events": {"base", "store"},
    "s3": {"base", "store", "blob", "events", "webhook", "policy"},
    "lambda": {"base", "document", "http", "store", "blob", "events", "policy"},
    "appconfig": {"base", "document", "store", "blob", "events"},
    "alarms": {"base", "store"},
    "logs": {"base", "document", "store"},
    "audit": {"base", "store"},
    "iam": {"base", "document", "policy", "store"},
    "api": {"base", "document", "policy", "http", "wire", "store", "blob", "events", "s3", "lambda", "appconfig",
            "alarms", "logs", "identity", "iam", "audit"},
    "server": None,  # the composition root sees everything
}
# wire/table.h carries a Principal to handlers; nothing else of identity is wire's business. Domains
# see of the webhooks the port only.
NARROW = {
    ("wire", "identity"): {"identity/principal.h"},
    ("s3", "webhook"): {"webhook/sender.h"},
    ("appconfig", "webhook"): {"webhook/sender.h"},
}

MAX_FILE, MAX_FUNCTION = 700, 70
MAX_COLUMNS = {".py": 120}  # clang-format's 100 elsewhere

BANNED = [
    (r"system_clock::now|steady_clock::now", "read the time from a Scheduler", {"base", "net"}),
    (r"\bsteady_timer\b|\bsystem_timer\b", "wait through a Scheduler", {"base", "net"}),
    (r"std::random_device|\brand\(\)|\bsrand\(", "take randomness from Random", {"base"}),
    (r"\bsleep_for\b|\bsleep_until\s*<|\busleep\(|\bnanosleep\(", "do not sleep", set()),
    (r"\bstd::regex\b", "RE2 runs in linear time; std::regex overflows the stack", set()),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b", "finish it or file it", set()),
    (r"#include\s+<(ranges|format)>", "g++ 12 and clang 14 must both build", set()),
]


OPENS_FUNCTION = re.compile(
    r"^( {0,4})(?:\S.*\)(?: const| noexcept| override| final|\s|&|->.*)*\s*(?:: .*)?|: \w.*)\{$")
OPENS_OTHER = re.compile(r"^\s*(namespace|class|struct|enum|if|for|while|switch|else|do)\b")


def exceptions():
    allowed = set()
    path = ROOT / "tools" / "tidy.exceptions"
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\S+) (\S+): .{10,}", line)
        if not match:
            sys.exit(f"{path.name}:{number}: expects 'RULE PATH: reason'")
        allowed.add((match[1], match[2]))
    return allowed


def functions(lines):
    """(first line, length) of each function body, by the indentation that clang-format gives."""
    start, indent = None, 0
    for number, line in enumerate(lines, 1):
        if start is None:
            opens = OPENS_FUNCTION.match(line)
            if opens and not OPENS_OTHER.match(line):
                start, indent = number, len(opens[1])
        elif line.startswith(" " * indent + "}") and len(line) - len(line.lstrip()) == indent:
            yield start, number - start + 1
            start = None


def check_file(path, report):
    relative = path.relative_to(ROOT).as_posix()
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    count = f"{len(lines)} lines, at most {MAX_FILE}"
    report("file-length", relative, 1, count, len(lines) > MAX_FILE)
    for number, line in enumerate(lines, 1):
        most = MAX_COLUMNS.get(path.suffix, 100)
        if len(line) > most and "http" not in line:
            report("columns", relative, number, f"{len(line)} columns, at most {most}", True)
    parts = relative.split("/")
    if parts[0] != "src" or path.suffix not in (".h", ".cc"):
        return
    folder = parts[1]
    is_test = relative.endswith("_test.cc")
    if path.suffix == ".h":
        headless = not text.startswith("//")
        report("header-head", relative, 1, "a header begins by saying what it is", headless)
        report("pragma-once", relative, 1, "#pragma once is missing", "#pragma once" not in text)
    for start, length in functions(lines):
        too_long = length > MAX_FUNCTION
        told = f"{length} lines, at most {MAX_FUNCTION}"
        report("function-length", relative, start, told, too_long)
    for number, line in enumerate(lines, 1):
        for pattern, advice, homes in BANNED:
            code = line if "TODO" in pattern else line.split("//")[0]
            if folder not in homes and not is_test and re.search(pattern, code):
                report("banned", relative, number, advice, True)
        include = re.match(r'#include "([a-z0-9_]+)/([^"]+)"', line)
        if not include:
            continue
        target, full = include[1], f"{include[1]}/{include[2]}"
        maker = full == "identity/principal_maker.h"
        if maker and folder not in ("identity", "server") and not is_test:
            report("principal", relative, number, "only identity and wiring make principals", True)
        if target == "support" or target == folder or (is_test and target in ("identity",)):
            continue
        allowed = ALLOWED.get(folder)
        wrong = allowed is not None and target not in allowed
        narrow = NARROW.get((folder, target))
        wrong = wrong or (narrow is not None and full not in narrow)
        report("direction", relative, number, f"{folder} must not include {full}", wrong)


def main():
    excepted, used, failures, checked = exceptions(), set(), [], 0

    def report(rule, path, line, text, wrong):
        if not wrong:
            return
        if (rule, path) in excepted:
            used.add((rule, path))
            return
        failures.append(f"{path}:{line}: {rule}: {text}")

    patterns = ["src/**/*.h", "src/**/*.cc", "test/**/*.h", "test/**/*.cc", "tools/*.py",
                "test/**/*.py", "runtimes/**/*.py", "demo/**/*.py"]
    found = {p for pattern in patterns for p in ROOT.glob(pattern)}
    files = sorted(p for p in found if "node_modules" not in p.parts)
    for path in files:
        checked += 1
        check_file(path, report)
    for rule, path in sorted(excepted - used):
        failures.append(f"tools/tidy.exceptions: {rule} {path} is not needed any more")
    print("\n".join(failures))
    broken = {f.split(":")[0] for f in failures}
    print(f"{checked - len(broken)} passed, {len(broken)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
