// Where a member of a request or an answer stands: path, query, headers, body.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "wire/codec.h"
#include "wire/constraints.h"
#include "wire/json_walk.h"

namespace tidegate::wire {
namespace {

class RequestReader {
 public:
  RequestReader(Protocol protocol, const RequestParts& parts, void* object)
      : protocol_(protocol), parts_(parts), object_(object) {}

  Status read(const Shape& shape, bool body_decoded) {
    for (const Member& m : shape.members) {
      TRY(Unit ok, bound(m));
      (void)ok;
    }
    if (body_decoded) {
      TRY(Unit ok, body(shape));
      (void)ok;
    }
    return decoding_.verdict();
  }

 private:
  Status bound(const Member& m) {
    switch (m.in) {
      case In::label:
      case In::greedy_label:
        if (parts_.labels)
          for (const auto& [name, text] : parts_.labels->values)
            if (name == m.wire_name) return scalar(m, text);
        break;
      case In::query:
        return from_query(m);
      case In::header:
        return from_header(m);
      case In::prefix_headers: {
        const std::string prefix = lower_ascii(m.wire_name);
        void* map = nullptr;
        for (const auto& [name, text] : *parts_.headers) {
          if (!name.starts_with(prefix)) continue;
          if (!map) map = m.make(object_);
          *static_cast<std::string*>(
              m.type->insert(map, std::string_view(name).substr(prefix.size()))) = text;
        }
        return done;
      }
      default:
        return done;
    }
    if (m.required) decoding_.missing(member_path("", m.name), m);
    return done;
  }

  Status scalar(const Member& m, std::string_view text) {
    void* place = m.make(object_);
    if (!parse_scalar(text, *m.type, m.time, place)) return unreadable(m, text);
    decoding_.check(member_path("", m.name), m, place);
    return done;
  }

  Status unreadable(const Member& m, std::string_view text) const {
    if (protocol_ == Protocol::rest_xml)
      return Error(Fault::invalid_argument,
                   fmt::format("Provided {} not an integer or within integer range", m.wire_name))
          .with("ArgumentName", std::string(m.wire_name))
          .with("ArgumentValue", std::string(text.substr(0, 256)));
    return Error(Fault::malformed_body,
                 fmt::format("the value '{}' of '{}' cannot be read", text.substr(0, 256), m.name))
        .with("Member", std::string(m.name));
  }

  Status from_query(const Member& m) {
    bool found = false;
    for (const auto& [name, text] : *parts_.query) {
      if (name != m.wire_name) continue;
      if (m.type->kind != Kind::list) return scalar(m, text);
      void* list = found ? const_cast<void*>(m.peek(object_)) : m.make(object_);
      found = true;
      if (!parse_scalar(text, *m.type->element, m.time, m.type->append(list)))
        return unreadable(m, text);
    }
    if (found) decoding_.check(member_path("", m.name), m, m.peek(object_));
    if (!found && m.required) decoding_.missing(member_path("", m.name), m);
    return done;
  }

  Status from_header(const Member& m) {
    const std::string wanted = lower_ascii(m.wire_name);
    void* list = nullptr;  // grows over several headers of the name
    for (const auto& [name, text] : *parts_.headers) {
      if (name != wanted) continue;
      if (m.type->kind != Kind::list) {
        // An optional header may be there and be empty: no value, unless "" is one.
        const bool may_be_empty = m.type->kind == Kind::string && (!m.bounded_below || m.min < 1);
        if (text.empty() && !may_be_empty) break;
        // S3's dates in headers are conditions; one that is no date is ignored (RFC 9110).
        Instant date;
        if (protocol_ == Protocol::rest_xml && m.type->kind == Kind::timestamp &&
            !parse_scalar(text, *m.type, m.time, &date))
          break;
        return scalar(m, text);
      }
      if (!list) list = m.make(object_);
      std::string_view rest = text;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        std::string_view item = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
        if (!parse_scalar(item, *m.type->element, m.time, m.type->append(list)))
          return unreadable(m, text);
      }
    }
    if (list) {
      decoding_.check(member_path("", m.name), m, list);
      return done;
    }
    if (m.required) decoding_.missing(member_path("", m.name), m);
    return done;
  }

  Status body(const Shape& shape) {
    for (const Member& m : shape.members)
      if (m.in == In::payload) return payload(m);
    const bool any = std::any_of(shape.members.begin(), shape.members.end(),
                                 [](const Member& m) { return m.in == In::body; });
    if (!any) return done;
    if (protocol_ == Protocol::query) return decode_form(parts_.body, shape, object_);
    if (protocol_ == Protocol::rest_xml) return decode_xml(parts_.body, shape, object_, true);
    document::Value root{document::Object{}};
    if (!parts_.body.empty()) {
      TRY(root, document::parse_json(parts_.body));
    }
    if (!root.object()) return Error{Fault::malformed_body, "the body must be a JSON object"};
    return decode_json_object(*root.object(), shape, "", decoding_, object_);
  }

