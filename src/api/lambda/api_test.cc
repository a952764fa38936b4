// The function service's answers, member by member, over the domain in memory.
#include "api/lambda/api.h"

#include <gtest/gtest.h>

#include "api/lambda/shapes_more.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"
#include "support/lambda_world.h"

namespace tidegate::api::lambda {
namespace {

constexpr char kArn[] = "arn:aws:lambda:us-east-1:111122223333:function:f";

class LambdaApiTest : public testing::Test {
 public:
  tidegate::lambda::LambdaWorld w;
  tidegate::lambda::CodeLinks links =
      *w.run(tidegate::lambda::CodeLinks::load(w.store, w.world.random));
  wire::Table table{wire::Service::lambda, wire::Protocol::rest_json};
  wire::Context context;
  wire::Extra extra;  // of the last call

  LambdaApiTest() {
    mount(table, {&w.functions, &w.aliases, &w.layers, &w.policies, &w.event_configs,
                  &w.concurrency, &*w.invoker, &links, &w.world.clock, &w.world.random});
    context.scope = w.scope;
    context.request_id = "request-1";
    context.host = "127.0.0.1:4566";
  }
  // As the pipeline calls a handler once a request is decoded.
  template <class O, class I>
  Result<O> call(std::string_view name, I in) {
    for (const wire::Entry& e : table.entries()) {
      if (e.row->name != name) continue;
      std::shared_ptr<void> output;
      auto ran = w.run(e.call(context, std::make_shared<I>(std::move(in)), output));
      if (!ran.ok()) return std::move(ran).error();
      extra = std::move(*ran);
      return std::move(*std::static_pointer_cast<O>(output));
    }
    return Error{Fault::unknown_operation, std::string(name)};
  }
  CreateFunctionRequest wanted(const std::string& name = "f") const {
    CreateFunctionRequest in;
    in.function_name = name;
    in.runtime = "python3.11";
    in.handler = "index.handler";
    in.role = "arn:aws:iam::111122223333:role/r";
    in.code.zip_file = wire::Blob{tidegate::lambda::LambdaWorld::zip()};
    return in;
  }
  Result<FunctionConfiguration> create(CreateFunctionRequest in) {
    return call<FunctionConfiguration>("CreateFunction", std::move(in));
  }
  Result<InvocationResponse> invoke(std::optional<std::string> type, std::string payload = "{}",
                                    std::optional<std::string> client_context = std::nullopt) {
    InvocationRequest in;
    in.function_name = "f";
    in.invocation_type = std::move(type);
    in.payload.bytes = std::move(payload);
    in.client_context = std::move(client_context);
    return call<InvocationResponse>("Invoke", std::move(in));
  }
  Result<AddPermissionResponse> permit(std::string action,
                                       std::optional<std::string> qualifier = std::nullopt,
                                       std::string sid = "s") {
    AddPermissionRequest in;
    in.function_name = "f";
    in.statement_id = std::move(sid);
    in.action = std::move(action);
    in.principal = "s3.amazonaws.com";
    in.qualifier = std::move(qualifier);
    return call<AddPermissionResponse>("AddPermission", std::move(in));
  }
  static FunctionRequest f(std::optional<std::string> qualifier = std::nullopt) {
    return FunctionRequest{"f", std::move(qualifier)};
  }
  static Json json(std::string_view text) { return *document::parse_json(text); }
};

TEST_F(LambdaApiTest, CreateAnswersPendingAndTheFirstReadIsActive) {
  auto made = create(wanted());
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->state, "Pending");
  EXPECT_EQ(made->state_reason, "The function is being created.");
  EXPECT_EQ(made->state_reason_code, "Creating");
  EXPECT_EQ(made->last_update_status, std::nullopt);
  EXPECT_EQ(made->function_arn, kArn);
  EXPECT_EQ(made->version, "$LATEST");
  EXPECT_EQ(made->code_sha256, to_base64(sha256(tidegate::lambda::LambdaWorld::zip())));
  EXPECT_TRUE(made->last_modified.ends_with("+0000"));
  EXPECT_EQ(made->logging_config.log_group, "/aws/lambda/f");
  EXPECT_FALSE(made->environment);
  auto read = call<FunctionConfiguration>("GetFunctionConfiguration", f());
  EXPECT_EQ(read->state, "Active");
  EXPECT_EQ(read->last_update_status, "Successful");
  EXPECT_EQ(read->state_reason, std::nullopt);
  ASSERT_TRUE(read->runtime_version_config);
  const std::string& runtime = read->runtime_version_config->runtime_version_arn;
  EXPECT_TRUE(runtime.starts_with("arn:aws:lambda:us-east-1::runtime:")) << runtime;
  EXPECT_EQ(from_hex(runtime.substr(34)).value_or("").size(), 32u) << runtime;
  auto listed = call<ListFunctionsResponse>("ListFunctions", ListFunctionsRequest{});
  ASSERT_EQ(listed->functions.size(), 1u);
  EXPECT_FALSE(listed->functions[0].runtime_version_config || listed->functions[0].state);
  EXPECT_EQ(call<FunctionConfiguration>("GetFunctionConfiguration", f("$LATEST"))->function_arn,
            std::string(kArn) + ":$LATEST");
}

TEST_F(LambdaApiTest, GetFunctionNamesAPlaceToDownloadFrom) {
  ASSERT_TRUE(create(wanted()).ok());
  auto got = call<GetFunctionResponse>("GetFunction", f());
  ASSERT_TRUE(got.ok());
  const std::string front = "http://127.0.0.1:4566/_tidegate/code?token=";
  ASSERT_TRUE(got->code.location && got->code.location->starts_with(front));
  auto link = links.open(got->code.location->substr(front.size()), w.world.clock.now());
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->function, "f");
  EXPECT_EQ(link->account, "111122223333");
  EXPECT_EQ(to_base64(*from_hex(link->sha256)), got->configuration.code_sha256);
  EXPECT_EQ(link->expires, w.world.clock.now() + std::chrono::minutes(10));
}

