#include "api/cloudwatch/shapes.h"
#include "api/needs/needs.h"

namespace tidegate::api::needs {
namespace {

std::vector<Need> cloudwatch_needs(const Subject& s) {
  std::vector<Need> out;
  const std::string action(s.row().action);
  auto alarm = [&](const std::string& name) {
    out.push_back({action, arn(s.context.scope, "cloudwatch", "alarm:" + name)});
  };
  if (s.row().name == "DeleteAlarms" && s.input())
    for (const std::string& name :
         static_cast<const cloudwatch::DeleteAlarmsInput*>(s.input())->names)
      alarm(name);
  else if (const auto name = s.text("AlarmName"))
    alarm(*name);
  if (const auto named = s.text("ResourceARN")) out.push_back({action, *named});
  if (out.empty()) out.push_back({action, "*"});
  return out;
}

// Policies name a group with a star behind it ("log-group:/aws/lambda/f:*"): as on AWS a group's
// resource goes on to its streams, but for what is said to be a resource by its ARN.
std::vector<Need> logs_needs(const Subject& s) {
  const std::string action(s.row().action);
  if (const auto named = s.text("resourceArn")) return {Need{action, *named}};
  std::string group = s.text("logGroupName").value_or(s.text("logGroupIdentifier").value_or(""));
  if (group.ends_with(":*")) group.resize(group.size() - 2);
  if (!group.starts_with("arn:")) group = arn(s.context.scope, "logs", "log-group:" + group);
  return {Need{action, group + ":log-stream:" + s.text("logStreamName").value_or("")}};
}

// What is listed, by its beginning.
std::optional<std::string> listed_by_iam(const Subject& s) {
  const std::string front = s.text("PathPrefix").value_or("/");
  const std::string& account = s.context.principal->account();
  for (const auto& [operation, kind] :
       {std::pair("ListUsers", "user"), {"ListRoles", "role"}, {"ListGroups", "group"}})
    if (s.row().name == operation) return tidegate::iam::arn_of(account, kind, front, "");
  return std::nullopt;
}

std::vector<Need> iam_needs(const Subject& s, const tidegate::iam::Directory& directory) {
  const std::string& account_id = s.context.principal->account();
  const tidegate::iam::Account& account = directory.account(account_id);
  Need need{std::string(s.row().action), "*"};
  const auto group = s.text("GroupName"), user = s.text("UserName"), role = s.text("RoleName"),
             policy = s.text("PolicyName");
  const std::string path = s.text("Path").value_or("/");
  if (group) {  // whoever joins or leaves it
    const auto found = account.groups.find(tidegate::iam::lower_name(*group));
    const bool known = found != account.groups.end();
    need.resource = tidegate::iam::arn_of(account_id, "group", known ? found->second.path : path,
                                          known ? found->second.name : *group);
  } else if (user) {
    const auto found = account.users.find(tidegate::iam::lower_name(*user));
    const bool known = found != account.users.end();
    need.resource = tidegate::iam::arn_of(account_id, "user", known ? found->second.path : path,
                                          known ? found->second.name : *user);
  } else if (role) {
    const auto found = account.roles.find(tidegate::iam::lower_name(*role));
    const bool known = found != account.roles.end();
    need.resource = tidegate::iam::arn_of(account_id, "role", known ? found->second.path : path,
                                          known ? found->second.name : *role);
  } else if (const auto arn = s.text("PolicyArn")) {
    need.resource = *arn;
  } else if (s.row().name == "CreatePolicy" && policy) {
    need.resource = tidegate::iam::arn_of(account_id, "policy", path, *policy);
  } else if (const auto source = s.text("PolicySourceArn")) {
    need.resource = *source;
  } else if (auto listed = listed_by_iam(s)) {
    need.resource = std::move(*listed);
  } else if (s.context.principal->kind() == identity::Principal::Kind::user &&
             (s.row().name == "GetUser" || s.row().name.ends_with("AccessKey") ||
              s.row().name == "ListAccessKeys")) {
    need.resource = s.context.principal->arn();  // whoever asks
  }
  if (group || user || role) {
    if (const auto arn = s.text("PolicyArn")) need.facts.emplace_back("iam:PolicyARN", *arn);
    if (const auto bound = s.text("PermissionsBoundary"))
      need.facts.emplace_back("iam:PermissionsBoundary", *bound);
  }
  return {std::move(need)};
}

}  // namespace

Needs cloudwatch() {
  return [](std::shared_ptr<const Subject> s) -> Task<std::vector<Need>> {
    co_return cloudwatch_needs(*s);
  };
}

Needs logs() {
  return
      [](std::shared_ptr<const Subject> s) -> Task<std::vector<Need>> { co_return logs_needs(*s); };
}

Needs iam(const tidegate::iam::Directory& directory) {
  return [&directory](std::shared_ptr<const Subject> s) -> Task<std::vector<Need>> {
    co_return iam_needs(*s, directory);
  };
}

// Who one is may always be asked; who may take on a role, its trust policy says (api/sts).
Needs sts() {
  return [](std::shared_ptr<const Subject> s) -> Task<std::vector<Need>> {
    std::vector<Need> out;
    if (s->row().name == "GetAccessKeyInfo") out.push_back({std::string(s->row().action), "*"});
    co_return out;
  };
}

Needs none() {
  return [](std::shared_ptr<const Subject>) -> Task<std::vector<Need>> {
    co_return std::vector<Need>{};
  };
}

}  // namespace tidegate::api::needs
