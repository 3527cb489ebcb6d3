// deno run -A notebooks/recorded/make_proof.ts runs/prove
// Keeps of a run of prove what notebook 7 shows: the figures, and the replies to one prompt a kind.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EvaluatedFigures, EvaluatedRun } from "../../lib/evaluate/evaluate.ts";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import { heldOutOf } from "../../lib/prove/held_out.ts";
import { readProofs, writeProofs } from "../../lib/prove/proof_file.ts";

const [source] = Deno.args;
if (source === undefined) throw new Error("usage: make_proof.ts OUT_OF_PROVE");
const out = fileURLToPath(new URL("proof", import.meta.url));

/** Of each kind only what the notebook draws. */
function small(run: EvaluatedRun, sources: boolean): EvaluatedRun {
  const kept = run.sources.map(({ figures: { right, malformed }, ...each }): typeof run.sources[0] => {
    const figures: EvaluatedFigures = { ...(right && { right }), ...(malformed && { malformed }) };
    return { ...each, figures };
  });
  return { ...run, sources: sources ? kept : [] };
}

const proofs = (await readProofs(source)).map((proof) => ({
  ...proof,
  models: proof.models.map((model) => ({
    ...model,
    sampled: small(model.sampled, model.seed <= 1),
    greedy: small(model.greedy, false),
  })),
}));
// Paths below OUT, and four digits.
const text = JSON.stringify(proofs).replaceAll(`${source}/`, "");
const short = (_: string, value: unknown) =>
  typeof value === "number" ? Number(value.toPrecision(4)) : value;
await writeProofs(out, JSON.parse(text, short));

for (const { variant } of proofs) {
  for (const name of ["zero", "dpo-1", "best-of-8-1"]) {
    const kinds = new Set<string>(), lines: string[] = [];
    for await (const { where: _, ...record } of readScoredRecords(
      heldOutOf(join(source, variant), name).sampled,
    )) {
      if (kinds.has(record.source)) continue;
      kinds.add(record.source);
      lines.push(JSON.stringify(record) + "\n");
    }
    const folder = join(heldOutOf(join(out, variant), name).sampled, "records");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "part-00000-of-00001.jsonl"), lines.join(""));
  }
}
