#include "api/s3/authorize.h"

#include <fmt/format.h>

#include "api/s3/request.h"
#include "base/bytes.h"
#include "base/time.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using domain::Permission;
using identity::Principal;
using policy::Verdict;

// What a list can permit of an action, and whether it is the bucket's list or the object's.
struct Listed {
  std::string_view action;
  Permission permission;
  bool of_bucket;
};
constexpr Listed kListed[] = {
    {"s3:ListBucket", Permission::read, true},
    {"s3:ListBucketVersions", Permission::read, true},
    {"s3:ListBucketMultipartUploads", Permission::read, true},
    {"s3:PutObject", Permission::write, true},
    {"s3:DeleteObject", Permission::write, true},
    {"s3:AbortMultipartUpload", Permission::write, true},
    {"s3:ListMultipartUploadParts", Permission::write, true},
    {"s3:GetBucketAcl", Permission::read_acp, true},
    {"s3:PutBucketAcl", Permission::write_acp, true},
    {"s3:GetObject", Permission::read, false},
    {"s3:GetObjectVersion", Permission::read, false},
    {"s3:GetObjectAttributes", Permission::read, false},
    {"s3:GetObjectVersionAttributes", Permission::read, false},
    {"s3:GetObjectAcl", Permission::read_acp, false},
    {"s3:GetObjectVersionAcl", Permission::read_acp, false},
    {"s3:PutObjectAcl", Permission::write_acp, false},
    {"s3:PutObjectVersionAcl", Permission::write_acp, false},
};
const Listed* listed(std::string_view action) {
  for (const Listed& l : kListed)
    if (l.action == action) return &l;
  return nullptr;
}

// Acts on an object that must be there: its owner decides, and not the bucket's.
bool of_existing_object(std::string_view action) {
  const Listed* l = listed(action);
  return (l && !l->of_bucket) || action.ends_with("Tagging");
}

// The action by its name for one version.
std::string action_of(const wire::Context& c, bool versioned) {
  std::string action(c.row->action);
  if (!versioned) return action;
  for (std::string_view known : {"GetObject", "PutObject", "DeleteObject"}) {
    const std::string front = fmt::format("s3:{}", known);
    if (!action.starts_with(front)) continue;
    const std::string rest = action.substr(front.size());
    const bool puts_content = known == "PutObject" && rest.empty();
    if (!puts_content) action = front + "Version" + rest;
  }
  return action;
}

std::optional<std::string> parameter(const wire::Context& c, std::string_view name) {
  const std::string* value = http::find(c.query, name);
  return value ? std::optional(*value) : std::nullopt;
}

bool same_account(const wire::Context& c, const std::string& owner) {
  return c.principal->account() == owner;
}

// Who stands for the whole account where identities have no policies of their own.
bool is_root(const Principal& p) {
  return p.kind() != Principal::Kind::user && p.kind() != Principal::Kind::role &&
         p.kind() != Principal::Kind::anonymous;
}
bool is_owner(const Principal& p) {
  return p.kind() == Principal::Kind::root || p.kind() == Principal::Kind::developer;
}

// A policy cannot lock its bucket's owner out of itself.
bool is_of_policy(const std::string& action) {
  return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
         action == "s3:DeleteBucketPolicy";
}

void add_tags(policy::Context& facts, std::string_view front, const domain::Tags& tags) {
  for (const auto& [key, value] : tags) facts.set(fmt::format("{}/{}", front, key), value);
}

void add_request_tags(policy::Context& facts, const domain::Tags& tags) {
  add_tags(facts, "s3:RequestObjectTag", tags);
  std::vector<std::string> keys;
  for (const auto& [key, unused] : tags) keys.push_back(key);
  facts.set("s3:RequestObjectTagKeys", std::move(keys));
}

void add_headers(policy::Context& facts, const wire::Context& c) {
  auto named = [&](const std::string& name, const std::string& value) {
    if (name == "x-amz-copy-source") {
      const std::string source = percent_decode(value).value_or(value);
      facts.set("s3:x-amz-copy-source", source.starts_with('/') ? source.substr(1) : source);
    } else if (name == "x-amz-tagging") {
      if (auto tags = tags_of_header(value); tags.ok()) add_request_tags(facts, *tags);
    } else if (name.starts_with("x-amz-")) {
      facts.set("s3:" + name, value);
    }
  };
  for (const auto& [name, value] : c.headers) named(name, value);
  for (const auto& [name, value] : c.query) {
    if (name == "prefix" || name == "delimiter" || name == "max-keys")
      facts.set("s3:" + name, value);
    else if (name == "versionId")
      facts.set("s3:VersionId", value);
  }
}

}  // namespace

