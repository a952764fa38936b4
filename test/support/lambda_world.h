// LambdaWorld: the function service over stores in memory, in virtual time, with a runner that
// runs nothing. For tests of src/lambda and of what calls it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "blob/memory.h"
#include "lambda/aliases.h"
#include "lambda/invoke.h"
#include "lambda/runner/fake.h"
#include "store/faulty.h"
#include "store/memory.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"
#include "support/zip_maker.h"

namespace tidegate::lambda {

class FakeCode final : public CodeSource {
 public:
  Result<std::string> answer{std::string()};
  std::size_t limit = 0;  // as asked
  std::string asked;
  Task<std::string> fetch(Scope, std::string bucket, std::string key,
                          std::optional<std::string> version, std::size_t most) override {
    limit = most;
    asked = bucket + "/" + key + "@" + version.value_or("");
    co_return answer;
  }
};

class FakeRecords final : public RecordSink {
 public:
  std::map<std::string, std::string> records;  // "bucket/key"
  Status answer = done;
  std::string refused;  // an action that the functions' role may not do
  Task<Unit> admit(Scope, std::string, std::string, std::string action, std::string) override {
    if (action == refused) co_return Error{Fault::access_denied, "not authorized to: " + action};
    co_return done;
  }
  Task<Unit> put(Scope, std::string bucket, std::string key, std::string record) override {
    if (answer.ok()) records[bucket + "/" + key] = std::move(record);
    co_return answer;
  }
};

struct LambdaWorld {
  const Scope scope{"111122223333", "us-east-1"};
  SimWorld world;
  TempDir folder;
  store::MemoryStore memory;
  store::FaultyStore store{memory, 1};
  blob::MemoryBlobs blobs{world.random};
  Metrics metrics;
  FakeRunner runner;
  FakeCode code;
  FakeRecords records;
  Packages packages{folder.path(), blobs, world.random, world.executors()};
  Policies policies{store, world.random};
  Aliases aliases{store, world.random};
  EventConfigs event_configs{store, world.clock};
  Concurrency concurrency{store, world.random};
  Layers layers{store, world.clock, world.random, packages, code};
  Functions functions{store, world.clock, world.random, packages, code, layers, runner};
  std::unique_ptr<events::Queue> queue = make_queue();
  std::unique_ptr<Invoker> invoker = make_invoker();

  ~LambdaWorld() { stop(); }

  std::unique_ptr<events::Queue> make_queue() {
    return std::make_unique<events::Queue>(store, world.clock, world.random, world.executors(),
                                           metrics, events::QueueOptions{"async-invokes", 64, 8});
  }
  std::unique_ptr<Invoker> make_invoker() {
    return std::make_unique<Invoker>(InvokerParts{functions, policies, event_configs, concurrency,
                                                  runner, *queue, store, blobs, records,
                                                  world.random, world.clock, world.executors()});
  }
  void start() {
    queue->start([this](events::Delivery d) { return invoker->deliver(std::move(d)); });
    world.settle();
  }
  void stop() {
    if (!queue) return;
    Status closed = world.run(closing(*queue));
    CHECK(closed.ok());
    invoker.reset();
    queue.reset();
  }
  // As after a crash of the process: what is in memory only is gone.
  void restart() {
    stop();
    queue = make_queue();
    invoker = make_invoker();
    start();
  }
  template <class T>
  Result<T> run(Task<T> task) {
    return world.run(std::move(task));
  }

  static FunctionRef ref(std::string name, std::optional<std::string> qualifier = std::nullopt) {
    return FunctionRef{std::move(name), std::move(qualifier)};
  }
  static std::string zip(const std::string& text = "def handler(e, c): pass") {
    return make_zip({{"index.py", text, 0100644, false}});
  }
  static NewFunction wanted(const std::string& name) {
    NewFunction f;
    f.name = name;
    f.configuration.runtime = "python3.11";
    f.configuration.handler = "index.handler";
    f.configuration.role = "arn:aws:iam::111122223333:role/r";
    f.code.zip = zip();
    return f;
  }
  Result<Function> create(const std::string& name) {
    return run(functions.create(scope, wanted(name)));
  }
  InvokeRequest request(const std::string& name, std::string payload = "{}") {
    InvokeRequest r;
    r.function = ref(name);
    r.payload = std::move(payload);
    r.request_id = world.random.uuid();
    return r;
  }
  std::vector<events::Delivery> dead() { return *run(queue->dead(scope)); }

 private:
  static Task<Unit> closing(events::Queue& queue) {
    co_await queue.close();
    co_return done;
  }
};

}  // namespace tidegate::lambda
