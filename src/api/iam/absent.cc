// What users have on AWS and not here: devices, passwords, certificates. Tools that end a user ask
// for each of them first, so the lists are answered empty and the rest is not found.
#include "api/iam/absent_shapes.h"
#include "api/iam/support.h"

namespace tidegate::api::iam {
namespace {

constexpr auto kListMfaDevices = row<OfUserInput, ListMfaDevicesOutput>(
    "ListMFADevices", "/?Action=ListMFADevices", "iam:ListMFADevices");
constexpr auto kListVirtualMfaDevices =
    row<ListVirtualMfaDevicesInput, ListVirtualMfaDevicesOutput>(
        "ListVirtualMFADevices", "/?Action=ListVirtualMFADevices", "iam:ListVirtualMFADevices");
constexpr auto kListSshPublicKeys = row<OfUserInput, ListSshPublicKeysOutput>(
    "ListSSHPublicKeys", "/?Action=ListSSHPublicKeys", "iam:ListSSHPublicKeys");
constexpr auto kListSigningCertificates = row<OfUserInput, ListSigningCertificatesOutput>(
    "ListSigningCertificates", "/?Action=ListSigningCertificates", "iam:ListSigningCertificates");
constexpr auto kListServiceSpecificCredentials =
    row<OfUserInput, ListServiceSpecificCredentialsOutput>(
        "ListServiceSpecificCredentials", "/?Action=ListServiceSpecificCredentials",
        "iam:ListServiceSpecificCredentials");
constexpr auto kGetLoginProfile =
    row<NamedUserInput, Done>("GetLoginProfile", "/?Action=GetLoginProfile", "iam:GetLoginProfile");
constexpr auto kDeleteLoginProfile = row<NamedUserInput, Done>(
    "DeleteLoginProfile", "/?Action=DeleteLoginProfile", "iam:DeleteLoginProfile");

template <class Out>
Result<Out> none(const Context&, Edit& e, const OfUserInput& in) {
  if (in.user_name) {
    TRY(auto user, e.user(*in.user_name));
    (void)user;
  }
  return Out{};
}

Result<ListVirtualMfaDevicesOutput> no_virtual_device(const Context&, Edit&,
                                                      const ListVirtualMfaDevicesInput&) {
  return ListVirtualMfaDevicesOutput{};
}

Result<Done> no_login_profile(const Context&, Edit& e, const NamedUserInput& in) {
  TRY(auto user, e.user(in.user_name));
  return Error{Fault::not_found,
               fmt::format("Login Profile for User {} cannot be found.", user.name)};
}

}  // namespace

void mount_absent(wire::Table& table, domain::Directory* d) {
  on(table, kListMfaDevices, d, none<ListMfaDevicesOutput>);
  on(table, kListVirtualMfaDevices, d, no_virtual_device);
  on(table, kListSshPublicKeys, d, none<ListSshPublicKeysOutput>);
  on(table, kListSigningCertificates, d, none<ListSigningCertificatesOutput>);
  on(table, kListServiceSpecificCredentials, d, none<ListServiceSpecificCredentialsOutput>);
  on(table, kGetLoginProfile, d, no_login_profile);
  on(table, kDeleteLoginProfile, d, no_login_profile);
}

}  // namespace tidegate::api::iam
