#include "lambda/code_links.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace tidegate::lambda {
namespace {
constexpr std::string_view kPurpose = "tidegate function package";
constexpr char kKeyRow[] = "g/lambda/code-link-key";
}  // namespace

Task<CodeLinks> CodeLinks::load(store::Store& store, Random& random) {
  const std::string row(kKeyRow);
  for (;;) {
    CO_TRY(auto kv, co_await store.get(row));
    if (kv) co_return CodeLinks(std::move(kv->value), random);
    store::Txn txn;
    txn.guard(store::Guard::absent(row)).put(row, random.bytes(32));
    Result<store::Revision> made = co_await store.commit(std::move(txn));
    if (!made.ok() && made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
}

std::string CodeLinks::seal(const CodeLink& link) const {
  return to_base64url(tidegate::seal(key_, store::encode(link), kPurpose, *random_));
}

Result<CodeLink> CodeLinks::open(std::string_view token, Instant now) const {
  auto sealed = from_base64url(token);
  std::string plain;
  if (!sealed || !unseal(key_, *sealed, kPurpose, plain))
    return Error{Fault::access_denied, "This is no link to a function's package."};
  TRY(CodeLink link, store::decode<CodeLink>(plain));
  if (now >= link.expires)
    return Error{Fault::expired_request, "The link has expired; GetFunction gives a new one."};
  return link;
}

}  // namespace tidegate::lambda
