/** What a teacher run would cost, before anything is sent. */
import type { StageContext } from "../core/context.ts";
import { parseOptions } from "../core/options.ts";
import type { Prompt } from "../core/records.ts";
import { readTeacherRecords } from "../io/records/read_records.ts";
import { instructed } from "../model/call/instruction.ts";
import { checkProviderLimits } from "../model/open.ts";
import type { ChatRequest, Thinking } from "../model/chat_model.ts";
import { type CostEstimate, estimateCost } from "../model/paid/estimate.ts";
import type { KeptReplies } from "../model/paid/measured.ts";
import { otherLanguage, userText } from "./language.ts";
import { SampleTeacherOptions, type TeacherSettings } from "./teacher_options.ts";

/** Completion tokens of a reply where none is known: short chats, planned or not. */
const ASSUMED: Record<Thinking, number> = {
  simulated: 1_200,
  structured: 1_200,
  native: 2_500,
  none: 600,
};

/**
 * Estimates what `sampleTeacher` with the same options would cost; see `estimateCost`. Throws
 * `InputError` for bad options or input.
 */
export async function estimateTeacher(
  given: SampleTeacherOptions,
  overrides: Partial<StageContext> = {},
): Promise<CostEstimate> {
  const options = parseOptions(SampleTeacherOptions, given);
  checkProviderLimits(options);
  const { language, thinking, maxTokens } = options;
  return await estimateCost({
    options,
    replies: 1,
    assumed: Math.min(ASSUMED[thinking], maxTokens),
    request: (prompt) => requestFor(prompt, options),
    asks: ({ messages }) =>
      language === "any" || otherLanguage(userText(messages), language) === null,
    kept,
  }, overrides);
}

async function* kept(file: string): AsyncGenerator<KeptReplies> {
  for await (const record of readTeacherRecords(file, { allowPartial: true })) {
    const { id, key, messages, usage } = record;
    const { prompt_tokens: promptTokens, completion_tokens } = usage;
    yield { id, key, messages, promptTokens, completionTokens: [completion_tokens] };
  }
}

function requestFor({ id, messages }: Pick<Prompt, "id" | "messages">, options: TeacherSettings) {
  const { thinking, maxTokens, temperature, topP, seed, thinkingBudget } = options;
  const asked = instructed(messages, thinking);
  const sampling = { maxTokens, temperature, topP, seed, thinkingBudget, attempt: 0 };
  return { id, messages: asked, thinking, ...sampling } satisfies ChatRequest;
}
