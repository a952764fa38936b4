// Service: the parts of S3 put together, for wiring and tests. Made on the control strand after the
// secret of the version ids was loaded; recover() takes up what an earlier run left; close() waits
// for work in the background and comes before the store and blobs go away.
//
//   auto ids = co_await VersionIds::load(store, random);
//   Service s3(store, blobs, clock, random, executors, *ids, outbox, math, {});
#pragma once

#include "s3/listing.h"
#include "s3/multipart.h"
#include "s3/objects.h"

namespace tidegate::s3 {

struct ServiceOptions {
  BucketOptions buckets;
  Owners owners;
};

class Service {
 public:
  Service(store::Store& store, blob::Blobs& blobs, const Clock& clock, Random& random,
          Executors executors, VersionIds version_ids, OutboxAppend outbox,
          const ChecksumMath& math, ServiceOptions options)
      : owners(std::move(options.owners)),
        ids(std::move(version_ids)),
        collector(store, blobs, executors),
        buckets(store, clock, random, collector, owners, options.buckets),
        writer(store, clock, random, buckets, collector, ids, std::move(outbox)),
        objects(writer, blobs, executors, math),
        listing(store, buckets, ids),
        multipart(writer, objects, blobs, executors, math) {}

  Task<Unit> recover() { return collector.recover(); }
  asio::awaitable<void> close() { return collector.close(); }

  Owners owners;
  VersionIds ids;
  Collector collector;
  Buckets buckets;
  Writer writer;
  Objects objects;
  Listing listing;
  Multipart multipart;
};

}  // namespace tidegate::s3
