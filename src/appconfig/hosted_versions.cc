#include "appconfig/hosted_versions.h"

#include <algorithm>
#include <charconv>

#include "appconfig/flags/document.h"
#include "appconfig/keys.h"
#include "base/bytes.h"

namespace tidegate::appconfig {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "application/json", with or without parameters.
bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return lower_ascii(type) == flags::kContentType;
}

std::string versions_prefix(const Scope& scope, const Profile& profile) {
  return row(scope, "ver", profile.application_id, profile.id) + "/";
}

Error over_hosted_quota(std::uint64_t used, std::uint64_t more, std::uint64_t limit) {
  return {
      Fault::quota_exceeded,
      fmt::format("The hosted configurations of the account would have {} bytes together, which "
                  "exceeds the limit allowed. Limit: {}",
                  used + more, limit)};
}

}  // namespace

Error too_large_content(std::size_t size, std::size_t limit) {
  return Error(Fault::too_large,
               fmt::format("The configuration has {} bytes; the limit is {}.", size, limit))
      .with("Limit", std::to_string(limit))
      .with("Size", std::to_string(size));
}

Task<HostedVersion> HostedVersions::create(Scope scope, std::string application,
                                           std::string profile, NewHostedVersion version) {
  CO_TRY(Profile parent, co_await profiles_.find(scope, application, profile));
  if (parent.location_uri != kHosted)
    co_return bad_request(
        fmt::format("Configuration profile {} is not hosted: its LocationUri is {}", parent.id,
                    parent.location_uri));
  CO_TRY(Unit fits, check_content(parent, version));
  (void)fits;
  if (version.label && is_number(*version.label))
    co_return bad_request("VersionLabel must hold at least one character that is not a digit.");
  // Before extensions are asked, and again when it is written.
  CO_TRY(Unit admitted, co_await admit(scope, parent, version));
  CO_TRY(Unit prepared, co_await prepare(scope, parent, version));
  (void)admitted, (void)prepared;
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<HostedVersion> created = co_await create_once(scope, parent, version);
    if (created.ok() || created.fault() != Fault::guard_failed) co_return created;
  }
  co_return changed_meanwhile();
}

Status HostedVersions::check_content(const Profile& profile,
                                     const NewHostedVersion& version) const {
  if (version.content.size() > max_content_)
    return too_large_content(version.content.size(), max_content_);
  if (profile.type == flags::kType && !is_json(version.content_type))
    return bad_request(fmt::format("The content type of feature flags must be {}, not '{}'.",
                                   flags::kContentType, version.content_type.substr(0, 256)));
  return done;
}

Task<Unit> HostedVersions::prepare(Scope scope, Profile profile, NewHostedVersion& version) {
  const std::vector<std::string> paths = {application_path(profile.application_id),
                                          profile_path(profile.application_id, profile.id)};
  CO_TRY(auto applied, co_await associations_.applied(scope, paths));
  constexpr ActionPoint kPoint = ActionPoint::pre_create_hosted_configuration_version;
  if (due_actions(applied, kPoint).empty()) co_return done;
  CO_TRY(Application application, co_await applications_.find(scope, profile.application_id));
  const std::string count_key = row(scope, "vercount", profile.application_id, profile.id);
  CO_TRY(auto counter, co_await load<VersionCounter>(store_, count_key));
  Occasion occasion;
  occasion.point = kPoint;
  occasion.application = {application.id, application.name};
  occasion.profile = {profile.id, profile.name};
  occasion.description = version.description;
  // The number that it is about to get.
  const std::uint64_t number = (counter ? counter->record.last : 0) + 1;
  occasion.content = {std::move(version.content), version.content_type, std::to_string(number)};
  CO_TRY(auto before, co_await load_last<HostedVersion>(store_, versions_prefix(scope, profile)));
  if (before) {
    const HostedVersion& v = before->record;
    CO_TRY(auto bytes, co_await contents_.get(scope, v.content));
    occasion.previous = {*bytes, v.content_type, std::to_string(v.number)};
  }
  std::vector<ActionInvocation> invoked;
  auto asking = actions_.rewrite(scope, occasion, applied, version.depth, invoked);
  CO_TRY(Unit asked, co_await std::move(asking));
  (void)asked;
  version.content = std::move(occasion.content->bytes);
  version.content_type = std::move(occasion.content->type);
  CO_TRY(Unit fits, check_content(profile, version));
  (void)fits;
  co_return done;
}

