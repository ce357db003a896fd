// @aws-sdk/client-s3 against the server named by TP_ENDPOINT: what the newest SDK sends by default, streams above all.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";

import * as aws from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const endpoint = process.env.TP_ENDPOINT;
const Bucket = "js-sdk-bucket";
const client = new aws.S3Client({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  maxAttempts: 1,
  credentials: { accessKeyId: process.env.TP_ACCESS_KEY, secretAccessKey: process.env.TP_SECRET_KEY },
});
const send = (Command, input) => client.send(new Command({ Bucket, ...input }));
const bytesOf = async (answer) => Buffer.from(await answer.Body.transformToByteArray());
const fails = (promise, name, status) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.name, name, `${error.name}: ${error.message}`);
    if (status) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });

before(async () => {
  await send(aws.CreateBucketCommand, {});
});

after(async () => {
  const listed = await send(aws.ListObjectsV2Command, {});
  const Objects = (listed.Contents ?? []).map(({ Key }) => ({ Key }));
  if (Objects.length) await send(aws.DeleteObjectsCommand, { Delete: { Objects } });
  await send(aws.DeleteBucketCommand, {});
  client.destroy();
});

test("a buffer goes up with the checksum that the SDK chooses, and comes back verified", async () => {
  const body = randomBytes(300_000);
  const put = await send(aws.PutObjectCommand, { Key: "buffer", Body: body, Metadata: { one: "1" } });
  assert.ok(put.ChecksumCRC32, "the SDK sends CRC32 by default and the server says it back");
  const got = await send(aws.GetObjectCommand, { Key: "buffer", ChecksumMode: "ENABLED" });
  assert.deepEqual(await bytesOf(got), body);
  assert.equal(got.ChecksumCRC32, put.ChecksumCRC32);
  assert.deepEqual(got.Metadata, { one: "1" });
});

test("a stream goes up as aws-chunked with a trailer", async () => {
  const parts = [randomBytes(10), randomBytes(70_000), randomBytes(1)];
  const body = Buffer.concat(parts);
  await send(aws.PutObjectCommand, { Key: "stream", Body: Readable.from(parts), ContentLength: body.length });
  const got = await send(aws.GetObjectCommand, { Key: "stream" });
  assert.deepEqual(await bytesOf(got), body);
  assert.notEqual(got.ContentEncoding, "aws-chunked");
});

test("an empty body and an empty stream", async () => {
  await send(aws.PutObjectCommand, { Key: "empty", Body: "" });
  await send(aws.PutObjectCommand, { Key: "empty-stream", Body: Readable.from([]), ContentLength: 0 });
  for (const Key of ["empty", "empty-stream"]) {
    assert.equal((await send(aws.HeadObjectCommand, { Key })).ContentLength, 0);
  }
});

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
  test(`checksum ${algorithm}`, async () => {
    const Body = randomBytes(100_000);
    let put;
    try {
      put = await send(aws.PutObjectCommand, { Key: algorithm, Body, ChecksumAlgorithm: algorithm });
    } catch (error) {
      if (/Please check whether you have installed/.test(error.message)) return; // an optional native part of the SDK
      throw error;
    }
    const got = await send(aws.GetObjectCommand, { Key: algorithm, ChecksumMode: "ENABLED" });
    assert.equal(got[`Checksum${algorithm}`], put[`Checksum${algorithm}`]);
    assert.deepEqual(await bytesOf(got), Body);
  });
}

