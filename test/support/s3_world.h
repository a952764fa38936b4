// S3World: the S3 domain over stores in memory in virtual time, with one caller and an outbox that
// keeps what was appended. For tests of src/s3.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "blob/memory.h"
#include "s3/service.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::s3 {

// SHA-256 for every algorithm: the domain only passes values on.
class PlainChecksums final : public ChecksumMath {
 public:
  class PlainDigester final : public Digester {
   public:
    explicit PlainDigester(std::string algorithm) : algorithm_(std::move(algorithm)) {}
    void update(std::string_view bytes) override { bytes_.append(bytes); }
    Digests finish() override {
      return {digest(Digest::md5, bytes_), {algorithm_, to_base64(sha256(bytes_)), false}};
    }

   private:
    std::string algorithm_, bytes_;
  };
  std::unique_ptr<Digester> digester(const std::string& algorithm) const override {
    ++digesters;
    return std::make_unique<PlainDigester>(algorithm.empty() ? "CRC64NVME" : algorithm);
  }
  mutable int digesters = 0;  // contents that were read again
  std::optional<std::string> composite(const std::string&,
                                       const std::vector<PartRecord>& parts) const override {
    std::string all;
    for (const auto& part : parts) all += part.checksum.value;
    return to_base64(sha256(all));
  }
  std::optional<std::string> combined(const std::string& algorithm,
                                      const std::vector<PartRecord>& parts) const override {
    return composite(algorithm, parts);
  }
};

struct S3World {
  SimWorld world;
  store::MemoryStore store;
  blob::MemoryBlobs blobs{world.random};
  PlainChecksums math;
  std::vector<ObjectEvent> events;  // appended, committed or not
  std::unique_ptr<Service> s3;
  Caller caller;

  explicit S3World(std::uint64_t seed = 1) : world(seed) {
    caller.scope = Scope{"111122223333", "us-east-1"};
    caller.principal_id = "AIDAEXAMPLE";
    caller.request_id = "0123456789ABCDEF";
    caller.host_id = "host";
    caller.source_ip = "127.0.0.1";
    start();
  }
  ~S3World() { stop(); }

  // As a restart over the same stores.
  void start() {
    auto ids = world.run(VersionIds::load(store, world.random));
    s3 = std::make_unique<Service>(
        store, blobs, world.clock, world.random, world.executors(), *ids,
        [this](store::Txn& txn, const Scope& scope, events::Delivery delivery) {
          return append(txn, scope, std::move(delivery));
        },
        math, ServiceOptions{});
  }
  void stop() {
    if (!s3) return;
    auto closed = world.run(close(*s3));
    CHECK(closed.ok());
    s3.reset();
  }

  template <class T>
  Result<T> run(Task<T> task) {
    auto result = world.run(std::move(task));
    world.settle();
    return result;
  }

  void bucket(const std::string& name, Versioning versioning = Versioning::never_set) {
    CHECK(run(s3->buckets.create(caller, name, "")).ok());
    if (versioning != Versioning::never_set) set_versioning(name, versioning);
  }
  void set_versioning(const std::string& name, Versioning versioning) {
    CHECK(run(s3->buckets.set_versioning(caller, name, versioning)).ok());
  }

  // Content as the API layer would hand it over.
  NewContent content(const std::string& bytes) {
    NewContent made;
    made.size = bytes.size();
    made.md5 = digest(Digest::md5, bytes);
    made.checksum = {"CRC64NVME", to_base64(sha256(bytes)), false};
    if (bytes.size() <= kInlineLimit) {
      made.inline_bytes = bytes;
      return made;
    }
    auto upload = blobs.begin();
    CHECK((*upload)->write(bytes).ok());
    made.blob_id = *(*upload)->commit();
    return made;
  }

  Result<PutResult> put(const std::string& name, const std::string& key, const std::string& bytes,
                        WriteConditions conditions = {}) {
    PutRequest request;
    request.bucket = name;
    request.key = key;
    request.content = content(bytes);
    request.conditions = conditions;
    return run(s3->objects.put(caller, std::move(request)));
  }

  Result<std::string> get(const std::string& name, const std::string& key,
                          std::optional<std::string> version = std::nullopt) {
    auto opened = run(s3->objects.open(caller, name, key, std::move(version)));
    if (!opened.ok()) return std::move(opened).error();
    return bytes_of(opened->content);
  }

  Result<RemoveResult> remove(const std::string& name, const std::string& key,
                              std::optional<std::string> version = std::nullopt) {
    RemoveRequest request;
    request.key = key;
    request.version_id = std::move(version);
    return run(s3->objects.remove(caller, name, std::move(request)));
  }

  static std::string bytes_of(const Content& content) {
    if (const auto* bytes = std::get_if<std::string>(&content)) return *bytes;
    const auto& reader = std::get<std::shared_ptr<blob::Reader>>(content);
    std::string all(reader->size(), '\0');
    std::size_t at = 0;
    while (at < all.size()) {
      auto count = reader->read(at, all.data() + at, all.size() - at);
      CHECK(count.ok() && *count > 0);
      at += *count;
    }
    return all;
  }

  // Sends events of all kinds of that bucket to a function.
  Status notify(const std::string& name, std::vector<std::string> events, std::string prefix = "",
                std::string suffix = "") {
    NotificationConfiguration configuration;
    NotificationEntry entry;
    entry.arn = "arn:aws:lambda:us-east-1:111122223333:function:f";
    entry.events = std::move(events);
    entry.has_filter = true;
    if (!prefix.empty()) entry.rules.push_back({"prefix", prefix});
    if (!suffix.empty()) entry.rules.push_back({"suffix", suffix});
    configuration.entries.push_back(std::move(entry));
    return run(s3->buckets.set_notifications(caller, name, std::move(configuration), nullptr));
  }

 private:
  Status append(store::Txn& txn, const Scope& scope, events::Delivery delivery) {
    auto event = store::decode<ObjectEvent>(delivery.body);
    if (!event.ok()) return std::move(event).error();
    txn.put("a/" + scope.account + "/" + scope.region + "/outbox/" + delivery.id, delivery.body);
    events.push_back(std::move(*event));
    return done;
  }
  static Task<Unit> close(Service& service) {
    co_await service.close();
    co_return done;
  }
};

}  // namespace tidegate::s3
