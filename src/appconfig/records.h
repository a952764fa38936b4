// Reading and writing one kind of record: the few store idioms that every part of AppConfig shares.
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
#include "store/record.h"
#include "store/store.h"

namespace tidegate::appconfig {

template <class T>
struct Stored {
  T record;
  store::Kv kv;  // value moved out; key and revisions stay
};

template <class T>
Task<std::optional<Stored<T>>> load(store::Store& store, std::string key) {
  CO_TRY(auto kv, co_await store.get(std::move(key)));
  if (!kv) co_return std::optional<Stored<T>>{};
  CO_TRY(T record, store::decode<T>(kv->value));
  co_return std::optional<Stored<T>>(Stored<T>{std::move(record), std::move(*kv)});
}

// All records under a prefix; the tables this is used for are bounded by quotas.
template <class T>
Task<std::vector<Stored<T>>> load_all(store::Store& store, std::string prefix) {
  std::vector<Stored<T>> all;
  store::Range range = store::Range::prefix(prefix);
  for (;;) {
    CO_TRY(store::Page page, co_await store.range(range));
    for (store::Kv& kv : page.items) {
      CO_TRY(T record, store::decode<T>(kv.value));
      all.push_back({std::move(record), std::move(kv)});
    }
    if (!page.more) co_return all;
    range.begin = all.back().kv.key + '\0';
  }
}

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

// Changes one record under the guard of its revision, again when another change came first.
// `change` gets the record and may refuse. nullopt: there is no such record.
template <class T>
Task<std::optional<T>> modify(store::Store& store, std::string key,
                              std::function<Status(T&)> change) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto found, co_await load<T>(store, key));
    if (!found) co_return std::optional<T>{};
    CO_TRY(Unit allowed, change(found->record));
    (void)allowed;
    store::Txn txn;
    txn.guard(store::Guard::unchanged(found->kv)).put(key, store::encode(found->record));
    Result<store::Revision> committed = co_await store::commit_recognisably(store, std::move(txn));
    if (committed.ok()) co_return std::optional<T>(std::move(found->record));
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return changed_meanwhile();
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
