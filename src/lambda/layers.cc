#include "lambda/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/log.h"
#include "base/scope.h"
#include "document/value.h"
#include "store/stored.h"

namespace tidegate::lambda {

const char kLayerVersionArnPattern[] =
    "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:"
    "layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)";

namespace {

constexpr std::size_t kMaxLayers = 5;
constexpr std::size_t kPage = 500;

// A layer's own record is the number it has come to.
std::string layer_row(const Scope& scope, const std::string& name) {
  return key_prefix(scope, "fn-layer") + name;
}
std::string layer_versions_prefix(const Scope& scope, const std::string& name) {
  return key_prefix(scope, "fn-layer-version") + name + "/";
}
std::string layer_version_row(const Scope& scope, const std::string& name, std::int64_t number) {
  return layer_versions_prefix(scope, name) +
         store::ordered_number(static_cast<std::uint64_t>(number));
}

Error no_such_resource() {
  return Error{Fault::not_found, "The resource you requested does not exist."};
}

Error no_such_version(Fault fault, const std::string& arn) {
  return Error{fault, fmt::format("Layer version {} does not exist.", arn)};
}

Status check_number(std::int64_t number) {
  if (number >= 1) return done;
  return Error{Fault::invalid_parameter_value, "Layer Version Cannot be less than 1"};
}

bool lets_account(const LayerVersion& version, const std::string& account) {
  return std::any_of(version.statements.begin(), version.statements.end(),
                     [&account](const LayerStatement& s) {
                       return !s.organization && (s.principal == "*" || s.principal == account);
                     });
}

document::Object statement_object(const Scope& scope, const LayerVersion& v,
                                  const LayerStatement& s) {
  document::Object out;
  out.set("Sid", s.sid);
  out.set("Effect", "Allow");
  if (s.principal == "*") {
    out.set("Principal", "*");
  } else {
    document::Object who;
    who.set("AWS", fmt::format("arn:aws:iam::{}:root", s.principal));
    out.set("Principal", std::move(who));
  }
  out.set("Action", s.action);
  out.set("Resource", layer_version_arn(scope, v.name, v.number));
  if (s.organization) {
    document::Object equals, condition;
    equals.set("aws:PrincipalOrgID", *s.organization);
    condition.set("StringEquals", std::move(equals));
    out.set("Condition", std::move(condition));
  }
  return out;
}

}  // namespace

bool LayerFilter::lets(const LayerVersion& v) const {
  auto has = [](const std::vector<std::string>& list, const std::string& wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
  };
  return !v.deleted && (!runtime || has(v.runtimes, *runtime)) &&
         (!architecture || has(v.architectures, *architecture));
}

std::string layer_arn(const Scope& scope, const std::string& name) {
  return arn(scope, "lambda", "layer:" + name);
}
std::string layer_version_arn(const Scope& scope, const std::string& name, std::int64_t number) {
  return fmt::format("{}:{}", layer_arn(scope, name), number);
}

std::optional<LayerRef> parse_layer_version_arn(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() != 8 || parts[0] != "arn" || !parts[1].starts_with("aws") ||
      parts[2] != "lambda" || !is_word(parts[3], 64) || !is_account(parts[4]) ||
      parts[5] != "layer" || !is_word(parts[6], 140))
    return std::nullopt;
  const auto number = version_number(parts[7]);
  if (!number) return std::nullopt;
  return LayerRef{{parts[4], parts[3]}, parts[6], *number};
}

std::string layer_statement_json(const Scope& scope, const LayerVersion& v,
                                 const LayerStatement& s) {
  return document::to_json(statement_object(scope, v, s));
}

std::string layer_policy_json(const Scope& scope, const LayerVersion& v) {
  document::Array statements;
  for (const LayerStatement& s : v.statements) statements.push_back(statement_object(scope, v, s));
  document::Object out;
  out.set("Version", "2012-10-17");
  out.set("Id", "default");
  out.set("Statement", std::move(statements));
  return document::to_json(std::move(out));
}

policy::Document document_of(const Scope& scope, const LayerVersion& v) {
  if (v.statements.empty()) return {};
  auto parsed = policy::parse(layer_policy_json(scope, v), policy::Dialect::function, true);
  return parsed.ok() ? std::move(*parsed) : policy::Document{};
}

