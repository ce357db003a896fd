// LangChain's RedisCache over node-redis and over ioredis: a model is asked once for what the cache then answers.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SimpleChatModel } from "@langchain/core/language_models/chat_models";
import { LLM } from "@langchain/core/language_models/llms";
import { RedisCache } from "@langchain/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";

import { host, password, port, username } from "./cache_common.mjs";

class Echo extends LLM {
  calls = 0;
  _llmType() {
    return "echo";
  }
  async _call(prompt) {
    this.calls += 1;
    return `${prompt} ${this.calls} é`;
  }
}

class ChatEcho extends SimpleChatModel {
  calls = 0;
  _llmType() {
    return "chat-echo";
  }
  async _call(messages) {
    this.calls += 1;
    return `${messages.at(-1).content} ${this.calls}`;
  }
}

/** What must hold over any client that has get, set and these two. */
async function caches(client, keys, flush) {
  await flush();
  const model = new Echo({ cache: new RedisCache(client) });
  assert.equal(await model.invoke("one"), "one 1 é");
  assert.equal(await model.invoke("one"), "one 1 é");
  assert.equal(model.calls, 1, "the second question is a hit");
  assert.equal(await model.invoke("two"), "two 2 é");
  assert.equal(await keys(), 2);
  const again = new Echo({ cache: new RedisCache(client) });
  assert.deepEqual(await again.batch(["two", "one"]), ["two 2 é", "one 1 é"]);
  assert.equal(again.calls, 0, "another model of the same kind finds them, too");
  const chat = new ChatEcho({ cache: new RedisCache(client) });
  assert.equal((await chat.invoke("hello")).content, "hello 1");
  assert.equal((await chat.invoke("hello")).content, "hello 1");
  assert.equal(chat.calls, 1);
  assert.equal(await keys(), 3);
  await flush();
  assert.equal(await model.invoke("one"), "one 3 é", "what was flushed is asked again");
}

for (const RESP of [2, 3]) {
  test(`over redis, RESP${RESP}`, async () => {
    const client = createClient({ RESP, username, password, socket: { host, port, reconnectStrategy: false } });
    await client.connect();
    try {
      await caches(client, () => client.dbSize(), () => client.flushDb());
    } finally {
      await client.close();
    }
  });
}

test("over ioredis", async () => {
  const client = new Redis({ host, port, username, password, maxRetriesPerRequest: 0, retryStrategy: null });
  try {
    await caches(client, () => client.dbsize(), () => client.flushdb());
  } finally {
    await client.quit();
  }
});
