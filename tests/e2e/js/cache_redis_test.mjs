// The npm package redis (node-redis) against the cache named by TP_REDIS_PORT, over both protocols.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { createClient, createClientPool, RESP_TYPES } from "redis";

import { bytesOf, host, password, port, username } from "./cache_common.mjs";

const options = (RESP) => ({ RESP, username, password, socket: { host, port, reconnectStrategy: false } });

for (const RESP of [2, 3]) {
  describe(`RESP${RESP}`, () => {
    const client = createClient(options(RESP));
    client.on("error", (error) => assert.fail(error));
    const refused = async (promise, message) => assert.rejects(promise, { message });

    before(async () => {
      await client.connect();
      assert.equal(await client.ping(), "PONG");
    });
    beforeEach(async () => {
      assert.equal(await client.flushDb(), "OK");
    });
    after(async () => {
      await client.close();
    });

    test("strings and their options", async () => {
      assert.equal(await client.get("a"), null);
      assert.equal(await client.set("a", "1", { expiration: { type: "EX", value: 100 } }), "OK");
      assert.equal(await client.set("a", "2", { condition: "NX" }), null);
      assert.equal(await client.ttl("a"), 100);
      assert.equal(await client.set("a", "3", { expiration: "KEEPTTL", GET: true }), "1");
      assert.equal(await client.persist("a"), 1);
      assert.equal(await client.ttl("a"), -1);
      assert.equal(await client.decrBy("a", 10), -7);
      assert.equal(await client.incrByFloat("a", 0.5), "-6.5");
      assert.equal(await client.mSet({ b: "2", c: "3" }), "OK");
      assert.deepEqual(await client.mGet(["a", "none", "b", "c"]), ["-6.5", null, "2", "3"]);
      assert.equal(await client.getEx("b", { type: "PX", value: 5000 }), "2");
      assert.ok((await client.pTTL("b")) > 0);
      assert.equal(await client.del(["a", "b", "none"]), 2);
      assert.equal(await client.rename("c", "d"), "OK");
      assert.equal(await client.copy("d", "e"), 1);
      assert.deepEqual([await client.exists(["c", "d", "e"]), await client.dbSize()], [2, 2]);
    });

    test("bytes of any value and size", async () => {
      const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      const key = Buffer.from([0, 1, 255, 13, 10]);
      for (const size of [0, 1, 1000, 70_000, 8 << 20]) {
        const value = bytesOf(size, size);
        assert.equal(await binary.set(key, value), "OK");
        assert.ok((await binary.get(key)).equals(value), `other bytes at ${size}`);
      }
    });

    test("hashes", async () => {
      assert.equal(await client.hSet("h", { one: "1", two: "2" }), 2);
      assert.deepEqual({ ...(await client.hGetAll("h")) }, { one: "1", two: "2" });
      assert.deepEqual(await client.hmGet("h", ["two", "none"]), ["2", null]);
      assert.equal(await client.hIncrBy("h", "one", 9), 10);
      assert.deepEqual((await client.hVals("h")).sort(), ["10", "2"]);
      assert.equal(await client.hExists("h", "one"), 1);
      assert.equal(await client.hDel("h", ["one", "none"]), 1);
      assert.equal(await client.hLen("h"), 1);
      assert.deepEqual({ ...(await client.hGetAll("none")) }, {});
    });

    test("JSON at the root", async () => {
      const value = { name: "é", list: [1, 2.5, null, true], deep: { a: "" } };
      assert.equal(await client.json.set("j", "$", value), "OK");
      assert.deepEqual(await client.json.get("j"), value);
      assert.deepEqual(await client.json.get("j", { path: "$" }), [value]);
      assert.equal(await client.json.set("j", "$", 1, { condition: "NX" }), null);
      assert.equal(await client.json.get("none"), null);
    });

    test("transactions", async () => {
      assert.deepEqual(await client.multi().set("a", "1").incr("a").get("a").exec(), ["OK", 2, "2"]);
      const other = client.duplicate();
      await other.connect();
      await client.watch("a");
      await other.set("a", "theirs");
      await assert.rejects(client.multi().set("a", "ours").exec(), { name: "Error", message: /watch/ });
      assert.equal(await client.get("a"), "theirs");
      await assert.rejects(client.multi().set("a", "text").incr("a").exec());
      assert.equal(await client.get("a"), "text");
      await other.close();
    });

    test("a thousand at once, by a pool too", async () => {
      const numbers = Array.from({ length: 1000 }, (_, i) => i);
      await Promise.all(numbers.map((i) => client.set(`k${i}`, `v${i}`)));
      const pool = createClientPool(options(RESP), { minimum: 4, maximum: 8 });
      await pool.connect();
      assert.deepEqual(await Promise.all(numbers.map((i) => pool.get(`k${i}`))), numbers.map((i) => `v${i}`));
      await pool.close();
      const found = new Set();
      for await (const keys of client.scanIterator({ MATCH: "k*", COUNT: 50 })) keys.forEach((key) => found.add(key));
      assert.equal(found.size, 1000);
    });

    test("errors and what a cache has not", async () => {
      await client.set("s", "text");
      await refused(client.incr("s"), "ERR value is not an integer or out of range");
      await refused(client.hGet("s", "f"), "WRONGTYPE Operation against a key holding the wrong kind of value");
      await refused(client.lPush("l", "x"), /^ERR unknown command 'LPUSH', with args beginning with: 'l' 'x' ?$/);
      assert.equal(await client.get("s"), "text");
    });

    test("wrong passwords", async () => {
      const stranger = createClient({ ...options(RESP), password: "wrong" });
      stranger.on("error", () => {});
      await assert.rejects(stranger.connect(), /WRONGPASS/);
    });
  });
}
