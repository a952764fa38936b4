// serve(): builds the server from its settings, runs it until SIGTERM or SIGINT, drains, and
// returns the exit status: 0 after a clean stop, 1 when it could not start. Called once, from main.
#pragma once

#include "server/settings.h"

namespace tidegate::server {

int serve(const Settings&);

}  // namespace tidegate::server
