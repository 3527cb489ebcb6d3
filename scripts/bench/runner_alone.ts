// deno run -A scripts/bench/runner_alone.ts PROMPTS OUT
/**
 * The stage runner with work that takes no time: prompts and records are made up on the way, so
 * what is measured is ids, keys, the ledger, the lines on disk and the end of a run. Prints the
 * records a second, over both readings of the input and the writing.
 */
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { runStage } from "../../lib/run/run_stage.ts";

const [prompts = "10000", out = ""] = Deno.args;
const count = Number(prompts);
const began = performance.now();
await runStage({
  stage: "bench",
  out,
  options: {},
  affects: {},
  inputs: [{ path: "made-up", sha256: "" }],
  async *read() {
    for (let i = 0; i < count; i++) {
      const content = `Question ${i}: what is the sum of ${i} and ${i + 1}, and why?`;
      yield { id: `prompt-${i}`, messages: [{ role: "user", content }] };
      if (i % 64 === 0) await Promise.resolve();
    }
  },
  content: ({ id, messages }) => ({ id, messages }),
  work: ({ id, messages }) =>
    Promise.resolve({ record: { id, prompt: messages, responses: [`A reply to ${id}.`] } }),
  reasons: [],
  models: [],
  packages: {},
  seed: null,
  shard: { index: 0, count: 1 },
  slots: fixedLimit(64),
  timeoutMs: 60_000,
}, { log: () => {} });
console.log(Math.round(count / (performance.now() - began) * 1000));
