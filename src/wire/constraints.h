// Constraints: presence, lengths, ranges and enumerations of members, checked while a request is
// decoded, with the texts AWS uses. Internal to the codecs. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "wire/shape.h"

namespace tidegate::wire {

// What was wrong so far, and where decoding stands ("validators.1.content").
struct Decoding {
  std::vector<ErrorDetail> violations;

  void missing(std::string_view path, const Member&);
  void check(std::string_view path, const Member&, const void* value);
  // done, or one invalid_request that lists every violation as AWS does.
  Status verdict() const;
};

// "validators" + "Content" → "validators.content": members begin in lower case in AWS's texts.
std::string member_path(std::string_view parent, std::string_view member);

// "Integer", as refusals name it.
const char* type_name(Kind);

// Scalars as text, for labels, query, headers and XML. False: the text is no such value.
bool parse_scalar(std::string_view text, const Type&, TimeFormat, void* out);
std::string print_scalar(const Type&, TimeFormat, const void* value);
std::string print_double(double);  // shortest, and always with a fraction or exponent

}  // namespace tidegate::wire
