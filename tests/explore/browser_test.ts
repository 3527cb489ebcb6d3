/**
 * The explorer in a real browser: the steps of docs/explorer.md find what was planted. With
 * THINKSET_PICTURES=docs/images the pictures of the documentation are taken on the way.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { readDecisions } from "../../lib/io/records/read_decisions.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { explore } from "../../lib/stages.ts";
import { launchBrowser, noBrowser } from "../browser.ts";
import { makeBaseFolder } from "../base_folders.ts";
import { unless } from "../installed.ts";
import { inTemp, put } from "../io/temp.ts";
import { type Defect, madeUpRecord, putPlanted } from "./planted.ts";

const PICTURES = Deno.env.get("THINKSET_PICTURES");

/** A test with a browser, which keeps its own child and pipes beyond the test. */
function browserTest(name: string, fn: (browser: Browser, dir: string) => Promise<void>): void {
  Deno.test({
    ...unless(noBrowser, name),
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      inTemp(async (dir) => {
        const browser = await launchBrowser();
        try {
          await fn(browser, dir);
        } finally {
          await browser.close();
        }
      }),
  });
}

/** A page of the explorer, and what its console complained of. */
async function openPage(
  browser: Browser,
  url: string,
  { colorScheme = "light", width = 1280, height = 840 }: {
    colorScheme?: "light" | "dark";
    width?: number;
    height?: number;
  } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height } });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(url).host) complaints.push(request.url());
  });
  await page.goto(url);
  await page.locator(".counts").waitFor();
  return { page, complaints };
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await page.waitForTimeout(500);
  await Deno.mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `explorer-${name}.png`) });
}

const card = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const tab = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Views" }).getByRole("button", { name });

