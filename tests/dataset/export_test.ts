/** Exports, read as the programs that they are for read them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { type ExportName, EXPORTS } from "../../lib/dataset/export/export_targets.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { checkTraining } from "../../lib/training/stage.ts";
import { unless } from "../installed.ts";
import { inFolder, quiet, scoredRecord, teacherRecord, writeLines } from "./records.ts";
import { CHATML, makeTokenizer } from "./tiny_tokenizer.ts";
import { toolRows, WEATHER } from "./tool_chats.ts";
import { noTraining, runProgram, trainPython } from "./train_python.ts";

type Row = Record<string, unknown>;

async function exported(out: string, name: string, split = "train"): Promise<Row[]> {
  const text = await Deno.readTextFile(join(out, "export", name, `${split}.jsonl`));
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** ChatML that reads thoughts from a key, and knows tools. */
const KEYED = "{% if tools %}{{ tools | tojson }}{% endif %}" + CHATML.replace(
  "{{ message.content }}",
  "{% if message.reasoning_content %}<think>\n{{ message.reasoning_content }}\n</think>\n\n{% endif %}" +
    "{{ message.content }}{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}",
);

const all = [...EXPORTS] as ExportName[];
const forChats = all.filter((name) => !["kto", "reward-model", "ranked"].includes(name));
const user = (content: string) => ({ role: "user", content });
const keyed = (thought: string, content: string) => (
  { role: "assistant", content, reasoning_content: thought }
);
const inline = (thought: string, content: string) => (
  { role: "assistant", content: `<think>\n${thought}\n</think>\n\n${content}` }
);

Deno.test(
  "Chats are exported with thoughts where each program looks for them",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template: KEYED });
    const path = await writeLines(join(folder, "teacher.jsonl"), [teacherRecord("a")]);
    const out = join(folder, "out");
    const reasoning = "reasoning_content" as const;
    await buildSft({ in: path, out, tokenizer: [tokenizer], reasoning, export: forChats }, {
      context: quiet,
    });
    const ask = user("What is a?"), thought = "I think of a.", answer = "It is a.";
    const rows: Record<string, Row> = {
      "trl": { prompt: [ask], completion: [keyed(thought, answer)] },
      "axolotl": { messages: [ask, keyed(thought, answer)] },
      "llama-factory": { messages: [ask, inline(thought, answer)] },
      "ms-swift": { messages: [ask, inline(thought, answer)] },
      "openrlhf": { messages: [ask, keyed(thought, answer)] },
    };
    for (const name of forChats) assert.deepEqual(await exported(out, name), [rows[name]], name);
    const config = await Deno.readTextFile(join(out, "export/axolotl/datasets.yaml"));
    assert.match(config, /content: content\n {4}reasoning_content: reasoning_content\n/);
    const trainers = ["trl", "axolotl", "llama-factory", "ms-swift"] as const;
    for (const trainer of trainers) {
      const file = join(out, "export", trainer, "train.jsonl");
      const { checks } = await checkTraining({ in: file, tokenizer, trainer: [trainer] }, {
        context: quiet,
      });
      assert.equal(checks.length, 1, trainer);
      const broken = checks.flatMap((check) => check.broken.map(({ rule }) => rule));
      assert.deepEqual(broken.filter((rule) => rule.includes("thought")), [], trainer);
    }
    await assert.rejects(
      buildSft({ in: path, out: `${out}2`, tokenizer: [tokenizer], export: ["kto"] }, {
        context: quiet,
      }),
      /--export kto: its rows are of pairs: give it to build-dpo/,
    );
  }),
);

Deno.test(
  "Pairs are exported as pairs, as single replies with labels, and as ranked lists",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const scored = [scoredRecord("a", [1, 3, null, 2]), scoredRecord("b", [0, -2, 1, 4])];
    const path = await writeLines(join(folder, "scored.jsonl"), scored);
    const out = join(folder, "out");
    const dpo = { in: path, tokenizer, minResponses: 2, trainSplit: 0.5, export: all };
    await buildDpo({ ...dpo, strategy: "top-k-pairs", pairs: 1, out }, { context: quiet });
    const side = (id: string, n: number) =>
      inline(`Thought ${n} of ${id}.`, `Answer ${n} to ${id}.`);
    const splits = ["train", "validation"];
    const ids = await Promise.all(splits.map(async (split) => {
      const [{ prompt }] = await exported(out, "trl", split) as [{ prompt: { content: string }[] }];
      return prompt[0]!.content.at(-2)!;
    }));
    assert.deepEqual([...ids].sort(), ["a", "b"]);
    const best = { a: 1, b: 3 }, worst = { a: 0, b: 1 }, margin = { a: 2, b: 6 };
    for (const [at, split] of splits.entries()) {
      const id = ids[at] as "a" | "b", prompt = [user(`What is ${id}?`)];
      const chosen = side(id, best[id]), rejected = side(id, worst[id]);
      const pair = { prompt, chosen: [chosen], rejected: [rejected] };
      const rows: Record<ExportName, Row[]> = {
        "trl": [pair],
        "axolotl": [{ messages: prompt, chosen, rejected }],
        "llama-factory": [{ messages: prompt, chosen, rejected }],
        "ms-swift": [{ messages: [...prompt, chosen], rejected_response: rejected.content }],
        "openrlhf": [pair],
        "kto": [
          { prompt, completion: [chosen], label: true },
          { prompt, completion: [rejected], label: false },
        ],
        "reward-model": [{
          chosen: [...prompt, chosen],
          rejected: [...prompt, rejected],
          margin: margin[id],
        }],
        "ranked": [{
          prompt,
          completions: (id === "a" ? [1, 3, 0] : [3, 2, 0, 1]).map((n) => [side(id, n)]),
          scores: id === "a" ? [3, 2, 1] : [4, 1, 0, -2],
        }],
      };
      for (const name of all) {
        assert.deepEqual(await exported(out, name, split), rows[name], `${name} ${split}`);
      }
    }
  }),
);

