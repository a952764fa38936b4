// Access control lists of buckets and objects, and the ownership setting that puts them into use.
#include "api/s3/access_shapes.h"
#include "api/s3/acl_request.h"
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "api/s3/unconfigured_shapes.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kGetBucketAcl = wire::operation<GetBucketAclRequest, GetBucketAclOutput>(
    "GetBucketAcl", Method::get, "/{Bucket}?acl", 200, "s3:GetBucketAcl");
constexpr auto kPutBucketAcl = wire::operation<PutBucketAclRequest, wire::Nothing>(
    "PutBucketAcl", Method::put, "/{Bucket}?acl", 200, "s3:PutBucketAcl");
constexpr auto kGetObjectAcl = wire::operation<GetObjectAclRequest, GetObjectAclOutput>(
    "GetObjectAcl", Method::get, "/{Bucket}/{Key+}?acl", 200, "s3:GetObjectAcl");
constexpr auto kPutObjectAcl = wire::operation<PutObjectAclRequest, wire::Nothing>(
    "PutObjectAcl", Method::put, "/{Bucket}/{Key+}?acl", 200, "s3:PutObjectAcl");
constexpr auto kGetOwnership = wire::operation<BucketOnly, GetBucketOwnershipControlsOutput>(
    "GetBucketOwnershipControls", Method::get, "/{Bucket}?ownershipControls", 200,
    "s3:GetBucketOwnershipControls");
constexpr auto kPutOwnership = wire::operation<PutBucketOwnershipControlsRequest, wire::Nothing>(
    "PutBucketOwnershipControls", Method::put, "/{Bucket}?ownershipControls", 200,
    "s3:PutBucketOwnershipControls");
constexpr auto kDeleteOwnership = wire::operation<BucketOnly, wire::Nothing>(
    "DeleteBucketOwnershipControls", Method::delete_, "/{Bucket}?ownershipControls", 204,
    "s3:PutBucketOwnershipControls");

class AclApi {
 public:
  explicit AclApi(const Parts& parts)
      : buckets_(parts.service->buckets),
        objects_(parts.service->objects),
        owners_(parts.service->owners) {}

  Task<GetBucketAclOutput> bucket_acl(const Context& c, GetBucketAclRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    const std::string owner = owners_.id_of(found->scope.account);
    const bool enabled = domain::acls_enabled(found->record);
    GetBucketAclOutput out;
    out.owner = shown_owner(owners_, owner);
    out.grants = shown_grants(
        domain::effective_acl(enabled ? found->record.acl : std::nullopt, owner), owners_);
    co_return out;
  }

  Task<wire::Nothing> set_bucket_acl(const Context& c, PutBucketAclRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    CO_TRY(auto wanted, acl_of_request(c, in.access_control_policy, owners_,
                                       owners_.id_of(found->scope.account)));
    CO_TRY(Unit set, co_await buckets_.set_acl(caller, in.bucket, std::move(wanted)));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Reply<GetObjectAclOutput>> object_acl(const Context& c, GetObjectAclRequest in) {
    CO_TRY(auto found, co_await find(c, in.bucket, in.key, in.version_id));
    const std::string owner =
        owners_.id_of(domain::owner_of(found.record->owner, found.bucket->scope.account));
    const bool enabled = domain::acls_enabled(found.bucket->record);
    GetObjectAclOutput out;
    const std::string shown = enabled ? owner : owners_.id_of(found.bucket->scope.account);
    out.owner = shown_owner(owners_, shown);
    out.grants = shown_grants(
        domain::effective_acl(enabled ? found.record->acl : std::nullopt, shown), owners_);
    co_return wire::Reply<GetObjectAclOutput>(std::move(out), version_of(found));
  }

  Task<wire::Reply<wire::Nothing>> set_object_acl(const Context& c, PutObjectAclRequest in) {
    CO_TRY(auto found, co_await find(c, in.bucket, in.key, in.version_id));
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto wanted, acl_of_request(c, in.access_control_policy, owners_,
                                       owners_.id_of(domain::owner_of(
                                           found.record->owner, found.bucket->scope.account))));
    CO_TRY(auto changed,
           co_await objects_.set_acl(caller, in.bucket, in.key, in.version_id, std::move(wanted)));
    co_return wire::Reply<wire::Nothing>(wire::Nothing{}, version_of(changed));
  }

  Task<GetBucketOwnershipControlsOutput> ownership(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    if (found->record.ownership == domain::Ownership::not_set)
      co_return Error{Fault::not_found, "The bucket ownership controls were not found"}
          .with("Code", "OwnershipControlsNotFoundError")
          .with("BucketName", in.bucket);
    GetBucketOwnershipControlsOutput out;
    out.ownership_controls.emplace().rules.push_back(
        {std::string(name_of(found->record.ownership))});
    co_return out;
  }

  Task<wire::Nothing> set_ownership(const Context& c, PutBucketOwnershipControlsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    (void)digested;
    const auto& rules = in.ownership_controls.rules;
    if (rules.size() != 1) co_return domain::malformed_xml();
    const auto wanted = domain::ownership_named(rules.front().object_ownership);
    if (!wanted) co_return domain::malformed_xml();
    CO_TRY(Unit set, co_await buckets_.set_ownership(caller, in.bucket, *wanted));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> forget_ownership(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit set,
           co_await buckets_.set_ownership(caller, in.bucket, domain::Ownership::not_set));
    (void)set;
    co_return wire::Nothing{};
  }

 private:
  Task<domain::Lookup> find(const Context& c, std::string bucket, std::string key,
                            std::optional<std::string> version_id) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit checked, check_version_id(version_id));
    (void)checked;
    CO_TRY(auto found, co_await objects_.lookup(caller, bucket, key, version_id));
    if (!found.record && version_id) co_return domain::no_such_version(key, *version_id);
    if (!found.record || (found.record->delete_marker && !version_id))
      co_return domain::no_such_key(key);
    if (found.record->delete_marker)
      co_return Error{Fault::method_not_allowed,
                      "The specified method is not allowed against this resource."}
          .with("Method", std::string(http::to_string(c.row->method)))
          .with("ResourceType", "DeleteMarker");
    co_return found;
  }

  static wire::Extra version_of(const domain::Lookup& found) {
    wire::Extra extra;
    if (auto version = shown_version(found))
      extra.headers.emplace_back("x-amz-version-id", *version);
    return extra;
  }

  domain::Buckets& buckets_;
  domain::Objects& objects_;
  const domain::Owners& owners_;
};

}  // namespace

void mount_acls(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<AclApi>(parts);
  table.add(kGetBucketAcl, [api](const Context& c, GetBucketAclRequest in) {
    return api->bucket_acl(c, std::move(in));
  });
  table.add(kPutBucketAcl, [api](const Context& c, PutBucketAclRequest in) {
    return api->set_bucket_acl(c, std::move(in));
  });
  table.add(kGetObjectAcl, [api](const Context& c, GetObjectAclRequest in) {
    return api->object_acl(c, std::move(in));
  });
  table.add(kPutObjectAcl, [api](const Context& c, PutObjectAclRequest in) {
    return api->set_object_acl(c, std::move(in));
  });
  table.add(kGetOwnership,
            [api](const Context& c, BucketOnly in) { return api->ownership(c, std::move(in)); });
  table.add(kPutOwnership, [api](const Context& c, PutBucketOwnershipControlsRequest in) {
    return api->set_ownership(c, std::move(in));
  });
  table.add(kDeleteOwnership, [api](const Context& c, BucketOnly in) {
    return api->forget_ownership(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
