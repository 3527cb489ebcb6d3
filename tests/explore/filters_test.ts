import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Column,
  columnOf,
  decodeData,
  encodeData,
  type ExplorerData,
} from "../../lib/explore/columns.ts";
import { type Filter, Filters } from "../../lib/explore/page/filters.ts";
import { flagsOf } from "../../lib/explore/page/flags.ts";
import { sortedPrompts } from "../../lib/explore/page/order.ts";
import { formatState, parseState, type State } from "../../lib/explore/page/state.ts";

const NAMES = ["–", "a", "b", "c"];

/** Prompts of some replies each, with a number and a category of both. */
function dataOf(
  prompts: { x: number; kind: number; replies: { y: number; kind: number }[] }[],
): ExplorerData {
  const replies = prompts.flatMap((prompt) => prompt.replies);
  const number = (name: string, of: Column["of"], values: number[]): Column => (
    { name, label: name, of, kind: "number", data: Float32Array.from(values) }
  );
  const category = (name: string, of: Column["of"], values: number[]): Column => (
    { name, label: name, of, kind: "category", names: NAMES, data: Uint16Array.from(values) }
  );
  let at = 0;
  return {
    title: "made up",
    runs: [],
    rewardModels: [],
    pairing: "",
    notes: [],
    trainer: null,
    first: Uint32Array.from([0, ...prompts.map(({ replies }) => at += replies.length)]),
    keys: Uint32Array.from(prompts.keys()),
    columns: [
      number("x", "prompt", prompts.map(({ x }) => x)),
      category("p", "prompt", prompts.map(({ kind }) => kind)),
      number("y", "reply", replies.map(({ y }) => y)),
      category("r", "reply", replies.map(({ kind }) => kind)),
    ],
  };
}

const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(NaN));
const someData = fc.array(
  fc.record({
    x: value,
    kind: fc.nat(3),
    replies: fc.array(fc.record({ y: value, kind: fc.nat(3) }), { maxLength: 4 }),
  }),
  { maxLength: 8 },
).map(dataOf);
const end = fc.option(fc.integer({ min: -5, max: 5 }), { nil: null });
const range = fc.record({ min: end, max: end });
const values = fc.record({ values: fc.subarray(NAMES) });
const someFilters = fc.record({ x: range, p: values, y: range, r: values }, { requiredKeys: [] });

/** Whether a row passes a filter, the plain way. */
function passes(column: Column, row: number, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  const value = column.data[row]!;
  if ("values" in filter) return filter.values.includes(column.names![value]!);
  return value >= (filter.min ?? -Infinity) && value <= (filter.max ?? Infinity);
}

Deno.test("every chart counts what the filters of all other columns leave", () => {
  fc.assert(fc.property(someData, someFilters, (data, given) => {
    const filters = new Filters(data);
    for (const [name, filter] of Object.entries(given)) filters.set(name, filter);
    const { counts, prompts, replies, shown } = filters.count();
    const rows = (of: Column["of"], except: string) => {
      const left = (one: Column["of"], row: number) =>
        data.columns.every((column) => (
          column.of !== one || column.name === except ||
          passes(column, row, (given as Record<string, Filter>)[column.name])
        ));
      const found: number[] = [];
      for (let prompt = 0; prompt < data.first.length - 1; prompt++) {
        if (!left("prompt", prompt)) continue;
        const remaining = [];
        for (let reply = data.first[prompt]!; reply < data.first[prompt + 1]!; reply++) {
          if (left("reply", reply)) remaining.push(reply);
        }
        if (of === "reply") found.push(...remaining);
        else if (remaining.length > 0) found.push(prompt);
      }
      return found;
    };
    for (const { name, of } of data.columns) {
      const { bins, count } = filters.binned.get(name)!;
      const expected = new Uint32Array(count + 1);
      for (const row of rows(of, name)) expected[bins[row]!]!++;
      assert.deepEqual(counts.get(name), expected, name);
    }
    assert.equal(replies, rows("reply", "").length);
    assert.deepEqual([...shown.keys()].filter((row) => shown[row]), rows("prompt", ""));
    assert.equal(prompts, rows("prompt", "").length);
  }));
});

Deno.test("a filter that is taken off, and a search, leave no trace", () => {
  fc.assert(fc.property(someData, someFilters, (data, given) => {
    const filters = new Filters(data);
    const before = filters.count();
    for (const [name, filter] of Object.entries(given)) filters.set(name, filter);
    filters.setSearch(Uint32Array.of(0));
    const found = filters.count();
    assert.ok(found.replies <= 1);
    for (const name of Object.keys(given)) filters.set(name, null);
    filters.setSearch(null);
    assert.deepEqual(filters.count(), before);
  }));
});

Deno.test("data is the same after it went to the page", () => {
  fc.assert(fc.asyncProperty(someData, async (data) => {
    const bytes = await new Blob(encodeData(data) as BlobPart[]).arrayBuffer();
    assert.deepEqual(decodeData(bytes), data);
  }));
});

Deno.test("the address holds filters, search, order and view, whatever their texts", () => {
  const { columns } = dataOf([]);
  const state = parseState("", columns);
  assert.equal(state.view, "overview");
  const text = fc.string({ minLength: 1 });
  fc.assert(fc.property(someFilters, text, fc.boolean(), (filters, pattern, regex) => {
    const kept: Record<string, Filter> = structuredClone(Object.fromEntries(
      Object.entries(filters).filter(([, filter]) =>
        "values" in filter ? filter.values.length > 0 : filter.min !== null || filter.max !== null
      ),
    ));
    const full: State = {
      ...state,
      view: "prompt",
      prompt: 17,
      filters: kept,
      search: { pattern, regex, where: "answer" },
      sort: { column: "x", down: true },
      compare: { a: "one & two", b: "#3" },
    };
    const again = parseState(formatState(full), columns);
    assert.deepEqual(again, full);
  }));
  assert.deepEqual(parseState("#/nowhere/x?f.x=..&f.zz=1..2&sort=", columns), state);
});

Deno.test("prompts are sorted by a column, and those without a value come last", () => {
  const data = dataOf(
    [3, NaN, 1, 2, NaN].map((x) => ({ x, kind: 1, replies: [{ y: 0, kind: 0 }] })),
  );
  const shown = Uint8Array.of(1, 1, 1, 0, 1);
  assert.deepEqual([...sortedPrompts(data, shown, { column: "x", down: false })], [2, 0, 1, 4]);
  assert.deepEqual([...sortedPrompts(data, shown, { column: "x", down: true })], [0, 2, 1, 4]);
  assert.deepEqual([...sortedPrompts(data, shown, { column: "", down: true })], [0, 1, 2, 4]);
  assert.ok(columnOf(data, "x"));
});

Deno.test("filters become the flags of build-dpo that do the same, and the others are named", () => {
  const flags = flagsOf(
    {
      margin: { min: 0.5, max: null },
      source: { values: ["math"] },
      scored: { min: 6, max: null },
    },
    { inputs: ["runs/scored"], decisions: "'my decisions.jsonl'", searched: true },
  );
  assert.equal(
    flags.command,
    "build-dpo --in runs/scored --min-margin 0.5 --min-responses 6 --decisions 'my decisions.jsonl'",
  );
  assert.deepEqual(flags.without, ["source", "search"]);
});
