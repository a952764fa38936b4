#include "iam/checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidegate::iam {
namespace {

bool of(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || also.find(static_cast<char>(c)) != also.npos;
  });
}

}  // namespace

Error constraint(const std::string& value, std::string_view member, std::string_view rule) {
  return Error{Fault::invalid_request,
               fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy "
                           "constraint: {}",
                           value, member, rule)};
}

Status check_name(const std::string& name, std::string_view member) {
  if (name.empty() || !of(name, "_+=,.@-"))
    return constraint(name, member, "Member must satisfy regular expression pattern: [\\w+=,.@-]+");
  return done;
}

Status check_path(const std::string& path) {
  const bool good = path.size() <= 512 && path.starts_with('/') && path.ends_with('/') &&
                    std::all_of(path.begin(), path.end(), [](char c) { return c > ' '; });
  if (!good)
    return constraint(path, "path",
                      "The specified value for path is invalid. It must begin and end with / and "
                      "contain only alphanumeric characters and/or / characters.");
  return done;
}

Error over(std::string_view what, std::size_t most) {
  return Error{Fault::quota_exceeded, fmt::format("Cannot exceed quota for {}: {}", what, most)};
}

Status unburdened(const Permissions& p) {
  if (!p.attached.empty())
    return Error{Fault::precondition_failed,
                 "Cannot delete entity, must detach all policies first."};
  if (!p.inline_policies.empty())
    return Error{Fault::precondition_failed, "Cannot delete entity, must delete policies first."};
  return done;
}

}  // namespace tidegate::iam
