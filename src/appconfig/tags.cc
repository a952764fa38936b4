#include "appconfig/tags.h"

#include "appconfig/deployment.h"
#include "appconfig/resource.h"

namespace tidegate::appconfig {
namespace {

constexpr std::size_t kMaxTags = 50;

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
    if (key.empty() || count_code_points(key) > 128)
      return bad_request("A tag's key must have 1 to 128 characters.");
    if (key.starts_with("aws:"))
      return bad_request(
          fmt::format("The tag key '{}' is not allowed: 'aws:' is reserved for AWS.", key));
    if (count_code_points(value) > 256)
      return bad_request(
          fmt::format("The value of the tag '{}' must have at most 256 characters.", key));
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
      : resource.kind == Kind::extension   ? visit<Extension>(store_, resource.row, apply)
      : resource.kind == Kind::association
          ? visit<ExtensionAssociation>(store_, resource.row, apply)
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