// One question with what is known to answer it.
struct Authorizer::Judged {
  const wire::Context& c;
  policy::Request request;
  domain::BucketRef bucket;
  const domain::ObjectRecord* object = nullptr;  // when its owner decides
};

policy::Request Authorizer::request_of(const wire::Context& c, const Act& act) const {
  const Principal& p = *c.principal;
  policy::Request request =
      request_facts(c, clock_.now(), options_.tags ? options_.tags(p) : PrincipalTags{});
  policy::Context& facts = request.context;
  if (p.kind() != Principal::Kind::anonymous) {
    request.caller.canonical_id = s3_.owners.id_of(p.account());
    facts.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    facts.set("s3:authType",
              http::find(c.query, "X-Amz-Signature") ? "REST-QUERY-STRING" : "REST-HEADER");
  }
  request.action = act.action;
  request.resource = act.bucket.empty() ? "*" : domain::bucket_arn(act.bucket);
  if (!act.key.empty()) request.resource += "/" + act.key;
  add_headers(facts, c);
  if (act.tags) add_request_tags(facts, *act.tags);
  return request;
}

IdentityVerdict Authorizer::identity(const wire::Context& c, const policy::Request& request) const {
  const Principal& p = *c.principal;
  if (p.kind() == Principal::Kind::anonymous) return Verdict::none;
  if (!options_.enforce) return Verdict::allow;
  if (options_.identity) return options_.identity(p, request);
  return is_root(p) ? Verdict::allow : Verdict::none;
}

Authorizer::Grant Authorizer::allowed(Judged& judged) const {
  const domain::BucketState& bucket = *judged.bucket;
  const domain::BucketRecord& record = bucket.record;
  const std::string& bucket_account = bucket.scope.account;
  const Principal& p = *judged.c.principal;
  const bool lists = domain::acls_enabled(record);
  const std::string& owner = lists && judged.object
                                 ? domain::owner_of(judged.object->owner, bucket_account)
                                 : bucket_account;
  const bool own = same_account(judged.c, owner);
  judged.request.context.set("aws:ResourceAccount", bucket_account);
  const auto [by_identity, bounded] = identity(judged.c, judged.request);
  policy::Decision by_policy;
  if (bucket.policy) by_policy = policy::evaluate(bucket.policy->document, judged.request);
  if (by_identity == Verdict::deny || by_policy.verdict == Verdict::deny) return Grant::denied;

  const auto block = record.public_access_block.value_or(domain::PublicAccessBlock{});
  bool granted = by_policy.verdict == Verdict::allow && owner == bucket_account;
  if (bucket.policy && bucket.policy->is_public && block.restrict_public_buckets &&
      !same_account(judged.c, bucket_account))
    granted = false;
  const bool direct = granted && by_policy.direct && !bounded;
  const bool by_policies = p.kind() == Principal::Kind::anonymous ? granted
                           : own ? by_identity == Verdict::allow || direct
                                 : granted && by_identity == Verdict::allow;
  if (by_policies) return Grant::policy;
  const Listed* l = lists ? listed(judged.request.action) : nullptr;
  if (l && (l->of_bucket || judged.object)) {
    const domain::Asker asker{s3_.owners.id_of(p.account()), p.kind() == Principal::Kind::anonymous,
                              options_.identity ? is_owner(p) : is_root(p)};
    const domain::Acl acl = domain::effective_acl(l->of_bucket ? record.acl : judged.object->acl,
                                                  s3_.owners.id_of(owner));
    const bool itself = (own && !bounded) || p.kind() == Principal::Kind::anonymous ||
                        by_identity == Verdict::allow;
    if (itself && domain::allows(acl, l->permission, asker, own, block.ignore_public_acls))
      return Grant::list;
  }
  return Grant::none;
}

