// Queue: deliveries that must happen at least once. A producer adds a row inside its own
// transaction (the outbox pattern: no state with the cause and without the effect, or the other way
// round). The queue sees rows by watch, hands them to its handler with bounded concurrency, retries
// by the scheduler (domain time), and moves what is exhausted to a dead list that people can see.
// Rows survive kill -9; after a restart every row is taken up again. On the control strand only.
//
// Three queues exist: "s3-events" (object events on their way to the function service),
// "async-invokes" (the function service's asynchronous invocations) and "appconfig-actions" (what
// extensions are told of deployments).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "store/store.h"

namespace tidegate::events {

struct Delivery {
  std::string id;    // unique in the queue; kept over retries
  std::string lane;  // deliveries of one lane share a concurrency bound (a function, a destination)
  // Deliveries of one series ("" is none) are attempted one at a time, in the order of the commits
  // that made them; one that waits for its retry does not hold up those behind it.
  std::string series;
  std::string body;  // the producer's own encoded record; larger than 56 KiB belongs in a blob
  int attempts = 0;  // completed attempts so far
  Instant created{};
  Instant due{};  // not before
  std::string last_error;
  bool yields = false;  // waits for a retry that a later one of its series makes pointless
  // Read side only:
  Scope scope;
  store::Revision revision = 0;  // of the transaction that created the row: the total order
};

struct Outcome {
  enum class Kind { delivered, retry, dead } kind = Kind::delivered;
  Instant retry_at{};  // kind retry
  bool counts = true;  // whether this was an attempt (a throttle is none)
  // kind retry: not worth it once a later delivery of the series is there; this one then ends.
  bool yields = false;
  std::string error;
  store::Txn also;  // committed together with the removal or update of the row
};

struct QueueOptions {
  std::string name;  // key kind, metrics label
  std::size_t max_concurrent = 64;
  std::size_t max_per_lane = 16;
};

class Queue {
 public:
  using Handler = std::function<Task<Outcome>(Delivery)>;

  Queue(store::Store&, Scheduler& domain, Random&, Executors, Metrics&, QueueOptions);
  ~Queue();

  // Adds the row to a producer's transaction. Fault::too_large when the body does not fit.
  Status append(store::Txn&, const Scope&, Delivery) const;

  // Takes up what is pending and goes on until close(). A handler's Error counts as a failed
  // attempt and is retried after 1 s doubling to 5 min.
  void start(Handler);
  asio::awaitable<void> close();

  // The dead list, oldest first. redrive() puts a delivery back with attempts = 0.
  Task<std::vector<Delivery>> dead(Scope, std::size_t limit = 100);
  Task<Unit> redrive(Scope, std::string id);
  Task<Unit> discard(Scope, std::string id);
  std::size_t pending() const;  // rows known and not yet finished

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tidegate::events
