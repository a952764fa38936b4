#include "server/commands.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "api/cloudtrail/api.h"
#include "audit/trail.h"
#include "identity/credentials.h"
#include "server/data_folder.h"
#include "store/sqlite.h"

namespace tidegate::server {
namespace {

constexpr std::size_t kPage = 500;

int fail(const std::string& text) {
  std::fprintf(stderr, "tidegate: %s\n", text.c_str());
  return 2;
}

// "VERB [--data DIR]"; nullopt with the words of the refusal printed.
struct Asked {
  std::string verb, data = "./tidegate-data";
};
std::optional<Asked> asked(const std::vector<std::string>& arguments,
                           const std::vector<std::string>& verbs, const char* usage) {
  Asked out;
  if (const char* from = std::getenv("TIDEGATE_DATA")) out.data = from;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--data" && i + 1 < arguments.size())
      out.data = arguments[++i];
    else if (out.verb.empty())
      out.verb = arguments[i];
    else
      out.verb = "?";
  }
  const bool known = std::find(verbs.begin(), verbs.end(), out.verb) != verbs.end();
  if (!known)
    std::fprintf(stderr, "%s", usage);
  else if (holds_a_server(out.data))
    return out;
  else
    fail(out.data + " holds no server's data; --data names the folder that does");
  return std::nullopt;
}

class NoTime final : public Clock {
 public:
  Instant now() const override { return Instant{}; }
  std::uint64_t up_us() const override { return 0; }
};

template <class T>
Result<T> run(asio::io_context& io, Task<T> task) {
  std::optional<Result<T>> result;
  asio::co_spawn(
      io,
      [](Task<T> t, std::optional<Result<T>>& out) -> asio::awaitable<void> {
        out.emplace(co_await std::move(t));
      }(std::move(task), result),
      [](const std::exception_ptr&) {});
  auto work = asio::make_work_guard(io);
  while (!result) io.run_one();
  return std::move(*result);
}

int verify(asio::io_context& io, audit::Trail& trail) {
  auto verdict = run(io, trail.verify());
  if (!verdict.ok()) return fail(verdict.error().message);
  if (!verdict->broken.empty()) {
    std::printf("BROKEN: %s\n", verdict->broken.c_str());
    return 1;
  }
  if (verdict->unplaced)
    std::printf("%llu records stand with their changes and are chained at the next start\n",
                static_cast<unsigned long long>(verdict->unplaced));
  std::printf("%llu records, %llu to %llu: the chain holds\nhead %s\n",
              static_cast<unsigned long long>(verdict->records),
              static_cast<unsigned long long>(verdict->first),
              static_cast<unsigned long long>(verdict->last), verdict->head.c_str());
  return 0;
}

void print(const std::vector<audit::Record>& records) {
  for (const audit::Record& r : records)
    std::printf("%s\n", api::cloudtrail::event_json(r).c_str());
}

int print_all(asio::io_context& io, audit::Trail& trail) {
  for (std::uint64_t at = 0;;) {
    auto page = run(io, trail.read(at, kPage));
    if (!page.ok()) return fail(page.error().message);
    print(*page);
    if (page->size() < kPage) break;
    at = page->back().sequence + 1;
  }
  auto unplaced = run(io, trail.unplaced());
  if (!unplaced.ok()) return fail(unplaced.error().message);
  print(*unplaced);
  return 0;
}

// Tells the server and waits until it says that it has the key.
bool taken(const std::string& data, int pid, const std::string& key_id) {
  if (::kill(pid, SIGUSR1) != 0) return false;
  for (int tries = 0; tries < 500; ++tries) {
    if (read_lock(data).root_key_id == key_id) return true;
    ::poll(nullptr, 0, 20);
  }
  return false;
}

}  // namespace

int audit(const std::vector<std::string>& arguments) {
  const auto what =
      asked(arguments, {"verify", "export"}, "usage: tidegate audit verify|export [--data DIR]\n");
  if (!what) return 2;
  Status locked = lock_folder(what->data);
  if (!locked.ok()) return fail(locked.error().message);
  SystemRandom random;
  auto key = identity::load_or_make_identity_key(what->data, random);
  if (!key.ok()) return fail(key.error().message);
  asio::io_context io;
  store::SqliteOptions options;
  options.path = what->data + "/tidegate.db";
  auto store = store::SqliteStore::open(io.get_executor(), options);
  if (!store.ok()) return fail(store.error().message);
  NoTime clock;
  Metrics metrics;
  audit::Trail trail(io.get_executor(), **store, clock, random, metrics, *key);
  return what->verb == "verify" ? verify(io, trail) : print_all(io, trail);
}

int credentials(const std::vector<std::string>& arguments) {
  const auto what =
      asked(arguments, {"rotate"}, "usage: tidegate credentials rotate [--data DIR]\n");
  if (!what) return 2;
  const Status locked = lock_folder(what->data);
  const bool runs = !locked.ok() && locked.fault() == Fault::conflict;
  if (!locked.ok() && !runs) return fail(locked.error().message);
  const LockHolder server = runs ? read_lock(what->data) : LockHolder{};
  if (runs && server.root_key_id.empty())
    return fail("the server that uses " + what->data +
                " has its root key from elsewhere (--dev, or --root-access-key-id)");
  SystemRandom random;
  auto key = identity::rotate_root_key(what->data, random);
  if (!key.ok()) return fail(key.error().message);
  if (runs && !taken(what->data, server.pid, key->id))
    return fail("the server did not take the new key: start it again");
  std::printf("the root access key is now %s; its secret is in %s/root-credentials\n",
              key->id.c_str(), what->data.c_str());
  return 0;
}

}  // namespace tidegate::server
