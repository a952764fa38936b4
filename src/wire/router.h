// Router: method, path and query members → entry of a Table. Built once, then read-only, any
// thread. Where several rows share method and path, the one that demands most query and header
// members wins, so ?versions beats the bare listing; a row is never chosen when one of its demands
// is missing. Labels are split on '/' before decoding: an encoded slash stays inside its label.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "wire/codec.h"
#include "wire/table.h"

namespace tidegate::wire {

struct Match {
  const Entry* entry = nullptr;  // null: a refused row matched
  const Row* row = nullptr;
  Labels labels;
};

class Router {
 public:
  explicit Router(const Table&);
  ~Router();
  // Fault::unknown_operation, or method_not_allowed when only the method differs.
  Result<Match> route(http::Method, std::string_view raw_path, const http::Query&,
                      const http::Request* request_for_headers = nullptr) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidegate::wire
