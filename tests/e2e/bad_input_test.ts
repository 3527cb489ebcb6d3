/** Bad options and bad input through the real tasks: exit 2 in one line, or a rejects line. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { hashFile } from "../../lib/io/disk/hash_file.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { type Ended, inFolder, runTask } from "../cli.ts";
import { scoredRecord, teacherRecord } from "../dataset/records.ts";
import { runHere } from "../run_here.ts";

type Task = Parameters<typeof runTask>[0];
type Match = string | RegExp;

/** One line on stderr, no stack trace, exit status 2, and every part in the line. */
function assertRefused(task: Task, ended: Ended, ...parts: Match[]): void {
  const { code, stderr, stdout } = ended;
  const shown = `${task}: exit ${code}, said: ${stderr}${stdout}`;
  assert.equal(code, 2, shown);
  const line = stderr.trimEnd();
  assert.ok(!line.includes("\n"), `one line: ${shown}`);
  assert.ok(line.startsWith(`${task}: `), shown);
  for (const part of parts) {
    assert.ok(
      typeof part === "string" ? line.includes(part) : part.test(line),
      `${part}: ${shown}`,
    );
  }
}

async function refuses(task: Task, args: string[], ...parts: Match[]): Promise<void> {
  assertRefused(task, await runTask(task, args), ...parts);
}

async function refusesHere(task: Task, args: string[], ...parts: Match[]): Promise<void> {
  assertRefused(task, await runHere(task, args), ...parts);
}

/** The first of each kind in a process of its own with the task's permissions, the others in this one. */
async function firstApart<T>(
  items: readonly T[],
  kindOf: (item: T) => string,
  run: (item: T, check: typeof refuses) => Promise<void>,
): Promise<void> {
  const kinds = Map.groupBy(items, kindOf).values().toArray();
  await forEach(kinds.map(([first]) => first!), (item) => run(item, refuses));
  for (const item of kinds.flatMap(([, ...others]) => others)) await run(item, refusesHere);
}

/** Three at a time: starting processes is most of what these tests cost. */
async function forEach<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  // All have ended, also where one fails: they write into the test's folder.
  const ends = await Promise.allSettled(Array.from({ length: 3 }, async () => {
    for (let item; (item = left.shift()) !== undefined;) await run(item);
  }));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

const json = (value: unknown) => JSON.stringify(value);
const scored = (id: string) => scoredRecord(id, [1, 2], {}, "prompted-nothink");
const teacher = (id: string) => teacherRecord(id);
const prompt = (id: string) => ({ id, prompt: `What is ${id}?` });

interface Stage {
  task: Task;
  /** A good row of its input. */
  row: (id: string) => object;
  args: (input: string, out: string) => string[];
}

/** Every stage that reads rows, with a command line of it. */
async function stages(folder: string): Promise<Stage[]> {
  const model = join(folder, "nothink"), replies = join(folder, "replies.jsonl");
  await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant: "nothink" }, {
    context: {
      log: () => {},
    },
  });
  Deno.writeTextFileSync(replies, ["a", "b", "c"].map((id) => json(scored(id)) + "\n").join(""));
  const run = ["--format", "prompted-nothink", "--n", "2"];
  return [
    {
      task: "sample-policy",
      row: prompt,
      args: (
        input,
        out,
      ) => ["--prompts", input, "--model", `replay/${replies}`, "--out", out, ...run],
    },
    {
      task: "score-responses",
      row: scored,
      args: (input, out) => ["--in", input, "--reward-model", "embedded", "--out", out],
    },
    {
      task: "build-sft",
      row: teacher,
      args: (
        input,
        out,
      ) => ["--in", input, "--tokenizer", model, "--out", out, "--variant", "nothink"],
    },
    {
      task: "build-dpo",
      row: scored,
      args: (input, out) => [
        ...["--in", input, "--tokenizer", model, "--out", out, "--min-responses", "2"],
        ...["--format", "prompted-nothink"],
      ],
    },
  ];
}

