// The codecs: what AWS's clients send is read, what they cannot send is refused by name, and what
// goes out is what their parsers expect.
#include "wire/codec.h"

#include <gtest/gtest.h>

#include "support/small_shapes.h"

namespace tidegate::wire {
namespace {

using namespace small;

template <class T>
std::string refusal(Status (*decode)(std::string_view, const Shape&, void*),
                    std::string_view text) {
  T object;
  Status s = decode(text, shape_of<T>::value, &object);
  return s.ok() ? "ok" : std::string(name_of(s.fault())) + ": " + s.error().message;
}
std::string json_refusal(std::string_view text) {
  return refusal<Everything>(decode_json, text);
}
template <class T>
T from_json(std::string_view text) {
  T object;
  Status s = decode_json(text, shape_of<T>::value, &object);
  EXPECT_TRUE(s.ok()) << (s.ok() ? "" : s.error().message);
  return object;
}
Status strict_xml(std::string_view text, const Shape& shape, void* object) {
  return decode_xml(text, shape, object, true);
}

// --- JSON -------------------------------------------------------------------------------------

TEST(JsonCodec, EveryKindIsRead) {
  auto e = from_json<Everything>(
      R"({"Id":"ab","Flag":true,"Number":5.0,"Large":9007199254740993,"Ratio":2,"Data":"aGk=",
          "When":1767323045.678,"Iso":"2026-01-02T03:04:05.678Z","Words":["a",""],
          "Items":[{"Name":"n"},{"Name":"m","Count":3}],"Tags":{"k":"v","null":null},
          "Named":{"x":{"Name":"y"}},"Item":{"Name":"i","Extra":[1,{}]},"Any":{"b":[1.0,null]},
          "mode":"slow","Unknown":{"ignored":true},"Secret":null})");
  EXPECT_EQ(e.id, "ab");
  EXPECT_EQ(e.flag, true);
  EXPECT_EQ(e.number, 5);
  EXPECT_EQ(e.large, 9007199254740993);
  EXPECT_EQ(e.ratio, 2.0);
  EXPECT_EQ(e.data->bytes, "hi");
  EXPECT_EQ(to_ms(*e.when), 1767323045678);
  EXPECT_EQ(e.iso, e.when);
  EXPECT_EQ(e.words, (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(e.items.size(), 2u);
  EXPECT_EQ(e.items[1].count, 3);
  EXPECT_EQ(e.tags, (std::map<std::string, std::string>{{"k", "v"}}));
  EXPECT_EQ(e.named.at("x").name, "y");
  EXPECT_EQ(e.item->name, "i");
  EXPECT_EQ(document::to_json(*e.any), R"({"b":[1.0,null]})");
  EXPECT_EQ(e.mode, "slow");
  EXPECT_FALSE(e.secret);
}

TEST(JsonCodec, EveryKindIsWritten) {
  Everything e;
  e.id = "a\"b";
  e.flag = false;
  e.number = -1;
  e.large = INT64_MIN;
  e.ratio = 0;
  e.data = Blob{"hi"};
  e.when = instant_from_ms(1767323045000);
  e.iso = instant_from_ms(1767323045678);
  e.items = {{"n", 1}};
  e.tags = {{"k", "v"}, {"l", ""}};
  e.any = *document::parse_json("[1.50]");
  EXPECT_EQ(encode_json(e),
            R"({"Id":"a\"b","Flag":false,"Number":-1,"Large":-9223372036854775808,"Ratio":0.0,)"
            R"("Data":"aGk=","When":1767323045,"Iso":"2026-01-02T03:04:05.678Z","Words":[],)"
            R"("Items":[{"Name":"n","Count":1}],"Tags":{"k":"v","l":""},"Named":{},"Any":[1.50]})");
}

TEST(JsonCodec, TimesAndNumbersInTheirForms) {
  auto written = [](auto set) {
    Everything e;
    set(e);
    std::string text = encode_json(e);
    const std::size_t at = text.find(':', text.find(',')) + 1;
    return text.substr(at, text.find(',', at) - at);
  };
  EXPECT_EQ(written([](Everything& e) { e.ratio = 100; }), "100.0");
  EXPECT_EQ(written([](Everything& e) { e.ratio = 0.1; }), "0.1");
  EXPECT_EQ(written([](Everything& e) { e.ratio = 1e300; }), "1e+300");
  EXPECT_EQ(written([](Everything& e) { e.when = instant_from_ms(5); }), "0.005");
  EXPECT_EQ(written([](Everything& e) { e.when = instant_from_ms(-1500); }), "-1.500");
  EXPECT_EQ(written([](Everything& e) { e.when = instant_from_ms(-500); }), "-0.500");
}

TEST(JsonCodec, WhatIsNoValueIsRefused) {
  for (const char* text : {"",
                           "[]",
                           "null",
                           "{",
                           "{}x",
                           "\"Id\"",
                           R"({"Id":5})",
                           R"({"Id":["x"]})",
                           R"({"Id":"ab","Flag":"true"})",
                           R"({"Id":"ab","Number":5.5})",
                           R"({"Id":"ab","Number":1e99})",
                           R"({"Id":"ab","Number":3000000000})",
                           R"({"Id":"ab","Number":"5"})",
                           R"({"Id":"ab","Large":9223372036854775808})",
                           R"({"Id":"ab","Data":"a"})",
                           R"({"Id":"ab","Words":"x"})",
                           R"({"Id":"ab","Words":[null]})",
                           R"({"Id":"ab","Tags":[]})",
                           R"({"Id":"ab","Item":"x"})",
                           R"({"Id":"ab","When":"soon"})",
                           R"({"Id":"ab","When":true})",
                           R"({"Id":"ab","When":1e300})"})
    EXPECT_EQ(json_refusal(text).substr(0, 15), "malformed_body:") << text;
  std::string deep = R"({"Id":"ab","Any":)";
  for (int i = 0; i < 1000; ++i) deep += "[";
  EXPECT_EQ(json_refusal(deep).substr(0, 15), "malformed_body:");
}

TEST(JsonCodec, ViolationsAreToldInAwsWords) {
  EXPECT_EQ(json_refusal("{}"),
            "invalid_request: 1 validation error detected: Value null at 'id' failed to satisfy "
            "constraint: Member must not be null");
  EXPECT_EQ(json_refusal(R"({"Id":"a"})"),
            "invalid_request: 1 validation error detected: Value 'a' at 'id' failed to satisfy "
            "constraint: Member must have length greater than or equal to 2");
  EXPECT_EQ(
      json_refusal(R"({"Id":"abcde","Number":0,"Ratio":100.5,"mode":"warp","Secret":"password"})"),
      "invalid_request: 5 validation errors detected: Value 'abcde' at 'id' failed to satisfy "
      "constraint: Member must have length less than or equal to 4; Value '0' at 'number' failed "
      "to satisfy constraint: Member must have value greater than or equal to 1; Value '100.5' at "
      "'ratio' failed to satisfy constraint: Member must have value less than or equal to 100; "
      "Value 'warp' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: "
      "[fast, slow]; Value '***' at 'secret' failed to satisfy constraint: Member must have length "
      "less than or equal to 3");
  EXPECT_EQ(json_refusal(R"({"Id":"éééé"})"), "ok");  // characters, not bytes
  EXPECT_NE(json_refusal(R"({"Id":"ab","Words":["","","",""]})").find("at 'words'"),
            std::string::npos);
  EXPECT_NE(json_refusal(R"({"Id":"ab","Tags":{"a":"","b":"","c":""}})").find("at 'tags'"),
            std::string::npos);
  EXPECT_NE(json_refusal(R"({"Id":"ab","Data":"aGVsbG8h"})").find("at 'data'"), std::string::npos);
  EXPECT_NE(json_refusal(R"({"Id":"ab","Items":[{"Name":"x"},{}]})").find("'items.2.member.name'"),
            std::string::npos);
}

// --- XML --------------------------------------------------------------------------------------

Document from_xml(std::string_view text, bool strict = true) {
  Document d;
  Status s = decode_xml(text, shape_of<Document>::value, &d, strict);
  EXPECT_TRUE(s.ok()) << text;
  return d;
}

TEST(XmlCodec, ListsAttributesAndNamespacesAreRead) {
  const Document d = from_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s3:Document xmlns:s3=\"http://x\">"
      "<Item><Name>a &amp; b</Name></Item><Status> on </Status><Item><Name>c</Name><Count> 5 "
      "</Count></Item><Events><Event>e1</Event><Event/></Events>"
      "<Owners><member><Name>o</Name></member></Owners><Days>\n 7 </Days>"
      "<Owner xmlns:xsi=\"http://y\" xsi:type=\"User\"><Name><![CDATA[<n>]]></Name></Owner>"
      "<When>2026-01-02T03:04:05Z</When><!-- no --></s3:Document>");
  EXPECT_EQ(d.status, " on ");
  ASSERT_EQ(d.items.size(), 2u);
  EXPECT_EQ(d.items[0].name, "a & b");
  EXPECT_EQ(d.items[1].count, 5);
  EXPECT_EQ(d.events, (std::vector<std::string>{"e1", ""}));
  ASSERT_EQ(d.owners.size(), 1u);
  EXPECT_EQ(d.owners[0].name, "o");
  EXPECT_EQ(d.days, 7);
  EXPECT_EQ(d.owner->type, "User");
  EXPECT_EQ(d.owner->name, "<n>");
  EXPECT_EQ(to_ms(*d.when), 1767323045000);
}

TEST(XmlCodec, WhatIsWrittenIsReadAgain) {
  Document d;
  d.status = "<on> & \"so\"\r";
  d.items = {{"a", 1}, {"b", {}}};
  d.events = {"x"};
  d.owner = Owner{"User", "n"};
  d.when = instant_from_ms(1767323045000);
  const std::string text = encode_xml(shape_of<Document>::value, &d, "Document");
  EXPECT_EQ(
      text,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"http://s3.example/doc/\">"
      "<Status>&lt;on&gt; &amp; &quot;so&quot;&#13;</Status><Item><Name>a</Name><Count>1"
      "</Count></Item><Item><Name>b</Name></Item><Events><Event>x</Event></Events><Owners>"
      "</Owners><Owner xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:type=\"User\"><Name>n</Name></Owner>"
      "<When>2026-01-02T03:04:05.000Z</When></Document>");
  const Document again = from_xml(text);
  EXPECT_EQ(again.status, d.status);
  EXPECT_EQ(again.owner->type, "User");
  EXPECT_EQ(again.items.size(), 2u);
}

TEST(XmlCodec, AnUnwrappedMemberIsTheText) {
  Location l{"eu-west-1"};
  EXPECT_EQ(encode_xml(shape_of<Location>::value, &l, "LocationConstraint"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<LocationConstraint>eu-west-1</LocationConstraint>");
}

TEST(XmlCodec, WhatTheSchemaDoesNotKnowIsRefusedWhenStrict) {
  const char* odd = "<Document><Status>s</Status><Odd/></Document>";
  EXPECT_EQ(refusal<Document>(strict_xml, odd).substr(0, 14), "malformed_xml:");
  EXPECT_EQ(from_xml(odd, false).status, "s");
}

TEST(XmlCodec, BrokenAndDangerousDocumentsAreRefused) {
  std::string deep, wide = "<Document><Status>s</Status>";
  for (int i = 0; i < 40; ++i) deep += "<a>";
  for (int i = 0; i < 100'001; ++i) wide += "<Item><Name>a</Name></Item>";
  wide += "</Document>";
  const std::string cases[] = {
      "",
      "x",
      "<Document>",
      "<Document></Other>",
      "<Other><Status>s</Status></Other>",
      "<Document/>",  // Status is missing
      "<Document><Status>s</Status></Document>x",
      "<Document><Status>s</Status><Status>s</Status></Document>",
      "<Document><Status><b/></Status></Document>",
      "<Document><Status>s</Status><Days>x</Days></Document>",
      "<Document><Status>s</Status><Events><Other/></Events></Document>",
      "<Document><Status>s</Status><Item/></Document>",  // Name is missing inside
      "<Document><Status>&nbsp;</Status></Document>",
      "<!DOCTYPE Document [<!ENTITY a \"aaaa\">]><Document><Status>&a;</Status></Document>",
      "<!DOCTYPE Document SYSTEM \"file:///etc/passwd\"><Document><Status>s</Status></Document>",
      "<Document><Status>\xff</Status></Document>",
      "<Document><Status>&#0;</Status></Document>",
      deep,
      wide};
  for (const std::string& text : cases)
    EXPECT_EQ(refusal<Document>(strict_xml, text).substr(0, 14), "malformed_xml:")
        << text.substr(0, 80);
  EXPECT_EQ(refusal<Document>(strict_xml, "<Document><Status>s</Status><Days>31</Days></Document>")
                .substr(0, 16),
            "invalid_request:");
}

// --- form -------------------------------------------------------------------------------------

TEST(FormCodec, MembersListsAndStructures) {
  Query q;
  Status s = decode_form(
      "Action=Do&Version=2011-06-15&Seconds=5&Keys.member.1=a+b&Keys.member.2=%C3%A9&"
      "Tags.member.1.Name=n&Tags.member.2.Name=m&Tags.member.2.Count=2&Item.Name=i&&x",
      shape_of<Query>::value, &q);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(q.action, "Do");
  EXPECT_EQ(q.seconds, 5);
  EXPECT_EQ(q.keys, (std::vector<std::string>{"a b", "é"}));
  ASSERT_EQ(q.tags.size(), 2u);
  EXPECT_EQ(q.tags[1].count, 2);
  EXPECT_EQ(q.item->name, "i");
}

TEST(FormCodec, WhatIsWrongIsNamed) {
  auto told = [](std::string_view text) { return refusal<Query>(decode_form, text); };
  EXPECT_NE(told("").find("Value null at 'action'"), std::string::npos);
  EXPECT_NE(told("Action=a&Seconds=61").find("less than or equal to 60"), std::string::npos);
  EXPECT_EQ(told("Action=a&Seconds=x"), "malformed_body: the value of Seconds cannot be read");
  EXPECT_EQ(told("Action=%zz").substr(0, 15), "malformed_body:");
  EXPECT_NE(told("Action=a&Tags.member.1.Count=1").find("'tags.1.member.name'"), std::string::npos);
  std::string many = "Action=a";
  for (int i = 0; i < 3000; ++i) many += "&a=b";
  EXPECT_EQ(told(many).substr(0, 15), "malformed_body:");
}

// --- the parts of a request -------------------------------------------------------------------

struct Sent {
  Labels labels;
  http::Query query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

template <class Input>
Status read(Protocol protocol, const Sent& sent, Input& input) {
  const Row row{"Op",   http::Method::put,       "/{Bucket}/{Key+}",
                200,    &shape_of<Input>::value, &shape_of<Nothing>::value,
                "s3:Op"};
  return decode_request(protocol, row, {&sent.labels, &sent.query, &sent.headers, sent.body},
                        &input);
}

TEST(Bindings, EveryPlaceIsRead) {
  Sent sent;
  sent.labels.values = {{"Bucket", "b"}, {"Key", "k/l"}};
  sent.query = {{"max-items", "7"}, {"filter", "a"}, {"filter", "b"}, {"other", "x"}};
  sent.headers = {
      {"content-type", "text/plain"}, {"if-modified-since", "Fri, 02 Jan 2026 03:04:05 GMT"},
      {"x-attributes", "one, two"},   {"x-attributes", "three"},
      {"x-amz-meta-a", "1"},          {"x-amz-meta-b-c", "2"}};
  sent.body = "bytes";
  for (Protocol p : {Protocol::rest_xml, Protocol::rest_json}) {
    Parts parts;
    ASSERT_TRUE(read(p, sent, parts).ok());
    EXPECT_EQ(parts.bucket, "b");
    EXPECT_EQ(parts.key, "k/l");
    EXPECT_EQ(parts.limit, 7);
    EXPECT_EQ(parts.filters, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(parts.type, "text/plain");
    EXPECT_EQ(to_ms(*parts.since), 1767323045000);
    EXPECT_EQ(parts.attributes, (std::vector<std::string>{"one", "two", "three"}));
    EXPECT_EQ(parts.metadata, (std::map<std::string, std::string>{{"a", "1"}, {"b-c", "2"}}));
    EXPECT_EQ(parts.body->bytes, "bytes");
  }
}

TEST(Bindings, WhatIsWrongIsRefusedByName) {
  auto refused = [](Protocol protocol, http::Query query, std::string key = "k") {
    Sent sent;
    sent.labels.values = {{"Bucket", "b"}, {"Key", std::move(key)}};
    sent.query = std::move(query);
    Parts parts;
    return read(protocol, sent, parts);
  };
  EXPECT_TRUE(refused(Protocol::rest_xml, {}).ok());
  Status s = refused(Protocol::rest_xml, {{"max-items", "ten"}});
  EXPECT_EQ(s.fault(), Fault::invalid_argument);
  EXPECT_EQ(s.error().message, "Provided max-items not an integer or within integer range");
  EXPECT_EQ(refused(Protocol::rest_json, {{"max-items", "ten"}}).fault(), Fault::malformed_body);
  s = refused(Protocol::rest_json, {{"max-items", "51"}}, std::string(11, 'k'));
  EXPECT_EQ(s.fault(), Fault::invalid_request);
  ASSERT_EQ(s.error().details.size(), 2u);
  EXPECT_EQ(s.error().details[0].location, "key");
  EXPECT_EQ(s.error().details[1].location, "limit");
  EXPECT_EQ(refused(Protocol::rest_json, {{"filter", "a"}, {"filter", "b"}, {"filter", "c"}})
                .error()
                .details.at(0)
                .location,
            "filters");
}

TEST(Bindings, ADocumentAsPayload) {
  Sent sent;
  sent.labels.values = {{"Bucket", "b"}};
  DocumentInput in;
  EXPECT_EQ(read(Protocol::rest_xml, sent, in).fault(), Fault::malformed_xml);
  EXPECT_EQ(read(Protocol::rest_json, sent, in).fault(), Fault::invalid_request);
  sent.body = "<Document><Status>s</Status></Document>";
  ASSERT_TRUE(read(Protocol::rest_xml, sent, in).ok());
  EXPECT_EQ(in.document->status, "s");
  sent.body = R"({"Status":"j"})";
  ASSERT_TRUE(read(Protocol::rest_json, sent, in).ok());
  EXPECT_EQ(in.document->status, "j");
}

TEST(Bindings, AnEmptyJsonBodyIsAnEmptyObject) {
  Sent sent;
  Everything e;
  Status s = read(Protocol::rest_json, sent, e);
  EXPECT_EQ(s.fault(), Fault::invalid_request);
  sent.body = R"({"Id":"ab"})";
  EXPECT_TRUE(read(Protocol::rest_json, sent, e).ok());
}

template <class Output>
EncodedReply reply(Protocol protocol, const Output& output) {
  const Row row{"Op",   http::Method::get,         "/",
                201,    &shape_of<Nothing>::value, &shape_of<Output>::value,
                "s3:Op"};
  return encode_reply(protocol, row, &output);
}

TEST(Bindings, AnAnswerHasItsPlacesToo) {
  Answer a;
  a.etag = "\"e\"";
  a.modified = instant_from_ms(1767323045678);
  a.metadata = {{"k", "v"}};
  a.status = 206;
  a.body = Blob{"bytes"};
  const EncodedReply r = reply(Protocol::rest_xml, a);
  EXPECT_EQ(r.status, 206);
  EXPECT_EQ(r.body, "bytes");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"ETag", "\"e\""}, {"Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT"}, {"x-amz-meta-k", "v"}};
  EXPECT_EQ(r.headers, expected);
  EXPECT_EQ(reply(Protocol::rest_json, Answer{}).status, 201);
  EXPECT_TRUE(reply(Protocol::rest_json, Answer{}).headers.empty());
}

TEST(Bindings, BodiesHaveTheirContentType) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const EncodedReply json = reply(Protocol::rest_json, Item{"n", 1});
  EXPECT_EQ(json.body, R"({"Name":"n","Count":1})");
  EXPECT_EQ(json.headers, (Headers{{"Content-Type", "application/json"}}));
  const EncodedReply xml = reply(Protocol::rest_xml, Item{"n", 1});
  EXPECT_EQ(
      xml.body,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Item><Name>n</Name><Count>1</Count></Item>");
  EXPECT_EQ(xml.headers, (Headers{{"Content-Type", "application/xml"}}));
  Query q;
  q.action = "a";
  const EncodedReply form = reply(Protocol::query, q);
  EXPECT_EQ(form.body,
            "<OpResponse xmlns=\"https://sts.example/\"><OpResult xmlns=\"https://sts.example/\">"
            "<Action>a</Action><Keys></Keys><Tags></Tags></OpResult><ResponseMetadata/>"
            "</OpResponse>");
  EXPECT_EQ(reply(Protocol::rest_xml, Nothing{}).body, "");
}

}  // namespace
}  // namespace tidegate::wire
