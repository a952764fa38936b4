#include "server/s3_destinations.h"

#include <fmt/format.h>

#include "s3/event_record.h"

namespace tidegate::server {
namespace {

constexpr std::string_view kFunctions = "arn:aws:lambda:";

// The declared name that the ARN of a queue stands for; "" when it has not that form.
std::string target_of(std::string_view arn) {
  if (auto name = webhook::target_of_arn(arn)) return std::string(*name);
  if (!arn.starts_with("arn:aws:sqs:")) return "";
  return std::string(arn.substr(arn.rfind(':') + 1));
}

}  // namespace

bool S3Destinations::queue_exists(std::string_view arn) const {
  return webhooks_.knows(target_of(arn));
}

Status S3Destinations::announce(store::Txn& txn, const Scope& scope, s3::ObjectEvent event) {
  return append(txn, scope, s3::delivery_of(event, random_.uuid()));
}

Status S3Destinations::append(store::Txn& txn, const Scope& scope,
                              events::Delivery delivery) const {
  if (!delivery.lane.starts_with(kFunctions) && !queue_exists(delivery.lane)) return done;
  return queue_.append(txn, scope, std::move(delivery));
}

Task<events::Outcome> S3Destinations::deliver(events::Delivery delivery) {
  const std::string target = target_of(delivery.lane);
  if (target.empty()) co_return co_await to_functions_.deliver(std::move(delivery));
  co_return co_await post(std::move(delivery), target);
}

Task<events::Outcome> S3Destinations::post(events::Delivery delivery, std::string target) {
  CO_TRY(s3::ObjectEvent event, store::decode<s3::ObjectEvent>(delivery.body));
  events::Outcome outcome;
  webhook::Message message;
  message.target = target;
  message.id = delivery.id;
  message.body = s3::render_event(event, delivery.revision);
  auto reply = co_await webhooks_.post(std::move(message));
  if (reply.ok() && reply->accepted()) co_return outcome;
  Error failure = reply.ok() ? Error{Fault::unavailable, fmt::format("the webhook {} answered {}",
                                                                     target, reply->status)}
                             : std::move(reply).error();
  const bool hopeless = failure.fault == Fault::not_found || failure.fault == Fault::too_large;
  if (!hopeless && delivery.attempts + 1 < kMaxWebhookAttempts) co_return failure;
  outcome.kind = events::Outcome::Kind::dead;
  outcome.error = failure.message;
  co_return outcome;
}

}  // namespace tidegate::server
