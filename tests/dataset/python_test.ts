/** Python's own libraries on what the builders wrote. */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import type { TeacherRecord } from "../../lib/core/records.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildRl } from "../../lib/dataset/rl/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { makeBaseFolder } from "../base_folders.ts";
import { unless } from "../installed.ts";
import { python } from "../python.ts";
import { inFolder, quiet, scoredRecord, teacherRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";
import { noTraining, runProgram, trainPython } from "./train_python.ts";

interface Loaded {
  configs: Record<string, {
    rows: Record<string, number>;
    features: string;
    own: string;
    first: Record<string, unknown>;
    mapped: number;
  }>;
  arrow_equal?: boolean;
  rendered?: number;
  unequal?: string[];
}

const scores = [1, 5, 2, 0];
const messages = "List({'role': Value('string'), 'content': Value('string')})";

Deno.test(
  "datasets loads every layout, with the features that the card says",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const ids = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const teacher = await writeLines(join(folder, "t.jsonl"), ids.map((id) => teacherRecord(id)));
    const scored = await writeLines(
      join(folder, "s.jsonl"),
      ids.map((id) => scoredRecord(id, [...scores, null])),
    );
    const at = (name: string) => join(folder, name);
    const saveToDisk = true;
    await buildSft({ in: teacher, out: at("sft"), tokenizer: [tokenizer], saveToDisk }, {
      context: quiet,
    });
    const dpo = { in: scored, tokenizer, saveToDisk };
    await buildDpo({ ...dpo, out: at("dpo"), withAllResponses: true }, { context: quiet });
    await buildDpo({ ...dpo, out: at("all train"), trainSplit: 1 }, { context: quiet });
    await buildDpo({ ...dpo, out: at("rlmt"), compat: "rlmt" }, { context: quiet });
    await buildRl({ prompts: teacher, out: at("rl"), validation: 5, saveToDisk }, {
      context: quiet,
    });
    const folders = [
      { folder: at("sft"), configs: { default: "data", prompt_completion: "prompt_completion" } },
      { folder: at("dpo"), configs: { default: "data", all_responses: "all_responses" } },
      { folder: at("all train"), configs: { default: "data" } },
      { folder: at("rlmt"), configs: { default: "data" } },
      { folder: at("rl"), configs: { default: "data" } },
    ];
    const job = { folders, cache: at("cache") };
    const made = await runProgram<Loaded[]>(await python(), "load_datasets.py", job);
    for (const { configs, arrow_equal } of made) {
      assert.equal(arrow_equal, true);
      for (const { features, own, mapped, rows } of Object.values(configs)) {
        assert.equal(features, own);
        assert.equal(mapped, rows.train);
      }
    }
    const [sft, pairs, allTrain, rlmt, rl] = made.map(({ configs }) => configs.default!);
    assert.deepEqual(sft!.rows, { train: 40 });
    assert.deepEqual(pairs!.rows, { train: 38, validation: 2 });
    assert.deepEqual(allTrain!.rows, { train: 40 });
    assert.deepEqual(rl!.rows, { train: 35, validation: 5 });
    assert.equal(
      sft!.features,
      `{'id': Value('string'), 'source': Value('string'), 'messages': ${messages}, ` +
        `'text': Value('string'), 'enable_thinking': Value('bool')}`,
    );
    assert.equal(
      pairs!.features,
      `{'id': Value('string'), 'source': Value('string'), 'prompt': ${messages}, ` +
        `'chosen': ${messages}, 'rejected': ${messages}, 'score_chosen': Value('float64'), ` +
        `'score_rejected': Value('float64'), 'enable_thinking': Value('bool')}`,
    );
    assert.equal(
      rlmt!.features,
      `{'prompt': Value('string'), 'chosen': ${messages}, 'rejected': ${messages}}`,
    );
    assert.deepEqual(Object.keys(rl!.first), [
      "data_source",
      "prompt",
      "ability",
      "reward_model",
      "extra_info",
    ]);
  }),
);

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((value) => value.isWellFormed() && value.trim() !== "" && !/[<>]/.test(value));

