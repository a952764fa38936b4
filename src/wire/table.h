// Table: operations with their handlers, per service. Filled once at start by each API's mount(),
// then read-only. A handler is a coroutine on the control strand:
//   Task<Output> handler(const Context&, Input)
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/companion.h"
#include "base/scope.h"
#include "base/task.h"
#include "identity/principal.h"
#include "wire/operation.h"

namespace tidegate::wire {

// A body that was streamed in, digested and made durable (or is small and inline).
struct ReceivedBody {
  std::string inline_bytes;  // when blob_id is empty
  std::string blob_id;
  std::uint64_t size = 0;
  std::string md5, sha256, sha1;  // raw; sha256/sha1 only when needed
  std::uint32_t crc32 = 0, crc32c = 0;
  std::uint64_t crc64nvme = 0;
  std::string checksum_algorithm;  // the one the client sent ("CRC32"), "" when none
  std::string checksum_value;      // base64, verified
};

struct Context;

// What a handler may ask about its caller beyond what its row demanded: the keys of a list, the
// source of a copy, the role that is handed on. On the control strand.
class Access {
 public:
  using Facts = std::vector<std::pair<std::string, std::string>>;  // further condition keys
  virtual ~Access() = default;
  // access_denied, in AWS's words.
  virtual Task<Unit> require(const Context&, std::string action, std::string resource,
                             Facts facts) = 0;
};

// What every handler may know about its call.
struct Context {
  const identity::Principal* principal = nullptr;
  Scope scope;             // the caller's account, the signed region
  std::string request_id;  // as sent back in x-amz(n)-request-id
  std::string host_id;     // x-amz-id-2, S3 only
  std::string source_ip;
  std::string host;  // Host header, for URLs in answers
  bool secure = false;
  const Row* row = nullptr;
  bool authorised = false;  // the service's Plane has judged that the caller may
  http::Query query;        // decoded
  std::vector<std::pair<std::string, std::string>> headers;  // names lower case
  ReceivedBody* received = nullptr;                          // BodyMode::received
  int depth = 0;                         // nested function calls so far, against loops
  std::shared_ptr<Companion> companion;  // for the transaction of the change that the call makes
  Access* access = nullptr;              // null where nothing is to be asked: handlers' own tests
  Task<Unit> require(std::string action, std::string resource, Access::Facts facts = {}) const;
  const std::string* header(std::string_view lower_case_name) const;
};

// What a handler can say beside its output struct.
struct Extra {
  std::optional<int> status;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<http::Body> body;  // replaces the encoded payload (objects, function results)
  std::optional<std::uint64_t> head_length;
};
template <class Output>
struct Reply {
  Output output;
  Extra extra;
  Reply(Output o) : output(std::move(o)) {}  // NOLINT: implicit by design
  Reply(Output o, Extra e) : output(std::move(o)), extra(std::move(e)) {}
};

// A mounted row, erased.
struct Entry {
  const Row* row = nullptr;
  Service service{};
  std::shared_ptr<void> (*make_input)() = nullptr;
  // Runs the handler; `output` receives the output struct to encode.
  std::function<Task<Extra>(const Context&, std::shared_ptr<void> input,
                            std::shared_ptr<void>& output)>
      call;
};

class Table {
 public:
  explicit Table(Service service, Protocol protocol) : service_(service), protocol_(protocol) {}
  Service service() const { return service_; }
  Protocol protocol() const { return protocol_; }

  template <class I, class O, class Handler>
  void add(const Operation<I, O>& operation, Handler handler) {
    Entry e;
    e.row = &operation.row;
    e.service = service_;
    e.make_input = []() -> std::shared_ptr<void> { return std::make_shared<I>(); };
    e.call = [handler = std::move(handler)](const Context& c, std::shared_ptr<void> input,
                                            std::shared_ptr<void>& output) -> Task<Extra> {
      return run<I, O>(handler, c, std::static_pointer_cast<I>(std::move(input)), output);
    };
    entries_.push_back(std::move(e));
  }
  // A known AWS operation that we refuse: it routes, and answers Fault::not_implemented.
  void refuse(const Row& row) { refused_.push_back(&row); }

  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<const Row*>& refused() const { return refused_; }

 private:
  template <class I, class O, class Handler>
  static Task<Extra> run(const Handler& handler, const Context& c, std::shared_ptr<I> input,
                         std::shared_ptr<void>& output) {
    // The handler object lives in the table, which outlives every call.
    Result<Reply<O>> reply = convert<O>(co_await handler(c, std::move(*input)));
    if (!reply.ok()) co_return std::move(reply).error();
    output = std::make_shared<O>(std::move(reply->output));
    co_return std::move(reply->extra);
  }
  template <class O>
  static Result<Reply<O>> convert(Result<O> r) {
    if (!r.ok()) return std::move(r).error();
    return Reply<O>(std::move(r).value());
  }
  template <class O>
  static Result<Reply<O>> convert(Result<Reply<O>> r) {
    return r;
  }

  Service service_;
  Protocol protocol_;
  std::vector<Entry> entries_;
  std::vector<const Row*> refused_;
};

}  // namespace tidegate::wire
