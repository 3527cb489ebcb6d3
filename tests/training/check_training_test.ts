import assert from "node:assert/strict";
import { join } from "node:path";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { readTrainingFile } from "../../lib/io/records/training_file.ts";
import { report, verify } from "../../lib/stages.ts";
import { checkTraining } from "../../lib/training/stage.ts";
import { CheckTrainingOptions } from "../../lib/training/training_options.ts";
import { runTask } from "../cli.ts";
import { inFolder, teacherRecord, writeLines } from "../dataset/records.ts";
import {
  CHATML,
  DOUBLES_THOUGHT,
  DROPS_THOUGHT,
  makeTokenizer,
  OPENS_THOUGHT,
} from "../dataset/tiny_tokenizer.ts";

const quiet = { log: () => {} };
const THOUGHT = "I add two and two, and get four.";
const user = { role: "user", content: "What is 2 + 2?" };
const inline = { role: "assistant", content: `<think>\n${THOUGHT}\n</think>\n\nIt is 4.` };
const thinks = { id: "a", prompt: [user], completion: [inline] };
const answers = {
  id: "a",
  prompt: [user],
  completion: [{ role: "assistant", content: "It is 4." }],
};
const pair = (chosen: string, rejected: string) => ({
  id: "a",
  prompt: [user],
  chosen: [{ role: "assistant", content: chosen }],
  rejected: [{ role: "assistant", content: rejected }],
});

/** The rules that a row breaks under a template. */
async function broken(
  folder: string,
  template: string,
  row: unknown,
  options: Partial<CheckTrainingOptions> = {},
): Promise<string[]> {
  const name = String(Math.random());
  const tokenizer = await makeTokenizer(join(folder, name), { template });
  const file = await writeLines(join(folder, `${name}.jsonl`), [row]);
  const { checks } = await checkTraining({ in: file, tokenizer, ...options }, { context: quiet });
  return checks.flatMap((check) => check.broken.map(({ rule }) => rule));
}

Deno.test(
  "a clean set passes, with thoughts and without, for SFT and DPO",
  inFolder(async (folder) => {
    const longer = pair(`<think>\n${THOUGHT}\n</think>\n\n4`, `<think>\nFive?\n</think>\n\n5`);
    for (const row of [thinks, answers, longer]) {
      assert.deepEqual(await broken(folder, CHATML, row), []);
    }
  }),
);

/** ChatML that reads a thought from a key, as Qwen's templates do. */
const KEYED = CHATML.replace(
  "{{ message.content }}",
  "{% if message.reasoning_content %}<think>\n{{ message.reasoning_content }}\n</think>\n\n{% endif %}" +
    "{{ message.content }}",
);
const keyed = (key: string) => ({
  id: "a",
  prompt: [user],
  completion: [{ role: "assistant", content: "It is 4.", [key]: THOUGHT }],
});
/** The generation prompt opens a thought, and whole chats hold it too. */
const OPENED = CHATML.replace(
  "<|im_start|>{{ message.role }}\n",
  "<|im_start|>{{ message.role }}\n{% if message.role == 'assistant' %}<think>\n{% endif %}",
).replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}");

for (
  const [what, template, row, rule, options] of [
    ["a template that drops thoughts", DROPS_THOUGHT, thinks, "thought_not_learnt", {}],
    ["a template that doubles thoughts", DOUBLES_THOUGHT, thinks, "thought_twice", {}],
    ["a key that no template renders", CHATML, keyed("reasoning"), "wrong_key", {}],
    ["a key that only the newest transformers copies", KEYED, keyed("reasoning"), "wrong_key", {}],
    ["a missing EOS", CHATML.replace("<|im_end|>", ""), thinks, "end_missing", {}],
    ["two BOS", `{{ bos_token }}${CHATML}`, thinks, "two_bos", {}],
    ["a length that cuts the answer", CHATML, thinks, "answer_cut", { maxLength: 90 }],
    ["a length that cuts the thought", CHATML, thinks, "thought_cut", { maxLength: 70 }],
    ["a length that leaves nothing", CHATML, thinks, "nothing_learnt", { maxLength: 10 }],
    [
      "a nothink row that closes a thought",
      OPENED.replace("{{ message.content }}", "</think>{{ message.content }}"),
      answers,
      "closes_thought",
      {},
    ],
    ["a nothink row in an open thought", OPENED, answers, "inside_thought", {}],
    [
      "a nothink row that teaches an empty thought",
      CHATML.replace(
        "{{ message.content }}",
        "{% if message.role == 'assistant' %}<think>\n\n</think>\n\n{% endif %}{{ message.content }}",
      ),
      answers,
      "empty_thought",
      {},
    ],
    ["sides that are equal", CHATML, pair("It is 4.", "It is 4."), "sides_equal", {}],
    [
      "sides that are equal after the cut",
      CHATML,
      pair("It is 4, and that is all.", "It is 4, and that is not all."),
      "sides_equal_cut",
      { maxLength: 54 },
    ],
    [
      "sides that differ in form alone",
      CHATML,
      pair("It is  4.", "It is 4.\n"),
      "sides_differ_in_form",
      {},
    ],
    ["a prompt that is no prefix", OPENS_THOUGHT, thinks, "prompt_not_prefix", {}],
    [
      "prompt tokens that are learnt",
      CHATML,
      { id: "a", messages: [user, inline] },
      "prompt_learnt",
      {},
    ],
    ["a template that refuses", "{{ raise_exception('no') }}", thinks, "template_refuses", {}],
  ] as const
) {
  Deno.test(
    `${what} is found by name, and can be allowed`,
    inFolder(async (folder) => {
      const found = await broken(folder, template, row, options);
      assert.ok(found.includes(rule), `found ${found.join(", ") || "nothing"}`);
    }),
  );
}

