// Published versions: frozen copies of $LATEST.
#include <fmt/format.h>

#include <set>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "lambda/functions.h"

namespace tidegate::lambda {
namespace {

constexpr std::size_t kPage = 1000;

// What two publications must share to be the same version.
std::string state_of(const Function& latest) {
  Function f = latest;
  f.modified = Instant{};
  f.code_blob.clear();
  f.revision_id.clear();
  f.image_revision.clear();
  f.last_version = 0;
  f.published_state.clear();
  f.reserved.reset();
  f.tags.clear();
  return to_hex(sha256(store::encode(f)));
}

// How far a listing has come: a function, and of it the version that was shown last.
std::string marker_of(const Function& last) {
  return to_base64url(last.name + " " + last.version);
}

struct Position {
  std::string name;
  std::int64_t version = 0;  // 0 is $LATEST
};
Result<Position> position_of(const std::string& marker) {
  const std::string text = from_base64url(marker).value_or("");
  const std::size_t space = text.find(' ');
  Position at{text.substr(0, space), 0};
  if (space == std::string::npos || !is_word(at.name, 64)) return bad_marker();
  if (space + 1 == text.size()) return at;
  const auto number = version_number(std::string_view(text).substr(space + 1));
  if (!number) return bad_marker();
  at.version = *number;
  return at;
}

}  // namespace

Function Functions::publish_into(store::Txn& txn, const Scope& scope, Function& latest,
                                 const std::optional<std::string>& description) {
  Function version = latest;
  latest.published_state = state_of(latest);
  latest.last_version += 1;
  version.version = std::to_string(latest.last_version);
  version.last_version = 0;
  version.published_state.clear();
  version.tags.clear();
  version.reserved.reset();
  version.revision_id = random_.uuid();
  version.image_revision = random_.uuid();
  if (description) version.description = *description;
  txn.put(version_row(scope, latest, latest.last_version), store::encode(version));
  return version;
}

Task<Function> Functions::publish(Scope scope, FunctionRef ref, Publication given) {
  if (ref.qualifier && *ref.qualifier != kLatest) co_return function_not_found(scope, ref);
  const std::string key = function_row(scope, ref.name);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto kv, co_await store_.get(key));
    if (!kv) co_return function_not_found(scope, ref);
    CO_TRY(Function latest, store::decode<Function>(kv->value));
    if (given.revision_id && *given.revision_id != latest.revision_id)
      co_return stale_revision("GetFunction/GetAlias");
    const std::string digest = to_base64(from_hex(latest.code_sha256).value_or(""));
    if (given.code_sha256 && !given.code_sha256->empty() && *given.code_sha256 != digest)
      co_return Error{Fault::invalid_parameter_value,
                      fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST "
                                  "({}). Please try again with the CodeSHA256 in $LATEST.",
                                  *given.code_sha256, digest)};
    if (latest.published_state == state_of(latest)) {
      const FunctionRef newest{ref.name, std::to_string(latest.last_version)};
      Result<Function> same = co_await find(scope, newest);
      if (same.ok() || same.fault() != Fault::not_found) co_return same;
    }
    latest.revision_id = random_.uuid();
    store::Txn txn;
    txn.guard(store::Guard::unchanged(*kv));
    Function version = publish_into(txn, scope, latest, given.description);
    txn.put(key, store::encode(latest));
    Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
    if (made.ok()) co_return version;
    if (made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Function> Functions::choose(Scope scope, FunctionRef ref) {
  CO_TRY(Target target, co_await find_target(store_, scope, ref));
  if (target.version) co_return std::move(*target.version);
  if (!target.alias) co_return std::move(target.latest);
  FunctionRef chosen{ref.name, target.alias->version};
  constexpr std::uint64_t kParts = 1'000'000;
  double left = static_cast<double>(random_.below(kParts)) / kParts;
  for (const auto& [version, weight] : target.alias->weights) {
    if (left < weight) {
      chosen.qualifier = version;
      break;
    }
    left -= weight;
  }
  Result<Function> found = co_await find(scope, chosen);
  co_return found;
}

Task<std::vector<Function>> Functions::all_versions(Scope scope, Function latest) {
  std::vector<Function> out;
  store::Range range = store::Range::prefix(versions_prefix(scope, latest), kPage);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Function v, store::decode<Function>(kv.value));
      out.push_back(version_of(latest, std::move(v)));
    }
    if (!page.more) co_return out;
    range.begin = page.items.back().key + '\0';
  }
}

Task<FunctionPage> Functions::versions(Scope scope, FunctionRef ref, std::string marker,
                                       std::size_t max_items) {
  const FunctionRef whole{ref.name, std::nullopt};
  CO_TRY(Function latest, co_await find(scope, whole));
  FunctionPage out;
  store::Range range = store::Range::prefix(versions_prefix(scope, latest), max_items + 1);
  if (marker.empty()) {
    out.functions.push_back(latest);
  } else {
    CO_TRY(Position at, position_of(marker));
    range.begin = version_row(scope, latest, at.version) + '\0';
  }
  CO_TRY(store::Page page, co_await store_.range(range));
  for (const store::Kv& kv : page.items) {
    if (out.functions.size() == max_items) {
      out.next_marker = marker_of(out.functions.back());
      co_return out;
    }
    CO_TRY(Function v, store::decode<Function>(kv.value));
    out.functions.push_back(version_of(latest, std::move(v)));
  }
  co_return out;
}

