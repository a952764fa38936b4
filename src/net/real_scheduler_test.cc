// Production's clock over a real loop. Nothing sleeps: the domain's clock is turned.
#include "net/real_scheduler.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace tidegate::net {
namespace {

using namespace std::chrono_literals;

class DomainTime : public testing::Test {
 public:
  asio::io_context io{1};
  std::unique_ptr<DomainScheduler> clock = std::make_unique<DomainScheduler>(io.get_executor());
  std::string ran;

  // Runs the loop until `done` says so, at most 10 s.
  void run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(100ms);
    }
    EXPECT_TRUE(done());
  }
  std::function<void()> mark(char c) {
    return [this, c] { ran += c; };
  }
};

TEST_F(DomainTime, ActionsRunInOrderOfTimeThenRegistration) {
  const Instant now = clock->now();
  clock->at(now + 3h, mark('d'));
  clock->at(now + 1h, mark('b'));
  clock->at(now + 1h, mark('c'));
  clock->at(now - 1h, mark('a'));
  EXPECT_EQ(ran, "");  // never inside at()
  run_until([&] { return ran == "a"; });
  clock->advance(2h);
  run_until([&] { return ran == "abc"; });
  clock->advance(2h);
  run_until([&] { return ran == "abcd"; });
}

TEST_F(DomainTime, AnInstantBeforeTheFirstTimerIsNotForgotten) {
  const Instant now = clock->now();
  clock->at(now + 48h, mark('z'));
  clock->at(now + 2h, mark('b'));
  clock->at(now + 1h, mark('a'));
  clock->advance(3h);
  run_until([&] { return ran == "ab"; });
}

TEST_F(DomainTime, WhatIsCancelledDoesNotRun) {
  const Instant now = clock->now();
  auto first = clock->at(now + 1h, mark('x'));
  auto second = clock->at(now + 2h, mark('y'));
  EXPECT_NE(first, 0u);
  clock->at(now + 3h, mark('a'));
  clock->cancel(first);
  clock->cancel(first);
  clock->cancel(77'777);
  clock->at(now + 1h, [&] { clock->cancel(second); });
  clock->advance(4h);
  run_until([&] { return ran == "a"; });
}

TEST_F(DomainTime, AnActionMaySetAnother) {
  clock->after(1h, [this] {
    ran += 'a';
    clock->after(0s, mark('b'));
    clock->after(1h, mark('c'));
  });
  clock->advance(90min);
  run_until([&] { return ran == "ab"; });
  clock->advance(1h);
  run_until([&] { return ran == "abc"; });
}

TEST_F(DomainTime, TurningMovesTheClockForGood) {
  const Instant before = clock->now();
  const std::uint64_t up = clock->up_ms();
  clock->advance(24h);
  const Instant after = clock->now();
  EXPECT_GE(after - before, 24h);
  EXPECT_LT(after - before, 24h + 10s);
  clock->advance(1h);
  EXPECT_GE(clock->now() - after, 1h);
  EXPECT_LT(clock->up_ms() - up, 10'000u);  // what runs by itself is not turned
}

TEST_F(DomainTime, ItMayRunFaster) {
  clock = std::make_unique<DomainScheduler>(io.get_executor(), TimeOptions{36'000.0});
  const Instant start = clock->now();
  Instant seen{};
  clock->after(1h, [&] { seen = clock->now(); });  // a tenth of a second
  run_until([&] { return seen != Instant{}; });
  EXPECT_GE(seen - start, 1h);
}

std::atomic<std::int64_t> system_ms;
Instant set_system() {
  return instant_from_ms(system_ms);
}

TEST_F(DomainTime, ARealWaitIsNoMatterOfTheSystemsTime) {
  system_ms = 1'000'000'000;
  clock = std::make_unique<DomainScheduler>(io.get_executor(), TimeOptions{1, true, set_system});
  const std::uint64_t up = clock->up_us();
  std::uint64_t ran_at = 0;
  clock->after(1h, mark('h'));
  clock->at(clock->now() + 1h, mark('h'));
  clock->after(10ms, [&] { ran_at = clock->up_us(); });
  system_ms += 2 * 3'600'000;
  run_until([&] { return ran_at != 0; });
  EXPECT_GE(ran_at - up, 10'000u);
  EXPECT_EQ(ran, "");

  system_ms -= 3 * 3'600'000;
  clock->after(1ms, mark('m'));
  run_until([&] { return ran == "m"; });
  EXPECT_EQ(clock->now(), instant_from_ms(system_ms));
}

TEST_F(DomainTime, ASystemClockThatIsSetBackIsNotFollowed) {
  system_ms = 1'000'000'000;
  clock = std::make_unique<DomainScheduler>(io.get_executor(), TimeOptions{1, false, set_system});
  EXPECT_EQ(to_ms(clock->now()), 1'000'000'000);
  system_ms += 5'000;  // forward is
  EXPECT_EQ(to_ms(clock->now()), 1'000'005'000);
  system_ms -= 10;  // threads that overtake each other
  EXPECT_EQ(to_ms(clock->now()), 1'000'005'000);
  system_ms += 20;
  EXPECT_EQ(to_ms(clock->now()), 1'000'005'010);
  system_ms -= 3'600'000;
  const Instant held = clock->now();
  EXPECT_GE(to_ms(held), 1'000'005'010);
  clock->after(10ms, mark('a'));  // time goes on from where it stood
  run_until([&] { return ran == "a"; });
  EXPECT_GE(clock->now() - held, 10ms);
  clock->advance(1h);
  EXPECT_GE(clock->now() - held, 1h);
  EXPECT_LT(clock->now() - held, 2h);
}

TEST_F(DomainTime, RealTimeIsTheSystems) {
  system_ms = 1'000'000'000;
  clock = std::make_unique<DomainScheduler>(io.get_executor(), TimeOptions{1, true, set_system});
  EXPECT_EQ(to_ms(clock->now()), 1'000'000'000);
  system_ms -= 3'600'000;
  EXPECT_EQ(to_ms(clock->now()), system_ms);
}

TEST_F(DomainTime, NothingRunsAfterClose) {
  clock->after(1h, mark('x'));
  clock->close();
  EXPECT_NE(clock->after(0s, mark('y')), 0u);
  clock->advance(2h);
  io.restart();
  io.poll();
  EXPECT_EQ(ran, "");
}

TEST_F(DomainTime, AClockMayEndBeforeItsLoop) {
  clock->after(0s, mark('x'));
  clock.reset();
  io.restart();
  io.poll();
  EXPECT_EQ(ran, "");
}

TEST_F(DomainTime, AClockMayCloseInsideAnAction) {
  clock->after(0s, [this] {
    ran += 'a';
    clock->close();
  });
  clock->after(0s, mark('x'));
  run_until([&] { return ran == "a"; });
}

}  // namespace
}  // namespace tidegate::net
