// The AWS SDK for JavaScript v3, unmodified: its default checksums, streams and waiters.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { AppConfigClient, CreateApplicationCommand, CreateConfigurationProfileCommand,
         CreateDeploymentStrategyCommand, CreateEnvironmentCommand, CreateHostedConfigurationVersionCommand,
         GetDeploymentCommand, StartDeploymentCommand } from "@aws-sdk/client-appconfig";
import { AppConfigDataClient, GetLatestConfigurationCommand,
         StartConfigurationSessionCommand } from "@aws-sdk/client-appconfigdata";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, ListObjectsV2Command,
         ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand,
         S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const options = {
  endpoint: process.env.TIDEGATE_ENDPOINT,
  region: "us-east-1",
  credentials: { accessKeyId: "000000000000", secretAccessKey: "anything" },
  maxAttempts: 1,
};
const s3 = new S3Client({ ...options, forcePathStyle: true });
const appconfig = new AppConfigClient(options);
const data = new AppConfigDataClient(options);

test("identity", async () => {
  const who = await new STSClient(options).send(new GetCallerIdentityCommand({}));
  assert.equal(who.Account, "000000000000");
});

test("objects, from a buffer and from a stream", async () => {
  const Bucket = "js-objects";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new HeadBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: "a b/ü", Body: "hello" }));
  assert.ok(put.VersionId);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "a b/ü", ChecksumMode: "ENABLED" }));
  assert.equal(await got.Body.transformToString(), "hello");
  const chunks = Array.from({ length: 50 }, (_, i) => Buffer.alloc(10_000, i));
  await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body: Readable.from(chunks),
                                       ContentLength: 500_000 }));
  const back = await s3.send(new GetObjectCommand({ Bucket, Key: "stream" }));
  assert.deepEqual(Buffer.from(await back.Body.transformToByteArray()), Buffer.concat(chunks));
  const listed = await s3.send(new ListObjectsV2Command({ Bucket }));
  assert.deepEqual(listed.Contents.map((o) => o.Key), ["a b/ü", "stream"]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "stream" }));
  const versions = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  assert.equal(versions.DeleteMarkers.length, 1);
});

test("errors have names", async () => {
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "js-objects", Key: "none" })), { name: "NoSuchKey" });
  await assert.rejects(new LambdaClient(options).send(new InvokeCommand({ FunctionName: "nowhere" })),
                       { name: "ResourceNotFoundException" });
});

test("a configuration travels", async () => {
  const app = await appconfig.send(new CreateApplicationCommand({ Name: "js" }));
  const env = await appconfig.send(new CreateEnvironmentCommand({ ApplicationId: app.Id, Name: "e" }));
  assert.equal(env.State, "ReadyForDeployment");
  const profile = await appconfig.send(new CreateConfigurationProfileCommand({
    ApplicationId: app.Id, Name: "p", LocationUri: "hosted" }));
  const strategy = await appconfig.send(new CreateDeploymentStrategyCommand({
    Name: "js", DeploymentDurationInMinutes: 0, GrowthFactor: 100, ReplicateTo: "NONE" }));
  const version = await appconfig.send(new CreateHostedConfigurationVersionCommand({
    ApplicationId: app.Id, ConfigurationProfileId: profile.Id, Content: Buffer.from('{"a":1}'),
    ContentType: "application/json" }));
  assert.equal(version.VersionNumber, 1);
  assert.equal(Buffer.from(version.Content).toString(), '{"a":1}');
  await appconfig.send(new StartDeploymentCommand({
    ApplicationId: app.Id, EnvironmentId: env.Id, ConfigurationProfileId: profile.Id,
    DeploymentStrategyId: strategy.Id, ConfigurationVersion: "1" }));
  const session = await data.send(new StartConfigurationSessionCommand({
    ApplicationIdentifier: "js", EnvironmentIdentifier: "e", ConfigurationProfileIdentifier: "p" }));
  const first = await data.send(new GetLatestConfigurationCommand({
    ConfigurationToken: session.InitialConfigurationToken }));
  assert.equal(Buffer.from(first.Configuration).toString(), '{"a":1}');
  const second = await data.send(new GetLatestConfigurationCommand({
    ConfigurationToken: first.NextPollConfigurationToken }));
  assert.equal(second.Configuration?.length ?? 0, 0);
  const deployment = await appconfig.send(new GetDeploymentCommand({
    ApplicationId: app.Id, EnvironmentId: env.Id, DeploymentNumber: 1 }));
  assert.equal(deployment.State, "COMPLETE");
  assert.ok(deployment.StartedAt instanceof Date);
});
