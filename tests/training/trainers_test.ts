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
