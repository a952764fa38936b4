// CloudTrail as far as LookupEvents: the audit trail of the caller's account, and the witness that
// writes it. Over JSON 1.1: the pipeline puts the operation of the X-Amz-Target header into the
// query. On the control strand.
#pragma once

#include <string>

#include "api/witness.h"
#include "audit/trail.h"
#include "wire/table.h"

namespace tidegate::api::cloudtrail {

struct Parts {
  audit::Trail* trail = nullptr;
};
void mount(wire::Table&, const Parts&);

// The record in the form of CloudTrail's own log files. Pure.
std::string event_json(const audit::Record&);

// Whether a call of that name changes something or hands out keys. What a function is invoked for
// changes nothing by itself. Pure.
bool changes(std::string_view operation);

// Records the calls that change something, hand out keys or are refused for want of rights. None of
// them is answered before its record is stored; none begins while the trail owes one. What S3 does
// in one transaction takes its record into that one, so the caller waits for one and not two.
class Recorder final : public Witness {
 public:
  explicit Recorder(audit::Trail& trail) : trail_(trail) {}
  Task<Unit> before(wire::Service, wire::Context&, Named) override;
  Task<Unit> after(wire::Service, const wire::Context&, Outcome) override;
  // An alarm's state was set, or was not, by a notification of Alertmanager's.
  Task<Unit> alarm_set(Scope, std::string alarm, std::string address, const Error*);
  // Whoever has this machine changed the account's root key.
  Task<Unit> root_key_changed(Scope, std::string key_id);

 private:
  audit::Trail& trail_;
};

}  // namespace tidegate::api::cloudtrail
