/** The one list of stages: the command line, `launch`, `verify`, `report` and documents read it. */
import { checkReward } from "./check_reward/stage.ts";
import { buildDpo } from "./dataset/dpo/dpo_stage.ts";
import { buildRl } from "./dataset/rl/rl_stage.ts";
import { push } from "./dataset/push_stage.ts";
import { buildSft } from "./dataset/sft/sft_stage.ts";
import { evaluate } from "./evaluate/stage.ts";
import { type Explore, exploreOf } from "./explore/stage.ts";
import { samplePolicy } from "./policy/stage.ts";
import { createPromptedModel } from "./prompted/stage.ts";
import type { Reported } from "./report/report.ts";
import type { ReportOptions } from "./report/report_options.ts";
import { reportOf } from "./report/stage.ts";
import { scoreResponses } from "./reward/stage.ts";
import type { Stage, StageFacts } from "./run/define_stage.ts";
import { sampleTeacher } from "./teacher/stage.ts";
import { checkTraining } from "./training/stage.ts";
import { verifyOf } from "./verify/stage.ts";
import type { Verified } from "./verify/verify.ts";
import type { VerifyOptions } from "./verify/verify_options.ts";

/** Stages that leave a folder with a manifest, in the order in which they are run. */
export const makers: readonly StageFacts[] = [
  createPromptedModel,
  sampleTeacher,
  buildSft,
  samplePolicy,
  scoreResponses,
  buildDpo,
  buildRl,
];

/**
 * Checks what stages left: every run and dataset in the folders, by its manifest's shape and status,
 * input = kept + rejected + pending, every file's hash and rows, every record's shape, and the
 * stage's own counts.
 *
 * @example
 * ```ts
 * import { buildRl, EMBEDDED_PROMPTS, verify } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = `${await Deno.makeTempDir()}/rl`;
 * await buildRl({ prompts: EMBEDDED_PROMPTS, out });
 * const { ok, findings } = await verify({ in: [out] });
 * assert.ok(ok && findings.length > 3);
 * await Deno.remove(out, { recursive: true });
 * ```
 */
export const verify: Stage<VerifyOptions, never, Verified> = verifyOf(makers);

/**
 * Writes a page about runs and datasets: counts and the ledger, distributions, and some records to
 * read. Everything is in the one file, and nothing that a model wrote can run in it.
 *
 * @example
 * ```ts
 * import { buildRl, EMBEDDED_PROMPTS, report } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = `${await Deno.makeTempDir()}/rl`;
 * await buildRl({ prompts: EMBEDDED_PROMPTS, out });
 * const { subjects } = await report({ in: [out], out: `${out}/page.html` });
 * assert.deepEqual(subjects.map(({ kind }) => kind), ["rl"]);
 * await Deno.remove(out, { recursive: true });
 * ```
 */
export const report: Stage<ReportOptions, never, Reported> = reportOf(makers);

/**
 * Looks through what the stages left, and decides.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, explore, samplePolicy } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const format = "prompted-think";
 * await samplePolicy({ prompts: EMBEDDED_PROMPTS, model: "embedded", format, limit: 1, n: 2, out });
 * {
 *   await using explorer = await explore({ in: out, open: false });
 *   assert.match(explorer.url!, /^http:\/\/127\.0\.0\.1:/);
 * }
 * await Deno.remove(out, { recursive: true });
 * ```
 */
export const explore: Explore = exploreOf(makers);

/** All stages. A new one is a folder under lib, and a line in `makers`. */
export const stages: readonly StageFacts[] = [
  ...makers,
  evaluate,
  checkReward,
  report,
  explore,
  verify,
  checkTraining,
  push,
];

export { push };
