// A form may arrive in pieces of any size; what it holds must not depend on them.
#include "api/form_upload.h"

#include <gtest/gtest.h>

namespace tidegate::api {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=\"xyz\"";

std::string form(const std::string& file) {
  return "--xyz\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na/${filename}\r\n"
         "--xyz\r\nContent-Disposition: form-data; name=\"acl\"\r\nContent-Type: text/plain\r\n\r\n"
         "private\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; "
         "filename=\"C:\\\\dir\\\\f.txt\"\r\n\r\n" +
         file +
         "\r\n--xyz\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\nx\r\n--xyz--\r\n";
}

TEST(FormUpload, IsTheSameInPiecesOfAnySize) {
  const std::string file = "line\r\n--xy not the end\r\n-";
  const std::string body = form(file);
  for (std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{50}, body.size()}) {
    auto upload = FormUpload::of(kType);
    ASSERT_TRUE(upload.ok());
    std::string got;
    const FormUpload::Sink sink = [&got](std::string_view bytes) -> Status {
      got.append(bytes);
      return done;
    };
    bool began = false;
    for (std::size_t at = 0; at < body.size(); at += size) {
      const std::string piece = body.substr(at, size);
      if (began) {
        ASSERT_TRUE(upload->feed_file(piece, sink).ok());
        continue;
      }
      ASSERT_TRUE(upload->feed_fields(piece).ok());
      if (!upload->at_file()) continue;
      began = true;
      ASSERT_TRUE(upload->feed_file("", sink).ok());
    }
    EXPECT_TRUE(upload->finish().ok());
    EXPECT_EQ(got, file) << size;
    const FormUpload::Fields fields = {{"key", "a/${filename}"}, {"acl", "private"}};
    EXPECT_EQ(upload->fields(), fields);
    EXPECT_EQ(upload->filename(), "f.txt");
  }
}

TEST(FormUpload, RefusesWhatIsNoForm) {
  EXPECT_FALSE(FormUpload::of("multipart/form-data").ok());
  EXPECT_FALSE(FormUpload::is_form("application/json"));
  auto fileless = FormUpload::of(kType);
  EXPECT_EQ(fileless->feed_fields("--xyz--\r\n").fault(), Fault::malformed_body);
  auto nameless = FormUpload::of(kType);
  EXPECT_EQ(nameless->feed_fields("--xyz\r\nA: b\r\n\r\n").fault(), Fault::malformed_body);
  auto endless = FormUpload::of(kType);
  ASSERT_TRUE(endless->feed_fields(form("").substr(0, 60)).ok());
  EXPECT_EQ(endless->feed_fields(std::string(kMaxFormBytes, 'x')).fault(), Fault::too_large);
  auto cut = FormUpload::of(kType);
  ASSERT_TRUE(cut->feed_fields(form("bytes").substr(0, 260)).ok());
  EXPECT_EQ(cut->feed_fields("").fault(), Fault::invalid_argument);
  EXPECT_EQ(cut->finish().fault(), Fault::incomplete_body);
}

}  // namespace
}  // namespace tidegate::api
