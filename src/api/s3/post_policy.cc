#include "api/s3/post_policy.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "base/bytes.h"
#include "document/value.h"
#include "s3/errors.h"
#include "wire/xml_tree.h"

namespace tidegate::api::s3 {
namespace {

using document::Value;
using Fields = FormUpload::Fields;

Error bad_document(std::string why) {
  return Error{Fault::invalid_request, "Invalid Policy: " + std::move(why)}.with(
      "Code", "InvalidPolicyDocument");
}

Error against_policy(std::string why) {
  return {Fault::access_denied, "Invalid according to Policy: " + std::move(why)};
}

const std::string* field(const Fields& fields, std::string_view name) {
  for (const auto& [known, value] : fields)
    if (known == name) return &value;
  return nullptr;
}

std::optional<std::uint64_t> bound(const Value& value) {
  std::string text;
  if (value.number()) text = value.number()->text;
  if (value.string()) text = *value.string();
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class Conditions {
 public:
  Conditions(const Fields& fields, std::string_view bucket) : fields_(fields), bucket_(bucket) {}

  Status judge(const Value& condition) {
    if (const auto* object = condition.object()) {
      if (object->size() != 1) return bad_document("Invalid Simple-Condition.");
      const auto& [name, value] = *object->begin();
      if (!value.string()) return bad_document("Invalid Simple-Condition: value must be a string.");
      return meets("eq", lower_ascii(name), *value.string());
    }
    const auto* list = condition.array();
    if (!list || list->empty() || !list->front().string())
      return bad_document("Invalid Condition: it must be an object or a list.");
    const std::string operation = lower_ascii(*list->front().string());
    if (list->size() != 3)
      return bad_document(fmt::format("Invalid {}: it must have three members.", operation));
    if (operation == "content-length-range") {
      const auto least = bound((*list)[1]), most = bound((*list)[2]);
      if (!least || !most)
        return bad_document("Invalid content-length-range: its bounds must be whole numbers.");
      range.least = std::max(range.least, *least);
      range.most = std::min(range.most, *most);
      return done;
    }
    const std::string *name = (*list)[1].string(), *value = (*list)[2].string();
    if (!name || !value || !name->starts_with('$') ||
        (operation != "eq" && operation != "starts-with"))
      return bad_document(
          "Invalid Condition: expects [\"eq\" or \"starts-with\", \"$field\", "
          "\"value\"].");
    return meets(operation, lower_ascii(std::string_view(*name).substr(1)), *value);
  }

  Status all_named() const {
    if (!named_.contains("bucket")) return against_policy("Extra input fields: bucket");
    for (const auto& [name, value] : fields_) {
      const bool own = name == "policy" || name == "signature" || name == "awsaccesskeyid" ||
                       name == "x-amz-signature" || name == "file" ||
                       name.starts_with("x-ignore-") || name.starts_with("x-amz-checksum-");
      if (!own && !named_.contains(name)) return against_policy("Extra input fields: " + name);
    }
    return done;
  }

  SizeRange range;

 private:
  Status meets(std::string_view operation, const std::string& name, const std::string& wanted) {
    named_.insert(name);
    const std::string* sent = field(fields_, name);
    std::string_view actual = bucket_;
    if (name != "bucket") actual = sent ? std::string_view(*sent) : std::string_view();
    bool met = operation == "eq" ? actual == wanted : actual.starts_with(wanted);
    // A form may send several content types at once.
    if (!sent && name != "bucket") met = operation == "starts-with" && wanted.empty();
    if (met) return done;
    return against_policy(
        fmt::format("Policy Condition failed: [\"{}\", \"${}\", \"{}\"]", operation, name, wanted));
  }

  const Fields& fields_;
  std::string_view bucket_;
  std::set<std::string> named_;
};

}  // namespace

Result<SizeRange> check_post_policy(std::string_view text, const Fields& fields,
                                    std::string_view bucket, Instant now) {
  auto document = document::parse_json(text);
  if (!document.ok() || !document->object()) return bad_document("Invalid JSON.");
  const Value* expiration = document->find("expiration");
  if (!expiration || !expiration->string()) return bad_document("Policy missing expiration.");
  const std::string& until = *expiration->string();
  auto end = until.size() > 10 && until[10] == 'T' ? parse_iso8601(until) : std::nullopt;
  if (!end) return bad_document("Invalid 'expiration' value: '" + until + "'");
  const Value* conditions = document->find("conditions");
  if (!conditions || !conditions->array()) return bad_document("Policy missing conditions.");
  if (now > *end) return against_policy("Policy expired.");
  Conditions judge(fields, bucket);
  for (const Value& condition : *conditions->array()) {
    TRY(Unit met, judge.judge(condition));
    (void)met;
  }
  TRY(Unit named, judge.all_named());
  (void)named;
  return judge.range;
}

Result<FormHeaders> headers_of_form(const Fields& fields) {
  FormHeaders headers;
  for (const auto& [name, value] : fields) {
    if (name == "acl") {
      headers.emplace_back("x-amz-acl", value);
    } else if (name == "tagging") {
      TRY(auto document, wire::parse_xml(value));
      const wire::XmlElement* set = document.child("TagSet");
      if (document.name != "Tagging" || !set) return tidegate::s3::malformed_xml();
      std::string text;
      for (const wire::XmlElement& tag : set->children) {
        const wire::XmlElement *key = tag.child("Key"), *tag_value = tag.child("Value");
        if (!key || !tag_value) return tidegate::s3::malformed_xml();
        if (!text.empty()) text.push_back('&');
        text += percent_encode(key->text) + "=" + percent_encode(tag_value->text);
      }
      headers.emplace_back("x-amz-tagging", std::move(text));
    } else if (name != "policy" && name != "signature" && name != "x-amz-signature") {
      headers.emplace_back(name, value);
    }
  }
  return headers;
}

}  // namespace tidegate::api::s3
