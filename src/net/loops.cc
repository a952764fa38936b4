#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "net/server.h"

namespace tidegate::net {

struct Loops::Impl {
  explicit Impl(int threads) : blocking(static_cast<std::size_t>(threads)) {}
  asio::io_context control{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{control.get_executor()};
  asio::thread_pool blocking;
  std::thread thread;
};

Loops::Loops(int blocking_threads) : impl_(std::make_unique<Impl>(blocking_threads)) {}

Loops::~Loops() {
  stop();
}

Executors Loops::executors() {
  return {impl_->control.get_executor(), impl_->blocking.get_executor()};
}

void Loops::start() {
  impl_->thread = std::thread([this] { impl_->control.run(); });
}

void Loops::stop() {
  impl_->blocking.join();
  impl_->work.reset();
  impl_->control.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace tidegate::net
