/** What the sampling and scoring commands leave, and say, where the input is not what it was. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { inFolder, runTask } from "../cli.ts";

const rows = Deno.readTextFileSync(EMBEDDED_PROMPTS).trim().split("\n").slice(0, 6);
const records = (out: string): { id: string }[] =>
  Deno.readTextFileSync(join(out, "records", "part-00000-of-00001.jsonl"))
    .split("\n").filter(Boolean).map((line) => JSON.parse(line));
const ids = (out: string) => records(out).map(({ id }) => id);
const idsOf = (lines: string[]) => lines.map((line) => JSON.parse(line).id);

Deno.test("after prompts are taken out, scoring reads what is left, and verify is content", () =>
  inFolder(async (folder) => {
    const prompts = join(folder, "prompts.jsonl"), policy = join(folder, "policy");
    const scored = join(folder, "scored");
    const sample = async (lines: string[]) => {
      Deno.writeTextFileSync(prompts, lines.join("\n") + "\n");
      const ended = await runTask("sample-policy", [
        ...["--prompts", prompts, "--model", "embedded", "--out", policy, "--n", "2"],
        ...["--format", "prompted-nothink", "--max-tokens", "32"],
      ]);
      assert.equal(ended.code, 0, ended.stderr);
      return ended.stderr.trim().split("\n").at(-1)!;
    };
    const score = async () => {
      const ended = await runTask("score-responses", [
        ...["--in", policy, "--reward-model", "embedded", "--out", scored],
      ]);
      assert.equal(ended.code, 0, ended.stderr);
    };
    const whole = await sample(rows);
    assert.match(whole, /sample-policy: done: 6 prompts · 6 kept · 0 rejected .*report\.html/);
    await score();
    const fewer = [rows[0]!, rows[4]!];
    assert.match(await sample(fewer), /nothing to do.*2 prompts.*4 set aside, of prompts not in/);
    await score();
    for (const out of [policy, scored]) assert.deepEqual(ids(out), idsOf(fewer));
    const verified = await runTask("verify", ["--in", policy, "--in", scored]);
    assert.equal(verified.code, 0, verified.stdout);
    assert.match(await sample(rows), /nothing to do.*6 prompts/);
  }));

Deno.test("bad rows below the share are rejects that name their place, in sampling and in scoring", () =>
  inFolder(async (folder) => {
    const prompts = join(folder, "prompts.jsonl"), policy = join(folder, "policy");
    const bad = ['{"id":"t","messages":[{"role":"tool","content":"x"}]}', "{broken"];
    Deno.writeTextFileSync(prompts, [rows[0], ...bad, rows[1]].join("\n") + "\n");
    const args = [
      ...["--prompts", prompts, "--model", "embedded", "--out", policy, "--n", "1"],
      ...["--format", "prompted-nothink", "--max-tokens", "8"],
    ];
    const refused = await runTask("sample-policy", args);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /2 of 4 rows cannot be taken.*prompts\.jsonl:2: .*; .*:3: not JSON/,
    );
    const { code, stderr } = await runTask("sample-policy", [...args, "--max-bad-rows", "0.5"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /2 kept · 2 rejected \(bad_row 2\)/);
    const verified = await runTask("verify", ["--in", policy]);
    assert.equal(verified.code, 0, verified.stdout);
    const lines = join(folder, "replies.jsonl");
    Deno.writeTextFileSync(
      lines,
      records(policy).map((line) => JSON.stringify(line)).join("\n") + '\n{"format":"chat"}\n',
    );
    const scored = await runTask("score-responses", [
      ...["--in", lines, "--reward-model", "embedded", "--out", join(folder, "scored")],
      ...["--max-bad-rows", "0.5"],
    ]);
    assert.equal(scored.code, 0, scored.stderr);
    assert.match(scored.stderr, /2 kept · 1 rejected \(bad_row 1\)/);
  }));

Deno.test("a run that keeps nothing fails, and says why and where to look", () =>
  inFolder(async (folder) => {
    const prompts = join(folder, "prompts.jsonl"), out = join(folder, "policy");
    Deno.writeTextFileSync(prompts, rows.map((row) => `${row}\n`).join(""));
    const recorded = join(folder, "recorded.jsonl");
    const args = [
      ...["--prompts", prompts, "--out", out, "--n", "1", "--format", "prompted-nothink"],
      ...["--max-tokens", "8", "--model", `replay/${recorded}`],
    ];
    const other = join(folder, "other");
    const sampled = await runTask("sample-policy", [
      ...["--prompts", prompts, "--out", other, "--n", "1", "--format", "prompted-nothink"],
      ...["--max-tokens", "8", "--model", "embedded"],
    ]);
    assert.equal(sampled.code, 0, sampled.stderr);
    const [first] = records(other);
    Deno.writeTextFileSync(recorded, `${JSON.stringify({ ...first, id: "somebody" })}\n`);
    const nothing = await runTask("sample-policy", args);
    assert.equal(nothing.code, 1, nothing.stderr);
    assert.match(
      nothing.stderr,
      /nothing was kept: all 6 prompts were rejected \(not_recorded 6\)/,
    );
    assert.match(nothing.stderr, /rejects\/part-00000-of-00001\.jsonl/);
  }));
