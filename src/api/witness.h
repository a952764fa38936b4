// Witness: sees every call of a proven caller, from before it begins to before it is answered; what
// it waits for, the caller waits for. The pipeline asks it, the audit trail's recorder is one. On
// the control strand.
#pragma once

#include <string>

#include "base/task.h"
#include "wire/table.h"

namespace tidegate::api {

// How a call ended.
struct Outcome {
  std::string resource;          // what the call named, "" when nothing
  const Error* error = nullptr;  // null: it was done
  std::string code;              // by which the caller is told of the error
};

class Witness {
 public:
  virtual ~Witness() = default;
  // A fault refuses the call, which then changes nothing.
  virtual Task<Unit> before(const wire::Context&) = 0;
  // A fault takes the place of the answer to a call that was done.
  virtual Task<Unit> after(wire::Service, const wire::Context&, Outcome) = 0;
};

}  // namespace tidegate::api