Task<FunctionPage> Functions::list(Scope scope, std::string marker, std::size_t max_items,
                                   bool all_versions) {
  FunctionPage out;
  store::Range range = store::Range::prefix(key_prefix(scope, "fn"), max_items);
  if (!marker.empty()) {
    CO_TRY(Position at, position_of(marker));
    range.begin = function_row(scope, at.name) + '\0';
    if (all_versions) {
      // The rest of the function that the page before ended in, if it is there still.
      const FunctionRef cut{at.name, std::nullopt};
      Result<FunctionPage> rest = co_await versions(scope, cut, marker, max_items);
      if (!rest.ok() && rest.fault() != Fault::not_found) co_return rest;
      if (rest.ok()) out = std::move(*rest);
      if (!out.next_marker.empty()) co_return out;
    }
  }
  CO_TRY(store::Page page, co_await store_.range(range));
  for (const store::Kv& kv : page.items) {
    CO_TRY(Function f, store::decode<Function>(kv.value));
    const std::size_t room = max_items - out.functions.size();
    if (room == 0) {
      out.next_marker = marker_of(out.functions.back());
      co_return out;
    }
    if (!all_versions) {
      out.functions.push_back(std::move(f));
      continue;
    }
    const FunctionRef ref{f.name, std::nullopt};
    CO_TRY(FunctionPage some, co_await versions(scope, ref, "", room));
    for (Function& v : some.functions) out.functions.push_back(std::move(v));
    if (!some.next_marker.empty()) {
      out.next_marker = some.next_marker;
      co_return out;
    }
  }
  if (page.more) out.next_marker = marker_of(out.functions.back());
  co_return out;
}

Task<std::uint64_t> Functions::code_bytes(Scope scope) {
  std::uint64_t sum = 0;
  std::string marker;
  do {
    CO_TRY(FunctionPage page, co_await list(scope, marker, kPage, true));
    for (const Function& f : page.functions) sum += f.code_size;
    marker = page.next_marker;
  } while (!marker.empty());
  co_return sum;
}

Task<Unit> Functions::remove_version(Scope scope, FunctionRef ref, std::int64_t number) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Target> target = co_await find_target(store_, scope, ref);
    if (!target.ok() && target.fault() == Fault::not_found) co_return done;  // gone already
    if (!target.ok()) co_return std::move(target).error();
    std::vector<std::string> names;
    store::Range range = store::Range::prefix(aliases_prefix(scope, target->latest), kPage);
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Alias alias, store::decode<Alias>(kv.value));
      if (alias.version == *ref.qualifier || alias.weights.contains(*ref.qualifier))
        names.push_back(alias.name);
    }
    if (!names.empty())
      co_return Error{Fault::conflict,
                      fmt::format("Unable to delete version because the following aliases "
                                  "reference it: [{}]",
                                  fmt::join(names, ", "))};
    store::Txn txn;
    // An alias that comes to it meanwhile writes the version's row again.
    txn.guard(store::Guard::unchanged(target->kv)).erase(target->kv.key);
    txn.erase(policy_row(scope, target->latest, ref.qualifier));
    txn.erase(event_config_row(scope, target->latest, *ref.qualifier));
    Result<store::Revision> gone = co_await store_.commit(std::move(txn));
    if (!gone.ok() && gone.fault() == Fault::guard_failed) continue;
    if (!gone.ok()) co_return std::move(gone).error();
    runner_.retire(scope, ref.name, std::to_string(number), "");
    co_return co_await drop_code(scope, target->latest, target->version->code_blob);
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> Functions::drop_code(Scope scope, Function latest, std::string blob) {
  if (blob.empty()) co_return done;
  const FunctionRef ref{latest.name, std::nullopt};
  CO_TRY(Function now, co_await find(scope, ref));
  if (now.code_blob == blob) co_return done;
  CO_TRY(std::vector<Function> versions, co_await all_versions(scope, latest));
  for (const Function& v : versions)
    if (v.code_blob == blob) co_return done;
  packages_.erase_blob(blob);
  co_return done;
}

Task<Unit> Functions::sweep(Scope scope, std::set<std::string>& needed,
                            std::set<std::string>& layers) {
  std::set<std::string> living;  // fronts of what belongs to functions that are there
  std::string marker;
  do {
    CO_TRY(FunctionPage page, co_await list(scope, marker, kPage, true));
    for (const Function& f : page.functions) {
      living.insert(parts_of_function(scope, f));
      needed.insert(f.code_sha256);
      if (!f.layers.empty()) needed.insert(overlay_name(f.layers));
      for (const LayerUse& layer : f.layers) layers.insert(layer.arn);
    }
    marker = page.next_marker;
  } while (!marker.empty());
  store::Range range = store::Range::prefix(parts_of_functions(scope), 1);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    if (page.items.empty()) co_return done;
    const std::string& key = page.items.front().key;
    const std::string front = key.substr(0, key.find('/', parts_of_functions(scope).size()) + 1);
    range.begin = store::prefix_end(front);
    if (living.contains(front)) continue;
    CO_TRY(Unit gone, co_await store::erase_prefix(store_, front));
    (void)gone;
  }
}

}  // namespace tidegate::lambda
