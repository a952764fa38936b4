#include "store/store.h"

#include <charconv>
#include <set>

#include "base/log.h"

namespace tidegate::store {

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (static_cast<unsigned char>(end.back()) != 0xff) {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

Range Range::prefix(std::string_view p, std::size_t limit) {
  Range range;
  range.begin = std::string(p);
  range.end = prefix_end(p);
  range.limit = limit;
  return range;
}

std::string ordered_number(std::uint64_t n) {
  return fmt::format("{:016X}", n);
}

std::uint64_t parse_ordered_number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  (void)end;
  return error == std::errc{} ? value : 0;
}

Status check_limits(const Txn& txn) {
  if (txn.guards.size() + txn.puts.size() + txn.erases.size() > kMaxOperations)
    return Error{Fault::too_large,
                 fmt::format("a transaction has at most {} operations", kMaxOperations)};
  std::size_t bytes = 0;
  std::set<std::string_view> written;
  auto key_ok = [&](const std::string& key) {
    bytes += key.size();
    return !key.empty() && key.size() <= kMaxKeyBytes;
  };
  for (const Guard& g : txn.guards)
    if (!key_ok(g.key)) return Error{Fault::invalid_argument, "a key has from 1 to 2048 bytes"};
  for (const auto& [key, value] : txn.puts) {
    if (!key_ok(key)) return Error{Fault::invalid_argument, "a key has from 1 to 2048 bytes"};
    if (value.size() > kMaxValueBytes)
      return Error{Fault::too_large, fmt::format("a value has at most {} bytes", kMaxValueBytes)};
    bytes += value.size();
    if (!written.insert(key).second)
      return Error{Fault::invalid_argument, "a key is written twice"};
  }
  for (const std::string& key : txn.erases) {
    if (!key_ok(key)) return Error{Fault::invalid_argument, "a key has from 1 to 2048 bytes"};
    if (!written.insert(key).second)
      return Error{Fault::invalid_argument, "a key is written twice"};
  }
  if (bytes > kMaxRequestBytes)
    return Error{Fault::too_large,
                 fmt::format("a transaction has at most {} bytes", kMaxRequestBytes)};
  return done;
}

Task<Revision> commit_recognisably(Store& store, Txn txn) {
  CHECK(!txn.puts.empty());
  const std::string key = txn.puts.front().first, value = txn.puts.front().second;
  Result<Revision> first = co_await store.commit(std::move(txn));
  if (first.ok() || first.fault() != Fault::outcome_unknown) co_return first;
  Result<std::optional<Kv>> found = co_await store.get(key);
  if (!found.ok())
    co_return Error{Fault::outcome_unknown, "the write may have been applied; please look again"};
  if (*found && (*found)->value == value) co_return (*found)->mod_revision;
  co_return Error{Fault::unavailable, "the write was not applied; please retry"};
}

Task<Unit> erase_prefix(Store& store, std::string prefix) {
  for (;;) {
    CO_TRY(Page page, co_await store.range(Range::prefix(prefix, kMaxOperations)));
    if (page.items.empty()) co_return done;
    Txn txn;
    for (Kv& kv : page.items) txn.erase(std::move(kv.key));
    CO_TRY(Revision gone, co_await store.commit(std::move(txn)));
    (void)gone;
  }
}

Task<std::vector<Scope>> scopes(Store& store) {
  std::vector<Scope> found;
  std::string from = "a/";
  const std::string end = prefix_end("a/");
  for (;;) {
    Range range;
    range.begin = from;
    range.end = end;
    range.limit = 1;
    CO_TRY(Page page, co_await store.range(std::move(range)));
    if (page.items.empty()) co_return found;
    const std::string& key = page.items.front().key;
    const std::size_t account_end = key.find('/', 2);
    const std::size_t region_end =
        account_end == std::string::npos ? account_end : key.find('/', account_end + 1);
    if (region_end == std::string::npos)
      co_return Error{Fault::internal, "a key without account and region"};
    found.push_back({key.substr(2, account_end - 2),
                     key.substr(account_end + 1, region_end - account_end - 1)});
    from = prefix_end(key.substr(0, region_end + 1));
  }
}

}  // namespace tidegate::store
