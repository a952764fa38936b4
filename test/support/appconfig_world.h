// AppConfigWorld: AppConfig over stores in memory in virtual time, with one application, one
// environment and fakes for where configurations come from and who validates them. Every commit
// and read goes through a FaultyStore, which passes all until a test says otherwise.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "appconfig/service.h"
#include "blob/memory.h"
#include "events/queue.h"
#include "store/faulty.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::appconfig {

class FakeSource final : public ConfigSource {
 public:
  std::map<std::string, SourceContent> contents;  // by "<uri>@<version>"
  std::size_t fetched = 0;

  Task<SourceContent> fetch(Scope, std::string, std::string uri, std::string version,
                            std::size_t) override {
    ++fetched;
    auto found = contents.find(uri + "@" + version);
    if (found == contents.end())
      co_return Error{Fault::invalid_request, "there is no version " + version};
    co_return found->second;
  }
};

class FakeFunctions final : public FunctionCaller {
 public:
  explicit FakeFunctions(Scheduler& clock) : clock_(clock) {}
  std::vector<FunctionCall> calls, later;
  Duration takes{0};
  FunctionOutcome answers;
  std::optional<Error> refuses;
  // Instead of `answers`, when a test says more than one thing.
  std::function<FunctionOutcome(const FunctionCall&)> answer;

  Task<FunctionOutcome> call(Scope, FunctionCall call) override {
    calls.push_back(call);
    if (takes > Duration{0}) {
      CO_TRY(Unit slept, co_await sleep_until(clock_, clock_.now() + takes));
      (void)slept;
    }
    if (refuses) co_return *refuses;
    if (answer) co_return answer(call);
    co_return answers;
  }
  Task<Unit> call_later(store::Txn& txn, Scope, FunctionCall call) override {
    if (refuses) co_return *refuses;
    later.push_back(call);
    // As the function service's queue: the call exists when the transaction commits.
    txn.put(fmt::format("called/{:06}", later.size()), call.payload);
    co_return done;
  }

 private:
  Scheduler& clock_;
};

class FakeWebhooks final : public WebhookCaller {
 public:
  std::vector<WebhookCall> calls;
  std::string answers = "{}";
  std::optional<Error> refuses;

  std::optional<std::string> why_not(const std::string& url) override {
    std::optional<std::string> out;
    if (url.find("allowed.example") == std::string::npos) out = "its host is not allowed";
    return out;
  }
  Task<std::string> post(WebhookCall call) override {
    calls.push_back(std::move(call));
    if (refuses) co_return *refuses;
    co_return answers;
  }
};

class FakeAlarms final : public AlarmStates {
 public:
  std::map<std::string, MonitoredAlarm> alarms;  // by ARN
  std::size_t asked = 0;

  void set(const std::string& arn, AlarmState state, bool acts = true) {
    alarms[arn].state = state;
    alarms[arn].acts = acts;
    if (changed_) changed_(arn);
  }
  Task<std::optional<MonitoredAlarm>> state(Scope, std::string arn) override {
    ++asked;
    auto found = alarms.find(arn);
    std::optional<MonitoredAlarm> out;
    if (found != alarms.end()) out = found->second;
    co_return out;
  }
  void on_change(std::function<void(std::string)> changed) override {
    changed_ = std::move(changed);
  }

 private:
  std::function<void(std::string)> changed_;
};

struct AppConfigWorld {
  static constexpr const char* kFunction =
      "arn:aws:lambda:us-east-1:111122223333:function:validator";
  static constexpr const char* kExtension =
      "arn:aws:lambda:us-east-1:111122223333:function:extension";

  SimWorld world;
  store::MemoryStore memory;
  store::FaultyStore store;
  blob::MemoryBlobs blobs{world.random};
  FakeSource source;
  FakeFunctions functions{world.clock};
  FakeAlarms alarms;
  FakeWebhooks webhooks;
  Metrics metrics;
  std::unique_ptr<events::Queue> told;
  std::unique_ptr<Service> service;
  Scope scope{"111122223333", "us-east-1"};
  std::string app, env, prof;  // ids
  std::size_t max_content = 2u << 20;
  std::uint64_t max_hosted = 1u << 30;

  explicit AppConfigWorld(std::uint64_t seed = 1) : world(seed), store(memory, seed) {
    start();
    Application a;
    a.name = "shop";
    app = run(service->applications.create(scope, a))->id;
    env = environment("prod");
    prof = profile("limits");
  }
  ~AppConfigWorld() { stop(); }

  // As a restart over the same stores.
  void start() {
    auto tokens = world.run(Tokens::load(store, world.random));
    CHECK(tokens.ok());
    told = std::make_unique<events::Queue>(store, world.clock, world.random, world.executors(),
                                           metrics, events::QueueOptions{"appconfig-actions"});
    service = std::make_unique<Service>(
        ServiceParts{store, blobs, world.clock, world.random, world.executors(), source, functions,
                     *told, max_content, max_hosted, &alarms, &webhooks},
        *tokens);
    Status started = run(service->start());
    CHECK(started.ok());
    told->start(
        [this](events::Delivery d) { return service->deployment_actions.deliver(std::move(d)); });
    world.settle();
  }
  void stop() {
    if (!service) return;
    CHECK(world.run(close(*told, *service)).ok());
    world.settle();
    service.reset();
    told.reset();
  }
  void restart() {
    stop();
    start();
  }

