// Cursor: walks the rows of a key range in order, a page at a time, and can seek forward. Pages
// start small, because a listing with a delimiter often needs one row and then seeks, and grow
// while their rows are used. On the control strand only.
#pragma once

#include <string>

#include "store/store.h"

namespace tidegate::s3 {

class Cursor {
 public:
  // `at`: the revision to read, 0 for now, which the first page fills in; cursors that share it see
  // one state. Without it every page is read as things are then.
  Cursor(store::Store& store, std::string begin, std::string end, store::Revision* at = nullptr)
      : store_(store), begin_(std::move(begin)), end_(std::move(end)), at_(at) {}

  // The row the cursor stands on; null at the end. Valid until the next call of anything.
  Task<const store::Kv*> row();
  void next() { ++index_; }
  // To the first row at or after `key`; never backwards.
  void seek(std::string key);

 private:
  store::Store& store_;
  std::string begin_, end_;  // what is not read yet
  store::Revision* at_;
  store::Page page_;
  std::size_t index_ = 0;
  std::size_t limit_ = 8;
  bool ended_ = false;  // nothing of the range is left beyond page_
};

}  // namespace tidegate::s3
