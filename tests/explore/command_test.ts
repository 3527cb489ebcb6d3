import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { columnOf, decodeData, type ExplorerData } from "../../lib/explore/columns.ts";
import type { PromptView } from "../../lib/explore/prompt_view.ts";
import { readDecisions } from "../../lib/io/records/read_decisions.ts";
import { withHub } from "../io/loopback_hub.ts";
import { inTemp, put } from "../io/temp.ts";
import { madeUpRecord, putPlanted } from "./planted.ts";
import { startExplorer } from "./start_explorer.ts";

const lines = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n") + "\n";

/** What a page is given. */
async function dataOf(url: string): Promise<ExplorerData> {
  return decodeData(await (await fetch(`${url}data`)).arrayBuffer());
}

async function viewOf(url: string, row: number): Promise<PromptView> {
  return await (await fetch(`${url}prompt?row=${row}`)).json();
}

/** Rows as a Parquet file. */
async function putParquet(path: string, rows: unknown[]): Promise<void> {
  const json = await put(`${path}.jsonl`, lines(rows));
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`COPY (SELECT * FROM read_json('${json}')) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  await Deno.remove(json);
}

Deno.test("a preference dataset of the Hub is explored by its name, configuration and split", () => {
  const turns = (question: string, answer: string) => [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ];
  const pairs = (count: number) =>
    lines(Array.from({ length: count }, (_, at) => ({
      prompt: `q${at}`,
      prompt_id: `id${at}`,
      chosen: turns(`q${at}`, "good"),
      rejected: turns(`q${at}`, "bad"),
      score_chosen: 8.5,
      score_rejected: at,
    })));
  return withHub({
    "pairs/train_prefs-00000-of-00001.jsonl": pairs(3),
    "pairs/test_prefs-00000-of-00001.jsonl": pairs(2),
    "README.md":
      "---\nconfigs:\n- config_name: pairs\n  data_files:\n  - split: train_prefs\n    path: pairs/train_prefs*\n" +
      "  - split: test_prefs\n    path: pairs/test_prefs*\n- config_name: other\n  data_files: other.jsonl\n---\n",
    "other.jsonl": lines([{ prompt: "no pair" }]),
  }, async ({ settings }) => {
    const args = ["--in", "hf/org/set", "--config", "pairs", "--split", "train_prefs"];
    await using explorer = await startExplorer(args, settings);
    const data = await dataOf(explorer.url);
    assert.deepEqual([...data.first], [0, 2, 4, 6]);
    assert.deepEqual([...columnOf(data, "margin")!.data], [8.5, 7.5, 6.5]);
    const { id, runs } = await viewOf(explorer.url, 2);
    assert.equal(id, "id2");
    assert.deepEqual(runs[0]!.replies.map(({ role, answer }) => [role, answer!.text]), [
      ["chosen", "good"],
      ["rejected", "bad"],
    ]);
    // Without the name of a configuration it says which there are.
    await assert.rejects(
      startExplorer(["--in", "hf/org/set"], settings),
      /pairs, other|other, pairs/,
    );
  });
});

Deno.test("a folder of TRL's completions is explored, a step's prompts with all their completions", () =>
  inTemp(async (dir) => {
    const row = (step: number, prompt: string, completion: string, accuracy: number) => (
      { step, prompt, completion, accuracy_reward: accuracy, format_reward: 0.5, advantage: 0 }
    );
    await Deno.mkdir(`${dir}/completions`);
    for (const step of [5, 10]) {
      await putParquet(`${dir}/completions/completions_${String(step).padStart(5, "0")}.parquet`, [
        row(step, "2+2?", "<think>\nadd\n</think>\n4", 1),
        row(step, "3+3?", "7", 0),
        row(step, "2+2?", "5", 0),
        row(step, "3+3?", "6", 1),
      ]);
    }
    await using explorer = await startExplorer(["--in", `${dir}/completions`]);
    const data = await dataOf(explorer.url);
    assert.deepEqual([...data.first], [0, 2, 4, 6, 8]);
    assert.deepEqual([...columnOf(data, "reward")!.data].slice(0, 4), [1.5, 0.5, 0.5, 1.5]);
    assert.deepEqual([...columnOf(data, "extra:step")!.data], [5, 5, 10, 10]);
    const [best] = (await viewOf(explorer.url, 0)).runs[0]!.replies;
    assert.deepEqual([best!.thought!.text, best!.answer!.text, best!.role], ["add", "4", null]);
    assert.deepEqual(best!.scores, { accuracy_reward: 1, format_reward: 0.5 });
  }));

Deno.test("verl's folder of rollouts is explored, a file a step", () =>
  inTemp(async (dir) => {
    for (const step of [1, 2]) {
      await put(
        `${dir}/rollouts/${step}.jsonl`,
        lines([
          { input: "user\n2+2?\nassistant\n", output: "4", gts: "4", score: 1, step, acc: true },
          { input: "user\n2+2?\nassistant\n", output: "5", gts: "4", score: 0, step, acc: false },
        ]),
      );
    }
    await using explorer = await startExplorer(["--in", `${dir}/rollouts`]);
    const data = await dataOf(explorer.url);
    assert.deepEqual([...data.first], [0, 2, 4]);
    assert.deepEqual([...columnOf(data, "reward")!.data], [1, 0, 1, 0]);
    assert.equal((await viewOf(explorer.url, 1)).extra.gts, "4");
  }));

Deno.test("what was decided is in the file when the page is told so, however the server ends", () =>
  inTemp(async (dir) => {
    const run = `${dir}/scored.jsonl`, path = `${dir}/decisions.jsonl`;
    await putPlanted(run, 300);
    const args = ["--in", run, "--decisions", path];
    {
      await using explorer = await startExplorer(args);
      const decide = async (rows: number[]) => {
        const headers = {
          "Content-Type": "application/json",
          Origin: new URL(explorer.url).origin,
        };
        const body = JSON.stringify({ action: "exclude", rows });
        const response = await fetch(`${explorer.url}decide`, { method: "POST", headers, body });
        assert.equal(response.status, 200);
        await response.body?.cancel();
      };
      await decide([7]);
      await decide(Array.from({ length: 200 }, (_, at) => at + 50));
      await explorer.kill();
    }
    assert.equal((await readDecisions(path)).size, 201);
    await using explorer = await startExplorer(args);
    const { decisions } = await (await fetch(`${explorer.url}decisions`)).json();
    assert.equal(decisions.length, 201);
  }));

Deno.test("a run that is being made is explored as far as it is", () =>
  inTemp(async (dir) => {
    const out = `${dir}/scored`, shard = `${out}/records/part-00000-of-00001.jsonl`;
    const rows = [0, 1, 2].map((index) => JSON.stringify(madeUpRecord(index)));
    // Its last line is half written.
    await put(shard, `${rows.slice(0, 2).join("\n")}\n${rows[2]!.slice(0, 100)}`);
    await put(`${out}/rejects/part-00000-of-00001.jsonl`, "");
    await using explorer = await startExplorer(["--in", out]);
    const { first } = await dataOf(explorer.url);
    assert.deepEqual([...first], [0, 8, 16]);
    await Deno.writeTextFile(shard, rows[2]!.slice(100) + "\n", { append: true });
    assert.equal((await viewOf(explorer.url, 1)).id, "p000001");
    assert.equal((await fetch(`${explorer.url}prompt?row=2`)).status, 404);
  }));
