#include "lambda/functions.h"

#include <set>

#include "base/bytes.h"
#include "base/log.h"

namespace tidegate::lambda {
namespace {

constexpr std::string_view kGetFunction = "GetFunction/GetAlias";

// A failed commit after which the record certainly does not name the new package. After any other
// the blob stays: an orphan costs space, a missing package costs a function.
bool wrote_nothing(Fault f) {
  return f == Fault::guard_failed || f == Fault::too_large || f == Fault::read_only ||
         f == Fault::invalid_argument;
}

// The same of change(), which also answers in words of its own when it did not come to write.
bool unchanged(Fault f) {
  return wrote_nothing(f) || f == Fault::not_found || f == Fault::precondition_failed ||
         f == Fault::conflict;
}

// Code and layers together, as they lie unpacked.
Status check_size(const Function& f) {
  std::uint64_t total = f.unpacked_size;
  for (const LayerUse& layer : f.layers) total += layer.unpacked_size;
  if (total <= kMaxUnzippedBytes) return done;
  return Error{Fault::invalid_parameter_value,
               fmt::format("Function code combined with layers exceeds the maximum allowed size of "
                           "{} bytes. The actual size is {} bytes.",
                           kMaxUnzippedBytes, total)};
}

Status check_tags(const std::map<std::string, std::string>& tags) {
  constexpr std::size_t kMaxTags = 50, kMaxTagKey = 128, kMaxTagValue = 256;  // characters
  if (tags.size() > kMaxTags)
    return Error{Fault::invalid_parameter_value, "Number of tags exceeds resource tag limit."};
  for (const auto& [key, value] : tags) {
    if (key.starts_with("aws:"))
      return Error{Fault::invalid_parameter_value,
                   "aws: prefixed tag key names are not allowed for external use."};
    if (key.empty() || count_code_points(key) > kMaxTagKey)
      return validation(key, "tags", "have length between 1 and 128");
    if (count_code_points(value) > kMaxTagValue)
      return validation(value, "tags", "have length less than or equal to 256");
  }
  return done;
}

}  // namespace

Task<Function> Functions::create(Scope scope, NewFunction given) {
  Function f;
  CO_TRY(f.name, parse_new_name(scope, given.name));
  CO_TRY(Unit applied, apply_configuration(given.configuration, f));
  CO_TRY(Unit tagged, check_tags(given.tags));
  (void)applied, (void)tagged;
  if (f.runtime.empty() || f.handler.empty())
    co_return Error{Fault::invalid_parameter_value,
                    "Runtime and Handler are mandatory parameters for functions created with "
                    "deployment packages."};
  if (given.configuration.layers) {
    CO_TRY(f.layers, co_await layers_.resolve(scope, *given.configuration.layers));
  }
  const std::string key = function_row(scope, f.name);
  const Error exists{Fault::conflict, "Function already exist: " + f.name};
  CO_TRY(auto known, co_await store_.get(key));
  if (known) co_return exists;
  const std::size_t limit = zip_limit(given.code);
  CO_TRY(std::string zip, co_await bytes_of(source_, scope, std::move(given.code)));
  CO_TRY(StoredPackage package, co_await packages_.store(std::move(zip), limit));
  f.code_blob = package.blob;
  f.code_sha256 = package.sha256;
  f.code_size = package.size;
  f.unpacked_size = package.unpacked_size;
  Status fits = check_size(f);
  if (!fits.ok()) {
    packages_.erase_blob(f.code_blob);
    co_return std::move(fits).error();
  }
  f.tags = std::move(given.tags);
  f.architecture = std::move(given.architecture);
  f.modified = domain_.now();
  f.id = random_.hex(16);
  f.revision_id = random_.uuid();
  f.image_revision = random_.uuid();
  store::Txn txn;
  txn.guard(store::Guard::absent(key));
  std::optional<Function> version;
  if (given.publish) version = publish_into(txn, scope, f, std::nullopt);
  txn.put(key, store::encode(f));
  Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
  if (!made.ok()) {
    if (wrote_nothing(made.fault())) packages_.erase_blob(f.code_blob);
    if (made.fault() == Fault::guard_failed) co_return exists;
    co_return std::move(made).error();
  }
  LOG_INFO("function created name={} runtime={} account={}", f.name, f.runtime, scope.account);
  co_return version ? std::move(*version) : std::move(f);
}

Task<Function> Functions::find(Scope scope, FunctionRef ref) {
  CO_TRY(Target target, co_await find_target(store_, scope, ref));
  if (target.version) co_return std::move(*target.version);
  if (!target.alias) co_return std::move(target.latest);
  const FunctionRef pointed_at{ref.name, target.alias->version};
  Result<Function> found = co_await find(scope, pointed_at);
  co_return found;
}

Task<Function> Functions::change(Scope scope, FunctionRef ref,
                                 std::optional<std::string> revision_id, Change apply, bool image,
                                 bool publish) {
  if (ref.qualifier && *ref.qualifier != kLatest) co_return function_not_found(scope, ref);
  const std::string key = function_row(scope, ref.name);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto kv, co_await store_.get(key));
    if (!kv) co_return function_not_found(scope, ref);
    CO_TRY(Function f, store::decode<Function>(kv->value));
    if (revision_id && *revision_id != f.revision_id) co_return stale_revision(kGetFunction);
    CO_TRY(Unit applied, apply(f));
    (void)applied;
    f.revision_id = random_.uuid();
    if (image) {
      f.modified = domain_.now();
      f.image_revision = random_.uuid();
    }
    store::Txn txn;
    txn.guard(store::Guard::unchanged(*kv));
    std::optional<Function> version;
    if (publish) version = publish_into(txn, scope, f, std::nullopt);
    txn.put(key, store::encode(f));
    Result<store::Revision> committed = co_await store::commit_recognisably(store_, std::move(txn));
    if (committed.ok()) {
      if (image) runner_.retire(scope, f.name, std::string(kLatest), f.image_revision);
      co_return version ? std::move(*version) : std::move(f);
    }
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::conflict,
                  "The operation cannot be performed at this time. An update is in progress for "
                  "resource: " +
                      function_arn(scope, ref.name)};
}