Deno.test(
  "assistant_only_loss learns what {% generation %} encloses",
  inFolder(async (folder) => {
    const template = CHATML.replace(
      "{{ message.content }}<|im_end|>\n",
      "{% if message.role == 'assistant' %}{% generation %}{{ message.content }}<|im_end|>" +
        "{% endgeneration %}{% else %}{{ message.content }}<|im_end|>{% endif %}{{ '\n' }}",
    );
    const row = { id: "a", messages: [user, inline, user, inline] };
    assert.deepEqual(await broken(folder, template, row, { assistantOnlyLoss: true }), []);
    const without = template.replace(
      /<\|im_end\|>\{% endgeneration %\}/,
      "{% endgeneration %}<|im_end|>",
    );
    const found = await broken(folder, without, row, { assistantOnlyLoss: true });
    assert.deepEqual(found, ["end_not_learnt"]);
  }),
);

Deno.test(
  "what was found is kept beside the dataset, for its report and its card, until it is built anew",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template: DROPS_THOUGHT });
    const builder = await makeTokenizer(join(folder, "builder"));
    const records = await writeLines(join(folder, "records.jsonl"), [
      teacherRecord("a", { thought: THOUGHT }),
    ]);
    const out = join(folder, "sft");
    const build = (overwrite: boolean) =>
      buildSft({ in: records, out, variant: "think", tokenizer: [builder], overwrite }, {
        context: quiet,
      });
    await build(false);
    await checkTraining({ in: out, tokenizer, save: true }, { context: quiet });
    const [section] = await readTrainingFile(out);
    assert.deepEqual(section!.table[1]!.slice(0, 5), ["trl 1.16", "1", "1,024", "1", "0"]);
    assert.match(section!.lines[0]!, /^trl: thought_not_learnt, 1 rows/);
    assert.equal((await verify({ in: [out] }, { context: quiet })).ok, true);
    const page = join(folder, "report.html");
    await report({ in: [out], out: page }, { context: quiet });
    assert.match(await Deno.readTextFile(page), /What trainers learn/);
    await writeLines(records, [teacherRecord("b", { thought: THOUGHT })]);
    await build(true);
    assert.deepEqual(await readTrainingFile(out), []);
  }),
);

Deno.test(
  "the command ends with 1 on a broken rule and names it and the row; an allowed one passes",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template: DROPS_THOUGHT });
    const file = await writeLines(join(folder, "rows.jsonl"), [thinks]);
    const flags = ["--in", file, "--tokenizer", tokenizer, "--trainer", "trl"];
    const failed = await runTask("check-training", [...flags, "--show", "a"]);
    assert.equal(failed.code, 1, failed.stderr);
    assert.match(failed.stdout, /FAIL thought_not_learnt: 1 of 1 rows/);
    assert.match(failed.stdout, /thoughts in the data 1, in the loss 0/);
    assert.match(failed.stdout, / learnt "I"/);
    const allowed = await runTask("check-training", [...flags, "--allow", "thought_not_learnt"]);
    assert.equal(allowed.code, 0, allowed.stdout + allowed.stderr);
    const misspelt = await runTask("check-training", [...flags, "--allow", "thought_lost"]);
    assert.equal(misspelt.code, 2);
  }),
);