Deno.test("a broken file is refused by every stage in one line that names it, and nothing is left", () =>
  inFolder(async (folder) => {
    const faults: [string, (a: string, b: string) => string | Uint8Array | null, Match][] = [
      ["empty.jsonl", () => "", "no rows"],
      ["blank.jsonl", () => "\n  \n\n", "no rows"],
      ["empty.json", () => "[]", "no rows"],
      ["missing.jsonl", () => null, "no such file"],
      ["notes.txt", (a) => a, "must end in"],
      ["broken.jsonl", (a) => `${a}\n{"id": "b",\n`, /broken\.jsonl:2.*JSON/],
      ["number.jsonl", (a) => `${a}\n7\n`, /number\.jsonl:2: .*object/],
      ["cut.json", (a, b) => `[${a}, ${b},`, /cut\.json.*(cut short|ends)/],
      ["torn.json", (a) => `[${a}, {"id": "b", "pro`, /torn\.json.*(cut short|ends)/],
      ["object.json", () => '{\n "rows": 3\n}', /object\.json/],
      ["latin1.jsonl", () => new Uint8Array([0x22, 0xe4, 0x22, 0x0a]), /latin1\.jsonl:1.*UTF-8/],
      ["cut.jsonl.gz", (a) => gzipSync(a.repeat(20)).subarray(0, 40), /cut\.jsonl\.gz.*cut short/],
      ["plain.jsonl.gz", (a) => a, /plain\.jsonl\.gz.*gzip/],
      ["cut.parquet", () => "PAR1 and then nothing", /cut\.parquet/],
      ["cut.arrow", () => "ARROW1 and then nothing", /cut\.arrow/],
    ];
    // Each fault begins with another stage.
    const all = await stages(folder);
    const runs = faults.flatMap((fault, at) =>
      all.map((_, index) => ({ stage: all[(at + index) % all.length]!, fault }))
    );
    await firstApart(runs, ({ fault: [name] }) => name, async (
      { stage: { task, row, args }, fault: [name, content, part] },
      refuses,
    ) => {
      const own = await Deno.makeTempDir({ dir: folder });
      const input = join(own, name), out = join(own, "out");
      const bytes = content(json(row("a")), json(row("b")));
      if (typeof bytes === "string") Deno.writeTextFileSync(input, bytes);
      else if (bytes) Deno.writeFileSync(input, bytes);
      await refuses(task, args(input, out), part, name);
      const made = namesIn(own).filter((each) => each !== name);
      assert.ok(made.length === 0 || made.join() === "out" && task.startsWith("s"), `${made}`);
    });
  }));

