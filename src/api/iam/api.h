// IAM over the query protocol: users and their access keys, groups, roles, inline and managed
// policies, the simulator, as far as the domain in src/iam goes. Instance profiles, identity
// providers and the rest are refused by name. Handlers run on the control strand.
#pragma once

#include "iam/directory.h"
#include "wire/table.h"

namespace tidegate::api::iam {

struct Parts {
  tidegate::iam::Directory* directory = nullptr;
};
void mount(wire::Table&, const Parts&);

}  // namespace tidegate::api::iam
