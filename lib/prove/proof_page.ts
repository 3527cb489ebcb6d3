/** A proof as a page. */
import { join } from "node:path";
import { writeWhole } from "../io/disk/write_whole.ts";
import { pageHtml } from "../report/page.ts";
import { chartsHtml } from "../report/pieces.ts";
import { escapeHtml, tableHtml } from "../view/html.ts";
import type { Proof } from "./conditions.ts";
import { kindsChart, proofCharts } from "./proof_charts.ts";
import { proofTable, seedsTable } from "./proof_table.ts";
import { ARMS } from "./prove_options.ts";

/** What the figures do not show, said wherever they are. */
export const CAVEAT =
  "One small model on prompts of its own kind, and mostly sharpening: sampled answers move, greedy " +
  "ones hardly. Intervals are over prompts; they hold neither the training's nor the sampling's seed.";

/** Writes OUT/report.html. */
export async function writeProofPage(out: string, proofs: readonly Proof[]): Promise<void> {
  const sections: string[] = [];
  for (const proof of proofs) {
    const { variant, conditions } = proof;
    const [head, ...rows] = proofTable(proof);
    const [seedsHead, ...seeds] = seedsTable(proof);
    const bySeeds = seedsHead === undefined
      ? ""
      : `<h3>Over training seeds</h3><p class="kind">Means of the changes, and from the lowest to ` +
        `the highest.</p>` + tableHtml(seedsHead, seeds);
    const checks = conditions.map(({ ok, model, what, found }) => [
      ok ? "holds" : "fails",
      model,
      what,
      found,
    ]);
    sections.push(
      `<section id="${variant}"><h2>${variant}</h2><p class="kind">Shares in per cent, with the ` +
        `change against zero, the untrained model, and its 95% interval.</p>` +
        tableHtml(head!, rows) + bySeeds +
        await chartsHtml([...proofCharts(proof), kindsChart(proof, firstOf(proof))]) +
        `<h3>Conditions</h3>${tableHtml(["", "model", "condition", "found"], checks)}` +
        `<p class="kind">${escapeHtml(CAVEAT)}</p></section>`,
    );
  }
  const about = ARMS.map(({ name, about }) => [name, about]);
  const links = proofs.map(({ variant }) => ({ id: variant, text: variant }));
  const body = sections.join("") +
    `<section id="arms"><h2>What was trained</h2>${tableHtml(["name", "on"], about)}</section>`;
  const title = "Do the data make a better model?";
  writeWhole(
    join(out, "report.html"),
    pageHtml({ title, subtitle: "thinkset prove", links, body }),
  );
}

/** The first seed of what is meant to help. */
function firstOf({ models }: Proof): string[] {
  const names = ["dpo", "best-of-8"].map((arm) => models.find((one) => one.arm === arm)?.name);
  return names.filter((name) => name !== undefined);
}
