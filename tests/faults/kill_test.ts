/** Processes killed at any moment: one resume gives what an undisturbed run gives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { openPolicy, openRewardModel, openTeacher } from "../../lib/model/open.ts";
import { defaultContext } from "../../lib/core/context.ts";
import { type Random, randomFor } from "../../lib/core/random.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { makers } from "../../lib/stages.ts";
import { findings } from "../../lib/verify/verify.ts";
import { inFolder, startTask } from "../cli.ts";
import { contentsOf, smallInputs, type Task } from "./small_pipeline.ts";

const FULL = Deno.env.get("THINKSET_FAULTS") === "1";
const KILLS_A_STAGE = FULL ? 20 : 3;
const SEED = Number(Deno.env.get("FAULTS_SEED") ?? 1);
const quiet = { log: () => {} };

interface Killed {
  task: Task;
  args: string[];
  /** The same in this process, models opened once: what resumes, and what runs undisturbed. */
  run: (out: string) => Promise<unknown>;
}

/** Six stages on inputs so small that a run takes about as long as a process needs to start. */
async function stages(folder: string): Promise<Killed[]> {
  const { model, teacher, scored, replies } = await smallInputs(folder, { size: 30 });
  const format = "prompted-nothink" as const;
  const sampling = { prompts: [EMBEDDED_PROMPTS], model: "embedded", limit: 12, maxTokens: 24 };
  const prompts = ["--prompts", EMBEDDED_PROMPTS, "--model", "embedded", "--limit", "12"];
  const short = ["--max-tokens", "24", "--progress", "none"];
  const context = defaultContext(quiet);
  const policy = await openPolicy({ model: "embedded", format, n: 2, baseUrl: [] }, context);
  const chat = await openTeacher({ model: "embedded", baseUrl: [] }, context);
  const reward = await openRewardModel({ rewardModel: "embedded", baseUrl: [] }, context);
  const base = { model: EMBEDDED_POLICY, variant: "think" } as const;
  return [
    {
      task: "sample-teacher",
      args: [...prompts, ...short],
      run: (out) => sampleTeacher({ ...sampling, out }, { context: quiet, model: chat }),
    },
    {
      task: "sample-policy",
      args: [...prompts, ...short, "--format", format, "--n", "2"],
      run: (out) =>
        samplePolicy({ ...sampling, format, n: 2, out }, { context: quiet, model: policy }),
    },
    {
      task: "score-responses",
      args: ["--in", replies, "--reward-model", "embedded"],
      run: (out) =>
        scoreResponses({ in: [replies], rewardModel: ["embedded"], out }, {
          context: quiet,
          model: reward,
        }),
    },
    {
      task: "build-sft",
      args: ["--in", teacher, "--tokenizer", model, "--variant", "nothink"],
      run: (out) =>
        buildSft({ in: [teacher], tokenizer: [model], variant: "nothink", out }, {
          context: quiet,
        }),
    },
    {
      task: "build-dpo",
      args: ["--in", scored, "--tokenizer", model, "--min-responses", "2", "--format", format],
      run: (out) =>
        buildDpo({ in: [scored], tokenizer: model, minResponses: 2, format, out }, {
          context: quiet,
        }),
    },
    {
      task: "create-prompted-model",
      args: ["--model", base.model, "--variant", base.variant],
      run: async (out) =>
        exists(out) || await createPromptedModel({ ...base, out }, { context: quiet }),
    },
  ];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** When a process is to be disturbed: after a time, or once so many lines are on disk. */
type Moment = { afterMs: number } | { lines: number };

/** A moment drawn from the usual time; of stages that append records, rather from their lines. */
function momentOf(stage: Killed, usual: number, random: Random): Moment {
  const byLines = /^(sample|score)-/.test(stage.task) && random() < 0.7;
  return byLines ? { lines: 1 + Math.floor(random() * 12) } : { afterMs: 40 + random() * usual };
}

/** Starts the task and sends the signal at the moment; how it ended. */
async function disturb(
  { task, args }: Killed,
  out: string,
  { signal, moment }: { signal: Deno.Signal; moment: Moment },
): Promise<{ code: number; signal: string | null; stderr: string }> {
  const began = performance.now();
  const process = startTask(task, [...args, "--out", out]);
  const timer = setInterval(() => {
    const isDue = "lines" in moment
      ? finished(out).length >= moment.lines
      : performance.now() - began >= moment.afterMs;
    if (!isDue) return;
    clearInterval(timer);
    try {
      process.kill(signal);
    } catch { /* it has ended */ }
  }, 2);
  const { code, signal: by, stderr } = await process.output();
  clearInterval(timer);
  return { code, signal: by, stderr: new TextDecoder().decode(stderr) };
}

async function assertVerified(out: string): Promise<void> {
  for await (const { ok, what } of findings([out], makers)) assert.ok(ok, `${out}: ${what}`);
}

/** Lines of records and rejects that are whole on disk: none of them may be done again. */
function finished(out: string): string[] {
  return ["records", "rejects"].flatMap((name) => {
    try {
      const path = join(out, name, "part-00000-of-00001.jsonl");
      return Deno.readTextFileSync(path).split("\n").slice(0, -1);
    } catch {
      return [];
    }
  });
}

/** Copies what a killed process left: the folder, and the unfinished ones beside it. */
async function copyAll(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyAll(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

async function withStages(
  test: (stage: Killed, at: { folder: string; usual: number; random: Random }) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    for (const stage of await stages(folder)) {
      const calm = join(folder, "calm", stage.task);
      await stage.run(calm);
      const began = performance.now();
      await disturb(stage, join(folder, "timed", stage.task), {
        signal: "SIGKILL",
        moment: { afterMs: 60_000 },
      });
      const usual = performance.now() - began;
      assert.deepEqual(contentsOf(join(folder, "timed", stage.task)), contentsOf(calm));
      await test(stage, { folder, usual, random: randomFor(SEED, stage.task) });
    }
  });
}

Deno.test("killed at random moments, one resume gives the undisturbed result, and verify passes", async () => {
  let kills = 0, equal = 0, stagesSeen = 0, midway = 0;
  await withStages(async (stage, { folder, usual, random }) => {
    stagesSeen++;
    const calm = contentsOf(join(folder, "calm", stage.task));
    let killed = 0;
    for (let round = 0; killed < KILLS_A_STAGE; round++) {
      assert.ok(round < 20 * KILLS_A_STAGE, `${stage.task} cannot be hit`);
      // Up to three kills of one run, each where the last one left it.
      const place = join(folder, "killed", `${stage.task}-${round}`);
      for (let again = 0; again < 3 && killed < KILLS_A_STAGE; again++) {
        // Killed after its folder was in place, stage 1 is done, and refuses to write over it.
        if (stage.task === "create-prompted-model" && exists(join(place, "out"))) break;
        const moment = momentOf(stage, usual, random);
        const { signal, code, stderr } = await disturb(stage, join(place, "out"), {
          signal: "SIGKILL",
          moment,
        });
        if (signal !== "SIGKILL") {
          assert.equal(code, 0, stderr);
          break;
        }
        killed++;
        kills++;
        const copy = join(folder, "resumed", `${stage.task}-${kills}`);
        if (exists(place)) await copyAll(place, copy);
        const left = finished(join(copy, "out"));
        if (left.length > 0) midway++;
        await stage.run(join(copy, "out"));
        assert.deepEqual(
          contentsOf(join(copy, "out")),
          calm,
          `${stage.task}, ${JSON.stringify(moment)}`,
        );
        const after = new Set(finished(join(copy, "out")));
        assert.ok(left.every((line) => after.has(line)), "no finished line was done again");
        const beside = [...Deno.readDirSync(copy)].map(({ name }) => name);
        assert.deepEqual(
          beside,
          ["out"],
          `${stage.task}, kill ${again + 1} of round ${round}`,
        );
        await assertVerified(join(copy, "out"));
        await Deno.remove(copy, { recursive: true });
        equal++;
      }
    }
  });
  console.log(
    `kills: ${kills} over ${stagesSeen} stages (${midway} with records); resumed equal: ${equal}`,
  );
  assert.ok(kills >= 6 * KILLS_A_STAGE && equal === kills && midway >= kills / 6);
});

Deno.test("ended by SIGTERM at random moments, a stage exits 143 and one resume completes it", async () => {
  let ended = 0;
  await withStages(async (stage, { folder, usual, random }) => {
    const calm = contentsOf(join(folder, "calm", stage.task));
    for (let round = 0; round < (FULL ? 4 : 1); round++) {
      const out = join(folder, "ended", `${stage.task}-${round}`, "out");
      const moment = momentOf(stage, usual, random);
      const { code, stderr } = await disturb(stage, out, { signal: "SIGTERM", moment });
      assert.ok(code === 143 || code === 0, `${stage.task}: exit ${code}: ${stderr}`);
      assert.ok(!/^ {4}at /m.test(stderr), stderr);
      if (code === 143) ended++;
      await stage.run(out);
      assert.deepEqual(contentsOf(out), calm);
      await assertVerified(out);
    }
  });
  console.log(`ended by SIGTERM: ${ended}; resumed equal: ${ended}`);
  assert.ok(ended >= (FULL ? 6 : 1), `${ended}`);
});
