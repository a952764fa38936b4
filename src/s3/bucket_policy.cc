#include "s3/bucket_policy.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace tidegate::s3 {
namespace {

using policy::Condition;
using policy::Effect;
using policy::Operator;
using policy::Statement;

constexpr std::string_view kArnFront = "arn:aws:s3:::";

// Keys whose fixed values make a statement one for known callers only, as AWS documents it.
constexpr std::string_view kRestrictingKeys[] = {"aws:principalaccount",
                                                 "aws:principalarn",
                                                 "aws:principalorgid",
                                                 "aws:principalorgpaths",
                                                 "aws:sourceaccount",
                                                 "aws:sourcearn",
                                                 "aws:sourceip",
                                                 "aws:sourceowner",
                                                 "aws:sourcevpc",
                                                 "aws:sourcevpce",
                                                 "aws:userid",
                                                 "aws:username",
                                                 "s3:dataaccesspointaccount",
                                                 "s3:dataaccesspointarn"};

// A network that is too wide names nobody: wider than /8 (IPv4) or /32 (IPv6).
bool narrow_network(std::string_view text) {
  const bool v6 = text.find(':') != std::string_view::npos;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return true;
  int bits = 0;
  std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
  return bits >= (v6 ? 32 : 8);
}

bool restricts(const Condition& c) {
  const bool positive =
      !c.name.negated && !c.name.if_exists && c.name.set != policy::OperatorName::Set::all;
  const bool address = c.name.op == Operator::ip_address;
  const bool text = c.name.op == Operator::string_equals || c.name.op == Operator::string_like ||
                    c.name.op == Operator::string_equals_ignore_case ||
                    c.name.op == Operator::arn_like;
  if (!positive || !(address || text)) return false;
  if (std::find(std::begin(kRestrictingKeys), std::end(kRestrictingKeys), c.key) ==
      std::end(kRestrictingKeys))
    return false;
  return std::all_of(c.values.begin(), c.values.end(), [&](const policy::Pattern& value) {
    if (address) return narrow_network(value.raw());
    return value.raw().find_first_of("*?$") == std::string::npos;
  });
}

bool lets_everybody_in(const Statement& s) {
  if (s.effect != Effect::allow) return false;
  const bool anyone =
      s.not_principal || std::any_of(s.principals.begin(), s.principals.end(), [](const auto& p) {
        return p.kind == policy::PrincipalElement::Kind::anyone;
      });
  return anyone && std::none_of(s.conditions.begin(), s.conditions.end(), restricts);
}

BucketPolicy compiled(policy::Document document) {
  BucketPolicy out;
  out.is_public =
      std::any_of(document.statements.begin(), document.statements.end(), lets_everybody_in);
  const auto keys = policy::context_keys(document);
  out.asks_for_tags = std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
    return lower_ascii(key).starts_with("s3:existingobjecttag/");
  });
  out.document = std::move(document);
  return out;
}

bool of_bucket(const policy::Pattern& resource, std::string_view bucket) {
  std::string_view raw = resource.raw();
  if (raw == "*") return true;
  if (!raw.starts_with(kArnFront)) return false;
  raw.remove_prefix(kArnFront.size());
  return raw.find('$') != std::string_view::npos ||
         policy::glob_match(raw.substr(0, raw.find('/')), bucket);
}

}  // namespace

Result<BucketPolicy> parse_policy(std::string_view text, std::string_view bucket) {
  TRY(auto document, policy::parse(text, policy::Dialect::bucket));
  for (const Statement& s : document.statements)
    for (const policy::Pattern& resource : s.resources)
      if (!of_bucket(resource, bucket))
        return Error{Fault::malformed_policy, "Policy has invalid resource"};
  return compiled(std::move(document));
}

Result<std::shared_ptr<const BucketPolicy>> stored_policy(std::string_view text) {
  std::shared_ptr<const BucketPolicy> out;
  if (text.empty()) return out;
  TRY(auto document, policy::parse(text, policy::Dialect::bucket, true));
  out = std::make_shared<const BucketPolicy>(compiled(std::move(document)));
  return out;
}

}  // namespace tidegate::s3
