// What IAM has on AWS and not here: identity providers, instance profiles, certificates, devices,
// passwords, reports, organizations. Known, routed, refused by name.
#include "wire/refused.h"
#include "api/iam/support.h"

namespace tidegate::api::iam {

void mount_refused(wire::Table& table) {
  wire::refuse_actions<
      "AcceptDelegationRequest", "AddClientIDToOpenIDConnectProvider", "AddRoleToInstanceProfile",
      "AssociateDelegationRequest", "ChangePassword", "CreateAccountAlias",
      "CreateDelegationRequest", "CreateInstanceProfile", "CreateLoginProfile",
      "CreateOpenIDConnectProvider", "CreateSAMLProvider", "CreateServiceLinkedRole",
      "CreateServiceSpecificCredential", "CreateVirtualMFADevice", "DeactivateMFADevice",
      "DeleteAccountAlias", "DeleteAccountPasswordPolicy", "DeleteInstanceProfile",
      "DeleteOpenIDConnectProvider", "DeleteSAMLProvider", "DeleteSSHPublicKey",
      "DeleteServerCertificate", "DeleteServiceLinkedRole", "DeleteServiceSpecificCredential",
      "DeleteSigningCertificate", "DeleteVirtualMFADevice",
      "DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions",
      "DisableOutboundWebIdentityFederation", "EnableMFADevice",
      "EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions",
      "EnableOutboundWebIdentityFederation", "GenerateCredentialReport",
      "GenerateOrganizationsAccessReport", "GenerateServiceLastAccessedDetails",
      "GetAccountAuthorizationDetails", "GetAccountPasswordPolicy", "GetAccountSummary",
      "GetCredentialReport", "GetDelegationRequest", "GetHumanReadableSummary",
      "GetInstanceProfile", "GetMFADevice", "GetOpenIDConnectProvider",
      "GetOrganizationsAccessReport", "GetOutboundWebIdentityFederationInfo", "GetSAMLProvider",
      "GetSSHPublicKey", "GetServerCertificate", "GetServiceLastAccessedDetails",
      "GetServiceLastAccessedDetailsWithEntities", "GetServiceLinkedRoleDeletionStatus",
      "ListAccountAliases", "ListDelegationRequests", "ListInstanceProfileTags",
      "ListInstanceProfiles", "ListMFADeviceTags", "ListOpenIDConnectProviderTags",
      "ListOpenIDConnectProviders", "ListOrganizationsFeatures",
      "ListPoliciesGrantingServiceAccess", "ListSAMLProviderTags", "ListSAMLProviders",
      "ListServerCertificateTags", "ListServerCertificates", "RejectDelegationRequest",
      "RemoveClientIDFromOpenIDConnectProvider", "RemoveRoleFromInstanceProfile",
      "ResetServiceSpecificCredential", "ResyncMFADevice", "SendDelegationToken",
      "SetSecurityTokenServicePreferences", "TagInstanceProfile", "TagMFADevice",
      "TagOpenIDConnectProvider", "TagSAMLProvider", "TagServerCertificate", "UntagInstanceProfile",
      "UntagMFADevice", "UntagOpenIDConnectProvider", "UntagSAMLProvider", "UntagServerCertificate",
      "UpdateAccountPasswordPolicy", "UpdateDelegationRequest", "UpdateLoginProfile",
      "UpdateOpenIDConnectProviderThumbprint", "UpdateSAMLProvider", "UpdateSSHPublicKey",
      "UpdateServerCertificate", "UpdateServiceSpecificCredential", "UpdateSigningCertificate",
      "UploadSSHPublicKey", "UploadServerCertificate", "UploadSigningCertificate">(table);
}

}  // namespace tidegate::api::iam
