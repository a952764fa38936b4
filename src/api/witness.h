// Witness: sees every call of a proven caller, from before it begins to before it is answered; what
// it waits for, the caller waits for. The pipeline asks it, the audit trail's recorder is one. On
// the control strand.
#pragma once

#include <string>
#include <vector>

#include "base/task.h"
#include "wire/table.h"

namespace tidegate::api {

// What a call named.
struct Named {
  std::string resource;              // "" when nothing
  std::vector<std::string> further;  // what a copy is taken from
};

// How a call ended.
struct Outcome {
  Named named;
  const Error* error = nullptr;  // null: it was done
  std::string code;              // by which the caller is told of the error
  // A batch was done but for what the caller may not: why not, of the first. "" when he may all.
  std::string partly_denied;
  std::string owner;  // the account of what was named, for a caller who has none
};

class Witness {
 public:
  virtual ~Witness() = default;
  // A fault refuses the call, which then changes nothing. May leave a companion for the change.
  virtual Task<Unit> before(wire::Service, wire::Context&, Named) = 0;
  // A fault takes the place of the answer to a call that was done.
  virtual Task<Unit> after(wire::Service, const wire::Context&, Outcome) = 0;
};

}  // namespace tidegate::api
