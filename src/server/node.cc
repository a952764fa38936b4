#include "server/node.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "api/admin/api.h"
#include "api/agent/agent.h"
#include "api/alertmanager/alertmanager.h"
#include "api/appconfig/api.h"
#include "api/cloudtrail/api.h"
#include "api/cloudwatch/api.h"
#include "api/errors/json_errors.h"
#include "api/errors/s3_errors.h"
#include "api/iam/api.h"
#include "api/lambda/api.h"
#include "api/logs/api.h"
#include "api/needs/needs.h"
#include "api/pipeline.h"
#include "api/s3/api.h"
#include "api/s3/checksum_math.h"
#include "api/sts/api.h"
#include "appconfig/service.h"
#include "base/limits.h"
#include "base/log.h"
#include "blob/directory.h"
#include "blob/sweeper.h"
#include "identity/credentials_file.h"
#include "logs/logs.h"
#include "net/client.h"
#include "net/real_scheduler.h"
#include "s3/expirer.h"
#include "server/adapters.h"
#include "server/code_page.h"
#include "server/data_folder.h"
#include "server/domain_clock.h"
#include "server/pages.h"
#include "server/s3_destinations.h"
#include "server/version.h"
#include "store/sqlite.h"
#include "webhook/webhooks.h"

namespace tidegate::server {
namespace {

namespace fs = std::filesystem;

std::string beside_the_program(const char* name) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string() : (program.parent_path() / name).string();
}

// Runs a coroutine on the strand and waits for it; for start and stop, on the main thread.
Status run_on(asio::any_io_executor strand, Task<Unit> task) {
  std::shared_ptr<Status> result;
  std::future<void> ended = asio::co_spawn(
      strand,
      [](Task<Unit> t, std::shared_ptr<Status>& out) -> asio::awaitable<void> {
        Status s = co_await std::move(t);
        out = std::make_shared<Status>(std::move(s));
      }(std::move(task), result),
      asio::use_future);
  try {
    ended.get();
  } catch (const std::exception& e) {
    return Error{Fault::internal, e.what()};
  }
  return std::move(*result);
}

}  // namespace

std::string find_launcher() {
  std::string path = beside_the_program("tidegate-launcher");
  return ::access(path.c_str(), X_OK) == 0 ? path : std::string();
}

std::string find_runtimes() {
  for (const char* place : {"runtimes", "../../runtimes", "../share/tidegate/runtimes"}) {
    std::error_code error;
    const fs::path path = fs::weakly_canonical(beside_the_program(place), error);
    if (!error && fs::exists(path / "python" / "bootstrap.py", error)) return path.string();
  }
  return "";
}

