/** Stage 2a: a teacher's reply, with simulated thinking, to every prompt. */
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { TeacherRecord } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import type { Binding } from "../model/batch/job_log.ts";
import { instructionOf } from "../model/call/instruction.ts";
import type { ChatModel } from "../model/chat_model.ts";
import { checkGiven } from "../model/given_model.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { checkProviderLimits, isRemote, openTeacher } from "../model/open.ts";
import { freeRun, openPaidRun } from "../model/paid/paid_run.ts";
import { localRunOf } from "../model/providers/local_options.ts";
import { type Opening, runRecords } from "../report/record_stage.ts";
import type { StageCall } from "../run/define_stage.ts";
import { type PromptItem, promptRun, promptWork } from "../run/record_run.ts";
import { type TeacherResult, teacherResult } from "../view/results.ts";
import { teacherAsker } from "./ask_teacher.ts";
import type { SampleTeacherOptions, TeacherSettings } from "./teacher_options.ts";

/** Runs `sample-teacher`. Teachers that are paid for are paced and billed: see `openPaidChat`. */
export async function sampleTeacher(
  call: StageCall<typeof SampleTeacherOptions, ChatModel>,
): Promise<TeacherResult> {
  const { options, context, model: given } = call;
  if (options.estimate) throw new InputError("--estimate: call estimateTeacher; this one samples");
  if (given === undefined) checkProviderLimits(options);
  else checkGiven(given, "ChatModel");
  const input = await promptRun(options, context);
  const run = await runRecords<PromptItem, TeacherRecord>(call, input, async (opening) => {
    const { model, ...reached } = await reach(options, opening, context, given);
    const identity = given
      ? await givenIdentity(given, context)
      : await identityOf(options.model, model, context);
    const asker = teacherAsker(model, options);
    return {
      ...reached,
      affects: { ...affecting(options, model), model: identityKey(identity) },
      work: promptWork((item, signal) => asker.ask(item, signal)),
      tokensOf: (record) => record.usage.completion_tokens,
      models: [model.name],
      identities: { model: identity },
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node", ...SDKS),
      seed: options.seed,
    };
  });
  return teacherResult(run);
}

const SDKS = ["openai", "@google/genai", "@google/generative-ai"] as const;

/** The model, and how it is asked: behind a bill where the SPEC names a server. */
async function reach(
  options: TeacherSettings,
  opening: Opening,
  context: StageContext,
  given: ChatModel | undefined,
) {
  opening.folder();
  if (given === undefined && isRemote(options.model)) {
    const stage = { binding: bindingOf(options), replies: { of: paidIn, exact: true } };
    return await openPaidRun(options, stage, opening, context);
  }
  const model = given ?? opening.closing(await openTeacher(options, context));
  return { model, ...freeRun(options, [model]) };
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

/** The options that a request's answer depends on: a batch that is on its way is for these alone. */
function bindingOf(options: TeacherSettings): Binding {
  const { model, thinking, temperature, topP, maxTokens, seed, baseUrl } = options;
  const { thinkingBudget = null, api = null } = options;
  const sampling = { thinking, temperature, topP, maxTokens, seed, thinkingBudget };
  return { model, ...sampling, api, baseUrl };
}

const paidIn = ({ id, usage }: TeacherRecord) => [{ id, usage }];
