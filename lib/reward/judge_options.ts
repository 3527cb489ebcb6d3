/** Options of judges among the reward models, and the chat model behind one. */
import { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError, messageOf } from "../core/errors.ts";
import type { OpenRewardModelOptions } from "../model/open.ts";
import { isRemote, openTeacher } from "../model/open.ts";
import { openPaidChat, type PaidChat } from "../model/paid/open_paid.ts";
import { paidOptions } from "../model/paid/paid_options.ts";
import type { RunFolder } from "../run/run_folder.ts";

/** To be spread into the options of a stage that scores. */
export const judgeOptions = {
  judgeMode: z.enum(["pointwise", "pairwise"]).default("pointwise").describe(
    "how judge/… looks at answers: marks for each, or two beside each other in both orders",
  ),
  judgeRounds: z.number().int().positive().default(5).describe(
    "pairwise: how many others each answer meets, at two verdicts a meeting; of up to six answers " +
      "all, where not given",
  ),
  criterion: z.array(z.string()).default([]).meta({ metavar: "NAME=WORDS" }).describe(
    "what a judge goes by (default: correct and helpful)",
  ),
  judgePrompt: z.string().optional().meta({ metavar: "FILE" }).describe(
    "a judge's question of your own, with {prompt}, {criteria} and {answer}, or {answer_a} and " +
      "{answer_b}",
  ),
  judgeMaxTokens: z.number().int().positive().default(1024).describe("tokens of a verdict at most"),
  record: z.string().optional().describe(
    "keep a judge's requests and replies in this file for judge/replay/FILE",
  ),
  ...paidOptions,
} as const;

const schema = z.object(judgeOptions);
/** With all defaults filled in. */
export type JudgeSettings = z.output<typeof schema> & {
  out: string;
  seed: number;
  timeout: number;
  baseUrl: string[];
};

/** How every SPEC of a judge begins. */
const JUDGE = "judge/";

/** The SPEC of the chat model behind the one judge of a run, or undefined where there is none. */
export function judgeOf(specs: readonly string[]): string | undefined {
  const judges = specs.filter((spec) => spec.startsWith(JUDGE));
  if (judges.length > 1) {
    throw new InputError(
      `--reward-model ${judges[1]}: one judge a run: score with the other in one of its own`,
    );
  }
  return judges[0]?.slice(JUDGE.length);
}

/** How a judge is opened, and what it will have cost; `folder` is the run's. */
export async function judgeIn(
  settings: JudgeSettings,
  folder: RunFolder,
  context: StageContext,
): Promise<
  { judge: NonNullable<OpenRewardModelOptions["judge"]>; paid: () => PaidChat["paid"] | undefined }
> {
  let opened: PaidChat | undefined;
  const asked = await askedBy(settings), { criteria, text, mode, maxTokens, temperature } = asked;
  return {
    judge: {
      ...asked,
      async openChat(model) {
        const options = { ...settings, model };
        if (!isRemote(model)) return await openTeacher({ ...options, batches: undefined }, context);
        const { seed, baseUrl } = settings,
          question = { criteria: [...criteria], text: text ?? null };
        const binding = { model, mode, ...question, maxTokens, temperature, seed, baseUrl };
        // A scored record does not tell what its verdicts cost.
        const stage = { binding, replies: { of: () => [], exact: true } };
        opened = await openPaidChat(options, stage, folder, context);
        return opened.model;
      },
    },
    paid: () => opened?.paid,
  };
}

/** How the judge of these options asks. Throws `InputError` for a question that cannot be read. */
export async function askedBy(settings: Omit<JudgeSettings, "out" | "timeout" | "baseUrl">) {
  const { judgeMode: mode, judgeRounds: rounds, criterion: criteria, seed } = settings;
  const { judgeMaxTokens: maxTokens, judgePrompt: path } = settings;
  let text: string | undefined;
  try {
    text = path === undefined ? undefined : await Deno.readTextFile(path);
  } catch (error) {
    throw new InputError(`--judge-prompt ${path}: ${messageOf(error)}`);
  }
  return { mode, criteria, text, rounds, maxTokens, temperature: 0, seed };
}
