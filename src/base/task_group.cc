#include "base/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

#include "base/log.h"

namespace tidegate {

struct TaskGroup::State : std::enable_shared_from_this<TaskGroup::State> {
  asio::any_io_executor strand;
  std::list<asio::cancellation_signal> signals;
  std::function<void()> on_empty;
  bool closing = false;
};

TaskGroup::TaskGroup(asio::any_io_executor strand) : state_(std::make_shared<State>()) {
  state_->strand = std::move(strand);
}

TaskGroup::~TaskGroup() {
  CHECK(state_->signals.empty());
}

std::size_t TaskGroup::running() const {
  return state_->signals.size();
}

void TaskGroup::spawn(std::string name, Task<Unit> task) {
  if (state_->closing) return;
  auto place = state_->signals.emplace(state_->signals.end());
  auto finished = [state = state_, place, name = std::move(name)](std::exception_ptr error,
                                                                  Result<Unit> result) {
    if (error) {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& e) {
        if (!state->closing) LOG_ERROR("task {} threw: {}", name, e.what());
      }
    } else if (!result.ok() && result.fault() != Fault::cancelled) {
      LOG_ERROR("task {} failed: {} ({})", name, result.error().message, name_of(result.fault()));
    }
    state->signals.erase(place);
    if (state->signals.empty() && state->on_empty) std::exchange(state->on_empty, nullptr)();
  };
  // Behind a pointer because co_spawn wants a default value for the exception path, and Result has
  // none.
  asio::co_spawn(
      state_->strand,
      [](Task<Unit> t) -> asio::awaitable<std::shared_ptr<Result<Unit>>> {
        co_return std::make_shared<Result<Unit>>(co_await std::move(t));
      }(std::move(task)),
      asio::bind_cancellation_slot(
          place->slot(), [finished = std::move(finished)](std::exception_ptr error,
                                                          std::shared_ptr<Result<Unit>> r) {
            finished(error, r ? std::move(*r) : Result<Unit>(Fault::internal, "the task threw"));
          }));
}

asio::awaitable<void> TaskGroup::close() {
  state_->closing = true;
  if (state_->signals.empty()) co_return;
  const auto kept = state_;
  // A plain pointer: g++ 12 destroys what a lambda inside a co_await captured by value twice.
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [waiting = kept.get()](auto handler) {
        const auto state = waiting->shared_from_this();
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto executor = asio::get_associated_executor(*shared, state->strand);
        state->on_empty = [shared, executor] {
          asio::post(executor, [shared]() mutable { std::move (*shared)(); });
        };
        // Emitting may end a task at once and change the list: walk a copy of the places.
        std::vector<asio::cancellation_signal*> all;
        for (auto& s : state->signals) all.push_back(&s);
        asio::post(state->strand, [state, all] {
          for (auto* s : all) {
            bool alive = std::any_of(state->signals.begin(), state->signals.end(),
                                     [s](const auto& x) { return &x == s; });
            if (alive) s->emit(asio::cancellation_type::all);
          }
        });
      },
      asio::use_awaitable);
}

}  // namespace tidegate
