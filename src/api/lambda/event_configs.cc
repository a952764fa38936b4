// How asynchronous invocations end: retries, age, destinations.
#include "api/lambda/api.h"
#include "api/lambda/shapes_more.h"
#include "api/lambda/show.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;

constexpr auto kPutEventConfig =
    wire::operation<PutFunctionEventInvokeConfigRequest, FunctionEventInvokeConfig>(
        "PutFunctionEventInvokeConfig", Method::put,
        "/2019-09-25/functions/{FunctionName}/event-invoke-config", 200,
        "lambda:PutFunctionEventInvokeConfig");
constexpr auto kUpdateEventConfig =
    wire::operation<PutFunctionEventInvokeConfigRequest, FunctionEventInvokeConfig>(
        "UpdateFunctionEventInvokeConfig", Method::post,
        "/2019-09-25/functions/{FunctionName}/event-invoke-config", 200,
        "lambda:UpdateFunctionEventInvokeConfig");
constexpr auto kGetEventConfig = wire::operation<FunctionRequest, FunctionEventInvokeConfig>(
    "GetFunctionEventInvokeConfig", Method::get,
    "/2019-09-25/functions/{FunctionName}/event-invoke-config", 200,
    "lambda:GetFunctionEventInvokeConfig");
constexpr auto kDeleteEventConfig = wire::operation<FunctionRequest, wire::Nothing>(
    "DeleteFunctionEventInvokeConfig", Method::delete_,
    "/2019-09-25/functions/{FunctionName}/event-invoke-config", 204,
    "lambda:DeleteFunctionEventInvokeConfig");
constexpr auto kListEventConfigs = wire::operation<FunctionPageRequest, ListEventConfigsResponse>(
    "ListFunctionEventInvokeConfigs", Method::get,
    "/2019-09-25/functions/{FunctionName}/event-invoke-config/list", 200,
    "lambda:ListFunctionEventInvokeConfigs");

FunctionEventInvokeConfig shown(const Scope& scope, const std::string& name,
                                const std::string& qualifier,
                                const domain::EventInvokeConfig& config) {
  auto destination = [](const std::optional<std::string>& arn) {
    return DestinationShape{arn && !arn->empty() ? arn : std::nullopt};
  };
  FunctionEventInvokeConfig out;
  out.last_modified = config.modified;
  out.function_arn = domain::function_arn(scope, name) + ":" + qualifier;
  out.maximum_retry_attempts = config.max_retries;
  out.maximum_event_age_in_seconds = config.max_age_s;
  out.destination_config = {destination(config.on_success), destination(config.on_failure)};
  return out;
}

// The pattern of a destination, in so far as it asks for a service's name.
Status check_arn(const std::optional<DestinationShape>& given, const char* member) {
  if (!given || !given->destination || given->destination->empty()) return done;
  const std::string& arn = *given->destination;
  if (names_service(arn)) return done;
  return domain::validation(
      arn, member,
      "satisfy regular expression pattern: $|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|"
      "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-"
      "[a-z]+-\\d{1})?:(\\d{12})?:(.*)");
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<FunctionEventInvokeConfig> put(const Context& c, PutFunctionEventInvokeConfigRequest in,
                                      bool merge) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    domain::EventInvokeConfig config;
    config.max_retries = in.maximum_retry_attempts;
    config.max_age_s = in.maximum_event_age_in_seconds;
    if (in.destination_config) {
      const DestinationConfig& d = *in.destination_config;
      CO_TRY(Unit success, check_arn(d.on_success, "destinationConfig.onSuccess.destination"));
      CO_TRY(Unit failure, check_arn(d.on_failure, "destinationConfig.onFailure.destination"));
      (void)success, (void)failure;
      // A destination that is given empty is taken away.
      if (d.on_success) config.on_success = d.on_success->destination.value_or("");
      if (d.on_failure) config.on_failure = d.on_failure->destination.value_or("");
    }
    if (!config.max_retries && !config.max_age_s && !config.on_success && !config.on_failure)
      co_return Error{Fault::invalid_parameter_value,
                      "You must specify at least one of error handling or destination setting."};
    CO_TRY(config, co_await p_.event_configs->put(c.scope, ref, config, merge));
    co_return answer(c.scope, ref, config);
  }

  Task<FunctionEventInvokeConfig> get(const Context& c, FunctionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(auto config, co_await p_.event_configs->find(c.scope, ref));
    co_return answer(c.scope, ref, config);
  }

  Task<wire::Nothing> remove(const Context& c, FunctionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(Unit gone, co_await p_.event_configs->remove(c.scope, ref));
    (void)gone;
    co_return wire::Nothing{};
  }

  Task<ListEventConfigsResponse> list(const Context& c, FunctionPageRequest in) {
    CO_TRY(Unit fits, check_fifty(in.max_items));
    (void)fits;
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(auto page, co_await p_.event_configs->list(c.scope, ref, in.marker.value_or(""),
                                                      page_size(in.max_items)));
    ListEventConfigsResponse out;
    for (const auto& [qualifier, config] : page.configs)
      out.configs.push_back(shown(c.scope, ref.name, qualifier, config));
    if (!page.next_marker.empty()) out.next_marker = std::move(page.next_marker);
    co_return out;
  }

 private:
  static FunctionEventInvokeConfig answer(const Scope& scope, const domain::FunctionRef& ref,
                                          const domain::EventInvokeConfig& config) {
    return shown(scope, ref.name, ref.qualifier.value_or(std::string(domain::kLatest)), config);
  }

  Parts p_;
};

}  // namespace

void mount_event_configs(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  using EventConfig = PutFunctionEventInvokeConfigRequest;
  table.add(kPutEventConfig,
            [h](const Context& c, EventConfig in) { return h->put(c, std::move(in), false); });
  table.add(kUpdateEventConfig,
            [h](const Context& c, EventConfig in) { return h->put(c, std::move(in), true); });
  table.add(kGetEventConfig,
            [h](const Context& c, FunctionRequest in) { return h->get(c, std::move(in)); });
  table.add(kDeleteEventConfig,
            [h](const Context& c, FunctionRequest in) { return h->remove(c, std::move(in)); });
  table.add(kListEventConfigs,
            [h](const Context& c, FunctionPageRequest in) { return h->list(c, std::move(in)); });
}

}  // namespace tidegate::api::lambda
