// The formats that draft 04 defines, as predicates over strings. Pure functions, linear time.
#pragma once

#include <string_view>

namespace tidegate::document {

using FormatCheck = bool (*)(std::string_view);

// Null for a format that draft 04 does not define: such a format accepts everything.
FormatCheck find_format(std::string_view name);

bool is_date_time(std::string_view);  // RFC 3339, with leap seconds where UTC can have them
bool is_email(std::string_view);      // RFC 5321 mailbox without comments
bool is_hostname(std::string_view);   // RFC 1034 and 1123
bool is_ipv4(std::string_view);
bool is_ipv6(std::string_view);  // without a zone
bool is_uri(std::string_view);   // RFC 3986, absolute: with a scheme

}  // namespace tidegate::document
