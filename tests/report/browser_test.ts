import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { report } from "../../lib/stages.ts";
import { launchBrowser, noBrowser } from "../browser.ts";
import { unless } from "../installed.ts";
import { inTemp } from "../io/temp.ts";
import { putPairs, putScored, putTeacher } from "./inputs.ts";

Deno.test({
  ...unless(
    noBrowser,
    "a browser shows the report whole, by day and by night, and runs nothing in it",
  ),
  // Playwright keeps its own child and pipes beyond the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTemp(async (dir) => {
      const out = `${dir}/report.html`;
      const inputs = [
        await putScored(`${dir}/think`, 30),
        await putScored(`${dir}/nothink`, 30),
        await putTeacher(`${dir}/teacher`),
        await putPairs(`${dir}/pairs.jsonl`),
      ];
      await report({ in: inputs, out });
      const browser = await launchBrowser();
      try {
        for (const colorScheme of ["light", "dark"] as const) {
          const page = await browser.newPage({
            colorScheme,
            viewport: { width: 1200, height: 900 },
          });
          const requests: string[] = [], complaints: string[] = [];
          page.on("request", (request) => requests.push(request.url()));
          page.on("console", (message) => complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(String(error)));
          const url = pathToFileURL(out).href;
          await page.goto(url, { waitUntil: "load" });

          assert.deepEqual(requests, [url], "the page itself and nothing else is fetched");
          assert.deepEqual(complaints, []);
          assert.equal(await page.title(), "thinkset report");
          assert.equal(await page.locator("section[id]").count(), 5);
          assert.equal(await page.locator("main script, main img, main style").count(), 0);

          const charts = page.locator("figure svg");
          const count = await charts.count();
          assert.ok(count >= 25, `${count} charts`);
          for (let index = 0; index < count; index++) {
            const box = await charts.nth(index).boundingBox();
            assert.ok(box !== null && box.width > 150 && box.height > 50, `chart ${index}`);
          }
          const ink = await page.locator("body").evaluate("(body) => getComputedStyle(body).color");
          const label = await charts.first().locator("text").first().evaluate(
            "(text) => getComputedStyle(text).fill",
          );
          assert.equal(label, ink, "text in charts has the page's colour");

          const thought = page.locator(".ts-card details").first();
          assert.equal(await thought.locator(".ts-text").isVisible(), false);
          await thought.locator("summary").click();
          assert.equal(await thought.locator(".ts-text").isVisible(), true);
          assert.match(await thought.innerText(), /<script>document\.title="owned"<\/script>/);
          const wide =
            "document.documentElement.scrollWidth > document.documentElement.clientWidth";
          assert.equal(await page.evaluate(wide), false, "nothing stands out to the side");
          await page.close();
        }
      } finally {
        await browser.close();
      }
    }),
});
