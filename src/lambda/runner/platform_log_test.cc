#include "lambda/runner/platform_log.h"

#include <gtest/gtest.h>

#include "document/value.h"

namespace tidegate::lambda {
namespace {

const Instant kNow = instant_from_ms(1'700'000'000'123);

Report report() {
  Report r;
  r.request_id = "id";
  r.duration_us = 3010;
  r.memory_mb = 128;
  r.used_mb = 36;
  return r;
}

FunctionImage json_image(const char* level) {
  FunctionImage image;
  image.name = "f";
  image.version = "$LATEST";
  image.log_format = "JSON";
  image.system_log_level = level;
  return image;
}

// The types of the objects, one a line, each checked to be whole.
std::string types(const std::string& lines) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    auto parsed = document::parse_json(lines.substr(at, end - at));
    EXPECT_TRUE(parsed.ok()) << lines;
    if (!parsed.ok()) return "";
    EXPECT_EQ(*parsed->find("time")->string(), "2023-11-14T22:13:20.123Z");
    EXPECT_NE(parsed->find("record"), nullptr);
    out += *parsed->find("type")->string() + "\n";
    at = end + 1;
  }
  return out;
}

TEST(PlatformLog, Report) {
  Report r = report();
  EXPECT_EQ(report_line(r),
            "REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 36 MB\t\n");
  r.cold = true;
  r.init_us = 110'104;
  r.status = "timeout";
  EXPECT_NE(report_line(r).find("\tInit Duration: 110.10 ms\tStatus: timeout\n"),
            std::string::npos);
}

TEST(PlatformLog, ReportNamesOnlyThePlatformsErrors) {
  Report r;
  r.status = "failure";
  r.error_type = "Runtime.ExitError";
  EXPECT_NE(report_line(r).find("MB\tStatus: error\tError Type: Runtime.ExitError\n"),
            std::string::npos);
  r.status = "error";
  r.error_type = "ValueError";
  EXPECT_EQ(report_line(r).find("Status"), std::string::npos);
}

TEST(PlatformLog, Text) {
  FunctionImage image;
  image.version = "3";
  image.system_log_level = "WARN";  // of no meaning without JSON
  const PlatformLog log(image);
  EXPECT_EQ(log.start(kNow, "id"), "START RequestId: id Version: 3\n");
  EXPECT_EQ(log.ended(kNow, "id", "Runtime exited with error: signal: killed", "Runtime.ExitError"),
            "RequestId: id Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n");
  EXPECT_EQ(log.init_end(kNow, "init", 10'000'250, "timeout", ""),
            "INIT_REPORT Init Duration: 10000.25 ms\tPhase: init\tStatus: timeout\n");
  EXPECT_EQ(log.init_end(kNow, "init", 5'000, "success", ""), "");
  EXPECT_EQ(log.timed_out(kNow, "id"),
            "2023-11-14T22:13:20.123Z id Task timed out after 3.00 seconds\n\n");
  EXPECT_EQ(log.end(kNow, report()).rfind("END RequestId: id\nREPORT RequestId: id\t", 0), 0u);
}

TEST(PlatformLog, JsonObjects) {
  const FunctionImage image = json_image("DEBUG");
  const PlatformLog log(image);
  EXPECT_EQ(log.start(kNow, "id"), R"({"time":"2023-11-14T22:13:20.123Z","type":"platform.start",)"
                                   R"("record":{"requestId":"id","version":"$LATEST"}})"
                                   "\n");
  EXPECT_EQ(types(log.init_start(kNow, "Python \"3\"")), "platform.initStart\n");
  EXPECT_EQ(log.init_end(kNow, "init", 5'000, "error", "Runtime.Unknown"),
            R"({"time":"2023-11-14T22:13:20.123Z","type":"platform.initRuntimeDone","record":{)"
            R"("initializationType":"on-demand","phase":"init","status":"error",)"
            R"("errorType":"Runtime.Unknown"}})"
            "\n"
            R"({"time":"2023-11-14T22:13:20.123Z","type":"platform.initReport","record":{)"
            R"("initializationType":"on-demand","phase":"init","status":"error",)"
            R"("metrics":{"durationMs":5.000},"errorType":"Runtime.Unknown"}})"
            "\n");
  EXPECT_EQ(types(log.init_end(kNow, "init", 5'000, "success", "")),
            "platform.initRuntimeDone\nplatform.initReport\n");
  const std::string record = R"({"timestamp":"2023-11-14T22:13:20.123Z","level":"ERROR",)"
                             R"("requestId":"id","message":)";
  EXPECT_EQ(log.ended(kNow, "id", "why", "Runtime.ExitError"),
            record + R"("why","errorType":"Runtime.ExitError"})" + "\n");
  EXPECT_EQ(log.timed_out(kNow, "id"), record +
                                           R"("Task timed out after 3.00 seconds",)"
                                           R"("errorType":"Sandbox.Timedout"})" +
                                           "\n");
  Report r = report();
  r.cold = true;
  r.init_us = 7'125;
  const std::string end = log.end(kNow, r);
  EXPECT_EQ(types(end), "platform.runtimeDone\nplatform.report\n");
  EXPECT_NE(end.find(R"("status":"success","metrics":{"durationMs":3.010,"billedDurationMs":4,)"
                     R"("memorySizeMB":128,"maxMemoryUsedMB":36,"initDurationMs":7.125}}})"),
            std::string::npos)
      << end;
}

TEST(PlatformLog, TheLevelLetsPassWhatMattersEnough) {
  Report bad = report();
  bad.status = "failure";
  bad.error_type = "Runtime.ExitError";
  const FunctionImage info_image = json_image("INFO"), warn_image = json_image("WARN");
  const PlatformLog info(info_image), warn(warn_image);
  EXPECT_EQ(types(info.end(kNow, report())), "platform.report\n");
  EXPECT_EQ(types(info.end(kNow, bad)), "platform.runtimeDone\nplatform.report\n");
  EXPECT_EQ(info.init_end(kNow, "init", 5'000, "success", ""), "");
  EXPECT_EQ(types(warn.init_end(kNow, "invoke", 5, "timeout", "")),
            "platform.initRuntimeDone\nplatform.initReport\n");
  EXPECT_EQ(warn.start(kNow, "id") + warn.init_start(kNow, "x") + warn.end(kNow, report()), "");
  EXPECT_EQ(types(warn.end(kNow, bad)), "platform.runtimeDone\nplatform.report\n");
  const std::string end = warn.end(kNow, bad);
  EXPECT_NE(end.find(R"("status":"failure","metrics":{)"), std::string::npos);
  EXPECT_NE(end.find(R"(},"errorType":"Runtime.ExitError"}})"), std::string::npos);
}

}  // namespace
}  // namespace tidegate::lambda
