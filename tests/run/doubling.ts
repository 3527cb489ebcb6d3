/** A stage without a model, for tests of the runner. */
import { join } from "node:path";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import type { StageRun } from "../../lib/run/run_stage.ts";
import { inFolder as runInFolder } from "../cli.ts";

export interface Item {
  id: string;
  text: string;
  where: string;
}
export interface Doubled {
  id: string;
  twice: string;
  key?: string;
}

/** A stage that doubles texts, over `count` items, with whatever a test puts in its place. */
export function doubling(
  out: string,
  count: number,
  changes: Partial<StageRun<Item, Doubled>> = {},
): StageRun<Item, Doubled> {
  return {
    stage: "double",
    out,
    options: { factor: 2 },
    affects: { factor: 2 },
    inputs: [{ path: "items", sha256: "0" }],
    async *read() {
      for (let i = 0; i < count; i++) {
        yield await Promise.resolve({ id: `item-${i}`, text: `t${i}`, where: `items:${i + 1}` });
      }
    },
    content: ({ id, text }) => ({ id, text }),
    work: ({ id, text }) => Promise.resolve({ record: { id, twice: text + text } }),
    reasons: ["unlucky", "bad_row", "id_conflict"],
    models: [],
    packages: {},
    seed: null,
    shard: { index: 0, count: 1 },
    slots: fixedLimit(8),
    timeoutMs: 1000,
    ...changes,
  };
}

export function inFolder(test: (out: string) => Promise<void>): Promise<void> {
  return runInFolder((folder) => test(join(folder, "run")));
}

export const quiet = { log: () => {}, sleep: () => Promise.resolve() };
export const part = (out: string, name = "records") => join(out, name, "part-00000-of-00001.jsonl");
export const lines = (path: string): Record<string, string>[] =>
  Deno.readTextFileSync(path).split("\n").filter(Boolean).map((line) => JSON.parse(line));
