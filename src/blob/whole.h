// Whole blobs: for contents that are small enough to hold (packages, configurations, payloads).
// Both block on the disk: on the blocking pool. Errors: those of Blobs; internal for a blob that is
// shorter than it was.
#pragma once

#include <string>

#include "blob/blob.h"

namespace tidegate::blob {

Result<BlobId> write_whole(Blobs&, std::string_view bytes);
Result<std::string> read_whole(Blobs&, const BlobId&);
Result<std::string> read_whole(Reader&);

}  // namespace tidegate::blob