Deno.test("a bad row is refused in one line that names its file, line, field and rule", () =>
  inFolder(async (folder) => {
    const [policy, score, sft, dpo] = await stages(folder) as [Stage, Stage, Stage, Stage];
    const messages = (...turns: unknown[]) => ({ id: "b", messages: turns });
    const faults: [Stage, unknown, Match][] = [
      [
        policy,
        { id: "b", text: "no prompt here" },
        /: no prompt: .*the row has id, text .*--prompt-key/,
      ],
      [policy, { id: "b", prompt: null }, /: no prompt/],
      [policy, { id: "b", prompt: 7 }, /prompt: must be text or a list of messages, not a number/],
      [policy, { id: "b", prompt: { text: "x" } }, /prompt: must be text or a list/],
      [policy, messages(), /messages: must hold at least one message/],
      [policy, messages("hello"), /messages\[0\]: must be a message with role and content/],
      [policy, messages({ role: "oracle", content: "x" }), /messages\[0\]\.role: .*"oracle"/],
      [
        policy,
        messages({ role: "user", content: ["x"] }),
        /messages\[0\]\.content.*: must be a part of text/,
      ],
      [
        policy,
        messages({ role: "assistant", content: "x" }),
        /messages: there must be a user turn/,
      ],
      [policy, { id: ["b"], prompt: "x" }, /: id: must be text or a number/],
      [policy, { id: "b", prompt: "x", source: 7 }, /: source: must be text/],
      [policy, [1, 2], /: a row must be an object, not an array/],
      [policy, null, /: a row must be an object, not null/],
      [policy, { id: "a", prompt: "other" }, /id "a" stands in an earlier row with other content/],
      [score, { ...scored("b"), format: "chatty" }, /: format: /],
      [score, { ...scored("b"), prompt: "text" }, /: prompt: /],
      [score, { ...scored("b"), responses: [{ index: 0 }] }, /: responses\[0\]\.text: /],
      [score, withReply({ answer: null }), /: responses\[0\]\.answer: must be null exactly where/],
      [score, withReply({ answer: 7 }), /: responses\[0\]\.answer: /],
      [score, withReply({ finish_reason: "tired" }), /: responses\[0\]\.finish_reason: /],
      [score, withReply({ index: -1 }), /: responses\[0\]\.index: /],
      [score, { ...scored("a"), prompt: prompt("a").prompt }, /: prompt: /],
      [score, { ...scored("a"), source: "elsewhere", responses: [] }, /id "a" stands/],
      [sft, { ...teacher("b"), response: 7 }, /: response: /],
      [sft, { ...teacher("b"), usage: {} }, /: usage\.prompt_tokens: /],
      [sft, { ...teacher("b"), finish_reason: "tired" }, /: finish_reason: /],
      [sft, { ...teacher("a"), response: "other" }, /id "a" stands in an earlier row/],
      [dpo, withReply({ score: "high" }), /: responses\[0\]\.score: /],
      [dpo, withReply({ score: undefined }), /: responses\[0\]\.score: /],
      [dpo, { ...scored("b"), reward_model: undefined }, /: reward_model: /],
      [dpo, { ...scored("a"), source: "elsewhere", responses: [] }, /id "a" stands/],
    ];
    await firstApart(
      faults,
      ([{ task }]) => task,
      async ([{ task, row, args }, bad, rule], refuses) => {
        const own = await Deno.makeTempDir({ dir: folder });
        const input = join(own, "rows.jsonl"), out = join(own, "out");
        Deno.writeTextFileSync(input, `${json(row("a"))}\n${json(bad)}\n`);
        await refuses(task, args(input, out), `${input}:2`, rule);
        if (task.startsWith("build")) assert.deepEqual(namesIn(own), ["rows.jsonl"]);
      },
    );
  }));

function withReply(fields: object): object {
  const record = scored("b");
  return { ...record, responses: [{ ...record.responses[0]!, ...fields }, record.responses[1]] };
}

Deno.test("a text without a UTF-8 form goes to the rejects of every stage, and the totals balance", () =>
  inFolder(async (folder) => {
    const half = "\ud83d";
    const [policy, score, sft, dpo] = await stages(folder) as [Stage, Stage, Stage, Stage];
    const record = scored("c");
    const faults: [Stage, object[]][] = [
      [policy, [{ id: "b", prompt: half }, { id: half, prompt: "x" }, {
        id: "\ud83e",
        prompt: "x",
      }]],
      [score, [
        { ...record, prompt: [{ role: "user", content: half }] },
        { ...scored("b"), responses: [{ ...record.responses[0], text: half, answer: half }] },
      ]],
      [sft, [{ ...teacher("b"), response: half }, { ...teacher("c"), thought: half }]],
      [dpo, [
        { ...record, prompt: [{ role: "user", content: half }] },
        {
          ...scored("b"),
          responses: record.responses.map((reply) => ({ ...reply, answer: half + reply.score })),
        },
      ]],
    ];
    await forEach(faults, async ([{ task, row, args }, bad]) => {
      const own = await Deno.makeTempDir({ dir: folder });
      const input = join(own, "rows.jsonl"), out = join(own, "out");
      const rows = [row("a"), ...bad, {
        ...row("z"),
        ...(task === "sample-policy" ? row("c") : {}),
      }];
      Deno.writeTextFileSync(input, rows.map((each) => json(each) + "\n").join(""));
      const { code, stderr } = await runTask(task, args(input, out));
      assert.equal(code, 0, `${task}: ${stderr}`);
      const { counts } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
      assert.deepEqual(
        [counts.input, counts.kept, counts.rejected_by_reason],
        [bad.length + 2, 2, { invalid_unicode: bad.length }],
        `${task}: ${json(counts)}`,
      );
      const verified = await runTask("verify", ["--in", out]);
      assert.equal(verified.code, 0, verified.stdout);
    });
  }));

