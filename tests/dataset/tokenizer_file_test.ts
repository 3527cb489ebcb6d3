import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { readTokenizerSettings } from "../../lib/dataset/tokens/tokenizer_file.ts";
import { inTemp } from "../io/temp.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";

const beside = ["added_tokens", "normalizer", "pre_tokenizer"] as const;

/** Changes the file of the tiny tokenizer in a folder; gives what it now holds. */
async function change(dir: string, by: (whole: Tokenizer) => Tokenizer): Promise<Tokenizer> {
  await makeTokenizer(dir);
  const path = join(dir, "tokenizer.json");
  const changed = by(JSON.parse(await Deno.readTextFile(path)));
  await Deno.writeTextFile(path, JSON.stringify(changed));
  return changed;
}

interface Tokenizer {
  added_tokens: { content: string }[];
  normalizer: null;
  pre_tokenizer: object;
  model: object;
}

Deno.test("A tokenizer's settings are what its file holds beside the vocabulary, wherever that stands", () =>
  inTemp(async (dir) => {
    const files: Record<string, (whole: Tokenizer) => Tokenizer> = {
      usual: (whole) => whole,
      // Three bytes each, so that the file's first mebibyte ends within one of them.
      "of many added tokens": (whole) => ({
        ...whole,
        added_tokens: [...whole.added_tokens, { content: "…".repeat(500_000) }],
      }),
      "with the model first": ({ model, ...rest }) => ({ model, ...rest }),
    };
    for (const [name, by] of Object.entries(files)) {
      const folder = join(dir, name);
      const whole = await change(folder, by);
      const settings = await readTokenizerSettings(folder);
      for (const field of beside) assert.deepEqual(settings[field], whole[field], name);
      assert.equal(settings.model.type, "BPE", name);
    }
  }));

Deno.test("Of a file with a long vocabulary only the beginning is read", () =>
  inTemp(async (dir) => {
    const { added_tokens } = await change(dir, (whole) => whole);
    const path = join(dir, "tokenizer.json");
    const text = await Deno.readTextFile(path);
    // Not JSON any more, which only reading it all would tell.
    await Deno.writeTextFile(path, text + "x".repeat(2 << 20));
    assert.deepEqual((await readTokenizerSettings(dir)).added_tokens, added_tokens);
  }));

Deno.test("A tokenizer's file that is missing or broken is named with what is wrong", () =>
  inTemp(async (dir) => {
    const path = join(dir, "tokenizer.json");
    const fails = (why: RegExp) =>
      assert.rejects(readTokenizerSettings(dir), (error) => {
        assert.ok(error instanceof InputError);
        assert.ok(error.message.startsWith(`${path}: `), error.message);
        assert.match(error.message, why);
        return true;
      });
    await fails(/cannot be read/);
    await Deno.writeTextFile(path, "{}}");
    await fails(/not a tokenizer: not JSON/);
  }));
