// The groups of operations that make up the S3 API; each mounts its own rows.
#pragma once

#include "api/s3/api.h"

namespace tidegate::api::s3 {

void mount_buckets(wire::Table&, const Parts&);
void mount_object_reads(wire::Table&, const Parts&);
void mount_object_writes(wire::Table&, const Parts&);
void mount_tagging(wire::Table&, const Parts&);
// Tags, lifecycle and encryption of a bucket.
void mount_settings(wire::Table&, const Parts&);
// The tags of a bucket by its ARN, as S3 Control has them.
void mount_control(wire::Table&, const Parts&);
void mount_listing(wire::Table&, const Parts&);
void mount_multipart(wire::Table&, const Parts&);
void mount_acls(wire::Table&, const Parts&);
void mount_access(wire::Table&, const Parts&);
void mount_policies(wire::Table&, const Parts&);
// Sub-resources that this server does not keep: the answer of a bucket where they are not
// configured, and rows that are refused.
void mount_unconfigured(wire::Table&, const Parts&);

}  // namespace tidegate::api::s3
