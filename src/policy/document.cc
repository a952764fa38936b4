#include "policy/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/bytes.h"
#include "document/value.h"
#include "policy/identity_checks.h"
#include "policy/places.h"

namespace tidegate::policy {
namespace {

using document::Kind;
using document::Value;

Error malformed(std::string text) {
  return Error{Fault::malformed_policy, std::move(text)};
}

bool digits(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A string or a list of strings; numbers and booleans too, as conditions may hold them.
std::optional<std::vector<std::string>> texts(const Value& value, bool scalars = false) {
  auto one = [scalars](const Value& v) -> std::optional<std::string> {
    if (v.string()) return *v.string();
    if (scalars && v.boolean()) return *v.boolean() ? "true" : "false";
    if (scalars && v.number()) return v.number()->text;
    return std::nullopt;
  };
  std::vector<std::string> out;
  if (!value.array()) {
    auto text = one(value);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
    return out;
  }
  for (const Value& v : *value.array()) {
    auto text = one(v);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
  }
  return out;
}

class Reader {
 public:
  Reader(Dialect dialect, bool lenient) : dialect_(dialect), lenient_(lenient) {}

  Result<Document> read(const Value& root) {
    if (!root.object()) return syntax();
    Document out;
    for (const auto& [name, value] : *root.object()) {
      if (name != "Version" && name != "Id" && name != "Statement")
        return malformed(identity() ? "Syntax errors in policy." : "Unknown field " + name);
    }
    out.version = "2008-10-17";
    if (const Value* version = root.find("Version")) {
      if (!version->string() ||
          (*version->string() != "2012-10-17" && *version->string() != "2008-10-17"))
        return malformed("The policy must contain a valid version string");
      out.version = *version->string();
    }
    variables_ = out.version == "2012-10-17";
    if (const Value* id = root.find("Id")) {
      if (!id->string()) return syntax();
      out.id = *id->string();
    }
    const Value* statements = root.find("Statement");
    if (!statements)
      return malformed(identity() ? "Syntax errors in policy."
                                  : "Missing required field Statement");
    if (statements->object()) {
      TRY(Statement s, statement(*statements));
      out.statements.push_back(std::move(s));
      return out;
    }
    if (!statements->array()) return syntax();
    if (statements->array()->empty())
      return malformed(identity() ? "Syntax errors in policy."
                                  : "Could not parse the policy: Statement is empty!");
    if (statements->array()->size() > kMaxStatements)
      return malformed(fmt::format("The policy has more than {} statements.", kMaxStatements));
    for (const Value& v : *statements->array()) {
      TRY(Statement s, statement(v));
      out.statements.push_back(std::move(s));
    }
    return out;
  }

 private:
  bool plain() const { return dialect_ == Dialect::identity || dialect_ == Dialect::managed; }
  bool identity() const { return plain() || dialect_ == Dialect::trust; }
  Error syntax() const {
    return malformed(identity() ? "Syntax errors in policy." : "Invalid policy syntax.");
  }

  Result<Statement> statement(const Value& value) {
    if (!value.object()) return syntax();
    for (const auto& [name, unused] : *value.object())
      if (!is_member_of_statement(name))
        return malformed(identity() ? "Syntax errors in policy." : "Unknown field " + name);
    Statement s;
    TRY(s.sid, sid(value.find("Sid")));
    const Value* effect = value.find("Effect");
    if (!effect) return malformed("Missing required field Effect");
    if (!effect->string() || (*effect->string() != "Allow" && *effect->string() != "Deny"))
      return malformed("Invalid effect: " +
                       (effect->string() ? *effect->string() : document::to_json(*effect)));
    s.effect = *effect->string() == "Allow" ? Effect::allow : Effect::deny;
    TRY(Unit who, principals(value, s));
    TRY(Unit what, actions(value, s));
    TRY(Unit where, resources(value, s));
    (void)who, (void)what, (void)where;
    if (const Value* condition = value.find("Condition")) {
      TRY(s.conditions, conditions(*condition));
    }
    return s;
  }

  Result<std::string> sid(const Value* value) {
    if (!value) return std::string();
    if (!value->string()) return syntax();
    const std::string& text = *value->string();
    if (identity() && !text.empty()) {
      TRY(Unit good, check_sid(text, sids_));
      (void)good;
    } else if (!text.empty() && !sids_.insert(text).second) {
      return malformed("Statement IDs (SID) in a single policy must be unique.");
    }
    return text;
  }

  Status principals(const Value& value, Statement& s) {
    const Value* yes = value.find("Principal");
    const Value* no = value.find("NotPrincipal");
    if (plain()) {
      if (yes || no) return malformed("Policy document should not specify a principal.");
      return done;
    }
    if (yes && no) return malformed("Invalid policy syntax.");
    if (!yes && !no) return malformed("Missing required field Principal");
    // AWS takes it with Deny only: with Allow it would open the resource to everybody else.
    if (no && s.effect == Effect::allow)
      return malformed("Allow with NotPrincipal is not allowed.");
    s.not_principal = no != nullptr;
    const Value& from = yes ? *yes : *no;
    if (from.string()) {
      if (*from.string() != "*") return bad_principal("", *from.string());
      s.principals.push_back({PrincipalElement::Kind::anyone, "*"});
      return done;
    }
    if (!from.object() || from.object()->empty()) return bad_principal("", "");
    for (const auto& [kind, list] : *from.object()) {
      auto names = texts(list);
      if (!names || names->empty()) return bad_principal(kind, "");
      for (const std::string& name : *names) {
        auto element = principal(kind, name);
        // Read leniently, it names nobody where it would grant and everybody where it would deny.
        if (!element && lenient_)
          element = PrincipalElement{s.effect == Effect::allow ? PrincipalElement::Kind::federated
                                                               : PrincipalElement::Kind::anyone,
                                     name};
        if (!element) return bad_principal(kind, name);
        s.principals.push_back(std::move(*element));
      }
    }
    return done;
  }

  Error bad_principal(std::string_view kind, std::string_view name) const {
    if (!identity() || kind.empty()) return malformed("Invalid principal in policy");
    std::string shown(kind);  // as IAM does
    for (char& c : shown) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return malformed(fmt::format("Invalid principal in policy: \"{}\":\"{}\"", shown, name));
  }

  static std::optional<PrincipalElement> principal(std::string_view kind, const std::string& name) {
    using K = PrincipalElement::Kind;
    if (kind == "AWS") {
      if (name == "*") return PrincipalElement{K::anyone, name};
      if (digits(name, 12)) return PrincipalElement{K::account, name};
      return arn_principal(name);
    }
    if (kind == "Service") {
      if (name.find('.') == std::string::npos || name.find_first_of("*? /:") != std::string::npos)
        return std::nullopt;
      return PrincipalElement{K::service, name};
    }
    if (kind == "CanonicalUser") {
      if (name == "*") return PrincipalElement{K::anyone, name};
      if (name.empty() || name.size() > 128 || name.find_first_of("*? /:") != std::string::npos)
        return std::nullopt;
      return PrincipalElement{K::canonical_user, name};
    }
    if (kind == "Federated" && !name.empty()) return PrincipalElement{K::federated, name};
    return std::nullopt;
  }

  // arn:aws:iam::123456789012:root | user/... | role/..., arn:aws:sts::...:assumed-role/role/name
  static std::optional<PrincipalElement> arn_principal(const std::string& name) {
    using K = PrincipalElement::Kind;
    std::string_view rest = name;
    if (!rest.starts_with("arn:aws")) return std::nullopt;
    rest.remove_prefix(std::min(rest.size(), rest.find(':', 4)));
    const bool iam = rest.starts_with(":iam::"), sts = rest.starts_with(":sts::");
    if ((!iam && !sts) || rest.size() < 20) return std::nullopt;
    const std::string_view account = rest.substr(6, 12), what = rest.substr(18);
    if (!digits(account, 12) || what.size() < 2 || what[0] != ':') return std::nullopt;
    if (name.find_first_of("*? ") != std::string::npos) return std::nullopt;
    if (iam && what == ":root") return PrincipalElement{K::account, std::string(account)};
    for (std::string_view front : {":user/", ":role/"})
      if (iam && what.starts_with(front) && what.size() > front.size())
        return PrincipalElement{K::arn, name};
    for (std::string_view front : {":assumed-role/", ":federated-user/"})
      if (sts && what.starts_with(front) && what.size() > front.size())
        return PrincipalElement{K::arn, name};
    return std::nullopt;
  }

  Status actions(const Value& value, Statement& s) {
    const Value* yes = value.find("Action");
    const Value* no = value.find("NotAction");
    if (yes && no) return syntax();
    if (!yes && !no)
      return malformed(identity() ? "Policy statement must contain actions."
                                  : "Missing required field Action");
    s.not_action = no != nullptr;
    auto names = texts(yes ? *yes : *no);
    if (!names) return syntax();
    if (names->empty()) return malformed("Policy statement must contain actions.");
    for (const std::string& name : *names) {
      if (!good_action(name))
        return malformed(identity() ? "Actions/Conditions must be prefaced by a vendor, e.g., iam, "
                                      "sdb, ec2, etc."
                                    : "Policy has invalid action");
      if (dialect_ == Dialect::trust && !lower_ascii(name).starts_with("sts:"))
        return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
      s.actions.push_back(*Pattern::compile(name, false));
    }
    return done;
  }

  bool good_action(std::string_view name) const {
    if (name == "*") return dialect_ != Dialect::trust;
    const std::size_t colon = name.find(':');
    if (colon == 0 || colon == std::string_view::npos || colon + 1 == name.size()) return false;
    const std::string vendor = lower_ascii(name.substr(0, colon));
    if (plain()) return true;  // see check_identity_policy()
    if (dialect_ == Dialect::bucket && vendor != "s3") return false;
    if (dialect_ == Dialect::function && vendor != "lambda") return false;
    return std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 ||
             std::string_view(":*?-").find(static_cast<char>(c)) != std::string_view::npos;
    });
  }

