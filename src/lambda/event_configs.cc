#include "lambda/event_configs.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace tidegate::lambda {
namespace {

constexpr std::string_view kBucketArn = "arn:aws:s3:::";

std::string qualifier_of(const FunctionRef& ref) {
  return ref.qualifier.value_or(std::string(kLatest));
}

Error no_config(const Scope& scope, const FunctionRef& ref) {
  return Error{Fault::not_found, fmt::format("The function {}:{} doesn't have an EventInvokeConfig",
                                             function_arn(scope, ref.name), qualifier_of(ref))};
}

Error no_function() {
  return Error{Fault::not_found, "The function doesn't exist."};
}

// As AWS shows the request's member.
Error invalid_config(const std::string& arn, bool on_failure) {
  return Error{Fault::invalid_parameter_value,
               fmt::format("The provided destination config DestinationConfig(onSuccess={}, "
                           "onFailure={}) is invalid.",
                           on_failure ? "null" : fmt::format("OnSuccess(destination={})", arn),
                           on_failure ? fmt::format("OnFailure(destination={})", arn) : "null")};
}

// Services that AWS delivers to, and this server has not.
bool takes_events_on_aws(const std::string& arn) {
  const std::vector<std::string> p = split(arn, ':');
  return p.size() > 5 &&
         (p[2] == "sqs" || p[2] == "sns" || p[2] == "events" || p[2] == "lambda" || p[2] == "s3");
}

Error invalid_destination(const std::string& arn) {
  return Error{Fault::invalid_parameter_value,
               fmt::format("The destination ARN {} is invalid.", arn)};
}

}  // namespace

Result<DestinationKind> destination_kind(const std::string& arn, bool on_failure) {
  if (parse_function_arn(arn)) return DestinationKind::function;
  if (arn.starts_with(kBucketArn) && arn.size() > kBucketArn.size()) {
    if (on_failure) return DestinationKind::bucket;
    return Error{
        Fault::invalid_parameter_value,
        fmt::format("The destination ARN {} is invalid: a bucket takes failures only.", arn)};
  }
  if (!takes_events_on_aws(arn)) return invalid_config(arn, on_failure);
  return Error{Fault::invalid_parameter_value,
               fmt::format("The destination ARN {} is invalid. This server delivers to functions, "
                           "and failures to S3 buckets; it has no SQS, SNS or EventBridge.",
                           arn)};
}

Task<Unit> EventConfigs::check_destinations(Scope scope, FunctionRef ref,
                                            EventInvokeConfig config) {
  const std::optional<std::string>* given[] = {&config.on_success, &config.on_failure};
  for (const auto* arn : given) {
    if (!*arn || (*arn)->empty()) continue;
    CO_TRY(DestinationKind kind, destination_kind(**arn, arn == &config.on_failure));
    if (kind == DestinationKind::bucket) continue;
    const ArnTarget target = *parse_function_arn(**arn);
    if (target.scope == scope && target.function.name == ref.name)
      co_return Error{Fault::invalid_parameter_value,
                      "You can't specify the function as a destination for itself."};
    Result<Target> there = co_await find_target(store_, target.scope, target.function);
    if (!there.ok() && there.fault() == Fault::not_found) co_return invalid_destination(**arn);
    if (!there.ok()) co_return std::move(there).error();
  }
  co_return done;
}

Task<std::optional<EventInvokeConfig>> EventConfigs::look_up(Scope scope, Function latest,
                                                             std::string qualifier) {
  CO_TRY(auto kv, co_await store_.get(event_config_row(scope, latest, qualifier)));
  if (!kv) co_return std::optional<EventInvokeConfig>{};
  CO_TRY(EventInvokeConfig config, store::decode<EventInvokeConfig>(kv->value));
  co_return std::optional<EventInvokeConfig>(std::move(config));
}

