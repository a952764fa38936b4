"""An independent reading of the rule language of feature flags, slow and plain, from its documentation alone
(docs/guide/flags.md): a parser, an evaluator and a generator of random rules."""

import datetime
import decimal
import hashlib
import random
import re

TOKEN = re.compile(r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*") | (?P<mark>[()\[\],]) | (?P<label>[A-Za-z_]\w*)::(?=.) |
    \$(?P<variable>\w+) | (?P<bare>[^\s()\[\],"]+))""", re.X | re.S | re.A)
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.A)
TIME = re.compile(
    r"(\d{4})(?:T|-(\d\d)(?:T?|-(\d\d)(?:T?|T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d))))", re.A)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/", "'": "'"}


class Text(str):
    pass


class Var(str):
    pass


def number(text):
    return decimal.Decimal(text) if NUMBER.fullmatch(text) else None


def instant(text):
    """Milliseconds since 1970; None for what is no timestamp."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    moment = datetime.datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
                               int(second or 0), int((fraction or "0").ljust(3, "0")[:3]) * 1000)
    if zone and zone != "Z":
        offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
        moment -= offset if zone[0] == "+" else -offset
    return round((moment - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)


def parse(rule):
    """Nested lists: ["eq", Var, Text], labels as (label, value), lists of literals as tuples."""
    at, tokens = 0, []
    while rule[at:].strip():
        found = TOKEN.match(rule, at)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()

    def value():
        kind, text = tokens.pop(0)
        if kind == "label":
            return (text, value())
        if kind == "variable":
            return Var(text)
        if kind == "text":
            return Text(re.sub(r"\\(.)", lambda m: ESCAPES[m[1]], text[1:-1], flags=re.S))
        if kind == "mark":
            close, items = {"(": ")", "[": "]"}[text], []
            while tokens[0] != ("mark", close):
                if tokens[0] == ("mark", ","):
                    tokens.pop(0)
                else:
                    items.append(value())
            tokens.pop(0)
            return items if text == "(" else tuple(["list", *items])
        if text in ("true", "false"):
            return text == "true"
        if (n := number(text)) is not None:
            return n
        if (t := instant(text)) is not None:
            return datetime.timedelta(milliseconds=t)
        return text  # an operator

    parsed = value()
    assert not tokens
    return parsed


def holds(node, context, salt):
    if isinstance(node, bool):
        return node
    op, *args = node
    named = dict(a for a in args if isinstance(a, tuple) and a[0] != "list")
    if op == "and":
        return all(holds(a, context, salt) for a in args)
    if op == "or":
        return any(holds(a, context, salt) for a in args)
    if op == "not":
        return not holds(args[0], context, salt)
    if op == "exists":
        return named["key"] in context
    if op == "in":
        return any(equal(args[0], one, context, salt) is True for one in args[1][1:])
    if op in ("eq", "ne"):
        same = equal(*args, context, salt)
        return same is not None and same == (op == "eq")

    def text(operand):
        return context.get(operand) if isinstance(operand, Var) else operand

    if op == "split":
        by = text(named["by"])
        if by is None:
            return False
        digest = hashlib.sha256(f"{named.get('seed', salt)}/{by}".encode()).digest()
        share = (named["pct"] * 100).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP)
        return int.from_bytes(digest[:8], "big") % 10_000 < share
    if op == "matches":
        where = text(named["in"])
        return where is not None and re.search(named["pattern"], where) is not None
    if op in ("begins_with", "ends_with", "contains"):
        a, b = map(text, args)
        if a is None or b is None:
            return False
        return a.startswith(b) if op == "begins_with" else a.endswith(b) if op == "ends_with" else b in a
    sign = order(*args, context)
    if sign is None:
        return False
    return {"gt": sign > 0, "gte": sign >= 0, "lt": sign < 0, "lte": sign <= 0}[op]


def as_type(example, operand, context):
    """The operand as what the example is; None for what it is not, or is not there."""
    if not isinstance(operand, Var):
        return operand
    given = context.get(operand)
    if given is None:
        return None
    if isinstance(example, bool):
        return {"true": True, "false": False}.get(given)
    if isinstance(example, decimal.Decimal):
        return number(given)
    if isinstance(example, datetime.timedelta):
        moment = instant(given)
        return None if moment is None else datetime.timedelta(milliseconds=moment)
    return given


def equal(a, b, context, salt):
    """None: a key is missing."""
    if any(isinstance(x, Var) and x not in context for x in (a, b)):
        return None
    a, b = (holds(x, context, salt) if isinstance(x, list) else x for x in (a, b))
    example = b if isinstance(a, Var) else a
    left, right = as_type(example, a, context), as_type(example, b, context)
    return left is not None and right is not None and left == right


def order(a, b, context):
    if isinstance(a, Var) and isinstance(b, Var):
        examples = (decimal.Decimal(0), datetime.timedelta(0), Text())  # what both look like
    else:
        examples = (b if isinstance(a, Var) else a,)
    for example in examples:
        left, right = as_type(example, a, context), as_type(example, b, context)
        if left is not None and right is not None:
            if isinstance(left, str):
                left, right = left.encode(), right.encode()
            return (left > right) - (left < right)
    return None


class Generator:
    KEYS = ("a", "b", "c", "id", "age", "since", "flag", "missing")
    TEXTS = ("", "x", "ab", "abc", "abcab", "10", "1.0", "true", "2026-01-02", "a b", "user-7", "it's", 'q"q', "b\\c")
    NUMBERS = ("0", "-0", "1", "10", "1.0", "1.50", "10e0", "1e1", "-3", "9007199254740993", "9007199254740992", "0.1")
    TIMES = ("2026T", "2026-01", "2026-01-02", "2026-01-02T03:04Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678Z",
             "2026-01-02T05:04:05.678+02:00", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z", "2026-01T")
    PATTERNS = ("a", "^ab", "b$", "^a.*b$", "[0-9]+", "^$", "x|y", "(ab)+", "\\\\d\\\\d", "[^a-z]")

    def __init__(self, seed):
        self.r = random.Random(seed)

    def text(self):
        return '"' + self.r.choice(self.TEXTS).replace("\\", "\\\\").replace('"', '\\"') + '"'

    def literal(self, kind=None):
        kind = kind or self.r.choice(("text", "number", "time", "yes"))
        return {"text": self.text, "number": lambda: self.r.choice(self.NUMBERS),
                "time": lambda: self.r.choice(self.TIMES), "yes": lambda: self.r.choice(("true", "false"))}[kind]()

    def variable(self):
        return "$" + self.r.choice(self.KEYS)

    def pair(self, kinds):
        kind = self.r.choice(kinds)
        sides = [self.variable() if self.r.random() < 0.6 else self.literal(kind) for _ in range(2)]
        return " ".join(sides)

    def rule(self, depth=4):
        op = self.r.choice(("eq", "ne", "gt", "gte", "lt", "lte", "begins_with", "ends_with", "contains", "in",
                            "matches", "exists", "split", *(("and", "or", "not") * 2 if depth else ())))
        space = self.r.choice((" ", "  ", "\n", "\t"))
        if op in ("and", "or"):
            return f"({op}{space}{' '.join(self.part(depth - 1) for _ in range(self.r.randint(1, 3)))})"
        if op == "not":
            return f"(not {self.part(depth - 1)})"
        if op in ("eq", "ne"):
            if depth and self.r.random() < 0.15:
                other = self.r.choice((self.rule(0), self.literal("yes"), self.variable()))
                return f"({op} {self.rule(depth - 1)} {other})"
            return f"({op}{space}{self.pair(('text', 'number', 'time', 'yes'))})"
        if op in ("gt", "gte", "lt", "lte"):
            return f"({op}{space}{self.pair(('text', 'number', 'time'))})"
        if op in ("begins_with", "ends_with", "contains"):
            return f"({op}{space}{self.pair(('text',))})"
        if op == "in":
            kind = self.r.choice(("text", "number", "time"))
            first = self.variable() if self.r.random() < 0.8 else self.literal(kind)
            kinds = [kind if not first.startswith("$") else None] * self.r.randint(0, 4)
            return f"(in {first} [{self.r.choice((', ', ' ', ' , ')).join(self.literal(k) for k in kinds)}])"
        operands = {"matches": [f"in::{self.variable()}", f'pattern::"{self.r.choice(self.PATTERNS)}"'],
                    "exists": [f'key::"{self.r.choice(self.KEYS)}"'],
                    "split": [f"pct::{self.r.choice(('0', '100', '10', '33.33', '50.005', '1e1', '99.99'))}",
                              f"by::{self.r.choice((self.variable(), self.text()))}",
                              *([f"seed::{self.text()}"] if self.r.random() < 0.5 else [])]}[op]
        self.r.shuffle(operands)
        return f"({op}{space}{' '.join(operands)})"

    def part(self, depth):
        return self.literal("yes") if self.r.random() < 0.1 else self.rule(max(depth, 0))

    def context(self):
        """Texts that a header can carry; some keys are missing, `missing` always is."""
        plain = [t for t in self.TEXTS if t]
        values = (*plain, *self.NUMBERS, *self.TIMES, "010", "1.", "2026-1-2", "TRUE", "-")
        return {k: self.r.choice(values) for k in self.KEYS[:-1] if self.r.random() < 0.8}

    def broken(self):
        """A rule that is none: what a small change makes of one, certainly."""
        good = self.rule(2)
        return self.r.choice((
            good + ")", good[:-1], f"(nand {good})", f"(and {good} 1)", f"(not {good} {good})", '(eq $a)', "(and)",
            '(begins_with $a 1)', "(gt $a true)", "(gt 1 \"1\")", '(eq 1 2026-01-02)', "(eq $a [1])", "(in $a 1)",
            "(in [1] [1])", '(in 1 ["1"])', "(exists $a)", "(exists key::$a)", "(split pct::101 by::$a)",
            "(split pct::-1 by::$a)", '(split pct::"1" by::$a)', "(split by::$a)", "(split pct::1 by::$a by::$b)",
            '(matches in::$a pattern::"(")', '(matches in::$a pattern::"(?=a)")', "(matches in::$a pattern::$b)",
            '(eq $a "x', "(eq $a x)", "(eq $ 1)", "eq", "", "true", "[1]", "(eq $a 01)", "(eq $a 99999999999999999999)",
            "(in $a [1,,2])", "(in $a [1,])", f"(eq a::$a {self.literal()})", "(eq $a 2026-13-01)", '(eq $a "\\q")'))
