/** Sampling a policy in this process, 8 replies to each of 8 prompts, against transformers. */
import { join } from "node:path";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { embeddedTemplate } from "../../lib/model/embedded/embedded.ts";
import { prefillOf } from "../../lib/reply/format.ts";
import { readPrompts } from "../../lib/io/read_prompts.ts";
import { measured, program } from "./measured.ts";
import { inTurn, median, medianOf, type Row, type WithPython } from "./row.ts";

interface Sampled {
  tokens: number;
  seconds: number;
  cpu: number;
  greedy: string[];
  peak: number;
}

export async function sampling(setup: WithPython): Promise<Row[]> {
  const prompts: string[] = [];
  const template = await embeddedTemplate("prompted-think");
  let place = 0;
  for await (const { messages } of readPrompts(EMBEDDED_PROMPTS)) {
    if (place++ % 60 !== 0) continue;
    const rendered = template.render(messages, { addGenerationPrompt: true });
    prompts.push(rendered + prefillOf("prompted-think"));
    if (prompts.length === 8) break;
  }
  const embedded = await compare(setup, {
    model: EMBEDDED_POLICY,
    prompts,
    stop: "</response>",
    maxTokens: 256,
    greedyTokens: 64,
    rounds: 5,
  });
  const rows: Row[] = [{
    ...embedded,
    what: "sampling the embedded policy (1 M), 8 prompts x 8",
    target: { text: "at least 3 times", met: median(embedded.ratios) >= 3 },
    headline: true,
  }];
  if (setup.model === undefined) {
    console.error("skipped: sampling a 135 M model (give --model, a folder with ONNX and weights)");
    return rows;
  }
  const larger = await compare({ ...setup, pairs: Math.min(setup.pairs, 2) }, {
    model: setup.model,
    prompts: Array.from({ length: 8 }, (_, at) => `Here is story number ${at + 1}. Once upon a`),
    stop: null,
    maxTokens: setup.quick ? 8 : 24,
    greedyTokens: 8,
    rounds: 1,
  });
  const { size } = await Deno.stat(join(setup.model, "onnx/model.onnx"));
  rows.push({
    ...larger,
    what: `sampling a model of ${(size / 2 ** 20).toFixed(0)} MiB in ONNX, 8 prompts x 8`,
    target: { text: "at least 2 times", met: median(larger.ratios) >= 2 },
  });
  return rows;
}

async function compare(
  { pairs, quick, folder, python }: WithPython,
  job: { model: string; prompts: string[]; stop: string | null; maxTokens: number } & {
    greedyTokens: number;
    rounds: number;
  },
): Promise<Omit<Row, "what">> {
  const path = join(folder, "job.json");
  const work = { ...job, n: quick ? 2 : 8, temperature: 1 };
  const run = async (command: string[], seed: number): Promise<Sampled> => {
    await Deno.writeTextFile(path, JSON.stringify({ ...work, seed }));
    const { printed, peak_mb } = await measured([...command, path]);
    return { ...JSON.parse(printed), peak: peak_mb };
  };
  let seed = 0;
  const theirs = [python, join(import.meta.dirname!, "sampling_transformers.py")];
  const both = await inTurn(
    pairs,
    () => run(program("sampling_work.ts"), ++seed),
    () => run(theirs, seed),
  );
  const own = both.ours[0]!.greedy, other = both.theirs[0]!.greedy;
  const same = own.filter((text, at) => text === other[at]).length;
  const shown = (runs: Sampled[]) =>
    `${medianOf(runs, ({ tokens, cpu }) => tokens / cpu, 0)} tokens/CPU s, ` +
    `${medianOf(runs, ({ tokens, seconds }) => tokens / seconds, 0)}/s, ` +
    `${medianOf(runs, ({ peak }) => peak, 0)} MB`;
  return {
    ours: shown(both.ours),
    peer: `transformers, one thread: ${shown(both.theirs)}`,
    ratios: both.ours.map((run, at) => {
      const peer = both.theirs[at]!;
      return (run.tokens / run.cpu) / (peer.tokens / peer.cpu);
    }),
    unit: "times the tokens a CPU second",
    note: "Both in float32, after a round to warm up, loading not counted; transformers decodes " +
      `all replies in one batch. Greedy texts were the same for ${same} of ${own.length} prompts; ` +
      `a reply had ${
        medianOf(both.ours, (run) => run.tokens / 8 / work.n / work.rounds, 0)
      } tokens here, ` +
      `${medianOf(both.theirs, (run) => run.tokens / 8 / work.n / work.rounds, 0)} there.`,
  };
}
