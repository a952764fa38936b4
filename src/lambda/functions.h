// Functions: their configuration and code. A change of either gives a new revision id, and with it
// new environments. There are no published versions and aliases yet: the only qualifier is $LATEST.
// On the control strand. Errors carry AWS's texts: not_found, conflict, invalid_parameter_value,
// invalid_request (patterns and ranges), precondition_failed, zip_too_large, not_implemented.
#pragma once

#include "base/scheduler.h"
#include "lambda/packages.h"
#include "lambda/policy.h"
#include "lambda/runner/runner.h"

namespace tidegate::lambda {

// Bytes of a package that lies in S3. Implemented by wiring. invalid_parameter_value with the text
// "Error occurred while GetObject. S3 Error Code: …".
class CodeSource {
 public:
  virtual ~CodeSource() = default;
  virtual Task<std::string> fetch(Scope, std::string bucket, std::string key,
                                  std::optional<std::string> version, std::size_t limit) = 0;
};

struct Code {
  std::optional<std::string> zip;
  std::optional<std::string> bucket, key, object_version;
};

struct Configuration {
  std::optional<std::string> runtime, handler, role, description, tracing_mode;
  std::optional<std::int32_t> timeout_s, memory_mb, ephemeral_mb;
  std::optional<std::map<std::string, std::string>> variables;
};

struct NewFunction {
  std::string name;
  Configuration configuration;
  Code code;
  std::map<std::string, std::string> tags;
  std::string architecture = "x86_64";
};

struct FunctionPage {
  std::vector<Function> functions;
  std::string next_marker;
};

class Functions {
 public:
  Functions(store::Store& store, const Clock& domain, Random& random, Packages& packages,
            CodeSource& source, Runner& runner)
      : store_(store),
        domain_(domain),
        random_(random),
        packages_(packages),
        source_(source),
        runner_(runner) {}

  Task<Function> create(Scope scope, NewFunction function);
  // A qualifier other than $LATEST is not found.
  Task<Function> find(Scope scope, FunctionRef ref);
  Task<FunctionPage> list(Scope scope, std::string marker, std::size_t max_items);
  // `dry_run` checks and changes nothing.
  Task<Function> update_code(Scope scope, FunctionRef ref, Code code,
                             std::optional<std::string> revision_id, bool dry_run);
  Task<Function> update_configuration(Scope scope, FunctionRef ref, Configuration configuration,
                                      std::optional<std::string> revision_id);
  // With its policy and its event invoke configuration.
  Task<Unit> remove(Scope scope, FunctionRef ref);
  // What an environment is made from; the package is unpacked.
  Task<FunctionImage> image(Scope scope, Function function);
  // At start: unpacked packages that no function has any more go away.
  Task<Unit> recover();

  Task<EventInvokeConfig> event_invoke_config(Scope scope, FunctionRef ref);
  // nullopt when none was put.
  Task<std::optional<EventInvokeConfig>> find_event_invoke_config(Scope scope, std::string name);
  Task<EventInvokeConfig> put_event_invoke_config(Scope scope, FunctionRef ref,
                                                  EventInvokeConfig config, bool merge);
  Task<Unit> remove_event_invoke_config(Scope scope, FunctionRef ref);

 private:
  Task<std::string> bytes_of(Scope scope, Code code);
  Task<Function> change(Scope scope, FunctionRef ref, std::optional<std::string> revision_id,
                        std::function<Status(Function&)> apply, std::string& replaced_blob);

  store::Store& store_;
  const Clock& domain_;
  Random& random_;
  Packages& packages_;
  CodeSource& source_;
  Runner& runner_;
};

// Ranges, patterns, runtimes and environment variables; applies what is given.
Status apply_configuration(const Configuration&, Function&);
// The runtimes there are, as an enum of the API.
const std::vector<std::string>& runtimes();

}  // namespace tidegate::lambda
