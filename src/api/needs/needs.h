// What the calls of each service need: which actions on which resources, as AWS's service
// authorization reference lists them. Where a call names several resources, each is needed. Also
// the judges of services whose resources have policies of their own. For api/authorize.
#pragma once

#include "api/authorize.h"
#include "appconfig/service.h"
#include "lambda/functions.h"
#include "lambda/layers.h"
#include "lambda/policy.h"
#include "s3/service.h"

namespace tidegate::api::needs {

// For the calls by which another service reads a bucket for its caller (a function's package) or as
// a role (AppConfig); S3's own calls are judged in api/s3/authorize.
Judge bucket_policies(tidegate::s3::Service&);
Needs lambda(const Authorizer&);
// Of functions, their versions and aliases, and of layers' versions.
Judge function_policies(tidegate::lambda::Policies&, tidegate::lambda::Layers&);
Needs appconfig(tidegate::appconfig::Service&, const Authorizer&);
Needs appconfig_data(tidegate::appconfig::Service&);
Needs cloudwatch();
Needs logs();
Needs iam(const tidegate::iam::Directory&);
Needs sts();
Needs none();  // the handlers see to it themselves

// arn:aws:appconfig:…:application/A/environment/E/configuration/P of a session's token; "" when it
// is none of ours. Any thread.
std::string configuration_arn(const tidegate::appconfig::DataPlane&, std::string_view token);

}  // namespace tidegate::api::needs
