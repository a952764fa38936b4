// What is told about an asynchronous invocation that has ended: the record that destinations get.
// Pure. Source: contract on Lambda, section 4.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace tidegate::lambda {

struct EndedInvocation {
  std::string request_id, function_arn;  // qualified, also with $LATEST
  std::string condition;                 // "Success", "RetriesExhausted", …
  int invoke_count = 0;
  std::string request_payload;
  struct Response {
    std::string executed_version, payload;
    bool failed = false;
  };
  std::optional<Response> response;  // absent when it did not run in the end
  Instant at{};
};

std::string outcome_record(const EndedInvocation&);
// Where a bucket gets the record.
std::string outcome_key(const std::string& function_name, const EndedInvocation&);

}  // namespace tidegate::lambda