struct Node::Parts {
  Parts(Settings s, lambda::LauncherHandle handle)
      : settings(std::move(s)),
        launcher(std::move(handle)),
        real(loops.executors().control),
        domain(loops.executors().control, {settings.time_scale}),
        credentials(random),
        server(
            net::ServerOptions{settings.threads, static_cast<std::size_t>(settings.max_connections),
                               server_header(), 10'000},
            &loops) {}

  std::string server_header() const {
    return fmt::format("Tidegate/{}{}", kVersion, settings.dev ? " (DEV)" : "");
  }

  Settings settings;
  lambda::LauncherHandle launcher;
  SystemRandom random;
  Metrics metrics;
  std::unique_ptr<net::Client> outbound;  // outlives the loops, which may still hold its answers
  net::Loops loops;
  net::RealScheduler real;
  net::DomainScheduler domain;
  std::unique_ptr<store::SqliteStore> store;
  std::unique_ptr<blob::DirectoryBlobs> blobs;
  identity::Credentials credentials;
  std::string root_key_id;                        // of the one in root-credentials
  std::vector<identity::DeclaredKey> users_keys;  // of users, declared in a file
  std::vector<s3::DeclaredOwner> owners;
  std::optional<identity::Authenticator> authenticator;
  std::optional<KeysForCredentials> key_ring;
  std::optional<iam::Directory> directory;
  std::optional<api::Authorizer> authorizer;
  std::optional<audit::Trail> trail;
  std::optional<api::cloudtrail::Recorder> recorder;
  std::optional<WitnessOfCalls> witness;
  net::Server server;
  std::optional<webhook::Webhooks> webhooks;

  std::optional<blob::Sweeper> sweeper;
  std::optional<events::Queue> s3_events, async_invokes, appconfig_actions;
  std::optional<DomainClock> clock;
  api::s3::WireChecksumMath checksums;
  std::optional<s3::Service> s3;
  std::optional<s3::Expirer> expirer;
  std::optional<api::s3::Authorizer> s3_authorizer;
  std::optional<api::s3::Cors> s3_cors;
  std::optional<lambda::Packages> packages;
  std::optional<lambda::Policies> policies;
  std::optional<lambda::Aliases> aliases;
  std::optional<lambda::EventConfigs> event_configs;
  std::optional<lambda::Concurrency> concurrency;
  std::optional<RecordsToS3> record_sink;
  std::optional<lambda::Functions> functions;
  std::optional<lambda::Invoker> invoker;
  std::optional<lambda::CodeLinks> code_links;
  std::optional<CodePage> code_page;
  std::optional<NetListeners> listeners;
  Gauge* sandboxes = nullptr;
  std::unique_ptr<lambda::ProcessRunner> runner;
  std::optional<lambda::Layers> layers;
  std::unique_ptr<store::SqliteStore> log_store;
  std::optional<logs::Logs> logs;
  std::optional<ConfigFromS3> config_source;
  std::optional<CodeFromS3> code_source;
  std::optional<FunctionsForAppConfig> appconfig_functions;
  std::optional<WebhooksForAppConfig> appconfig_webhooks;
  std::optional<alarms::Alarms> alarms;
  std::optional<AlarmsForAppConfig> monitors;
  std::optional<api::alertmanager::Alertmanager> alertmanager;
  std::optional<FunctionsAsDestinations> destinations;
  std::optional<EventsToFunctions> to_functions;
  std::optional<S3Destinations> s3_destinations;
  std::optional<appconfig::Service> appconfig;

  wire::Table s3_table{wire::Service::s3, wire::Protocol::rest_xml};
  wire::Table lambda_table{wire::Service::lambda, wire::Protocol::rest_json};
  wire::Table control_table{wire::Service::appconfig, wire::Protocol::rest_json};
  wire::Table data_table{wire::Service::appconfigdata, wire::Protocol::rest_json};
  wire::Table sts_table{wire::Service::sts, wire::Protocol::query};
  wire::Table iam_table{wire::Service::iam, wire::Protocol::query};
  wire::Table cloudtrail_table{wire::Service::cloudtrail, wire::Protocol::json};
  wire::Table cloudwatch_table{wire::Service::cloudwatch, wire::Protocol::query};
  wire::Table logs_table{wire::Service::logs, wire::Protocol::json};
  wire::Table admin_table{wire::Service::admin, wire::Protocol::rest_json};
  std::optional<Pages> pages;
  std::optional<api::Pipeline> pipeline;
  std::optional<api::agent::Agent> agent;

  Status open();
  Status make_credentials();
  void take_root_key(identity::AccessKey);
  void reload_root_key();
  Status make_webhooks();
  Status declare_credentials();
  Task<Unit> declare_users();
  Task<Unit> assemble();
  void make_functions();
  void mount();
  void make_pipeline();
  Status listen();
  Result<std::uint16_t> listen_at(const char* option, const std::string& host, std::uint16_t port,
                                  http::Handler& handler);
  bool answer_latest(const identity::Authenticated&, const http::Request&, const http::Query&,
                     std::string& out);
  void make_authorizer();
  api::s3::AuthorizerOptions s3_rights();
  Task<std::string> function_log(Scope scope, std::string name);
  Task<Unit> close();
};

Status Node::Parts::open() {
  TRY(Unit taken, take_folder(settings.data));
  (void)taken;
  std::error_code error;
  fs::create_directories(settings.data + "/packages", error);
  store::SqliteOptions options;
  options.path = settings.data + "/tidegate.db";
  TRY(store, store::SqliteStore::open(loops.executors().control, options));
  // Of their own: what functions print neither waits for the records nor wakes their watchers.
  store::SqliteOptions log_options;
  log_options.path = settings.data + "/logs.db";
  log_options.kept_revisions = 64;
  log_options.mmap_mb = 64;
  TRY(log_store, store::SqliteStore::open(loops.executors().control, log_options));
  TRY(blobs, blob::DirectoryBlobs::open(settings.data + "/blobs", random));
  TRY(Unit outward, make_webhooks());
  (void)outward;
  return make_credentials();
}

Status Node::Parts::make_webhooks() {
  TRY(outbound, net::Client::make(real, loops.executors().control, {settings.webhook_ca_file}));
  TRY(auto directory, webhook::read_directory(settings.webhook_targets, settings.webhook_secrets,
                                              settings.webhook_allow));
  webhooks.emplace(std::move(directory), *outbound, real, fmt::format("Tidegate/{}", kVersion));
  return done;
}

Status Node::Parts::make_credentials() {
  identity::AuthenticatorOptions options;
  options.region = settings.region;
  if (settings.dev) {
    options.developer_account = settings.account;
  } else if (!settings.root_access_key_id.empty()) {
    credentials.add_root({settings.root_access_key_id, settings.root_secret_access_key, ""},
                         settings.account);
  } else {
    bool made = false;
    TRY(auto key, identity::load_or_make_root_key(settings.data, random, made));
    if (made) LOG_INFO("the root access key was made: {}/root-credentials", settings.data);
    take_root_key(std::move(key));
  }
  TRY(Unit declared, declare_credentials());
  (void)declared;
  TRY(std::string identity_key, identity::load_or_make_identity_key(settings.data, random));
  credentials.use_sessions(identity_key);
  key_ring.emplace(credentials);
  trail.emplace(loops.executors().control, *store, real, random, metrics, identity_key);
  recorder.emplace(*trail);
  directory.emplace(*store, real, random, std::move(identity_key), *key_ring);
  const bool enforce = !settings.dev || settings.dev_enforce_iam;
  if (!enforce) directory->take_strangers();
  authorizer.emplace(*directory, real, api::Authorizer::Options{enforce});
  authenticator.emplace(std::move(options), credentials, real);
  return done;
}

void Node::Parts::take_root_key(identity::AccessKey key) {
  root_key_id = key.id;
  credentials.add_root(std::move(key), settings.account);
  write_lock(settings.data, root_key_id);
}

void Node::Parts::reload_root_key() {
  if (root_key_id.empty()) return;
  auto key = identity::load_root_key(settings.data);
  if (!key.ok() || !*key) {
    LOG_ERROR("the root key stays as it was: {}",
              key.ok() ? "there is no file root-credentials" : key.error().message);
    return;
  }
  const std::string before = root_key_id;
  take_root_key(std::move(**key));
  LOG_INFO("the root access key is {} from now on", root_key_id);
  if (root_key_id == before) return;
  credentials.revoke(before);
  auto record = recorder->root_key_changed({settings.account, settings.region}, root_key_id);
  Status recorded = run_on(loops.executors().control, std::move(record));
  if (!recorded.ok()) LOG_ERROR("the new root key is not recorded: {}", recorded.error().message);
}

Status Node::Parts::declare_credentials() {
  if (settings.credentials.empty()) return done;
  TRY(auto file, identity::load_credentials(settings.credentials));
  for (const identity::DeclaredKey& declared : file.keys) {
    if (credentials.find(declared.key.id))
      return Error{Fault::invalid_request, fmt::format("{}: [{}] is the root key's id already",
                                                       settings.credentials, declared.key.id)};
    if (declared.user.empty())
      credentials.add_root(declared.key, declared.account);
    else
      users_keys.push_back(declared);
  }
  for (auto& a : file.accounts)
    owners.push_back({a.account, a.canonical_id, a.display_name, a.email});
  LOG_INFO("{} access keys of {} accounts are declared in {}", file.keys.size(),
           file.accounts.size(), settings.credentials);
  return done;
}

Task<Unit> Node::Parts::declare_users() {
  for (identity::DeclaredKey& d : users_keys) {
    iam::Directory::Declared key{d.user, d.key.id, d.key.secret, d.policies};
    Status declared = co_await directory->declare(d.account, std::move(key));
    if (!declared.ok())
      co_return Error{Fault::invalid_request,
                      fmt::format("{}: {}", settings.credentials, declared.error().message)};
  }
  co_return done;
}

// On the control strand, before anything is served.
Task<Unit> Node::Parts::assemble() {
  const Executors executors = loops.executors();
  clock.emplace(domain, *store);
  CO_TRY(Unit turned, co_await clock->restore());
  (void)turned;
  CO_TRY(Unit known, co_await directory->load());
  CO_TRY(Unit declared, co_await declare_users());
  CO_TRY(Unit traced, co_await trail->load());
  (void)known, (void)declared, (void)traced;
  CO_TRY(auto version_ids, co_await s3::VersionIds::load(*store, random));
  CO_TRY(code_links, co_await lambda::CodeLinks::load(*store, random));
  CO_TRY(auto tokens, co_await appconfig::Tokens::load(*store, random));
  s3_events.emplace(*store, domain, random, executors, metrics, events::QueueOptions{"s3-events"});
  async_invokes.emplace(*store, domain, random, executors, metrics,
                        events::QueueOptions{"async-invokes", 64, 8});
  appconfig_actions.emplace(*store, domain, random, executors, metrics,
                            events::QueueOptions{"appconfig-actions", 64, 8});
  s3::ServiceOptions s3_options;
  s3_options.buckets.accept_own_region_constraint = settings.dev;
  if (settings.classic_buckets) s3_options.buckets.new_buckets = s3::NewBuckets::classic;
  s3_options.owners = s3::Owners(owners);
  s3.emplace(
      *store, *blobs, domain, random, executors, std::move(version_ids),
      [this](store::Txn& txn, const Scope& scope, events::Delivery d) {
        return s3_destinations->append(txn, scope, std::move(d));
      },
      checksums, s3_options);
  code_source.emplace(*s3, executors);
  make_functions();
  config_source.emplace(*s3, executors, *authorizer);
  alarms.emplace(*store, domain, executors);
  monitors.emplace(*alarms, settings.insufficient_data_is_alarm);
  appconfig::ServiceParts appconfig_parts{*store,
                                          *blobs,
                                          domain,
                                          random,
                                          executors,
                                          *config_source,
                                          *appconfig_functions,
                                          *appconfig_actions};
  appconfig_parts.max_content = static_cast<std::size_t>(settings.configuration_kib) * 1024;
  appconfig_parts.alarms = &*monitors;
  appconfig_webhooks.emplace(*webhooks);
  appconfig_parts.webhooks = &*appconfig_webhooks;
  appconfig.emplace(appconfig_parts, std::move(tokens));
  mount();
  make_authorizer();
  make_pipeline();
  CO_TRY(Unit s3_ready, co_await s3->recover());
  CO_TRY(Unit functions_ready, co_await functions->recover());
  monitors->start();
  CO_TRY(Unit appconfig_ready, co_await appconfig->start());
  (void)s3_ready, (void)functions_ready, (void)appconfig_ready;
  // Contents of objects may say anything, and name no blobs.
  blob::SweeperOptions sweeping;
  sweeping.without_references = {"s3/c/"};
  sweeper.emplace(*blobs, *store, domain, real, executors, metrics, std::move(sweeping));
  sweeper->start();
  expirer.emplace(*s3, *store, domain, random, executors);
  expirer->start();
  s3_events->start([this](events::Delivery d) { return s3_destinations->deliver(std::move(d)); });
  async_invokes->start([this](events::Delivery d) { return invoker->deliver(std::move(d)); });
  appconfig_actions->start(
      [this](events::Delivery d) { return appconfig->deployment_actions.deliver(std::move(d)); });
  co_return done;
}

void Node::Parts::make_functions() {
  const Executors executors = loops.executors();
  packages.emplace(settings.data + "/packages", *blobs, random, executors);
  policies.emplace(*store, random);
  aliases.emplace(*store, random);
  event_configs.emplace(*store, domain);
  concurrency.emplace(*store, random, settings.function_concurrency);
  record_sink.emplace(*s3, *blobs, *authorizer, executors);
  logs.emplace(*log_store, real, domain, random, executors);
  logs->start();
  listeners.emplace(server, loops);
  lambda::RunnerPorts ports;
  // The session has the function's name, as on AWS, where such a name has two characters at least.
  ports.mint = [this](const lambda::FunctionImage& image, const std::string&) {
    const iam::RoleRecord* role = directory->role_of_arn(image.role_arn);
    const std::string session =
        image.name.size() > 1 ? image.name : image.name + "@lambda_function";
    const identity::AccessKey key =
        credentials.mint(image.scope.account, image.role_arn, image.function_arn, session,
                         real.now(), role ? role->id : "");
    return lambda::EnvironmentCredentials{key.id, key.secret, key.session_token};
  };
  ports.revoke = [this](const std::string& id) { credentials.revoke(id); };
  ports.log = [this](const lambda::FunctionImage& image, const std::string& stream,
                     std::string_view lines) {
    logs->emit(image.scope, image.log_group, stream, lines);
  };
  // The pipeline is made later and outlives every sandbox.
  struct Endpoint final : http::Handler {
    explicit Endpoint(Parts& p) : parts(p) {}
    bool answer_now(const http::Request& r, std::string& out) override {
      return parts.pipeline->answer_now(r, out);
    }
    asio::awaitable<http::Response> handle(const http::Request& r, http::BodyReader& b) override {
      return parts.pipeline->handle(r, b);
    }
    Parts& parts;
  };
  sandboxes = &metrics.gauge("tidegate_function_sandbox",
                             "1 while functions can run, in sandboxes of this level.",
                             {{"level", launcher.level}});
  sandboxes->set(launcher.level != "off");
  const auto environments = [this](const char* state) {
    return &metrics.gauge("tidegate_function_environments", "Sandboxes that live, by what they do.",
                          {{"state", state}});
  };
  ports.counted = [busy = environments("busy"), idle = environments("idle")](int b, int i) {
    busy->set(b);
    idle->set(i);
  };
  ports.lost = [this] { sandboxes->set(0); };
  lambda::RunnerOptions options;
  options.runtimes_directory = find_runtimes();
  options.max_environments = settings.function_environments;
  options.idle_ttl = std::chrono::seconds(settings.function_idle_s);
  options.limit_cpu = settings.function_cpu_limits;
  runner = std::make_unique<lambda::ProcessRunner>(
      lambda::RunnerParts{executors, real, random, *listeners, std::make_shared<Endpoint>(*this),
                          std::move(ports)},
      options, std::move(launcher));
  layers.emplace(*store, domain, random, *packages, *code_source);
  functions.emplace(*store, domain, random, *packages, *code_source, *layers, *runner);
  invoker.emplace(lambda::InvokerParts{*functions, *policies, *event_configs, *concurrency, *runner,
                                       *async_invokes, *store, *blobs, *record_sink, random, domain,
                                       executors});
  appconfig_functions.emplace(*invoker, *authorizer, real, random, executors);
  destinations.emplace(*invoker);
  to_functions.emplace(*invoker, random);
  s3_destinations.emplace(*destinations, *to_functions, *webhooks, *s3_events, random);
}

void Node::Parts::mount() {
  s3_authorizer.emplace(*s3, real, s3_rights());
  s3_cors.emplace(s3->buckets);
  api::s3::mount(s3_table, {&*s3, &*s3_destinations, &*s3_authorizer});
  api::lambda::mount(lambda_table, {&*functions, &*aliases, &*layers, &*policies, &*event_configs,
                                    &*concurrency, &*invoker, &*code_links, &real, &random});
  api::appconfig::mount_control(control_table, {&*appconfig});
  api::appconfig::mount_data(data_table, {&*appconfig});
  api::sts::mount(sts_table, {&*directory, &*authorizer, &credentials, &real});
  api::iam::mount(iam_table, {&*directory});
  api::cloudtrail::mount(cloudtrail_table, {&*trail});
  api::cloudwatch::mount(cloudwatch_table, {&*alarms});
  api::logs::mount(logs_table, {&*logs});
  api::admin::Parts admin;
  if (settings.dev) admin.advance_clock = [this](Duration d) { return clock->advance(d); };
  admin.domain = &domain;
  admin.queues = {{"s3-events", &*s3_events}, {"async-invokes", &*async_invokes}};
  admin.function_log = [this](Scope scope, std::string name) {
    return function_log(std::move(scope), std::move(name));
  };
  api::admin::mount(admin_table, std::move(admin));
}

// What the caller's own policies say of S3; its resources' own are judged where they are known.
api::s3::AuthorizerOptions Node::Parts::s3_rights() {
  api::s3::AuthorizerOptions options;
  options.enforce = authorizer->enforcing();
  options.identity = [this](const identity::Principal& p, const policy::Request& request) {
    return authorizer->identity_verdict(p, request);
  };
  options.tags = [this](const identity::Principal& p) { return authorizer->tags_of(p); };
  options.refusal = [this](const identity::Principal& p, const policy::Request& request,
                           bool by_resource) {
    return authorizer->identity_refusal(p, request, by_resource);
  };
  return options;
}

void Node::Parts::make_authorizer() {
  using wire::Service;
  authorizer->serve(Service::s3, {}, api::needs::bucket_policies(*s3));
  authorizer->serve(Service::lambda, api::needs::lambda(*authorizer),
                    api::needs::function_policies(*policies, *layers));
  authorizer->serve(Service::appconfig, api::needs::appconfig(*appconfig, *authorizer));
  authorizer->serve(Service::appconfigdata, api::needs::appconfig_data(*appconfig));
  authorizer->serve(Service::cloudwatch, api::needs::cloudwatch());
  authorizer->serve(Service::logs, api::needs::logs());
  authorizer->serve(Service::iam, api::needs::iam(*directory));
  authorizer->serve(Service::sts, api::needs::sts());
  authorizer->serve(Service::admin, api::needs::none());
}

void Node::Parts::make_pipeline() {
  pages.emplace(metrics, *store, *blobs, *runner, *sandboxes);
  api::PipelineParts p;
  p.executors = loops.executors();
  p.authenticator = &*authenticator;
  p.blobs = blobs.get();
  p.random = &random;
  p.metrics = &metrics;
  p.planes = {{&s3_table, kMaxS3DocumentBody, api::render_s3_error,
               [this](const wire::Context& c, const wire::Labels& labels) {
                 return s3_authorizer->check(c, labels);
               }},
              {&lambda_table, kMaxLambdaBody, api::render_lambda_error},
              {&control_table, kMaxAppConfigBody, api::render_appconfig_error},
              {&data_table, kMaxQueryBody, api::render_appconfigdata_error},
              {&sts_table, kMaxQueryBody, api::render_query_error},
              {&iam_table, kMaxQueryBody, api::render_iam_error},
              {&cloudtrail_table, kMaxQueryBody, api::render_cloudtrail_error},
              {&cloudwatch_table, kMaxQueryBody, api::render_cloudwatch_error, nullptr,
               "GraniteServiceVersion20100801"},
              {&logs_table, kMaxLogsBody, api::render_logs_error},
              {&admin_table, kMaxQueryBody, api::render_admin_error}};
  p.base_domains = {"localhost", "s3.localhost"};
  for (const std::string& domain_name : settings.domains) p.base_domains.push_back(domain_name);
  p.cors = &*s3_cors;
  p.authorizer = &*authorizer;
  p.configuration = [this](const identity::Authenticated& caller, const http::Request& request,
                           const http::Query& query,
                           std::string& out) { return answer_latest(caller, request, query, out); };
  witness.emplace(*recorder, *directory, s3->buckets, real);
  p.witness = &*witness;
  p.remember_configuration = [this](const identity::Authenticated& caller,
                                    const http::Query& query) {
    if (const std::string* token = http::find(query, "configuration_token"))
      authorizer->remember(caller.principal,
                           api::needs::configuration_arn(appconfig->data_plane, *token));
  };
  code_page.emplace(*functions, *layers, *code_links, *blobs, real, loops.executors());
  api::alertmanager::Told told = [this](std::string alarm, std::string address,
                                        const Error* error) {
    return recorder->alarm_set({settings.account, settings.region}, std::move(alarm),
                               std::move(address), error);
  };
  alertmanager.emplace(api::alertmanager::Parts{*alarms,
                                                {settings.account, settings.region},
                                                settings.alertmanager_token,
                                                settings.dev,
                                                settings.alertmanager_label,
                                                loops.executors().control,
                                                std::move(told)});
  p.token_pages = {
      {CodePage::asked,
       [this](const http::Request& r, http::BodyReader&) { return code_page->answer(r); }},
      {api::alertmanager::Alertmanager::asked,
       [this](const http::Request& r, http::BodyReader& b) { return alertmanager->answer(r, b); }}};
  p.own_pages = [this](const http::Request& request) { return pages->answer(request); };
  pipeline.emplace(std::move(p));
}

// The newest lines of a function, wherever it logs.
Task<std::string> Node::Parts::function_log(Scope scope, std::string name) {
  std::string group = "/aws/lambda/" + name;
  const lambda::FunctionRef ref{name, std::nullopt};
  Result<lambda::Function> f = co_await functions->find(scope, ref);
  if (f.ok()) group = lambda::log_group_of(*f);
  co_return co_await logs->tail(scope, group, 10'000);
}

Result<std::uint16_t> Node::Parts::listen_at(const char* option, const std::string& host,
                                             std::uint16_t port, http::Handler& handler) {
  auto taken = server.listen(host, port, handler);
  if (taken.ok()) return taken;
  return Error{taken.fault(), fmt::format("{}: {}", option, taken.error().message)};
}

Status Node::Parts::listen() {
  TRY(const std::uint16_t port,
      listen_at("--listen", settings.listen_host, settings.listen_port, *pipeline));
  LOG_INFO("tidegate {} listens on {}:{}, data in {}{}", kVersion, settings.listen_host, port,
           settings.data,
           settings.dev ? ". DEV: every access key is accepted, the clock can be turned" : "");
  if (settings.agent_host.empty()) return done;
  agent.emplace(api::agent::Parts{*appconfig,
                                  {settings.account, settings.region},
                                  settings.agent_access_token,
                                  domain,
                                  loops.executors().control,
                                  random.hex(32)});
  TRY(const std::uint16_t agent_port,
      listen_at("--agent-listen", settings.agent_host, settings.agent_port, *agent));
  LOG_INFO("the AppConfig agent's API is at {}:{}", settings.agent_host, agent_port);
  return done;
}

// On a connection's thread: every thread keeps its text of the second.
bool Node::Parts::answer_latest(const identity::Authenticated& caller, const http::Request& request,
                                const http::Query& query, std::string& out) {
  const Scope& scope = caller.scope;
  if (!authorizer->free(caller.principal, wire::Service::appconfigdata)) {
    const std::string* token = http::find(query, "configuration_token");
    if (!token) return false;
    const std::string resource = api::needs::configuration_arn(appconfig->data_plane, *token);
    if (!authorizer->remembers(caller.principal, resource)) return false;
  }
  thread_local std::int64_t second = -1;
  thread_local std::string date;
  thread_local const std::string header = server_header();
  const Instant now = real.now();
  if (to_ms(now) / 1000 != second) {
    second = to_ms(now) / 1000;
    date = http_date(now);
  }
  return api::appconfig::answer_latest(appconfig->data_plane, scope, request, query, date, header,
                                       random.uuid(), out);
}

Task<Unit> Node::Parts::close() {
  if (sweeper) co_await sweeper->close();
  if (expirer) co_await expirer->close();
  if (s3_events) co_await s3_events->close();
  if (async_invokes) co_await async_invokes->close();
  if (appconfig_actions) co_await appconfig_actions->close();
  if (appconfig_functions) co_await appconfig_functions->close();
  if (appconfig) co_await appconfig->close();
  if (alarms) co_await alarms->close();
  if (runner) co_await runner->close();
  if (logs) co_await logs->close();
  if (s3) co_await s3->close();
  if (trail) co_await trail->close();
  if (outbound) outbound->stop();
  domain.close();
  real.close();
  co_return done;
}

Node::Node(Settings settings, lambda::LauncherHandle launcher)
    : parts_(std::make_unique<Parts>(std::move(settings), std::move(launcher))) {}

Node::~Node() = default;

Status Node::start() {
  Parts& p = *parts_;
  const std::string level = p.launcher.level, reason = p.launcher.reason;
  TRY(Unit opened, p.open());
  p.loops.start();
  Status assembled = run_on(p.loops.executors().control, p.assemble());
  if (!assembled.ok()) {
    stop();
    return assembled;
  }
  Status listening = p.listen();
  if (!listening.ok()) {
    stop();
    return listening;
  }
  p.server.start();
  (void)opened;
  if (level == "off")
    LOG_WARN("functions are refused: {}", reason);
  else
    LOG_INFO("functions run in sandboxes of level {}{}", level,
             reason.empty() ? "" : " (" + reason + ")");
  return done;
}

void Node::reload_root_key() {
  parts_->reload_root_key();
}

void Node::stop() {
  Parts& p = *parts_;
  p.server.drain();
  Status closed = run_on(p.loops.executors().control, p.close());
  if (!closed.ok()) LOG_WARN("while stopping: {}", closed.error().message);
  p.loops.stop();
}

}  // namespace tidegate::server