// The document with its stamps, which go on from the newest version's.
Task<std::string> HostedVersions::flags_to_store(Scope scope, Profile parent, std::string sent) {
  CO_TRY(auto before, co_await load_last<HostedVersion>(store_, versions_prefix(scope, parent)));
  std::optional<std::string> previous;
  if (before) {
    auto content = co_await contents_.get(scope, before->record.content);
    if (!content.ok()) {
      CO_TRY(auto still, co_await store_.get(before->kv.key));
      // It was deleted meanwhile: another look finds the one before it.
      if (!still) co_return Error{Fault::guard_failed, "the version before is gone"};
      co_return std::move(content).error();
    }
    previous = **content;
  }
  CO_TRY(std::string stored, flags::accept(sent, previous, domain_.now()));
  if (stored.size() > max_content_) co_return too_large_content(stored.size(), max_content_);
  co_return stored;
}

Task<Unit> HostedVersions::admit(Scope scope, Profile parent, const NewHostedVersion& version) {
  if (version.latest_version_number) {
    CO_TRY(auto before, co_await load_last<HostedVersion>(store_, versions_prefix(scope, parent)));
    const std::uint64_t highest = before ? before->record.number : 0;
    if (static_cast<std::int64_t>(highest) != *version.latest_version_number)
      co_return Error{Fault::conflict,
                      fmt::format("LatestVersionNumber is {}, but the latest version is {}.",
                                  *version.latest_version_number, highest)};
  }
  if (version.label) {
    CO_TRY(auto all, co_await load_all<HostedVersion>(store_, versions_prefix(scope, parent)));
    for (const auto& s : all)
      if (s.record.label == version.label)
        co_return Error{Fault::conflict, fmt::format("Version label {} is in use by version {}.",
                                                     *version.label, s.record.number)};
  }
  co_return done;
}

Task<std::uint64_t*> HostedVersions::together(Scope scope) {
  auto known = together_.find(scope);
  if (known == together_.end()) {
    // Whoever changes something waits for this first: nothing changes meanwhile.
    CO_TRY(auto all, co_await load_all<HostedVersion>(store_, row(scope, "ver")));
    std::uint64_t bytes = 0;
    for (const auto& s : all) bytes += s.record.content.size;
    known = together_.emplace(scope, bytes).first;  // the first of several counts
  }
  co_return &known->second;
}

Task<HostedVersion> HostedVersions::create_once(Scope scope, Profile parent,
                                                const NewHostedVersion& version) {
  const std::string count_key = row(scope, "vercount", parent.application_id, parent.id);
  CO_TRY(auto counter, co_await load<VersionCounter>(store_, count_key));
  CO_TRY(Unit admitted, co_await admit(scope, parent, version));
  (void)admitted;
  HostedVersion made;
  made.application_id = parent.application_id;
  made.profile_id = parent.id;
  made.number = (counter ? counter->record.last : 0) + 1;
  made.description = version.description;
  made.content_type = version.content_type;
  made.label = version.label;
  made.kms_key_identifier = parent.kms_key_identifier;
  store::Txn txn;
  txn.guard(counter ? store::Guard::unchanged(counter->kv) : store::Guard::absent(count_key));
  txn.guard(store::Guard::present(row(scope, "prof", parent.application_id, parent.id)));
  store::Txn content;
  std::string bytes = version.content;
  if (parent.type == flags::kType) {
    CO_TRY(bytes, co_await flags_to_store(scope, parent, std::move(bytes)));
  }
  CO_TRY(std::uint64_t * used, co_await together(scope));
  const std::uint64_t size = bytes.size();
  if (*used + size > max_together_) co_return over_hosted_quota(*used, size, max_together_);
  *used += size;
  Result<ContentRef> put = co_await contents_.put(scope, std::move(bytes), content);
  if (!put.ok()) {
    *used -= size;
    co_return std::move(put).error();
  }
  made.content = std::move(*put);
  txn.put(version_row(scope, parent.application_id, parent.id, made.number), store::encode(made));
  txn.put(count_key, store::encode(VersionCounter{made.number}));
  for (auto& bytes_row : content.puts) txn.puts.push_back(std::move(bytes_row));
  Result<store::Revision> committed = co_await store::commit_recognisably(store_, std::move(txn));
  if (!committed.ok()) {
    if (committed.fault() == Fault::outcome_unknown) co_return std::move(committed).error();
    contents_.forget(made.content);
    *used -= size;
    co_return std::move(committed).error();
  }
  co_return made;
}

