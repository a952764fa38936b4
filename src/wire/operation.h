// Operation: one row per API call. Router, dispatcher, authorisation, metrics names, the model
// check and docs/compat.md all read this row and nothing else. Rows are constants.
//
//   inline constexpr auto kGetApplication = wire::operation<GetApplicationInput, Application>(
//       "GetApplication", Method::get, "/applications/{ApplicationId}", 200,
//       "appconfig:GetApplication");
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "wire/shape.h"

namespace tidegate::wire {

enum class Service : std::uint8_t {
  s3,
  lambda,
  appconfig,
  appconfigdata,
  sts,
  iam,
  admin,
  cloudwatch,
  logs,
  cloudtrail
};
std::string_view to_string(Service);  // botocore's name: "s3", "lambda", …
enum class Protocol : std::uint8_t {
  rest_json,
  rest_xml,
  query,
  json,  // 1.1: the operation stands in X-Amz-Target
};

// How the request body reaches the handler.
enum class BodyMode : std::uint8_t {
  decoded,   // read to body_limit, decoded by the shape
  received,  // streamed into a blob upload while hashing; the handler gets Context::received
};

struct Row {
  std::string_view name;
  http::Method method;
  std::string_view uri;  // "/{Bucket}/{Key+}?versions"; a query part must be present to match
  int status;
  const Shape* input;
  const Shape* output;
  std::string_view action;  // IAM action, "s3:PutObject"
  BodyMode body = BodyMode::decoded;
  std::size_t body_limit = 1 << 20;
  std::span<const Fault> faults = {};
  std::string_view alias_uri = {};  // a second spelling that routes here too
  constexpr Row mode(BodyMode m) const {
    Row r = *this;
    r.body = m;
    return r;
  }
  constexpr Row limit(std::size_t bytes) const {
    Row r = *this;
    r.body_limit = bytes;
    return r;
  }
  constexpr Row fails(std::span<const Fault> f) const {
    Row r = *this;
    r.faults = f;
    return r;
  }
  constexpr Row also(std::string_view uri2) const {
    Row r = *this;
    r.alias_uri = uri2;
    return r;
  }
};

// A row that remembers its C++ types, so that mounting a handler of other types does not compile.
template <class Input, class Output>
struct Operation {
  Row row;
  constexpr Operation mode(BodyMode m) const { return {row.mode(m)}; }
  constexpr Operation limit(std::size_t bytes) const { return {row.limit(bytes)}; }
  constexpr Operation fails(std::span<const Fault> f) const { return {row.fails(f)}; }
  constexpr Operation also(std::string_view uri2) const { return {row.also(uri2)}; }
};

template <class Input, class Output>
constexpr Operation<Input, Output> operation(std::string_view name, http::Method method,
                                             std::string_view uri, int status,
                                             std::string_view action) {
  return {
      Row{name, method, uri, status, &shape_of<Input>::value, &shape_of<Output>::value, action}};
}

}  // namespace tidegate::wire
