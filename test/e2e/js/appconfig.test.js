// AppConfig as applications in JavaScript use it: the SDK's waiters, sessions, Powertools' provider, and what
// AWS's agent is served, read by Amazon's own Ion parser.
import assert from "node:assert/strict";
import { test } from "node:test";

import { AppConfigProvider } from "@aws-lambda-powertools/parameters/appconfig";
import { AppConfigClient, CreateApplicationCommand, CreateConfigurationProfileCommand, CreateEnvironmentCommand,
         CreateHostedConfigurationVersionCommand, GetConfigurationCommand, StartDeploymentCommand,
         StopDeploymentCommand, waitUntilDeploymentComplete,
         waitUntilEnvironmentReadyForDeployment } from "@aws-sdk/client-appconfig";
import { AppConfigDataClient, GetLatestConfigurationCommand,
         StartConfigurationSessionCommand } from "@aws-sdk/client-appconfigdata";
import { dumpText, IonTypes, loadAll } from "ion-js";

const endpoint = process.env.TIDEGATE_ENDPOINT;
const options = {
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "000000000000", secretAccessKey: "anything" },
  maxAttempts: 1,
};
const appconfig = new AppConfigClient(options);
const data = new AppConfigDataClient(options);
const SLOW = "AppConfig.Linear20PercentEvery6Minutes"; // 30 minutes, and 30 of bake
const QUICK = "AppConfig.AllAtOnce"; // 10 minutes of bake

const advance = (minutes) =>
  fetch(`${endpoint}/_tidegate/clock/advance?ms=${minutes * 60_000}`, { method: "POST" });

class House {
  static async build(name, profile = {}) {
    const house = new House();
    house.name = name;
    house.app = (await appconfig.send(new CreateApplicationCommand({ Name: name }))).Id;
    house.env = (await appconfig.send(new CreateEnvironmentCommand({ ApplicationId: house.app, Name: "prod" }))).Id;
    house.profile = (await appconfig.send(new CreateConfigurationProfileCommand({
      ApplicationId: house.app, Name: "main", LocationUri: "hosted", ...profile }))).Id;
    return house;
  }
  async deploy(content, strategy) {
    const version = await appconfig.send(new CreateHostedConfigurationVersionCommand({
      ApplicationId: this.app, ConfigurationProfileId: this.profile, Content: Buffer.from(content),
      ContentType: "application/json" }));
    return (await appconfig.send(new StartDeploymentCommand({
      ApplicationId: this.app, EnvironmentId: this.env, ConfigurationProfileId: this.profile,
      DeploymentStrategyId: strategy, ConfigurationVersion: String(version.VersionNumber) }))).DeploymentNumber;
  }
  session() {
    return data.send(new StartConfigurationSessionCommand({
      ApplicationIdentifier: this.name, EnvironmentIdentifier: "prod", ConfigurationProfileIdentifier: "main" }));
  }
  // What the SDK's waiters ask for; the delays of their own are half a minute.
  waiting(number) {
    return [{ client: appconfig, maxWaitTime: 20, minDelay: 0.01, maxDelay: 0.02 },
            { ApplicationId: this.app, EnvironmentId: this.env, ...(number && { DeploymentNumber: number }) }];
  }
}

test("the waiters see deployments complete, and environments get ready", async () => {
  const house = await House.build("js-waiters");
  assert.equal((await waitUntilEnvironmentReadyForDeployment(...house.waiting())).state, "SUCCESS");
  const number = await house.deploy("1", SLOW);
  const complete = waitUntilDeploymentComplete(...house.waiting(number));
  const ready = waitUntilEnvironmentReadyForDeployment(...house.waiting());
  for (let i = 0; i < 10; ++i) await advance(6);
  assert.equal((await complete).state, "SUCCESS");
  assert.equal((await ready).state, "SUCCESS");
});

test("the waiters fail when a deployment is rolled back", async () => {
  const house = await House.build("js-rollback");
  const number = await house.deploy("1", SLOW);
  await appconfig.send(new StopDeploymentCommand({
    ApplicationId: house.app, EnvironmentId: house.env, DeploymentNumber: number }));
  await assert.rejects(waitUntilDeploymentComplete(...house.waiting(number)), /ROLLED_BACK|FAILURE/);
  await assert.rejects(waitUntilEnvironmentReadyForDeployment(...house.waiting()), /RolledBack|FAILURE/);
});

test("a rollout of 30 minutes reaches a poller at once, when the clock is turned", async () => {
  const house = await House.build("js-poller");
  await house.deploy('"old"', QUICK);
  await advance(10);
  const { InitialConfigurationToken } = await house.session();
  const seen = [];
  let token = InitialConfigurationToken;
  const poll = async () => {
    const answer = await data.send(new GetLatestConfigurationCommand({ ConfigurationToken: token }));
    token = answer.NextPollConfigurationToken;
    assert.equal(answer.NextPollIntervalInSeconds, 60);
    if (answer.Configuration?.length) seen.push(Buffer.from(answer.Configuration).toString());
  };
  await poll();
  await house.deploy('"new"', SLOW);
  const started = performance.now();
  for (let i = 0; i < 5; ++i) {
    await advance(6);
    await poll();
  }
  assert.ok(performance.now() - started < 1000);
  assert.deepEqual(seen, ['"old"', '"new"']);
});

