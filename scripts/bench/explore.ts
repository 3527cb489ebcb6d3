/**
 * The explorer in a real Chromium, beside Embedding Atlas on the same replies: how long until the
 * first picture, and how long a brush takes from the mouse's move to the frame that shows it.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { noBrowser } from "../../tests/browser.ts";
import { putPlanted } from "../../tests/explore/planted.ts";
import { startExplorer } from "../../tests/explore/start_explorer.ts";
import { measureAtlas } from "./explore_atlas.ts";
import { look, type Looked } from "./look.ts";
import { median, type Row, type Setup } from "./row.ts";

/** What one size took. */
interface Measured extends Looked {
  readS: number;
  searchMs: number;
  serverMb: number;
}

/** Moves of the mouse that are measured. */
const MOVES = 100;

export async function explore({ folder, quick }: Setup): Promise<Row[]> {
  if (noBrowser !== null) {
    console.error(`explore: skipped: ${noBrowser}`);
    return [];
  }
  const sizes = [
    { prompts: quick ? 500 : 12_500, firstS: 2, medianMs: 50, p95Ms: 120 },
    { prompts: quick ? 2_000 : 125_000, firstS: 5, medianMs: 150, p95Ms: Infinity },
  ];
  const moves = quick ? 10 : MOVES;
  const rows: Row[] = [];
  for (const { prompts, firstS, medianMs, p95Ms } of sizes) {
    const path = join(folder, "scored.jsonl");
    await putPlanted(path, prompts);
    const found = await measure(path, moves);
    const peer = await measureAtlas(path, moves);
    await Deno.remove(path);
    const counted = median(found.counted), late = quantile95(found.counted);
    const memory = prompts >= 125_000 ? ", the server under 1 GB" : "";
    rows.push({
      what: `explorer, ${(prompts * 8).toLocaleString("en")} replies`,
      ours: inWords(found),
      peer: peer === null ? "" : `Embedding Atlas ${peer.version}: ${inWords(peer)}`,
      ratios: peer === null ? [] : [median(peer.counted) / counted],
      unit: peer === null ? `95th of ${moves}: ${late.toFixed(0)} ms` : "times as fast to count",
      target: {
        text: `${firstS} s, ${medianMs} ms${p95Ms < Infinity ? `, 95th ${p95Ms} ms` : ""}${memory}`,
        met: found.firstMs < firstS * 1000 && counted < medianMs && late < p95Ms &&
          found.serverMb < 1000,
      },
      note: `Of page and data from the address on; reading the records before took ` +
        `${found.readS.toFixed(1)} s, and the server at most ${found.serverMb.toFixed(0)} MB. ` +
        `95th of ${moves} moves: ${late.toFixed(0)} ms. ` +
        `A search of all texts by expression: ${(found.searchMs / 1000).toFixed(2)} s.` +
        (peer === null
          ? ""
          : ` Embedding Atlas was given a table of the replies, with the numbers ` +
            `of a prompt beside each, and took ${peer.readS.toFixed(1)} s to serve it.`),
    });
  }
  return rows;
}

function inWords({ firstMs, counted, atRest }: Looked): string {
  return `first picture ${(firstMs / 1000).toFixed(2)} s, a brush counted in ` +
    `${median(counted).toFixed(0)} ms, all at rest in ${median(atRest).toFixed(0)} ms`;
}

async function measure(path: string, moves: number): Promise<Measured> {
  const started = performance.now();
  await using server = await startExplorer(["--in", path]);
  const readS = (performance.now() - started) / 1000;
  const where = {
    chart: '[data-column="reward"] .u-over',
    counts: 'document.querySelector(".counts")',
  };
  let searchMs = 0;
  const looked = await look(server.url, { ...where, moves }, async (page) => {
    searchMs = await search(page);
  });
  return { ...looked, readS, searchMs, serverMb: server.peakMb() };
}

async function search(page: Page): Promise<number> {
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "prompts", exact: true }).click();
  await page.getByLabel("regular expression").check();
  const began = performance.now();
  await page.getByLabel("Search for a text").fill("visitor 1[0-9]+0, please");
  await page.getByRole("button", { name: /^Take off: \// }).waitFor({ timeout: 120_000 });
  return performance.now() - began;
}

function quantile95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)]!;
}