// Within its own account a caller is told what is missing.
Error Authorizer::refused(const wire::Context& c, const Act& act, const std::string& owner,
                          Grant grant) const {
  const Principal& p = *c.principal;
  if (!options_.refusal || !options_.enforce || p.kind() == Principal::Kind::anonymous ||
      !same_account(c, owner))
    return domain::access_denied();
  policy::Request request = request_of(c, act);
  request.context.set("aws:ResourceAccount", owner);
  if (grant != Grant::denied && of_existing_object(act.action) &&
      identity(c, request).verdict == Verdict::allow) {
    // There is no such object, and who may not list must not learn of it.
    request.action = act.version_id ? "s3:ListBucketVersions" : "s3:ListBucket";
    request.resource = domain::bucket_arn(act.bucket);
    if (identity(c, request).verdict == Verdict::allow) return domain::access_denied();
  }
  return options_.refusal(p, request, grant == Grant::denied);
}

Task<bool> Authorizer::may_list(const wire::Context& c, const Act& act,
                                domain::BucketRef bucket) const {
  Act list;
  list.action = act.version_id ? "s3:ListBucketVersions" : "s3:ListBucket";
  list.bucket = act.bucket;
  Judged judged{c, request_of(c, list), std::move(bucket), nullptr};
  judged.request.context.set("s3:prefix", act.key);
  co_return allowed(judged) >= Grant::policy;
}

Task<Authorizer::Grant> Authorizer::judge(const wire::Context& c, const Act& act,
                                          domain::BucketRef bucket) const {
  const bool existing = !act.key.empty() && !act.of_new_object && of_existing_object(act.action);
  const bool own = same_account(c, bucket->scope.account);
  const bool others_objects = existing && domain::acls_enabled(bucket->record);
  // The common case: an owner in his own bucket, which says nothing about anybody.
  const Principal::Kind kind = c.principal->kind();
  const bool may_all = kind == Principal::Kind::root || kind == Principal::Kind::developer ||
                       (!options_.identity && is_root(*c.principal));
  if (own && (!options_.enforce || (may_all && !bucket->policy && !others_objects)))
    co_return Grant::policy;
  if (own && may_all && is_of_policy(act.action)) co_return Grant::policy;
  Judged judged{c, request_of(c, act), bucket, nullptr};
  domain::Lookup found;
  const bool by_tags = bucket->policy && bucket->policy->asks_for_tags && !act.key.empty();
  if (existing || by_tags) {
    domain::Caller reader;
    reader.scope = bucket->scope;
    auto looked = co_await s3_.objects.lookup(reader, act.bucket, act.key, act.version_id);
    if (looked.ok()) found = std::move(*looked);
    const bool there = found.record && !found.record->delete_marker;
    if (there) judged.object = &*found.record;
    if (there && by_tags)
      add_tags(judged.request.context, "s3:ExistingObjectTag", found.record->tags);
    // Who may list may also learn that there is nothing; the handler will say so.
    if (!there && existing) {
      CO_TRY(bool lists, co_await may_list(c, act, bucket));
      co_return lists ? Grant::policy : Grant::none;
    }
  }
  if (!existing) judged.object = nullptr;
  co_return allowed(judged);
}

Task<Authorizer::Grant> Authorizer::admit(const wire::Context& c, const Act& act,
                                          domain::BucketRef bucket) const {
  CO_TRY(Grant grant, co_await judge(c, act, bucket));
  if (grant < Grant::policy) co_return refused(c, act, bucket->scope.account, grant);
  co_return grant;
}

Task<Unit> Authorizer::check(const wire::Context& c, Act act) const {
  const domain::Caller anybody = domain::Caller::anybody();
  CO_TRY(auto bucket, co_await s3_.buckets.find(anybody, act.bucket));
  CO_TRY(Grant grant, co_await admit(c, act, bucket));
  (void)grant;
  co_return done;
}

Status Authorizer::check_new_bucket(const wire::Context& c, const Act& act) const {
  if (c.principal->kind() == Principal::Kind::anonymous) return domain::access_denied();
  if (options_.enforce && identity(c, request_of(c, act)).verdict != Verdict::allow)
    return refused(c, act, c.principal->account(), Grant::none);
  return done;
}

