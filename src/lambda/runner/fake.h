// FakeRunner: a Runner for tests of the domain. Outcomes are scripted per function name (the next
// one each time, the last one again and again); without a script the payload comes back. Records
// what it was asked. An invocation can be held until the test lets it go. Control strand only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/one_shot.h"
#include "lambda/runner/runner.h"

namespace tidegate::lambda {

class FakeRunner final : public Runner {
 public:
  struct Call {
    FunctionImage image;
    Invocation invocation;
  };
  struct Retired {
    Scope scope;
    std::string function_name, version, keep_revision;
  };

  std::vector<Call> calls;
  std::vector<Retired> retired;
  std::string level_text = "nocgroup", reason_text = "a fake";
  bool closed = false;

  void script(const std::string& function_name, Result<InvocationOutcome> outcome) {
    scripts_[function_name].push_back(std::move(outcome));
  }
  void returns(const std::string& function_name, std::string payload) {
    InvocationOutcome outcome;
    outcome.payload = std::move(payload);
    script(function_name, std::move(outcome));
  }
  void fails(const std::string& function_name, const std::string& type,
             const std::string& message) {
    InvocationOutcome outcome;
    outcome.payload = "{\"errorMessage\":\"" + message + "\",\"errorType\":\"" + type + "\"}";
    outcome.failed = true;
    outcome.error_type = type;
    script(function_name, std::move(outcome));
  }
  // From now on invocations wait; release() lets the oldest that waits go on.
  void hold() { holding_ = true; }
  void release() {
    if (held_.empty()) return;
    auto first = std::move(held_.front());
    held_.pop_front();
    first->set(true);
  }
  void release_all() {
    holding_ = false;
    while (!held_.empty()) release();
  }
  std::size_t waiting() const { return held_.size(); }

  Task<InvocationOutcome> invoke(FunctionImage image, Invocation invocation) override {
    calls.push_back({image, invocation});
    if (closed) co_return Error{Fault::cancelled, "the server is stopping"};
    if (holding_) {
      auto gate = std::make_shared<OneShot<bool>>();
      held_.push_back(gate);
      auto opened = co_await gate->wait();
      if (!opened) co_return Error{Fault::cancelled, "the call was cancelled"};
    }
    auto script = scripts_.find(image.name);
    if (script == scripts_.end()) {
      InvocationOutcome echo;
      echo.payload = invocation.payload;
      co_return echo;
    }
    Result<InvocationOutcome> outcome = script->second.front();
    if (script->second.size() > 1) script->second.pop_front();
    co_return outcome;
  }
  void retire(const Scope& scope, const std::string& name, const std::string& version,
              const std::string& keep) override {
    retired.push_back({scope, name, version, keep});
  }
  std::string level() const override { return level_text; }
  std::string level_reason() const override { return reason_text; }
  asio::awaitable<void> close() override {
    closed = true;
    release_all();
    co_return;
  }

 private:
  std::map<std::string, std::deque<Result<InvocationOutcome>>> scripts_;
  std::deque<std::shared_ptr<OneShot<bool>>> held_;
  bool holding_ = false;
};

}  // namespace tidegate::lambda
