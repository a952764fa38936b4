#include "policy/identity_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "policy/conditions.h"

namespace tidegate::policy {
namespace {

using document::Value;

Error malformed(std::string text) {
  return Error{Fault::malformed_policy, std::move(text)};
}
Error syntax() {
  return malformed("Syntax errors in policy.");
}
Error legacy() {
  return malformed("The policy failed legacy parsing");
}

// --- syntax
// ---------------------------------------------------------------------------------------

bool only_has(const Value& object, bool (*known)(std::string_view)) {
  return std::all_of(object.object()->begin(), object.object()->end(),
                     [&](const auto& member) { return known(member.first); });
}

bool is_member_of_policy(std::string_view name) {
  return name == "Version" || name == "Id" || name == "Statement";
}

bool is_text(const Value* value) {
  return !value || value->string();
}

bool is_texts(const Value* value) {
  if (!value || value->string()) return true;
  return value->array() && std::all_of(value->array()->begin(), value->array()->end(),
                                       [](const Value& v) { return v.string() != nullptr; });
}

bool is_scalar(const Value& value) {
  return value.string() || value.number() || value.boolean();
}

bool are_conditions(const Value* conditions) {
  if (!conditions) return true;
  if (!conditions->object()) return false;
  for (const auto& [name, keys] : *conditions->object()) {
    if (!keys.object()) return false;
    if (parse_operator(name).op == Operator::unknown && !keys.object()->empty()) return false;
    for (const auto& [key, values] : *keys.object()) {
      const auto* list = values.array();
      if (!(list ? std::all_of(list->begin(), list->end(), is_scalar) : is_scalar(values)))
        return false;
    }
  }
  return true;
}

bool is_statement(const Value& s) {
  if (!s.object() || !only_has(s, is_member_of_statement)) return false;
  const Value* effect = s.find("Effect");
  if (!effect || !effect->string()) return false;
  const std::string word = lower_ascii(*effect->string());
  if (word != "allow" && word != "deny") return false;
  for (const char* name : {"Action", "NotAction", "Resource", "NotResource"})
    if (!is_texts(s.find(name))) return false;
  if (s.find("Action") && s.find("NotAction")) return false;
  if (s.find("Resource") && s.find("NotResource")) return false;
  return is_text(s.find("Sid")) && are_conditions(s.find("Condition"));
}

// --- legacy parsing
// -------------------------------------------------------------------------------

std::vector<std::string_view> parts_of(std::string_view resource) {
  std::vector<std::string_view> parts;
  while (parts.size() < 5 && resource.find(':') != std::string_view::npos) {
    parts.push_back(resource.substr(0, resource.find(':')));
    resource.remove_prefix(parts.back().size() + 1);
  }
  parts.push_back(resource);
  return parts;
}

// A whole ARN, or one that ends with its service.
bool parses(std::string_view resource) {
  const auto parts = parts_of(resource);
  if (parts.size() < 3 || parts[0] != "arn" || parts[1] != "aws") return true;
  return !parts[2].empty() && (parts.size() == 3 || parts.size() == 6);
}

bool take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t n = 0;
  while (n < text.size() && n < most && text[n] >= '0' && text[n] <= '9') ++n;
  if (n < least) return false;
  text.remove_prefix(n);
  return true;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_up_to(std::string_view& text, int most) {
  int value = 0;
  const std::string_view digits = text.substr(0, 2);
  if (!take_digits(text, 2, 2)) return false;
  std::from_chars(digits.data(), digits.data() + 2, value);
  return value >= 1 && value <= most;
}

// Seconds since 1970, or a date and time whose ends may be left out. Looser than what a condition
// can read: such a value is taken, and never met.
bool reads_as_date(std::string_view text) {
  std::int64_t seconds = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  std::string_view fraction = text.substr(static_cast<std::size_t>(end - text.data()));
  if (fraction.empty() || (take(fraction, ".") && take_digits(fraction, 1, 9) && fraction.empty()))
    return error == std::errc() && end != text.data();
  if (!take_digits(text, 2, 9)) return false;
  if (take(text, "-") && (!take_up_to(text, 12) || (take(text, "-") && !take_up_to(text, 31))))
    return false;
  if (text.empty()) return true;
  if (!take(text, "Tt")) return false;
  if (take_digits(text, 1, 2) && take(text, ":")) {
    if (!take_digits(text, 2, 2)) return false;
    if (take(text, ":") &&
        (!take_digits(text, 2, 2) || (take(text, ".") && !take_digits(text, 1, 9))))
      return false;
  }
  if (take(text, "+-") &&
      (!take_digits(text, 2, 2) || (take(text, ":") && !take_digits(text, 2, 2))))
    return false;
  (void)take(text, "Zz");
  return text.empty();
}

bool are_dates(const Value& values) {
  if (!values.array())
    return values.number() || (values.string() && reads_as_date(*values.string()));
  return std::all_of(values.array()->begin(), values.array()->end(), are_dates);
}

bool dates_parse(const Value* conditions) {
  if (!conditions) return true;
  for (const auto& [name, keys] : *conditions->object()) {
    if (!name.starts_with("Date") && name.find(":Date") == std::string::npos) continue;
    for (const auto& [key, values] : *keys.object())
      if (!are_dates(values)) return false;
  }
  return true;
}

// --- what stands in it
// ----------------------------------------------------------------------------

// Of "Action" or "NotAction", and so on.
std::vector<std::string_view> texts_of(const Value& statement, std::string name) {
  const Value* value = statement.find(name);
  if (!value) value = statement.find("Not" + name);
  std::vector<std::string_view> out;
  if (value && value->string()) out.push_back(*value->string());
  if (value && value->array())
    for (const Value& v : *value->array()) out.push_back(*v.string());
  return out;
}

bool parses(const Value& statement) {
  const std::string& effect = *statement.find("Effect")->string();
  const auto resources = texts_of(statement, "Resource");
  return (effect == "Allow" || effect == "Deny") && dates_parse(statement.find("Condition")) &&
         std::all_of(resources.begin(), resources.end(),
                     [](std::string_view r) { return parses(r); });
}

bool names_vendor(std::string_view action) {
  return action == "*" || action.find(':') != std::string_view::npos;
}

Status check_action(std::string_view action) {
  if (action == "*") return done;
  if (std::count(action.begin(), action.end(), ':') > 1)
    return malformed("Actions/Condition can contain only one colon.");
  const std::string_view vendor = action.substr(0, action.find(':'));
  const bool good = !vendor.empty() && std::all_of(vendor.begin(), vendor.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-.*?").find(c) != std::string_view::npos;
  });
  if (!good) return malformed(fmt::format("Vendor {} is not valid", vendor));
  return done;
}

bool is_wild(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

Status check_iam_resource(std::string_view resource, const std::vector<std::string_view>& parts) {
  static constexpr std::string_view kPaths[] = {"user/",
                                                "federated-user/",
                                                "role/",
                                                "group/",
                                                "instance-profile/",
                                                "mfa/",
                                                "server-certificate/",
                                                "policy/",
                                                "sms-mfa/",
                                                "saml-provider/",
                                                "oidc-provider/",
                                                "report/",
                                                "access-report/"};
  if (!parts[3].empty() && !is_wild(parts[3]))
    return malformed(fmt::format("IAM resource {} cannot contain region information.", resource));
  const std::string_view path = parts[5];
  const bool known = std::any_of(std::begin(kPaths), std::end(kPaths),
                                 [&](std::string_view front) { return path.starts_with(front); });
  if (known || is_wild(path.substr(0, path.find('/')))) return done;
  return malformed(fmt::format("IAM resource path must either be \"*\" or start with {}.",
                               fmt::join(kPaths, ", ")));
}

Status check_resource(std::string_view resource) {
  if (resource == "*") return done;
  if (resource.find(':') == std::string_view::npos)
    return malformed(fmt::format("Resource {} must be in ARN format or \"*\".", resource));
  auto parts = parts_of(resource);
  const std::string_view partition = parts[1];
  if (partition != "aws" && !partition.starts_with("aws-") && !is_wild(partition)) {
    parts[0] = "arn";
    parts.resize(6, "*");
    return malformed(fmt::format("Partition \"{}\" is not valid for resource \"{}\".", partition,
                                 fmt::join(parts, ":")));
  }
  if (parts[0] != "arn")
    return malformed(fmt::format("Resource {} must be in ARN format or \"*\".", resource));
  if (parts.size() < 3 || parts[2].empty() || is_wild(parts[2]))
    return malformed("Resource vendor must be fully qualified and cannot contain regexes.");
  if (parts.size() < 6) return done;
  if (parts[2] == "iam") return check_iam_resource(resource, parts);
  // What S3 has in a region belongs to an account.
  if (parts[2] == "s3" && !parts[3].empty() && !is_wild(parts[3]) && parts[4].empty())
    return malformed(fmt::format("Resource {} can not contain region information.", resource));
  return done;
}

Status check_sids(const std::vector<const Value*>& statements) {
  std::set<std::string> seen;
  for (const Value* s : statements) {
    const Value* sid = s->find("Sid");
    if (!sid || sid->string()->empty()) continue;
    TRY(Unit good, check_sid(*sid->string(), seen));
    (void)good;
  }
  return done;
}

}  // namespace

bool is_member_of_statement(std::string_view name) {
  static const std::set<std::string_view> kKnown{"Sid",          "Effect",      "Principal",
                                                 "NotPrincipal", "Action",      "NotAction",
                                                 "Resource",     "NotResource", "Condition"};
  return kKnown.count(name) != 0;
}

Status check_sid(const std::string& sid, std::set<std::string>& seen) {
  if (!std::all_of(sid.begin(), sid.end(),
                   [](unsigned char c) { return c < 0x80 && std::isalnum(c) != 0; }))
    return malformed(
        "Statement IDs (SID) must be alpha-numeric. Check that your input "
        "satisfies the regular expression [0-9A-Za-z]*");
  if (!seen.insert(sid).second)
    return malformed("Statement IDs (SID) in a single policy must be unique.");
  return done;
}

Status check_identity_policy(const Value& root, bool managed) {
  if (!root.object() || !only_has(root, is_member_of_policy)) return syntax();
  const Value* version = root.find("Version");
  const std::string* number = version ? version->string() : nullptr;
  if (version && (!number || (*number != "2012-10-17" && *number != "2008-10-17"))) return syntax();
  const Value* statement = root.find("Statement");
  if (!statement || !is_text(root.find("Id"))) return syntax();
  std::vector<const Value*> statements;
  if (!statement->array()) statements.push_back(statement);
  if (statement->array())
    for (const Value& s : *statement->array()) statements.push_back(&s);
  if (statements.empty()) return syntax();
  for (const Value* s : statements)
    if (!is_statement(*s)) return syntax();
  if (managed && (!number || *number != "2012-10-17"))
    return malformed("Policy document must be version 2012-10-17 or greater.");
  for (const Value* s : statements)
    if (!parses(*s)) return legacy();
  TRY(Unit sids, check_sids(statements));
  (void)sids;
  for (const Value* s : statements)
    if (texts_of(*s, "Action").empty()) return malformed("Policy statement must contain actions.");
  for (const Value* s : statements) {
    for (std::string_view action : texts_of(*s, "Action"))
      if (!names_vendor(action))
        return malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  for (const Value* s : statements)
    if (texts_of(*s, "Resource").empty())
      return malformed("Policy statement must contain resources.");
  for (const Value* s : statements) {
    for (std::string_view resource : texts_of(*s, "Resource")) {
      TRY(Unit good, check_resource(resource));
      (void)good;
    }
  }
  for (const Value* s : statements) {
    for (std::string_view action : texts_of(*s, "Action")) {
      TRY(Unit good, check_action(action));
      (void)good;
    }
  }
  return done;
}

}  // namespace tidegate::policy
