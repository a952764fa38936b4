// How a failed S3 request looks: from the domain's Fault to the code and status of S3, and the XML
// error document. Pure; any thread.
//
// An Error's fields become the extra elements of the document in order, but for two marks that
// handlers may use: a field named "Code" replaces the code of the table (the closed list of Faults
// does not know every "nothing is configured" of S3), and a field whose name begins with '@'
// becomes a header of the answer ("@ETag").
#pragma once

#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "wire/table.h"

namespace tidegate::api {

struct S3Code {
  std::string_view code;
  int status = 500;
};
S3Code s3_code(Fault);

// With `head`, or for a 304, without a body.
http::Response render_s3_error(const Error&, const wire::Context&, bool head);

}  // namespace tidegate::api
