#include "lambda/functions.h"

#include <set>

#include "base/bytes.h"
#include "base/log.h"

namespace tidegate::lambda {
namespace {

std::string event_config_row(const Scope& scope, const std::string& name) {
  return key_prefix(scope, "fn-event") + name;
}

Error stale() {
  return Error{Fault::precondition_failed,
               "The Revision Id provided does not match the latest Revision Id. Call the "
               "GetFunction/GetAlias API to retrieve the latest Revision Id"};
}

Error no_event_config(const Scope& scope, const FunctionRef& ref) {
  return Error{Fault::not_found, fmt::format("The function {}:{} doesn't have an EventInvokeConfig",
                                             function_arn(scope, ref.name),
                                             ref.qualifier.value_or(std::string(kLatest)))};
}

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

// What a zip itself may weigh: one from S3 is bounded by what it unpacks to.
std::size_t zip_limit(const Code& code) {
  return code.zip ? kMaxZipBytes : kMaxUnzippedBytes;
}

Status check_tags(const std::map<std::string, std::string>& tags) {
  constexpr std::size_t kMaxTags = 50, kMaxTagKey = 128 * 4, kMaxTagValue = 256 * 4;
  if (tags.size() > kMaxTags)
    return Error{Fault::invalid_parameter_value, "Number of tags exceeds resource tag limit."};
  for (const auto& [key, value] : tags) {
    if (key.empty() || key.size() > kMaxTagKey)
      return validation(key, "tags", "have length between 1 and 128");
    if (value.size() > kMaxTagValue)
      return validation(value, "tags", "have length less than or equal to 256");
  }
  return done;
}

}  // namespace

Task<std::string> Functions::bytes_of(Scope scope, Code code) {
  if (code.zip && (code.bucket || code.key || code.object_version))
    co_return Error{Fault::invalid_parameter_value,
                    "Please do not provide other FunctionCode parameters when providing a "
                    "ZipFile."};
  if (code.zip) co_return std::move(*code.zip);
  if (!code.bucket || !code.key)
    co_return Error{Fault::invalid_parameter_value,
                    "Please provide a source for function code: ZipFile, or S3Bucket and S3Key."};
  co_return co_await source_.fetch(scope, *code.bucket, *code.key, code.object_version,
                                   kMaxUnzippedBytes);
}

Task<Function> Functions::create(Scope scope, NewFunction given) {
  CO_TRY(FunctionRef ref, parse_function_name(scope, given.name, std::nullopt));
  if (ref.qualifier)
    co_return validation(given.name, "functionName", "be a function's name without a qualifier");
  Function f;
  f.name = ref.name;
  CO_TRY(Unit applied, apply_configuration(given.configuration, f));
  CO_TRY(Unit tagged, check_tags(given.tags));
  (void)applied, (void)tagged;
  if (f.runtime.empty() || f.handler.empty())
    co_return Error{Fault::invalid_parameter_value,
                    "Runtime and Handler are mandatory parameters for functions created with "
                    "deployment packages."};
  const std::string key = function_row(scope, f.name);
  const Error exists{Fault::conflict, "Function already exist: " + f.name};
  CO_TRY(auto known, co_await store_.get(key));
  if (known) co_return exists;
  const std::size_t limit = zip_limit(given.code);
  CO_TRY(std::string zip, co_await bytes_of(scope, std::move(given.code)));
  CO_TRY(StoredPackage package, co_await packages_.store(std::move(zip), limit));
  f.code_blob = package.blob;
  f.code_sha256 = package.sha256;
  f.code_size = package.size;
  f.tags = std::move(given.tags);
  f.architecture = std::move(given.architecture);
  f.modified = domain_.now();
  f.revision_id = random_.uuid();
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).put(key, store::encode(f));
  Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
  if (!made.ok()) {
    if (wrote_nothing(made.fault())) packages_.erase_blob(f.code_blob);
    if (made.fault() == Fault::guard_failed) co_return exists;
    co_return std::move(made).error();
  }
  LOG_INFO("function created name={} runtime={} account={}", f.name, f.runtime, scope.account);
  co_return f;
}

