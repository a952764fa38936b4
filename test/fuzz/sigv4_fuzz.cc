// Signatures: whatever stands in Authorization or in a presigned query is read or refused, and the
// canonical request of what is read can be made.
#include "wire/sigv4.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidegate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(text.find('\n'), text.size());
  const std::string_view query_text = text.substr(0, cut);
  const std::string_view header = text.substr(std::min(cut + 1, text.size()));
  http::Request request;
  request.method = http::Method::get;
  request.target = request.path = "/a%20b";
  request.query = query_text;
  request.headers = {{"Host", "127.0.0.1"}, {"X-Amz-Date", "20260102T030405Z"}};
  if (!header.empty()) request.headers.push_back({"Authorization", header});
  const auto query = http::parse_query(query_text);
  if (!query) return 0;
  const auto claim = wire::read_claim(request, *query);
  if (!claim.ok() || !*claim) return 0;
  for (bool twice : {false, true}) {
    const std::string canonical =
        wire::canonical_request(request, *query, **claim, (*claim)->payload_hash, twice);
    CHECK(!canonical.empty());
    wire::string_to_sign(**claim, canonical);
  }
  wire::unsigned_headers(request, **claim);
  return 0;
}
