/** `rule/NAME` as a reward model: 1 for a right answer, 0 for a wrong one or one that is unread. */
import { ModelError } from "../../core/errors.ts";
import type { PackageName } from "../../core/version.ts";
import { workerModule } from "../../core/worker_module.ts";
import type { RewardModel, ScoringItem } from "../reward_model.ts";
import { ScoringWorker } from "../worker/scoring_worker.ts";
import type { RuleName } from "./rule_names.ts";

/** Raised with the rules: scores of another version are not taken to be theirs. */
const RULES_VERSION = "2";

/** Time for one answer: verdicts take milliseconds, unless an answer was made to take for ever. */
const ITEM_MS = 10_000;

/** Packages that compute the verdicts. */
const PACKAGES: Partial<Record<RuleName, PackageName[]>> = {
  math: ["@cortex-js/compute-engine", "complex.js"],
  regex: ["re2js"],
  json: ["@cfworker/json-schema"],
  ifeval: ["eld"],
};

/**
 * The rule `name`, which compares answers with the kept column `labelKey`. It runs in a worker: what
 * takes longer than `itemMs` (default 10 s) is ended, and unread.
 */
export function ruleReward(
  name: RuleName,
  { labelKey, itemMs = ITEM_MS }: { labelKey: string | undefined; itemMs?: number },
): RewardModel {
  const worker = new ScoringWorker({
    name: `rule/${name}`,
    itemMs,
    lateScore: 0,
    spawn: () => new Worker(workerModule("rule_worker", import.meta.url), { type: "module", name }),
  });
  return {
    name: `rule/${name}`,
    version: labelKey === undefined ? RULES_VERSION : `${RULES_VERSION} by ${labelKey}`,
    concurrency: 8,
    readsByTokens: false,
    readsPrompt: false,
    packages: PACKAGES[name] ?? [],
    async score(items, options) {
      const asked = items.map(({ id, answer, extra }) => ({
        id,
        prompt: [],
        answer,
        label: labelOf(name, labelKey, extra),
      }));
      const verdicts = await worker.score(asked, options);
      return verdicts.map((verdict) => ({ ...verdict, truncated: false }));
    },
    close() {
      worker.close();
      return Promise.resolve();
    },
  };
}

/** The public data of IFEval has its label in two columns, this and `kwargs`. */
const IFEVAL_COLUMN = "instruction_id_list";

/** What the rule compares with. Throws `ModelError` for a prompt whose row has nothing there. */
function labelOf(
  name: RuleName,
  labelKey: string | undefined,
  extra: ScoringItem["extra"],
): unknown {
  if (labelKey === undefined && name === "json") return true;
  const found = extra?.[labelKey ?? IFEVAL_COLUMN];
  if (found !== undefined && found !== null) return labelKey === undefined ? extra : found;
  throw new ModelError(
    "reject",
    `rule/${name}: the row has nothing in the column ${labelKey ?? IFEVAL_COLUMN}: name ` +
      `another with --label-key, or carry it along with --keep from where the prompts are read`,
    { reason: "no_label" },
  );
}
