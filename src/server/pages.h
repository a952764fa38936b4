// Pages: what the server says about itself without being signed for: GET /healthz, /readyz and
// /metrics. Any thread.
#pragma once

#include <optional>

#include "base/metrics.h"
#include "blob/blob.h"
#include "http/message.h"
#include "lambda/runner/runner.h"
#include "store/store.h"

namespace tidegate::server {

class Pages {
 public:
  // `sandboxes` is 1 while functions can run.
  Pages(const Metrics& metrics, const store::Store& store, const blob::Blobs& blobs,
        const lambda::Runner& runner, const Gauge& sandboxes)
      : metrics_(metrics),
        store_(store),
        blobs_(blobs),
        sandboxes_(sandboxes),
        function_level_(runner.level()),
        function_reason_(runner.level_reason()) {}

  std::optional<http::Response> answer(const http::Request&) const;

 private:
  const Metrics& metrics_;
  const store::Store& store_;
  const blob::Blobs& blobs_;
  const Gauge& sandboxes_;
  std::string function_level_, function_reason_;
};

}  // namespace tidegate::server
