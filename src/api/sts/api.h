// STS: who one is, and temporary keys. A role is taken on when its trust policy lets the caller
// (and, across accounts, the caller's own policies do too). The row's URI carries the action, which
// the pipeline puts into the query for the query protocol. Handlers run on the control strand.
#pragma once

#include "api/authorize.h"
#include "iam/directory.h"
#include "identity/credentials.h"
#include "wire/table.h"

namespace tidegate::api::sts {

struct Parts {
  tidegate::iam::Directory* directory = nullptr;
  Authorizer* authorizer = nullptr;
  identity::Credentials* credentials = nullptr;
  const Clock* real = nullptr;  // temporary keys end in real time
};
void mount(wire::Table&, const Parts&);

}  // namespace tidegate::api::sts
