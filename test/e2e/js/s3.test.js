// client-s3 with its storage and presigner libraries: streams of unknown length, both addressing styles, a tree
// there and back.
import assert from "node:assert/strict";
import { createReadStream, createWriteStream, mkdirSync } from "node:fs";
import http from "node:http";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";

import { CompleteMultipartUploadCommand, CopyObjectCommand, CreateBucketCommand, CreateMultipartUploadCommand,
         DeleteBucketCommand, DeleteObjectsCommand, GetObjectAttributesCommand, GetObjectCommand,
         GetObjectTaggingCommand, HeadObjectCommand, paginateListObjectsV2, PutObjectCommand,
         PutObjectTaggingCommand, S3Client, UploadPartCopyCommand, waitUntilObjectExists } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { NodeHttpHandler } from "@smithy/node-http-handler";

import { digests, folder, makeTree, sha256 } from "./tree.js";

const endpoint = new URL(process.env.TIDEGATE_ENDPOINT);
const options = {
  region: "us-east-1",
  credentials: { accessKeyId: "000000000000", secretAccessKey: "anything" },
  maxAttempts: 1,
};
const byPath = new S3Client({ ...options, endpoint: endpoint.href, forcePathStyle: true });
// bucket.localhost leads to this machine, whatever its resolver says.
const agent = new http.Agent({
  lookup: (name, asked, done) => (asked.all ? done(null, [{ address: "127.0.0.1", family: 4 }])
                                            : done(null, "127.0.0.1", 4)),
});
const byHost = new S3Client({ ...options, endpoint: `http://localhost:${endpoint.port}`,
                              requestHandler: new NodeHttpHandler({ httpAgent: agent }) });

async function bytesOf(answer) {
  return Buffer.from(await answer.Body.transformToByteArray());
}

for (const [style, s3] of [["path", byPath], ["virtual host", byHost]]) {
  const Bucket = `js-s3-${style.replace(" ", "-")}`;

  test(`${style}: a tree there and back`, async () => {
    const tree = makeTree(folder()), back = folder();
    await s3.send(new CreateBucketCommand({ Bucket }));
    const want = digests(tree);
    for (const name of Object.keys(want)) {
      const upload = new Upload({ client: s3, partSize: 5 << 20,
                                  params: { Bucket, Key: `t/${name}`, Body: createReadStream(join(tree, name)) } });
      await upload.done();
    }
    const listed = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 5 }, { Bucket, Prefix: "t/" }))
      listed.push(...page.Contents.map((o) => o.Key));
    assert.deepEqual(listed.sort(), Object.keys(want).map((n) => `t/${n}`).sort());
    for (const key of listed) {
      const target = join(back, key.slice(2));
      mkdirSync(dirname(target), { recursive: true });
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: key, ChecksumMode: "ENABLED" }));
      await pipeline(got.Body, createWriteStream(target));
    }
    assert.deepEqual(digests(back), want);
  });

  test(`${style}: streams, copies, tags, attributes`, async () => {
    const chunks = Array.from({ length: 130 }, (_, i) => Buffer.alloc(100_000, i));
    const whole = Buffer.concat(chunks);
    const done = await new Upload({ client: s3, queueSize: 3, params: {
      Bucket, Key: "stream", Body: Readable.from(chunks), ContentType: "x/y", Metadata: { a: "b" } } }).done();
    assert.match(done.ETag, /-3"$/);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "stream" }));
    assert.equal(head.ContentLength, whole.length);
    assert.deepEqual([head.ContentType, head.Metadata], ["x/y", { a: "b" }]);
    const piece = await s3.send(new GetObjectCommand({ Bucket, Key: "stream", Range: "bytes=99990-100010" }));
    assert.deepEqual(await bytesOf(piece), whole.subarray(99990, 100011));
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy of it", CopySource: `${Bucket}/stream` }));
    assert.equal(sha256(await bytesOf(await s3.send(new GetObjectCommand({ Bucket, Key: "copy of it" })))),
                 sha256(whole));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const Parts = [];
    for (const [i, CopySourceRange] of ["bytes=0-5999999", "bytes=6000000-12999999"].entries()) {
      const { CopyPartResult } = await s3.send(new UploadPartCopyCommand({
        Bucket, Key: "parts", UploadId, PartNumber: i + 1, CopySource: `${Bucket}/stream`, CopySourceRange }));
      Parts.push({ PartNumber: i + 1, ETag: CopyPartResult.ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "parts", UploadId, MultipartUpload: { Parts } }));
    assert.equal(sha256(await bytesOf(await s3.send(new GetObjectCommand({ Bucket, Key: "parts" })))), sha256(whole));
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "stream",
                                                Tagging: { TagSet: [{ Key: "k", Value: "v w" }] } }));
    const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "stream" }));
    assert.deepEqual(tags.TagSet, [{ Key: "k", Value: "v w" }]);
    const attributes = await s3.send(new GetObjectAttributesCommand({
      Bucket, Key: "stream", ObjectAttributes: ["ObjectSize", "ObjectParts", "Checksum"] }));
    assert.equal(attributes.ObjectSize, whole.length);
    assert.equal(attributes.ObjectParts.TotalPartsCount, 3);
    await waitUntilObjectExists({ client: s3, maxWaitTime: 30 }, { Bucket, Key: "stream" });
  });

  test(`${style}: presigned`, async () => {
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "signed +/é" }), { expiresIn: 60 });
    const send = (method, to, body) => new Promise((resolve, reject) => {
      const request = http.request(to, { method, agent }, async (answer) => {
        const pieces = [];
        for await (const piece of answer) pieces.push(piece);
        resolve([answer.statusCode, Buffer.concat(pieces).toString()]);
      });
      request.on("error", reject);
      request.end(body);
    });
    assert.equal((await send("PUT", url, "by url"))[0], 200);
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "signed +/é" }));
    assert.deepEqual(await send("GET", get), [200, "by url"]);
  });

  test(`${style}: emptied and removed`, async () => {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket }))
      await s3.send(new DeleteObjectsCommand({
        Bucket, Delete: { Objects: page.Contents.map(({ Key }) => ({ Key })), Quiet: true } }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
}
