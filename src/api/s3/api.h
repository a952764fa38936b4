// The S3 API over the domain in src/s3: rows, wire shapes and handlers. mount() fills the table of
// wire::Service::s3; handlers run on the control strand.
#pragma once

#include "api/s3/authorize.h"
#include "s3/service.h"
#include "wire/table.h"

namespace tidegate::api::s3 {

struct Parts {
  tidegate::s3::Service* service = nullptr;
  // Asked when a notification configuration is put; null believes every destination.
  tidegate::s3::DestinationCheck* destinations = nullptr;
  // Asked by operations that touch more than the call's own resource; null lets everything be.
  const Authorizer* authorizer = nullptr;
};

void mount(wire::Table&, Parts);

}  // namespace tidegate::api::s3
