// Functions: their configuration and code, and the versions that are published of them. A version
// is a frozen copy of $LATEST; numbers rise by one and are not used again while the function
// exists. A change of code or configuration gives new environments. Every change, also of tags,
// permissions or by publishing, gives a new revision id. On the control strand. Errors carry AWS's
// texts: not_found, conflict, invalid_parameter_value, invalid_request (patterns and ranges),
// precondition_failed, zip_too_large, not_implemented.
#pragma once

#include <set>

#include "base/scheduler.h"
#include "lambda/layers.h"
#include "lambda/packages.h"
#include "lambda/rows.h"
#include "lambda/runner/runner.h"

namespace tidegate::lambda {

struct Logging {
  std::optional<std::string> format, group, application_level, system_level;
};

struct Configuration {
  std::optional<std::string> runtime, handler, role, description, tracing_mode;
  std::optional<Logging> logging;
  std::optional<std::vector<std::string>> layers;  // ARNs of versions; replaces the whole list
  std::optional<std::int32_t> timeout_s, memory_mb, ephemeral_mb;
  std::optional<std::map<std::string, std::string>> variables;
};

struct NewFunction {
  std::string name;
  Configuration configuration;
  Code code;
  std::map<std::string, std::string> tags;
  std::string architecture = "x86_64";
  bool publish = false;
};

struct CodeUpdate {
  Code code;
  std::optional<std::string> revision_id, architecture;
  bool publish = false;
  bool dry_run = false;  // checks and changes nothing
};

// What publishing demands of $LATEST, and says about the version.
struct Publication {
  std::optional<std::string> code_sha256;  // base64
  std::optional<std::string> description, revision_id;
};

struct FunctionPage {
  std::vector<Function> functions;
  std::string next_marker;
};

class Functions {
 public:
  Functions(store::Store& store, const Clock& domain, Random& random, Packages& packages,
            CodeSource& source, Layers& layers, Runner& runner)
      : store_(store),
        domain_(domain),
        random_(random),
        packages_(packages),
        source_(source),
        layers_(layers),
        runner_(runner) {}

  // With `publish` the answer is the version.
  Task<Function> create(Scope scope, NewFunction function);
  // The function, version, or what an alias points at first.
  Task<Function> find(Scope scope, FunctionRef ref);
  // The same for an invocation: an alias with weights chooses by chance.
  Task<Function> choose(Scope scope, FunctionRef ref);
  // In the order of names; with `all_versions` each with its versions.
  Task<FunctionPage> list(Scope scope, std::string marker, std::size_t max_items,
                          bool all_versions = false);
  Task<Function> update_code(Scope scope, FunctionRef ref, CodeUpdate update);
  Task<Function> update_configuration(Scope scope, FunctionRef ref, Configuration configuration,
                                      std::optional<std::string> revision_id);
  // The function with all that belongs to it, or one version (done when it is not there).
  Task<Unit> remove(Scope scope, FunctionRef ref);
  // What an environment is made from; the package is unpacked.
  Task<FunctionImage> image(Scope scope, Function function);
  // At start: unpacked packages that no function has any more go away, and what a removed function
  // left behind.
  Task<Unit> recover();

  // The newest version again when nothing changed since.
  Task<Function> publish(Scope scope, FunctionRef ref, Publication publication);
  // $LATEST, then the versions by number.
  Task<FunctionPage> versions(Scope scope, FunctionRef ref, std::string marker,
                              std::size_t max_items);
  // Of all packages: a version counts beside the $LATEST that it was made of.
  Task<std::uint64_t> code_bytes(Scope scope);

  // Of the unqualified function. Merges, and takes away by key.
  Task<Unit> tag(Scope scope, FunctionRef ref, std::map<std::string, std::string> more,
                 std::vector<std::string> less);
  Task<Unit> set_recursive_loop(Scope scope, FunctionRef ref, std::string value);

 private:
  using Change = std::function<Status(Function&)>;

  // Writes what `apply` makes of $LATEST; `image` says whether environments are concerned. With
  // `publish` the answer is the version.
  Task<Function> change(Scope scope, FunctionRef ref, std::optional<std::string> revision_id,
                        Change apply, bool image, bool publish = false);
  Function publish_into(store::Txn& txn, const Scope& scope, Function& latest,
                        const std::optional<std::string>& description);
  Task<Unit> remove_version(Scope scope, FunctionRef ref, std::int64_t number);
  Task<std::vector<Function>> all_versions(Scope scope, Function latest);
  // `needed` gets the folders of unpacked packages, `layers` the ARNs in use.
  Task<Unit> sweep(Scope scope, std::set<std::string>& needed, std::set<std::string>& layers);
  // Erases blobs that neither $LATEST nor a version of it has.
  Task<Unit> drop_code(Scope scope, Function latest, std::string blob);

  store::Store& store_;
  const Clock& domain_;
  Random& random_;
  Packages& packages_;
  CodeSource& source_;
  Layers& layers_;
  Runner& runner_;
};

// Ranges, patterns, runtimes and environment variables; applies what is given, but for the layers.
Status apply_configuration(const Configuration&, Function&);
std::string log_group_of(const Function&);
// The runtimes there are, as an enum of the API.
const std::vector<std::string>& runtimes();

}  // namespace tidegate::lambda
