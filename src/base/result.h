// Result<T>: a value or an Error, over tl::expected. Dropping the error of a call is possible only
// by naming it; TRY and CO_TRY hand an error to the caller. No exception crosses a module boundary.
//
//   Result<int> parse(std::string_view s);
//   Result<int> twice(std::string_view s) { TRY(int n, parse(s)); return 2 * n; }
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/check.h"
#include "base/error.h"

namespace tidegate {

struct Unit {
  friend bool operator==(Unit, Unit) { return true; }
};

template <class T>
class Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::move(value)) {}                    // NOLINT: implicit by design
  Result(Error error) : state_(tl::unexpect, std::move(error)) {}  // NOLINT: implicit by design
  Result(Fault fault, std::string message)
      : state_(tl::unexpect, Error(fault, std::move(message))) {}

  bool ok() const { return state_.has_value(); }
  explicit operator bool() const { return ok(); }
  T& value() & {
    CHECK(ok());
    return *state_;
  }
  const T& value() const& {
    CHECK(ok());
    return *state_;
  }
  T&& value() && {
    CHECK(ok());
    return std::move(*state_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & {
    CHECK(!ok());
    return state_.error();
  }
  const Error& error() const& {
    CHECK(!ok());
    return state_.error();
  }
  Error&& error() && {
    CHECK(!ok());
    return std::move(state_.error());
  }
  Fault fault() const { return error().fault; }

 private:
  tl::expected<T, Error> state_;
};

// Status: a Result without a value. `return done;` is success.
using Status = Result<Unit>;
inline constexpr Unit done{};

}  // namespace tidegate

#define TIDEGATE_CAT2(a, b) a##b
#define TIDEGATE_CAT(a, b) TIDEGATE_CAT2(a, b)
#define TIDEGATE_TRY(tmp, decl, ret, ...)    \
  auto tmp = (__VA_ARGS__);                  \
  if (!tmp.ok()) ret std::move(tmp).error(); \
  decl = std::move(tmp).value()

// TRY(auto x, call()): x is the value, or this function returns the error.
#define TRY(decl, ...) TIDEGATE_TRY(TIDEGATE_CAT(try_, __LINE__), decl, return, __VA_ARGS__)
// CO_TRY(auto x, co_await call()): the same inside a coroutine.
#define CO_TRY(decl, ...) TIDEGATE_TRY(TIDEGATE_CAT(try_, __LINE__), decl, co_return, __VA_ARGS__)