Task<Function> Functions::find(Scope scope, FunctionRef ref) {
  CO_TRY(auto kv, co_await store_.get(function_row(scope, ref.name)));
  if (!kv || (ref.qualifier && *ref.qualifier != kLatest)) co_return function_not_found(scope, ref);
  co_return store::decode<Function>(kv->value);
}

Task<FunctionPage> Functions::list(Scope scope, std::string marker, std::size_t max_items) {
  store::Range range = store::Range::prefix(key_prefix(scope, "fn"), max_items);
  if (!marker.empty()) {
    auto after = from_base64url(marker);
    if (!after)
      co_return Error{Fault::invalid_parameter_value, "The value of Marker is not valid."};
    range.begin = function_row(scope, *after) + '\0';
  }
  CO_TRY(store::Page page, co_await store_.range(range));
  FunctionPage out;
  for (const store::Kv& kv : page.items) {
    CO_TRY(Function f, store::decode<Function>(kv.value));
    out.functions.push_back(std::move(f));
  }
  if (page.more) out.next_marker = to_base64url(out.functions.back().name);
  co_return out;
}

Task<Function> Functions::change(Scope scope, FunctionRef ref,
                                 std::optional<std::string> revision_id,
                                 std::function<Status(Function&)> apply,
                                 std::string& replaced_blob) {
  if (ref.qualifier && *ref.qualifier != kLatest) co_return function_not_found(scope, ref);
  const std::string key = function_row(scope, ref.name);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto kv, co_await store_.get(key));
    if (!kv) co_return function_not_found(scope, ref);
    CO_TRY(Function f, store::decode<Function>(kv->value));
    if (revision_id && *revision_id != f.revision_id) co_return stale();
    const std::string blob = f.code_blob;
    CO_TRY(Unit applied, apply(f));
    (void)applied;
    f.modified = domain_.now();
    f.revision_id = random_.uuid();
    store::Txn txn;
    txn.guard(store::Guard::unchanged(*kv)).put(key, store::encode(f));
    Result<store::Revision> committed = co_await store::commit_recognisably(store_, std::move(txn));
    if (committed.ok()) {
      if (f.code_blob != blob) replaced_blob = blob;
      runner_.retire(scope, f.name, f.revision_id);
      co_return f;
    }
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::conflict,
                  "The operation cannot be performed at this time. An update is in progress for "
                  "resource: " +
                      function_arn(scope, ref.name)};
}

Task<Function> Functions::update_code(Scope scope, FunctionRef ref, Code code,
                                      std::optional<std::string> revision_id, bool dry_run) {
  CO_TRY(Function now, co_await find(scope, ref));
  if (revision_id && *revision_id != now.revision_id) co_return stale();
  const std::size_t limit = zip_limit(code);
  CO_TRY(std::string zip, co_await bytes_of(scope, std::move(code)));
  CO_TRY(StoredPackage package, co_await packages_.store(std::move(zip), limit));
  if (dry_run) {
    packages_.erase_blob(package.blob);
    now.code_sha256 = package.sha256;
    now.code_size = package.size;
    co_return now;
  }
  std::string replaced;
  auto apply = [package](Function& f) -> Status {
    f.code_blob = package.blob;
    f.code_sha256 = package.sha256;
    f.code_size = package.size;
    return done;
  };
  Result<Function> changed = co_await change(scope, ref, revision_id, apply, replaced);
  if (changed.ok())
    packages_.erase_blob(replaced);
  else if (unchanged(changed.fault()))
    packages_.erase_blob(package.blob);
  co_return changed;
}

Task<Function> Functions::update_configuration(Scope scope, FunctionRef ref,
                                               Configuration configuration,
                                               std::optional<std::string> revision_id) {
  std::string replaced;
  auto apply = [configuration](Function& f) { return apply_configuration(configuration, f); };
  co_return co_await change(scope, ref, revision_id, apply, replaced);
}

