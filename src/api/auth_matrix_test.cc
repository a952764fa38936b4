// Every route of S3, signed in every way a client may sign, with one thing changed on its way: the
// answer is a refusal, and neither store nor blobs nor outbox know of it. Generated from the table.
#include <gtest/gtest.h>

#include <set>

#include "api/errors/json_errors.h"
#include "api/errors/s3_errors.h"
#include "api/pipeline.h"
#include "api/s3/api.h"
#include "support/s3_world.h"
#include "support/signed_wire.h"

namespace tidegate::api {
namespace {

using namespace std::chrono_literals;
using http::Method;
using wire::PayloadKind;

constexpr PayloadKind kKinds[] = {
    PayloadKind::hex, PayloadKind::unsigned_, PayloadKind::streaming_signed,
    PayloadKind::streaming_signed_trailer, PayloadKind::streaming_unsigned_trailer};

class Pieces final : public http::BodyReader {
 public:
  explicit Pieces(std::string_view bytes) : left_(bytes) {}
  Task<std::string_view> read() override {
    const std::string_view piece = left_.substr(0, 3000);
    left_.remove_prefix(piece.size());
    co_return piece;
  }

 private:
  std::string_view left_;
};

// One account's S3 behind a real pipeline, with a bucket that holds an object and an upload.
struct World {
  tidegate::s3::S3World home;
  Metrics metrics;
  identity::Credentials credentials{home.world.random};
  identity::Authenticator authenticator{{std::nullopt, "us-east-1"}, credentials, home.world.clock};
  wire::Table table{wire::Service::s3, wire::Protocol::rest_xml};
  wire::Table other{wire::Service::lambda, wire::Protocol::rest_json};  // what it must not open
  std::optional<Pipeline> pipeline;
  std::string upload_id;
  identity::AccessKey session;

  World() {
    home.world.clock.advance(std::chrono::hours(24 * 365 * 50));
    credentials.add_root({"AKIAROOT", "secret", ""}, "111122223333");
    session = credentials.mint("111122223333", "arn:aws:iam::111122223333:role/r", "", "s", {});
    api::s3::mount(table, {home.s3.get(), nullptr});
    PipelineParts p;
    p.executors = home.world.executors();
    p.authenticator = &authenticator;
    p.blobs = &home.blobs;
    p.random = &home.world.random;
    p.metrics = &metrics;
    p.planes = {{&table, 1 << 20, render_s3_error}, {&other, 1 << 20, render_lambda_error}};
    pipeline.emplace(std::move(p));
    home.bucket("bucket");
    home.put("bucket", "dir/key", "content");
    home.put("bucket", "other", "source");
    tidegate::s3::CreateUploadRequest upload;
    upload.bucket = "bucket";
    upload.key = "dir/key";
    upload_id = home.world.run(home.s3->multipart.create(home.caller, upload))->upload_id;
  }
  http::Response ask(const SignedWire& sent) {
    const http::Request request = sent.view();
    Pieces body(sent.body);
    return *home.world.run(handle(request, body));
  }
  // All that a request could have left behind.
  std::tuple<store::Revision, std::size_t, std::size_t> traces() const {
    return {home.store.revision(), home.blobs.count(), home.events.size()};
  }

