// Where the bytes of a package come from: from the request, or from S3 through a port.
#pragma once

#include <optional>
#include <string>

#include "base/scope.h"
#include "base/task.h"

namespace tidegate::lambda {

// Bytes of a package that lies in S3. Implemented by wiring. invalid_parameter_value with the text
// "Error occurred while GetObject. S3 Error Code: …".
class CodeSource {
 public:
  virtual ~CodeSource() = default;
  virtual Task<std::string> fetch(Scope, std::string bucket, std::string key,
                                  std::optional<std::string> version, std::size_t limit) = 0;
};

struct Code {
  std::optional<std::string> zip;
  std::optional<std::string> bucket, key, object_version;
};

// invalid_parameter_value when both places are named, or none.
Task<std::string> bytes_of(CodeSource& source, Scope scope, Code code);
// What a zip itself may weigh: one from S3 is bounded by what it unpacks to.
std::size_t zip_limit(const Code& code);

}  // namespace tidegate::lambda
