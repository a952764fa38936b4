// What IAM keeps: users with their access keys, groups, roles, customer managed policies. Plain
// data; records are stored with numbered fields (docs/formats.md), a number is never reused. Names
// are AWS's; times UTC milliseconds. A secret stands here sealed only (iam/directory.h says with
// what).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/record.h"

namespace tidegate::iam {

using Tags = std::map<std::string, std::string>;

// What a user, a group and a role have in common: the policies that say what they may do.
struct Permissions {
  std::map<std::string, std::string> inline_policies;  // name → document
  std::vector<std::string> attached;                   // ARNs, in the order of attachment
  std::string boundary;                                // ARN; "" when there is none
};

struct KeyRecord {
  std::string id, sealed_secret;
  bool active = true;
  Instant created{};
};

// Of an access key, to about a quarter of an hour.
struct LastUse {
  Instant time{};
  std::string service, region;
};

struct UserRecord {
  std::string name, path, id;  // "/", "AIDA…"
  Instant created{};
  Tags tags;
  Permissions permissions;
  std::vector<KeyRecord> keys;
  std::vector<std::string> groups;  // ids, in the order of joining: a group may change its name
};

struct GroupRecord {
  std::string name, path, id;  // "AGPA…"
  Instant created{};
  Permissions permissions;  // never a boundary
};

struct RoleRecord {
  std::string name, path, id;  // "/service-role/", "AROA…"
  Instant created{};
  std::optional<std::string> description;
  std::uint32_t max_session_s = 3600;
  std::string trust;  // the document
  Tags tags;
  Permissions permissions;
  // Whom the trust policy named when it was written: ARN → unique id (iam/trust.h). Empty of older
  // records, whose ARNs are taken by their names.
  std::map<std::string, std::string> trusted;
};

struct VersionRecord {
  std::string id, document;  // "v1"
  Instant created{};
};

struct PolicyRecord {
  std::string name, path, id;  // "ANPA…"
  Instant created{}, updated{};
  std::optional<std::string> description;
  Tags tags;
  std::vector<VersionRecord> versions;  // oldest first
  std::string default_version;
  std::uint32_t last_version = 1;  // numbers are not used again
};

// arn:aws:iam::<account>:<kind><path><name>; kind is "user", "group", "role" or "policy".
std::string arn_of(const std::string& account, const char* kind, const std::string& path,
                   const std::string& name);

}  // namespace tidegate::iam

namespace tidegate::store {

template <>
struct record_of<iam::Permissions> {
  using R = iam::Permissions;
  static constexpr auto fields =
      std::tuple{field(1, &R::inline_policies), field(2, &R::attached), field(3, &R::boundary)};
};
template <>
struct record_of<iam::KeyRecord> {
  using R = iam::KeyRecord;
  static constexpr auto fields = std::tuple{field(1, &R::id), field(2, &R::sealed_secret),
                                            field(3, &R::active), field(4, &R::created)};
};
template <>
struct record_of<iam::LastUse> {
  using R = iam::LastUse;
  static constexpr auto fields =
      std::tuple{field(1, &R::time), field(2, &R::service), field(3, &R::region)};
};
template <>
struct record_of<iam::UserRecord> {
  using R = iam::UserRecord;
  static constexpr auto fields = std::tuple{
      field(1, &R::name), field(2, &R::path),        field(3, &R::id),   field(4, &R::created),
      field(5, &R::tags), field(6, &R::permissions), field(7, &R::keys), field(8, &R::groups)};
};
template <>
struct record_of<iam::GroupRecord> {
  using R = iam::GroupRecord;
  static constexpr auto fields =
      std::tuple{field(1, &R::name), field(2, &R::path), field(3, &R::id), field(4, &R::created),
                 field(5, &R::permissions)};
};
template <>
struct record_of<iam::RoleRecord> {
  using R = iam::RoleRecord;
  static constexpr auto fields =
      std::tuple{field(1, &R::name),    field(2, &R::path),        field(3, &R::id),
                 field(4, &R::created), field(5, &R::description), field(6, &R::max_session_s),
                 field(7, &R::trust),   field(8, &R::tags),        field(9, &R::permissions),
                 field(10, &R::trusted)};
};
template <>
struct record_of<iam::VersionRecord> {
  using R = iam::VersionRecord;
  static constexpr auto fields =
      std::tuple{field(1, &R::id), field(2, &R::document), field(3, &R::created)};
};
template <>
struct record_of<iam::PolicyRecord> {
  using R = iam::PolicyRecord;
  static constexpr auto fields =
      std::tuple{field(1, &R::name),         field(2, &R::path),     field(3, &R::id),
                 field(4, &R::created),      field(5, &R::updated),  field(6, &R::description),
                 field(7, &R::tags),         field(8, &R::versions), field(9, &R::default_version),
                 field(10, &R::last_version)};
};

}  // namespace tidegate::store
