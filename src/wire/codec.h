// The codecs: one per format, walking Shape tables. Pure; any thread.
//
// decode_request fills `object` (an instance of the row's input struct) from the parts of a
// request, checking presence, types and limits; the Error names the member. encode_* turn an output
// struct into a body and headers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "wire/operation.h"

namespace tidegate::wire {

struct Labels {
  std::vector<std::pair<std::string_view, std::string>> values;  // label name → decoded text
};

struct RequestParts {
  const Labels* labels = nullptr;
  const http::Query* query = nullptr;
  const std::vector<std::pair<std::string, std::string>>* headers = nullptr;  // names lower case
  std::string_view body;
};

// Fault::malformed_body (unparsable) or invalid_request (a constraint; fields carry "Member" and,
// in `details`, constraint/location/value) .
Status decode_request(Protocol, const Row&, RequestParts, void* object);

struct EncodedReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  // with Content-Type when there is a body
  std::string body;
};
EncodedReply encode_reply(Protocol, const Row&, const void* object);

// The pieces, for codecs' tests and for bodies inside other bodies.
Status decode_json(std::string_view text, const Shape&, void* object);
std::string encode_json(const Shape&, const void* object);
// XML: no DTD, no entities beyond the five, depth ≤ 32, ≤ 100 000 elements; namespaces ignored.
// Fault::malformed_xml. With `strict`, an element that no member names is an error.
Status decode_xml(std::string_view text, const Shape&, void* object, bool strict = false);
std::string encode_xml(const Shape&, const void* object, std::string_view root);
Status decode_form(std::string_view text, const Shape&, void* object);  // query protocol input
void append_xml_text(std::string& out, std::string_view text);          // escaped

template <class T>
std::string encode_json(const T& object) {
  return encode_json(shape_of<T>::value, &object);
}

}  // namespace tidegate::wire
