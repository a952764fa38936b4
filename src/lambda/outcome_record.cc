#include "lambda/outcome_record.h"

#include <fmt/format.h>

#include <algorithm>

#include "document/value.h"

namespace tidegate::lambda {
namespace {

// JSON as it came; anything else as a string.
std::string embedded(const std::string& payload) {
  return document::parse_json(payload).ok() ? payload : document::to_json(payload);
}

}  // namespace

std::string outcome_record(const EndedInvocation& e) {
  document::Object context;
  context.set("requestId", e.request_id);
  context.set("functionArn", e.function_arn);
  context.set("condition", e.condition);
  context.set("approximateInvokeCount", std::int64_t{e.invoke_count});
  // Payloads are passed on byte for byte, so the record is put together as text.
  std::string out = fmt::format(
      R"({{"version":"1.0","timestamp":"{}","requestContext":{},"requestPayload":{})",
      iso8601(e.at), document::to_json(std::move(context)), embedded(e.request_payload));
  if (e.response) {
    document::Object response;
    response.set("statusCode", std::int64_t{200});
    response.set("executedVersion", e.response->executed_version);
    if (e.response->failed) response.set("functionError", "Unhandled");
    out += fmt::format(R"(,"responseContext":{},"responsePayload":{})",
                       document::to_json(std::move(response)), embedded(e.response->payload));
  }
  return out + "}";
}

std::string outcome_key(const std::string& function_name, const EndedInvocation& e) {
  const std::string time = iso8601(e.at);  // 2026-01-02T03:04:05.678Z
  std::string day = time.substr(0, 10), second = time.substr(0, 19);
  std::replace(second.begin(), second.end(), ':', '.');
  std::replace(day.begin(), day.end(), '-', '/');
  return fmt::format("aws/lambda/async/{}/{}/{}-{}", function_name, day, second, e.request_id);
}

}  // namespace tidegate::lambda
