/** Does every prompt stand where the manifest counts it? */
import { join } from "node:path";
import type { z } from "zod";
import { canonicalJson, type Json } from "../core/canonical.ts";
import { jsonValue } from "../core/json_value.ts";
import type { Manifest } from "../core/manifest.ts";
import { Reject } from "../core/records.ts";
import { firstFault } from "../core/rule_words.ts";
import { readLines } from "../io/rows/lines.ts";
import type { StageFacts } from "../run/define_stage.ts";
import type { Tally } from "../run/stage_run.ts";
import type { Check } from "./finding.ts";

/** Checks the ledger of a manifest, and that of a run against its records and rejects. */
export async function* checkLedger(
  folder: string,
  manifest: Manifest,
  stages: readonly StageFacts[],
): AsyncGenerator<Check> {
  const { input, kept, rejected, pending, other, rejected_by_reason } = manifest.counts;
  const sums = `${input} prompts = ${kept} kept + ${rejected} rejected + ${pending} pending`;
  yield { ok: input === kept + rejected + pending, what: sums };
  const byReason = Object.values(rejected_by_reason).reduce((sum, count) => sum + count, 0);
  if (byReason !== rejected) {
    yield { ok: false, what: `rejects by reason add up to ${byReason}, not ${rejected}` };
  }
  const stage = stages.find(({ name }) => name === manifest.stage);
  if (stage === undefined) {
    yield {
      ok: false,
      what:
        `made by ${manifest.stage}, a stage that is not known here: its records were not checked`,
    };
    return;
  }
  if (other > 0) {
    const what =
      `${other} records are of prompts that its input does not name: run the stage again`;
    yield { ok: false, what };
  }
  if (!("record" in stage.leaves)) return;
  const { record, tally: count } = stage.leaves;

  const ids = new Set<string>(), reasons: Record<string, number> = {};
  const tally: Tally = { tokens: {}, extra: {} };
  for (const { path } of manifest.outputs) {
    const isRejects = path.startsWith("rejects");
    for await (const { text, line } of readLines(join(folder, path))) {
      const where = `${path}:${line}`;
      const parsed = parse(text, isRejects ? Reject : record);
      if (typeof parsed === "string") {
        yield { ok: false, what: `${where}: ${parsed}` };
        continue;
      }
      if (ids.has(parsed.id)) {
        yield { ok: false, what: `${where}: id ${JSON.stringify(parsed.id)} stands twice` };
      }
      ids.add(parsed.id);
      if (!isRejects) count(parsed, tally);
      else {
        const { reason } = parsed as Reject;
        reasons[reason] = (reasons[reason] ?? 0) + 1;
      }
    }
  }
  const all = kept + rejected + other;
  yield { ok: ids.size === all, what: `${ids.size} ids on disk, ${all} counted` };
  if (other === 0) yield equal("rejects by reason", reasons, rejected_by_reason);
  yield tokensCheck(tally.tokens, manifest.tokens);
  yield equal("counts of the stage", tally.extra, manifest.extra ?? {});
}

/** Replies that became no record were paid for too, so the manifest may tell of more tokens. */
function tokensCheck(found: Record<string, number>, said: Record<string, number>): Check {
  const less = Object.keys(found).filter((kind) => !((said[kind] ?? 0) >= found[kind]!));
  const told = `the records' ${canonicalJson(found)}, the manifest's ${canonicalJson(said)}`;
  return less.length === 0
    ? { ok: true, what: `tokens: ${told}` }
    : { ok: false, what: `tokens: more ${less.join(", ")} in the records: ${told}` };
}

function equal(name: string, found: Json, said: unknown): Check {
  const ok = canonicalJson(found) === canonicalJson(said as Json);
  return { ok, what: ok ? name : `${name}: found ${canonicalJson(found)}, the manifest differs` };
}

function parse<R>(text: string, schema: z.ZodType<R>): R | string {
  const json = jsonValue(text);
  if (json === undefined) return "not JSON";
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { field, rule } = firstFault(parsed.error);
  return `${field}: ${rule}`;
}