Task<Unit> Authorizer::check_headers(const wire::Context& c, Act write, domain::BucketRef bucket,
                                     Grant grant) const {
  bool tags = false, list = false;
  for (const auto& [name, value] : c.headers) {
    if (name == "x-amz-tagging") tags = !value.empty();
    if (name == "x-amz-acl" || name.starts_with("x-amz-grant-")) list = true;
  }
  write.of_new_object = true;
  if (tags) {
    write.action = "s3:PutObjectTagging";
    CO_TRY(Grant tagging, co_await judge(c, write, bucket));
    // Whom a list let in, no policy speaks of.
    if (tagging == Grant::denied || (tagging == Grant::none && grant != Grant::list))
      co_return refused(c, write, bucket->scope.account, tagging);
  }
  if (list) {
    write.action = "s3:PutObjectAcl";
    CO_TRY(Grant listing, co_await judge(c, write, bucket));
    // Who writes into another account's bucket needs no word of its policy for the list, as AWS's
    // examples of such policies show.
    const bool own_word = !same_account(c, bucket->scope.account) &&
                          identity(c, request_of(c, write)).verdict == Verdict::allow;
    if (listing == Grant::denied || (listing == Grant::none && grant != Grant::list && !own_word))
      co_return refused(c, write, bucket->scope.account, listing);
  }
  co_return done;
}

Task<Unit> Authorizer::check_source(const wire::Context& c, Act write, domain::BucketRef bucket,
                                    Grant grant) const {
  const std::string* header = c.header("x-amz-copy-source");
  if (!header) co_return done;
  CO_TRY(auto source, copy_source_of(*header));
  Act read{source.version_id ? "s3:GetObjectVersion" : "s3:GetObject", source.bucket, source.key,
           source.version_id};
  const domain::Caller anybody = domain::Caller::anybody();
  CO_TRY(auto from, co_await s3_.buckets.find(anybody, read.bucket));
  CO_TRY(Unit owned,
         check_expected_owner(c, "x-amz-source-expected-bucket-owner", from->scope.account));
  CO_TRY(Grant readable, co_await admit(c, read, from));
  (void)owned, (void)readable;
  const std::string* directive = c.header("x-amz-tagging-directive");
  if (c.row->name != "CopyObject" || (directive && *directive != "COPY")) co_return done;
  // Tags go along with the object, if it has any.
  read.action = read.version_id ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
  write.action = "s3:PutObjectTagging";
  write.of_new_object = true;
  CO_TRY(Grant seen, co_await judge(c, read, from));
  CO_TRY(Grant tagging, co_await judge(c, write, bucket));
  const bool may_see = seen >= Grant::policy || (seen == Grant::none && readable == Grant::list);
  const bool may_tag = tagging >= Grant::policy || (tagging == Grant::none && grant == Grant::list);
  if (may_see && may_tag) co_return done;
  CO_TRY(auto found, co_await s3_.objects.lookup(anybody, read.bucket, read.key, read.version_id));
  if (!found.record || found.record->tags.empty()) co_return done;
  co_return may_see ? refused(c, write, bucket->scope.account, tagging)
                    : refused(c, read, from->scope.account, seen);
}

Task<Unit> Authorizer::check(const wire::Context& c, const wire::Labels& labels) const {
  for (std::string_view name :
       {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    CO_TRY(Unit formed, check_expected_owner(c, name, std::nullopt));
    (void)formed;
  }
  Act act;
  for (const auto& [name, value] : labels.values) {
    if (name == "Bucket") act.bucket = value;
    if (name == "Key") act.key = value;
    if (name == "ResourceArn") act.bucket = bucket_of_arn(value);
  }
  act.version_id = parameter(c, "versionId");
  act.action = action_of(c, act.version_id.has_value());
  const std::string_view operation = c.row->name;
  if (act.bucket.empty() || operation == "CreateBucket") {
    co_return check_new_bucket(c, act);
  }
  const domain::Caller anybody = domain::Caller::anybody();
  CO_TRY(auto bucket, co_await s3_.buckets.find(anybody, act.bucket));
  CO_TRY(Unit owned, check_expected_owner(c, "x-amz-expected-bucket-owner", bucket->scope.account));
  (void)owned;
  // In the handler, which knows the keys, or the tags.
  if (operation == "DeleteObjects" || operation == "PutObjectTagging") co_return done;
  CO_TRY(Grant grant, co_await admit(c, act, bucket));
  const bool copies = operation == "CopyObject";
  if (copies || operation == "PutObject" || operation == "PostObject" ||
      operation == "CreateMultipartUpload") {
    CO_TRY(Unit headers, co_await check_headers(c, act, bucket, grant));
    (void)headers;
  }
  if (copies || operation == "UploadPartCopy") {
    CO_TRY(Unit source, co_await check_source(c, std::move(act), bucket, grant));
    (void)source;
  }
  co_return done;
}

}  // namespace tidegate::api::s3
