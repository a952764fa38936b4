#include "server/code_page.h"

namespace tidegate::server {
namespace {

class ReaderSource final : public http::ByteSource {
 public:
  explicit ReaderSource(std::shared_ptr<blob::Reader> reader) : reader_(std::move(reader)) {}
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    return reader_->read(offset, out, size);
  }

 private:
  std::shared_ptr<blob::Reader> reader_;
};

int status_of(Fault f) {
  if (f == Fault::access_denied || f == Fault::expired_request) return 403;
  return f == Fault::not_found ? 404 : 500;
}

}  // namespace

bool CodePage::asked(const http::Request& request) {
  return request.path == "/_tidegate/code" &&
         (request.method == http::Method::get || request.method == http::Method::head);
}

Task<std::string> CodePage::blob_of(lambda::CodeLink link) {
  const Scope scope{link.account, link.region};
  if (auto layer = lambda::parse_layer_version_arn(arn(scope, "lambda", link.function))) {
    CO_TRY(lambda::LayerVersion v, co_await layers_.find(scope, layer->name, layer->number));
    co_return v.blob;
  }
  CO_TRY(auto ref, lambda::parse_function_name(scope, link.function, std::nullopt));
  CO_TRY(lambda::Function f, co_await functions_.find(scope, ref));
  if (f.code_sha256 != link.sha256)
    co_return Error{Fault::not_found, "The function has other code now."};
  co_return f.code_blob;
}

Task<std::shared_ptr<blob::Reader>> CodePage::find(std::string token) {
  CO_TRY(lambda::CodeLink link, links_.open(token, real_.now()));
  auto looked_up = std::make_shared<Result<std::string>>(std::string());
  auto look_up = [](CodePage& page, lambda::CodeLink l,
                    std::shared_ptr<Result<std::string>> out) -> asio::awaitable<void> {
    *out = co_await page.blob_of(std::move(l));
  };
  asio::awaitable<void> work = look_up(*this, std::move(link), looked_up);
  co_await asio::co_spawn(executors_.control, std::move(work), asio::use_awaitable);
  CO_TRY(std::string id, std::move(*looked_up));
  auto open = [this, id] { return blobs_.open(id); };
  co_return co_await await_on(executors_.blocking, open);
}

asio::awaitable<http::Response> CodePage::answer(const http::Request& request) {
  auto query = http::parse_query(request.query);
  const std::string* given = query ? http::find(*query, "token") : nullptr;
  std::string token;
  if (given) token = *given;
  auto reader = co_await find(std::move(token));
  http::Response r;
  r.set("Cache-Control", "no-store");
  if (!reader.ok()) {
    r.status = status_of(reader.fault());
    r.set("Content-Type", "text/plain; charset=utf-8");
    r.body = r.status == 500 ? std::string("The package cannot be read.\n")
                             : reader.error().message + "\n";
    co_return r;
  }
  r.set("Content-Type", "application/zip");
  const std::uint64_t size = (*reader)->size();
  http::SourceBody body{std::make_shared<ReaderSource>(std::move(*reader)), 0, size};
  r.body = std::move(body);
  co_return r;
}

}  // namespace tidegate::server
