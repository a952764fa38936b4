// Router: method, path and query members → entry of a Table. Built once, then read-only, any
// thread. Where several rows share method and path, the one that demands most query and header
// members wins, so ?versions beats the bare listing; a row is never chosen when one of its demands
// is missing. Labels are split on '/' before decoding: an encoded slash stays inside its label.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "wire/codec.h"
#include "wire/table.h"

namespace tidegate::wire {

struct Match {
  const Entry* entry = nullptr;  // null: a refused row matched
  const Row* row = nullptr;
  Labels labels;
};

// Names in lower case, as in Context.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

// The query names that S3 knows as parts of a bucket or an object: what names one and meets no row
// that claims it is not_implemented, and never the plain operation.
std::span<const std::string_view> s3_sub_resources();

class Router {
 public:
  explicit Router(const Table&);
  ~Router();
  // Fault::unknown_operation, or method_not_allowed when only the method differs.
  Result<Match> route(http::Method, std::string_view raw_path, const http::Query&,
                      const HeaderList* headers = nullptr) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidegate::wire
