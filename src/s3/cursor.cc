#include "s3/cursor.h"

#include <algorithm>

namespace tidegate::s3 {
namespace {
constexpr std::size_t kSmallPage = 8;
constexpr std::size_t kLargePage = 1000;
}  // namespace

Task<const store::Kv*> Cursor::row() {
  while (index_ >= page_.items.size()) {
    if (ended_ || (!end_.empty() && begin_ >= end_)) co_return nullptr;
    if (!page_.items.empty()) limit_ = std::min(limit_ * 4, kLargePage);
    store::Range range;
    range.begin = begin_;
    range.end = end_;
    range.limit = limit_;
    range.at = at_ != nullptr ? *at_ : 0;
    CO_TRY(page_, co_await store_.range(std::move(range)));
    if (at_ != nullptr) *at_ = page_.revision;
    index_ = 0;
    ended_ = !page_.more || page_.items.empty();
    if (!page_.items.empty()) begin_ = page_.items.back().key + '\0';
  }
  co_return &page_.items[index_];
}

void Cursor::seek(std::string key) {
  const auto rows = page_.items.begin();
  const auto here = rows + static_cast<std::ptrdiff_t>(std::min(index_, page_.items.size()));
  const auto found = std::lower_bound(
      here, page_.items.end(), key,
      [](const store::Kv& row, const std::string& wanted) { return row.key < wanted; });
  // Most of the page was not needed: the next one is smaller.
  if (found == page_.items.end() && index_ * 2 < page_.items.size())
    limit_ = std::clamp(index_ * 2, kSmallPage, kLargePage) / 4;
  index_ = static_cast<std::size_t>(found - rows);
  if (found == page_.items.end() && key > begin_) begin_ = std::move(key);
}

}  // namespace tidegate::s3
