import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { flagsHelp, parseFlags } from "../../lib/cli/flags.ts";
import { InputError, messageOf } from "../../lib/core/errors.ts";

const Options = z.object({
  out: z.string().describe("where to"),
  maxTokens: z.number().int().positive().default(16).describe("at most"),
  format: z.enum(["a", "b"]).default("a").describe("which"),
  tokenizer: z.array(z.string()).default([]).describe("folder"),
  overwrite: z.boolean().default(false).describe("replace it"),
  minMargin: z.number().optional().describe("least margin"),
});

const parse = (line: string) => parseFlags(Options, line.split(" ").filter(Boolean));
const refusal = (line: string): string => {
  try {
    parse(line);
  } catch (error) {
    assert.ok(error instanceof InputError);
    return error.message;
  }
  throw new Error(`taken: ${line}`);
};

Deno.test("flags are the schema's fields in kebab case, typed and defaulted by it", () => {
  assert.deepEqual(parse("--out x --max-tokens 8 --tokenizer a=1 --tokenizer b=2 --overwrite"), {
    out: "x",
    maxTokens: 8,
    format: "a",
    tokenizer: ["a=1", "b=2"],
    overwrite: true,
  });
  assert.equal(parse("--out x --no-overwrite").overwrite, false);
  assert.equal(parse("--out x --min-margin=-0.5").minMargin, -0.5);
  assert.equal(parse("--out x --min-margin -1.5").minMargin, -1.5);
  assert.deepEqual(parseFlags(z.object({ n: z.number() }), ["-n", "5"]), { n: 5 });
});

Deno.test("what is wrong with a command line is said in one line that names the flag", () => {
  assert.match(refusal(""), /^--out OUT is needed: where to$/);
  assert.match(refusal("--out x --max-tokens none"), /--max-tokens none: not a number/);
  assert.match(refusal("--out x --max-tokens 0"), /^--max-tokens 0: /);
  assert.match(refusal("--out x --max-tokens 1.5"), /^--max-tokens 1.5: /);
  assert.match(refusal("--out x --format c"), /^--format c: must be one of "a", "b"$/);
  assert.match(refusal("--out x --out y"), /^--out is given twice$/);
  assert.match(refusal("--out x --max-tokens 0"), /: must be more than 0$/);
  assert.match(refusal("--out x --max-tokens 1.5"), /: must be a whole number$/);
  assert.match(refusal("--out x --overwrite=yes"), /^--overwrite takes no value$/);
  assert.match(refusal("--out x --colour red"), /^there is no flag --colour \(see --help\)$/);
  assert.match(refusal("--out x --no-out"), /^there is no flag --no-out/);
  assert.match(refusal("--out x --max-token 5"), /--max-token \(did you mean --max-tokens\?\)/);
  assert.match(refusal("--out x --max_tokens 5"), /did you mean --max-tokens\?/);
  assert.match(refusal("--out x -m 5"), /^there is no flag -m/);
  assert.match(refusal("--out x stray"), /^stray: not a flag/);
  assert.match(refusal("--out --overwrite"), /^--out takes a value: --out OUT, not --overwrite/);
  assert.match(refusal("--out"), /--out/);
  for (const line of ["", "--out", "--colour"]) assert.ok(!refusal(line).includes("\n"));
});

Deno.test("help lists every flag with its values, its default and whether it is needed", () => {
  const help = flagsHelp(Options, [["--help", "this text"]]);
  assert.match(help, /--out OUT +where to \(needed\)/);
  assert.match(help, /--max-tokens N +at most \(default 16\)/);
  assert.match(help, /--format a\|b +which \(default a\)/);
  assert.match(help, /--tokenizer TOKENIZER +folder \(repeatable\)/);
  assert.match(help, /--overwrite +replace it$/m);
  assert.match(help, /--help +this text$/m);
});

Deno.test("any command line is read, or refused in one line; what is read is what was given", () => {
  const words = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("--out", "--max-tokens", "--format", "--tokenizer", "--overwrite", "--no-out"),
    fc.constantFrom("--__proto__", "--constructor=x", "-", "--", "=", "--=", "--out=", "-1", "1e9"),
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), (args) => {
      try {
        parseFlags(Options, args);
      } catch (error) {
        assert.ok(error instanceof InputError, `${error}`);
        assert.ok(!/[\r\n]/.test(messageOf(error)) && messageOf(error) !== "unknown error");
      }
    }),
    { numRuns: 2000 },
  );
  const texts = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 1e6 }), fc.array(texts), (out, n, list) => {
      const args = [
        `--out=${out}`,
        `--max-tokens=${n}`,
        ...list.map((each) => `--tokenizer=${each}`),
      ];
      const { out: read, maxTokens, tokenizer } = parseFlags(Options, args);
      assert.deepEqual([read, maxTokens, tokenizer], [out, n, list]);
    }),
  );
});

Deno.test("help names a flag's value as the schema does, wherever that says so", () => {
  const schema = z.object({
    inner: z.string().meta({ metavar: "DIR" }).optional().describe("a folder"),
    outer: z.string().optional().meta({ metavar: "FILE" }).describe("a file"),
    several: z.array(z.string()).default([]).meta({ metavar: "NAME=X" }).describe("limits"),
    plainName: z.string().describe("text"),
  });
  const help = flagsHelp(schema);
  for (
    const usage of ["--inner DIR", "--outer FILE", "--several NAME=X", "--plain-name PLAIN_NAME"]
  ) {
    assert.ok(help.includes(usage), help);
  }
});
