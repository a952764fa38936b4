// Where object events of S3 may go, beside functions: webhooks that the settings declare. A
// bucket's QueueConfiguration names one as arn:tidegate:webhook:::NAME, or, for tools that want an
// ARN of AWS, as a queue of that name: arn:aws:sqs:REGION:ACCOUNT:NAME. No other queue and no topic
// exists.
//
// A webhook is told the same document as a queue would be, with the delivery's id as the id of the
// event, at least once: it is tried again for about eight hours, then the event is in the dead list
// of "s3-events". On the control strand.
#pragma once

#include <string>
#include <string_view>

#include "events/queue.h"
#include "s3/notifications.h"
#include "s3/writer.h"
#include "server/adapters.h"
#include "webhook/sender.h"

namespace tidegate::server {

inline constexpr int kMaxWebhookAttempts = 100;

class S3Destinations final : public s3::DestinationCheck {
 public:
  S3Destinations(FunctionsAsDestinations& functions, EventsToFunctions& to_functions,
                 webhook::Sender& webhooks, events::Queue& queue, Random& random)
      : functions_(functions),
        to_functions_(to_functions),
        webhooks_(webhooks),
        queue_(queue),
        random_(random) {}

  Task<std::optional<std::string>> why_not(Scope scope, std::string function_arn,
                                           std::string bucket_arn, std::string account) override {
    return functions_.why_not(std::move(scope), std::move(function_arn), std::move(bucket_arn),
                              std::move(account));
  }
  bool queue_exists(std::string_view arn) const override;
  Status announce(store::Txn& txn, const Scope& scope, s3::ObjectEvent event) override;

  // The outbox of S3: events to queues that do not exist (their owner wished them unchecked) end
  // here.
  Status append(store::Txn& txn, const Scope& scope, events::Delivery delivery) const;
  // The handler of the queue "s3-events".
  Task<events::Outcome> deliver(events::Delivery delivery);

 private:
  Task<events::Outcome> post(events::Delivery delivery, std::string target);

  FunctionsAsDestinations& functions_;
  EventsToFunctions& to_functions_;
  webhook::Sender& webhooks_;
  events::Queue& queue_;
  Random& random_;
};

}  // namespace tidegate::server
