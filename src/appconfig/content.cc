#include "appconfig/content.h"

#include <boost/asio/post.hpp>

#include "appconfig/keys.h"
#include "base/log.h"
#include "blob/whole.h"

namespace tidegate::appconfig {
namespace {

const std::string& id_of(const ContentRef& ref) {
  return ref.blob_id.empty() ? ref.row_id : ref.blob_id;
}

}  // namespace

void Contents::remember(const std::string& id, std::shared_ptr<const std::string> bytes) {
  recent_bytes_ += bytes->size();
  recent_.emplace_front(id, std::move(bytes));
  while (recent_bytes_ > kRemembered && recent_.size() > 1) {
    recent_bytes_ -= recent_.back().second->size();
    recent_.pop_back();
  }
}

Task<ContentRef> Contents::put(Scope scope, std::string bytes, store::Txn& txn) {
  ContentRef ref;
  ref.size = bytes.size();
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  if (shared->size() <= kInlineLimit) {
    ref.row_id = random_.hex(32);
    txn.put(row(scope, "content", ref.row_id), *shared);
  } else {
    auto write = [this, shared] { return blob::write_whole(blobs_, *shared); };
    CO_TRY(ref.blob_id, co_await await_on(executors_.blocking, write));
  }
  remember(id_of(ref), shared);
  co_return ref;
}

Task<std::shared_ptr<const std::string>> Contents::get(Scope scope, ContentRef ref) {
  for (const auto& [id, bytes] : recent_)
    if (id == id_of(ref)) co_return bytes;
  std::shared_ptr<const std::string> bytes;
  if (!ref.row_id.empty()) {
    CO_TRY(auto kv, co_await store_.get(row(scope, "content", ref.row_id)));
    if (!kv) co_return Error{Fault::internal, "the content " + ref.row_id + " is gone"};
    bytes = std::make_shared<const std::string>(std::move(kv->value));
  } else if (!ref.blob_id.empty()) {
    auto read = [this, ref] { return blob::read_whole(blobs_, ref.blob_id); };
    CO_TRY(std::string read_bytes, co_await await_on(executors_.blocking, read));
    bytes = std::make_shared<const std::string>(std::move(read_bytes));
  } else {
    bytes = std::make_shared<const std::string>();
  }
  remember(id_of(ref), bytes);
  co_return bytes;
}

void Contents::erase(const Scope& scope, const ContentRef& ref, store::Txn& txn) const {
  if (!ref.row_id.empty()) txn.erase(row(scope, "content", ref.row_id));
}

void Contents::forget(ContentRef ref) {
  if (ref.blob_id.empty()) return;
  boost::asio::post(executors_.blocking, [&blobs = blobs_, id = ref.blob_id] {
    Status gone = blobs.erase(id);
    if (!gone.ok()) LOG_WARN("blob {} stays behind: {}", id, gone.error().message);
  });
}

}  // namespace tidegate::appconfig