Task<LayerVersion> Layers::publish(Scope scope, LayerVersion version, Code code) {
  if (!is_word(version.name, 140))
    co_return validation(version.name, "layerName",
                         "satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9"
                         "-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+");
  const std::size_t limit = zip_limit(code);
  CO_TRY(std::string zip, co_await bytes_of(source_, scope, std::move(code)));
  CO_TRY(StoredPackage package, co_await packages_.store(std::move(zip), limit));
  version.blob = package.blob;
  version.sha256 = package.sha256;
  version.size = package.size;
  version.unpacked_size = package.unpacked_size;
  version.created = domain_.now();
  const std::string key = layer_row(scope, version.name);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto kv, co_await store_.get(key));
    version.number = kv ? version_number(kv->value).value_or(0) + 1 : 1;
    store::Txn txn;
    txn.guard(kv ? store::Guard::unchanged(*kv) : store::Guard::absent(key));
    txn.put(layer_version_row(scope, version.name, version.number), store::encode(version));
    txn.put(key, std::to_string(version.number));
    Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
    if (made.ok()) co_return version;
    if (made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
  packages_.erase_blob(package.blob);
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<std::optional<LayerVersion>> Layers::get(Scope scope, std::string name, std::int64_t number) {
  std::optional<LayerVersion> out;
  CO_TRY(auto kv, co_await store_.get(layer_version_row(scope, name, number)));
  if (!kv) co_return out;
  CO_TRY(LayerVersion version, store::decode<LayerVersion>(kv->value));
  if (!version.deleted) out = std::move(version);
  co_return out;
}

Task<LayerVersion> Layers::find(Scope scope, std::string name, std::int64_t number) {
  CO_TRY(Unit good, check_number(number));
  (void)good;
  CO_TRY(auto version, co_await get(scope, name, number));
  if (!version) co_return no_such_resource();
  co_return std::move(*version);
}

Task<LayerVersion> Layers::change(Scope scope, std::string name, std::int64_t number,
                                  std::function<Status(LayerVersion&)> apply) {
  CO_TRY(Unit good, check_number(number));
  (void)good;
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto kv, co_await store_.get(layer_version_row(scope, name, number)));
    LayerVersion version;
    version.deleted = true;
    if (kv) {
      CO_TRY(version, store::decode<LayerVersion>(kv->value));
    }
    if (version.deleted)
      co_return no_such_version(Fault::not_found, layer_version_arn(scope, name, number));
    CO_TRY(Unit applied, apply(version));
    (void)applied;
    store::Txn txn;
    txn.guard(store::Guard::unchanged(*kv)).put(kv->key, store::encode(version));
    Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
    if (made.ok()) co_return version;
    if (made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> Layers::remove(Scope scope, std::string name, std::int64_t number) {
  auto hide = [](LayerVersion& v) -> Status {
    v.deleted = true;
    return done;
  };
  Result<LayerVersion> hidden = co_await change(scope, name, number, hide);
  if (!hidden.ok() && hidden.fault() != Fault::not_found) co_return std::move(hidden).error();
  co_return done;
}

Task<LayerPage> Layers::versions(Scope scope, std::string name, LayerFilter filter,
                                 std::string marker, std::size_t max_items) {
  LayerPage out;
  store::Range range = store::Range::prefix(layer_versions_prefix(scope, name), kPage);
  range.reverse = true;
  if (!marker.empty()) {
    const auto from = version_number(marker);
    if (!from) co_return bad_marker();
    range.end = layer_version_row(scope, name, *from);
  }
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(LayerVersion version, store::decode<LayerVersion>(kv.value));
      if (!filter.lets(version)) continue;
      if (out.versions.size() == max_items) {
        out.next_marker = std::to_string(out.versions.back().number);
        co_return out;
      }
      out.versions.push_back(std::move(version));
    }
    if (!page.more) co_return out;
    range.end = page.items.back().key;
  }
}

Task<LayerPage> Layers::list(Scope scope, LayerFilter filter, std::string marker,
                             std::size_t max_items) {
  LayerPage out;
  const std::string prefix = layer_row(scope, "");
  store::Range range = store::Range::prefix(prefix, kPage);
  if (!marker.empty()) {
    CO_TRY(std::string after, word_of_marker(marker));
    range.begin = layer_row(scope, after) + '\0';
  }
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      const std::string name = kv.key.substr(prefix.size());
      CO_TRY(LayerPage newest, co_await versions(scope, name, filter, "", 1));
      if (newest.versions.empty()) continue;
      if (out.versions.size() == max_items) {
        out.next_marker = to_base64url(out.versions.back().name);
        co_return out;
      }
      out.versions.push_back(std::move(newest.versions[0]));
    }
    if (!page.more) co_return out;
    range.begin = page.items.back().key + '\0';
  }
}

Task<LayerVersion> Layers::permit(Scope scope, std::string name, std::int64_t number,
                                  LayerStatement statement,
                                  std::optional<std::string> revision_id) {
  const std::string next = random_.uuid();
  auto add = [statement, revision_id, next](LayerVersion& v) -> Status {
    if (revision_id && *revision_id != v.policy_revision) return stale_revision("GetLayerPolicy");
    for (const LayerStatement& s : v.statements)
      if (s.sid == statement.sid)
        return Error{Fault::conflict,
                     fmt::format("The statement id ({}) provided already exists. Please provide a "
                                 "new statement id, or remove the existing statement.",
                                 s.sid)};
    constexpr std::size_t kMostStatements = 100;
    if (v.statements.size() >= kMostStatements)
      return Error(Fault::too_large, "The policy of the layer version is full.")
          .with("Policy", std::to_string(kMostStatements));
    v.statements.push_back(statement);
    v.policy_revision = next;
    return done;
  };
  co_return co_await change(scope, name, number, add);
}

