// CloudTrail as far as LookupEvents: the audit trail of the caller's account, and the witness that
// writes it. Over JSON 1.1: the pipeline puts the operation of the X-Amz-Target header into the
// query. On the control strand.
#pragma once

#include <functional>
#include <string>

#include "audit/trail.h"
#include "base/task_group.h"
#include "wire/table.h"

namespace tidegate::api::cloudtrail {

struct Parts {
  audit::Trail* trail = nullptr;
};
void mount(wire::Table&, const Parts&);

// The record in the form of CloudTrail's own log files. Pure.
std::string event_json(const audit::Record&);

// Records the calls that change something, hand out keys or fail for want of rights. A call waits
// for its record, but for writes of objects: theirs follow within the next commit, as AWS keeps
// such data events apart.
class Recorder {
 public:
  Recorder(audit::Trail& trail, asio::any_io_executor strand) : trail_(trail), group_(strand) {}
  Task<Unit> witness(wire::Service, const wire::Context&, std::string resource, const Error* error);
  asio::awaitable<void> close() { return group_.close(); }

 private:
  audit::Trail& trail_;
  TaskGroup group_;
  std::size_t pending_ = 0;
};

}  // namespace tidegate::api::cloudtrail
