// Metrics: counters, gauges and histograms printed in Prometheus' text format. Registered once at
// start (the registry owns them and outlives all users), then updated from any thread without a
// lock. Names follow Prometheus: tidegate_<noun>_<unit>[_total].
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tidegate {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t v) { value_.fetch_add(v, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

class Metrics {
 public:
  Counter& counter(std::string name, std::string help, Labels labels = {});
  Gauge& gauge(std::string name, std::string help, Labels labels = {});
  std::string prometheus() const;

 private:
  template <class T>
  struct Series {
    std::string name, help;
    Labels labels;
    T value;
  };
  mutable std::mutex mutex_;  // registration and printing only
  std::deque<Series<Counter>> counters_;
  std::deque<Series<Gauge>> gauges_;
};

}  // namespace tidegate
