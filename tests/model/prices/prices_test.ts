import assert from "node:assert/strict";
import { join } from "node:path";
import { LimitReached } from "../../../lib/core/errors.ts";
import { Bill } from "../../../lib/model/prices/bill.ts";
import { costOf } from "../../../lib/model/prices/cost.ts";
import { loadPrices, priceOf } from "../../../lib/model/prices/price_table.ts";
import { inFolder } from "../../teacher/run_teacher.ts";

const usage = (prompt: number, completion: number, cached = 0) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  reasoning_tokens: 0,
  cached_tokens: cached,
});
const price = { input: 2, cached_input: 0.5, output: 8, batch: 0.5 };

Deno.test("a model's price is found by its own name and its snapshots', never by a like name", () => {
  const table = loadPrices();
  assert.match(table.as_of, /^\d{4}-\d{2}-\d{2}$/);
  const mini = priceOf(table, "gpt-4.1-mini");
  assert.equal(mini?.input, 0.4);
  assert.equal(priceOf(table, "gpt-4.1-mini-2025-04-14"), mini);
  assert.equal(priceOf(table, "gemini-2.0-flash-001"), table.models["gemini-2.0-flash"]);
  for (const name of ["gpt-4.1-mini-search", "gpt-4", "constructor", ""]) {
    assert.equal(priceOf(table, name), undefined, name);
  }
});

Deno.test("a file of the user's adds prices and goes before the built-in ones", () =>
  inFolder(async (folder) => {
    const file = join(folder, "mine.json");
    const models = { "my-model": { input: 1, output: 2 }, "gpt-4.1": { input: 9, output: 9 } };
    await Deno.writeTextFile(file, JSON.stringify({ as_of: "2026-11-01", models }));
    const table = loadPrices(file);
    assert.equal(table.models["my-model"]?.output, 2);
    assert.equal(table.models["gpt-4.1"]?.input, 9);
    assert.equal(table.models["gpt-4.1-mini"]?.input, 0.4);
    assert.equal(table.as_of, "2026-11-01");
    await Deno.writeTextFile(file, '{"as_of":"2026-11-01","models":{"m":{"input":-1,"output":2}}}');
    assert.throws(() => loadPrices(file), /mine\.json: models\.m\.input: /);
    assert.throws(() => loadPrices(join(folder, "none.json")), /none\.json: cannot read prices/);
  }));

Deno.test("cached tokens, long prompts and batches have their own prices", () => {
  assert.equal(costOf(usage(1e6, 1e6), price), 10);
  assert.equal(costOf(usage(1e6, 0, 4e5), price), 1.4);
  assert.equal(costOf(usage(1e6, 0, 4e5), { input: 2, output: 8 }), 2);
  const long = { ...price, long: { over: 200_000, input: 4, output: 16 } };
  assert.equal(costOf(usage(200_000, 0), long), 0.4);
  assert.equal(costOf(usage(200_001, 1e6), long), 16.800004);
  assert.equal(costOf(usage(1e6, 1e6), price, { batch: true }), 5);
});

Deno.test("a bill lasts longer than its process, and counts a batch's reply once", () =>
  inFolder((folder) => {
    const file = join(folder, "spend", "part.jsonl");
    const first = new Bill({ file, price });
    first.add("a", usage(1000, 500));
    first.add("b", usage(1000, 500), { batch: true, once: 0 });
    first.add("b", usage(1000, 500), { batch: true, once: 0 });
    first.add("b", usage(1000, 500), { batch: true, once: 1 });
    first.close();
    const second = new Bill({ file, price });
    second.add("b", usage(1000, 500), { batch: true, once: 1 });
    assert.equal(second.replies, 3);
    assert.equal(second.cost, 0.012);
    assert.deepEqual(second.tokens, { prompt: 3000, completion: 1500, reasoning: 0, cached: 0 });
    second.close();
    const unpriced = new Bill({ file, price: undefined });
    assert.equal(unpriced.cost, null);
    assert.equal(unpriced.tokens.prompt, 3000);
    unpriced.close();
    return Promise.resolve();
  }));

Deno.test("what does not fit under the cap waits for what is in flight, and fails when nothing is", () =>
  inFolder(async (folder) => {
    const bill = new Bill({ file: join(folder, "spend.jsonl"), price, maxCostUsd: 0.02 });
    const most = usage(0, 1000);
    const [first, second] = [await bill.reserve(most), await bill.reserve(most)];
    let entered = false;
    const third = bill.reserve(most).then((giveBack) => {
      entered = true;
      return giveBack;
    });
    await Promise.resolve();
    assert.ok(!entered, "0.024 would be over the cap");
    bill.add("a", usage(0, 100));
    first();
    const giveBack = await third;
    bill.add("b", usage(0, 1000));
    second();
    bill.add("c", usage(0, 1000));
    giveBack();
    await assert.rejects(bill.reserve(most), LimitReached);
    assert.ok(bill.cost! <= 0.02);
    bill.close();
  }));
