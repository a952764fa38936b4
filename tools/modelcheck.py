#!/usr/bin/env python3
"""Compares the server's wire tables with the installed botocore's service models.

    tools/modelcheck.py build/release/tidegate
    tools/modelcheck.py --saved model.json     (what `tidegate model` printed)

Every difference must stand in tools/modelcheck.differences with a reason:

    SERVICE OPERATION[.MEMBER...] KIND: reason        a member of the input
    SERVICE OPERATION>MEMBER[.MEMBER...] KIND: reason  a member of the output

The place may hold * as in a shell. KIND is one of: unknown (the model has no such operation or
member), missing (we have no such member), method, uri, status, name (on the wire), place, type,
required, limits, enum; younger, of an operation that we only know to refuse it. A line that nothing
needs fails too. Members below a list or map follow its name. Operations that the model has and we do
not are not compared: the server refuses them.
"""

import fnmatch
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path("/usr/lib/python3/dist-packages/botocore/data")
MODELS = {"s3": "2006-03-01", "lambda": "2015-03-31", "appconfig": "2019-10-09",
          "appconfigdata": "2021-11-11", "sts": "2011-06-15",
          "cloudwatch": "2010-08-01", "logs": "2014-03-28", "iam": "2010-05-08",
          "cloudtrail": "2013-11-01"}
KINDS = {"character": "string", "float": "double", "bigdecimal": "double", "short": "integer",
         "byte": "integer", "biginteger": "long"}
PLACES = {"querystring": "query", "header": "header", "headers": "prefix_headers",
          "statusCode": "status_code"}


def load_model(service):
    path = DATA / service / MODELS[service] / "service-2.json"
    return json.loads(path.read_text(encoding="utf-8"))


class Differences:
    def __init__(self, path):
        self.lines = []
        for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
            if not line.strip() or line.startswith("#"):
                continue
            match = re.fullmatch(r"(\S+) (\S+) ([a-z]+): .{8,}", line)
            if not match:
                sys.exit(f"{path.name}:{number}: expects 'service Operation[.Member] kind: reason'")
            self.lines.append([match[1], match[2], match[3], number, False])

    def allows(self, service, place, kind):
        allowed = False
        for line in self.lines:
            if line[0] in (service, "*") and line[2] == kind and fnmatch.fnmatchcase(place, line[1]):
                line[4] = allowed = True
        return allowed

    def unused(self):
        return [f"line {n}: {s} {p} {k}" for s, p, k, n, used in self.lines if not used]


class Check:
    def __init__(self, service, model, differences):
        self.service, self.model, self.differences = service, model, differences
        self.passed, self.failures = 0, []
        self.open = []

    def differ(self, place, kind, ours, theirs):
        if ours == theirs or self.differences.allows(self.service, place, kind):
            self.passed += 1
        else:
            text = f"{self.service} {place} {kind}: ours {ours!r}, the model's {theirs!r}"
            self.failures.append(text)

    def operation(self, ours):
        name = ours["name"]
        theirs = self.model["operations"].get(name)
        if theirs is None:
            self.differ(name, "younger" if ours["refused"] else "unknown", "there", "absent")
            return
        http = theirs["http"]
        self.differ(name, "method", ours["method"], http["method"])
        self.differ(name, "uri", ours["uri"], http["requestUri"])
        if ours["refused"]:
            return
        self.differ(name, "status", ours["status"], http.get("responseCode", 200))
        for side, mark in (("input", "."), ("output", ">")):
            shape = self.model["shapes"].get(theirs.get(side, {}).get("shape"), {"members": {}})
            self.structure(name + mark, ours.get(side, {"members": []}), shape, side == "input",
                           top=http)

    def structure(self, place, ours, shape, is_input, top=None):
        known = shape.get("members", {})
        names = {m["name"] for m in ours["members"]}
        for member in ours["members"]:
            at = place + member["name"]
            if member["name"] not in known:
                self.differ(at, "unknown", "there", "absent")
                continue
            self.member(at, member, known[member["name"]], shape, is_input, top)
        for name in known:
            if name not in names:
                self.differ(place + name, "missing", "absent", "there")

    def member(self, at, ours, reference, owner, is_input, top):
        shape = self.model["shapes"][reference["shape"]]
        name = ours["name"]
        self.differ(at, "name", ours["wire"], self.wire_name(name, reference, shape))
        self.differ(at, "place", ours["in"], self.place(name, reference, owner, top))
        if is_input:
            self.differ(at, "required", ours["required"], name in owner.get("required", []))
            self.differ(at, "limits", (ours.get("min") or None, ours.get("max")),
                        (shape.get("min") or None, shape.get("max")))
        if "enum" in ours:
            self.differ(at, "enum", sorted(ours["enum"]), sorted(shape.get("enum", [])))
        self.type(at, ours, shape, is_input, reference.get("jsonvalue"))

    def type(self, at, ours, shape, is_input, jsonvalue=False):
        theirs = "string" if jsonvalue else KINDS.get(shape["type"], shape["type"])
        self.differ(at, "type", ours["kind"], theirs)
        if ours["kind"] != theirs:
            return
        if theirs == "structure":
            self.nested(at, ours["shape"], shape, is_input)
        elif theirs in ("list", "map"):
            element = shape["member" if theirs == "list" else "value"]
            if theirs == "list" and self.model["metadata"]["protocol"] == "rest-xml" and (
                    not shape.get("flattened")) and ours.get("in", "body") == "body":
                self.differ(at, "name", ours.get("item", "member"),
                            element.get("locationName", "member"))
            self.type(at, ours["element"], self.model["shapes"][element["shape"]], is_input)

    def nested(self, at, ours, shape, is_input):
        if ours.get("recursive") or ours["name"] in self.open:
            return
        self.open.append(ours["name"])
        self.structure(at + ".", ours, shape, is_input)
        self.open.pop()

    def wire_name(self, name, reference, shape):
        protocol = self.model["metadata"]["protocol"]
        if protocol == "rest-xml" and shape.get("flattened"):
            inner = shape.get("member", {}).get("locationName")
            if inner:
                return inner
        return reference.get("locationName", name)

    def place(self, name, reference, owner, top):
        if top is None:
            return "body"
        if owner.get("payload") == name:
            return "payload"
        location = reference.get("location")
        if location == "uri":
            wire = reference.get("locationName", name)
            return "greedy_label" if "{%s+}" % wire in top["requestUri"] else "label"
        return PLACES.get(location, "body")


def main():
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--saved":
        printed = pathlib.Path(arguments[1]).read_text(encoding="utf-8")
    elif len(arguments) == 1:
        printed = subprocess.run([arguments[0], "model"], check=True, capture_output=True,
                                 text=True).stdout
    else:
        sys.exit(__doc__)
    differences = Differences(ROOT / "tools" / "modelcheck.differences")
    passed, failures = 0, []
    for service in json.loads(printed)["services"]:
        if service["service"] not in MODELS:
            continue
        check = Check(service["service"], load_model(service["service"]), differences)
        theirs = check.model["metadata"]["protocol"]
        check.differ("*", "type", service["protocol"], theirs)
        for operation in service["operations"]:
            check.operation(operation)
        passed += check.passed
        failures += check.failures
    failures += [f"tools/modelcheck.differences {line}: nothing needs it" for line in
                 differences.unused()]
    print("\n".join(failures))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
