#include "s3/lifecycle.h"

#include <gtest/gtest.h>

#include "s3/settings.h"
#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

LifecycleRule expiring(std::int32_t days) {
  LifecycleRule rule;
  rule.status = "Enabled";
  rule.filter.emplace();
  rule.expiration.emplace().days = days;
  return rule;
}

Status judge(std::vector<LifecycleRule> rules) {
  SeededRandom random(1);
  LifecycleConfiguration configuration{std::move(rules), ""};
  return validate(configuration, random);
}

TEST(Lifecycle, RulesWithoutAnIdGetOne) {
  SeededRandom random(1);
  LifecycleConfiguration configuration{{expiring(1), expiring(2)}, ""};
  ASSERT_TRUE(validate(configuration, random).ok());
  EXPECT_FALSE(configuration.rules[0].id->empty());
  EXPECT_NE(*configuration.rules[0].id, *configuration.rules[1].id);
}

TEST(Lifecycle, WhatAWSRefusesIsRefused) {
  EXPECT_EQ(judge({}).fault(), Fault::malformed_xml);
  EXPECT_EQ(judge(std::vector<LifecycleRule>(1001, expiring(1))).fault(), Fault::malformed_xml);
  EXPECT_EQ(judge({expiring(0)}).fault(), Fault::invalid_argument);
  auto change = [](auto how) {
    LifecycleRule rule = expiring(1);
    how(rule);
    return judge({rule}).fault();
  };
  EXPECT_EQ(change([](auto& r) { r.status = "enabled"; }), Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.prefix = ""; }), Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.filter.reset(); }), Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.id = std::string(256, 'x'); }), Fault::invalid_argument);
  EXPECT_EQ(change([](auto& r) { r.expiration.reset(); }), Fault::invalid_request);
  EXPECT_EQ(change([](auto& r) { r.expiration->date = instant_from_ms(0); }), Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) {
              r.expiration->days.reset();
              r.expiration->date = instant_from_ms(1000);
            }),
            Fault::invalid_argument);
  EXPECT_EQ(change([](auto& r) {
              r.transitions.push_back({{}, 1, "STANDARD"});
            }),
            Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.noncurrent_expiration.emplace(); }), Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.abort_incomplete_upload.emplace().days = 0; }),
            Fault::invalid_argument);
  EXPECT_EQ(change([](auto& r) {
              r.filter->prefix = "a";
              r.filter->size_less_than = 5;
            }),
            Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.filter->conjunction.emplace().prefix = "a"; }),
            Fault::malformed_xml);
  EXPECT_EQ(change([](auto& r) { r.filter->tag = LifecycleTag{"", "v"}; }), Fault::invalid_tag);
  LifecycleRule a = expiring(1), b = expiring(2);
  a.id = b.id = "same";
  EXPECT_EQ(judge({a, b}).fault(), Fault::invalid_argument);
}

TEST(Settings, AreKeptAndEndWithTheirBucket) {
  S3World w;
  w.bucket("bucket");
  auto tags = [&w] {
    return w.run(w.s3->buckets.setting<BucketTags>(w.caller, "bucket", Setting::tagging));
  };
  EXPECT_FALSE(tags()->has_value());
  BucketTags kept{{{"team", "blue"}}};
  std::optional<std::string> record = store::encode(kept);
  ASSERT_TRUE(w.run(w.s3->buckets.put_setting(w.caller, "bucket", Setting::tagging, record)).ok());
  w.stop();
  w.start();
  EXPECT_EQ((*tags())->tags, kept.tags);
  ASSERT_TRUE(w.run(w.s3->buckets.remove(w.caller, "bucket")).ok());
  w.bucket("bucket");
  EXPECT_FALSE(tags()->has_value());
}

TEST(Tags, OfBucketsAndObjectsHaveTheirLimits) {
  Tags many;
  for (int i = 0; i < 11; ++i) many[std::to_string(i)] = "";
  EXPECT_EQ(check_tags(many, Tagged::object).fault(), Fault::invalid_tag);
  EXPECT_TRUE(check_tags(many, Tagged::bucket).ok());
  for (int i = 0; i < 51; ++i) many[std::to_string(i)] = "";
  EXPECT_EQ(check_tags(many, Tagged::bucket).fault(), Fault::invalid_tag);
  for (const auto& [key, value] : Tags{{"aws:x", ""}, {"", "v"}, {"a!", ""}, {"k", "a;b"}})
    EXPECT_EQ(check_tags({{key, value}}, Tagged::object).fault(), Fault::invalid_tag) << key;
  EXPECT_EQ(check_tags({{std::string(129, 'k'), ""}}, Tagged::object).fault(), Fault::invalid_tag);
  EXPECT_EQ(check_tags({{"k", std::string(257, 'v')}}, Tagged::object).fault(), Fault::invalid_tag);
  EXPECT_TRUE(check_tags({{"Größe", "a b+-=._:/@"}}, Tagged::object).ok());
}

TEST(Lifecycle, WhatHasNoTagsIsNotFilteredByThem) {
  LifecycleRule markers = expiring(1);
  markers.expiration = LifecycleExpiration{};
  markers.expiration->expired_object_delete_marker = true;
  EXPECT_TRUE(judge({markers}).ok());
  markers.filter->tag = {"a", "b"};
  EXPECT_EQ(judge({markers}).fault(), Fault::invalid_request);
  LifecycleRule aborts;
  aborts.status = "Enabled";
  aborts.filter.emplace();
  aborts.abort_incomplete_upload.emplace().days = 1;
  EXPECT_TRUE(judge({aborts}).ok());
  aborts.filter->size_greater_than = 5;
  EXPECT_EQ(judge({aborts}).fault(), Fault::invalid_request);
}

}  // namespace
}  // namespace tidegate::s3
