/** Tools, calls of tools and several thoughts, from rows to datasets. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildRl } from "../../lib/dataset/rl/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { loadChatTemplate } from "../../lib/reply/chat_template.ts";
import { type BaseFamily, makeBaseFolder } from "../base_folders.ts";
import { python } from "../python.ts";
import { inFolder, quiet, rejectsOf, scoredRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";
import { toolPrompt, toolRows, WEATHER } from "./tool_chats.ts";
import { runProgram } from "./train_python.ts";

interface Rendered {
  id: string;
  text: string | null;
  texts: string[];
  tools: unknown[] | null;
}

/** Templates over tokenizers that are at hand: only texts are compared. */
const FAMILIES: Record<string, BaseFamily> = {
  llama3_1: "llama",
  qwen2_5: "qwen2",
  qwen3: "qwen3",
  gptoss: "llama",
};

async function makeFolder(family: string, dir: string): Promise<string> {
  await makeBaseFolder(FAMILIES[family]!, dir);
  const template = new URL(`../fixtures/templates/${family}.jinja`, import.meta.url);
  await Deno.copyFile(template, join(dir, "chat_template.jinja"));
  return dir;
}

/** The template of gpt-oss writes today's date, where builders write one that stays. */
const undated = (text: string) => text.replace(/Current date: [\d-]+/, "Current date: D");

const scores = [3, -2];
Deno.test(
  "Tools, their calls and a thought a turn are rendered as transformers renders them, in SFT and DPO",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const rows = await writeLines(at("rows.jsonl"), toolRows);
    const records = await Array.fromAsync(readPrompts(rows));
    assert.deepEqual(records.map(({ tools }) => tools?.length ?? 0), [0, 1, 1]);
    const scored = await writeLines(
      at("scored.jsonl"),
      records.slice(0, 2).map(({ id, messages, tools }) =>
        scoredRecord(id, scores, { prompt: messages, ...(tools && { tools }) })
      ),
    );
    const folders: Record<string, string>[] = [];
    const sides: string[][] = [];
    for (const family of Object.keys(FAMILIES)) {
      const tokenizer = await makeFolder(family, at(family));
      const reasoning = "auto", historyThoughts = "last";
      const common = { reasoning, historyThoughts } as const;
      await buildSft(
        { ...common, in: rows, tokenizer: [tokenizer], out: at(`${family}-sft`) },
        { context: quiet },
      );
      const dpo = { in: scored, tokenizer, minResponses: 2, trainSplit: 1 };
      await buildDpo({ ...common, ...dpo, out: at(`${family}-dpo`) }, { context: quiet });
      const configs = family === "qwen3" ? ["default", "prompt_completion"] : ["default"];
      for (const config of configs) {
        folders.push({ folder: at(`${family}-sft`), kind: "sft", tokenizer, config });
      }
      folders.push({ folder: at(`${family}-dpo`), kind: "dpo", tokenizer, config: "default" });
      const template = await loadChatTemplate(tokenizer);
      for await (const { row } of readRows(at(`${family}-dpo`))) {
        // deno-lint-ignore no-explicit-any -- a row of any dataset
        const { prompt, chosen, rejected, tools, chat_template_kwargs } = row as any;
        const variables = chat_template_kwargs ?? {};
        sides.push([chosen, rejected].map((side) =>
          template.render([...prompt, ...side], {
            addGenerationPrompt: false,
            variables,
            tools: tools ?? undefined,
          })
        ));
      }
    }
    const made = await runProgram<Rendered[][]>(await python(), "render_tools.py", {
      folders,
      cache: at("cache"),
    });
    for (const [index, { folder, kind, config }] of folders.entries()) {
      const name = `${folder} ${config}`;
      assert.ok(made[index]!.length >= 2, name);
      for (const row of made[index]!) {
        const rendered = row.texts.map(undated);
        assert.deepEqual(row.tools, row.id === "plain" ? null : [WEATHER], name);
        assert.equal(rendered[0]!.includes("get_weather"), row.id !== "plain", name);
        if (kind === "dpo") assert.deepEqual(rendered, sides.shift()!.map(undated), name);
        if (config === "default" && kind === "sft") assert.equal(rendered[0], undated(row.text!));
      }
    }
    assert.equal(sides.length, 0);
    const rejects = async (family: string) => await rejectsOf(at(`${family}-sft`));
    // Llama's template writes a turn's calls alone; gpt-oss's drops their thoughts once all is said.
    assert.deepEqual(await rejects("llama3_1"), ["calls: template_drops_thought"]);
    assert.deepEqual(await rejects("gptoss"), ["answered: prompt_not_prefix"]);
    assert.deepEqual([await rejects("qwen2_5"), await rejects("qwen3")], [[], []]);
  }),
);

