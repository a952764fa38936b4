// Authorizer: may this caller do this with this bucket or object? It puts together what S3 itself
// knows (the bucket's policy, access control lists, who owns what, the block of public access) and
// what the caller's own policies say, as AWS does: an explicit deny anywhere wins; within the
// owner's account one allow is enough; across accounts both sides must allow; without a signature
// only the resource can. Without `enforce` (--dev) everything within one account is allowed.
//
// From memory, but for conditions on an object's tags, objects in buckets with lists in use, and
// callers who may learn of missing keys only when they may list: these read the object's record.
// On the control strand. Errors: access_denied, those of Buckets::find.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/authorize.h"
#include "policy/evaluate.h"
#include "s3/service.h"
#include "wire/codec.h"
#include "wire/table.h"

namespace tidegate::api::s3 {

namespace domain = tidegate::s3;

struct AuthorizerOptions {
  bool enforce = true;
  // What the caller's own policies say, beside the resource's. Null: an account's root and its
  // functions may everything in their account, and users nothing.
  std::function<IdentityVerdict(const identity::Principal&, const policy::Request&)> identity;
  // The tags of the caller's user or role; null: none.
  std::function<PrincipalTags(const identity::Principal&)> tags;
  // The words for a refusal within the owner's account; null: "Access Denied", as everywhere else.
  // `by_resource`: the bucket's policy denies, or the caller's own does.
  std::function<Error(const identity::Principal&, const policy::Request&, bool by_resource)>
      refusal;
};

class Authorizer {
 public:
  Authorizer(domain::Service& s3, const Clock& clock, AuthorizerOptions options)
      : s3_(s3), clock_(clock), options_(std::move(options)) {}

  // The operation of the call's row, on the bucket and key of its path.
  Task<Unit> check(const wire::Context& c, const wire::Labels& labels) const;

  // Another act within the call: on the source of a copy, on one key of many.
  struct Act {
    std::string action;
    std::string bucket;
    std::string key;  // "" for the bucket itself
    std::optional<std::string> version_id;
    std::optional<domain::Tags> tags = std::nullopt;  // that the request gives the object
    bool of_new_object = false;  // it is being written: what is there now has no say
  };
  Task<Unit> check(const wire::Context& c, Act act) const;
  // On a bucket that is being made: only the caller's own policies have a say.
  Status check_new_bucket(const wire::Context& c, const Act& act) const;

 private:
  struct Judged;
  // How an act came to be allowed: by a policy (or because none has a say), or by a list alone.
  enum class Grant : std::uint8_t { denied, none, policy, list };
  Task<Grant> judge(const wire::Context& c, const Act& act, domain::BucketRef bucket) const;
  // judge(), and a refusal in its words.
  Task<Grant> admit(const wire::Context& c, const Act& act, domain::BucketRef bucket) const;
  // What else the headers of a write ask for, when the write itself was allowed by `grant`.
  Task<Unit> check_headers(const wire::Context& c, Act write, domain::BucketRef bucket,
                           Grant grant) const;
  // The right to read the source, and its tags when they go along.
  Task<Unit> check_source(const wire::Context& c, Act write, domain::BucketRef bucket,
                          Grant grant) const;
  Task<bool> may_list(const wire::Context& c, const Act& act, domain::BucketRef bucket) const;
  Grant allowed(Judged& judged) const;
  Error refused(const wire::Context& c, const Act& act, const std::string& owner,
                Grant grant) const;
  IdentityVerdict identity(const wire::Context& c, const policy::Request& request) const;
  policy::Request request_of(const wire::Context& c, const Act& act) const;

  domain::Service& s3_;
  const Clock& clock_;
  AuthorizerOptions options_;
};

}  // namespace tidegate::api::s3
