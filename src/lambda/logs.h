// FunctionLogs: the newest output of every function, bounded, for people (the server's own API) and
// demonstrations. On the control strand.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/scope.h"

namespace tidegate::lambda {

class FunctionLogs {
 public:
  static constexpr std::size_t kKept = 256 * 1024;  // of each function
  static constexpr std::size_t kMaxFunctions = 1000;
  void add(const Scope& scope, const std::string& function, std::string_view lines);
  std::string tail(const Scope& scope, const std::string& function) const;

 private:
  std::map<std::pair<Scope, std::string>, std::string> logs_;
};

}  // namespace tidegate::lambda
