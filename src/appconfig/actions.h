// Actions: what an extension is told at an action point, and what its answer means. Those of PRE_*
// are asked one after the other and may replace the content or refuse; those of AT_* may roll back;
// those of ON_* are told and not heard (deployment_actions.h). The target is a function or a
// webhook; both are given the same document and answer by the same contract.
// The documents are pure; the calls are made on the control strand.
// Errors: invalid_argument with InvalidConfiguration details (refused, or not to be reached).
// Source: contract on AppConfig, section 11.
#pragma once

#include "appconfig/extensions.h"
#include "appconfig/ports.h"
#include "base/random.h"
#include "document/value.h"

namespace tidegate::appconfig {

struct IdAndName {
  std::string id, name;
};
struct ActionContent {
  std::string bytes, type, version;
};

// Whether a call came to nothing by this server's own trouble: nothing is known of the target.
bool is_ours(Fault);

// What happened, as the action's event says it; an absent part is absent there.
struct Occasion {
  ActionPoint point = ActionPoint::on_deployment_start;
  IdAndName application, profile;
  std::optional<IdAndName> environment;
  std::optional<std::string> description;
  std::optional<std::uint64_t> deployment;
  std::optional<std::string> configuration_version;
  std::optional<ActionContent> content, previous;  // of PRE_*
  std::optional<std::string> state;                // of AT_*: "DEPLOYING"
  double percentage = 0;                           // of AT_*
};

// "OnDeploymentStart": the event's Type.
std::string event_type(ActionPoint);
std::string event_of(const Occasion&, const ParameterValues&, const std::string& invocation_id);

// What an answer to PRE_* or AT_* says.
struct ActionReply {
  std::optional<std::string> content, content_type;
  std::optional<std::string> error;  // "BadRequestError": it refuses
  std::string message;               // with it
  std::vector<ErrorDetail> details;  // with it
  bool roll_back = false;            // of AT_*
  std::optional<std::string> description;
};
// Fault::invalid_argument when it breaks the contract (a Content that is no base64).
Result<ActionReply> read_reply(const std::string& payload);

// An action that an applied extension has at a point.
struct DueAction {
  const AppliedExtension* extension = nullptr;
  const Action* action = nullptr;
};
std::vector<DueAction> due_actions(const std::vector<AppliedExtension>&, ActionPoint);
ActionInvocation invocation_of(const DueAction&, std::string id);

class ActionRunner {
 public:
  // Without `webhooks`, there are none.
  ActionRunner(FunctionCaller& functions, WebhookCaller* webhooks, Random& random)
      : functions_(functions), webhooks_(webhooks), random_(random) {}

  // Asks every extension in order with the content as the ones before left it. What was invoked is
  // added to `invoked`.
  Task<Unit> rewrite(Scope scope, Occasion& occasion, const std::vector<AppliedExtension>& applied,
                     int depth, std::vector<ActionInvocation>& invoked);

  // Asks every extension whether a deployment may go on.
  struct Verdict {
    std::vector<ActionInvocation> invoked;
    std::optional<std::string> veto;  // why it must be rolled back; the last of `invoked` said so
  };
  // unavailable, cancelled, read_only: this server could not ask.
  Task<Verdict> tick(Scope scope, const Occasion& occasion,
                     const std::vector<AppliedExtension>& applied, int depth);

  std::string new_invocation_id();
  // To a webhook; the body of its answer. Errors as of WebhookCaller::post.
  Task<std::string> post(std::string url, std::string event, std::string invocation_id);

 private:
  // The body of the answer. An error says why there is none: the target failed or is not reached.
  Task<std::string> ask(Scope scope, const Occasion& occasion, const DueAction& due,
                        const std::string& invocation_id, int depth);

  FunctionCaller& functions_;
  WebhookCaller* webhooks_;
  Random& random_;
};

// On whose behalf a function is called: the profile that is deployed or written, as validators are.
std::string source_arn(const Scope&, const Occasion&);

inline constexpr int kActionDeadlineMs = 15'000;

}  // namespace tidegate::appconfig
