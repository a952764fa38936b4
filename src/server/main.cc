// tidegate: serve, version, model. Everything of substance is in server/.
#include <cstdio>
#include <string>
#include <vector>

#include "server/commands.h"
#include "server/model.h"
#include "server/serve.h"
#include "server/settings.h"
#include "server/version.h"

namespace {

constexpr char kHelp[] =
    "tidegate: dynamic configuration on your own machine\n"
    "\n"
    "  tidegate serve [OPTIONS]   serve S3, Lambda, AppConfig and STS on one port (--help lists "
    "the options)\n"
    "  tidegate model [--check]   print the wire tables as JSON; --check: every row must route to "
    "itself\n"
    "  tidegate audit verify|export [--data DIR]    the audit trail of a stopped server: check it, "
    "or "
    "print it\n"
    "  tidegate credentials rotate [--data DIR]     a new root key, also for a running server\n"
    "  tidegate version           print the version\n";

int serve(const std::vector<std::string>& arguments) {
  auto loaded = tidegate::server::load_settings(arguments);
  if (!loaded.ok()) {
    const bool help = loaded.fault() == tidegate::Fault::cancelled;
    std::fprintf(help ? stdout : stderr, help ? "%s" : "tidegate: %s\n",
                 loaded.error().message.c_str());
    return help ? 0 : 2;
  }
  if (loaded->print_config) {
    std::fputs(tidegate::server::print_settings(*loaded).c_str(), stdout);
    return 0;
  }
  return tidegate::server::serve(loaded->settings);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string verb = arguments.empty() ? "" : arguments[0];
  if (!arguments.empty()) arguments.erase(arguments.begin());
  if (verb == "serve") return serve(arguments);
  if (verb == "model") return tidegate::server::print_model(arguments);
  if (verb == "audit") return tidegate::server::audit(arguments);
  if (verb == "credentials") return tidegate::server::credentials(arguments);
  if (verb == "version" || verb == "--version") {
    std::printf("tidegate %s\n", tidegate::server::kVersion);
    return 0;
  }
  const bool asked = verb.empty() || verb == "help" || verb == "--help" || verb == "-h";
  std::fputs(kHelp, asked ? stdout : stderr);
  return asked ? 0 : 2;
}
