// Small wire shapes that use every feature of the tables, for tests of codecs, router and model.
#pragma once

#include "wire/operation.h"
#include "wire/shape.h"

namespace tidegate::small {

struct Item {
  std::string name;
  std::optional<std::int32_t> count;
};
struct Everything {
  std::string id;
  std::optional<bool> flag;
  std::optional<std::int32_t> number;
  std::optional<std::int64_t> large;
  std::optional<double> ratio;
  std::optional<wire::Blob> data;
  std::optional<Instant> when;
  std::optional<Instant> iso;
  std::vector<std::string> words;
  std::vector<Item> items;
  std::map<std::string, std::string> tags;
  std::map<std::string, Item> named;
  std::optional<Item> item;
  std::optional<document::Value> any;
  std::optional<std::string> mode;
  std::optional<std::string> secret;
};

struct Parts {
  std::string bucket, key;
  std::optional<std::int32_t> limit;
  std::vector<std::string> filters;
  std::optional<std::string> type;
  std::optional<Instant> since;
  std::vector<std::string> attributes;
  std::map<std::string, std::string> metadata;
  std::optional<wire::Blob> body;
};
struct Answer {
  std::optional<std::string> etag;
  std::optional<Instant> modified;
  std::map<std::string, std::string> metadata;
  std::optional<std::int32_t> status;
  std::optional<wire::Blob> body;
};

struct Owner {
  std::optional<std::string> type, name;
};
struct Document {
  std::string status;
  std::optional<std::int32_t> days;
  std::vector<Item> items;          // <Item>…</Item><Item>…</Item>
  std::vector<std::string> events;  // <Events><Event>…
  std::vector<Owner> owners;        // <Owners><member>…
  std::optional<Owner> owner;
  std::optional<Instant> when;
};
struct DocumentInput {
  std::string bucket;
  std::optional<Document> document;
};
struct Location {
  std::optional<std::string> constraint;
};
struct Query {
  std::string action;
  std::optional<std::int32_t> seconds;
  std::vector<std::string> keys;
  std::vector<Item> tags;
  std::optional<Item> item;
};
struct Bucket {
  std::string bucket;
};
struct Upload {
  std::string bucket, key, upload_id;
  std::int32_t part = 0;
};
struct CopyUpload {
  std::string bucket, key, upload_id, source;
  std::int32_t part = 0;
};

inline constexpr std::string_view kModes[] = {"fast", "slow"};

}  // namespace tidegate::small

namespace tidegate::wire {

template <>
struct shape_of<small::Item> {
  using S = small::Item;
  static constexpr Member members[] = {field<&S::name>("Name").length(1, 8),
                                       field<&S::count>("Count").range(0, 10)};
  static constexpr Shape value{"Item", members};
};
template <>
struct shape_of<small::Everything> {
  using S = small::Everything;
  static constexpr Member members[] = {field<&S::id>("Id").length(2, 4),
                                       field<&S::flag>("Flag"),
                                       field<&S::number>("Number").range(1, 100),
                                       field<&S::large>("Large"),
                                       field<&S::ratio>("Ratio").range(0, 100),
                                       field<&S::data>("Data").length(0, 5),
                                       field<&S::when>("When"),
                                       field<&S::iso>("Iso").as(TimeFormat::iso8601),
                                       field<&S::words>("Words").length(0, 3),
                                       field<&S::items>("Items"),
                                       field<&S::tags>("Tags").length(0, 2),
                                       field<&S::named>("Named"),
                                       field<&S::item>("Item"),
                                       field<&S::any>("Any"),
                                       field<&S::mode>("Mode").wire("mode").values(small::kModes),
                                       field<&S::secret>("Secret").with(kSensitive).length(0, 3)};
  static constexpr Shape value{"Everything", members};
};
template <>
struct shape_of<small::Parts> {
  using S = small::Parts;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::key>("Key").bind(In::greedy_label).length(1, 10),
      field<&S::limit>("Limit").bind(In::query).wire("max-items").range(1, 50),
      field<&S::filters>("Filters").bind(In::query).wire("filter").length(0, 2),
      field<&S::type>("Type").bind(In::header).wire("Content-Type"),
      field<&S::since>("Since").bind(In::header).wire("If-Modified-Since"),
      field<&S::attributes>("Attributes").bind(In::header).wire("x-attributes"),
      field<&S::metadata>("Metadata").bind(In::prefix_headers).wire("x-amz-meta-"),
      field<&S::body>("Body").bind(In::payload)};
  static constexpr Shape value{"PartsRequest", members};
};
template <>
struct shape_of<small::Answer> {
  using S = small::Answer;
  static constexpr Member members[] = {
      field<&S::etag>("ETag").bind(In::header),
      field<&S::modified>("Modified").bind(In::header).wire("Last-Modified"),
      field<&S::metadata>("Metadata").bind(In::prefix_headers).wire("x-amz-meta-"),
      field<&S::status>("Status").bind(In::status_code), field<&S::body>("Body").bind(In::payload)};
  static constexpr Shape value{"Answer", members};
};
template <>
struct shape_of<small::Owner> {
  using S = small::Owner;
  static constexpr Member members[] = {field<&S::type>("Type").wire("xsi:type").with(kXmlAttribute),
                                       field<&S::name>("Name")};
  static constexpr Shape value{"Owner", members};
};
template <>
struct shape_of<small::Document> {
  using S = small::Document;
  static constexpr Member members[] = {field<&S::status>("Status"),
                                       field<&S::days>("Days").range(1, 30),
                                       field<&S::items>("Items").wire("Item").with(kFlattened),
                                       field<&S::events>("Events").items("Event"),
                                       field<&S::owners>("Owners"),
                                       field<&S::owner>("Owner"),
                                       field<&S::when>("When")};
  static constexpr Shape value{"Document", members, "Document", "http://s3.example/doc/"};
};
template <>
struct shape_of<small::DocumentInput> {
  using S = small::DocumentInput;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::document>("Document").bind(In::payload).needed()};
  static constexpr Shape value{"DocumentInput", members};
};
template <>
struct shape_of<small::Location> {
  using S = small::Location;
  static constexpr Member members[] = {field<&S::constraint>("Constraint").with(kUnwrapped)};
  static constexpr Shape value{"Location", members, "LocationConstraint"};
};
template <>
struct shape_of<small::Query> {
  using S = small::Query;
  static constexpr Member members[] = {
      field<&S::action>("Action"), field<&S::seconds>("Seconds").range(1, 60),
      field<&S::keys>("Keys"), field<&S::tags>("Tags"), field<&S::item>("Item")};
  static constexpr Shape value{"Query", members, {}, "https://sts.example/"};
};
template <>
struct shape_of<small::Bucket> {
  using S = small::Bucket;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label)};
  static constexpr Shape value{"BucketRequest", members};
};
template <>
struct shape_of<small::Upload> {
  using S = small::Upload;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::part>("PartNumber").bind(In::query).wire("partNumber")};
  static constexpr Shape value{"UploadRequest", members};
};
template <>
struct shape_of<small::CopyUpload> {
  using S = small::CopyUpload;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::part>("PartNumber").bind(In::query).wire("partNumber"),
      field<&S::source>("Source").bind(In::header).wire("x-amz-copy-source")};
  static constexpr Shape value{"CopyUploadRequest", members};
};

}  // namespace tidegate::wire
