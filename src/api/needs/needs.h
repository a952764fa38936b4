// What the calls of each service need: which actions on which resources, as AWS's service
// authorization reference lists them. Where a call names several resources, each is needed. Also
// the judges of services whose resources have policies of their own. For api/authorize.
#pragma once

#include "api/authorize.h"
#include "appconfig/service.h"
#include "lambda/functions.h"
#include "lambda/policy.h"

namespace tidegate::api::needs {

Needs lambda(const Authorizer&);
Judge function_policies(tidegate::lambda::Policies&);
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
