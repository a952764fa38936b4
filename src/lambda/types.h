// What the function service keeps, as plain data. Names are AWS's. Records are stored with numbered
// fields: a number is never reused. Times are UTC milliseconds of domain time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/scope.h"
#include "base/time.h"
#include "store/record.h"

namespace tidegate::lambda {

inline constexpr std::string_view kLatest = "$LATEST";

// A layer's version as a function uses it; the function keeps it when the layer goes away.
struct LayerUse {
  std::string arn;
  std::uint64_t size = 0, unpacked_size = 0;
  std::string blob, sha256;  // hex
};

// $LATEST, or a published version: a frozen copy of it.
struct Function {
  std::string name, runtime, handler, role, description;
  std::int32_t timeout_s = 3, memory_mb = 128, ephemeral_mb = 512;
  bool has_environment = false;  // Environment was given, also when empty
  std::map<std::string, std::string> variables;
  std::string architecture = "x86_64";
  std::string tracing_mode = "PassThrough";
  std::map<std::string, std::string> tags;
  // The package: its zip as a blob, unpacked under the hex digest.
  std::string code_blob, code_sha256;  // hex
  std::uint64_t code_size = 0;
  std::uint64_t unpacked_size = 0;
  std::vector<LayerUse> layers;
  Instant modified{};
  // Changes with everything that AWS counts as a change: also tags, permissions and publishing.
  std::string revision_id;
  // Changes with code and configuration: environments of another one are not used. "" in records of
  // before, where it was the revision id.
  std::string image_revision;
  std::string id;       // of this function among those that had its name; "" in records of before
  std::string version;  // "7"; "" is $LATEST
  std::string log_format, log_group, application_log_level, system_log_level;  // "" is the default
  // Of $LATEST only; find() copies them into a version it answers with.
  std::int64_t last_version = 0;         // the highest number given out
  std::string published_state;           // digest of what the newest version was made from
  std::optional<std::int32_t> reserved;  // concurrent executions
  std::string recursive_loop;            // "Allow", "" is "Terminate"
};

struct Alias {
  std::string name, version, description, revision_id;
  std::map<std::string, double> weights;  // of further versions; at most one
};

// One statement of a function's resource policy.
struct Statement {
  std::string sid, action;
  std::string principal;  // "s3.amazonaws.com", an account's or role's ARN, or "*"
  std::optional<std::string> source_arn, source_account, org_id, event_source_token, url_auth_type;
};
struct Policy {
  std::vector<Statement> statements;
  std::string revision_id;  // what its last change gave it and the function, version or alias
};

struct EventInvokeConfig {
  std::optional<std::int32_t> max_retries, max_age_s;
  Instant modified{};
  std::optional<std::string> on_success, on_failure;  // ARNs
};

// An asynchronous invocation on its way: what the queue's row stores.
struct AsyncInvocation {
  std::string function_name;
  std::string request_id, invoked_arn;
  std::string payload;       // when it is small …
  std::string payload_blob;  // … or where it is
  std::uint64_t payload_size = 0;
  std::string client_context;
  int depth = 0;
  std::string series;       // see events::Delivery
  std::string function_id;  // "" for whatever has the name when its time comes
};

}  // namespace tidegate::lambda

namespace tidegate::store {

template <>
struct record_of<lambda::LayerUse> {
  using R = lambda::LayerUse;
  static constexpr auto fields =
      std::tuple{field(1, &R::arn), field(2, &R::size), field(3, &R::blob), field(4, &R::sha256),
                 field(5, &R::unpacked_size)};
};
template <>
struct record_of<lambda::Alias> {
  using R = lambda::Alias;
  static constexpr auto fields =
      std::tuple{field(1, &R::name), field(2, &R::version), field(3, &R::description),
                 field(4, &R::revision_id), field(5, &R::weights)};
};
template <>
struct record_of<lambda::Function> {
  using R = lambda::Function;
  static constexpr auto fields = std::tuple{field(1, &R::name),
                                            field(2, &R::runtime),
                                            field(3, &R::handler),
                                            field(4, &R::role),
                                            field(5, &R::description),
                                            field(6, &R::timeout_s),
                                            field(7, &R::memory_mb),
                                            field(8, &R::ephemeral_mb),
                                            field(10, &R::architecture),
                                            field(11, &R::tracing_mode),
                                            field(12, &R::tags),
                                            field(13, &R::code_blob),
                                            field(14, &R::code_sha256),
                                            field(15, &R::code_size),
                                            field(16, &R::modified),
                                            field(17, &R::revision_id),
                                            field(18, &R::variables),
                                            field(19, &R::has_environment),
                                            field(20, &R::id),
                                            field(21, &R::image_revision),
                                            field(22, &R::version),
                                            field(23, &R::last_version),
                                            field(24, &R::published_state),
                                            field(25, &R::layers),
                                            field(26, &R::log_format),
                                            field(27, &R::log_group),
                                            field(28, &R::application_log_level),
                                            field(29, &R::system_log_level),
                                            field(30, &R::reserved),
                                            field(31, &R::recursive_loop),
                                            field(32, &R::unpacked_size)};
};
template <>
struct record_of<lambda::Statement> {
  using R = lambda::Statement;
  static constexpr auto fields = std::tuple{field(1, &R::sid),
                                            field(2, &R::action),
                                            field(3, &R::principal),
                                            field(4, &R::source_arn),
                                            field(5, &R::source_account),
                                            field(6, &R::org_id),
                                            field(7, &R::event_source_token),
                                            field(8, &R::url_auth_type)};
};
template <>
struct record_of<lambda::Policy> {
  using R = lambda::Policy;
  static constexpr auto fields = std::tuple{field(1, &R::statements), field(2, &R::revision_id)};
};
template <>
struct record_of<lambda::EventInvokeConfig> {
  using R = lambda::EventInvokeConfig;
  static constexpr auto fields =
      std::tuple{field(1, &R::max_retries), field(2, &R::max_age_s), field(3, &R::modified),
                 field(4, &R::on_success), field(5, &R::on_failure)};
};
template <>
struct record_of<lambda::AsyncInvocation> {
  using R = lambda::AsyncInvocation;
  static constexpr auto fields = std::tuple{
      field(1, &R::function_name),  field(2, &R::request_id),   field(3, &R::invoked_arn),
      field(4, &R::payload),        field(5, &R::payload_blob), field(6, &R::payload_size),
      field(7, &R::client_context), field(8, &R::depth),        field(9, &R::series),
      field(10, &R::function_id)};
};

}  // namespace tidegate::store
