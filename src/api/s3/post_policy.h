// PostPolicy: the document that lets a browser's form upload what its author signed: until when,
// with which fields, how large. Pure. Errors: invalid_request (InvalidPolicyDocument),
// access_denied ("Invalid according to Policy: …").
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/form_upload.h"
#include "base/result.h"
#include "base/time.h"

namespace tidegate::api::s3 {

struct SizeRange {
  std::uint64_t least = 0, most = std::numeric_limits<std::uint64_t>::max();
};

// `document` is the policy's JSON. Every field of the form needs a condition that it meets, but for
// the signature's own, checksums of the file, and those that say "x-ignore-".
Result<SizeRange> check_post_policy(std::string_view document, const FormUpload::Fields& fields,
                                    std::string_view bucket, Instant now);

// The form as the headers that a PUT of the same object would have: the handler and the judges of
// permission read those. malformed_xml: the field "tagging" is no tag set.
using FormHeaders = std::vector<std::pair<std::string, std::string>>;  // names in lower case
Result<FormHeaders> headers_of_form(const FormUpload::Fields& fields);

}  // namespace tidegate::api::s3
