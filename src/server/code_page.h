// CodePage: GET /_tidegate/code?token=…, the download that GetFunction's Code.Location names. The
// token is the leave; the request carries no signature. Any thread; looks up on the control strand.
#pragma once

#include "base/executor.h"
#include "base/scheduler.h"
#include "http/message.h"
#include "lambda/code_links.h"
#include "lambda/functions.h"

namespace tidegate::server {

class CodePage {
 public:
  CodePage(lambda::Functions& functions, lambda::Layers& layers, const lambda::CodeLinks& links,
           blob::Blobs& blobs, const Clock& real, Executors executors)
      : functions_(functions),
        layers_(layers),
        links_(links),
        blobs_(blobs),
        real_(real),
        executors_(executors) {}

  static bool asked(const http::Request&);  // whether the request is for this page
  asio::awaitable<http::Response> answer(const http::Request&);

 private:
  Task<std::shared_ptr<blob::Reader>> find(std::string token);
  // On the control strand.
  Task<std::string> blob_of(lambda::CodeLink link);

  lambda::Functions& functions_;
  lambda::Layers& layers_;
  const lambda::CodeLinks& links_;
  blob::Blobs& blobs_;
  const Clock& real_;
  Executors executors_;
};

}  // namespace tidegate::server
