#include "appconfig/tags.h"

#include <charconv>

#include "appconfig/deployment.h"
#include "appconfig/keys.h"

namespace tidegate::appconfig {
namespace {

constexpr std::size_t kMaxTags = 50;

struct Resource {
  enum class Kind { application, environment, profile, strategy, deployment } kind;
  std::string row;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// arn:aws:appconfig:<region>:<account>:application/A[/environment/E[/deployment/N]] and so on.
Result<Resource> resource_of(const Scope& scope, const std::string& arn) {
  const std::vector<std::string> p = split(arn, ':');
  if (p.size() != 6 || p[0] != "arn" || p[2] != "appconfig")
    return bad_request(
        fmt::format("'{}' is not the ARN of an AppConfig resource.", arn.substr(0, 256)));
  if (p[3] != scope.region || p[4] != scope.account) return not_found("Resource", arn);
  const std::vector<std::string> r = split(p[5], '/');
  using Kind = Resource::Kind;
  if (r.size() == 2 && r[0] == "application")
    return Resource{Kind::application, row(scope, "app", r[1])};
  if (r.size() == 2 && r[0] == "deploymentstrategy")
    return Resource{Kind::strategy, row(scope, "strat", r[1])};
  if (r.size() == 4 && r[0] == "application" && r[2] == "environment")
    return Resource{Kind::environment, row(scope, "env", r[1], r[3])};
  if (r.size() == 4 && r[0] == "application" && r[2] == "configurationprofile")
    return Resource{Kind::profile, row(scope, "prof", r[1], r[3])};
  if (r.size() == 6 && r[0] == "application" && r[2] == "environment" && r[4] == "deployment") {
    std::uint64_t number = 0;
    const char* end = r[5].data() + r[5].size();
    const auto read = std::from_chars(r[5].data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return not_found("Resource", arn);
    return Resource{Kind::deployment, deployment_row(scope, r[1], r[3], number)};
  }
  return not_found("Resource", arn);
}

template <class T>
Task<std::optional<Tags>> change_record(store::Store& store, std::string key,
                                        std::function<Status(Tags&)> apply) {
  std::function<Status(T&)> change = [apply](T& record) { return apply(record.tags); };
  CO_TRY(auto changed, co_await modify(store, key, change));
  if (!changed) co_return std::optional<Tags>{};
  co_return std::optional<Tags>(std::move(changed->tags));
}

template <class T>
Task<std::optional<Tags>> read_record(store::Store& store, std::string key) {
  CO_TRY(auto found, co_await load<T>(store, key));
  if (!found) co_return std::optional<Tags>{};
  co_return std::optional<Tags>(std::move(found->record.tags));
}

// `apply` null: only read.
template <class T>
Task<std::optional<Tags>> visit(store::Store& store, std::string key,
                                std::function<Status(Tags&)> apply) {
  return apply ? change_record<T>(store, std::move(key), std::move(apply))
               : read_record<T>(store, std::move(key));
}

}  // namespace

Status check_tags(const Tags& tags) {
  if (tags.size() > kMaxTags)
    return bad_request(fmt::format("A resource has at most {} tags.", kMaxTags));
  for (const auto& [key, value] : tags) {
    if (key.empty() || key.size() > 128 || key.starts_with("aws:"))
      return bad_request(fmt::format("The tag key '{}' is not allowed.", key.substr(0, 128)));
    if (value.size() > 256)
      return bad_request(fmt::format("The value of the tag '{}' is longer than 256.", key));
  }
  return done;
}

Task<Tags> TagsOfResources::change(Scope scope, std::string arn,
                                   std::function<Status(Tags&)> apply) {
  CO_TRY(Resource resource, resource_of(scope, arn));
  using Kind = Resource::Kind;
  auto visiting =
      resource.kind == Kind::application   ? visit<Application>(store_, resource.row, apply)
      : resource.kind == Kind::environment ? visit<Environment>(store_, resource.row, apply)
      : resource.kind == Kind::profile     ? visit<Profile>(store_, resource.row, apply)
      : resource.kind == Kind::strategy    ? visit<Strategy>(store_, resource.row, apply)
                                           : visit<Deployment>(store_, resource.row, apply);
  CO_TRY(auto tags, co_await std::move(visiting));
  if (!tags) co_return not_found("Resource", arn);
  co_return std::move(*tags);
}

Task<Tags> TagsOfResources::list(Scope scope, std::string arn) {
  return change(std::move(scope), std::move(arn), nullptr);
}

Task<Unit> TagsOfResources::add(Scope scope, std::string arn, Tags tags) {
  auto apply = [tags](Tags& now) -> Status {
    for (const auto& [key, value] : tags) now[key] = value;
    return check_tags(now);
  };
  CO_TRY(Tags changed, co_await change(scope, arn, apply));
  (void)changed;
  co_return done;
}

Task<Unit> TagsOfResources::remove(Scope scope, std::string arn, std::vector<std::string> keys) {
  auto apply = [keys](Tags& now) -> Status {
    for (const std::string& key : keys) now.erase(key);
    return done;
  };
  CO_TRY(Tags changed, co_await change(scope, arn, apply));
  (void)changed;
  co_return done;
}

}  // namespace tidegate::appconfig
