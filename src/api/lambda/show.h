// How functions look on the wire, and the faces of a change that several handlers show. Internal to
// api/lambda. Pure.
#pragma once

#include "api/lambda/api.h"
#include "api/lambda/shapes.h"
#include "lambda/functions.h"

namespace tidegate::api::lambda {

// With the qualifier that was asked by in its ARN.
FunctionConfiguration shown(const Scope&, const tidegate::lambda::Function&,
                            const std::optional<std::string>& qualifier = std::nullopt);
// In a list: without states.
FunctionConfiguration listed(const Scope&, const tidegate::lambda::Function&, bool qualified);

// The answers of a create and of an update show the first instant of a change, as on AWS; the
// stored state is final already, so that the next read and the next Invoke find it done. Then it
// has another revision id: `revision_id` is that of the instant.
FunctionConfiguration pending(FunctionConfiguration, std::string revision_id);
FunctionConfiguration updating(FunctionConfiguration, std::string revision_id);

Error unsupported(std::string_view what);
// Whether a text has the front of an ARN, up to the service's name.
bool names_service(std::string_view arn);
// Of lists that have at most fifty items a page.
Status check_fifty(const std::optional<std::int32_t>& max_items);

// Where a package can be downloaded for ten minutes, under the name the client calls us by. `of` is
// a function, with ":1" one of its versions, or "layer:NAME:1".
std::string code_location(const Parts&, const wire::Context&, const Scope& owner, std::string of,
                          std::string sha256);

// How many a page has: what was asked for, at most what AWS gives.
std::size_t page_size(const std::optional<std::int32_t>& asked);

}  // namespace tidegate::api::lambda