 private:
  Task<http::Response> handle(const http::Request& request, Pieces& body) {
    http::Response r = co_await pipeline->handle(request, body);
    co_return r;
  }
};

std::string text_of_body(const http::Response& r) {
  const auto* text = std::get_if<std::string>(&r.body);
  return text ? *text : "";
}

std::string document_for(std::string_view row) {
  if (row == "PutBucketVersioning")
    return "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  if (row == "PutBucketTagging" || row == "PutObjectTagging")
    return "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
  if (row == "TagResource")
    return "<TagResourceRequest><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags>"
           "</TagResourceRequest>";
  if (row == "DeleteObjects") return "<Delete><Object><Key>dir/key</Key></Object></Delete>";
  if (row == "PutBucketNotificationConfiguration") return "<NotificationConfiguration/>";
  if (row == "PutBucketLifecycleConfiguration")
    return "<LifecycleConfiguration><Rule><Status>Enabled</Status><Prefix/><Expiration><Days>1"
           "</Days></Expiration></Rule></LifecycleConfiguration>";
  if (row == "PutBucketEncryption")
    return "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
           "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
           "</ServerSideEncryptionConfiguration>";
  return "<a/>";
}

// What a client would send for the row.
SignedWire plain_request(const wire::Row& row, const World& world) {
  SignedWire wire;
  wire.method = row.method;
  const std::size_t question = std::min(row.uri.find('?'), row.uri.size());
  wire.path = row.uri.substr(0, question);
  wire.query = row.uri.substr(std::min(question + 1, row.uri.size()));
  for (auto [label, text] : {std::pair{"{Bucket}", "bucket"},
                             {"{Key+}", "dir/key"},
                             {"{ResourceArn+}", "arn%3Aaws%3As3%3A%3A%3Abucket"}})
    if (auto at = wire.path.find(label); at != std::string::npos)
      wire.path.replace(at, std::string_view(label).size(), text);
  for (const wire::Member& m : row.input->members) {
    if (!m.required) continue;
    if (m.in == wire::In::query) {
      if (!wire.query.empty()) wire.query += "&";
      wire.query +=
          fmt::format("{}={}", m.wire_name, m.wire_name == "uploadId" ? world.upload_id : "1");
    }
    const bool account = m.wire_name == "x-amz-account-id";
    if (m.in == wire::In::header)
      wire.set(std::string(m.wire_name), account ? "111122223333" : "bucket/other");
  }
  if (row.body == wire::BodyMode::received) {
    for (int i = 0; wire.body.size() < 20'000; ++i) wire.body += std::to_string(i) + ",";
  } else if (row.method == Method::put || row.method == Method::post) {
    wire.body = document_for(row.name);
  }
  if (!wire.body.empty() && row.body != wire::BodyMode::received)
    wire.set("Content-MD5", to_base64(digest(Digest::md5, wire.body)));
  return wire;
}

void flip(std::string& text, std::size_t at) {
  text[at] = text[at] == '0' ? '1' : '0';
}
bool replace(std::string& text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos) return false;
  text.replace(at, from.size(), to);
  return true;
}

struct Tampering {
  std::string name;
  // False: does not apply to this request.
  std::function<bool(SignedWire&)> change;
};

std::vector<Tampering> of_signature() {
  return {
      {"signature",
       [](SignedWire& w) {
         flip(w.proof(), w.proof().size() - 1);
         return true;
       }},
      {"region", [](SignedWire& w) { return replace(w.proof(), "us-east-1", "eu-west-1"); }},
      {"service",
       [](SignedWire& w) {
         return replace(w.proof(), "/s3/", "/lambda/") ||
                replace(w.proof(), "%2Fs3%", "%2Flambda%");
       }},
      {"key", [](SignedWire& w) { return replace(w.proof(), "AKIAROOT", "AKIANONE"); }},
      {"date",
       [](SignedWire& w) {
         if (std::string* date = w.header("x-amz-date")) {
           flip(*date, date->size() - 2);
           return true;
         }
         const auto at = w.query.find("X-Amz-Date=");
         flip(w.query, at + 11 + 14);
         return true;
       }},
      {"day",
       [](SignedWire& w) {
         const auto at = w.proof().find("AKIAROOT") + 9 + (w.header("authorization") ? 0 : 2);
         flip(w.proof(), at + 7);
         return true;
       }},
      {"signed headers",
       [](SignedWire& w) {
         return replace(w.proof(), "SignedHeaders=host;", "SignedHeaders=") ||
                replace(w.proof(), "SignedHeaders=host%3B", "SignedHeaders=") ||
                replace(w.proof(), "SignedHeaders=host", "SignedHeaders=date");
       }},
  };
}

std::vector<Tampering> of_request() {
  return {
      {"another header",
       [](SignedWire& w) {
         w.set("x-amz-meta-evil", "1");
         return true;
       }},
      {"host",
       [](SignedWire& w) {
         w.set("Host", "localhost:4566");
         return true;
       }},
      {"path",
       [](SignedWire& w) {
         w.path += "x";
         return true;
       }},
      {"query",
       [](SignedWire& w) {
         w.query = (w.query.empty() ? "" : w.query + "&") + "versionId=null";
         return w.header("authorization") != nullptr;
       }},
      {"query of a URL",
       [](SignedWire& w) {
         w.query = "versionId=null&" + w.query;
         return w.header("authorization") == nullptr;
       }},
      {"a signed header is gone",
       [](SignedWire& w) {
         if (!w.header("x-amz-content-sha256")) return false;
         w.drop("x-amz-content-sha256");
         return true;
       }},
      {"no proof at all",
       [](SignedWire& w) {
         w.drop("authorization");
         const auto at = w.query.find("X-Amz-Algorithm");
         if (at != std::string::npos) w.query.erase(at > 0 ? at - 1 : 0);
         return true;
       }},
      {"two proofs",
       [](SignedWire& w) {
         if (w.header("authorization"))
           w.query += "&X-Amz-Algorithm=AWS4-HMAC-SHA256";
         else
           w.set("Authorization", "AWS4-HMAC-SHA256 Credential=x");
         return true;
       }},
      {"version 2",
       [](SignedWire& w) {
         if (!w.header("authorization")) return false;
         w.set("Authorization", "AWS AKIAROOT:c2lnbmF0dXJl");
         return true;
       }},
  };
}

std::vector<Tampering> of_body(PayloadKind kind) {
  const bool framed = kind != PayloadKind::hex && kind != PayloadKind::unsigned_;
  const bool chunk_signed =
      kind == PayloadKind::streaming_signed || kind == PayloadKind::streaming_signed_trailer;
  auto resize = [](SignedWire& w) { w.set("Content-Length", std::to_string(w.body.size())); };
  std::vector<Tampering> all;
  if (kind != PayloadKind::unsigned_) {
    all.push_back({"a byte of the body", [framed](SignedWire& w) {
                     // Framed: the first byte of the first chunk's data.
                     const std::size_t at = framed ? w.body.find("\r\n") + 2 : w.body.size() / 2;
                     if (framed && w.body.starts_with('0')) return false;
                     if (w.body.empty()) return false;
                     w.body[at] = static_cast<char>(w.body[at] ^ 1);
                     return true;
                   }});
    all.push_back({"bytes behind the end", [resize](SignedWire& w) {
                     w.body += "x";
                     resize(w);
                     return true;
                   }});
    all.push_back({"the end is missing", [resize](SignedWire& w) {
                     if (w.body.size() < 3) return false;
                     w.body.resize(w.body.size() - 3);
                     resize(w);
                     return true;
                   }});
  }
  all.push_back({"more was promised", [](SignedWire& w) {
                   if (w.body.empty()) return false;
                   w.set("Content-Length", std::to_string(w.body.size() + 1));
                   w.body.pop_back();
                   return true;
                 }});
  if (framed)
    all.push_back({"a chunk's size", [](SignedWire& w) {
                     flip(w.body, 0);
                     return true;
                   }});
  if (chunk_signed)
    all.push_back({"a chunk's signature", [](SignedWire& w) {
                     flip(w.body, w.body.find("\r\n") - 1);
                     return true;
                   }});
  if (framed && kind != PayloadKind::streaming_signed)
    all.push_back({"the trailer", [](SignedWire& w) {
                     flip(w.body, w.body.find("x-amz-checksum-crc32:") + 22);
                     return true;
                   }});
  if (kind == PayloadKind::streaming_signed_trailer)
    all.push_back({"the trailer's signature", [](SignedWire& w) {
                     flip(w.body, w.body.size() - 5);
                     return true;
                   }});
  return all;
}

struct Signing {
  std::string name;
  std::function<void(WireSigner&)> change;
};

// What is signed properly and wrong all the same.
std::vector<Signing> of_signing(Place place, PayloadKind kind) {
  std::vector<Signing> all = {
      {"wrong secret", [](WireSigner& s) { s.key.secret = "other"; }},
      {"no session of this key", [](WireSigner& s) { s.key.session_token = "token"; }},
      {"in the future", [](WireSigner& s) { s.when += 16min; }},
      {"long ago", [](WireSigner& s) { s.when -= 16min; }},
  };
  if (place == Place::query)
    for (const char* expires : {"0", "-5", "604801", "soon", ""})
      all.push_back({fmt::format("expires '{}'", expires),
                     [expires](WireSigner& s) { s.expires = expires; }});
  if (kind != PayloadKind::hex && kind != PayloadKind::unsigned_)
    for (const char* length : {"1", "99999", "-1", "x"})
      all.push_back({fmt::format("decoded length '{}'", length),
                     [length](WireSigner& s) { s.decoded_length = length; }});
  return all;
}

WireSigner signer_of(const World& world, Place place, PayloadKind kind) {
  WireSigner signer;
  signer.when = world.home.world.clock.now();
  signer.place = place;
  signer.kind = kind;
  return signer;
}

class AuthMatrix : public testing::Test {
 public:
  int refusals = 0;

