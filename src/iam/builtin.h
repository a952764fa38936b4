// AWS's own managed policies that clients attach, as far as they speak of what this server does.
// Constant; any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "policy/document.h"

namespace tidegate::iam {

struct Builtin {
  std::string_view path, name;  // "/service-role/", "AWSLambdaBasicExecutionRole"
  std::string_view text;
  std::string arn() const;
  std::shared_ptr<const policy::Document> document() const;  // compiled once
};

std::span<const Builtin> builtins();
// Null when AWS has no such policy, or we have not.
const Builtin* find_builtin(std::string_view arn);

}  // namespace tidegate::iam
