// Service: the parts of AppConfig put together, for wiring and tests. Made on the control strand
// after the sealing key of session tokens was loaded. start() fills the snapshot and takes up
// running deployments; close() comes before the store goes away.
//
//   auto tokens = co_await Tokens::load(store, random);
//   Service appconfig({store, blobs, domain, random, executors, source, functions,
//                     told}, *tokens);
#pragma once

#include "appconfig/data_plane.h"
#include "appconfig/deployment_actions.h"
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
  events::Queue& told;                  // what extensions are told of deployments, on its way
  std::size_t max_content = 2u << 20;   // the guides' hosted limit; S3's is the same here
  std::uint64_t max_hosted = 1u << 30;  // bytes of an account's hosted versions together
  AlarmStates* alarms = nullptr;        // without it, monitors never act
  WebhookCaller* webhooks = nullptr;    // without it, extensions act by functions only
};

class Service {
 public:
  Service(const ServiceParts& p, Tokens tokens)
      : contents(p.store, p.blobs, p.random, p.executors),
        applications(p.store, p.random),
        environments(p.store, p.random, p.domain, applications, contents),
        strategies(p.store, p.random),
        profiles(p.store, p.random, p.domain, applications, contents),
        extensions(p.store, p.random, p.webhooks),
        associations(p.store, p.random, extensions),
        action_runner(p.functions, p.webhooks, p.random),
        versions(p.store, applications, profiles, contents, associations, action_runner, p.domain,
                 p.max_content, p.max_hosted),
        validation(p.functions),
        snapshot(p.store, contents, p.domain, p.executors),
        protection(p.store, snapshot, p.domain),
        deployments(DeploymentParts{p.store, p.domain, applications, environments, strategies,
                                    profiles, versions, contents, validation, extensions,
                                    associations, action_runner, p.source, snapshot, p.executors,
                                    p.max_content}),
        deployment_actions(p.store, p.domain, deployments, action_runner, p.functions, p.told,
                           p.executors),
        monitoring(p.store, p.domain, deployments, p.alarms, p.executors),
        tags(p.store),
        data_plane(applications, environments, profiles, snapshot, std::move(tokens), p.domain,
                   p.random) {}

  Task<Unit> start() {
    CO_TRY(Unit filled, co_await snapshot.start());
    (void)filled;
    CO_TRY(Unit recovered, co_await deployments.recover());
    (void)recovered;
    CO_TRY(Unit followed, co_await deployment_actions.start());
    (void)followed;
    co_return co_await monitoring.start();
  }
  asio::awaitable<void> close() {
    co_await monitoring.close();
    co_await deployment_actions.close();
    co_await deployments.close();
    co_await snapshot.close();
  }

  Contents contents;
  Applications applications;
  Environments environments;
  Strategies strategies;
  Profiles profiles;
  Extensions extensions;
  ExtensionAssociations associations;
  ActionRunner action_runner;
  HostedVersions versions;
  Validation validation;
  Snapshot snapshot;
  DeletionProtection protection;
  Deployments deployments;
  DeploymentActions deployment_actions;
  Monitoring monitoring;
  TagsOfResources tags;
  DataPlane data_plane;
};

}  // namespace tidegate::appconfig
