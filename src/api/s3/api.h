// The S3 API over the domain in src/s3: rows, wire shapes and handlers. mount() fills the table of
// wire::Service::s3; handlers run on the control strand.
#pragma once

#include "s3/service.h"
#include "wire/table.h"

namespace tidegate::api::s3 {

struct Parts {
  tidegate::s3::Service* service = nullptr;
  // Asked when a notification configuration is put; null believes every destination.
  tidegate::s3::DestinationCheck* destinations = nullptr;
};

void mount(wire::Table&, Parts);

}  // namespace tidegate::api::s3
