/** Stage 2a: a teacher's reply, with simulated thinking, to every prompt. */
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import { type Prompt, TeacherRecord } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import type { Binding } from "../model/batch/job_log.ts";
import type { ChatModel } from "../model/chat_model.ts";
import { localRunOf } from "../model/providers/local_options.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { checkProviderLimits } from "../model/call/provider_limits.ts";
import { isRemote, openTeacher } from "../model/open.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { PAID_ATTEMPTS } from "../run/retry.ts";
import { promptRun, promptWork } from "../run/record_run.ts";
import { runStage } from "../run/run_stage.ts";
import { openRunFolder, type RunFolder } from "../run/run_folder.ts";
import { type TeacherResult, teacherResult } from "../view/results.ts";
import { teacherAsker } from "./ask_teacher.ts";
import { instructionOf } from "../model/call/instruction.ts";
import { NO_TIMEOUT_MS, openPaidChat, paidSlots, watchOf } from "../model/paid/open_paid.ts";
import {
  SampleTeacherOptions,
  tallyTeacher,
  TEACHER_REJECTS,
  type TeacherSettings,
} from "./teacher_options.ts";

export { SampleTeacherOptions, TEACHER_REJECTS } from "./teacher_options.ts";

/**
 * Asks a teacher for one reply a prompt and keeps thought and response apart. A reply that breaks
 * the form is asked again, at most `attempts` times, then its prompt is rejected. Teachers that are
 * paid for are paced and billed: see `openPaidChat`.
 *
 * Throws `InputError` for bad options or input, `LimitReached` at the spending cap, `RunError` where
 * the run cannot go on or items could not be done.
 */
export async function sampleTeacher(
  given: SampleTeacherOptions,
  overrides: Partial<StageContext> = {},
  givenModel?: ChatModel,
): Promise<TeacherResult> {
  const options = parseOptions(SampleTeacherOptions, given);
  if (options.estimate) throw new InputError("--estimate: call estimateTeacher; this one samples");
  if (!givenModel) checkProviderLimits(options);
  const context = defaultContext(overrides);
  const common = await promptRun(options, context);
  const folder = openRunFolder(options.out, common.shard, context.disk);
  let opened: Awaited<ReturnType<typeof open>> | undefined;
  try {
    opened = await open(options, folder, context, givenModel);
    const { model, paid } = opened;
    const identity = givenModel
      ? await givenIdentity(model, context)
      : await identityOf(options.model, model, context);
    const asker = teacherAsker(model, options);
    const run = await runStage<Prompt & { where: string }, TeacherRecord>({
      ...common,
      stage: "sample-teacher",
      folder,
      options,
      affects: {
        ...affecting(options, model),
        model: identityKey(identity),
      },
      watch: givenModel ? undefined : watchOf(options),
      work: promptWork((item, signal) => asker.ask(item, signal)),
      tokensOf: (record) => record.usage.completion_tokens,
      record: TeacherRecord,
      reasons: TEACHER_REJECTS,
      tally: tallyTeacher,
      paid,
      models: [model.name],
      identities: { model: identity },
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node", ...SDKS),
      seed: options.seed,
      slots: slotsOf(options, model, paid !== undefined),
      attempts: paid ? PAID_ATTEMPTS : undefined,
      timeoutMs: paid ? NO_TIMEOUT_MS : options.timeout * 1000,
    }, context);
    await writeOwnReport(options.out, "teacher", run.worked > 0, context);
    return teacherResult(run);
  } finally {
    try {
      if (!givenModel) await opened?.model.close();
    } finally {
      folder.close();
    }
  }
}

const SDKS = ["openai", "@google/genai", "@google/generative-ai"] as const;

async function open(
  options: TeacherSettings,
  folder: RunFolder,
  context: StageContext,
  given: ChatModel | undefined,
) {
  if (given) return { model: given, paid: undefined };
  if (!isRemote(options.model)) {
    return { model: await openTeacher(options, context), paid: undefined };
  }
  const stage = { binding: bindingOf(options), replies: { of: paidIn, exact: true } };
  return await openPaidChat(options, stage, folder, context);
}

function affecting(options: TeacherSettings, model: ChatModel) {
  const { thinking, language, attempts, temperature, topP, maxTokens, seed } = options;
  return {
    thinking,
    language,
    attempts,
    temperature,
    topP,
    maxTokens,
    seed,
    ...(options.thinkingBudget === undefined ? {} : { thinkingBudget: options.thinkingBudget }),
    ...(options.api === undefined ? {} : { api: options.api }),
    ...(options.keep.length > 0 ? { keep: options.keep } : {}),
    ...localRunOf([options.model], options),
    ...(model.promptsForTags ? {} : { instruction: instructionOf(thinking) }),
  };
}

function slotsOf(options: TeacherSettings, model: ChatModel, paid: boolean) {
  return paid ? paidSlots(options, model) : fixedLimit(options.concurrency ?? model.concurrency);
}

/** The options that a request's answer depends on: a batch that is on its way is for these alone. */
function bindingOf(options: TeacherSettings): Binding {
  const { model, thinking, temperature, topP, maxTokens, seed, baseUrl } = options;
  const { thinkingBudget = null, api = null } = options;
  const sampling = { thinking, temperature, topP, maxTokens, seed, thinkingBudget };
  return { model, ...sampling, api, baseUrl };
}

const paidIn = ({ id, usage }: TeacherRecord) => [{ id, usage }];
