// Packages: the zip of a function or a layer. It is kept as a blob and unpacked once into a folder
// named by its digest, which sandboxes see read-only as /var/task. What could leave that folder
// (absolute names, "..", links that point outside) or fill the disk is refused. Unpacking blocks:
// it runs on the blocking pool. The rest on the control strand.
//
// Errors, with AWS's texts: invalid_parameter_value (no zip, too large unpacked), zip_too_large.
#pragma once

#include <string>

#include "base/executor.h"
#include "base/random.h"
#include "base/task.h"
#include "blob/blob.h"
#include "lambda/types.h"

namespace tidegate::lambda {

inline constexpr std::size_t kMaxZipBytes = 52'428'800;
inline constexpr std::uint64_t kMaxUnzippedBytes = 262'144'000;
inline constexpr std::size_t kMaxZipEntries = 100'000;  // and folders that they imply

struct StoredPackage {
  std::string blob, sha256;  // hex
  std::uint64_t size = 0, unpacked_size = 0;
};

// The folder of layers over each other: named by what they are, so functions share it.
std::string overlay_name(const std::vector<LayerUse>& layers);

class Packages {
 public:
  // `directory` exists; unpacked packages stand in it.
  Packages(std::string directory, blob::Blobs& blobs, Random& random, Executors executors)
      : directory_(std::move(directory)), blobs_(blobs), random_(random), executors_(executors) {}

  // Checks, stores and unpacks. `limit` bounds the zip itself (kMaxZipBytes for one in a request;
  // one from S3 is bounded only by what it unpacks to).
  Task<StoredPackage> store(std::string zip, std::size_t limit = kMaxZipBytes);
  // The folder of a package, unpacked again when it is not there.
  Task<std::string> directory(std::string sha256, std::string blob);
  // The same of layers, unpacked over each other in this order: what comes later wins.
  Task<std::string> overlay(std::vector<LayerUse> layers);
  void erase_blob(std::string blob);
  // Removes the folders that no function needs. Blocks; for the start.
  void keep_only(const std::function<bool(const std::string& sha256)>& needed);

 private:
  std::string folder(const std::string& sha256) const { return directory_ + "/" + sha256; }

  std::string directory_;
  blob::Blobs& blobs_;
  Random& random_;
  Executors executors_;
};

// Unpacks into `target`, which must not exist. Blocks.
Status unpack_zip(std::string_view zip, const std::string& target);
// Unpacks over what `target` holds already. Blocks.
Status unpack_over(std::string_view zip, const std::string& target);

}  // namespace tidegate::lambda