Deno.test(
  "Calls of tools are exported in each program's own way",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template: KEYED });
    const path = await writeLines(join(folder, "rows.jsonl"), toolRows.slice(0, 2));
    const out = join(folder, "out");
    const sft = { in: path, out, tokenizer: [tokenizer], export: forChats };
    await buildSft({ ...sft, reasoning: "reasoning_content" }, { context: quiet });
    const roles = async (name: string, key: string) =>
      (await exported(out, name)).map((row) => (row[key] as { role: string }[]).map((t) => t.role));
    const start = ["system", "user"];
    assert.deepEqual(await roles("llama-factory", "messages"), [
      ["user", "assistant"],
      [...start, "function_call", "observation", "function_call", "observation", "assistant"],
    ]);
    const call = ["assistant", "tool_call", "tool_response"];
    assert.deepEqual(await roles("ms-swift", "messages"), [
      ["user", "assistant"],
      [...start, ...call, ...call, "assistant"],
    ]);
    const [, factory] = await exported(out, "llama-factory") as {
      messages: Row[];
      tools: string;
    }[];
    assert.equal(
      factory!.messages[2]!.content,
      '<think>\nI look at Köln first.\n</think>\n\n{"name":"get_weather","arguments":{"city":"Köln","days":1}}',
    );
    assert.deepEqual(JSON.parse(factory!.tools), [WEATHER]);
    const info = JSON.parse(
      await Deno.readTextFile(join(out, "export/llama-factory/dataset_info.json")),
    ).thinkset_train;
    assert.equal(info.columns.tools, "tools");
    assert.equal(info.tags.function_tag, "function_call");
    const [, own] = await exported(out, "trl") as { prompt: Row[]; tools: unknown }[];
    assert.deepEqual([own!.tools, own!.prompt[2]!.reasoning_content], [
      [WEATHER],
      "I look at Köln first.",
    ]);
    // It renders without tools: rows that have some are not for it.
    assert.equal((await exported(out, "openrlhf")).length, 1);
  }),
);

Deno.test({
  ...unless(
    noTraining,
    "TRL takes what is exported for it: pairs, single replies, and rows of a reward model",
  ),
  fn: inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const scored = [scoredRecord("a", [1, 3, null, 2]), scoredRecord("b", [0, -2, 1, 4])];
    const path = await writeLines(join(folder, "scored.jsonl"), scored);
    const out = join(folder, "out");
    const dpo = { in: path, tokenizer, minResponses: 2, trainSplit: 1, export: all };
    await buildDpo({ ...dpo, out }, { context: quiet });
    const files = ["trl", "kto", "reward-model"].map((name) =>
      join(out, "export", name, "train.jsonl")
    );
    const job = { files, tokenizer };
    const made = await runProgram<Record<string, string>[][]>(
      await trainPython(),
      "trl_exports.py",
      job,
    );
    const [pairs, single, reward] = made;
    const turn = (n: number) => `<think>\nThought ${n} of a.\n</think>\n\nAnswer ${n} to a.`;
    const a = (rows: Record<string, string>[]) =>
      rows.filter((row) => Object.values(row).some((text) => String(text).includes("of a.")));
    const ask = "<|bos|><|im_start|>user\nWhat is a?<|im_end|>\n";
    const reply = (n: number) => `<|im_start|>assistant\n${turn(n)}<|im_end|>\n`;
    const prompt = `${ask}<|im_start|>assistant\n`, end = "<|im_end|>\n";
    assert.deepEqual(a(pairs!), [
      { prompt, chosen: turn(1) + end, rejected: turn(0) + end },
    ]);
    assert.deepEqual(a(single!).map(({ completion }) => completion), [
      turn(1) + end,
      turn(0) + end,
    ]);
    assert.deepEqual(a(reward!).map(({ chosen, rejected }) => [chosen, rejected]), [
      [ask + reply(1), ask + reply(0)],
    ]);
  }),
});
