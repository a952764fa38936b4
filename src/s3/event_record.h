// One object event on its way out: what the outbox row stores, and the document that is
// delivered. The sequencer comes from the revision of the commit that made the change, so that a
// later change of a key always has a greater one, over restarts and clock steps. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/scope.h"
#include "base/time.h"
#include "events/queue.h"
#include "store/record.h"
#include "store/store.h"

namespace tidegate::s3 {

struct ObjectEvent {
  std::string event_name;     // "ObjectCreated:Put", without "s3:"
  std::string event_version;  // "2.1"; tags and ACLs "2.3"
  Instant event_time{};
  std::string region, account;  // of the bucket
  std::string principal_id;     // of the caller, without "AWS:"
  std::string source_ip, request_id, host_id;
  std::string configuration_id;
  std::string bucket, key;
  std::optional<std::uint64_t> size;
  std::optional<std::string> etag;
  std::optional<std::string> version_id;
  bool sequenced = true;         // whether the record carries a sequencer
  std::string function_arn;      // the destination, of whatever kind
  std::string function_account;  // whose function: the bucket's owner
  int depth = 0;                 // nested calls so far
};

// The name of what a queue is told when a bucket is set to send it events.
inline constexpr std::string_view kTestEvent = "s3:TestEvent";

// {"Records":[…]}, member order as AWS writes it; for a test event its own document.
std::string render_event(const ObjectEvent&, store::Revision);

// The row of the outbox. What is told of one key is told in order.
events::Delivery delivery_of(const ObjectEvent&, std::string id);

// 18 upper-case hex digits, so that comparison as text and as number agree.
std::string sequencer(store::Revision);

// An account's canonical user id in the short form of events.
std::string owner_principal(std::string_view account);

std::string bucket_arn(std::string_view bucket);

}  // namespace tidegate::s3

namespace tidegate::store {
template <>
struct record_of<s3::ObjectEvent> {
  using R = s3::ObjectEvent;
  static constexpr auto fields =
      std::tuple{field(1, &R::event_name),    field(2, &R::event_version),
                 field(3, &R::event_time),    field(4, &R::region),
                 field(5, &R::account),       field(6, &R::principal_id),
                 field(7, &R::source_ip),     field(8, &R::request_id),
                 field(9, &R::host_id),       field(10, &R::configuration_id),
                 field(11, &R::bucket),       field(12, &R::key),
                 field(13, &R::size),         field(14, &R::etag),
                 field(15, &R::version_id),   field(16, &R::sequenced),
                 field(17, &R::function_arn), field(18, &R::function_account),
                 field(19, &R::depth)};
};
}  // namespace tidegate::store
