#include "lambda/runner/process.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <map>
#include <set>

#include "base/log.h"
#include "lambda/runner/environment.h"

namespace tidegate::lambda {
namespace {

// What two events must share to share an environment.
std::string key_of(const FunctionImage& image) {
  return image.function_arn + "\n" + image.version + "\n" + image.revision;
}

}  // namespace

class ProcessRunner::Pool final : public Sandboxes::Observer,
                                  public std::enable_shared_from_this<ProcessRunner::Pool> {
 public:
  using Answer = OneShot<Result<InvocationOutcome>>;

  Pool(RunnerParts parts, RunnerOptions options, std::unique_ptr<Sandboxes> sandboxes,
       std::string level, std::string reason)
      : parts_(std::move(parts)),
        options_(std::move(options)),
        sandboxes_(std::move(sandboxes)),
        level_(std::move(level)),
        reason_(std::move(reason)) {
    if (sandboxes_) sandboxes_->observe(this);
  }
  ~Pool() override {
    if (sandboxes_) sandboxes_->observe(nullptr);
  }

  void invoke(FunctionImage image, Invocation invocation, std::shared_ptr<Answer> answer) {
    const std::string wanted = key_of(image);
    std::string problem = last_idle(wanted) ? "" : entrypoint_problem(image);
    if (!problem.empty()) return refuse_entrypoint(image, invocation.request_id, problem, *answer);
    auto place = take_place(image, wanted, invocation.nested);
    if (!place.ok()) return answer->set(std::move(place).error());
    auto environment = std::move(place).value();
    tell_counts();
    environment->assign(std::move(invocation), [self = shared_from_this(), environment,
                                                answer](Environment::Outcome outcome) {
      self->after_event(environment);
      answer->set(std::move(outcome));
    });
  }

  void retire(const Scope& scope, const std::string& name, const std::string& version,
              const std::string& keep_revision) {
    std::vector<std::shared_ptr<Environment>> gone;
    for (const auto& [key, member] : members_) {
      const FunctionImage& image = member.environment->image();
      if (!(image.scope == scope) || image.name != name) continue;
      if (!version.empty() && image.version != version) continue;
      if (!keep_revision.empty() && image.revision == keep_revision) continue;
      if (member.environment->busy()) {
        retired_.insert(key);
      } else {
        gone.push_back(member.environment);
      }
    }
    for (auto& environment : gone) remove(environment, "its function changed");
  }

  // What is live, or ending, has all its notices before this is over; bounded by kill_grace.
  asio::awaitable<void> close() {
    closing_ = true;
    while (!members_.empty())
      remove(members_.begin()->second.environment, "the server is stopping");
    if (!ending_.empty() && !lost_) {
      all_ended_ = std::make_shared<OneShot<bool>>();
      auto timer =
          parts_.real.after(options_.kill_grace, [wait = all_ended_] { wait->set(false); });
      auto ended = co_await all_ended_->wait();
      parts_.real.cancel(timer);
      if (!ended.value_or(false)) LOG_WARN("{} sandboxes did not end in time", ending_.size());
    }
    if (sandboxes_) sandboxes_->observe(nullptr);
    sandboxes_.reset();  // closes the socket: the launcher ends
  }

  Counts counts() const {
    // Busy is what has an event, from the moment it is chosen.
    Counts n;
    for (const auto& [key, member] : members_) {
      n.live += 1;
      (member.idle_since == 0 ? n.busy : n.idle) += 1;
    }
    return n;
  }
  const std::string& level() const { return level_; }
  const std::string& reason() const { return reason_; }

  // Sandboxes::Observer.
  void started(std::uint64_t id, Sandboxes::Started s) override {
    auto found = members_.find(id);
    if (found != members_.end()) found->second.environment->on_started(std::move(s));
  }
  void failed(std::uint64_t id, std::string why) override {
    LOG_WARN("no sandbox could be made: {}", why);
    if (auto environment = forget(id)) environment->on_failed(std::move(why));
    note_ended(id);
  }
  void exited(std::uint64_t id, Sandboxes::Exit exit) override {
    auto found = members_.find(id);
    if (found == members_.end()) return;
    auto environment = found->second.environment;
    environment->on_exited(exit);
  }
  void ended(std::uint64_t id, bool out_of_memory) override {
    if (auto environment = forget(id)) environment->on_ended(out_of_memory);
    note_ended(id);
  }
  void lost() override {
    lost_ = true;
    level_ = "off";
    reason_ = "the launcher ended";
    if (parts_.ports.lost) parts_.ports.lost();
    while (!members_.empty()) {
      auto environment = forget(members_.begin()->first);
      environment->on_ended(false);
    }
    ending_.clear();
    if (all_ended_) all_ended_->set(true);
  }

 private:
  struct Member {
    std::shared_ptr<Environment> environment;
    std::string image_key;
    std::uint64_t idle_since = 0;  // order of becoming idle; 0 while busy
    Scheduler::TimerId idle_timer = 0;
  };

  // Nothing is started; log and answer are as if it had been.
  void refuse_entrypoint(const FunctionImage& image, const std::string& request_id,
                         const std::string& problem, Answer& answer) {
    InvocationOutcome outcome;
    outcome.error_type = "Runtime.InvalidEntrypoint";
    outcome.payload = request_error_document(outcome.error_type, request_id, problem);
    outcome.failed = true;
    outcome.cold = true;
    Report report;
    report.request_id = request_id;
    report.memory_mb = image.memory_mb;
    report.status = "failure";
    report.error_type = outcome.error_type;
    const Instant now = parts_.real.now();
    const PlatformLog log(image);
    outcome.log_tail = log.start(now, request_id) +
                       log.ended(now, request_id, problem, outcome.error_type) +
                       log.end(now, report);
    if (parts_.ports.log)
      parts_.ports.log(image, log_stream_name(now, image.version, parts_.random), outcome.log_tail);
    answer.set(std::move(outcome));
  }

  // A warm environment of this image, or a new one; room is made by ending the longest idle.
  Result<std::shared_ptr<Environment>> take_place(const FunctionImage& image,
                                                  const std::string& wanted, bool nested) {
    if (closing_) return Error{Fault::cancelled, "the server is stopping"};
    if (lost_ || !sandboxes_ || level_ == "off")
      return Error{Fault::sandbox_unavailable, "functions cannot run on this machine: " + reason_};
    int limit = options_.max_environments - (nested ? 0 : options_.nested_reserve);
    if (counts().busy >= std::max(limit, 1))
      return Error{Fault::throttled, "every environment is busy"};
    if (Member* warm = last_idle(wanted)) {
      wake(*warm);
      return warm->environment;
    }
    Member* oldest = nullptr;
    for (auto& [key, member] : members_)
      if (member.idle_since != 0 && (!oldest || member.idle_since < oldest->idle_since))
        oldest = &member;
    if (int(members_.size()) >= options_.max_environments && oldest != nullptr)
      remove(oldest->environment, "its place was needed");
    return make(image, wanted);
  }

  Member* last_idle(const std::string& wanted) {
    Member* last = nullptr;
    for (auto& [key, member] : members_)
      if (member.idle_since > (last ? last->idle_since : 0) && member.image_key == wanted)
        last = &member;
    return last;
  }

  Result<std::shared_ptr<Environment>> make(const FunctionImage& image,
                                            const std::string& image_key) {
    std::uint64_t key = ++last_key_;
    auto environment = std::make_shared<Environment>(
        Environment::Shared{parts_, options_, *sandboxes_}, key, image);
    TRY(auto begun, environment->begin());
    (void)begun;
    members_[key] = Member{environment, image_key, 0, 0};
    return environment;
  }

  void wake(Member& member) {
    member.idle_since = 0;
    if (member.idle_timer != 0) parts_.real.cancel(std::exchange(member.idle_timer, 0));
  }

  void after_event(const std::shared_ptr<Environment>& environment) {
    auto found = members_.find(environment->key());
    if (found == members_.end()) return;
    if (environment->dead()) {
      // It killed itself; the launcher has yet to say that the sandbox is gone.
      forget(environment->key());
      if (!lost_) ending_.insert(environment->key());
      return;
    }
    if (closing_ || retired_.count(environment->key()) != 0)
      return remove(environment, "its function changed");
    found->second.idle_since = ++idle_order_;
    watch_idle(found->second, {});
    tell_counts();
  }

  // Frozen soon, ended at last. `idle` is how long it is so already.
  void watch_idle(Member& member, Duration idle, bool frozen = false) {
    const Duration left = options_.idle_ttl - idle;
    const Duration step = frozen ? left : std::min(left, options_.freeze_after);
    member.idle_timer = parts_.real.after(
        step, [weak = weak_from_this(), key = member.environment->key(), passed = idle + step] {
          if (auto self = weak.lock()) self->idled(key, passed);
        });
  }

  void idled(std::uint64_t key, Duration idle) {
    auto found = members_.find(key);
    if (found == members_.end()) return;
    if (idle >= options_.idle_ttl) return remove(found->second.environment, "it was idle for long");
    watch_idle(found->second, idle, found->second.environment->freeze());
  }

  void remove(std::shared_ptr<Environment> environment, const char* why) {
    LOG_DEBUG("environment {} of {} ends: {}", environment->id(), environment->image().name, why);
    forget(environment->key());
    if (!environment->dead()) environment->kill({Fault::cancelled, why});
    if (!lost_) ending_.insert(environment->key());
  }

  std::shared_ptr<Environment> forget(std::uint64_t key) {
    auto found = members_.find(key);
    if (found == members_.end()) return nullptr;
    wake(found->second);
    auto environment = found->second.environment;
    members_.erase(found);
    retired_.erase(key);
    tell_counts();
    return environment;
  }

  void tell_counts() const {
    if (!parts_.ports.counted) return;
    const Counts now = counts();
    parts_.ports.counted(now.busy, now.idle);
  }

  void note_ended(std::uint64_t id) {
    ending_.erase(id);
    if (ending_.empty() && all_ended_) all_ended_->set(true);
  }

  RunnerParts parts_;
  const RunnerOptions options_;
  std::unique_ptr<Sandboxes> sandboxes_;
  std::string level_, reason_;
  std::map<std::uint64_t, Member> members_;  // live, by key
  std::set<std::uint64_t> retired_;          // busy, to be ended after their event
  std::set<std::uint64_t> ending_;           // killed, not yet told to be gone
  std::shared_ptr<OneShot<bool>> all_ended_;
  std::uint64_t last_key_ = 0, idle_order_ = 0;
  bool closing_ = false, lost_ = false;
};

ProcessRunner::ProcessRunner(RunnerParts parts, RunnerOptions options, LauncherHandle launcher)
    : launcher_(launcher.pid), blocking_(parts.executors.blocking) {
  std::unique_ptr<Sandboxes> sandboxes;
  if (launcher.socket)
    sandboxes =
        std::make_unique<LauncherClient>(parts.executors.control, std::move(launcher.socket));
  pool_ = std::make_shared<Pool>(std::move(parts), std::move(options), std::move(sandboxes),
                                 launcher.level, launcher.reason);
}

ProcessRunner::ProcessRunner(RunnerParts parts, RunnerOptions options,
                             std::unique_ptr<Sandboxes> sandboxes, std::string level,
                             std::string reason)
    : blocking_(parts.executors.blocking) {
  pool_ = std::make_shared<Pool>(std::move(parts), std::move(options), std::move(sandboxes),
                                 std::move(level), std::move(reason));
}

ProcessRunner::~ProcessRunner() = default;

// The event goes on when the caller is cancelled: the function runs already, and its environment
// has to be brought back into the pool.
Task<InvocationOutcome> ProcessRunner::invoke(FunctionImage image, Invocation invocation) {
  auto answer = std::make_shared<Pool::Answer>();
  pool_->invoke(std::move(image), std::move(invocation), answer);
  auto outcome = co_await answer->wait();
  if (!outcome) co_return Error{Fault::cancelled, "the call was cancelled"};
  co_return std::move(*outcome);
}

void ProcessRunner::retire(const Scope& scope, const std::string& function_name,
                           const std::string& version, const std::string& keep_revision) {
  pool_->retire(scope, function_name, version, keep_revision);
}

std::string ProcessRunner::level() const {
  return pool_->level();
}

std::string ProcessRunner::level_reason() const {
  return pool_->reason();
}

ProcessRunner::Counts ProcessRunner::counts() const {
  return pool_->counts();
}

asio::awaitable<void> ProcessRunner::close() {
  co_await pool_->close();
  if (launcher_ <= 0) co_return;
  pid_t pid = std::exchange(launcher_, -1);
  co_await await_on(blocking_, [pid]() -> Status {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
    return done;
  });
}

}  // namespace tidegate::lambda
