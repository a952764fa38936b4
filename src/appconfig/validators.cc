#include "appconfig/validators.h"

#include <fmt/format.h>

#include <algorithm>

#include "appconfig/errors.h"
#include "appconfig/resource.h"
#include "base/bytes.h"
#include "document/schema.h"
#include "document/value.h"
#include "document/yaml.h"

namespace tidegate::appconfig {
namespace {

constexpr std::size_t kMaxValidators = 2;
constexpr std::size_t kMaxValidatorContent = 32'768;  // characters
constexpr int kFunctionDeadlineMs = 15'000;

// Media types are compared without case.
bool type_names(std::string_view content_type, std::string_view format) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return std::search(content_type.begin(), content_type.end(), format.begin(), format.end(),
                     same) != content_type.end();
}

bool says_yaml(std::string_view content_type, std::string_view uri) {
  return type_names(content_type, "yaml") || uri.ends_with(".yml") || uri.ends_with(".yaml");
}

bool says_json(std::string_view content_type, std::string_view uri) {
  return type_names(content_type, "json") || uri.ends_with(".json");
}

Result<document::Value> read_document(std::string_view content, std::string_view content_type,
                                      std::string_view uri) {
  if (says_yaml(content_type, uri)) {
    auto yaml = document::parse_yaml(content);
    if (!yaml.ok()) yaml.error().message = "not valid YAML: " + yaml.error().message;
    return yaml;
  }
  auto as_json = document::parse_json(content);
  if (as_json.ok() || says_json(content_type, uri)) return as_json;
  auto as_yaml = document::parse_yaml(content);
  // A bare word is YAML too, but nobody's configuration.
  if (as_yaml.ok() && (as_yaml->object() || as_yaml->array())) return as_yaml;
  return Error{Fault::malformed_body,
               fmt::format("the content is neither JSON ({}) nor YAML{}", as_json.error().message,
                           as_yaml.ok() ? "" : " (" + as_yaml.error().message + ")")};
}

}  // namespace

Status check_validators(const std::vector<Validator>& validators) {
  if (validators.size() > kMaxValidators)
    return bad_request(
        fmt::format("A configuration profile has at most {} validators.", kMaxValidators));
  for (const Validator& v : validators) {
    if (v.content.size() > kMaxValidatorContent)
      return bad_request(fmt::format("The content of a validator has at most {} characters.",
                                     kMaxValidatorContent));
    if (v.type == "JSON_SCHEMA") {
      Status compiles = check_schema(v.content);
      if (!compiles.ok()) return compiles;
    } else if (v.type == "LAMBDA") {
      if (!is_function_arn(v.content))
        return bad_request(
            fmt::format("The content of a LAMBDA validator must be the ARN of a "
                        "function, not '{}'.",
                        v.content.substr(0, 256)));
    } else {
      return bad_request(
          fmt::format("Value '{}' at 'validators.type' failed to satisfy constraint: "
                      "Member must satisfy enum value set: [JSON_SCHEMA, LAMBDA]",
                      v.type.substr(0, 256)));
    }
  }
  return done;
}

Status check_schema(const std::string& schema) {
  auto compiled = document::Schema::compile(std::string_view(schema));
  if (compiled.ok()) return done;
  return Error{Fault::invalid_argument,
               "The JSON Schema of the validator is not valid: " + compiled.error().message};
}

Status judge_by_schema(const std::string& schema, std::string_view content,
                       std::string_view content_type, std::string_view location_uri) {
  TRY(auto compiled, document::Schema::compile(std::string_view(schema)));
  auto document = read_document(content, content_type, location_uri);
  if (!document.ok()) {
    const std::string reason = document.error().message;
    return invalid_configuration("The configuration failed validation: " + reason,
                                 {{"parse", "#", reason, "JSON_SCHEMA", ""}});
  }
  std::vector<ErrorDetail> violations = compiled.validate(*document);
  if (violations.empty()) return done;
  std::string message =
      fmt::format("The configuration failed validation by its JSON Schema: {} ({})",
                  violations.front().reason, violations.front().location);
  for (ErrorDetail& v : violations)
    if (v.type.empty()) v.type = "JSON_SCHEMA";
  return invalid_configuration(std::move(message), std::move(violations));
}

Task<Unit> Validation::judge(Scope scope, std::vector<Validator> validators, Candidate candidate) {
  // Schemas first: they cost nothing, and a function need not see what is not even well-formed.
  for (const Validator& v : validators) {
    if (v.type != "JSON_SCHEMA") continue;
    CO_TRY(Unit valid, judge_by_schema(v.content, candidate.content, candidate.content_type,
                                       candidate.location_uri));
    (void)valid;
  }
  for (const Validator& v : validators) {
    if (v.type != "LAMBDA") continue;
    CO_TRY(Unit accepted, co_await ask(scope, v.content, candidate));
    (void)accepted;
  }
  co_return done;
}

Task<Unit> Validation::ask(Scope scope, std::string function_arn, const Candidate& candidate) {
  document::Object event;
  event.set("applicationId", candidate.application_id);
  event.set("configurationProfileId", candidate.profile_id);
  event.set("configurationVersion", candidate.version);
  event.set("content", to_base64(candidate.content));
  event.set("uri", candidate.location_uri);
  FunctionCall call;
  call.function_arn = function_arn;
  call.payload = document::to_json(std::move(event));
  call.source_arn =
      arn(scope, "appconfig", profile_path(candidate.application_id, candidate.profile_id));
  call.deadline_ms = kFunctionDeadlineMs;
  call.depth = candidate.depth;
  Result<FunctionOutcome> outcome = co_await functions_.call(scope, std::move(call));
  if (!outcome.ok()) {
    const std::string reason = outcome.error().message;
    co_return invalid_configuration(
        fmt::format("The validator {} could not be invoked: {}", function_arn, reason),
        {{"LAMBDA", function_arn, "The function could not be invoked",
          std::string(name_of(outcome.fault())), reason}});
  }
  if (!outcome->failed) co_return done;
  co_return invalid_configuration(
      fmt::format("The configuration failed validation by the function {}: {}", function_arn,
                  outcome->error_message),
      {{"LAMBDA", function_arn, "The validator function failed", "LAMBDA",
        outcome->error_message}});
}

}  // namespace tidegate::appconfig
