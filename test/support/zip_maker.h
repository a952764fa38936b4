// make_zip: a zip in memory, also one that no honest tool would write. For tests.
#pragma once

#include <zip.h>

#include <optional>
#include <string>
#include <vector>

#include "base/check.h"

namespace tidegate {

struct ZipEntry {
  std::string name, bytes;
  std::optional<unsigned> mode = std::nullopt;  // Unix, with the type; nullopt: not from Unix
  bool encrypted = false;
};

inline std::string make_zip(const std::vector<ZipEntry>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, &error);
  CHECK(memory != nullptr);
  zip_source_keep(memory);
  zip_t* zip = zip_open_from_source(memory, ZIP_CREATE | ZIP_TRUNCATE, &error);
  CHECK(zip != nullptr);
  for (const ZipEntry& e : entries) {
    zip_int64_t index = 0;
    if (e.name.ends_with('/')) {
      index = zip_dir_add(zip, e.name.c_str(), ZIP_FL_ENC_UTF_8);
    } else {
      zip_source_t* bytes = zip_source_buffer(zip, e.bytes.data(), e.bytes.size(), 0);
      index = zip_file_add(zip, e.name.c_str(), bytes, ZIP_FL_ENC_UTF_8);
    }
    CHECK(index >= 0);
    const auto at = static_cast<zip_uint64_t>(index);
    if (e.bytes.size() > 100'000) zip_set_file_compression(zip, at, ZIP_CM_DEFLATE, 1);
    zip_file_set_mtime(zip, at, 1'700'000'000, 0);  // the same bytes at any time
    const auto system = static_cast<zip_uint8_t>(e.mode ? ZIP_OPSYS_UNIX : ZIP_OPSYS_DOS);
    zip_file_set_external_attributes(zip, at, 0, system, e.mode.value_or(0) << 16);
    if (e.encrypted) CHECK(zip_file_set_encryption(zip, at, ZIP_EM_AES_256, "password") == 0);
  }
  CHECK(zip_close(zip) == 0);
  zip_stat_t facts;
  CHECK(zip_source_stat(memory, &facts) == 0);
  std::string out(facts.size, '\0');
  CHECK(zip_source_open(memory) == 0);
  CHECK(zip_source_read(memory, out.data(), out.size()) == static_cast<zip_int64_t>(out.size()));
  zip_source_close(memory);
  zip_source_free(memory);
  return out;
}

}  // namespace tidegate