Task<Unit> Layers::forbid(Scope scope, std::string name, std::int64_t number, std::string sid,
                          std::optional<std::string> revision_id) {
  const std::string next = random_.uuid();
  auto drop = [sid, revision_id, next](LayerVersion& v) -> Status {
    if (revision_id && *revision_id != v.policy_revision) return stale_revision("GetLayerPolicy");
    if (std::erase_if(v.statements, [&sid](const LayerStatement& s) { return s.sid == sid; }) == 0)
      return Error{Fault::not_found,
                   fmt::format("Statement {} is not found in resource policy.", sid)};
    v.policy_revision = next;
    return done;
  };
  CO_TRY(LayerVersion version, co_await change(scope, name, number, drop));
  (void)version;
  co_return done;
}

Task<std::vector<LayerUse>> Layers::resolve(Scope scope, std::vector<std::string> arns) {
  auto refuse = [](std::string text) {
    return Error{Fault::invalid_parameter_value, std::move(text)};
  };
  if (arns.size() > kMaxLayers) co_return refuse("Cannot reference more than 5 layers.");
  std::vector<LayerUse> out;
  std::map<std::string, std::string> seen;  // layer → the version's ARN
  for (const std::string& text : arns) {
    const auto ref = parse_layer_version_arn(text);
    if (!ref)
      co_return validation(
          fmt::format("[{}]", fmt::join(arns, ", ")), "layers",
          fmt::format("satisfy constraint: [Member must have length less than or equal to 2048, "
                      "Member must have length greater than or equal to 1, Member must satisfy "
                      "regular expression pattern: {}, Member must not be null]",
                      kLayerVersionArnPattern));
    if (ref->scope.region != scope.region)
      co_return refuse(
          fmt::format("Layers are not in the same region as the function. Layers are "
                      "expected to be in region {}.",
                      scope.region));
    CO_TRY(auto version, co_await get(ref->scope, ref->name, ref->number));
    if (!version) co_return no_such_version(Fault::invalid_parameter_value, text);
    if (ref->scope.account != scope.account && !lets_account(*version, scope.account))
      co_return Error{Fault::access_denied,
                      fmt::format("Account {} is not authorized to perform: lambda:GetLayerVersion "
                                  "on resource: {} because no resource-based policy allows the "
                                  "lambda:GetLayerVersion action",
                                  scope.account, text)};
    const auto [known, fresh] = seen.emplace(ref->scope.account + ref->name, text);
    if (!fresh)
      co_return refuse(fmt::format(
          "Two different versions of the same layer are not allowed to be referenced in the same "
          "function. {} and {} are versions of the same layer.",
          known->second, text));
    out.push_back({text, version->size, version->unpacked_size, version->blob, version->sha256});
  }
  co_return out;
}

Task<std::uint64_t> Layers::code_bytes(Scope scope) {
  std::uint64_t sum = 0;
  CO_TRY(auto all,
         co_await store::load_all<LayerVersion>(store_, key_prefix(scope, "fn-layer-version")));
  for (const auto& stored : all)
    if (!stored.record.deleted) sum += stored.record.size;
  co_return sum;
}

Task<Unit> Layers::sweep(Scope scope, std::set<std::string> used) {
  store::Range range = store::Range::prefix(key_prefix(scope, "fn-layer-version"), kPage);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(LayerVersion v, store::decode<LayerVersion>(kv.value));
      if (!v.deleted || used.contains(layer_version_arn(scope, v.name, v.number))) continue;
      store::Txn txn;
      txn.guard(store::Guard::unchanged(kv)).erase(kv.key);
      Result<store::Revision> gone = co_await store_.commit(std::move(txn));
      if (gone.ok()) packages_.erase_blob(v.blob);
    }
    if (!page.more) co_return done;
    range.begin = page.items.back().key + '\0';
  }
}

Task<std::string> bytes_of(CodeSource& source, Scope scope, Code code) {
  if (code.zip && (code.bucket || code.key || code.object_version))
    co_return Error{Fault::invalid_parameter_value,
                    "Please do not provide other FunctionCode parameters when providing a "
                    "ZipFile."};
  if (code.zip) co_return std::move(*code.zip);
  if (!code.bucket || !code.key)
    co_return Error{Fault::invalid_parameter_value,
                    "Please provide a source for function code: ZipFile, or S3Bucket and S3Key."};
  co_return co_await source.fetch(scope, *code.bucket, *code.key, code.object_version,
                                  kMaxUnzippedBytes);
}

std::size_t zip_limit(const Code& code) {
  return code.zip ? kMaxZipBytes : kMaxUnzippedBytes;
}

}  // namespace tidegate::lambda