Task<Function> Functions::update_code(Scope scope, FunctionRef ref, CodeUpdate update) {
  CO_TRY(Function now, co_await find(scope, ref));
  if (update.revision_id && *update.revision_id != now.revision_id)
    co_return stale_revision(kGetFunction);
  const std::size_t limit = zip_limit(update.code);
  CO_TRY(std::string zip, co_await bytes_of(source_, scope, std::move(update.code)));
  CO_TRY(StoredPackage package, co_await packages_.store(std::move(zip), limit));
  std::string replaced;
  auto apply = [package, architecture = update.architecture, &replaced](Function& f) -> Status {
    replaced = f.code_blob;
    f.code_blob = package.blob;
    f.code_sha256 = package.sha256;
    f.code_size = package.size;
    f.unpacked_size = package.unpacked_size;
    if (architecture) f.architecture = *architecture;
    return check_size(f);
  };
  if (update.dry_run) {
    packages_.erase_blob(package.blob);
    CO_TRY(Unit fits, apply(now));
    (void)fits;
    co_return now;
  }
  Result<Function> changed =
      co_await change(scope, ref, update.revision_id, apply, true, update.publish);
  if (changed.ok()) {
    Status dropped = co_await drop_code(scope, now, replaced);
    if (!dropped.ok()) LOG_WARN("code of {} stays behind: {}", ref.name, dropped.error().message);
  } else if (unchanged(changed.fault())) {
    packages_.erase_blob(package.blob);
  }
  co_return changed;
}

Task<Function> Functions::update_configuration(Scope scope, FunctionRef ref,
                                               Configuration configuration,
                                               std::optional<std::string> revision_id) {
  std::vector<LayerUse> layers;
  if (configuration.layers) {
    CO_TRY(layers, co_await layers_.resolve(scope, *configuration.layers));
  }
  auto apply = [configuration, layers](Function& f) -> Status {
    TRY(Unit applied, apply_configuration(configuration, f));
    (void)applied;
    if (configuration.layers) f.layers = layers;
    return check_size(f);
  };
  co_return co_await change(scope, ref, revision_id, apply, true);
}