Deno.test(
  "Twins hold turns that call tools and say nothing beside their thought",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const template = await Deno.readTextFile("tests/fixtures/templates/qwen3.jinja");
    const tokenizer = [await makeTokenizer(at("tokenizer"), { template })];
    const rows = await writeLines(at("rows.jsonl"), toolRows), out = at("twins");
    const historyThoughts = "split";
    const { manifest } = await buildSft(
      { in: rows, tokenizer, twins: true, historyThoughts, out },
      { context: quiet },
    );
    const { twins, datasets } = manifest.extra as {
      twins: { equal: boolean };
      datasets: { rows: number }[];
    };
    assert.ok(twins.equal);
    assert.deepEqual(datasets.map(({ rows }) => rows), [5, 5]);
  }),
);

Deno.test(
  "Turns of rows keep calls, results and thoughts; what cannot be read is told with its place",
  inFolder(async (folder) => {
    const read = async (row: unknown) => {
      const file = await writeLines(join(folder, "rows.jsonl"), [row]);
      return (await Array.fromAsync(readPrompts(file)))[0]!;
    };
    const { messages, tools } = await read(toolRows[1]);
    assert.deepEqual(tools, [WEATHER]);
    const call = (id: string, city: string) => [{
      id,
      type: "function",
      function: { name: "get_weather", arguments: { city, days: 1 } },
    }];
    assert.deepEqual(messages.slice(2), [
      {
        role: "assistant",
        content: "<think>\nI look at Köln first.\n</think>\n\n",
        tool_calls: call("call_1", "Köln"),
      },
      { role: "tool", content: '{"celsius": 21.5}', tool_call_id: "call_1", name: "get_weather" },
      {
        role: "assistant",
        content: "<think>\nNow the other one.\n</think>\n\n",
        tool_calls: call("call_2", "北京"),
      },
      { role: "tool", content: '{"celsius": 30}', tool_call_id: "call_2", name: "get_weather" },
    ]);
    // Struct columns of Parquet have every field in each turn.
    const padded = toolPrompt.map((turn) => ({ tool_calls: null, name: null, ...turn }));
    assert.deepEqual((await read({ messages: padded })).messages, messages);
    const other = await read({ messages: toolPrompt, tools: [] });
    const same = await read({ messages: toolPrompt });
    assert.equal(other.id, same.id);
    assert.notEqual((await read({ messages: toolPrompt, tools: [WEATHER] })).id, same.id);
    const broken = { role: "assistant", content: "", tool_calls: [{ function: { name: "f" } }] };
    const user = { role: "user", content: "Hi" };
    assert.equal((await read({ messages: [user, broken, user] })).messages.length, 3);
    broken.tool_calls[0]!.function = { name: "f", arguments: "{" } as never;
    await assert.rejects(
      read({ messages: [user, broken, user] }),
      /rows.jsonl:1: messages\[1\].tool_calls: arguments: must be JSON, not "\{"/,
    );
    await assert.rejects(read({ prompt: "Hi", tools: "x" }), /rows.jsonl:1: tools: must be JSON/);
  }),
);

