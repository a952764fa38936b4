// The evaluator against a second one, written for plainness alone: it walks the JSON text's tree
// anew for each question and matches by recursion. Random documents and requests must agree.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/random.h"
#include "document/value.h"
#include "policy/evaluate.h"

namespace tidegate::policy {
namespace {

using document::Array;
using document::Object;
using document::Value;
using Strings = std::vector<std::string>;

std::string lower(const std::string& s) {
  return lower_ascii(s);
}

bool slow_glob(const std::string& p, const std::string& t) {
  if (p.empty()) return t.empty();
  if (p[0] == '*') {
    for (std::size_t i = 0; i <= t.size(); ++i)
      if (slow_glob(p.substr(1), t.substr(i))) return true;
    return false;
  }
  return !t.empty() && (p[0] == '?' || p[0] == t[0]) && slow_glob(p.substr(1), t.substr(1));
}

Strings list(const Value* v) {
  Strings out;
  if (!v) return out;
  if (v->string()) out.push_back(*v->string());
  if (v->array())
    for (const Value& one : *v->array()) out.push_back(*one.string());
  return out;
}

// The values of the generator hold no wildcard, so replacing text is enough here. A variable with
// several values or none has its fallback, or makes the text match nothing.
std::optional<std::string> replaced(std::string text, const Context& context) {
  for (;;) {
    const std::size_t open = text.find("${");
    if (open == std::string::npos) return text;
    const std::size_t close = text.find('}', open);
    std::string name = text.substr(open + 2, close - open - 2);
    std::optional<std::string> value;
    if (const std::size_t comma = name.find(", '"); comma != std::string::npos) {
      value = name.substr(comma + 3, name.size() - comma - 4);
      name.resize(comma);
    }
    const auto* values = context.find(lower(name));
    if (values && values->size() == 1) value = values->front();
    if (!value) return std::nullopt;
    text = text.substr(0, open) + *value + text.substr(close + 1);
  }
}

// The six parts of an ARN; fewer when it is none. Colons belong to the last one.
Strings parts_of(std::string text) {
  Strings out;
  for (std::size_t at; out.size() < 5 && (at = text.find(':')) != std::string::npos;
       text = text.substr(at + 1))
    out.push_back(text.substr(0, at));
  out.push_back(text);
  return out;
}

bool slow_arn(const std::string& p, const std::string& t) {
  const Strings text = parts_of(t), wanted = p == "*" ? Strings(6, "*") : parts_of(p);
  bool all = text.size() == 6 && wanted.size() == 6;
  for (std::size_t i = 0; all && i < 6; ++i) all = slow_glob(wanted[i], text[i]);
  return all;
}

// Days of one month only: the day of the month, or seconds since the epoch.
double slow_date(const std::string& text) {
  if (text.find('-') == std::string::npos) return std::stod(text);
  const double first = 1704067200;  // 2024-01-01T00:00:00Z
  return first + (std::stod(text.substr(8, 2)) - 1) * 86400 +
         (text.size() > 10 ? std::stod(text.substr(11, 2)) * 3600 : 0);
}

bool slow_order(const std::string& op, double a, double w) {
  if (op == "Equals") return a == w;
  if (op == "LessThan") return a < w;
  if (op == "LessThanEquals") return a <= w;
  if (op == "GreaterThan") return a > w;
  return a >= w;
}

bool slow_value(const std::string& op, const std::string& actual, const std::string& wanted,
                const Context& context) {
  if (op.substr(0, 7) == "Numeric")
    return slow_order(op.substr(7), std::stod(actual), std::stod(wanted));
  if (op.substr(0, 4) == "Date")
    return slow_order(op.substr(4), slow_date(actual), slow_date(wanted));
  if (op == "BinaryEquals") return actual == wanted;
  if (op == "Bool") return lower(actual) == lower(wanted);
  if (op == "IpAddress") return actual.substr(0, 3) == wanted.substr(0, 3);  // "10.0.0.0/8" only
  auto text = replaced(wanted, context);
  if (!text) return false;
  if (op == "ArnLike" || op == "ArnEquals") return slow_arn(*text, actual);
  if (op == "StringEqualsIgnoreCase") return lower(*text) == lower(actual);
  return op == "StringLike" ? slow_glob(*text, actual) : *text == actual;
}

bool slow_condition(std::string op, const std::string& key, const Strings& wanted,
                    const Context& context) {
  const auto* found = context.find(lower(key));
  if (op == "Null") {
    for (const std::string& w : wanted)
      if ((w == "true") == (found == nullptr)) return true;
    return false;
  }
  std::string set;
  if (op.find(':') != std::string::npos) {
    set = op.substr(0, op.find(':'));
    op = op.substr(op.find(':') + 1);
  }
  const bool if_exists = op.size() > 8 && op.substr(op.size() - 8) == "IfExists";
  if (if_exists) op = op.substr(0, op.size() - 8);
  bool negated = false;
  if (const std::size_t at = op.find("Not"); at != std::string::npos) {
    negated = true;
    op.erase(at, 3);
  }
  if (!found) return if_exists || set == "ForAllValues" || (negated && set.empty());
  int good = 0, matched = 0;
  for (const std::string& actual : *found) {
    bool any = false;
    for (const std::string& w : wanted) any = any || slow_value(op, actual, w, context);
    matched += any ? 1 : 0;
    good += any != negated ? 1 : 0;
  }
  if (set == "ForAllValues") return good == static_cast<int>(found->size());
  if (set == "ForAnyValue") return good > 0;
  return negated ? matched == 0 : matched > 0;
}

bool slow_principal(const Value& s, const Caller& c) {
  const Value* yes = s.find("Principal");
  if (const Value* no = s.find("NotPrincipal")) {
    // Whoever has each of his names in the list is exempt.
    Strings mine = {c.account, c.arn};
    if (!c.role_arn.empty()) mine.push_back(c.role_arn);
    if (c.account.empty()) mine = {c.service};
    Strings there;
    for (const auto& [kind, names] : *no->object())
      for (std::string name : list(&names)) {
        const std::string account = c.account;
        if (name == "arn:aws:iam::" + account + ":root") name = account;
        if (name == "arn:aws:iam::111122223333:root") name = "111122223333";
        if (name == "arn:aws:iam::444455556666:root") name = "444455556666";
        there.push_back(name);
      }
    if (c.root) mine = {c.account};
    if (c.account.empty() && c.service.empty()) return true;
    for (const std::string& m : mine)
      if (std::find(there.begin(), there.end(), m) == there.end()) return true;
    return false;
  }
  if (yes->string()) return true;
  Strings mine;
  if (!c.account.empty()) {
    mine = {c.arn, c.account, "arn:aws:iam::" + c.account + ":root"};
    if (!c.role_arn.empty()) mine.push_back(c.role_arn);
  }
  for (const auto& [kind, names] : *yes->object())
    for (const std::string& name : list(&names)) {
      if (name == "*") return true;
      if (kind == "Service" && name == c.service) return true;
      if (kind == "AWS")
        for (const std::string& m : mine)
          if (m == name) return true;
    }
  return false;
}

bool slow_statement(const Value& s, const Request& r) {
  auto any = [](const Strings& patterns, const std::string& text) {
    for (const std::string& p : patterns)
      if (slow_glob(p, text)) return true;
    return false;
  };
  Strings actions;
  for (const std::string& a : list(s.find("Action"))) actions.push_back(lower(a));
  for (const std::string& a : list(s.find("NotAction"))) actions.push_back(lower(a));
  if (any(actions, lower(r.action)) == (s.find("NotAction") != nullptr)) return false;
  Strings resources;
  for (const char* name : {"Resource", "NotResource"})
    for (const std::string& p : list(s.find(name)))
      if (auto text = replaced(p, r.context)) resources.push_back(*text);
  if (any(resources, r.resource) == (s.find("NotResource") != nullptr)) return false;
  if (!slow_principal(s, r.caller)) return false;
  if (const Value* conditions = s.find("Condition"))
    for (const auto& [op, keys] : *conditions->object())
      for (const auto& [key, values] : *keys.object())
        if (!slow_condition(op, key, list(&values), r.context)) return false;
  return true;
}

Verdict slow(const Value& document, const Request& r) {
  Verdict v = Verdict::none;
  for (const Value& s : *document.find("Statement")->array()) {
    if (!slow_statement(s, r)) continue;
    if (*s.find("Effect")->string() == "Deny") return Verdict::deny;
    v = Verdict::allow;
  }
  return v;
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Value document() {
    Array statements;
    for (std::uint64_t n = 1 + random_.below(4); n > 0; --n) statements.push_back(statement());
    Object o;
    o.set("Version", "2012-10-17");
    o.set("Statement", std::move(statements));
    return o;
  }
  Request request() {
    Request r;
    r.action = pick({"s3:GetObject", "s3:PutObject", "s3:GetObjectVersion", "s3:ListBucket"});
    r.resource =
        pick({"arn:aws:s3:::a/ann", "arn:aws:s3:::a/bob", "arn:aws:s3:::b", "arn:aws:s3:::a"});
    switch (random_.below(5)) {
      case 0:
        break;
      case 1:
        r.caller.service = "s3.amazonaws.com";
        break;
      case 2:
        r.caller = {"111122223333",
                    "arn:aws:sts::111122223333:assumed-role/r/s",
                    "arn:aws:iam::111122223333:role/r",
                    "",
                    "",
                    false};
        break;
      case 3:
        r.caller = {"444455556666", "arn:aws:iam::444455556666:root", "", "", "", true};
        break;
      default:
        r.caller = {"111122223333", "arn:aws:iam::111122223333:user/ann", "", "", "", false};
    }
    if (random_.below(4) != 0) r.context.set("aws:username", pick({"ann", "bob"}));
    if (random_.below(2) != 0) r.context.set("s3:prefix", pick({"a", "ab", ""}));
    if (random_.below(2) != 0) r.context.set("s3:max-keys", pick({"1", "10", "100"}));
    if (random_.below(2) != 0) r.context.set("aws:SourceIp", pick({"10.1.2.3", "192.0.2.1"}));
    if (random_.below(2) != 0) r.context.set("aws:SecureTransport", pick({"true", "false"}));
    if (random_.below(2) != 0)
      r.context.set("aws:CurrentTime", pick({"2024-01-05T00:00:00Z", "2024-01-05T06:00:00Z"}));
    if (random_.below(2) != 0)
      r.context.set("aws:SourceArn", pick({"arn:aws:s3:::a", "arn:aws:sns:us-east-1:1:a:b", "a"}));
    if (random_.below(2) != 0) r.context.set("s3:digest", pick({"YQ==", "Yg=="}));
    if (random_.below(2) != 0) {
      Strings tags;
      for (std::uint64_t n = 1 + random_.below(2); n > 0; --n)
        tags.push_back(pick({"x", "y", "z"}));
      r.context.set("aws:TagKeys", tags);
    }
    return r;
  }

 private:
  std::string pick(std::initializer_list<const char*> from) {
    return *(from.begin() + random_.below(from.size()));
  }
  Value some(std::initializer_list<const char*> from) {
    if (random_.below(2) == 0) return pick(from);
    Array out;
    for (std::uint64_t n = 1 + random_.below(3); n > 0; --n) out.emplace_back(pick(from));
    return out;
  }
  Value principal() {
    if (random_.below(3) == 0) return "*";
    Object o;
    if (random_.below(3) == 0) o.set("Service", "s3.amazonaws.com");
    o.set("AWS", some({"*", "111122223333", "arn:aws:iam::111122223333:user/ann",
                       "arn:aws:iam::111122223333:role/r", "arn:aws:iam::444455556666:root",
                       "arn:aws:sts::111122223333:assumed-role/r/s"}));
    return o;
  }
  std::string compared(const std::string& kind) {
    return pick({"", "ForAllValues:", "ForAnyValue:"}) + kind +
           pick({"Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan",
                 "GreaterThanEquals"}) +
           pick({"", "IfExists"});
  }
  Value conditions() {
    Object out;
    for (std::uint64_t n = 1 + random_.below(2); n > 0; --n) {
      Object keys;
      switch (random_.below(10)) {
        case 0:
          keys.set("s3:max-keys", some({"5", "10", "50.0", "1e2"}));
          out.set(compared("Numeric"), keys);
          break;
        case 6:
          keys.set("aws:CurrentTime",
                   some({"2024-01-05", "2024-01-05T06:00:00Z", "2024-01-06", "1704412800",
                         "2024-01-05T06:00Z", "2024-01-05T06:00:00.000+00:00"}));
          out.set(compared("Date"), keys);
          break;
        case 7:
          keys.set("aws:SourceArn",
                   some({"arn:aws:s3:::*", "arn:aws:*", "arn:*:sns:*:?:a:b", "*", "arn:aws:sns:*:a",
                         "arn:aws:sns:us-*:1:*", "arn:aws:s3:::${aws:username, 'a'}"}));
          out.set(pick({"ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEqualsIfExists",
                        "ForAnyValue:ArnLike"}),
                  keys);
          break;
        case 8:
          keys.set("s3:digest", some({"YQ==", "Yg=="}));
          out.set(pick({"BinaryEquals", "BinaryEqualsIfExists"}), keys);
          break;
        case 9:
          keys.set("aws:username", some({"ANN", "Bob", "${s3:prefix, 'ann'}"}));
          out.set(pick({"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
                        "ForAllValues:StringEqualsIgnoreCase"}),
                  keys);
          break;
        case 1:
          keys.set("aws:SourceIp", some({"10.0.0.0/8"}));
          out.set(pick({"IpAddress", "NotIpAddress", "IpAddressIfExists"}), keys);
          break;
        case 2:
          keys.set("aws:securetransport", some({"true", "False"}));
          out.set(pick({"Bool", "BoolIfExists"}), keys);
          break;
        case 3:
          keys.set("S3:prefix", some({"true", "false"}));
          out.set("Null", keys);
          break;
        case 4:
          keys.set("aws:TagKeys", some({"x", "y", "z*"}));
          out.set(pick({"ForAllValues:StringEquals", "ForAnyValue:StringLike",
                        "ForAnyValue:StringNotEquals", "ForAllValues:StringNotLikeIfExists",
                        "StringEquals", "StringNotLike"}),
                  keys);
          break;
        default:
          keys.set("aws:username", some({"ann", "a*", "${s3:prefix}*", "?ob"}));
          keys.set("s3:prefix", some({"a", "a*", "${aws:username}"}));
          out.set(pick({"StringLike", "StringNotLike", "StringEquals", "StringNotEqualsIfExists",
                        "StringLikeIfExists"}),
                  keys);
      }
    }
    return out;
  }
  Value statement() {
    Object o;
    const bool deny = random_.below(3) == 0;
    o.set("Effect", deny ? "Deny" : "Allow");
    if (deny && random_.below(3) == 0) {
      Object no;
      no.set("AWS", some({"111122223333", "arn:aws:iam::111122223333:user/ann",
                          "arn:aws:iam::111122223333:role/r", "arn:aws:iam::444455556666:root",
                          "arn:aws:sts::111122223333:assumed-role/r/s"}));
      o.set("NotPrincipal", std::move(no));
    } else {
      o.set("Principal", principal());
    }
    o.set(random_.below(4) == 0 ? "NotAction" : "Action",
          some({"s3:*", "s3:Get*", "s3:getobject", "s3:PutObject", "s3:?etObject", "*"}));
    o.set(random_.below(4) == 0 ? "NotResource" : "Resource",
          some({"*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::?",
                "arn:aws:s3:::a/${aws:username, 'bob'}"}));
    if (random_.below(2) == 0) o.set("Condition", conditions());
    return o;
  }

  SeededRandom random_;
};

TEST(Reference, RandomDocumentsAgree) {
  int seen[3] = {0, 0, 0};
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    Generator generator(seed);
    const Value tree = generator.document();
    Result<Document> document = parse(document::to_json(tree), Dialect::bucket);
    ASSERT_TRUE(document.ok()) << seed << document::to_json(tree) << document.error().message;
    for (int i = 0; i < 4; ++i) {
      const Request r = generator.request();
      const Verdict v = evaluate(*document, r).verdict;
      ++seen[static_cast<int>(v)];
      ASSERT_EQ(v, slow(tree, r)) << "seed " << seed << " " << document::to_json(tree) << " "
                                  << r.action << " " << r.resource << " " << r.caller.arn;
    }
  }
  for (int count : seen) EXPECT_GT(count, 1000);
}

}  // namespace
}  // namespace tidegate::policy
