// What a request says of the access control list it wants, in headers (x-amz-acl, x-amz-grant-*) or
// in its document. Pure.
// Errors: invalid_request and invalid_argument, in S3's words.
#pragma once

#include "api/s3/access_shapes.h"
#include "base/result.h"
#include "s3/access.h"
#include "wire/table.h"

namespace tidegate::api::s3 {

namespace domain = tidegate::s3;

// x-amz-acl and x-amz-grant-*, for every operation that makes or changes a list.
Result<domain::AclRequest> acl_of_headers(const wire::Context&, const domain::Owners&);
// Headers or document, but not both and not neither. `owner_id`: whose list it is; the document
// must say the same.
Result<domain::AclRequest> acl_of_request(const wire::Context&,
                                          const std::optional<AccessControlPolicy>&,
                                          const domain::Owners&, const std::string& owner_id);
// The list as answers show it.
std::vector<Grant> shown_grants(const domain::Acl&, const domain::Owners&);

}  // namespace tidegate::api::s3
