// tidegate: serve, version, model. Everything of substance is in server/.
#include <malloc.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/log.h"
#include "server/commands.h"
#include "server/model.h"
#include "server/serve.h"
#include "server/settings.h"
#include "server/version.h"

namespace {

constexpr char kHelp[] =
    "tidegate: dynamic configuration on your own machine\n"
    "\n"
    "  tidegate serve [OPTIONS]\n"
    "      serve S3, Lambda, AppConfig, STS, IAM and logs on one port (--help lists the options);\n"
    "      serve --dev takes any access key, on this machine only\n"
    "  tidegate credentials rotate [--data DIR]\n"
    "      make a new root key; a running server takes it at once\n"
    "  tidegate audit verify|export [--data DIR]\n"
    "      check the audit trail of a stopped server, or print it as JSON lines\n"
    "  tidegate model [--check]\n"
    "      print the wire tables as JSON; --check: every row must route to itself\n"
    "  tidegate version\n";

// Whole bodies go back to the system when they are done with. Left to itself the C library learns
// from the first large one to keep all that come after, and a burst of them is kept for good.
constexpr int kReturnedFrom = 1 << 20, kKeptFree = 16 << 20;

int serve(const std::vector<std::string>& arguments) {
  mallopt(M_MMAP_THRESHOLD, kReturnedFrom);
  mallopt(M_TRIM_THRESHOLD, kKeptFree);
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
  for (const std::string& name : loaded->unknown_variables)
    LOG_WARN("the variable {} is no setting; 'tidegate serve --help' lists them", name);
  return tidegate::server::serve(loaded->settings);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string verb = arguments.empty() ? "" : arguments[0];
  if (!arguments.empty()) arguments.erase(arguments.begin());
  const bool help = !arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h");
  if (verb == "serve") return serve(arguments);
  if (verb.empty() || verb == "help" || verb == "--help" || verb == "-h" || help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (verb == "model") return tidegate::server::print_model(arguments);
  if (verb == "audit") return tidegate::server::audit(arguments);
  if (verb == "credentials") return tidegate::server::credentials(arguments);
  if (verb == "version" || verb == "--version") {
    std::printf("tidegate %s\n", tidegate::server::kVersion);
    return 0;
  }
  std::fprintf(stderr, "tidegate: there is no command '%s'\n%s", verb.c_str(), kHelp);
  return 2;
}
