#include "net/loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>

#include "base/time.h"
#include "net/session.h"

namespace tidegate::net {

std::uint64_t steady_up_ms() {
  using namespace std::chrono;
  const auto up = steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(up).count());
}

Loop::Loop(UpMs up_ms)
    : up_ms_(std::move(up_ms)),
      work_(context_.get_executor()),
      sweeper_(context_),
      buffer_(256 * 1024) {}

Loop::~Loop() {
  stop();
}

void Loop::start() {
  sweep();
  thread_ = std::thread([this] { context_.run(); });
}

void Loop::stop() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

std::string_view Loop::date() {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const std::int64_t second = to_ms(now) / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

void Loop::add(Session& session) {
  session.index = sessions_.size();
  sessions_.push_back(&session);
}

void Loop::remove(Session& session) {
  sessions_.back()->index = session.index;
  sessions_[session.index] = sessions_.back();
  sessions_.pop_back();
}

void Loop::close_sessions(Closing which) {
  // Closing wakes coroutines later, never here: the list stays as it is.
  for (Session* s : sessions_) {
    if (s->adopted() && which != Closing::everything) continue;
    if (which == Closing::idle)
      s->drain();
    else
      s->close();
  }
}

void Loop::end_sessions() {
  for (int tries = 0; thread_.joinable() && tries < 200; ++tries) {
    std::promise<bool> gone;
    asio::post(context_, [&] {
      close_sessions(Closing::everything);
      gone.set_value(sessions_.empty());
    });
    if (gone.get_future().get()) return;
    std::this_thread::yield();
  }
}

void Loop::sweep() {
  sweeper_.expires_after(std::chrono::seconds(1));
  sweeper_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    const std::uint64_t now = now_ms();
    for (Session* s : sessions_)
      if (s->overdue(now)) s->close();
    sweep();
  });
}

}  // namespace tidegate::net
