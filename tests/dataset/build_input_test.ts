/** What every builder does with its input: rows that are none, left out, decided, kept columns. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { sha256 } from "../../lib/core/canonical.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildRl } from "../../lib/dataset/rl/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { inFolder, quiet, rejectsOf, scoredRecord, teacherRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";

type Row = Record<string, unknown>;
const rowsOf = async (out: string, folder = "data"): Promise<Row[]> =>
  (await Array.fromAsync(readRows(join(out, folder), { split: "all" }))).map(({ row }) =>
    row as Row
  );

const scores = [0.5, 2.25, -1, 1];
const extra = [
  { category: "code", level: 1, ok: true, tags: ["x"], info: { a: 1 }, mixed: 1 },
  { category: null, level: 2.5, ok: false, tags: [], info: { b: "c" }, mixed: "two" },
];
const typed = [
  {
    ...extra[0],
    info: { a: 1, b: null },
    mixed: "1",
  },
  { ...extra[1], info: { a: null, b: "c" } },
];
const kept = ({ category, level, ok, tags, info, mixed }: Row) => (
  { category, level, ok, tags, info, mixed }
);

Deno.test(
  "What was kept of rows stands in typed columns of SFT, DPO and RL datasets, in Arrow too",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const dir = await makeTokenizer(at("tokenizer"));
    const ids = ["a", "b"];
    const teacher = ids.map((id, n) => teacherRecord(id, { extra: extra[n] }));
    const scored = ids.map((id, n) => scoredRecord(id, scores, { extra: extra[n] }));
    const prompts = ids.map((id, n) => ({ id, prompt: `Why ${id}?`, ...extra[n] }));
    const common = { saveToDisk: true };
    await buildSft({
      ...common,
      in: await writeLines(at("teacher.jsonl"), teacher),
      out: at("sft"),
      tokenizer: [dir],
    }, { context: quiet });
    await buildDpo({
      ...common,
      in: await writeLines(at("scored.jsonl"), scored),
      out: at("dpo"),
      tokenizer: dir,
      trainSplit: 1,
    }, { context: quiet });
    await buildRl({
      ...common,
      prompts: await writeLines(at("prompts.jsonl"), prompts),
      keep: Object.keys(extra[0]!),
      out: at("rl"),
    }, { context: quiet });
    for (
      const place of [
        "sft/data",
        "sft/prompt_completion",
        "sft/arrow",
        "dpo/data",
        "dpo/arrow",
        "rl/data",
      ]
    ) {
      const rows = await rowsOf(folder, place);
      const byLevel = rows.sort((one, two) => Number(one.level) - Number(two.level));
      assert.deepEqual(byLevel.map(kept), typed, place);
    }
    const card = await Deno.readTextFile(at("sft/README.md"));
    assert.ok(card.includes("- name: level\n    dtype: float64\n  - name: ok\n    dtype: bool"));
  }),
);

Deno.test(
  "A kept column of a dataset's own name gets another, and one that comes late is refused",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const dir = await makeTokenizer(at("tokenizer"));
    const build = async (name: string, extras: (Row | undefined)[]) =>
      await buildSft({
        in: await writeLines(
          at(`${name}.jsonl`),
          extras.map((extra, n) => teacherRecord(`${n}`, { extra })),
        ),
        out: at(name),
        tokenizer: [dir],
      }, { context: quiet });
    await build("own", [{ text: "mine", prompt: 1 }]);
    const [row] = await rowsOf(at("own"));
    assert.deepEqual([row!.extra_text, row!.extra_prompt], ["mine", 1]);
    assert.notEqual(row!.text, "mine");
    await assert.rejects(build("late", [undefined, { level: 1 }]), {
      name: "InputError",
      message: /late\.jsonl:2: extra\.level: the first row has no extra/,
    });
  }),
);

Deno.test(
  "A kept column's name stands in the card as what it is, also where YAML takes it for another",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const names = ["yes", "a: b", "=", "12:30", "# no", "- x", "ü"];
    const row = {
      id: "a",
      prompt: "Why?",
      ...Object.fromEntries(names.map((name) => [name, "v"])),
    };
    const prompts = await writeLines(at("prompts.jsonl"), [row]);
    await buildRl({ prompts, keep: names, out: at("rl") }, { context: quiet });
    const card = await Deno.readTextFile(at("rl/README.md"));
    // PyYAML, by which datasets reads cards, goes by YAML 1.1.
    const head = parse(card.split("---\n")[1]!, { version: "1.1" });
    const features: { name: unknown }[] = head.dataset_info[0].features;
    assert.deepEqual(features.slice(-names.length).map(({ name }) => name), names);
  }),
);

Deno.test(
  "Bad rows of a build are rejects with their place and rule, too many end it",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const dir = await makeTokenizer(at("tokenizer"));
    const rows: unknown[] = ["a", "b", "c"].map((id) => teacherRecord(id));
    rows.splice(1, 0, { id: "bad", messages: [{ role: "robot", content: "x" }], response: "y" });
    rows.push(teacherRecord("a", { response: "Another." }), teacherRecord("b"));
    const path = await writeLines(at("teacher.jsonl"), rows);
    const build = (out: string, maxBadRows?: number) =>
      buildSft({ in: path, out: at(out), tokenizer: [dir], maxBadRows }, { context: quiet });
    await assert.rejects(build("none"), {
      name: "InputError",
      message:
        /2 of 6 rows cannot be taken \(33%; --max-bad-rows 0\.01 .*jsonl:2: messages\[0\]\.role/,
    });
    const { manifest } = await build("some", 0.5);
    const { input, kept, rejected, duplicates } = manifest.counts;
    assert.deepEqual([input, kept, rejected, duplicates], [5, 3, 2, 1]);
    const rejects = (await Deno.readTextFile(at("some/rejects.jsonl"))).trim().split("\n");
    const [bad, conflict] = rejects.map((line) => JSON.parse(line));
    assert.deepEqual([bad.id, bad.reason], ["bad", "bad_row"]);
    assert.match(bad.detail, /^teacher\.jsonl:2: messages\[0\]\.role: must be/);
    assert.equal(conflict.reason, "id_conflict");
    assert.match(conflict.detail, /^teacher\.jsonl:5: id "a" stands in an earlier row/);
  }),
);

Deno.test(
  "Ids of a file and decisions by hand leave prompts out, and pairs take the strategy's place",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const ids = ["a", "b", "c", "d", "e"];
    const path = await writeLines(at("scored.jsonl"), ids.map((id) => scoredRecord(id, scores)));
    await Deno.writeTextFile(at("out.txt"), "a\n\n");
    const decisions = await writeLines(at("decisions.jsonl"), [
      { id: "b", action: "pair", chosen: 0, rejected: 1 },
      { id: "b", action: "exclude", comment: "odd" },
      { id: "c", action: "exclude" },
      { id: "c", action: "pair", chosen: 0, rejected: 3 },
      { id: "d", action: "flag" },
      { id: "e", action: "pair", chosen: 7, rejected: 0 },
    ]);
    const options = { in: path, tokenizer, trainSplit: 1, decisions, excludeIds: at("out.txt") };
    const { manifest } = await buildDpo({ ...options, out: at("dpo") }, { context: quiet });
    assert.deepEqual(await rejectsOf(at("dpo")), [
      "a: excluded_id",
      "b: excluded_by_hand",
      "e: unusable_decision",
    ]);
    const rows = await rowsOf(at("dpo"));
    const sides = Object.fromEntries(
      rows.map(({ id, score_chosen, score_rejected }) => [id, [score_chosen, score_rejected]]),
    );
    assert.deepEqual(sides, { c: [0.5, 1], d: [2.25, -1] });
    const hashes = manifest.inputs.map(({ sha256 }) => sha256);
    assert.ok(
      hashes.includes(sha256(await Deno.readTextFile(decisions))),
      "the file's hash is told",
    );
    const again = await buildDpo({ ...options, out: at("dpo") }, { context: quiet });
    assert.equal(again.built, false);
    await Deno.writeTextFile(decisions, "", { append: false });
    await assert.rejects(
      buildDpo({ ...options, out: at("dpo") }, { context: quiet }),
      /other inputs or options/,
    );
  }),
);

Deno.test(
  "With --compat rlmt an id counts as seen once its row is kept",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const dir = await makeTokenizer(at("tokenizer"));
    const two = [{ role: "user", content: "a" }, { role: "assistant", content: "b" }, {
      role: "user",
      content: "c",
    }] as const;
    const path = await writeLines(at("teacher.jsonl"), [
      teacherRecord("x", { messages: [...two] }),
      teacherRecord("x", { response: "Good." }),
      teacherRecord("x", { response: "Late." }),
      teacherRecord("y", { messages: [...two] }),
    ]);
    const { manifest } = await buildSft({
      in: path,
      out: at("sft"),
      tokenizer: [dir],
      compat: "rlmt",
    }, { context: quiet });
    const [row, ...others] = await rowsOf(at("sft"));
    assert.deepEqual([row!.id, others.length], ["x", 0]);
    assert.match(row!.text as string, /Good\./);
    assert.deepEqual(await rejectsOf(at("sft")), ["y: not_single_turn"]);
    const { input, kept, rejected, duplicates } = manifest.counts;
    assert.deepEqual([input, kept, rejected, duplicates], [2, 1, 1, 2]);
  }),
);
