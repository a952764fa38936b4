#include "server/settings.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include "base/scope.h"
#include "webhook/webhooks.h"

namespace tidegate::server {
namespace {

using Apply = std::string (*)(Settings&, const std::string&);  // "" or what is wrong

template <class T>
bool number(const std::string& text, T low, T high, T& out) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high)
    return false;
  out = value;
  return true;
}

std::string apply_address(const std::string& v, std::string& to_host, std::uint16_t& to_port) {
  std::size_t colon = v.rfind(':');
  if (colon == std::string::npos || colon == 0) return "expects HOST:PORT (127.0.0.1:4566)";
  std::string host = v.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (!number<std::uint16_t>(v.substr(colon + 1), 0, 65535, to_port))
    return "expects a port from 0 to 65535";
  to_host = host;
  return "";
}

std::string apply_listen(Settings& s, const std::string& v) {
  return apply_address(v, s.listen_host, s.listen_port);
}

std::string apply_agent_listen(Settings& s, const std::string& v) {
  return v.empty() ? "" : apply_address(v, s.agent_host, s.agent_port);
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

std::string apply_bool(bool& out, const std::string& v) {
  if (v == "true" || v == "1" || v == "yes" || v == "on")
    out = true;
  else if (v == "false" || v == "0" || v == "no" || v == "off")
    out = false;
  else
    return "expects true or false";
  return "";
}

std::string apply_account(Settings& s, const std::string& v) {
  if (!is_account(v)) return "expects 12 digits";
  s.account = v;
  return "";
}

std::string apply_region(Settings& s, const std::string& v) {
  if (v.empty() || v.size() > 32 ||
      v.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    return "expects a region such as us-east-1";
  s.region = v;
  return "";
}

std::string apply_domains(Settings& s, const std::string& v) {
  s.domains.clear();
  std::size_t start = 0;
  while (start <= v.size() && !v.empty()) {
    std::size_t end = v.find(',', start);
    if (end == std::string::npos) end = v.size();
    if (end > start) s.domains.push_back(v.substr(start, end - start));
    start = end + 1;
  }
  return "";
}

std::string apply_functions(Settings& s, const std::string& v) {
  if (v != "sandbox" && v != "off") return "expects sandbox or off";
  s.functions = v;
  return "";
}

std::string apply_new_buckets(Settings& s, const std::string& v) {
  if (v != "current" && v != "classic") return "expects current or classic";
  s.classic_buckets = v == "classic";
  return "";
}

std::string apply_log_level(Settings& s, const std::string& v) {
  if (v != "debug" && v != "info" && v != "warn" && v != "error")
    return "expects debug, info, warn or error";
  s.log_level = v;
  return "";
}

struct Option {
  const char* name;        // flag --name, variable TIDEGATE_NAME, file "name = …"
  const char* value_name;  // "" for a switch
  const char* fallback;
  const char* help;
  Apply apply;
  bool secret = false;
};

const Option kOptions[] = {
    {"data", "DIR", "./tidegate-data", "folder that holds everything the server knows",
     [](Settings& s, const std::string& v) {
       s.data = v;
       return std::string(v.empty() ? "must not be empty" : "");
     }},
    {"listen", "HOST:PORT", "127.0.0.1:4566", "address of the one port that serves all planes",
     apply_listen},
    {"agent-listen", "HOST:PORT", "",
     "address of the AppConfig agent's API, as applications ask it; none without",
     apply_agent_listen},
    {"agent-access-token", "TOKEN", "",
     "what callers of the agent's API must send as Authorization: Bearer; needed beyond loopback",
     [](Settings& s, const std::string& v) {
       s.agent_access_token = v;
       return std::string();
     },
     true},
    {"alertmanager-token", "TOKEN", "",
     "what Alertmanager must send as Authorization: Bearer to set alarms; needed but with --dev",
     [](Settings& s, const std::string& v) {
       s.alertmanager_token = v;
       return std::string();
     },
     true},
    {"alertmanager-label", "NAME", "alarm", "the label of an alert that names its alarm",
     [](Settings& s, const std::string& v) {
       s.alertmanager_label = v;
       return std::string(v.empty() ? "must not be empty" : "");
     }},
    {"dev", "", "false", "development: loopback only, any access key, a clock you can turn",
     [](Settings& s, const std::string& v) { return apply_bool(s.dev, v); }},
    {"dev-enforce-iam", "", "false",
     "judge requests by policies although --dev takes any key; unknown keys are their account's "
     "root",
     [](Settings& s, const std::string& v) { return apply_bool(s.dev_enforce_iam, v); }},
    {"account", "ID", "000000000000",
     "account of the root key, and of --dev callers whose key is not 12 digits", apply_account},
    {"region", "NAME", "us-east-1", "home region", apply_region},
    {"time-scale", "N", "1", "domain seconds per real second (needs --dev)",
     [](Settings& s, const std::string& v) {
       return std::string(number<double>(v, 0.001, 1e6, s.time_scale)
                              ? ""
                              : "expects a number from 0.001 to 1000000");
     }},
    {"domains", "A,B", "", "further base domains for bucket.DOMAIN addressing", apply_domains},
    {"root-access-key-id", "ID", "", "root access key; made at first start when absent",
     [](Settings& s, const std::string& v) {
       s.root_access_key_id = v;
       return std::string();
     }},
    {"root-secret-access-key", "SECRET", "",
     "its secret; prefer the environment or the file to the flag",
     [](Settings& s, const std::string& v) {
       s.root_secret_access_key = v;
       return std::string();
     },
     true},
    {"credentials", "FILE", "",
     "file of access keys of several accounts; see docs/guide/running.md",
     [](Settings& s, const std::string& v) {
       s.credentials = v;
       return std::string();
     }},
    {"new-buckets", "HOW", "current",
     "current: as AWS makes them today, ACLs disabled and public access blocked; classic: neither",
     apply_new_buckets},
    {"functions", "HOW", "sandbox",
     "sandbox: in full isolation, or refused where the machine forbids it; off: always refused",
     apply_functions},
    {"function-environments", "N", "32", "live function environments at once",
     [](Settings& s, const std::string& v) {
       return std::string(number<int>(v, 4, 1000, s.function_environments)
                              ? ""
                              : "expects a number from 4 to 1000");
     }},
    {"function-idle", "SECONDS", "420", "how long an environment waits for its next event",
     [](Settings& s, const std::string& v) {
       return std::string(
           number<int>(v, 1, 86'400, s.function_idle_s) ? "" : "expects a number from 1 to 86400");
     }},
    {"function-cpu-limits", "", "false",
     "processor time by MemorySize as on AWS, 1769 MB for one processor; needs control groups",
     [](Settings& s, const std::string& v) { return apply_bool(s.function_cpu_limits, v); }},
    {"function-concurrency", "N", "1000", "invocations that each account may run at once",
     [](Settings& s, const std::string& v) {
       return std::string(number<int>(v, 1, 1000, s.function_concurrency)
                              ? ""
                              : "expects a number from 1 to 1000");
     }},
    {"configuration-limit", "KIB", "2048", "largest configuration, hosted or from S3",
     [](Settings& s, const std::string& v) {
       return std::string(
           number<int>(v, 1, 4096, s.configuration_kib) ? "" : "expects a number from 1 to 4096");
     }},
    {"insufficient-data-is-alarm", "", "false",
     "monitors roll back on INSUFFICIENT_DATA, too, which is where a new alarm begins",
     [](Settings& s, const std::string& v) { return apply_bool(s.insufficient_data_is_alarm, v); }},
    {"webhook-targets", "NAME=URL …", "", "whom events may be told to, between spaces",
     [](Settings& s, const std::string& v) {
       s.webhook_targets = v;
       return std::string();
     }},
    {"webhook-secrets", "NAME=SECRET …", "",
     "what their signatures are made with; prefer the environment or the file to the flag",
     [](Settings& s, const std::string& v) {
       s.webhook_secrets = v;
       return std::string();
     },
     true},
    {"webhook-allow", "HOST …", "",
     "hosts that may be called, HOST[:PORT][@NETWORK]; addresses that are not public only by "
     "NETWORK",
     [](Settings& s, const std::string& v) {
       s.webhook_allow = v;
       return std::string();
     }},
    {"webhook-ca-file", "FILE", "", "certificates of authorities to trust instead of the system's",
     [](Settings& s, const std::string& v) {
       s.webhook_ca_file = v;
       return std::string();
     }},
    {"threads", "N", "2", "connection threads",
     [](Settings& s, const std::string& v) {
       return std::string(number<int>(v, 1, 256, s.threads) ? ""
                                                            : "expects a number from 1 to 256");
     }},
    {"max-connections", "N", "20000", "open connections at once",
     [](Settings& s, const std::string& v) {
       return std::string(number<int>(v, 16, 1'000'000, s.max_connections)
                              ? ""
                              : "expects a number from 16 to 1000000");
     }},
    {"log-level", "LEVEL", "info", "debug, info, warn or error", apply_log_level},
};

std::string variable_of(const Option& o) {
  std::string out = "TIDEGATE_";
  for (const char* c = o.name; *c; ++c)
    out += *c == '-' ? '_' : static_cast<char>(std::toupper(*c));
  return out;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

// "value  # why": what follows a '#' behind white space is for people.
std::string value_in(std::string_view text) {
  const std::string whole = trimmed(text);
  if (text.find('"') != std::string_view::npos) return whole;
  for (std::size_t at = whole.find('#'); at != std::string::npos; at = whole.find('#', at + 1))
    if (at == 0 || std::isspace(static_cast<unsigned char>(whole[at - 1])))
      return trimmed(std::string_view(whole).substr(0, at));
  return whole;
}

// Variables that look like settings and are none: a slip in a name would otherwise go unnoticed.
std::vector<std::string> unknown_variables() {
  std::vector<std::string> out;
  for (char** at = environ; at && *at; ++at) {
    const std::string_view pair(*at);
    const std::string name(pair.substr(0, pair.find('=')));
    if (!name.starts_with("TIDEGATE_") || name == "TIDEGATE_CONFIG") continue;
    if (std::none_of(std::begin(kOptions), std::end(kOptions),
                     [&](const Option& o) { return variable_of(o) == name; }))
      out.push_back(name);
  }
  return out;
}

Result<std::map<std::string, std::string>> read_file(const std::string& path) {
  std::map<std::string, std::string> values;
  std::ifstream in(path);
  if (!in)
    return Error{Fault::invalid_request,
                 fmt::format("cannot read the configuration file {}", path)};
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::string text = trimmed(line);
    if (text.empty() || text[0] == '#') continue;
    std::size_t equals = text.find('=');
    std::string name = trimmed(std::string_view(text).substr(0, equals));
    bool known = std::any_of(std::begin(kOptions), std::end(kOptions),
                             [&](const Option& o) { return name == o.name; });
    if (equals == std::string::npos || !known)
      return Error{Fault::invalid_request,
                   fmt::format("{}:{}: expects \"name = value\" with a name that --help lists",
                               path, number)};
    values[name] = value_in(std::string_view(text).substr(equals + 1));
  }
  return values;
}

Status check_together(const Settings& s) {
  auto refuse = [](std::string text) { return Error{Fault::invalid_request, std::move(text)}; };
  if (s.dev && !is_loopback(s.listen_host))
    return refuse(fmt::format(
        "--dev accepts any access key and therefore listens on loopback only, not on {}",
        s.listen_host));
  if (!s.agent_host.empty() && !is_loopback(s.agent_host) && s.agent_access_token.empty())
    return refuse(fmt::format(
        "--agent-listen on {} would give configurations to everybody: set --agent-access-token",
        s.agent_host));
  if (!s.dev && s.time_scale != 1) return refuse("--time-scale needs --dev");
  if (!s.dev && s.dev_enforce_iam)
    return refuse("--dev-enforce-iam needs --dev: without it policies are enforced anyway");
  if (s.root_access_key_id.empty() != s.root_secret_access_key.empty())
    return refuse(
        "--root-access-key-id and --root-secret-access-key are given together or not at all");
  const auto directory =
      webhook::read_directory(s.webhook_targets, s.webhook_secrets, s.webhook_allow);
  if (!directory.ok()) return refuse(directory.error().message);
  return done;
}

}  // namespace

Result<Loaded> load_settings(const std::vector<std::string>& arguments) {
  CLI::App app{"Serve S3, Lambda, AppConfig and STS on one port.", "tidegate serve"};
  std::map<std::string, std::string> flags;
  std::string config_path;
  Loaded loaded;
  for (const Option& o : kOptions) {
    const std::string flag = std::string("--") + o.name;
    const std::string help = fmt::format("{} [{}]{}", o.help, variable_of(o),
                                         *o.fallback ? fmt::format(" ({})", o.fallback) : "");
    if (*o.value_name)
      app.add_option_function<std::string>(
             flag, [&flags, &o](const std::string& v) { flags[o.name] = v; }, help)
          ->take_last()
          ->type_name(o.value_name);
    else
      app.add_flag_callback(
          flag, [&flags, &o] { flags[o.name] = "true"; }, help);
  }
  app.add_option("--config", config_path, "file with \"name = value\" lines [TIDEGATE_CONFIG]")
      ->type_name("FILE");
  app.add_flag("--print-config", loaded.print_config,
               "print every setting and where it comes from, and end");
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return Error{Fault::cancelled, app.help()};
  } catch (const CLI::ParseError& e) {
    return Error{Fault::invalid_request, e.what()};
  }
  if (config_path.empty())
    if (const char* from = std::getenv("TIDEGATE_CONFIG")) config_path = from;
  std::map<std::string, std::string> file;
  if (!config_path.empty()) {
    TRY(file, read_file(config_path));
  }
  for (const Option& o : kOptions) {
    Origin origin{o.name, o.fallback, "default"};
    const char* variable = std::getenv(variable_of(o).c_str());
    if (auto flag = flags.find(o.name); flag != flags.end())
      origin = {o.name, flag->second, "flag"};
    else if (variable)
      origin = {o.name, variable, "environment"};
    else if (auto line = file.find(o.name); line != file.end())
      origin = {o.name, line->second, "file " + config_path};
    std::string wrong = o.apply(loaded.settings, origin.value);
    if (!wrong.empty())
      return Error{Fault::invalid_request,
                   fmt::format("{} (from {}) {}{}", o.name, origin.from, wrong,
                               o.secret ? "" : fmt::format(", not '{}'", origin.value))};
    if (o.secret && !origin.value.empty()) origin.value = "(hidden)";
    loaded.origins.push_back(std::move(origin));
  }
  TRY(Unit consistent, check_together(loaded.settings));
  (void)consistent;
  loaded.unknown_variables = unknown_variables();
  return loaded;
}

std::string print_settings(const Loaded& loaded) {
  std::string out;
  for (const Origin& o : loaded.origins)
    out += fmt::format("{} = {}  # {}\n", o.name, o.value, o.from);
  return out;
}

}  // namespace tidegate::server
