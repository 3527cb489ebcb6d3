import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { TextPieces } from "../../lib/dataset/tokens/text_pieces.ts";
import { TokenCounter } from "../../lib/dataset/tokens/token_counter.ts";
import { BASE_FAMILIES, makeBaseFolder } from "../base_folders.ts";
import { inTemp } from "../io/temp.ts";

const bits = ["a", "the", " ", "  ", "\n", "\n\n", ":", "<", ">", "<think>", "</think>", "7", "'s"];
const marks = ["<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|end_header_id|>", "é", "e", "\u0301"];
const text = fc.array(fc.constantFrom(...bits, ...marks), { maxLength: 6 }).map((a) => a.join(""));

/** Where a chat template's prompt ends, and how replies begin. */
const seams = [
  ["assistant<|end_header_id|>\n\n", "<think>\nI"],
  ["<|im_start|>assistant\n", "<think>\nI"],
  ["<|im_start|>assistant\n", "Sure"],
  ["</query>\nAssistant:", " <think> I"],
] as const;

Deno.test("Texts that are told apart without a vocabulary have apart tokens by the whole of it", () =>
  inTemp(async (dir) => {
    for (const family of BASE_FAMILIES) {
      const folder = join(dir, family);
      await makeBaseFolder(family, folder);
      const pieces = new TextPieces(folder), counter = await TokenCounter.open(folder);
      for (const [before, after] of seams) {
        assert.ok(await pieces.areApart(before, after), `${family}: ${before}|${after}`);
      }
      let apart = 0;
      const apartOnlyIfTrue = fc.asyncProperty(text, text, async (before, after) => {
        if (!await pieces.areApart(before, after)) return;
        apart++;
        const [alone, both] = [await counter.ids(before), await counter.ids(before + after)];
        assert.deepEqual(both.slice(0, alone.length), alone);
      });
      await fc.assert(apartOnlyIfTrue, { numRuns: 1000 });
      assert.ok(apart > 100, `${apart} of 1,000`);
    }
  }));
