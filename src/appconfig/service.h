// Service: the parts of AppConfig put together, for wiring and tests. Made on the control strand
// after the sealing key of session tokens was loaded. start() fills the snapshot and takes up
// running deployments; close() comes before the store goes away.
//
//   auto tokens = co_await Tokens::load(store, random);
//   Service appconfig({store, blobs, domain, random, executors, source, functions}, *tokens);
#pragma once

#include "appconfig/data_plane.h"
#include "appconfig/deployments.h"
#include "appconfig/monitoring.h"
#include "appconfig/protection.h"
#include "appconfig/tags.h"

namespace tidegate::appconfig {

struct ServiceParts {
  store::Store& store;
  blob::Blobs& blobs;
  Scheduler& domain;
  Random& random;  // any thread
  Executors executors;
  ConfigSource& source;
  FunctionCaller& functions;
  std::size_t max_content = 2u << 20;  // the guides' hosted limit; S3's is the same here
  AlarmStates* alarms = nullptr;       // without it, monitors never act
};

class Service {
 public:
  Service(const ServiceParts& p, Tokens tokens)
      : contents(p.store, p.blobs, p.random, p.executors),
        applications(p.store, p.random),
        environments(p.store, p.random, p.domain, applications, contents),
        strategies(p.store, p.random),
        profiles(p.store, p.random, p.domain, applications, contents),
        versions(p.store, profiles, contents, p.domain, p.max_content),
        validation(p.functions),
        snapshot(p.store, contents, p.domain, p.executors),
        protection(p.store, snapshot, p.domain),
        deployments(DeploymentParts{p.store, p.domain, applications, environments, strategies,
                                    profiles, versions, contents, validation, p.source, snapshot,
                                    p.executors, p.max_content}),
        monitoring(p.store, p.domain, deployments, p.alarms, p.executors),
        tags(p.store),
        data_plane(applications, environments, profiles, snapshot, std::move(tokens), p.domain,
                   p.random) {}

  Task<Unit> start() {
    CO_TRY(Unit filled, co_await snapshot.start());
    (void)filled;
    CO_TRY(Unit recovered, co_await deployments.recover());
    (void)recovered;
    co_return co_await monitoring.start();
  }
  asio::awaitable<void> close() {
    co_await monitoring.close();
    co_await deployments.close();
    co_await snapshot.close();
  }

  Contents contents;
  Applications applications;
  Environments environments;
  Strategies strategies;
  Profiles profiles;
  HostedVersions versions;
  Validation validation;
  Snapshot snapshot;
  DeletionProtection protection;
  Deployments deployments;
  Monitoring monitoring;
  TagsOfResources tags;
  DataPlane data_plane;
};

}  // namespace tidegate::appconfig