  Status resources(const Value& value, Statement& s) {
    const Value* yes = value.find("Resource");
    const Value* no = value.find("NotResource");
    if (dialect_ == Dialect::trust) {
      if (yes || no)
        return malformed(fmt::format("Has prohibited field {}", yes ? "Resource" : "NotResource"));
      return done;
    }
    // Of an identity's policies all this is checked already.
    if (yes && no) return syntax();
    if (!yes && !no) return malformed("Missing required field Resource");
    s.not_resource = no != nullptr;
    auto names = texts(yes ? *yes : *no);
    if (!names) return syntax();
    if (names->empty()) return malformed("Policy statement must contain resources.");
    for (const std::string& name : *names) {
      auto pattern = Pattern::compile(completed(name), variables_);
      if (!pattern || !good_resource(completed(name)))
        return malformed(plain()  // a variable in it does not end
                             ? fmt::format("Resource {} must be in ARN format or \"*\".", name)
                             : "Policy has invalid resource");
      s.resources.push_back(std::move(*pattern));
    }
    return done;
  }

  // "arn:aws:sqs" is all that is SQS's: AWS puts a star where a part of an ARN is missing.
  std::string completed(const std::string& name) const {
    std::string full = name;
    const auto colons = std::count(name.begin(), name.end(), ':');
    if (plain() && name.starts_with("arn:") && colons >= 2)
      for (auto n = colons; n < 5; ++n) full += ":*";
    return full;
  }

