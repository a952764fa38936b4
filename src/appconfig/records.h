// What every part of AppConfig shares in reading and writing its records, beside store/stored.h.
// On the control strand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "appconfig/errors.h"
#include "appconfig/types.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/task.h"
#include "store/stored.h"

namespace tidegate::appconfig {

using store::load;
using store::load_all;
using store::load_last;
using store::Stored;

// A page of a table in the order of its keys, of the records that `keep` wants (null: all). Tokens
// are the key's own part behind the prefix.
template <class T>
Task<Page<T>> load_page(store::Store& store, std::string prefix, PageRequest request,
                        bool newest_first = false, std::function<bool(const T&)> keep = nullptr) {
  store::Range range = store::Range::prefix(prefix, request.max_results);
  range.reverse = newest_first;
  if (!request.next_token.empty()) {
    auto after = from_base64url(request.next_token);
    if (!after || after->empty() || after->size() > 256)
      co_return bad_request("The value of NextToken is not valid.");
    if (newest_first)
      range.end = prefix + *after;
    else
      range.begin = prefix + *after + '\0';
  }
  Page<T> page;
  for (;;) {
    CO_TRY(store::Page rows, co_await store.range(range));
    for (std::size_t i = 0; i < rows.items.size(); ++i) {
      CO_TRY(T record, store::decode<T>(rows.items[i].value));
      if (keep && !keep(record)) continue;
      page.items.push_back(std::move(record));
      if (page.items.size() < request.max_results) continue;
      if (rows.more || i + 1 < rows.items.size())
        page.next_token = to_base64url(rows.items[i].key.substr(prefix.size()));
      co_return page;
    }
    if (!rows.more) co_return page;
    (newest_first ? range.end : range.begin) =
        rows.items.back().key + (newest_first ? "" : std::string(1, '\0'));
  }
}

// store::change_record in AppConfig's words: conflict, when others are always faster.
template <class T>
Task<std::optional<T>> modify(store::Store& store, std::string key,
                              std::function<Status(T&)> change) {
  auto changed = co_await store::change_record<T>(store, std::move(key), std::move(change));
  if (!changed.ok() && changed.fault() == Fault::guard_failed) co_return changed_meanwhile();
  co_return changed;
}

// Seven of [a-z0-9], as AppConfig's ids look.
inline std::string make_id(Random& random) {
  return random.from_alphabet(7, "abcdefghijklmnopqrstuvwxyz0123456789");
}

// Finds by id, then by exact name; a name that several share is refused.
template <class T>
Result<Stored<T>> pick(std::vector<Stored<T>> all, std::string_view type,
                       const std::string& identifier) {
  for (auto& s : all)
    if (s.record.id == identifier) return std::move(s);
  Stored<T>* named = nullptr;
  for (auto& s : all) {
    if (s.record.name != identifier) continue;
    if (named)
      return bad_request(
          fmt::format("More than one {} is named {}. Use its id.", type, identifier));
    named = &s;
  }
  if (!named) return not_found(type, identifier);
  return std::move(*named);
}

}  // namespace tidegate::appconfig
