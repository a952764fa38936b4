// The AppConfig API over the domain in src/appconfig, in its two planes: the control plane's table
// and the data plane's. Handlers run on the control strand; answer_latest() runs on connections'
// threads and touches memory only.
#pragma once

#include <string>

#include "appconfig/service.h"
#include "wire/table.h"

namespace tidegate::api::appconfig {

struct Parts {
  tidegate::appconfig::Service* service = nullptr;
};

void mount_control(wire::Table&, const Parts&);
void mount_data(wire::Table&, const Parts&);

// GetLatestConfiguration from memory: appends the whole response. False when the request needs the
// long way (every refusal does).
bool answer_latest(const tidegate::appconfig::DataPlane&, const Scope&, const http::Request&,
                   const http::Query&, std::string_view date, std::string_view server,
                   std::string_view request_id, std::string& out);

// Whether an Accept header asks for feature flags as Ion, as AWS's agent does.
bool accepts_ion(std::string_view accept);

}  // namespace tidegate::api::appconfig
