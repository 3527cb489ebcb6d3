/** All stages in their order: the command line, `launch`, `verify`, `report` and documents read them. */
import { type Explore, exploreOf } from "./explore/stage.ts";
import type { Reported } from "./report/report.ts";
import type { ReportOptions } from "./report/report_options.ts";
import { reportOf } from "./report/stage.ts";
import { inOrder, isStage, type Stage, type StageFacts } from "./run/define_stage.ts";
import * as listed from "./stage_list.ts";
import type { Verified } from "./verify/verify.ts";
import type { VerifyOptions } from "./verify/verify_options.ts";
import { verifyOf } from "./verify/stage.ts";

const named: StageFacts[] = Object.values<unknown>(listed).filter(isStage);

/** Stages that leave a folder with a manifest, in the order in which they are run. */
export const makers: readonly StageFacts[] = inOrder(
  named.filter(({ leaves }) => leaves.kind !== "nothing"),
);

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

/** All stages, those that leave a folder with a manifest first. A new one is a line of `stage_list.ts`. */
export const stages: readonly StageFacts[] = inOrder([...named, report, explore, verify]);
