import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { InputError } from "../../lib/core/errors.ts";
import { explore } from "../../lib/stages.ts";
import { checkTraining } from "../../lib/training/check_training.ts";
import type { RowMask } from "../../lib/training/row_masks.ts";
import { CheckTrainingOptions } from "../../lib/training/training_options.ts";
import { makeBaseFolder } from "../base_folders.ts";
import { launchBrowser, noBrowser } from "../browser.ts";
import { unless } from "../installed.ts";
import { inTemp } from "../io/temp.ts";
import { putPlanted } from "./planted.ts";

const context = { progress: "none", log: () => {} } as const;

/** A DPO dataset of a few prompts, and its tokenizer. */
async function makeDataset(dir: string): Promise<{ dataset: string; tokenizer: string }> {
  const run = `${dir}/scored.jsonl`, dataset = `${dir}/dpo`, tokenizer = `${dir}/tokenizer`;
  await putPlanted(run, 12);
  await makeBaseFolder("qwen3", tokenizer);
  await buildDpo({ in: run, out: dataset, tokenizer }, { context });
  return { dataset, tokenizer };
}

Deno.test("a dataset's row is masked as check-training shows it, token by token", () =>
  inTemp(async (dir) => {
    const { dataset, tokenizer } = await makeDataset(dir);
    await using explorer = await explore({ in: dataset, tokenizer }, { context });
    const view = await (await fetch(`${explorer.url}prompt?row=3`)).json();
    assert.equal(view.runs[0].isTrained, true);
    const mask: RowMask = await (await fetch(`${explorer.url}mask?row=3`)).json();

    const lines: string[] = [];
    const options = CheckTrainingOptions.parse({ in: dataset, tokenizer, show: view.id });
    await checkTraining(options, defaultContext(context), (line) => lines.push(line));
    const shown = mask.sequences.flatMap(({ side, learnt, tokens }) => [
      `${view.id}, ${side}: ${learnt} of ${tokens.length} tokens are learnt`,
      ...tokens.map(({ id, text, state }, index) =>
        `${index} ${id} ${state === "read" ? "-" : state} ${JSON.stringify(text)}`
      ),
    ]);
    assert.deepEqual(
      shown,
      lines.map((line) => line.trim().replace(/^(\d+) +(\d+) (\S+) +/, "$1 $2 $3 ")),
    );
    const learnt = mask.sequences[0]!.tokens.filter(({ state }) => state === "learnt");
    assert.match(learnt.map(({ text }) => text).join(""), /<think>|\w+/);
    assert.ok(learnt.length > 0 && learnt.length < mask.sequences[0]!.tokens.length);
    for (const row of ["99", "x", "-1"]) {
      const response = await fetch(`${explorer.url}mask?row=${row}`);
      assert.equal(response.status, 404);
      await response.body?.cancel();
    }
  }));

Deno.test("without a tokenizer no row has a mask, and a folder that is none is refused", () =>
  inTemp(async (dir) => {
    const { dataset } = await makeDataset(dir);
    {
      await using explorer = await explore({ in: dataset }, { context });
      assert.equal(
        (await (await fetch(`${explorer.url}prompt?row=0`)).json()).runs[0].isTrained,
        false,
      );
    }
    await assert.rejects(explore({ in: dataset, tokenizer: dir }, { context }), InputError);
  }));

Deno.test({
  ...unless(
    noBrowser,
    "a key opens the mask on a prompt's page, and it stays open after a decision",
  ),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTemp(async (dir) => {
      const { dataset, tokenizer } = await makeDataset(dir);
      const decisions = `${dir}/decisions.jsonl`;
      await using explorer = await explore({ in: dataset, tokenizer, decisions }, { context });
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 840 } });
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
        await page.goto(`${explorer.url}#/prompt/2`);
        await page.getByText("what trl learns of this row").waitFor();
        await page.keyboard.press("m");
        const learnt = page.locator(".tokens mark").first();
        await learnt.waitFor();
        assert.match(
          await page.locator(".mask h4").first().innerText(),
          /^chosen: \d+ of \d+ tokens/,
        );
        const pictures = Deno.env.get("THINKSET_PICTURES");
        if (pictures) await page.screenshot({ path: `${pictures}/explorer-mask.png` });
        await page.keyboard.press("f");
        await page.getByText("decided: flag").waitFor();
        assert.equal(await learnt.isVisible(), true);
        assert.deepEqual(complaints, []);
      } finally {
        await browser.close();
      }
    }),
});