TEST_F(LambdaApiTest, AnUpdateIsInProgressOnce) {
  ASSERT_TRUE(create(wanted()).ok());
  UpdateFunctionConfigurationRequest in;
  in.function_name = "f";
  in.environment = EnvironmentShape{TagMap{}};
  auto changed = call<FunctionConfiguration>("UpdateFunctionConfiguration", in);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->state, "Active");
  EXPECT_EQ(changed->last_update_status, "InProgress");
  EXPECT_EQ(changed->last_update_status_reason_code, "Creating");
  ASSERT_TRUE(changed->environment);
  UpdateFunctionCodeRequest code;
  code.function_name = "f";
  code.zip_file = wire::Blob{tidegate::lambda::LambdaWorld::zip("new")};
  code.dry_run = true;
  EXPECT_EQ(call<FunctionConfiguration>("UpdateFunctionCode", code)->last_update_status,
            "Successful");
  code.dry_run = false;
  EXPECT_EQ(call<FunctionConfiguration>("UpdateFunctionCode", code)->last_update_status,
            "InProgress");
}

TEST_F(LambdaApiTest, WhatIsNotSupportedSaysSoAndNoneIsNothing) {
  auto refused = [&](auto change) {
    CreateFunctionRequest in = wanted("g");
    change(in);
    auto made = create(std::move(in));
    return made.ok() ? std::string("made") : made.error().message;
  };
  const std::string rest = " is not implemented by this server.";
  EXPECT_EQ(refused([](auto& in) { in.vpc_config = json(R"({"SubnetIds":["s"]})"); }),
            "VpcConfig" + rest);
  EXPECT_TRUE(refused([](auto& in) {
                in.dead_letter_config =
                    json(R"({"TargetArn":"arn:aws:sqs:us-east-1:111122223333:q"})");
              }).starts_with("DeadLetterConfig names a queue of SQS or a topic of SNS"));
  EXPECT_EQ(refused([](auto& in) { in.package_type = "Image"; }), "PackageType Image" + rest);
  EXPECT_EQ(refused([](auto& in) { in.architectures = {"arm64"}; }),
            "Architecture arm64 on this machine" + rest);
  EXPECT_EQ(refused([](auto& in) { in.snap_start = json(R"({"ApplyOn":"PublishedVersions"})"); }),
            "SnapStart" + rest);
  EXPECT_EQ(refused([](auto& in) {
              in.vpc_config =
                  json(R"({"SubnetIds":[],"SecurityGroupIds":[],"Ipv6AllowedForDualStack":false})");
              in.dead_letter_config = json(R"({"TargetArn":""})");
              in.file_system_configs = json("[]");
              in.snap_start = json(R"({"ApplyOn":"None"})");
              in.logging_config = LoggingConfig{};
              in.publish = false;
              in.architectures = {"x86_64"};
            }),
            "made");
}

