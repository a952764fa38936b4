#include "api/pipeline.h"

#include <boost/asio/io_context.hpp>
#include <cctype>

#include "api/pipeline_call.h"
#include "api/receive.h"
#include "api/s3/virtual_host.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "lambda/runner/launch_plan.h"

namespace tidegate::api {
namespace {

bool begins_with(std::string_view text, std::string_view front) {
  return text.substr(0, front.size()) == front;
}

// The data plane owns exactly these two; both planes of AppConfig sign with the same service name.
bool is_data_plane(const http::Request& r) {
  return (r.method == http::Method::post && r.path == "/configurationsessions") ||
         (r.method == http::Method::get && r.path == "/configuration");
}

bool looks_like_lambda(std::string_view path) {
  // Lambda's paths begin with the date of the API: "/2015-03-31/functions".
  return path.size() > 11 && path[0] == '/' && path[5] == '-' && path[8] == '-' && path[11] == '/';
}

bool looks_like_appconfig(std::string_view path) {
  for (std::string_view front :
       {"/applications", "/deploymentstrategies", "/deployementstrategies", "/extensions",
        "/extensionassociations", "/tags/arn", "/settings", "/experimentdefinitions"})
    if (begins_with(path, front)) return true;
  return false;
}

constexpr std::string_view kOwnPath = "/_tidegate/";

// The query protocol names its operation in the form; rows have it in their URI.
void add_form_action(std::string_view form, http::Query& query) {
  auto members = http::parse_query(form);
  const std::string* action = members ? http::find(*members, "Action") : nullptr;
  if (action && !http::find(query, "Action")) query.emplace_back("Action", *action);
}

void set_action(std::string_view name, http::Query& query) {
  std::erase_if(query, [](const auto& q) { return q.first == "Action"; });
  query.emplace_back("Action", std::string(name));
}

// The JSON protocol names it in a header: "Logs_20140328.DescribeLogGroups".
void set_target_action(const http::Request& request, http::Query& query) {
  if (const auto target = request.header("x-amz-target"))
    set_action(target->substr(target->rfind('.') + 1), query);
}

// RPC v2 has it in the path, "/service/NAME/operation/PutMetricAlarm"; rows are at "/".
void take_rpc_path(std::string_view rpc_name, std::string& path, http::Query& query) {
  const std::string front = fmt::format("/service/{}/operation/", rpc_name);
  if (!begins_with(path, front)) return;
  set_action(std::string_view(path).substr(front.size()), query);
  path = "/";
}

Error too_busy() {
  return Error{Fault::unavailable,
               "The server is handling as many requests as it can. Please retry."};
}

http::Response not_served(std::string_view service) {
  http::Response r;
  r.status = 501;
  r.set("Content-Type", "application/json").set("x-amzn-ErrorType", "NotImplementedException");
  r.body = fmt::format("{{\"message\":\"The service '{}' is not implemented by this server.\"}}",
                       percent_encode(service));
  return r;
}

// Awaits `task` on the control strand; directly, where the connection is served there.
template <class T>
asio::awaitable<T> on_control(asio::any_io_executor control, asio::awaitable<T> task) {
  const auto* loop = control.target<asio::io_context::executor_type>();
  if (loop && loop->running_in_this_thread()) co_return co_await std::move(task);
  co_return co_await asio::co_spawn(control, std::move(task), asio::use_awaitable);
}

bool is_sha256(std::string_view text) {
  auto raw = from_hex(text);
  return raw && raw->size() == 32;
}

// What a presigned URL says in its query in place of a header: SDKs move x-amz-* there.
bool stands_for_header(std::string_view lower_case_name) {
  constexpr std::string_view kOfSignature[] = {
      "x-amz-algorithm",     "x-amz-credential", "x-amz-date",           "x-amz-expires",
      "x-amz-signedheaders", "x-amz-signature",  "x-amz-security-token", "x-amz-content-sha256"};
  // A checksum in a URL was computed before there was a body.
  if (begins_with(lower_case_name, "x-amz-checksum-") ||
      lower_case_name == "x-amz-sdk-checksum-algorithm")
    return false;
  return begins_with(lower_case_name, "x-amz-") &&
         std::find(std::begin(kOfSignature), std::end(kOfSignature), lower_case_name) ==
             std::end(kOfSignature);
}

// Whether the operation has a checksum among its own members.
bool takes_checksum(const wire::Row& row) {
  const auto& members = row.input->members;
  return std::any_of(members.begin(), members.end(), [](const wire::Member& m) {
    return m.in == wire::In::header && begins_with(m.name, "ChecksumCRC");
  });
}

// What the client names as the hash of its payload when the body is read whole.
Status check_payload_hash(const wire::Claim& claim, std::string_view body) {
  if (claim.payload != wire::PayloadKind::hex) return done;
  std::string actual = to_hex(sha256(body));
  if (actual == claim.payload_hash) return done;
  return Error(Fault::content_sha256_mismatch,
               "The provided 'x-amz-content-sha256' header does not match what was computed.")
      .with("ClientComputedContentSHA256", claim.payload_hash)
      .with("S3ComputedContentSHA256", actual);
}

// A small body is taken at once, and judged on the handler's own way over the control strand.
bool worth_asking_first(const http::Request& request) {
  return request.expects_continue || !request.content_length ||
         *request.content_length > kInlineBodyLimit;
}

// S3's clients say what their body hashes to, or why they do not.
Status check_payload_kind(const wire::Claim& claim, bool developer) {
  if (claim.payload == wire::PayloadKind::absent && !developer)
    return Error{Fault::invalid_request,
                 "Missing required header for this request: x-amz-content-sha256"};
  if (claim.payload == wire::PayloadKind::hex && !is_sha256(claim.payload_hash))
    return Error(Fault::invalid_argument,
                 "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                 "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                 "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
        .with("ArgumentName", "x-amz-content-sha256")
        .with("ArgumentValue", claim.payload_hash);
  return done;
}

// Where clients of the query protocol look for it.
void add_request_id(std::string& body, std::string_view id) {
  constexpr std::string_view kEmpty = "<ResponseMetadata/>";
  const std::size_t at = body.rfind(kEmpty);
  if (at == std::string::npos) return;
  body.replace(at, kEmpty.size(),
               fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", id));
}

// By which the answer says what went wrong, in whichever shape.
std::string code_of(const http::Response& refusal) {
  for (const auto& [name, value] : refusal.headers) {
    if (name == "x-amzn-ErrorType") return value;
    if (name == "x-amzn-query-error") return value.substr(0, value.find(';'));
  }
  const auto* text = std::get_if<std::string>(&refusal.body);
  const std::size_t from = text ? text->find("<Code>") : std::string::npos;
  if (from == std::string::npos) return "";
  return text->substr(from + 6, text->find("</Code>", from) - from - 6);
}

Status check_content_md5(const http::Request& request, std::string_view body) {
  auto sent = request.header("content-md5");
  if (!sent) return done;
  auto raw = from_base64(*sent);
  if (!raw || raw->size() != 16)
    return Error(Fault::invalid_digest, "The Content-MD5 you specified was invalid.")
        .with("Content-MD5", std::string(*sent));
  std::string actual = digest(Digest::md5, body);
  if (actual == *raw) return done;
  return Error(Fault::bad_digest, "The Content-MD5 you specified did not match what we received.")
      .with("ExpectedDigest", std::string(*sent))
      .with("CalculatedDigest", to_base64(actual));
}

}  // namespace

class Pipeline::InFlight {
 public:
  explicit InFlight(std::atomic<std::size_t>& count)
      : count_(count), value_(count.fetch_add(1) + 1) {}
  ~InFlight() { count_.fetch_sub(1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  bool admitted() const { return value_ <= kMaxInFlight; }

 private:
  std::atomic<std::size_t>& count_;
  std::size_t value_;
};

// Memory for one body, counted over all connections from before the body is read until the answer.
class Pipeline::BodyLease {
 public:
  BodyLease(std::atomic<std::size_t>& total, Call& call) : total_(total), call_(call) {}
  ~BodyLease() { total_.fetch_sub(call_.leased); }
  BodyLease(const BodyLease&) = delete;
  BodyLease& operator=(const BodyLease&) = delete;

 private:
  std::atomic<std::size_t>& total_;
  Call& call_;
};

Pipeline::Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
  for (Plane& plane : parts_.planes)
    services_.push_back(std::make_unique<Service>(plane, *parts_.metrics));
}

Pipeline::~Pipeline() = default;

Pipeline::Service* Pipeline::find(wire::Service which) const {
  for (const auto& s : services_)
    if (s->plane.table->service() == which) return s.get();
  return nullptr;
}

const Pipeline::Service* Pipeline::service_of(const http::Request& request,
                                              const http::Query& query,
                                              const std::optional<wire::Claim>& claim) const {
  using wire::Service;
  const bool data_plane = is_data_plane(request);
  if (begins_with(request.path, kOwnPath)) return find(Service::admin);
  if (claim) {
    if (claim->service == "s3") return find(Service::s3);
    if (claim->service == "lambda") return find(Service::lambda);
    if (claim->service == "sts") return find(Service::sts);
    if (claim->service == "iam") return find(Service::iam);
    if (claim->service == "cloudtrail") return find(Service::cloudtrail);
    if (claim->service == "monitoring") return find(Service::cloudwatch);
    if (claim->service == "logs") return find(Service::logs);
    if (claim->service == "tidegate") return find(Service::admin);
    if (claim->service == "appconfig")
      return find(data_plane ? Service::appconfigdata : Service::appconfig);
    return nullptr;
  }
  // Nothing signed: it will be refused, and the path says in whose error shape.
  if (data_plane) return find(Service::appconfigdata);
  if (request.header("smithy-protocol")) return find(Service::cloudwatch);
  if (looks_like_lambda(request.path)) return find(Service::lambda);
  if (looks_like_appconfig(request.path)) return find(Service::appconfig);
  if (request.method == http::Method::post && request.path == "/" && query.empty() &&
      !FormUpload::is_form(request.header_or("content-type", "")))
    return find(Service::sts);
  return find(Service::s3);
}

bool Pipeline::answer_now(const http::Request& request, std::string& out) {
  if (request.method != http::Method::get || request.path != "/configuration" ||
      !parts_.configuration)
    return false;
  auto query = http::parse_query(request.query);
  if (!query) return false;
  auto claim = wire::read_claim(request, *query);
  // Whatever is not in order takes the long way, where refusals are made.
  if (!claim.ok() || !*claim || (*claim)->service != "appconfig") return false;
  static const std::string kEmptyHash = to_hex(sha256(""));
  const wire::Claim& c = **claim;
  if (c.payload == wire::PayloadKind::hex && c.payload_hash != kEmptyHash) return false;
  if (request.content_length.value_or(0) != 0 || request.chunked) return false;
  auto caller = parts_.authenticator->check(request, *query, c,
                                            c.payload_hash.empty() ? kEmptyHash : c.payload_hash);
  if (!caller.ok()) return false;
  return parts_.configuration(*caller, request, *query, out);
}

// A function's call with a small event: what it waits for is the strand, from its begin to its end.
bool Pipeline::wants_control(const http::Request& request) const {
  return request.method == http::Method::post && looks_like_lambda(request.path) &&
         request.path.ends_with("/invocations") && !request.chunked &&
         request.content_length.value_or(0) <= kInlineBodyLimit &&
         request.header_or("x-amz-invocation-type", "RequestResponse") == "RequestResponse";
}

asio::awaitable<http::Response> Pipeline::handle(const http::Request& request,
                                                 http::BodyReader& body) {
  auto call = std::make_shared<Call>();
  call->head = request.method == http::Method::head;
  std::string failure;
  try {
    InFlight slot(in_flight_);
    BodyLease lease(body_memory_, *call);
    if (parts_.own_pages) {
      if (auto page = parts_.own_pages(request)) co_return std::move(*page);
    }
    if (!slot.admitted()) {
      fill_context(*call, request);
      call->service = service_of(request, {}, std::nullopt);
      if (!call->service) co_return not_served("");
      co_return finish(*call,
                       call->service->plane.render_error(too_busy(), call->context, call->head),
                       call->head);
    }
    for (const PipelineParts::TokenPage& page : parts_.token_pages) {
      if (!page.asked(request)) continue;
      http::Response answered = co_await page.answer(request, body);
      co_return answered;
    }
    http::Response response = co_await serve(call, request, body);
    if (call->service && call->service == find(wire::Service::s3) && request.header("origin") &&
        request.method != http::Method::options) {
      auto headers = co_await cors_headers(request);
      for (auto& header : headers) response.headers.push_back(std::move(header));
    }
    co_return response;
  } catch (const std::exception& e) {
    failure = e.what();
  }
  LOG_ERROR("request {} {} threw: {}", http::to_string(request.method), request.path, failure);
  http::Response broken;
  broken.status = 500;
  broken.close = true;
  co_return broken;
}

void Pipeline::fill_context(Call& call, const http::Request& request) const {
  wire::Context& c = call.context;
  c.source_ip = std::string(request.remote_address);
  c.host = std::string(request.host());
  for (const http::Header& h : request.headers)
    c.headers.emplace_back(lower_ascii(h.name), std::string(h.value));
  // Calls from inside a function carry how deep they are nested.
  if (auto trace = request.header("x-amzn-trace-id"))
    c.depth = tidegate::lambda::depth_below(*trace);
}

asio::awaitable<http::Response> Pipeline::serve(std::shared_ptr<Call> call,
                                                const http::Request& request,
                                                http::BodyReader& body) {
  fill_context(*call, request);
  auto query = http::parse_query(request.query);
  call->context.query = query.value_or(http::Query{});
  auto claim = wire::read_claim(request, call->context.query);
  if (claim.ok()) call->claim = *claim;
  if (call->claim && call->claim->version2)
    call->claim->host_bucket = s3::bucket_of_host(request.host(), parts_.base_domains).value_or("");
  call->service = service_of(request, call->context.query, call->claim);
  const bool s3 = call->service == find(wire::Service::s3);
  if (s3 && call->claim && call->claim->presigned) add_presigned_headers(call->context);
  call->context.request_id = s3 ? lower_ascii(parts_.random->hex(16)) : parts_.random->uuid();
  if (s3) {
    for (char& ch : call->context.request_id)
      ch = static_cast<char>(std::toupper(static_cast<unsigned char>(ch)));
    call->context.host_id = to_base64(parts_.random->bytes(56));
  }
  if (!call->service)
    co_return finish(*call, not_served(call->claim ? call->claim->service : ""), call->head);
  if (!call->service->plane.rpc_name.empty()) call->rpc = wire::rpc_of(call->context.headers);
  if (s3 && request.method == http::Method::options && parts_.cors) {
    http::Response answer = co_await preflight(call, request);
    co_return finish(*call, std::move(answer), false);
  }
  Status ready = done;
  if (!claim.ok()) {
    ready = claim.error();
  } else if (!query) {
    ready = Error{Fault::invalid_uri, "Couldn't parse the specified URI."};
  } else {
    ready = co_await authenticate_and_read(call, request, body);
  }
  if (ready.ok()) {
    Result<http::Response> answered = co_await run(call, request);
    if (answered.ok()) {
      call->service->answered.at(call->match.row)->add();
      co_return finish(*call, std::move(*answered), call->head);
    }
    ready = std::move(answered).error();
  }
  if (call->match.row) {
    auto counter = call->service->refused.find(call->match.row);
    if (counter != call->service->refused.end()) counter->second->add();
  }
  co_await tell_of_refusal(call, ready.error());
  if (ready.fault() == Fault::internal)
    LOG_ERROR("request {} {} {} failed: {}", call->context.request_id,
              http::to_string(request.method), request.path, ready.error().message);
  co_return finish(*call,
                   call->service->plane.render_error(ready.error(), call->context, call->head),
                   call->head);
}

void Pipeline::add_presigned_headers(wire::Context& context) {
  for (const auto& [name, value] : context.query) {
    std::string lower = lower_ascii(name);
    if (stands_for_header(lower) && !context.header(lower))
      context.headers.emplace_back(std::move(lower), value);
  }
}

Task<Unit> Pipeline::authenticate_and_read(std::shared_ptr<Call> call, const http::Request& request,
                                           http::BodyReader& body) {
  const bool own = call->service->plane.table->service() == wire::Service::admin;
  if (!call->claim && own && !from_a_browser(request)) {
    if (auto developer = parts_.authenticator->unsigned_developer()) {
      call->caller = std::move(*developer);
      CO_TRY(Unit read, co_await read_whole(call, request, body));
      (void)read;
      co_return route(*call, request);
    }
  }
  if (!call->claim) co_return co_await take_unsigned(call, request, body);
  const wire::Claim& claim = *call->claim;
  CO_TRY(Unit asked, co_await check_page(call, request, own));
  (void)asked;
  CO_TRY(Unit plausible, parts_.authenticator->precheck(request, claim));
  (void)plausible;
  const bool s3 = claim.service == "s3";
  if (s3) {
    CO_TRY(Unit named, check_payload_kind(claim, parts_.authenticator->developer()));
    (void)named;
  }
  // A client that names its payload's hash (S3 always does) is judged before a byte of body is
  // taken.
  const bool hash_known = !claim.payload_hash.empty();
  if (hash_known) {
    CO_TRY(call->caller,
           parts_.authenticator->check(request, call->context.query, claim, claim.payload_hash));
    // S3's uploads are streamed, so their row is needed before the body; a query call's row is
    // known only from its body.
    if (s3) {
      Status routed = route(*call, request);
      if (!routed.ok()) co_return std::move(routed).error();
      if (call->match.row->body == wire::BodyMode::received) {
        if (worth_asking_first(request)) {
          CO_TRY(Unit may, co_await authorize(call));
          (void)may;
        }
        co_return co_await receive(call, request, body);
      }
    }
  }
  Status whole = co_await read_whole(call, request, body);
  if (!whole.ok()) co_return std::move(whole).error();
  if (hash_known) {
    if (s3) co_return take_document(*call, request);
    CO_TRY(Unit same, check_payload_hash(claim, call->body));
    CO_TRY(Unit intact, check_content_md5(request, call->body));
    (void)same, (void)intact;
    co_return route(*call, request);
  }
  CO_TRY(call->caller, parts_.authenticator->check(request, call->context.query, claim,
                                                   to_hex(sha256(call->body))));
  Status routed = route(*call, request);
  if (!routed.ok()) co_return std::move(routed).error();
  // Only --dev lets an S3 request without a payload hash come this far.
  if (s3) co_return take_document(*call, request);
  co_return done;
}

// What was read whole for S3 is held to the same framing and digests as a streamed upload.
Status Pipeline::take_document(Call& call, const http::Request& request) const {
  const wire::Claim& claim = *call.claim;
  const bool received = call.match.row->body == wire::BodyMode::received;
  const bool framed = claim.payload != wire::PayloadKind::hex &&
                      claim.payload != wire::PayloadKind::unsigned_ &&
                      claim.payload != wire::PayloadKind::absent;
  if (!received && !framed && request.content_length.value_or(0) == 0 && !request.chunked) {
    TRY(Unit same, check_payload_hash(claim, call.body));
    (void)same;
    return check_content_md5(request, call.body);
  }
  const ChecksumOf checksum =
      !received && takes_checksum(*call.match.row) ? ChecksumOf::object : ChecksumOf::body;
  Receiver receiver(request, claim, call.caller->signing_key, received ? parts_.blobs : nullptr,
                    checksum);
  TRY(Unit fed, receiver.feed(call.body));
  (void)fed;
  TRY(auto taken, receiver.finish());
  if (received)
    call.received = std::make_unique<wire::ReceivedBody>(std::move(taken));
  else
    call.body = std::move(taken.inline_bytes);
  return done;
}

Task<Unit> Pipeline::authorize(std::shared_ptr<Call> call) {
  if (!call->service->plane.authorize || call->context.authorised) co_return done;
  std::shared_ptr<Status> verdict = co_await asio::co_spawn(
      parts_.executors.control,
      [](const Pipeline* self,
         std::shared_ptr<Call> c) -> asio::awaitable<std::shared_ptr<Status>> {
        Status s = co_await c->service->plane.authorize(c->context, c->match.labels);
        if (!s.ok()) {
          Named named = named_resources({c->context, c->match.labels, nullptr});
          (void)co_await self->tell(c, std::move(named), &s.error());
        }
        co_return std::make_shared<Status>(std::move(s));
      }(this, call),
      asio::use_awaitable);
  if (!verdict->ok()) co_return std::move(*verdict).error();
  call->context.authorised = true;
  co_return done;
}

Status Pipeline::route(Call& call, const http::Request& request) const {
  call.route_path = std::string(request.path);
  // S3 Control puts the account before the host, where S3 has a bucket.
  const bool control =
      request.path.starts_with("/v20180820/") && call.context.header("x-amz-account-id");
  if (call.service->plane.table->service() == wire::Service::s3 && !control) {
    if (auto bucket = s3::bucket_of_host(request.host(), parts_.base_domains))
      call.route_path = "/" + percent_encode(*bucket) + call.route_path;
  }
  http::Method method = request.method;
  const wire::Protocol protocol = call.service->plane.table->protocol();
  if (protocol == wire::Protocol::query && call.rpc == wire::Rpc::none) {
    // A link that was signed beforehand has in its query what a call has in its form.
    if (method == http::Method::get) {
      call.body = std::string(request.query);
      method = http::Method::post;
    }
    add_form_action(call.body, call.context.query);
  }
  if (protocol == wire::Protocol::json || call.rpc == wire::Rpc::json)
    set_target_action(request, call.context.query);
  if (call.rpc == wire::Rpc::cbor)
    take_rpc_path(call.service->plane.rpc_name, call.route_path, call.context.query);
  TRY(call.match, call.service->router.route(method, call.route_path, call.context.query,
                                             &call.context.headers));
  call.context.principal = &call.caller->principal;
  call.context.scope = call.caller->scope;
  call.context.row = call.match.row;
  call.context.access = parts_.authorizer;
  if (!call.match.entry)
    return Error{
        Fault::not_implemented,
        fmt::format("The operation {} is not implemented by this server.", call.match.row->name)};
  return done;
}

Task<Unit> Pipeline::read_whole(std::shared_ptr<Call> call, const http::Request& request,
                                http::BodyReader& body) {
  std::size_t limit = call->service->plane.max_body;
  if (call->match.row) limit = std::min(limit, call->match.row->body_limit);
  if (request.content_length.value_or(0) > limit) {
    // Nothing is routed yet: it is to name the operation only.
    const auto meant = call->service->router.route(request.method, request.path,
                                                   call->context.query, &call->context.headers);
    co_return Error(Fault::too_large,
                    fmt::format("Request must be smaller than {} bytes{}", limit,
                                meant.ok() ? fmt::format(" for the {} operation", meant->row->name)
                                           : std::string()))
        .with("Limit", std::to_string(limit))
        .with("Size", std::to_string(*request.content_length));
  }
  if (request.content_length.value_or(0) == 0 && !request.chunked) co_return done;
  call->leased = request.content_length ? static_cast<std::size_t>(*request.content_length) : limit;
  if (body_memory_.fetch_add(call->leased) + call->leased > kMaxBodyMemory) co_return too_busy();
  CO_TRY(call->body, co_await http::read_all(body, limit));
  co_return done;
}

Task<Unit> Pipeline::receive(std::shared_ptr<Call> call, const http::Request& request,
                             http::BodyReader& body) {
  Receiver receiver(request, *call->claim, call->caller->signing_key, parts_.blobs);
  Status acceptable = receiver.check_headers();
  if (!acceptable.ok()) co_return std::move(acceptable).error();
  for (;;) {
    CO_TRY(std::string_view piece, co_await body.read());
    if (piece.empty()) break;
    CO_TRY(Unit fed, receiver.feed(piece));
    (void)fed;
  }
  // finish() waits for the disk: not on a thread that serves other connections.
  Result<wire::ReceivedBody> received =
      co_await await_on(parts_.executors.blocking, [&receiver] { return receiver.finish(); });
  if (!received.ok()) co_return std::move(received).error();
  call->received = std::make_unique<wire::ReceivedBody>(std::move(*received));
  co_return done;
}

// On the control strand: the policies' word, the handler, and what is kept of it.
Task<wire::Extra> Pipeline::perform(std::shared_ptr<Call> call) const {
  const wire::Service service = call->service->plane.table->service();
  Status allowed = done;
  if (call->service->plane.authorize) {
    if (!call->context.authorised)
      allowed = co_await call->service->plane.authorize(call->context, call->match.labels);
    call->context.authorised = allowed.ok();
  } else if (parts_.authorizer) {
    allowed = co_await parts_.authorizer->admit(service, call->context, call->match.labels,
                                                call->input.get());
    call->memorable = allowed.ok() &&
                      call->match.row->action == "appconfig:GetLatestConfiguration" &&
                      parts_.authorizer->unconditional(call->caller->principal);
  }
  // The handler takes its input to pieces, so what it names is read before.
  Named named;
  if (parts_.witness)
    named = named_resources({call->context, call->match.labels, call->input.get()});
  if (parts_.witness && allowed.ok())
    allowed = co_await parts_.witness->before(service, call->context, named);
  Result<wire::Extra> result = wire::Extra{};
  if (allowed.ok())
    result = co_await call->match.entry->call(call->context, call->input, call->output);
  else
    result = std::move(allowed).error();
  Status seen = co_await tell(call, std::move(named), result.ok() ? nullptr : &result.error());
  if (!seen.ok() && result.ok()) result = std::move(seen).error();
  co_return result;
}

Task<Unit> Pipeline::tell(std::shared_ptr<Call> call, Named named, const Error* error) const {
  if (!parts_.witness || std::exchange(call->witnessed, true)) co_return done;
  Outcome outcome;
  outcome.named = std::move(named);
  outcome.error = error;
  if (error)
    outcome.code = code_of(call->service->plane.render_error(*error, call->context, false));
  else if (call->output)
    outcome.partly_denied = denied_in(*call->match.row, call->output.get());
  co_return co_await parts_.witness->after(call->service->plane.table->service(), call->context,
                                           std::move(outcome));
}

asio::awaitable<void> Pipeline::tell_of_refusal(std::shared_ptr<Call> call, Error error) const {
  if (!parts_.witness || call->witnessed || !call->caller || !call->match.entry) co_return;
  co_await asio::co_spawn(
      parts_.executors.control,
      [](const Pipeline* self, std::shared_ptr<Call> c, Error e) -> asio::awaitable<void> {
        Named named = named_resources({c->context, c->match.labels, c->input.get()});
        (void)co_await self->tell(c, std::move(named), &e);
      }(this, call, std::move(error)),
      asio::use_awaitable);
}

Task<http::Response> Pipeline::run(std::shared_ptr<Call> call, const http::Request& request) {
  (void)request;
  const wire::Entry& entry = *call->match.entry;
  const wire::Protocol protocol = call->service->plane.table->protocol();
  const bool rpc = call->rpc != wire::Rpc::none;
  call->context.received = call->received.get();
  call->input = entry.make_input();
  wire::RequestParts parts{&call->match.labels, &call->context.query, &call->context.headers,
                           call->body};
  Status decoded = rpc ? wire::decode_rpc(call->rpc, *entry.row, call->body, call->input.get())
                       : wire::decode_request(protocol, *entry.row, parts, call->input.get());
  if (!decoded.ok()) co_return std::move(decoded).error();
  auto performed =
      [](const Pipeline* self,
         std::shared_ptr<Call> c) -> asio::awaitable<std::shared_ptr<Result<wire::Extra>>> {
    Result<wire::Extra> r = co_await self->perform(c);
    co_return std::make_shared<Result<wire::Extra>>(std::move(r));
  };
  std::shared_ptr<Result<wire::Extra>> ran =
      co_await on_control(parts_.executors.control, performed(this, call));
  if (!ran->ok()) co_return std::move(*ran).error();
  if (call->memorable && parts_.remember_configuration)
    parts_.remember_configuration(*call->caller, call->context.query);
  wire::Extra extra = std::move(**ran);
  wire::EncodedReply encoded = rpc ? wire::encode_rpc(call->rpc, *entry.row, call->output.get())
                                   : wire::encode_reply(protocol, *entry.row, call->output.get());
  if (protocol == wire::Protocol::query && !rpc)
    add_request_id(encoded.body, call->context.request_id);
  http::Response response;
  response.status = extra.status.value_or(encoded.status);
  response.headers = std::move(encoded.headers);
  for (auto& header : extra.headers) response.headers.push_back(std::move(header));
  if (extra.body)
    response.body = std::move(*extra.body);
  else
    response.body = std::move(encoded.body);
  response.head_length = extra.head_length;
  response.proven = true;
  co_return response;
}

http::Response Pipeline::finish(Call& call, http::Response response, bool head) const {
  const wire::Context& c = call.context;
  if (!c.host_id.empty()) {
    response.set("x-amz-request-id", c.request_id).set("x-amz-id-2", c.host_id);
  } else if (!c.request_id.empty()) {
    response.set("x-amzn-RequestId", c.request_id);
  }
  if (head && !response.head_length) response.head_length = http::size_of(response.body);
  return response;
}

}  // namespace tidegate::api
