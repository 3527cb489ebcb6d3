import assert from "node:assert/strict";
import { join } from "node:path";
import { LimitReached } from "../../../lib/core/errors.ts";
import { LineLog } from "../../../lib/run/line_log.ts";
import { Bill } from "../../../lib/model/prices/bill.ts";
import { costOf } from "../../../lib/model/prices/cost.ts";
import { ageOfPrices, loadPrices, priceOf } from "../../../lib/model/prices/price_table.ts";
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
  assert.equal(priceOf(table, "gpt-4.1-mini-2099-01-01"), mini);
  assert.equal(priceOf(table, "models/gemini-3.8-flash-001"), table.models["gemini-3.8-flash"]);
  for (const name of ["gpt-4.1-mini-search", "gpt-4-mini", "constructor", ""]) {
    assert.equal(priceOf(table, name), undefined, name);
  }
});

Deno.test("a snapshot that has its own price is not billed as its family (49)", () => {
  const { input, output } = priceOf(loadPrices(), "gpt-4o-2024-05-13")!;
  assert.deepEqual([input, output], [5, 15]);
});

Deno.test("the built-in prices are LiteLLM's of this month, and say so (49)", () => {
  const table = loadPrices();
  assert.match(table.source!, /^litellm \d+\.\d+\.\d+ \(PyPI\)$/);
  assert.ok(table.as_of >= "2026-11-20");
  assert.equal(priceOf(table, "gemini-2.5-pro")!.cached_input, 0.125);
  assert.equal(priceOf(table, "gemini-2.5-pro")!.shut_down, "2026-12-01");
  assert.ok(Object.keys(table.models).length > 100);
  const now = Date.parse(table.as_of) + 8.5 * 86_400_000;
  assert.match(ageOfPrices(table, now), /^prices of \d{4}-\d\d-\d\d \(litellm .*, 8 days old\)$/);
});

Deno.test("the table's script takes single tokens' prices, batches and long prompts from LiteLLM's fields", () =>
  inFolder(async (folder) => {
    const from = join(folder, "from.json"), to = join(folder, "to.json");
    const facts = {
      mode: "chat",
      input_cost_per_token: 1.25e-6,
      output_cost_per_token: 1e-5,
      output_cost_per_token_batches: 5e-6,
      cache_read_input_token_cost: 1.25e-7,
      cache_read_input_token_cost_batches: 1.25e-7,
      input_cost_per_token_above_200k_tokens: 2.5e-6,
      output_cost_per_token_above_200k_tokens: 1.5e-5,
      deprecation_date: "2027-01-02",
    };
    await Deno.writeTextFile(
      from,
      JSON.stringify({
        "gemini/gemini-x": { ...facts, litellm_provider: "gemini" },
        "ft:gpt-x": { ...facts, litellm_provider: "openai" },
        "gpt-x-audio": { ...facts, litellm_provider: "openai" },
        "azure/gpt-x": { ...facts, litellm_provider: "azure" },
      }),
    );
    const script = ["scripts/prices/make_prices.py", "--table", from, "--out", to];
    const args = [...script, "--version", "1.2.3", "--day", "2026-11-20"];
    const { success, stderr } = await new Deno.Command("python3", { args }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual(loadPrices(to).models["gemini-x"], {
      input: 1.25,
      cached_input: 0.125,
      output: 10,
      batch: 0.5,
      batch_cached: 1,
      long: { over: 200_000, input: 2.5, output: 15 },
      shut_down: "2027-01-02",
    });
    const made = JSON.parse(await Deno.readTextFile(to));
    assert.deepEqual([Object.keys(made.models), made.as_of], [["gemini-x"], "2026-11-20"]);
  }));

Deno.test("documents and examples name models that live for another month at least (49)", () => {
  const { as_of, models } = loadPrices();
  const until = new Date(Date.parse(as_of) + 30 * 86_400_000).toISOString().slice(0, 10);
  for (const file of ["README.md", "docs/guides.md", "scripts/sample_teacher.ts"]) {
    for (const [, name] of Deno.readTextFileSync(file).matchAll(/(?:openai|gemini)\/([\w.-]+)/g)) {
      const price = models[name!];
      if (price === undefined) continue;
      assert.ok((price.shut_down ?? "9999") > until, `${file}: ${name} ends ${price.shut_down}`);
    }
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
  assert.equal(costOf(usage(1e6, 0, 1e6), price, { batch: true }), 0.25);
  assert.equal(costOf(usage(1e6, 0, 1e6), { ...price, batch_cached: 1 }, { batch: true }), 0.5);
  const written = { ...usage(1e6, 0, 2e5), cache_write_tokens: 5e5 };
  assert.equal(costOf(written, { ...price, cache_write: 2.5 }), 0.6 + 0.1 + 1.25);
});

Deno.test("a bill lasts longer than its process, and counts a batch's reply once", () =>
  inFolder((folder) => {
    const file = join(folder, "spend", "part.jsonl");
    const first = new Bill({ log: LineLog.open(file), price });
    first.add("a", usage(1000, 500));
    first.add("b", usage(1000, 500), { batch: true, once: 0 });
    first.add("b", usage(1000, 500), { batch: true, once: 0 });
    first.add("b", usage(1000, 500), { batch: true, once: 1 });
    first.close();
    const second = new Bill({ log: LineLog.open(file), price });
    second.add("b", usage(1000, 500), { batch: true, once: 1 });
    assert.equal(second.replies, 3);
    assert.equal(second.cost, 0.012);
    assert.deepEqual(second.tokens, { prompt: 3000, completion: 1500, reasoning: 0, cached: 0 });
    second.close();
    const unpriced = new Bill({ log: LineLog.open(file), price: undefined });
    assert.equal(unpriced.cost, null);
    assert.equal(unpriced.tokens.prompt, 3000);
    unpriced.close();
    return Promise.resolve();
  }));

Deno.test("what does not fit under the cap waits for what is in flight, and fails when nothing is", () =>
  inFolder(async (folder) => {
    const bill = new Bill({
      log: LineLog.open(join(folder, "spend.jsonl")),
      price,
      maxCostUsd: 0.02,
    });
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