test("lib-storage uploads a stream in parts", async () => {
  const body = randomBytes(23 * 1024 * 1024 + 7);
  const upload = new Upload({
    client,
    params: { Bucket, Key: "parts", Body: Readable.from([body.subarray(0, 1000), body.subarray(1000)]) },
    partSize: 5 * 1024 * 1024,
    queueSize: 4,
  });
  const done = await upload.done();
  assert.match(done.ETag, /-5"$/);
  const got = await bytesOf(await send(aws.GetObjectCommand, { Key: "parts" }));
  assert.equal(createHash("sha256").update(got).digest("hex"), createHash("sha256").update(body).digest("hex"));
  const attributes = await send(aws.GetObjectAttributesCommand, {
    Key: "parts",
    ObjectAttributes: ["ObjectParts", "ObjectSize", "Checksum", "ETag"],
  });
  assert.equal(attributes.ObjectSize, body.length);
  assert.equal(attributes.ObjectParts.TotalPartsCount, 5);
});

test("conditional writes", async () => {
  const first = await send(aws.PutObjectCommand, { Key: "once", Body: "1", IfNoneMatch: "*" });
  await fails(send(aws.PutObjectCommand, { Key: "once", Body: "2", IfNoneMatch: "*" }), "PreconditionFailed", 412);
  await send(aws.PutObjectCommand, { Key: "once", Body: "2", IfMatch: first.ETag });
  await fails(send(aws.DeleteObjectCommand, { Key: "once", IfMatch: first.ETag }), "PreconditionFailed", 412);
});

test("append and rename", async () => {
  await send(aws.PutObjectCommand, { Key: "log", Body: "one ", WriteOffsetBytes: 0 });
  await send(aws.PutObjectCommand, { Key: "log", Body: "two", WriteOffsetBytes: 4 });
  await fails(send(aws.PutObjectCommand, { Key: "log", Body: "x", WriteOffsetBytes: 4 }), "InvalidWriteOffset", 400);
  await send(aws.RenameObjectCommand, { Key: "log2", RenameSource: "log" });
  assert.equal((await bytesOf(await send(aws.GetObjectCommand, { Key: "log2" }))).toString(), "one two");
});

test("listing with every paginator", async () => {
  for (let n = 0; n < 25; n++) await send(aws.PutObjectCommand, { Key: `list/${n % 5}/k ${n}+ü`, Body: "" });
  const keys = [];
  for await (const page of aws.paginateListObjectsV2({ client, pageSize: 4 }, { Bucket, Prefix: "list/" })) {
    keys.push(...page.Contents.map(({ Key }) => Key));
  }
  assert.equal(new Set(keys).size, 25);
  const folders = await send(aws.ListObjectsV2Command, { Prefix: "list/", Delimiter: "/" });
  assert.deepEqual(folders.CommonPrefixes.map(({ Prefix }) => Prefix), [0, 1, 2, 3, 4].map((n) => `list/${n}/`));
  await send(aws.DeleteObjectsCommand, { Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } });
});

test("copies, tags and batch deletes", async () => {
  await send(aws.PutObjectCommand, { Key: "from", Body: "copy me", Tagging: "a=1" });
  await send(aws.CopyObjectCommand, { Key: "to", CopySource: `${Bucket}/from` });
  const tags = await send(aws.GetObjectTaggingCommand, { Key: "to" });
  assert.deepEqual(tags.TagSet, [{ Key: "a", Value: "1" }]);
  const gone = await send(aws.DeleteObjectsCommand, { Delete: { Objects: [{ Key: "from" }, { Key: "to" }] } });
  assert.equal(gone.Deleted.length, 2);
  await fails(send(aws.GetObjectCommand, { Key: "to" }), "NoSuchKey", 404);
});

test("presigned links work without the SDK", async () => {
  const put = await getSignedUrl(client, new aws.PutObjectCommand({ Bucket, Key: "linked" }), { expiresIn: 60 });
  assert.equal((await fetch(put, { method: "PUT", body: "by link" })).status, 200);
  const get = await getSignedUrl(client, new aws.GetObjectCommand({ Bucket, Key: "linked" }), { expiresIn: 60 });
  assert.equal(await (await fetch(get)).text(), "by link");
});

test("errors have the SDK's names", async () => {
  await fails(send(aws.GetObjectCommand, { Key: "none" }), "NoSuchKey", 404);
  await fails(client.send(new aws.HeadObjectCommand({ Bucket, Key: "none" })), "NotFound", 404);
  await fails(client.send(new aws.ListObjectsV2Command({ Bucket: "no-such-bucket-xyz" })), "NoSuchBucket", 404);
  await fails(send(aws.GetObjectCommand, { Key: "buffer", Range: "bytes=999999999-" }), "InvalidRange", 416);
});