TEST_F(LambdaApiTest, ListShowsPages) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(create(wanted(name)).ok());
  ListFunctionsRequest in;
  in.max_items = 2;
  auto first = call<ListFunctionsResponse>("ListFunctions", in);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->functions.size(), 2u);
  ASSERT_TRUE(first->next_marker);
  in.marker = first->next_marker;
  auto second = call<ListFunctionsResponse>("ListFunctions", in);
  EXPECT_EQ(second->functions.at(0).function_name, "c");
  EXPECT_FALSE(second->next_marker);
}

TEST_F(LambdaApiTest, InvokeAnswersByItsType) {
  ASSERT_TRUE(create(wanted()).ok());
  w.runner.returns("f", "[1]");
  w.runner.fails("f", "E", "e");
  auto good = invoke(std::nullopt);
  ASSERT_TRUE(good.ok());
  EXPECT_FALSE(good->function_error);
  EXPECT_EQ(good->executed_version, "$LATEST");
  EXPECT_EQ(std::get<std::string>(*extra.body), "[1]");
  EXPECT_EQ(w.runner.calls[0].invocation.request_id, "request-1");
  auto bad = invoke("RequestResponse");
  ASSERT_TRUE(bad.ok());  // a function's failure is no failure of the call
  EXPECT_EQ(bad->function_error, "Unhandled");
  ASSERT_TRUE(invoke("Event").ok());
  EXPECT_EQ(extra.status, 202);
  ASSERT_TRUE(invoke("DryRun").ok());
  EXPECT_EQ(extra.status, 204);
  EXPECT_EQ(w.runner.calls.size(), 2u);  // the queue does not run here
  EXPECT_EQ(invoke("Sometimes").fault(), Fault::invalid_request);
  ASSERT_TRUE(call<wire::Nothing>("DeleteFunction", f()).ok());
  for (const char* type : {"RequestResponse", "Event", "DryRun"})
    EXPECT_EQ(invoke(type).error().message,
              std::string("Function not found: ") + kArn + ":$LATEST");
}

TEST_F(LambdaApiTest, AClientContextIsBase64OfJson) {
  ASSERT_TRUE(create(wanted()).ok());
  ASSERT_TRUE(invoke(std::nullopt, "{}", to_base64(R"({"custom":{}})")).ok());
  EXPECT_EQ(w.runner.calls[0].invocation.client_context, R"({"custom":{}})");
  for (const std::string& bad :
       {std::string("!"), to_base64("{"), to_base64('"' + std::string(3000, 'x') + '"')})
    EXPECT_EQ(invoke(std::nullopt, "{}", bad).fault(), Fault::invalid_request_content);
}