Task<HostedVersion> HostedVersions::find(Scope scope, std::string application, std::string profile,
                                         std::uint64_t number) {
  CO_TRY(Profile parent, co_await profiles_.find(scope, application, profile));
  const std::string key = version_row(scope, parent.application_id, parent.id, number);
  CO_TRY(auto found, co_await load<HostedVersion>(store_, key));
  if (!found) co_return not_found("HostedConfigurationVersion", std::to_string(number));
  co_return std::move(found->record);
}

Task<HostedVersion> HostedVersions::find_by_text(Scope scope, Profile profile, std::string text) {
  if (is_number(text) && text.size() < 19) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string key = version_row(scope, profile.application_id, profile.id, number);
    CO_TRY(auto found, co_await load<HostedVersion>(store_, key));
    if (found) co_return std::move(found->record);
  } else {
    CO_TRY(auto all, co_await load_all<HostedVersion>(store_, versions_prefix(scope, profile)));
    for (auto& s : all)
      if (s.record.label == text) co_return std::move(s.record);
  }
  co_return not_found("HostedConfigurationVersion", text);
}

Task<std::shared_ptr<const std::string>> HostedVersions::content(Scope scope,
                                                                 HostedVersion version) {
  return contents_.get(std::move(scope), version.content);
}

Task<Page<HostedVersion>> HostedVersions::list(Scope scope, std::string application,
                                               std::string profile,
                                               std::optional<std::string> label,
                                               PageRequest request) {
  CO_TRY(Profile parent, co_await profiles_.find(scope, application, profile));
  std::function<bool(const HostedVersion&)> keep = nullptr;
  if (label) {
    const bool prefix = label->ends_with('*');
    const std::string wanted = prefix ? label->substr(0, label->size() - 1) : *label;
    keep = [prefix, wanted](const HostedVersion& v) {
      return v.label && (prefix ? v.label->starts_with(wanted) : *v.label == wanted);
    };
  }
  auto loading = load_page<HostedVersion>(store_, versions_prefix(scope, parent),
                                          std::move(request), true, keep);
  Result<Page<HostedVersion>> page = co_await std::move(loading);
  co_return page;
}

Task<Unit> HostedVersions::remove(Scope scope, std::string application, std::string profile,
                                  std::uint64_t number) {
  CO_TRY(HostedVersion found, co_await find(scope, application, profile, number));
  const std::string key = version_row(scope, found.application_id, found.profile_id, number);
  CO_TRY(std::uint64_t * used, co_await together(scope));
  store::Txn txn;
  txn.guard(store::Guard::present(key)).erase(key);
  contents_.erase(scope, found.content, txn);
  Result<store::Revision> gone = co_await store_.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed)
    co_return not_found("HostedConfigurationVersion", std::to_string(number));
  if (!gone.ok()) co_return std::move(gone).error();
  *used -= found.content.size;
  contents_.forget(found.content);
  co_return done;
}

}  // namespace tidegate::appconfig
