#include "wire/table.h"

namespace tidegate::wire {

std::string_view to_string(Service service) {
  switch (service) {
    case Service::s3:
      return "s3";
    case Service::lambda:
      return "lambda";
    case Service::appconfig:
      return "appconfig";
    case Service::appconfigdata:
      return "appconfigdata";
    case Service::sts:
      return "sts";
    case Service::iam:
      return "iam";
    case Service::cloudwatch:
      return "cloudwatch";
    case Service::logs:
      return "logs";
    case Service::cloudtrail:
      return "cloudtrail";
    case Service::admin:
      break;
  }
  return "tidegate";
}

Task<Unit> Context::require(std::string action, std::string resource, Access::Facts facts) const {
  if (!access) co_return done;
  co_return co_await access->require(*this, std::move(action), std::move(resource),
                                     std::move(facts));
}

const std::string* Context::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_case_name) return &value;
  return nullptr;
}

}  // namespace tidegate::wire
