// What the cache's JavaScript tests share: where the server is, and values.
import { createHash } from "node:crypto";

export const host = "127.0.0.1";
export const port = Number(process.env.TP_REDIS_PORT);
export const username = process.env.TP_REDIS_USER; // USER@VOLUME
export const password = process.env.TP_REDIS_PASSWORD;

/** The same bytes for the same seed, of every value. */
export function bytesOf(size, seed) {
  const blocks = [];
  for (let at = 0; at < size; at += 64) blocks.push(createHash("sha512").update(`${seed} ${at}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}