Deno.test("rows of 20 MB are rejected or scored, never fatal", () =>
  inFolder(async (folder) => {
    const long = "What is the question? ".repeat(1_000_000);
    const [, score] = await stages(folder) as [Stage, Stage];
    const prompts = join(folder, "long.jsonl"), out = join(folder, "sampled");
    Deno.writeTextFileSync(
      prompts,
      `${json({ id: "long", prompt: long })}\n${json(prompt("a"))}\n`,
    );
    const sampled = await runTask("sample-policy", [
      ...["--prompts", prompts, "--model", "embedded", "--format", "prompted-nothink", "--n", "1"],
      ...["--max-tokens", "8", "--out", out],
    ]);
    assert.equal(sampled.code, 0, sampled.stderr);
    const { counts } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
    assert.deepEqual([counts.kept, counts.rejected_by_reason], [1, { context_overflow: 1 }]);

    const replies = join(folder, "replies-long.jsonl"), rewards = join(folder, "scored");
    const reply = { ...scored("a").responses[0], text: long, answer: long };
    Deno.writeTextFileSync(replies, json({ ...scored("a"), responses: [reply] }) + "\n");
    const ended = await runTask(score.task, score.args(replies, rewards));
    assert.equal(ended.code, 0, ended.stderr);
    const { extra } = JSON.parse(Deno.readTextFileSync(join(rewards, "manifest.json")));
    assert.deepEqual(extra, { scored_replies: 1, truncated_answers: 1 });
  }));

