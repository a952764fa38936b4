#include "lambda/runner/outcome_text.h"

#include <gtest/gtest.h>

#include "lambda/runner/runtime_api.h"

namespace tidegate::lambda {
namespace {

using namespace std::string_literals;

TEST(OutcomeText, Documents) {
  EXPECT_EQ(timed_out_document("id", 3),
            R"({"errorType":"Sandbox.Timedout","errorMessage":)"
            R"("RequestId: id Error: Task timed out after 3.00 seconds"})");
  EXPECT_EQ(request_error_document("Runtime.ExitError", "id", exit_text(0)),
            R"({"errorType":"Runtime.ExitError","errorMessage":)"
            R"("RequestId: id Error: Runtime exited without providing a reason"})");
  EXPECT_EQ(exit_text(9), "Runtime exited with error: signal: killed");
  EXPECT_EQ(describe_status(127 << 8), "exit status 127");
  EXPECT_EQ(describe_status(9), "signal: killed");
  EXPECT_EQ(describe_status(11 | 0x80), "signal: segmentation fault");
  EXPECT_EQ(error_type_of(too_large_document()), "Function.ResponseSizeTooLarge");
  EXPECT_EQ(error_type_of("not json"), "");
}

TEST(OutcomeText, ErrorTypesKept) {
  EXPECT_EQ(kept_error_type("Runtime.ImportModuleError", "x"), "Runtime.ImportModuleError");
  EXPECT_EQ(kept_error_type("Function.Bad1", "x"), "Function.Unknown");
  EXPECT_EQ(kept_error_type("ValueError", "Runtime.Unknown"), "Runtime.Unknown");
  EXPECT_EQ(kept_error_type("Runtime.lower", "Runtime.Unknown"), "Runtime.Unknown");
}

TEST(OutcomeText, TheCauseIsNotTheCallers) {
  EXPECT_EQ(error_without_cause(R"({"errorCause":{"a":1},"stackTrace":["s"],"errorMessage":"m"})"),
            R"({"errorMessage":"m","stackTrace":["s"]})");
  for (const std::string& bad : {std::string("{"), std::string("[]"), std::string(2 << 20, ' ')})
    EXPECT_EQ(error_without_cause(bad), "\"Invalid error body\"");
}

TEST(OutcomeText, LevelsOfLines) {
  struct Row {
    const char *line, *least;
    bool kept;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"plain text\n", "FATAL", true},
                                  {"{\"level\":\"ERROR\"\n", "FATAL", true},  // no JSON
                                  {"{\"level\":\"debug\",\"a\":1}\n", "INFO", false},
                                  {"{\"level\":\"debug\"}\n", "DEBUG", true},
                                  {"{\"level\":\"Info\"}\n", "WARN", false},
                                  {"{\"level\":\"WARNING\"}\n", "WARN", true},
                                  {"{\"level\":\"ERROR\"}\n", "FATAL", false},
                                  {"{\"level\":\"CRITICAL\"}\n", "FATAL", true},
                                  {"{\"level\":\"odd\"}\n", "INFO", true},
                                  {"{\"log_level\":\"ERROR\"}\n", "ERROR", true},
                                  {"{\"level\":7}\n", "WARN", false},
                                  {"{}\n", "WARN", false},
                                  {"{}\n", "INFO", true}})
    EXPECT_EQ(reaches_level(row.line, row.least), row.kept) << row.line << row.least;
}

TEST(LineCutter, HandsOnWholeLines) {
  std::string out;
  LineCutter cutter([&](std::string_view lines) {
    EXPECT_EQ(lines.back(), '\n');
    out += lines;
  });
  cutter.add("a\nb");
  EXPECT_EQ(out, "a\n");
  cutter.add("c\r\nd\re\r");
  EXPECT_EQ(out, "a\nbc\n");
  cutter.add("\nlast");
  cutter.flush();
  cutter.flush();
  EXPECT_EQ(out, "a\nbc\nd\re\nlast\n") << "a break inside stays one";
  EXPECT_EQ(with_newlines("d\re\n"), "d\ne\n");
  out.clear();
  cutter.add(std::string(kMaxLogLine + 5, 'x'));
  EXPECT_EQ(out.size(), kMaxLogLine + 1);
}

