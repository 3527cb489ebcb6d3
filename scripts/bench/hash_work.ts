// Hashes of 500,000 ids, for tricks.ts: `shared` by hash64, `runtime` by node:crypto.
import { createHash } from "node:crypto";
import { hash64 } from "../../lib/core/hash64.ts";

const hash = Deno.args[0] === "shared"
  ? hash64
  : (text: string) => createHash("sha256").update(text).digest().readBigUInt64BE();
const all = new BigUint64Array(500_000);
const words = "what follows from this ".repeat(10);
for (let at = 0; at < all.length; at++) all[at] = hash(`Question ${at}: ${words}`);
console.log(String(all.at(-1)));
