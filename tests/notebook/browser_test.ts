/**
 * Two notebooks in JupyterLab in a real browser. With THINKSET_PICTURES=docs/images the pictures of
 * the documentation are taken on the way.
 */
import assert from "node:assert/strict";
import { basename, join, relative, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { ensureNotebookEnvironment } from "../../lib/notebook/environment.ts";
import { formatNotebook, readNotebook } from "../../lib/notebook/notebook_file.ts";
import { injectParameters, type Parameters } from "../../lib/notebook/parameters.ts";
import { type JupyterServer, startServer } from "../../lib/notebook/server.ts";
import { launchBrowser, noBrowser } from "../browser.ts";
import { unless } from "../installed.ts";

const PICTURES = Deno.env.get("THINKSET_PICTURES");

/** What JupyterLab's own model holds after all cells were run. */
interface Shown {
  errors: string[];
  charts: number;
  tables: number;
  html: number;
  counts: (number | null)[];
}

Deno.test({
  ...unless(
    noBrowser,
    "notebooks 5 and 6 run in JupyterLab, and the slider changes what it counts",
  ),
  // Playwright keeps its own child and pipes beyond the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const environment = await ensureNotebookEnvironment();
    // Within the project, so that the kernel finds deno.json; apart, so that nothing is saved over;
    // and not hidden, since the server shows no hidden files.
    const root = resolve(".");
    await Deno.mkdir(join(root, "runs"), { recursive: true });
    const folder = await Deno.makeTempDir({ dir: join(root, "runs"), prefix: "browser-" });
    const server = await startServer(environment, { root, lab: true });
    const browser = await launchBrowser();
    try {
      const parameters = { out: join(folder, "out"), prompts: PICTURES ? 96 : 32 };
      const copy = async (name: string) =>
        relative(root, await parameterized(join("notebooks", name), folder, parameters));

      const five = await openNotebook(browser, server, await copy("05_reward_scoring.ipynb"));
      const scores = await runAllCells(five);
      assert.deepEqual(scores.errors, []);
      assert.deepEqual([scores.charts, scores.tables], [6, 2]);
      assert.ok(scores.counts.every((count) => count !== null), "every code cell was run");
      await picture(five, "bestOfK([", "notebook-rewards.png");
      await five.close();

      const six = await openNotebook(browser, server, await copy("06_dpo_dataset.ipynb"));
      const pairs = await runAllCells(six);
      assert.deepEqual(pairs.errors, []);
      assert.deepEqual([pairs.charts, pairs.tables], [4, 5]);
      assert.ok(pairs.html >= 1, "pairs side by side");
      const [before, all] = await pairsThatStay(six);
      assert.equal(before, all);
      await moveSlider(six, 0.15);
      const [after] = await pairsThatStay(six, before);
      assert.ok(after > 0 && after < all, `${after} of ${all} pairs`);
      await picture(six, "keptPairsSlider({", "notebook-slider.png");
      await six.close();
    } finally {
      await browser.close();
      await server.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A copy of a notebook with parameters injected. */
async function parameterized(
  path: string,
  folder: string,
  parameters: Parameters,
): Promise<string> {
  const copy = join(folder, basename(path));
  const notebook = injectParameters(await readNotebook(path), parameters);
  await Deno.writeTextFile(copy, formatNotebook(notebook));
  return copy;
}

async function openNotebook(
  browser: Browser,
  server: JupyterServer,
  path: string,
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 900, height: 1000 } });
  await page.goto(`${server.url}doc/tree/${path}?token=${server.token}&reset`, {
    waitUntil: "domcontentloaded",
  });
  await page.waitForSelector(".jp-Notebook .jp-CodeCell", { timeout: 60_000 });
  return page;
}

async function runAllCells(page: Page): Promise<Shown> {
  // It runs in the page, where JupyterLab's application is; nothing there is typed.
  return await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any
    const app = (globalThis as any).jupyterapp;
    await app.restored;
    const widget = app.shell.currentWidget;
    await widget.context.ready;
    await widget.sessionContext.ready;
    await widget.sessionContext.session?.kernel?.info;
    // All outputs are to be on the page, not those in sight alone.
    widget.content.notebookConfig = { ...widget.content.notebookConfig, windowingMode: "none" };
    await app.commands.execute("notebook:run-all-cells");
    const { cells } = widget.content.model.toJSON();
    // deno-lint-ignore no-explicit-any
    const code = cells.filter((cell: any) => cell.cell_type === "code");
    // deno-lint-ignore no-explicit-any
    const outputs: any[] = code.flatMap((cell: any) => cell.outputs);
    const ofType = (type: string) => outputs.filter((output) => output.data?.[type]).length;
    return {
      errors: outputs.filter((output) => output.output_type === "error")
        .map((output) => `${output.ename}: ${output.evalue}`),
      charts: ofType("application/vnd.vegalite.v5+json"),
      tables: ofType("application/vnd.dataresource+json"),
      html: outputs.filter((output) =>
        output.output_type === "execute_result" && output.data?.["text/html"] &&
        !output.data["application/vnd.dataresource+json"]
      ).length,
      // deno-lint-ignore no-explicit-any
      counts: code.map((cell: any) =>
        cell.execution_count
      ),
    };
  });
}

/** The two numbers in the slider's chart, once the first is not `old`. */
async function pairsThatStay(page: Page, old?: number): Promise<[number, number]> {
  const words = page.locator("svg text", { hasText: "pairs stay" }).first();
  for (let tries = 0; tries < 200; tries++) {
    const text = await words.textContent();
    const [, stay, all] = text?.match(/([\d,]+) of ([\d,]+) pairs stay/) ?? [];
    const [now, total] = [stay, all].map((digits) => Number(digits?.replaceAll(",", "")));
    if (now !== old) return [now!, total!];
    await page.waitForTimeout(50);
  }
  throw new Error(`the slider's chart still says ${old}`);
}

/** Moves the slider to a share of its way, as a hand would. */
async function moveSlider(page: Page, share: number): Promise<void> {
  const slider = page.locator('.vega-bindings input[type="range"]').first();
  await slider.scrollIntoViewIfNeeded();
  await slider.evaluate((element, share) => {
    const input = element as unknown as { value: string; min: string; max: string } & EventTarget;
    input.value = String(Number(input.min) + share * (Number(input.max) - Number(input.min)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, share);
}

/** Takes a picture of the cell whose code holds a text, where pictures are wanted. */
async function picture(page: Page, code: string, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await Deno.mkdir(PICTURES, { recursive: true });
  const cell = await page.evaluateHandle((code) => {
    // deno-lint-ignore no-explicit-any
    const { widgets } = (globalThis as any).jupyterapp.shell.currentWidget.content;
    // deno-lint-ignore no-explicit-any
    return widgets.find((cell: any) => cell.model.sharedModel.getSource().includes(code)).node;
  }, code);
  await cell.asElement()!.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  await cell.asElement()!.screenshot({ path: join(PICTURES, name) });
}
