/** Texts, names and lengths that are made to break a page, in a real browser. */
import assert from "node:assert/strict";
import { explore } from "../../lib/stages.ts";
import { launchBrowser, noBrowser } from "../browser.ts";
import { unless } from "../installed.ts";
import { inTemp, put } from "../io/temp.ts";

const HOSTILE =
  `</script><script>document.title="owned"</script><img src=x onerror="document.title='owned'">` +
  "\u202e\0\ud800\"'`$(x)";

/** A record with the same in every field, odd names of columns, and one reply of two megabytes. */
function hostileRecord(at: number): unknown {
  const long = at === 3 ? "lorem ipsum dolor ".repeat(120_000) : "";
  const responses = [0, 1, 2, 3, 4].map((index) => ({
    index,
    text: HOSTILE + index,
    thought: index === 4 ? null : HOSTILE + index,
    answer: index === 4 ? null : HOSTILE + index + long,
    malformed: index === 4 ? "missing_tag" : null,
    finish_reason: "stop",
    completion_tokens: index,
    score: index === 4 ? null : Math.sin(at * 7 + index),
    scores: {
      [HOSTILE]: index === 4 ? null : Math.sin(at * 7 + index),
      "": index === 4 ? null : at,
    },
  }));
  return {
    id: `${HOSTILE}${at}`,
    source: HOSTILE + at % 2,
    prompt: [{ role: "user", content: `${HOSTILE} ${at}` }],
    format: "chat-think",
    model: HOSTILE,
    reward_model: HOSTILE,
    responses,
    extra: { [HOSTILE]: HOSTILE + at % 2, "": `e${at % 2}`, constructor: `c${at % 2}`, "f.a": at },
  };
}

Deno.test({
  ...unless(
    noBrowser,
    "hostile texts and odd names break no view, run nothing, and fit into an address",
  ),
  // Playwright keeps its own child and pipes beyond the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTemp(async (dir) => {
      const rows = Array.from({ length: 8 }, (_, at) => JSON.stringify(hostileRecord(at)));
      const run = await put(`${dir}/scored.jsonl`, rows.join("\n"));
      const decisions = `${dir}/decisions.jsonl`;
      await using explorer = await explore({ in: run, decisions }, {
        context: { progress: "none", log: () => {} },
      });
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 840 } });
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
        await page.goto(explorer.url!);
        const counts = page.locator(".counts");
        await counts.waitFor();
        for (const [key, shown] of [["2", "grid"], ["3", "list"], ["4", "combobox"]] as const) {
          await page.keyboard.press(key);
          await page.getByRole(shown).first().waitFor();
        }
        // The first value of each list, whatever it is called.
        await page.keyboard.press("1");
        const lists = page.locator(".facet");
        for (let at = 0; at < await lists.count(); at++) {
          await lists.nth(at).locator("button").first().click();
        }
        const some = await counts.innerText();
        assert.match(some, /^[1-7] of 8 prompts/);
        await page.reload();
        await counts.waitFor();
        assert.equal(await counts.innerText(), some);
        await page.getByRole("button", { name: "clear all" }).click();

        await page.evaluate('location.hash = "#/prompt/3"');
        await page.locator("article .link").first().click();
        await page.locator(".part").nth(50).waitFor({ state: "attached" });
        await page.keyboard.press("x");
        await page.locator(".said", { hasText: "decided: exclude" }).waitFor();
        await page.keyboard.press("5");
        await page.getByRole("heading", { name: "1 decisions" }).waitFor();
        assert.equal(await page.locator("main script, main img").count(), 0);
        assert.equal(await page.title(), "scored.jsonl · thinkset explorer");
        assert.deepEqual(complaints, []);
      } finally {
        await browser.close();
      }
    }),
});