Task<Unit> Functions::remove(Scope scope, FunctionRef ref) {
  if (ref.qualifier)
    co_return *ref.qualifier == kLatest
        ? Error{Fault::invalid_parameter_value,
                "$LATEST version cannot be deleted without deleting the function."}
        : function_not_found(scope, ref);
  CO_TRY(Function f, co_await find(scope, ref));
  const std::string key = function_row(scope, f.name);
  store::Txn txn;
  txn.guard(store::Guard::present(key)).erase(key);
  txn.erase(policy_row(scope, f.name)).erase(event_config_row(scope, f.name));
  Result<store::Revision> gone = co_await store_.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed) co_return function_not_found(scope, ref);
  if (!gone.ok()) co_return std::move(gone).error();
  runner_.retire(scope, f.name, "");
  packages_.erase_blob(f.code_blob);
  co_return done;
}

Task<FunctionImage> Functions::image(Scope scope, Function f) {
  FunctionImage image;
  CO_TRY(image.code_directory, co_await packages_.directory(f.code_sha256, f.code_blob));
  image.scope = scope;
  image.name = f.name;
  image.version = std::string(kLatest);
  image.function_arn = function_arn(scope, f.name);
  image.revision = f.revision_id;
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
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    std::string marker;
    do {
      CO_TRY(FunctionPage page, co_await list(scope, marker, 1000));
      for (const Function& f : page.functions) needed.insert(f.code_sha256);
      marker = page.next_marker;
    } while (!marker.empty());
  }
  packages_.keep_only([&needed](const std::string& sha) { return needed.contains(sha); });
  co_return done;
}

Task<std::optional<EventInvokeConfig>> Functions::find_event_invoke_config(Scope scope,
                                                                           std::string name) {
  CO_TRY(auto kv, co_await store_.get(event_config_row(scope, name)));
  if (!kv) co_return std::optional<EventInvokeConfig>{};
  CO_TRY(EventInvokeConfig config, store::decode<EventInvokeConfig>(kv->value));
  co_return std::optional<EventInvokeConfig>(std::move(config));
}

Task<EventInvokeConfig> Functions::event_invoke_config(Scope scope, FunctionRef ref) {
  if (ref.qualifier && *ref.qualifier != kLatest) co_return no_event_config(scope, ref);
  CO_TRY(auto config, co_await find_event_invoke_config(scope, ref.name));
  if (!config) co_return no_event_config(scope, ref);
  co_return std::move(*config);
}

Task<EventInvokeConfig> Functions::put_event_invoke_config(Scope scope, FunctionRef ref,
                                                           EventInvokeConfig config, bool merge) {
  const std::string key = event_config_row(scope, ref.name);
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Function> function = co_await find(scope, ref);
    if (!function.ok() && function.fault() == Fault::not_found)
      co_return Error{Fault::not_found, "The function doesn't exist."};
    if (!function.ok()) co_return std::move(function).error();
    CO_TRY(auto kv, co_await store_.get(key));
    EventInvokeConfig wanted = config;
    if (merge) {
      if (!kv) co_return no_event_config(scope, ref);
      CO_TRY(EventInvokeConfig now, store::decode<EventInvokeConfig>(kv->value));
      if (!wanted.max_retries) wanted.max_retries = now.max_retries;
      if (!wanted.max_age_s) wanted.max_age_s = now.max_age_s;
    }
    wanted.modified = domain_.now();
    store::Txn txn;
    // The function may go away meanwhile: a later one of that name must not inherit this.
    txn.guard(store::Guard::present(function_row(scope, ref.name)));
    txn.guard(kv ? store::Guard::unchanged(*kv) : store::Guard::absent(key));
    txn.put(key, store::encode(wanted));
    Result<store::Revision> committed = co_await store_.commit(std::move(txn));
    if (committed.ok()) co_return wanted;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> Functions::remove_event_invoke_config(Scope scope, FunctionRef ref) {
  CO_TRY(EventInvokeConfig now, co_await event_invoke_config(scope, ref));
  (void)now;
  store::Txn txn;
  txn.erase(event_config_row(scope, ref.name));
  CO_TRY(store::Revision revision, co_await store_.commit(std::move(txn)));
  (void)revision;
  co_return done;
}

}  // namespace tidegate::lambda
