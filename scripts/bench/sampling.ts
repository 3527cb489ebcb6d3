/** Sampling a policy in this process, 8 replies to each of 8 prompts, against transformers. */
import { join } from "node:path";
import { messageOf } from "../../lib/core/errors.ts";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { embeddedTemplate } from "../../lib/model/embedded/embedded.ts";
import { loadChatTemplate } from "../../lib/reply/chat_template.ts";
import { prefillOf } from "../../lib/reply/format.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { measured, program } from "./measured.ts";
import { median, medianOf, type Row, type WithPython } from "./row.ts";

interface Sampled {
  tokens: number;
  longest: number;
  seconds: number;
  cpu: number;
  greedy: string[];
  peak: number;
}

interface Job {
  prompts: string[];
  stop: string | null;
  maxTokens: number;
  greedyTokens: number;
  rounds: number;
}

const QUESTIONS = [
  "Why is the sky blue?",
  "Write a short poem about autumn.",
  "Give me three tips for sleeping better.",
  "What is the capital of Poland, and what is it known for?",
  "Explain what a prime number is to a child.",
  "My laptop has become slow. What can I do?",
  "Say 'good morning' in French, Spanish and German.",
  "Who wrote Hamlet, and when?",
];

export async function sampling(setup: WithPython): Promise<Row[]> {
  return [...await embedded(setup), ...await larger(setup)];
}

async function embedded(setup: WithPython): Promise<Row[]> {
  const prompts: string[] = [];
  const template = await embeddedTemplate("prompted-think");
  let place = 0;
  for await (const { messages } of readPrompts(EMBEDDED_PROMPTS)) {
    if (place++ % 60 !== 0) continue;
    const rendered = template.render(messages, { addGenerationPrompt: true });
    prompts.push(rendered + prefillOf("prompted-think"));
    if (prompts.length === 8) break;
  }
  const job = { prompts, stop: "</response>", maxTokens: 256, greedyTokens: 64, rounds: 5 };
  const { theirs, ours: [ours] } = await compare(setup, job, EMBEDDED_POLICY, [EMBEDDED_POLICY]);
  const row = rowOf(ours!, theirs);
  return [{
    ...row,
    what: "sampling the embedded policy (1 M), 8 prompts x 8",
    target: { text: "at least 3 times", met: median(row.ratios) >= 3 },
    note: `Both in float32, after a round to warm up. ${row.note}`,
    headline: true,
  }];
}

/** SmolLM2-135M-Instruct, made and exported here; no rows where its package cannot be had. */
async function larger({ pairs, ...setup }: WithPython): Promise<Row[]> {
  const name = "SmolLM2-135M-Instruct", model = join(setup.folder, "smollm2");
  const float = join(setup.folder, "fp32"), rounded = join(setup.folder, "int8");
  try {
    await measured([setup.python, join(import.meta.dirname!, "smollm2.py"), model]);
    const exporter = join(import.meta.dirname!, "../export_onnx/export.py");
    await measured([setup.python, exporter, model, float]);
    await measured([setup.python, exporter, model, rounded, "--store", "int8"]);
  } catch (error) {
    console.error(`skipped: sampling ${name} (${messageOf(error).trim().split("\n").at(-1)})`);
    return [];
  }
  const template = await loadChatTemplate(model);
  const prompts = QUESTIONS.map((content) =>
    template.render([{ role: "user", content }], { addGenerationPrompt: true })
  );
  const maxTokens = setup.quick ? 8 : 256;
  const job = { prompts, stop: null, maxTokens, greedyTokens: 16, rounds: 1 };
  const times = Math.min(pairs, 2);
  const both = await compare({ ...setup, pairs: times }, job, model, [float, rounded]);
  const rows = both.ours.map((runs) => rowOf(runs, both.theirs));
  const target = { text: "at least 2 times", met: median(rows[0]!.ratios) >= 2 };
  return [
    {
      ...rows[0]!,
      what: `sampling ${name}, 8 prompts x 8`,
      target,
      note: `Both in float32, on its chat template. ${rows[0]!.note}`,
    },
    {
      ...rows[1]!,
      what: `sampling ${name} in int8, 8 prompts x 8`,
      note:
        "Weights and what they are multiplied with are rounded to int8 here (`--store int8`); " +
        `transformers computes in float32, in the same runs. ${rows[1]!.note}`,
    },
  ];
}

/** Runs of transformers and, beside each, one of each of the folders. */
async function compare(
  { pairs, quick, folder, python }: WithPython,
  job: Job,
  model: string,
  folders: readonly string[],
): Promise<{ ours: Sampled[][]; theirs: Sampled[] }> {
  const path = join(folder, "job.json");
  const run = async (command: string[], model: string, seed: number): Promise<Sampled> => {
    const work = { ...job, model, n: quick ? 2 : 8, temperature: 1, seed };
    await Deno.writeTextFile(path, JSON.stringify(work));
    const { printed, peak_mb } = await measured([...command, path]);
    return { ...JSON.parse(printed), peak: peak_mb };
  };
  const result: { ours: Sampled[][]; theirs: Sampled[] } = {
    ours: folders.map(() => []),
    theirs: [],
  };
  for (let seed = 1; seed <= pairs; seed++) {
    for (const [at, folder] of folders.entries()) {
      result.ours[at]!.push(await run(program("sampling_work.ts"), folder, seed));
    }
    const theirs = [python, join(import.meta.dirname!, "sampling_transformers.py")];
    result.theirs.push(await run(theirs, model, seed));
  }
  return result;
}

function rowOf(ours: readonly Sampled[], theirs: readonly Sampled[]): Omit<Row, "what"> {
  const [own, other] = [ours[0]!, theirs[0]!];
  const same = own.greedy.filter((text, at) => text === other.greedy[at]).length;
  const shown = (runs: readonly Sampled[]) =>
    `${medianOf(runs, ({ tokens, cpu }) => tokens / cpu, 0)} tokens/CPU s, ` +
    `${medianOf(runs, ({ tokens, seconds }) => tokens / seconds, 0)}/s, ` +
    `${medianOf(runs, ({ peak }) => peak, 0)} MB`;
  return {
    ours: shown(ours),
    peer: `transformers, one thread: ${shown(theirs)}`,
    ratios: ours.map((run, at) => {
      const peer = theirs[at]!;
      return (run.tokens / run.cpu) / (peer.tokens / peer.cpu);
    }),
    unit: "times the tokens a CPU second",
    note: "One thread on both sides, loading not counted; transformers decodes all replies in " +
      `one batch. Greedy texts were the same for ${same} of ${own.greedy.length} prompts; the ` +
      `replies were ${own.tokens} tokens here and ${other.tokens} there, the longest ` +
      `${own.longest} and ${other.longest}.`,
  };
}
