#include "api/form_upload.h"

#include "base/bytes.h"

namespace tidegate::api {
namespace {

Error malformed() {
  return Error{Fault::malformed_body,
               "The body of your POST request is not well-formed multipart/form-data."}
      .with("Code", "MalformedPOSTRequest");
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The value of `name` among "; name=value" parameters, quoted or not.
std::string parameter(std::string_view text, std::string_view name) {
  std::size_t at = text.find(';');
  while (at != std::string_view::npos) {
    text = trim(text.substr(at + 1));
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return "";
    const std::string key = lower_ascii(trim(text.substr(0, equals)));
    text = trim(text.substr(equals + 1));
    std::string value;
    if (text.starts_with('"')) {
      std::size_t i = 1;
      for (; i < text.size() && text[i] != '"'; ++i) {
        // Browsers escape a quote in a name and nothing else.
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') ++i;
        value.push_back(text[i]);
      }
      text = text.substr(std::min(i + 1, text.size()));
    } else {
      value = trim(text.substr(0, text.find(';')));
    }
    if (key == name) return value;
    at = text.find(';');
  }
  return "";
}

}  // namespace

bool FormUpload::is_form(std::string_view content_type) {
  return lower_ascii(content_type).starts_with("multipart/form-data");
}

Result<FormUpload> FormUpload::of(std::string_view content_type) {
  std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70) return malformed();
  return FormUpload(std::move(boundary));
}

Status FormUpload::open_part(std::string_view headers) {
  name_.clear();
  std::string filename;
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find("\r\n"), headers.size());
    const std::string_view line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + 2, headers.size()));
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (lower_ascii(trim(line.substr(0, colon))) != "content-disposition") continue;
    name_ = lower_ascii(parameter(line, "name"));
    filename = parameter(line, "filename");
  }
  if (name_.empty()) return malformed();
  if (name_ != "file") return done;
  // Some browsers send the path on the client's machine.
  filename_ = filename.substr(filename.find_last_of("/\\") + 1);
  at_file_ = true;
  return done;
}

// One step: true when something was taken off what is kept.
Result<bool> FormUpload::take_part() {
  if (in_part_) {
    const std::size_t end = kept_.find(delimiter_);
    if (end == std::string::npos) return false;
    if (fields_.size() >= kMaxFormFields) return malformed();
    fields_.emplace_back(name_, kept_.substr(0, end));
    kept_.erase(0, end);
    in_part_ = false;
    return true;
  }
  // The delimiter's line, then the part's headers up to an empty line.
  const std::size_t begin = kept_.find(delimiter_);
  if (begin == std::string::npos) return false;
  const std::size_t line_end = kept_.find("\r\n", begin + delimiter_.size());
  if (line_end == std::string::npos) return false;
  const std::string_view rest = std::string_view(kept_).substr(
      begin + delimiter_.size(), line_end - begin - delimiter_.size());
  if (rest.starts_with("--")) return malformed();  // it ends without a file
  const std::size_t headers_end = kept_.find("\r\n\r\n", line_end);
  if (headers_end == std::string::npos) return false;
  TRY(Unit opened,
      open_part(std::string_view(kept_).substr(line_end + 2, headers_end - line_end - 2)));
  (void)opened;
  kept_.erase(0, headers_end + 4);
  in_part_ = true;
  return true;
}

Status FormUpload::feed_fields(std::string_view piece) {
  if (piece.empty())
    return Error{Fault::invalid_argument, "POST requires exactly one file upload per request."}
        .with("ArgumentName", "file")
        .with("ArgumentValue", "0");
  kept_.append(piece);
  seen_ += piece.size();
  while (!at_file_) {
    TRY(bool taken, take_part());
    if (taken) continue;
    if (seen_ > kMaxFormBytes)
      return Error{Fault::too_large,
                   "Your POST request fields preceding the upload file were too large."}
          .with("Code", "MaxPostPreDataLengthExceededError")
          .with("MaxPostPreDataLengthBytes", std::to_string(kMaxFormBytes));
    break;
  }
  return done;
}

Status FormUpload::feed_file(std::string_view piece, const Sink& sink) {
  if (ended_) return done;
  kept_.append(piece);
  const std::size_t end = kept_.find(delimiter_);
  if (end != std::string::npos) {
    ended_ = true;
    return sink(std::string_view(kept_).substr(0, end));
  }
  // The delimiter may have begun at the end of what is here.
  if (kept_.size() < delimiter_.size()) return done;
  const std::size_t sure = kept_.size() - delimiter_.size() + 1;
  TRY(Unit taken, sink(std::string_view(kept_).substr(0, sure)));
  (void)taken;
  kept_.erase(0, sure);
  return done;
}

Status FormUpload::finish() const {
  if (ended_) return done;
  return Error{Fault::incomplete_body, "The form ended before its file did."};
}

}  // namespace tidegate::api