/** “decide on all shown …”, with a comment, and waits until it is done. */
async function excludeShown(page: Page, prompts: number, comment: string): Promise<void> {
  assert.match(await page.locator(".counts").innerText(), new RegExp(`^${prompts} of `));
  await page.getByRole("button", { name: "decide on all shown" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Comment").fill(comment);
  if (comment === "echo") await picture(page, "exclude");
  await dialog.getByRole("button", { name: `exclude ${prompts}` }).click();
  await page.locator("#live", { hasText: "exclude" }).waitFor();
  await page.getByRole("button", { name: "clear all" }).click();
}

browserTest(
  "ten planted defects in 10,000 prompts are found by the steps of the guide, and left out of the dataset",
  async (browser, dir) => {
    const records = join(dir, "scored.jsonl"), decisions = join(dir, "decisions.jsonl");
    const planted = await putPlanted(records, 10_000);
    assert.equal(planted.size, 10);
    const context = { progress: "none" } as const;
    {
      await using explorer = await explore({ in: records, decisions }, { context });
      const { page, complaints } = await openPage(browser, explorer.url!);
      assert.match(await page.locator(".counts").innerText(), /^10,000 of 10,000 prompts · 80,000/);
      await picture(page, "overview");

      // 1. A source whose rewards follow length stands out in the table by source.
      const bySource = card(page, "By group");
      const forum = bySource.getByRole("row", { name: /^forum/ });
      assert.match(await forum.innerText(), /1\.000|\t1\t/);
      await forum.getByRole("button", { name: "forum" }).click();
      await excludeShown(page, 2, "reward follows length");

      // 2. to 4. Signs in the replies' texts.
      const signs = card(page, "Signs");
      for (
        const [sign, comment] of [
          ["repeats the question", "echo"],
          ["thought in the answer", "leak"],
          ["equal to another but for white space", "equal but for space"],
        ] as const
      ) {
        await signs.getByRole("button", { name: sign }).click();
        await excludeShown(page, 2, comment);
      }

      // 5. Prompts of one source that read like another's.
      await card(page, "Source").getByRole("button", { name: "code" }).click();
      await tab(page, "prompts").click();
      await page.getByLabel("regular expression").check();
      await page.getByLabel("Search in").selectOption("prompt");
      await page.getByLabel("Search for a text").fill("^what is \\d+ plus");
      await page.locator(".counts", { hasText: /^2 of / }).waitFor();
      await picture(page, "search");
      await excludeShown(page, 2, "mislabelled");

      await tab(page, "decisions").click();
      await page.getByRole("heading", { name: "10 decisions" }).waitFor();
      await picture(page, "decisions");
      assert.deepEqual(complaints, []);
    }
    const decided = await readDecisions(decisions);
    assert.deepEqual([...decided.keys()].sort(), [...planted.keys()].sort());
    const said: Record<Defect, string> = {
      follows_length: "reward follows length",
      echo: "echo",
      leak: "leak",
      space: "equal but for space",
      mislabelled: "mislabelled",
    };
    for (const [id, { action, comment }] of decided) {
      assert.deepEqual([action, comment], ["exclude", said[planted.get(id)!]]);
    }

    const tokenizer = join(dir, "tokenizer");
    await makeBaseFolder("qwen3", tokenizer);
    const build = async (out: string, options: { decisions?: string } = {}) => {
      const path = join(dir, out);
      await buildDpo({ in: records, out: path, tokenizer, ...options }, { context });
      const rows = await Array.fromAsync(readRows(path, { split: "all" }));
      return new Set(rows.map(({ row }) => (row as { id: string }).id));
    };
    const before = await build("before"), after = await build("after", { decisions });
    const left = [...before].filter((id) => !after.has(id));
    assert.deepEqual(left.sort(), [...planted.keys()].filter((id) => before.has(id)).sort());
    assert.equal(after.size, before.size - left.length);
    const rejects = (await Deno.readTextFile(join(dir, "after/rejects.jsonl"))).trim().split("\n")
      .map((line) => JSON.parse(line)).filter(({ reason }) => reason === "excluded_by_hand");
    assert.deepEqual(rejects.map(({ id }) => id).sort(), [...planted.keys()].sort());
  },
);

const HOSTILE =
  `</div><script>document.title="owned"</script><img src=x onerror="document.title='owned'">`;

browserTest(
  "everything is reached by keys, and the address holds what is shown",
  async (browser, dir) => {
    const rows = Array.from({ length: 60 }, (_, index) => madeUpRecord(index));
    Object.assign(rows[0]!.responses[1]!, {
      answer: HOSTILE,
      thought: HOSTILE,
      malformed: null,
      score: 9,
    });
    const text = rows.map((row) => JSON.stringify(row)).join("\n");
    const run = await put(join(dir, "scored.jsonl"), text);
    const decisions = join(dir, "decisions.jsonl");
    await using explorer = await explore({ in: run, decisions }, { context: { progress: "none" } });
    const { page, complaints } = await openPage(browser, explorer.url!);
    const keys = async (...names: string[]) => {
      for (const name of names) await page.keyboard.press(name);
    };
    // A range is typed, where a mouse would brush.
    await page.getByLabel("best reward, from").fill("1.5");
    await keys("Enter", "Escape");
    await page.getByRole("button", { name: "Take off: best reward" }).waitFor();
    const some = await page.locator(".counts").innerText();
    assert.match(some, /^\d+ of 60 prompts/);
    assert.doesNotMatch(some, /^60 of/);

    await keys("2");
    await page.getByRole("button", { name: "best", exact: true }).click();
    await page.getByLabel("Prompts").last().focus();
    await keys("Home", "Enter");
    await page.getByRole("heading", { name: "p000000" }).waitFor();
    assert.equal(await page.title(), "scored.jsonl · thinkset explorer");
    const best = page.getByRole("article").first();
    assert.match(await best.innerText(), /<script>document\.title="owned"<\/script>/);
    assert.equal(await page.locator("main script, main img").count(), 0);
    assert.equal(await best.locator("details .text").isVisible(), false);
    await keys("t");
    assert.equal(await best.locator("details .text").isVisible(), true);

    await keys("x");
    await page.getByText("decided: exclude").waitFor();
    assert.equal((await readDecisions(decisions)).get("p000000")!.action, "exclude");
    await keys("u");
    await page.getByText("nothing decided").waitFor();
    assert.equal((await readDecisions(decisions)).size, 0);
    await page.getByRole("article").nth(1).getByRole("button", { name: "choose" }).click();
    await page.getByRole("button", { name: /^pair reply/ }).click();
    await page.getByText("pair by hand").waitFor();
    assert.equal((await readDecisions(decisions)).get("p000000")!.action, "pair");
    await keys("ArrowRight");
    await page.getByText(/^2 of/).waitFor();
    await keys("Escape");
    await page.getByRole("grid").waitFor();

    const link = page.url();
    const again = await openPage(browser, link);
    assert.equal(await again.page.locator(".counts").innerText(), some);
    assert.equal(
      await again.page.getByRole("columnheader", { name: "best" }).getAttribute("aria-sort"),
      "descending",
    );
    await page.goBack();
    await page.getByRole("heading", { name: /^p0000/ }).waitFor();
    await keys("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    assert.deepEqual([...complaints, ...again.complaints], []);
  },
);

browserTest(
  "a brush moves every chart, and shows by day and by night, narrow and wide",
  async (browser, dir) => {
    const run = join(dir, "think.jsonl"), other = join(dir, "nothink.jsonl");
    await putPlanted(run, 400);
    await putPlanted(other, 400, { planted: false, run: "nothink" });
    const decisions = join(dir, "decisions.jsonl");
    await using explorer = await explore({ in: [run, other], decisions }, {
      context: { progress: "none" },
    });
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 390]) {
        const { page, complaints } = await openPage(browser, explorer.url!, { colorScheme, width });
        const chart = card(page, "Reward").locator(".u-over");
        const box = (await chart.boundingBox())!;
        const before = await card(page, "Margin of the pair").locator(".plot").getAttribute(
          "aria-label",
        );
        await page.mouse.move(box.x + box.width * 0.7, box.y + 20);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.95, box.y + 30, { steps: 4 });
        await page.mouse.up();
        await page.getByRole("button", { name: /^Take off: reward/ }).waitFor();
        const after = await card(page, "Margin of the pair").locator(".plot").getAttribute(
          "aria-label",
        );
        assert.notEqual(after, before);
        if (width > 1000) await picture(page, `brush-${colorScheme}`);
        else if (colorScheme === "light") await picture(page, "narrow");
        await page.getByRole("button", { name: "clear all" }).click();
        for (const name of ["overview", "prompts", "extremes", "compare"]) {
          await tab(page, name).click();
          await page.waitForTimeout(150);
          const wide =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
          assert.equal(
            await page.evaluate(wide),
            0,
            `${name} at ${width}: nothing stands out to the side`,
          );
          if (name === "prompts") assert.ok(await page.getByRole("row").count() > 5);
          if (width > 1000 && colorScheme === "light" && name !== "overview") {
            await picture(
              page,
              name,
            );
          }
        }
        await page.getByText("win rate of think.jsonl").waitFor();
        await tab(page, "prompts").click();
        await page.getByLabel("Search for a text").fill("p000180");
        await page.locator(".counts", { hasText: /^2 of / }).waitFor();
        await page.getByRole("row").nth(1).click();
        for (const name of ["think.jsonl", "nothink.jsonl"]) {
          const heading = { name: `${name} made-up/policy`, exact: true };
          await page.getByRole("heading", heading).waitFor();
        }
        if (width > 1000) await picture(page, `prompt-${colorScheme}`);
        assert.deepEqual(complaints, []);
        await page.close();
      }
    }
  },
);
