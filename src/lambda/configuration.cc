// What a function's configuration may be.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "base/scope.h"
#include "document/value.h"
#include "lambda/functions.h"

namespace tidegate::lambda {
namespace {

constexpr std::size_t kMaxVariablesBytes = 4096;
constexpr std::string_view kReserved[] = {"_HANDLER",
                                          "_X_AMZN_TRACE_ID",
                                          "AWS_DEFAULT_REGION",
                                          "AWS_REGION",
                                          "AWS_EXECUTION_ENV",
                                          "AWS_LAMBDA_FUNCTION_NAME",
                                          "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                          "AWS_LAMBDA_FUNCTION_VERSION",
                                          "AWS_LAMBDA_INITIALIZATION_TYPE",
                                          "AWS_LAMBDA_LOG_GROUP_NAME",
                                          "AWS_LAMBDA_LOG_STREAM_NAME",
                                          "AWS_ACCESS_KEY",
                                          "AWS_ACCESS_KEY_ID",
                                          "AWS_SECRET_ACCESS_KEY",
                                          "AWS_SESSION_TOKEN",
                                          "AWS_LAMBDA_RUNTIME_API",
                                          "LAMBDA_TASK_ROOT",
                                          "LAMBDA_RUNTIME_DIR"};

bool variable_name_ok(std::string_view name) {
  return name.size() >= 2 && std::isalpha(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

Status check_variables(const std::map<std::string, std::string>& variables) {
  document::Object shown;
  std::vector<std::string> reserved;
  for (const auto& [name, value] : variables) {
    if (std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved)) {
      reserved.push_back(name);
      continue;
    }
    if (!variable_name_ok(name))
      return validation(name, "environment.variables",
                        "satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+");
    // What exec() would cut or split.
    if (value.find('\0') != std::string::npos)
      return validation(name, "environment.variables", "not contain NUL characters");
    shown.set(name, value);
  }
  constexpr std::string_view kFront =
      "Lambda was unable to configure your environment variables because the environment "
      "variables you have provided ";
  if (!reserved.empty())
    return Error{Fault::invalid_parameter_value,
                 fmt::format("{}contains reserved keys that are currently not supported for "
                             "modification. Reserved keys used in this request: {}",
                             kFront, fmt::join(reserved, ", "))};
  const std::string text = document::to_json(std::move(shown));
  if (text.size() > kMaxVariablesBytes)
    return Error{Fault::invalid_parameter_value,
                 fmt::format("{}exceeded the 4KB limit. String measured: {}", kFront, text)};
  return done;
}

Status check_range(std::int32_t value, const char* member, std::int32_t low, std::int32_t high) {
  if (value < low)
    return validation(std::to_string(value), member,
                      fmt::format("have value greater than or equal to {}", low));
  if (value > high)
    return validation(std::to_string(value), member,
                      fmt::format("have value less than or equal to {}", high));
  return done;
}

// Those that AWS takes no new functions for.
constexpr std::string_view kEnded[] = {
    "nodejs",     "nodejs4.3", "nodejs4.3-edge", "nodejs6.10",    "nodejs8.10",    "nodejs10.x",
    "nodejs12.x", "python2.7", "python3.6",      "python3.7",     "java8",         "go1.x",
    "ruby2.5",    "ruby2.7",   "dotnetcore1.0",  "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1"};

// Those that it takes, in its order; what of them runs here is runtimes().
constexpr std::string_view kOfAws[] = {
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12",   "python3.13",
    "nodejs24.x", "nodejs22.x", "java25",          "python3.10",   "python3.11",
    "java21",     "ruby3.3",    "ruby3.4",         "ruby3.2",      "python3.8",
    "python3.9",  "java17",     "nodejs16.x",      "dotnet10",     "dotnet8",
    "java11",     "dotnet6",    "nodejs18.x",      "provided.al2", "java8.al2"};

Status check_runtime(const std::string& runtime) {
  const auto& known = runtimes();
  if (std::find(known.begin(), known.end(), runtime) != known.end()) return done;
  if (std::find(std::begin(kEnded), std::end(kEnded), runtime) != std::end(kEnded))
    return Error{Fault::invalid_parameter_value,
                 fmt::format("The runtime parameter of {} is no longer supported for creating or "
                             "updating AWS Lambda functions. We recommend you use a supported "
                             "runtime while creating or updating functions.",
                             runtime)};
  if (std::find(std::begin(kOfAws), std::end(kOfAws), runtime) != std::end(kOfAws))
    return Error{Fault::not_implemented,
                 fmt::format("Runtime {} is not implemented by this server. There are: {}.",
                             runtime, fmt::join(known, ", "))};
  return Error{
      Fault::invalid_parameter_value,
      fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy "
                  "enum value set: [{}] or be a valid ARN",
                  runtime.substr(0, 128), fmt::join(kOfAws, ", "))};
}

Status check_texts(const Configuration& c) {
  if (c.handler && (c.handler->empty() || c.handler->size() > 128 ||
                    c.handler->find_first_of(" \t\r\n\v\f") != std::string::npos))
    return validation(*c.handler, "handler", "satisfy regular expression pattern: [^\\s]+");
  if (c.role && !is_role_arn(*c.role))
    return validation(*c.role, "role",
                      "satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?"
                      "[a-zA-Z_0-9+=,.@\\-_/]+");
  if (c.description && count_code_points(*c.description) > 256)
    return validation(*c.description, "description", "have length less than or equal to 256");
  if (c.tracing_mode && *c.tracing_mode != "PassThrough" && *c.tracing_mode != "Active")
    return validation(*c.tracing_mode, "tracingConfig.mode",
                      "satisfy enum value set: [Active, PassThrough]");
  return done;
}

// Levels exist with the format JSON only; going back to Text forgets them.
Status apply_logging(const Logging& given, Function& f) {
  if (given.format) f.log_format = *given.format == "JSON" ? "JSON" : "";
  if (given.group) {
    const std::string& name = *given.group;
    const bool good =
        !name.empty() && name.size() <= 512 &&
        std::all_of(name.begin(), name.end(), [](unsigned char c) {
          return std::isalnum(c) ||
                 std::string_view("._/#-").find(static_cast<char>(c)) != std::string_view::npos;
        });
    if (!good)
      return validation(name, "loggingConfig.logGroup",
                        "satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+");
    f.log_group = name == "/aws/lambda/" + f.name ? "" : name;
  }
  if (f.log_format.empty()) {
    if (given.application_level || given.system_level)
      return Error{Fault::invalid_parameter_value,
                   "Log level is not supported when LogFormat is set to Text. Remove log level "
                   "from your request or change the LogFormat to JSON and try again."};
    f.application_log_level.clear();
    f.system_log_level.clear();
    return done;
  }
  f.application_log_level = given.application_level.value_or(
      f.application_log_level.empty() ? "INFO" : f.application_log_level);
  f.system_log_level =
      given.system_level.value_or(f.system_log_level.empty() ? "INFO" : f.system_log_level);
  return done;
}

}  // namespace

std::string log_group_of(const Function& f) {
  return f.log_group.empty() ? "/aws/lambda/" + f.name : f.log_group;
}

const std::vector<std::string>& runtimes() {
  static const std::vector<std::string> kAll = {
      "nodejs14.x", "nodejs16.x",   "nodejs18.x",      "nodejs20.x", "nodejs22.x", "nodejs24.x",
      "python3.8",  "python3.9",    "python3.10",      "python3.11", "python3.12", "python3.13",
      "python3.14", "provided.al2", "provided.al2023", "provided"};
  return kAll;
}

Status apply_configuration(const Configuration& c, Function& f) {
  TRY(Unit texts, check_texts(c));
  (void)texts;
  if (c.runtime) {
    TRY(Unit known, check_runtime(*c.runtime));
    (void)known;
    f.runtime = *c.runtime;
  }
  if (c.timeout_s) {
    TRY(Unit in_range, check_range(*c.timeout_s, "timeout", 1, 900));
    (void)in_range;
    f.timeout_s = *c.timeout_s;
  }
  if (c.memory_mb) {
    TRY(Unit in_range, check_range(*c.memory_mb, "memorySize", 128, 10'240));
    (void)in_range;
    f.memory_mb = *c.memory_mb;
  }
  if (c.ephemeral_mb) {
    TRY(Unit in_range, check_range(*c.ephemeral_mb, "ephemeralStorage.size", 512, 10'240));
    (void)in_range;
    f.ephemeral_mb = *c.ephemeral_mb;
  }
  if (c.variables) {
    TRY(Unit allowed, check_variables(*c.variables));
    (void)allowed;
    f.variables = *c.variables;
    f.has_environment = true;
  }
  if (c.logging) {
    TRY(Unit logging, apply_logging(*c.logging, f));
    (void)logging;
  }
  if (c.handler) f.handler = *c.handler;
  if (c.role) f.role = *c.role;
  if (c.description) f.description = *c.description;
  if (c.tracing_mode) f.tracing_mode = *c.tracing_mode;
  return done;
}

}  // namespace tidegate::lambda
