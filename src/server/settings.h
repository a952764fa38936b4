// Settings: every option of `tidegate serve`, from four places with one precedence:
// flag > environment (TIDEGATE_…) > file (--config, "name = value" lines) > default. One table
// names them all; --help, --print-config and the documentation print that table. Plain data after
// start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tidegate::server {

struct Settings {
  std::string data = "./tidegate-data";
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 4566;
  std::string agent_host;  // "": no agent's listener
  std::uint16_t agent_port = 0;
  std::string agent_access_token;  // "": none is asked for
  std::string alertmanager_token;  // "": none is asked for with --dev, nobody is let in without
  std::string alertmanager_label = "alarm";
  bool dev = false;
  bool dev_enforce_iam = false;
  std::string account = "000000000000";
  std::string region = "us-east-1";
  double time_scale = 1;
  std::vector<std::string> domains;  // base domains of virtual-host style S3
  std::string root_access_key_id, root_secret_access_key;
  std::string credentials;  // file of further keys; "": none
  bool classic_buckets = false;
  std::string functions = "sandbox";  // sandbox | off
  int function_environments = 32;
  int function_idle_s = 420;
  bool function_cpu_limits = false;
  int function_concurrency = 1000;
  int configuration_kib = 2048;
  bool insufficient_data_is_alarm = false;
  std::string webhook_targets, webhook_secrets, webhook_allow, webhook_ca_file;
  int threads = 2;
  int max_connections = 20'000;
  std::string log_level = "info";
};

// One value as it was found, for --print-config.
struct Origin {
  std::string name, value, from;  // from: "flag", "environment", "file PATH", "default"
};

struct Loaded {
  Settings settings;
  std::vector<Origin> origins;
  std::vector<std::string> unknown_variables;  // TIDEGATE_…, but no option's: to be warned of
  bool print_config = false;
};

// What the arguments after "serve" mean. Fault::invalid_request with a text that names the option
// and where its value came from. Fault::cancelled when --help was asked for (the text is the
// message).
Result<Loaded> load_settings(const std::vector<std::string>& arguments);
std::string print_settings(const Loaded&);

}  // namespace tidegate::server