Task<EventInvokeConfig> EventConfigs::find(Scope scope, FunctionRef ref) {
  Result<Target> target = co_await find_target(store_, scope, ref);
  if (!target.ok() && target.fault() == Fault::not_found) co_return no_config(scope, ref);
  if (!target.ok()) co_return std::move(target).error();
  CO_TRY(auto config, co_await look_up(scope, target->latest, qualifier_of(ref)));
  if (!config) co_return no_config(scope, ref);
  co_return std::move(*config);
}

Task<EventInvokeConfig> EventConfigs::put(Scope scope, FunctionRef ref, EventInvokeConfig config,
                                          bool merge) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Target> target = co_await find_target(store_, scope, ref);
    if (!target.ok() && target.fault() == Fault::not_found) co_return no_function();
    if (!target.ok()) co_return std::move(target).error();
    CO_TRY(Unit deliverable, co_await check_destinations(scope, ref, config));
    (void)deliverable;
    const std::string key = event_config_row(scope, target->latest, qualifier_of(ref));
    CO_TRY(auto kv, co_await store_.get(key));
    EventInvokeConfig wanted = config;
    if (merge) {
      if (!kv) co_return no_config(scope, ref);
      CO_TRY(EventInvokeConfig now, store::decode<EventInvokeConfig>(kv->value));
      if (!wanted.max_retries) wanted.max_retries = now.max_retries;
      if (!wanted.max_age_s) wanted.max_age_s = now.max_age_s;
      if (!wanted.on_success) wanted.on_success = now.on_success;
      if (!wanted.on_failure) wanted.on_failure = now.on_failure;
    }
    wanted.modified = domain_.now();
    store::Txn txn;
    // What it belongs to may go away meanwhile: a later one of that name must not inherit this.
    txn.guard(store::Guard::present(target->kv.key));
    txn.guard(kv ? store::Guard::unchanged(*kv) : store::Guard::absent(key));
    txn.put(key, store::encode(wanted));
    Result<store::Revision> committed = co_await store_.commit(std::move(txn));
    if (committed.ok()) co_return wanted;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> EventConfigs::remove(Scope scope, FunctionRef ref) {
  CO_TRY(EventInvokeConfig now, co_await find(scope, ref));
  (void)now;
  CO_TRY(Target target, co_await find_target(store_, scope, ref));
  store::Txn txn;
  txn.erase(event_config_row(scope, target.latest, qualifier_of(ref)));
  CO_TRY(store::Revision revision, co_await store_.commit(std::move(txn)));
  (void)revision;
  co_return done;
}

Task<EventConfigPage> EventConfigs::list(Scope scope, FunctionRef ref, std::string marker,
                                         std::size_t max_items) {
  const FunctionRef whole{ref.name, std::nullopt};
  Result<Target> target = co_await find_target(store_, scope, whole);
  if (!target.ok() && target.fault() == Fault::not_found) co_return no_function();
  if (!target.ok()) co_return std::move(target).error();
  const std::string prefix = event_configs_prefix(scope, target->latest);
  store::Range range = store::Range::prefix(prefix, max_items + 1);
  EventConfigPage out;
  if (marker.empty()) {
    const std::string latest(kLatest);
    CO_TRY(auto config, co_await look_up(scope, target->latest, latest));
    if (config) out.configs.push_back({latest, std::move(*config)});
  } else {
    CO_TRY(std::string after, word_of_marker(marker));
    range.begin = prefix + after + '\0';
  }
  CO_TRY(store::Page page, co_await store_.range(range));
  for (const store::Kv& kv : page.items) {
    if (out.configs.size() == max_items) {
      out.next_marker = to_base64url(out.configs.back().qualifier);
      break;
    }
    CO_TRY(EventInvokeConfig config, store::decode<EventInvokeConfig>(kv.value));
    out.configs.push_back({kv.key.substr(prefix.size()), std::move(config)});
  }
  co_return out;
}

}  // namespace tidegate::lambda
