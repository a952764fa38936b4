#include "s3/errors.h"

namespace tidegate::s3 {

Error no_such_bucket(std::string_view bucket) {
  return Error{Fault::no_such_bucket, "The specified bucket does not exist"}.with(
      "BucketName", std::string(bucket));
}

Error no_such_key(std::string_view key) {
  return Error{Fault::no_such_key, "The specified key does not exist."}.with("Key",
                                                                             std::string(key));
}

Error no_such_version(std::string_view key, std::string_view version_id) {
  return Error{Fault::no_such_version, "The specified version does not exist."}
      .with("Key", std::string(key))
      .with("VersionId", std::string(version_id));
}

Error no_such_upload(std::string_view upload_id) {
  return Error{Fault::no_such_upload,
               "The specified upload does not exist. The upload ID may be invalid, or the upload "
               "may have been aborted or completed."}
      .with("UploadId", std::string(upload_id));
}

Error invalid_argument(std::string message, std::string name, std::string_view value) {
  return Error{Fault::invalid_argument, std::move(message)}
      .with("ArgumentName", std::move(name))
      .with("ArgumentValue", std::string(value));
}

Error invalid_version_id(std::string_view version_id) {
  return invalid_argument("Invalid version id specified", "versionId", version_id);
}

Error precondition_failed(std::string_view condition) {
  return Error{Fault::precondition_failed,
               "At least one of the pre-conditions you specified did not hold"}
      .with("Condition", std::string(condition));
}

Error malformed_xml() {
  return {Fault::malformed_xml,
          "The XML you provided was not well-formed or did not validate against our published "
          "schema"};
}

Error access_denied() {
  return {Fault::access_denied, "Access Denied"};
}

Error contended() {
  return {Fault::throttled, "Please reduce your request rate."};
}

}  // namespace tidegate::s3
