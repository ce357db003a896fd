// ioredis against the cache named by TP_REDIS_PORT.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Redis } from "ioredis";

import { bytesOf, host, password, port, username } from "./cache_common.mjs";

const options = { host, port, username, password, maxRetriesPerRequest: 0, retryStrategy: null };
const client = new Redis(options);
const refused = async (promise, message) => assert.rejects(promise, { name: "ReplyError", message });

before(async () => {
  assert.equal(await client.ping(), "PONG");
});
beforeEach(async () => {
  assert.equal(await client.flushdb(), "OK");
});
after(async () => {
  assert.equal(await client.quit(), "OK");
});

test("strings and their options", async () => {
  assert.equal(await client.get("a"), null);
  assert.equal(await client.set("a", "1"), "OK");
  assert.equal(await client.set("a", "2", "NX"), null);
  assert.equal(await client.set("a", "3", "EX", 100, "XX"), "OK");
  assert.equal(await client.ttl("a"), 100);
  assert.equal(await client.set("a", "4", "KEEPTTL", "GET"), "3");
  assert.ok((await client.pttl("a")) > 0);
  assert.equal(await client.incrby("a", 38), 42);
  assert.equal(await client.append("a", "!"), 3);
  assert.equal(await client.getrange("a", 0, -2), "42");
  assert.equal(await client.setnx("b", "new"), 1);
  assert.equal(await client.mset({ c: "3", d: "4" }), "OK");
  assert.deepEqual(await client.mget("a", "b", "none", "c", "d"), ["42!", "new", null, "3", "4"]);
  assert.equal(await client.getdel("b"), "new");
  assert.equal(await client.exists("a", "b", "c"), 2);
  assert.equal(await client.unlink("a", "b", "c", "d"), 3);
  assert.equal(await client.dbsize(), 0);
});

test("bytes of any value and size, in keys too", async () => {
  const key = Buffer.from([0, 1, 255, 13, 10]);
  for (const size of [0, 1, 1000, 70_000, 8 << 20]) {
    const value = bytesOf(size, size);
    assert.equal(await client.set(key, value), "OK");
    assert.equal(await client.strlen(key), size);
    assert.ok((await client.getBuffer(key)).equals(value), `other bytes at ${size}`);
  }
});

test("hashes", async () => {
  assert.equal(await client.hset("h", { one: "1", two: "2" }), 2);
  assert.equal(await client.hset("h", "two", "zwei", "three", "3"), 1);
  assert.deepEqual(await client.hgetall("h"), { one: "1", two: "zwei", three: "3" });
  assert.deepEqual(await client.hmget("h", "one", "none"), ["1", null]);
  assert.equal(await client.hincrby("h", "one", 9), 10);
  assert.deepEqual((await client.hkeys("h")).sort(), ["one", "three", "two"]);
  assert.equal(await client.hdel("h", "one", "none"), 1);
  assert.equal(await client.hlen("h"), 2);
  assert.deepEqual(await client.hgetall("none"), {});
  assert.equal(await client.type("h"), "hash");
});

test("pipelines and automatic ones", async () => {
  const pipeline = client.pipeline();
  for (let i = 0; i < 2000; ++i) pipeline.set(`k${i}`, `v${i}`);
  pipeline.incr("k0").get("k1999");
  const answers = await pipeline.exec();
  assert.equal(answers.length, 2002);
  assert.ok(answers.slice(0, 2000).every(([error, answer]) => error === null && answer === "OK"));
  assert.equal(answers[2000][0].message, "ERR value is not an integer or out of range");
  assert.deepEqual(answers[2001], [null, "v1999"]);
  const automatic = new Redis({ ...options, enableAutoPipelining: true });
  const values = await Promise.all(Array.from({ length: 500 }, (_, i) => automatic.get(`k${i}`)));
  assert.deepEqual(values, Array.from({ length: 500 }, (_, i) => `v${i}`));
  automatic.disconnect();
});

test("transactions", async () => {
  const answers = await client.multi().set("a", "1").incr("a").hget("a", "f").get("a").exec();
  assert.deepEqual(answers.map(([, answer]) => answer).filter((_, i) => i !== 2), ["OK", 2, "2"]);
  assert.match(answers[2][0].message, /^WRONGTYPE Operation against a key holding the wrong kind of value$/);
  const other = client.duplicate();
  await client.watch("a");
  await other.set("a", "theirs");
  assert.equal(await client.multi().set("a", "ours").exec(), null);
  assert.equal(await client.get("a"), "theirs");
  await client.watch("a");
  await client.unwatch();
  await other.set("a", "again");
  assert.deepEqual(await client.multi().get("a").exec(), [[null, "again"]]);
  other.disconnect();
});

test("every key by a stream", async () => {
  await client.mset(Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`key:${i}`, `${i}`])));
  await client.hset("key:hash", "f", "v");
  const found = new Set();
  for await (const page of client.scanStream({ match: "key:*", count: 100 })) page.forEach((key) => found.add(key));
  assert.equal(found.size, 1501);
  const hashes = new Set();
  for await (const page of client.scanStream({ match: "key:*", type: "hash" })) page.forEach((key) => hashes.add(key));
  assert.deepEqual([...hashes], ["key:hash"]);
});

test("errors and what a cache has not", async () => {
  await client.set("s", "text");
  await refused(client.incr("s"), "ERR value is not an integer or out of range");
  await refused(client.hget("s", "f"), "WRONGTYPE Operation against a key holding the wrong kind of value");
  await refused(client.lpush("l", "x"), /^ERR unknown command 'lpush', with args beginning with: 'l' 'x' ?$/);
  await refused(client.call("GET"), "ERR wrong number of arguments for 'get' command");
  await refused(client.select(1), "ERR DB index is out of range");
  assert.equal(await client.get("s"), "text");
});

test("wrong passwords", async () => {
  const stranger = new Redis({ ...options, password: "wrong", lazyConnect: true });
  stranger.on("error", () => {});
  await assert.rejects(stranger.connect().then(() => stranger.get("a")), /WRONGPASS|NOAUTH|Connection is closed/);
  stranger.disconnect();
});
