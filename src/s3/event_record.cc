#include "s3/event_record.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "s3/owners.h"

namespace tidegate::s3 {
namespace {

// A JSON string. The texts are UTF-8 already.
void append_text(std::string& out, std::string_view text) {
  out.push_back('"');
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c < 0x20) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
  out.push_back('"');
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out.push_back(',');
  append_text(out, name);
  out.push_back(':');
  append_text(out, value);
}

void append_object(std::string& out, const ObjectEvent& event, store::Revision revision) {
  out += ",\"object\":{";
  append_member(out, "key", form_encode_key(event.key));
  if (event.size) out += fmt::format(",\"size\":{}", *event.size);
  if (event.etag) append_member(out, "eTag", *event.etag);
  if (event.version_id) append_member(out, "versionId", *event.version_id);
  if (event.sequenced) append_member(out, "sequencer", sequencer(revision));
  out += "}";
}

std::string render_test_event(const ObjectEvent& event) {
  std::string out = "{";
  append_member(out, "Service", "Amazon S3");
  append_member(out, "Event", kTestEvent);
  append_member(out, "Time", iso8601(event.event_time));
  append_member(out, "Bucket", event.bucket);
  append_member(out, "RequestId", event.request_id);
  append_member(out, "HostId", event.host_id);
  return out + "}";
}

}  // namespace

std::string sequencer(store::Revision revision) {
  return fmt::format("{:018X}", revision);
}

std::string owner_principal(std::string_view account) {
  // Fourteen digits in upper case, as the ids of AWS look.
  std::string id = derived_owner_id(account).substr(0, 13);
  for (char& c : id)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return "A" + id;
}

std::string bucket_arn(std::string_view bucket) {
  return fmt::format("arn:aws:s3:::{}", bucket);
}

events::Delivery delivery_of(const ObjectEvent& event, std::string id) {
  events::Delivery delivery;
  delivery.id = std::move(id);
  delivery.lane = event.function_arn;
  // A later version of a key never overtakes an earlier one.
  delivery.series = event.bucket + "/" + event.key;
  delivery.body = store::encode(event);
  delivery.created = delivery.due = event.event_time;
  return delivery;
}

std::string render_event(const ObjectEvent& event, store::Revision revision) {
  if (event.event_name == kTestEvent) return render_test_event(event);
  std::string out = "{\"Records\":[{";
  out.reserve(1024 + event.key.size() * 3);
  append_member(out, "eventVersion", event.event_version);
  append_member(out, "eventSource", "aws:s3");
  append_member(out, "awsRegion", event.region);
  append_member(out, "eventTime", iso8601(event.event_time));
  append_member(out, "eventName", event.event_name);
  out += ",\"userIdentity\":{";
  // S3 itself is the one that acts by lifecycle rules.
  const bool service = event.principal_id.ends_with(".amazonaws.com");
  append_member(out, "principalId", (service ? "" : "AWS:") + event.principal_id);
  out += "},\"requestParameters\":{";
  append_member(out, "sourceIPAddress", event.source_ip);
  out += "},\"responseElements\":{";
  append_member(out, "x-amz-request-id", event.request_id);
  append_member(out, "x-amz-id-2", event.host_id);
  out += "},\"s3\":{";
  append_member(out, "s3SchemaVersion", "1.0");
  append_member(out, "configurationId", event.configuration_id);
  out += ",\"bucket\":{";
  append_member(out, "name", event.bucket);
  out += ",\"ownerIdentity\":{";
  append_member(out, "principalId", owner_principal(event.account));
  out += "},";
  out += "\"arn\":";
  append_text(out, bucket_arn(event.bucket));
  out += "}";
  append_object(out, event, revision);
  out += "}}]}";
  return out;
}

}  // namespace tidegate::s3