  bool good_resource(std::string_view name) const {
    if (name == "*") return true;
    if (dialect_ == Dialect::bucket) {
      const std::size_t at = name.find(":s3:::");
      return name.starts_with("arn:aws") && at != std::string_view::npos && at + 6 < name.size();
    }
    return name.starts_with("arn:") && std::count(name.begin(), name.end(), ':') >= 5;
  }

  Result<std::vector<Condition>> conditions(const Value& value) {
    if (!value.object()) return syntax();
    std::vector<Condition> out;
    for (const auto& [operator_name, keys] : *value.object()) {
      const OperatorName name = parse_operator(operator_name);
      if (name.op == Operator::unknown && !lenient_ && !plain())
        return malformed("Invalid Condition type : " + operator_name);
      if (!keys.object()) return syntax();
      for (const auto& [key, list] : *keys.object()) {
        if (key.find(':') == std::string::npos && !lenient_ && !plain())
          return malformed(identity() ? "Actions/Conditions must be prefaced by a vendor, e.g., "
                                        "iam, sdb, ec2, etc."
                                      : "Policy has an invalid condition key");
        TRY(Condition condition, one_condition(name, operator_name, key, list));
        out.push_back(std::move(condition));
      }
    }
    return out;
  }

  Result<Condition> one_condition(const OperatorName& name, const std::string& operator_name,
                                  const std::string& key, const Value& list) {
    auto values = texts(list, true);
    if (!values) return syntax();
    Condition out{name, lower_ascii(key), key, {}};
    for (const std::string& text : *values) {
      auto pattern = Pattern::compile(text, variables_ && takes_variables(name.op));
      if (!pattern || (!lenient_ && !(plain() && is_date(name.op)) && !acceptable(name.op, text)))
        return malformed(fmt::format("Invalid value \"{}\" for the condition {} on {}", text,
                                     operator_name, key));
      out.values.push_back(std::move(*pattern));
    }
    return out;
  }

