/** `module/FILE.ts`: a reward of the user's own, in a worker that may do what it was granted. */
import { basename, dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError, messageOf } from "../../core/errors.ts";
import { workerModule } from "../../core/worker_module.ts";
import type { RewardModel } from "../reward_model.ts";
import { ScoringWorker } from "../worker/scoring_worker.ts";
import { grantsOf } from "./grants.ts";
import { moduleHash } from "./module_hash.ts";

/** Time for the answers to one prompt. */
const ITEM_MS = 60_000;

/**
 * The reward in `file`, whose default export is a `RewardModel` or a function of one item. It runs
 * in a worker that may read the file's folder and nothing else, but for what `allow` names.
 *
 * Throws `InputError` for a file that is not there or cannot be used, and for a permission that is
 * none. Deno needs `--unstable-worker-options` for this, as our tasks have.
 */
export async function moduleReward(
  file: string,
  { allow = [], itemMs = ITEM_MS }: { allow?: readonly string[]; itemMs?: number } = {},
): Promise<RewardModel> {
  const path = resolve(file);
  const stem = basename(path, extname(path));
  const permissions = grantsOf(allow, [dirname(path), libFolder()]);
  const hash = await moduleHash(path);
  const worker = new ScoringWorker({
    name: `module/${file}`,
    itemMs,
    lateScore: null,
    spawn: () =>
      new Worker(workerModule("module_worker", import.meta.url), {
        type: "module",
        name: pathToFileURL(path).href,
        deno: { permissions },
      }),
  });
  try {
    const { name = stem, version = "" } = await worker.ready();
    return {
      name,
      // A version that its author forgot to raise must not pass for the same reward.
      version: [version, hash.slice(0, 16)].filter((part) => part !== "").join("+"),
      concurrency: 8,
      score: async (items, options) => {
        const scores = await worker.score(
          items.map((item) => ({ ...item, prompt: [...item.prompt] })),
          options,
        );
        return scores.map((score) => ({ ...score, truncated: false }));
      },
      close() {
        worker.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    worker.close();
    throw new InputError(`--reward-model ${messageOf(error)}`, { cause: error });
  }
}

/** Our own modules, which a file may import. */
function libFolder(): string {
  return new URL("../../", import.meta.url).pathname;
}