Deno.test(
  "A template that knows nothing of tools, and rows for RL, reject such prompts and take the others",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const rows = await writeLines(at("rows.jsonl"), toolRows);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const sft = await buildSft({ in: rows, tokenizer: [tokenizer], out: at("sft") }, {
      context: quiet,
    });
    assert.deepEqual(await rejectsOf(at("sft")), [
      "answered: template_error",
      "calls: template_error",
    ]);
    assert.equal(sft.manifest.counts.kept, 1);
    const records = await Array.fromAsync(readPrompts(rows));
    const scored = await writeLines(
      at("scored.jsonl"),
      records.map(({ id, messages, tools }) =>
        scoredRecord(id, [1, 0], { prompt: messages, tools })
      ),
    );
    const dpo = { in: scored, tokenizer, minResponses: 2, trainSplit: 1 };
    await buildDpo({ ...dpo, out: at("dpo") }, { context: quiet });
    assert.deepEqual(await rejectsOf(at("dpo")), [
      "answered: template_error",
      "calls: template_error",
    ]);
    await buildRl({ prompts: rows, out: at("rl") }, { context: quiet });
    assert.deepEqual(await rejectsOf(at("rl")), [
      "answered: tools_not_taken",
      "calls: tools_not_taken",
    ]);
  }),
);

Deno.test(
  "Every reply of a prompt with tools is published with the prompt's calls",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const rows = await writeLines(at("rows.jsonl"), toolRows.slice(0, 2));
    const records = await Array.fromAsync(readPrompts(rows));
    const replies = records.map(({ id, messages, tools }) =>
      scoredRecord(id, [1, 0], { prompt: messages, tools })
    );
    const scored = await writeLines(at("scored.jsonl"), replies);
    const tokenizer = await makeFolder("qwen3", at("qwen3"));
    const dpo = {
      in: scored,
      tokenizer,
      minResponses: 2,
      withAllResponses: true,
      saveToDisk: true,
    };
    await buildDpo({ ...dpo, out: at("dpo") }, { context: quiet });
    const all = await Array.fromAsync(readRows(at("dpo/all_responses"), { split: "all" }));
    const arrow = await Array.fromAsync(readRows(at("dpo/arrow"), { split: "all" }));
    const prompts = (rows: { row?: unknown }[]) =>
      rows.map(({ row }) => row as { id: string; prompt: unknown[]; tools: unknown })
        .map(({ id, prompt, tools }) => ({ id, prompt, tools }))
        .sort((a, b) => a.id < b.id ? -1 : 1);
    const wanted = records.map(({ id, messages, tools = null }) => ({
      id,
      prompt: messages,
      tools,
    }))
      .sort((a, b) => a.id < b.id ? -1 : 1);
    assert.deepEqual(prompts(all), wanted);
    assert.deepEqual(prompts(arrow), wanted);

    // The build begins again at the first tools: what was counted before is not counted twice.
    const prompt = [{ role: "user" as const, content: "Why? ".repeat(5000) }];
    const long = scoredRecord("long", [1, 0], { prompt });
    const short = Array.from({ length: 63 }, (_, at) => scoredRecord(`short ${at}`, [1, 0]));
    const late = await writeLines(at("late.jsonl"), [long, ...short, ...replies]);
    const { manifest } = await buildDpo(
      { ...dpo, in: late, out: at("late") },
      { context: quiet },
    );
    assert.equal(manifest.extra!.tokenized, 2);
  }),
);

Deno.test(
  "Pairs have the thoughts of earlier turns that --history-thoughts asks for",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const reply = (text: string) => ({ role: "assistant" as const, content: text });
    const user = (content: string) => ({ role: "user" as const, content });
    const prompt = [user("One?"), reply("<think>\nHm.\n</think>\n\n1"), user("Two?")];
    const scored = await writeLines(at("scored.jsonl"), [scoredRecord("a", [1, 0], { prompt })]);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const dpo = { in: scored, tokenizer, minResponses: 2, trainSplit: 1 };
    const turns: unknown[] = [];
    for (const historyThoughts of ["keep", "drop", "last"] as const) {
      await buildDpo({ ...dpo, historyThoughts, out: at(historyThoughts) }, { context: quiet });
      const [read] = await Array.fromAsync(readRows(at(historyThoughts)));
      turns.push((read!.row as { prompt: { content: string }[] }).prompt[1]!.content);
    }
    assert.deepEqual(turns, [prompt[1]!.content, "1", "1"]);
  }),
);