Deno.test("wrong SPECs, flags and values are refused in one line that names them", () =>
  inFolder(async (folder) => {
    const [policy, score, sft, dpo] = await stages(folder) as [Stage, Stage, Stage, Stage];
    const rows = (stage: Stage, name: string) => {
      const path = join(folder, name);
      Deno.writeTextFileSync(path, json(stage.row("a")) + "\n");
      return path;
    };
    const out = join(folder, "out");
    const ofPolicy = policy.args(rows(policy, "prompts.jsonl"), out);
    const ofScore = score.args(rows(score, "replies-in.jsonl"), out);
    const ofSft = sft.args(rows(sft, "teacher.jsonl"), out);
    const ofDpo = dpo.args(rows(dpo, "scored.jsonl"), out);
    const empty = join(folder, "empty");
    Deno.mkdirSync(empty);
    /** The same command line with another value of one of its flags. */
    const put = (args: string[], flag: string, ...values: string[]) => {
      const at = args.indexOf(flag);
      return at < 0
        ? [...args, flag, ...values]
        : [...args.slice(0, at), flag, ...values, ...args.slice(at + 2)];
    };
    const wrong: [Task, string[], ...Match[]][] = [
      ["sample-policy", put(ofPolicy, "--model", "gpt"), /"gpt": say where it runs: local\/gpt/],
      [
        "sample-policy",
        put(ofPolicy, "--model", "meta-llama/Llama-3.1-8B"),
        /local\/meta-llama\/Llama-3\.1-8B \(its folder here\) or vllm\/meta-llama\/Llama-3\.1-8B/,
      ],
      ["sample-policy", put(ofPolicy, "--model", "opanai/gpt"), "did you mean openai?"],
      [
        "sample-policy",
        put(ofPolicy, "--model", "local/"),
        /"local\/": what stands behind local\/ is/,
      ],
      ["sample-policy", put(ofPolicy, "--model", "tei/gpt"), /a policy is one of embedded/],
      ["sample-policy", put(ofPolicy, "--model", `local/${empty}`), empty],
      ["sample-policy", put(ofPolicy, "--model", `local/${folder}/nowhere`), "nowhere"],
      ["sample-policy", put(ofPolicy, "--model", "replay/nowhere.jsonl"), "nowhere.jsonl"],
      ["sample-policy", put(ofPolicy, "--model", "vllm/x"), /--(tokenizer|base-url)/],
      ["sample-policy", put(ofPolicy, "--format", "prose"), /--format prose/],
      ["sample-policy", put(ofPolicy, "--n", "0"), "--n 0"],
      ["sample-policy", put(ofPolicy, "--n", "1.5"), "--n 1.5"],
      ["sample-policy", put(ofPolicy, "--temperature", "hot"), "--temperature hot: not a number"],
      ["sample-policy", put(ofPolicy, "--temperature", "-1"), /--temperature/],
      ["sample-policy", put(ofPolicy, "--temperature=-1"), "--temperature -1"],
      ["sample-policy", put(ofPolicy, "--top-p", "0"), "--top-p 0"],
      ["sample-policy", put(ofPolicy, "--top-p", "1.1"), "--top-p 1.1"],
      ["sample-policy", put(ofPolicy, "--concurrency", "0"), "--concurrency 0"],
      ["sample-policy", put(ofPolicy, "--seed", "-1"), "--seed"],
      ["sample-policy", put(ofPolicy, "--shard", "4/4"), "--shard 4/4"],
      ["sample-policy", put(ofPolicy, "--shard", "half"), "--shard half"],
      ["sample-policy", put(ofPolicy, "--limit", "0"), "--limit 0"],
      ["sample-policy", put(ofPolicy, "--out", ""), "--out"],
      ["sample-policy", [...ofPolicy, "--colour", "red"], /there is no flag --colour/],
      ["sample-policy", [...ofPolicy, "-x"], "there is no flag -x (see --help)"],
      ["sample-policy", [...ofPolicy, "--temprature", "1"], "did you mean --temperature?"],
      ["sample-policy", [...ofPolicy, "--max_tokens", "1"], "did you mean --max-tokens?"],
      ["sample-policy", put(ofPolicy, "--n", "5").concat("-n", "5"), "--n is given twice"],
      [
        "sample-policy",
        [...ofPolicy, "--top-p", "--top-k", "1"],
        "--top-p takes a value: --top-p X",
      ],
      ["sample-policy", [...ofPolicy, "--allow-partial=yes"], "--allow-partial takes no value"],
      ["sample-policy", [...ofPolicy, "stray"], "stray"],
      ["sample-policy", [...ofPolicy, "--", "more"], "nothing is taken after --"],
      ["sample-policy", [...ofPolicy, "--n", "2"], "--n is given twice"],
      ["sample-policy", [...ofPolicy, "--progress", "loud"], "--progress loud"],
      ["sample-policy", [...ofPolicy, "--from", "nowhere"], "--from nowhere"],
      [
        "sample-policy",
        [...ofPolicy, "--prompt-key", "nothing"],
        /prompts\.jsonl:1: no column nothing/,
      ],
      ["sample-policy", ofPolicy.slice(2), "--prompts"],
      [
        "score-responses",
        put(ofScore, "--reward-model", "gemini/x"),
        /a reward model is one of embedded/,
      ],
      ["score-responses", put(ofScore, "--reward-model", "tei/x"), "--reward-tokenizer"],
      ["score-responses", put(ofScore, "--reward-model", `local/${empty}`), empty],
      ["score-responses", put(ofScore, "--max-length", "0"), "--max-length 0"],
      [
        "sample-teacher",
        put(ofPolicy.slice(0, 2), "--model", "tei/x").concat("--out", out),
        "tei/x",
      ],
      ["build-sft", put(ofSft, "--tokenizer", empty), empty],
      ["build-sft", put(ofSft, "--tokenizer", "x=nowhere"), "nowhere"],
      ["build-sft", put(ofSft, "--variant", "dream"), "--variant dream"],
      ["build-dpo", put(ofDpo, "--train-split", "2"), "--train-split 2"],
      ["build-dpo", put(ofDpo, "--strategy", "luck"), "--strategy luck"],
      ["build-dpo", put(ofDpo, "--strategy", "threshold"), "--threshold"],
      ["create-prompted-model", ["--model", empty, "--out", out, "--variant", "think"], empty],
      ["verify", ["--in", empty], "no manifest.json"],
      ["report", ["--in", empty, "--out", join(folder, "page.html")], empty],
    ];
    await firstApart(
      wrong,
      ([task]) => task,
      ([task, args, ...parts], refuses) => refuses(task, args, ...parts),
    );
    assert.ok(!namesIn(folder).includes("page.html"));
  }));

