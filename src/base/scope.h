// Scope: the account and region that a record, an ARN or a call belongs to. Every store key begins
// with it. Plain data.
#pragma once

#include <string>
#include <string_view>

namespace tidegate {

struct Scope {
  std::string account;  // is_account()
  std::string region;   // "us-east-1"
  friend bool operator==(const Scope&, const Scope&) = default;
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

bool is_account(std::string_view text);  // 12 digits

// "a/<account>/<region>/<kind>/": the front of every store key of this scope. `kind` names one
// service's table ("s3", "fn", "cp", "dep", "outbox", …) and holds no slash.
std::string key_prefix(const Scope&, std::string_view kind);
// arn:aws:<service>:<region>:<account>:<resource>
std::string arn(const Scope&, std::string_view service, std::string_view resource);

}  // namespace tidegate
