// Cors: what browsers are told of a bucket's CORS rules: the answer to a preflight, and the headers
// on the answer to an actual request. Called on the control strand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "s3/service.h"

namespace tidegate::api::s3 {

namespace domain = tidegate::s3;

class Cors {
 public:
  explicit Cors(domain::Buckets& buckets) : buckets_(buckets) {}

  // What a page asks before it sends: who it is, what it will do, with which headers.
  struct Question {
    std::string bucket, origin, method, headers;  // headers: as listed, ',' between
  };
  static Question question_of(const http::Request& request, std::string bucket);

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // The headers of the answer. invalid_request (not a preflight), access_denied (AccessForbidden).
  Task<Headers> preflight(Question asked) const;
  // Empty when no rule lets the page have the answer.
  asio::awaitable<Headers> actual(Question asked) const;

 private:
  domain::Buckets& buckets_;
};

}  // namespace tidegate::api::s3