Deno.test(
  "text equals Python's apply_chat_template on 500 rows, for five tokenizers",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    for (const family of ["llama", "qwen2", "qwen3"] as const) {
      await makeBaseFolder(family, at(family));
    }
    for (const variant of ["think", "nothink"] as const) {
      const options = { model: at("llama"), out: at(variant), variant };
      await createPromptedModel(options, { context: quiet });
    }
    const texts = fc.sample(fc.tuple(text, text, text), { numRuns: 500, seed: 3 });
    const records = texts.map(([prompt, thought, response], index): TeacherRecord =>
      teacherRecord(`p${index}`, {
        messages: [{ role: "user", content: prompt }],
        thought,
        response,
      })
    );
    const path = await writeLines(at("t.jsonl"), records);
    const names = ["llama", "qwen2", "qwen3", "think", "nothink"];
    const tokenizer = names.map((name) => `${name}=${at(name)}`);
    const out = at("out");
    await buildSft({ in: path, out, tokenizer, twins: true }, { context: quiet });
    const folders = [
      ...["llama", "qwen2", "qwen3", "think"].map((name) => ["think", name]),
      ...["llama", "qwen2", "qwen3", "nothink"].map((name) => ["nothink", name]),
    ].map(([variant, name]) => ({
      folder: join(out, variant!, name!),
      configs: {},
      tokenizer: at(name!),
    }));
    const job = { folders, cache: at("cache") };
    const made = await runProgram<Loaded[]>(await python(), "load_datasets.py", job);
    for (const { rendered, unequal } of made) {
      assert.deepEqual(unequal, []);
      assert.ok(rendered! >= 490, `${rendered} rows`);
    }
  }),
);

interface Steps {
  default: { loss: number; moved: boolean; text: string; learnt: string; bos: number };
  prompt_completion: Steps["default"];
  dpo: { loss: number; moved: boolean; prompt: string; chosen: string; rejected: string };
}

Deno.test({
  ...unless(
    noTraining,
    "TRL's SFTTrainer and DPOTrainer take a step on the output, with a prompted model's tokenizer",
  ),
  fn: inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await makeBaseFolder("llama", at("llama"));
    await createPromptedModel({ model: at("llama"), out: at("model"), variant: "think" }, {
      context: quiet,
    });
    const ids = Array.from({ length: 4 }, (_, index) => `p${index}`);
    const teacher = await writeLines(at("t.jsonl"), ids.map((id) => teacherRecord(id)));
    const record = (id: string) => scoredRecord(id, scores, {}, "prompted-think");
    const scored = await writeLines(at("s.jsonl"), ids.map(record));
    await buildSft({ in: teacher, out: at("sft"), tokenizer: [at("model")] }, { context: quiet });
    await buildDpo({ in: scored, out: at("dpo"), tokenizer: at("model"), trainSplit: 1 }, {
      context: quiet,
    });
    const job = { tokenizer: at("model"), sft: at("sft"), dpo: at("dpo"), work: at("work") };
    const made = await runProgram<Steps>(await trainPython(), "train_steps.py", job);
    for (const step of Object.values(made)) {
      assert.ok(Number.isFinite(step.loss) && step.moved);
    }
    const reply = "<think> I think of p0. </think>\n<response> It is p0. </response><|eot_id|>";
    for (const step of [made.default, made.prompt_completion]) {
      assert.equal(step.bos, 1);
      assert.ok(step.text.endsWith(`User: <query> What is p0? </query>\nAssistant: ${reply}`));
    }
    assert.equal(made.prompt_completion.learnt, ` ${reply}`);
    assert.ok(made.dpo.prompt.endsWith("</query>\nAssistant:"));
    assert.match(
      made.dpo.chosen,
      /^ <think> Thought 1 of p\d\. <\/think>\n<response> Answer 1 to p\d\. <\/response><\|eot_id\|>$/,
    );
    assert.match(made.dpo.rejected, /Answer 3 to p\d\./);
  }),
});
