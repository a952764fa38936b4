#include "api/admin/api.h"

#include <fmt/format.h>

#include "api/admin/shapes.h"
#include "base/bytes.h"

namespace tidegate::api::admin {
namespace {

using http::Method;

constexpr auto kAdvanceClock = wire::operation<AdvanceClockInput, ClockOutput>(
    "AdvanceClock", Method::post, "/_tidegate/clock/advance", 200, "tidegate:AdvanceClock");
constexpr auto kGetClock = wire::operation<wire::Nothing, ClockOutput>(
    "GetClock", Method::get, "/_tidegate/clock", 200, "tidegate:GetClock");
constexpr auto kListDeliveries = wire::operation<ListDeliveriesInput, ListDeliveriesOutput>(
    "ListDeliveries", Method::get, "/_tidegate/deliveries", 200, "tidegate:ListDeliveries");
constexpr auto kRedriveDelivery = wire::operation<DeliveryInput, wire::Nothing>(
    "RedriveDelivery", Method::post, "/_tidegate/deliveries/{Queue}/{Id}/redrive", 204,
    "tidegate:RedriveDelivery");
constexpr auto kDiscardDelivery = wire::operation<DeliveryInput, wire::Nothing>(
    "DiscardDelivery", Method::delete_, "/_tidegate/deliveries/{Queue}/{Id}", 204,
    "tidegate:DiscardDelivery");
constexpr auto kGetFunctionLog = wire::operation<FunctionLogInput, FunctionLogOutput>(
    "GetFunctionLog", Method::get, "/_tidegate/functions/{FunctionName}/log", 200,
    "tidegate:GetFunctionLog");

class Api {
 public:
  explicit Api(Parts parts) : parts_(std::move(parts)) {}

  Status admit(const wire::Context& c) const {
    using Kind = identity::Principal::Kind;
    if (c.principal->kind() == Kind::root || c.principal->kind() == Kind::developer) return done;
    return Error{Fault::access_denied, "Only the root key may use the server's own API."};
  }

  Task<ClockOutput> advance(const wire::Context& c, AdvanceClockInput in) {
    Status admitted = admit(c);
    if (!admitted.ok()) co_return std::move(admitted).error();
    if (!parts_.advance_clock)
      co_return Error{Fault::access_denied, "The clock can be turned on a --dev server only."};
    Status turned = co_await parts_.advance_clock(Duration{in.ms});
    if (!turned.ok()) co_return std::move(turned).error();
    co_return ClockOutput{parts_.domain->now()};
  }

  Task<ClockOutput> clock(const wire::Context& c) {
    Status admitted = admit(c);
    if (!admitted.ok()) co_return std::move(admitted).error();
    co_return ClockOutput{parts_.domain->now()};
  }

  Task<ListDeliveriesOutput> list(const wire::Context& c, ListDeliveriesInput in) {
    Status admitted = admit(c);
    if (!admitted.ok()) co_return std::move(admitted).error();
    ListDeliveriesOutput out;
    for (auto& [name, queue] : parts_.queues) {
      if (in.queue && *in.queue != name) continue;
      out.pending += static_cast<std::int32_t>(queue->pending());
      CO_TRY(auto dead, co_await queue->dead(c.scope));
      for (events::Delivery& d : dead) {
        DeliverySummary summary;
        summary.queue = name;
        summary.id = d.id;
        summary.lane = d.lane;
        summary.last_error = d.last_error;
        summary.body = to_base64(d.body);
        summary.attempts = d.attempts;
        summary.created = d.created;
        out.dead.push_back(std::move(summary));
      }
    }
    co_return out;
  }

  Task<wire::Nothing> redrive(const wire::Context& c, DeliveryInput in) {
    CO_TRY(events::Queue * queue, queue_named(c, in.queue));
    Status put_back = co_await queue->redrive(c.scope, in.id);
    if (!put_back.ok()) co_return std::move(put_back).error();
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> discard(const wire::Context& c, DeliveryInput in) {
    CO_TRY(events::Queue * queue, queue_named(c, in.queue));
    Status gone = co_await queue->discard(c.scope, in.id);
    if (!gone.ok()) co_return std::move(gone).error();
    co_return wire::Nothing{};
  }

  Task<FunctionLogOutput> function_log(const wire::Context& c, FunctionLogInput in) {
    Status admitted = admit(c);
    if (!admitted.ok()) co_return std::move(admitted).error();
    FunctionLogOutput out;
    CO_TRY(out.log, co_await parts_.function_log(c.scope, in.name));
    co_return out;
  }

 private:
  Result<events::Queue*> queue_named(const wire::Context& c, const std::string& name) const {
    Status admitted = admit(c);
    if (!admitted.ok()) return std::move(admitted).error();
    for (auto& [known, queue] : parts_.queues)
      if (known == name) return queue;
    return Error{Fault::not_found, fmt::format("There is no queue named {}.", name)};
  }

  Parts parts_;
};

}  // namespace

void mount(wire::Table& table, Parts parts) {
  using wire::Context;
  auto api = std::make_shared<Api>(std::move(parts));
  table.add(kAdvanceClock,
            [api](const Context& c, AdvanceClockInput in) { return api->advance(c, in); });
  table.add(kGetClock, [api](const Context& c, wire::Nothing) { return api->clock(c); });
  table.add(kListDeliveries, [api](const Context& c, ListDeliveriesInput in) {
    return api->list(c, std::move(in));
  });
  table.add(kRedriveDelivery,
            [api](const Context& c, DeliveryInput in) { return api->redrive(c, std::move(in)); });
  table.add(kDiscardDelivery,
            [api](const Context& c, DeliveryInput in) { return api->discard(c, std::move(in)); });
  table.add(kGetFunctionLog, [api](const Context& c, FunctionLogInput in) {
    return api->function_log(c, std::move(in));
  });
}

}  // namespace tidegate::api::admin
