#include "lambda/runner/launch_plan.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <set>

namespace tidegate::lambda {
namespace {

bool starts_with(std::string_view text, std::string_view front) {
  return text.substr(0, front.size()) == front;
}

bool is_python(std::string_view runtime) {
  return starts_with(runtime, "python3.");
}

bool is_node(std::string_view runtime) {
  return starts_with(runtime, "nodejs");
}

bool is_provided(std::string_view runtime) {
  return starts_with(runtime, "provided");
}

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

// Where the host's Node.js lies, "" without one. /usr is the same inside.
std::string node_program() {
  for (const char* path : {"/usr/local/bin/node", "/usr/bin/node"})
    if (is_file(path)) return path;
  return "";
}

// "nodejs20.x" -> "20"
std::string node_version(const std::string& runtime) {
  return runtime.substr(
      6, runtime.find('.') == std::string::npos ? std::string::npos : runtime.find('.') - 6);
}

std::string node_path(const std::string& runtime) {
  return fmt::format(
      "/opt/nodejs/node{}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:"
      "/var/runtime:/var/task",
      node_version(runtime));
}

// V8 collects garbage in time only if it knows the limit.
std::vector<std::string> node_command(const std::string& program, int memory_mb) {
  return {program, fmt::format("--max-old-space-size={}", memory_mb * 9 / 10),
          "--max-http-header-size=81920", "/var/runtime/bootstrap.js"};
}

// The executable of a custom runtime on this side of the sandbox and inside it.
struct Entrypoint {
  std::string outside, inside;
};
Entrypoint entrypoint_of(const FunctionImage& image) {
  Entrypoint own{image.code_directory + "/bootstrap", "/var/task/bootstrap"};
  if (is_file(own.outside) || image.layer_directory.empty()) return own;
  Entrypoint layer{image.layer_directory + "/bootstrap", "/opt/bootstrap"};
  return is_file(layer.outside) ? layer : own;
}

bool may_override(std::string_view name) {
  static const std::set<std::string_view> kNames = {"LANG",      "PATH",       "LD_LIBRARY_PATH",
                                                    "NODE_PATH", "PYTHONPATH", "TZ"};
  return kNames.count(name) != 0 || starts_with(name, "AWS_XRAY_");
}

}  // namespace

std::string log_stream_name(Instant now, const std::string& version, Random& random) {
  std::string day = iso8601(now).substr(0, 10);
  for (char& c : day)
    if (c == '-') c = '/';
  return fmt::format("{}/[{}]{}", day, version, random.hex(32));
}

std::map<std::string, std::string> environment_variables(const FunctionImage& image,
                                                         const PlanContext& context) {
  std::map<std::string, std::string> platform = {
      {"_HANDLER", image.handler},
      {"AWS_REGION", image.scope.region},
      {"AWS_DEFAULT_REGION", image.scope.region},
      {"AWS_LAMBDA_FUNCTION_NAME", image.name},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(image.memory_mb)},
      {"AWS_LAMBDA_FUNCTION_VERSION", image.version},
      {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
      {"AWS_LAMBDA_LOG_GROUP_NAME",
       image.log_group.empty() ? "/aws/lambda/" + image.name : image.log_group},
      {"AWS_LAMBDA_LOG_STREAM_NAME", context.log_stream},
      {"AWS_ACCESS_KEY_ID", context.credentials.access_key_id},
      {"AWS_SECRET_ACCESS_KEY", context.credentials.secret_access_key},
      {"AWS_SESSION_TOKEN", context.credentials.session_token},
      {"AWS_LAMBDA_RUNTIME_API", fmt::format("127.0.0.1:{}", launch::kRuntimeApiPort)},
      {"AWS_ENDPOINT_URL", fmt::format("http://127.0.0.1:{}", launch::kEndpointPort)},
      {"LAMBDA_TASK_ROOT", "/var/task"},
      {"LAMBDA_RUNTIME_DIR", "/var/runtime"},
      {"PWD", "/var/task"},
      {"TZ", ":UTC"},
      {"LANG", "en_US.UTF-8"},
      {"PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"},
      {"LD_LIBRARY_PATH",
       "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:"
       "/opt/lib"},
      {"AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"},
      {"AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000"},
      {"_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1"},
      {"_AWS_XRAY_DAEMON_PORT", "2000"},
      {"_LAMBDA_TELEMETRY_LOG_FD", std::to_string(launch::kLogFd)}};
  if (!is_provided(image.runtime)) platform["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + image.runtime;
  if (image.log_format == "JSON") {
    platform["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
    platform["AWS_LAMBDA_LOG_LEVEL"] = image.log_level.empty() ? "INFO" : image.log_level;
  }
  if (is_python(image.runtime)) platform["PYTHONPATH"] = "/var/runtime";
  if (is_node(image.runtime)) platform["NODE_PATH"] = node_path(image.runtime);
  for (const auto& [name, value] : image.variables) {
    auto there = platform.find(name);
    if (there == platform.end() || may_override(name)) platform[name] = value;
  }
  return platform;
}

Result<launch::Spec> launch_spec(const FunctionImage& image, const PlanContext& context) {
  launch::Spec spec;
  // The machine's own interpreters; the host's PATH plays no part.
  if (is_python(image.runtime)) {
    spec.argv = {"/usr/bin/python3", "/var/runtime/bootstrap.py"};
    spec.runtime_directory = context.runtimes_directory + "/python";
  } else if (is_node(image.runtime)) {
    std::string program = node_program();
    if (program.empty())
      return Error{Fault::invalid_argument,
                   fmt::format("the runtime {} is not available on this server: it has no Node.js "
                               "(Debian's package nodejs brings it)",
                               image.runtime)};
    spec.argv = node_command(program, image.memory_mb);
    spec.runtime_directory = context.runtimes_directory + "/nodejs";
  } else if (is_provided(image.runtime)) {
    spec.argv = {entrypoint_of(image).inside};
  } else {
    return Error{Fault::invalid_argument,
                 fmt::format("the runtime {} is not available on this server", image.runtime)};
  }
  auto wrapper = image.variables.find("AWS_LAMBDA_EXEC_WRAPPER");
  if (!is_provided(image.runtime) && wrapper != image.variables.end() && !wrapper->second.empty())
    spec.argv.insert(spec.argv.begin(), wrapper->second);
  spec.code_directory = image.code_directory;
  spec.layer_directory = image.layer_directory;
  for (const auto& [name, value] : environment_variables(image, context))
    spec.env.push_back(name + "=" + value);
  spec.memory_bytes = (std::uint64_t(image.memory_mb) << 20) + kMemorySlackBytes;
  spec.tmp_bytes = std::uint64_t(image.ephemeral_mb) << 20;
  if (context.limit_cpu)
    spec.cpu_permille = std::uint64_t(image.memory_mb) * 1000 / kMemoryMbPerProcessor;
  return spec;
}

std::string entrypoint_problem(const FunctionImage& image) {
  if (!is_provided(image.runtime)) return "";
  Entrypoint entrypoint = entrypoint_of(image);
  std::error_code error;
  auto state = std::filesystem::status(entrypoint.outside, error);
  if (error || !std::filesystem::is_regular_file(state))
    return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
  // The function's user is neither owner nor group of the file.
  if ((state.permissions() & std::filesystem::perms::others_exec) == std::filesystem::perms::none)
    return fmt::format("fork/exec {}: permission denied", entrypoint.inside);
  return "";
}

std::string interpreter_text(const std::string& runtime) {
  std::error_code error;
  if (is_node(runtime)) return fmt::format("nodejs ({})", node_program());
  if (!is_python(runtime)) return runtime;
  std::string name = std::filesystem::read_symlink("/usr/bin/python3", error).filename().string();
  return starts_with(name, "python") ? "python:" + name.substr(6) : "python:3";
}

std::string trace_header(Instant now, int depth, Random& random) {
  return fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0;Lineage=;Tg-Depth={}", to_ms(now) / 1000,
                     random.hex(24), random.hex(16), depth);
}

int depth_below(std::string_view header) {
  constexpr std::string_view kName = "Tg-Depth=";
  while (!header.empty()) {
    auto end = header.find(';');
    std::string_view field = header.substr(0, end);
    if (starts_with(field, kName)) {
      field.remove_prefix(kName.size());
      int depth = 0;
      auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), depth);
      bool whole = error == std::errc() && stop == field.data() + field.size();
      return whole && depth >= 0 && depth < 1'000'000 ? depth + 1 : 0;
    }
    if (end == std::string_view::npos) break;
    header.remove_prefix(end + 1);
  }
  return 0;
}

}  // namespace tidegate::lambda
