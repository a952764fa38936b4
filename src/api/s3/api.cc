#include "api/s3/api.h"

#include "api/s3/groups.h"

namespace tidegate::api::s3 {

void mount(wire::Table& table, Parts parts) {
  mount_buckets(table, parts);
  mount_object_reads(table, parts);
  mount_object_writes(table, parts);
  mount_tagging(table, parts);
  mount_settings(table, parts);
  mount_control(table, parts);
  mount_listing(table, parts);
  mount_multipart(table, parts);
  mount_acls(table, parts);
  mount_access(table, parts);
  mount_policies(table, parts);
  mount_unconfigured(table, parts);
}

}  // namespace tidegate::api::s3
