// Validators: what stands between a version and every client. A schema judges in here; a function
// is called through the port, and fails when its answer carries a function error or it cannot be
// called at all; what it returns is ignored. A failure is Fault::invalid_argument with one detail
// per violation. The pure parts from any thread, Validation on the control strand.
// Source: contract on AppConfig, section 6.
#pragma once

#include <string>
#include <vector>

#include "appconfig/ports.h"
#include "appconfig/types.h"

namespace tidegate::appconfig {

// Number, kinds and contents of a profile's validators; a schema must compile.
Status check_validators(const std::vector<Validator>&);
Status check_schema(const std::string& schema);
// JSON, or YAML by its content type or the ending of its location; else JSON first, then YAML.
Status judge_by_schema(const std::string& schema, std::string_view content,
                       std::string_view content_type, std::string_view location_uri);

struct Candidate {
  std::string application_id, profile_id, version, location_uri, content_type;
  std::string content;
  int depth = 0;
};

class Validation {
 public:
  Validation(FunctionCaller& functions) : functions_(functions) {}
  Task<Unit> judge(Scope scope, std::vector<Validator> validators, Candidate candidate);

 private:
  Task<Unit> ask(Scope scope, std::string function_arn, const Candidate& candidate);
  FunctionCaller& functions_;
};

}  // namespace tidegate::appconfig