  void expect_refused(World& world, const SignedWire& wire, const std::string& what) {
    const auto before = world.traces();
    const http::Response r = world.ask(wire);
    EXPECT_TRUE(r.status == 400 || r.status == 403 || r.status == 411)
        << what << ": " << r.status << " " << text_of_body(r).substr(0, 300);
    EXPECT_EQ(world.traces(), before) << what;
    ++refusals;
  }

  void try_row(const wire::Row& row, Place place, PayloadKind kind) {
    World world;
    const SignedWire plain = plain_request(row, world);
    // A body is framed where there is one.
    if (plain.body.empty() && kind != PayloadKind::hex && kind != PayloadKind::unsigned_) return;
    const WireSigner signer = signer_of(world, place, kind);
    const std::string name =
        fmt::format("{} {} {}", row.name, place == Place::header ? "header" : "query",
                    kind == PayloadKind::hex ? "hex" : text_of(kind));
    const SignedWire good = signer.sign(plain);
    for (const auto& tamperings : {of_signature(), of_request(), of_body(kind)})
      for (const Tampering& t : tamperings) {
        SignedWire wire = good;
        if (t.change(wire)) expect_refused(world, wire, name + ", " + t.name);
      }
    for (const Signing& s : of_signing(place, kind)) {
      WireSigner other = signer;
      s.change(other);
      expect_refused(world, other.sign(plain), name + ", " + s.name);
    }
    WireSigner stolen = signer;
    stolen.key = {world.session.id, world.session.secret, world.session.session_token + "x"};
    expect_refused(world, stolen.sign(plain), name + ", another token");
    stolen.key.session_token.clear();
    expect_refused(world, stolen.sign(plain), name + ", no token");
    expect_admitted(world, row, good, name);
  }

