// deno task demo --out runs/demo
import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "../lib/cli/command.ts";
import { checkReward } from "../lib/check_reward/stage.ts";
import type { StageContext } from "../lib/core/context.ts";
import { isFile, isFolder } from "../lib/core/file_kind.ts";
import { buildDpo } from "../lib/dataset/dpo/stage.ts";
import { buildSft } from "../lib/dataset/sft/stage.ts";
import { evaluate } from "../lib/evaluate/stage.ts";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../lib/model/embedded/paths.ts";
import { samplePolicy } from "../lib/policy/stage.ts";
import { createPromptedModel } from "../lib/prompted/stage.ts";
import { scoreResponses } from "../lib/reward/stage.ts";
import { report } from "../lib/stages.ts";
import { sampleTeacher } from "../lib/teacher/stage.ts";

const DemoOptions = z.object({
  out: z.string().default("runs/demo").describe("folder for all that the demo makes"),
  seed: z.number().int().min(0).default(42).describe("seed of every random draw"),
  limit: z.number().int().positive().optional().describe("only the first N prompts"),
});

/** The temperature at which the embedded policy is both right and wrong: see lib/embedded. */
const temperature = 1;
const maxTokens = 256;

/** Every stage, in both variants, on the embedded models and prompts: the pipeline, top to bottom. */
async function demo(
  { out, seed, limit }: z.output<typeof DemoOptions>,
  context: StageContext,
): Promise<void> {
  const at = (name: string) => join(out, name);
  const prompts = EMBEDDED_PROMPTS;
  const began = context.now();
  let worked = 0;
  const say = (line: string) => console.log(line);

  for (const variant of ["think", "nothink"] as const) {
    const model = at(`models/${variant}`);
    if (isFolder(model)) continue;
    await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant }, { context });
    say(`prompted model ${variant}: ${model}`);
    worked++;
  }

  const teacher = await sampleTeacher({
    prompts,
    model: "embedded",
    out: at("teacher"),
    temperature,
    maxTokens,
    seed,
    limit,
  }, { context });
  worked += teacher.worked;

  for (const variant of ["think", "nothink"] as const) {
    const sft = await buildSft({
      in: at("teacher"),
      out: at(`sft-${variant}`),
      variant,
      tokenizer: [`prompted=${at(`models/${variant}`)}`],
    }, { context });
    if (sft.built) worked++;
  }

  for (const variant of ["think", "nothink"] as const) {
    const format = `prompted-${variant}` as const;
    const policy = await samplePolicy({
      prompts,
      model: `local/${at(`models/${variant}`)}`,
      format,
      out: at(`policy-${variant}`),
      n: 8,
      temperature,
      maxTokens,
      seed,
      limit,
    }, { context });
    const scored = await scoreResponses({
      in: at(`policy-${variant}`),
      rewardModel: "embedded",
      out: at(`scored-${variant}`),
      maxLength: 1024,
    }, { context });
    const dpo = await buildDpo({
      in: at(`scored-${variant}`),
      out: at(`dpo-${variant}`),
      format,
      tokenizer: at(`models/${variant}`),
      seed,
    }, { context });
    worked += policy.worked + scored.worked + (dpo.built ? 1 : 0);
    const held = { in: at(`scored-${variant}`), labels: prompts };
    const { runs: [run] } = await evaluate(held, { context });
    const { prompts: mixed, pairs, rankers } = await checkReward(held, { context });
    const share = (value: number) => `${(100 * value).toFixed(1)}%`;
    const { right, malformed, rightOfWellFormed, best } = run!.figures;
    say(
      `${variant}: ${share(right!.value)} of replies right, ${
        share(malformed!.value)
      } malformed; ` +
        `right and wrong for ${share(mixed / run!.prompts)} of prompts\n` +
        `${variant}: the reward ranks right over wrong in ${
          share(rankers.reward.pairs.value)
        } of ` +
        `${pairs} pairs; its best of 8 is right for ${share(best!.value)} of prompts, ` +
        `a reply at random in ${share(right!.value)}, ` +
        `a well-formed one in ${share(rightOfWellFormed!.value)}`,
    );
  }

  const page = at("report.html");
  if (worked === 0 && isFile(page)) {
    say(`nothing to do: ${out} is complete`);
    return;
  }
  const parts = ["teacher", "sft-think", "sft-nothink"].concat(
    ["think", "nothink"].flatMap((variant) => [`scored-${variant}`, `dpo-${variant}`]),
  );
  await report({ in: parts.map(at), out: page, overwrite: true }, { context });
  say(`done in ${((context.now() - began) / 1000).toFixed(0)} s: open ${page}`);
}

if (import.meta.main) {
  await runCommand({
    name: "demo",
    summary: "all stages in both variants on the embedded models and prompts, offline",
    examples: ["demo", "demo --out runs/demo-small --limit 50"],
    options: DemoOptions,
    run: demo,
  });
}
