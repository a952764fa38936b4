// What Alertmanager's notifications say of alarms.
#include "api/alertmanager/alertmanager.h"

#include <gmock/gmock.h>

namespace tidegate::api::alertmanager {
namespace {

const Scope kScope{"111122223333", "eu-west-1"};

std::string notification(std::string_view alerts, std::string_view version = "\"4\"") {
  return fmt::format(
      R"({{"version":{},"groupKey":"{{}}:{{}}","truncatedAlerts":0,"status":"firing","receiver":"t",
          "groupLabels":{{}},"commonLabels":{{}},"commonAnnotations":{{}},"externalURL":"http://a",
          "alerts":[{}]}})",
      version, alerts);
}
std::string alert(std::string_view status, std::string_view labels,
                  std::string_view annotations = "") {
  return fmt::format(
      R"({{"status":"{}","labels":{{{}}},"annotations":{{{}}},"startsAt":"2026-01-02T03:04:05Z",
          "endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":"abc"}})",
      status, labels, annotations);
}

TEST(NotificationTest, FiringAndResolvedAlertsNameTheirAlarms) {
  const auto read = read_notification(
      notification(alert("firing", R"("alertname":"HighErrors","alarm":"errors")",
                         R"("summary":"5 % fail")") +
                   "," + alert("resolved", R"("alarm":"slow")") + "," + alert("firing", "")),
      "alarm", kScope);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->changes.size(), 2U);
  EXPECT_EQ(read->changes[0].alarm, "errors");
  EXPECT_TRUE(read->changes[0].firing);
  EXPECT_EQ(read->changes[0].reason, "Alertmanager: HighErrors is firing: 5 % fail");
  EXPECT_EQ(read->changes[1].alarm, "slow");
  EXPECT_FALSE(read->changes[1].firing);
  EXPECT_EQ(read->changes[1].reason, "Alertmanager: an alert is resolved");
  EXPECT_EQ(read->without_label, 1U);
}

TEST(NotificationTest, OneFiringAlertOfAnAlarmOutweighsResolvedOnes) {
  for (const char* order : {"frr", "rfr", "rrf"}) {
    std::string alerts;
    for (const char* c = order; *c; ++c)
      alerts += (alerts.empty() ? "" : ",") +
                alert(*c == 'f' ? "firing" : "resolved", R"("severity":"a")");
    const auto read = read_notification(notification(alerts), "severity", kScope);
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->changes.size(), 1U);
    EXPECT_TRUE(read->changes[0].firing) << order;
  }
}

TEST(NotificationTest, AnArnNamesAnAlarmOfThisAccountAndRegionOnly) {
  auto named = [](std::string_view arn) {
    const auto read = read_notification(
        notification(alert("firing", fmt::format(R"("alarm":"{}")", arn))), "alarm", kScope);
    return read.ok() ? read->changes[0].alarm : read.error().message;
  };
  EXPECT_EQ(named("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a:b"), "a:b");
  const char* elsewhere = "arn:aws:cloudwatch:eu-west-1:444455556666:alarm:a";
  EXPECT_EQ(named(elsewhere), elsewhere);
}

TEST(NotificationTest, AReasonIsCutBetweenCharacters) {
  std::string summary = "\"summary\":\"";
  for (int i = 0; i < 600; ++i) summary += "\xc3\xa9";
  const auto read = read_notification(
      notification(alert("firing", R"("alarm":"a")", summary + "\"")), "alarm", kScope);
  ASSERT_TRUE(read.ok());
  EXPECT_LE(read->changes[0].reason.size(), 1023U);
  EXPECT_GE(read->changes[0].reason.size(), 1022U);
  EXPECT_EQ(read->changes[0].reason.back(), '\xa9');
}

TEST(NotificationTest, WhatIsNoneIsRefusedWithAReason) {
  const std::pair<std::string, const char*> kCases[] = {
      {"{", ""},
      {"[]", "'version'"},
      {notification("", "4"), "'version'"},
      {notification("", "\"3\""), "'version'"},
      {R"({"version":"4"})", "'alerts'"},
      {notification("1"), "'status'"},
      {notification(alert("silenced", R"("alarm":"a")")), "'status'"},
      {notification(""), "None of the 0 alerts has the label 'alarm'"},
      {notification(alert("firing", "")), "None of the 1 alerts has the label 'alarm'"},
      {notification(alert("firing", R"("alarm":7)")), "None of the 1 alerts"},
  };
  for (const auto& [json, says] : kCases) {
    const auto read = read_notification(json, "alarm", kScope);
    ASSERT_FALSE(read.ok()) << json;
    EXPECT_THAT(read.error().message, testing::HasSubstr(says));
  }
}

}  // namespace
}  // namespace tidegate::api::alertmanager
