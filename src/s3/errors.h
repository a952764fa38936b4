// S3's own refusals with the texts and extra members that clients compare. The API layer turns the
// fault into code and status; `fields` are the extra elements of the error document. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace tidegate::s3 {

Error no_such_bucket(std::string_view bucket);
Error no_such_key(std::string_view key);
Error no_such_version(std::string_view key, std::string_view version_id);
Error no_such_upload(std::string_view upload_id);
Error invalid_version_id(std::string_view version_id);
Error invalid_argument(std::string message, std::string name, std::string_view value);
Error precondition_failed(std::string_view condition);
Error malformed_xml();
Error access_denied();
// Two requests changed the same thing too often in a row: the client may try again.
Error contended();

}  // namespace tidegate::s3
