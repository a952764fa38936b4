#include "lambda/logs.h"

namespace tidegate::lambda {

void FunctionLogs::add(const Scope& scope, const std::string& function, std::string_view lines) {
  if (!logs_.contains({scope, function}) && logs_.size() >= kMaxFunctions)
    logs_.erase(logs_.begin());
  std::string& log = logs_[{scope, function}];
  log += lines;
  if (log.size() <= 2 * kKept) return;
  // Whole lines only, and seldom: half is dropped at a time.
  const std::size_t cut = log.find('\n', log.size() - kKept);
  log.erase(0, cut == std::string::npos ? log.size() - kKept : cut + 1);
}

std::string FunctionLogs::tail(const Scope& scope, const std::string& function) const {
  auto found = logs_.find({scope, function});
  return found == logs_.end() ? std::string() : found->second;
}

}  // namespace tidegate::lambda
