// Policy documents: whatever is taken evaluates without harm; a strictly taken document reads the
// same leniently; and a statement that denies everything leaves nothing allowed.
#include "policy/evaluate.h"

using namespace tidegate;
using namespace tidegate::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Request request;
  request.caller.account = "111122223333";
  request.caller.arn = "arn:aws:iam::111122223333:user/ann";
  request.action = "s3:GetObject";
  request.resource = "arn:aws:s3:::bucket/" + std::string(text.substr(0, 64));
  request.context.set("aws:username", std::string(text.substr(0, 16)));
  request.context.set("aws:SourceIp", "10.0.0.1");
  request.context.set("aws:TagKeys", std::vector<std::string>{"a", "b"});
  for (const Dialect dialect :
       {Dialect::identity, Dialect::trust, Dialect::bucket, Dialect::function}) {
    Result<Document> lenient = parse(text, dialect, true);
    Result<Document> strict = parse(text, dialect);
    if (!strict.ok()) CHECK(strict.fault() == Fault::malformed_policy);
    if (!lenient.ok()) {
      CHECK(!strict.ok());
      continue;
    }
    (void)context_keys(*lenient);
    for (const Statement& s : lenient->statements)
      CHECK(std::pair(s.begin.line, s.begin.column) <= std::pair(s.end.line, s.end.column));
    const Decision d = evaluate(*lenient, request);
    if (strict.ok()) CHECK(evaluate(*strict, request).verdict == d.verdict);
    Statement all;
    all.actions.push_back(*Pattern::compile("*", false));
    all.resources.push_back(*Pattern::compile("*", false));
    lenient->statements.push_back(std::move(all));
    CHECK(evaluate(*lenient, request).verdict == Verdict::deny);
  }
  return 0;
}
