#include <boost/asio/thread_pool.hpp>

#include "net/loop.h"

namespace tidegate::net {

struct Loops::Impl {
  explicit Impl(int threads) : blocking(static_cast<std::size_t>(threads)) {}
  Shared shared{"Tidegate"};
  Loop control{shared};
  asio::thread_pool blocking;
};

Loops::Loops(int blocking_threads) : impl_(std::make_unique<Impl>(blocking_threads)) {}

Loops::~Loops() {
  stop();
}

Executors Loops::executors() {
  return {impl_->control.context().get_executor(), impl_->blocking.get_executor()};
}

void Loops::start() {
  impl_->control.start();
}

void Loops::stop() {
  impl_->blocking.join();
  impl_->control.stop();
}

std::unique_ptr<Adopted> Loops::adopt(int listening_fd, std::string environment_id,
                                      std::shared_ptr<http::Handler> handler) {
  return adopt_on(impl_->control, listening_fd, std::move(environment_id), std::move(handler));
}

}  // namespace tidegate::net