  // The same request untouched gets past every check that the others failed.
  static void expect_admitted(World& world, const wire::Row& row, const SignedWire& good,
                              const std::string& name) {
    const auto before = world.traces();
    const http::Response r = world.ask(good);
    EXPECT_NE(r.status, 403) << name << text_of_body(r);
    static const std::set<std::string_view> writes = {"PutObject",
                                                      "UploadPart",
                                                      "CreateMultipartUpload",
                                                      "DeleteObject",
                                                      "PutBucketTagging",
                                                      "CopyObject",
                                                      "DeleteObjects",
                                                      "PutBucketVersioning",
                                                      "PutObjectTagging",
                                                      "TagResource",
                                                      "PutBucketLifecycleConfiguration",
                                                      "PutBucketEncryption",
                                                      "AbortMultipartUpload"};
    if (!writes.contains(row.name)) return;
    EXPECT_LT(r.status, 300) << name << text_of_body(r);
    EXPECT_NE(world.traces(), before) << name;
  }
};

TEST_F(AuthMatrix, WhateverIsChangedIsRefusedAndLeavesNoTrace) {
  const World rows;
  std::size_t routes = 0;
  for (const wire::Entry& entry : rows.table.entries()) {
    if (entry.row->method == Method::options) continue;  // asked without any proof
    ++routes;
    for (Place place : {Place::header, Place::query})
      for (PayloadKind kind : kKinds) try_row(*entry.row, place, kind);
    if (HasFailure()) break;  // one row's worth of output is enough
  }
  EXPECT_GT(routes, 40u);
  EXPECT_GT(refusals, 5000);
}

TEST_F(AuthMatrix, ADocumentIsHeldToItsChecksum) {
  World world;
  SignedWire plain;
  plain.method = Method::post;
  plain.path = "/bucket";
  plain.query = "delete";
  plain.body = document_for("DeleteObjects");
  for (PayloadKind kind : {PayloadKind::hex, PayloadKind::unsigned_}) {
    const WireSigner signer = signer_of(world, Place::header, kind);
    for (const char* wrong : {"AAAAAA==", "AAAA", "?"}) {
      plain.set("x-amz-checksum-crc32", wrong);
      expect_refused(world, signer.sign(plain), wrong);
    }
    plain.set("x-amz-checksum-crc32", wire::checksum_text(wire::crc32(0, plain.body)));
    EXPECT_EQ(world.ask(signer.sign(plain)).status, 200);
  }
}

TEST_F(AuthMatrix, APayloadHashIsOneOfTheKnownTextsOrADigest) {
  World world;
  SignedWire wire = signer_of(world, Place::header, PayloadKind::hex).sign({});
  wire.set("x-amz-content-sha256", "STREAMING-SOMETHING-ELSE");
  const http::Response r = world.ask(wire);
  EXPECT_NE(text_of_body(r).find("<Code>InvalidArgument</Code>"), std::string::npos);
}

// SDKs move x-amz-* headers of a presigned request into its query.
TEST_F(AuthMatrix, AUrlMayCarryHeaders) {
  World world;
  const WireSigner signer = signer_of(world, Place::query, PayloadKind::unsigned_);
  auto put = [&](const std::string& query, const std::string& body) {
    SignedWire plain;
    plain.method = Method::put;
    plain.path = "/bucket/linked";
    plain.query = query;
    plain.body = body;
    EXPECT_EQ(world.ask(signer.sign(plain)).status, 200) << query;
    auto found = world.home.world.run(
        world.home.s3->objects.lookup(world.home.caller, "bucket", "linked", std::nullopt));
    return *found->record;
  };
  const auto record =
      put("X-Amz-Meta-Colour=deep%20blue&x-amz-tagging=a%3D1"
          "&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32",
          "body");
  EXPECT_EQ(record.metadata.user.at("colour"), "deep blue");
  EXPECT_EQ(record.tags.at("a"), "1");
  EXPECT_EQ(put("x-amz-copy-source=bucket%2Fother", "").size, 6u);
}

// "DELETE /bucket?website" is not DeleteBucket, whatever else the query says.
TEST(SubResources, NeverFallThroughToThePlainOperation) {
  const World world;
  const wire::Router router(world.table);
  const auto names = wire::s3_sub_resources();
  int asked = 0;
  for (Method method : {Method::get, Method::head, Method::put, Method::post, Method::delete_})
    for (const char* path : {"/bucket", "/bucket/dir/key"})
      for (std::string_view one : names)
        for (std::string_view two : names) {
          http::Query query = {{std::string(one), ""}, {"x-id", "PutObject"}};
          if (two != one) query.emplace_back(two, "1");
          ++asked;
          auto match = router.route(method, path, query);
          if (!match.ok()) {
            EXPECT_EQ(match.fault(), Fault::not_implemented) << one << " " << two;
            continue;
          }
          const bool part_of_read = method == Method::get || method == Method::head;
          for (std::string_view name : {one, two}) {
            if (name == "partNumber" && part_of_read) continue;
            const auto& members = match->row->input->members;
            const bool bound = std::any_of(members.begin(), members.end(), [&](const auto& m) {
              return m.in == wire::In::query && m.wire_name == name;
            });
            EXPECT_TRUE(bound || match->row->uri.find(name) != std::string_view::npos)
                << http::to_string(method) << " " << path << "?" << one << "&" << two << " went to "
                << match->row->name;
          }
        }
  EXPECT_GT(asked, 15'000);
}

TEST_F(AuthMatrix, AnExpiredLinkIsRefused) {
  World world;
  SignedWire plain;
  plain.method = Method::put;
  plain.path = "/bucket/dir/key";
  WireSigner signer = signer_of(world, Place::query, PayloadKind::unsigned_);
  signer.expires = "60";
  const SignedWire link = signer.sign(plain);
  world.home.world.advance(59s);
  EXPECT_EQ(world.ask(link).status, 200);
  world.home.world.advance(2s);
  expect_refused(world, link, "expired");
}

}  // namespace
}  // namespace tidegate::api
