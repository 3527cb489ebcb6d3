import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { checkTraining } from "../../lib/training/stage.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { inFolder, scoredRecord, teacherRecord, writeLines } from "./records.ts";
import { CHATML, makeTokenizer } from "./tiny_tokenizer.ts";

const quiet = { log: () => {} };

/** Reads a thought from a key alone, and has a switch, as later Qwen's templates do. */
const keyed = (key: string) =>
  CHATML.replace(
    "{{ message.content }}",
    `{% if message.role == 'assistant' %}<think>\n{{ (message.${key} or '') | trim }}\n</think>\n\n{% endif %}` +
      "{{ message.content }}",
  ).replace(
    "assistant\n{% endif %}",
    "assistant\n<think>\n{% if enable_thinking is defined and not enable_thinking %}{{ '\n</think>\n\n' }}{% endif %}{% endif %}",
  );
/** Knows a key and no tags, as harmony. */
const HARMONY = CHATML.replace(
  "{{ message.content }}",
  "{% if message.thinking %}<analysis>{{ message.thinking }}</analysis>{% endif %}{{ message.content }}",
);

async function rowsOf(path: string): Promise<Record<string, unknown>[]> {
  const rows = [];
  for await (const { row } of readRows(path, { split: "all" })) rows.push(row);
  return rows as Record<string, unknown>[];
}

for (
  const [name, template, place] of [
    ["reasoning_content", keyed("reasoning_content"), "reasoning_content"],
    ["thinking", HARMONY, "thinking"],
    ["tags", CHATML, "inline"],
  ] as const
) {
  Deno.test(
    `auto puts the thought where the template reads it (${name}), for SFT and DPO, and all is learnt`,
    inFolder(async (folder) => {
      const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template });
      const path = await writeLines(join(folder, "t.jsonl"), [teacherRecord("a")]);
      const scored = await writeLines(join(folder, "s.jsonl"), [scoredRecord("a", [1, 2, 3, 4])]);
      const sft = join(folder, "sft"), dpo = join(folder, "dpo");
      await buildSft(
        { in: path, out: sft, tokenizer: [`t=${tokenizer}`], reasoning: "auto" },
        { context: quiet },
      );
      await buildDpo({ in: scored, out: dpo, tokenizer, reasoning: "auto", trainSplit: 1 }, {
        context: quiet,
      });
      const [row] = await rowsOf(sft);
      const [, turn] = row!.messages as Record<string, unknown>[];
      assert.equal(
        turn![place === "inline" ? "content" : place],
        place === "inline" ? "<think>\nI think of a.\n</think>\n\nIt is a." : "I think of a.",
      );
      for (const dataset of [sft, dpo]) {
        const { checks } = await checkTraining({ in: dataset, tokenizer }, { context: quiet });
        assert.deepEqual(checks[0]!.broken, []);
        assert.equal(checks[0]!.thoughts.learnt, dataset === sft ? 1 : 2);
      }
    }),
  );
}

Deno.test(
  "a template that would learn tags as text is refused with the way out (14)",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template: HARMONY });
    const path = await writeLines(join(folder, "t.jsonl"), [teacherRecord("a")]);
    const options = { in: path, out: join(folder, "out"), tokenizer: [`t=${tokenizer}`] };
    await assert.rejects(buildSft(options, { context: quiet }), {
      name: "InputError",
      message: /--reasoning inline: .* of t .*--reasoning thinking/,
    });
    await assert.rejects(
      buildSft({ ...options, reasoning: "reasoning_content" }, { context: quiet }),
      {
        message: /--reasoning thinking/,
      },
    );
    const none = CHATML.replace("{{ message.content }}", "{{ message.content | length }}");
    const deaf = await makeTokenizer(join(folder, "deaf"), { template: none });
    const other = { ...options, tokenizer: [`deaf=${deaf}`], reasoning: "auto" as const };
    await assert.rejects(buildSft(other, { context: quiet }), {
      message: /--reasoning auto: .* of deaf .*none/,
    });
  }),
);

Deno.test(
  "nothink rows are rendered with the template's switch off, and teach no thought (14)",
  inFolder(async (folder) => {
    const template = keyed("reasoning_content");
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template });
    const path = await writeLines(join(folder, "t.jsonl"), [teacherRecord("a")]);
    const out = join(folder, "out");
    await buildSft({ in: path, out, variant: "nothink", tokenizer: [`t=${tokenizer}`] }, {
      context: quiet,
    });
    const [row] = await rowsOf(out);
    assert.deepEqual(row!.chat_template_kwargs, { enable_thinking: false });
    assert.equal(row!.enable_thinking, false);
    assert.deepEqual(row!.messages, [
      { role: "user", content: "What is a?" },
      { role: "assistant", content: "It is a." },
    ]);
    const { checks } = await checkTraining({ in: out, tokenizer }, { context: quiet });
    assert.deepEqual(checks[0]!.broken, []);
  }),
);

const turn = (of: string) => ({
  role: "assistant" as const,
  content: `<think>\nThought of ${of}.\n</think>\n\nAnswer ${of}.`,
});
const ask = (of: string) => ({ role: "user" as const, content: `Ask ${of}?` });

Deno.test(
  "thoughts of earlier turns are kept, left out, or make rows of their own",
  inFolder(async (folder) => {
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const messages = [ask("one"), turn("one"), ask("two"), turn("two"), ask("three")];
    const path = await writeLines(join(folder, "t.jsonl"), [teacherRecord("a", { messages })]);
    const made = async (historyThoughts: "keep" | "drop" | "last" | "split") => {
      const out = join(folder, historyThoughts);
      await buildSft({ in: path, out, tokenizer, historyThoughts }, { context: quiet });
      const rows = await rowsOf(out);
      return rows.map(({ messages }) =>
        (messages as { content: string }[]).map(({ content }) => content.includes("<think>"))
      );
    };
    assert.deepEqual(await made("keep"), [[false, true, false, true, false, true]]);
    assert.deepEqual(await made("drop"), [[false, false, false, false, false, true]]);
    assert.deepEqual(await made("last"), [[false, false, false, false, false, true]]);
    assert.deepEqual(await made("split"), [
      [false, true],
      [false, false, false, true],
      [false, false, false, false, false, true],
    ]);
  }),
);
