// Deployments: starting, stopping, reverting and reading them. A start is judged first (validators)
// and recorded last, in one transaction with what the data plane follows; a refused one leaves
// nothing. One deployment at a time in an environment, held by the guard on its counter. What a
// deployment is at an instant is deployment.h's pure machine; the only timer here makes a finished
// rollout the base, so that its record says so, too. On the control strand.
// Errors: not_found, conflict (in progress, LatestDeploymentNumber), too_large, invalid_argument.
#pragma once

#include "appconfig/actions.h"
#include "appconfig/environments.h"
#include "appconfig/extension_associations.h"
#include "appconfig/hosted_versions.h"
#include "appconfig/snapshot.h"
#include "appconfig/strategies.h"
#include "appconfig/validators.h"
#include "base/scheduler.h"

namespace tidegate::appconfig {

struct StartRequest {
  std::string application, environment, strategy, profile, version;
  std::optional<std::string> description, kms_key_identifier;
  std::optional<std::int64_t> latest_deployment_number;
  ParameterValues dynamic_parameters;  // "extension#parameter"
  Tags tags;
  int depth = 0;  // function calls that this request is nested in, against loops
};

// A deployment as it stands now. Lists leave out what extensions did.
struct DeploymentNow {
  Deployment record;
  DeploymentView view;
  std::vector<AppliedExtension> applied;
};

// What extensions are told of a deployment, as far as it was told; see deployment_actions.h.
struct Following {
  std::uint32_t told = 0;                          // entries of the event log
  std::string application_name, environment_name;  // at the start
};

struct DeploymentParts {
  store::Store& store;
  Scheduler& domain;
  Applications& applications;
  Environments& environments;
  Strategies& strategies;
  Profiles& profiles;
  HostedVersions& versions;
  Contents& contents;
  Validation& validation;
  Extensions& extensions;
  ExtensionAssociations& associations;
  ActionRunner& actions;
  ConfigSource& source;
  Snapshot& snapshot;
  Executors executors;
  std::size_t max_content;
};

class Deployments {
 public:
  static constexpr std::int64_t kRevertWindowMs = 72LL * 3600 * 1000;
  explicit Deployments(DeploymentParts parts) : p_(parts), group_(parts.executors.control) {}

  // Takes up the rollouts of an earlier run.
  Task<Unit> recover();
  asio::awaitable<void> close();

  // Its answer shows the deployment at its first instant: DEPLOYING at 0 %.
  Task<DeploymentNow> start(Scope scope, StartRequest request);
  Task<Unit> validate(Scope scope, std::string application, std::string profile,
                      std::string version, int depth = 0);
  Task<DeploymentNow> find(Scope scope, std::string application, std::string environment,
                           std::uint64_t number);
  Task<Page<DeploymentNow>> list(Scope scope, std::string application, std::string environment,
                                 PageRequest request);
  Task<DeploymentNow> stop(Scope scope, std::string application, std::string environment,
                           std::uint64_t number, bool allow_revert);
  // Rolls the deployment back that is in progress in an environment, because of an alarm; false
  // when there is none.
  Task<bool> roll_back(Scope scope, std::string application_id, std::string environment_id,
                       std::string alarm_arn);
  // Whether a deployment is in progress in an environment.
  Task<bool> busy(Scope scope, std::string application_id, std::string environment_id);
  // The extensions agreed that a deployment goes on: it passes the boundary that it stands before,
  // if that is due. Fault::guard_failed: it is not as it was when they were asked.
  Task<Unit> pass(Scope scope, Stored<Deployment> asked, std::vector<ActionInvocation> invoked);
  // One of them did not: it is rolled back. The last of `invoked` said so.
  Task<Unit> veto(Scope scope, Stored<Deployment> asked, std::string why,
                  std::vector<ActionInvocation> invoked);
  // Told of every deployment that starts or is taken back, after that was recorded; for good.
  using Changed = std::function<void(const Scope&, const Deployment&)>;
  void on_change(Changed changed) { changed_.push_back(std::move(changed)); }
  // "ReadyForDeployment", "Deploying", "RolledBack", "Reverted": the spelling waiters compare with.
  Task<std::string> environment_state(Scope scope, std::string application_id,
                                      std::string environment_id);

 private:
  struct Loaded {
    std::string content, content_type, version;
    std::optional<std::string> label;
    std::optional<std::string> flags;  // of feature flags: the stored document
  };
  struct Stopper {  // who takes a deployment back
    std::string name;
    StopTrigger trigger = StopTrigger::user;
    std::vector<ActionInvocation> invoked;
  };
  struct Acting {  // what extensions did to a start, and will do
    std::vector<AppliedExtension> applied;
    std::vector<ActionInvocation> invoked;  // of PRE_START_DEPLOYMENT
    std::string application_name;
  };
  struct Turn {  // the environment's counter and newest deployment
    std::optional<Stored<DeploymentCounter>> counter;
    std::optional<Deployment> newest;
  };
  Status check_size(const std::string& content) const;
  Task<Loaded> fetch(Scope scope, Profile profile, std::string version);
  Task<Turn> idle(Scope scope, std::string application, std::string environment,
                  std::optional<std::int64_t> expected);
  Task<Unit> judge(Scope scope, Profile profile, Loaded loaded, int depth);
  // Lets the extensions at work on what is to be deployed.
  Task<Acting> prepare(Scope scope, const StartRequest& request, const Application& application,
                       const Environment& environment, const Profile& profile, std::uint64_t number,
                       Loaded& loaded);
  // Fault::guard_failed: something changed meanwhile, nothing was written.
  Task<DeploymentNow> record(Scope scope, StartRequest request, Profile profile,
                             Environment environment, Strategy strategy, Loaded loaded,
                             const Acting& acting);
  Status put_acting(const Scope& scope, const Deployment& d, const Acting& acting,
                    std::string environment_name, store::Txn& txn) const;
  Task<Unit> show_invocations(Scope scope, DeploymentNow& now);
  Task<std::optional<Stored<Deployment>>> newest(Scope scope, std::string application_id,
                                                 std::string environment_id);
  Task<Unit> take_back(Scope scope, Stored<Deployment> found, bool revert, Stopper by);
  void watch_completion(Scope scope, std::string served_key, Instant at);
  Task<Unit> complete(Scope scope, std::string served_key);

  DeploymentParts p_;
  TaskGroup group_;
  std::map<std::string, Scheduler::TimerId> timers_;  // by the key of the served row
  std::vector<Changed> changed_;
  bool closed_ = false;
};

// Where an invocation stands: of an entry of the event log (its number from 0), and in the order of
// the extensions.
std::string invocation_row(const Scope&, const Deployment&, std::size_t entry, ActionPoint,
                           std::size_t index);

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::Following> {
  using R = appconfig::Following;
  static constexpr auto fields = std::tuple{field(1, &R::told), field(2, &R::application_name),
                                            field(3, &R::environment_name)};
};
}  // namespace tidegate::store
