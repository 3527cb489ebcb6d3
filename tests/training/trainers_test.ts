import assert from "node:assert/strict";
import { join } from "node:path";
import { checkTraining } from "../../lib/training/stage.ts";
import type { TrainingCheck } from "../../lib/training/summary.ts";
import type { CheckTrainingOptions } from "../../lib/training/training_options.ts";
import { inFolder, writeLines } from "../dataset/records.ts";
import { CHATML, makeTokenizer } from "../dataset/tiny_tokenizer.ts";

const quiet = { log: () => {} };
const user = { role: "user", content: "What is 2 + 2?" };
const thinks = {
  role: "assistant",
  content: "<think>\nI add two and two, and get four.\n</think>\n\nIt is 4.",
};
const row = { id: "a", messages: [user, thinks, user, thinks] };

async function check(
  folder: string,
  template: string,
  rows: unknown[],
  options: Partial<CheckTrainingOptions>,
): Promise<TrainingCheck> {
  const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template });
  const file = await writeLines(join(folder, "rows.jsonl"), rows);
  const { checks } = await checkTraining({ in: file, tokenizer, ...options }, { context: quiet });
  return checks[0]!;
}

const rulesOf = ({ broken }: TrainingCheck) => broken.map(({ rule }) => rule);

/** Drops the thoughts of all turns but the last, as Qwen3's template does. */
const LAST_ALONE = CHATML.replace(
  "{{ message.content }}",
  "{% if message.role == 'assistant' and not loop.last %}{{ message.content.split('</think>')[-1] | trim }}" +
    "{% else %}{{ message.content }}{% endif %}",
);
/** Keeps a thought only where a user's turn came before, which a turn alone has not. */
const NEEDS_USER = CHATML.replace(
  "{{ message.content }}",
  "{% if message.role == 'assistant' and loop.first %}{{ message.content.split('</think>')[-1] | trim }}" +
    "{% else %}{{ message.content }}{% endif %}",
).replace("{{ bos_token }}", "");

Deno.test(
  "verl learns every assistant turn of a template whose turns stand by themselves",
  inFolder(async (folder) => {
    const template = CHATML.replace("{{ bos_token }}", "");
    const checked = await check(folder, template, [row], { trainer: ["verl"] });
    assert.deepEqual(rulesOf(checked), []);
    assert.deepEqual(checked.thoughts, { data: 2, learnt: 2 });
  }),
);

Deno.test(
  "verl ends at rows whose turns one by one are not the whole, and at rows that are too long",
  inFolder(async (folder) => {
    const trainer: ["verl"] = ["verl"];
    assert.ok(
      rulesOf(await check(folder, NEEDS_USER, [row], { trainer })).includes("trainer_refuses"),
    );
    const plain = CHATML.replace("{{ bos_token }}", "");
    const long = await check(folder, plain, [row], { trainer, maxLength: 50 });
    assert.deepEqual(rulesOf(long), ["trainer_refuses"]);
  }),
);

Deno.test(
  "axolotl learns the words of every assistant turn and its end; what the template drops is found",
  inFolder(async (folder) => {
    const trainer: ["axolotl"] = ["axolotl"];
    const clean = await check(folder, CHATML, [row], { trainer });
    assert.deepEqual(rulesOf(clean), []);
    assert.deepEqual([clean.thoughts.learnt, clean.tokens.end, clean.tokens.prompt], [2, 2, 0]);
    const dropped = await check(folder, LAST_ALONE, [row], { trainer });
    assert.deepEqual(rulesOf(dropped), ["thought_not_learnt"]);
    assert.deepEqual(dropped.thoughts, { data: 2, learnt: 1 });
    const long = await check(folder, CHATML, [row], { trainer, maxLength: 50 });
    assert.deepEqual(rulesOf(long), ["nothing_learnt"]);
  }),
);

/** A chat whose turns are learnt without a thought. */
const answers = { id: "a", messages: [user, { role: "assistant", content: "It is 4." }] };
const PLAIN = CHATML.replace("{{ bos_token }}", "");

Deno.test(
  "LLaMA-Factory's reasoning templates teach an empty thought, unless thinking is set off",
  inFolder(async (folder) => {
    const trainer: ["llama-factory"] = ["llama-factory"];
    const set = ["template=qwen3"];
    const clean = await check(folder, PLAIN, [row], { trainer, set });
    assert.deepEqual([rulesOf(clean), clean.template], [[], "qwen3"]);
    assert.deepEqual(clean.thoughts, { data: 2, learnt: 2 });
    const empty = await check(folder, PLAIN, [answers], { trainer, set });
    assert.deepEqual(rulesOf(empty), ["empty_thought"]);
    const off = await check(folder, PLAIN, [answers], {
      trainer,
      set: [...set, "enable_thinking=false"],
    });
    assert.deepEqual(rulesOf(off), []);
    const history = await check(folder, PLAIN, [row], { trainer, set: [...set, "mask_history=1"] });
    assert.deepEqual(rulesOf(history), ["thought_not_learnt", "answer_not_learnt"]);
  }),
);

