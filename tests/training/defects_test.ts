/**
 * Eight defects that were planted, before every trainer: what each is called stands in
 * docs/trainers.md, which is held equal to what is measured here (THINKSET_WRITE=1 writes it).
 */
import { join } from "node:path";
import { checkTraining } from "../../lib/training/stage.ts";
import { TRAINER_NAMES } from "../../lib/training/trainers.ts";
import { inFolder, writeLines } from "../dataset/records.ts";
import { CHATML, DROPS_THOUGHT, makeTokenizer, OPENS_THOUGHT } from "../dataset/tiny_tokenizer.ts";
import { documentsTable } from "./documents_table.ts";

const THOUGHT = "I add two and two, and get four.";
const user = { role: "user", content: "What is 2 + 2?" };
const reply = (content: string, more = {}) => ({ role: "assistant", content, ...more });
const inline = reply(`<think>\n${THOUGHT}\n</think>\n\nIt is 4.`);
const chat = (turn: unknown) => ({ id: "a", messages: [user, turn] });
const pair = (chosen: string, rejected: string) => ({
  id: "a",
  prompt: [user],
  chosen: [reply(chosen)],
  rejected: [reply(rejected)],
});
const PLAIN = CHATML.replace("{{ bos_token }}", "");
/** The template opens a thought before every reply, and nothing closes it but the reply. */
const OPENED = PLAIN.replaceAll("<|im_start|>assistant\n", "<|im_start|>assistant\n<think>\n")
  .replace(
    "{{ message.role }}\n",
    "{{ message.role }}\n{% if message.role == 'assistant' %}<think>\n{% endif %}",
  );

/** A template, a row of messages (for TRL, prompt and completion), and a length. */
const DEFECTS: [what: string, template: string, row: Record<string, unknown>, length?: number][] = [
  ["none", PLAIN, chat(inline)],
  ["the template drops thoughts", DROPS_THOUGHT.replace("{{ bos_token }}", ""), chat(inline)],
  [
    "the thought in a key that nothing renders",
    PLAIN,
    chat(reply("It is 4.", { reasoning: THOUGHT })),
  ],
  ["no EOS after the reply", PLAIN.replace("<|im_end|>", ""), chat(inline)],
  ["two BOS", `{{ bos_token }}${CHATML}`, chat(inline)],
  ["a length that cuts the answer", PLAIN, chat(inline), 89],
  [
    "a nothink row closes an opened thought",
    OPENED.replace("{{ message.content }}", "</think>{{ message.content }}"),
    chat(reply("It is 4.")),
  ],
  [
    "sides equal after the cut",
    PLAIN,
    pair("It is 4, and that is all of it.", "It is 4, and that is not."),
    50,
  ],
  ["the prompt is no prefix", OPENS_THOUGHT.replace("{{ bos_token }}", ""), chat(inline)],
];

Deno.test(
  "planted defects are found by name for every trainer, as docs/trainers.md has them",
  inFolder(async (folder) => {
    const rows: string[][] = [];
    for (const [index, [what, template, row, maxLength]] of DEFECTS.entries()) {
      const tokenizer = await makeTokenizer(join(folder, String(index)), { template });
      const cells = [what];
      for (const trainer of TRAINER_NAMES) {
        const { messages, ...rest } = row;
        const turns = messages as unknown[] | undefined;
        const asked = trainer === "trl" && turns !== undefined
          ? { ...rest, prompt: turns.slice(0, 1), completion: turns.slice(1) }
          : row;
        const file = await writeLines(join(folder, `${index}-${trainer}.jsonl`), [asked]);
        const own = trainer === "llama-factory" || trainer === "ms-swift";
        const { checks: [check] } = await checkTraining({
          in: file,
          tokenizer,
          trainer: [trainer],
          maxLength,
          set: own ? ["template=qwen3"] : [],
        }, { context: { log: () => {} } });
        const found = check!.broken.map(({ rule }) => `\`${rule}\``).join(", ");
        cells.push(found === "" ? "nothing" : found);
      }
      rows.push(cells);
    }
    documentsTable("defects", [["defect", ...TRAINER_NAMES], ...rows]);
  }),
);
