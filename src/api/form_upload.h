// FormUpload: the body of a browser's upload (multipart/form-data) as it streams in: first the
// fields, in bounded memory, then the bytes of the part named "file", passed on as they come. What
// follows the file is ignored, as S3 does. Lives on the connection's thread.
//
//   TRY(auto form, FormUpload::of(content_type));
//   while (!form.at_file()) form.feed_fields(next piece);   // an empty piece ends the body
//   … fields() are complete: decide …
//   form.feed_file("", sink); … form.feed_file(next piece, sink) …; form.finish();
//
// Errors: malformed_body (MalformedPOSTRequest), too_large (MaxPostPreDataLengthExceededError),
// incomplete_body, and those of the sink.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidegate::api {

inline constexpr std::size_t kMaxFormBytes = 64 * 1024;  // of all that stands before the file
inline constexpr std::size_t kMaxFormFields = 100;

class FormUpload {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;  // names in lower case
  using Sink = std::function<Status(std::string_view)>;

  // The boundary comes from the Content-Type header.
  static Result<FormUpload> of(std::string_view content_type);
  static bool is_form(std::string_view content_type);

  Status feed_fields(std::string_view piece);
  bool at_file() const { return at_file_; }
  const Fields& fields() const { return fields_; }
  const std::string& filename() const { return filename_; }

  Status feed_file(std::string_view piece, const Sink& sink);
  // incomplete_body unless the file's end was seen.
  Status finish() const;

 private:
  explicit FormUpload(std::string boundary) : delimiter_("\r\n--" + std::move(boundary)) {}
  Result<bool> take_part();
  Status open_part(std::string_view headers);

  std::string delimiter_;  // what stands behind every part
  std::string kept_ =
      "\r\n";  // not judged yet; the first delimiter may stand at the very beginning
  std::size_t seen_ = 0;
  bool in_part_ = false, at_file_ = false, ended_ = false;
  std::string name_, filename_;
  Fields fields_;
};

}  // namespace tidegate::api
