import assert from "node:assert/strict";
import { join, normalize } from "node:path";
import type { Page } from "playwright-core";
import { InputError } from "../../lib/core/errors.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { explore } from "../../lib/stages.ts";
import { launchBrowser, noBrowser } from "../browser.ts";
import { unless } from "../installed.ts";
import { inTemp, put } from "../io/temp.ts";
import { putPlanted } from "./planted.ts";

const context = { progress: "none", log: () => {} } as const;
const TYPES: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css" };

/** As any web server of static files does it. */
function serveFolder(folder: string) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const path = normalize(new URL(request.url).pathname).replace(/\/$/, "/index.html");
    try {
      const bytes = await Deno.readFile(join(folder, path));
      const type = TYPES[path.split(".").at(-1)!] ?? "application/octet-stream";
      return new Response(bytes, { headers: { "Content-Type": type } });
    } catch {
      return new Response("", { status: 404 });
    }
  });
}

/** Filters, searches and opens a prompt of the planted 600, of which one is decided on. */
async function looksThrough(page: Page, url: string): Promise<void> {
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.locator(".counts", { hasText: "600 of 600 prompts · 4,800 of 4,800" }).waitFor();
  await page.getByRole("region", { name: "Signs" }).getByRole("button", {
    name: "repeats the question",
  }).click();
  await page.locator(".counts", { hasText: /^2 of 600/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "decide on all shown" }).count(), 0);
  await page.getByRole("button", { name: "clear all" }).click();
  const tab = (name: string) =>
    page.getByRole("navigation", { name: "Views" }).getByRole("button", { name });
  await tab("prompts").click();
  await page.getByLabel("regular expression").check();
  await page.getByLabel("Search for a text").fill("visitor 1[02]3, please");
  await page.locator(".counts", { hasText: /^2 of 600/ }).waitFor();
  await page.getByRole("row").nth(1).click();
  await page.getByRole("heading", { name: "p000103" }).waitFor();
  assert.equal(await page.getByRole("article").count(), 8);
  assert.equal(await page.locator(".badge.chosen").count(), 1);
  await page.goBack();
  await page.getByRole("grid").waitFor();
  await tab("decisions 1").click();
  await page.getByRole("heading", { name: "1 decisions" }).waitFor();
  assert.deepEqual(complaints, []);
}

Deno.test({
  ...unless(
    noBrowser,
    "a bundle shows the same on any server and as a file alone, and nothing can be decided in it",
  ),
  // Playwright keeps its own child and pipes beyond the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTemp(async (dir) => {
      const run = join(dir, "scored.jsonl"), bundle = join(dir, "site");
      await putPlanted(run, 600);
      const decisions = await put(join(dir, "d.jsonl"), '{"id":"p000007","action":"flag"}\n');
      await explore({ in: run, decisions, bundle }, { context });
      const rows = await Array.fromAsync(readRows(join(bundle, "data/replies.parquet")));
      assert.equal(rows.length, 4800);
      assert.equal((rows[0]!.row as { prompt_row: number }).prompt_row, 0);

      await using server = serveFolder(bundle);
      const attached = join(dir, "attached.html");
      const page = await Deno.readTextFile(join(bundle, "index.html"));
      await Deno.writeTextFile(attached, page);
      // As where the data is too much for the page: it fetches the files that lie beside it.
      const without = page.replaceAll(/<script type="application.*?<\/script>/gs, "");
      assert.ok(without.length < page.length);
      await Deno.writeTextFile(join(bundle, "index.html"), without);
      const browser = await launchBrowser();
      try {
        for (const url of [`http://127.0.0.1:${server.addr.port}/`, `file://${attached}`]) {
          await looksThrough(
            await browser.newPage({ viewport: { width: 1280, height: 840 } }),
            url,
          );
        }
      } finally {
        await browser.close();
      }
      await assert.rejects(explore({ in: run, bundle }, { context }), InputError);
    }),
});

Deno.test("in a notebook the explorer shows itself in the cell, and what was decided is a frame", () =>
  inTemp(async (dir) => {
    const { decisions } = await import("../../lib/explore/decisions_frame.ts");
    const run = join(dir, "scored.jsonl");
    await putPlanted(run, 20, { planted: false });
    await using explorer = await explore(run, { context });
    const cell = explorer as unknown as Record<symbol, () => Record<string, string>>;
    const shown = cell[Symbol.for("Jupyter.display")]!;
    assert.match(shown()["text/html"]!, /^<iframe src="http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/"/);
    const origin = new URL(explorer.url!).origin;
    const body = JSON.stringify({
      action: "pair",
      rows: [3],
      chosen: 1,
      rejected: 2,
      comment: "better",
    });
    const headers = { "Content-Type": "application/json", Origin: origin };
    await (await fetch(`${explorer.url}decide`, { method: "POST", headers, body })).body?.cancel();
    const frame = await decisions(run);
    assert.deepEqual(frame.columns, ["id", "action", "chosen", "rejected", "comment"]);
    assert.deepEqual(frame.rows(), [["p000003", "pair", 1, 2, "better"]]);
    const policy = (await fetch(explorer.url!)).headers.get("content-security-policy")!;
    assert.match(policy, /frame-ancestors 'self' http:\/\/127\.0\.0\.1:\* http:\/\/localhost:\*/);
  }));
