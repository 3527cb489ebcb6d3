/**
 * The explorer in a real Chromium: how long until its first picture, and how long a brush takes from
 * the mouse's move to the frame in which all charts have followed.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser, noBrowser } from "../../tests/browser.ts";
import { taskArgs } from "../../tests/cli.ts";
import { putPlanted } from "../../tests/explore/planted.ts";
import { median, type Row, type Setup } from "./row.ts";

/** What one size took. */
interface Measured {
  readS: number;
  firstMs: number;
  brushMs: number[];
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
  const rows: Row[] = [];
  for (const { prompts, firstS, medianMs, p95Ms } of sizes) {
    const path = join(folder, "scored.jsonl");
    await putPlanted(path, prompts);
    const found = await measure(path);
    await Deno.remove(path);
    const brush = median(found.brushMs), late = quantile95(found.brushMs);
    const memory = prompts >= 125_000 ? ", the server under 1 GB" : "";
    rows.push({
      what: `explorer, ${(prompts * 8).toLocaleString("en")} replies`,
      ours: `first picture ${(found.firstMs / 1000).toFixed(2)} s, a brush ${brush.toFixed(0)} ms`,
      peer: "",
      ratios: [],
      unit: `95th of ${MOVES}: ${late.toFixed(0)} ms`,
      target: {
        text: `${firstS} s, ${medianMs} ms${p95Ms < Infinity ? `, 95th ${p95Ms} ms` : ""}${memory}`,
        met: found.firstMs < firstS * 1000 && brush < medianMs && late < p95Ms &&
          found.serverMb < 1000,
      },
      note: `Of page and data from the address on; reading the records before took ` +
        `${found.readS.toFixed(1)} s, and the server at most ${found.serverMb.toFixed(0)} MB. ` +
        `A search of all texts by expression: ${(found.searchMs / 1000).toFixed(2)} s.`,
    });
  }
  return rows;
}

async function measure(path: string): Promise<Measured> {
  const started = performance.now();
  await using server = await startServer(path);
  const readS = (performance.now() - started) / 1000;
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const opened = performance.now();
    await page.goto(server.url);
    await page.locator(".u-over").first().waitFor();
    await page.evaluate(NEXT_FRAME);
    const firstMs = performance.now() - opened;
    const brushMs = await brushes(page);
    const searchMs = await search(page);
    return { readS, firstMs, brushMs, searchMs, serverMb: server.peakMb() };
  } finally {
    await browser.close();
  }
}

/** Resolves after the next frame was made. */
const NEXT_FRAME =
  "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

/** Times in the page from each move of the mouse to the frame after the charts followed it. */
async function brushes(page: Page): Promise<number[]> {
  // The page's policy lets nothing be evaluated there but what the debugger sends, as this is.
  return await page.evaluate(`(async () => {
    const over = document.querySelector('[data-column="reward"] .u-over');
    const box = over.getBoundingClientRect();
    const counts = document.querySelector("#bar");
    const send = (type, share, buttons) => over.dispatchEvent(new MouseEvent(type, {
      bubbles: true, buttons, movementX: 1, clientX: box.left + box.width * share, clientY: box.top + 40,
    }));
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    send("mousemove", 0.2, 0);
    send("mousedown", 0.2, 1);
    const times = [];
    for (let move = 0; move < ${MOVES}; move++) {
      let followed;
      const told = new Promise((done) => followed = done);
      const observer = new MutationObserver(followed);
      observer.observe(counts, { childList: true, subtree: true });
      const began = performance.now();
      const share = 0.3 + 0.6 * Math.abs(((move * 7) % 50) / 25 - 1);
      send("mousemove", share, 1);
      await Promise.race([told, new Promise((done) => setTimeout(done, 2000))]);
      await frame();
      await new Promise((done) => setTimeout(done));
      times.push(performance.now() - began);
      observer.disconnect();
      await frame();
    }
    document.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
    return times;
  })()`);
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

/** The task in a process of its own, as a user starts it. */
async function startServer(path: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: taskArgs("explore", ["--in", path, "--no-open", "--progress", "none"]),
    cwd: join(import.meta.dirname!, "../.."),
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  for (let part = await lines.read(); !part.done; part = await lines.read()) {
    if ((printed += part.value).includes("\n")) break;
  }
  return {
    url: printed.trim(),
    peakMb: () => {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1000;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await lines.cancel();
      await child.status;
    },
  };
}

function quantile95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)]!;
}
