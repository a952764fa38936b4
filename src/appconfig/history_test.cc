// A seeded simulation: random histories of uploads, starts, stops, reverts, jumps of the clock,
// restarts and faults of the store, beside a small model that says what each client must be served.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/appconfig_world.h"
#include "support/seed.h"

namespace tidegate::appconfig {
namespace {

// What one profile serves, in the plainest words.
struct Model {
  struct Given {
    std::uint64_t deployment = 0;
    std::string text;
  };
  std::vector<Given> served;  // everybody's, oldest first; the last one counts
  std::optional<Given> growing;
  Growth growth;
  Instant started{};
  bool restored = false;

  void pass(Instant now) {
    if (!growing || now < completion(growth, started)) return;
    served.push_back(*growing);
    growing.reset();
    restored = false;
  }
  std::string due(const std::string& env, const std::string& prof, const std::string& client,
                  Instant now) {
    pass(now);
    if (growing) {
      const double share = progress_at(growth, started, now).percentage;
      if (cohort(env, prof, growing->deployment, client) < share * 100) return growing->text;
    }
    return served.empty() ? "" : served.back().text;
  }
};

class History {
 public:
  explicit History(std::uint64_t seed) : w_(seed), random_(seed + 1) {
    profiles_[0] = w_.profile("first", {{"LAMBDA", AppConfigWorld::kFunction}});
    profiles_[1] = w_.profile("second", {{"LAMBDA", AppConfigWorld::kFunction}});
    for (auto type : {GrowthType::linear, GrowthType::exponential})
      for (double factor : {7.0, 30.0, 100.0})
        strategies_.push_back(w_.strategy(static_cast<std::int32_t>(random_.below(40)),
                                          static_cast<std::int32_t>(random_.below(20)), factor,
                                          type));
    for (std::size_t p = 0; p < 2; ++p)
      for (int c = 0; c < 3; ++c) {
        auto token = w_.run(w_.service->data_plane.start_session(w_.scope, w_.app, w_.env,
                                                                 profiles_[p], std::nullopt));
        sessions_.push_back({p, *token, ""});
      }
    store::FaultyStore::Chances chances;
    chances.lost = chances.unanswered = chances.unavailable = 60;
    w_.store.chances(chances);
  }

  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2:
        return start();
      case 3:
        return stop();
      case 4:
        w_.restart();
        return;
      default:
        w_.advance(Duration{static_cast<std::int64_t>(random_.below(12 * 60'000))});
    }
  }

  void compare() {
    const Instant now = w_.world.clock.now();
    for (std::size_t p = 0; p < 2; ++p) {
      w_.prof = profiles_[p];
      for (int c = 0; c < 12; ++c) {
        const std::string client = fmt::format("client-{}", c);
        ASSERT_EQ(w_.served(client), models_[p].due(w_.env, profiles_[p], client, now));
      }
    }
    for (Polling& s : sessions_) {
      auto poll = w_.service->data_plane.latest(w_.scope, s.token);
      const Model& model = models_[s.profile];
      if (!poll.ok()) {
        ASSERT_EQ(poll.fault(), Fault::not_found);
        ASSERT_TRUE(model.served.empty());
        s.has.clear();
        continue;
      }
      s.token = poll->next_token;
      if (poll->content) {
        ASSERT_NE(*poll->content, s.has);  // unchanged is empty
        s.has = *poll->content;
      }
      // One of the two that can be due, and never a refused one.
      const bool base = !model.served.empty() && s.has == model.served.back().text;
      ASSERT_TRUE(base || (model.growing && s.has == model.growing->text)) << s.has;
    }
  }

 private:
  struct Polling {
    std::size_t profile;
    std::string token, has;
  };

  bool busy(Instant now) {
    for (Model& m : models_) {
      m.pass(now);
      if (m.growing) return true;
    }
    return false;
  }

  void start() {
    const std::size_t p = random_.below(2);
    w_.prof = profiles_[p];
    const std::size_t size = random_.below(5) ? 10 : 70 * 1024;
    const std::string text = fmt::format("{} {}", ++texts_, std::string(size, 'x'));
    auto made = w_.try_upload(text);
    if (!made.ok()) return;
    const bool refused = random_.below(4) == 0;
    w_.functions.answers.failed = refused;
    const std::string strategy = strategies_[random_.below(strategies_.size())];
    const bool was_busy = busy(w_.world.clock.now());
    auto started = w_.deploy(std::to_string(made->number), strategy);
    if (refused || was_busy) {
      ASSERT_EQ(started.fault(), was_busy ? Fault::conflict : Fault::invalid_argument);
      return;
    }
    if (!started.ok()) {
      ASSERT_EQ(started.fault(), Fault::unavailable) << started.error().message;
      return;
    }
    ASSERT_EQ(started->record.number, ++last_);
    models_[p].growing = Model::Given{last_, text};
    models_[p].growth = started->record.growth;
    models_[p].started = started->record.started;
    profile_of_[last_] = p;
    // Half of the time nobody needs the source any more.
    if (random_.below(2))
      (void)w_.run(w_.service->versions.remove(w_.scope, w_.app, w_.prof, made->number));
  }

  void stop() {
    if (last_ == 0) return;
    const bool allow = random_.below(2);
    const std::uint64_t number = last_ - random_.below(std::min<std::uint64_t>(last_, 3));
    Model& m = models_[profile_of_[number]];
    m.pass(w_.world.clock.now());
    const bool running = m.growing && m.growing->deployment == number;
    const bool newest = !m.growing && !m.served.empty() && m.served.back().deployment == number;
    auto stopped = w_.end(number, allow);
    if (!stopped.ok()) {
      if (stopped.fault() == Fault::unavailable) return;
      ASSERT_EQ(stopped.fault(), Fault::invalid_argument) << stopped.error().message;
      ASSERT_FALSE(running);
      ASSERT_FALSE(newest && allow && !m.restored);
      return;
    }
    if (running) {
      m.growing.reset();
    } else {
      ASSERT_TRUE(newest && allow && !m.restored);
      m.served.pop_back();
      m.restored = !m.served.empty();
    }
  }

  AppConfigWorld w_;
  SeededRandom random_;
  std::string profiles_[2];
  Model models_[2];
  std::vector<std::string> strategies_;
  std::vector<Polling> sessions_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::size_t> profile_of_;  // by deployment
  int texts_ = 0;
};

TEST(HistorySimulation, ServesWhatTheModelSays) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed));
  for (std::uint64_t round = 0; round < 8; ++round) {
    History history(seed + round * 1'000'000'007);
    for (int i = 0; i < 80; ++i) {
      history.step();
      if (testing::Test::HasFatalFailure()) return;
      history.compare();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tidegate::appconfig