Deno.test(
  "LLaMA-Factory reads no keys beside the content, and cuts prompts and replies both",
  inFolder(async (folder) => {
    const trainer: ["llama-factory"] = ["llama-factory"];
    const keyed = { role: "assistant", content: "It is 4.", reasoning_content: "Two and two." };
    const lost = await check(folder, PLAIN, [{ messages: [user, keyed] }], { trainer });
    assert.deepEqual(rulesOf(lost), ["wrong_key"]);
    assert.equal(lost.template, "read out of the tokenizer's");
    const cut = await check(folder, PLAIN, [answers], { trainer, maxLength: 40 });
    assert.deepEqual(rulesOf(cut), ["prompt_cut"]);
    assert.equal(cut.tokens.all, 40);
    const longer = { messages: [user, { role: "assistant", content: "It is 4. ".repeat(20) }] };
    const both = await check(folder, PLAIN, [longer], { trainer, maxLength: 40 });
    assert.deepEqual(rulesOf(both), ["answer_cut", "prompt_cut"]);
  }),
);

Deno.test(
  "a setting that no trainer has, or of another kind, ends the check and is named",
  inFolder(async (folder) => {
    const trainer: ["trl", "llama-factory"] = ["trl", "llama-factory"];
    const refused = (set: string[]) => check(folder, PLAIN, [answers], { trainer, set });
    await assert.rejects(
      refused(["templat=qwen3"]),
      /--set templat: no such setting \(trl: none; /,
    );
    await assert.rejects(refused(["template=qwen9"]), /--set template=qwen9: .*llama-factory/);
    await assert.rejects(refused(["template=llama3"]), /<\|eot_id\|>, which is no token/);
  }),
);

Deno.test(
  "ms-swift masks the empty thought that it puts before a reply, and drops rows that are too long",
  inFolder(async (folder) => {
    const trainer: ["ms-swift"] = ["ms-swift"];
    const set = ["template=qwen3"];
    const clean = await check(folder, PLAIN, [row], { trainer, set });
    assert.deepEqual([rulesOf(clean), clean.maxLength], [[], null]);
    assert.deepEqual(clean.thoughts, { data: 2, learnt: 2 });
    assert.deepEqual(rulesOf(await check(folder, PLAIN, [answers], { trainer, set })), []);
    const learnt = await check(folder, PLAIN, [answers], {
      trainer,
      set: [...set, "disable_ignore_empty_think=true"],
    });
    assert.deepEqual(rulesOf(learnt), ["empty_thought"]);
    const long = await check(folder, PLAIN, [row], { trainer, set, maxLength: 50 });
    assert.deepEqual(rulesOf(long), ["nothing_learnt"]);
    const left = [...set, "truncation_strategy=left"];
    const cut = await check(folder, PLAIN, [row], { trainer, set: left, maxLength: 50 });
    assert.ok(rulesOf(cut).includes("prompt_cut"));
  }),
);

Deno.test(
  "ms-swift drops the thoughts of earlier turns where the last round alone is learnt",
  inFolder(async (folder) => {
    const trainer: ["ms-swift"] = ["ms-swift"];
    const set = ["template=qwen3", "loss_scale=last_round"];
    const dropped = await check(folder, PLAIN, [row], { trainer, set });
    assert.deepEqual(rulesOf(dropped), ["thought_not_learnt", "answer_not_learnt"]);
    assert.deepEqual(dropped.thoughts, { data: 2, learnt: 1 });
    const template = "{% for message in messages %}{{ message.content }}{% endfor %}";
    await assert.rejects(
      check(folder, template, [row], { trainer }),
      /name one, as --set template=/,
    );
  }),
);

Deno.test(
  "pairs are read as the exports for LLaMA-Factory and ms-swift have them",
  inFolder(async (folder) => {
    const reply = (content: string) => ({ role: "assistant", content });
    const set = ["template=qwen3_5"];
    const sides = { chosen: reply("It is 4."), rejected: reply("It is 4.") };
    const one = { id: "a", messages: [user], ...sides };
    const two = { id: "a", messages: [user, reply("It is 4.")], rejected_response: "It is 4." };
    for (const [trainer, row] of [["llama-factory", one], ["ms-swift", two]] as const) {
      const checked = await check(folder, PLAIN, [row], { trainer: [trainer], set });
      assert.equal(checked.sequences, 2);
      assert.ok(rulesOf(checked).includes("sides_equal"));
    }
  }),
);
