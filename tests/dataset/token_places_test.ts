import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { TokenCounter } from "../../lib/dataset/tokens/token_counter.ts";
import { makeBaseFolder } from "../base_folders.ts";
import { inFolder } from "./records.ts";

Deno.test(
  "tokens' places that are counted from bytes are the library's, in any text",
  inFolder(async (folder) => {
    const dir = join(folder, "qwen3");
    await makeBaseFolder("qwen3", dir);
    const counter = await TokenCounter.open(dir);
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.constantFrom(
        "<|im_start|>",
        "<|im_end|>",
        "<think>",
        " \n\n  ",
        "e\u0301",
        "\u00e9",
        "😀",
      ),
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (texts) => {
        const counted = await counter.encodings(texts, false);
        assert.deepEqual(counted, await counter.encodings(texts, false, { exact: true }));
      }),
      { numRuns: 200 },
    );
  }),
);
