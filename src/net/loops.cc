#include <boost/asio/thread_pool.hpp>

#include "net/loop.h"

namespace tidegate::net {

struct Loops::Impl {
  Impl(int threads, UpMs up_ms)
      : control(std::move(up_ms)), blocking(static_cast<std::size_t>(threads)) {}
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
  Loop control;
  asio::thread_pool blocking;
};

Loops::Loops(int blocking_threads, UpMs up_ms)
    : impl_(std::make_unique<Impl>(blocking_threads, std::move(up_ms))) {
  impl_->shared->server_header = "Tidegate";
}

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
  impl_->control.end_sessions();
  impl_->control.stop();
}

std::unique_ptr<Adopted> Loops::adopt(int listening_fd, std::string environment_id,
                                      std::shared_ptr<http::Handler> handler) {
  return adopt_on(impl_->control, impl_->shared, listening_fd, std::move(environment_id),
                  std::move(handler));
}

Loop& Loops::control() {
  return impl_->control;
}

}  // namespace tidegate::net
