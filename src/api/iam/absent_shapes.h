// Wire shapes of IAM: lists of what this server's users never have, so without most of their items.
#pragma once

#include "api/iam/user_shapes.h"

namespace tidegate::api::iam {

struct OfUserInput {
  std::optional<std::string> user_name;
};
struct NamedUserInput {
  std::string user_name;
};
struct ListVirtualMfaDevicesInput {
  std::optional<std::string> assignment_status;
};
struct OfUser {  // what every item begins with
  std::string user_name;
};
struct VirtualMfaDevice {
  std::string serial_number;
};
struct ListMfaDevicesOutput {
  std::vector<OfUser> devices;
  bool is_truncated = false;
};
struct ListVirtualMfaDevicesOutput {
  std::vector<VirtualMfaDevice> devices;
  bool is_truncated = false;
};
struct ListSshPublicKeysOutput {
  std::vector<OfUser> keys;
  bool is_truncated = false;
};
struct ListSigningCertificatesOutput {
  std::vector<OfUser> certificates;
  bool is_truncated = false;
};
struct ListServiceSpecificCredentialsOutput {
  std::vector<OfUser> credentials;
};

}  // namespace tidegate::api::iam

namespace tidegate::wire {

template <>
struct shape_of<api::iam::OfUserInput> {
  using S = api::iam::OfUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128)};
  static constexpr Shape value{"OfUserRequest", members};
};
template <>
struct shape_of<api::iam::NamedUserInput> {
  using S = api::iam::NamedUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64)};
  static constexpr Shape value{"NamedUserRequest", members};
};
template <>
struct shape_of<api::iam::ListVirtualMfaDevicesInput> {
  using S = api::iam::ListVirtualMfaDevicesInput;
  static constexpr std::string_view kStatus[] = {"Assigned", "Unassigned", "Any"};
  static constexpr Member members[] = {
      field<&S::assignment_status>("AssignmentStatus").values(kStatus)};
  static constexpr Shape value{"ListVirtualMFADevicesRequest", members};
};
template <>
struct shape_of<api::iam::OfUser> {
  using S = api::iam::OfUser;
  static constexpr Member members[] = {field<&S::user_name>("UserName")};
  static constexpr Shape value{"OfUser", members};
};
template <>
struct shape_of<api::iam::VirtualMfaDevice> {
  using S = api::iam::VirtualMfaDevice;
  static constexpr Member members[] = {field<&S::serial_number>("SerialNumber")};
  static constexpr Shape value{"VirtualMFADevice", members};
};
template <>
struct shape_of<api::iam::ListMfaDevicesOutput> {
  using S = api::iam::ListMfaDevicesOutput;
  static constexpr Member members[] = {field<&S::devices>("MFADevices"),
                                       field<&S::is_truncated>("IsTruncated")};
  static constexpr Shape value{"ListMFADevicesResponse", members};
};
template <>
struct shape_of<api::iam::ListVirtualMfaDevicesOutput> {
  using S = api::iam::ListVirtualMfaDevicesOutput;
  static constexpr Member members[] = {field<&S::devices>("VirtualMFADevices"),
                                       field<&S::is_truncated>("IsTruncated")};
  static constexpr Shape value{"ListVirtualMFADevicesResponse", members};
};
template <>
struct shape_of<api::iam::ListSshPublicKeysOutput> {
  using S = api::iam::ListSshPublicKeysOutput;
  static constexpr Member members[] = {field<&S::keys>("SSHPublicKeys"),
                                       field<&S::is_truncated>("IsTruncated")};
  static constexpr Shape value{"ListSSHPublicKeysResponse", members};
};
template <>
struct shape_of<api::iam::ListSigningCertificatesOutput> {
  using S = api::iam::ListSigningCertificatesOutput;
  static constexpr Member members[] = {field<&S::certificates>("Certificates"),
                                       field<&S::is_truncated>("IsTruncated")};
  static constexpr Shape value{"ListSigningCertificatesResponse", members};
};
template <>
struct shape_of<api::iam::ListServiceSpecificCredentialsOutput> {
  using S = api::iam::ListServiceSpecificCredentialsOutput;
  static constexpr Member members[] = {field<&S::credentials>("ServiceSpecificCredentials")};
  static constexpr Shape value{"ListServiceSpecificCredentialsResponse", members};
};

}  // namespace tidegate::wire
