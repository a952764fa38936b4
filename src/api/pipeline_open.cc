// The part of the pipeline that serves S3 to web pages and to whom has no signature: anonymous
// calls, forms that upload, preflights.
#include "api/pipeline_call.h"
#include "api/receive.h"
#include "api/s3/virtual_host.h"
#include "base/bytes.h"
#include "base/limits.h"

namespace tidegate::api {
namespace {

Error unsigned_call() {
  return {Fault::missing_authentication, "The request carries no AWS signature."};
}

// What the server could not do, whoever asks.
bool ours(Fault fault) {
  return fault == Fault::internal || fault == Fault::unavailable;
}

}  // namespace

// With --dev a signature proves nothing, and a page can put one into a URL. What it can do without
// being asked by anybody is to read objects, as with any other server on this machine, and what the
// bucket's CORS rules let it do.
Task<Unit> Pipeline::check_page(std::shared_ptr<Call> call, const http::Request& request,
                                bool own) {
  if (!parts_.authenticator->developer() || !from_a_browser(request)) co_return done;
  if (call->service == find(wire::Service::s3) && !own) {
    if (request.method == http::Method::get || request.method == http::Method::head) co_return done;
    const s3::Cors::Headers let_in = co_await cors_headers(request);
    if (!let_in.empty()) co_return done;
  }
  co_return Error{Fault::access_denied, "A --dev server does not take calls from web pages."};
}

// What federated callers send carries no signature on AWS either: it is not theirs that is missing.
Task<Unit> Pipeline::take_federated(std::shared_ptr<Call> call, const http::Request& request,
                                    http::BodyReader& body) {
  if (request.chunked || request.content_length.value_or(0) > kInlineBodyLimit)
    co_return unsigned_call();
  call->caller = parts_.authenticator->anonymous();
  CO_TRY(Unit read, co_await read_whole(call, request, body));
  (void)read;
  Status routed = route(*call, request);
  const bool federated = call->match.row && call->match.row->name.starts_with("AssumeRoleWith");
  if (!federated) co_return unsigned_call();
  co_return routed;
}

Task<Unit> Pipeline::take_unsigned(std::shared_ptr<Call> call, const http::Request& request,
                                   http::BodyReader& body) {
  if (call->service == find(wire::Service::sts))
    co_return co_await take_federated(call, request, body);
  // Where nobody judges what a caller may, nobody in particular may nothing.
  if (call->service != find(wire::Service::s3) || !call->service->plane.authorize)
    co_return unsigned_call();
  const bool form = request.method == http::Method::post &&
                    FormUpload::is_form(request.header_or("content-type", ""));
  if (form) co_return co_await receive_form(call, request, body);
  co_return co_await admit_anonymous(call, request, body);
}

Task<Unit> Pipeline::admit_anonymous(std::shared_ptr<Call> call, const http::Request& request,
                                     http::BodyReader& body) {
  call->claim.emplace();  // of nothing: it frames the body, if anything does
  call->caller = parts_.authenticator->anonymous();
  CO_TRY(Unit open, co_await require_open(call, request));
  (void)open;
  if (call->match.row->body == wire::BodyMode::received)
    co_return co_await receive(call, request, body);
  CO_TRY(Unit read, co_await read_whole(call, request, body));
  (void)read;
  co_return take_document(*call, request);
}

// Nobody in particular learns of nothing that is not open to everybody, not even that it is absent.
Task<Unit> Pipeline::require_open(std::shared_ptr<Call> call, const http::Request& request) {
  Status routed = route(*call, request);
  if (routed.ok()) routed = co_await authorize(call);
  if (!routed.ok() && !ours(routed.fault())) co_return unsigned_call();
  co_return routed;
}

Task<Unit> Pipeline::judge_form(std::shared_ptr<Call> call, const http::Request& request,
                                FormUpload& form) {
  FormUpload::Fields fields = form.fields();
  std::string key;
  for (auto& [name, value] : fields) {
    if (name != "key") continue;
    constexpr std::string_view kFilename = "${filename}";
    if (const std::size_t at = value.find(kFilename); at != std::string::npos)
      value.replace(at, kFilename.size(), form.filename());
    key = value;
  }
  if (key.empty())
    co_return Error{Fault::invalid_argument,
                    "Bucket POST must contain a field named 'key'.  If it is specified, please "
                    "check the order of the fields."}
        .with("ArgumentName", "key")
        .with("ArgumentValue", "");
  CO_TRY(auto claim, wire::read_form_claim(fields));
  if (claim) {
    const std::string& policy = *http::find(fields, "policy");
    CO_TRY(call->caller, parts_.authenticator->check_form(*claim, policy));
    CO_TRY(call->form_size, s3::check_post_policy(from_base64(policy).value_or(""), fields,
                                                  bucket_of(request), parts_.authenticator->now()));
    CO_TRY(Unit asked, co_await check_page(call, request, false));
    (void)asked;
  } else {
    call->caller = parts_.authenticator->anonymous();
  }
  call->claim = claim.value_or(wire::Claim{});
  // From here on it is a PUT with the form's fields as headers.
  CO_TRY(auto headers, s3::headers_of_form(fields));
  for (auto& [name, value] : call->context.headers)
    if (name == "origin" || name == "user-agent" || name == "referer")
      headers.emplace_back(name, std::move(value));
  call->context.headers = std::move(headers);
  Status routed = route(*call, request);
  if (routed.ok()) {
    call->match.labels.values.emplace_back("Key", std::move(key));
    routed = co_await authorize(call);
  }
  if (!routed.ok() && !claim && !ours(routed.fault())) co_return unsigned_call();
  co_return routed;
}

Task<Unit> Pipeline::receive_form(std::shared_ptr<Call> call, const http::Request& request,
                                  http::BodyReader& body) {
  CO_TRY(auto form, FormUpload::of(request.header_or("content-type", "")));
  while (!form.at_file()) {
    CO_TRY(std::string_view piece, co_await body.read());
    CO_TRY(Unit fed, form.feed_fields(piece));
    (void)fed;
  }
  CO_TRY(Unit judged, co_await judge_form(call, request, form));
  (void)judged;
  http::Request as_put = request;
  as_put.headers.clear();
  as_put.content_length.reset();
  as_put.chunked = true;  // its length is known at its end
  for (const auto& [name, value] : call->context.headers) as_put.headers.push_back({name, value});
  const wire::Claim framing;  // none: the file is what it is
  Receiver receiver(as_put, framing, "", parts_.blobs);
  Status acceptable = receiver.check_headers();
  if (!acceptable.ok()) co_return std::move(acceptable).error();
  std::uint64_t size = 0;
  const s3::SizeRange range = call->form_size;
  const FormUpload::Sink sink = [&](std::string_view bytes) -> Status {
    size += bytes.size();
    if (size > range.most)
      return Error{Fault::entity_too_large, "Your proposed upload exceeds the maximum allowed size"}
          .with("ProposedSize", std::to_string(size))
          .with("MaxSizeAllowed", std::to_string(range.most));
    return receiver.feed(bytes);
  };
  CO_TRY(Unit begun, form.feed_file("", sink));
  (void)begun;
  for (;;) {
    CO_TRY(std::string_view piece, co_await body.read());
    if (piece.empty()) break;
    CO_TRY(Unit fed, form.feed_file(piece, sink));
    (void)fed;
  }
  CO_TRY(Unit whole, form.finish());
  (void)whole;
  if (size < range.least)
    co_return Error{Fault::entity_too_small,
                    "Your proposed upload is smaller than the minimum allowed size"}
        .with("ProposedSize", std::to_string(size))
        .with("MinSizeAllowed", std::to_string(range.least));
  Result<wire::ReceivedBody> received =
      co_await await_on(parts_.executors.blocking, [&receiver] { return receiver.finish(); });
  if (!received.ok()) co_return std::move(received).error();
  call->received = std::make_unique<wire::ReceivedBody>(std::move(*received));
  co_return done;
}

std::string Pipeline::bucket_of(const http::Request& request) const {
  if (auto bucket = s3::bucket_of_host(request.host(), parts_.base_domains)) return *bucket;
  std::string_view path = request.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  return percent_decode(path.substr(0, path.find('/'))).value_or("");
}

asio::awaitable<http::Response> Pipeline::preflight(std::shared_ptr<Call> call,
                                                    const http::Request& request) {
  auto asked = s3::Cors::question_of(request, bucket_of(request));
  std::shared_ptr<Result<s3::Cors::Headers>> answer = co_await asio::co_spawn(
      parts_.executors.control,
      [](const s3::Cors& cors, s3::Cors::Question question)
          -> asio::awaitable<std::shared_ptr<Result<s3::Cors::Headers>>> {
        auto headers = co_await cors.preflight(std::move(question));
        co_return std::make_shared<Result<s3::Cors::Headers>>(std::move(headers));
      }(*parts_.cors, std::move(asked)),
      asio::use_awaitable);
  if (!answer->ok())
    co_return call->service->plane.render_error(answer->error(), call->context, false);
  http::Response response;
  response.headers = std::move(**answer);
  co_return response;
}

asio::awaitable<s3::Cors::Headers> Pipeline::cors_headers(const http::Request& request) const {
  s3::Cors::Headers headers;
  if (!parts_.cors) co_return headers;
  auto asked = s3::Cors::question_of(request, bucket_of(request));
  headers = co_await asio::co_spawn(parts_.executors.control, parts_.cors->actual(std::move(asked)),
                                    asio::use_awaitable);
  co_return headers;
}

}  // namespace tidegate::api