Deno.test("an OUT that is a file, goes through one, or holds something else is refused", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "mine");
    const all = await stages(folder);
    const [policy, score, sft, dpo] = all as [Stage, Stage, Stage, Stage];
    const inputOf = ({ task, row }: Stage) => {
      const path = join(folder, `${task}.jsonl`);
      Deno.writeTextFileSync(path, ["a", "b"].map((id) => json(row(id)) + "\n").join(""));
      return path;
    };
    const run = async (stage: Stage, out: string) =>
      assert.equal((await runTask(stage.task, stage.args(inputOf(stage), out))).code, 0);
    const sampled = join(folder, "sampled"), built = join(folder, "built");
    const things = join(folder, "things");
    await run(policy, sampled);
    await run(sft, built);
    Deno.mkdirSync(things);
    Deno.writeTextFileSync(join(things, "thesis.txt"), "mine");
    const before = await hashes(folder);
    const wrong: [Stage, string, Match][] = [
      ...all.flatMap((stage): [Stage, string, Match][] => [
        [stage, file, file],
        [stage, join(file, "out"), file],
      ]),
      [score, sampled, /holds a sample-policy run: choose another --out/],
      [policy, built, /holds a build-sft run: choose another --out/],
      [sft, sampled, /holds a sample-policy run: choose another --out/],
      [dpo, built, /holds a build-sft run: choose another --out/],
      [sft, things, /no builder made it: choose another --out/],
    ];
    await firstApart(
      wrong,
      ([{ task }]) => task,
      ([stage, out, rule], refuses) => refuses(stage.task, stage.args(inputOf(stage), out), rule),
    );
    const model = ["--model", EMBEDDED_POLICY, "--variant", "think"];
    for (const out of [file, join(file, "out"), things, sampled]) {
      await refuses("create-prompted-model", [...model, "--out", out], out);
    }
    await refuses("create-prompted-model", [...model, "--out", join(EMBEDDED_POLICY, "x")], "x");
    for (const stage of all) Deno.removeSync(join(folder, `${stage.task}.jsonl`));
    assert.deepEqual(await hashes(folder), before, "nothing of the user's was touched");
  }));

/** Every file below a folder with its hash, and the folders; inputs of the tests aside. */
async function hashes(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = async (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      const inside = join(path, name);
      if (isDirectory) await visit(inside);
      else if (!all.test(inside)) found[inside] = await hashFile(inside);
    }
  };
  const all = /\/(sample-policy|score-responses|build-sft|build-dpo)\.jsonl$/;
  await visit(folder);
  return found;
}
