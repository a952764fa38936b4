// Alertmanager: POST /_tidegate/alertmanager takes the webhook notifications of Prometheus's
// Alertmanager (format version 4) and sets the alarms they are about: firing is ALARM, resolved is
// OK. An alert names its alarm in a label. The caller shows a token (Authorization: Bearer); only a
// --dev server without one takes calls from anybody on its loopback, but for web pages.
//
// The answer is JSON: {"Set":[{"Alarm","State"}…],"Unknown":[…],"WithoutLabel":N}. 200 when every
// alert's alarm was set; 404 when some alarm is not there (the others were set); 400 for what is no
// notification, or has no alert with the label; 401, 413. Alertmanager repeats only what is
// answered 5xx. Any thread; alarms are set on the control strand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "alarms/alarms.h"
#include "http/message.h"

namespace tidegate::api::alertmanager {

inline constexpr std::size_t kMaxBody = 1024 * 1024;
inline constexpr std::size_t kMaxAlerts = 1000;

// Told of each alarm that a notification set, or could not, before the notification is answered.
// `error`: null when it was set. On the control strand.
using Told = std::function<Task<Unit>(std::string alarm, std::string address, const Error* error)>;

struct Parts {
  alarms::Alarms& alarms;
  Scope scope;        // whose alarms
  std::string token;  // "": open, on a --dev server only
  bool dev = false;
  std::string label = "alarm";
  asio::any_io_executor control;
  Told told = {};
};

// What one notification says of one alarm: with several alerts of one alarm, firing wins.
struct Change {
  std::string alarm;  // its name
  bool firing = false;
  std::string reason;
};
struct Notification {
  std::vector<Change> changes;  // one for each alarm, in order of appearance
  std::size_t without_label = 0;
};
// Alarms may be named by their ARN; of another account or region it is kept as the name, which no
// alarm has. Fault::malformed_body, invalid_argument.
Result<Notification> read_notification(std::string_view json, std::string_view label,
                                       const Scope& scope);

class Alertmanager {
 public:
  explicit Alertmanager(Parts parts) : p_(std::move(parts)) {}
  static bool asked(const http::Request&);
  asio::awaitable<http::Response> answer(const http::Request&, http::BodyReader&) const;

 private:
  Status admit(const http::Request&) const;
  Task<std::string> take(const http::Request&, http::BodyReader&, int& status) const;
  Task<std::vector<std::string>> set(Notification notification, std::string address) const;

  Parts p_;
};

}  // namespace tidegate::api::alertmanager
