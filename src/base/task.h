// Task<T>: a coroutine that ends in a Result<T>. Parameters by value, or references to objects that
// outlive the frame; `co_await` alone in a statement. The control plane runs on one strand, so code
// between two co_awaits is atomic there: no mutex, and no lock across an await.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace tidegate {

namespace asio = boost::asio;

template <class T>
using Task = asio::awaitable<Result<T>>;

}  // namespace tidegate
