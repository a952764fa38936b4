"""The function of test_escape.py that looks through its own memory for what another one was given."""

import re

WANTED = re.compile(b"-secre" + b"t[x]+")  # so that the text itself is nowhere in this process


def handler(event, context):
    found = []
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
        for line in maps:
            span, permissions = line.split()[:2]
            start, end = (int(at, 16) for at in span.split("-"))
            if permissions.startswith("rw"):
                memory.seek(start)
                try:
                    found += [m.group().decode() for m in WANTED.finditer(memory.read(end - start))]
                except OSError:
                    pass  # a guard page
    with open("/proc/self/cmdline") as command:
        return {"forked": "zygote" in command.read(), "found": sorted(set(found))}
