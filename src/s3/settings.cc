#include "s3/settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidegate::s3 {
namespace {

bool tag_character(char c) {
  const auto u = static_cast<unsigned char>(c);
  if (u >= 0x80) return true;  // letters of other scripts
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" +-=._:/@").find(c) != std::string_view::npos;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

Status check_tag_count(std::size_t count, Tagged what) {
  const bool bucket = what == Tagged::bucket;
  if (count <= (bucket ? kMaxBucketTags : kMaxObjectTags)) return done;
  return Error{Fault::invalid_tag,
               bucket ? fmt::format("Bucket tag count cannot be greater than {}", kMaxBucketTags)
                      : fmt::format("Object tags cannot be greater than {}", kMaxObjectTags)}
      .with("Code", "BadRequest");
}

Status check_tags(const Tags& tags, Tagged what) {
  TRY(Unit counted, check_tag_count(tags.size(), what));
  (void)counted;
  for (const auto& [key, value] : tags) {
    if (key.starts_with("aws:"))
      return Error{Fault::invalid_tag, what == Tagged::bucket
                                           ? "System tags cannot be added/updated by requester"
                                           : "Your TagKey cannot be prefixed with aws:"}
          .with("TagKey", key);
    if (key.empty() || characters(key) > 128 || !std::all_of(key.begin(), key.end(), tag_character))
      return Error{Fault::invalid_tag, "The TagKey you have provided is invalid"}.with("TagKey",
                                                                                       key);
    if (characters(value) > 256 || !std::all_of(value.begin(), value.end(), tag_character))
      return Error{Fault::invalid_tag, "The TagValue you have provided is invalid"}
          .with("TagKey", key)
          .with("TagValue", value);
  }
  return done;
}

std::string_view name_of(Setting setting) {
  switch (setting) {
    case Setting::tagging:
      return "tagging";
    case Setting::lifecycle:
      return "lifecycle";
    case Setting::encryption:
      return "encryption";
  }
  return "";
}

}  // namespace tidegate::s3