test("errors carry the data plane's members", async () => {
  const house = await House.build("js-errors");
  const { InitialConfigurationToken } = await house.session();
  const nothing = await data.send(new GetLatestConfigurationCommand({
    ConfigurationToken: InitialConfigurationToken })).catch((e) => e);
  assert.equal(nothing.name, "ResourceNotFoundException");
  assert.equal(nothing.ResourceType, "Deployment");
  const corrupt = await data.send(new GetLatestConfigurationCommand({ ConfigurationToken: "x" })).catch((e) => e);
  assert.equal(corrupt.name, "BadRequestException");
  assert.deepEqual(corrupt.Details, { InvalidParameters: { ConfigurationToken: { Problem: "Corrupted" } } });
  const unknown = await data.send(new StartConfigurationSessionCommand({
    ApplicationIdentifier: "nobody", EnvironmentIdentifier: "e",
    ConfigurationProfileIdentifier: "p" })).catch((e) => e);
  assert.equal(unknown.ResourceType, "Application");
  assert.deepEqual(unknown.ReferencedBy, { ApplicationIdentifier: "nobody" });
});

test("GetConfiguration answers 204 to who has the version", async () => {
  const house = await House.build("js-classic");
  await house.deploy('{"a":1}', QUICK);
  const ask = (more) => appconfig.send(new GetConfigurationCommand({
    Application: house.name, Environment: "prod", Configuration: "main", ClientId: "c", ...more }));
  const first = await ask({});
  assert.equal(Buffer.from(first.Content).toString(), '{"a":1}');
  assert.equal(first.ConfigurationVersion, "1");
  const again = await ask({ ClientConfigurationVersion: "1" });
  assert.equal(again.$metadata.httpStatusCode, 204);
  assert.equal(again.Content?.length ?? 0, 0);
});

test("Powertools' provider keeps what it has while nothing changes", async () => {
  const house = await House.build("js-powertools");
  await house.deploy('{"limit":1}', QUICK);
  const provider = new AppConfigProvider({ application: house.name, environment: "prod", clientConfig: options });
  const get = () => provider.get("main", { transform: "json", forceFetch: true });
  assert.deepEqual(await get(), { limit: 1 });
  assert.deepEqual(await get(), { limit: 1 }); // the answer was empty
  await advance(10);
  await house.deploy('{"limit":2}', QUICK);
  assert.deepEqual(await get(), { limit: 2 });
  await assert.rejects(provider.get("missing"), /Could not find ConfigurationProfile missing/);
});

test("AWS's agent is served Ion that Amazon's parser reads", async () => {
  const house = await House.build("js-ion", { Type: "AWS.AppConfig.FeatureFlags" });
  const rule = '(and (ends_with $email "@it\'s \\"quoted\\".com") (in $10 ["1" "2"]) (split pct::10.5 by::$id ' +
               'seed::"abc") (gt $since 2026-01) (matches in::$s pattern::"^h.*\\\\d$") (exists key::"c"))';
  const text = "it's \\ \"ü\"\n'''";
  await house.deploy(JSON.stringify({
    version: "1", flags: { ui: { attributes: { t: {} } }, plain: {} },
    values: { ui: { _variants: [
                { name: "it's", rule, enabled: true, attributeValues: { t: text } },
                { name: "default", enabled: false }] },
              plain: { enabled: true } } }), QUICK);
  const agent = new AppConfigDataClient(options);
  agent.middlewareStack.add((next) => (args) => {
    args.request.headers.Accept = "application/ion;type=AWS.AppConfig.FeatureFlags;q=1.0,*/*;q=0.1";
    return next(args);
  }, { step: "build" });
  const { InitialConfigurationToken } = await house.session();
  const answer = await agent.send(new GetLatestConfigurationCommand({
    ConfigurationToken: InitialConfigurationToken }));
  assert.equal(answer.ContentType, "application/ion;type=AWS.AppConfig.FeatureFlags");
  const [plain, ui] = loadAll(Buffer.from(answer.Configuration).toString());
  assert.deepEqual(plain.getAnnotations(), ["plain"]);
  assert.deepEqual(JSON.parse(plain.stringValue()), { enabled: true });
  assert.deepEqual(ui.getAnnotations(), ["ui"]);
  const [variant, fallback] = ui.elements();
  assert.deepEqual(variant.getAnnotations(), ["it's"]);
  assert.deepEqual(JSON.parse(variant.get(1).stringValue()), { _variant: "it's", enabled: true, t: text });
  assert.deepEqual(JSON.parse(fallback.stringValue()), { _variant: "default", enabled: false });
  const parsed = variant.get(0);
  assert.equal(parsed.getType(), IonTypes.SEXP);
  const [and, ends, within, split, after, matches, exists] = parsed.elements();
  assert.equal(and.stringValue(), "and");
  assert.deepEqual(ends.elements().map((e) => e.stringValue()), ["ends_with", "$email", '@it\'s "quoted".com']);
  assert.equal(within.get(1).stringValue(), "$10");
  assert.equal(dumpText(within.get(2)).replaceAll(" ", ""), '["1","2"]');
  assert.deepEqual(split.elements().slice(1).map((e) => e.getAnnotations()[0]), ["pct", "by", "seed"]);
  assert.equal(split.get(1).numberValue(), 10.5);
  assert.equal(after.get(2).getType(), IonTypes.TIMESTAMP);
  assert.equal(matches.get(2).stringValue(), "^h.*\\d$");
  assert.equal(exists.get(1).stringValue(), "c");
});
