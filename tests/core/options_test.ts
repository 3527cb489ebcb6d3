import assert from "node:assert/strict";
import { z } from "zod";
import { flagsOf } from "../../lib/cli/flags.ts";
import { didYouMean } from "../../lib/core/did_you_mean.ts";
import { InputError } from "../../lib/core/errors.ts";
import { forTerminal } from "../../lib/core/hidden_characters.ts";
import { parseOptions } from "../../lib/core/options.ts";
import { stages } from "../../lib/stages.ts";

const Options = z.object({
  out: z.string().min(1).describe("where to"),
  maxTokens: z.number().int().positive().default(16),
  tokenizer: z.array(z.string()).default([]),
  model: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
});

const refusal = (given: unknown): string => {
  try {
    parseOptions(Options, given);
  } catch (error) {
    assert.ok(error instanceof InputError, `${error}`);
    return error.message;
  }
  throw new Error("taken");
};

Deno.test("an option that there is not is refused, with the one that may have been meant (29)", () => {
  assert.equal(
    refusal({ out: "x", max_tokens: 5 }),
    "there is no option max_tokens (did you mean maxTokens?)",
  );
  assert.equal(
    refusal({ out: "x", tokeniser: [] }),
    "there is no option tokeniser (did you mean tokenizer?)",
  );
  assert.equal(refusal({ out: "x", colour: 1 }), "there is no option colour");
});

Deno.test("a wrong option is an InputError that names it, its value and the rule", () => {
  assert.equal(refusal({}), "out is needed: where to");
  assert.equal(refusal({ out: 5 }), "out 5: must be text");
  assert.equal(refusal({ out: "" }), 'out "": must not be empty');
  assert.equal(refusal({ out: "x", maxTokens: "5" }), "maxTokens 5: must be a number");
  assert.equal(refusal({ out: "x", maxTokens: 0 }), "maxTokens 0: must be more than 0");
  assert.equal(refusal({ out: "x", maxTokens: 1.5 }), "maxTokens 1.5: must be a whole number");
  assert.equal(refusal({ out: "x", tokenizer: "y" }), "tokenizer y: must be a list");
  assert.equal(refusal({ out: "x", tokenizer: [1] }), "tokenizer 1: must be text");
  assert.equal(refusal({ out: "x", model: 5 }), "model 5: must be text, or must be a list");
  assert.equal(refusal(undefined), "options: must be an object");
});

Deno.test("no option of any stage can be so wrong that zod's own words come out", () => {
  const wrong = [undefined, null, "", "x", -1, 1.5, 1e300, NaN, true, [], [1], [""], {}, { a: 1 }];
  const zodWords = /invalid|expected|too (small|big)|received|unrecognized|regex|\bNaN:/i;
  let refused = 0;
  for (const stage of stages) {
    for (const name of Object.keys(stage.options.shape)) {
      for (const value of wrong) {
        try {
          parseOptions(stage.options.partial(), { [name]: value });
        } catch (error) {
          assert.ok(error instanceof InputError, `${error}`);
          assert.ok(error.message.startsWith(`${name}`), error.message);
          assert.doesNotMatch(error.message.replace(/^.*?: /, ""), zodWords);
          refused++;
        }
      }
    }
  }
  assert.ok(refused > 500, `${refused}`);
});

Deno.test("every stage, called, refuses what it does not take, and says what may have been meant", async () => {
  const refusesWith = (call: Promise<unknown>, message: string) =>
    assert.rejects(call, (error) => {
      assert.ok(error instanceof InputError, `${error}`);
      assert.equal(error.message, message);
      return true;
    });
  for (const stage of stages) {
    const call = stage as unknown as (options?: unknown, call?: unknown) => Promise<unknown>;
    const [option] = Object.keys(stage.options.shape) as [string];
    const meant = "in" === option ? "" : ` (did you mean ${option}?)`;
    await refusesWith(call({ [`${option}q`]: 1 }), `there is no option ${option}q${meant}`);
    await refusesWith(call(), "options: must be an object");
    await refusesWith(
      call({}, { contxt: {} }),
      "there is no option contxt (did you mean context?)",
    );
    await refusesWith(
      call({}, { context: { onprogress: () => {} } }),
      "context: there is no onprogress (did you mean onProgress?)",
    );
    await refusesWith(
      call({}, { context: { signal: "SIGINT" } }),
      "context.signal: must be an AbortSignal",
    );
    await refusesWith(
      call({}, { signal: AbortSignal.abort() }),
      "signal is a field of context: give { context: { signal } }",
    );
  }
});

Deno.test("every option of every stage says what it is, and one name takes one kind of value in all of them", () => {
  const kinds = new Map<string, string>();
  for (const { name: stage, options } of stages) {
    for (const { name, kind, description } of flagsOf(options)) {
      const place = `${stage}: the option ${name}`;
      assert.match(name, /^[a-z][a-zA-Z]*$/, `${place}: is to be in camel case`);
      assert.ok(
        description !== "",
        `${place}: has no describe(), which help and the reference show`,
      );
      // One text, or a list of such texts where there may be several.
      const value = kind === "list" ? "text" : kind;
      assert.equal(value, kinds.get(name) ?? value, `${place}: is of another kind elsewhere`);
      kinds.set(name, value);
    }
  }
  assert.ok(kinds.size > 100, `${kinds.size}`);
});

Deno.test("paths that are looked at one by one may be one path alone, and are a list for the stage", () => {
  const several = ["check-reward", "evaluate", "report", "verify"];
  for (const stage of stages.filter(({ name }) => several.includes(name))) {
    const { in: paths } = parseOptions(stage.options.partial(), { in: "runs/scored" });
    assert.deepEqual(paths, ["runs/scored"], stage.name);
  }
});

Deno.test("what may have been meant is near, whatever its case and dashes", () => {
  const known = ["--max-tokens", "--temperature", "--n"];
  assert.equal(didYouMean("--max_tokens", known), " (did you mean --max-tokens?)");
  assert.equal(didYouMean("--temprature", known), " (did you mean --temperature?)");
  for (const far of ["--colour", "", "x", "-", "m".repeat(10_000)]) {
    assert.equal(didYouMean(far, known), "", far);
  }
  assert.equal(didYouMean("x", []), "");
});

Deno.test("text for a terminal shows what would act on it", () => {
  assert.equal(
    forTerminal("a\x1b]0;title\x07b\x9b31m\u202e"),
    "a[U+001B]]0;title[U+0007]b[U+009B]31m[U+202E]",
  );
  assert.equal(forTerminal("one\rtwo\r\nthree\tü🙂"), "one[U+000D]two\r\nthree\tü🙂");
});
