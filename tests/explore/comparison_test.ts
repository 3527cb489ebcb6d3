import assert from "node:assert/strict";
import type { Column, ExplorerData } from "../../lib/explore/columns.ts";
import { lengthControlled } from "../../lib/explore/length_control.ts";
import { compare } from "../../lib/explore/page/comparison.ts";
import { extremesOf } from "../../lib/explore/page/extreme_lists.ts";
import { pairedInterval, wilsonInterval } from "../../lib/view/statistics.ts";

const number = (name: string, of: Column["of"], data: number[]): Column => (
  { name, label: name, of, kind: "number", data: Float32Array.from(data) }
);

/** Two runs, a and b, of the same prompts with two replies each, and what their rewards are. */
function twoRuns(rewards: number[][], second: number[] = []): ExplorerData {
  const prompts = rewards.length / 2;
  const runs = [...Array(prompts).fill(1), ...Array(prompts).fill(2)];
  const columns = [
    number("reward", "reply", rewards.flat()),
    {
      name: "run",
      label: "run",
      of: "prompt",
      kind: "category",
      names: ["–", "a", "b"],
      data: Uint16Array.from(runs),
    },
    ...(second.length > 0
      ? [number("score:one", "reply", rewards.flat()), number("score:two", "reply", second)]
      : []),
  ] as Column[];
  let at = 0;
  return {
    title: "",
    runs: [],
    rewardModels: [],
    pairing: "",
    notes: [],
    trainer: null,
    first: Uint32Array.from([0, ...rewards.map((one) => at += one.length)]),
    keys: Uint32Array.from({ length: rewards.length }, (_, row) => row % prompts),
    columns,
  };
}

Deno.test("two runs are compared by prompt, whatever their order, ties counting half", () => {
  const data = twoRuns([[1, 3], [0, 0], [5, NaN], [NaN, NaN], [1, 1], [0, 0], [9, 9], [1, 1]]);
  const all = new Uint8Array(8).fill(1);
  const found = compare(data, { column: "reward", run: 1 }, { column: "reward", run: 2 }, all);
  const { wins, losses, ties, rate } = found.won;
  assert.deepEqual([found.prompts, wins, losses, ties], [3, 1, 1, 1]);
  assert.equal(rate.value, 0.5);
  assert.ok(Math.abs(found.difference.value - (1 + 0 - 4) / 3) < 1e-9);
  assert.deepEqual(found.widest.map(({ row, difference }) => [row, difference]), [[2, -4], [0, 1], [
    1,
    0,
  ]]);
  assert.equal(found.sameBest, null);
  assert.equal(found.rewards[0].length, 5);
  all[2] = 0;
  assert.equal(
    compare(data, { column: "reward", run: 1 }, { column: "reward", run: 2 }, all).prompts,
    2,
  );
});

Deno.test("two reward models are compared on one scale, and by which reply they like best", () => {
  const data = twoRuns([[1, 3], [2, 4]], [100, 300, 400, 200]);
  const sides = ["one", "two"].map((name) => ({ column: `score:${name}`, run: null }));
  const found = compare(data, sides[0]!, sides[1]!, Uint8Array.of(1, 1));
  assert.equal(found.sameBest, 0.5);
  assert.ok(Math.abs(found.difference.value) < 1e-6, "standardized scores have the same mean");
});

Deno.test("intervals agree with published values", () => {
  // Newcombe (1998), table I: 81 of 263.
  const { low, high } = wilsonInterval(81, 263);
  assert.deepEqual([low.toFixed(4), high.toFixed(4)], ["0.2553", "0.3662"]);
  assert.deepEqual(wilsonInterval(0, 10).low, 0);
  const normal = pairedInterval([1, -1, 1, -1, 3, 3, 1, 1]);
  assert.ok(Math.abs((normal.high - normal.low) / 2 - 1.959964 * Math.sqrt(16 / 7 / 8)) < 1e-9);
});

Deno.test("a reward that is a line in log-length is flat once length is controlled", () => {
  const lengths = [3, 7, 15, 31, 1, 63];
  const data = twoRuns([[0, 1, 2, 3], [10, 15]]);
  data.columns[0] = number("reward", "reply", [0, 1, 2, 3, 10, 15]);
  const controlled = lengthControlled({
    ...data,
    first: Uint32Array.of(0, 4, 6),
    columns: [data.columns[0], number("answer_length", "reply", lengths)],
  })!;
  assert.deepEqual([...controlled.data], [1.5, 1.5, 1.5, 1.5, 12.5, 12.5]);
});

Deno.test("extremes list the widest margins, the ties, and chosen replies with a sign", () => {
  const data = twoRuns([[1, 3], [2, 2], [0, 9], [1, 2]]);
  data.columns.push(
    number("margin", "prompt", [2, NaN, 9, 1]),
    number("spread", "prompt", [2, 0, 9, 1]),
    {
      name: "signs",
      label: "",
      of: "reply",
      kind: "category",
      names: ["–", "echo"],
      data: Uint16Array.of(0, 0, 0, 0, 1, 0, 0, 1),
    },
    {
      name: "role",
      label: "",
      of: "reply",
      kind: "category",
      names: ["–", "chosen"],
      data: Uint16Array.of(0, 1, 0, 0, 0, 1, 0, 1),
    },
  );
  const lists = extremesOf({ data, shown: Uint8Array.of(1, 1, 1, 1), remains: () => true });
  const found = Object.fromEntries(
    lists.map(({ title, found }) => [title, found.map(({ row }) => row)]),
  );
  assert.deepEqual(found["Widest margin"], [2, 0, 3]);
  assert.deepEqual(found["Ties"], [1]);
  assert.deepEqual(found["Chosen, with a sign"], [3]);
  assert.deepEqual(found["Chosen, with a low reward"], [3, 0, 2]);
});

Deno.test("replies that rewards see most differently come first, then each other reward against the first", () => {
  const data = twoRuns([[1, 3], [2, 2], [0, 9], [1, 2]], [1, 3, 2, 2, 9, 0, 1, 2]);
  data.columns.push(number("score:rule", "reply", [1, 1, 1, 0, 1, 1, 1, NaN]));
  const [first, ...others] = extremesOf({
    data,
    shown: Uint8Array.of(1, 1, 1, 1),
    remains: () => true,
  });
  assert.equal(first!.title, "Rewards disagree");
  assert.equal(first!.found[0]!.row, 2);
  assert.deepEqual(others.slice(0, 2).map(({ title, found }) => [title, found[0]!.row]), [
    ["Best by one, disliked by two", 2],
    ["Best by one, disliked by rule", 2],
  ]);
});
