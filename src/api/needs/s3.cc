#include "api/needs/needs.h"

namespace tidegate::api::needs {
namespace {

namespace domain = tidegate::s3;
constexpr std::string_view kFront = "arn:aws:s3:::";

std::string text_of(const policy::Context& facts, std::string_view key) {
  const auto* values = facts.find(key);
  return values && values->size() == 1 ? values->front() : "";
}

Task<ResourceVerdict> judge(domain::Service& s3, std::shared_ptr<policy::Request> request) {
  ResourceVerdict out;
  std::string_view path = request->resource;
  if (!path.starts_with(kFront)) co_return out;
  path.remove_prefix(kFront.size());
  const std::size_t slash = path.find('/');
  const std::string name(path.substr(0, slash));
  const domain::Caller anybody = domain::Caller::anybody();
  auto bucket = co_await s3.buckets.find(anybody, name);
  // What is not there says nothing; whoever reads it will learn that it is not there.
  if (!bucket.ok()) co_return out;
  out.owner = (*bucket)->scope.account;
  request->caller.canonical_id = s3.owners.id_of(request->caller.account);
  request->context.set("aws:ResourceAccount", out.owner);
  if (!(*bucket)->policy) co_return out;
  if ((*bucket)->policy->asks_for_tags && slash != std::string_view::npos) {
    std::optional<std::string> version = text_of(request->context, "s3:versionid");
    if (version->empty()) version.reset();
    auto found =
        co_await s3.objects.lookup(anybody, name, std::string(path.substr(slash + 1)), version);
    if (found.ok() && found->record)
      for (const auto& [key, value] : found->record->tags)
        request->context.set("s3:ExistingObjectTag/" + key, value);
  }
  const policy::Decision d = policy::evaluate((*bucket)->policy->document, *request);
  out.verdict = d.verdict;
  out.direct = d.direct;
  co_return out;
}

}  // namespace

Judge bucket_policies(domain::Service& s3) {
  return [&s3](std::shared_ptr<policy::Request> r) { return judge(s3, std::move(r)); };
}

}  // namespace tidegate::api::needs
