// Signature Version 2 in a query: what boto3, the older AWS CLI and many scripts make when they
// presign an S3 URL for us-east-1 without being told otherwise. Only that form is read; a request
// signed that way in its headers is refused, as everywhere where Version 4 is wanted. Pure.
// Source: the signers of botocore, whose URLs the end-to-end tests use.
#pragma once

#include "wire/sigv4.h"

namespace tidegate::wire {

// nullopt: no such signature. Fault::malformed_signature, access_denied.
Result<std::optional<Claim>> read_version2(const http::Query&);

// `closing_slash`: with a slash behind a bare bucket, which botocore signs and does not send.
std::string version2_string_to_sign(const http::Request&, const http::Query&, const Claim&,
                                    bool closing_slash = false);
std::string version2_sign(std::string_view secret, std::string_view string_to_sign);  // base64

}  // namespace tidegate::wire