TEST_F(LambdaApiTest, PermissionsArePatterns) {
  ASSERT_TRUE(create(wanted()).ok());
  auto latest = permit("lambda:InvokeFunction", "$LATEST");
  EXPECT_EQ(latest.error().message, "We currently do not support adding policies for $LATEST.");
  EXPECT_EQ(permit("lambda:InvokeFunction", "1").fault(), Fault::not_found);
  for (const char* bad : {"s3:GetObject", "lambda:", "lambda:Invoke*", "lambda:a b", "", "**"})
    EXPECT_EQ(permit(bad).fault(), Fault::invalid_request) << bad;
  EXPECT_EQ(permit("lambda:*", std::nullopt, "a b").fault(), Fault::invalid_request);
  auto made = permit("lambda:InvokeFunction");
  ASSERT_TRUE(made.ok());
  auto policy = call<GetPolicyResponse>("GetPolicy", f());
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->policy,
            R"({"Version":"2012-10-17","Id":"default","Statement":[)" + made->statement + "]}");
  EXPECT_EQ(policy->revision_id.size(), 36u);
  RemovePermissionRequest gone;
  gone.function_name = "f";
  gone.statement_id = "s";
  ASSERT_TRUE(call<wire::Nothing>("RemovePermission", gone).ok());
  EXPECT_EQ(call<GetPolicyResponse>("GetPolicy", f()).error().message,
            "The resource you requested does not exist.");
}

TEST_F(LambdaApiTest, EventInvokeConfigShowsQualifiedArnAndEmptyDestinations) {
  ASSERT_TRUE(create(wanted()).ok());
  PutFunctionEventInvokeConfigRequest in;
  in.function_name = "f";
  auto put = [&] { return call<FunctionEventInvokeConfig>("PutFunctionEventInvokeConfig", in); };
  EXPECT_EQ(put().error().message,
            "You must specify at least one of error handling or destination setting.");
  in.maximum_retry_attempts = 0;
  in.destination_config = DestinationConfig{DestinationShape{}, std::nullopt};
  auto made = put();
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->function_arn, std::string(kArn) + ":$LATEST");
  EXPECT_EQ(made->maximum_retry_attempts, 0);
  EXPECT_EQ(made->maximum_event_age_in_seconds, std::nullopt);
  EXPECT_TRUE(made->destination_config.on_success && made->destination_config.on_failure);
  EXPECT_EQ(made->last_modified, w.world.clock.now());
  in.destination_config->on_failure = DestinationShape{"arn:aws:sqs:us-east-1:111122223333:q"};
  EXPECT_EQ(put().fault(), Fault::invalid_parameter_value);
}

TEST_F(LambdaApiTest, WhatClientsOfLaterModelsAskForIsRefusedByName) {
  auto refused = [&](auto change) {
    CreateFunctionRequest in = wanted("g");
    change(in);
    auto made = create(std::move(in));
    return made.ok() ? std::string("made") : made.error().message;
  };
  const std::string rest = " is not implemented by this server.";
  EXPECT_EQ(refused([](auto& in) { in.durable_config = json(R"({"ExecutionTimeout":60})"); }),
            "DurableConfig" + rest);
  EXPECT_EQ(refused([](auto& in) {
              in.tenancy_config = json(R"({"TenantIsolationMode":"PER_TENANT"})");
            }),
            "TenancyConfig" + rest);
  EXPECT_EQ(refused([](auto& in) {
              in.capacity_provider_config =
                  json(R"({"LambdaManagedInstancesCapacityProviderConfig":{}})");
            }),
            "CapacityProviderConfig" + rest);
  EXPECT_EQ(refused([](auto& in) { in.publish_to = "LATEST_PUBLISHED"; }), "PublishTo" + rest);
  ASSERT_TRUE(create(wanted()).ok());
  PutRuntimeManagementRequest runtime;
  runtime.function_name = "f";
  runtime.update_runtime_on = "Never";
  auto never = call<RuntimeManagementResponse>("PutRuntimeManagementConfig", runtime);
  EXPECT_EQ(never.error().message,
            "1 validation error detected: Value 'Never' at 'updateRuntimeOn' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Auto, Manual, FunctionUpdate]");
}

}  // namespace
}  // namespace tidegate::api::lambda
