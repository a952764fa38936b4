// The minio client from npm: its own signer and its own habits.
import assert from "node:assert/strict";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import * as Minio from "minio";

import { digests, folder, makeTree } from "./tree.js";

const endpoint = new URL(process.env.TIDEGATE_ENDPOINT);
const minio = new Minio.Client({ endPoint: endpoint.hostname, port: Number(endpoint.port), useSSL: false,
                                 accessKey: "000000000000", secretKey: "anything", region: "us-east-1",
                                 partSize: 5 << 20 });
const bucket = "js-minio";

async function list(prefix = "", recursive = true) {
  const found = [];
  for await (const item of minio.listObjectsV2(bucket, prefix, recursive)) found.push(item.name ?? item.prefix);
  return found;
}

test("buckets", async () => {
  await minio.makeBucket(bucket);
  assert.ok(await minio.bucketExists(bucket));
  assert.ok(!(await minio.bucketExists("js-minio-none")));
  assert.ok((await minio.listBuckets()).some((b) => b.name === bucket));
});

test("a tree there and back", async () => {
  const tree = makeTree(folder()), back = folder(), want = digests(tree);
  for (const name of Object.keys(want)) await minio.fPutObject(bucket, `t/${name}`, join(tree, name));
  assert.deepEqual((await list("t/")).sort(), Object.keys(want).map((n) => `t/${n}`).sort());
  for (const name of Object.keys(want)) await minio.fGetObject(bucket, `t/${name}`, join(back, name));
  assert.deepEqual(digests(back), want);
  assert.deepEqual((await list("t/deep/", false)).sort(), ["t/deep/a/", "t/deep/empty too"]);
});

test("put, stat, get, copy, compose", async () => {
  await minio.putObject(bucket, "hello", "hello minio", { "Content-Type": "text/plain", "X-Amz-Meta-Colour": "blue" });
  const stat = await minio.statObject(bucket, "hello");
  assert.deepEqual([stat.size, stat.metaData.colour, stat.metaData["content-type"]], [11, "blue", "text/plain"]);
  assert.equal(await text(await minio.getPartialObject(bucket, "hello", 6, 5)), "minio");
  await minio.putObject(bucket, "stream", Readable.from(["of ", "unknown ", "length"].map((piece) => Buffer.from(piece))));
  assert.equal(await text(await minio.getObject(bucket, "stream")), "of unknown length");
  await minio.copyObject(bucket, "copied", `/${bucket}/hello`, new Minio.CopyConditions());
  assert.equal(await text(await minio.getObject(bucket, "copied")), "hello minio");
  const big = Buffer.alloc(6 << 20, "b");
  await minio.putObject(bucket, "big", big, big.length);
  await minio.composeObject(new Minio.CopyDestinationOptions({ Bucket: bucket, Object: "composed" }),
    ["big", "hello"].map((Object) => new Minio.CopySourceOptions({ Bucket: bucket, Object })));
  assert.equal((await minio.statObject(bucket, "composed")).size, big.length + 11);
  assert.ok((await text(await minio.getObject(bucket, "composed"))).endsWith("bhello minio"));
});

test("presigned, tags, notifications", async () => {
  const put = await minio.presignedPutObject(bucket, "by url", 60);
  assert.equal((await fetch(put, { method: "PUT", body: "signed" })).status, 200);
  const got = await fetch(await minio.presignedGetObject(bucket, "by url", 60));
  assert.equal(await got.text(), "signed");
  await minio.setObjectTagging(bucket, "hello", { a: "v 1" });
  assert.deepEqual(await minio.getObjectTagging(bucket, "hello"), [{ Key: "a", Value: "v 1" }]);
  const notifications = await minio.getBucketNotification(bucket);
  assert.deepEqual(notifications.QueueConfiguration ?? [], []);
});

test("incomplete uploads and removal", async () => {
  await minio.initiateNewMultipartUpload(bucket, "unfinished", {});
  const open = [];
  for await (const upload of minio.listIncompleteUploads(bucket, "", true)) open.push(upload.key);
  assert.deepEqual(open, ["unfinished"]);
  await minio.removeIncompleteUpload(bucket, "unfinished");
  await minio.removeObject(bucket, "hello");
  await assert.rejects(minio.statObject(bucket, "hello"), { code: "NotFound" });
  await minio.removeObjects(bucket, await list());
  assert.deepEqual(await list(), []);
  await minio.removeBucket(bucket);
});
