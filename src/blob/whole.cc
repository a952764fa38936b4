#include "blob/whole.h"

namespace tidegate::blob {

Result<BlobId> write_whole(Blobs& blobs, std::string_view bytes) {
  TRY(auto upload, blobs.begin());
  TRY(Unit written, upload->write(bytes));
  (void)written;
  return upload->commit();
}

Result<std::string> read_whole(Reader& reader) {
  std::string bytes(reader.size(), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    TRY(std::size_t n, reader.read(at, bytes.data() + at, bytes.size() - at));
    if (n == 0) return Error{Fault::internal, "a blob is shorter than it was"};
    at += n;
  }
  return bytes;
}

Result<std::string> read_whole(Blobs& blobs, const BlobId& id) {
  TRY(auto reader, blobs.open(id));
  return read_whole(*reader);
}

}  // namespace tidegate::blob
