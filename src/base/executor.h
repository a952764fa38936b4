// Where work runs. Executors names the three places of a server: the control strand (all domain
// code), and a small pool for work that blocks on the disk or burns CPU. await_on() moves a
// blocking call to the pool and resumes where the caller was.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <optional>

#include "base/task.h"

namespace tidegate {

struct Executors {
  asio::any_io_executor control;
  asio::any_io_executor blocking;
};

// Runs `call` (returning Result<T>) on `where`; the result is handed back on the caller's executor.
// It runs to its end even when the caller is cancelled: Asio would post the cancellation to the
// other thread, where it may arrive after the call, and all that it refers to, is gone.
template <class Call>
auto await_on(asio::any_io_executor where, Call call) -> asio::awaitable<decltype(call())> {
  // In an optional, because co_spawn wants a default value to hand over beside an exception.
  using R = decltype(call());
  std::optional<R> result = co_await asio::co_spawn(
      where, [](Call c) -> asio::awaitable<std::optional<R>> { co_return c(); }(std::move(call)),
      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  co_return std::move(*result);
}

// Starts background work whose failure is only logged. The work must end by itself when its owner
// closes (see TaskGroup).
}  // namespace tidegate
