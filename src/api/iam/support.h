// What the handlers of IAM share. A handler is a plain function over one Edit of the caller's
// account: it may run again, so it changes nothing of its input.
#pragma once

#include "api/iam/user_shapes.h"
#include "iam/operations.h"
#include "wire/table.h"

namespace tidegate::api::iam {

namespace domain = tidegate::iam;
using domain::Edit;
using domain::Holder;
using wire::Context;

template <class In, class Out, class Handle>
Task<Out> run(domain::Directory* directory, Handle handle, const Context& c, In in) {
  std::function<Result<Out>(Edit&)> change = [&](Edit& e) -> Result<Out> {
    return handle(c, e, in);
  };
  std::string account = c.scope.account;
  co_return co_await directory->edit<Out>(std::move(account), std::move(change));
}

template <class In, class Out, class Handle>
void on(wire::Table& table, const wire::Operation<In, Out>& operation, domain::Directory* directory,
        Handle handle) {
  table.add(operation, [directory, handle](const Context& c, In in) {
    return run<In, Out>(directory, handle, c, std::move(in));
  });
}

template <class In, class Out>
constexpr wire::Operation<In, Out> row(std::string_view name, std::string_view uri,
                                       std::string_view action) {
  return wire::operation<In, Out>(name, http::Method::post, uri, 200, action);
}

// Lists show neither tags nor the boundary.
User shown_user(const std::string& account, const domain::UserRecord&, bool whole);
Group shown_group(const std::string& account, const domain::GroupRecord&);
// invalid_argument when two differ in case at most.
Result<domain::Tags> tags_of(const std::vector<Tag>&);
std::vector<Tag> shown_tags(const domain::Tags&);
// The same inside a user or role: absent when there are none.
std::optional<std::vector<Tag>> some_tags(const domain::Tags&);
// Documents are percent-encoded in answers.
std::string shown_document(const std::string&);
std::optional<AttachedPermissionsBoundary> shown_boundary(const std::string& arn);

// Fills `list`, is_truncated and marker with the page of `all` that is asked for; `name` gives what
// the marker holds. Items are in the order of their names.
template <class Out, class In, class Items, class Name>
Result<Unit> page(Out& out, const In& in, std::vector<Items>& list, std::vector<Items> all,
                  Name name) {
  const std::size_t most = static_cast<std::size_t>(in.max_items.value_or(100));
  std::size_t at = 0;
  if (in.marker)
    while (at < all.size() && name(all[at]) <= *in.marker) ++at;
  for (; at < all.size() && list.size() < most; ++at) list.push_back(std::move(all[at]));
  out.is_truncated = at < all.size();
  if (at < all.size()) out.marker = name(list.back());
  return done;
}

std::vector<AttachedPolicy> shown_attached(const domain::Permissions&,
                                           const std::optional<std::string>& path_prefix);

// What a change answers.
Result<Done> answered(const Result<Unit>& changed);

// The names of a user's, group's or role's inline policies, and the policies attached to it.
template <class Out, class In>
Result<Out> inline_names(Edit& e, Holder holder, const std::string& of, const In& in) {
  TRY(auto p, domain::permissions_of(e, holder, of));
  std::vector<std::string> names;
  for (const auto& [name, document] : p.inline_policies) names.push_back(name);
  Out out;
  TRY(Unit paged, page(out, in, out.policy_names, std::move(names),
                       [](const std::string& name) { return name; }));
  (void)paged;
  return out;
}
template <class Out, class In>
Result<Out> attached_policies(Edit& e, Holder holder, const std::string& of, const In& in) {
  TRY(auto p, domain::permissions_of(e, holder, of));
  Out out;
  TRY(Unit paged, page(out, in, out.attached_policies, shown_attached(p, in.path_prefix),
                       [](const AttachedPolicy& a) { return *a.policy_arn; }));
  (void)paged;
  return out;
}

void mount_users(wire::Table&, domain::Directory*);
void mount_groups(wire::Table&, domain::Directory*);
void mount_roles(wire::Table&, domain::Directory*);
void mount_policies(wire::Table&, domain::Directory*);
void mount_absent(wire::Table&, domain::Directory*);
void mount_simulation(wire::Table&, domain::Directory*);
void mount_refused(wire::Table&);

}  // namespace tidegate::api::iam
