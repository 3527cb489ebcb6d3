// The stage runner with work that takes no time, for runner.ts: PROMPTS.jsonl OUT.
import { runStage } from "../../lib/run/run_stage.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";

const [path, out] = [Deno.args[0]!, Deno.args[1]!];
const start = performance.now();
const { worked } = await runStage({
  stage: "bench",
  out,
  options: {},
  affects: {},
  inputs: [{ path, sha256: "" }],
  read: () => readPrompts(path),
  content: ({ messages }) => messages.map(({ content }) => content),
  work: (item) =>
    Promise.resolve({
      record: { id: item.id, source: item.source, response: "A reply. ".repeat(20) },
    }),
  reasons: [],
  models: [],
  packages: {},
  seed: null,
  shard: { index: 0, count: 1 },
  slots: fixedLimit(64),
  timeoutMs: 60_000,
}, { progress: "none" });
console.log(JSON.stringify({ worked, seconds: (performance.now() - start) / 1000 }));
