#!/usr/bin/env python3
"""Prints the C++ shapes and the row of an operation from the installed botocore's model.

    tools/scaffold.py appconfig GetExtension

The text is a beginning in the style of src/api/admin/shapes.h, not a file: structs that exist
already are dropped by hand, patterns and texts stay with the domain.
"""

import json
import re
import sys

from modelcheck import DATA, KINDS, MODELS

CPP = {"string": "std::string", "integer": "std::int32_t", "long": "std::int64_t",
       "double": "double", "boolean": "bool", "blob": "wire::Blob", "timestamp": "Instant"}
TIMES = {"iso8601": "iso8601", "unixTimestamp": "epoch", "rfc822": "http_date"}
PLACES = {"querystring": "In::query", "header": "In::header", "headers": "In::prefix_headers",
          "statusCode": "In::status_code"}


def snake(name):
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()
    return name + "_" if name in {"delete", "default", "class", "new", "operator"} else name


class Scaffold:
    def __init__(self, service, operation):
        path = DATA / service / MODELS[service] / "service-2.json"
        self.model = json.loads(path.read_text(encoding="utf-8"))
        self.service = service
        if operation not in self.model["operations"]:
            near = [n for n in self.model["operations"] if operation.lower() in n.lower()]
            sys.exit(f"{service} has no operation {operation}; near: {', '.join(near) or 'none'}")
        self.operation = self.model["operations"][operation]
        self.order, self.names = [], {}

    def shape(self, reference):
        return self.model["shapes"][reference["shape"]]

    def cpp(self, reference):
        shape = self.shape(reference)
        kind = KINDS.get(shape["type"], shape["type"])
        if kind == "list":
            return f"std::vector<{self.cpp(shape['member'])}>"
        if kind == "map":
            return f"std::map<std::string, {self.cpp(shape['value'])}>"
        if kind == "structure":
            return self.structure(reference["shape"])
        return CPP[kind]

    def structure(self, name, as_name=None):
        if name not in self.names:
            self.names[name] = as_name or name
            for member in self.model["shapes"][name].get("members", {}).values():
                self.cpp(member)
            self.order.append(name)
        return self.names[name]

    def struct(self, name):
        shape = self.model["shapes"][name]
        lines = [f"struct {self.names[name]} {{"]
        for member, reference in shape.get("members", {}).items():
            kind = self.cpp(reference)
            optional = member not in shape.get("required", []) and (
                not kind.startswith(("std::vector", "std::map")))
            zero = {"std::int32_t": " = 0", "std::int64_t": " = 0", "double": " = 0",
                    "bool": " = false", "Instant": "{}"}.get(kind, "")
            kind = f"std::optional<{kind}>" if optional else kind
            lines.append(f"  {kind} {snake(member)}{'' if optional else zero};")
        return "\n".join(lines + ["};"])

    def field(self, name, member, reference, uri):
        owner, shape = self.model["shapes"][name], self.shape(reference)
        text = f'field<&S::{snake(member)}>("{member}")'
        wire = reference.get("locationName", member)
        place = PLACES.get(reference.get("location"))
        if reference.get("location") == "uri":
            place = "In::greedy_label" if "{%s+}" % wire in uri else "In::label"
        if owner.get("payload") == member:
            place = "In::payload"
        if shape.get("flattened"):
            wire = shape.get("member", {}).get("locationName", wire)
        text += f".bind({place})" if place else ""
        text += f'.wire("{wire}")' if wire != member else ""
        item = shape.get("member", {}).get("locationName") if shape["type"] == "list" else None
        if item and not shape.get("flattened"):
            text += f'.items("{item}")'
        text += ".with(kFlattened)" if shape.get("flattened") else ""
        text += ".with(kXmlAttribute)" if reference.get("xmlAttribute") else ""
        text += ".with(kSensitive)" if shape.get("sensitive") else ""
        form = reference.get("timestampFormat", shape.get("timestampFormat"))
        text += f".as(TimeFormat::{TIMES[form]})" if form in TIMES else ""
        listed = shape["type"] in ("list", "map")
        text += ".needed()" if listed and member in owner.get("required", []) else ""
        low, high = shape.get("min"), shape.get("max")
        numeric = shape["type"] in ("integer", "long", "double", "float")
        if low is not None and high is not None:
            text += f".{'range' if numeric else 'length'}({low}, {high})"
        elif low:
            text += f".at_least({low})"
        elif high is not None:
            text += f".at_most({high})"
        text += f".values(k{reference['shape']}s)" if "enum" in shape else ""
        return text

    def table(self, name, namespace, uri):
        shape = self.model["shapes"][name]
        rows = [self.field(name, m, r, uri) for m, r in shape.get("members", {}).items()]
        lines = ["template <>", f"struct shape_of<{namespace}::{self.names[name]}> {{"]
        if rows:
            lines.append(f"  using S = {namespace}::{self.names[name]};")
            body = ",\n      ".join(rows)
            lines.append(f"  static constexpr Member members[] = {{\n      {body}}};")
        members = "members" if rows else "{}"
        lines += [f'  static constexpr Shape value{{"{name}", {members}}};', "};"]
        return "\n".join(lines)

    def enums(self):
        found = {}
        for name in self.order:
            for reference in self.model["shapes"][name].get("members", {}).values():
                shape = self.shape(reference)
                if "enum" in shape:
                    found[reference["shape"]] = shape["enum"]
        for name, values in found.items():
            quoted = ", ".join(f'"{v}"' for v in values)
            yield f"inline constexpr std::string_view k{name}s[] = {{{quoted}}};"

    def text(self):
        operation, http = self.operation, self.operation["http"]
        name, uri = operation["name"], http["requestUri"]
        namespace = f"api::{self.service}"
        sides = {}
        for side, suffix in (("input", "Input"), ("output", "Output")):
            sides[side] = "wire::Nothing"
            if side in operation:
                sides[side] = self.structure(operation[side]["shape"], name + suffix)
        method = {"DELETE": "delete_"}.get(http["method"], http["method"].lower())
        status = http.get("responseCode", 200)
        row = (f"inline constexpr auto k{name} = wire::operation<{sides['input']}, "
               f"{sides['output']}>(\n    \"{name}\", http::Method::{method}, \"{uri}\", {status}, "
               f"\"{self.service}:{name}\");")
        parts = [f"namespace tidegate::{namespace} {{\n", "\n".join(self.enums()),
                 "\n".join(self.struct(n) for n in self.order),
                 f"\n}}  // namespace tidegate::{namespace}\n\nnamespace tidegate::wire {{\n",
                 "\n".join(self.table(n, namespace, uri) for n in self.order),
                 f"\n}}  // namespace tidegate::wire\n\n// The row, in the API's own file:\n{row}"]
        return "\n".join(p for p in parts if p)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in MODELS:
        sys.exit(__doc__)
    print(Scaffold(sys.argv[1], sys.argv[2]).text())


if __name__ == "__main__":
    main()
