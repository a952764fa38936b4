// Every bound of the server, with its source. A bound that belongs to one service stands here too,
// so that one page answers "how much is too much".
#pragma once

#include <cstddef>

#include "base/time.h"

namespace tidegate {

// AWS: ±15 minutes between a signature and the server's clock.
inline constexpr Duration kSignatureSkew{15 * 60 * 1000};

// Bodies that are read whole before they are decoded, by service (bytes). Lambda's is AWS's bound
// of a request (70 167 211); AppConfig's leaves room for the largest hosted version.
inline constexpr std::size_t kMaxLambdaBody = 70'167'211;
inline constexpr std::size_t kMaxAppConfigBody = 6 * 1024 * 1024;
inline constexpr std::size_t kMaxS3DocumentBody = 4 * 1024 * 1024;
// CloudWatch Logs takes 1 MiB of events, in JSON.
inline constexpr std::size_t kMaxLogsBody = 2 * 1024 * 1024;
inline constexpr std::size_t kMaxQueryBody = 64 * 1024;

// Memory that request bodies may hold at once, over all connections; beyond it requests get 503.
inline constexpr std::size_t kMaxBodyMemory = 512 * 1024 * 1024;
// Requests being worked on at once; beyond it 503.
inline constexpr std::size_t kMaxInFlight = 4096;
// Function calls nested in one another, as AWS stops S3 → Lambda → S3 loops after about 16 turns.
inline constexpr int kMaxCallDepth = 16;

}  // namespace tidegate
