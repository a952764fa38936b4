// Pipeline: what happens to every request, in one readable order. It authenticates before it
// routes; a handler gets a Principal it could not have made. Runs on the connections' threads and
// moves the handler alone to the control strand.
//
//   request id → in-flight bound → service → signature claim → key, clock, signed headers
//   → body memory → body (or, S3: verdict, row and permission first, then the stream) → verdict
//   → row → decode → permission → handler → encode → metrics
//
// Nothing commits before the whole body's digests agree. Every refusal is rendered in the error
// shape of the service that was asked.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/authorize.h"
#include "api/form_upload.h"
#include "api/s3/cors.h"
#include "api/witness.h"
#include "base/executor.h"
#include "base/metrics.h"
#include "base/random.h"
#include "blob/blob.h"
#include "http/message.h"
#include "identity/authenticator.h"
#include "wire/router.h"

namespace tidegate::api {

// How one service looks from the pipeline.
struct Plane {
  const wire::Table* table = nullptr;
  std::size_t max_body = 0;  // of bodies that are read whole
  std::function<http::Response(const Error&, const wire::Context&, bool head)> render_error;
  // Whether the caller may do what the row does; asked on the control strand, of uploads before
  // their body is taken. Null: whoever is authenticated may.
  std::function<Task<Unit>(const wire::Context&, const wire::Labels&)> authorize = {};
  // Smithy's name of a query service that newer clients speak to in JSON 1.0 or CBOR; or "".
  std::string_view rpc_name = {};
};

// Answers on the connection's thread from memory, for a caller that is already proven.
using FastPath = std::function<bool(const identity::Authenticated&, const http::Request&,
                                    const http::Query&, std::string& out)>;

struct PipelineParts {
  Executors executors;
  const identity::Authenticator* authenticator = nullptr;
  blob::Blobs* blobs = nullptr;
  Random* random = nullptr;  // any thread
  Metrics* metrics = nullptr;
  std::vector<Plane> planes;
  std::vector<std::string> base_domains;  // virtual-host style S3: bucket.<base domain>
  FastPath configuration;                 // GET /configuration
  const s3::Cors* cors = nullptr;         // what web pages may ask of S3; null: nothing
  Authorizer* authorizer = nullptr;       // without one (tests) everything is allowed
  Witness* witness = nullptr;
  // A poll was answered the long way and its caller needs no judging the next time.
  std::function<void(const identity::Authenticated&, const http::Query&)> remember_configuration;
  // Unauthenticated pages of the server itself (health, metrics, the developer's clock); nullopt:
  // not one of them.
  std::function<std::optional<http::Response>(const http::Request&)> own_pages;
  // Pages that judge by themselves who may use them: a token in the URL or a header is the leave.
  struct TokenPage {
    std::function<bool(const http::Request&)> asked;
    std::function<asio::awaitable<http::Response>(const http::Request&, http::BodyReader&)> answer;
  };
  std::vector<TokenPage> token_pages;
};

class Pipeline final : public http::Handler {
 public:
  explicit Pipeline(PipelineParts parts);
  ~Pipeline() override;

  bool answer_now(const http::Request&, std::string& out) override;
  bool wants_control(const http::Request&) const override;
  asio::awaitable<http::Response> handle(const http::Request&, http::BodyReader&) override;
  // Requests being worked on; 0 after a drain.
  std::size_t in_flight() const { return in_flight_.load(); }

 private:
  struct Service;
  struct Call;
  class InFlight;
  class BodyLease;

  const Service* service_of(const http::Request&, const http::Query&,
                            const std::optional<wire::Claim>&) const;
  Service* find(wire::Service) const;
  asio::awaitable<http::Response> serve(std::shared_ptr<Call>, const http::Request&,
                                        http::BodyReader&);
  Task<Unit> authenticate_and_read(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  Task<Unit> read_whole(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  Task<Unit> receive(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  Status take_document(Call&, const http::Request&) const;
  Status route(Call&, const http::Request&) const;
  Task<Unit> authorize(std::shared_ptr<Call>);
  Task<Unit> check_page(std::shared_ptr<Call>, const http::Request&, bool own);
  Task<Unit> take_unsigned(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  Task<Unit> take_federated(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  // S3 without a signature: nobody in particular, who may what is open to everybody.
  Task<Unit> admit_anonymous(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  Task<Unit> require_open(std::shared_ptr<Call>, const http::Request&);
  // S3's upload by a browser's form: its fields, the verdict, the permission, then the file.
  Task<Unit> receive_form(std::shared_ptr<Call>, const http::Request&, http::BodyReader&);
  Task<Unit> judge_form(std::shared_ptr<Call>, const http::Request&, FormUpload& form);
  std::string bucket_of(const http::Request&) const;
  asio::awaitable<http::Response> preflight(std::shared_ptr<Call>, const http::Request&);
  asio::awaitable<s3::Cors::Headers> cors_headers(const http::Request&) const;
  Task<wire::Extra> perform(std::shared_ptr<Call>) const;
  // Tells the witness how the call ended; once for each call. On the control strand.
  Task<Unit> tell(std::shared_ptr<Call>, Named, const Error*) const;
  // The same for a call that failed before it was judged or carried out.
  asio::awaitable<void> tell_of_refusal(std::shared_ptr<Call>, Error) const;
  Task<http::Response> run(std::shared_ptr<Call>, const http::Request&);
  http::Response finish(Call&, http::Response, bool head) const;
  void fill_context(Call&, const http::Request&) const;
  static void add_presigned_headers(wire::Context&);

  PipelineParts parts_;
  std::vector<std::unique_ptr<Service>> services_;
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::size_t> body_memory_{0};
};

}  // namespace tidegate::api