  static bool takes_variables(Operator op) {
    return op == Operator::string_equals || op == Operator::string_equals_ignore_case ||
           op == Operator::string_like || op == Operator::arn_like;
  }

  Dialect dialect_;
  bool lenient_, variables_ = false;
  std::set<std::string> sids_;
};

}  // namespace

Result<Document> parse(std::string_view json, Dialect dialect, bool lenient) {
  const bool bucket = dialect == Dialect::bucket || dialect == Dialect::function;
  if (json.size() > kMaxBucketPolicy)
    return malformed(fmt::format("The policy must not be larger than {} bytes", kMaxBucketPolicy));
  if (bucket && (json.empty() || json.front() != '{'))
    return malformed("Policies must be valid JSON and the first byte must be '{'");
  Result<Value> root = document::parse_json(json);
  if (!root.ok())
    return malformed(bucket ? "This policy contains invalid Json" : "Syntax errors in policy.");
  if (!lenient && (dialect == Dialect::identity || dialect == Dialect::managed)) {
    TRY(Unit checked, check_identity_policy(*root, dialect == Dialect::managed));
    (void)checked;
  }
  TRY(Document read, Reader(dialect, lenient).read(*root));
  const auto places = places_of_statements(json);
  for (std::size_t i = 0; i < std::min(places.size(), read.statements.size()); ++i)
    std::tie(read.statements[i].begin, read.statements[i].end) = places[i];
  return read;
}

std::vector<std::string> context_keys(const Document& document) {
  std::vector<std::string> keys;
  for (const Statement& s : document.statements) {
    for (const Condition& c : s.conditions) {
      keys.push_back(c.written);
      for (const Pattern& v : c.values) v.collect_keys(keys);
    }
    for (const Pattern& r : s.resources) r.collect_keys(keys);
  }
  auto before = [](const std::string& a, const std::string& b) {
    return lower_ascii(a) < lower_ascii(b);
  };
  std::stable_sort(keys.begin(), keys.end(), before);
  auto same = [](const std::string& a, const std::string& b) {
    return lower_ascii(a) == lower_ascii(b);
  };
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
  return keys;
}

}  // namespace tidegate::policy