std::string frame(const std::string& record, char type = 3, std::size_t length = 0) {
  if (length == 0) length = record.size();
  std::string out = "\xa5\x5a\0"s + type;
  for (int shift : {24, 16, 8, 0}) out += char(length >> shift & 0xff);
  return out + "micros56" + record;
}

TEST(LineCutter, FramesAreRecords) {
  const std::string bytes = "text " + frame("one\ntwo\r\nthree\n", 0x17) + frame("") +
                            frame("\xa5 mid\n", 2) + "\xa5\x5a no frame\n\xa5\xa5" +
                            frame("last\n") + "\xa5\x5a\0\x04more\n"s + frame("cut off", 3, 100);
  const std::string lines =
      "text \none\rtwo\rthree\n\xa5 mid\n\xa5\x5a no frame\n\xa5\xa5\nlast\n"
      "\xa5\x5a\0\x04more\ncut off\nplain\n"s;
  for (std::size_t each : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
    std::string out;
    LineCutter cutter([&](std::string_view more) { out += more; });
    for (std::size_t at = 0; at < bytes.size(); at += each) cutter.add(bytes.substr(at, each));
    cutter.restart();  // the process is gone, the rest of its frame will not come
    cutter.add("plain\n");
    EXPECT_EQ(out, lines) << each;
  }
  std::string out;
  LineCutter cutter([&](std::string_view more) { out += more; });
  cutter.add(frame(std::string(kMaxLogLine + 5, 'x')));
  EXPECT_EQ(out.size(), kMaxLogLine + 7) << "two lines";
  out.clear();
  cutter.add(frame("", 3, 1u << 31) + "x\n");
  EXPECT_EQ(out, frame("", 3, 1u << 31) + "x\n") << "bytes by chance";
}

TEST(LogTail, KeepsTheEnd) {
  LogTail tail;
  for (int i = 0; i < 1000; ++i) tail.add(std::to_string(i) + "\n");
  std::string kept = tail.take();
  EXPECT_LE(kept.size(), kLogTailBytes);
  EXPECT_EQ(kept.substr(kept.size() - 8), "998\n999\n");
  EXPECT_EQ(tail.take(), "");
  std::string euros;
  for (int i = 0; i < 3000; ++i) euros += "\xe2\x82\xac";
  tail.add(euros);
  EXPECT_EQ(tail.take(), euros.substr(0, 4095)) << "cut between characters";
  tail.add("a\0\xff\xe2\x82z"s);
  EXPECT_EQ(tail.take(), "a\0\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"s);
  tail.add(std::string(4096, '\xff'));
  EXPECT_EQ(tail.take().size(), 4095u);
}

RuntimeCall::What what(http::Method method, std::string_view path, std::string_view mode = "") {
  http::Request r;
  r.method = method;
  r.path = path;
  if (!mode.empty()) r.headers.push_back({"lambda-runtime-function-response-mode", mode});
  return parse_runtime_call(r).what;
}

TEST(RuntimeApi, Paths) {
  using What = RuntimeCall::What;
  auto get = http::Method::get, post = http::Method::post;
  EXPECT_EQ(what(get, "/2018-06-01/runtime/invocation/next"), What::next);
  EXPECT_EQ(what(post, "/2018-06-01/runtime/invocation/next"), What::wrong_method);
  EXPECT_EQ(what(post, "/2018-06-01/runtime/invocation/a-b/response"), What::response);
  EXPECT_EQ(what(post, "/2018-06-01/runtime/invocation/a-b/response", "Streaming"), What::response);
  EXPECT_EQ(what(post, "/2018-06-01/runtime/invocation/a-b/response", "odd"), What::bad_mode);
  EXPECT_EQ(what(get, "/2018-06-01/runtime/invocation/a-b/response"), What::wrong_method);
  EXPECT_EQ(what(post, "/2018-06-01/runtime/invocation/a-b/error"), What::error);
  EXPECT_EQ(what(post, "/2018-06-01/runtime/init/error"), What::init_error);
  EXPECT_EQ(what(get, "/2018-06-01/ping"), What::ping);
  for (const char* path :
       {"/", "/2018-06-01/runtime/restore/next", "/2020-01-01/extension/register",
        "/2018-06-01/runtime/invocation//response", "/2018-06-01/runtime/invocation/a/b/response"})
    EXPECT_EQ(what(post, path), What::unknown) << path;
}

}  // namespace
}  // namespace tidegate::lambda
