// How a failed request of a JSON API looks: Lambda's, AppConfig's two planes' and the server's own.
// Each has a table from the domain's Fault to its exception and status, and its own spelling of the
// message's member. Pure; any thread.
#pragma once

#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "wire/table.h"

namespace tidegate::api {

http::Response render_appconfig_error(const Error&, const wire::Context&, bool head);
http::Response render_appconfigdata_error(const Error&, const wire::Context&, bool head);
http::Response render_lambda_error(const Error&, const wire::Context&, bool head);
http::Response render_logs_error(const Error&, const wire::Context&, bool head);
http::Response render_admin_error(const Error&, const wire::Context&, bool head);
// The query protocol's: an XML <ErrorResponse>.
http::Response render_query_error(const Error&, const wire::Context&, bool head);
http::Response render_iam_error(const Error&, const wire::Context&, bool head);
http::Response render_cloudtrail_error(const Error&, const wire::Context&, bool head);
http::Response render_cloudwatch_error(const Error&, const wire::Context&, bool head);

}  // namespace tidegate::api