  Status payload(const Member& m) {
    if (m.type->kind == Kind::blob) {
      static_cast<Blob*>(m.make(object_))->bytes = std::string(parts_.body);
      decoding_.check(member_path("", m.name), m, m.peek(object_));
      return done;
    }
    if (m.type->kind == Kind::string) return scalar(m, parts_.body);
    if (parts_.body.empty()) {
      if (!m.required) return done;
      if (protocol_ == Protocol::rest_xml)
        return Error{Fault::malformed_xml,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema"};
      decoding_.missing(member_path("", m.name), m);
      return done;
    }
    if (protocol_ == Protocol::rest_xml)
      return decode_xml(parts_.body, *m.type->shape(), m.make(object_), true);
    TRY(document::Value root, document::parse_json(parts_.body));
    return decode_json_value(root, *m.type, member_path("", m.name), decoding_, m.make(object_));
  }

  Protocol protocol_;
  const RequestParts& parts_;
  void* object_;
  Decoding decoding_;
};

void put_header(const Member& m, const void* value, EncodedReply& reply) {
  if (m.in == In::prefix_headers) {
    struct Walk {
      const Member& m;
      EncodedReply& reply;
    } walk{m, reply};
    m.type->each(value, &walk, [](void* context, std::string_view key, const void* text) {
      auto& w = *static_cast<Walk*>(context);
      w.reply.headers.emplace_back(std::string(w.m.wire_name) + std::string(key),
                                   *static_cast<const std::string*>(text));
    });
    return;
  }
  const TimeFormat format = m.time == TimeFormat::automatic ? TimeFormat::http_date : m.time;
  if (m.type->kind == Kind::list) {
    std::string joined;
    for (std::size_t i = 0; i < m.type->size(value); ++i) {
      if (i) joined += ",";
      joined += print_scalar(*m.type->element, format, m.type->get(value, i));
    }
    if (!joined.empty()) reply.headers.emplace_back(std::string(m.wire_name), std::move(joined));
    return;
  }
  reply.headers.emplace_back(std::string(m.wire_name), print_scalar(*m.type, format, value));
}

void put_payload(Protocol protocol, const Member& m, const void* value, EncodedReply& reply) {
  if (m.type->kind == Kind::blob) {
    reply.body = static_cast<const Blob*>(value)->bytes;
    return;  // its Content-Type is a header member, or the handler's
  }
  if (m.type->kind == Kind::string) {
    reply.body = *static_cast<const std::string*>(value);
    return;
  }
  if (protocol == Protocol::rest_xml) {
    const Shape& shape = *m.type->shape();
    reply.body = encode_xml(shape, value, shape.xml_root.empty() ? m.wire_name : shape.xml_root);
    reply.headers.emplace_back("Content-Type", "application/xml");
    return;
  }
  append_json_value(reply.body, *m.type, m.time, value);
  reply.headers.emplace_back("Content-Type", "application/json");
}

// <XResponse><XResult>…</XResult><ResponseMetadata/></XResponse>; the request's id goes into the
// last but one, by whoever knows it.
void put_query_result(const Row& row, const void* object, EncodedReply& reply) {
  const std::string result = fmt::format("{}Result", row.name);
  std::string inner = encode_xml(*row.output, object, result);
  inner.erase(0, inner.find('\n') + 1);
  reply.body = fmt::format("<{0}Response xmlns=\"{1}\">{2}<ResponseMetadata/></{0}Response>",
                           row.name, row.output->xml_namespace, inner);
  reply.headers.emplace_back("Content-Type", "text/xml");
}

}  // namespace

Status decode_request(Protocol protocol, const Row& row, RequestParts parts, void* object) {
  if (!row.input) return done;
  RequestReader reader(protocol, parts, object);
  return reader.read(*row.input, row.body == BodyMode::decoded);
}

EncodedReply encode_reply(Protocol protocol, const Row& row, const void* object) {
  EncodedReply reply;
  reply.status = row.status;
  if (!row.output) return reply;
  if (protocol == Protocol::query) {
    put_query_result(row, object, reply);
    return reply;
  }
  if (protocol == Protocol::json) {
    reply.body = row.output->members.empty() ? "" : encode_json(*row.output, object);
    reply.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
    return reply;
  }
  bool any_body = false, payload = false;
  for (const Member& m : row.output->members) {
    const void* value = m.peek(object);
    if (m.in == In::body) any_body = true;
    if (m.in == In::payload) payload = true;
    if (!value) continue;
    if (m.in == In::header || m.in == In::prefix_headers) put_header(m, value, reply);
    if (m.in == In::payload) put_payload(protocol, m, value, reply);
    if (m.in == In::status_code) reply.status = *static_cast<const std::int32_t*>(value);
  }
  if (payload || !any_body) return reply;
  if (protocol == Protocol::rest_xml) {
    const Shape& shape = *row.output;
    reply.body = encode_xml(shape, object, shape.xml_root.empty() ? shape.name : shape.xml_root);
    reply.headers.emplace_back("Content-Type", "application/xml");
  } else {
    reply.body = encode_json(*row.output, object);
    reply.headers.emplace_back("Content-Type", "application/json");
  }
  return reply;
}

}  // namespace tidegate::wire
