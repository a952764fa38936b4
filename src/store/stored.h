// Reading and writing one kind of record: the few idioms over the store that services share.
// `T` has a record_of (store/record.h). On the control strand. Errors are the store's, and
// internal where a record is damaged.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task.h"
#include "store/record.h"
#include "store/store.h"

namespace tidegate::store {

template <class T>
struct Stored {
  T record;
  Kv kv;  // value moved out; key and revisions stay
};

template <class T>
Task<std::optional<Stored<T>>> load(Store& store, std::string key) {
  CO_TRY(auto kv, co_await store.get(std::move(key)));
  if (!kv) co_return std::optional<Stored<T>>{};
  CO_TRY(T record, decode<T>(kv->value));
  co_return std::optional<Stored<T>>(Stored<T>{std::move(record), std::move(*kv)});
}

// All records under a prefix; the tables this is used for are bounded by quotas.
template <class T>
Task<std::vector<Stored<T>>> load_all(Store& store, std::string prefix) {
  std::vector<Stored<T>> all;
  Range range = Range::prefix(prefix);
  for (;;) {
    CO_TRY(Page page, co_await store.range(range));
    for (Kv& kv : page.items) {
      CO_TRY(T record, decode<T>(kv.value));
      all.push_back({std::move(record), std::move(kv)});
    }
    if (!page.more) co_return all;
    range.begin = all.back().kv.key + '\0';
  }
}

// The record with the last key under a prefix: the newest one of a table whose keys are numbers.
template <class T>
Task<std::optional<Stored<T>>> load_last(Store& store, std::string prefix) {
  Range range = Range::prefix(prefix, 1);
  range.reverse = true;
  CO_TRY(Page page, co_await store.range(range));
  if (page.items.empty()) co_return std::optional<Stored<T>>{};
  CO_TRY(T record, decode<T>(page.items[0].value));
  co_return std::optional<Stored<T>>(Stored<T>{std::move(record), std::move(page.items[0])});
}

// Changes one record under the guard of its revision, again when another change came first, so
// often at most; then guard_failed. `change` gets the record and may refuse. nullopt: there is no
// such record.
template <class T>
Task<std::optional<T>> change_record(Store& store, std::string key,
                                     std::function<Status(T&)> change, int attempts = 8) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    CO_TRY(auto found, co_await load<T>(store, key));
    if (!found) co_return std::optional<T>{};
    CO_TRY(Unit allowed, change(found->record));
    (void)allowed;
    Txn txn;
    txn.guard(Guard::unchanged(found->kv)).put(key, encode(found->record));
    Result<Revision> committed = co_await commit_recognisably(store, std::move(txn));
    if (committed.ok()) co_return std::optional<T>(std::move(found->record));
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::guard_failed, "the record was changed by others again and again"};
}

}  // namespace tidegate::store
