#include "api/sts/api.h"

#include "wire/shape.h"

namespace tidegate::api::sts {

struct GetCallerIdentityRequest {};
struct GetCallerIdentityResponse {
  std::string user_id, account, arn;
};

}  // namespace tidegate::api::sts

namespace tidegate::wire {
template <>
struct shape_of<api::sts::GetCallerIdentityRequest> {
  static constexpr Shape value{"GetCallerIdentityRequest", {}};
};
template <>
struct shape_of<api::sts::GetCallerIdentityResponse> {
  using S = api::sts::GetCallerIdentityResponse;
  static constexpr Member members[] = {field<&S::user_id>("UserId"), field<&S::account>("Account"),
                                       field<&S::arn>("Arn")};
  static constexpr Shape value{"GetCallerIdentityResponse", members, "",
                               "https://sts.amazonaws.com/doc/2011-06-15/"};
};
}  // namespace tidegate::wire

namespace tidegate::api::sts {
namespace {

using http::Method;

constexpr auto kGetCallerIdentity =
    wire::operation<GetCallerIdentityRequest, GetCallerIdentityResponse>(
        "GetCallerIdentity", Method::post, "/?Action=GetCallerIdentity", 200,
        "sts:GetCallerIdentity");

constexpr wire::Row row(std::string_view name, std::string_view uri) {
  return wire::Row{name, Method::post, uri, 501, nullptr, nullptr, ""};
}
constexpr wire::Row kRefused[] = {
    row("AssumeRole", "/?Action=AssumeRole"),
    row("AssumeRoleWithWebIdentity", "/?Action=AssumeRoleWithWebIdentity"),
    row("GetSessionToken", "/?Action=GetSessionToken"),
    row("GetAccessKeyInfo", "/?Action=GetAccessKeyInfo"),
};

}  // namespace

void mount(wire::Table& table) {
  table.add(
      kGetCallerIdentity,
      [](const wire::Context& c, GetCallerIdentityRequest) -> Task<GetCallerIdentityResponse> {
        co_return GetCallerIdentityResponse{c.principal->id(), c.principal->account(),
                                            c.principal->arn()};
      });
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::sts