Task<Unit> Functions::tag(Scope scope, FunctionRef ref, std::map<std::string, std::string> more,
                          std::vector<std::string> less) {
  auto apply = [more, less](Function& f) -> Status {
    for (const auto& [key, value] : more) f.tags[key] = value;
    for (const std::string& key : less) f.tags.erase(key);
    return check_tags(f.tags);
  };
  CO_TRY(Function f, co_await change(scope, ref, std::nullopt, apply, false));
  (void)f;
  co_return done;
}

Task<Unit> Functions::set_recursive_loop(Scope scope, FunctionRef ref, std::string value) {
  auto apply = [value](Function& f) -> Status {
    f.recursive_loop = value == "Allow" ? value : "";
    return done;
  };
  CO_TRY(Function f, co_await change(scope, ref, std::nullopt, apply, false));
  (void)f;
  co_return done;
}

Task<Unit> Functions::remove(Scope scope, FunctionRef ref) {
  if (ref.qualifier == kLatest)
    co_return Error{Fault::invalid_parameter_value,
                    "$LATEST version cannot be deleted without deleting the function."};
  const FunctionRef whole{ref.name, std::nullopt};
  CO_TRY(Target target, co_await find_target(store_, scope, whole));
  if (ref.qualifier) {
    const auto number = version_number(*ref.qualifier);
    if (!number && is_alias_name(*ref.qualifier))
      co_return Error{Fault::invalid_parameter_value,
                      "Deletion of aliases is not currently supported."};
    if (!number) co_return function_not_found(scope, whole);
    co_return co_await remove_version(scope, ref, *number);
  }
  const Function f = std::move(target.latest);
  CO_TRY(std::vector<Function> versions, co_await all_versions(scope, f));
  const std::string key = function_row(scope, f.name);
  store::Txn txn;
  txn.guard(store::Guard::present(key)).erase(key);
  txn.erase(policy_row(scope, f, std::nullopt));
  txn.erase(event_config_row(scope, f, std::string(kLatest)));
  Result<store::Revision> gone = co_await store_.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed) co_return function_not_found(scope, ref);
  if (!gone.ok()) co_return std::move(gone).error();
  runner_.retire(scope, f.name, "", "");
  std::set<std::string> blobs{f.code_blob};
  for (const Function& v : versions) blobs.insert(v.code_blob);
  for (const std::string& blob : blobs) packages_.erase_blob(blob);
  Status swept = co_await store::erase_prefix(store_, parts_of_function(scope, f));
  if (!swept.ok()) LOG_WARN("parts of {} stay behind: {}", f.name, swept.error().message);
  co_return done;
}

Task<FunctionImage> Functions::image(Scope scope, Function f) {
  FunctionImage image;
  CO_TRY(image.code_directory, co_await packages_.directory(f.code_sha256, f.code_blob));
  if (!f.layers.empty()) {
    CO_TRY(image.layer_directory, co_await packages_.overlay(f.layers));
  }
  image.scope = scope;
  image.name = f.name;
  image.log_group = log_group_of(f);
  image.log_format = f.log_format;
  image.log_level = f.application_log_level;
  image.system_log_level = f.system_log_level;
  image.version = f.version.empty() ? std::string(kLatest) : f.version;
  image.function_arn = function_arn(scope, f.name);
  image.revision = f.image_revision.empty() ? f.revision_id : f.image_revision;
  image.runtime = f.runtime;
  image.handler = f.handler;
  image.role_arn = f.role;
  image.variables = std::move(f.variables);
  image.timeout_s = f.timeout_s;
  image.memory_mb = f.memory_mb;
  image.ephemeral_mb = f.ephemeral_mb;
  co_return image;
}

Task<Unit> Functions::recover() {
  std::set<std::string> needed;
  std::set<std::string> layers;
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    CO_TRY(Unit swept, co_await sweep(scope, needed, layers));
    (void)swept;
  }
  for (const Scope& scope : all) {
    CO_TRY(Unit swept, co_await layers_.sweep(scope, layers));
    (void)swept;
  }
  packages_.keep_only([&needed](const std::string& sha) { return needed.contains(sha); });
  co_return done;
}

}  // namespace tidegate::lambda