  template <class T>
  Result<T> run(Task<T> task) {
    auto result = world.run(std::move(task));
    world.settle();
    return result;
  }
  void advance(Duration d) {
    world.advance(d);
    world.settle();
  }
  void minutes(std::int64_t n) { advance(Duration{n * 60'000}); }

  std::string environment(const std::string& name) {
    Environment e;
    e.name = name;
    auto made = run(service->environments.create(scope, app, e));
    CHECK(made.ok());
    return made->id;
  }
  std::string profile(const std::string& name, std::vector<Validator> validators = {},
                      const std::string& uri = "hosted") {
    Profile p;
    p.name = name;
    p.location_uri = uri;
    if (uri != "hosted") p.retrieval_role_arn = "arn:aws:iam::111122223333:role/reader";
    p.validators = std::move(validators);
    auto made = run(service->profiles.create(scope, app, p));
    CHECK(made.ok());
    return made->id;
  }
  std::string strategy(std::int32_t duration, std::int32_t bake, double factor,
                       GrowthType type = GrowthType::linear) {
    Strategy s;
    s.name = "s";
    s.duration_minutes = duration;
    s.bake_minutes = bake;
    s.growth_factor = factor;
    s.growth_type = type;
    auto made = run(service->strategies.create(scope, s));
    CHECK(made.ok());
    return made->id;
  }
  // An extension with an action at each of these points.
  std::string extension(const std::string& name, const std::vector<ActionPoint>& points,
                        const std::string& uri = kExtension,
                        std::map<std::string, Parameter> parameters = {}) {
    NewExtension e;
    e.name = name;
    e.parameters = std::move(parameters);
    for (ActionPoint point : points) e.actions[std::string(to_string(point))] = action(uri);
    auto made = run(service->extensions.create(scope, e));
    CHECK(made.ok());
    return made->id;
  }
  static Action action(const std::string& uri = kExtension) {
    Action a;
    a.name = "act";
    a.uri = uri;
    return a;
  }
  Result<ExtensionAssociation> try_associate(const std::string& extension, const std::string& path,
                                             ParameterValues values = {}) {
    NewAssociation a;
    a.extension = extension;
    a.resource_arn = arn(scope, "appconfig", path);
    a.parameters = std::move(values);
    return run(service->associations.create(scope, a));
  }
  std::string associate(const std::string& extension, const std::string& path,
                        ParameterValues values = {}) {
    auto made = try_associate(extension, path, std::move(values));
    CHECK(made.ok());
    return made->id;
  }
  // An extension of the application.
  std::string acting(const std::vector<ActionPoint>& points, const std::string& uri = kExtension) {
    const std::string id = extension(fmt::format("extension-{}", ++extensions_), points, uri);
    associate(id, application_path(app));
    return id;
  }
  Result<DeploymentNow> deployment(std::uint64_t number) {
    return run(service->deployments.find(scope, app, env, number));
  }

  Result<HostedVersion> try_upload(const std::string& content, const std::string& profile = "",
                                   std::optional<std::string> label = std::nullopt) {
    NewHostedVersion v;
    v.content = content;
    v.content_type = "application/json";
    v.label = std::move(label);
    return run(service->versions.create(scope, app, profile.empty() ? prof : profile, v));
  }
  std::string upload(const std::string& content, const std::string& profile = "") {
    auto made = try_upload(content, profile);
    CHECK(made.ok());
    return std::to_string(made->number);
  }

  StartRequest request(const std::string& version, const std::string& strategy) {
    StartRequest r;
    r.application = app;
    r.environment = env;
    r.profile = prof;
    r.strategy = strategy;
    r.version = version;
    return r;
  }
  Result<DeploymentNow> deploy(const std::string& version,
                               const std::string& strategy = "AppConfig.AllAtOnce") {
    return run(service->deployments.start(scope, request(version, strategy)));
  }
  // Deploys and lets it come to its end.
  void complete(const std::string& version) {
    CHECK(deploy(version).ok());
    minutes(10);
  }
  Result<DeploymentNow> end(std::uint64_t number, bool allow_revert = false) {
    return run(service->deployments.stop(scope, app, env, number, allow_revert));
  }
  std::string state(std::uint64_t number) {
    auto found = run(service->deployments.find(scope, app, env, number));
    return found.ok() ? std::string(to_string(found->view.state)) : found.error().message;
  }
  std::string environment_state() {
    return *run(service->deployments.environment_state(scope, app, env));
  }

  std::string session(std::optional<std::int32_t> interval = std::nullopt) {
    auto token = run(service->data_plane.start_session(scope, app, env, prof, interval));
    CHECK(token.ok());
    return *token;
  }
  Result<Poll> poll(std::string& token) {
    auto answer = service->data_plane.latest(scope, token);
    if (answer.ok()) token = answer->next_token;
    return answer;
  }
  Result<Configuration> configuration(const std::string& client,
                                      std::optional<std::string> version = std::nullopt) {
    return run(service->data_plane.configuration(scope, app, env, prof, client, version));
  }
  // What a client gets that asks for the first time: "" is nothing.
  std::string served(const std::string& client = "c") {
    auto found = configuration(client);
    return found.ok() ? *found->content : "";
  }

  std::size_t rows(const std::string& table) {
    auto page =
        world.run(memory.range(store::Range::prefix("a/111122223333/us-east-1/ac/" + table + "/")));
    return page->items.size();
  }

 private:
  int extensions_ = 0;

  static Task<Unit> close(events::Queue& told, Service& service) {
    co_await told.close();
    co_await service.close();
    co_return done;
  }
};

}  // namespace tidegate::appconfig
